"""The gate: which versions of the base tables decisions may read.

Belongs here: the checks on the tables as a whole, the log of results, the log of releases.
Does not: suites (`checks.suites`) and cross-channel checks (`checks.cross`), whose reports it
takes in.

A blocking check in an orchestrator binds only within its own run; so "data that passed" is a
row of `check__release`, and decisions read base tables at its versions or not at all. A run of
checks that fails makes no release: the last good one goes on serving.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

import polars as pl

from assets.declaration import Table
from assets.store import SnapshotConflict, Store
from assets.tables import (
    BASE_TABLES,
    RELEASED_TABLES,
    check,
    enterprise,
    intake,
    personnel,
    project,
)
from checks.outcome import KEYS_SHOWN, Outcome, result_rows

QUARANTINE_SHARE = 0.20
"""Of a delivery's rows, the share in quarantine beyond which it is not to be built on."""
QUARANTINE_ROWS = 20
"""Fewer bad rows than this are a matter of quarantine, whatever their share."""
ORPHAN_SHARE = 0.50
"""Of a table's rows, the share without a parent that only a lost table explains.

All three are starting values to be tuned on real data, not law (cross-checks, note 4).
"""
_STAGE = "release"

_PARENTS: tuple[tuple[Table, str, Table, str], ...] = (
    (enterprise.CERTIFICATE, "usc_code", enterprise.REGISTRY, "usc_code"),
    (enterprise.QUALIFICATION, "usc_code", enterprise.REGISTRY, "usc_code"),
    (enterprise.QUALIFICATION, "certificate_no", enterprise.CERTIFICATE, "certificate_no"),
    (personnel.REGISTRATION, "person_key", personnel.PERSON, "person_key"),
    (personnel.INSURANCE, "person_key", personnel.PERSON, "person_key"),
    (project.CONTRACT, "project_no", project.PROJECT, "project_no"),
    (project.UNIT, "contract_no", project.CONTRACT, "contract_no"),
    (project.MEASURE, "unit_code", project.UNIT, "unit_code"),
    (project.ACCEPTANCE, "contract_no", project.CONTRACT, "contract_no"),
    (project.PARTY, "contract_no", project.CONTRACT, "contract_no"),
)
"""Child, its column, parent, its column (cross-check F-07)."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The versions of the tables that passed (`RELEASED_TABLES`, by name)."""

    release_id: str
    released_at: datetime
    run_id: str
    versions: dict[str, int]
    checks_passed: int
    checks_failed: int


# -- running ---------------------------------------------------------------------------


def run_checks(store: Store, reports: Iterable[Report], now: datetime) -> Run:
    """Check the tables as a whole and log that, with the reports, as one run.

    The run's id follows from the versions of the released tables, so that the same state
    checked again gives the same id and adds nothing. Only if a check now comes out otherwise
    at the same state (a broken check was mended) the run is logged again under the id's next
    number, with what it does not repeat carried over.

    Args:
        store: the lakehouse; `check__finding` already holds what the cross-checks found.
        reports: of the suites that ran on this state, and of the cross-checks.
        now: instant of the run.
    """
    state = _state_id(_versions(store))
    outcomes = [*examine(store), *(one for report in reports for one in report.outcomes)]
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
            same = ["check_id", "target"]
            rows = pl.concat([known.join(fresh, on=same, how="anti"), fresh])
        rows = rows.with_columns(
            run_id=pl.lit(run_id), checked_at=pl.lit(now, check.RESULT.schema["checked_at"])
        )
        try:
            turn.append(rows)
        except SnapshotConflict:
            continue
        return Run(run_id=run_id, results=rows)


def examine(store: Store) -> list[Outcome]:
    """The blocking checks on tables as a whole; a check that raises is an `error`."""
    return [
        *(_guarded(partial(_schema, store, table), "schema", table) for table in BASE_TABLES),
        *(_guarded(partial(_doubled_keys, store, table), "key", table) for table in BASE_TABLES),
        *(_guarded(partial(_orphans, store, *pair), "F-07", pair[0]) for pair in _PARENTS),
        _guarded(partial(_spoiled_deliveries, store), "F-05", intake.DELIVERY),
    ]


def _guarded(look: Callable[[], Outcome], check_id: str, table: Table) -> Outcome:
    try:
        return look()
    except Exception as error:  # a broken check is a result, and blocks
        return Outcome(
            check_id=check_id,
            target=table.name,
            column="",
            zh="核对出错",
            en="the check broke",
            status="error",
            row_count=0,
            is_blocking=True,
            note=f"{type(error).__name__}: {error}",
        )


def _schema(store: Store, table: Table) -> Outcome:
    found = store.scan(table).collect_schema()
    differing = sorted({*found.items()} ^ {*table.schema.items()}, key=lambda item: item[0])
    return Outcome(
        check_id="schema",
        target=table.name,
        column="",
        zh="表结构符合声明",
        en="the table has the declared columns and types",
        status="failed" if differing else "passed",
        row_count=len(found),
        failed_count=len({name for name, _ in differing}),
        is_blocking=True,
        note=f"differs from the declaration: {differing}" if differing else None,
    )


