"""The stage of decisions: what is pending, decided at the latest release, written once.

Belongs here: which applications are due, and the order of the logs. Does not: the
evaluation (`decisions.engine`). Called by the sweep and by the express way alike.

The decision row is the commit point: evidence, criteria and what they lack are written before
it. Killed in between, the rerun finds them, sees that they say the same, and only adds the rest.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

import polars as pl

from assets.calendar import day_ends, legal_day
from assets.channels import load_channels
from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.tables import certificate
from assets.tables import decision as tables
from checks import release
from decisions.engine import Decided, decide
from decisions.facts.model import Facts
from decisions.filing.screening import screen, standing
from decisions.filing.unread_filings import answer
from decisions.rulebook.book import Rulebook
from decisions.rulebook.kept import keep
from decisions.waiting.missing import trace
from decisions.waiting.terms import conclude, ended

STAGE = "decide"
NARROW_AT_MOST = 32
"""Up to so many enterprises, only their rows are read; beyond, whole tables cost less."""
_CASE = ["application_id", "evaluation_no"]


def decide_pending(
    store: Store,
    rulebook: Rulebook,
    now: datetime,
    way: str = "sweep",
    application_ids: Collection[str] | None = None,
    *,
    recalled_may_grant: bool = True,
    supplement_days: int | None = None,
) -> Decided:
    """Decide every application that is due, at the latest release; returns what was decided.

    Filings that came through a channel and can be no case are answered first
    (`decisions.filing.unread_filings`, `decisions.filing.screening`). Due is an application without
    a final decision that has not been evaluated at this release, or whose term of waiting has ended
    (`decisions.waiting.terms`); of one enterprise only the earliest, and none while a grant of it
    waits for its certificate, so that each case sees what the one before it changed. Call again
    until nothing is due. Without a release nothing is due.

    Args:
        store: the lakehouse.
        rulebook: the standard.
        now: instant of the decision, UTC.
        way: `sweep` or `express`.
        application_ids: only these.
        recalled_may_grant: see `decisions.engine.decide`.
        supplement_days: see `decisions.waiting.terms.conclude`.

    Raises:
        SnapshotConflict: another writer decided meanwhile; call again.
    """
    if application_ids is None:
        answer(store, load_channels(), now)
        screen(store, rulebook, now)
    turn = store.turn(tables.DECISION, STAGE)
    latest = release.latest(store)
    if latest is None:
        return _nothing()
    due = _due(store, turn.scan(), latest, rulebook, now, application_ids, supplement_days)
    if due.is_empty():
        return _nothing()
    codes = due["usc_code"].unique().to_list()
    facts = Facts.at(
        store,
        latest.release_id,
        latest.versions,
        codes if len(codes) <= NARROW_AT_MOST else None,
        insured_from=rulebook.kinds.insured_from(legal_day(min(due["filed_at"]))),
    )
    decided = settle(due, facts, rulebook, now, way, recalled_may_grant, supplement_days)
    decided = _one_successor_each(decided, turn.scan().filter(pl.col("decided_at") >= now))
    decided = _renumbered(store, decided, turn.scan())
    keep(store, rulebook, now)
    _append_missing(store, tables.EVIDENCE, decided.evidence)
    _append_missing(store, tables.CRITERION, decided.criteria)
    _append_missing(store, tables.MISSING, decided.missing)
    turn.append(decided.decisions)
    return decided


def settle(
    due: pl.DataFrame,
    facts: Facts,
    rulebook: Rulebook,
    now: datetime,
    way: str,
    recalled_may_grant: bool,
    supplement_days: int | None,
) -> Decided:
    """One evaluation with all that follows from it, writing nothing: what a replay repeats."""

    def decided_at(at: datetime, cases: pl.DataFrame) -> Decided:
        return decide(cases, facts, rulebook, at, way, recalled_may_grant=recalled_may_grant)

    def on_its_last_day(day: date, cases: pl.Series) -> Decided:
        return decided_at(
            day_ends(day), due.filter(pl.col("application_id").is_in(cases.implode()))
        )

    decided = conclude(
        decided_at(now, due),
        facts,
        rulebook.extensions,
        now,
        supplement_days,
        on_its_last_day,
    )
    return replace(decided, missing=trace(decided, facts, rulebook))


def _one_successor_each(decided: Decided, unseen: pl.LazyFrame) -> Decided:
    """What was decided, without cases that carry on what another has, or keeps, by now.

    Of a qualification only one enterprise carries it on (B6.3): of several that are decided
    together the first filed does. The others stay due, and are decided when they can see that
    grant: one of the same instant they cannot.

    Args:
        decided: in this turn.
        unseen: decisions on the log that are no older than this turn.
    """
    what = ["predecessor_usc_code", "category_code", "subcategory"]
    granted = pl.col("outcome") == "granted", pl.col("kind") == "reverification"
    known = pl.concat(
        [unseen.select(_OF_SUCCESSION), decided.decisions.lazy().select(_OF_SUCCESSION)]
    )
    kept = known.filter(*granted, pl.col("predecessor_usc_code").is_null())
    taken = pl.concat(
        [
            unseen.filter(pl.col("predecessor_usc_code").is_not_null()).select(what),
            kept.with_columns(predecessor_usc_code="usc_code").select(what),
        ]
    ).collect()
    carrying = decided.decisions.filter(pl.col("predecessor_usc_code").is_not_null())
    ordered = carrying.sort("filed_at", "application_id")
    later = pl.concat(
        [
            ordered.filter(~ordered.select(pl.struct(what).is_first_distinct()).to_series()),
            ordered.join(taken, on=what, how="semi"),
        ]
    )
    if later.is_empty():
        return decided

    def without(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.join(later, on="application_id", how="anti", maintain_order="left")

    return Decided(
        without(decided.decisions),
        without(decided.criteria),
        without(decided.evidence),
        without(decided.missing),
    )


_OF_SUCCESSION = [
    *("usc_code", "kind", "outcome"),
    *("predecessor_usc_code", "category_code", "subcategory"),
]


def _nothing() -> Decided:
    return Decided(tables.DECISION.empty(), tables.CRITERION.empty(), tables.EVIDENCE.empty())


def _due(
    store: Store,
    decisions: pl.LazyFrame,
    latest: release.Release,
    rulebook: Rulebook,
    now: datetime,
    only: Collection[str] | None,
    supplement_days: int | None,
) -> pl.DataFrame:
    """Applications that are due, with the number of the evaluation."""
    past = decisions.group_by("application_id").agg(
        is_closed=pl.col("is_final").any(),
        evaluations=pl.col("evaluation_no").max(),
        is_current=(pl.col("release_id") == latest.release_id).any(),
    )
    unissued = (
        decisions.filter(pl.col("is_final") & (pl.col("outcome") == "granted"))
        .join(store.scan(certificate.CERTIFICATE), on="application_id", how="anti")
        .select("usc_code")
        .unique()
    )
    applications = standing(store).filter(pl.col("filed_at") <= now)
    if only is not None:
        applications = applications.filter(pl.col("application_id").is_in(list(only)))
    undecided = (
        applications.join(past, on="application_id", how="left")
        .filter(~pl.col("is_closed").fill_null(False))
        .join(unissued, on="usc_code", how="anti")
        .with_columns(pl.col("is_current").fill_null(False))
        .collect()
    )
    waiting = undecided.filter("is_current")
    over: list[str] = []
    if not waiting.is_empty():
        facts = Facts.at(store, latest.release_id, latest.versions)
        over = ended(waiting, facts, rulebook.extensions, now, supplement_days)
    return (
        undecided.filter(~pl.col("is_current") | pl.col("application_id").is_in(over))
        .sort("filed_at", "application_id")
        .unique("usc_code", keep="first", maintain_order=True)
        .with_columns(evaluation_no=(pl.col("evaluations").fill_null(0) + 1).cast(pl.Int32))
        .drop("is_closed", "evaluations", "is_current")
    )


def _renumbered(store: Store, decided: Decided, decisions: pl.LazyFrame) -> Decided:
    """Leftovers of a killed run under the same number must say the same; else a new number."""
    differing: set[str] = set()
    for table, rows in (
        (tables.CRITERION, decided.criteria),
        (tables.EVIDENCE, decided.evidence),
        (tables.MISSING, decided.missing),
    ):
        left = (
            store.scan(table)
            .join(decided.decisions.lazy().select(_CASE), on=_CASE, how="semi")
            .join(decisions.select(_CASE), on=_CASE, how="anti")
            .collect()
        )
        strange = left.join(rows, on=list(table.schema), how="anti", nulls_equal=True)
        differing.update(strange["application_id"])
    if not differing:
        return decided
    highest = (
        store.scan(tables.CRITERION)
        .group_by("application_id")
        .agg(left=pl.col("evaluation_no").max())
        .collect()
    )

    def renumber(frame: pl.DataFrame) -> pl.DataFrame:
        moved = frame.join(highest, on="application_id", how="left")
        number = (
            pl.when(pl.col("application_id").is_in(list(differing)))
            .then(pl.col("left") + 1)
            .otherwise("evaluation_no")
        )
        return moved.with_columns(evaluation_no=number.cast(pl.Int32)).drop("left")

    return Decided(
        renumber(decided.decisions),
        renumber(decided.criteria),
        renumber(decided.evidence),
        renumber(decided.missing),
    )


def _append_missing(store: Store, table: Table, rows: pl.DataFrame) -> None:
    turn = store.turn(table, STAGE)
    cases = rows.lazy().select(_CASE).unique()
    known = turn.scan().join(cases, on=_CASE, how="semi").select(table.key).collect()
    turn.append(rows.join(known, on=list(table.key), how="anti"))
