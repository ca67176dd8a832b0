"""Grounds of re-verification: the events that nothing granted, issued or verified has answered.

Belongs here: when what a case is about was last verified, and by what (reading 34, reading 67).
Does not: the events (`decisions.reverification.events`), levels lost, the other ground
(`decisions.reverification.losses`), how a ground is handled (`decisions.kinds.procedures`).
"""

from __future__ import annotations

import polars as pl

from assets.calendar import legal_date
from assets.tables import certificate, decision, enterprise
from decisions.facts.coverage import closed
from decisions.facts.model import Facts
from decisions.holdings.held import OF_ITEM, concerning
from decisions.plans import as_written
from decisions.reverification.events import Day, events


def unanswered(
    cases: pl.DataFrame, held: pl.DataFrame, facts: Facts, *, until: Day = "filed_on"
) -> pl.DataFrame:
    """Grounds that no re-verification has answered, or perhaps none.

    A holding was verified when it was granted, when its certificate was issued, and again by
    every re-verification of its category that knew of the ground; what was never held has never
    been. Where an addition is the case, which is about no holding, the newest certificate held and
    the re-verification of anything held count.

    Args:
        cases: `application_id`, `usc_code`, `kind`, `category_code`, `subcategory`, `held_rank`
            (of the holding it is about, null if none), `filed_at`, `filed_on`, `decided_at`,
            `decided_on`.
        held: what the applicants hold (`decisions.holdings.held.HELD`).
        facts: the release.
        until: the last day on which an event counts.

    Returns:
        Rows of `events` and `is_open`: null where the row is not trusted, or where it is not
        known when the holding was last verified.
    """
    return judged(cases, held, facts, until).filter(pl.col("is_open").fill_null(True))


def judged(
    cases: pl.DataFrame, held: pl.DataFrame, facts: Facts, until: Day = "filed_on"
) -> pl.DataFrame:
    """Rows of `events` with `is_open`, those that were answered among them."""
    found = events(cases, facts, until=until)
    if found.is_empty():
        return found.with_columns(is_open=pl.lit(None, pl.Boolean()))
    is_open = (
        pl.when("is_trusted")
        .then(
            pl.when(
                pl.col("is_answered").fill_null(False)
                | (pl.col("happened_on") < pl.col("verified_on"))
            )
            .then(False)
            .when(pl.col("is_dated") | pl.col("is_nothing_held"))
            .then(True)
        )
        .alias("is_open")
    )
    return (
        found.lazy()
        .join(_verified(cases, held, facts), on="application_id", how="left")
        .join(
            _answered(cases, found, facts),
            on=["application_id", "event_no"],
            how="left",
        )
        .select(*found.columns, is_open)
        .pipe(as_written)
    )


def _verified(cases: pl.DataFrame, held: pl.DataFrame, facts: Facts) -> pl.LazyFrame:
    """When what a case is about was last verified.

    `application_id`, `verified_on` (or later, unless `is_dated`), `is_nothing_held` (for certain).
    """
    about = as_written(concerning(held, cases))
    of_none = cases.filter(pl.col("held_rank").is_null()).select("application_id")
    others = held.join(of_none, on="application_id", how="semi").filter(
        pl.col("is_valid").fill_null(True)
    )
    columns = ["application_id", "certificate_no", "held_from", "is_held"]
    on_record = pl.concat(
        [
            about.select(*columns, granted_on="held_from"),
            others.select(*columns, granted_on=pl.lit(None, pl.Date())),
        ]
    )
    base = facts.table(enterprise.CERTIFICATE).select(
        "certificate_no", issued_on=pl.when("is_trusted").then("issued_on")
    )
    own = facts.raw(certificate.CERTIFICATE).select("certificate_no", is_own=pl.lit(True))
    again = _reverifications(cases, facts).select(
        "application_id", held_from="again_on", is_again=pl.lit(True)
    )
    # What a re-verification put on it was verified by that alone, for what it knew of.
    is_by_it = pl.col("is_own") & pl.col("is_again")
    dated = (
        on_record.lazy()
        .join(base.unique("certificate_no", keep="first"), on="certificate_no", how="left")
        .join(own.unique(), on="certificate_no", how="left")
        .join(again.unique(), on=["application_id", "held_from"], how="left")
        .with_columns(
            # Each version of our own is a change of content or a replacement, no verification.
            issued_on=pl.when("is_own").then("held_from").otherwise("issued_on"),
        )
        .group_by("application_id")
        .agg(
            verified_on=pl.when(pl.col("is_held") & ~is_by_it.fill_null(False))
            .then(pl.max_horizontal("issued_on", "granted_on"))
            .max(),
            is_dated=(pl.col("is_held") & pl.col("issued_on").is_not_null()).fill_null(False).all(),
        )
        .pipe(facts.read)
    )
    sources = (enterprise.QUALIFICATION, enterprise.CERTIFICATE)
    return (
        closed(cases, facts, *sources)
        .join(dated, on="application_id", how="left")
        .select(
            "application_id",
            "verified_on",
            is_dated=pl.col("is_dated").fill_null(False),
            is_nothing_held=pl.col("is_dated").is_null() & pl.col("is_closed"),
        )
    )


def _reverifications(cases: pl.DataFrame, facts: Facts) -> pl.LazyFrame:
    """What Miaoban has re-verified of the category, or for an addition of any, before a case.

    Args:
        cases: those of `unanswered`.
        facts: the release, with Miaoban's own decisions.

    Returns:
        `application_id`, and of each re-verification `again_filed_on` (up to which day it looked at
        events), `again_at` (its decision), `again_on`.
    """
    granted = facts.raw(decision.DECISION).filter(
        (pl.col("kind") == "reverification") & (pl.col("outcome") == "granted")
    )
    is_of_item = pl.all_horizontal(pl.col(name) == pl.col(f"{name}_again") for name in OF_ITEM)
    is_of_any = pl.col("held_rank").is_null() & (pl.col("kind") == "addition")
    return (
        cases.lazy()
        .select("application_id", "usc_code", "kind", *OF_ITEM, "held_rank", "decided_at")
        .join(
            granted.select(
                "usc_code",
                *(pl.col(name).alias(f"{name}_again") for name in OF_ITEM),
                again_filed_on=legal_date(pl.col("filed_at")),
                again_at="decided_at",
                again_on=legal_date(pl.col("decided_at")),
            ),
            on="usc_code",
        )
        .filter(is_of_item | is_of_any, pl.col("again_at") < pl.col("decided_at"))
        .select("application_id", "again_filed_on", "again_at", "again_on")
        .pipe(facts.read)
    )


def _answered(cases: pl.DataFrame, found: pl.DataFrame, facts: Facts) -> pl.LazyFrame:
    """The events that a re-verification knew of: `application_id`, `event_no`, `is_answered`.

    It looks at what happened up to its filing, and was told by its decision.
    """
    return (
        found.lazy()
        .select("application_id", "event_no", "happened_on", "received_at")
        .join(_reverifications(cases, facts), on="application_id")
        .filter(
            pl.col("happened_on") <= pl.col("again_filed_on"),
            pl.col("received_at") <= pl.col("again_at"),
        )
        .select("application_id", "event_no", is_answered=pl.lit(True))
        .unique()
    )
