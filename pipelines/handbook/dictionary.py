"""The data dictionary `docs/tables.md`, written from the declared tables.

Belongs here: how a declaration reads as a page. Does not: any meaning of its own; a word
that is wrong on the page is mended in `assets/tables/`. Run as
`python -m pipelines.handbook.dictionary docs/tables.md`, or with `--check` to compare only.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby

from assets.documents import cell, write_or_compare
from assets.lake.declaration import Column, Layer, Mode, Sensitivity, Table
from assets.tables import RELEASED_TABLES, TABLES

_LAYERS = {
    Layer.RAW: ("原始层", "Rows as they came"),
    Layer.BASE: ("基础数据库", "Base databases"),
    Layer.INTAKE: ("接收", "Intake"),
    Layer.CHECK: ("核对与发布", "Checks and releases"),
    Layer.DECISION: ("审批", "Decisions"),
    Layer.CERTIFICATE: ("证照", "Certificates"),
    Layer.ARCHIVE: ("归档", "Archive"),
    Layer.SUPERVISION: ("监管", "Supervision"),
}
_MODES = {Mode.LOG: "只增日志 log", Mode.VIEW: "视图 view"}
_SENSITIVITIES = {
    Sensitivity.PUBLIC: "公开 public",
    Sensitivity.INTERNAL: "内部 internal",
    Sensitivity.PERSONAL: "**个人信息 personal**",
}


def dictionary(tables: tuple[Table, ...] = TABLES) -> str:
    """The whole page as Markdown."""
    return "\n".join(_page(tables)) + "\n"


def _page(tables: tuple[Table, ...]) -> Iterator[str]:
    yield "# 数据字典 Data dictionary"
    yield ""
    yield "Generated from `assets/tables/` by `make docs`; a test compares it. Do not edit by hand."
    yield ""
    yield (
        "Every declared table, with what drives its Delta schema, its row checks and its Great "
        "Expectations suite. The raw tables (`raw_<channel>__<feed>`, and "
        "`repeat_<channel>__<feed>` beside each) follow from `assets/channels/*.yaml` and are not "
        "listed."
    )
    yield ""
    yield (
        "Types: text is UTF-8; `decimal(p, s)` is exact; `instant` is UTC, microseconds. "
        "★ = part of the key. Source = field code in the national data standard."
    )
    yield ""
    yield "| 表 table | 含义 meaning | 方式 mode | 发布 in a release |"
    yield "|---|---|---|---|"
    for table in tables:
        released = "是 yes" if table in RELEASED_TABLES else ""
        yield (
            f"| [`{table.name}`](#{table.name}) | {table.zh} · {cell(table.en)} "
            f"| {_MODES[table.mode]} | {released} |"
        )
    for layer, members in groupby(tables, key=lambda table: table.layer):
        zh, en = _LAYERS[layer]
        yield ""
        yield f"## {zh} {en}"
        for table in members:
            yield from section(table)


def section(table: Table) -> Iterator[str]:
    """A table's heading, facts and columns as Markdown, line by line."""
    yield ""
    yield f"### {table.name}"
    yield ""
    yield f"{table.zh} · {table.en}."
    yield ""
    kept = "永久 for good" if table.retention_years is None else f"{table.retention_years} 年 years"
    facts = [f"key `{', '.join(table.key)}`", _MODES[table.mode], f"保存 kept {kept}"]
    if table.source:
        facts.append(f"source {table.source}")
    if table.legal_basis:
        facts.append(f"basis {table.legal_basis}")
    yield " · ".join(facts)
    yield ""
    yield (
        "| 列 column | 类型 type | 含义 meaning | 约束 must hold | 来源 source "
        "| 敏感度 sensitivity |"
    )
    yield "|---|---|---|---|---|---|"
    for column in table:
        star = " ★" if column.name in table.key else ""
        unit = f" [{column.unit}]" if column.unit else ""
        meaning = f"{column.zh} · {cell(column.en)}"
        sensitivity = _SENSITIVITIES[column.sensitivity]
        yield (
            f"| `{column.name}`{star} | {type_name(column)}{unit} | {meaning} "
            f"| {_constraints(column)} | {cell(column.source)} | {sensitivity} |"
        )
    for rule in table.rules:
        yield ""
        yield f"- {rule.check_id}: {rule.zh} · {rule.en} (`{rule.pandas_query}`)"


def type_name(column: Column) -> str:
    """The name of a column's type as the dictionary and Dagster's schema tab show it."""
    name = str(column.dtype).lower()
    if name.startswith("datetime"):
        return "instant"
    if name.startswith("decimal"):
        return name.replace("precision=", "").replace("scale=", "")
    return {"string": "text", "list(string)": "list of text"}.get(name, name)


def _constraints(column: Column) -> str:
    parts = [] if column.nullable else ["必填 required"]
    if column.codes:
        parts.append(" / ".join(f"`{code}`" for code in column.codes))
    if column.pattern:
        parts.append(cell(f"`{column.pattern}`"))
    if column.minimum is not None:
        parts.append(f"≥ {column.minimum:g}")
    if column.maximum is not None:
        parts.append(f"≤ {column.maximum:g}")
    return "; ".join(parts)


if __name__ == "__main__":
    sys.exit(write_or_compare(dictionary(), "assets/tables/"))
