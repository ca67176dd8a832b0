"""Why a re-verification is asked for: a merger, split or the like, or a level that was lost.

Belongs here: the facts of 重新核定 as the registration base and Miaoban's own decisions have
them (regulations B6). Does not: what they lead to (`decisions.kinds`, `decisions.switches`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from assets.calendar import legal_date
from assets.tables import certificate, decision, enterprise
from decisions import kleene
from decisions.coverage import closed, with_closed
from decisions.facts import Facts
from decisions.held import concerning, held_now
from decisions.ours import LINE, own_grants
from decisions.plans import as_written
from decisions.rulebook.extensions import Extension
from decisions.rulebook.rule_set import LEVEL_RANK
from decisions.validity import extended, runs_on

OF_ITEM = ["category_code", "subcategory"]
Day = Literal["filed_on", "decided_on"]
SIMPLIFIED_CASES = {
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
DIVIDED = ("split", "restructuring")


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
        held: what the applicants hold (`decisions.held.HELD`).
        facts: the release.
        until: the last day on which an event counts.

    Returns:
        Rows of `events` and `is_open`: null where the row is not trusted, or where it is not
        known when the holding was last verified.
    """
    return _judged(cases, held, facts, until).filter(pl.col("is_open").fill_null(True))


def _judged(
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
    again = reverifications(cases, facts).select(
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


def reverifications(cases: pl.DataFrame, facts: Facts) -> pl.LazyFrame:
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
        .join(reverifications(cases, facts), on="application_id")
        .filter(
            pl.col("happened_on") <= pl.col("again_filed_on"),
            pl.col("received_at") <= pl.col("again_at"),
        )
        .select("application_id", "event_no", is_answered=pl.lit(True))
        .unique()
    )


_NO_PENDING = pl.Schema(
    {"application_id": pl.String(), "is_pending": pl.Boolean(), "was_pending": pl.Boolean()}
)


def pending(cases: pl.DataFrame, held: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Whether the certificate runs for one year, or has, by the grounds on record (79号, case 3).

    Args:
        cases: those of `unanswered`.
        held: what the applicants hold.
        facts: the release, with Miaoban's own decisions.

    Returns:
        Of cases with a ground `application_id`, `is_pending` (the latest is a cancellation still
        under way), `was_pending` (it was, and this is told done: no re-verification has exchanged
        the certificate yet).
    """
    if cases.is_empty():
        return _none(_NO_PENDING, cases)
    told = _judged(cases, held, facts).filter("is_trusted")
    is_open = pl.col("is_open").fill_null(True)
    latest = (
        told.filter(is_open)
        .sort("happened_on", "event_no", descending=True)
        .unique("application_id", keep="first", maintain_order=True)
        .select(
            "application_id",
            is_pending=(pl.col("case_code") == PENDING).fill_null(False),
            is_done=pl.col("case_code").is_in(DONE).fill_null(False),
            done_on="happened_on",
            done_with="counterpart_usc_code",
        )
    )
    # Of what was answered only the last may still run for its one year.
    last_on = pl.col("happened_on").filter(~is_open).max().over("application_id")
    is_of_same = (pl.col("counterpart_usc_code") == pl.col("done_with")).fill_null(True)
    was = (
        told.filter(is_open | (pl.col("happened_on") == last_on))
        .join(latest, on="application_id")
        .filter(
            (pl.col("case_code") == PENDING) & is_of_same,
            pl.col("happened_on") <= pl.col("done_on"),
        )
        .select("application_id", was=pl.lit(True))
        .unique()
    )
    return latest.join(was, on="application_id", how="left").select(
        "application_id",
        "is_pending",
        was_pending=pl.col("is_done") & pl.col("was").fill_null(False),
    )


def of_one_year(cases: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Whose certificate is one of a single year, to be exchanged when the merger is done (79号, 3).

    The last that Miaoban granted of the level, for a year, was the re-verification after it.

    Args:
        cases: `application_id`, `usc_code`, `category_code`, `subcategory`, `filed_on`,
            `decided_at`.
        facts: the release, with Miaoban's own decisions.

    Returns:
        `application_id`, `ends_on` (its last day), `is_sure` (whether the merger is trusted).
    """
    merged = (
        events(cases, facts)
        .filter((pl.col("case_code") == PENDING) | ~pl.col("is_trusted"))
        .group_by("application_id")
        .agg(is_sure=pl.col("is_trusted").any(), merged_on=pl.col("happened_on").min())
    )
    if merged.is_empty():
        return _none(_NOT_OF_ONE_YEAR, cases)
    granted = facts.raw(decision.DECISION).filter(
        pl.col("kind").is_in(["renewal", "reverification"]) & (pl.col("outcome") == "granted")
    )
    on = ["usc_code", *OF_ITEM]
    a_year_on = legal_date(pl.col("decided_at")).dt.offset_by("1y")
    return (
        cases.lazy()
        .select("application_id", *on, before="decided_at")
        .join(merged.lazy(), on="application_id")
        .join(granted.select(*on, "kind", "filed_at", "decided_at", "valid_until"), on=on)
        .filter(pl.col("decided_at") < pl.col("before"))
        .sort("decided_at", descending=True)
        .unique("application_id", keep="first", maintain_order=True)
        .filter(
            pl.col("kind") == "reverification",
            pl.col("valid_until") <= a_year_on,
            (pl.col("merged_on") <= legal_date(pl.col("filed_at"))).fill_null(True),
        )
        .select("application_id", "is_sure", ends_on="valid_until")
        .pipe(facts.collect)
    )


_NOT_OF_ONE_YEAR = pl.Schema(
    {"application_id": pl.String(), "is_sure": pl.Boolean(), "ends_on": pl.Date()}
)


def predecessors(
    cases: pl.DataFrame, held: pl.DataFrame, facts: Facts, notices: Sequence[Extension]
) -> pl.DataFrame:
    """Whose qualification each case carries on, and until when that runs.

    Args:
        cases: those of `unanswered`, with `rank`.
        held: what the applicants hold.
        facts: the release, with Miaoban's own decisions.
        notices: what extended certificates as a whole.

    Returns:
        Of cases that carry one on `application_id`, `predecessor_usc_code`, `carried_until`; of
        several the one that runs longest.
    """
    if cases.is_empty():
        return _none(_NO_PREDECESSOR, cases)
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
        .select(*_NO_PREDECESSOR)
    )


_NO_PREDECESSOR = pl.Schema(
    {
        "application_id": pl.String(),
        "predecessor_usc_code": pl.String(),
        "carried_until": pl.Date(),
    }
)


def _none(schema: pl.Schema, cases: pl.DataFrame) -> pl.DataFrame:
    """No rows, with the key that these cases have: a question that nobody filed has a number."""
    return schema.to_frame().cast({"application_id": cases.schema["application_id"]})


def is_contradictory() -> pl.Expr:
    """Whether event, handling and case do not fit each other."""
    fits = pl.any_horizontal(
        *(
            (pl.col("event_code") == event) & pl.col("case_code").is_in(list(cases))
            for event, cases in SIMPLIFIED_CASES.items()
        )
    )
    return (
        pl.when(pl.col("handling_code") == "simplified")
        .then(~fits.fill_null(False))
        .otherwise(pl.col("handling_code").is_null() | pl.col("case_code").is_not_null())
    )


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
        `row_key`, `certificate_no`, `is_sure`.
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
    "is_sure",
)


