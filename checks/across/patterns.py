"""Patterns that no row shows by itself: notes for supervision (catalogue E-20, P-29, P-30, D-05).

Belongs here: many enterprises at one address, certificates in bulk, people moved in for the
day, a matter filed twice. Does not: anything that decides a case: every finding is a note.

Figures are starting values, to be tuned on real data; they are not law.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.calendar import add_months, legal_date
from assets.lake.declaration import Table
from assets.lake.keys import digest
from assets.tables import enterprise, intake, personnel
from assets.wording import worded
from checks.across.common import (
    CrossCheck,
    Tables,
    counted_months,
    findings,
    folded_name,
    is_insured,
    recent_insurance,
    with_head,
)

APPLICANTS = 5
BULK = 30
BULK_DAYS = 60
JOINED_MONTHS = 3
JOINED_SHARE = 0.5
PEOPLE = 10
"""Fewer insured than this, and a share says nothing."""


def shared_address(tables: Tables, as_of: date) -> pl.LazyFrame:
    """E-20: five or more applicants of the last twelve months share an address or a telephone."""
    since = add_months(as_of, -12)
    filed_on = legal_date(pl.col("filed_at"))
    applicants = (
        tables[intake.APPLICATION.name].filter(filed_on >= since).select("usc_code").unique()
    )
    registered = tables[enterprise.REGISTRY.name].join(applicants, on="usc_code", how="semi")
    return pl.concat(
        [
            findings(
                registered.drop_nulls(column)
                .with_columns(_shared=shared)
                .with_columns(_here=pl.col("usc_code").n_unique().over("_shared"))
                .filter(pl.col("_here") >= APPLICANTS),
                enterprise.REGISTRY,
                "usc_code",
                "WARN",
                worded(f"一年内{{}}家申请企业{zh} / applicants share it", "_here"),
            )
            for column, shared, zh in (
                ("address", folded_name("address"), "同址"),
                ("phone", pl.col("phone").str.replace_all(r"\D", ""), "同电话"),
            )
        ]
    )


def filed_twice(tables: Tables, as_of: date) -> pl.LazyFrame:
    """D-05: one category filed again within 24 hours, whatever the kind."""
    del as_of
    matter = ("usc_code", "category_code", "subcategory")
    rows = (
        tables[intake.APPLICATION.name]
        .sort("filed_at", "application_id")
        .with_columns(
            _before=pl.col("filed_at").shift(1).over(matter),
            _first=pl.col("application_id").shift(1).over(matter),
        )
        .filter(pl.col("filed_at") - pl.col("_before") <= pl.duration(hours=24))
        .group_by("usc_code")
        .agg(
            cases=pl.concat_str("_first", pl.lit("、"), "application_id").sort().str.join("；"),
            row_key=pl.col("usc_code").first(),
        )
    )
    detail = worded("24小时内同类重复申请 {} / one matter filed again", "cases")
    return findings(rows, enterprise.REGISTRY, "row_key", "WARN", detail)


def bought_in_bulk(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-29: over 30 certificates of an enterprise, of one day, with consecutive numbers."""
    return pl.concat(
        [_bulk(tables[table.name], table, as_of) for table in (personnel.POST, personnel.SKILL)]
    )


def _bulk(rows: pl.LazyFrame, table: Table, as_of: date) -> pl.LazyFrame:
    day = ("usc_code", "issued_on")
    recent = rows.filter(
        pl.col("issued_on").is_between(pl.lit(as_of).dt.offset_by(f"-{BULK_DAYS}d"), pl.lit(as_of))
    ).drop_nulls("usc_code")
    runs = (
        recent.with_columns(
            _number=pl.col("certificate_no").str.extract(r"(\d{1,18})$").cast(pl.Int64)
        )
        .drop_nulls("_number")
        .sort("_number")
        .with_columns(
            _run=(pl.col("_number") - pl.col("_number").shift(1).over(day) != 1)
            .fill_null(True)
            .cum_sum()
            .over(day)
        )
        .filter(pl.len().over(*day, "_run") > BULK)
        .group_by(day)
        .agg(many=pl.len(), row_key=pl.col("usc_code").first())
    )
    detail = worded(f"{{}} {table.zh}连号{{}}本 / consecutive numbers", "issued_on", "many")
    return findings(runs, enterprise.REGISTRY, "row_key", "WARN", detail)


def moved_in(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-30: over half of those insured last month have been here for three months at most.

    Only where the data reach farther back: otherwise everybody would seem to have joined.
    """
    since = pl.lit(add_months(max(counted_months(as_of)), 1 - JOINED_MONTHS))
    pair = ["head", "person_key"]
    months = recent_insurance(tables, as_of).filter(is_insured(), pl.col("month") < pl.lit(as_of))
    last = months.filter(pl.col("month") == pl.col("month").max())
    people = (
        with_head(tables, last)
        .group_by("head")
        .agg(people=pl.col("person_key").n_unique())
        .filter(pl.col("people") >= PEOPLE)
    )
    # Nearly everybody was here in the month before: only of the others is the history read. Who
    # was is looked for by number: at worst one of many thousands who joined is not noticed.
    before = months.filter(pl.col("month") < since)
    number = digest(("usc_code", "person_key")).alias("_number")
    others = (
        last.with_columns(number)
        .join(before.select(number), on="_number", how="anti")
        .drop("_number")
    )
    theirs = with_head(tables, before.join(others, on="person_key", how="semi"))
    joined = with_head(tables, others).select(pair).unique()
    new = joined.join(theirs, on=pair, how="anti").collect()
    suspects = _mostly(new.lazy(), people).collect()["head"]
    paid = tables[personnel.INSURANCE.name].filter(is_insured(), pl.col("month") < since)
    registry = tables[enterprise.REGISTRY.name].select("usc_code")
    codes = with_head(tables, registry).filter(pl.col("head").is_in(suspects.implode()))
    named = pl.concat([suspects, codes.collect()["usc_code"]]).unique()
    earlier = with_head(tables, paid.filter(pl.col("usc_code").is_in(named.implode())))
    shares = (
        _mostly(new.lazy().join(earlier, on=pair, how="anti"), people)
        .join(paid.select(_reaches="month").head(1), how="cross")
        .with_columns(usc_code="head")
    )
    detail = worded(
        "参保{}人中{}人为近{}个月新增 / joined lately", "people", "joined", pl.lit(JOINED_MONTHS)
    )
    return findings(shares, enterprise.REGISTRY, "usc_code", "WARN", detail)


def _mostly(new: pl.LazyFrame, people: pl.LazyFrame) -> pl.LazyFrame:
    """Enterprises most of whose people are among the new ones: `head`, `joined`, `people`."""
    joined = new.group_by("head").agg(joined=pl.len())
    return joined.join(people, on="head").filter(pl.col("joined") > pl.col("people") * JOINED_SHARE)


CHECKS = (
    CrossCheck(id="E-20", targets=(enterprise.REGISTRY,), find=shared_address),
    CrossCheck(id="D-05", targets=(enterprise.REGISTRY,), find=filed_twice, asks_day=False),
    CrossCheck(id="P-29", targets=(personnel.POST, personnel.SKILL), find=bought_in_bulk),
    CrossCheck(id="P-30", targets=(personnel.INSURANCE,), find=moved_in, by="payer"),
)
