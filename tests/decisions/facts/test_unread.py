"""A row set apart without a readable number refuses nobody: it may be the one that is missing."""

from __future__ import annotations

from datetime import date

import pytest
from exact import Exact
from judge import NO_DATA, NOT_MET, judge
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import MONTHLY, Portfolio, applications_of, frames_of, instant
from sheets import ranks
from shipped import BOOK
from together import verdict_on
from ways import WAYS

from assets.tables import BASE_TABLES, BY_NAME
from decisions.engine import decide
from decisions.facts.model import Facts
from decisions.waiting.missing import trace

DAY = date(2017, 3, 1)
POST, EQUIPMENT = "base_personnel__post_certificate", "base_enterprise__equipment"
NUMBERED = [one.name for one in BASE_TABLES if one.key[0] != "usc_code"]
LOST = (MONTHLY, POST, "base_project__unit", "base_project__acceptance", "base_project__party")
MATTERS = (
    ("S11", "二级", "first"),
    ("S11", "二级", "addition"),
    ("S11", "一级", "upgrade"),
    ("G10", "二级", "upgrade"),
    ("S11", "二级", "renewal"),
)


def meeting(code: str, level: str, kind: str) -> Portfolio:
    return Portfolio.meeting(code, level, kind=kind, filed_on=DAY)


@pytest.mark.parametrize(("code", "level", "kind"), MATTERS)
def test_whatever_rows_of_a_table_lose_their_number_nobody_is_refused(
    code: str, level: str, kind: str
) -> None:
    spoilt = []
    for nth, table in enumerate(NUMBERED, start=1):
        portfolio = Portfolio.meeting(code, level, kind=kind, filed_on=DAY, nth=nth)
        if portfolio.of(table):
            spoilt.append((table, portfolio.quarantine(table, unread=[BY_NAME[table].key[0]])))
    outcomes = judge([portfolio for _, portfolio in spoilt])
    for (table, portfolio), decided in zip(spoilt, outcomes, strict=True):
        assert decided.outcome in ("awaiting_data", "granted"), (table, decided.summary())
        assert not disagreements(decided, plainly(portfolio)), table


@pytest.mark.parametrize("way", ["alone", "held", "by its portfolio", "by its package"])
def test_nobody_is_refused_whatever_way_the_rows_are_read(way: str) -> None:
    spoilt = [
        Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY, nth=nth).quarantine(
            table, unread=[BY_NAME[table].key[0]]
        )
        for nth, table in enumerate(LOST, start=1)
    ]
    facts = Facts.of(frames_of(spoilt))
    for table, one in zip(LOST, spoilt, strict=True):
        decided = decide(applications_of([one]), WAYS[way](facts, one), BOOK, instant(DAY))
        assert decided.decisions["outcome"].item() == "awaiting_data", table


@pytest.mark.parametrize("table", ["base_project__acceptance", "base_project__unit", MONTHLY])
def test_the_worklist_names_the_delivery_and_row(table: str) -> None:
    portfolio = meeting("G10", "二级", "upgrade")
    number = BY_NAME[table].key[0]
    row = portfolio.of(table)[0]
    portfolio.quarantine(table, unread=[number], **{name: row[name] for name in BY_NAME[table].key})
    facts = Facts.of(frames_of([portfolio]))
    decided = decide(applications_of([portfolio]), facts, BOOK, instant(DAY))
    lacking = trace(decided, facts, BOOK)
    told = {(one["target"], one["row_key"], one["fault"]) for one in lacking.to_dicts()}
    assert (table, f"{row['delivery_id']}:{row['row_no']}", "quarantined") in told
    assert not {fault for target, _, fault in told if target == table} & {"stale", "undeclared"}


@pytest.mark.parametrize(
    ("unread", "month", "is_told"),
    [
        (["person_key"], date(2017, 2, 1), True),
        (["person_key", "month"], date(2017, 2, 1), True),
        (["person_key"], date(2016, 11, 1), False),
    ],
    ids=["of a month asked", "of a month that cannot be read", "of an older month"],
)
def test_the_worklist_names_a_month_paid_for_nobody_knows_whom(
    unread: list[str], month: date, is_told: bool
) -> None:
    portfolio = meeting("S11", "二级", "first")
    # Of the worker's own months only one is left, so that he is who might be meant.
    worker = portfolio.people["worker.1"]
    portfolio.change(MONTHLY, {"person_key": worker}, month=month)
    row = portfolio.of(MONTHLY, person_key=worker)[0]
    portfolio.quarantine(MONTHLY, unread=unread, person_key=worker, month=month)
    facts = Facts.of(frames_of([portfolio]))
    decided = decide(applications_of([portfolio]), facts, BOOK, instant(DAY))
    lacking = trace(decided, facts, BOOK).filter(target=MONTHLY, fault="quarantined")
    place = f"{row['delivery_id']}:{row['row_no']}"
    assert (place in lacking["row_key"].to_list()) == is_told, lacking


@pytest.mark.parametrize("label", ["lead", "constructor.1", "worker.1", "site_manager.1"])
async def test_a_month_of_somebody_whose_number_cannot_be_read_may_be_anybodys(label: str) -> None:
    portfolio = meeting("S11", "二级", "first")
    whose = {"person_key": portfolio.people[label], "month": portfolio.insurance_months[0]}
    assert (
        await verdict_on(portfolio.quarantine(MONTHLY, unread=["person_key"], **whose))
    ).outcome == ("awaiting_data")


async def test_whom_no_month_in_doubt_can_be_of_is_not_insured() -> None:
    """Three months are asked: one that cannot be read insures nobody who lacks the others too."""
    portfolio = meeting("S11", "二级", "addition").add_worker("木工", "初级工")
    spare = portfolio.people_in("worker")[-1]
    portfolio.not_insured("worker.1").not_insured("worker.2")
    month = {"person_key": portfolio.people[spare], "month": portfolio.insurance_months[0]}
    portfolio.quarantine(MONTHLY, unread=["person_key"], **month)
    decided = await verdict_on(portfolio)
    assert decided.results["skilled_workers"] == NOT_MET, decided.summary()
    assert not disagreements(decided, plainly(portfolio))


@pytest.mark.parametrize("table", ["base_project__acceptance", "base_project__unit"])
def test_an_unread_row_of_another_enterprise_leaves_nothing_open(table: str) -> None:
    mine, other = (
        Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY, nth=nth) for nth in (1, 2)
    )
    for row in list(mine.of(table, usc_code=mine.usc_code)):
        mine.rows[table].remove(row)
    other.quarantine(table, unread=[BY_NAME[table].key[0]])
    decided = judge([mine, other])
    assert decided[0].results["performance"] == NOT_MET, decided[0].summary()
    assert decided[1].results["performance"] == NO_DATA, decided[1].summary()


async def test_two_machines_without_a_readable_number_are_two() -> None:
    rank = next(r for r in ranks("S03") if "equipment" in r.asked(DAY))
    portfolio = Exact(rank, DAY).build().quarantine(EQUIPMENT, unread=["equipment_no"])
    assert (await verdict_on(portfolio)).results["equipment"] == NO_DATA


async def test_evidence_names_every_certificate_in_doubt() -> None:
    portfolio = meeting("S11", "二级", "first")
    portfolio.quarantine(POST, unread=["certificate_no"])
    shown = {
        row["row_key"] for row in (await verdict_on(portfolio)).evidence if row["target"] == POST
    }
    assert len(shown) == len(portfolio.people_in("site_manager"))
