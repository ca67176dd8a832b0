"""Works, machines, registrations and appointments under a branch's code may be its enterprise's own.

No text says that they count, nor that they do not: they neither grant nor refuse (reading 66).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest
from exact import Exact
from judge import MET, NO_DATA, NOT_MET
from portfolio import CITY, MONTHLY, PROVINCE, STATE, Portfolio, frames_of
from sheets import ranks
from shipped import BOOK
from together import verdict_on
from ways import WAYS, decided_alone, results

from decisions.facts.model import Facts
from decisions.waiting.missing import trace

DAY = date(2017, 3, 1)
REGISTRY, STATEMENT = "base_enterprise__registry", "base_enterprise__statement"
EQUIPMENT, REGISTRATION = "base_enterprise__equipment", "base_personnel__registration"
LEAD, TITLE = "base_personnel__technical_lead", "base_personnel__title"
UNIT, PARTY = "base_project__unit", "base_project__party"
CONTRACT, ACCEPTANCE = "base_project__contract", "base_project__acceptance"
OF_CONTRACT = (CONTRACT, UNIT, ACCEPTANCE, PARTY)


def first(nth: int | None = None) -> Portfolio:
    return Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY, nth=nth)


def upgrade() -> Portfolio:
    return Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY)


def with_machines() -> Portfolio:
    return Exact(ranks("S03")[0], DAY).build()


def works(portfolio: Portfolio, body: str) -> None:
    """One of the works that are just enough, with all that is told of it."""
    unit = portfolio.of(UNIT)[-1]
    for table in OF_CONTRACT:
        portfolio.change(table, {"contract_no": unit["contract_no"]}, usc_code=body)


def manager(portfolio: Portfolio, body: str) -> None:
    """The registration of who managed one of the works that are just enough."""
    led = portfolio.of(PARTY, duty="项目经理")[-1]["person_key"]
    portfolio.change(REGISTRATION, {"person_key": led}, usc_code=body)


def machines(portfolio: Portfolio, body: str) -> None:
    portfolio.rows[EQUIPMENT][0]["usc_code"] = body


def constructor(portfolio: Portfolio, body: str) -> None:
    """The registration of one of the constructors who are just enough."""
    key = portfolio.people["constructor.1"]
    portfolio.change(REGISTRATION, {"person_key": key}, usc_code=body)


def leader(portfolio: Portfolio, body: str) -> None:
    portfolio.change(LEAD, {}, usc_code=body)


Made = tuple[Callable[[], Portfolio], Callable[[Portfolio, str], None], str, str]
ROWS: dict[str, Made] = {
    "works": (upgrade, works, "performance", UNIT),
    "manager": (upgrade, manager, "performance", REGISTRATION),
    "machine": (with_machines, machines, "equipment", EQUIPMENT),
    "constructor": (first, constructor, "constructors", REGISTRATION),
    "leader": (first, leader, "technical_lead", LEAD),
}
"""An applicant that meets everything exactly, what of it is under another's code, of which
criterion, and the table that the worklist names."""


def insure_one(portfolio: Portfolio, body: str) -> None:
    """The body has insured one of the applicant's people, lately."""
    portfolio.insure(next(iter(portfolio.people)), body, [date(2016, 12, 1)])


@pytest.mark.provision("E11", "E14", "E26")
@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize(
    ("whose", "result"),
    [
        ("a branch's", NO_DATA),
        ("a branch's, struck off, in another city", NO_DATA),
        ("another's", NOT_MET),
        ("another's branch", NOT_MET),
        ("a branch's, set apart", NO_DATA),
        ("a branch's, that no law counts", NOT_MET),
        ("in doubt, and insures nobody of its", NOT_MET),
    ],
)
async def test_a_branchs_rows_may_be_what_is_short(rows: str, whose: str, result: str) -> None:
    made, put, criterion, _ = ROWS[rows]
    portfolio = made()
    assert (await results(portfolio))[criterion] == MET
    body = portfolio.company(1, branch=whose.startswith("a branch's"))
    where = {"usc_code": body}
    match whose:
        case "a branch's, struck off, in another city":
            portfolio.change(REGISTRY, where, region_code="330203", state_code="cancelled")
        case "another's branch":
            other = portfolio.company(2)
            portfolio.change(REGISTRY, where, entity_code="branch", parent_usc_code=other)
        case "a branch's, that no law counts":
            portfolio.doubt(REGISTRY, body, "LAW", usc_code=body)
        case "a branch's, set apart" | "in doubt, and insures nobody of its":
            portfolio.quarantine(REGISTRY, **where)
    put(portfolio, body)
    expected = result
    if rows in ("constructor", "leader") and whose == "in doubt, and insures nobody of its":
        expected = NO_DATA  # it has registered, or appointed, one of its people
    assert (await results(portfolio))[criterion] == expected


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("rows", ROWS)
async def test_every_way_finds_what_a_body_in_doubt_may_have(rows: str, way: str) -> None:
    made, put, criterion, _ = ROWS[rows]
    portfolio = made()
    body = portfolio.company(1)
    insure_one(portfolio, body)
    portfolio.quarantine(REGISTRY, usc_code=body)
    put(portfolio, body)
    assert (await results(portfolio, way))[criterion] == NO_DATA


