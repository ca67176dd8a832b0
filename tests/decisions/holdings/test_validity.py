"""Validity extended as a whole (F9): by what is surely known extended, by the rest neither way.

`decisions/standards/extensions.yaml` has the notices; face dates are what certificates print.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from judge import Verdict
from offices import Office, at
from portfolio import Portfolio, applications_of, frames_of
from shipped import BOOK
from together import verdict_on

from assets.tables import certificate
from decisions.engine import decide
from decisions.facts.model import Facts
from decisions.holdings.validity import bounds
from decisions.rulebook.extensions import NEVER, Extension
from decisions.supervision.recheck import holders, recheck
from decisions.waiting.missing import trace
from decisions.waiting.missing_texts import TEXT

pytestmark = pytest.mark.provision("F9")

DAY = timedelta(days=1)
CERTIFICATE, QUALIFICATION = "base_enterprise__certificate", "base_enterprise__qualification"
NOTICES = BOOK.extensions


def last_days(
    face: date,
    known_on: date,
    authority: str | None = "province",
    level: str = "二级",
    issued_on: date | None = date(2015, 1, 1),
) -> tuple[date, date]:
    return bounds(
        face, NOTICES, authority=authority, level=level, issued_on=issued_on, known_on=known_on
    )


# -- what a notice makes of a day --------------------------------------------------------


@pytest.mark.parametrize(
    ("face", "surely", "at_most"),
    [
        (date(2020, 2, 29), date(2020, 2, 29), date(2020, 2, 29)),
        (date(2020, 3, 1), date(2020, 7, 31), date(2023, 12, 31)),
        (date(2020, 6, 30), date(2020, 7, 31), date(2023, 12, 31)),
        (date(2020, 7, 1), date(2020, 7, 1), date(2023, 12, 31)),
        (date(2022, 10, 27), date(2022, 10, 27), date(2023, 12, 31)),
        (date(2022, 10, 28), date(2022, 10, 28), date(2023, 12, 31)),
        (date(2023, 12, 30), date(2023, 12, 30), date(2023, 12, 31)),
        (date(2023, 12, 31), date(2023, 12, 31), date(2023, 12, 31)),
        (date(2024, 1, 1), date(2024, 1, 1), date(2024, 1, 1)),
    ],
)
def test_of_the_ministry_what_was_seen_extends_and_what_is_recalled_may(
    face: date, surely: date, at_most: date
) -> None:
    assert last_days(face, date(2024, 1, 2), "ministry") == (surely, at_most)


@pytest.mark.parametrize("authority", ["province", "city", None])
@pytest.mark.parametrize(
    ("face", "at_most"),
    [
        (date(2020, 2, 29), date(2020, 2, 29)),
        (date(2020, 3, 1), date(2023, 12, 31)),
        (date(2021, 12, 30), date(2023, 12, 31)),
        (date(2023, 12, 30), date(2023, 12, 31)),
        (date(2023, 12, 31), date(2023, 12, 31)),
        (date(2024, 1, 1), date(2024, 1, 1)),
    ],
)
def test_whether_one_of_another_authority_was_extended_nobody_knows(
    authority: str | None, face: date, at_most: date
) -> None:
    assert last_days(face, date(2024, 1, 2), authority) == (face, at_most)


@pytest.mark.parametrize(
    ("known_on", "at_most"),
    [
        (date(2020, 3, 5), date(2020, 5, 1)),
        (date(2020, 3, 6), date(2020, 7, 31)),
        (date(2020, 6, 27), date(2020, 7, 31)),
        (date(2020, 6, 28), date(2021, 12, 31)),
        (date(2021, 12, 19), date(2021, 12, 31)),
        (date(2021, 12, 20), date(2022, 12, 31)),
        (date(2022, 10, 27), date(2022, 12, 31)),
        (date(2022, 10, 28), date(2023, 12, 31)),
    ],
)
def test_a_notice_is_known_from_its_day_on(known_on: date, at_most: date) -> None:
    assert last_days(date(2020, 5, 1), known_on) == (date(2020, 5, 1), at_most)


@pytest.mark.parametrize(("level", "at_most"), [("三级", NEVER), ("二级", date(2023, 12, 31))])
def test_the_lowest_of_three_levels_may_last_to_a_day_that_is_not_set(
    level: str, at_most: date
) -> None:
    assert last_days(date(2021, 7, 1), date(2026, 1, 1), level=level)[1] == at_most
    assert last_days(date(2021, 7, 1), date(2021, 6, 30), level=level)[1] < NEVER


@pytest.mark.parametrize(
    ("issued_on", "surely"),
    [
        (date(2022, 5, 31), date(2023, 12, 31)),
        (date(2022, 6, 1), date(2023, 6, 1)),
        (None, date(2023, 6, 1)),
    ],
)
def test_one_of_a_single_year_is_not_surely_extended(issued_on: date | None, surely: date) -> None:
    notice = next(one for one in NOTICES if one.spares_one_year and one.basis == "seen")
    known = bounds(
        date(2023, 6, 1),
        [notice.model_copy(update={"surely": ("ministry",), "perhaps": ()})],
        authority="ministry",
        level="二级",
        issued_on=issued_on,
        known_on=date(2023, 7, 1),
    )
    assert known == (surely, date(2023, 12, 31))


def test_a_notice_that_shortens_or_names_one_authority_twice_is_refused() -> None:
    given = {
        "id": "x", "title_zh": "x", "effective_from": date(2020, 1, 1), "basis": "seen",
        "expires_from": date(2020, 1, 1), "expires_to": date(2020, 6, 30),
        "valid_to": date(2020, 7, 31), "surely": ("province",), "perhaps": ("city",), "sources": (),
    }  # fmt: skip
    assert Extension.model_validate(given)
    for wrong in ({"valid_to": date(2020, 6, 29)}, {"perhaps": ("province",)}):
        with pytest.raises(ValueError, match=r"follow each other|not in both"):
            Extension.model_validate(given | wrong)


# -- in a case -----------------------------------------------------------------------------


def case(
    kind: str, face: date, filed_on: date, *, decided_on: date | None = None, nth: int | None = None
) -> Portfolio:
    """One that meets its kind, what it holds printed to run to a day."""
    level = "一级" if kind in ("upgrade", "renewal") else "二级"
    portfolio = Portfolio.meeting(
        "S11", level, kind=kind, filed_on=filed_on, decided_on=decided_on, nth=nth,
        expires_on=None if kind in ("first", "addition", "upgrade") else face,
    )  # fmt: skip
    since = date(2014, 1, 1)
    return portfolio.change(CERTIFICATE, {}, valid_until=face, issued_on=since)


async def verdict(portfolio: Portfolio) -> Verdict:
    return await verdict_on(portfolio)


KINDS = ("upgrade", "addition", "renewal", "replacement")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("face", "filed_on", "outcome"),
    [
        (date(2022, 6, 1), date(2022, 6, 1), "granted"),
        (date(2022, 6, 1), date(2022, 6, 2), "awaiting_data"),
        (date(2022, 6, 1), date(2023, 12, 31), "awaiting_data"),
        (date(2022, 6, 1), date(2024, 1, 1), "not_accepted"),
        (date(2020, 2, 29), date(2020, 3, 1), "not_accepted"),
    ],
)
async def test_what_a_notice_may_have_extended_waits_and_is_never_turned_away(
    kind: str, face: date, filed_on: date, outcome: str
) -> None:
    answer = await verdict(case(kind, face, filed_on))
    assert answer.outcome == outcome, answer.summary()
    if outcome == "awaiting_data":
        about = "held" if kind == "addition" else "validity"
        assert about in answer.unknown
        assert "extensions.yaml" in str(answer.criterion(about)["note"])


async def test_one_of_the_ministry_that_was_surely_extended_is_valid() -> None:
    one = case("addition", date(2020, 6, 30), date(2020, 7, 15))
    one.change(CERTIFICATE, {}, authority_code="ministry")
    assert (await verdict(one)).criterion("held")["result"] == "met"
    one.change(CERTIFICATE, {}, valid_until=date(2020, 7, 1))
    assert (await verdict(one)).criterion("held")["result"] == "no_data"


@pytest.mark.provision("G1")
async def test_an_enterprise_whose_set_may_still_run_is_given_no_second_one() -> None:
    """A valid certificate of the city; whether the province's still runs is not known (G1)."""
    one = case("addition", date(2022, 6, 1), date(2022, 7, 1)).hold("G01", "三级")
    answer = await verdict(one)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert answer.unknown == {"held", "net_assets"}
    one.change(CERTIFICATE, {"authority_code": "province"}, valid_until=date(2022, 7, 1))
    assert (await verdict(one)).criterion("held")["result"] == "met"


