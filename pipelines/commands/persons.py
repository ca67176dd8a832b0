"""`miaoban persons same|different|shared|sole|list`: whose identity numbers are.

Belongs here: arguments, exit codes and how statements look. Does not: taking one in
(`assets.identity`), what they come to (`assets.persons`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.terminal.console import Exit, Json, fail, lakehouse_of, out, print_json

if TYPE_CHECKING:
    from assets.identity import Statement

By = Annotated[str, typer.Option(help="经办人 Who states it; recorded.")]
Because = Annotated[str, typer.Option(help="原因 Why; recorded.")]
Document = Annotated[str, typer.Option(help="依据文书 The document that it rests on; recorded.")]
On = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="认定日期 Day of the act; today if not given."),
]
WORDS = {
    "same": "同一人 one person",
    "different": "非同一人 two persons",
    "shared": "多人共用 borne by several persons",
    "sole": "一人独用 borne by one person",
}


def same(
    context: typer.Context,
    former: Annotated[str, typer.Argument(help="原号码 The number borne before, or by mistake.")],
    present: Annotated[str, typer.Argument(help="现号码 The number that the person bears now.")],
    by: By,
    because: Because,
    document: Document,
    on: On = None,
    as_json: Json = False,
) -> None:
    """同一人 Two numbers are one person's: what is told under either counts as his, once."""
    _state(context, "same", (present, former), by, because, document, on, as_json)


def different(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="号码 One number.")],
    other: Annotated[str, typer.Argument(help="另一号码 The other number.")],
    by: By,
    because: Because,
    document: Document,
    on: On = None,
    as_json: Json = False,
) -> None:
    """非同一人 Two numbers are two persons': takes back what says that they are one's."""
    _state(context, "different", (number, other), by, because, document, on, as_json)


def _of_one_number(what: Statement, told: str) -> Callable[..., None]:
    """The command that states something about one number; `told` is its help."""

    def command(
        context: typer.Context,
        number: Annotated[str, typer.Argument(help="号码 The number.")],
        by: By,
        because: Because,
        document: Document,
        on: On = None,
        as_json: Json = False,
    ) -> None:
        _state(context, what, (number,), by, because, document, on, as_json)

    command.__doc__ = told
    return command


shared = _of_one_number(
    "shared",
    "多人共用 Several persons bear a number: what is told under it proves nothing.",
)
sole = _of_one_number(
    "sole",
    "一人独用 One person bears a number, all told under it is his: takes back `shared`.",
)


def list_statements(context: typer.Context, as_json: Json = False) -> None:
    """列表 All statements, the oldest first; numbers masked."""
    from assets.identity import statements

    told = statements(lakehouse_of(context).store)
    if as_json:
        print_json(told)
        return
    for one in told:
        between = " ≠ " if one["statement"] == "different" else " ← "
        numbers = between.join(str(one[n]) for n in ("number", "other_number") if one[n])
        past = "" if one["holds"] else "（已被后一认定取代 a later one holds）"
        words = WORDS.get(str(one["statement"]), one["statement"])
        out.print(f"{one['statement_no']} {words}{past}", style="bold", highlight=False)
        out.print(f"  {numbers}", markup=False, highlight=False, soft_wrap=True)
        out.print(
            f"  {one['stated_on']} {one['stated_by']}：{one['because']}（{one['document']}）",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    out.print(f"{len(told)}项认定 statements", highlight=False)


def _state(
    context: typer.Context,
    what: Statement,
    numbers: tuple[str, ...],
    by: str,
    because: str,
    document: str,
    on: datetime | None,
    as_json: bool,
) -> None:
    from assets.calendar import legal_day
    from assets.identity import Contradiction, Grounds, StatementError, UnknownNumber, state
    from assets.lake.store import SnapshotConflict

    office = lakehouse_of(context)
    now = office.now()
    grounds = Grounds(
        stated_by=by,
        because=because,
        document=document,
        stated_on=legal_day(now) if on is None else on.date(),
    )
    try:
        done = state(office.store, what, numbers, grounds, office.pseudonym_key, now)
    except UnknownNumber as error:
        fail(Exit.NOT_FOUND, str(error))
    except Contradiction as error:
        fail(Exit.CONTRADICTED, str(error))
    except StatementError as error:
        raise typer.BadParameter(str(error)) from None
    except SnapshotConflict as error:
        fail(Exit.BUSY, str(error))
    if as_json:
        print_json(
            {"statement_no": done.statement_no, "is_new": done.is_new, "numbers": done.numbers}
        )
        return
    if not done.is_new:
        out.print(f"已有此认定 it is stated already: {done.statement_no}", highlight=False)
        return
    out.print(
        f"已记录 recorded: {done.statement_no} {WORDS[what]}: {' '.join(done.numbers)}；"
        "`miaoban run` 核对并发布 checks and releases it",
        highlight=False,
        soft_wrap=True,
    )
