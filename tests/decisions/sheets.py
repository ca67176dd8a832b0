"""The figures of tests/facts as the law reads them on a day: what the portfolios are built from.

Belongs here: reading the sheets, the later notices, and what one project must show to serve one
line of a performance class. Does not: rows of base tables (`portfolio`). Nothing here may read
the rulebook: these figures are its judge.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FACTS = Path(__file__).parent.parent / "facts"
CODES = ("G01", "G10", "S04", "S11")
AMOUNT = "单项合同额"
PEOPLE_PARTS = ("constructors", "titled_staff", "site_managers", "skilled_workers")

_UNITS = {
    "": 1,
    "米": 1,
    "平方米": 1,
    "吨/日": 1,
    "千瓦": 1,
    "公里": 1000,
    "万平方米": 10_000,
    "万吨/日": 10_000,
    "万元": 1,
}
"""To the one unit of each metric; 万元 stays, because contract money is no measure."""


@cache
def _sheet(code: str) -> dict[str, Any]:
    text = (FACTS / f"{code}.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return loaded


@cache
def _notices() -> list[dict[str, Any]]:
    text = (FACTS / "amendments.yaml").read_text(encoding="utf-8")
    loaded: list[dict[str, Any]] = yaml.safe_load(text)["amendments"]
    return sorted(loaded, key=lambda notice: notice["effective"] or date.max)


def levels(code: str) -> list[str]:
    """The levels of a category, the highest first."""
    return list(dict.fromkeys(entry["level"] for entry in _sheet(code)["levels"]))


def encoded() -> list[str]:
    """The categories whose sheet is here, in the order of the standard."""
    return sorted(path.stem for path in FACTS.glob("[GS][0-9][0-9].yaml"))


@dataclass(frozen=True, slots=True, order=True)
class Rank:
    """One level of a category, or of one of its sub-categories (S18)."""

    code: str
    level: str
    subcategory: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.code, self.subcategory, self.level)))

    @property
    def is_lowest(self) -> bool:
        """Whether first applications start here (A7)."""
        return self.level == lowest_level(self.code)

    @property
    def lower(self) -> Rank:
        """The level an upgrade starts from (B2.1)."""
        return Rank(self.code, next_lower(self.code, self.level), self.subcategory)

    @property
    def top(self) -> Rank:
        """The highest level of the standard."""
        return Rank(self.code, levels(self.code)[0], self.subcategory)

    def asked(self, on: date) -> dict[str, Any]:
        """What the level asks on a day."""
        return figures(self.code, self.level, on, self.subcategory)


def ranks(code: str) -> list[Rank]:
    """Every level of a category, sub-categories apart."""
    return [
        Rank(code, entry["level"], entry.get("subcategory", "")) for entry in _sheet(code)["levels"]
    ]


_MINISTRY = {
    "一级": {
        *(f"G{n:02}" for n in range(1, 13)),
        *("S07", "S08", "S16", "S17", "S18"),
        *(f"S{n}" for n in range(19, 32)),
    },
    "二级": {"G03", "S19", "S20", "S21", "S22", "S23", "S24"},
}
_CITY_NOT = {"G03", "G11", "S19", "S21"}
_CITY_WITHOUT_LEVELS = {"S03", "S10"}


def authority_of(code: str, level: str) -> str:
    """Who decides (令22 Arts. 9-11, Table A)."""
    if code in _MINISTRY.get(level, ()):
        return "ministry"
    if level == "三级":
        return "province" if code in _CITY_NOT else "city"
    return "city" if code in _CITY_WITHOUT_LEVELS else "province"


def lowest_level(code: str) -> str:
    """Where a first application starts (A7)."""
    return levels(code)[-1]


def next_lower(code: str, level: str) -> str:
    """The level an upgrade to `level` starts from (B2.1)."""
    names = levels(code)
    return names[names.index(level) + 1]


@cache
def _lists_of_majors() -> dict[str, list[str]]:
    """The closed lists the notes of the text give: they hold wherever the name stands."""
    return {
        name: listed
        for code in encoded()
        for name, listed in _sheet(code).get("related_majors", {}).items()
    }


def related_majors(code: str, majors: list[str]) -> list[str]:
    """Majors with `…相关专业` replaced by the closed list the text gives for it (E10)."""
    known = _lists_of_majors() | _sheet(code).get("related_majors", {})
    return [one for major in majors for one in known.get(major, [major])]


@cache
def figures(code: str, level: str, on: date, subcategory: str = "") -> dict[str, Any]:
    """The parts the level asks under the text in force on a day, later notices laid over.

    One answer for everybody who asks: read it, do not change it.
    """
    entry: dict[str, Any] = copy.deepcopy(
        next(
            e
            for e in _sheet(code)["levels"]
            if (e["level"], e.get("subcategory", "")) == (level, subcategory)
        )
    )
    original = copy.deepcopy(entry)
    for part, value in _changes(code, level, on):
        if value is None:
            entry.pop(part, None)
            entry["unknown_keys"] = [
                key for key in entry.get("unknown_keys", []) if key.split(".")[0].strip("?") != part
            ]
        elif part.startswith("performance.classes."):
            wanted = int(part.rpartition(".")[2])
            for performance_class in entry["performance"]["classes"]:
                if performance_class["n"] == wanted:
                    performance_class["any_of"] = value["any_of"]
            entry["recalled_keys"] = [
                key for key in entry["recalled_keys"] if key != f"performance.classes[n={wanted}]"
            ]
        elif value == {"restore": "text of 2014"}:
            entry |= {part: original[part]} if part in original else {}
            entry["unknown_keys"] += [
                key
                for key in original.get("unknown_keys", [])
                if key.split(".")[0].strip("?") == part and key not in entry["unknown_keys"]
            ]
    return entry


def _changes(code: str, level: str, on: date) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """What later notices in force on a day did to the parts of a level; None = taken away."""
    parts = (
        *PEOPLE_PARTS,
        "other_staff",
        "performance",
        "net_assets_wan",
        "technical_lead",
        "equipment",
    )
    for notice in _notices():
        if (
            notice["effective"] is None
            or notice["effective"] > on
            or notice["status"] != "in_force"
        ):
            continue
        for change in notice["changes"]:
            applies = any(
                code in one["codes"] and level in one["levels"] for one in change["applies_to"]
            )
            if applies and change["part"].split(".")[0] in parts:
                yield change["part"], None if change["op"] == "remove" else change["value"]


@cache
def unknown(code: str, level: str, on: date, subcategory: str = "") -> dict[str, list[str]]:
    """Parts assessed on a day whose text nobody found, or not all of it: part to what lacks.

    An empty name is the whole part. Limits of the scope are no part that is assessed.
    """
    found: dict[str, list[str]] = {}
    for key in figures(code, level, on, subcategory).get("unknown_keys", []):
        part, _, detail = key.rstrip("?").partition(".")
        if part not in ("scope_limits", "scope_zh"):
            found.setdefault({"net_assets_wan": "net_assets"}.get(part, part), []).append(detail)
    return found


def days_that_matter(code: str, level: str) -> list[tuple[date, str]]:
    """Days on which a later notice changes a part of the level, with the part."""
    ends = date(2026, 1, 1)
    known = sorted({notice["effective"] for notice in _notices() if notice["effective"]})
    found = []
    for day in (day for day in known if day < ends):
        before = dict.fromkeys(part for part, _ in _changes(code, level, day - timedelta(days=1)))
        after = list(_changes(code, level, day))
        found += [(day, part) for part, _ in after[len(before) :]]
    return found


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """What one unit project shows: its kind, its measures, the price of its contract."""

    works_type: str
    measures: tuple[tuple[str, str, Decimal | str], ...]
    amount_wan: Decimal = Decimal(1000)

    def with_measure(self, works_type: str, metric: str, value: Decimal | str) -> UnitPlan:
        """The plan with one measure set."""
        kept = tuple(m for m in self.measures if (m[0], m[1]) != (works_type, metric))
        return replace(self, measures=(*kept, (works_type, metric, value)))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a performance class that is enough by itself."""

    n: int
    number: int
    rule: dict[str, Any]
    of: int = 0
    """Which line of an `of` list the projects meet; the others are not used."""

    @property
    def name(self) -> str:
        """For test ids."""
        rule = self.match
        return f"class {self.n} line {self.number + 1}{f'.{self.of + 1}' if 'of' in self.rule else ''} ({rule['project']})"

    @property
    def match(self) -> dict[str, Any]:
        """Project and condition one project must fit."""
        inner: dict[str, Any] = self.rule["of"][self.of] if "of" in self.rule else self.rule
        return inner


