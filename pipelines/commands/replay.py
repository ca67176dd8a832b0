"""`miaoban replay`, `miaoban portfolio` and `miaoban evaluate`.

Belongs here: arguments and exit codes of the commands that evaluate again, or without filing.
Does not: the evaluation (`decisions.replay`, `decisions.portfolios.document`, `decisions.engine`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.terminal.console import (
    NO_DECISION,
    OUTCOME_EXITS,
    Exit,
    Json,
    err,
    fail,
    lakehouse_of,
    not_there,
    office_of,
    out,
    print_json,
)

if TYPE_CHECKING:
    from decisions.replay import Replayed
    from pipelines.office import Office

Kind = Annotated[
    str,
    typer.Option(
        help="申请类型 first, addition, upgrade, renewal, change, replacement, reverification."
    ),
]


def replay(
    context: typer.Context,
    case: Annotated[
        str | None,
        typer.Argument(help="申请编号或档案包 Number of a case, or an archive package (.zip)."),
    ] = None,
    from_archive: Annotated[
        bool,
        typer.Option("--from-archive", help="仅凭档案包 From archive packages alone."),
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="全部案件 Every case, on all cores.")
    ] = False,
    as_json: Json = False,
) -> None:
    """重演 Derive decisions again from what they name, and compare them bit for bit.

    From the lakehouse, by the release, the register and the rulebook that each decision names; or
    from its archive package alone, which holds them. Exit code 30 if anything differs.
    """
    if every == (case is not None):
        raise typer.BadParameter("给出案件或 --all 之一 give a case or --all", param_hint="CASE")
    if case is None:
        made = _replay_all(lakehouse_of(context), from_archive)
    elif case.endswith(".zip"):
        made = _of_package(Path(case))
    else:
        made = _one(lakehouse_of(context), case, from_archive)
    if not made:
        fail(
            Exit.NOT_FOUND,
            "没有可重演的决定 there is no decision to replay；若曾有决定，请自备份恢复数据湖 "
            "if there were any, restore the lakehouse from a backup",
        )
    different = [one for one in made if not one.is_same]
    if as_json:
        print_json([asdict(one) for one in made])
    else:
        # Of all cases those by another version are too many to tell what became of each.
        _tell([one for one in different if not (every and one.may_differ)])
        same = len(made) - len(different)
        out.print(f"{len(made)}次评审 evaluations, {same}次相同 the same", highlight=False)
        by_version = Counter(one.engine_version for one in different if one.may_differ)
        for version, count in by_version.items():
            out.print(
                f"{count}次不同者由引擎 {version} 作出，请以该版本重演 "
                f"{count} that differ were made by engine {version}: replay them with that one",
                highlight=False,
                soft_wrap=True,
            )
    if different:
        raise typer.Exit(Exit.STAGE_FAILED)


def _tell(different: list[Replayed]) -> None:
    for one in different:
        name = f"{one.application_id} ({one.evaluation_no or '–'})"
        for difference in one.differences:
            err.print(f"{name}: {difference}", style="red", markup=False, soft_wrap=True)


def _replay_all(office: Office, from_archive: bool) -> list[Replayed]:
    from assets.tables import archive, decision
    from pipelines import replaying
    from pipelines.terminal.progress import counted

    table = archive.RECORD if from_archive else decision.DECISION
    with counted(office.store.read(table).height, "重演 replay") as advance:
        if from_archive:
            return replaying.from_archive(office, advance)
        return replaying.from_lakehouse(office, advance)


def _one(office: Office, case: str, from_archive: bool) -> list[Replayed]:
    from decisions.replay import replay as make_again
    from pipelines.replaying import package_of

    if from_archive:
        package = package_of(office, case)
        if package is None:
            fail(
                Exit.NOT_FOUND,
                f"没有此案件的档案包，未办结的案件没有 no archive package of a case {case}: "
                "one that is open has none",
            )
        return _of_package(*package)
    made = make_again(office.store, office.rulebook, [case])
    if not made:
        fail(
            Exit.NOT_FOUND,
            NO_DECISION.format(case),
        )
    return made


def _of_package(path: Path, recorded_sha256: str | None = None) -> list[Replayed]:
    """What an archive package holds; by itself, without a record of it, it needs no home."""
    from certificates.archiving.replay import PackageError, replay_package

    try:
        return [replay_package(path, recorded_sha256)]
    except PackageError as error:
        fail(Exit.NOT_FOUND, str(error))


def portfolio(
    context: typer.Context,
    enterprise: Annotated[str, typer.Argument(help="企业 Code or registered name.")],
) -> None:
    """企业档案 Write all that is known of an enterprise as one JSON document."""
    from checks import release
    from decisions.facts.model import Facts
    from decisions.filing.applicants import resolve
    from decisions.filing.rejections import IntakeError
    from decisions.portfolios.document import Portfolio

    store = lakehouse_of(context).store
    try:
        usc_code = resolve(store, enterprise)
    except IntakeError as error:
        not_there(error)
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
    from decisions.english import in_number
    from decisions.filing.intake import unknown_kind
    from decisions.filing.items import read_item
    from decisions.filing.rejections import IntakeError
    from decisions.portfolios.document import PortfolioError, application, read
    from pipelines.terminal.pages import criteria_table
    from pipelines.views.pictures import OUTCOME_NAMES

    office = office_of(context)
    if kind not in common.KINDS:
        fail(Exit.NOT_FOUND, str(unknown_kind(kind)))
    at = datetime.combine(on.date(), time(10), SHANGHAI).astimezone(UTC)
    try:
        asked = read_item(item, office.rulebook)
        known = read(file.read_bytes())
        filed = application(known, asked, kind, at)
    except PortfolioError as error:
        raise typer.BadParameter(str(error), param_hint="file") from None
    except IntakeError as error:
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
        out.print(OUTCOME_NAMES[decision["outcome"]], style="bold", highlight=False)
        out.print(decision["reason_zh"], highlight=False)
        out.print(in_number(decision["reason_en"]), style="dim", highlight=False)
        out.print(criteria_table(criteria))
    raise typer.Exit(OUTCOME_EXITS[decision["outcome"]])
