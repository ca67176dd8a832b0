"""The row checks of a declared table: the one source of what goes to quarantine.

Belongs here: what a declaration demands of a typed row, as Polars expressions. Does not:
whether a text could be read at all (`assets.normalise`), or what happens to a bad row
(`assets.bases.base`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from assets.lake.declaration import Column, Table

KEY_CHECK = "key:unique"


@dataclass(frozen=True, slots=True)
class RowCheck:
    """One demand on every row; `failed` is true for a bad row, null counts as holding."""

    id: str
    """`<column>:required|codes|pattern|range`, the id of a rule, or `key:unique`."""
    column: str
    failed: pl.Expr


def row_checks(table: Table) -> list[RowCheck]:
    """Every check that the declaration of a table makes, in the order of its columns.

    They read a frame of the declared columns in their types. `key:unique` is about the rows
    that share a complete key within one delivery: a later delivery may tell a key anew.
    """
    return [
        *(check for column in table for check in _of_column(column)),
        *(RowCheck(rule.check_id, "", ~rule.holds) for rule in table.rules),
        RowCheck(KEY_CHECK, ", ".join(table.key), is_doubled(("delivery_id", *table.key))),
    ]


def is_complete(key: tuple[str, ...]) -> pl.Expr:
    """Whether no part of the key is null."""
    return pl.all_horizontal(pl.col(name).is_not_null() for name in key)


def is_doubled(key: tuple[str, ...]) -> pl.Expr:
    """Whether another row of the frame has the same complete key."""
    return is_complete(key) & pl.struct(key).is_duplicated()


def _of_column(column: Column) -> Iterator[RowCheck]:
    value = pl.col(column.name)
    if not column.nullable:
        yield RowCheck(f"{column.name}:required", column.name, value.is_null())
    if column.codes:
        yield RowCheck(f"{column.name}:codes", column.name, ~value.is_in(column.codes))
    if column.pattern:
        yield RowCheck(f"{column.name}:pattern", column.name, ~value.str.contains(column.pattern))
    if column.is_bounded:
        number = value.cast(pl.Float64)
        low = pl.lit(False) if column.minimum is None else number < column.minimum
        high = pl.lit(False) if column.maximum is None else number > column.maximum
        yield RowCheck(f"{column.name}:range", column.name, low | high)
