"""The cross-channel checks, all of them, run over all enterprises at once.

Belongs here: the register of checks, running them, replacing `check__finding`. Does not: any
one check (the module of its subject), the rows and tables as a whole, or the release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from assets.lake.store import Store
from assets.persons import ONE_EACH, Numbers, numbers_at
from assets.tables import BASE_TABLES, check, decision, intake
from assets.tables.personnel import IDENTITY
from checks.across import (
    completion,
    credentials,
    credit,
    enterprise,
    grants,
    identity,
    listings,
    means,
    parents,
    patterns,
    permits,
    personnel,
    project,
    records,
    reports,
    tenders,
    twofold,
    works,
)
from checks.across.common import CLAIMS, CrossCheck, Shared, Tables
from checks.nights.carried import Carrying, strongest
from checks.outcome import KEYS_SHOWN, Outcome, broken
from checks.since import Since

CHECKS: tuple[CrossCheck, ...] = (
    *parents.CHECKS,
    *enterprise.CHECKS,
    *means.CHECKS,
    *reports.CHECKS,
    *listings.CHECKS,
    *personnel.CHECKS,
    *identity.CHECKS,
    *twofold.CHECKS,
    *credentials.CHECKS,
    *project.CHECKS,
    *works.CHECKS,
    *completion.CHECKS,
    *permits.CHECKS,
    *tenders.CHECKS,
    *records.CHECKS,
    *credit.CHECKS,
    *patterns.CHECKS,
    *grants.CHECKS,
)
"""Every cross-channel check, by the ids of the catalogue."""

READ = (
    *BASE_TABLES,
    CLAIMS,
    intake.COVERAGE,
    intake.QUARANTINE,
    intake.APPLICATION,
    decision.DECISION,
    decision.EVIDENCE,
)
"""What the checks read: the base, what is in doubt there, and what was filed and granted."""


HELD_ROWS = 3_000_000
"""Rows of a base table up to which it is held for a run: 0.4 GB in all of 4,000 enterprises. Most
are asked for by several checks, and to decode them each time takes a fifth of a run. A larger one
is scanned, and so are the claims, which one check alone asks for: 0.2 GB of a province less."""
_ROW = ("target", "usc_code", "row_key")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossReport:
    """What the cross-channel checks found on a day: rows of `check__finding`, one outcome each.

    `versions` are those of the tables they read, by name; None where another process wrote one
    meanwhile, or where the tables are not those of a lake.
    """

    as_of: date
    findings: pl.DataFrame
    outcomes: tuple[Outcome, ...]
    versions: dict[str, int | None] | None = None


def examine(
    tables: Tables,
    as_of: date,
    checks: tuple[CrossCheck, ...] = CHECKS,
    since: Since | None = None,
    heights: Mapping[str, int] | None = None,
    numbers: Numbers = ONE_EACH,
) -> CrossReport:
    """Run the checks on tables by name; writes nothing.

    A check that raises becomes an outcome `error` and has no findings; the others go on.

    Args:
        tables: the newest of each table that is read.
        as_of: the day.
        checks: those to run.
        since: what has changed since the last release: findings that nothing of it touches are
            carried over from there. What is found is the same without it.
        heights: how many rows the checks' targets have, where that is known (default: counted).
        numbers: who has several identity numbers in the tables: checks see persons, and what is
            under a number in doubt as set apart.
    """
    tables = numbers.set_apart(tables)
    shared = Shared(numbers.read_all(tables))
    known = heights or {
        name: _height(tables[name]) for name in {t.name for one in checks for t in one.targets}
    }
    carrying = None if since is None else Carrying(since, tables, as_of, numbers)
    found: list[pl.DataFrame] = []
    outcomes: list[Outcome] = []
    for one in checks:
        row_count = sum(known[target.name] for target in one.targets)
        try:
            rows = None if carrying is None else carrying.findings(one)
            if rows is None:
                rows = strongest(one, one.find(shared, as_of).collect())
        except Exception as error:  # a broken check is a result, and blocks
            outcomes.append(broken("cross", one.id, one.targets[0], one.zh, one.en, error))
            continue
        found.append(rows)
        outcomes.append(_outcome(one, row_count, rows))
    rows = pl.concat([check.FINDING.empty(), *found]).sort(check.FINDING.key)
    return CrossReport(as_of=as_of, findings=rows, outcomes=tuple(outcomes))


def run(store: Store, as_of: date, since: Since | None = None) -> CrossReport:
    """Run every check on the newest base tables and set `check__finding` to what they found.

    Args:
        store: the lakehouse.
        as_of: the day.
        since: what has changed since the last release (see `examine`). After new statements about
            who is one person, everything is checked.
    """
    versions = {table.name: store.version(table) for table in READ}
    is_known = since is not None and since.is_same(IDENTITY)
    heights = {table.name: store.count(table) for table in READ}
    report = examine(
        _Held(store, heights),
        as_of,
        since=since if is_known else None,
        heights=heights,
        numbers=numbers_at(store),
    )
    store.replace(check.FINDING, report.findings)
    if versions != {table.name: store.version(table) for table in READ}:
        return report
    return replace(report, versions=versions)


class _Held(Mapping[str, pl.LazyFrame]):
    """What the checks read of a lake; a table of few rows is read when it is first asked for."""

    def __init__(self, store: Store, heights: Mapping[str, int]) -> None:
        self._store = store
        self._is_held = {
            table: table in BASE_TABLES and heights[table.name] <= HELD_ROWS for table in READ
        }
        self._tables = {table.name: table for table in READ}
        self._read: dict[str, pl.LazyFrame] = {}

    def __getitem__(self, name: str) -> pl.LazyFrame:
        if name not in self._read:
            table = self._tables[name]
            rows = self._store.scan(table)
            self._read[name] = rows.collect().lazy() if self._is_held[table] else rows
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def _outcome(one: CrossCheck, row_count: int, rows: pl.DataFrame) -> Outcome:
    by_severity = (
        {}
        if rows.is_empty()
        else dict(rows.group_by("severity").len().sort("severity").iter_rows())
    )
    shown = rows.head(KEYS_SHOWN).iter_rows(named=True)
    return Outcome(
        place="cross",
        check_id=one.id,
        target=one.targets[0].name,
        column="",
        zh=one.zh,
        en=one.en,
        status="failed" if rows.height else "passed",
        row_count=row_count,
        failed_count=rows.height,
        is_blocking=one.is_blocking,
        keys=tuple({name: row[name] for name in _ROW} for row in shown),
        note=", ".join(f"{name} {count}" for name, count in by_severity.items()) or None,
    )


def _height(rows: pl.LazyFrame) -> int:
    height: int = rows.select(pl.len()).collect().item()
    return height
