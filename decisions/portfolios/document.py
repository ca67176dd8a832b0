"""A portfolio: all that the four bases know of one enterprise, as one JSON document.

Belongs here: writing, reading and checking the document, and its published schema. Does not:
deciding (`decisions.engine`), reading the lakehouse (`decisions.facts.model`).

It is what archive packages, tests, bug reports and other systems exchange: the rows that an
evaluation of the enterprise can touch (`decisions.facts.narrow`), as text exactly as they stand in
the tables. Names and identity numbers stay behind: people are pseudonyms.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import polars as pl
from jsonschema import Draft202012Validator

from assets.lake.declaration import Column, Sensitivity, Table
from assets.tables import FACT_TABLES, certificate, check, decision, enterprise, intake, project
from decisions.facts.declared import PROVINCE
from decisions.facts.model import Facts
from decisions.filing.items import Item

SCHEMA = "miaoban.portfolio/1"
TABLES: tuple[Table, ...] = (
    *FACT_TABLES,
    intake.COVERAGE,
    intake.QUARANTINE,
    check.FINDING,
    certificate.CERTIFICATE,
    certificate.QUALIFICATION,
    decision.DECISION,
)
"""Every table an evaluation reads; one without rows may be left out."""


class PortfolioError(ValueError):
    """The document cannot be read; says where, what is wrong, and what is expected."""


@dataclass(frozen=True)
class Portfolio:
    """One enterprise and what is known of it.

    Attributes:
        usc_code: the enterprise.
        release_id: the release the rows were read at.
        facts: the rows.
    """

    usc_code: str
    release_id: str
    facts: Facts

    @classmethod
    def of(cls, facts: Facts, usc_code: str) -> Portfolio:
        """What `facts` know of the enterprise."""
        return cls(usc_code, facts.release_id, facts.of_enterprises([usc_code]))

    def to_json(self) -> str:
        """The document: the same rows give the same bytes."""
        tables = {table.name: self._rows(table) for table in TABLES}
        return json.dumps(
            {
                "schema": SCHEMA,
                "usc_code": self.usc_code,
                "release_id": self.release_id,
                "certificates_version": self.facts.certificates_version,
                "tables": {name: rows for name, rows in tables.items() if rows},
            },
            ensure_ascii=False,
            sort_keys=True,
            indent=1,
        )

    def _rows(self, table: Table) -> list[dict[str, Any]]:
        rows = self.facts.raw(table).select(column.name for column in told(table))
        if table is intake.COVERAGE:
            rows = rows.filter(pl.col("region_code").is_in(self._regions()))
        if table is project.PROJECT:
            # Projects name no enterprise: those of its unit projects.
            rows = rows.join(self.facts.raw(project.UNIT), on="project_no", how="semi")
        key = [name for name in table.key if name in rows.collect_schema()]
        return [
            {name: _plain(value) for name, value in row.items() if value is not None}
            for row in rows.collect().sort(key, nulls_last=True).iter_rows(named=True)
        ]

    def _regions(self) -> list[str]:
        """The cities of the enterprise and its branches, and the province."""
        cities = (
            self.facts.table(enterprise.REGISTRY)
            .select((pl.col("region_code").str.slice(0, 4) + "00").unique())
            .collect()
            .to_series()
        )
        return sorted({PROVINCE, *cities.drop_nulls()})


def read(text: str | bytes) -> Portfolio:
    """A portfolio from its document.

    Raises:
        PortfolioError: it is not JSON, not of the published schema, a value cannot be read, or two
            rows of a table have one key.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PortfolioError(f"不是有效的JSON not JSON: {error}") from error
    fault = next(Draft202012Validator(json_schema()).iter_errors(document), None)
    if fault is not None:
        raise PortfolioError(
            f"不符合企业档案的格式，见 docs/portfolio.schema.json not as the schema has it: "
            f"{fault.json_path}: {fault.message[:200]}"
        )
    given: Mapping[str, Any] = document["tables"]
    frames = {
        table.name: _of_one_each(table, frame_of(table, given[table.name]))
        for table in TABLES
        if table.name in given
    }
    release_id = document["release_id"]
    facts = replace(
        Facts.of(frames, release_id), certificates_version=document.get("certificates_version")
    )
    return Portfolio(document["usc_code"], release_id, facts)


