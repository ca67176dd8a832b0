"""The command line `miaoban`.

Belongs here: arguments, exit codes, which function a command calls. Does not: what the
functions do, nor how a result looks (`pipelines.pages`, `pipelines.summary`). Heavy libraries
are imported by the command that needs them, so that `--help` is quick.
"""

from __future__ import annotations

import enum
import functools
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from pipelines import quarantine_cli
from pipelines.document_cli import decisions, document
from pipelines.explain_cli import explain
from pipelines.precheck_cli import precheck
from pipelines.recheck_cli import recheck
from pipelines.replay_cli import evaluate, portfolio, replay
from pipelines.rules_cli import rules_check, rules_diff
from pipelines.settings import Settings, SettingsError, load
from pipelines.worklist_cli import worklist

if TYPE_CHECKING:
    from pipelines.office import Office

P = ParamSpec("P")
R = TypeVar("R")


class Exit(enum.IntEnum):
    """Exit codes. 1 is an error of the program itself, 2 a wrong use of the command line."""

    DONE = 0
    SETTINGS = 3
    NOT_FOUND = 4
    BUSY = 5
    INBOX_IN_USE = 6
    REFUSED = 10
    NOT_ACCEPTED = 11
    AWAITING_DATA = 12
    RETURNED = 13
    NOT_FILED = 14
    ALTERED = 20
    SUPERSEDED = 21
    UNKNOWN = 22
    STAGE_FAILED = 30
    NO_RELEASE = 31


OUTCOME_EXITS = {
    "granted": Exit.DONE,
    "refused": Exit.REFUSED,
    "not_accepted": Exit.NOT_ACCEPTED,
    "awaiting_data": Exit.AWAITING_DATA,
    "returned": Exit.RETURNED,
}
VERIFICATION_EXITS = {
    "valid": Exit.DONE,
    "altered": Exit.ALTERED,
    "superseded": Exit.SUPERSEDED,
    "unknown": Exit.UNKNOWN,
}

EPILOG = """
退出码 Exit codes

0 完成、许可、证书有效 done, granted, valid · 1 程序错误 a fault of the program ·
2 用法错误 wrong use · 3 设置有误 bad settings · 4 未找到 not found

5 另一进程正在办理 busy · 6 交换目录已有数据 inbox in use ·
30 环节失败 a stage failed · 31 没有数据发布 no release

10 不予许可 refused · 11 不予受理 not accepted · 12 待补数据 awaiting data · 13 退回 returned ·
14 未登记：重复或在办 not filed: it stands already

20 证书被改动 altered · 21 证书已换发 superseded · 22 证书不明 unknown
"""

app = typer.Typer(
    name="miaoban",
    help="秒办 建筑业企业资质智能化审批: "
    "construction-enterprise qualifications decided in seconds, without a human, from data that "
    "the government already has.\n\n"
    "第一次 First time: `miaoban demo` (or `make demo`). "
    "之后 Then: `miaoban apply 企业 S11-二级`, `miaoban show 申请编号`, `miaoban up`.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
rules_app = typer.Typer(
    help="标准 The standard as data: categories, levels, and what a level asks on a day.",
    invoke_without_command=True,
)
app.add_typer(rules_app, name="rules")
quarantine_app = typer.Typer(
    help="隔离 Rows set apart: list them, show one, read them again or correct one.",
    no_args_is_help=True,
)
app.add_typer(quarantine_app, name="quarantine")

out = Console()
err = Console(stderr=True)

Json = Annotated[
    bool, typer.Option("--json", help="机器可读 Machine-readable, on standard output.")
]


@app.callback()
def main(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(
            envvar="MIAOBAN_HOME",
            help="数据目录 Home folder; ~/.miaoban if not given.",
            show_envvar=True,
        ),
    ] = None,
) -> None:
    """Read the settings of the home folder before any command."""
    context.obj = home


