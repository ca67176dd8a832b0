"""What every change draws: a row, a person, a day near a line.

Belongs here: what several subjects share, and the register of changes. Does not: any change.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, TypeAlias

from portfolio import Portfolio

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
