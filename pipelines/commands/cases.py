"""`miaoban apply`, `show` and `verify`: one case, from its filing to its certificate.

Belongs here: arguments and exit codes. Does not: how a case is handled (`pipelines.express`) or
how it looks (`pipelines.terminal.pages`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.terminal.console import (
    OUTCOME_EXITS,
    VERIFICATION_EXITS,
    Exit,
    Json,
    fail,
    lakehouse_of,
    out,
    print_json,
)


def apply(
    context: typer.Context,
    enterprise: Annotated[
        str, typer.Argument(help="企业 Unified social credit code or registered name.")
    ],
    item: Annotated[
        str,
        typer.Argument(
            help="事项 Category and level, e.g. S11-二级 or S18-分项-一级, or as on certificates: "
            "建筑装修装饰工程专业承包二级."
        ),
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
    from decisions.filing.rejections import FilingRejected
    from pipelines import express
    from pipelines.terminal import pages

    office = lakehouse_of(context)
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


def show(
    context: typer.Context,
    case: Annotated[
        str, typer.Argument(help="申请编号 Number of the case, or of a filing that became none.")
    ],
    as_json: Json = False,
) -> None:
    """案件 Show a case: outcome, reasons, every criterion with its clause."""
    from pipelines.terminal import pages
    from pipelines.views.casefile import find_answer, find_case

    office = lakehouse_of(context)
    found = find_case(office, case)
    if found is not None:
        if as_json:
            print_json(found.as_json())
        else:
            out.print(pages.case(found))
        return
    answer = find_answer(office, case)
    if answer is None:
        fail(
            Exit.NOT_FOUND,
            f"没有此案件 no case {case}；案件清单见 `miaoban decisions --excel 文件` "
            "`miaoban decisions --excel FILE` lists them",
        )
    if as_json:
        print_json(answer)
    else:
        out.print(pages.answer(answer))


def verify(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="证书文件 A certificate, PDF.")
    ],
    as_json: Json = False,
) -> None:
    """验证证书 Is a certificate in force, by its seal, the register and the newest release?

    Exit code 0 = 有效 valid, 20 = 已被改动 altered, 21 = 已换发或过期 superseded or expired,
    22 = 无法确认 unknown, 23 = 已被撤回、撤销、吊销、注销或降级 ended by an authority.
    """
    from dataclasses import asdict

    from certificates.verifying.verify import verify as verify_file
    from pipelines.terminal import pages

    office = lakehouse_of(context)
    verification = verify_file(file, office.store, office.seal.roots, office.now())
    if as_json:
        print_json(asdict(verification))
    else:
        out.print(pages.verification(verification))
    raise typer.Exit(VERIFICATION_EXITS[verification.status])
