"""What happened after a grant to the rows it rests on (catalogue F-12, P-19).

Belongs here: evidence of grants against the base of today. Does not: supervision itself, which
reads these notes; a lawful grant is not undone by them.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from assets.calendar import legal_date
from assets.lake.declaration import Table
from assets.tables import decision, enterprise, personnel, project
from assets.wording import worded
from checks.across.common import CrossCheck, Tables, employers, findings, listed, stated, with_head

LENT_DAYS = 180

_ROWS: dict[Table, tuple[str, pl.Expr]] = {
    enterprise.REGISTRY: ("usc_code", pl.col("usc_code")),
    enterprise.STATEMENT: (
        "year",
        worded("{}|{}|{}", "usc_code", "year", "report_code"),
    ),
    enterprise.EQUIPMENT: ("equipment_no", pl.col("equipment_no")),
    personnel.REGISTRATION: (
        "registration_no",
        worded("{}|{}", "registration_no", "specialty"),
    ),
    personnel.TITLE: ("title_no", worded("{}|{}", "title_no", "major")),
    personnel.POST: ("certificate_no", pl.col("certificate_no")),
    personnel.SKILL: ("certificate_no", pl.col("certificate_no")),
    personnel.TECHNICAL_LEAD: (
        "person_key",
        worded("{}|{}", "usc_code", "category_code"),
    ),
    project.UNIT: ("unit_code", pl.col("unit_code")),
}
"""Base table, the column by which a finding names its rows, and its row key in the evidence."""


def _granted(tables: Tables) -> pl.LazyFrame:
    """Rows that grants counted: `usc_code`, `decided_at`, `target`, `row_key`, `content_json`."""
    grants = (
        tables[decision.DECISION.name]
        .filter(pl.col("outcome") == "granted")
        .select("application_id", "evaluation_no", "usc_code", "decided_at")
    )
    return (
        tables[decision.EVIDENCE.name]
        .filter(pl.col("counted") == "yes", ~pl.col("criterion").str.starts_with(decision.NOTE))
        .join(grants, on=["application_id", "evaluation_no"])
    )


def changed_after_grant(tables: Tables, as_of: date) -> pl.LazyFrame:
    """F-12: a row that a grant counted was told anew after it, or is gone.

    What is sent again unchanged is no news and leaves the base as it was. Instants are compared
    by the second: nothing is collected, checked, released and decided within one.
    """
    del as_of
    counted = _granted(tables)
    is_gone = pl.col("told_at").is_null()
    found = []
    for table, (name, key) in _ROWS.items():
        base = tables[table.name].select(
            _evidence=key,
            row_key=pl.col(name).cast(pl.String),
            told_at="received_at",
        )
        rows = (
            counted.filter(pl.col("target") == table.name)
            .select("usc_code", "decided_at", _evidence="row_key")
            .join(base, on="_evidence", how="left")
            .filter(
                pl.col("told_at").is_null()
                | (pl.col("told_at").dt.truncate("1s") > pl.col("decided_at"))
            )
            .group_by("usc_code", row_key=pl.coalesce("row_key", "_evidence"))
            .agg(
                granted=legal_date(pl.col("decided_at").max()),
                is_gone=is_gone.any(),
            )
        )
        detail = worded(
            "{} 许可后{} / after the grant",
            "granted",
            pl.when("is_gone")
            .then(pl.lit("数据消失 gone"))
            .otherwise(pl.lit("数据变更 told anew")),
        )
        found.append(findings(rows, table, "row_key", "WARN", detail))
    return pl.concat(found)


def lent(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-19: counted for a grant of the last 180 days, and now claimed by another enterprise."""
    since = as_of - timedelta(days=LENT_DAYS)
    numbers = stated(tables)
    people = (
        _granted(tables)
        .filter(
            legal_date(pl.col("decided_at")) >= pl.lit(since),
            pl.col("target").is_in(
                [table.name for table in (*personnel.NUMBERS, personnel.TECHNICAL_LEAD)]
            ),
        )
        .select(
            "usc_code",
            # As he was known on the day of the grant: he may have another number now.
            person_key=numbers.of(pl.col("content_json").str.json_path_match("$.person_key")),
        )
        .drop_nulls()
        .unique()
    )
    counted_at = with_head(tables, people).select(
        "person_key", granted="usc_code", granted_head="head"
    )
    now = with_head(tables, employers(tables, as_of, counted_at)).select(
        "person_key", "usc_code", "head"
    )
    pairs = now.join(counted_at, on="person_key").filter(pl.col("head") != pl.col("granted_head"))
    here = pairs.group_by("person_key", "usc_code").agg(names=listed("granted"))
    there = pairs.group_by("person_key", usc_code="granted").agg(names=listed("usc_code"))
    detail = worded("半年内曾计入或现属 {} / counted there or claimed there now", "names")
    return pl.concat(
        [findings(rows, personnel.PERSON, "person_key", "WARN", detail) for rows in (here, there)]
    )


CHECKS = (
    CrossCheck(id="F-12", targets=tuple(_ROWS), find=changed_after_grant, asks_day=False),
    CrossCheck(id="P-19", targets=(personnel.PERSON,), find=lent),
)
