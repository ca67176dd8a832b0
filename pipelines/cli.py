"""The command line `miaoban`: what commands there are, in the order of `--help`.

Belongs here: names of commands and the help of the whole. Does not: a command's arguments
(`pipelines.commands`) or what all of them share (`pipelines.terminal.console`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands import (
    cases,
    chain,
    document,
    explain,
    persons,
    precheck,
    quarantine,
    recheck,
    replay,
    rules,
    sample,
    worklist,
)
from pipelines.terminal.console import told
from pipelines.terminal.usage import BilingualGroup

EPILOG = """
退出码 Exit codes

0 完成、许可、证书有效 done, granted, valid · 1 程序错误 a fault of the program ·
2 用法错误 wrong use · 3 设置有误 bad settings ·
4 未找到（企业、事项、案件、表、行政区划等没有所指的） not found: there is none of that name

5 另一进程正在办理 busy · 6 交换目录已有数据 inbox in use · 7 不能写入 cannot be written ·
8 数据湖损坏 the lakehouse is damaged · 30 环节失败 a stage failed · 31 没有数据发布 no release

10 不予许可 refused · 11 不予受理 not accepted · 12 待补数据 awaiting data · 13 退回 returned ·
14 未登记：重复或在办 not filed: it stands already · 15 与已有认定矛盾 contradicts a statement

20 证书被改动 altered · 21 证书已换发或过期 superseded or expired · 22 证书不明 unknown ·
23 证书或所载资质已被撤回、撤销、吊销、注销或降级 ended by an authority
"""

app = typer.Typer(
    name="miaoban",
    cls=BilingualGroup,
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
persons_app = typer.Typer(
    help="身份认定 Whose identity numbers are: state it, or list statements.",
    no_args_is_help=True,
)
app.add_typer(persons_app, name="persons")


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


app.command()(told(sample.sample))
app.command()(told(chain.run))
app.command()(told(chain.decide))
app.command()(told(cases.apply))
app.command()(told(cases.show))
app.command()(told(cases.verify))
rules_app.callback()(told(rules.rules))
rules_app.command("show")(told(rules.rules_show))
rules_app.command("diff")(told(rules.rules_diff))
rules_app.command("check")(told(rules.rules_check))
app.command()(told(document.document))
app.command()(told(worklist.worklist))
quarantine_app.command("list")(told(quarantine.list_rows))
quarantine_app.command("show")(told(quarantine.show))
quarantine_app.command("retry")(told(quarantine.retry))
persons_app.command("same")(told(persons.same))
persons_app.command("different")(told(persons.different))
persons_app.command("shared")(told(persons.shared))
persons_app.command("sole")(told(persons.sole))
persons_app.command("list")(told(persons.list_statements))
app.command()(told(explain.explain))
app.command()(told(document.decisions))
app.command()(told(precheck.precheck))
app.command()(told(recheck.recheck))
app.command()(told(replay.replay))
app.command()(told(replay.portfolio))
app.command()(told(replay.evaluate))
app.command()(told(chain.status))
app.command()(told(chain.quality))
app.command()(told(chain.up))
app.command("demo")(told(sample.demo_command))


if __name__ == "__main__":
    app()
