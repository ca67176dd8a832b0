"""The gate: which versions of the base tables decisions may read.

Belongs here: logging a run of the checks, and releasing what passed. Does not: the checks
themselves, on the tables as a whole (`checks.quality.whole`), of the suites
(`checks.quality.suites`) and across channels (`checks.cross`), whose outcomes it takes in; reading
what is released (`checks.release`).

A blocking check in an orchestrator binds only within its own run; so "data that passed" is a
row of `check__release`, and decisions read base tables at its versions or not at all. A run of
checks that fails makes no release: the last good one goes on serving.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import polars as pl

from assets.lake.store import SnapshotConflict, Store
from assets.tables import RELEASED_TABLES, check
from checks.outcome import Outcome, failure_rows, result_rows
from checks.quality import whole
from checks.release import Release, newest
from checks.since import Since

_STAGE = "release"


class Report(Protocol):
    """A suite's or the cross-checks' report."""

    @property
    def outcomes(self) -> Sequence[Outcome]:
        """One per check."""


class ChecksNotRun(RuntimeError):
    """A release was asked for at a state that no run of the checks has looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of the checks: the rows of `check__result` that speak for the present versions."""

    run_id: str
    results: pl.DataFrame

    @property
    def blocking(self) -> pl.DataFrame:
        """The results that stop a release."""
        return self.results.filter(pl.col("is_blocking"), pl.col("status") != "passed")


# -- running ---------------------------------------------------------------------------


def run_checks(
    store: Store,
    reports: Iterable[Report],
    now: datetime,
    since: Since | None = None,
    wholes: Sequence[Outcome] | None = None,
) -> Run:
    """Check the tables as a whole and log that, with the reports, as one run.

    The run's id follows from the versions of the released tables, so that the same state
    checked again gives the same id and adds nothing. Only if a check now comes out otherwise
    at the same state (a broken check was mended) the run is logged again under the id's next
    number, with what it does not repeat carried over.

    Args:
        store: the lakehouse; `check__finding` already holds what the cross-checks found.
        reports: of the suites that ran on this state, and of the cross-checks.
        now: instant of the run.
        since: what has changed since the last release (see `whole.examine`).
        wholes: what the checks on tables as a whole said of this state (default: run here).
    """
    state = _state_id(_versions(store))
    outcomes = [
        *(whole.examine(store, since) if wholes is None else wholes),
        *(one for report in reports for one in report.outcomes),
    ]
    while True:
        turn = store.turn(check.RESULT, _STAGE)
        known = _newest_of(turn.scan(), state)
        fresh = result_rows(outcomes, state, now)
        if known is None:
            run_id, rows = f"{state}-1", fresh
        elif _repeats(known, fresh):
            return Run(run_id=known["run_id"][0], results=known)
        else:
            run_id = f"{state}-{_attempt(known['run_id'][0]) + 1}"
            same = ["place", "check_id", "target"]
            rows = pl.concat([known.join(fresh, on=same, how="anti"), fresh])
        rows = rows.with_columns(
            run_id=pl.lit(run_id), checked_at=pl.lit(now, check.RESULT.schema["checked_at"])
        )
        _keep_failures(store, failure_rows(outcomes, run_id))
        try:
            turn.append(rows)
        except SnapshotConflict:
            continue
        return Run(run_id=run_id, results=rows)


def _keep_failures(store: Store, rows: pl.DataFrame) -> None:
    """Adds the failing rows of a run before its results, once: a run that dies is run again."""
    key = list(check.FAILURE.key)
    known = store.scan(check.FAILURE).filter(pl.col("run_id").is_in(rows["run_id"].implode()))
    fresh = rows.join(known.select(key).collect(), on=key, how="anti")
    if fresh.height:
        store.append(check.FAILURE, fresh)


# -- releasing -------------------------------------------------------------------------


def release(store: Store, now: datetime) -> Release | None:
    """Release the present versions if every blocking check on them passed.

    Returns:
        The new release; or the latest, if it has the same versions; or None if a blocking
        check failed or broke: then the latest release goes on serving.

    Raises:
        ChecksNotRun: no run of the checks looked at the present versions.
    """
    while True:
        turn = store.turn(check.RELEASE, _STAGE)
        versions = _versions(store)
        last = newest(turn.scan())
        if last is not None and last.versions == versions:
            return last
        run = _run_on(store, versions)
        if run.blocking.height:
            return None
        by_status = dict(run.results.group_by("status").len().iter_rows())
        made = Release(
            release_id=f"R{(0 if last is None else int(last.release_id[1:])) + 1:06d}",
            released_at=now,
            run_id=run.run_id,
            versions=versions,
            checks_passed=by_status.get("passed", 0),
            checks_failed=by_status.get("failed", 0),
        )
        try:
            turn.append(_row(made))
        except SnapshotConflict:
            continue
        return made


def present_run(store: Store) -> Run | None:
    """The newest run of the checks on the present versions; None if none has looked at them."""
    return _found_run(store, _versions(store))


def _versions(store: Store) -> dict[str, int]:
    """Current version of every released table that has ever been written."""
    found = {table.name: store.version(table) for table in RELEASED_TABLES}
    return {name: version for name, version in found.items() if version is not None}


def _state_id(versions: dict[str, int]) -> str:
    text = json.dumps(versions, sort_keys=True)
    return "K" + hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _run_on(store: Store, versions: dict[str, int]) -> Run:
    run = _found_run(store, versions)
    if run is None:
        raise ChecksNotRun(
            f"no run of the checks on the present versions {versions}; "
            "call run_checks after the last write to a base table, then release"
        )
    return run


def _found_run(store: Store, versions: dict[str, int]) -> Run | None:
    known = _newest_of(store.scan(check.RESULT), _state_id(versions))
    return None if known is None else Run(run_id=known["run_id"][0], results=known)


def _newest_of(results: pl.LazyFrame, state: str) -> pl.DataFrame | None:
    """The rows of the newest run of a state, if it was ever checked."""
    rows = results.filter(pl.col("run_id").str.starts_with(f"{state}-")).collect()
    if rows.is_empty():
        return None
    newest = max(rows["run_id"].unique(), key=_attempt)
    return rows.filter(pl.col("run_id") == newest)


def _attempt(run_id: str) -> int:
    return int(run_id.rpartition("-")[2])


def _repeats(known: pl.DataFrame, fresh: pl.DataFrame) -> bool:
    said = [
        "place",
        "check_id",
        "target",
        "status",
        "is_blocking",
        "row_count",
        "failed_count",
        "note",
    ]
    return fresh.join(known, on=said, how="anti", nulls_equal=True).is_empty()


def _row(made: Release) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "release_id": made.release_id,
                "released_at": made.released_at,
                "run_id": made.run_id,
                "versions_json": json.dumps(made.versions, sort_keys=True),
                "checks_passed": made.checks_passed,
                "checks_failed": made.checks_failed,
            }
        ],
        schema=check.RELEASE.schema,
    )
