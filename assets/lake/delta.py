"""How a declared table is told to Delta, and how an older lake is brought up to it.

Belongs here: schema, constraints, and their evolution. Does not: rows (`assets.lake.store`).

A version of Miaoban may declare columns and allowed values that a lake lacks. They are added in
place, before the first write: by metadata alone, so that every version a release cites is read
as before, the new columns null. What cannot be added so is refused, and nothing is written.
"""

from __future__ import annotations

import hashlib

import polars as pl
from deltalake import DeltaTable, Field, Schema
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.schema import ArrayType, PrimitiveType

from assets.lake.declaration import Column, Table

_PRIMITIVES: dict[type[pl.DataType], str] = {
    pl.String: "string",
    pl.Date: "date",
    pl.Datetime: "timestamp",
    pl.Boolean: "boolean",
    pl.Int32: "integer",
    pl.Int64: "long",
    pl.Float64: "double",
}
_CONSTRAINT = "delta.constraints."
_ATTEMPTS = 8
"""As many processes may begin on one table at once."""


class DeclarationConflict(RuntimeError):
    """The lake's table is not as declared, and cannot be made so in place."""


def delta_schema(table: Table) -> Schema:
    """The Delta schema of a declared table, with its nullability."""
    return Schema([Field(c.name, _type_of(c.dtype), nullable=c.nullable) for c in table.columns])


def _type_of(dtype: pl.DataType) -> PrimitiveType | ArrayType:
    if isinstance(dtype, pl.Decimal):
        return PrimitiveType(f"decimal({dtype.precision},{dtype.scale})")
    if isinstance(dtype, pl.List):
        inner = dtype.inner
        assert isinstance(inner, pl.DataType)
        return ArrayType(_type_of(inner), contains_null=False)
    if type(dtype) not in _PRIMITIVES:
        allowed = sorted(map(str, _PRIMITIVES))
        raise TypeError(f"{dtype} does not survive Delta unchanged; declare one of {allowed}")
    return PrimitiveType(_PRIMITIVES[type(dtype)])


def constraints(table: Table) -> dict[str, str]:
    """The constraints Delta is to enforce, by name.

    The name tells what the constraint says, so that one that is out of date is known by it.
    """
    return {
        f"{column.name}_allowed_{hashlib.sha256(said.encode()).hexdigest()[:8]}": said
        for column in table.columns
        if (said := _constraint(column))
    }


def declared_only(rows: pl.LazyFrame, handle: DeltaTable, table: Table) -> pl.LazyFrame:
    """`rows` of an opened table in the declared order, the columns it lacks as null."""
    held = [one.name for one in handle.schema().fields]
    if held == table.schema.names():
        return rows
    return rows.select(
        column.name if column.name in held else pl.lit(None, column.dtype).alias(column.name)
        for column in table.columns
    )


def conflicts(handle: DeltaTable, table: Table) -> dict[str, str]:
    """Columns of an opened table that are not as declared, and cannot be made so: what differs."""
    held = {one.name: one for one in handle.schema().fields}
    declared = {one.name: one for one in delta_schema(table).fields}
    added = {name for name, one in declared.items() if name not in held and one.nullable}
    return {
        name: f"the lake has {held.get(name, 'none')}, this version declares "
        f"{declared.get(name, 'none')}"
        for name in (held.keys() | declared.keys()) - added
        if held.get(name) != declared.get(name)
    }


def evolve(handle: DeltaTable, table: Table) -> None:
    """Make an opened table what is declared: add columns, exchange constraints.

    Killed anywhere, it is taken up where it stopped; of several processes that do it at once
    each finds what the others have done. A table that is as declared is not touched.

    Raises:
        DeclarationConflict: a column is of another type, is not declared, or may not be null;
            or rows break a constraint that is new.
    """
    for name, difference in sorted(conflicts(handle, table).items()):
        raise DeclarationConflict(
            f"数据表与本版本不符 table {table.name}, column {name}: {difference}; "
            "请使用建立该数据湖的版本，或由送达文件重建 use the version that made the lake, "
            "or build it again from its deliveries"
        )
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            _take_steps(handle, table)
        except CommitFailedError:
            if attempt == _ATTEMPTS:
                raise
            handle.update_incremental()
        else:
            return


def _take_steps(handle: DeltaTable, table: Table) -> None:
    held = {one.name for one in handle.schema().fields}
    if lost := [one for one in delta_schema(table).fields if one.name not in held]:
        handle.alter.add_columns(lost)
    wanted = constraints(table)
    set_before = {
        name.removeprefix(_CONSTRAINT)
        for name in handle.metadata().configuration
        if name.startswith(_CONSTRAINT)
    }
    # New ones first: whatever is killed between is never less strict than either version.
    try:
        if new := {name: said for name, said in wanted.items() if name not in set_before}:
            handle.alter.add_constraint(new)
    except CommitFailedError:
        raise
    except DeltaError as error:
        raise DeclarationConflict(
            f"已有数据不符合新的取值范围 table {table.name}: rows of the lake are outside what "
            f"this version allows: {error}; 请先更正 mend them with the version that made the lake"
        ) from error
    for name in sorted(set_before - wanted.keys()):
        handle.alter.drop_constraint(name)


def _constraint(column: Column) -> str:
    """The SQL constraint Delta enforces on every write, or '' where none is declared.

    Patterns are checked at collection only: Delta's expression language has no regular
    expressions. Null passes; nullability is part of the schema.
    """
    name = column.name
    parts = []
    if column.codes:
        listed = ", ".join(f"'{code}'" for code in column.codes)
        parts.append(f"{name} IN ({listed})")
    if column.minimum is not None:
        parts.append(f"{name} >= {column.minimum:g}")
    if column.maximum is not None:
        parts.append(f"{name} <= {column.maximum:g}")
    if not parts:
        return ""
    return f"{name} IS NULL OR ({' AND '.join(parts)})"