def _doubled_keys(store: Store, table: Table) -> Outcome:
    counts = (
        store.scan(table)
        .group_by(table.key)
        .agg(rows=pl.len())
        .select(
            rows=pl.col("rows").sum(),
            doubled=pl.col("rows").filter(pl.col("rows") > 1).sum(),
        )
        .collect(engine="streaming")
    )
    rows, doubled = (int(value or 0) for value in counts.row(0))
    keys: tuple[dict[str, object], ...] = ()
    if doubled:
        several = store.scan(table).group_by(table.key).agg(_n=pl.len()).filter(pl.col("_n") > 1)
        shown = several.select(table.key).sort(table.key).head(KEYS_SHOWN).collect()
        keys = tuple(shown.iter_rows(named=True))
    return Outcome(
        check_id="key",
        target=table.name,
        column=", ".join(table.key),
        zh="库内键不重复",
        en="no key occurs twice in the base table",
        status="failed" if doubled else "passed",
        row_count=rows,
        failed_count=doubled,
        is_blocking=True,
        keys=keys,
    )


def _orphans(store: Store, child: Table, column: str, parent: Table, parent_column: str) -> Outcome:
    rows = store.scan(child).select(pl.col(column).alias("key"))
    parents = store.scan(parent).select(pl.col(parent_column).alias("key")).unique()
    total: int = rows.select(pl.len()).collect().item()
    lost: int = rows.join(parents, on="key", how="anti").select(pl.len()).collect().item()
    return Outcome(
        check_id=f"F-07:{column}",
        target=child.name,
        column=column,
        zh=f"上级数据未丢失（{parent.zh}）",
        en=f"the rows of {parent.name} are not lost",
        status="failed" if lost > total * ORPHAN_SHARE else "passed",
        row_count=total,
        failed_count=lost,
        is_blocking=True,
        note=f"{lost} of {total} rows have no {parent.name}" if lost else None,
    )


def _spoiled_deliveries(store: Store) -> Outcome:
    """Of each feed's newest deliveries, those with too large a share in quarantine.

    Only the newest: a delivery is in the log for good, and a sound one after it heals it.
    """
    newest = (
        store.scan(intake.DELIVERY)
        .filter(pl.col("status") == "accepted")
        .filter(pl.col("received_at") == pl.col("received_at").max().over("channel", "feed"))
        .select("delivery_id", "row_count")
    )
    apart = (
        store.scan(intake.QUARANTINE)
        .group_by("delivery_id")
        .agg(apart=pl.col("row_no").n_unique().cast(pl.Int64))
    )
    counts = (
        newest.join(apart, on="delivery_id", how="left")
        .with_columns(pl.col("apart").fill_null(0))
        .collect()
    )
    spoiled = counts.filter(
        pl.col("apart") >= QUARANTINE_ROWS,
        pl.col("apart") > pl.col("row_count") * QUARANTINE_SHARE,
    ).sort("delivery_id")
    return Outcome(
        check_id="F-05",
        target=intake.DELIVERY.name,
        column="",
        zh="批次隔离比例未超限",
        en="no delivery has too many bad rows",
        status="failed" if spoiled.height else "passed",
        row_count=counts.height,
        failed_count=spoiled.height,
        is_blocking=True,
        keys=tuple(spoiled.head(KEYS_SHOWN).iter_rows(named=True)),
        note="; ".join(
            f"{row['delivery_id']}: {row['apart']} of {row['row_count']} rows set apart; "
            "have the channel send it again"
            for row in spoiled.head(KEYS_SHOWN).iter_rows(named=True)
        )
        or None,
    )


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
        last = _last(turn.scan())
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


def latest(store: Store) -> Release | None:
    """The release that decisions read, or None before the first."""
    return _last(store.scan(check.RELEASE))


def present_run(store: Store) -> Run | None:
    """The newest run of the checks on the present versions; None if none has looked at them."""
    return _found_run(store, _versions(store))


def by_id(store: Store, release_id: str) -> Release:
    """A release by its id.

    Raises:
        LookupError: there is none.
    """
    found = _last(store.scan(check.RELEASE).filter(pl.col("release_id") == release_id))
    if found is None:
        raise LookupError(
            f"no release {release_id} in {store.path(check.RELEASE)}; "
            "`check__release` lists those there are"
        )
    return found


def cited_versions(store: Store, table: Table) -> list[int]:
    """The versions of a table that any release pins: what its vacuum must keep."""
    pinned = store.scan(check.RELEASE).select("versions_json").collect()["versions_json"]
    return sorted({v for text in pinned if (v := json.loads(text).get(table.name)) is not None})


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
    said = ["check_id", "target", "status", "is_blocking", "row_count", "failed_count", "note"]
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


def _last(releases: pl.LazyFrame) -> Release | None:
    rows = releases.sort("release_id").tail(1).collect()
    if rows.is_empty():
        return None
    row = rows.row(0, named=True)
    return Release(
        release_id=row["release_id"],
        released_at=row["released_at"],
        run_id=row["run_id"],
        versions=json.loads(row["versions_json"]),
        checks_passed=row["checks_passed"],
        checks_failed=row["checks_failed"],
    )
