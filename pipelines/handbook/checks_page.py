"""The page of checks `docs/checks.md`: the whole catalogue, and what a drill of it measured.

Belongs here: how the register and the figures of the drill read as a page. Does not: any check
(`checks`), nor measuring (`benchmarks.drill`, which keeps its figures in `docs/drill.json`). Run
as `python -m pipelines.handbook.checks_page docs/checks.md`, or with `--check` to compare only.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from assets.documents import cell, write_or_compare
from checks.catalogue import BY_ID, CATALOGUE, Entry
from checks.register import Place, places

DRILL = Path(__file__).parents[2] / "docs" / "drill.json"
_GROUPS = {
    "F": "批次与行 Batches and rows",
    "E": "企业 Enterprises",
    "P": "人员 People",
    "J": "工程业绩 Works",
    "Q": "设备 Machines",
    "C": "信用 Credit",
    "D": "审批本身 The decision itself",
}
_SEVERITIES = {
    "block": "阻断 block",
    "DATA": "存疑 DATA",
    "LAW": "依法不计 LAW",
    "WARN": "提示 WARN",
}


def page(drill: dict[str, Any] | None) -> str:
    """The whole page as Markdown.

    Args:
        drill: the figures of the last drill; None where none was run.
    """
    return "\n".join(_lines(drill)) + "\n"


def _lines(drill: dict[str, Any] | None) -> Iterator[str]:
    done = [entry for entry in CATALOGUE if places(entry)]
    partly = [entry for entry in done if entry.lacks]
    yield "# 核对目录 Catalogue of checks"
    yield ""
    yield (
        "Generated from `checks/catalogue.yaml`, the checks in the code and `docs/drill.json` by "
        "`make docs`; `make check` compares it. Do not edit by hand."
    )
    yield ""
    yield (
        f"{len(CATALOGUE)} checks: {len(done) - len(partly)} carried out, {len(partly)} carried "
        f"out in part, {len(CATALOGUE) - len(done)} that cannot be computed from what the "
        "channels deliver. What is lacking is told beside each."
    )
    yield ""
    yield (
        "- **存疑 DATA**: the row is not trusted. It proves nothing: it never refuses a case, and "
        "never grants one."
    )
    yield (
        "- **依法不计 LAW**: the row is true, but the law does not let it count: a reason of the "
        "decision."
    )
    yield ("- **提示 WARN**: the row counts; the finding is noted in the evidence of its cases.")
    yield (
        "- **阻断 block**: no automatic decision on the subject (group F: no release) until it is "
        "cleared; the last good state serves on."
    )
    for group, members in groupby(CATALOGUE, key=lambda entry: entry.id[0]):
        yield ""
        yield f"## {group} {_GROUPS[group]}"
        yield ""
        yield (
            "| 核对 check | 内容 violated when | 性质 severity | 依据 why | 何处 where | 缺 lacks |"
        )
        yield "|---|---|---|---|---|---|"
        for entry in members:
            yield _row(entry)
    yield ""
    yield "## 演练 Fault drill"
    yield ""
    yield from _drill(drill)


def _row(entry: Entry) -> str:
    severities = "; ".join(_SEVERITIES[one] for one in entry.severity)
    where = "; ".join(_places(places(entry))) or "**不可计算 not computable**"
    return (
        f"| {entry.id} | {entry.zh} · {cell(entry.en)} | {severities} | {cell(entry.why)} "
        f"| {where} | {cell(entry.lacks or '')} |"
    )


def _places(found: tuple[Place, ...]) -> Iterator[str]:
    named = {
        "module": "`{}`",
        "row": "row check and suite of {}",
        "cross": "cross-channel check on {}",
        "whole": "whole tables {}",
        "decision": "criteria {}",
    }
    for kind, words in named.items():
        names = [_short(place.name) for place in found if place.kind == kind]
        if names:
            yield words.format(", ".join(names))


def _short(name: str) -> str:
    return name.removeprefix("base_").replace("__", " ")


def _drill(drill: dict[str, Any] | None) -> Iterator[str]:
    if drill is None:
        yield "No drill has been run: `python -m benchmarks.drill` writes `docs/drill.json`."
        return
    yield (
        f"`python -m benchmarks.drill` generates {drill['enterprises']:,} enterprises "
        f"({drill['rows']:,} rows) with faults whose truth is known, collects and checks them. "
        "Recall: of the faults injected, the share found and classed as they were meant. "
        "Precision: of what was found, the share that was injected. F-07 must find the rows whose "
        "parent another fault set apart, too: they are counted among the injected."
    )
    yield ""
    yield "| 故障 fault | 应为 to be | 注入 injected | 查出 found | 召回 recall | 准确 precision |"
    yield "|---|---|---|---|---|---|"
    for one in drill["faults"]:
        precision = "–" if one["precision"] is None else f"{one['precision']:.2%}"
        yield (
            f"| {fault_cell(one['fault'])} | {one['expected']} | {one['injected']:,} "
            f"| {one['found']:,} "
            f"| {one['found'] / one['injected']:.2%} | {precision} |"
        )
    yield ""
    yield (
        f"Clean rows set apart: {drill['clean_rows_apart']}. Rows of the base tables that differ "
        f"from the truth: {drill['base_rows_wrong']}."
    )
    yield ""
    others = [
        entry.id
        for entry in CATALOGUE
        if entry.id not in drill["exercised"]
        and any(place.kind in ("row", "cross", "whole") for place in places(entry))
    ]
    if others:
        yield (
            f"Checks that no fault of the sample puts to the test, and that tests prove alone: "
            f"{', '.join(others)}."
        )


def fault_cell(fault: str) -> str:
    """A fault by its name; a contradiction by the check it violates, with its words."""
    entry = BY_ID.get(fault.partition(":")[0])
    return fault if entry is None else f"{fault} {cell(entry.zh)}"


def measured() -> dict[str, Any] | None:
    """The figures of the last drill, if there was one."""
    return json.loads(DRILL.read_text("utf-8")) if DRILL.is_file() else None


if __name__ == "__main__":
    sys.exit(write_or_compare(page(measured()), "the catalogue of checks and the drill"))
