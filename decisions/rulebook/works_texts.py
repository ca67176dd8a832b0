"""Works and machines in words: the options of a class, the machines of an item, how many of them.

Belongs here: a condition as it is read, and the lines made of them. Does not: which criteria there
are (`decisions.rulebook.texts`), the grammar of a condition (`decisions.rulebook.conditions`).
"""

from __future__ import annotations

import re
from collections.abc import Sized

from decisions.rulebook.model import (
    EquipmentItem,
    MachineLine,
    MeasureLine,
    MixedCount,
    Option,
    Performance,
    PerformanceClass,
    Together,
    WorksLine,
)

MACHINES = "台（套）"
"""Machines are counted one by one where the text names no other piece."""


def classes_needed(stated: Performance) -> str:
    """How many classes, and which must be among them: without it an answer contradicts itself."""
    need, classes = stated.need, stated.classes
    zh = [f"近{stated.window_years}年业绩，{len(classes)}类中至少{need}类"]
    en = [f"in the last {stated.window_years} years {_of(need, classes)} classes"]
    if stated.mandatory:
        zh.append(f"须含{_listed(stated.mandatory)}")
        en.append(f"class {', '.join(map(str, stated.mandatory))} among them")
    for group in stated.min_from:
        zh.append(f"{_listed(group.classes)}中至少{group.at_least}类")
        en.append(f"of classes {', '.join(map(str, group.classes))} at least {group.at_least}")
    if stated.one_class_count is not None:
        zh.append(f"或某1类{stated.one_class_count}项")
        en.append(f"or {stated.one_class_count} works of one class")
    return f"{'，'.join(zh)} {', '.join(en)}"


def items_needed(need: int, items: tuple[EquipmentItem, ...]) -> str:
    """How many items of equipment."""
    return f"{len(items)}项中至少{need}项 {_of(need, items)} items"


def _listed(classes: tuple[int, ...]) -> str:
    return "、".join(f"第{n}类" for n in classes)


def _of(need: int, every: Sized) -> str:
    return f"at least {need} of {len(every)}"


def class_text(one: PerformanceClass) -> str:
    """The options of a class on one line."""
    return " / ".join(_option(option) for option in one.any_of)


def _option(option: Option) -> str:
    match option:
        case MixedCount():
            lines = "、".join(_works(line) for line in option.of)
            return f"{lines} 合计 ≥ {option.count}{option.counted_in or '项'}"
        case Together():
            return " + ".join(_option(line) for line in option.all_of)
        case MeasureLine(sum=str() as metric):
            return f"{_works(option)} 累计{metric} ≥ {option.at_least}{'/年' if option.per else ''}"
        case _:
            return f"{_works(option)} ≥ {option.count}{option.counted_in or '项'}"


def _works(line: WorksLine) -> str:
    return f"{line.works}（{condition_text(line.where)}）" if line.where else line.works


_OPERATORS = {
    " == 是": "",
    " == 有": "",
    " not in ": " 不为 ",
    " in ": " 为 ",
    " includes ": " 含 ",
    " and ": "，",
    " or ": " 或 ",
    " == ": " 为 ",
    " != ": " 不为 ",
    ">=": "≥",
    "<=": "≤",
    "[": "",
    "]": "",
    ", ": "、",
    "(": "（",
    ")": "）",
}


def condition_text(where: str) -> str:
    """A condition (`decisions.rulebook.conditions`) as it is read: `处理能力 ≥ 5 万吨/日`."""
    # A bracket inside a name (大(1)型) belongs to it; those of the grammar stand apart.
    text = re.sub(r"(?<=\w)\((\d+)\)", "\\1".join(("\x00", "\x01")), where)
    for sign, told in _OPERATORS.items():
        text = text.replace(sign, told)
    return text.replace("\x00", "(").replace("\x01", ")")


def item_text(item: EquipmentItem) -> str:
    """The machines of an item on one line."""
    return " / ".join(
        f"{one.machine}{f'（{condition_text(one.where)}）' if one.where else ''} {_asked(one)}"
        for one in item.any_of
    )


def _asked(one: MachineLine) -> str:
    if one.count is not None:
        return f"≥ {one.count}{one.counted_in or MACHINES}"
    return f"累计{one.sum} ≥ {one.at_least}"
