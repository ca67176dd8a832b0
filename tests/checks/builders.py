"""Frames of declared tables for these tests: one sound row, and what differs from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from assets.channels import load_channels
from assets.lake.declaration import Column, Table
from assets.lake.store import Store
from assets.persons import ONE_EACH, Numbers
from assets.tables import check, enterprise, intake, personnel
from checks.across.common import CrossCheck
from checks.cross import CHECKS, READ, examine
from checks.nights.carried import tables_read

AS_OF = date(2017, 3, 1)
NOW = datetime(2017, 3, 1, 2, 0, tzinfo=UTC)

A = "91330199MADGFK2476"
B = "91330299MAWQGGK58K"
A_BRANCH = "91330399MAU207483B"
STRANGER = "91310199MAUAN1WB2L"
ANNA, BO, CHEN = "a" * 20, "b" * 20, "c" * 20

_TEXT = {
    "usc_code": A,
    "parent_usc_code": None,
    "person_key": ANNA,
    "category_code": "G01",
    "subcategory": "",
    "project_no": "3301001501010101",
    "region_code": "330106",
    "certificate_no": "D233000001",
    "id_number": "330106198001010019",
}


OPTIONAL = {
    (feed.target, field.to)
    for channel in load_channels().values()
    for feed in channel.feeds.values()
    for field in feed.fields
    if field.is_optional
}
"""Columns that a delivery may lack: a sound row has nothing there."""


def sound(column: Column) -> Any:
    """A value that the declaration of a column allows."""
    if column.name in _TEXT:
        return _TEXT[column.name]
    if column.codes:
        return column.codes[0]
    dtype = column.dtype
    if dtype == pl.String:
        return "x"
    if dtype == pl.Date:
        return date(2016, 1, 1)
    if isinstance(dtype, pl.Datetime):
        return NOW
    if dtype == pl.Boolean:
        return True
    return Decimal(2000) if isinstance(dtype, pl.Decimal) else 2000


def rows_of(table: Table, *differing: Mapping[str, Any]) -> pl.DataFrame:
    """One row per argument: the sound row of the table with these values instead."""
    base = {
        column.name: None if (table.name, column.name) in OPTIONAL else sound(column)
        for column in table
    }
    if table is intake.QUARANTINE:  # set apart, and not cleared
        base |= {"cleared_at": None, "cleared_by": None, "cleared_why": None}
    return pl.DataFrame([{**base, **one} for one in differing], schema=table.schema)


def tables_of(frames: Mapping[Table, pl.DataFrame]) -> dict[str, pl.LazyFrame]:
    """What a cross-check is given: these frames, and every other table empty."""
    every = {table.name: table.empty() for table in READ}
    return {
        name: frame.lazy()
        for name, frame in {**every, **{t.name: f for t, f in frames.items()}}.items()
    }


def registered(*more: Mapping[str, Any]) -> dict[Table, pl.DataFrame]:
    """A, its branch and B in the registry, as sound as can be."""
    branch = {"usc_code": A_BRANCH, "entity_code": "branch", "parent_usc_code": A}
    return {enterprise.REGISTRY: rows_of(enterprise.REGISTRY, {}, {"usc_code": B}, branch, *more)}


_found: dict[tuple[object, ...], pl.DataFrame] = {}
"""What a check has found on a day, by the rows that it read and whose numbers are."""


def findings_in(
    frames: Mapping[Table, pl.DataFrame], as_of: date = AS_OF, numbers: Numbers = ONE_EACH
) -> pl.DataFrame:
    """What all checks find in these frames, every other table being empty; none may break.

    A check is run once on the same rows: what is in tables that it does not read changes nothing.
    """
    rows = {table.name: frame.write_ipc(None).getvalue() for table, frame in frames.items()}

    def given(one: CrossCheck) -> tuple[object, ...]:
        read = tables_read(one)
        return (one.id, as_of, repr(numbers), *((n, rows[n]) for n in rows if n in read))

    new = tuple(one for one in CHECKS if given(one) not in _found)
    report = examine(tables_of(frames), as_of, new, numbers=numbers)
    assert [one.note for one in report.outcomes if one.status == "error"] == []
    for one in new:
        _found[given(one)] = report.findings.filter(check_id=one.id)
    return pl.concat(_found[given(one)] for one in CHECKS).sort(check.FINDING.key)


def found(
    check_id: str, frames: Mapping[Table, pl.DataFrame], as_of: date = AS_OF
) -> list[tuple[str, str, str]]:
    """What a check finds in these frames: enterprise, row and severity; nothing else may break."""
    rows = findings_in({**registered(), **frames}, as_of).filter(check_id=check_id)
    return sorted(rows.select("usc_code", "row_key", "severity").iter_rows())


def months(*paid: tuple[str, date], **values: object) -> pl.DataFrame:
    """Months of Anna's insurance, by payer."""
    return rows_of(
        personnel.INSURANCE,
        *(
            {"person_key": ANNA, "usc_code": payer, "month": month, **values}
            for payer, month in paid
        ),
    )


def practising(*at: str, **values: object) -> pl.DataFrame:
    """Registrations of Anna with these enterprises."""
    return rows_of(
        personnel.REGISTRATION,
        *(
            {
                "person_key": ANNA,
                "usc_code": code,
                "registration_no": "Z1",
                "valid_from": date(2015, 1, 1),
                "valid_until": date(2018, 1, 1),
                **values,
            }
            for code in at
        ),
    )


def set_apart(
    table: Table, row: Mapping[str, Any], *unread: str, later: bool = True
) -> pl.DataFrame:
    """A row of a table that was set apart, with columns that could not be read.

    It came an hour after the sound ones, or before: then one of the same key clears it.
    """
    read = {name: str(v) for name, v in row.items() if v is not None and name not in unread}
    is_keyed = {*table.key} <= read.keys()
    told = {
        "target": table.name,
        "row_no": 1 + hash(tuple(sorted(read.items()))) % 10_000,
        "received_at": NOW + timedelta(hours=1 if later else -1),
        "usc_code": read.get("usc_code"),
        "person_key": read.get("person_key"),
        "typed_json": json.dumps(read, ensure_ascii=False),
        "key_json": json.dumps({name: read[name] for name in table.key}) if is_keyed else None,
    }
    return rows_of(intake.QUARANTINE, told)


def fill(store: Store, *codes: str) -> None:
    """A registry of these enterprises, each as sound as `rows_of` has it."""
    store.upsert(
        enterprise.REGISTRY, rows_of(enterprise.REGISTRY, *({"usc_code": code} for code in codes))
    )
