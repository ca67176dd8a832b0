"""A wrong use of the command line, told in Chinese with the library's English beside it.

Belongs here: the Chinese of what Typer says of arguments and options. Does not: errors of a command
itself (`pipelines.terminal.console`), what arguments there are (`pipelines.commands`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.markup import escape
from typer.core import TyperGroup

from pipelines.terminal.console import err

WRONG_USE = 2
"""The library's exit code of a wrong use."""
_ASKED_NOTHING = "NoArgsIsHelpError"
"""Not told: the help stands there already."""
_SAYINGS: tuple[tuple[str, str], ...] = (
    (r"Missing argument (.+?)\.", "缺少参数 {}"),
    (r"Missing option (.+?)\.", "缺少选项 {}"),
    (r"Missing command\.", "缺少子命令"),
    (r"No such command (.+?)\.", "没有此命令 {}"),
    (r"No such option: (\S+)", "没有此选项 {}"),
    (r"Got unexpected extra argument(?:\(s\)|s)? \((.+)\)", "多余的参数 {}"),
    (r"Option (.+) requires an argument\.", "选项 {} 后缺少值"),
    (r"Option (.+) requires (\d+) arguments\.", "选项 {} 后须有{}个值"),
    (r"Option (.+) does not take a value\.", "选项 {} 不带值"),
    (r"Argument (.+) takes (\d+) values\.", "参数 {} 须有{}个值"),
    (
        r"Invalid value for (.+?): (?:File|Path|Directory) (.+) does not exist\.",
        "{} 所指的 {} 不存在",
    ),
    (
        r"Invalid value for (.+?): (?:File|Path|Directory) (.+) is a directory\.",
        "{} 所指的 {} 是目录",
    ),
    (r"Invalid value for (.+?): (?:File|Path|Directory) (.+) is a file\.", "{} 所指的 {} 是文件"),
    (r"Invalid value for (.+?):", "{} 的值无效"),
    (r"Invalid value:", "值无效"),
)
"""What the library says, from its beginning, and the same in Chinese; the first that fits."""


class BilingualGroup(TyperGroup):
    """The commands of `miaoban`: a wrong use of any of them is told in both languages."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Read what stands before the command."""
        with _in_both_languages():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        """Read the rest and run the command."""
        with _in_both_languages():
            return super().invoke(ctx)


@contextmanager
def _in_both_languages() -> Iterator[None]:
    try:
        yield
    except typer.TyperException as error:
        if error.exit_code != WRONG_USE or type(error).__name__ == _ASKED_NOTHING:
            raise
        said = error.format_message()
        context = getattr(error, "ctx", None)
        if context is not None:
            err.print(f"[yellow]用法[/] {escape(context.get_usage())}", highlight=False)
        err.print(
            f"[red]错误 Error[/] {escape(f'{chinese(said)} {said}')}",
            highlight=False,
            soft_wrap=True,
        )
        if context is not None:
            err.print(f"[dim]说明 Help: {escape(context.command_path)} --help[/]", highlight=False)
        raise typer.Exit(WRONG_USE) from None


def chinese(said: str) -> str:
    """The Chinese of what the library says of a wrong use."""
    for pattern, zh in _SAYINGS:
        if found := re.match(pattern, said, re.IGNORECASE):
            return zh.format(*found.groups())
    return "用法有误"
