"""Mergers, splits and the like: what the registration base has of an enterprise, up to a day.

Belongs here: the events that ask for 重新核定 (B6.1), the cases of 79号, and whether both fit each
other. Does not: whether a re-verification has answered one (`decisions.reverification.grounds`).
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from assets.tables import enterprise
from decisions.facts.model import Facts

Day = Literal["filed_on", "decided_on"]
_CASES_OF = {
    "merger_absorption": (
        "absorbed_cancelled",
        "cancellation_pending",
        "within_group",
        "state_owned",
    ),
    "merger_new": ("merged_cancelled", "cancellation_pending", "within_group", "state_owned"),
    "split": ("within_group", "state_owned"),
    "restructuring": ("within_group", "state_owned"),
    "conversion": ("within_group", "state_owned"),
    "moved_province": ("moved_province",),
    "capital_nature": ("foreign_capital_left",),
}
"""The cases of 79号 that each event can be (B6.2); any other pair contradicts itself."""
PENDING = "cancellation_pending"
"""The absorbed enterprise could not be struck off yet: the certificate runs one year (B6.2, 3)."""
DONE = ("absorbed_cancelled", "merged_cancelled")
"""It has been struck off by now (B6.2, 1 and 2)."""
MERGERS = ("merger_absorption", "merger_new")
DIVIDED = ("split", "restructuring")
TWO_SIDED = (*MERGERS, *DIVIDED)
"""Events that another enterprise has a part in, which may hand something over."""


def events(cases: pl.DataFrame, facts: Facts, *, until: Day = "filed_on") -> pl.DataFrame:
    """Every ground of re-verification on record for the applicants, up to a day.

    A row that is not trusted may be of any kind and any day.

    Args:
        cases: `application_id`, `usc_code`, `filed_on`, and the day asked for.
        facts: the release.
        until: the last day that counts.

    Returns:
        `application_id`, `filed_on` and the columns of the event, `is_trusted` and `received_at`
        among them.
    """
    rows = facts.table(enterprise.EVENT).filter(
        pl.col("is_lawful")
        & (pl.col("event_code").is_in(enterprise.GROUNDS) | ~pl.col("is_trusted"))
    )
    return (
        cases.lazy()
        .select("application_id", "usc_code", "filed_on", until=until)
        .join(rows, on="usc_code")
        .filter((pl.col("happened_on") <= pl.col("until")).fill_null(True) | ~pl.col("is_trusted"))
        .select(
            "application_id",
            "filed_on",
            "event_no",
            "event_code",
            "happened_on",
            "handling_code",
            "case_code",
            "counterpart_usc_code",
            "is_trusted",
            "received_at",
        )
        .pipe(facts.collect)
    )


def is_pending() -> pl.Expr:
    """Whether the cancellation was still under way; null where which case it is is not told."""
    is_untold = (
        pl.col("case_code").is_null()
        & pl.col("event_code").is_in(MERGERS)
        & (pl.col("handling_code") == "simplified").fill_null(True)
    )
    is_told = (pl.col("case_code") == PENDING).fill_null(False)
    return pl.when(~is_untold).then(is_told).alias("is_pending")


def is_contradictory() -> pl.Expr:
    """Whether event, handling and case do not fit each other."""
    fits = pl.any_horizontal(
        *(
            (pl.col("event_code") == event) & pl.col("case_code").is_in(list(cases))
            for event, cases in _CASES_OF.items()
        )
    )
    return (
        pl.when(pl.col("handling_code") == "simplified")
        .then(~fits.fill_null(False))
        .otherwise(pl.col("handling_code").is_null() | pl.col("case_code").is_not_null())
    )
