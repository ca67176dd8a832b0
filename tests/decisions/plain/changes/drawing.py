"""What every change draws: a row, a person, a day near a line.

Belongs here: what several subjects share, and the register of changes. Does not: any change.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any, TypeAlias

from portfolio import Portfolio, Row

Change: TypeAlias = Callable[[Portfolio, random.Random], object]
DAY = timedelta(days=1)
PERSON = "base_personnel__person"
REGISTRATION = "base_personnel__registration"
REGISTRY = "base_enterprise__registry"
QUALIFICATION = "base_enterprise__qualification"
SPECIALTIES = ("建筑工程", "机电工程", "公路工程", "市政公用工程", "铁路工程")


def entering(changes: dict[str, Change]) -> Callable[[Change], Change]:
    """A decorator that enters a change under its name."""

    def change(function: Change) -> Change:
        changes[function.__name__.replace("_", " ")] = function
        return function

    return change


def row_of(p: Portfolio, rng: random.Random, table: str, **where: Any) -> dict[str, Any] | None:
    """Any row of a table with these values."""
    rows = p.of(table, **where)
    return rng.choice(rows) if rows else None


def near(rng: random.Random, day: date) -> date:
    """The day, or one beside it."""
    return day + DAY * rng.choice((-1, 0, 1))


def label_of(p: Portfolio, rng: random.Random) -> str | None:
    """Somebody who is employed."""
    keys = {row["person_key"] for row in p.of(PERSON)}
    labels = [label for label, key in p.people.items() if key in keys]
    return rng.choice(labels) if labels else None


def put(row: dict[str, Any] | None, **values: Any) -> None:
    """Other values in a row, where there is one."""
    if row is not None:
        row.update(values)


def under_a_branchs_code(p: Portfolio, rng: random.Random, rows: Iterable[Row]) -> None:
    """Most of the rows under the code of a branch, of what may be one, or of another."""
    body = p.company(50 + p._count("body"), branch=rng.random() < 0.7)
    registry = p.rows[REGISTRY][-1]
    registry["region_code"] = rng.choice(("330106", "330203"))
    for row in rows:
        if rng.random() < 0.8:
            row["usc_code"] = body
    if rng.random() < 0.4:
        unread = rng.choice(((), ("parent_usc_code",), ("usc_code",)))
        if "usc_code" in unread and registry["parent_usc_code"] is None:
            return  # it may be of whoever is not on record
        p.quarantine(REGISTRY, unread=unread, usc_code=body)
    elif rng.random() < 0.3:
        p.doubt(REGISTRY, body, rng.choice(("LAW", "DATA")), usc_code=body)
