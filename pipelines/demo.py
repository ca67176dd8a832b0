"""The demo: a sample province in the inbox, the chain over it, a summary.

Belongs here: the sizes, the day the demo lives on, the settings of a demo home. Does not:
the generator (`assets.sample`) or the chain (`pipelines.chain`).
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as clock_time
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.markup import escape

from assets.calendar import SHANGHAI
from assets.sample import SIZES as SAMPLE_SIZES
from assets.sample import SampleReport, generate
from assets.tables import decision
from pipelines.office import Office
from pipelines.progress import counted
from pipelines.settings import FILE_NAME, Settings, load

AS_OF = date(2017, 3, 1)
"""A day of the pilot: the plan is of 2016, the standard not yet amended."""
OPENING_HOUR = clock_time(10, 0, tzinfo=SHANGHAI)
SIZES = {**SAMPLE_SIZES, "demo": 500}
"""Enterprises."""


class InboxInUse(RuntimeError):
    """The inbox holds deliveries: a sample would be mixed into them."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """What was generated and where it lies."""

    report: SampleReport
    inbox: Path
    truth: Path
    settings: Path

    @property
    def rows(self) -> int:
        """Rows in all files."""
        return sum(self.report.rows.values())


def make_sample(
    settings: Settings, *, enterprises: int, seed: int, as_of: date, applications: int | None = None
) -> Sampled:
    """Write a sample's deliveries into an empty inbox; a home without settings becomes a demo home.

    The sample is made beside the inbox and moved in whole: a killed one leaves nothing behind
    that a stage would read.

    Raises:
        InboxInUse: the inbox is not empty.
    """
    if settings.inbox.exists() and any(settings.inbox.iterdir()):
        raise InboxInUse(
            f"交换目录已有数据 {settings.inbox} already holds deliveries; name another home with "
            "--home, or remove that folder if they may go"
        )
    file = demo_home(settings.folder, as_of)
    making = settings.folder / ".inbox.new"
    shutil.rmtree(making, ignore_errors=True)
    with counted(enterprises, "企业 enterprises") as done:
        report = generate(
            out=making,
            enterprises=enterprises,
            seed=seed,
            as_of=as_of,
            truth=settings.truth,
            applications=applications,
            progress=done,
        )
    if settings.inbox.exists():
        settings.inbox.rmdir()
    making.rename(settings.inbox)
    return Sampled(report, settings.inbox, settings.truth, file)


def demo_home(home: Path, as_of: date) -> Path:
    """Write the settings of a demo home, whose clock stands still; existing ones are left alone."""
    file = home / FILE_NAME
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        instant = datetime.combine(as_of, OPENING_HOUR)
        file.write_text(
            "# A demo home: its clock stands still on the day of its sample.\n"
            f'profile = "demo"\nclock = {instant.isoformat()}\n',
            encoding="utf-8",
        )
    return file


def run(settings: Settings, enterprises: int, seed: int, out: Console) -> bool:
    """Sample (once per home), chain, summary; returns whether every stage succeeded.

    Raises:
        Busy: another process runs the chain on this home.
    """
    from pipelines.chain import run_with_progress
    from pipelines.summary import render, summarise

    began = time.perf_counter()
    if not settings.inbox.exists():
        out.print(f"生成样本省份 Generating a sample province of {enterprises} enterprises …")
        sampled = make_sample(settings, enterprises=enterprises, seed=seed, as_of=AS_OF)
        out.print(
            f"[dim]{sampled.rows:,} 行 rows in {sampled.report.files} 个文件 files, "
            f"{time.perf_counter() - began:.1f} s[/]"
        )
    else:
        out.print(
            f"沿用样本 The sample in {settings.inbox} is there already; only what is new is done."
        )
    settings = load(settings.home)
    report, office = run_with_progress(settings, "chain")
    out.print(render(summarise(office.store)))
    stages = " · ".join(f"{stage} {seconds:.1f} s" for stage, seconds in report.stages.items())
    out.print(f"全程 chain {report.seconds:.1f} s [dim]({stages})[/]")
    for step, cause in report.failures.items():
        out.print(f"[red]环节失败 Stage failed[/] {step}: {escape(cause)}")
    out.print(f"\n[bold]接下来 Where to look next[/] [dim](数据目录 home {settings.folder})[/]")
    for what, where in (
        ("make up", "Dagster 界面 the UI on http://127.0.0.1:3000: lineage, checks, pictures"),
        ("miaoban show …", f"一件案件 one case, e.g. {_a_case(office)}"),
        ("miaoban apply …", "秒办 file another: miaoban apply 企业名称 S11-二级"),
        ("miaoban verify …", f"验证 a certificate in {settings.certificates}"),
        (str(settings.archive), "电子档案 the closed records"),
    ):
        out.print(f"  [bold]{what}[/]  {where}", highlight=False)
    return report.is_success


def _a_case(office: Office) -> str:
    refused = (
        office.store.scan(decision.DECISION)
        .filter(pl.col("outcome") == "refused")
        .select("application_id")
        .sort("application_id")
        .head(1)
        .collect()
    )
    return refused["application_id"].item() if refused.height else "-"
