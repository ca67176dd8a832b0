"""`miaoban run`, `decide`, `status`, `quality` and `up`: the chain on one home, and its state.

Belongs here: arguments and exit codes. Does not: how a run goes (`pipelines.chain`) or how the
state looks (`pipelines.terminal.summary`).
"""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from pipelines.terminal.console import (
    Exit,
    Json,
    err,
    fail,
    lakehouse_of,
    out,
    print_json,
    settings_of,
)


def run(
    context: typer.Context,
    job: Annotated[str, typer.Option(help="作业 chain, collect or decide.")] = "chain",
    as_json: Json = False,
) -> None:
    """全程办理 Run the whole chain in this process, through Dagster, on the home's instance.

    Takes in new deliveries, builds the base databases, checks and releases them, decides what is
    pending, issues certificates and closes archive records. What is already done stays as it is.
    """
    _run(context, job, as_json)


def decide(context: typer.Context, as_json: Json = False) -> None:
    """批量审批 Decide all pending cases at the newest release (the sweep), certify and archive."""
    _run(context, "decide", as_json)


def _run(context: typer.Context, job: str, as_json: bool) -> None:
    from dataclasses import asdict

    from assets.channels import load_channels
    from pipelines.chain import JOBS, run_with_progress
    from pipelines.office import Office
    from pipelines.orchestration.instance import Busy
    from pipelines.terminal.damaged import damaged
    from pipelines.terminal.summary import (
        heights,
        no_release,
        render,
        render_added,
        summarise,
        unclaimed,
    )

    if job not in JOBS:
        raise typer.BadParameter(f"没有此作业 no such job: {job}；可用 one of {', '.join(JOBS)}")
    settings = settings_of(context)
    before = heights(Office(settings).store)
    try:
        report, office = run_with_progress(settings, job)
    except Busy as busy:
        fail(Exit.BUSY, str(busy))
    summary = summarise(office.store)
    astray = office.inbox.unclaimed(load_channels())
    added = heights(office.store).since(before)
    if as_json:
        print_json(
            {
                "run": report.as_json(),
                "added": asdict(added),
                "summary": summary.as_json(),
                "unclaimed": astray,
            }
        )
    else:
        out.print(render(summary))
        if astray:
            out.print(unclaimed(astray))
        out.print(render_added(added))
        out.print(f"用时 time: {report.seconds:.1f} s · 运行 run: {report.run_id}")
    for step, cause in report.failures.items():
        err.print(
            f"[red]环节失败 Stage failed[/] {step}: {escape(cause)}",
            highlight=False,
            soft_wrap=True,
        )
    if not report.is_success:
        if (why := damaged(office.store)) is not None:
            fail(Exit.DAMAGED, why)
        raise typer.Exit(Exit.STAGE_FAILED)
    if summary.release_id is None:
        fail(Exit.NO_RELEASE, no_release(summary))


def status(context: typer.Context, as_json: Json = False) -> None:
    """现状 What the home folder holds: rows, checks, release, cases, certificates, archive."""
    from pipelines.terminal.summary import render, summarise

    summary = summarise(lakehouse_of(context).store)
    if as_json:
        print_json(summary.as_json())
    else:
        out.print(render(summary))


def quality(
    context: typer.Context,
    table: Annotated[
        str, typer.Argument(help="基础表 Base table, e.g. base_enterprise__registry.")
    ],
    folder: Annotated[
        Path,
        typer.Option(help="目录 Where the Data Docs go, each table's in a folder of its name."),
    ] = Path("data-docs"),
) -> None:
    """数据质量 Run a table's whole suite and write its Great Expectations Data Docs."""
    from assets.tables import BASE_TABLES
    from checks.quality.data_docs import build_data_docs

    tables = {base.name: base for base in BASE_TABLES}
    if table not in tables:
        fail(
            Exit.NOT_FOUND,
            f"没有此基础表 no base table {table}；可用 there are {', '.join(tables)}",
        )
    rows = lakehouse_of(context).store.read(tables[table])
    try:
        (folder / table).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        told = f"不能写入 {folder} cannot be written: {error.strerror}；请换一个位置 name another"
        raise typer.BadParameter(told, param_hint="--folder") from error
    # One folder for each: what Great Expectations writes there takes the place of what was there.
    out.print(build_data_docs(tables[table], rows, folder / table), soft_wrap=True)


def up(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 Port on 127.0.0.1.")] = 3000,
) -> None:
    """界面 Start the Dagster UI and daemon on 127.0.0.1, on this home."""
    from pipelines.orchestration.instance import serve

    settings = settings_of(context)
    _require_free(port)
    out.print(
        f"[bold]http://127.0.0.1:{port}[/]  数据目录 home: {settings.folder} "
        "[dim](约十秒后可用，Ctrl-C 停止 ready in some ten seconds, Ctrl-C ends it)[/]",
        soft_wrap=True,
    )
    raise typer.Exit(serve(settings, port))


def _require_free(port: int) -> None:
    """Say so where another program has the port: Dagster says it in a traceback, much later."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            told = f"端口{port}不可用，请换一个 port {port}: {error.strerror}; give another"
            raise typer.BadParameter(told, param_hint="--port") from error
