"""Why a re-verification is asked for: a merger, split or the like, or a level that was lost.

Belongs here: the facts of 重新核定 as the registration base and Miaoban's own decisions have
them (regulations B6). Does not: what they lead to (`decisions.kinds`, `decisions.switches`).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from assets.calendar import legal_date
from assets.tables import certificate, decision, enterprise
from decisions import kleene
from decisions.coverage import adrift_at, closed
from decisions.facts import Facts
from decisions.held import concerning, held_now
from decisions.plans import among, as_written
from decisions.rulebook.extensions import Extension
from decisions.rulebook.rule_set import LEVEL_RANK
from decisions.validity import extended, runs_on

OF_ITEM = ["category_code", "subcategory"]
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


def events(cases: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Every ground of re-verification on record for the applicants, up to the filing.

    A row that is not trusted may be of any kind and any day.

    Args:
        cases: `application_id`, `usc_code`, `filed_on`.
        facts: the release.

    Returns:
        `application_id`, `filed_on` and the columns of the event, `is_trusted` among them.
    """
    rows = facts.table(enterprise.EVENT).filter(
        pl.col("is_lawful")
        & (pl.col("event_code").is_in(enterprise.GROUNDS) | ~pl.col("is_trusted"))
    )
    return (
        cases.lazy()
        .select("application_id", "usc_code", "filed_on")
        .join(rows, on="usc_code")
        .filter(
            (pl.col("happened_on") <= pl.col("filed_on")).fill_null(True) | ~pl.col("is_trusted")
        )
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
        )
        .pipe(facts.collect)
    )