def _rank(level: str = "level") -> pl.Expr:
    return pl.col(level).replace_strict(LEVEL_RANK, default=None, return_dtype=pl.Int64)


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
            ),
            on=["usc_code", *OF_ITEM],
        )
        .filter(
            (_rank("lost_level") > pl.col("asked_rank"))
            & (pl.col("decided_at") <= pl.col("filed_at"))
        )
        .sort("decided_at", "row_key", descending=True)
        .unique(["application_id", "lost_level"], keep="first", maintain_order=True)
        .filter(pl.col("outcome") == "refused")
        .with_columns(
            lost_on=legal_date(pl.col("decided_at")),
            way=pl.lit("renewal_refused"),
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
            lost_on=pl.col("valid_to") + pl.duration(days=1),
        ),
        on="usc_code",
    )
    is_lost = pl.all_horizontal(
        *(pl.col(name) == pl.col(f"of_{name}") for name in OF_ITEM),
        _rank("lost_level") > pl.col("asked_rank"),
        (pl.col("lost_on") <= pl.col("filed_on")).fill_null(True),
    )
    return (
        lost.filter(~pl.col("is_trusted") | is_lost)
        .with_columns(
            way=pl.lit("withdrawn"), is_sure=pl.col("is_trusted") & pl.col("lost_on").is_not_null()
        )
        .select(_LOSS)
    )


def carried(
    grounds: pl.DataFrame, cases: pl.DataFrame, facts: Facts, notices: Sequence[Extension]
) -> pl.DataFrame:
    """What the other enterprise of a merger or split held of the level applied for.

    Args:
        grounds: rows of `events`.
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
            "case_code",
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
    # While the old certificate is being cancelled the new one may run, for a year (79号, case 3).
    is_pending = (pl.col("case_code") == PENDING).fill_null(False)
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
                kleene.any_of(is_pending, pl.col("is_given_up")),
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
        .select("usc_code", *OF_ITEM, "valid_from", "valid_to", rank=_rank())
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
        own_grants(facts).select(*LINE, own_until="valid_until", own_issued_on="issued_on")
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
