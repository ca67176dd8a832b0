"""二级 applied for at once: the mixed standard of 建办市函〔2022〕361号 (B1.6).

Belongs here: from the rule sets of 二级 and 三级 to those of a direct application: assets and
technical leader by 二级, everything else by 三级, each as in force on the day of filing. Does
not: who may apply so (`decisions.switches.first_level`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from decisions.rulebook.amendments import Amendment, Notice
from decisions.rulebook.codes import Kinds
from decisions.rulebook.model import PARTS, Level, Requirements

if TYPE_CHECKING:
    from decisions.rulebook.book import RuleSet

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
    laid = {*second.amendments, *third.amendments, *_opened_by(amendments)}
    ordered = [one for one in amendments if one.id in laid]
    yield replace(
        second,
        level=_level(second.level, third.level, kinds.direct_by_second_level),
        valid_from=since,
        valid_to=None if until == date.max else until,
        amendments=tuple(one.id for one in ordered),
        notices=tuple(dict.fromkeys(one.number for one in ordered)),
        cited=third.cited,
        above=third.above,
        is_direct=True,
    )


def _opened_by(amendments: Sequence[Amendment]) -> Iterator[str]:
    for one in amendments:
        if any(isinstance(c, Notice) and c.notice == NOTICE for c in one.changes):
            yield one.id


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
