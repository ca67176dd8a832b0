"""Whatever row is set apart, of the applicant or of another: it decides nothing either way.

The law: where a case would end in one way with the row and in another without it, it waits while the
row is set apart; where both would be the same, nothing else comes of it. Not asked of what names
nobody (readings 56, 58): a row without its enterprise, one of another enterprise without its person,
a project without its number.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl
import pytest
from found import with_findings
from judge import MET, NO_DATA, NOT_MET, Verdict, judge
from plain.agreement import disagreements
from plain.documents import plainly
from plain.recipes import DAYS, LEVELS, Recipe, Word, carried_out, sampled
from portfolio import Portfolio, Row, applications_of, frames_of, instant
from shipped import BOOK
from ways import WAYS

from assets.calendar import add_years
from assets.tables import BASE_TABLES, BY_NAME, project
from decisions.engine import decide
from decisions.facts.model import Facts

SEED = int(os.environ.get("MIAOBAN_SET_APART_SEED", "20170301"))
COUNT = int(os.environ.get("MIAOBAN_SET_APART", "40"))
ROWS = 3
"""Rows of each case that are set apart, one at a time."""
PROVENANCE = ("delivery_id", "row_no", "received_at")
DAY = date(2017, 3, 1)
EVENT, CERTIFICATE = "base_enterprise__event", "base_enterprise__certificate"
QUALIFICATION = "base_enterprise__qualification"


@dataclass(frozen=True)
class Loss:
    """A row by its table and place, and the columns of it that could not be read."""

    table: str
    place: int
    unread: tuple[str, ...]


def some_loss(portfolio: Portfolio, draw: random.Random) -> Loss:
    """Any row, those of few in a table as likely as those of many, and of others the likelier."""
    rows = [(table.name, n) for table in BASE_TABLES for n in range(len(portfolio.of(table.name)))]

    def is_others(table: str, n: int) -> bool:
        return portfolio.of(table)[n].get("usc_code") not in (None, portfolio.usc_code)

    weights = [(8 if is_others(*one) else 1) / len(portfolio.of(one[0])) for one in rows]
    ((table, n),) = draw.choices(rows, weights)
    row = portfolio.of(table)[n]
    named = {"usc_code"} | ({"person_key"} if is_others(table, n) else set())
    if table == project.PROJECT.name:
        named |= {"project_no"}
    columns = [
        name
        for name in BY_NAME[table].schema
        if row.get(name) is not None and name not in (*PROVENANCE, *named)
    ]
    share = draw.choice((0.0, 0.3, 0.6))
    return Loss(table, n, tuple(name for name in columns if draw.random() < share))


def without(portfolio: Portfolio, loss: Loss) -> Portfolio:
    del portfolio.rows[loss.table][loss.place]
    return portfolio


def apart(portfolio: Portfolio, loss: Loss) -> Portfolio:
    rows = portfolio.rows[loss.table]
    portfolio.rows[loss.table] = [rows[loss.place]]
    portfolio.quarantine(loss.table, unread=loss.unread)
    portfolio.rows[loss.table] = rows[: loss.place] + rows[loss.place + 1 :]
    return portfolio


def broken(sound: Verdict, gone: Verdict, open_: Verdict) -> list[str]:
    """Where the law does not hold: the outcome, and criteria that decide by themselves."""
    if sound.outcome != gone.outcome:
        may_be = {"awaiting_data"}
    else:
        may_be = {sound.outcome, "awaiting_data"}
    found = [] if open_.outcome in may_be else [f"{sound.outcome}, {gone.outcome}: {open_.outcome}"]
    for name, result in open_.results.items():
        told = {sound.results.get(name), gone.results.get(name)}
        if "." not in name and told == {MET, NOT_MET} and result != NO_DATA:
            found.append(f"{name}: {result}")
    return found


def test_a_row_set_apart_leaves_open_what_it_decides() -> None:
    draw = random.Random(SEED)
    cases: list[tuple[Recipe, Loss, int]] = []
    portfolios: list[Portfolio] = []
    for recipe in sampled(SEED, COUNT, together=COUNT):
        for _ in range(ROWS):
            nth = len(portfolios) + 1
            loss = some_loss(carried_out(recipe, nth), draw)
            cases.append((recipe, loss, len(portfolios)))
            portfolios += [
                carried_out(recipe, nth),
                without(carried_out(recipe, nth + 1), loss),
                apart(carried_out(recipe, nth + 2), loss),
            ]
    decided = judge(with_findings(portfolios), with_evidence=False)
    wrong = [
        f"{recipe}; {loss}: {found}"
        for recipe, loss, first in cases
        if (found := broken(*decided[first : first + 3]))
    ]
    assert not wrong, "\n".join(wrong)
    differing = sum(decided[n].outcome != decided[n + 1].outcome for _, _, n in cases)
    assert differing > len(cases) / 20, "rows that decide nothing try no law"


# -- a row that one set apart has overtaken ------------------------------------------------

YEARS = (-9, -1, 1, 9)


def otherwise(row: Row, table: str, draw: random.Random) -> Row:
    """The row as it was told before: one column that is not of its key says something else."""
    fixed = {*BY_NAME[table].key, *PROVENANCE, "usc_code", "person_key", "parent_usc_code"}
    told = [one for one in BY_NAME[table] if one.name not in fixed]
    if not told:
        return row
    column = draw.choice(told)
    value = row.get(column.name)
    before: list[object] = [None] if column.nullable and value is not None else []
    if column.codes:
        before += [code for code in column.codes if code != value]
    elif column.dtype == pl.Boolean():
        before += [not value]
    elif column.dtype == pl.Date():
        before += [add_years(value or DAY, years) for years in YEARS]
    elif column.dtype.is_numeric():
        before += [value * 2, value // 2] if value else []
    return row | {column.name: draw.choice(before)} if before else row


def overtaken(portfolio: Portfolio, loss: Loss, before: Row) -> Portfolio:
    """The row as it was before, and the row itself set apart a day after."""
    apart(portfolio, loss).rows[loss.table].insert(loss.place, dict(before))
    portfolio.rows["intake__quarantine"][-1]["received_at"] += timedelta(days=1)
    return portfolio


def told_before(portfolio: Portfolio, loss: Loss, before: Row) -> Portfolio:
    portfolio.rows[loss.table][loss.place] = dict(before)
    return portfolio


def test_of_a_row_that_one_set_apart_has_overtaken_nobody_knows_which_is_so() -> None:
    draw = random.Random(SEED)
    cases: list[tuple[Recipe, Loss, Row, int]] = []
    portfolios: list[Portfolio] = []
    for recipe in sampled(SEED + 1, COUNT, together=COUNT):
        for _ in range(ROWS):
            nth = len(portfolios) + 1
            loss = some_loss(carried_out(recipe, nth), draw)
            key = set(BY_NAME[loss.table].key)
            loss = replace(loss, unread=tuple(n for n in loss.unread if n not in key))
            three = [carried_out(recipe, nth + more) for more in range(3)]
            seed = draw.random()
            before = [
                otherwise(one.of(loss.table)[loss.place], loss.table, random.Random(seed))
                for one in three
            ]
            cases.append((recipe, loss, before[0], len(portfolios)))
            told_before(three[1], loss, before[1])
            overtaken(three[2], loss, before[2])
            portfolios += three
    decided = judge(with_findings(portfolios), with_evidence=False)
    wrong = [
        f"{recipe}; {loss} {before}: {found}"
        for recipe, loss, before, first in cases
        if (found := broken(*decided[first : first + 3]))
    ]
    assert not wrong, "\n".join(wrong)
    differing = sum(decided[n].outcome != decided[n + 1].outcome for *_, n in cases)
    assert differing > len(cases) / 40, "rows that decide nothing try no law"


# -- what it has found ---------------------------------------------------------------------


def merged(nth: int) -> Portfolio:
    """What is applied for was another's, which gave it up in the split."""
    one = Portfolio.meeting("S11", "二级", kind="reverification", filed_on=DAY, nth=nth)
    day, other = DAY - timedelta(days=30), one.company(1)
    one.event("split", day, counterpart=other)
    for row in one.of(QUALIFICATION):
        row.update(usc_code=other, status_code="cancelled", valid_to=day)
    for row in one.of(CERTIFICATE):
        row.update(usc_code=other, status_code="cancelled")
    return one


