"""`miaoban replay`, `miaoban portfolio` and `miaoban evaluate`.

Belongs here: arguments and exit codes of the commands that evaluate again, or without filing.
Does not: the evaluation (`decisions.replay`, `decisions.portfolio`, `decisions.engine`).
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Annotated

import typer

from pipelines.rules_cli import Json

Kind = Annotated[
    str,
    typer.Option(help="申请类型 first, addition, upgrade, renewal, change, replacement …"),
]


def replay(
    context: typer.Context,
    case: Annotated[
        str | None, typer.Argument(help="申请编号 Number of the case; none = every case.")
    ] = None,
    as_json: Json = False,
) -> None:
    """重演 Derive decisions again from what they name, and compare them bit for bit."""
    from assets.tables.decision import DECISION
    from decisions.replay import replay as make_again
    from pipelines.cli import Exit, err, fail, office_of, out, print_json
    from pipelines.progress import counted

    office = office_of(context)
    with counted(office.store.read(DECISION).height, "重演 replay") as advance:
        made = make_again(office.store, office.rulebook, [case] if case else None, advance)
    if case and not made:
        fail(Exit.NOT_FOUND, f"没有此案件的决定 no decision of a case {case}")
    different = [one for one in made if not one.is_same]
    if as_json:
        print_json([asdict(one) for one in made])
    else:
        for one in different:
            name = f"{one.application_id} ({one.evaluation_no})"
            for difference in one.differences:
                err.print(f"{name}: {difference}", style="red", markup=False, soft_wrap=True)
        out.print(
            f"{len(made)}次评审 evaluations, {len(made) - len(different)}次相同 the same",
            highlight=False,
        )
    if different:
        raise typer.Exit(Exit.STAGE_FAILED)


def portfolio(
    context: typer.Context,
    enterprise: Annotated[str, typer.Argument(help="企业 Code or registered name.")],
) -> None:
    """企业档案 Write all that is known of an enterprise as one JSON document."""
    from checks import release
    from decisions.applicants import resolve
    from decisions.facts import Facts
    from decisions.portfolio import Portfolio
    from decisions.rejections import IntakeError
    from pipelines.cli import Exit, fail, office_of

    store = office_of(context).store
    try:
        usc_code = resolve(store, enterprise)
    except IntakeError as error:
        fail(Exit.NOT_FOUND, str(error))
    latest = release.latest(store)
    assert latest is not None, "resolve has already refused"
    facts = Facts.at(store, latest.release_id, latest.versions, [usc_code])
    print(Portfolio.of(facts, usc_code).to_json())


def evaluate(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="企业档案 A portfolio, JSON.")
    ],
    item: Annotated[str, typer.Option(help="事项 Category and level, e.g. S11-二级.")],
    kind: Kind,
    on: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="申请日 Day of filing and decision.")
    ],
    as_json: Json = False,
) -> None:
    """试评 Decide a portfolio without a lakehouse and without filing anything."""
    from assets.calendar import SHANGHAI
    from assets.tables import common
    from decisions.engine import decide
    from decisions.intake import parse_item
    from decisions.portfolio import PortfolioError, application, read
    from decisions.rejections import IntakeError
    from pipelines.cli import OUTCOME_EXITS, Exit, fail, office_of, out, print_json
    from pipelines.pages import criteria_table

    office = office_of(context)
    if kind not in common.KINDS:
        fail(Exit.NOT_FOUND, f"申请类型 {kind!r}: no such kind; one of {', '.join(common.KINDS)}")
    at = datetime.combine(on.date(), time(10), SHANGHAI).astimezone(UTC)
    try:
        known = read(file.read_bytes())
        filed = application(known, parse_item(item), kind, at)
    except (PortfolioError, IntakeError) as error:
        fail(Exit.NOT_FOUND, str(error))
    decided = decide(
        filed,
        known.facts,
        office.rulebook,
        at,
        recalled_may_grant=office.settings.may_grant_on_recalled_rules,
    )
    decision = decided.decisions.row(0, named=True)
    criteria = decided.criteria.to_dicts()
    if as_json:
        print_json({"decision": decision, "criteria": criteria})
    else:
        out.print(f"{decision['outcome']}: {decision['reason_zh']}", highlight=False)
        out.print(decision["reason_en"], style="dim", highlight=False)
        out.print(criteria_table(criteria))
    raise typer.Exit(OUTCOME_EXITS[decision["outcome"]])
