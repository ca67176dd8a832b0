"""Who managed which works, as far as sound rows tell and rows set apart leave open.

Belongs here: duties of project managers with the contract and acceptance of their works. Does
not: any check of them (`checks.across.project`, `checks.across.twofold`).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.lake.declaration import Table
from assets.tables import project
from checks.across.apart import with_set_apart
from checks.across.common import Tables, listed, once

_MANAGER = "项目经理"


def is_managing() -> pl.Expr:
    """Whether a duty is, or may be, that of a project manager."""
    return (pl.col("duty") == _MANAGER).fill_null(True)


def managed(tables: Tables, as_of: date) -> pl.LazyFrame:
    """Every duty of a project manager, and what may be one.

    What is told of a contract or an acceptance is null where a row of it was set apart: it may be
    anything. One that does not say of which works it is may be of any of its builder's; a duty that
    does not, on any works.

    Returns:
        `person_key`, `contract_no`, `usc_code` (the builder, by the contract where
        the duty does not say; null if nothing does), `is_led` (the duty is told),
        `is_sole` (the contract names no other manager), `project_no`, `signed_on`, `is_signed`,
        `started_on`, `accepted_on`, `is_ended`, `place` (rows set apart that bear on it).
        `is_signed` and `is_ended` say of contract and acceptance: told, perhaps (false), none.
    """
    duty = project.PARTY
    led = (
        with_set_apart(tables, duty, tables[duty.name].select(*duty.key, "usc_code", "received_at"))
        .filter(is_managing())
        .with_columns(is_sole=pl.len().over("contract_no") == 1)
        .drop_nulls("person_key")
        .select(
            "person_key", "contract_no", "usc_code", "is_sole", is_led="is_trusted", _duty="place"
        )
    )
    signed = _with_told(led, tables, project.CONTRACT, "is_signed", ("project_no", "signed_on"))
    ended = _with_told(
        signed, tables, project.ACCEPTANCE, "is_ended", ("started_on", "accepted_on")
    )
    places = pl.concat_str("_duty", "_is_signed", "_is_ended", separator="、", ignore_nulls=True)
    told = ended.with_columns(place=pl.when(places != "").then(places))
    return once(tables, "managed", as_of, told.drop("_duty", "_is_signed", "_is_ended"))


def _with_told(
    led: pl.LazyFrame, tables: Tables, table: Table, name: str, columns: tuple[str, ...]
) -> pl.LazyFrame:
    """With what a table tells of the works, whether it does, and the places of rows set apart."""
    named = tables[table.name].select("contract_no", "usc_code", *columns, "received_at")
    rows = with_set_apart(tables, table, named)
    apart = rows.filter(pl.col("place").is_not_null()).collect().lazy()
    of_one = apart.drop_nulls("contract_no").group_by("contract_no").agg(_apart=listed("place"))
    of_any = (
        apart.filter(pl.col("contract_no").is_null())
        .drop_nulls("usc_code")
        .group_by("usc_code")
        .agg(_any=listed("place"))
    )
    known = rows.filter(pl.col("place").is_null()).select(
        "contract_no",
        *(pl.when("is_trusted").then(column).alias(column) for column in columns),
        _builder="usc_code",
        _is_told="is_trusted",
    )
    may_be = pl.col("_any").is_not_null() | pl.col("contract_no").is_null()
    is_told = pl.coalesce("_is_told", pl.when(pl.col("_apart").is_not_null()).then(False))
    return (
        led.join(known, on="contract_no", how="left")
        .join(of_one, on="contract_no", how="left")
        .join(of_any, on="usc_code", how="left")
        .with_columns(
            pl.coalesce("usc_code", "_builder"),
            pl.coalesce(is_told, pl.when(may_be).then(False)).alias(name),
            pl.coalesce("_apart", pl.when(is_told.is_null()).then("_any")).alias(f"_{name}"),
        )
        .drop("_builder", "_is_told", "_apart", "_any")
    )
