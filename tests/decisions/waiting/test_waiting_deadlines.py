"""The watch over terms says what runs, to which day, and what is over; never of a closed case."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from offices import Office, at
from portfolio import Portfolio
from shipped import BOOK

from decisions.waiting.deadlines import watch

FILED = date(2017, 3, 1)
EXPIRES = date(2017, 6, 15)
STATEMENTS = "base_enterprise__statement"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def case(kind: str, nth: int = 1, filed_on: date = FILED, level: str = "二级") -> Portfolio:
    return Portfolio.meeting(
        "S11", level, kind=kind, filed_on=filed_on, expires_on=EXPIRES, nth=nth
    )


def waiting(one: Portfolio) -> Portfolio:
    return one.remove(STATEMENTS).uncover(STATEMENTS)


def terms(office: Office, day: date, supplement_days: int | None = 60) -> dict[str, dict[str, Any]]:
    """Terms of the only case."""
    rows = watch(office.store, BOOK, at(day), supplement_days)
    return {row["limit"]: row for row in rows.iter_rows(named=True)}


@pytest.mark.provision("B0.4")
def test_a_case_that_nobody_has_looked_at_runs_to_its_notice_and_its_decision(
    office: Office,
) -> None:
    office.file(case("first"))
    found = terms(office, FILED)
    assert {name: (row["last_day"], row["days_left"]) for name, row in found.items()} == {
        "notice": (date(2017, 3, 8), 5),
        "decision": (date(2017, 3, 29), 20),
    }


@pytest.mark.provision("B0.4")
@pytest.mark.parametrize(
    ("day", "left", "is_overdue"),
    [
        (date(2017, 3, 28), 1, False),
        (date(2017, 3, 29), 0, False),
        (date(2017, 3, 30), -1, True),
        (date(2017, 4, 1), -3, True),  # a Saturday that is worked for Tomb-sweeping
        (date(2017, 4, 4), -3, True),  # the festival
        (date(2017, 4, 5), -4, True),
    ],
)
def test_twenty_working_days_are_counted_by_the_statutory_calendar(
    office: Office, day: date, left: int, is_overdue: bool
) -> None:
    office.file(case("first"))
    row = terms(office, day)["decision"]
    assert (row["days_left"], row["is_overdue"]) == (left, is_overdue)


@pytest.mark.provision("B4.2", "B5.1")
@pytest.mark.parametrize("kind", ["change", "replacement"])
def test_changes_and_replacements_are_due_in_two_working_days(office: Office, kind: str) -> None:
    office.file(case(kind, filed_on=date(2017, 3, 3)))
    assert terms(office, date(2017, 3, 3))["decision"]["last_day"] == date(2017, 3, 7)


def test_a_case_that_waits_shows_when_it_will_be_returned(office: Office) -> None:
    office.file(waiting(case("upgrade", level="一级")))
    office.release(at(FILED))
    office.decide(at(FILED), 61)
    found = terms(office, FILED, 61)
    assert set(found) == {"decision", "supplement"}
    assert found["supplement"]["last_day"] == date(2017, 5, 27), "a Saturday worked for Dragon Boat"
    assert set(terms(office, FILED, None)) == {"decision"}


@pytest.mark.provision("B3.1")
@pytest.mark.parametrize(
    ("filed_on", "lapses"), [(date(2017, 3, 15), True), (date(2017, 3, 16), False)]
)
def test_a_pending_renewal_shows_the_days_to_its_expiry_and_whether_it_will_lapse_into_a_grant(
    office: Office, filed_on: date, lapses: bool
) -> None:
    office.file(waiting(case("renewal", filed_on=filed_on)))
    office.release(at(filed_on))
    office.decide(at(filed_on), 60)
    row = terms(office, date(2017, 6, 1))["expiry"]
    assert (row["last_day"], row["days_left"], row["unit"]) == (EXPIRES, 14, "day")
    assert (row["lapses"], row["is_overdue"]) == (lapses, False)


def test_a_renewal_whose_expiry_is_in_doubt_stands_there_without_a_day(office: Office) -> None:
    one = case("renewal")
    (paper,) = one.of("base_enterprise__certificate")
    one.doubt("base_enterprise__certificate", paper["certificate_no"], "DATA")
    office.file(one)
    office.release(at(FILED))
    row = terms(office, FILED)["expiry"]
    assert (row["last_day"], row["days_left"], row["is_overdue"], row["lapses"]) == (None,) * 4


@pytest.mark.provision("B0.4")
def test_a_grant_without_its_certificate_is_watched_until_it_has_it(office: Office) -> None:
    office.file(case("first"))
    office.release(at(FILED))
    office.decide(at(FILED), 60)
    found = terms(office, FILED + timedelta(days=1))
    assert set(found) == {"certificate"}
    assert (found["certificate"]["last_day"], found["certificate"]["days_left"]) == (
        date(2017, 3, 15),
        9,
    )
    office.issue(at(FILED))
    assert watch(office.store, BOOK, at(FILED), 60).is_empty()


def test_no_term_runs_in_a_case_at_its_end(office: Office) -> None:
    office.file(waiting(case("upgrade", 1, level="一级")), waiting(case("renewal", 2)))
    office.release(at(FILED))
    office.decide(at(FILED), 20)
    assert watch(office.store, BOOK, at(FILED), 20)["application_id"].n_unique() == 2
    office.decide(at(EXPIRES), 20)
    office.issue(at(EXPIRES))
    assert watch(office.store, BOOK, at(EXPIRES), 20).is_empty()
    assert office.decisions().filter(pl.col("is_final")).height == 2
