"""`miaoban precheck`: what an enterprise would get today, without filing anything.

Belongs here: arguments, exit codes and the tables of the command. Does not: the evaluation
(`decisions.precheck`). Nothing is written.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.terminal.console import (
    OUTCOME_EXITS,
    Exit,
    Json,
    fail,
    lakehouse_of,
    not_there,
    out,
    print_json,
)

if TYPE_CHECKING:
    import polars as pl
    from rich.table import Table

    from decisions.precheck import Prechecked
    from decisions.rulebook import Rulebook
    from decisions.words import Words

CELLS = {
    "granted": "[bold green]✓ 可获 yes[/]",
    "refused": "[red]✗ 缺 short {}[/]",
    "not_accepted": "[magenta]– {}[/]",
    "awaiting_data": "[yellow]? 缺数据 no data {}[/]",
}
LEGEND = (
    "数字为未符合或缺数据的指标数；– 尚不可申请 "
    "A number counts the criteria short or unknown; – may not be applied for yet."
)
SWITCH_ONLY = "[magenta]– 达标 meets it, may not apply[/]"


def precheck(
    context: typer.Context,
    enterprise: Annotated[str, typer.Argument(help="企业 Code or registered name.")],
    item: Annotated[
        str | None,
        typer.Argument(help="事项 Category and level, e.g. S11-二级; none = every level there is."),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            help="申请类型 first, addition, upgrade, renewal, change, replacement, "
            "reverification; as what is held asks if not given. Needs an item."
        ),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="申请日 Day of the question; today by the clock."),
    ] = None,
    as_json: Json = False,
) -> None:
    """预审 What an enterprise would get, what is short and by how much; nothing is filed.

    With an item: every criterion of it, and the exit code of the case. Without: every level of
    the standard.
    """
    from assets.calendar import SHANGHAI
    from assets.tables import common
    from decisions.filing.intake import unknown_kind
    from decisions.filing.rejections import IntakeError
    from decisions.precheck import of_enterprise
    from decisions.rulebook.errors import RulebookError
    from pipelines.terminal.pages import criteria_table

    if kind is not None and kind not in common.KINDS:
        fail(Exit.NOT_FOUND, str(unknown_kind(kind)))
    if kind is not None and item is None:
        raise typer.BadParameter("给出事项 give the item that it is asked for", param_hint="--kind")
    office = lakehouse_of(context)
    at = (
        datetime.combine(on.date(), time(10), SHANGHAI).astimezone(UTC)
        if on is not None
        else office.now()
    )
    try:
        found = of_enterprise(
            office.store,
            office.rulebook,
            enterprise,
            item,
            kind,
            at,
            recalled_may_grant=office.settings.may_grant_on_recalled_rules,
        )
    except IntakeError as error:
        not_there(error)
    except RulebookError as error:
        fail(Exit.NOT_FOUND, f"{error}；全部类别和等级见 `miaoban rules` lists what there is")
    levels = found.levels.to_dicts()
    if as_json:
        print_json({"levels": levels, "criteria": found.criteria.to_dicts()})
    elif item is None:
        out.print(standing(found, office.rulebook))
        out.print(LEGEND, style="dim")
        out.print(gaps(found))
        out.print(
            f"{levels[0]['enterprise_name'] or '–'} {levels[0]['usc_code']} · "
            f"{levels[0]['asked_on']} · {_counts(found.levels)}",
            highlight=False,
        )
    else:
        from decisions.words import KINDS
        from pipelines.views.pictures import OUTCOME_NAMES

        told = levels[0]
        asked = " ".join((*KINDS[told["kind"]], str(told["asked_on"])))
        out.print(f"[bold]{OUTCOME_NAMES[told['outcome']]}[/] · {asked}", highlight=False)
        out.print(criteria_table([_with_gap(row) for row in found.criteria.to_dicts()]))
    if item is not None:
        raise typer.Exit(OUTCOME_EXITS[levels[0]["outcome"]])


def standing(found: Prechecked, rulebook: Rulebook) -> Table:
    """One line per category and sub-category, one column per level."""
    from rich import box
    from rich.table import Table

    from assets.tables.common import LEVELS

    names = [name for name in LEVELS if name in set(found.levels["level"])]
    table = Table(box=box.SIMPLE_HEAD, title="今日可获资质 What it would get")
    table.add_column("类别 category", overflow="fold")
    for name in names:
        table.add_column(name)
    by_item: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for row in found.levels.iter_rows(named=True):
        by_item.setdefault((row["category_code"], row["subcategory"]), {})[row["level"]] = row
    for (code, subcategory), of_level in sorted(by_item.items()):
        zh = rulebook.categories[code].name_zh
        table.add_row(
            " ".join(filter(None, (code, zh, subcategory))),
            *(cell(of_level[name]) if name in of_level else "" for name in names),
        )
    return table


def gaps(found: Prechecked) -> Table:
    """Of each level that may be applied for and is not reached, what is short and by how much.

    A whole that fails by its parts is told by these.
    """
    import polars as pl
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title="可申请的等级还缺什么 What is short")
    table.add_column("事项 item", no_wrap=True)
    table.add_column("缺口 what is short, and by how much", overflow="fold")
    key = ["category_code", "subcategory", "level"]
    open_ = found.criteria.filter(pl.col("result") != "met").join(
        found.levels.filter(pl.col("outcome").is_in(["refused", "awaiting_data"])), on=key
    )
    failing = open_.select(*key, criterion="parent").drop_nulls().unique()
    told = open_.join(failing, on=[*key, "criterion"], how="anti", maintain_order="left")
    for item, rows in told.partition_by(key, as_dict=True, maintain_order=True).items():
        gap = [_gap(row) for row in rows.iter_rows(named=True)]
        zh = "；".join(one.zh for one in gap)
        en = "; ".join(one.en for one in gap)
        table.add_row("-".join(filter(None, map(str, item))), f"{escape(zh)}\n[dim]{escape(en)}[/]")
    return table


def _gap(row: dict[str, Any]) -> Words:
    """A criterion with how much is missing; of what cannot be counted, what there is."""
    from decisions.english import chinese, english, in_number
    from decisions.words import Words

    note, required, actual = (_with_gap(row)[name] for name in ("note", "required", "actual"))
    if note is not None:
        return Words(f"{row['zh']}：{chinese(note)}", f"{row['en']}: {english(note)}")
    return Words(
        f"{row['zh']}：要求{chinese(required)}，实际{chinese(actual)}",
        in_number(f"{row['en']}: required {english(required)}, actual {english(actual)}"),
    )


def cell(level: dict[str, Any]) -> str:
    """What a level's cell says: would get it; or how many criteria are short or unknown."""
    outcome = level["outcome"]
    if outcome == "not_accepted":
        if level["meets_standard"] == "met":
            return SWITCH_ONLY
        return CELLS[outcome].format(len(level["not_met"]))
    count = len(level["no_data"]) if outcome == "awaiting_data" else len(level["not_met"])
    return CELLS[outcome].format(count)


def _counts(levels: pl.DataFrame) -> str:
    from pipelines.views.pictures import OUTCOME_NAMES

    counts = dict(levels.group_by("outcome").len().iter_rows())
    return "，".join(
        f"{OUTCOME_NAMES[name]} {counts[name]}" for name in OUTCOME_NAMES if name in counts
    )


def _with_gap(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its gap in the note, where the note does not say it."""
    if row["short_by"] is None:
        return row
    from certificates.documents.sentences import short_by
    from decisions.english import chinese

    gap = " ".join(short_by(Decimal(str(row["short_by"])), chinese(row["required"])))
    note = row["note"] or gap
    return {**row, "note": note if "short by" in note else f"{note}；{gap}"}