@pytest.mark.provision("E25")
async def test_what_is_perhaps_held_asks_net_assets_of_nobody_for_certain() -> None:
    """E25: the higher figure of what may have run out neither refuses nor is passed over."""
    one = case("addition", date(2024, 1, 1), date(2020, 7, 15)).state_net_assets(4000)
    assert (await verdict(one)).criterion("net_assets")["result"] == "met"
    one.hold("G02", "一级").change(
        CERTIFICATE, {"authority_code": "ministry"}, issued_on=date(2015, 7, 1),
        valid_until=date(2020, 7, 1),
    )  # fmt: skip
    assert (await verdict(one)).criterion("net_assets")["result"] == "no_data"
    one.change(CERTIFICATE, {"authority_code": "ministry"}, valid_until=date(2020, 6, 30))
    assert (await verdict(one)).criterion("net_assets")["result"] == "not_met"


@pytest.mark.provision("B3.2")
@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("upgrade", "awaiting_data"),
        ("addition", "awaiting_data"),
        ("replacement", "awaiting_data"),
        ("renewal", "granted"),
    ],
)
async def test_nothing_is_granted_on_what_has_run_out_since_the_filing_but_its_renewal(
    kind: str, after: str
) -> None:
    face, filed_on = date(2017, 6, 1), date(2017, 5, 25)
    in_time = await verdict(case(kind, face, filed_on, decided_on=face))
    assert in_time.outcome == "granted", in_time.summary()
    late = await verdict(case(kind, face, filed_on, decided_on=face + DAY))
    assert late.outcome == after, late.summary()
    if after == "awaiting_data":
        about = "held" if kind == "addition" else "validity"
        assert about in late.unknown
        assert "renewed first" in str(late.criterion(about)["note"])


