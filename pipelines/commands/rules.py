"""`miaoban rules`, and its `show`, `diff` and `check`: the standard as data.

Belongs here: arguments and exit codes. Does not: what they find (`decisions.rules_page.changes`,
`decisions.rulebook.proof`) or how a level looks (`pipelines.terminal.pages`).
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import Annotated

import typer

from pipelines.terminal.console import Exit, Json, err, fail, out, print_json, settings_of

Day = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="申请日 Day of filing.")]


def rules(context: typer.Context, as_json: Json = False) -> None:
    """List the categories and levels of the standard that are in the rulebook."""
    if context.invoked_subcommand is not None:
        return
    from decisions.rulebook import load as load_rulebook
    from pipelines.terminal import pages

    listed = pages.list_rules(load_rulebook())
    if as_json:
        print_json(listed)
    else:
        out.print(pages.rules(listed))


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
    """等级要求 What a level asks of an application filed on a day, each figure with its clause."""
    from assets.calendar import legal_day
    from decisions.rulebook import load as load_rulebook
    from decisions.rulebook.errors import RulebookError
    from pipelines.terminal import pages

    day = on.date() if on else legal_day(settings_of(context).now())
    book = load_rulebook()
    try:
        rule_set = book.rule_set(category, subcategory, level, day)
    except RulebookError as error:
        fail(Exit.NOT_FOUND, f"{error}；全部类别和等级见 `miaoban rules` lists what there is")
    if as_json:
        print(rule_set.canonical_json)
    else:
        out.print(pages.rule_set(rule_set, book))


def rules_diff(first: Day, second: Day, as_json: Json = False) -> None:
    """标准对照 What the levels ask otherwise on the later of two days, and by which notice."""
    from decisions.rulebook import load
    from decisions.rulebook.errors import RulebookError
    from decisions.rules_page.changes import diff, one_line

    try:
        changes = diff(load(), first.date(), second.date())
    except RulebookError as error:
        fail(Exit.NOT_FOUND, f"{error}; 该日尚无标准 there was no standard on that day")
    if as_json:
        print_json([asdict(change) for change in changes])
        return
    for (code, subcategory, level), of_level in groupby(
        changes, key=lambda change: (change.code, change.subcategory, change.level)
    ):
        out.print(" ".join(filter(None, (code, subcategory, level))), style="bold")
        for change in of_level:
            notices = ", ".join(change.amendments)
            out.print(f"  {one_line(change)}", markup=False, highlight=False, soft_wrap=True)
            out.print(f"    {notices}", style="dim", markup=False, highlight=False)
    levels = {(change.code, change.subcategory, change.level) for change in changes}
    out.print(f"{len(changes)}处变化 changes, {len(levels)}个等级 levels", highlight=False)


def rules_check(context: typer.Context, as_json: Json = False) -> None:
    """核验 Prove the rulebook: one rule set a day, names, units, no level easier below."""
    from assets.calendar import legal_day
    from decisions.rulebook import load
    from decisions.rulebook.errors import RulebookError
    from decisions.rulebook.proof import Proof, prove

    until = legal_day(settings_of(context).now())
    try:
        proof = prove(load(), until)
    except RulebookError as error:
        proof = Proof((str(error),), 0, 0, 0)
    if as_json:
        print_json(asdict(proof))
    for problem in () if as_json else proof.problems:
        err.print(problem, style="red", markup=False, highlight=False, soft_wrap=True)
    if proof.problems:
        raise typer.Exit(Exit.STAGE_FAILED)
    if not as_json:
        out.print(
            f"规则库完整 proven to {until}: {proof.levels}个等级 levels, {proof.rule_sets}个规则集 "
            f"rule sets, {proof.exceptions}处已知例外 known exceptions",
            highlight=False,
        )