def withdrawn(nth: int) -> Portfolio:
    """一级 was withdrawn a month ago, and 二级 is applied for."""
    one = Portfolio.meeting("S11", "二级", kind="reverification", filed_on=DAY, nth=nth)
    one.rows[QUALIFICATION] = []
    one.hold("S11", "一级", until=DAY - timedelta(days=30))
    one.rows[QUALIFICATION][-1]["status_code"] = "withdrawn"
    return one


@pytest.mark.parametrize("build", [merged, withdrawn])
@pytest.mark.parametrize(
    "unread", [(), ("status_code",), ("level",), ("category_code", "valid_to")]
)
def test_a_qualification_in_doubt_may_be_carried_on_or_have_been_lost(
    build: Callable[[int], Portfolio], unread: tuple[str, ...]
) -> None:
    loss = Loss(QUALIFICATION, 0, unread)
    cases = [build(1), without(build(2), loss), apart(build(3), loss)]
    sound, gone, open_ = judge(cases)
    assert gone.outcome == "not_accepted" != sound.outcome
    assert "not_accepted" != open_.outcome == "awaiting_data", open_.summary()
    for case, one in zip(cases, (sound, gone, open_), strict=True):
        assert not disagreements(one, plainly(case))


def test_a_certificate_without_its_number_may_be_one_on_which_something_is_held() -> None:
    """Nobody can read of whom the qualification on it is."""
    one = Portfolio.meeting("S11", "二级", kind="addition", filed_on=DAY)
    one.quarantine(QUALIFICATION, unread=["usc_code"])
    (row,) = one.of(CERTIFICATE)
    one.quarantine(CERTIFICATE, unread=["certificate_no"])
    assert row not in one.of(CERTIFICATE)
    (decided,) = judge([one])
    assert decided.outcome == "awaiting_data", decided.summary()
    assert not disagreements(decided, plainly(one))


@pytest.mark.parametrize("way", WAYS)
def test_a_project_set_apart_is_known_whatever_way_the_rows_are_read(way: str) -> None:
    """It names no enterprise: works of G10 一级 count only where it is on the platform."""
    rank = next(n for n, one in enumerate(LEVELS) if (one.code, one.level) == ("G10", "一级"))
    one = carried_out(Recipe(rank, "upgrade", DAYS.index(DAY), 0, 0, Word(), ()), 1)
    row = one.of(project.PROJECT.name)[0]
    one.quarantine(project.PROJECT.name, project_no=row["project_no"])
    facts = WAYS[way](Facts.of(frames_of([one])), one)
    decided = decide(applications_of([one]), facts, BOOK, instant(DAY), as_authority=one.authority)
    results = dict(decided.criteria.select("criterion", "result").iter_rows())
    assert results["performance"] == NO_DATA
