"""Filing at the desk: who is meant, what is asked, and that every bad filing is answered and kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from offices import Office, at
from portfolio import Portfolio
from shipped import BOOK

from assets.lake.store import SnapshotConflict, Store
from assets.tables import intake
from decisions.filing import intake as desk
from decisions.filing.applicants import NothingReleased, resolve
from decisions.filing.items import read_item
from decisions.filing.rejections import FilingRejected, IntakeError

DAY = date(2017, 3, 1)
NOW = at(DAY, 11)
REGISTRY = "base_enterprise__registry"


def decorator(nth: int = 1, kind: str = "first", name: str | None = None) -> Portfolio:
    """One that meets S11 二级."""
    portfolio = Portfolio.meeting("S11", "二级", kind=kind, filed_on=DAY, nth=nth)
    if name is not None:
        portfolio.change(REGISTRY, {}, name=name)
    return portfolio


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office with nothing on its log."""
    return Office(tmp_path)


def known(office: Office, *portfolios: Portfolio) -> Store:
    """What is known of enterprises that have filed nothing."""
    office.portfolios += portfolios
    office.release(at(DAY, 9))
    return office.store


def file(store: Store, name: str, item: str = "S11-二级", kind: str | None = None) -> desk.Filed:
    """A filing at the desk, tried again as the callers do when another was first."""
    for _ in range(8):
        try:
            return desk.file(store, BOOK, name, item, kind, now=NOW)
        except SnapshotConflict:
            continue
    pytest.fail("lost eight turns")


def answer(
    store: Store, name: str, item: str = "S11-二级", kind: str | None = None
) -> dict[str, Any]:
    """The recorded answer to a filing that becomes no case."""
    before = store.read(intake.APPLICATION)
    with pytest.raises(FilingRejected) as told:
        file(store, name, item, kind)
    assert store.read(intake.APPLICATION).equals(before), "no case"
    rows = store.read(intake.REJECTED_FILING).filter(rejection_no=told.value.rejection_no)
    (row,) = rows.to_dicts()
    assert row["asked_enterprise"] == name
    assert row["asked_item"] == item
    assert row["asked_kind"] == kind
    assert row["rejected_at"] == NOW
    for text in ("reason_zh", "remedy_zh", "reason_en", "remedy_en"):
        assert row[text]
        assert row[text] in str(told.value)
    return dict(row)


# -- who is meant ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "浙江（测试）建设有限公司",
        "浙江(测试)建设有限公司",
        "浙江【测试】建设有限公司",
        " 浙江（测试） 建设有限公司\u3000",
        "“浙江（测试）建设有限公司”".strip("“”"),
    ],
)
def test_brackets_blanks_and_widths_of_a_name_do_not_matter(office: Office, written: str) -> None:
    firm = decorator(name="浙江（测试）建设有限公司")
    assert resolve(known(office, firm), written) == firm.usc_code


def test_letters_and_digits_in_full_width_are_read_as_narrow(office: Office) -> None:
    firm = decorator(name="浙江ABC8建设有限公司")
    assert resolve(known(office, firm), "浙江ＡＢＣ８建设有限公司") == firm.usc_code


def test_a_code_is_read_in_small_or_wide_letters_and_with_blanks_in_it(office: Office) -> None:
    firm = decorator()
    store, code = known(office, firm), firm.usc_code
    wide = code.translate({ord(one): ord(one) + 0xFEE0 for one in code})
    for written in (f" {code.lower()} ", f"{code[:8]} {code[8:]}", wide):
        assert resolve(store, written) == code


def test_a_former_name_leads_to_the_enterprise_that_bore_it(office: Office) -> None:
    firm = decorator(name="新名建设有限公司")
    firm.event(
        "rename", date(2016, 5, 1), before="旧名(浙江)建设有限公司", after="新名建设有限公司"
    )
    assert resolve(known(office, firm), "旧名（浙江）建设有限公司") == firm.usc_code


