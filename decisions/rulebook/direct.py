"""二级 applied for at once: the mixed standard of 建办市函〔2022〕361号 (B1.6).

Belongs here: from the rule sets of 二级 and 三级 to those of a direct application: assets and
technical leader by 二级, everything else by 三级, each as in force on the day of filing. Does
not: who may apply so (`decisions.switches.first_level`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from decisions.rulebook.amendments import Amendment, Notice
from decisions.rulebook.codes import Kinds
from decisions.rulebook.model import PARTS, Level, Requirements
from decisions.rulebook.rule_set import RuleSet

THREE = {"一级", "二级", "三级"}
NOTICE = "direct_second_level"


def direct_sets(
    rule_sets: Sequence[RuleSet], kinds: Kinds, amendments: Sequence[Amendment]
) -> tuple[RuleSet, ...]:
    """The rule sets of direct applications, in order of category and day.

    Args:
        rule_sets: those of every level.
        kinds: from when, and which parts go by 二级; none in a rulebook kept before.
        amendments: among them the notice itself.
    """
    if not kinds.direct_by_second_level:
        return ()
    of_category: dict[tuple[str, str], dict[str, list[RuleSet]]] = {}
    for one in rule_sets:
        levels = of_category.setdefault((one.code, one.subcategory), {})
        levels.setdefault(one.level.level, []).append(one)
    return tuple(
        mixed
        for levels in of_category.values()
        if set(levels) == THREE
        for second in levels["二级"]
        for third in levels["三级"]
        for mixed in _mixed(second, third, kinds, amendments)
    )


def _mixed(
    second: RuleSet, third: RuleSet, kinds: Kinds, amendments: Sequence[Amendment]
) -> Iterator[RuleSet]:
    since = max(second.valid_from, third.valid_from, kinds.direct_second_level_from)
    until = min(second.valid_to or date.max, third.valid_to or date.max)
    if since > until:
        return
    opened_by = [one for one in amendments if _opens(one)]
    laid = {*second.amendments, *third.amendments, *(one.id for one in opened_by)}
    ordered = [one for one in amendments if one.id in laid]
    mixed = replace(
        second,
        level=_level(second.level, third.level, kinds.direct_by_second_level),
        amendments=tuple(one.id for one in ordered),
        notices=tuple(dict.fromkeys(one.number for one in ordered)),
        cited=third.cited,
        above=third.above,
        is_direct=True,
    )
    # Cut where the notice is certainly in force, if its own day is only recalled.
    certain = {one.number: one.certain_from for one in opened_by if one.certain_from}
    starts = sorted({since, *(day for day in certain.values() if since < day <= until)})
    ends = [*(day - timedelta(days=1) for day in starts[1:]), until]
    for start, end in zip(starts, ends, strict=True):
        opening = (number for number, day in certain.items() if start < day)
        yield replace(
            mixed,
            valid_from=start,
            valid_to=None if end == date.max else end,
            recalled_days=tuple(
                dict.fromkeys((*second.recalled_days, *third.recalled_days, *opening))
            ),
        )


def _opens(one: Amendment) -> bool:
    return any(isinstance(c, Notice) and c.notice == NOTICE for c in one.changes)


def _level(second: Level, third: Level, by_second: Sequence[str]) -> Level:
    def of(part: str) -> Level:
        return third if part in PARTS and part not in by_second else second

    parts = {part: getattr(of(part).requirements, part) for part in PARTS}
    unknown = [
        name
        for level in (second, third)
        for name in level.unknown
        if of(name.rstrip("?").partition(".")[0]) is level
    ]
    return second.model_copy(
        update={
            "requirements": Requirements(**parts),
            "unknown": tuple(unknown),
            "platform": third.platform,
        }
    )
