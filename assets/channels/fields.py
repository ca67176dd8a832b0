"""The model of one column of a delivery: how it is read, and what of a target it fills.

Belongs here: fields, measures and marks of a feed, and which column takes which reading. Does
not: a feed as a whole (`assets.channels.feed`), interpreting a value (`assets.normalise`).

Every code is translated through its own channel's dictionary, because the same number means
different things to different senders; every unit is named, because 万元 and 元 look alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import polars as pl
from pydantic import Field as Bounds
from pydantic import model_validator

from assets.channels.ways import Strict
from assets.lake.declaration import INSTANT, QUANTITY, YUAN, Column, Layer, Table
from assets.numbers import FORMS
from assets.tables import BY_NAME, DERIVED, enterprise, project

Read = Literal[
    "text",
    "identifier",
    "enterprise_name",
    "person_name",
    "usc_code",
    "id_number",
    "certificate_no",
    "region",
    "code",
    "date",
    "month",
    "instant",
    "integer",
    "number",
    "yuan",
    "wan_yuan",
    "flag",
]
"""How a source value is interpreted; `wan_yuan` converts 万元 to yuan, `id_number` becomes a
`person_key` and a row of the table of persons, `region` is cut to the six digits of a county,
`identifier` is folded, upper-cased and stripped of blanks, so that equal numbers compare equal."""

PROVENANCE = ("delivery_id", "row_no", "received_at")
"""Columns that collection itself fills in."""

_DTYPES: dict[str, tuple[pl.DataType, ...]] = {
    "date": (pl.Date(),),
    "month": (pl.Date(),),
    "instant": (INSTANT,),
    "integer": (pl.Int32(), pl.Int64()),
    "number": (QUANTITY, pl.Float64()),
    "yuan": (YUAN,),
    "wan_yuan": (YUAN,),
    "flag": (pl.Boolean(),),
}
SCHEMES = {
    "usc_code": enterprise.ALIAS_SCHEMES,
    "project_no": project.ALIAS_SCHEMES,
    "contract_no": ("permit_no",),
}
"""Columns that a feed may fill by another identifier (`known_by`), and the schemes of each."""
PERSONAL_READS = ("id_number", "person_name")
"""Readings whose source columns name a person."""
TARGETS: dict[str, Table] = {
    name: table
    for name, table in BY_NAME.items()
    if (table.layer is Layer.BASE and table not in DERIVED) or name == "intake__application"
}
"""Declared tables that a feed may fill."""


class _Reading(Strict):
    """What is common to a field and a measure: the source column and how to read it."""

    source: str
    """Name of the column, element or member in the delivery."""
    read: Read
    codes: dict[str, str | None] | None = None
    """For `code`: the channel's own dictionary; null = a known code without a meaning here."""
    factor: int = 1
    """For `number`: source unit in units of the target, e.g. 1000 for km into metres."""

    @model_validator(mode="after")
    def _codes_belong_to_code(self) -> _Reading:
        if (self.read == "code") != (self.codes is not None):
            raise ValueError(
                f"{self.source}: codes与read: code须同有或同无 read: code needs codes, and only "
                "read: code has them"
            )
        if self.factor != 1 and self.read != "number":
            raise ValueError(
                f"{self.source}: factor只用于read: number，金额用wan_yuan only read: number has a "
                "factor, money has wan_yuan"
            )
        return self