@pytest.mark.provision("B3.1")
@pytest.mark.parametrize(
    ("decided_on", "result"),
    [(date(2022, 6, 1), "met"), (date(2022, 6, 2), "no_data")],
)
async def test_past_the_printed_day_nobody_knows_whether_a_renewal_is_deemed_granted(
    decided_on: date, result: str
) -> None:
    one = case("renewal", date(2022, 6, 1), date(2022, 3, 1), decided_on=decided_on)
    assert (await verdict(one)).criterion("filing_window")["result"] == result


def test_of_an_unsettled_term_the_office_is_told_to_enter_the_notice() -> None:
    one = case("upgrade", date(2022, 6, 1), date(2022, 7, 1))
    facts = Facts.of(frames_of([one]))
    decided = decide(applications_of([one]), facts, BOOK, at(one.decided_on))
    told = trace(decided, facts, BOOK).filter(criterion="validity")
    assert set(told.select("target", "fault").iter_rows()) == {(TEXT, "text")}
    assert told["row_key"].str.starts_with("extensions: D").all()


@pytest.mark.provision("B3.1", "D12")
def test_a_renewal_filed_in_time_is_not_deemed_granted_on_a_day_that_may_not_be_its_last(
    tmp_path: Path,
) -> None:
    office = Office(tmp_path)
    expires = date(2022, 6, 1)
    one = case("renewal", expires, date(2022, 3, 1), decided_on=expires)
    office.file(one.remove("base_enterprise__statement").uncover("base_enterprise__statement"))
    office.release(at(expires))
    decided = office.decide(at(expires + DAY)).decisions
    assert decided["outcome"].to_list() == ["awaiting_data"]


@pytest.mark.provision("D17")
@pytest.mark.parametrize(
    ("as_of", "found"),
    [(date(2022, 6, 1), ["met"]), (date(2022, 6, 2), ["no_data"]), (date(2024, 1, 1), [])],
)
def test_a_recheck_looks_at_what_is_surely_live_and_tells_what_may_be(
    as_of: date, found: list[str]
) -> None:
    one = Portfolio.meeting("S11", "一级", kind="renewal", filed_on=as_of)
    one.change(CERTIFICATE, {}, valid_until=date(2022, 6, 1), issued_on=date(2017, 6, 2))
    facts = Facts.of(frames_of([one]))
    assert recheck(facts, BOOK, as_of, holders(facts)).results["result"].to_list() == found


def test_our_own_certificates_run_no_longer_than_others() -> None:
    one = case("replacement", date(2024, 6, 1), date(2022, 7, 1))
    frames = frames_of([one])
    number = one.of(CERTIFICATE)[0]["certificate_no"]
    issued = {
        "certificate_no": number, "usc_code": one.usc_code, "version": 1, "file_sha256": "0" * 64,
        "valid_until": date(2022, 6, 1), "issued_on": date(2017, 6, 2),
    }  # fmt: skip
    line = {
        "file_sha256": "0" * 64, "usc_code": one.usc_code, "certificate_no": number,
        "category_code": "S11", "subcategory": "", "level": "二级",
        "held_from": date(2017, 6, 2), "valid_until": date(2022, 6, 1),
    }  # fmt: skip
    for table, row in ((certificate.CERTIFICATE, issued), (certificate.QUALIFICATION, line)):
        frames[table.name] = pl.DataFrame([row], schema=table.schema)
    answer = decide(applications_of([one]), Facts.of(frames), BOOK, at(one.decided_on))
    validity = answer.criteria.row(by_predicate=pl.col("criterion") == "validity", named=True)
    assert validity["result"] == "no_data"


async def test_one_that_may_be_valid_goes_before_one_that_surely_is_not() -> None:
    """An old certificate of the level beside one in doubt: the case is about what may be valid."""
    one = Portfolio.meeting("S11", "二级", kind="replacement", filed_on=date(2017, 3, 1))
    old = dict(one.of(QUALIFICATION)[0])
    certificate_no = f"{old['certificate_no']}9"
    sheet = dict(one.of(CERTIFICATE)[0])
    one.doubt(QUALIFICATION, old["qualification_no"], "DATA")
    one.add(QUALIFICATION, **old | {"qualification_no": "Q9", "certificate_no": certificate_no})
    one.add(
        CERTIFICATE,
        **sheet | {"certificate_no": certificate_no, "valid_until": date(2016, 1, 1)},
    )
    answer = await verdict(one)
    assert answer.outcome == "awaiting_data", answer.summary()
