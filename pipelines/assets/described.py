"""How a declared table appears in Dagster: its spec, its schema tab, its row count.

Belongs here: what every asset of ours has in common. Does not: any particular asset.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg
import polars as pl

from assets.lake.declaration import Layer, Table
from assets.lake.store import Store
from pipelines.handbook.dictionary import type_name

OWNERS = {
    Layer.RAW: "team:data-engineering",
    Layer.BASE: "team:data-engineering",
    Layer.HISTORY: "team:data-engineering",
    Layer.INTAKE: "team:data-engineering",
    Layer.CHECK: "team:data-engineering",
    Layer.DECISION: "team:approval-office",
    Layer.CERTIFICATE: "team:approval-office",
    Layer.ARCHIVE: "team:approval-office",
    Layer.SUPERVISION: "team:supervision",
}
POOLS = {
    Layer.RAW: "collection",
    Layer.BASE: "collection",
    Layer.HISTORY: "collection",
    Layer.INTAKE: "collection",
    Layer.CHECK: "checks",
    Layer.DECISION: "decisions",
    Layer.CERTIFICATE: "certificates",
    Layer.ARCHIVE: "archive",
    Layer.SUPERVISION: "supervision",
}
"""One writer per pool. The ledgers of collection (deliveries, quarantine, coverage, persons)
are written with every base table, so collection as a whole has one."""


def spec(
    table: Table,
    *,
    group: str,
    deps: Iterable[str | dg.AssetKey] = (),
    kinds: Iterable[str] = ("deltalake", "polars"),
    follows: bool = True,
) -> dg.AssetSpec:
    """The asset of a declared table: everything but how it is made.

    One that `follows` is made again by automation as soon as all that it depends on is new.
    """
    return dg.AssetSpec(
        key=table.name,
        deps=list(deps),
        description=f"{table.zh} · {table.en}.",
        group_name=group,
        owners=[OWNERS[table.layer]],
        kinds=set(kinds),
        tags={"layer": table.layer.value, "mode": table.mode.value},
        code_version=declaration_version(table),
        metadata={
            "dagster/table_name": table.name,
            "dagster/column_schema": column_schema(table),
            "key": ", ".join(table.key),
            "legal_basis": table.legal_basis or "–",
        },
        automation_condition=dg.AutomationCondition.eager() if follows else None,
    )


def column_schema(table: Table) -> dg.TableSchema:
    """The schema tab of the UI, from the declaration."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=type_name(column),
                description=f"{column.zh} · {column.en}"
                + (f" [{column.unit}]" if column.unit else ""),
                constraints=dg.TableColumnConstraints(nullable=column.nullable),
                tags={"sensitivity": column.sensitivity.value},
            )
            for column in table
        ]
    )


def declaration_version(table: Table) -> str:
    """Changes when the declaration does: the code version of the table's asset."""
    told = [
        (c.name, str(c.dtype), c.nullable, c.codes, c.pattern, c.minimum, c.maximum) for c in table
    ]
    rules = [(rule.check_id, rule.pandas_query) for rule in table.rules]
    return hashlib.sha256(repr((table.key, told, rules)).encode()).hexdigest()[:12]


def made(store: Store, table: Table, told: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Metadata of a materialisation: rows and Delta version now, and what the stage tells."""
    return {
        "dagster/row_count": store.count(table),
        "delta_version": store.version(table) or 0,
        **(told or {}),
    }


def records(frame: pl.DataFrame, limit: int = 20) -> dg.TableMetadataValue:
    """A frame's first rows as a table in the UI."""
    schema = dg.TableSchema(
        columns=[dg.TableColumn(name, str(dtype).lower()) for name, dtype in frame.schema.items()]
    )
    rows = [
        dg.TableRecord({name: _plain(value) for name, value in row.items()})
        for row in frame.head(limit).iter_rows(named=True)
    ]
    return dg.MetadataValue.table(records=rows, schema=schema)


def _plain(value: object) -> str | int | float | bool | None:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