def lines(code: str, level: str, on: date) -> Iterator[Line]:
    """Every line of every performance class of a level, `of` lists opened."""
    for performance_class in figures(code, level, on).get("performance", {}).get("classes", []):
        for number, rule in enumerate(performance_class["any_of"]):
            for of in range(len(rule.get("of", [None]))):
                yield Line(performance_class["n"], number, rule, of)


def line(code: str, level: str, on: date, n: int, number: int = 0) -> Line:
    """Line `number` (from 0) of class `n`."""
    return next(one for one in lines(code, level, on) if (one.n, one.number) == (n, number))


_CONDITION = re.compile(
    r"^(?:(?P<low>[\d.]+) <= )?(?P<metric>\D+?) (?P<op>>=|<=|<|==) (?P<value>\S+)(?: (?P<unit>\S+))?$"
)

_KINDS = {
    "单体工业、民用建筑工程": ("民用建筑工程", "民用建筑工程"),
    "建筑工程": ("民用建筑工程", "民用建筑工程"),
    "钢筋混凝土结构建筑工程": ("民用建筑工程", "钢筋混凝土结构建筑工程"),
    "钢结构建筑工程": ("民用建筑工程", "钢结构建筑工程"),
    "排水管道": ("污水管道", "污水管道"),
    "供水、中水管道": ("供水管道", "供水管道"),
}
"""Project of a line to (kind of the unit, kind its measure belongs to) where they differ."""


