"""The demo: a sample province in the inbox, the chain over it, a summary.

Belongs here: the sizes, the day the demo lives on, the settings of a demo home. Does not:
the generator (`assets.sample`) or the chain (`pipelines.chain`).
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as clock_time
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.markup import escape

from assets.calendar import SHANGHAI
from assets.channels import load_channels
from assets.sample import SIZES as SAMPLE_SIZES
from assets.sample import (
    SampleReport,
    connections,
    generate,
    leave_as_fetched,
    serving,
    take_over,
)
from assets.tables import certificate, decision
from pipelines.office import Office
from pipelines.settings import DEFAULT_HOME, FILE_NAME, Settings, load
from pipelines.terminal.progress import counted

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
            database_folder=_databases(settings.folder),
            applications=applications,
            progress=done,
        )
    leave_as_fetched(making, load_channels(), datetime.combine(as_of, OPENING_HOUR))
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
        reached = connections(_databases(home), load_channels(), within=home)
        lines = [
            "# A demo home: its clock stands still on the day of its sample. What is asked for",
            "# over HTTP is due once, while `miaoban demo` runs and answers for it; then no more.",
            'profile = "demo"',
            f"clock = {instant.isoformat()}",
            *(
                f"\n[connections.{channel}]    # its sender's database, made with the sample\n"
                f"url = {json.dumps(one.address, ensure_ascii=False)}"
                for channel, one in reached.items()
            ),
        ]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def _databases(home: Path) -> Path:
    """Where the senders' databases of a sample are: beside the inbox, which holds files only."""
    return home / "databases"


def _platforms(home: Path) -> Path:
    """Where the rows are that the sample's platforms answer with while the demo runs."""
    return home / "platforms"


def run(settings: Settings, enterprises: int, seed: int, out: Console) -> bool:
    """Sample (once per home), chain, summary; returns whether every stage succeeded.

    Raises:
        Busy: another process runs the chain on this home.
    """
    from pipelines.chain import run_with_progress
    from pipelines.terminal.summary import heights, render, render_added, summarise

    began = time.perf_counter()
    if not settings.inbox.exists():
        out.print(f"生成样本省份 Generating a sample province of {enterprises} enterprises …")
        sampled = make_sample(settings, enterprises=enterprises, seed=seed, as_of=AS_OF)
        out.print(
            f"[dim]{sampled.rows:,} 行 rows in {sampled.report.files} 个文件 files, "
            f"{time.perf_counter() - began:.1f} s[/]"
        )
        take_over(settings.inbox, _platforms(settings.folder), load_channels())
    else:
        out.print(
            f"沿用样本 The sample in {settings.inbox} is there already; only what is new is done."
        )
    settings = load(settings.home)
    before = heights(Office(settings).store)
    with serving(_platforms(settings.folder), load_channels()) as platform:
        linked = settings.connections | platform.connections
        report, office = run_with_progress(
            settings.model_copy(update={"connections": linked}), "chain"
        )
    out.print(render(summarise(office.store)))
    out.print()
    if platform.calls:
        out.print(
            f"经接口采集 Fetched over HTTP from {', '.join(platform.connections)}: "
            f"{platform.calls} 页 pages"
        )
    stages = " · ".join(f"{stage} {seconds:.1f} s" for stage, seconds in report.stages.items())
    out.print(f"[bold]全程 Chain {report.seconds:.1f} s[/] [dim]({stages})[/]")
    out.print(render_added(heights(office.store).since(before)))
    for step, cause in report.failures.items():
        out.print(f"[red]环节失败 Stage failed[/] {step}: {escape(cause)}")
    out.print(f"\n[bold]接下来 Where to look next[/] [dim](数据目录 home {settings.folder})[/]")
    for what, command in _next_steps(office):
        out.print(f"  [dim]{what}[/]\n    {escape(command)}", highlight=False, soft_wrap=True)
    return report.is_success


def _next_steps(office: Office) -> Iterator[tuple[str, str]]:
    """What to try next, each with the command or folder for this very home."""
    miaoban = "miaoban" if shutil.which("miaoban") else ".venv/bin/miaoban"
    if office.settings.home != DEFAULT_HOME:
        miaoban += f" --home {office.settings.home}"
    decisions = (
        office.store.scan(decision.DECISION)
        .select("application_id", "usc_code", "category_code", "subcategory", "level", "outcome")
        .sort("application_id")
        .collect()
    )
    refused = decisions.filter(pl.col("outcome") == "refused").head(1)
    if refused.height:
        yield (
            "一件案件 a case, with every criterion",
            f"{miaoban} show {refused['application_id'][0]}",
        )
    sealed = (
        office.store.read(certificate.CERTIFICATE)
        .filter(pl.col("version") == pl.col("version").max().over("certificate_no"))
        .sort("file_name")
        .join(decisions, on="application_id")
        .head(1)
    )
    for row in sealed.iter_rows(named=True):
        item = "-".join(filter(None, (row["category_code"], row["subcategory"], row["level"])))
        file = office.settings.certificates / row["file_name"]
        yield "验证证书 is this certificate valid?", f"{miaoban} verify {file}"
        yield (
            "秒办 file a case and have it decided at once: a lost certificate",
            f"{miaoban} apply {row['usc_code']} {item} --kind replacement",
        )
    yield "界面 the UI: lineage, checks, pictures, on http://127.0.0.1:3000", "make up"
    yield "证书 certificates", str(office.settings.certificates)
    yield "电子档案 closed records", str(office.settings.archive)
