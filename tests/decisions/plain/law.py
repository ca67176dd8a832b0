"""The standard as it stood on a day: the fact sheets and the dated notices laid over them.

Belongs here: reading decisions/standards/*.yaml, applying amendments, who decides what, what a
kind of application assesses. Does not: judging anybody.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

STANDARDS = Path(__file__).parents[3] / "decisions" / "standards"
PEOPLE = ("constructors", "technical_lead", "titled_staff", "site_managers", "skilled_workers")


@dataclass
class Level:
    """What one level asks on one day.

    Attributes:
        parts: the requirements by name, as in the sheet.
        limits: limits of the scope.
        unknown: names of what the standard has, or may have, and nobody found.
        day: the day; levels of two days that ask the same are equal.
        scope_basis: how well the scope is known.
        platform: what the national platform must show of works, strictest last.
    """

    code: str
    level: str
    subcategory: str
    is_lowest: bool
    parts: dict[str, Any]
    limits: list[dict[str, Any]]
    unknown: list[str]
    day: date = field(compare=False)
    scope_basis: str
    platform: list[dict[str, Any]] = field(default_factory=list)

    def lacks(self, name: str) -> bool:
        """Whether a part, or a detail of one, is not known."""
        return name in self.unknown or f"{name}?" in self.unknown

    def lacks_some_of(self, part: str) -> bool:
        """Whether a part, or anything of it, is not known."""
        return part not in self.parts or any(name.startswith(part) for name in self.unknown)

    def asks(self, part: str) -> bool:
        """Whether the level has a part at all, known or not."""
        return part in self.parts or self.lacks(part)


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)


def read(name: str) -> Any:
    """One file of the standard."""
    return _read(STANDARDS / name)


@cache
def sheets() -> dict[str, dict[str, Any]]:
    """Every category by its code."""
    files = [*STANDARDS.glob("general/*.yaml"), *STANDARDS.glob("specialty/*.yaml")]
    return {sheet["code"]: sheet for sheet in map(_read, sorted(files))}


@cache
def notices() -> list[dict[str, Any]]:
    """The notices that are or were law, in the order they came into force."""
    every = _read(STANDARDS / "amendments.yaml")
    return sorted(
        (one for one in every if one["status"] == "in_force"),
        key=lambda one: one["effective_from"],
    )


@cache
def kinds() -> dict[str, Any]:
    """What each kind of application assesses."""
    loaded: dict[str, Any] = _read(STANDARDS / "kinds.yaml")
    return loaded


@cache
def designers() -> dict[str, Any]:
    """Which design qualifications open which general contracting (B1.3)."""
    loaded: dict[str, Any] = _read(STANDARDS / "designers.yaml")
    return loaded


@cache
def jurisdiction() -> dict[str, Any]:
    """Who decides which level of which category."""
    loaded: dict[str, Any] = _read(STANDARDS / "jurisdiction.yaml")
    return loaded


@cache
def codes(name: str) -> dict[str, Any]:
    """One of the code lists."""
    loaded: dict[str, Any] = _read(STANDARDS / "codes" / f"{name}.yaml")
    return loaded


def levels(code: str, subcategory: str = "") -> list[str]:
    """Levels of a category, the highest first."""
    return [
        one["level"]
        for one in sheets()[code]["levels"]
        if one.get("subcategory", "") == subcategory
    ]


def ruled(code: str, subcategory: str | None) -> str:
    """The sub-category that has figures of its own; the kinds of S36 have none (reading 72)."""
    return subcategory if subcategory and levels(code, subcategory) else ""


def next_lower(code: str, subcategory: str, level: str) -> str | None:
    """The level an upgrade starts from."""
    ladder = ["特级", *levels(code, subcategory)]
    place = ladder.index(level) + 1
    return ladder[place] if place < len(ladder) else None


def higher_levels(code: str, subcategory: str, level: str) -> list[str]:
    """Levels of the category above one."""
    ladder = ["特级", *levels(code, subcategory)]
    return ladder[: ladder.index(level)]


def may_be_delegated(code: str, level: str, day: date) -> bool:
    """Whether the ministry may have put an approval down on trial (A10): no text says which."""
    return (
        authority_of(code, level) == "ministry"
        and level != "特级"
        and any(t["valid_from"] <= day <= t["valid_to"] for t in jurisdiction()["trials"])
    )


def authority_of(code: str, level: str) -> str | None:
    """Who decides a level: `ministry`, `province`, `city`; None where there is no such level."""
    for power in jurisdiction()["powers"]:
        if code in power["codes"] and level in power["levels"]:
            return str(power["authority"])
    return None


def is_doubtful(code: str, level: str) -> bool:
    """Whether the text leaves open who decides a level (reading 25)."""
    return any(
        code in power["codes"] and level in power["levels"] and "doubt" in power
        for power in jurisdiction()["powers"]
    )


@cache
def level_on(code: str, subcategory: str, level: str, day: date) -> Level | None:
    """A level as the law stood on a day; before 2015 by the figures of 2014 (reading 2)."""
    entry = next(
        (
            one
            for one in sheets()[code]["levels"]
            if one["level"] == level and one.get("subcategory", "") == subcategory
        ),
        None,
    )
    if entry is None:
        return None
    text_of_2014 = copy.deepcopy(entry)
    one = Level(
        code,
        level,
        subcategory,
        levels(code, subcategory)[-1] == level,
        copy.deepcopy(entry["requirements"]),
        copy.deepcopy(entry["scope"]["limits"]),
        list(entry["unknown"]),
        day,
        entry["scope"]["basis"],
    )
    for notice in notices():
        if notice["effective_from"] <= day:
            for change in notice["changes"]:
                if _touches(change, one):
                    _apply(change, one, text_of_2014)
    return one


def is_direct(kind: str, code: str, subcategory: str, level: str, day: date) -> bool:
    """二级 applied for at once, where there are three levels (B1.6)."""
    return (
        kind in ("first", "addition")
        and level == "二级"
        and levels(code, subcategory) == ["一级", "二级", "三级"]
        and day >= kinds()["direct_second_level_from"]
    )


def direct_level(code: str, subcategory: str, day: date) -> Level:
    """Assets and technical leader by 二级, everything else by 三级 (B1.6)."""
    second = level_on(code, subcategory, "二级", day)
    third = level_on(code, subcategory, "三级", day)
    assert second is not None and third is not None
    by_second = ("net_assets", "assets_other", "technical_lead")

    def is_by_second(name: str) -> bool:
        return name.rstrip("?").split(".")[0] in by_second

    parts = {n: p for n, p in second.parts.items() if is_by_second(n)}
    parts |= {n: p for n, p in third.parts.items() if not is_by_second(n)}
    unknown = [n for n in second.unknown if is_by_second(n)]
    unknown += [n for n in third.unknown if not is_by_second(n)]
    return Level(
        code,
        "二级",
        subcategory,
        False,
        parts,
        [],
        unknown,
        day,
        second.scope_basis,
        third.platform,
    )


def _touches(change: dict[str, Any], one: Level) -> bool:
    place = "lowest" if one.is_lowest else "above_lowest"
    return (
        one.code in change.get("codes", [one.code])
        and one.level in change.get("levels", [one.level])
        and change.get("select", place) == place
    )


def _apply(change: dict[str, Any], one: Level, text_of_2014: dict[str, Any]) -> None:
    replaced = change.get("replace")
    if "remove" in change:
        _remove(change, one)
    elif replaced == "performance_class":
        for entry in one.parts["performance"]["classes"]:
            if entry["n"] == change["n"]:
                entry["any_of"] = change["with"]["any_of"]
                entry["basis"] = change.get("basis") or "seen"
    elif replaced == "scope_limit":
        one.limits = [change["with"] if _is_limit(x, change) else x for x in one.limits]
    elif "restore" in change:
        part = change["restore"]
        if part in text_of_2014["requirements"]:
            one.parts[part] = copy.deepcopy(text_of_2014["requirements"][part])
        one.unknown += [n for n in text_of_2014["unknown"] if n.rstrip("?").split(".")[0] == part]
    elif change.get("require") == "platform":
        one.platform.append(change["with"])
    else:
        assert "notice" in change, change


def _remove(change: dict[str, Any], one: Level) -> None:
    removed = change["remove"]
    if removed == "scope":
        one.limits = []
        one.unknown = [name for name in one.unknown if not name.startswith("scope_limits")]
    elif removed == "scope_limit":
        one.limits = [limit for limit in one.limits if not _is_limit(limit, change)]
    else:
        one.parts.pop(removed, None)
        # What is no longer asked need not be known (reading 7).
        one.unknown = [n for n in one.unknown if n.rstrip("?").split(".")[0] != removed]


def _is_limit(limit: dict[str, Any], change: dict[str, Any]) -> bool:
    return bool(limit.get("works") == change["works"] and limit.get("where") == change["where"])


def assessed_parts(assessment: str, one: Level, day: date) -> list[str]:
    """The parts that an assessment looks at, in the order of the standard."""
    place = "lowest" if one.is_lowest else "higher"
    for row in kinds()["assessed"]:
        if (
            row["assessment"] == assessment
            and place in row["places"]
            and row["valid_from"] <= day <= row.get("valid_to", day)
        ):
            return [part for part in row["parts"] if one.asks(part)]
    return []
