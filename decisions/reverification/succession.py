"""承继: what the other side of a merger or split held, and who carries it on (B6.2, B6.3).

Belongs here: whether the other side held the level on the day of the event and has given it up,
until when that runs, and whether somebody has carried it on already (readings 35, 68). Does not:
which events are a ground (`decisions.reverification.grounds`), what a grant makes of it
(`decisions.kinds.grants`).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from assets.calendar import legal_date
from assets.tables import decision, enterprise
from decisions import kleene
from decisions.facts.coverage import with_closed
from decisions.facts.model import Facts
from decisions.holdings.held import OF_ITEM, held_now
from decisions.holdings.ours import LINE, own_holdings
from decisions.holdings.validity import extended, runs_on
from decisions.plans import as_written, nothing
from decisions.reverification.events import DIVIDED, is_pending
from decisions.reverification.grounds import unanswered
from decisions.rulebook.extensions import Extension
from decisions.rulebook.frames import RANK

_NO_PREDECESSOR = nothing(predecessor_usc_code=pl.String(), carried_until=pl.Date())


def predecessors(
    cases: pl.DataFrame, held: pl.DataFrame, facts: Facts, notices: Sequence[Extension]
) -> pl.DataFrame:
    """Whose qualification each case carries on, and until when that runs.

    Args:
        cases: those of `decisions.reverification.grounds.unanswered`, with `rank`.
        held: what the applicants hold.
        facts: the release, with Miaoban's own decisions.
        notices: what extended certificates as a whole.

    Returns:
        Of cases that carry one on `application_id`, `predecessor_usc_code`, `carried_until`; of
        several the one that runs longest.
    """
    if cases.is_empty():
        return cases.select("application_id").clear().with_columns(_NO_PREDECESSOR)
    named = unanswered(cases, held, facts).filter("is_trusted")
    return (
        carried(named, cases, facts, notices)
        .filter("carries")
        .join(
            named.select("application_id", "event_no", predecessor_usc_code="counterpart_usc_code"),
            on=["application_id", "event_no"],
        )
        .sort("carried_until", "predecessor_usc_code", descending=True, nulls_last=True)
        .unique("application_id", keep="first", maintain_order=True)
        .select("application_id", "predecessor_usc_code", "carried_until")
    )


def carried(
    grounds: pl.DataFrame, cases: pl.DataFrame, facts: Facts, notices: Sequence[Extension]
) -> pl.DataFrame:
    """What the other enterprise of a merger or split held of the level applied for.

    Args:
        grounds: rows of `decisions.reverification.events.events`.
        cases: `application_id`, `category_code`, `subcategory`, `rank`, `filed_on`, `decided_at`,
            `decided_on`.
        facts: the release, with Miaoban's own decisions.
        notices: what extended certificates as a whole.

    Returns:
        One row per event that names another enterprise: `application_id`, `event_no`,
        `is_carried` (it held the level on the day of the event), `taken_by` (who has carried it on
        already, null if nobody), `carries` (this case may: it has been given up since, or is about
        to be), null where that is not known (a qualification of its that is in doubt may be of any
        category, level and day), and `carried_until` and `carried_at_most`, between which the last
        day of its term lies.
    """
    others = (
        grounds.filter(pl.col("counterpart_usc_code").is_not_null())
        .join(
            cases.select(
                "application_id", *OF_ITEM, "decided_at", "decided_on", asked_on="filed_on"
            ),
            on="application_id",
        )
        .select(
            "application_id",
            "event_no",
            "event_code",
            is_pending(),
            *(pl.col(name).alias(f"asked_{name}") for name in OF_ITEM),
            "decided_at",
            "decided_on",
            "asked_on",
            usc_code="counterpart_usc_code",
            filed_on="happened_on",
        )
    )
    of_event = ["application_id", "event_no"]
    known = (
        facts.table(enterprise.REGISTRY)
        .filter("is_trusted")
        .select("usc_code", is_here=pl.lit(True))
        .unique("usc_code")
        .pipe(facts.collect)
    )
    of_cases = cases.select("application_id", *OF_ITEM, asked_rank="rank")
    held = (
        held_now(others, facts, notices)
        .join(of_cases, on=["application_id", *OF_ITEM])
        .filter(pl.col("rank") == pl.col("asked_rank"))
        .join(_before(others, of_cases, facts), on=of_event, how="left")
    )
    ended = pl.col("status_code") == "cancelled"
    # A channel may tell each version by a row of its own: the one of that day is replaced by now.
    began = (pl.col("held_from") <= pl.col("filed_on")) | pl.col("had_level").fill_null(False)
    was_held = kleene.all_of(began, runs_on(pl.col("filed_on")))
    mine = (
        held.join(_terms(held, facts, notices), on=[*of_event, "certificate_no"], how="left")
        .sort("is_held", "valid_until", descending=True, nulls_last=True)
        .unique(of_event, keep="first", maintain_order=True)
        .select(
            *of_event,
            "carried_until",
            "carried_at_most",
            "is_held",
            is_on_record=pl.lit(True),
            # Given up before the event: whether for it, nobody knows.
            had=pl.when(was_held & ((pl.col("status_code") == "valid") | ended))
            .then(True)
            # A notice may have extended it to that day.
            .when((pl.col("status_code") == "valid") & was_held.is_null() & began)
            .then(None)
            # Raised or lowered since: whether the one is what is left of the other, nobody knows.
            .when(~began & pl.col("had_other").fill_null(False))
            .then(None)
            .when(~(ended & began))
            .then(False),
            given_up=ended,
        )
    )
    # Of an enterprise that no base knows, nothing is known.
    is_carried = (
        pl.when("is_held").then("had").when(pl.col("is_on_record").is_null() & pl.col("is_here"))
    ).then(False)
    is_given_up = pl.when("is_held").then("given_up")
    is_closed = pl.col("is_closed")
    return (
        others.lazy()
        .join(mine.lazy(), on=of_event, how="left")
        .join(known.lazy(), on="usc_code", how="left")
        .join(_taken(others, facts), on=of_event, how="left")
        # The other's own sources, not the applicant's: it may be of another city.
        .pipe(with_closed, facts, enterprise.QUALIFICATION, enterprise.CERTIFICATE, day="asked_on")
        .with_columns(
            is_carried=pl.when(is_carried | is_closed).then(is_carried),
            is_given_up=pl.when(is_given_up | is_closed).then(is_given_up),
        )
        .select(
            *of_event,
            "carried_until",
            "carried_at_most",
            "is_carried",
            "taken_by",
            carries=kleene.all_of(
                pl.col("is_carried"),
                # While the old certificate is being cancelled the new one may run, for a year
                # (79号, case 3).
                kleene.any_of(pl.col("is_pending"), pl.col("is_given_up")),
                pl.col("taken_by").is_null(),
            ),
        )
        .pipe(as_written)
    )


def _before(others: pl.DataFrame, of_cases: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """What the other sides held on the day of the event by rows that later ones have replaced.

    Returns `application_id`, `event_no`, `had_level` (the level applied for), `had_other`.
    """
    is_level = pl.col("rank") == pl.col("asked_rank")
    return (
        facts.table(enterprise.QUALIFICATION)
        .filter(pl.col("is_trusted") & pl.col("is_lawful") & (pl.col("status_code") == "replaced"))
        .select("usc_code", *OF_ITEM, "valid_from", "valid_to", rank=RANK)
        .join(
            others.lazy().select("application_id", "event_no", "usc_code", "filed_on"),
            on="usc_code",
        )
        .filter(pl.col("filed_on").is_between("valid_from", "valid_to"))
        .join(of_cases.lazy(), on=["application_id", *OF_ITEM])
        .group_by("application_id", "event_no")
        .agg(had_level=is_level.any(), had_other=(~is_level).any())
        .pipe(facts.collect)
    )


def _terms(held: pl.DataFrame, facts: Facts, notices: Sequence[Extension]) -> pl.DataFrame:
    """The last day of the certificate of what is held, whatever day that on it was given up.

    Of our own each qualification has its own. Returns `application_id`, `event_no`,
    `certificate_no`, `carried_until`, `carried_at_most`.
    """
    base = (
        facts.table(enterprise.CERTIFICATE)
        .unique("certificate_no", keep="first")
        .select("certificate_no", pl.when("is_trusted").then(pl.col("valid_until", "issued_on")))
        .pipe(facts.collect)
    )
    own = facts.collect(
        own_holdings(facts).select(*LINE, own_until="valid_until", own_issued_on="issued_on")
    )
    dated = (
        held.select("application_id", "event_no", *LINE, "authority_code", "decided_on")
        .unique()
        .join(base, on="certificate_no", how="left")
        .join(own, on=LINE, how="left")
        .with_columns(
            valid_until=pl.coalesce("own_until", "valid_until"),
            issued_on=pl.coalesce("own_issued_on", "issued_on"),
        )
    )
    return extended(dated, notices).select(
        "application_id",
        "event_no",
        "certificate_no",
        carried_until="valid_until",
        carried_at_most="valid_at_most",
    )


def _taken(others: pl.DataFrame, facts: Facts) -> pl.LazyFrame:
    """Who has carried on what the other side held, since the event: only one may (B6.3).

    Somebody to whom Miaoban granted it, or the other side of a split itself, verified anew.

    Returns `application_id`, `event_no`, `taken_by`.
    """
    granted = facts.raw(decision.DECISION).filter(
        (pl.col("kind") == "reverification") & (pl.col("outcome") == "granted")
    )
    asked = others.lazy().select(
        "application_id",
        "event_no",
        "usc_code",
        *(pl.col(f"asked_{name}").alias(name) for name in OF_ITEM),
        happened_on="filed_on",
        before="decided_at",
        is_divided=pl.col("event_code").is_in(DIVIDED),
    )
    carried_on = granted.select(
        *OF_ITEM, "decided_at", usc_code="predecessor_usc_code", taken_by="usc_code"
    )
    kept = granted.filter(pl.col("predecessor_usc_code").is_null()).select(
        *OF_ITEM, "decided_at", "usc_code", taken_by="usc_code"
    )
    on = ["usc_code", *OF_ITEM]
    return (
        pl.concat([asked.join(carried_on, on=on), asked.filter("is_divided").join(kept, on=on)])
        .filter(
            pl.col("decided_at") < pl.col("before"),
            legal_date(pl.col("decided_at")) >= pl.col("happened_on"),
        )
        .sort("decided_at")
        .unique(["application_id", "event_no"], keep="first", maintain_order=True)
        .select("application_id", "event_no", "taken_by")
        .pipe(facts.read)
    )
