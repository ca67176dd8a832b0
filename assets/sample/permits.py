"""Construction permits of the sample's works.

What belongs here: which contracts have one, its number and its row. What does not: the contracts
(`works`) or the database that permits are delivered from (`databases`).

A project has at most one permit, of its first general contract. Works below the limit and those
begun before the counties kept permits in one database have none there.
"""

from __future__ import annotations

import polars as pl

from assets.sample.draws import Draws
from assets.sample.identifiers import usc_code
from assets.wording import worded

_AFTER_REGISTRATION = 64
"""Days from a project's registration to its permit: after its first contract, which is signed
within 52 days, and, as projects of one county and serial, on a day that no other has."""
_LEAST_YUAN, _LEAST_M2 = 300_000, 300
"""Works below either need no permit (建筑工程施工许可管理办法 Art. 2)."""
_AREA = "民用建筑工程|单体建筑面积", "工业建筑工程|单体建筑面积"
_SUPERVISORS = 40
_SUPERVISOR = 7
"""Codes that no enterprise of the sample has (`identifiers.usc_code`)."""


def permitted(contracts: pl.DataFrame) -> pl.DataFrame:
    """Numbered contracts with `permit_no` and `issued_on`, null for those without a permit."""
    issued = pl.col("registered_on").dt.offset_by(f"{_AFTER_REGISTRATION}d")
    is_first = (pl.col("contract_type") == "施工总承包") & (
        pl.int_range(pl.len()).over("project_no", "contract_type") == 0
    )
    area = pl.max_horizontal(*_AREA).fill_nan(None)
    has_one = (
        is_first
        & issued.is_between(pl.col("signed_on"), pl.col("started_on"))
        & (pl.col("amount_yuan") >= _LEAST_YUAN)
        & (area.fill_null(_LEAST_M2) >= _LEAST_M2)
    )
    number = worded(
        "{}{}{}{}",
        "county",
        issued.dt.strftime("%Y%m%d"),
        pl.col("project_no").str.slice(14, 2),
        pl.when(pl.col("class_code") == "99").then(pl.lit("19")).otherwise("class_code"),
    )
    return contracts.with_columns(
        permit_no=pl.when(has_one).then(number), issued_on=pl.when(has_one).then(issued)
    )


def permits(contracts: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    """The rows of the permits of contracts that `permitted` has been at."""
    rows = contracts.drop_nulls("permit_no")
    codes = [usc_code("330100", number, _SUPERVISOR) for number in range(_SUPERVISORS)]
    chosen = draws.integers(
        "supervisor", 0, _SUPERVISORS, rows["owner"].to_numpy(), rows["seq"].to_numpy()
    )
    area = pl.max_horizontal(*_AREA).fill_nan(None)
    return rows.select(
        "owner",
        "permit_no",
        "project_no",
        "usc_code",
        "amount_yuan",
        "issued_on",
        supervisor_usc_code=pl.Series([codes[one] for one in chosen], dtype=pl.String),
        area_m2=area * pl.col("units"),
    )
