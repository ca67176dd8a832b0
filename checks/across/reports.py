"""Cross-channel checks on balance sheets and yearly reports (catalogue E-15 to E-17, Q-05).

Belongs here: a statement against the yearly report, the paid-in capital and the machines of the
same enterprise. Does not: a statement against those of other years (`checks.across.means`).

A finding is keyed by the year of the statement. Figures are starting values, no law.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.tables import enterprise
from assets.wording import worded
from checks.across.common import CrossCheck, Tables, findings

PEER_TIMES = 1_000
PEERS_KNOWN = 20
"""Enterprises of a year from which the middle of net assets a head says anything."""
APART = 0.05


def _yearly(tables: Tables) -> pl.LazyFrame:
    """Yearly statements: `usc_code`, `year`, `row_key`, `net`, `fixed`."""
    return (
        tables[enterprise.STATEMENT.name]
        .filter(pl.col("report_code") == "annual")
        .select(
            "usc_code",
            "year",
            row_key=pl.col("year").cast(pl.String),
            net=pl.col("net_assets_yuan").cast(pl.Float64),
            fixed=pl.col("fixed_assets_yuan").cast(pl.Float64),
        )
    )


def _declared(tables: Tables) -> pl.LazyFrame:
    """Yearly reports: `usc_code`, `year`, `declared`, `profit`, `employees`."""
    return tables[enterprise.ANNUAL_REPORT.name].select(
        "usc_code",
        "year",
        "employees",
        declared=pl.col("net_assets_yuan").cast(pl.Float64),
        profit=pl.col("net_profit_yuan").cast(pl.Float64),
    )


def apart_from_peers(tables: Tables, as_of: date) -> pl.LazyFrame:
    """E-15: net assets for each employee over a thousand times the middle of the year."""
    del as_of
    a_head = (
        _yearly(tables)
        .join(_declared(tables).filter(pl.col("employees") > 0), on=["usc_code", "year"])
        .filter(pl.col("net") > 0)
        .with_columns(a_head=pl.col("net") / pl.col("employees"))
        .with_columns(middle=pl.col("a_head").median().over("year"), told=pl.len().over("year"))
    )
    rows = a_head.filter(
        pl.col("told") >= PEERS_KNOWN, pl.col("a_head") > pl.col("middle") * PEER_TIMES
    )
    detail = worded(
        "人均净资产{}元，同年中位{}元 / net assets a head",
        pl.col("a_head").round(0),
        pl.col("middle").round(0),
    )
    return findings(rows, enterprise.STATEMENT, "row_key", "DATA", detail)


def differs_from_report(tables: Tables, as_of: date) -> pl.LazyFrame:
    """E-16: the net assets filed and those declared of one year differ by over 5 %.

    What was filed with the tax bureau is the statement that the law asks for (E24): it counts.
    """
    del as_of
    rows = (
        _yearly(tables)
        .join(_declared(tables).drop_nulls("declared"), on=["usc_code", "year"])
        .filter((pl.col("net") - pl.col("declared")).abs() > pl.col("net").abs() * APART)
    )
    detail = worded("报税净资产{}元，年报{}元 / filed and declared differ", "net", "declared")
    return findings(rows, enterprise.STATEMENT, "row_key", "WARN", detail)


def equity_without_capital(tables: Tables, as_of: date) -> pl.LazyFrame:
    """E-17: net assets, though nothing was paid in and the year before brought no profit."""
    del as_of
    unpaid = tables[enterprise.REGISTRY.name].filter(pl.col("paid_in_capital_yuan") == 0)
    before = _declared(tables).select("usc_code", "profit", year=pl.col("year") + 1)
    rows = (
        _yearly(tables)
        .filter(pl.col("net") > 0)
        .join(unpaid.select("usc_code"), on="usc_code", how="semi")
        .join(before.filter(pl.col("profit") <= 0), on=["usc_code", "year"])
    )
    detail = worded(
        "实收资本为零，上年利润{}元，净资产{}元 / equity without capital or profit", "profit", "net"
    )
    return findings(rows, enterprise.STATEMENT, "row_key", "WARN", detail)


def machines_beyond_assets(tables: Tables, as_of: date) -> pl.LazyFrame:
    """Q-05: the machines of an enterprise cost more than the fixed assets it filed last."""
    latest = (
        _yearly(tables)
        .drop_nulls("fixed")
        .sort("year")
        .group_by("usc_code")
        .agg(pl.col("row_key", "fixed").last())
    )
    day = pl.lit(as_of)
    rows = (
        tables[enterprise.EQUIPMENT.name]
        .filter(pl.col("is_owned"), pl.col("disposed_on").is_null() | (pl.col("disposed_on") > day))
        .unique(["usc_code", "equipment_no"])  # a machine has a row for each of its measures
        .group_by("usc_code")
        .agg(price=pl.col("price_yuan").cast(pl.Float64).sum())
        .join(latest, on="usc_code")
        .filter(pl.col("price") > pl.col("fixed"))
    )
    detail = worded("设备价值{}元，固定资产{}元 / machines over fixed assets", "price", "fixed")
    return findings(rows, enterprise.STATEMENT, "row_key", "WARN", detail)


_STATEMENT = (enterprise.STATEMENT,)
CHECKS = (
    CrossCheck(id="E-15:peers", targets=_STATEMENT, find=apart_from_peers, asks_day=False),
    CrossCheck(id="E-16", targets=_STATEMENT, find=differs_from_report, asks_day=False),
    CrossCheck(id="E-17", targets=_STATEMENT, find=equity_without_capital, asks_day=False),
    CrossCheck(id="Q-05", targets=_STATEMENT, find=machines_beyond_assets),
)