def _threshold(where: str) -> tuple[str, Decimal | str]:
    """Metric and the least value (or the label) that meets a condition; the first of an `or`."""
    found = _CONDITION.match(where.split(" or ", maxsplit=1)[0])
    assert found, f"condition not understood: {where}"
    unit = _UNITS[found["unit"] or ""]
    if found["low"]:
        return found["metric"], Decimal(found["low"]) * unit
    if re.fullmatch(r"[\d.]+", found["value"]):
        return found["metric"], Decimal(found["value"]) * unit
    return found["metric"], found["value"]


def plans(which: Line) -> list[UnitPlan]:
    """The projects that reach a line exactly: each is needed, none shows more than asked.

    A sum is split over two projects, so that it takes both.
    """
    rule, match = which.rule, which.match
    kind, measured = _KINDS.get(match["project"], (match["project"], match["project"]))
    plan = UnitPlan(kind, ())
    if "where" in match:
        metric, value = _threshold(match["where"])
        if metric == AMOUNT:
            assert isinstance(value, Decimal)
            plan = replace(plan, amount_wan=value)
        else:
            plan = plan.with_measure(measured, metric, value)
    if "sum" in rule:
        total = Decimal(str(rule["min"])) * _UNITS[rule["unit"]]
        return [
            plan.with_measure(measured, rule["sum"], part)
            for part in (total / 2, total - total / 2)
        ]
    return [plan] * rule["count"]


IN_SCOPE: dict[str, tuple[tuple[str, str, Decimal | str], ...]] = {
    "民用建筑工程": (
        ("民用建筑工程", "建筑高度", Decimal(40)),
        ("民用建筑工程", "单体建筑面积", Decimal(5000)),
        ("钢筋混凝土结构建筑工程", "单跨跨度", Decimal(9)),
    ),
    # The limits on 建筑工程 are asked of structures too: the text counts them among 建筑工程.
    "构筑物工程": (
        ("构筑物工程", "建筑高度", Decimal(30)),
        ("构筑物工程", "单体建筑面积", Decimal(100)),
        ("构筑物工程", "单跨跨度", Decimal(5)),
    ),
    "城市道路": (("城市道路", "道路等级", "主干道"),),
    "城市桥梁": (("城市桥梁", "单跨跨度", Decimal(15)),),
    "污水管道": (("污水管道", "直径", Decimal(1)),),
    "供水管道": (("供水管道", "直径", Decimal("0.6")),),
    "燃气管道": (("燃气管道", "压力", Decimal(1)),),
    "中压燃气管道": (("中压燃气管道", "压力级别", "中压"),),
    "热力管道": (("热力管道", "直径", Decimal("0.2")),),
    "城市隧道": (("城市隧道", "断面面积", Decimal(18)),),
}
"""What the lower level's scope looks at, with figures inside it and below every threshold used.

Without them it would not be known whether a project stayed within the level held on the day of
its contract (E14), and it could not count for certain.
"""
SCOPE_AREA_SINCE_226 = date(2016, 11, 1)


def described(plan: UnitPlan, signed_on: date) -> UnitPlan:
    """The plan with what the scope in force on the day of the contract looks at."""
    known = {(m[0], m[1]) for m in plan.measures}
    metrics = {m[1] for m in plan.measures}
    for works_type, metric, value in IN_SCOPE.get(plan.works_type, ()):
        name = metric
        if metric == "单体建筑面积" and signed_on >= SCOPE_AREA_SINCE_226:
            name = "建筑面积"
        if (works_type, name) in known or (name == "单跨跨度" and name in metrics):
            continue
        plan = plan.with_measure(works_type, name, value)
    return plan
