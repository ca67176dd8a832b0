"""Whose rows are whose as plain Python reads it: by the number borne now, or of nobody knows whom.

Belongs here: joining rows, and setting them apart, by hand. Does not: anything of the engine's
reading (`assets.persons`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import date

from portfolio import MONTHLY, Portfolio, Row

_PERSON, _DUTY = "base_personnel__person", "base_project__party"
_LOG = "intake__quarantine"
_HIDDEN = ("name", "id_number")


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
    one.rows[MONTHLY] = _months(one.of(MONTHLY))
    one.rows[_PERSON] = _people(one.of(_PERSON), now)
    duties = {(r["contract_no"], r["duty"], r["person_key"]): r for r in one.of(_DUTY)}
    one.rows[_DUTY] = list(duties.values())
    return one


def set_apart(portfolio: Portfolio, bearers: Mapping[str, str]) -> Portfolio:
    """The portfolio with the rows under each number in doubt as rows set apart.

    Args:
        portfolio: rows by number.
        bearers: for each such number who stands for whoever it is.
    """
    one = deepcopy(portfolio)
    log = one.rows.setdefault(_LOG, [])
    log[:] = [
        _retold(row, bearers[row["person_key"]]) if row["person_key"] in bearers else row
        for row in log
    ]
    for table, rows in one.rows.items():
        if table == _LOG:
            continue
        withheld = [row for row in rows if row.get("person_key") in bearers]
        one.rows[table] = [row for row in rows if row.get("person_key") not in bearers]
        for row in withheld:
            told = {**row, "person_key": bearers[row["person_key"]]}
            came = {name: told.pop(name) for name in ("delivery_id", "row_no", "received_at")}
            known = {n: _plainly(v) for n, v in told.items() if v is not None and n not in _HIDDEN}
            log.append(
                {
                    **came,
                    "target": table,
                    "usc_code": told.get("usc_code"),
                    "person_key": told["person_key"],
                    "reasons": ["shared"],
                    "typed_json": json.dumps(known, ensure_ascii=False),
                    "raw_json": "{}",
                }
            )
    return one


def _plainly(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


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
