"""What a declared table is: the model from which every other description of it follows.

One `Table` drives the Delta schema and constraints, the Polars schema, the row checks and
the Great Expectations suite, the data dictionary, the masking of personal data and the
test builders. Belongs here: the model. Does not: any particular table (`assets.tables`).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

YUAN = pl.Decimal(18, 2)
"""Money in yuan; the standard's 万元 is converted once, at collection."""
QUANTITY = pl.Decimal(18, 4)
"""A measure of works or equipment in the one unit of its metric."""
INSTANT = pl.Datetime("us", "UTC")
"""The only instant type Delta keeps unchanged."""


class Layer(enum.StrEnum):
    """Where a table stands in the flow of data."""

    RAW = "raw"
    BASE = "base"
    HISTORY = "history"
    INTAKE = "intake"
    CHECK = "check"
    DECISION = "decision"
    CERTIFICATE = "certificate"
    ARCHIVE = "archive"
    SUPERVISION = "supervision"


class Mode(enum.StrEnum):
    """How a table may change."""

    LOG = "log"
    """Only grows (`delta.appendOnly`)."""
    VIEW = "view"
    """Derived; replaced or upserted by exactly one writer."""


class Sensitivity(enum.StrEnum):
    """How far a value may travel."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    """Names a person; outside the personnel base only masked or as a pseudonym."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: type, meaning, and what must hold for every value of it."""

    name: str
    dtype: pl.DataType
    zh: str
    en: str
    nullable: bool = True
    unit: str = ""
    source: str = ""
    """Field code in the national data standard, e.g. `TBCorpBasicInfo.CorpCode`."""
    codes: tuple[str, ...] = ()
    """Closed list of allowed values (text columns)."""
    pattern: str = ""
    """Anchored regular expression a text value must match."""
    minimum: float | None = None
    maximum: float | None = None
    """Inclusive bounds of a number."""
    sensitivity: Sensitivity = Sensitivity.INTERNAL

    def __post_init__(self) -> None:
        if self.pattern:
            re.compile(self.pattern)

    @property
    def is_bounded(self) -> bool:
        """Whether a number may be too small or too large."""
        return self.minimum is not None or self.maximum is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRule:
    """A condition over several columns of one row; null counts as holding.

    `check_id` is the id in the catalogue of cross-checks where it has one. `holds` is a
    Polars expression; `pandas_query` says the same in the syntax of `DataFrame.query`, for
    Great Expectations; a test proves that both agree. There `==` and `!=` answer for a text that
    is null, so a query asks `notnull()` where Polars leaves it open.
    """

    check_id: str
    zh: str
    en: str
    holds: pl.Expr = field(compare=False, hash=False)
    pandas_query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A declared table."""

    name: str
    layer: Layer
    mode: Mode
    zh: str
    en: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    sort_by: tuple[str, ...] = ()
    """Physical order; enterprise first, so that a look-up of one enterprise is cheap."""
    rules: tuple[RowRule, ...] = ()
    source: str = ""
    """The national table, e.g. `TBCorpBasicInfo`."""
    legal_basis: str = ""
    valid_from: str = ""
    """Column of the first day a row is true in the world; '' where the source dates none."""
    valid_until: str = ""
    """Column of the last day it is true, null = still; '' where nothing ends it."""
    retention_years: int | None = None
    """None: kept for good."""
    schema: pl.Schema = field(init=False, repr=False, compare=False)
    """The Polars schema, in order; made once, since every reading and writing asks for it."""
    _no_rows: pl.DataFrame = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            raise ValueError(f"table {self.name}: columns declared twice: {sorted(doubled)}")
        dated = [name for name in (self.valid_from, self.valid_until) if name]
        unknown = [name for name in (*self.key, *self.sort_by, *dated) if name not in names]
        if unknown:
            raise ValueError(
                f"table {self.name}: key, order or valid time names unknown columns: {unknown}"
            )

        made = pl.Schema({column.name: column.dtype for column in self.columns})
        object.__setattr__(self, "schema", made)
        object.__setattr__(self, "_no_rows", pl.DataFrame(schema=made))

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}; it has {list(self.schema)}")

    @property
    def database(self) -> str:
        """`enterprise` of `base_enterprise__registry`; the stage for other tables."""
        return self.name.partition("__")[0].removeprefix(f"{self.layer.value}_")

    def empty(self) -> pl.DataFrame:
        """A frame of the schema with no rows."""
        return self._no_rows.clone()

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with exactly the declared columns, in order and cast strictly.

        Missing nullable columns become null. Raises `ValueError` naming the columns that
        are missing or not declared.
        """
        if frame.schema == self.schema:
            return frame
        undeclared = [name for name in frame.columns if name not in self.schema]
        missing = [c.name for c in self.columns if c.name not in frame.columns and not c.nullable]
        if undeclared or missing:
            raise ValueError(
                f"table {self.name}: missing columns {missing}, undeclared columns {undeclared}; "
                "mend the writer or the declaration in assets/tables/"
            )
        return frame.select(
            pl.col(c.name).cast(c.dtype)
            if c.name in frame.columns
            else pl.lit(None, c.dtype).alias(c.name)
            for c in self.columns
        )
