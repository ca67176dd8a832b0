"""Whatever a row set apart does not say, or says otherwise, it refuses nobody and grants nothing.

Every column of every table that a case rests on, once unreadable and once telling something else
(reading 31); and of every row that stops a case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from judge import judge
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio, applications_of, frames_of, instant
from shipped import BOOK

from assets.lake.declaration import Table
from assets.tables import BASE_TABLES, BY_NAME, credit, enterprise, personnel, project
from decisions.engine import decide
from decisions.facts.model import Facts
from decisions.facts.unread import ABOUT
from decisions.waiting.missing import trace

DAY = date(2017, 3, 1)
PROVENANCE = ("delivery_id", "row_no", "received_at")
ELSEWHERE = {"category_code": "S04", "level": "三级", "specialty": "矿业工程", "major": "园林"}
WHO_LED = f"{project.PARTY.name}.person_key says nothing"
"""Of all works of a former employer nobody can read who led them: no certificate of the leader
names him, so that these works are not looked for (reading 57)."""
MATTERS = (
    ("S11", "二级", "first"),
    ("S11", "二级", "addition"),
    ("S11", "一级", "upgrade"),
    ("G10", "二级", "upgrade"),
    ("S11", "二级", "renewal"),
    ("S11", "二级", "change"),
    ("S11", "二级", "replacement"),
)


def meeting(code: str, level: str, kind: str, nth: int = 1) -> Portfolio:
    one = Portfolio.meeting(code, level, kind=kind, filed_on=DAY, nth=nth)
    if kind == "change":
        now = {"name": "浙江新名建设有限公司"}
        one.change(enterprise.REGISTRY.name, {"usc_code": one.usc_code}, **now)
        one.event("rename", DAY - timedelta(days=10), before=one.name, after=now["name"])
    return one


def otherwise(name: str, value: Any) -> Any:
    """Something else that a column might say; None where nothing comes to mind."""
    match value:
        case bool():
            return not value
        case date():
            return date(1999, 1, 1)
        case None:
            return None
    known = [c.codes for table in BASE_TABLES for c in table.columns if c.name == name and c.codes]
    if known:
        return next((code for code in known[0] if code != value), None)
    return ELSEWHERE.get(name)


def spoilt(
    build: Callable[[int], Portfolio], tables: tuple[Table, ...]
) -> Iterator[tuple[str, Portfolio]]:
    """A portfolio for each column that its rows of some tables do not say, or say otherwise."""
    nth = 0
    for table in tables:
        for name in table.schema.keys() - {*PROVENANCE}:
            for rows_say in ("nothing", "otherwise"):
                one = build(nth := nth + 1)
                rows = one.of(table.name)
                if not any(row.get(name) is not None for row in rows):
                    continue
                if rows_say == "nothing":
                    one.quarantine(table.name, unread=[name])
                elif name in (*table.key, "usc_code", "person_key"):
                    continue
                else:
                    for row in rows:
                        row[name] = otherwise(name, row.get(name)) or row.get(name)
                    one.quarantine(table.name)
                yield f"{table.name}.{name} says {rows_say}", one


@pytest.mark.parametrize(("code", "level", "kind"), MATTERS)
def test_nobody_is_refused_or_turned_away(code: str, level: str, kind: str) -> None:
    cases = list(spoilt(lambda nth: meeting(code, level, kind, nth), BASE_TABLES))
    assert len(cases) > 20
    for (what, one), decided in zip(cases, judge([one for _, one in cases]), strict=True):
        assert not disagreements(decided, plainly(one)), what
        if decided.failed != {"lead_performance"} or what != WHO_LED:
            assert decided.outcome in ("awaiting_data", "granted"), (what, decided.summary())


def barred(one: Portfolio) -> None:
    one.bar(date(2016, 6, 1), date(2018, 6, 1), "S11")


def found_out(one: Portfolio) -> None:
    one.act(date(2016, 12, 1))


def ordered(one: Portfolio) -> None:
    one.rectify("S11", date(2017, 1, 1))


def split(one: Portfolio) -> None:
    one.event("split", date(2017, 1, 15))


@pytest.mark.parametrize(
    ("stop", "table"),
    [
        (barred, credit.BAR),
        (found_out, credit.FINDING),
        (ordered, credit.RECTIFICATION),
        (split, enterprise.EVENT),
    ],
)
def test_nobody_is_granted_anything_beside_what_stops_him(
    stop: Callable[[Portfolio], None], table: Table
) -> None:
    def stopped(nth: int) -> Portfolio:
        one = meeting("S11", "二级", "addition", nth)
        stop(one)
        return one

    (there,) = judge([stopped(1)])
    assert there.outcome in ("not_accepted", "refused")
    cases = [(what, one) for what, one in spoilt(stopped, (table,)) if ".usc_code" not in what]
    for (what, one), decided in zip(cases, judge([one for _, one in cases]), strict=True):
        assert decided.outcome == "awaiting_data", (what, decided.summary())
        assert not disagreements(decided, plainly(one)), what


@pytest.mark.parametrize(
    ("table", "column", "kind"),
    [
        (personnel.TITLE, "person_key", "first"),
        (personnel.TECHNICAL_LEAD, "category_code", "first"),
        (personnel.REGISTRATION, "person_key", "upgrade"),
        (project.UNIT, "works_type", "upgrade"),
        (project.UNIT, "contract_no", "upgrade"),
        (enterprise.QUALIFICATION, "category_code", "upgrade"),
    ],
)
def test_the_worklist_names_the_row_that_may_be_any(table: Table, column: str, kind: str) -> None:
    portfolio = meeting("S11", "一级" if kind == "upgrade" else "二级", kind)
    portfolio.quarantine(table.name, unread=[column])
    facts = Facts.of(frames_of([portfolio]))
    decided = decide(applications_of([portfolio]), facts, BOOK, instant(DAY))
    told = trace(decided, facts, BOOK).filter(target=table.name, fault="quarantined")
    assert f"{column}:unreadable" in told["cause"].to_list()


@pytest.mark.parametrize("kind", ["first", "addition"])
def test_a_qualification_in_doubt_may_be_of_the_category_applied_for(kind: str) -> None:
    """So nothing is granted beside it, whatever category it tells."""
    one = meeting("S11", "二级", kind)
    one.hold("S04", "二级", since=date(2012, 1, 1))
    one.quarantine(enterprise.QUALIFICATION.name, category_code="S04")
    (decided,) = judge([one])
    assert "held" in decided.unknown
    assert decided.outcome == "awaiting_data"


@pytest.mark.parametrize("trusted", [True, False])
def test_works_taken_under_a_level_in_doubt_may_have_been_within_its_scope(trusted: bool) -> None:
    """S11 一级: an earlier level of the category is in doubt, the one held now is not."""
    one = meeting("S11", "一级", "upgrade")
    (held,) = one.of(enterprise.QUALIFICATION.name)
    held["valid_from"] = DAY - timedelta(days=30)
    one.hold("S11", "二级", since=date(2008, 1, 1), until=date(2009, 1, 1))
    earlier = one.rows[enterprise.QUALIFICATION.name][-1]
    if not trusted:
        one.quarantine(enterprise.QUALIFICATION.name, qualification_no=earlier["qualification_no"])
    (decided,) = judge([one])
    assert decided.outcome == ("refused" if trusted else "awaiting_data"), decided.summary()
    assert ("performance" in decided.failed) == trusted


def test_every_column_that_tells_what_a_row_is_about_is_one_of_its_table() -> None:
    assert all(set(columns) <= BY_NAME[name].schema.keys() for name, columns in ABOUT.items())
