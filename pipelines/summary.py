"""What the lakehouse holds after a run, in one page: the summary of `make demo` and `status`.

Belongs here: counting and printing. Does not: running anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl
from rich.console import Group, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from assets.declaration import Table
from assets.store import Store
from assets.tables import BASE_TABLES, archive, certificate, check, decision, intake
from checks import release
from pipelines.pictures import KIND_NAMES, OUTCOME_NAMES, newest


@dataclass(frozen=True, slots=True)
class Collected:
    """Rows of one base table."""

    table: str
    zh: str
    rows: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases of one kind by outcome (newest evaluation), and the median time of a decision."""

    kind: str
    outcomes: dict[str, int]
    median_ms: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """The state of a home folder."""

    deliveries_accepted: int
    deliveries_failed: int
    collected: list[Collected]
    checks_passed: int
    checks_failed: int
    checks_broken: int
    failed_checks: list[str]
    release_id: str | None
    released_at: str | None
    applications: int
    pending: int
    cases: list[Cases]
    median_ms: float | None
    certificates: int
    archive_records: int

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


def summarise(store: Store) -> Summary:
    """Count what the tables hold now."""
    deliveries = store.scan(intake.DELIVERY).group_by("status").len().collect()
    by_status = dict(deliveries.iter_rows())
    served = release.latest(store)
    results = _latest_checks(store, served)
    by_result = dict(results.group_by("status").len().iter_rows())
    decisions = newest(
        store.scan(decision.DECISION)
        .select("application_id", "evaluation_no", "kind", "outcome", "is_final", "elapsed_ms")
        .collect()
    )
    applications = _count(store, intake.APPLICATION)
    median = decisions["elapsed_ms"].median()
    return Summary(
        deliveries_accepted=by_status.get("accepted", 0),
        deliveries_failed=by_status.get("failed", 0),
        collected=_collected(store),
        checks_passed=by_result.get("passed", 0),
        checks_failed=by_result.get("failed", 0),
        checks_broken=by_result.get("error", 0),
        failed_checks=[
            f"{row['check_id']} · {row['target']}: {row['failed_count']} / {row['row_count']}"
            for row in results.filter(pl.col("status") != "passed").iter_rows(named=True)
        ],
        release_id=served.release_id if served else None,
        released_at=served.released_at.isoformat() if served else None,
        applications=applications,
        pending=applications - decisions.filter(pl.col("is_final")).height,
        cases=_cases(decisions),
        median_ms=median if isinstance(median, float) else None,
        certificates=_count(store, certificate.CERTIFICATE),
        archive_records=_count(store, archive.RECORD),
    )


def _count(store: Store, table: Table) -> int:
    count: int = store.scan(table).select(pl.len()).collect().item()
    return count


def _latest_checks(store: Store, served: release.Release | None) -> pl.DataFrame:
    """The results on the present state; where none are, those of the release that serves."""
    present = release.present_run(store)
    if present is not None:
        return present.results
    run_id = served.run_id if served else ""
    return store.scan(check.RESULT).filter(pl.col("run_id") == run_id).collect()


def _collected(store: Store) -> list[Collected]:
    apart = dict(store.scan(intake.QUARANTINE).group_by("target").len().collect().iter_rows())
    return [
        Collected(table.name, table.zh, _count(store, table), apart.get(table.name, 0))
        for table in (*BASE_TABLES, intake.APPLICATION)
    ]


def _cases(decisions: pl.DataFrame) -> list[Cases]:
    cases = []
    for kind in KIND_NAMES:
        of_kind = decisions.filter(pl.col("kind") == kind)
        if of_kind.is_empty():
            continue
        outcomes = dict(of_kind.group_by("outcome").len().iter_rows())
        median = of_kind["elapsed_ms"].median()
        cases.append(Cases(kind, outcomes, median if isinstance(median, float) else None))
    return cases


# -- for people --------------------------------------------------------------------------


def render(summary: Summary) -> RenderableType:
    """The summary as tables for a terminal."""
    return Group(
        _rows_table(summary),
        _checks_table(summary),
        *(Text(f"    {failed}", style="dim") for failed in summary.failed_checks),
        _cases_table(summary),
        _ends(summary),
    )


def _rows_table(summary: Summary) -> RichTable:
    table = _table("收数 Collected", ("表 table", "行 rows", "隔离 quarantined"))
    for one in summary.collected:
        table.add_row(f"{one.zh} [dim]{one.table}[/]", f"{one.rows:,}", _or_dot(one.quarantined))
    table.caption = (
        f"交换批次 deliveries: {summary.deliveries_accepted} 接收 accepted, "
        f"{summary.deliveries_failed} 失败 failed"
    )
    return table


def _checks_table(summary: Summary) -> RichTable:
    table = _table("核对与发布 Checks and release", ("", ""))
    table.show_header = False
    table.add_row("通过 passed", str(summary.checks_passed))
    table.add_row("未通过 failed", str(summary.checks_failed))
    if summary.checks_broken:
        table.add_row("[red]核对出错 broken[/]", str(summary.checks_broken))
    table.add_row("数据发布 release", summary.release_id or "[red]无 none[/]")
    return table


def _cases_table(summary: Summary) -> RichTable:
    shown = [name for name in OUTCOME_NAMES if any(name in c.outcomes for c in summary.cases)]
    table = _table(
        "审批 Cases",
        (
            "申请类型 kind",
            *(OUTCOME_NAMES[name].replace(" ", "\n", 1) for name in shown),
            "用时中位数\nmedian",
        ),
    )
    for cases in summary.cases:
        counts = [_or_dot(cases.outcomes.get(name, 0)) for name in shown]
        table.add_row(KIND_NAMES[cases.kind], *counts, _milliseconds(cases.median_ms))
    totals = [str(sum(c.outcomes.get(name, 0) for c in summary.cases)) for name in shown]
    table.add_section()
    table.add_row("合计 all", *totals, _milliseconds(summary.median_ms), style="bold")
    return table


def _ends(summary: Summary) -> RichTable:
    table = _table("证照与归档 Certificates and archive", ("", ""))
    table.show_header = False
    table.add_row("电子证书 certificates issued", str(summary.certificates))
    table.add_row("电子档案 archive records closed", str(summary.archive_records))
    table.add_row("未结案件 cases still open", str(summary.pending))
    return table


def _table(title: str, columns: Iterable[str]) -> RichTable:
    table = RichTable(
        title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2)
    )
    for position, column in enumerate(columns):
        table.add_column(column, justify="left" if position == 0 else "right", no_wrap=True)
    return table


def _or_dot(count: int) -> str:
    return f"{count:,}" if count else "[dim]·[/]"


def _milliseconds(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f} ms"
