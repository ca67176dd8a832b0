"""`miaoban quarantine list|show|retry`: what is set apart, and getting it out again.

Belongs here: arguments, exit codes and how rows look. Does not: reading again or correcting
(`assets.stewards`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.terminal.console import (
    Exit,
    Json,
    fail,
    lakehouse_of,
    out,
    print_json,
    require_channel,
)

if TYPE_CHECKING:
    import polars as pl

    from assets.lake.declaration import Table
    from assets.lake.store import Store

TableName = Annotated[str | None, typer.Option("--table", help="目标表 Only of this table.")]
ChannelName = Annotated[str | None, typer.Option("--channel", help="渠道 Only of this channel.")]
SHOWN = 50
NO_ROW = (
    "没有此待解除行 no such row in doubt{}；待解除行见 `miaoban quarantine list` "
    "`miaoban quarantine list` names them"
)
_ROW = ["delivery_id", "row_no", "target"]


def list_rows(
    context: typer.Context,
    table: TableName = None,
    channel: ChannelName = None,
    as_json: Json = False,
) -> None:
    """列表 Rows whose doubt is open: which, for which table, and why they were set apart."""
    rows = _open(lakehouse_of(context).store, table, channel)
    if as_json:
        told = ("delivery_id", "row_no", "target", "reasons", "usc_code")
        print_json(
            [
                {name: row[name] for name in told} | {"key": _key(row)}
                for row in rows.iter_rows(named=True)
            ]
        )
        return
    _tell(rows)
    shown = f"，列出前 the first {SHOWN}" if rows.height > SHOWN else ""
    out.print(f"{rows.height}行待解除 rows in doubt{shown}", highlight=False)


def show(
    context: typer.Context,
    row: Annotated[str, typer.Argument(help="行 Delivery and row, as `list` gives it.")],
    as_json: Json = False,
) -> None:
    """一行 A row set apart: why, what could be read, and as it came; persons masked."""
    from assets.calendar import SHANGHAI
    from assets.channels import PERSONAL_READS, load_channels
    from assets.explain import masked

    found = _named(_open(lakehouse_of(context).store, None, None), [row])
    channel, feed, _ = row.split(".", 2)
    declared = load_channels().get(channel)
    fields = declared.feeds[feed].fields if declared and feed in declared.feeds else ()
    personal = {field.source for field in fields if field.read in PERSONAL_READS}
    told = []
    for one in found.iter_rows(named=True):
        came = json.loads(one["raw_json"])
        came = {
            # A line that could not be split may name anybody.
            name: masked(str(text)) if name in personal or name == "line" else text
            for name, text in came.items()
        }
        typed = json.loads(one["typed_json"])
        told.append(
            {
                "target": one["target"],
                "reasons": one["reasons"],
                "received_at": one["received_at"],
                "read": typed,
                "came": came,
            }
        )
    if as_json:
        print_json(told)
        return
    for one in told:
        at = one["received_at"].astimezone(SHANGHAI)
        out.print(f"[bold]{one['target']}[/] {at:%Y-%m-%d %H:%M:%S}", highlight=False)
        for title, value in (
            ("原因 reasons", _why(one["target"], one["reasons"])),
            ("可读 read", _line(one["read"])),
            ("原行 as it came", _line(one["came"])),
        ):
            out.print(f"  {title}: {value}", markup=False, highlight=False, soft_wrap=True)


def _said(text: str) -> str:
    """What is recorded of who answers for it is not left empty."""
    if not text.strip():
        raise typer.BadParameter("不能为空 must not be empty")
    return text


def retry(
    context: typer.Context,
    by: Annotated[str, typer.Option(callback=_said, help="经办人 Who does it; recorded.")],
    why: Annotated[str, typer.Option(callback=_said, help="依据 On what grounds; recorded.")],
    rows: Annotated[
        list[str] | None, typer.Argument(help="行 Rows; all that the options name if not given.")
    ] = None,
    table: TableName = None,
    channel: ChannelName = None,
    corrected: Annotated[
        Path | None,
        typer.Option(
            "--with",
            exists=True,
            dir_okay=False,
            help="更正值 JSON object of source columns with their right values, for one row.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """重试 Read rows again by the present rules, or take one in as a steward corrects it.

    The log is never edited: a later row of it says what is cleared, by whom and why.
    """
    from assets.channels import load_channels
    from assets.stewards import StewardError, correct
    from assets.stewards import retry as read_again

    office = lakehouse_of(context)
    before = _open(office.store, table, channel)
    found = _named(before, rows) if rows else before
    if found.is_empty():
        fail(Exit.NOT_FOUND, NO_ROW.format(""))
    key, now, channels = office.pseudonym_key, office.now(), load_channels()
    try:
        if corrected is None:
            done = read_again(office.store, found, key, now, by, why, channels)
            read, cleared = done.read, done.cleared
        else:
            if found.select("delivery_id", "row_no").unique().height != 1:
                raise typer.BadParameter("更正只针对一行 a correction is of one row")
            row = found.row(0, named=True)
            values = _values(corrected)
            read = found.height
            cleared = found.height * correct(office.store, row, values, key, now, by, why, channels)
    except StewardError as error:
        fail(Exit.NOT_FOUND, str(error))
    now_open = _open(office.store, table, channel)
    # A correction that is no better is set apart itself, beside the row that it was to mend; one
    # that was tried before brings nothing new.
    new = now_open.join(before, on=_ROW, how="anti")
    left = now_open.join(found, on=_ROW, how="semi") if corrected is None or new.is_empty() else new
    if as_json:
        print_json({"read": read, "cleared": cleared})
    else:
        out.print(
            f"重读{read}行，解除{cleared}行 rows read again: {read}, cleared: {cleared}"
            + ("；`miaoban run` 核对并发布 checks and releases them" if cleared else ""),
            highlight=False,
        )
        if left.height:
            out.print("仍存疑 Still in doubt:", highlight=False)
            _tell(left)


def _tell(rows: pl.DataFrame) -> None:
    """The first rows in doubt: which, and why."""
    for row in rows.head(SHOWN).iter_rows(named=True):
        # The name is what `show` and `retry` ask for: whole, however narrow the terminal.
        name = f"{row['delivery_id']}:{row['row_no']}"
        about = " · ".join(filter(None, (row["target"], row["usc_code"], _line(_key(row)))))
        out.print(name, style="bold", markup=False, highlight=False, soft_wrap=True)
        for line in (about, _why(row["target"], row["reasons"])):
            out.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def _values(file: Path) -> dict[str, str]:
    try:
        values = json.loads(file.read_text("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise typer.BadParameter(f"{file}: 不是JSON is no JSON: {error}") from error
    if (
        not isinstance(values, dict)
        or not values
        or not all(isinstance(v, str) for v in values.values())
    ):
        raise typer.BadParameter(
            f"{file}: 应为列名到文本的对象，至少一列 must map columns to texts, one column at least"
        )
    return values


def _open(store: Store, table: str | None, channel: str | None) -> pl.DataFrame:
    from assets.channels import TARGETS, load_channels
    from assets.stewards import open_rows

    require_channel(channel, load_channels())
    target: Table | None = None
    if table is not None:
        if table not in TARGETS:
            fail(Exit.NOT_FOUND, f"没有此表 no table {table}；可用 there are {', '.join(TARGETS)}")
        target = TARGETS[table]
    return open_rows(store, target, channel)


def _named(rows: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """The rows of these names; of one that is none, nothing is done with the others either."""
    from assets.wording import worded

    named = rows.with_columns(worded("{}:{}", "delivery_id", "row_no").alias("named"))
    lacking = [name for name in names if name not in set(named["named"])]
    if lacking:
        fail(Exit.NOT_FOUND, NO_ROW.format(f": {', '.join(lacking)}"))
    return named.filter(named["named"].is_in(names)).drop("named")


def _key(row: dict[str, Any]) -> dict[str, Any]:
    """What could be read of the key that the row has in its table, as the worklist names it."""
    from assets.channels import TARGETS

    read = json.loads(row["typed_json"])
    return {name: read[name] for name in TARGETS[row["target"]].key if read.get(name)}


def _why(target: str, reasons: list[str]) -> str:
    """Reasons in words, each with its code."""
    from decisions.waiting.remedies import cause

    words = [cause(target, "quarantined", reason) for reason in reasons]
    told = [f"{one.zh} {one.en} [{code}]" for one, code in zip(words, reasons, strict=True)]
    return "; ".join(told)


def _line(values: dict[str, Any]) -> str:
    return "  ".join(f"{name}={value}" for name, value in values.items())
