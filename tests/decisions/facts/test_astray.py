"""A row set apart that does not say of which enterprise refuses nobody whose it may be."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

import polars as pl
import pytest
from judge import MET, NO_DATA, NOT_MET, judge
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import MONTHLY, Portfolio, applications_of, frames_of, instant, usc_code
from shipped import BOOK
from together import verdict_on
from ways import WAYS

from assets.tables import BASE_TABLES, BY_NAME
from decisions.engine import Decided, decide
from decisions.facts import model as facts_module
from decisions.facts.model import Facts
from decisions.waiting.missing import trace

DAY = date(2017, 3, 1)
REGISTRATION, TITLE = "base_personnel__registration", "base_personnel__title"
POST, SKILL = "base_personnel__post_certificate", "base_personnel__skill_certificate"
LEAD, REGISTRY = "base_personnel__technical_lead", "base_enterprise__registry"
BAR, ORDER, ACT = "base_credit__bar", "base_credit__rectification", "base_credit__finding"
PARTY, UNIT = "base_project__party", "base_project__unit"
MATTERS = (
    ("S11", "二级", "first"),
    ("S11", "二级", "addition"),
    ("S11", "一级", "upgrade"),
    ("G10", "二级", "upgrade"),
    ("S11", "二级", "renewal"),
)
FORMER = usc_code(700_000_001)
"""An employer of long ago, of whom nothing else is known."""


def meeting(
    code: str = "S11", level: str = "二级", kind: str = "first", nth: int | None = None
) -> Portfolio:
    return Portfolio.meeting(code, level, kind=kind, filed_on=DAY, nth=nth)


def lose(portfolio: Portfolio, table: str, **where: object) -> Portfolio:
    """The rows came without a readable enterprise."""
    return portfolio.quarantine(table, unread=["usc_code"], **where)


async def agreed(portfolio: Portfolio):
    decided = await verdict_on(portfolio)
    assert not disagreements(decided, plainly(portfolio)), decided.summary()
    return decided


@pytest.mark.parametrize(("code", "level", "kind"), MATTERS)
def test_whatever_table_loses_the_enterprise_nobody_is_refused_or_turned_away(
    code: str, level: str, kind: str
) -> None:
    lost = []
    for nth, table in enumerate((one.name for one in BASE_TABLES), start=1):
        portfolio = meeting(code, level, kind, nth)
        for row in portfolio.of(table):
            if "usc_code" in row:
                lost.append((table, lose(portfolio, table)))
                break
    for (table, portfolio), decided in zip(lost, judge([p for _, p in lost]), strict=True):
        assert not decided.failed, (table, decided.summary())
        assert not disagreements(decided, plainly(portfolio)), (table, decided.summary())


# -- people ------------------------------------------------------------------------------

HOLDERS = {"constructor.1": REGISTRATION, "site_manager.1": POST, "worker.1": SKILL}
PARTS = {
    "constructor.1": "constructors",
    "site_manager.1": "site_managers",
    "worker.1": "skilled_workers",
    "lead": "technical_lead",
}


@pytest.mark.parametrize("label", PARTS)
async def test_whoever_is_insured_by_such_a_row_alone_is_open(label: str) -> None:
    portfolio = meeting()
    decided = await agreed(lose(portfolio, MONTHLY, person_key=portfolio.people[label]))
    assert decided.results[PARTS[label]] == NO_DATA, decided.summary()


@pytest.mark.parametrize("label", HOLDERS)
async def test_whoever_is_registered_or_certified_by_such_a_row_alone_is_open(label: str) -> None:
    portfolio = meeting()
    decided = await agreed(lose(portfolio, HOLDERS[label], person_key=portfolio.people[label]))
    assert decided.results[PARTS[label]] == NO_DATA, decided.summary()


async def test_where_there_are_enough_others_nobody_waits_for_him() -> None:
    portfolio = meeting().add_worker("木工", "初级工")
    spare = portfolio.people_in("worker")[-1]
    lose(portfolio, MONTHLY, person_key=portfolio.people[spare])
    assert (await agreed(portfolio)).outcome == "granted"


async def test_where_one_more_would_not_do_he_is_no_excuse() -> None:
    portfolio = meeting().not_insured("worker.1")
    lose(portfolio, MONTHLY, person_key=portfolio.people["worker.2"])
    assert (await agreed(portfolio)).results["skilled_workers"] == NOT_MET


async def test_insured_here_for_certain_and_by_nobody_knows_whom_is_perhaps_insured_by_two() -> (
    None
):
    """E4: one of two employers counts nobody; the row may be a copy of the applicant's own."""
    portfolio = meeting()
    key, month = portfolio.people["worker.1"], portfolio.insurance_months[0]
    portfolio.add(MONTHLY, person_key=key, usc_code=FORMER, month=month, is_paid=True)
    lose(portfolio, MONTHLY, person_key=key, usc_code=FORMER)
    assert (await agreed(portfolio)).results["skilled_workers"] == NO_DATA


