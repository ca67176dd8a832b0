"""Cases: whose question it is, about which level, on which day, and by which rule set.

Belongs here: from applications, and from questions that nobody filed, to the cases that the
engine evaluates. Does not: evaluating (`decisions.engine`), which parts an assessment looks
at (`standards/kinds.yaml`).
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

import polars as pl

from assets.calendar import legal_date, legal_day
from assets.tables import enterprise
from decisions.facts.model import Facts
from decisions.kinds.procedures import PAID_IN, procedures
from decisions.lookup import looked_up
from decisions.plans import as_written
from decisions.rulebook.book import Rulebook
from decisions.rulebook.frames import IS_IN_FORCE, RANK
from decisions.rulebook.tables import compile_tables, ruled_subcategory

ASKED = pl.Schema(
    {
        "application_id": pl.String(),
        "usc_code": pl.String(),
        "assessment": pl.String(),
        "category_code": pl.String(),
        "subcategory": pl.String(),
        "level": pl.String(),
        "filed_on": pl.Date(),
        "case_decided_on": pl.Date(),
    }
)
"""What `cases_of` is asked: `application_id` is the key of the case, filed or not."""


BEGINNING = ("first", "addition")


def cases_of(asked: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """The cases with the rule set of their day and what their assessment looks at.

    Args:
        asked: the columns of `ASKED`, and any others, which are kept.
        rulebook: the standard.

    Returns:
        `asked` with `rank` and `levels` (how many the category has), `digest` and `is_lowest`
        (null where the rulebook has no such level), `is_direct` (whether it is 二级 applied for
        at once, by the mixed standard of B1.6), `authority` (who decides it; null if the
        rulebook does not say), `insurance_months`, `net_assets_from` and `is_highest_asked`
        (E25).
    """
    return as_written(_ruled(asked.lazy(), rulebook))


_IS_BEGINNING = pl.col("assessment").is_in(BEGINNING)
_BY_WHICH_SET = [
    pl.coalesce("direct_digest", "digest").alias("digest"),
    pl.col("direct_digest").is_not_null().alias("is_direct"),
]


def _ruled(asked: pl.LazyFrame, rulebook: Rulebook) -> pl.LazyFrame:
    rules = compile_tables(rulebook)
    item = ["category_code", "subcategory", "level"]
    placed = asked.with_columns(rank=RANK).cache()
    of_item = placed.select("application_id", "assessment", *item, "filed_on").with_columns(
        ruled_subcategory(rules)
    )
    dated = of_item.join(rules.sets.lazy().drop("rank"), on=item).filter(IS_IN_FORCE)
    direct = (
        of_item.filter(_IS_BEGINNING)
        .join(rules.direct_sets.lazy().rename({"digest": "direct_digest"}), on=item)
        .filter(IS_IN_FORCE)
    )
    return (
        placed.join(
            dated.select("application_id", "digest", "is_lowest"), on="application_id", how="left"
        )
        .join(direct.select("application_id", "direct_digest"), on="application_id", how="left")
        .with_columns(_BY_WHICH_SET)
        .drop("direct_digest")
        .join(
            of_item.join(_levels(rulebook).lazy(), on=["category_code", "subcategory"]).select(
                "application_id", "levels"
            ),
            on="application_id",
            how="left",
        )
        .join(powers(rulebook).lazy(), on=["category_code", "level"], how="left")
        .with_columns(_asked_by_kind(rulebook))
    )


@lru_cache(maxsize=4)
def _asked_by_kind(rulebook: Rulebook) -> list[pl.Expr]:
    """What the figures of its kind ask of a case."""
    assessment, kinds = pl.col("assessment"), rulebook.kinds
    months = looked_up(assessment, kinds.social_insurance_months, pl.Int64())
    amount = looked_up(assessment, kinds.net_assets_from, pl.String())
    return [
        months.fill_null(0).alias("insurance_months"),
        amount.alias("net_assets_from"),
        assessment.is_in(kinds.net_assets_by_highest_held).alias("is_highest_asked"),
    ]


@lru_cache(maxsize=4)
def _levels(rulebook: Rulebook) -> pl.DataFrame:
    """How many `levels` each `category_code` and `subcategory` has."""
    sets = compile_tables(rulebook).sets
    return sets.group_by("category_code", "subcategory").agg(
        levels=pl.col("level").n_unique().cast(pl.Int64)
    )


@lru_cache(maxsize=4)
def powers(rulebook: Rulebook) -> pl.DataFrame:
    """Who decides: `category_code`, `level`, `authority`."""
    return pl.DataFrame(
        [
            (code, level, power.authority)
            for power in rulebook.jurisdiction.powers
            for code in power.codes
            for level in power.levels
        ],
        schema={name: pl.String() for name in ("category_code", "level", "authority")},
        orient="row",
    )


def cases_of_applications(
    applications: pl.DataFrame, facts: Facts, book: Rulebook, decided_at: datetime
) -> pl.DataFrame:
    """`cases_of` applications: with their days, kind, enterprise name and how they are assessed.

    Args:
        applications: see `decisions.engine.decide`.
        facts: the release.
        book: the standard.
        decided_at: the instant of the decision, UTC.
    """
    day, is_numbered = pl.lit(legal_day(decided_at)), "evaluation_no" in applications.columns
    placed = applications.select(
        "application_id",
        pl.col("evaluation_no") if is_numbered else _FIRST,
        "usc_code",
        "kind",
        "category_code",
        "subcategory",
        "level",
        "filed_at",
        _FILED_ON,
        decided_at=pl.lit(decided_at).cast(pl.Datetime("us", "UTC")),
        decided_on=day,
        case_decided_on=day,
    )
    names = (
        facts.table(enterprise.REGISTRY)
        .join(placed.lazy().select("usc_code").unique(), on="usc_code", how="semi")
        .select("usc_code", enterprise_name="name")
        .unique("usc_code", keep="first")
        .pipe(facts.read)
    )
    asked = (
        placed.lazy()
        .join(names, on="usc_code", how="left")
        .join(procedures(placed, facts, book), on="application_id")
    )
    # What a merger or split asks beside the figures of its assessment.
    return (
        _ruled(asked, book).with_columns(_AS_HANDLED).drop("months", "by_paid_in").pipe(as_written)
    )


_FIRST = pl.lit(1, pl.Int32()).alias("evaluation_no")
_FILED_ON = legal_date(pl.col("filed_at")).alias("filed_on")
_AS_HANDLED = [
    pl.coalesce("months", "insurance_months").alias("insurance_months"),
    pl.when("by_paid_in")
    .then(pl.lit(PAID_IN))
    .otherwise("net_assets_from")
    .alias("net_assets_from"),
    pl.col("is_highest_asked") & ~pl.col("by_paid_in"),
]
