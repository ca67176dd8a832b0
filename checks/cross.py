"""The cross-channel checks, all of them, run over all enterprises at once.

Belongs here: the register of checks, running them, replacing `check__finding`. Does not: any
one check (`checks.enterprise`, `checks.personnel`, `checks.project`, `checks.credit`) or the
release (`checks.release`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.store import Store
from assets.tables import BASE_TABLES, check, intake
from checks import credit, enterprise, personnel, project
from checks.common import FINDING_COLUMNS, SEVERITIES, CrossCheck, Tables
from checks.outcome import KEYS_SHOWN, Outcome

CHECKS: tuple[CrossCheck, ...] = (
    *enterprise.CHECKS,
    *personnel.CHECKS,
    *project.CHECKS,
    *credit.CHECKS,
)
"""Every cross-channel check, by the ids of the catalogue."""

_READ = (*BASE_TABLES, intake.COVERAGE, intake.QUARANTINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossReport:
    """What the cross-channel checks found on a day: rows of `check__finding`, one outcome each."""

    as_of: date
    findings: pl.DataFrame
    outcomes: tuple[Outcome, ...]


def examine(tables: Tables, as_of: date, checks: tuple[CrossCheck, ...] = CHECKS) -> CrossReport:
    """Run the checks on tables by name; writes nothing.

    A check that raises becomes an outcome `error` and has no findings; the others go on.
    """
    found: list[pl.DataFrame] = []
    outcomes: list[Outcome] = []
    for one in checks:
        row_count = sum(_height(tables[target.name]) for target in one.targets)
        try:
            rows = _strongest(one, one.find(tables, as_of).collect())
        except Exception as error:  # a broken check is a result, and blocks
            outcomes.append(_outcome(one, row_count, error=error))
            continue
        found.append(rows)
        outcomes.append(_outcome(one, row_count, rows=rows))
    rows = pl.concat([check.FINDING.empty(), *found]).sort(check.FINDING.key)
    return CrossReport(as_of=as_of, findings=rows, outcomes=tuple(outcomes))


def run(store: Store, as_of: date) -> CrossReport:
    """Run every check on the newest base tables and set `check__finding` to what they found."""
    report = examine({table.name: store.scan(table) for table in _READ}, as_of)
    store.replace(check.FINDING, report.findings)
    return report


def _strongest(one: CrossCheck, rows: pl.DataFrame) -> pl.DataFrame:
    """One row per key: what is certain outranks what is doubtful."""
    rank = pl.col("severity").cast(pl.Enum(SEVERITIES)).to_physical()
    best = (
        rows.select(FINDING_COLUMNS)
        .sort(rank, "detail")
        .unique(["target", "usc_code", "row_key"], keep="first", maintain_order=True)
        .with_columns(check_id=pl.lit(one.id))
    )
    return check.FINDING.conform(best)


def _outcome(
    one: CrossCheck,
    row_count: int,
    rows: pl.DataFrame | None = None,
    error: Exception | None = None,
) -> Outcome:
    target = one.targets[0].name
    if rows is None:
        return Outcome(
            check_id=one.id,
            target=target,
            column="",
            zh=one.zh,
            en=one.en,
            status="error",
            row_count=row_count,
            is_blocking=True,
            note=f"{type(error).__name__}: {error}",
        )
    by_severity = dict(rows.group_by("severity").len().sort("severity").iter_rows())
    return Outcome(
        check_id=one.id,
        target=target,
        column="",
        zh=one.zh,
        en=one.en,
        status="failed" if rows.height else "passed",
        row_count=row_count,
        failed_count=rows.height,
        is_blocking=one.is_blocking,
        keys=tuple(
            rows.head(KEYS_SHOWN).select("target", "usc_code", "row_key").iter_rows(named=True)
        ),
        note=", ".join(f"{name} {count}" for name, count in by_severity.items()) or None,
    )


def _height(rows: pl.LazyFrame) -> int:
    height: int = rows.select(pl.len()).collect().item()
    return height