def test_a_name_that_another_bears_now_is_his(office: Office) -> None:
    renamed = decorator(1, name="新名建设有限公司")
    renamed.event("rename", date(2016, 5, 1), before="通用建设有限公司", after="新名建设有限公司")
    bearer = decorator(2, name="通用建设有限公司")
    assert resolve(known(office, renamed, bearer), "通用建设有限公司") == bearer.usc_code


def test_a_name_of_several_is_answered_with_their_codes(office: Office) -> None:
    twins = [decorator(nth, name="同名建设有限公司") for nth in (1, 2)]
    told = answer(known(office, *twins), "同名建设有限公司")
    assert told["reason_code"] == "ambiguous_enterprise"
    assert all(one.usc_code in told["remedy_zh"] for one in twins)


def test_a_former_name_of_several_is_ambiguous_too(office: Office) -> None:
    firms = [decorator(nth) for nth in (1, 2)]
    for firm in firms:
        firm.event("rename", date(2016, 5, 1), before="旧名建设有限公司", after=firm.name)
    assert (
        answer(known(office, *firms), "旧名建设有限公司")["reason_code"] == "ambiguous_enterprise"
    )


def test_nobody_of_that_name_is_answered_with_what_to_write(office: Office) -> None:
    told = answer(known(office, decorator()), "没有这家企业")
    assert (told["reason_code"], told["usc_code"]) == ("unknown_enterprise", None)
    assert "统一社会信用代码" in told["remedy_zh"]


@pytest.mark.provision("B0.1")
def test_a_branch_is_told_that_its_legal_person_can_apply(office: Office) -> None:
    firm = decorator()
    branch = firm.company(1, branch=True)
    told = answer(known(office, firm), branch)
    assert (told["reason_code"], told["usc_code"]) == ("branch", branch)
    assert firm.usc_code in told["remedy_zh"]


def test_an_enterprise_whose_registration_is_in_doubt_may_file_and_waits(office: Office) -> None:
    firm = decorator().quarantine(REGISTRY)
    store = known(office, firm)
    for written in (firm.usc_code, firm.name):
        assert resolve(store, written) == firm.usc_code
    file(store, firm.usc_code)
    office.decide(NOW)
    assert office.outcomes() == ["awaiting_data"]


def test_before_anything_is_released_nothing_is_filed_and_nothing_recorded(office: Office) -> None:
    with pytest.raises(NothingReleased):
        desk.file(office.store, BOOK, "某企业", "S11-二级", now=NOW)
    assert office.store.read(intake.REJECTED_FILING).is_empty()


# -- what is asked -----------------------------------------------------------------------


@pytest.mark.parametrize("item", ["S11", "二级", "S11-四级", "", "x" * 500, "装修二级"])
def test_an_item_that_cannot_be_read_is_answered_with_how_to_write_it(
    office: Office, item: str
) -> None:
    firm = decorator()
    store = known(office, firm)
    told = answer(store, firm.usc_code, item)
    assert told["reason_code"] == "unknown_item"
    assert "S11-二级" in told["remedy_zh"]


@pytest.mark.parametrize(("item", "instead"), [("S11-三级", "S11-一级"), ("S18-二级", "S18-")])
def test_an_item_that_the_standard_does_not_have_names_what_there_is(
    office: Office, item: str, instead: str
) -> None:
    firm = decorator()
    told = answer(known(office, firm), firm.usc_code, item)
    assert told["reason_code"] == "unknown_item"
    assert instead in told["remedy_zh"]


@pytest.mark.provision("A3", "A5")
@pytest.mark.parametrize("item", ["施工劳务", "施工劳务-不分等级", "燃气燃烧器具安装维修"])
def test_what_the_standard_has_no_category_of_is_answered_with_who_decides_it(item: str) -> None:
    """Labour and gas appliances are the city's (令22 Art. 11), whatever level is written."""
    with pytest.raises(IntakeError, match=r"设区的市.*building authority of the city"):
        read_item(item, BOOK)


