"""Persons with several numbers as plain Python reads them: every row is told of the number borne now.

Belongs here: joining rows by hand. Does not: anything of the engine's reading (`assets.persons`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy

from portfolio import MONTHLY, Portfolio, Row

_PERSON, _DUTY = "base_personnel__person", "base_project__party"


def as_one(portfolio: Portfolio, now: Mapping[str, str]) -> Portfolio:
    """The portfolio with each former number (`now`: the present one of each) in its place."""
    one = deepcopy(portfolio)
    for table, rows in one.rows.items():
        read = []
        for row in rows:
            key = row.get("person_key")
            if key not in now or table == _PERSON:
                read.append(row)
                continue
            read.append(_retold(row, now[key]))
        one.rows[table] = read
    one.rows[MONTHLY] = _months(one.rows[MONTHLY])
    one.rows[_PERSON] = _people(one.rows[_PERSON], now)
    duties = {(r["contract_no"], r["duty"], r["person_key"]): r for r in one.rows[_DUTY]}
    one.rows[_DUTY] = list(duties.values())
    return one


def _retold(row: Row, number: str) -> Row:
    told = {**row, "person_key": number}
    for name in ("typed_json", "key_json"):
        if "person_key" in (said := json.loads(told.get(name) or "{}")):
            told[name] = json.dumps(said | {"person_key": number})
    return told


def _months(rows: list[Row]) -> list[Row]:
    """A month is paid if any row of it says so; if none says that it is not, nobody said so."""
    kept: dict[tuple[object, ...], Row] = {}
    for row in rows:
        key = (row["person_key"], row["usc_code"], row["month"])
        if key not in kept or (kept[key]["is_paid"] is not True and row["is_paid"] is not False):
            kept[key] = row
    return list(kept.values())


def _people(rows: list[Row], now: Mapping[str, str]) -> list[Row]:
    """Born as the number borne now says; dead and retired as any says."""
    by_key = {row["person_key"]: dict(row) for row in rows if row["person_key"] not in now}
    for row in rows:
        present = now.get(row["person_key"])
        if present is None:
            continue
        mine = by_key.setdefault(present, {**row, "person_key": present, "born_on": None})
        for name in ("deceased_on", "retired_on"):
            told = [day for day in (mine[name], row[name]) if day is not None]
            mine[name] = min(told, default=None)
    return list(by_key.values())
