"""What every command shares: exit codes, the two streams, how an error is told.

Belongs here: what more than one module of `pipelines.commands` needs. Does not: the commands
themselves, nor how a result looks (`pipelines.terminal.pages`, `pipelines.terminal.summary`).
"""

from __future__ import annotations

import enum
import functools
import json
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, ParamSpec, TypeVar, cast

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment

from pipelines.settings import DEFAULT_HOME, Settings, SettingsError, load
from pipelines.terminal.unwritable import unwritable

if TYPE_CHECKING:
    from decisions.filing.rejections import IntakeError
    from pipelines.office import Office

P = ParamSpec("P")
R = TypeVar("R")


class Exit(enum.IntEnum):
    """Exit codes. 1 is an error of the program itself, 2 a wrong use of the command line."""

    DONE = 0
    SETTINGS = 3
    NOT_FOUND = 4
    BUSY = 5
    INBOX_IN_USE = 6
    UNWRITABLE = 7
    DAMAGED = 8
    REFUSED = 10
    NOT_ACCEPTED = 11
    AWAITING_DATA = 12
    RETURNED = 13
    NOT_FILED = 14
    CONTRADICTED = 15
    ALTERED = 20
    SUPERSEDED = 21
    UNKNOWN = 22
    ENDED = 23
    STAGE_FAILED = 30
    NO_RELEASE = 31


OUTCOME_EXITS = {
    "granted": Exit.DONE,
    "refused": Exit.REFUSED,
    "not_accepted": Exit.NOT_ACCEPTED,
    "awaiting_data": Exit.AWAITING_DATA,
    "returned": Exit.RETURNED,
}
VERIFICATION_EXITS = {
    "valid": Exit.DONE,
    "altered": Exit.ALTERED,
    "superseded": Exit.SUPERSEDED,
    "ended": Exit.ENDED,
    "unknown": Exit.UNKNOWN,
}

NO_DECISION = (
    "没有此案件的决定 no decision of a case {0}；现状见 `miaoban show {0}` tells where it stands"
)
"""Of a case that nobody filed or decided, or that was answered as none."""

_CONTROLS = dict.fromkeys({*range(0x20), *range(0x7F, 0xA0)} - {ord("\n"), ord("\t")})


class Terminal(Console):
    """A console on which what others wrote is text and no command to the terminal.

    Names, items and delivered rows are shown as they came; an escape sequence among them could
    clear the screen or write over what stands there (ECMA-48).
    """

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        """The segments of something to show, without control characters in their text."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield segment._replace(text=segment.text.translate(_CONTROLS))


out = Terminal()
err = Terminal(stderr=True)

Json = Annotated[
    bool, typer.Option("--json", help="机器可读 Machine-readable, on standard output.")
]


def told(command: Callable[P, R]) -> Callable[P, R]:
    """Turns the errors a user can mend into a message and an exit code."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except SettingsError as error:
            fail(Exit.SETTINGS, str(error))
        except BaseException as error:  # a panic of Polars is no Exception
            _tell(error, cast("typer.Context | None", kwargs.get("context")))
            raise

    return wrapped


def _tell(error: BaseException, context: typer.Context | None) -> None:
    """Leave with the message of an error that somebody can mend; return for any other."""
    if isinstance(error, typer.Exit):
        return
    if (why := unwritable(str(error))) is not None:
        # SQLite names no file.
        home = Path((context and context.obj) or DEFAULT_HOME).expanduser()
        notes = getattr(error, "__notes__", ())
        fail(Exit.UNWRITABLE, "；".join([why, f"数据目录 home: {home}", *notes]))
    from assets.channels import ChannelError
    from assets.lake.damage import UNREADABLE
    from assets.lake.delta import DeclarationConflict

    if isinstance(error, ChannelError):
        fail(Exit.SETTINGS, f"渠道文件有误 faults in the channel files:\n{error}")
    if isinstance(error, DeclarationConflict):
        fail(Exit.SETTINGS, str(error))
    if isinstance(error, UNREADABLE) and context is not None:
        from pipelines.terminal.damaged import damaged

        if (why := damaged(office_of(context).store)) is not None:
            fail(Exit.DAMAGED, why)


def not_there(error: IntakeError) -> NoReturn:
    """Say that what was asked for is not there, or that nothing at all is there yet."""
    from decisions.filing.applicants import NothingReleased

    is_early = isinstance(error, NothingReleased)
    fail(Exit.NO_RELEASE if is_early else Exit.NOT_FOUND, str(error))


def require_channel(name: str | None, known: Collection[str]) -> None:
    """Say that there is no such channel, and which there are; nothing if none is named."""
    if name is not None and name not in known:
        names = ", ".join(known)
        fail(Exit.NOT_FOUND, f"没有此渠道 no channel {name}；可用 there are {names}")


def fail(code: Exit, message: str) -> NoReturn:
    """Print an error and leave with its code."""
    err.print(f"[red]错误 Error[/] {escape(message)}", highlight=False, soft_wrap=True)
    raise typer.Exit(code)


def settings_of(context: typer.Context) -> Settings:
    """The settings of the home that the command names."""
    return load(context.obj)


def office_of(context: typer.Context) -> Office:
    """The office of the home that the command names."""
    from pipelines.office import Office

    return Office(settings_of(context))


def lakehouse_of(context: typer.Context) -> Office:
    """The office of a home that is there; a folder that nobody made is most likely a slip."""
    office = office_of(context)
    settings = office.settings
    if settings.lake is None and not settings.folder.is_dir():
        fail(
            Exit.NOT_FOUND,
            f"没有此数据目录 there is no home folder {settings.folder}；请以 --home 指明另一目录，"
            "或用 `miaoban demo`、`miaoban run` 建立 name another with --home, or make one with "
            "`miaoban demo` or `miaoban run`",
        )
    return office


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