@pytest.mark.parametrize("way", WAYS)
async def test_a_body_in_doubt_that_has_appointed_its_leader_may_be_the_applicants_branch(
    way: str,
) -> None:
    """Nothing else ties the body to the applicant, and it may be its, machines and all."""
    portfolio = with_machines()
    body = portfolio.company(1, branch=True)
    machines(portfolio, body)
    portfolio.quarantine(REGISTRY, unread=["parent_usc_code"], usc_code=body)
    assert (await results(portfolio, way))["equipment"] == NOT_MET
    leader(portfolio, body)
    found = await results(portfolio, way)
    assert (found["equipment"], found["technical_lead"]) == (NO_DATA, NO_DATA)


@pytest.mark.parametrize("rows", ROWS)
def test_the_worklist_names_the_branch_and_the_row(rows: str) -> None:
    made, put, criterion, target = ROWS[rows]
    portfolio = made()
    body = portfolio.company(1, branch=True)
    put(portfolio, body)
    found = {
        (row["target"], row["usc_code"], row["fault"], row["cause"])
        for row in waits(portfolio, criterion)
    }
    own = {(LEAD, portfolio.usc_code, "missing", "")} if rows == "leader" else set()
    assert found == {(target, body, "branch", body), *own}


def test_the_worklist_names_the_registration_of_the_body_that_has_appointed_the_leader() -> None:
    portfolio = first()
    body = portfolio.company(1, branch=True)
    leader(portfolio, body)
    portfolio.quarantine(REGISTRY, unread=["parent_usc_code"], usc_code=body)
    found = {(row["target"], row["usc_code"]) for row in waits(portfolio, "technical_lead")}
    assert (REGISTRY, body) in found


@pytest.mark.parametrize("rows", ROWS)
async def test_rows_of_a_branch_beside_what_is_enough_are_no_matter(rows: str) -> None:
    made, put, criterion, target = ROWS[rows]
    portfolio, other = made(), made()
    body = portfolio.company(1, branch=True)
    put(other, body)
    (mine,) = other.of(target, usc_code=body)[:1]
    if rows in ("works", "machine"):
        number = {UNIT: "unit_code", EQUIPMENT: "equipment_no"}[target]
        portfolio.rows[target].append({**mine, number: "ANOTHER"})
    else:
        portfolio.rows[target].append({**mine, "registration_no": "ANOTHER"})
    if rows == "leader":
        portfolio.rows[target][-1].pop("registration_no")
    assert (await results(portfolio))[criterion] == MET


async def test_more_than_a_branch_could_add_is_refused() -> None:
    portfolio = first()
    constructor(portfolio, portfolio.company(1, branch=True))
    portfolio.remove(REGISTRATION, person_key=portfolio.people["constructor.2"])
    assert (await results(portfolio))["constructors"] == NOT_MET


@pytest.mark.provision("E14", "E19")
@pytest.mark.parametrize(
    ("table", "changes"),
    [(ACCEPTANCE, {"quality": "不合格"}), (CONTRACT, {"contract_type": "劳务分包"})],
)
async def test_works_of_a_branch_that_would_not_count_leave_nothing_open(
    table: str, changes: dict[str, str]
) -> None:
    portfolio = upgrade()
    body = portfolio.company(1, branch=True)
    works(portfolio, body)
    portfolio.change(table, {"usc_code": body}, **changes)
    assert (await results(portfolio))["performance"] == NOT_MET


