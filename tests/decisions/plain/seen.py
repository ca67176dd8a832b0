"""What of the law is only recalled, for an office where that decides nothing (readings 47, 54).

Belongs here: which parts, classes, scopes and days of the standard nobody has seen. Does not: what
is judged by them.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from plain import law
from plain.law import Level

DIRECTLY = "direct_second_level"
Notice = dict[str, Any]


def basis_of(part: dict[str, Any], entry: dict[str, Any]) -> str:
    """How well one class of works is known."""
    return str(entry.get("basis") or part["basis"])


def recalled_classes(part: dict[str, Any]) -> set[int]:
    """The classes of a performance that nobody has seen."""
    return {one["n"] for one in part["classes"] if basis_of(part, one) == "recalled"}


def is_recalled(level: Level, part: str) -> bool:
    """Whether nobody has seen what a part asks, or the part of another level that it points to."""
    stated = level.parts.get(part)
    if stated is None:
        return False
    if part != "lead_performance":
        return bool(stated["basis"] == "recalled")
    bases = {stated["basis"], *_cited(level, stated["level"])}
    return "recalled" in bases and "unknown" not in bases


def _cited(level: Level, name: str) -> set[str]:
    """How well the works of the level that the leader's are measured by are known."""
    if name not in law.levels(level.code, level.subcategory):
        return set()
    cited = law.level_on(level.code, level.subcategory, name, level.day)
    assert cited is not None
    works = cited.parts.get("performance")
    if works is None:
        return {"unknown"}
    return {works["basis"], *(basis_of(works, one) for one in works["classes"])}


def doubtful_notices(level: Level, day: date) -> list[Notice]:
    """The notices that have changed a level by a day on which they may not have been in force."""
    item = (level.code, level.subcategory, level.level)
    return [
        one
        for one in law.notices()
        if one["effective_from"] <= day < one.get("certain_from", one["effective_from"])
        if law.level_on(*item, _before(one)) != law.level_on(*item, one["effective_from"])
    ]


def may_not_be_open_yet(day: date) -> bool:
    """Whether the notice that opens 二级 to direct applications may not have been in force."""
    return any(
        day < one["certain_from"]
        for one in law.notices()
        if "certain_from" in one
        if any(change.get("notice") == DIRECTLY for change in one["changes"])
    )


def scopes(level: Level, day: date) -> list[Level]:
    """The level with every scope it may have had on a day; none where nobody has seen it."""
    if level.scope_basis == "recalled":
        return []
    item = (level.code, level.subcategory, level.level)
    earlier = [law.level_on(*item, _before(one)) for one in doubtful_notices(level, day)]
    return [level, *(one for one in earlier if one is not None)]


def _before(notice: Notice) -> date:
    """The last day without a notice."""
    last: date = notice["effective_from"] - timedelta(days=1)
    return last