async def test_a_row_of_a_month_that_nobody_asks_for_leaves_nothing_open() -> None:
    portfolio = meeting()
    portfolio.insure("worker.1", FORMER, [date(2015, 7, 1)])
    lose(portfolio, MONTHLY, month=date(2015, 7, 1))
    assert (await agreed(portfolio)).outcome == "granted"


@pytest.mark.parametrize("lately", [True, False])
async def test_a_month_not_long_ago_ties_somebody_too(lately: bool) -> None:
    """His certificate names who employed him when it was awarded; so it is no proof (E3)."""
    portfolio = meeting()
    key = portfolio.people["worker.1"]
    portfolio.change(SKILL, {"person_key": key}, usc_code=FORMER)
    if lately:
        portfolio.insure("worker.1", portfolio.usc_code, [date(2017, 1, 1)])
    lose(portfolio, MONTHLY, person_key=key, month=portfolio.insurance_months[0])
    expected = NO_DATA if lately else NOT_MET
    assert (await agreed(portfolio)).results["skilled_workers"] == expected


def test_somebody_tied_to_another_enterprise_is_not_looked_for_in_this_one() -> None:
    mine, other = meeting(nth=1).not_insured("worker.1"), meeting(nth=2)
    lose(other, MONTHLY, person_key=other.people["worker.1"])
    decided = judge([mine, other])
    assert decided[0].results["skilled_workers"] == NOT_MET, decided[0].summary()
    assert decided[1].results["skilled_workers"] == NO_DATA, decided[1].summary()


def test_an_appointment_is_of_whom_its_person_is_known_to() -> None:
    mine, other = meeting(nth=1), meeting(nth=2)
    for one in (mine, other):
        one.remove(LEAD)
    other.appoint("lead", date(2000, 1, 1))
    lose(other, LEAD)
    decided = judge([mine, other])
    assert decided[0].results["technical_lead"] == NOT_MET, decided[0].summary()
    assert decided[1].results["technical_lead"] == NO_DATA, decided[1].summary()


@pytest.mark.parametrize(("days", "expected"), [(1, NO_DATA), (-30, MET)])
async def test_a_later_appointment_may_have_taken_the_place_of_the_one_on_record(
    days: int, expected: str
) -> None:
    portfolio = meeting()
    known = portfolio.of(LEAD)[0]
    then = known["received_at"] + (instant(date(2017, 1, 31)) - instant(date(2017, 1, 30))) * days
    portfolio.appoint("titled.2", date(2000, 1, 1))
    last = portfolio.rows[LEAD][-1]
    last["received_at"] = then
    lose(portfolio, LEAD, person_key=last["person_key"])
    assert (await agreed(portfolio)).results["technical_lead"] == expected


async def test_an_appointment_of_an_unreadable_category_may_be_of_any() -> None:
    decided = await agreed(meeting().quarantine(LEAD, unread=["category_code"]))
    assert decided.results["technical_lead"] == NO_DATA


async def test_evidence_says_which_appointment_cannot_be_read_and_whose_payer() -> None:
    portfolio = meeting()
    portfolio.appoint("titled.2", date(2000, 1, 1))
    last = portfolio.rows[LEAD][-1]
    last["received_at"] += timedelta(hours=1)
    lose(portfolio, LEAD, person_key=last["person_key"])
    lose(portfolio, MONTHLY, person_key=portfolio.people["worker.1"])
    decided = await agreed(portfolio)
    appointed = {row["row_key"] for row in decided.evidence_of("technical_lead")}
    assert f"{last['delivery_id']}:{last['row_no']}" in appointed
    reasons = {row["reason"] for row in decided.evidence_of("skilled_workers")}
    assert any("cannot be read" in reason for reason in reasons if reason), reasons
    facts = Facts.of(frames_of([portfolio]))
    told = trace(decide(applications_of([portfolio]), facts, BOOK, instant(DAY)), facts, BOOK)
    place = f"{last['delivery_id']}:{last['row_no']}"
    assert not told.filter(target=LEAD, row_key=place, fault="quarantined").is_empty()


# -- what numbers tell -------------------------------------------------------------------


def barred(portfolio: Portfolio) -> Portfolio:
    return portfolio.add(
        BAR,
        bar_no="X1",
        usc_code=portfolio.usc_code,
        category_code=None,
        ground="申请弄虚作假",
        starts_on=date(2016, 6, 1),
        ends_on=date(2017, 6, 1),
    )


