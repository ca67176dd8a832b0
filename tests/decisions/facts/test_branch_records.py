"""What is on record of a branch is its enterprise's: acts, bars and orders to correct (reading 63)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest
from judge import MET, NO_DATA, NOT_MET
from portfolio import CITY, PROVINCE, STATE, Portfolio, applications_of, frames_of, instant
from shipped import BOOK
from together import verdict_on
from ways import WAYS, results

from decisions.engine import decide
from decisions.facts.model import Facts
from decisions.waiting.missing import trace

DAY = date(2017, 3, 1)
ONE = timedelta(days=1)
REGISTRY, FINDING = "base_enterprise__registry", "base_credit__finding"
BAR, ORDER = "base_credit__bar", "base_credit__rectification"
ACCIDENT = "一般事故"
Record = Callable[[Portfolio, str], object]


def upgrade(decided_on: date = DAY) -> Portfolio:
    return Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY, decided_on=decided_on)


def act(portfolio: Portfolio, body: str) -> None:
    portfolio.act(date(2016, 6, 1), usc_code=body)


def bar(portfolio: Portfolio, body: str) -> None:
    portfolio.bar(date(2017, 1, 1), None).rows[BAR][-1]["usc_code"] = body


def order(portfolio: Portfolio, body: str) -> None:
    portfolio.rectify("S11", date(2017, 1, 1)).rows[ORDER][-1]["usc_code"] = body


RECORDS = {"art23": act, "bar": bar, "rectification": order}
BATCH = "in the batch"
# One of the three tables is tried in every way of reading, the others where all is read and where
# only what the case reaches is.
EVERY_WAY = [("art23", way) for way in WAYS] + [
    (criterion, way) for criterion in ("bar", "rectification") for way in (BATCH, "by its package")
]


@pytest.mark.provision("C1", "C3", "C5")
@pytest.mark.parametrize(("criterion", "way"), EVERY_WAY)
@pytest.mark.parametrize(
    ("whose", "result"),
    [
        ("a branch's", NOT_MET),
        ("a branch's, in another city", NOT_MET),
        ("a branch's that is struck off", NOT_MET),
        ("another's", MET),
        ("another's branch", MET),
        ("of who is not registered", MET),
        ("a branch's, set apart", NO_DATA),
        ("a branch's, its parent unread", NO_DATA),
        ("a branch's, in doubt", NO_DATA),
        ("a branch's, that no law counts", MET),
        ("in doubt, and insures one of its people", NO_DATA),
        ("in doubt, and insures nobody of its", MET),
    ],
)
async def test_what_a_branch_has_on_record_is_its_enterprises(
    way: str, criterion: str, whose: str, result: str
) -> None:
    portfolio = upgrade()
    body = portfolio.company(1, branch=whose.startswith("a branch's"))
    where = {"usc_code": body}
    match whose:
        case "a branch's, in another city":
            portfolio.change(REGISTRY, where, region_code="330203")
        case "a branch's that is struck off":
            portfolio.change(REGISTRY, where, state_code="cancelled")
        case "another's branch":
            other = portfolio.company(2)
            portfolio.change(REGISTRY, where, entity_code="branch", parent_usc_code=other)
        case "of who is not registered":
            portfolio.remove(REGISTRY, **where)
        case "a branch's, set apart":
            portfolio.quarantine(REGISTRY, **where)
        case "a branch's, its parent unread":
            portfolio.insure("titled.1", body, [date(2017, 1, 1)])
            portfolio.quarantine(REGISTRY, unread=["parent_usc_code"], **where)
        case "a branch's, in doubt" | "a branch's, that no law counts":
            severity = "DATA" if "doubt" in whose else "LAW"
            portfolio.doubt(REGISTRY, body, severity, usc_code=body)
        case "in doubt, and insures one of its people":
            portfolio.insure("titled.1", body, [date(2016, 12, 1)]).quarantine(REGISTRY, **where)
        case "in doubt, and insures nobody of its":
            portfolio.insure("titled.1", body, [date(2016, 11, 1)]).quarantine(REGISTRY, **where)
    RECORDS[criterion](portfolio, body)
    assert (await results(portfolio, way))[criterion] == result


@pytest.mark.provision("C1")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("found_on", "result"),
    [
        (date(2016, 2, 29), MET),
        (date(2016, 3, 1), NOT_MET),
        (DAY + 5 * ONE, NOT_MET),
        (DAY + 6 * ONE, MET),
    ],
)
async def test_an_act_of_a_branch_counts_from_a_year_before_the_filing_until_the_decision(
    way: str, found_on: date, result: str
) -> None:
    portfolio = upgrade(DAY + 5 * ONE)
    portfolio.act(found_on, usc_code=portfolio.company(1, branch=True))
    assert (await results(portfolio, way))["art23"] == result


@pytest.mark.parametrize("found_on", [date(2016, 2, 29), date(2016, 3, 1)])
async def test_what_is_told_for_sure_of_a_body_in_doubt_is_believed_but_whose_it_is(
    found_on: date,
) -> None:
    """An act before the year counts for nobody, whoever he is; a later one may be a branch's."""
    portfolio = upgrade()
    body = portfolio.company(1, branch=True)
    portfolio.act(found_on, usc_code=body).quarantine(REGISTRY, usc_code=body)
    assert (await results(portfolio))["art23"] == (MET if found_on < date(2016, 3, 1) else NO_DATA)


