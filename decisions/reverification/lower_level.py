"""Which of both a re-verification is: after a merger or the like, or of a lower level (B6.1, B6.7).

Belongs here: whether a higher level was lost, and neither the level applied for nor one above is
held (reading 45). Does not: what was lost (`decisions.reverification.losses`), whether in time
(`decisions.switches.lower_level`), how a case is handled (`decisions.kinds.procedures`).
"""

from __future__ import annotations

import polars as pl

from assets.tables import enterprise
from decisions import kleene
from decisions.facts.coverage import with_closed
from decisions.facts.model import Facts
from decisions.holdings.held import OF_ITEM
from decisions.plans import as_written
from decisions.reverification.losses import IN_TIME, losses


def lower_level(
    cases: pl.DataFrame, held: pl.DataFrame, on_record: pl.DataFrame, facts: Facts
) -> pl.DataFrame:
    """Whether each case is for a lower level after a loss.

    A loss of long ago is no matter where a merger or the like is the ground. A qualification that
    is not trusted, or may not have been delivered, may be what was lost, or the level itself.

    Args:
        cases: `application_id`, `usc_code`, `category_code`, `subcategory`, `rank`, `filed_at`,
            `filed_on`.
        held: what the applicants hold (`decisions.holdings.held.HELD`).
        on_record: the grounds of `decisions.reverification.grounds.unanswered`.
        facts: the release, with Miaoban's own decisions.

    Returns:
        `application_id`, `is_lower`, null where it is not known; and `is_by_loss`, whether the case
        is handled as one: where it is not known, if a loss is told, or no merger or the like.
    """
    lost = losses(cases, facts).join(
        cases.select("application_id", "filed_on"), on="application_id"
    )
    return (
        cases.lazy()
        .select("application_id", "usc_code", "filed_on")
        .join(_events(on_record), on="application_id", how="left")
        .join(_losses(lost), on="application_id", how="left")
        .join(_standing(cases, held, lost), on="application_id", how="left")
        .pipe(with_closed, facts, enterprise.EVENT, name="is_told")
        .pipe(with_closed, facts, enterprise.QUALIFICATION)
        .with_columns(_HAS_EVENT)
        .with_columns(_IS_LOST, _STANDS)
        .with_columns(is_lower=pl.col("is_lost") & ~pl.col("stands"))
        .select("application_id", "is_lower", _IS_BY_LOSS)
        .pipe(as_written)
    )


def _events(on_record: pl.DataFrame) -> pl.LazyFrame:
    """Of cases with grounds on record `has_event`, and `events`, how many."""
    return (
        on_record.lazy()
        .group_by("application_id")
        .agg(has_event=kleene.some(pl.col("is_open")), events=pl.len())
    )


def _losses(lost: pl.DataFrame) -> pl.LazyFrame:
    """Of cases with losses, or perhaps, on record: whether one is in time, told, and how many."""
    return (
        lost.lazy()
        .group_by("application_id")
        .agg(in_time=kleene.some(IN_TIME), is_loss_told=pl.col("is_trusted").any(), losses=pl.len())
    )


def _standing(cases: pl.DataFrame, held: pl.DataFrame, lost: pl.DataFrame) -> pl.LazyFrame:
    """Of cases with qualifications on record: whether the level stands, or one above it.

    Another level above it, or the lost one once more: nothing lower takes its place.
    """
    last = (
        lost.filter("is_trusted")
        .group_by("application_id", level="lost_level")
        .agg(pl.col("lost_on").max(), is_lost=pl.lit(True))
    )
    is_not_lost = pl.col("is_lost").is_null() | (pl.col("held_from") > pl.col("lost_on"))
    return (
        held.lazy()
        .join(
            cases.lazy().select("application_id", *OF_ITEM, asked_rank="rank"),
            on=["application_id", *OF_ITEM],
        )
        .filter(pl.col("rank") >= pl.col("asked_rank"))
        .join(last.lazy(), on=["application_id", "level"], how="left")
        .select(
            "application_id",
            # A spell of it that has ended is none by which it is held.
            stands=kleene.all_of(pl.col("is_valid"), is_not_lost),
        )
        .group_by("application_id")
        .agg(kleene.some(pl.col("stands")), holdings=pl.len())
    )


_IS_CLOSED = pl.col("is_closed")
_HAS_EVENT = kleene.proven(
    pl.when(pl.col("events").is_null()).then(False).otherwise("has_event"), pl.col("is_told")
).alias("has_event")
# Of what is not trusted nobody knows that it was a loss: then the source is not complete.
_IS_LOST = kleene.proven(
    pl.when(pl.col("losses").is_null())
    .then(False)
    .otherwise(kleene.any_of(pl.col("in_time"), ~pl.col("has_event"))),
    _IS_CLOSED,
).alias("is_lost")
_STANDS = kleene.proven(
    pl.when(pl.col("holdings").is_null()).then(False).otherwise("stands"), _IS_CLOSED
).alias("stands")
_IS_BY_LOSS = pl.coalesce(
    "is_lower",
    pl.col("losses").is_not_null()
    & (pl.col("is_loss_told") | pl.col("events").is_null()).fill_null(False),
).alias("is_by_loss")