def told(command: Callable[P, R]) -> Callable[P, R]:
    """Turns the errors a user can mend into a message and an exit code."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except SettingsError as error:
            fail(Exit.SETTINGS, str(error))
        except RuntimeError as error:
            from assets.delta import DeclarationConflict

            if not isinstance(error, DeclarationConflict):
                raise
            fail(Exit.SETTINGS, str(error))

    return wrapped


def fail(code: Exit, message: str) -> NoReturn:
    """Print an error and leave with its code."""
    err.print(f"[red]错误 Error[/] {escape(message)}", highlight=False, soft_wrap=True)
    raise typer.Exit(code)


def settings_of(context: typer.Context) -> Settings:
    """The settings of the home that the command names."""
    return load(context.obj)


def office_of(context: typer.Context) -> Office:
    """The office of the home that the command names."""
    from pipelines.office import Office

    return Office(settings_of(context))


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


# -- data in -----------------------------------------------------------------------------


class Size(enum.StrEnum):
    """Sizes of the sample; each is a prefix of the next."""

    CITY = "city"
    PROVINCE = "province"
    NATION = "nation"


@app.command()
@told
def sample(
    context: typer.Context,
    enterprises: Annotated[
        int | None, typer.Option(min=1, help="企业数 How many enterprises.")
    ] = None,
    size: Annotated[Size | None, typer.Option(help="规模 A named size instead.")] = None,
    seed: Annotated[int, typer.Option(help="随机种子 Same seed, same province.")] = 1,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="基准日 Day of the sample; 2017-03-01 if not given."
        ),
    ] = None,
    applications: Annotated[
        int | None, typer.Option(min=0, help="申请数 How many applications.")
    ] = None,
    as_json: Json = False,
) -> None:
    """生成样本省份 Write a sample province's deliveries into the inbox.

    A new home becomes a demo home: its clock stands still on the day of the sample.
    The truth about the faults and the expected outcomes is written beside, for tests.
    """
    from dataclasses import asdict

    from pipelines import demo

    if enterprises is not None and size is not None:
        raise typer.BadParameter(
            "给出 --enterprises 或 --size 之一 give one of both", param_hint="--size"
        )
    day = as_of.date() if as_of else demo.AS_OF
    count = enterprises or demo.SIZES[size.value if size else "demo"]
    try:
        report = demo.make_sample(
            settings_of(context),
            enterprises=count,
            seed=seed,
            as_of=day,
            applications=applications,
        )
    except demo.InboxInUse as error:
        fail(Exit.INBOX_IN_USE, str(error))
    if as_json:
        print_json(asdict(report))
    else:
        from pipelines import pages

        out.print(pages.sample(report))


@app.command()
@told
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


@app.command()
@told
def decide(context: typer.Context, as_json: Json = False) -> None:
    """批量审批 Decide all pending cases at the newest release (the sweep), certify and archive."""
    _run(context, "decide", as_json)


def _run(context: typer.Context, job: str, as_json: bool) -> None:
    from dataclasses import asdict

    from pipelines.chain import JOBS, run_with_progress
    from pipelines.instance import Busy
    from pipelines.office import Office
    from pipelines.summary import heights, render, render_added, summarise

    if job not in JOBS:
        raise typer.BadParameter(f"没有此作业 no such job: {job}; one of {', '.join(JOBS)}")
    settings = settings_of(context)
    before = heights(Office(settings).store)
    try:
        report, office = run_with_progress(settings, job)
    except Busy as busy:
        fail(Exit.BUSY, str(busy))
    summary = summarise(office.store)
    added = heights(office.store).since(before)
    if as_json:
        print_json({"run": report.as_json(), "added": asdict(added), "summary": summary.as_json()})
    else:
        out.print(render(summary))
        out.print(render_added(added))
        out.print(f"用时 time: {report.seconds:.1f} s · 运行 run: {report.run_id}")
    for step, cause in report.failures.items():
        err.print(
            f"[red]环节失败 Stage failed[/] {step}: {escape(cause)}",
            highlight=False,
            soft_wrap=True,
        )
    if not report.is_success:
        raise typer.Exit(Exit.STAGE_FAILED)
    if summary.release_id is None:
        fail(
            Exit.NO_RELEASE,
            "没有可用的数据发布 the data did not pass the checks and nothing was ever released; "
            "`miaoban status` lists the failed checks",
        )


# -- cases -------------------------------------------------------------------------------


@app.command()
@told
def apply(
    context: typer.Context,
    enterprise: Annotated[
        str, typer.Argument(help="企业 Unified social credit code or registered name.")
    ],
    item: Annotated[
        str, typer.Argument(help="事项 Category and level, e.g. S11-二级 or S18-分项-一级.")
    ],
    kind: Annotated[
        str | None,
        typer.Option(
            help="申请类型 first, addition, upgrade, renewal, change, replacement, reverification; "
            "the first three are inferred if not given."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """秒办 File an application and have it decided, certified and archived at once.

    The express way: in this process, at the newest release. Exit code 0 = granted.
    """
    from decisions.rejections import FilingRejected
    from pipelines import express, pages

    office = office_of(context)
    try:
        handled = express.apply(office, enterprise, item, kind)
    except FilingRejected as error:
        if as_json:
            print_json(error.as_json())
        fail(
            Exit.NOT_FILED if error.fault.standing_id else Exit.NOT_FOUND,
            f"{error}（退回编号 recorded as {error.rejection_no}）",
        )
    except express.NoRelease as error:
        fail(Exit.NO_RELEASE, str(error))
    except express.NotNow as error:
        fail(Exit.BUSY, str(error))
    if as_json:
        print_json(handled.as_json())
    else:
        out.print(pages.handled(handled))
    express.tell_dagster(office, [handled])
    raise typer.Exit(OUTCOME_EXITS[handled.outcome])


@app.command()
@told
def show(
    context: typer.Context,
    case: Annotated[str, typer.Argument(help="申请编号 Number of the case.")],
    as_json: Json = False,
) -> None:
    """案件 Show a case: outcome, reasons, and every criterion with its clause."""
    from pipelines import pages

    found = pages.find_case(office_of(context), case)
    if found is None:
        fail(Exit.NOT_FOUND, f"没有此案件 no case {case}; `miaoban status` says what there is")
    if as_json:
        print_json(found.as_json())
    else:
        out.print(pages.case(found))


@app.command()
@told
def verify(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="证书文件 A certificate, PDF.")
    ],
    as_json: Json = False,
) -> None:
    """验证证书 Say whether a certificate is valid, altered, superseded or unknown."""
    from dataclasses import asdict

    from certificates.verify import verify as verify_file
    from pipelines import pages

    office = office_of(context)
    verification = verify_file(file, office.store, office.seal.roots, office.now())
    if as_json:
        print_json(asdict(verification))
    else:
        out.print(pages.verification(verification))
    raise typer.Exit(VERIFICATION_EXITS[verification.status])


# -- looking around ----------------------------------------------------------------------


@rules_app.callback()
@told
def rules(context: typer.Context, as_json: Json = False) -> None:
    """List the categories and levels of the standard that are in the rulebook."""
    if context.invoked_subcommand is not None:
        return
    from decisions.rulebook import load as load_rulebook
    from pipelines import pages

    listed = pages.list_rules(load_rulebook())
    if as_json:
        print_json(listed)
    else:
        out.print(pages.rules(listed))


@rules_app.command("show")
@told
def rules_show(
    context: typer.Context,
    category: Annotated[str, typer.Argument(help="资质类别 Category, e.g. S11.")],
    level: Annotated[str, typer.Argument(help="等级 Level, e.g. 二级.")],
    subcategory: Annotated[str, typer.Option(help="分项 Sub-category, where there are such.")] = "",
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="申请日 Day of filing; today by the clock."),
    ] = None,
    as_json: Json = False,
) -> None:
    """What a level asks of an application filed on a day, each figure with its clause."""
    from assets.calendar import legal_day
    from decisions.rulebook import load as load_rulebook
    from decisions.rulebook.errors import RulebookError
    from pipelines import pages

    day = on.date() if on else legal_day(settings_of(context).now())
    book = load_rulebook()
    try:
        rule_set = book.rule_set(category, subcategory, level, day)
    except RulebookError as error:
        fail(Exit.NOT_FOUND, f"{error}；`miaoban rules` lists what there is")
    if as_json:
        print(rule_set.canonical_json)
    else:
        out.print(pages.rule_set(rule_set, book))


rules_app.command("diff")(told(rules_diff))
rules_app.command("check")(told(rules_check))
app.command()(told(document))
app.command()(told(worklist))
quarantine_app.command("list")(told(quarantine_cli.list_rows))
quarantine_app.command("show")(told(quarantine_cli.show))
quarantine_app.command("retry")(told(quarantine_cli.retry))
app.command()(told(explain))
app.command()(told(decisions))
app.command()(told(precheck))
app.command()(told(recheck))
app.command()(told(replay))
app.command()(told(portfolio))
app.command()(told(evaluate))


@app.command()
@told
def status(context: typer.Context, as_json: Json = False) -> None:
    """现状 What the home folder holds: rows, checks, release, cases, certificates, archive."""
    from pipelines.summary import render, summarise

    summary = summarise(office_of(context).store)
    if as_json:
        print_json(summary.as_json())
    else:
        out.print(render(summary))


@app.command()
@told
def quality(
    context: typer.Context,
    table: Annotated[
        str, typer.Argument(help="基础表 Base table, e.g. base_enterprise__registry.")
    ],
    folder: Annotated[Path, typer.Option(help="目录 Where to write the Data Docs.")] = Path(
        "data-docs"
    ),
) -> None:
    """数据质量 Run a table's whole suite and write its Great Expectations Data Docs."""
    from assets.tables import BASE_TABLES
    from checks.suites import build_data_docs

    tables = {base.name: base for base in BASE_TABLES}
    if table not in tables:
        fail(Exit.NOT_FOUND, f"没有此基础表 no base table {table}; there are {', '.join(tables)}")
    out.print(build_data_docs(tables[table], office_of(context).store.read(tables[table]), folder))