def test_a_kind_that_there_is_not_names_the_seven(office: Office) -> None:
    firm = decorator()
    told = answer(known(office, firm), firm.usc_code, kind="升级")
    assert told["reason_code"] == "unknown_kind"
    assert "upgrade（升级）" in told["remedy_zh"]


@pytest.mark.provision("B1.4", "B2.1")
@pytest.mark.parametrize(
    ("held", "kind"), [(None, "first"), ("S11", "upgrade"), ("S04", "addition")]
)
def test_the_kind_left_open_is_what_the_holdings_ask(
    office: Office, held: str | None, kind: str
) -> None:
    firm = decorator()
    if held:
        firm.hold(held, "二级")
    assert file(known(office, firm), firm.name, "S11-一级").kind == kind


# -- one case for one item ---------------------------------------------------------------


def test_the_same_filed_twice_is_one_case_and_one_answer(office: Office) -> None:
    firm = decorator()
    store = known(office, firm)
    first = file(store, firm.name)
    told = answer(store, firm.usc_code)
    assert (told["reason_code"], told["standing_id"]) == ("duplicate", first.application_id)


def test_another_kind_for_an_item_that_is_open_is_answered_with_the_case(office: Office) -> None:
    firm = decorator(kind="renewal")
    store = known(office, firm)
    first = file(store, firm.name, kind="change")
    told = answer(store, firm.usc_code, kind="replacement")
    assert (told["reason_code"], told["standing_id"]) == ("item_open", first.application_id)
    assert "变更" in told["reason_zh"]


def holder(nth: int = 1) -> Portfolio:
    """One whose certificate of the province has two qualifications; another is the city's."""
    firm = decorator(nth, kind="replacement")
    firm.hold("S04", "二级")
    return firm


@pytest.mark.provision("B5.3", "G1")
def test_a_replacement_is_of_the_certificate_whichever_of_its_qualifications_is_named(
    office: Office,
) -> None:
    firm = holder()
    store = known(office, firm)
    first = file(store, firm.name, "S11-二级", "replacement")
    told = answer(store, firm.usc_code, "S04-二级", "replacement")
    assert (told["reason_code"], told["standing_id"]) == ("duplicate", first.application_id)
    # What another authority has issued is another certificate; what is renewed another matter.
    assert file(store, firm.name, "G01-三级", "replacement").kind == "replacement"
    assert file(store, firm.name, "S04-二级", "renewal").kind == "renewal"


@pytest.mark.provision("B0.1")
def test_another_item_of_the_same_enterprise_is_another_case(office: Office) -> None:
    firm = decorator(kind="renewal")
    store = known(office, firm)
    numbers = [
        file(store, firm.name, *what).application_id
        for what in (("S11-二级", "renewal"), ("S11-一级", "upgrade"), ("S04-二级", "addition"))
    ]
    assert numbers == [f"SQ20170301-{n:05d}" for n in (1, 2, 3)]


def test_what_was_decided_may_be_filed_again_and_what_waits_may_not(office: Office) -> None:
    refused, waits = decorator(1).capital(199), decorator(2).capital(None)
    store = known(office, refused, waits)
    for firm in (refused, waits):
        file(store, firm.name)
    office.decide(NOW)
    assert office.outcomes() == ["refused", "awaiting_data"]
    file(store, refused.name)
    assert "待补数据" in answer(store, waits.name)["remedy_zh"]


def test_filed_twice_at_the_same_instant_by_two_processes_is_one_case(office: Office) -> None:
    firm = decorator()
    known(office, firm)

    def one(_: int) -> str:
        try:
            return file(Store(office.store.root), firm.name).application_id
        except FilingRejected as error:
            return error.fault.reason

    with ThreadPoolExecutor(4) as pool:
        told = sorted(pool.map(one, range(4)))
    assert told == ["SQ20170301-00001", "duplicate", "duplicate", "duplicate"]
    assert office.store.read(intake.APPLICATION).height == 1
    numbers = office.store.read(intake.REJECTED_FILING)["rejection_no"]
    assert sorted(numbers) == [f"TH20170301-{n:05d}" for n in (1, 2, 3)]