async def test_a_branchs_rows_that_a_check_excludes_are_no_ones() -> None:
    for rows, key in (("works", "unit_code"), ("machine", "equipment_no")):
        made, put, criterion, target = ROWS[rows]
        portfolio = made()
        body = portfolio.company(1, branch=True)
        put(portfolio, body)
        (row,) = portfolio.of(target, usc_code=body)
        portfolio.doubt(target, row[key], "LAW", usc_code=body)
        assert (await results(portfolio))[criterion] == NOT_MET


async def test_the_enterprises_own_leader_stands_beside_a_branchs() -> None:
    portfolio = first()
    (own,) = portfolio.of(LEAD)
    key = portfolio.people["worker.1"]
    body = portfolio.company(1, branch=True)
    portfolio.rows[LEAD].append({**own, "usc_code": body, "person_key": key})
    assert (await results(portfolio))["technical_lead"] == MET
    portfolio.change(LEAD, {"usc_code": portfolio.usc_code}, practice_from=date(2016, 1, 1))
    assert (await results(portfolio))["technical_lead"] == NOT_MET


@pytest.mark.provision("E24")
async def test_a_statement_of_a_branch_is_none_of_its_enterprise() -> None:
    """Net assets are the owners' equity of the legal person, its branches included (E24)."""
    portfolio = upgrade()
    (own,) = portfolio.of(STATEMENT)
    body = portfolio.company(1, branch=True)
    portfolio.rows[STATEMENT].append({**own, "usc_code": body})
    own["net_assets_yuan"] -= 1
    assert (await results(portfolio))["net_assets"] == NOT_MET


async def test_a_certificate_that_names_a_branch_ties_its_owner_to_the_enterprise() -> None:
    """While a month is not delivered he may be insured here, as one whom the enterprise named."""
    portfolio = first()
    key = portfolio.people["titled.1"]
    portfolio.change(TITLE, {"person_key": key}, usc_code=portfolio.company(1, branch=True))
    assert (await results(portfolio))["titled_staff"] == MET
    portfolio.remove(MONTHLY, person_key=key).uncover(MONTHLY)
    assert (await results(portfolio))["titled_staff"] == NO_DATA


@pytest.mark.parametrize("rows", ROWS)
async def test_that_a_branch_has_none_is_known_of_its_own_city(rows: str) -> None:
    made, _, criterion, target = ROWS[rows]
    portfolio = made()
    body = portfolio.company(1, branch=True)
    portfolio.change(REGISTRY, {"usc_code": body}, region_code="330203")
    if rows in ("works", "manager"):
        portfolio.remove(UNIT, unit_code=portfolio.of(UNIT)[-1]["unit_code"])
        target = UNIT
    else:
        portfolio.rows[target] = portfolio.rows[target][1:]
    assert (await results(portfolio))[criterion] == NOT_MET
    portfolio.uncover(target).cover(target, CITY, STATE)
    assert (await results(portfolio))[criterion] == NO_DATA
    lacks = {(row["target"], row["row_key"], row["fault"]) for row in waits(portfolio, criterion)}
    assert (target, "330200", "undeclared") in lacks
    portfolio.uncover(target).cover(target, PROVINCE, STATE)
    portfolio.change(REGISTRY, {"usc_code": body}, region_code="330106")
    portfolio.uncover(REGISTRY).cover(REGISTRY, CITY, STATE)
    assert (await results(portfolio))[criterion] == NO_DATA  # there may be further branches


async def test_the_evidence_says_under_whose_code_the_works_are() -> None:
    portfolio = upgrade()
    body = portfolio.company(1, branch=True)
    works(portfolio, body)
    shown = (await verdict_on(portfolio)).evidence_of("performance")
    reasons = {one["reason"] for one in shown if one["counted"] == "unknown"}
    assert len(reasons) == 1 and f"分支机构 branch {body}" in reasons.pop()


def waits(portfolio: Portfolio, criterion: str) -> list[dict[str, object]]:
    facts = Facts.of(frames_of([portfolio]))
    decided = decided_alone(portfolio, facts)
    rows = trace(decided, facts, BOOK).filter(pl.col("criterion") == criterion)
    return list(rows.iter_rows(named=True))