def unanswered(cases: pl.DataFrame, held: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Grounds that no re-verification has answered, or perhaps none.

    A holding was verified when it was granted, when its certificate was issued, and again by
    every re-verification of its category since; what was never held has never been. Where a
    case is about no holding, as an addition is, the newest certificate held counts.

    Args:
        cases: `application_id`, `usc_code`, `category_code`, `subcategory`, `held_rank` (of the
            holding it is about, null if none), `filed_at`, `filed_on`.
        held: what the applicants hold (`decisions.held.HELD`).
        facts: the release.

    Returns:
        Rows of `events` and `is_open`: null where the row is not trusted, or where it is not
        known when the holding was last verified.
    """
    found = events(cases, facts)
    if found.is_empty():
        return found.with_columns(is_open=pl.lit(None, pl.Boolean()))
    happened = pl.col("happened_on")
    is_open = (
        pl.when("is_trusted")
        .then(
            pl.when((happened < pl.col("again_on")) | (happened < pl.col("verified_on")))
            .then(False)
            .when(pl.col("is_dated") | pl.col("is_nothing_held"))
            .then(True)
        )
        .alias("is_open")
    )
    return (
        found.lazy()
        .join(_verified(cases, held, facts), on="application_id", how="left")
        .join(_reverified(cases, facts), on="application_id", how="left")
        .select(*found.columns, is_open)
        .filter(pl.col("is_open").fill_null(True))
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
    dated = (
        on_record.lazy()
        .join(base.unique("certificate_no", keep="first"), on="certificate_no", how="left")
        .join(own.unique(), on="certificate_no", how="left")
        .with_columns(
            # Each version of our own is a change of content or a replacement, no verification.
            issued_on=pl.when("is_own").then("held_from").otherwise("issued_on"),
        )
        .group_by("application_id")
        .agg(
            verified_on=pl.when("is_held").then(pl.max_horizontal("issued_on", "granted_on")).max(),
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


def _reverified(cases: pl.DataFrame, facts: Facts) -> pl.LazyFrame:
    """The last day on which Miaoban re-verified the category: `application_id`, `again_on`."""
    item = ["usc_code", *OF_ITEM]
    granted = facts.raw(decision.DECISION).filter(
        (pl.col("kind") == "reverification") & (pl.col("outcome") == "granted")
    )
    return (
        cases.lazy()
        .select("application_id", *item, "filed_at")
        .join(granted.select(*item, "decided_at"), on=item)
        .filter(pl.col("decided_at") <= pl.col("filed_at"))
        .group_by("application_id")
        .agg(again_on=legal_date(pl.col("decided_at").max()))
        .pipe(facts.read)
    )


_NO_TERM = pl.Schema(
    {
        "application_id": pl.String(),
        "is_pending": pl.Boolean(),
        "was_pending": pl.Boolean(),
        "carried_until": pl.Date(),
    }
)


def term(cases: pl.DataFrame, facts: Facts, notices: Sequence[Extension]) -> pl.DataFrame:
    """What the grounds on record say of the term of the certificate (79号, case 3).

    Returns:
        `application_id`, `is_pending` (the latest is a cancellation still under way),
        `was_pending` (an earlier one was), `carried_until` (of what was carried on).
    """
    if cases.is_empty():
        return _no_term(cases)
    trusted = events(cases, facts).filter("is_trusted").sort("happened_on", descending=True)
    if trusted.is_empty():
        return _no_term(cases)
    is_pending = (pl.col("case_code") == PENDING).fill_null(False)
    terms = trusted.group_by("application_id", maintain_order=True).agg(
        is_pending=is_pending.first(),
        was_pending=~is_pending.first() & is_pending.any(),
    )
    until = (
        carried(trusted, cases, facts, notices)
        .filter("is_carried")
        .group_by("application_id")
        .agg(pl.col("carried_until").max())
    )
    return terms.join(until, on="application_id", how="left")


def _no_term(cases: pl.DataFrame) -> pl.DataFrame:
    return _NO_TERM.to_frame().cast({"application_id": cases.schema["application_id"]})


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

    Either a renewal that Miaoban refused and has not granted since, counted from the day of the
    decision, or a withdrawal, counted from the day after the last on which it was held.

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
    """The latest decision on the renewal of each level, where it is a refusal."""
    renewals = facts.raw(decision.DECISION).filter(
        (pl.col("kind") == "renewal") & pl.col("outcome").is_in(["granted", "refused"])
    )
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
        cases: `application_id`, `category_code`, `subcategory`, `rank`, `decided_on`.
        facts: the release.
        notices: what extended certificates as a whole.

    Returns:
        One row per event that names another enterprise: `application_id`, `event_no`,
        `is_carried` (it held the level on the day of the event), `is_given_up` (it holds it no
        longer), both null where that is not known (a qualification of its that is in doubt may be
        of any category, level and day), and `carried_until` and
        `carried_at_most`, between which its certificate's last day lies.
    """
    others = (
        grounds.filter(pl.col("counterpart_usc_code").is_not_null())
        .join(cases.select("application_id", "decided_on"), on="application_id")
        .select(
            "application_id",
            "event_no",
            "decided_on",
            usc_code="counterpart_usc_code",
            filed_on="happened_on",
        )
    )
    certificates = (
        facts.table(enterprise.CERTIFICATE)
        .unique("certificate_no", keep="first")
        .select("certificate_no", pl.when("is_trusted").then(pl.col("valid_until", "issued_on")))
        .pipe(facts.collect)
    )
    known = (
        facts.table(enterprise.REGISTRY)
        .filter("is_trusted")
        .select("usc_code", is_here=pl.lit(True))
        .unique("usc_code")
        .pipe(facts.collect)
    )
    ended = pl.col("status_code") == "cancelled"
    began = pl.col("held_from") <= pl.col("filed_on")
    was_held = kleene.all_of(began, runs_on(pl.col("filed_on")))
    held = (
        held_now(others, facts, notices)
        .join(
            cases.select("application_id", *OF_ITEM, asked_rank="rank"),
            on=["application_id", *OF_ITEM],
        )
        .filter(pl.col("rank") == pl.col("asked_rank"))
    )
    # The certificate itself runs on, whatever day the qualification on it was given up.
    terms = extended(
        held.select(
            "application_id",
            "event_no",
            "certificate_no",
            *("authority_code", "level"),
            "decided_on",
        )
        .unique()
        .join(certificates, on="certificate_no", how="left"),
        notices,
    ).select(
        "application_id",
        "event_no",
        "certificate_no",
        carried_until="valid_until",
        carried_at_most="valid_at_most",
    )
    mine = (
        held.join(
            terms,
            on=["application_id", "event_no", "certificate_no"],
            how="left",
            maintain_order="left",
        )
        .sort("is_held", "valid_until", descending=True, nulls_last=True)
        .unique(["application_id", "event_no"], keep="first", maintain_order=True)
        .select(
            "application_id",
            "event_no",
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
    is_open = among("usc_code", adrift_at(facts, enterprise.QUALIFICATION))
    return (
        others.join(mine, on=["application_id", "event_no"], how="left")
        .join(known, on="usc_code", how="left")
        .select(
            "application_id",
            "event_no",
            "carried_until",
            "carried_at_most",
            is_carried=pl.when(is_carried | ~is_open).then(is_carried),
            is_given_up=pl.when(is_given_up | ~is_open).then(is_given_up),
        )
    )