class Field(_Reading):
    """One column of a delivery."""

    to: str | None = None
    """Column of the target; none = checked, kept raw and not carried on."""
    rank: Annotated[int, Bounds(ge=1)] | None = None
    """Where several feeds tell a column, the one of the lowest rank that has a value is believed.
    None: 1 for a feed that is about the table; one that only `tells` is compared and never
    believed. No two feeds of a column share a rank."""
    tells: str | None = None
    """`table.column` of another table that the value is also heard about, e.g. the name of
    a person or of an enterprise; the feed must have the key of that table."""
    blank: str | None = None
    """Value of an empty source cell, where the sender defines one; otherwise it is missing."""
    form: str | None = None
    """For `identifier` and `certificate_no`: the form a number must have, by its name in
    `assets.numbers`; where senders mix schemes in one column, none."""
    known_by: Mapping[str, str] = Bounds(default_factory=dict)
    """Other fields of the feed that say who or what is meant where this one is empty, each with
    its scheme, e.g. `{OrganCode: organisation_code, CorpName: name}`; looked up in the aliases of
    the base (`assets.aliases`), never guessed."""
    others: Annotated[tuple[str, ...], Bounds(strict=False)] = ()
    """For `code`: codes of rows that the sender has beside those of the target, such as who
    supervised works among who managed them; they stay raw, and are no fault."""
    is_optional: bool = False
    """A delivery may lack the column: older senders do not have it."""
    is_zero_missing: bool = False
    """The sender writes 0 where it has no figure (如无此项则填0)."""

    @model_validator(mode="after")
    def _others_are_codes(self) -> Field:
        if self.others and self.codes is None:
            raise ValueError(f"{self.source}: others: 只用于read: code only read: code has them")
        if known := sorted(set(self.others) & set(self.codes or {})):
            raise ValueError(
                f"{self.source}: others: {known} 在codes中已有含义 have a meaning in codes"
            )
        return self

    @model_validator(mode="after")
    def _rank_is_of_a_column(self) -> Field:
        if self.rank is not None and self.to is None and self.tells is None:
            raise ValueError(
                f"{self.source}: rank: 只用于有to或tells的字段 only what fills or tells a column "
                "has one"
            )
        return self

    @model_validator(mode="after")
    def _form_is_of_a_number(self) -> Field:
        if self.form is not None and self.form not in FORMS:
            raise ValueError(
                f"{self.source}: form: {self.form} 不在其中 is none of {sorted(FORMS)}"
            )
        if self.form is not None and self.read not in ("identifier", "certificate_no"):
            raise ValueError(
                f"{self.source}: form只用于编号 only numbers (read: identifier) have a form"
            )
        return self


class Measure(_Reading):
    """One column of a wide feed that becomes a row of measures; empty or 0 = no such measure."""

    metric: str
    works_type: str | None = None
    """Kind of works the measure belongs to; none = the row's own."""

    @model_validator(mode="after")
    def _number_or_label(self) -> Measure:
        if self.read not in ("number", "code"):
            raise ValueError(
                f"{self.source}: 指标的read为number（值）或code（类别） a measure is read: number "
                "(value) or code (label)"
            )
        return self


class Deletion(Strict):
    """A column in which a feed tells that a row is no more; an empty cell keeps the row."""

    source: str
    codes: dict[str, Literal["kept", "deleted"]]
    """The channel's own marks, e.g. `{U: kept, D: deleted}`."""
    is_optional: bool = False
    """A delivery may lack the column: then it deletes nothing."""


class Trial(Strict):
    """A column in which a feed tells that a row is no real one; an empty cell is a real row."""

    source: str
    codes: dict[str, Literal["live", "test"]]
    is_optional: bool = False
    """A delivery may lack the column: then all its rows are real."""


def misfits(field: Field, column: Column) -> Iterator[str]:
    """What is wrong with a field that is to fill a column."""
    if field.read == "id_number" and column.name not in ("person_key", "other_key"):
        yield (
            f"身份证号只写入person_key an identity number is carried on only as person_key, not as "
            f"{column.name}"
        )
    allowed = _DTYPES.get(field.read, (pl.String(),))
    if column.dtype not in allowed:
        yield (
            f"read: {field.read} 与列的类型不符 does not give {column.name} its type {column.dtype}"
        )
    if column.codes and field.codes is not None:
        odd = sorted({v for v in field.codes.values() if v is not None and v not in column.codes})
        if odd:
            yield (
                f"codes: {odd} 不是该列的值 are no values of {column.name}；可用的 allowed: "
                f"{list(column.codes)}"
            )
    if field.blank is not None and column.dtype != pl.String():
        yield (
            "blank: 只有文本列可写空格的值 only text has a value for an empty cell, "
            f"{column.name} is {column.dtype}"
        )