@app.command()
@told
def up(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="端口 Port on 127.0.0.1.")] = 3000,
) -> None:
    """界面 Start the Dagster UI and daemon on 127.0.0.1, on the home's instance."""
    from pipelines.instance import serve

    settings = settings_of(context)
    out.print(
        f"[bold]http://127.0.0.1:{port}[/]  数据目录 home: {settings.folder} "
        "[dim](约十秒后可用，Ctrl-C 停止 ready in some ten seconds, Ctrl-C ends it)[/]",
        soft_wrap=True,
    )
    raise typer.Exit(serve(settings, port))


@app.command("demo")
@told
def demo_command(
    context: typer.Context,
    enterprises: Annotated[
        int | None, typer.Option(min=1, help="企业数 How many enterprises.")
    ] = None,
    seed: Annotated[int, typer.Option(help="随机种子 Same seed, same province.")] = 1,
) -> None:
    """演示 Generate a sample province, run the whole chain on it, and say what came of it.

    On a home that has its sample already, only what is new is done: decided stays decided.
    """
    from pipelines import demo
    from pipelines.instance import Busy

    try:
        is_success = demo.run(settings_of(context), enterprises or demo.SIZES["demo"], seed, out)
    except Busy as busy:
        fail(Exit.BUSY, str(busy))
    if not is_success:
        raise typer.Exit(Exit.STAGE_FAILED)


if __name__ == "__main__":
    app()
