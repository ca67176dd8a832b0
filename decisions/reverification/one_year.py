"""Certificates of a single year, while a cancellation is under way (79号, case 3).

Belongs here: whether a grant is for one year or exchanges such a certificate, and whether what is
held is one. Does not: the last day that a grant gives (`decisions.kinds.grants`).
"""

from __future__ import annotations

import polars as pl

from assets.calendar import legal_date
from assets.tables import decision
from decisions.facts.model import Facts
from decisions.holdings.held import OF_ITEM
from decisions.plans import nothing
from decisions.reverification.events import DONE, PENDING, events, is_pending
from decisions.reverification.grounds import judged

_NO_PENDING = nothing(is_pending=pl.Boolean(), was_pending=pl.Boolean())
_NOT_OF_ONE_YEAR = nothing(is_sure=pl.Boolean(), ends_on=pl.Date())


def pending(cases: pl.DataFrame, held: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Whether the certificate runs for one year, or has, by the grounds on record (79号, case 3).

    Args:
        cases: those of `decisions.reverification.grounds.unanswered`.
        held: what the applicants hold.
        facts: the release, with Miaoban's own decisions.

    Returns:
        Of cases with such a cancellation on record `application_id`, `is_pending` (one that no
        re-verification has answered is still under way), `was_pending` (one is told done, none is
        under way any more, and no re-verification has exchanged the certificate yet).
    """
    if cases.is_empty():
        return cases.select("application_id").clear().with_columns(_NO_PENDING)
    told = (
        judged(cases, held, facts)
        .filter("is_trusted")
        .with_columns(pl.col("is_open").fill_null(True))
    )
    since = told.select(
        "application_id",
        since_on="happened_on",
        since_with="counterpart_usc_code",
        is_answered=~pl.col("is_open"),
        is_done=pl.col("case_code").is_in(DONE).fill_null(False),
        is_full=(pl.col("handling_code") != "simplified").fill_null(True),
    )
    is_done = pl.col("is_done") & (
        pl.col("counterpart_usc_code") == pl.col("since_with")
    ).fill_null(True)
    of_each = (
        told.filter(pl.col("case_code") == PENDING)
        .join(since, on="application_id")
        .filter(pl.col("since_on") >= pl.col("happened_on"))
        .group_by("application_id", "event_no")
        .agg(
            pl.col("is_open").first(),
            is_done=is_done.any(),
            is_exchanged=(is_done & pl.col("is_answered")).any(),
            # Verified in full, the certificate runs for five years again.
            is_restarted=(pl.col("is_full") & pl.col("is_answered")).any(),
        )
    )
    runs = pl.col("is_open") | ~pl.col("is_restarted")
    is_under_way = runs & ~pl.col("is_done")
    return of_each.group_by("application_id").agg(
        is_pending=(is_under_way & pl.col("is_open")).any(),
        was_pending=(runs & pl.col("is_done") & ~pl.col("is_exchanged")).any()
        & ~is_under_way.any(),
    )


def of_one_year(cases: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Whose certificate is one of a single year, to be exchanged when the merger is done (79号, 3).

    Its last day is the one that the re-verification after the merger gave it, for a year from then.
    A later one that keeps a running term changes nothing of that: it leaves one of a year one of a
    year, and makes none of another, however little is left of it.

    Args:
        cases: `application_id`, `usc_code`, `category_code`, `subcategory`, `filed_on`,
            `decided_at`.
        facts: the release, with Miaoban's own decisions.

    Returns:
        `application_id`, `ends_on` (its last day), `is_sure` (whether a merger under way is
        surely on record).
    """
    merged = (
        events(cases, facts)
        .with_columns(is_sure=pl.when("is_trusted").then(is_pending()))
        .filter(pl.col("is_sure").fill_null(True))
        .group_by("application_id")
        .agg(pl.col("is_sure").any(), merged_on=pl.col("happened_on").min())
    )
    if merged.is_empty():
        return cases.select("application_id").clear().with_columns(_NOT_OF_ONE_YEAR)
    granted = facts.raw(decision.DECISION).filter(
        pl.col("kind").is_in(["renewal", "reverification"]) & (pl.col("outcome") == "granted")
    )
    on = ["usc_code", *OF_ITEM]
    # The first with the last day that it has by now; those after it have kept the term.
    of_its_term = pl.col("valid_until") == pl.col("valid_until").last()
    a_year_on = legal_date(pl.col("granted_at")).dt.offset_by("1y")
    return (
        cases.lazy()
        .select("application_id", *on, before="decided_at")
        .join(merged.lazy(), on="application_id")
        .join(granted.select(*on, "kind", "filed_at", "decided_at", "valid_until"), on=on)
        .filter(pl.col("decided_at") < pl.col("before"))
        .sort("decided_at")
        .group_by("application_id")
        .agg(
            pl.col("is_sure", "merged_on").first(),
            pl.col("kind", "filed_at").filter(of_its_term).first(),
            ends_on=pl.col("valid_until").last(),
            granted_at=pl.col("decided_at").filter(of_its_term).first(),
        )
        .filter(
            pl.col("kind") == "reverification",
            pl.col("ends_on") == a_year_on - pl.duration(days=1),
            (pl.col("merged_on") <= legal_date(pl.col("filed_at"))).fill_null(True),
        )
        .select("application_id", "is_sure", "ends_on")
        .pipe(facts.collect)
    )


def lapsed(cases: pl.DataFrame, facts: Facts) -> pl.LazyFrame:
    """Whose certificate of one year was over by the filing: void, and to be verified in full.

    Args:
        cases: with `filed_on`, and what `of_one_year` reads of them.
        facts: the release, with Miaoban's own decisions.

    Returns:
        `application_id`, `has_lapsed`, which is true.
    """
    filed = cases.lazy().select("application_id", "filed_on")
    return (
        of_one_year(cases, facts)
        .lazy()
        .join(filed, on="application_id")
        .filter(pl.col("ends_on") < pl.col("filed_on"))
        .select("application_id", has_lapsed=pl.lit(True))
    )
