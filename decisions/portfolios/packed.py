"""The portfolios of many cases at once, packed, as their archive packages hold them.

Belongs here: reading the facts of a batch of decided cases together, and writing each case's
document (`decisions.portfolios.document`) in its packed form: columns, not rows. Does not: which
rows a case can touch (`decisions.facts.reach`), compressing, the package.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any

import polars as pl

from assets.lake.declaration import Column
from assets.lake.store import Store
from checks import release
from decisions.facts.model import Facts
from decisions.facts.reach import OF, reach
from decisions.portfolios.document import SCHEMA, TABLES, told
from decisions.rulebook.book import Rulebook

_TOGETHER = ["release_id", "certificates_version", "rulebook_digest"]
"""Cases that agree in these were decided on the same facts."""

Columns = dict[str, list[Any]]


def portfolios(
    store: Store, cases: pl.DataFrame, find: Callable[[str | None], Rulebook]
) -> dict[str, bytes | Exception]:
    """The packed document of each case: the same facts give the same bytes.

    Args:
        store: the lakehouse.
        cases: rows of `decision__decision`.
        find: the rulebook of a decision by its digest (`decisions.rulebook.kept.finder`).

    Returns:
        By `application_id`; where the facts can no longer be read, the error that says why.
    """
    made: dict[str, bytes | Exception] = {}
    for group in cases.partition_by(_TOGETHER, maintain_order=True):
        try:
            made.update(_of_group(store, group, find))
        except (OSError, LookupError) as error:
            made.update(dict.fromkeys(group["application_id"], error))
    return made


def _of_group(
    store: Store, group: pl.DataFrame, find: Callable[[str | None], Rulebook]
) -> Iterator[tuple[str, bytes]]:
    first = group.row(0, named=True)
    months = max(find(first["rulebook_digest"]).kinds.social_insurance_months.values())
    facts = Facts.at(
        store,
        first["release_id"],
        release.by_id(store, first["release_id"]).versions,
        certificates_version=first["certificates_version"],
    )
    rows = reach(facts, group, TABLES, months)
    tables: dict[str, dict[str, Any]] = {case: {} for case in group["application_id"]}
    for table in TABLES:
        for case, packed in _packed(rows[table.name], list(told(table)), list(table.key)):
            tables[case][table.name] = packed
    for row in group.iter_rows(named=True):
        document = {
            "schema": SCHEMA,
            "usc_code": row["usc_code"],
            "release_id": row["release_id"],
            "certificates_version": row["certificates_version"],
            "tables": tables[row["application_id"]],
        }
        text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        yield row["application_id"], text.encode()


def _packed(
    rows: pl.DataFrame, columns: list[Column], key: list[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each case's rows of a table, by column."""
    if rows.is_empty():
        return
    names = [column.name for column in columns]
    ordered = rows.sort(OF, *(name for name in key if name in names), nulls_last=True)
    values = {
        column.name: ordered.select(_plain(column)).to_series().to_list() for column in columns
    }
    lengths = ordered.group_by(OF, maintain_order=True).len()
    counts = lengths["len"].to_list()
    for case, count, end in zip(lengths[OF], counts, accumulate(counts), strict=True):
        yield (
            case,
            {
                "rows": count,
                "columns": {
                    column.name: shrunk
                    for column in columns
                    if (shrunk := _shrunk(column, values[column.name][end - count : end]))
                    is not None
                },
            },
        )


def _shrunk(column: Column, values: list[Any]) -> Any:
    """The one value that all rows have, or a list of theirs; None where all have none."""
    if values.count(values[0]) < len(values):
        return values
    if isinstance(column.dtype, pl.List) and values[0] is not None:
        return values
    return values[0]


def _plain(column: Column) -> pl.Expr:
    """As text what JSON has no exact form for."""
    value = pl.col(column.name)
    if column.dtype == pl.Date():
        return value.dt.strftime("%Y-%m-%d")
    if isinstance(column.dtype, pl.Datetime):
        return value.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00")
    if isinstance(column.dtype, pl.Decimal):
        return value.cast(pl.String)
    return value