def test_a_number_is_never_given_twice_though_a_channel_has_used_a_higher_one(
    office: Office,
) -> None:
    firm, other = decorator(1), decorator(2)
    store = known(office, firm, other)
    row = other.application() | {"application_id": "SQ20170301-00041"}
    store.append(intake.APPLICATION, pl.DataFrame([row], schema=intake.APPLICATION.schema))
    assert file(store, firm.name).application_id == "SQ20170301-00042"


def test_the_log_of_answers_only_grows(office: Office) -> None:
    store = known(office, decorator())
    first = answer(store, "没有这家企业")
    answer(store, "也没有这家")
    assert store.read(intake.REJECTED_FILING).filter(rejection_no=first["rejection_no"]).height == 1
    assert issubclass(FilingRejected, IntakeError)


# -- through a channel -------------------------------------------------------------------


def delivered(store: Store, *rows: dict[str, Any]) -> None:
    """Applications that a channel has brought."""
    store.append(intake.APPLICATION, pl.DataFrame(rows, schema=intake.APPLICATION.schema))


def screened(office: Office, *rows: dict[str, Any]) -> dict[str, str]:
    """The answers of a sweep: number of the application to reason."""
    delivered(office.store, *rows)
    office.decide(at(DAY + timedelta(1)))
    log = office.store.read(intake.REJECTED_FILING)
    return dict(log.select("application_id", "reason_code").iter_rows())


def test_a_filing_date_after_the_day_it_came_in_is_answered_and_never_decided(
    office: Office,
) -> None:
    firm = decorator()
    known(office, firm)
    tomorrow = firm.application() | {"filed_at": at(DAY + timedelta(1), 0)}
    assert screened(office, tomorrow) == {firm.application_id: "future_filing"}
    assert office.outcomes() == []


def test_a_clock_that_runs_ahead_within_the_day_is_no_fault(office: Office) -> None:
    firm = decorator()
    known(office, firm)
    assert screened(office, firm.application() | {"filed_at": at(DAY, 23)}) == {}
    assert office.outcomes() == ["granted"]


def test_an_item_that_the_standard_does_not_have_is_answered(office: Office) -> None:
    firm = decorator()
    known(office, firm)
    assert screened(office, firm.application() | {"level": "三级"}) == {
        firm.application_id: "unknown_item"
    }
    (found,) = office.store.read(intake.REJECTED_FILING)["usc_code"]
    assert found == firm.usc_code, "and by whom it was asked for"


def test_of_two_filings_of_one_item_the_first_stands_whatever_their_numbers(
    office: Office,
) -> None:
    firm = decorator()
    known(office, firm)
    rows = [
        firm.application() | {"application_id": number, "filed_at": at(DAY, hour)}
        for number, hour in (("A", 10), ("B", 9), ("C", 10))
    ]
    rows.append(firm.application() | {"application_id": "D", "kind": "addition"})
    rows[3]["filed_at"] = at(DAY, 12)
    assert screened(office, *rows) == {"A": "duplicate", "C": "duplicate", "D": "item_open"}
    assert office.decisions()["application_id"].to_list() == ["B"]


@pytest.mark.provision("B3.1", "B6.7")
def test_what_comes_too_late_if_it_waits_is_held_up_by_its_own_kind_alone(office: Office) -> None:
    """A renewal is to be filed before expiry (B3.5), a lower level within three months (B6.7)."""
    firm = holder()
    known(office, firm)
    kinds = ("change", "renewal", "reverification", "renewal", "change")
    rows = [
        firm.application() | {"application_id": name, "kind": kind, "filed_at": at(DAY, hour)}
        for hour, (name, kind) in enumerate(zip("ABCDE", kinds, strict=True), 9)
    ]
    assert screened(office, *rows) == {"D": "duplicate", "E": "duplicate"}