@pytest.mark.provision("C1")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("own", "branches", "doubtful", "result"),
    [
        (1, 0, 0, MET),
        (0, 1, 0, MET),
        (1, 1, 0, NOT_MET),
        (0, 2, 0, NOT_MET),
        (0, 0, 1, MET),
        (1, 0, 1, NO_DATA),
        (0, 0, 2, NO_DATA),
        (1, 1, 1, NOT_MET),
    ],
)
async def test_accidents_of_the_enterprise_and_its_branches_add_up(
    way: str, own: int, branches: int, doubtful: int, result: str
) -> None:
    portfolio = upgrade()
    branch, body = portfolio.company(1, branch=True), portfolio.company(2, branch=True)
    sites = itertools.count(1)
    for code, count in ((portfolio.usc_code, own), (branch, branches), (body, doubtful)):
        for _ in range(count):
            portfolio.act(
                date(2016, 6, 1), ACCIDENT, usc_code=code, project_no=f"{next(sites):016}"
            )
    portfolio.quarantine(REGISTRY, usc_code=body)
    assert (await results(portfolio, way))["art23"] == result


@pytest.mark.provision("C1", "C3", "C5")
@pytest.mark.parametrize(("criterion", "way"), EVERY_WAY)
@pytest.mark.parametrize(
    ("unread", "result"), [([], NO_DATA), (["usc_code"], MET), (["decided_on"], NO_DATA)]
)
async def test_a_record_of_a_branch_that_is_set_apart_leaves_it_open(
    way: str, criterion: str, unread: list[str], result: str
) -> None:
    """One that names nobody by anything holds up no case (reading 56)."""
    portfolio = upgrade()
    body = portfolio.company(1, branch=True)
    RECORDS[criterion](portfolio, body)
    table = {"art23": FINDING, "bar": BAR, "rectification": ORDER}[criterion]
    lost = [name for name in unread if name in portfolio.rows[table][-1]]
    portfolio.quarantine(table, unread=lost, usc_code=body)
    assert (await results(portfolio, way))[criterion] == result


@pytest.mark.parametrize(("criterion", "way"), EVERY_WAY)
async def test_a_branch_registered_under_a_code_that_cannot_be_read_may_have_any_record(
    way: str, criterion: str
) -> None:
    portfolio = upgrade()
    body = portfolio.company(1, branch=True)
    portfolio.quarantine(REGISTRY, unread=["usc_code"], usc_code=body)
    assert (await results(portfolio, way))[criterion] == NO_DATA


@pytest.mark.parametrize("criterion", RECORDS)
@pytest.mark.parametrize(
    ("said_by", "age", "result"),
    [(PROVINCE, 0, MET), (PROVINCE, 3, MET), (PROVINCE, 4, NO_DATA), (CITY, 0, NO_DATA)],
)
async def test_only_a_complete_register_shows_that_there_are_no_more_branches(
    criterion: str, said_by: str, age: int, result: str
) -> None:
    portfolio = upgrade().change(
        "base_channel__coverage",
        {"target": REGISTRY},
        region_code=said_by,
        as_of=DAY - timedelta(days=age),
    )
    assert (await results(portfolio))[criterion] == result
    RECORDS[criterion](portfolio, portfolio.usc_code)
    assert (await results(portfolio))[criterion] == NOT_MET


@pytest.mark.parametrize(("criterion", "way"), EVERY_WAY)
@pytest.mark.parametrize(
    ("region", "declared", "result"),
    [
        ("330106", [CITY], MET),
        ("330203", [CITY], NO_DATA),
        ("330203", [CITY, "330200"], MET),
        ("330203", [PROVINCE], MET),
    ],
)
async def test_what_a_branch_has_on_record_is_known_of_its_own_city(
    way: str, criterion: str, region: str, declared: list[str], result: str
) -> None:
    portfolio = upgrade()
    body = portfolio.company(1, branch=True)
    portfolio.change(REGISTRY, {"usc_code": body}, region_code=region)
    for table in (FINDING, BAR, ORDER):
        portfolio.uncover(table)
        for city in declared:
            portfolio.cover(table, city, STATE)
    assert (await results(portfolio, way))[criterion] == result


