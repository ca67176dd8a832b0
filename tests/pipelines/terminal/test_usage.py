"""A wrong use of the command line is told in Chinese with English beside it, and ends with 2."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.terminal.usage import chinese

WRONG_USE = 2


def said(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
    assert result.exit_code == WRONG_USE, result.output
    assert result.stdout == ""
    return result.stderr


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (["apply"], "缺少参数 'enterprise'", "Missing argument 'enterprise'."),
        (["apply", "某某公司"], "缺少参数 'item'", "Missing argument 'item'."),
        (["apply", "a", "S11-二级", "b"], "多余的参数 b", "unexpected extra argument"),
        (["show", "--nosuch"], "没有此选项 --nosuch", "No such option: --nosuch"),
        (["--nosuch"], "没有此选项 --nosuch", "No such option: --nosuch"),
        (["frob"], "没有此命令 'frob'", "No such command 'frob'."),
        (["showw"], "没有此命令 'showw'", "Did you mean 'show'?"),
        (["quarantine", "frob"], "没有此命令 'frob'", "No such command 'frob'."),
        (["rules", "show", "S11"], "缺少参数 'level'", "Missing argument 'level'."),
        (["apply", "a", "b", "--kind"], "选项 '--kind' 后缺少值", "requires an argument."),
        (["show", "--json=3", "a"], "选项 '--json' 不带值", "does not take a value."),
        (["verify", "/no/such.pdf"], "所指的 '/no/such.pdf' 不存在", "does not exist."),
        (["precheck", "a", "--kind", "first"], "--kind 的值无效", "give the item"),
    ],
)
def test_it_is_told_in_both_languages(arguments: list[str], zh: str, en: str) -> None:
    told = said(*arguments)
    assert zh in told
    assert en in told


def test_usage_and_help_of_the_very_command_are_named() -> None:
    told = said("rules", "show", "S11")
    assert "rules show [OPTIONS]" in told
    assert "rules show --help" in told


def test_what_is_written_in_brackets_is_text_and_never_markup() -> None:
    assert "[red]x[/]" in said("apply", "a", "S11-二级", "[red]x[/]")


def test_who_asks_for_nothing_gets_the_help() -> None:
    result = CliRunner().invoke(app, ["quarantine"])
    assert result.exit_code == WRONG_USE
    assert "错误" not in result.output and "retry" in result.output


def test_a_saying_nobody_has_put_into_chinese_is_still_a_wrong_use() -> None:
    assert chinese("Something new.") == "用法有误"


def commands(group: TyperGroup, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The way to every command and group of commands."""
    yield path
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


def test_no_help_loses_a_word_in_a_terminal_of_eighty_columns() -> None:
    """A line that is exactly as wide as its column is cut off, for its Chinese counts twice."""
    whole = get_command(app)
    assert isinstance(whole, TyperGroup)
    for path in commands(whole):
        told = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "80"}).stdout
        assert [line for line in told.splitlines() if "…" in line] == [], path