async def test_a_bar_that_was_told_anew_and_cannot_be_read_is_in_doubt() -> None:
    """It may have been lifted meanwhile: its number says whose it is."""
    portfolio = barred(meeting())
    old = dict(portfolio.of(BAR)[0])
    portfolio.rows[BAR][0]["received_at"] = instant(DAY)
    lose(portfolio, BAR)
    portfolio.rows[BAR] = [old]
    assert (await agreed(portfolio)).results["bar"] == NO_DATA


async def test_a_bar_that_names_nobody_stops_nobody() -> None:
    """No case of the province waits for it: it is on the list of rows set apart (reading 56)."""
    assert (await agreed(lose(barred(meeting()), BAR))).outcome == "granted"


@pytest.mark.parametrize("table", ["contract", "unit", "acceptance", "party", "measure"], ids=str)
def test_works_are_of_who_has_other_rows_of_their_number(table: str) -> None:
    mine, other = meeting("G10", "二级", "upgrade", 1), meeting("G10", "二级", "upgrade", 2)
    lose(mine, f"base_project__{table}")
    decided = judge([mine, other])
    assert decided[0].results["performance"] == NO_DATA, decided[0].summary()
    assert decided[1].outcome == "granted", decided[1].summary()


async def test_a_qualification_is_of_who_bears_the_certificate() -> None:
    decided = await agreed(
        lose(meeting("S11", "一级", "upgrade"), "base_enterprise__qualification")
    )
    assert decided.results["held"] == NO_DATA


# -- the register ------------------------------------------------------------------------


def test_who_is_not_on_record_may_be_whom_the_register_does_not_name() -> None:
    known, unknown = meeting(nth=1), lose(meeting(nth=2), REGISTRY)
    gone = meeting(nth=3).remove(REGISTRY)
    decided = judge([known, unknown, gone])
    assert [one.outcome for one in decided] == ["granted", "awaiting_data", "awaiting_data"]
    assert judge([known, gone])[1].outcome == "not_accepted"


async def test_a_branch_of_which_the_code_cannot_be_read_may_pay() -> None:
    portfolio = meeting()
    branch = portfolio.company(1, branch=True)
    portfolio.insured_by("worker.1", branch)
    lose(portfolio, REGISTRY, usc_code=branch)
    assert (await agreed(portfolio)).results["skilled_workers"] == NO_DATA


# -- works led for a former employer -------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "number"),
    [
        ("contract", "contract_no"),
        ("unit", "unit_code"),
        ("unit", "contract_no"),
        ("acceptance", "contract_no"),
        ("party", "contract_no"),
        ("party", "person_key"),
    ],
)
def test_works_of_a_former_employer_that_lost_their_number_may_be_the_leaders(
    table: str, number: str
) -> None:
    mine, other = meeting(nth=1), meeting(nth=2)
    name = f"base_project__{table}"
    row = mine.of(name)[0]
    key = "unit_code" if table == "unit" else "contract_no"
    mine.quarantine(name, unread=[number], **{key: row[key]})
    decided = judge([mine, other])
    assert decided[0].results["lead_performance"] == NO_DATA, decided[0].summary()
    assert decided[1].outcome == "granted", decided[1].summary()
    assert not disagreements(decided[0], plainly(mine))


@pytest.mark.parametrize("table", [TITLE, REGISTRATION, POST])
@pytest.mark.parametrize("named", ["the builder", "another"])
async def test_works_of_an_employer_that_nobody_can_read_who_led_may_be_the_leaders(
    table: str, named: str
) -> None:
    """Of all duties there the person cannot be read: a certificate ties the leader to it."""
    one = led_by_nobody(table, 1, named)
    expected = NO_DATA if named == "the builder" else NOT_MET
    assert (await agreed(one)).results["lead_performance"] == expected


def led_by_nobody(table: str, nth: int, named: str = "the builder") -> Portfolio:
    one = meeting(nth=nth)
    (builder,) = {row["usc_code"] for row in one.of(PARTY)}
    employer = {"the builder": builder, "another": FORMER}[named]
    if table == TITLE:
        one.change(TITLE, {"person_key": one.people["lead"]}, usc_code=employer)
    if table == REGISTRATION:
        day = date(2012, 1, 1)
        since = {"valid_from": date(2010, 1, 1), "valid_until": day}
        one.register("lead", "二级注册建造师", "机电工程", usc_code=employer, **since)
    if table == POST:
        one.people["site_manager.99"] = one.people["lead"]
        one.add(
            POST,
            certificate_no=f"P{nth}",
            person_key=one.people["lead"],
            usc_code=employer,
            role="施工员",
            issued_on=date(2012, 1, 1),
        )
    return one.quarantine(PARTY, unread=["person_key"])


