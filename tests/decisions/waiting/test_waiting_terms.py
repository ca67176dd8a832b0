"""A case does not wait for ever: returned without prejudice, or, a renewal, deemed granted.

Days are of 2017: filed on Wednesday 1 March; Tomb-sweeping (2-4 April) and Labour Day (29 April to
1 May) are holidays, and Saturday 1 April is worked for them.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest
from offices import Office, at
from portfolio import Portfolio
from shipped import BOOK

from assets.calendar import add_years
from assets.tables import archive, certificate, decision, intake
from certificates.archiving.archive import archive_pending
from certificates.archiving.package import check_package
from certificates.documents.content import document
from certificates.layout import ZHEJIANG
from decisions.replay import replay
from decisions.words import Words

FILED = date(2017, 3, 1)
TERM = 20
LAST_DAY = date(2017, 3, 29)
"""The twentieth working day after 1 March."""
EXPIRES = date(2017, 6, 15)
DUE = date(2017, 3, 15)
"""Three months before."""
STATEMENTS = "base_enterprise__statement"
REGISTRY = "base_enterprise__registry"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def upgrade(nth: int = 1, known_on: date = FILED) -> Portfolio:
    """An upgrade that meets everything; all channels are complete up to `known_on`."""
    return Portfolio.meeting(
        "S11", "一级", kind="upgrade", filed_on=FILED, decided_on=known_on, nth=nth
    )


def renewal(filed_on: date, nth: int = 1, known_on: date | None = None) -> Portfolio:
    """A renewal of what expires on 15 June that meets everything."""
    return Portfolio.meeting(
        "S11",
        "二级",
        kind="renewal",
        filed_on=filed_on,
        decided_on=known_on,
        expires_on=EXPIRES,
        nth=nth,
    )


def without_statement(portfolio: Portfolio) -> Portfolio:
    """Net assets are not known: no statement, and nobody says that there is none."""
    return portfolio.remove(STATEMENTS).uncover(STATEMENTS)


# -- returned ------------------------------------------------------------------------


@pytest.mark.provision("B0.4")
@pytest.mark.parametrize(
    ("day", "outcome"),
    [
        (LAST_DAY - timedelta(1), "awaiting_data"),
        (LAST_DAY, "awaiting_data"),
        (LAST_DAY + timedelta(1), "returned"),
    ],
)
def test_a_case_waits_to_the_end_of_the_last_day_of_its_term(
    office: Office, day: date, outcome: str
) -> None:
    office.file(without_statement(upgrade()))
    office.release(at(FILED))
    decided = office.decide(at(day, 23), TERM)
    assert decided.decisions["outcome"].to_list() == [outcome]
    assert decided.decisions["is_final"].to_list() == [outcome == "returned"]


def test_a_case_that_waits_at_the_present_release_is_returned_without_a_new_one(
    office: Office,
) -> None:
    office.file(without_statement(upgrade()))
    office.release(at(FILED))
    office.decide(at(FILED), TERM)
    assert office.decide(at(LAST_DAY), TERM).decisions.is_empty(), "not due before its day"
    office.decide(at(LAST_DAY + timedelta(1)), TERM)
    assert office.outcomes() == ["awaiting_data", "returned"]
    assert office.decisions()["evaluation_no"].to_list() == [1, 2]
    assert office.decide(at(LAST_DAY + timedelta(2)), TERM).decisions.is_empty(), "once"


def test_data_that_arrive_after_the_term_but_before_it_was_noticed_still_decide(
    office: Office,
) -> None:
    whole = upgrade(known_on=LAST_DAY + timedelta(3))
    statement = whole.of(STATEMENTS)
    office.file(without_statement(whole))
    office.release(at(FILED))
    office.decide(at(FILED), TERM)
    whole.rows[STATEMENTS] = statement
    office.release(at(LAST_DAY + timedelta(3)))
    office.decide(at(LAST_DAY + timedelta(3)), TERM)
    assert office.outcomes() == ["awaiting_data", "granted"]


def test_what_surely_fails_is_refused_whatever_else_is_missing(office: Office) -> None:
    poor = upgrade(known_on=LAST_DAY + timedelta(1)).practised_since(FILED)
    office.file(without_statement(poor))
    office.release(at(FILED))
    office.decide(at(LAST_DAY + timedelta(1)), TERM)
    assert office.outcomes() == ["refused"]


def test_a_return_says_the_term_what_was_missing_and_that_it_may_be_filed_again(
    office: Office,
) -> None:
    office.file(without_statement(upgrade()))
    office.release(at(FILED))
    office.decide(at(LAST_DAY + timedelta(1)), TERM)
    (row,) = office.decisions().iter_rows(named=True)
    assert "20个工作日，至2017-03-29止" in row["reason_zh"]
    assert "净资产" in row["reason_zh"] and "可随时重新提出" in row["reason_zh"]
    assert "20 working days after filing, to 2017-03-29" in row["reason_en"]
    assert "without prejudice" in row["reason_en"]
    assert (row["effect"], row["certificate_no"], row["supplement_days"]) == ("none", None, TERM)


@pytest.mark.provision("B0.4")
def test_holidays_and_the_saturday_worked_for_them_count_as_the_law_says(office: Office) -> None:
    # 22 working days in March after the 1st, then Saturday 1 April, then Wednesday 5 April.
    office.file(without_statement(upgrade()))
    office.release(at(FILED))
    office.decide(at(date(2017, 4, 5)), 24)
    assert office.outcomes() == ["awaiting_data"]
    office.decide(at(date(2017, 4, 6)), 24)
    assert office.outcomes() == ["awaiting_data", "returned"]


def test_without_a_term_a_case_waits_on(office: Office) -> None:
    office.file(without_statement(upgrade()))
    office.release(at(FILED))
    office.decide(at(FILED))
    assert office.decide(at(date(2027, 3, 1))).decisions.is_empty()


@pytest.mark.provision("B3.5", "B6.7")
@pytest.mark.parametrize("kind", ["renewal", "reverification"])
def test_a_kind_that_could_not_be_filed_again_in_time_is_never_returned(
    office: Office, kind: str
) -> None:
    case = Portfolio.meeting("S11", "二级", kind=kind, filed_on=FILED, expires_on=date(2021, 6, 15))
    office.file(case.uncover(REGISTRY).uncover("base_enterprise__event"))
    office.release(at(FILED))
    office.decide(at(date(2018, 3, 1)), TERM)
    assert office.outcomes() == ["awaiting_data"]


def test_a_returned_case_is_archived(office: Office) -> None:
    office.file(without_statement(upgrade()))
    office.release(at(FILED))
    closed = at(LAST_DAY + timedelta(1))
    office.decide(closed, TERM)
    folders = office.folder / "certificates", office.folder / "archive"
    report = archive_pending(office.store, BOOK, *folders, closed)
    (package,) = report.archived
    assert check_package(package).is_sound
    with ZipFile(package) as files:
        lost = json.loads(files.read("missing.json"))
    assert {row["target"] for row in lost if row["criterion"] == "net_assets"} == {STATEMENTS}
    assert office.store.read(archive.RECORD)["outcome"].to_list() == ["returned"]


def test_a_returned_matter_may_be_filed_again_at_once(office: Office) -> None:
    again_on = LAST_DAY + timedelta(1)
    case = upgrade(known_on=again_on)
    statement = case.of(STATEMENTS)
    office.file(without_statement(case))
    office.release(at(FILED))
    office.decide(at(again_on), TERM)
    second = office.store.read(intake.APPLICATION).with_columns(
        application_id=pl.lit("again"),
        filed_at=pl.lit(at(again_on)),
        received_at=pl.lit(at(again_on)),
    )
    office.store.append(intake.APPLICATION, second)
    case.rows[STATEMENTS] = statement
    office.release(at(again_on))
    office.decide(at(again_on), TERM)
    assert office.outcomes() == ["returned", "granted"]


# -- deemed renewed ------------------------------------------------------------------


@pytest.mark.provision("W25", "B3.1", "D12")
@pytest.mark.parametrize(
    ("filed_on", "day", "outcome"),
    [
        (DUE, EXPIRES - timedelta(1), "awaiting_data"),
        (DUE, EXPIRES, "granted"),
        (DUE, EXPIRES + timedelta(30), "granted"),
        (DUE + timedelta(1), EXPIRES, "awaiting_data"),
        (DUE + timedelta(1), EXPIRES + timedelta(30), "awaiting_data"),
    ],
)
def test_w25_a_renewal_filed_in_time_and_not_decided_is_deemed_renewed_on_the_day_of_expiry(
    office: Office, filed_on: date, day: date, outcome: str
) -> None:
    office.file(without_statement(renewal(filed_on)))
    office.release(at(filed_on))
    office.decide(at(filed_on), TERM)
    office.decide(at(day), TERM)
    last = office.decisions().row(-1, named=True)
    assert last["outcome"] == outcome
    if outcome == "granted":
        assert (last["effect"], last["lapsed_on"]) == ("renew", EXPIRES)
        assert last["valid_until"] == date(2022, 6, 14), "five years from the day of expiry"
        assert "第十八条" in last["reason_zh"] and "Art. 18" in last["reason_en"]


@pytest.mark.provision("W25", "B3.1", "J10")
def test_w25_a_decision_on_the_day_of_expiry_itself_is_still_one_in_time(office: Office) -> None:
    office.file(renewal(DUE, known_on=EXPIRES).state_net_assets(1))
    office.release(at(DUE))
    office.decide(at(EXPIRES), TERM)
    assert office.outcomes() == ["refused"]
    assert office.decisions()["lapsed_on"].to_list() == [None]


@pytest.mark.provision("W25", "B3.1", "J10")
def test_w25_after_expiry_the_power_to_refuse_is_lost(office: Office) -> None:
    after = EXPIRES + timedelta(1)
    office.file(renewal(DUE, known_on=after).state_net_assets(1))
    office.release(at(DUE))
    office.decide(at(after), TERM)
    (row,) = office.decisions().iter_rows(named=True)
    assert (row["outcome"], row["lapsed_on"]) == ("granted", EXPIRES)


@pytest.mark.provision("W25", "B3.2", "B3.3")
def test_w25_a_renewal_filed_late_is_decided_after_expiry_as_before(office: Office) -> None:
    late, after = DUE + timedelta(1), EXPIRES + timedelta(1)
    poor = renewal(late, 1, known_on=after).state_net_assets(1)
    office.file(poor, renewal(late, 2, known_on=after))
    office.release(at(late))
    office.decide(at(after), TERM)
    assert office.outcomes() == ["refused", "granted"]
    assert office.decisions()["valid_until"].to_list() == [None, date(2022, 6, 15)]


@pytest.mark.provision("B3.1", "D12")
@pytest.mark.parametrize("doubted", ["certificate", "qualification"])
def test_an_expiry_in_doubt_never_lapses_into_a_grant(office: Office, doubted: str) -> None:
    case = without_statement(renewal(DUE))
    table = f"base_enterprise__{doubted}"
    key = {"certificate": "certificate_no", "qualification": "qualification_no"}[doubted]
    case.doubt(table, case.of(table)[0][key], "DATA")
    office.file(case)
    office.release(at(DUE))
    office.decide(at(EXPIRES + timedelta(30)), TERM)
    assert office.outcomes() == ["awaiting_data"]


@pytest.mark.provision("B3.1", "D12")
def test_a_certificate_of_another_authority_never_lapses_here(office: Office) -> None:
    case = without_statement(renewal(DUE))
    case.change("base_enterprise__certificate", {}, authority_code="ministry")
    office.file(case)
    office.release(at(DUE))
    office.decide(at(EXPIRES + timedelta(30)), TERM)
    assert office.outcomes() == ["awaiting_data"]


@pytest.mark.provision("B3.1", "D5")
def test_a_qualification_that_was_withdrawn_meanwhile_is_not_renewed_by_lapse(
    office: Office,
) -> None:
    case = without_statement(renewal(DUE))
    office.file(case)
    office.release(at(DUE))
    office.decide(at(DUE), TERM)
    case.change("base_enterprise__certificate", {}, status_code="withdrawn")
    office.release(at(EXPIRES))
    office.decide(at(EXPIRES), TERM)
    assert office.outcomes() == ["awaiting_data", "not_accepted"]


@pytest.mark.provision("B3.1", "J10")
@pytest.mark.parametrize(
    ("barred_from", "outcome"),
    [
        (EXPIRES - timedelta(1), "not_accepted"),
        (EXPIRES, "not_accepted"),
        (EXPIRES + timedelta(1), "granted"),
    ],
)
def test_a_bar_that_begins_after_expiry_undoes_no_renewal_that_is_deemed_granted(
    office: Office, barred_from: date, outcome: str
) -> None:
    found = EXPIRES + timedelta(2)
    case = renewal(DUE, known_on=found).bar(barred_from, add_years(barred_from, 1))
    office.file(case)
    office.release(at(found))
    office.decide(at(found), TERM)
    assert office.outcomes() == [outcome]


def test_a_deemed_renewal_rests_on_its_own_grounds_and_claims_no_assessment(
    office: Office,
) -> None:
    office.file(without_statement(renewal(DUE)))
    office.release(at(DUE))
    office.decide(at(EXPIRES), TERM)
    criteria = office.store.read(decision.CRITERION)
    assert sorted(criteria["criterion"]) == [
        "deemed_renewal",
        "deemed_renewal.filed",
        "deemed_renewal.held",
        "deemed_renewal.undecided",
    ]
    assert set(criteria["result"]) == {"met"}
    assert set(office.store.read(decision.EVIDENCE)["criterion"]) == {"deemed_renewal.held"}


@pytest.mark.provision("D12")
def test_a_deemed_renewal_gets_its_certificate_exactly_once(office: Office) -> None:
    office.file(without_statement(renewal(DUE)))
    office.release(at(DUE))
    later = at(EXPIRES + timedelta(3))
    for _ in range(2):
        office.decide(later, TERM)
        office.issue(later)
    assert office.outcomes() == ["granted"]
    (row,) = office.store.read(certificate.CERTIFICATE).iter_rows(named=True)
    assert (row["effect"], row["valid_until"]) == ("renew", date(2022, 6, 14))
    (line,) = office.store.read(certificate.QUALIFICATION).iter_rows(named=True)
    assert (line["category_code"], line["valid_until"]) == ("S11", date(2022, 6, 14))


@pytest.mark.provision("B3.1")
def test_of_two_renewals_of_one_certificate_neither_ends_the_other(office: Office) -> None:
    """The first is issued after the expiry: the other's has not ended by itself (B3.1)."""
    firm = without_statement(renewal(DUE)).hold("S04", "二级")
    office.file(firm)
    other = firm.application() | {"application_id": "U000001", "category_code": "S04"}
    office.store.append(intake.APPLICATION, pl.DataFrame([other], schema=intake.APPLICATION.schema))
    office.release(at(DUE))
    for day in (EXPIRES + timedelta(3), EXPIRES + timedelta(5)):
        office.decide(at(day), TERM)
        assert not office.issue(at(day)).not_issued
    assert office.outcomes() == ["granted", "granted"]
    lines = office.store.read(certificate.QUALIFICATION).sort("version", "category_code")
    until = date(2022, 6, 14)
    assert lines.select("category_code", "held_from", "valid_until").rows() == [
        ("S04", date(2008, 1, 1), EXPIRES),
        ("S11", date(2008, 1, 1), until),
        ("S04", date(2008, 1, 1), until),
        ("S11", date(2008, 1, 1), until),
    ]