def _of_one_each(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows, no two of one key: what stands twice would count twice.

    But a row set apart stands there for each whose it may be, and counts for nobody.
    """
    if table is intake.QUARANTINE:
        return rows
    twice = rows.filter(pl.struct(table.key).is_duplicated()).select(table.key).head(1)
    if twice.is_empty():
        return rows
    told_as = "|".join(str(value) for value in twice.row(0))
    raise PortfolioError(
        f"$.tables.{table.name}: 同一主键有两行，请只留一行 two rows of one key, keep one: "
        f"{', '.join(table.key)} = {told_as}"
    )


def application(known: Portfolio, item: Item, kind: str, filed_at: datetime) -> pl.DataFrame:
    """An application of the enterprise that is on no log: `intake__application`, one row."""
    row = {
        "application_id": "-",
        "usc_code": known.usc_code,
        "kind": kind,
        "category_code": item.category_code,
        "subcategory": item.subcategory,
        "level": item.level,
        "filed_at": filed_at,
        "received_at": filed_at,
        "filed_via": "command_line",
    }
    return pl.DataFrame([row], schema=intake.APPLICATION.schema)


def frame_of(table: Table, given: list[dict[str, Any]] | dict[str, Any]) -> pl.DataFrame:
    """Rows of a table whose days and decimals are text.

    Args:
        table: the table.
        given: an object per row; or, packed, the number of `rows` and their `columns`, each a
            list, or the one value of all rows.

    Raises:
        PortfolioError: a value cannot be read.
    """
    if isinstance(given, list):
        rows = given

        def values(column: Column) -> list[Any]:
            return [row.get(column.name) for row in rows]
    else:
        count, columns = given["rows"], given["columns"]

        def values(column: Column) -> list[Any]:
            value = columns.get(column.name)
            return value if isinstance(value, list) else [value] * count

    texts = {
        column.name: pl.Series(
            column.name,
            values(column),
            column.dtype if isinstance(column.dtype, pl.List) else None,
            strict=True,
        )
        for column in table
    }
    try:
        return pl.DataFrame(texts).select(
            _typed(column, texts[column.name].dtype) for column in table
        )
    except pl.exceptions.PolarsError as error:
        # What the library adds in further lines is advice to who wrote the program.
        why = str(error).splitlines()[0]
        raise PortfolioError(
            f"$.tables.{table.name}: 值无法读取 a value cannot be read: {why}"
        ) from error


def _typed(column: Column, given: pl.DataType) -> pl.Expr:
    value = pl.col(column.name)
    if given == pl.String():
        if column.dtype == pl.Date():
            return value.str.to_date("%Y-%m-%d")
        if isinstance(column.dtype, pl.Datetime):
            return value.str.to_datetime(time_unit="us", time_zone="UTC").alias(column.name)
    return value.cast(column.dtype)


def told(table: Table) -> Iterator[Column]:
    """The columns that travel: a person's days do, what names him does not."""
    for column in table:
        if column.sensitivity is not Sensitivity.PERSONAL or column.dtype == pl.Date():
            yield column


def _plain(value: Any) -> Any:
    """Decimals and days as text, so that nothing is rounded on the way."""
    if isinstance(value, bool | int | str | list):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def json_schema() -> dict[str, Any]:
    """The published schema of the document, from the declared tables."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "企业档案 Portfolio of one enterprise",
        "description": "All that the four base databases know of one enterprise; people are "
        "pseudonyms. Columns: docs/tables.md.",
        "type": "object",
        "required": ["schema", "usc_code", "release_id", "tables"],
        "additionalProperties": False,
        "properties": {
            "schema": {"const": SCHEMA},
            "usc_code": {"type": "string", "minLength": 18, "maxLength": 18},
            "release_id": {"type": "string"},
            "certificates_version": {"type": ["integer", "null"]},
            "tables": {
                "type": "object",
                "additionalProperties": False,
                "properties": {table.name: _table_schema(table) for table in TABLES},
            },
        },
    }


def _table_schema(table: Table) -> dict[str, Any]:
    columns = list(told(table))
    required = [column.name for column in columns if not column.nullable]
    rows = {
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": required,
            "properties": {column.name: _column_schema(column) for column in columns},
        },
    }
    packed = {
        "type": "object",
        "additionalProperties": False,
        "required": ["rows", "columns"],
        "properties": {
            "rows": {"type": "integer", "minimum": 1},
            "columns": {
                "type": "object",
                "additionalProperties": False,
                "required": required,
                "properties": {column.name: _packed_schema(column) for column in columns},
            },
        },
    }
    return {
        "description": f"{table.zh} {table.en}",
        "if": {"type": "array"},
        "then": rows,
        "else": packed,
    }


def _packed_schema(column: Column) -> dict[str, Any]:
    """A value for each row, or the one value of all."""
    one = _kind(column.dtype)
    each = {"type": "array", "items": {"anyOf": [one, {"type": "null"}]}}
    return each if isinstance(column.dtype, pl.List) else {"anyOf": [each, one]}


def _column_schema(column: Column) -> dict[str, Any]:
    schema: dict[str, Any] = {"description": f"{column.zh} {column.en}", **_kind(column.dtype)}
    if column.codes:
        schema["enum"] = list(column.codes)
    return schema


def _kind(dtype: pl.DataType) -> dict[str, Any]:
    if dtype == pl.Boolean():
        return {"type": "boolean"}
    if dtype.is_integer():
        return {"type": "integer"}
    if dtype == pl.Date():
        return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    if isinstance(dtype, pl.Decimal):
        return {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
    if isinstance(dtype, pl.List):
        return {"type": "array", "items": {"type": "string"}}
    return {"type": "string"}


def schema_document() -> str:
    """`docs/portfolio.schema.json`; written by `python -m decisions.portfolios.document`."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    print(schema_document(), end="")
