"""Levels lost: a renewal that Miaoban refused, or a withdrawal by the authority (B3.4, B6.7, D6).

Belongs here: which higher levels of the category were lost, when, and whether within the three
months in which a lower one may be verified (reading 33). Does not: that other 重新核定
(`decisions.kinds.lower_level`).
"""

from __future__ import annotations

import polars as pl

from assets.calendar import legal_date
from assets.tables import decision, enterprise
from decisions.facts.model import Facts
from decisions.holdings.held import OF_ITEM
from decisions.rulebook.frames import RANK


def losses(cases: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Higher levels of the category that the applicant lost before filing, or perhaps (B3.4, D6).

    Either a renewal that Miaoban refused, with nothing granted of the level since, counted from the
    day of the decision, or a withdrawal, counted from the day after the last on which it was held.

    Args:
        cases: `application_id`, `usc_code`, `category_code`, `subcategory`, `rank`, `filed_at`,
            `filed_on`.
        facts: the release, with Miaoban's own decisions.

    Returns:
        `application_id`, `lost_level`, `lost_on`, `way` (renewal_refused, withdrawn),
        `row_key`, `certificate_no`, `is_trusted`, `is_sure` (that, and its day is told).
    """
    asked = cases.lazy().select(
        "application_id", "usc_code", *OF_ITEM, "filed_at", "filed_on", asked_rank="rank"
    )
    return facts.collect(pl.concat([_refused(asked, facts), _withdrawn(asked, facts)]))


IN_TIME = pl.when("is_sure").then(pl.col("filed_on") <= pl.col("lost_on").dt.offset_by("3mo"))
"""Whether a loss (`losses`, with `filed_on`) is not longer ago than three months (B6.7)."""
_LOSS = (
    "application_id",
    "lost_level",
    "lost_on",
    "way",
    "row_key",
    "certificate_no",
    "is_trusted",
    "is_sure",
)


def _refused(asked: pl.LazyFrame, facts: Facts) -> pl.LazyFrame:
    """The latest decision on the renewal of each level, where it is a refusal.

    What has been re-verified since is lost no more.
    """
    is_refused = (pl.col("kind") == "renewal") & (pl.col("outcome") == "refused")
    is_granted = pl.col("kind").is_in(["renewal", "reverification"]) & (
        pl.col("outcome") == "granted"
    )
    renewals = facts.raw(decision.DECISION).filter(is_refused | is_granted)
    return (
        asked.join(
            renewals.select(
                "usc_code",
                *OF_ITEM,
                "outcome",
                "decided_at",
                "certificate_no",
                row_key="application_id",
                lost_level="level",
                lost_rank=RANK,
            ),
            on=["usc_code", *OF_ITEM],
        )
        .filter(
            (pl.col("lost_rank") > pl.col("asked_rank"))
            & (pl.col("decided_at") <= pl.col("filed_at"))
        )
        .sort("decided_at", "row_key", descending=True)
        .unique(["application_id", "lost_level"], keep="first", maintain_order=True)
        .filter(pl.col("outcome") == "refused")
        .with_columns(
            lost_on=legal_date(pl.col("decided_at")),
            way=pl.lit("renewal_refused"),
            is_trusted=pl.lit(True),
            is_sure=pl.lit(True),
        )
        .select(_LOSS)
    )


def _withdrawn(asked: pl.LazyFrame, facts: Facts) -> pl.LazyFrame:
    # Of a row that is not trusted nobody knows of what level, how and when it ended (reading 57).
    rows = facts.table(enterprise.QUALIFICATION).filter(
        ((pl.col("status_code") == "withdrawn") | ~pl.col("is_trusted")) & pl.col("is_lawful")
    )
    lost = asked.join(
        rows.select(
            "usc_code",
            *(pl.col(name).alias(f"of_{name}") for name in OF_ITEM),
            "certificate_no",
            "is_trusted",
            row_key="qualification_no",
            lost_level="level",
            lost_rank=RANK,
            lost_on=pl.col("valid_to") + pl.duration(days=1),
        ),
        on="usc_code",
    )
    is_lost = pl.all_horizontal(
        *(pl.col(name) == pl.col(f"of_{name}") for name in OF_ITEM),
        pl.col("lost_rank") > pl.col("asked_rank"),
        (pl.col("lost_on") <= pl.col("filed_on")).fill_null(True),
    )
    return (
        lost.filter(~pl.col("is_trusted") | is_lost)
        .with_columns(
            way=pl.lit("withdrawn"), is_sure=pl.col("is_trusted") & pl.col("lost_on").is_not_null()
        )
        .select(_LOSS)
    )
