"""`miaoban explain`: from a base value back to the delivered rows it came from.

Belongs here: the arguments, and how an explanation looks in a terminal. Does not: finding it
(`assets.explain`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.terminal.console import Exit, Json, fail, lakehouse_of, out, print_json

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assets.explain import Explanation, Source
    from assets.lake.declaration import Table

ENDINGS = {
    "superseded": "被后到的行替代 replaced by a later row",
    "deleted": "发送方删除 deleted by its sender",
    "absent": "全量中已无此行 missing from a full refresh",
}


def explain(
    context: typer.Context,
    table: Annotated[
        str, typer.Argument(help="基础表 Base table, e.g. base_enterprise__registry.")
    ],
    key: Annotated[
        list[str],
        typer.Argument(help="键 Its values in order, or name=value for parts of it."),
    ],
    as_json: Json = False,
) -> None:
    """溯源 Every version of a base row, back to file, line and channel; who won, and why.

    What names a person is masked. A part of a key lists the keys that fit.
    """
    from assets.channels import load_channels
    from assets.explain import SHOWN, UnknownKey, keys_like
    from assets.explain import explain as explained
    from assets.tables import BASE_TABLES

    tables = {base.name: base for base in BASE_TABLES}
    if table not in tables:
        fail(
            Exit.NOT_FOUND,
            f"没有此基础表 no base table {table}；可用 there are {', '.join(tables)}",
        )
    store = lakehouse_of(context).store
    try:
        found = keys_like(store, tables[table], _wanted(tables[table], key))
    except UnknownKey as error:
        fail(Exit.NOT_FOUND, str(error))
    if len(found) > 1:
        if as_json:
            print_json({"keys": found[:SHOWN]})
        else:
            out.print("有多个键 Several keys fit; name one:", style="bold")
            for one in found[:SHOWN]:
                text = " ".join(f"{name}={value}" for name, value in one.items())
                out.print(f"  {text}", markup=False, highlight=False)
            if len(found) > SHOWN:
                out.print("  …")
        raise typer.Exit(Exit.NOT_FOUND)
    told = explained(store, tables[table], found[0], load_channels())
    if as_json:
        print_json(asdict(told))
    else:
        out.print(page(told))


def _wanted(table: Table, parts: list[str]) -> dict[str, Any]:
    from assets.explain import key_value

    split = [part.partition("=") for part in parts]
    named = {name: text for name, equals, text in split if equals and name in table.schema}
    plain = [
        part
        for part, (name, equals, _) in zip(parts, split, strict=True)
        if not equals or name not in table.schema
    ]
    free = [name for name in table.key if name not in named]
    if len(plain) > len(free):
        raise typer.BadParameter(f"键为 the key is {', '.join(table.key)}", param_hint="KEY")
    texts = {**named, **dict(zip(free, plain, strict=False))}
    values = {}
    for name, text in texts.items():
        try:
            values[name] = key_value(text, table[name].dtype)
        except ValueError as error:
            told = f"{table[name].zh} {name}: {error}"
            raise typer.BadParameter(told, param_hint="KEY") from error
    return values


def page(told: Explanation) -> RenderableType:
    """An explanation for a terminal."""
    from rich.console import Group

    return Group(*_parts(told))


def _parts(told: Explanation) -> Iterator[RenderableType]:
    from rich.markup import escape
    from rich.text import Text

    from assets.tables import BY_NAME

    zh = {column.name: column.zh for column in BY_NAME[told.table]}
    key = "  ".join(f"{zh[name]} {name}={value}" for name, value in told.key.items())
    yield Text(f"{told.table} {told.zh}", style="bold")
    yield Text(key)
    if told.versions and told.versions[0].known_to is not None:
        yield Text("现已无此行 The row is no more", style="bold red")
    for number, version in zip(range(len(told.versions), 0, -1), told.versions, strict=True):
        until = "今 now" if version.known_to is None else _instant(version.known_to)
        style = "bold green" if version.known_to is None else "bold"
        yield Text(
            f"\n版本 version {number}: {_instant(version.known_from)} → {until}", style=style
        )
        if version.ended_by is not None:
            ending = ENDINGS[version.ended_by]
            yield Text(f"  {ending}: {version.ended_delivery_id}", style="yellow")
        values = {name: value for name, value in version.values.items() if value is not None}
        if values:
            line = "  ".join(f"{zh[name]} {name}={value}" for name, value in values.items())
            yield Text(f"  {line}")
        yield from _source(version.source)
    if told.lost:
        yield Text("\n未采信的说法 Told otherwise and not believed", style="bold")
    for lost in told.lost:
        order = " > ".join(lost.precedence) or "登记该列的数据项 the feed that maps the column"
        yield Text(
            f"  {zh[lost.column]} {lost.column}: {lost.feed} 称 tells {lost.told}，"
            f"采信 held {lost.held}"
        )
        yield Text(f"    优先次序 precedence: {order}", style="dim")
        yield from _source(lost.source)
    if told.apart:
        yield Text("\n隔离 Set apart", style="bold")
    for apart in told.apart:
        state = "待解除 open" if apart.cleared_by is None else f"已解除 cleared: {apart.cleared_by}"
        reasons = ", ".join(apart.reasons)
        yield Text.from_markup(
            f"  {apart.delivery_id}:{apart.row_no} {escape(reasons)} [dim]{escape(state)}[/] "
            f"{escape(apart.cleared_why or '')}"
        )


def _source(source: Source | None) -> Iterator[RenderableType]:
    from rich.text import Text

    if source is None:
        yield Text("  来源行不可得 the delivered row cannot be found", style="red")
        return
    yield Text(
        f"  {source.owner_zh} {source.channel}.{source.feed} · {source.file_name} "
        f"第{source.row_no}行 row {source.row_no} · sha256 {source.file_sha256[:16]}…",
        style="cyan",
    )
    yield Text(
        "    " + "  ".join(f"{name}={text}" for name, text in source.row.items()), style="dim"
    )


def _instant(instant: Any) -> str:
    from assets.calendar import SHANGHAI

    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
