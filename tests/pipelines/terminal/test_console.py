"""What others wrote is shown on a terminal as text, whatever they wrote."""

from __future__ import annotations

import pytest
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from pipelines.terminal.console import Terminal

WRITTEN = "S11\x1b[2J\x1b[31m\x9b2J\x07\r二级"


def _table() -> Table:
    table = Table("事项 item")
    table.add_row(escape(WRITTEN))
    return table


@pytest.mark.parametrize(
    "shown", [WRITTEN, _table(), Panel(escape(WRITTEN))], ids=["text", "table", "panel"]
)
def test_a_control_sequence_in_what_others_wrote_reaches_no_terminal(shown: object) -> None:
    console = Terminal(width=80, force_terminal=False)
    with console.capture() as told:
        console.print(shown, markup=False, highlight=False, soft_wrap=True)
    assert "S11[2J[31m2J二级" in told.get()
    assert not {"\x1b", "\x9b", "\x07", "\r"} & set(told.get())


def test_our_own_styles_and_lines_stay() -> None:
    console = Terminal(width=80, force_terminal=True, color_system="standard")
    with console.capture() as told:
        console.print("[red]错误[/]\n\t第二行")
    assert "\x1b[31m错误\x1b[0m" in told.get()
    assert told.get().count("\n") == 2
