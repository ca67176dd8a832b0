"""How each case is handled: by its kind, and a re-verification by what the bases say of it.

Belongs here: the assessment of a case, and what the facts of a merger or split change in it.
Does not: figures (`standards/kinds.yaml`), whether it may be taken up (`decisions.admission`).
"""

from __future__ import annotations

import polars as pl

from assets.tables import enterprise
from decisions.facts.model import Facts
from decisions.holdings.held import held_now
from decisions.kinds.lower_level import LOWER_LEVEL
from decisions.kinds.reverification import FULL, SIMPLIFIED
from decisions.reverification.events import DIVIDED
from decisions.reverification.grounds import unanswered
from decisions.reverification.lower_level import lower_level
from decisions.rulebook.book import Rulebook
from decisions.rulebook.frames import RANK

AGAIN = "reverification"
PAID_IN = "paid_in_capital"


def procedures(applications: pl.DataFrame, facts: Facts, book: Rulebook) -> pl.LazyFrame:
    """How each application is handled.

    Args:
        applications: `application_id`, `usc_code`, `kind`, `category_code`, `subcategory`, `level`,
            `filed_at`, `filed_on`, `decided_at`, `decided_on`.
        facts: the release.
        book: the rulebook.

    Returns:
        `application_id`, `assessment`; `months` of insurance, null where the assessment's own
        figure holds; `by_paid_in`, whether net assets go by paid-in capital; `is_lower`, whether a
        re-verification is for a lower level (B6.7), null where that is not known.
    """
    if not (applications["kind"] == AGAIN).any():
        return applications.lazy().select("application_id", *_BY_ITS_KIND)
    others = applications.lazy().filter(~_IS_AGAIN).select("application_id", *_BY_ITS_KIND)
    again = applications.filter(_IS_AGAIN)
    return pl.concat([others, _again(again.with_columns(rank=RANK), facts, book).lazy()])


_IS_AGAIN = pl.col("kind") == AGAIN
_BY_ITS_KIND = [
    pl.col("kind").alias("assessment"),
    pl.lit(None, pl.Int64()).alias("months"),
    pl.lit(False).alias("by_paid_in"),
    pl.lit(False).alias("is_lower"),
]


def _again(cases: pl.DataFrame, facts: Facts, book: Rulebook) -> pl.DataFrame:
    """Of re-verifications: `application_id`, `assessment`, `months`, `by_paid_in`."""
    held = held_now(
        cases.select("application_id", "usc_code", "filed_on", "decided_on"),
        facts,
        book.extensions,
    )
    founded = (
        facts.table(enterprise.REGISTRY)
        .join(cases.lazy().select("usc_code").unique(), on="usc_code", how="semi")
        .filter("is_trusted")
        .select("usc_code", "established_on")
        .unique("usc_code")
        .pipe(facts.collect)
    )
    on_record = unanswered(cases.with_columns(held_rank="rank"), held, facts)
    open_grounds = (
        on_record.filter("is_trusted")
        .join(cases.select("application_id", "usc_code"), on="application_id")
        .join(founded, on="usc_code", how="left")
    )
    # B0.5: of a split or restructuring the enterprise that was there before shows more months.
    is_old = pl.col("event_code").is_in(DIVIDED) & (
        pl.col("established_on") < pl.col("happened_on")
    ).fill_null(True)
    handled = open_grounds.group_by("application_id").agg(
        # Everything that 79号 does not list is verified in full, whatever came after it (B6.2).
        is_simplified=(pl.col("handling_code") == "simplified").fill_null(False).all(),
        is_old=is_old.any(),
        is_split=(pl.col("event_code") == "split").any(),
    )
    rows = (
        cases.select("application_id")
        .join(handled, on="application_id", how="left")
        .join(lower_level(cases, held, on_record, facts), on="application_id")
        .join(_capital_changed(open_grounds, facts), on="application_id", how="left")
        .with_columns(pl.col("is_simplified", "is_old", "is_split", "has_changed").fill_null(False))
    )
    by_loss, is_simplified = pl.col("is_by_loss"), pl.col("is_simplified")
    return rows.select(
        "application_id",
        assessment=pl.when(by_loss)
        .then(pl.lit(LOWER_LEVEL.code))
        .when(is_simplified)
        .then(pl.lit(SIMPLIFIED.code))
        .otherwise(pl.lit(FULL.code)),
        months=pl.when(~by_loss & pl.col("is_old")).then(
            pl.lit(book.kinds.insurance_months_of_the_divided, pl.Int64())
        ),
        # 79号: where registered and paid-in capital changed, the capital that was paid in (B6.3).
        by_paid_in=~by_loss & pl.col("has_changed") & (is_simplified | pl.col("is_split")),
        is_lower="is_lower",
    )


def _capital_changed(open_grounds: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Whether the capital changed with a ground or after it: `application_id`, `has_changed`."""
    changes = facts.table(enterprise.EVENT).filter(
        (pl.col("event_code") == "capital") & pl.col("is_trusted")
    )
    return (
        open_grounds.lazy()
        .select("application_id", "usc_code", "filed_on", began_on="happened_on")
        .join(changes.select("usc_code", "happened_on"), on="usc_code")
        .filter(pl.col("happened_on").is_between("began_on", "filed_on"))
        .select("application_id", has_changed=pl.lit(True))
        .unique()
        .pipe(facts.collect)
    )
