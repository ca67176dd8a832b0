"""`miaoban worklist`: what data stewards are to mend, for the cases that wait.

Belongs here: arguments, exit codes, how the list looks in a terminal. Does not: what stands on it
(`decisions.waiting.worklist`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import polars as pl
import typer

from assets.calendar import SHANGHAI
from pipelines.terminal.console import Json, lakehouse_of, out, print_json, require_channel

if TYPE_CHECKING:
    from rich.console import RenderableType


def worklist(
    context: typer.Context,
    channel: Annotated[
        str | None, typer.Option(help="渠道 Only what this channel owns; `office`: the rulebook.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="行数 How many to show; JSON has all.")] = 30,
    as_json: Json = False,
) -> None:
    """补正清单 What open cases wait for: each missing or doubted row, its owner, the remedy.

    By how many cases wait for it. People are named by pseudonym.
    """
    from assets.channels import load_channels
    from decisions.waiting.worklist import worklist as list_of

    known = load_channels()
    require_channel(channel, (*known, "office"))
    rows = list_of(lakehouse_of(context).store, known)
    if channel is not None:
        rows = rows.filter(pl.col("channel").fill_null("office") == channel)
    if as_json:
        print_json(rows.to_dicts())
    else:
        out.print(_page(rows, limit))


def _page(rows: pl.DataFrame, limit: int) -> RenderableType:
    from rich import box
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    if rows.is_empty():
        return Text("没有待补数据 No open case waits for anything here.")
    table = Table(box=box.SIMPLE_HEAD, expand=True, caption_justify="left")
    for name, ratio in (
        ("渠道 owner", 3),
        ("数据 what", 5),
        ("待办 cases", 2),
        ("补正办法 remedy", 6),
    ):
        table.add_column(name, ratio=ratio, overflow="fold")
    for row in rows.head(limit).iter_rows(named=True):
        since = row["waiting_since"].astimezone(SHANGHAI)
        last = row["last_delivered_at"]
        told = "" if last is None else f"\n[dim]最近 last {last.astimezone(SHANGHAI):%Y-%m-%d}[/]"
        table.add_row(
            f"{escape(row['owner_zh'])}\n[dim]{escape(row['channel'] or 'office')}[/]{told}",
            f"{escape(row['target'])}\n{escape(row['row_key'])}\n[yellow]{row['fault']}[/]",
            f"{row['case_count']}\n[dim]自 since {since:%Y-%m-%d}[/]",
            f"{escape(row['remedy_zh'])}\n[dim]{escape(row['remedy_en'])}[/]",
        )
    if rows.height > limit:
        table.caption = f"共 {rows.height} 项，另见 more with --limit or --json"
    return table
