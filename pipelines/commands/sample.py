"""`miaoban sample` and `miaoban demo`: a province to try things on.

Belongs here: arguments and exit codes. Does not: what the sample holds (`assets.sample`) or how
a demo goes (`pipelines.demo`).
"""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Annotated

import typer

from pipelines.terminal.console import Exit, Json, fail, out, print_json, settings_of


class Size(enum.StrEnum):
    """Sizes of the sample; each is a prefix of the next."""

    CITY = "city"
    PROVINCE = "province"
    NATION = "nation"


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
        int | None,
        typer.Option(min=0, help="申请数 At most so many applications; all if not given."),
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
        made = demo.make_sample(
            settings_of(context),
            enterprises=count,
            seed=seed,
            as_of=day,
            applications=applications,
        )
    except demo.InboxInUse as error:
        fail(Exit.INBOX_IN_USE, str(error))
    if as_json:
        print_json(asdict(made))
    else:
        from pipelines.terminal.pages import facts_of

        out.print(
            facts_of(
                ("企业 enterprises", f"{made.report.enterprises:,}"),
                ("申请 applications", f"{made.report.applications:,}"),
                ("数据行 rows", f"{made.rows:,} in {made.report.files} 个文件 files"),
                ("交换目录 inbox", str(made.inbox)),
                ("真值 truth", str(made.truth)),
                ("设置 settings", str(made.settings)),
            )
        )


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
    from pipelines.orchestration.instance import Busy

    try:
        is_success = demo.run(settings_of(context), enterprises or demo.SIZES["demo"], seed, out)
    except Busy as busy:
        fail(Exit.BUSY, str(busy))
    if not is_success:
        raise typer.Exit(Exit.STAGE_FAILED)