@pytest.mark.provision("B2.1")
@pytest.mark.parametrize("is_printed_before", [True, False])
def test_an_upgrade_waits_on_a_level_that_ran_out_though_the_next_version_lists_it_no_more(
    office: Office, is_printed_before: bool
) -> None:
    """Reading 46, whatever is printed meanwhile of what else stands on the certificate."""
    firm = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DUE, expires_on=EXPIRES)
    office.file(without_statement(firm.hold("S04", "二级")))

    def filed(**other: str) -> None:
        row = firm.application() | {"level": "二级"} | other
        office.store.append(
            intake.APPLICATION, pl.DataFrame([row], schema=intake.APPLICATION.schema)
        )

    def worked_on(day: date) -> None:
        office.release(at(day, 10))
        for hour in (11, 12, 13):
            office.decide(at(day, hour))
            assert not office.issue(at(day, hour)).not_issued

    if is_printed_before:
        filed(application_id="U000001", kind="replacement")
        worked_on(DUE)
    filed(application_id="U000002", kind="renewal", category_code="S04")
    worked_on(EXPIRES + timedelta(1))
    lines = office.store.read(certificate.QUALIFICATION)
    newest = lines.filter(version=lines["version"].max())
    assert newest["category_code"].to_list() == ["S04"]
    worked_on(EXPIRES + timedelta(2))
    last = office.decisions().filter(application_id=firm.application_id)
    assert last["outcome"][-1] == "awaiting_data", last["reason_zh"][-1]
    assert "应先办理延续" in last["reason_zh"][-1]


