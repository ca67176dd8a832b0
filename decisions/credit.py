"""Whose credit records are an enterprise's: its own, its branches', perhaps another body's.

Belongs here: the acts, bars and orders of a case, and whether all of them are known (reading 63).
Does not: which of them stand in the way (`article_23`, `switches.bar`, `switches.rectification`).

A branch has no legal personality, and holds no qualification: what is found of it, barred or
ordered is its enterprise's.
"""

from __future__ import annotations

import polars as pl

from assets.declaration import Table
from assets.wording import worded
from checks.common import COUNTED_MONTHS
from decisions.coverage import with_closed
from decisions.facts import Facts
from decisions.payers import payers_of, with_all_known
from decisions.plans import as_written

_OF = ["usc_code", "filed_on"]
_APPLICANT = "code of the applicant"


def bodies_of(cases: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """The bodies that are, or may be, the enterprise of a case.

    Args:
        cases: `usc_code`, `filed_on`.
        facts: the release.

    Returns:
        `usc_code`, `filed_on`, `body`, `is_theirs`: that it surely is; the enterprise itself
        among them.
    """
    asked = cases.select(_OF).unique(maintain_order=True).with_row_index("staff")
    months = pl.lit(COUNTED_MONTHS).alias("insurance_months")
    members = payers_of(asked.with_columns(months), facts).lazy()
    return as_written(
        members.select("staff", body="payer", is_theirs="is_sure")
        .unique(maintain_order=True)
        .join(asked.lazy(), on="staff")
        .drop("staff")
    )


def records_of(
    cases: pl.DataFrame, bodies: pl.DataFrame, facts: Facts, table: Table
) -> pl.LazyFrame:
    """The cases by their records, also of bodies that only may be theirs.

    A record that a check excludes (LAW), as a copy of one already counted (C-08), is none.

    Args:
        cases: `usc_code`, `filed_on`, and what belongs to the case.
        bodies: from `bodies_of`.
        facts: the release.
        table: of the credit base.

    Returns:
        The columns of both, `usc_code` being the case's, and `body`, `is_theirs`.
    """
    records = facts.table(table).filter("is_lawful").rename({"usc_code": "body"})
    return cases.lazy().join(bodies.lazy(), on=_OF).join(records, on="body")


def of_another_body() -> pl.Expr:
    """What is told of a record under another code than the applicant's; nothing of its own."""
    whose = (
        pl.when("is_theirs")
        .then(pl.lit("分支机构 branch"))
        .otherwise(pl.lit("可能为其分支机构 perhaps a branch"))
    )
    return (
        pl.when(pl.col("body") != pl.col("usc_code"))
        .then(worded("；{} {}", whose, "body"))
        .otherwise(pl.lit(""))
    )


def with_all_on_record(
    cases: pl.DataFrame, bodies: pl.DataFrame, facts: Facts, table: Table, *, day: str
) -> pl.LazyFrame:
    """The cases with whether a record that is not there is none: `is_closed`, never null.

    Only where the table is complete for every body, and no branch is missing on the register.

    Args:
        cases: `usc_code`, `filed_on` and the column named by `day`.
        bodies: from `bodies_of`.
        facts: the release.
        table: of the credit base.
        day: the day on which all must be fresh.
    """
    asked = [*_OF, day]
    told = (
        cases.lazy()
        .select(asked)
        .unique()
        .join(bodies.lazy(), on=_OF)
        .rename({"usc_code": _APPLICANT, "body": "usc_code"})
        .pipe(with_closed, facts, table, day=day)
        .group_by(_APPLICANT, *asked[1:])
        .agg(pl.col("is_closed").all())
        .rename({_APPLICANT: "usc_code"})
    )
    return (
        cases.lazy()
        .join(told, on=asked, how="left", maintain_order="left")
        .pipe(with_all_known, facts, day=day)
        .with_columns(pl.col("is_closed") & pl.col("is_register_closed"))
        .drop("is_register_closed")
    )