@pytest.mark.provision("G1")
def test_of_two_replacements_of_one_certificate_in_one_minute_the_first_is_decided(
    office: Office,
) -> None:
    firm = holder()
    known(office, firm)
    first = firm.application() | {"application_id": "A"}
    second = firm.application() | {"application_id": "B", "category_code": "S04"}
    second["filed_at"] += timedelta(seconds=30)
    assert screened(office, first, second) == {"B": "duplicate"}
    assert office.decisions()["application_id"].to_list() == ["A"]
    assert office.outcomes() == ["granted"]


@pytest.mark.provision("B5.3")
def test_a_certificate_lost_again_after_it_was_replaced_is_replaced_again(office: Office) -> None:
    firm = holder()
    known(office, firm)
    assert screened(office, firm.application() | {"application_id": "A"}) == {}
    office.issue(at(DAY + timedelta(1)))
    again = {"application_id": "B", "category_code": "S04"}
    days = {"filed_at": at(DAY + timedelta(2)), "received_at": at(DAY + timedelta(2))}
    delivered(office.store, firm.application() | again | days)
    office.decide(at(DAY + timedelta(3)))
    assert office.outcomes() == ["granted", "granted"]


@pytest.mark.provision("B5.3")
def test_a_certificate_not_yet_issued_again_is_not_replaced_twice(office: Office) -> None:
    firm = holder()
    known(office, firm)
    assert screened(office, firm.application() | {"application_id": "A"}) == {}
    told = answer(office.store, firm.usc_code, "S04-二级", "replacement")
    assert (told["reason_code"], told["standing_id"]) == ("duplicate", "A")
    day = DAY + timedelta(2)
    again = {"application_id": "B", "filed_at": at(day), "received_at": at(day)}
    delivered(office.store, firm.application() | again)
    office.issue(at(day + timedelta(1)))
    office.decide(at(day + timedelta(2)))
    assert office.decisions()["application_id"].to_list() == ["A"]
    assert file(office.store, firm.usc_code, "S04-二级", "replacement").kind == "replacement"


def test_a_faulty_filing_stands_in_nobodys_way(office: Office) -> None:
    firm = decorator()
    known(office, firm)
    early = firm.application() | {"application_id": "A", "filed_at": at(DAY + timedelta(2))}
    later = firm.application() | {"application_id": "B", "received_at": at(DAY, 12)}
    assert screened(office, early, later) == {"A": "future_filing"}
    assert office.decisions()["application_id"].to_list() == ["B"]


@pytest.mark.parametrize(("filed_on", "reason"), [(DAY, "duplicate"), (DAY + timedelta(10), None)])
def test_what_was_filed_while_a_case_was_open_is_a_duplicate_though_it_comes_in_later(
    office: Office, filed_on: date, reason: str | None
) -> None:
    firm = decorator().capital(199)
    known(office, firm)
    assert screened(office, firm.application() | {"application_id": "A"}) == {}
    assert office.outcomes() == ["refused"]
    again = firm.application() | {
        "application_id": "B",
        "filed_at": at(filed_on, 23),
        "received_at": at(DAY + timedelta(11)),
    }
    delivered(office.store, again)
    office.decide(at(DAY + timedelta(12)))
    log = office.store.read(intake.REJECTED_FILING)
    assert log["reason_code"].to_list() == ([reason] if reason else [])
    for told in log.iter_rows(named=True):  # the case is decided by now: nobody is to wait for it
        assert "申请时" in told["reason_zh"] and "was open when it was filed" in told["reason_en"]
        assert "再次申请" in told["remedy_zh"] and "file it again" in told["remedy_en"]


def test_the_answers_are_given_once_however_often_the_sweep_runs(office: Office) -> None:
    firm = decorator()
    known(office, firm)
    first = firm.application() | {"application_id": "A"}
    second = firm.application() | {"application_id": "B"}
    screened(office, first, second)
    version = office.store.version(intake.REJECTED_FILING)
    for _ in range(2):
        office.decide(NOW + timedelta(days=10))
    assert office.store.version(intake.REJECTED_FILING) == version
    assert office.store.read(intake.APPLICATION).height == 2, "the log takes nothing back"