@pytest.mark.parametrize(("criterion", "way"), EVERY_WAY)
@pytest.mark.parametrize("unread", [True, False])
async def test_where_a_branch_is_nobody_knows_once_a_row_set_apart_may_name_another_city(
    way: str, criterion: str, unread: bool
) -> None:
    portfolio = upgrade()
    perhaps_moved(portfolio, portfolio.company(1, branch=True), unread=unread)
    assert (await results(portfolio, way))[criterion] == NO_DATA


@pytest.mark.provision("C5")
@pytest.mark.parametrize("kind", ["first", "renewal", "change", "replacement"])
async def test_a_bar_on_a_branch_stops_what_a_bar_on_the_enterprise_stops(kind: str) -> None:
    portfolio = Portfolio.meeting(
        "S11", "二级", kind=kind, filed_on=DAY, expires_on=date(2018, 6, 15)
    )
    bar(portfolio, portfolio.company(1, branch=True))
    stops = kind in ("first", "renewal")
    assert (await results(portfolio))["bar"] == (NOT_MET if stops else MET)


async def test_the_answer_names_the_branch_and_its_decision() -> None:
    portfolio = upgrade()
    branch = portfolio.company(1, branch=True)
    portfolio.act(date(2016, 6, 1), usc_code=branch)
    found = await verdict_on(portfolio)
    assert f"分支机构 branch {branch}" in found.criterion("art23")["actual"]
    (shown,) = found.evidence_of("art23")
    assert branch in shown["content_json"]


@pytest.mark.parametrize("criterion", RECORDS)
def test_the_worklist_names_what_an_open_criterion_waits_for(criterion: str) -> None:
    portfolio = upgrade()
    body = portfolio.company(1, branch=True)
    RECORDS[criterion](portfolio, body)
    portfolio.quarantine(REGISTRY, usc_code=body)
    assert waits(portfolio, criterion) == {(REGISTRY, body, "quarantined")}


def test_the_worklist_names_a_record_of_a_branch_a_city_and_a_branch_without_a_code() -> None:
    portfolio = upgrade()
    body = portfolio.company(1, branch=True)
    portfolio.act(date(2016, 6, 1), usc_code=body).quarantine(FINDING, usc_code=body)
    ((target, _, fault),) = waits(portfolio, "art23")
    assert (target, fault) == (FINDING, "quarantined")

    portfolio = upgrade()
    body = portfolio.company(1, branch=True)
    portfolio.change(REGISTRY, {"usc_code": body}, region_code="330203")
    portfolio.uncover(FINDING).cover(FINDING, CITY, STATE)
    assert waits(portfolio, "art23") == {(FINDING, "330200", "undeclared")}

    portfolio = upgrade()
    body = portfolio.company(1, branch=True)
    (row,) = portfolio.of(REGISTRY, usc_code=body)
    place = f"{row['delivery_id']}:{row['row_no']}"
    portfolio.quarantine(REGISTRY, unread=["usc_code"], usc_code=body)
    assert waits(portfolio, "bar") == {(REGISTRY, place, "quarantined")}


@pytest.mark.parametrize("whose", ["its own", "a branch's"])
def test_the_worklist_names_the_row_that_may_name_another_city(whose: str) -> None:
    portfolio = upgrade()
    body = portfolio.usc_code if whose == "its own" else portfolio.company(1, branch=True)
    perhaps_moved(portfolio, body, unread=True)
    assert waits(portfolio, "bar") == {
        (REGISTRY, body, "quarantined"),
        (BAR, PROVINCE, "undeclared"),
    }


def perhaps_moved(portfolio: Portfolio, body: str, *, unread: bool) -> None:
    """A row set apart may name another city than the one before; acts are known of that alone."""
    (told,) = portfolio.of(REGISTRY, usc_code=body)
    before = {**told, "received_at": told["received_at"] - ONE}
    if not unread:
        portfolio.change(REGISTRY, {"usc_code": body}, region_code="330203")
    portfolio.quarantine(REGISTRY, unread=["region_code"] if unread else [], usc_code=body)
    portfolio.rows[REGISTRY].append(before)
    for table in (FINDING, BAR, ORDER):
        portfolio.uncover(table).cover(table, CITY, STATE)


def waits(portfolio: Portfolio, criterion: str) -> set[tuple[str, str, str]]:
    facts = Facts.of(frames_of([portfolio]))
    decided = decide(applications_of([portfolio]), facts, BOOK, instant(DAY))
    rows = trace(decided, facts, BOOK).filter(pl.col("criterion") == criterion)
    return set(rows.select("target", "row_key", "fault").iter_rows())
