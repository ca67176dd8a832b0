"""Rows that are set apart, doubted, doubled or not delivered."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from portfolio import Portfolio

from assets.tables import BY_NAME
from plain.changes.drawing import Change, entering

CHANGES: dict[str, Change] = {}
change = entering(CHANGES)
_BASE = tuple(
    name for name in BY_NAME if name.startswith("base_") and name != "base_channel__coverage"
)

_NAMES = ("usc_code", "person_key", "contract_no", "unit_code")
"""By what a row says whose or of which works it is; any may be past reading."""


def _any_row(p: Portfolio, rng: random.Random) -> tuple[str, dict[str, Any]] | None:
    tables = [name for name in _BASE if p.rows.get(name)]
    if not tables:
        return None
    table = rng.choice(tables)
    return table, rng.choice(p.rows[table])


@change
def a_row_is_set_apart(p: Portfolio, rng: random.Random) -> None:
    found = _any_row(p, rng)
    if found is None:
        return
    table, row = found
    keys = {name: row[name] for name in BY_NAME[table].key}
    named_by = [name for name in _NAMES if name in BY_NAME[table].schema]
    named_by += [name for name in BY_NAME[table].key[:1] if name not in named_by]
    if table == "base_personnel__technical_lead":
        named_by.append("category_code")
    if table == "base_enterprise__registry" and row.get("parent_usc_code") is None:
        # It may be of whoever is not on record: of other cases decided together, too.
        named_by.remove("usc_code")
    lost = rng.choices((0, 1, 2), (5, 4, 1))[0]
    p.quarantine(table, unread=rng.sample(named_by, min(lost, len(named_by))), **keys)


@change
def a_newer_copy_is_set_apart(p: Portfolio, rng: random.Random) -> None:
    _copy_apart(p, rng, timedelta(hours=6))


@change
def an_older_copy_is_set_apart(p: Portfolio, rng: random.Random) -> None:
    _copy_apart(p, rng, -timedelta(days=30))


def _copy_apart(p: Portfolio, rng: random.Random, later: timedelta) -> None:
    found = _any_row(p, rng)
    if found is None:
        return
    table, row = found
    sound = p.rows[table]
    copy = {
        **row,
        "delivery_id": f"copy.{p._count('copy')}",
        "received_at": row["received_at"] + later,
    }
    p.rows[table] = [copy]
    p.quarantine(table, delivery_id=copy["delivery_id"])
    p.rows[table] = sound


@change
def a_value_is_empty(p: Portfolio, rng: random.Random) -> None:
    found = _any_row(p, rng)
    if found is None:
        return
    table, row = found
    columns = [
        column.name
        for column in BY_NAME[table]
        if column.nullable and row.get(column.name) is not None
    ]
    if columns:
        row[rng.choice(columns)] = None


@change
def a_check_has_found_something(p: Portfolio, rng: random.Random) -> None:
    found = _any_row(p, rng)
    if found is None:
        return
    table, row = found
    names = BY_NAME[table].schema
    if table.startswith("base_personnel__"):
        key = "person_key"
    elif table == "base_enterprise__statement":
        key = "year"
    else:
        key = next(
            (n for n in ("unit_code", "contract_no") if n in names and n in BY_NAME[table].key),
            BY_NAME[table].key[0],
        )
    p.doubt(
        table,
        str(row[key]),
        rng.choice(("LAW", "LAW", "DATA", "DATA", "WARN")),
        usc_code=row.get("usc_code"),
    )
