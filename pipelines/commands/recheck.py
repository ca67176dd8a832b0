"""`miaoban recheck`: live qualifications against the newest release.

Belongs here: arguments, exit codes and the tables of the command. Does not: the evaluation
(`decisions.supervision.recheck`), the run (`pipelines.assets.supervising`). A finding is no order:
nothing is withdrawn or refused.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.terminal.console import (
    Exit,
    Json,
    err,
    fail,
    lakehouse_of,
    not_there,
    out,
    print_json,
)

if TYPE_CHECKING:
    import polars as pl
    from rich.console import RenderableType

SHOWN = 40
"""Findings in the terminal; all are in `supervision__recheck_current`."""


def recheck(
    context: typer.Context,
    enterprise: Annotated[
        str, typer.Option(help="企业 Only this one: code or registered name.")
    ] = "",
    category: Annotated[str, typer.Option(help="资质类别 Only this category, e.g. S11.")] = "",
    region: Annotated[
        str,
        typer.Option(help="行政区划 Only enterprises of this city or county, e.g. 330100."),
    ] = "",
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="核查日 Day the standard is asked on; today by the clock."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """动态核查 Re-check live qualifications against the newest release, through Dagster.

    The same question on the same data is the same run: what is done stays as it is.
    """
    from dataclasses import asdict

    from checks import release
    from decisions.filing.rejections import IntakeError
    from decisions.supervision.runs import SupervisionError, WrongDay
    from pipelines.assets.supervising import STEP, RecheckConfig, opened
    from pipelines.chain import run_chain
    from pipelines.orchestration.instance import Busy
    from pipelines.orchestration.jobs import EVERY_BUCKET
    from pipelines.terminal.progress import progress

    office = lakehouse_of(context)
    if release.latest(office.store) is None:
        fail(
            Exit.NO_RELEASE,
            "尚无已发布数据 no data has been released；请先执行 `miaoban run` first",
        )
    config = RecheckConfig(
        enterprise=enterprise,
        category=category,
        region=region,
        as_of="" if as_of is None else as_of.date().isoformat(),
    )
    try:
        run = opened(office, config)
        with progress(2) as tell:
            office.tell = tell
            report = run_chain(
                office, "recheck", config={STEP: config.model_dump()}, tags=EVERY_BUCKET
            )
    except IntakeError as error:
        not_there(error)
    except WrongDay as error:
        raise typer.BadParameter(str(error), param_hint="--as-of") from None
    except SupervisionError as error:
        fail(Exit.NOT_FOUND, str(error))
    except Busy as busy:
        fail(Exit.BUSY, str(busy))
    if not report.is_success:
        for step, cause in report.failures.items():
            err.print(f"{step}: {cause}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(Exit.STAGE_FAILED)
    results, findings = of_run(office.store, run.run_id)
    if as_json:
        print_json(
            {"run": asdict(run), "results": results.to_dicts(), "findings": findings.to_dicts()}
        )
    else:
        out.print(page(run.run_id, results, findings))


def of_run(store: Any, run_id: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The results and the findings of a run, each finding beside the re-check before."""
    from assets.tables import supervision

    results = store.scan(supervision.RECHECK_RESULT).filter(run_id=run_id).collect()
    findings = store.scan(supervision.RECHECK_CURRENT).filter(run_id=run_id).collect()
    return results, findings


def page(run_id: str, results: pl.DataFrame, findings: pl.DataFrame) -> RenderableType:
    """Counts by category; what has changed, or of a first look, what is not met."""
    import polars as pl
    from rich import box
    from rich.console import Group
    from rich.markup import escape
    from rich.table import Table

    from pipelines.terminal.pages import RESULT_MARKS
    from pipelines.views.pictures import CHANGE_NAMES

    counts = Table(box=box.SIMPLE_HEAD, title=f"动态核查 Re-check {run_id}")
    for name in ("类别 category", "资质 live", "不达标 not met", "缺数据 no data"):
        counts.add_column(name, justify="left" if name.startswith("类") else "right")
    for code, *numbers in (
        results.group_by("category_code")
        .agg(
            pl.len(),
            (pl.col("result") == "not_met").sum().alias("not_met"),
            (pl.col("result") == "no_data").sum().alias("no_data"),
        )
        .sort("category_code")
        .iter_rows()
    ):
        counts.add_row(code, *(str(number) for number in numbers))
    whole = findings.filter(pl.col("parent").is_null())
    changed = whole.filter(~pl.col("change").is_in(["same", "first"]))
    shown = changed if whole.height == 0 or "first" not in set(whole["change"]) else whole
    told = Table(box=box.SIMPLE_HEAD, title="发现 Findings", show_lines=False)
    for name in (
        "企业 enterprise",
        "资质 qualification",
        "指标 criterion",
        "要求/实际 required/actual",
        "结果 result",
    ):
        told.add_column(name, overflow="fold")
    for row in shown.head(SHOWN).iter_rows(named=True):
        change = CHANGE_NAMES.get(row["change"])
        told.add_row(
            row["usc_code"],
            " ".join(filter(None, (row["category_code"], row["subcategory"], row["level"]))),
            escape(f"{row['zh']} {row['en']}"),
            escape(f"{row['required']} / {row['actual']}"),
            RESULT_MARKS[row["result"]] + ("" if change is None else f"\n{change.zh} {change.en}"),
        )
    last = (
        f"{results.height} 项资质 qualifications, {whole.height} 项发现 findings, "
        f"{changed.height} 项变化 changed; 显示 shown {min(shown.height, SHOWN)}"
    )
    return Group(counts, told, last)
