"""`miaoban rules diff` and `miaoban rules check`.

Belongs here: arguments and exit codes of the commands about the rulebook as a whole. Does
not: what they find (`decisions.rulebook.pages`, `decisions.rulebook.proof`).
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import Annotated

import typer

Day = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="申请日 Day of filing.")]
Json = Annotated[
    bool, typer.Option("--json", help="机器可读 Machine-readable, on standard output.")
]


def rules_diff(first: Day, second: Day, as_json: Json = False) -> None:
    """What the levels ask otherwise on the later of two days, and by which notice."""
    from decisions.rulebook import load
    from decisions.rulebook.errors import RulebookError
    from decisions.rulebook.pages import diff, one_line
    from pipelines.cli import Exit, fail, out, print_json

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
    """Prove the rulebook: one rule set for every day, names, units, no level easier below."""
    from assets.calendar import legal_day
    from decisions.rulebook import load
    from decisions.rulebook.errors import RulebookError
    from decisions.rulebook.proof import Proof, prove
    from pipelines.cli import Exit, err, out, print_json, settings_of

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
