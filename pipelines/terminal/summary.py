"""What the lakehouse holds after a run, in one page: the summary of `make demo` and `status`.

Belongs here: counting, what a run has added, printing. Does not: running anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table as RichTable
from rich.text import Text

from assets.bases.quarantine import uncleared
from assets.calendar import SHANGHAI
from assets.lake.store import Store
from assets.sources.windows import answering
from assets.tables import BASE_TABLES, BY_NAME, archive, certificate, check, decision, intake
from checks import cross, gate, release
from decisions.filing.screening import IS_OF_THE_LOG
from pipelines.views.pictures import KIND_NAMES, OUTCOME_NAMES, newest

_DELIVERIES_SHOWN = 5


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
class FailedCheck:
    """A check that did not pass, over all tables that it looks at."""

    check_id: str
    title: str
    tables: list[str]
    failed: int
    is_blocking: bool


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """A file that failed as a whole and has not come again in order: why, where, what to do."""

    feed: str
    file_name: str
    received_at: str
    error: str


@dataclass(frozen=True, slots=True)
class Heights:
    """How far the logs have grown: what a run adds is the difference of two."""

    deliveries: int
    decisions: int
    certificates: int
    archive_records: int
    releases: int

    def since(self, before: Heights) -> Heights:
        """What was added since."""
        return Heights(
            **{name: count - getattr(before, name) for name, count in asdict(self).items()}
        )

    @property
    def is_nothing(self) -> bool:
        """Whether there is none of anything."""
        return not any(asdict(self).values())


@dataclass(frozen=True, slots=True)
class Summary:
    """The state of a home folder."""

    deliveries_accepted: int
    deliveries_failed: int
    failed_deliveries: list[FailedDelivery]
    collected: list[Collected]
    checks_passed: int
    checks_failed: int
    checks_broken: int
    failed_checks: list[FailedCheck]
    release_id: str | None
    released_at: str | None
    applications: int
    pending: int
    rejected_filings: int
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
    applications = store.count(intake.APPLICATION)
    no_cases = store.scan(intake.REJECTED_FILING).filter(IS_OF_THE_LOG).select(pl.len())
    median = decisions["elapsed_ms"].median()
    return Summary(
        deliveries_accepted=by_status.get("accepted", 0),
        deliveries_failed=by_status.get("failed", 0),
        failed_deliveries=_failed_deliveries(store),
        collected=_collected(store),
        checks_passed=by_result.get("passed", 0),
        checks_failed=by_result.get("failed", 0),
        checks_broken=by_result.get("error", 0),
        failed_checks=_failed_checks(results),
        release_id=served.release_id if served else None,
        released_at=served.released_at.isoformat() if served else None,
        applications=applications,
        pending=applications
        - decisions.filter(pl.col("is_final")).height
        - no_cases.collect().item(),
        rejected_filings=store.count(intake.REJECTED_FILING),
        cases=_cases(decisions),
        median_ms=median if isinstance(median, float) else None,
        certificates=store.count(certificate.CERTIFICATE),
        archive_records=store.count(archive.RECORD),
    )


def _failed_deliveries(store: Store) -> list[FailedDelivery]:
    """The latest first, of one instant by name; a fetch that failed, until a later one has come."""
    attempt, ends = answering(pl.col("file_name"))
    newest = (
        store.scan(intake.DELIVERY)
        .with_columns(attempt=attempt, ends=ends)
        .sort("ends", "received_at")
        .unique(["channel", "feed", "attempt"], keep="last", maintain_order=True)
        .filter(pl.col("status") == "failed")
        # By the second, as it is told: files of one turn are microseconds apart.
        .sort(
            pl.col("received_at").dt.truncate("1s"),
            "channel",
            "feed",
            "file_name",
            descending=[True, False, False, False],
        )
        .select("channel", "feed", "file_name", "received_at", "error")
        .collect()
    )
    return [
        FailedDelivery(
            feed=f"{one['channel']}.{one['feed']}",
            file_name=one["file_name"],
            received_at=one["received_at"].astimezone(SHANGHAI).isoformat(timespec="seconds"),
            error=one["error"] or "",
        )
        for one in newest.iter_rows(named=True)
    ]


def heights(store: Store) -> Heights:
    """How far the logs have grown by now."""
    return Heights(
        deliveries=store.count(intake.DELIVERY),
        decisions=store.count(decision.DECISION),
        certificates=store.count(certificate.CERTIFICATE),
        archive_records=store.count(archive.RECORD),
        releases=store.count(check.RELEASE),
    )


def _failed_checks(results: pl.DataFrame) -> list[FailedCheck]:
    """One entry per check, the most failures first."""
    titles = _titles()
    grouped = (
        results.filter(pl.col("status") != "passed")
        .group_by("check_id")
        .agg(
            pl.col("target").sort().alias("tables"),
            pl.col("failed_count").sum().alias("failed"),
            pl.col("is_blocking").any(),
        )
        .sort("is_blocking", "failed", "check_id", descending=[True, True, False])
    )
    return [
        FailedCheck(title=titles.get(row["check_id"], ""), **row)
        for row in grouped.iter_rows(named=True)
    ]


def _titles() -> dict[str, str]:
    """What each check looks at, Chinese and English, by its id."""
    missing = {
        f"{column.name}:required": f"{column.zh}缺失或不可读 missing or unreadable"
        for table in BASE_TABLES
        for column in table
        if not column.nullable
    }
    rules = {rule.check_id: f"{rule.zh} {rule.en}" for table in BASE_TABLES for rule in table.rules}
    crossed = {one.id: f"{one.zh} {one.en}" for one in cross.CHECKS}
    return {
        "key:unique": "同一键内容不一 a key told in several ways",
        **missing,
        **rules,
        **crossed,
    }


def _latest_checks(store: Store, served: release.Release | None) -> pl.DataFrame:
    """The results on the present state; where none are, those of the release that serves."""
    present = gate.present_run(store)
    if present is not None:
        return present.results
    run_id = served.run_id if served else ""
    return store.scan(check.RESULT).filter(pl.col("run_id") == run_id).collect()


def _collected(store: Store) -> list[Collected]:
    apart = dict(
        uncleared(store.scan(intake.QUARANTINE)).group_by("target").len().collect().iter_rows()
    )
    return [
        Collected(table.name, table.zh, store.count(table), apart.get(table.name, 0))
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


def _is_empty(summary: Summary) -> bool:
    return not summary.deliveries_accepted + summary.deliveries_failed + summary.applications


def no_release(summary: Summary) -> str:
    """Why there is no data to decide on, and what to do."""
    if _is_empty(summary):
        return (
            "尚未收取任何数据，请放入交换目录后执行 `miaoban run` nothing was ever taken in: "
            "put deliveries into the inbox and run `miaoban run`"
        )
    return (
        "没有可用的数据发布，未通过的核对见 `miaoban status` the data did not pass the checks "
        "and nothing was ever released; `miaoban status` lists the failed checks"
    )


def render(summary: Summary) -> RenderableType:
    """The summary as tables for a terminal, 80 columns wide."""
    if _is_empty(summary):
        return Text(
            "此数据目录还没有数据 Nothing is in this home folder yet: put deliveries into its "
            "inbox and run `miaoban run`, or try `miaoban demo`."
        )
    return Group(
        _rows_table(summary),
        *([_refused(summary.failed_deliveries)] if summary.failed_deliveries else []),
        Text(),
        _checks_table(summary),
        *([_failed_table(summary.failed_checks)] if summary.failed_checks else []),
        Text(),
        _cases_table(summary),
        Text(),
        _ends(summary),
    )


def render_added(added: Heights) -> RenderableType:
    """What a run has added, or that it has changed nothing."""
    if added.is_nothing:
        return Text(
            "本次无新增，已办结的不变 Nothing was new: no delivery, no release, no decision, no "
            "certificate, no record was added; what is decided stays as it was.",
            style="bold",
        )
    return Text.assemble(
        ("本次新增 Added by this run: ", "bold"),
        f"{added.deliveries} 批次 deliveries · {added.releases} 发布 releases · "
        f"{added.decisions} 决定 decisions · {added.certificates} 证书 certificates · "
        f"{added.archive_records} 档案 records",
    )


def unclaimed(files: list[str]) -> Text:
    """Files of the inbox that no feed will ever take."""
    shown = "、".join(files[:_DELIVERIES_SHOWN]) + ("…" if len(files) > _DELIVERIES_SHOWN else "")
    return Text.assemble(
        ("交换目录中不会被接收的文件 Files in the inbox that will not be taken: ", "yellow"),
        f"{len(files)} ({shown})；目录或文件格式与渠道文件不符，请移到所属数据项的目录或改正格式 "
        "the folder or the form fits no channel file: move them to their feed's folder, or send "
        "them in its form",
    )


def _rows_table(summary: Summary) -> RichTable:
    table = _table("收数 Collected", ("表 table", "行\nrows", "隔离\nset apart"))
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
    blocking = sum(one.is_blocking for one in summary.failed_checks)
    table.add_row("通过 passed", str(summary.checks_passed))
    table.add_row("未通过 failed", str(summary.checks_failed))
    if summary.checks_broken:
        table.add_row("[red]核对出错 broken[/]", str(summary.checks_broken))
    table.add_row("阻断发布 of these stop a release", f"[red]{blocking}[/]" if blocking else "0")
    table.add_row("数据发布 release", summary.release_id or "[red]无 none[/]")
    return table


def _refused(failed: list[FailedDelivery]) -> Text:
    """Why the files that failed last did, in full: whoever sends them must know what to mend."""
    lines = [
        Text.assemble((f"  {one.feed} {one.file_name} ", "bold"), one.error)
        for one in failed[:_DELIVERIES_SHOWN]
    ]
    more = len(failed) - len(lines)
    if more:
        lines.append(Text(f"  另有{more}份 and {more} more: `miaoban status --json`", style="dim"))
    return Text("\n").join(lines)


def _failed_table(failed: Iterable[FailedCheck]) -> RichTable:
    table = RichTable(
        box=None, padding=(0, 1), header_style="dim", style="dim", caption_justify="left"
    )
    table.add_column("未通过 failed check", no_wrap=True)
    table.add_column("内容 what it looks for · 表 table", overflow="fold")
    table.add_column("行 rows", justify="right")
    for one in failed:
        few = len(one.tables) == 1
        where = BY_NAME[one.tables[0]].zh if few else f"{len(one.tables)} 张表 tables"
        table.add_row(
            f"[red]{escape(one.check_id)}[/]" if one.is_blocking else escape(one.check_id),
            " · ".join(filter(None, (escape(one.title), where))),
            f"{one.failed:,}",
        )
    table.caption = " 这些行已隔离或不计入 such rows are set apart or do not count"
    return table


def _cases_table(summary: Summary) -> RichTable:
    shown = [name for name in OUTCOME_NAMES if any(name in c.outcomes for c in summary.cases)]
    table = _table(
        "审批 Cases",
        (
            "申请类型 kind",
            *(OUTCOME_NAMES[name].replace(" ", "\n") for name in shown),
            "用时中位数\nmedian time",
        ),
        padding=1,
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
    table.add_row("未登记的申请 filings answered as no case", str(summary.rejected_filings))
    return table


def _table(title: str, columns: Iterable[str], padding: int = 2) -> RichTable:
    table = RichTable(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None,
        padding=(0, padding),
        caption_justify="left",
    )
    for position, column in enumerate(columns):
        table.add_column(
            column,
            justify="left" if position == 0 else "right",
            no_wrap=True,
            vertical="bottom",
        )
    return table


def _or_dot(count: int) -> str:
    return f"{count:,}" if count else "[dim]·[/]"


def _milliseconds(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f} ms"
