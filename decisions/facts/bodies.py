"""The bodies whose rows are an enterprise's, or may be: itself, its branches, bodies in doubt.

Belongs here: who they are, which rows of a table are under their codes, and whether all of these
are known (readings 63, 66). Does not: what follows from a row (the counting modules, `credit`), who
may pay for a staff (`payers`).
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from assets.lake.declaration import Table
from assets.wording import worded
from checks.across.common import COUNTED_MONTHS
from decisions.facts.coverage import with_closed
from decisions.facts.model import Facts
from decisions.facts.payers import payers_of, with_all_known
from decisions.plans import as_written

OF = ["usc_code", "filed_on"]
"""By what a case has its bodies."""
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
    asked = cases.select(OF).unique(maintain_order=True).with_row_index("staff")
    months = pl.lit(COUNTED_MONTHS).alias("insurance_months")
    members = payers_of(asked.with_columns(months), facts).lazy()
    return as_written(
        members.select("staff", body="payer", is_theirs="is_sure")
        .unique(maintain_order=True)
        .join(asked.lazy(), on="staff")
        .drop("staff")
    )


def under_their_codes(
    cases: pl.LazyFrame, bodies: pl.DataFrame, rows: pl.LazyFrame
) -> pl.LazyFrame:
    """The cases by the rows under the codes of their bodies.

    Args:
        cases: `usc_code`, `filed_on`, and what belongs to the case.
        bodies: from `bodies_of`.
        rows: of a table with `usc_code`.

    Returns:
        The columns of both, `usc_code` being the case's, and `body`, `is_theirs`.
    """
    return cases.join(bodies.lazy(), on=OF).join(rows.rename({"usc_code": "body"}), on="body")


def is_its_own() -> pl.Expr:
    """Whether a row counts as the enterprise's by its code; under another's nobody knows."""
    return pl.when(pl.col("body") == pl.col("usc_code")).then(True)


def of_another_body() -> pl.Expr:
    """What is told of a row under another code than the applicant's; nothing of its own."""
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


def not_its_own() -> pl.Expr:
    """Why a row under another body's code neither counts nor falls away; null of its own."""
    return pl.when(pl.col("body") != pl.col("usc_code")).then(
        worded(
            "登记在其他机构代码下，是否为本单位所有不明 "
            "under another body's code, whether it is its own is not known{}",
            of_another_body(),
        )
    )


Closed = Callable[..., pl.LazyFrame]
"""`decisions.facts.coverage.with_closed` or `with_declared`."""


def all_closed(
    bodies: pl.DataFrame,
    facts: Facts,
    *tables: Table,
    name: str = "is_closed",
    known: Closed = with_closed,
) -> pl.LazyFrame:
    """Whether a row that is not there is none, under any of an enterprise's codes.

    Only where the tables are complete for every body, and no branch is missing on the register.

    Args:
        bodies: from `bodies_of`.
        facts: the release.
        tables: the sources, fresh on the day of filing.
        name: the column of the answer, never null.
        known: what is asked of the tables.

    Returns:
        `usc_code`, `filed_on`, `name`; each once.
    """
    each = bodies.lazy().select(*OF, "body")
    # Most enterprises have no branch: their own answer is that of all their bodies.
    answered = (
        known(each.drop("body"), facts, *tables, day="filed_on", name=name)
        if bodies["body"].equals(bodies["usc_code"])
        else of_each(each, facts, *tables, day="filed_on", name=name, known=known)
    )
    return answered.pipe(with_all_known, facts).select(
        *OF, pl.col(name) & pl.col("is_register_closed")
    )


def of_each(
    asked: pl.LazyFrame,
    facts: Facts,
    *tables: Table,
    day: str,
    name: str = "is_closed",
    known: Closed = with_closed,
) -> pl.LazyFrame:
    """Whether the tables are complete for each body: the columns but `body`, once, and `name`.

    Args:
        asked: `usc_code`, `body`, the column named by `day`, and any others.
        facts: the release.
        tables: the sources.
        day: the day on which all must be fresh.
        name: the column of the answer, never null.
        known: what is asked of the tables.
    """
    return (
        asked.rename({"usc_code": _APPLICANT, "body": "usc_code"})
        .pipe(known, facts, *tables, day=day, name=name)
        .group_by(pl.exclude("usc_code", name))
        .agg(pl.col(name).all())
        .rename({_APPLICANT: "usc_code"})
    )