def test_the_worklist_names_the_duty_that_may_be_the_leaders() -> None:
    one = led_by_nobody(TITLE, 1)
    facts = Facts.of(frames_of([one]))
    told = trace(decide(applications_of([one]), facts, BOOK, instant(DAY)), facts, BOOK)
    row = one.of("intake__quarantine")[-1]
    place = f"{row['delivery_id']}:{row['row_no']}"
    assert not told.filter(
        criterion="lead_performance", target=PARTY, row_key=place, fault="quarantined"
    ).is_empty()


# -- one, many, a share --------------------------------------------------------------------


def province() -> list[Portfolio]:
    """Cases of which each hangs on a row of another table."""
    hanging: list[Callable[[Portfolio], Portfolio]] = [
        lambda one: lose(one, MONTHLY, person_key=one.people["worker.1"]),
        lambda one: lose(one, REGISTRATION, person_key=one.people["constructor.1"]),
        lambda one: lose(one, LEAD),
        lambda one: lose(one, UNIT),
        lambda one: lose(one, PARTY),
        lambda one: lose(one, REGISTRY),
        lambda one: lose(
            one.insured_by("worker.1", one.company(1, branch=True)), REGISTRY, entity_code="branch"
        ),
        lambda one: one.quarantine(UNIT, unread=["contract_no"]),
        lambda one: lose(one.quarantine(SKILL), MONTHLY),
        lambda one: lose(barred(one), BAR),
        lambda one: led_by_nobody(TITLE, one.nth),
    ]
    return [make(meeting(nth=nth)) for nth, make in enumerate(hanging, start=1)]


@cache
def decided_together() -> tuple[Facts, Decided]:
    """All that is known of the province, and what is decided of it at once."""
    cases = province()
    everything = Facts.of(frames_of(cases))
    return everything, decide(applications_of(cases), everything, BOOK, instant(DAY))


@pytest.mark.parametrize("way", WAYS)
def test_whatever_way_the_rows_are_read_the_answer_is_the_same(way: str) -> None:
    cases = province()
    everything, together = decided_together()
    for case in cases:
        mine = pl.col("application_id") == case.application_id
        alone = decide(applications_of([case]), WAYS[way](everything, case), BOOK, instant(DAY))
        expected = together.criteria.filter(mine).sort("criterion")
        assert alone.criteria.sort("criterion").equals(expected), case.nth


def test_a_share_of_the_country_reads_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = province()
    everything, together = decided_together()
    monkeypatch.setattr(facts_module, "PROVINCE", 2)
    shares = [cases[n::3] for n in range(3)]
    codes = [[case.usc_code for case in share] for share in shares]
    insured_from = BOOK.kinds.insured_from(DAY)
    for share, hold in zip(shares, everything.in_shares(insured_from, codes), strict=True):
        found = decide(applications_of(share), hold(), BOOK, instant(DAY))
        ids = pl.col("application_id").is_in([case.application_id for case in share])
        order = ["application_id", "criterion"]
        assert found.criteria.sort(order).equals(together.criteria.filter(ids).sort(order))


# -- who is told ---------------------------------------------------------------------------


@pytest.mark.parametrize("nth", range(1, 8))
def test_the_worklist_names_the_delivery_and_row(nth: int) -> None:
    case = province()[nth - 1]
    facts = Facts.of(frames_of([case]))
    decided = decide(applications_of([case]), facts, BOOK, instant(DAY))
    told = trace(decided, facts, BOOK).to_dicts()
    row = case.of("intake__quarantine")[-1]
    named = (row["target"], f"{row['delivery_id']}:{row['row_no']}", "quarantined")
    assert named in {(one["target"], one["row_key"], one["fault"]) for one in told}, told


@pytest.mark.parametrize(("table", "unread"), [(UNIT, "contract_no"), (REGISTRATION, "person_key")])
def test_a_row_is_named_by_its_key_where_that_can_be_read_and_only_once(
    table: str, unread: str
) -> None:
    case = meeting().quarantine(table, unread=[unread])
    facts = Facts.of(frames_of([case]))
    decided = decide(applications_of([case]), facts, BOOK, instant(DAY))
    told = trace(decided, facts, BOOK).filter(target=table, fault="quarantined")
    keys = [json.loads(row["key_json"]) for row in case.of("intake__quarantine")]
    assert set(told["row_key"]) == {
        "|".join(key[name] for name in BY_NAME[table].key) for key in keys
    }