# -- again ---------------------------------------------------------------------------


def test_returns_and_deemed_renewals_are_replayed_bit_for_bit(office: Office) -> None:
    office.file(
        without_statement(upgrade(1, known_on=DUE)),
        without_statement(renewal(DUE, 2)),
        renewal(DUE, 3, known_on=DUE).state_net_assets(1),
        upgrade(4, known_on=DUE),
    )
    office.release(at(FILED))
    office.decide(at(DUE), TERM)
    office.decide(at(EXPIRES + timedelta(1)), TERM)
    assert office.outcomes() == [
        "awaiting_data",
        "returned",
        "awaiting_data",
        "granted",
        "refused",
        "granted",
    ]
    replayed = replay(office.store, BOOK)
    assert len(replayed) == 6
    assert [one for one in replayed if not one.is_same] == []


@pytest.mark.parametrize("written", [1, 2, 3])
def test_killed_before_the_decision_row_the_next_turn_comes_to_the_same_once(
    office: Office, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    """Evidence, criteria, what they lack, then the decision: death after each but the last."""
    from decisions import stage

    office.file(without_statement(upgrade(1)), without_statement(renewal(DUE, 2)))
    office.release(at(FILED))
    office.decide(at(DUE), TERM)
    append, calls = stage._append_missing, []

    def dies(*args: object) -> None:
        append(*args)  # type: ignore[arg-type]
        calls.append(args)
        if len(calls) == written:
            raise KeyboardInterrupt

    now = at(EXPIRES)
    with monkeypatch.context() as patch:
        patch.setattr(stage, "_append_missing", dies)
        with pytest.raises(KeyboardInterrupt):
            office.decide(now, TERM)
    assert office.outcomes() == ["awaiting_data"] * 2
    office.decide(now, TERM)
    assert office.decide(now, TERM).decisions.is_empty()
    assert office.outcomes() == ["awaiting_data", "returned", "awaiting_data", "granted"]
    for table in (decision.CRITERION, decision.EVIDENCE, decision.MISSING):
        rows = office.store.read(table)
        assert rows.select(table.key).is_duplicated().sum() == 0
    assert all(one.is_same for one in replay(office.store, BOOK))
    assert pl.Series(office.decisions()["is_final"]).sum() == 2


@pytest.mark.provision("D12")
def test_the_document_of_a_deemed_renewal_claims_no_assessment(office: Office) -> None:
    office.file(without_statement(renewal(DUE)), without_statement(upgrade(2, EXPIRES)))
    office.release(at(DUE))
    office.decide(at(EXPIRES), TERM)
    criteria, missing = (office.store.read(one) for one in (decision.CRITERION, decision.MISSING))
    s11 = Words("装修装饰", "Decoration")
    deemed, returned = (
        document(
            row,
            criteria.filter(application_id=row["application_id"]).to_dicts(),
            missing.filter(application_id=row["application_id"]),
            (),
            ZHEJIANG,
            s11,
        )
        for row in office.decisions().iter_rows(named=True)
    )
    assert deemed.title.zh == "视为准予延续通知书" and "届满前未作出决定" in deemed.verdict.zh
    assert deemed.effect is not None and "2022年6月14日" in deemed.effect.zh
    assert returned.title.zh == "退件通知书"
    assert {line.name.zh for line in returned.causes if not line.is_part} == {"净资产"}
    assert any(value == str(TERM) for _, value in returned.trail)
    told = {(lack.criterion.zh, lack.thing.zh) for lack in returned.lacks}
    assert ("净资产", "财务报表") in told and {name for name, _ in told} == {"净资产"}
    assert deemed.lacks == (), "it is granted: nothing is waited for"
