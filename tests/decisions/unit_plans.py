"""Which works meet the performance classes of a sheet exactly: nothing to spare, nothing unsaid.

Belongs here: from the lines of a class to unit projects. A unit that serves one line also shows
every other measure the level looks at in works of its kind, too small to count: a shortfall is
then certain, never merely unknown. Does not: contracts, acceptance, people (`exact`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sheets import Rank, UnitPlan
from where import (
    CENT,
    MONEY,
    ORDERS,
    STEP,
    WHOLE,
    Atom,
    Conjunction,
    Value,
    comparisons,
    edge_of,
    in_one_unit,
    named,
    truth,
    ways,
)

Rule = dict[str, Any]

WIDER: dict[str, tuple[str, ...]] = {
    "民用建筑工程": ("单体工业、民用建筑工程", "工业、民用建筑工程", "建筑工程"),
    "单体工业、民用建筑工程": ("工业、民用建筑工程", "建筑工程"),
    "构筑物工程": ("建筑工程",),
    "钢筋混凝土结构建筑工程": ("建筑工程",),
    "钢结构建筑工程": ("建筑工程",),
    **dict.fromkeys(("钢结构工程", "网壳网架结构工程"), ("钢结构工程（含网壳网架）",)),
    "中压燃气管道": ("燃气管道",),
    **dict.fromkeys(("水库、水电站大坝", "水闸", "水工隧洞"), ("水利水电工程", "水工建筑物")),
    **dict.fromkeys(
        ("水电站", "泵站", "水工混凝土浇筑", "坝体土石方填筑", "灌浆", "防渗墙"), ("水利水电工程",)
    ),
    "船闸工程": ("通航建筑物工程",),
    "升船机工程": ("通航建筑物工程",),
    "总承包铁路综合工程": ("铁路综合工程",),
    "闸门制作安装工程": ("金属结构制作安装工程",),
    "压力钢管制作安装工程": ("金属结构制作安装工程",),
    "拦污栅制作安装工程": ("金属结构制作安装工程",),
}
"""Kinds of works to the wider kinds of the same sheet that they are, too."""
KINDS = {
    "建筑工程": "民用建筑工程",
    "单体工业、民用建筑工程": "民用建筑工程",
    "水利水电工程": "泵站",
    "金属结构制作安装工程": "拦污栅制作安装工程",
    "通航建筑物工程": "船闸工程",
    "钢结构工程（含网壳网架）": "钢结构工程",
}
"""Kinds of works too wide for a record of one work, to the kind that is put on record."""
RAILWAYS = frozenset({"G03", "S19", "S20", "S21"})
"""Where works counted singly add to no sum (E17)."""
MACHINES, PIECES = ("台", "套"), "数量"
"""Things of which one work may have several, and the measure that says how many."""
SMALL_PRICE = Decimal(1)
"""万元, of contracts whose price is not what counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """One line of a class, read one way: what a set of works has to show."""

    n: int
    number: int
    rule: Rule
    parts: tuple[tuple[Rule, Conjunction], ...]
    """The lines that must all hold, one unless `all_of`, each with the alternative it meets."""
    contracting: tuple[str, ...]
    label: str

    def __str__(self) -> str:
        return self.label

    @property
    def is_sum(self) -> bool:
        """Whether it only adds up."""
        return all("sum" in rule for rule, _ in self.parts)

    @property
    def is_of_money(self) -> bool:
        """Whether it adds up contract prices."""
        return any(summed(rule) in MONEY for rule, _ in self.parts if "sum" in rule)


def served_lines(rank: Rank, on: date) -> list[Served]:
    """Every line of every class of a level, `of` lists and alternatives opened."""
    performance = rank.asked(on).get("performance", {})
    return [
        one for entry in performance.get("classes", []) for one in _of_class(entry, performance)
    ]


def _of_class(entry: Rule, performance: Rule) -> Iterator[Served]:
    contracting = tuple(entry.get("contracting", performance.get("contracting", ())))
    for number, rule in enumerate(entry["any_of"]):
        name = f"class {entry['n']} line {number + 1}"
        if "all_of" in rule:
            parts = tuple((one, ways(one.get("where", ""))[0]) for one in rule["all_of"])
            kinds = "、".join(dict.fromkeys(one["project"] for one in rule["all_of"]))
            yield Served(entry["n"], number, rule, parts, contracting, f"{name} ({kinds})")
            continue
        inner = rule.get("of", [rule])
        for of, one in enumerate(inner):
            whole = {**one, "count": rule["count"]} if "of" in rule else rule
            for way_number, way in enumerate(ways(one.get("where", ""))):
                label = name + (f".{of + 1}" if "of" in rule else "")
                label += f" way {way_number + 1}" if len(ways(one.get("where", ""))) > 1 else ""
                yield Served(
                    entry["n"],
                    number,
                    rule,
                    ((whole, way),),
                    contracting,
                    f"{label} ({one['project']})",
                )


def shown(unit: UnitPlan) -> dict[str, Value]:
    """Every measure of a unit, money too."""
    return {metric: value for _, metric, value in unit.measures} | dict.fromkeys(
        MONEY, unit.amount_wan
    )


def with_value(unit: UnitPlan, metric: str, value: Value) -> UnitPlan:
    """The unit with one measure, or its price, set."""
    if metric in MONEY:
        assert isinstance(value, Decimal)
        return replace(unit, amount_wan=value)
    return unit.with_measure(unit.works_type, metric, value)


def mixed_lines(rule: Rule) -> list[Rule]:
    """The lines a count, or everything together, is made of."""
    inner: list[Rule] = rule.get("of", rule.get("all_of", [rule]))
    return inner


def lines_of(rank: Rank, on: date, works_type: str) -> Iterator[Rule]:
    """Every line of the level's performance that looks at works of this kind."""
    for entry in rank.asked(on).get("performance", {}).get("classes", []):
        for rule in entry["any_of"]:
            for one in mixed_lines(rule):
                if one["project"] in (works_type, *WIDER.get(works_type, ())):
                    yield one


def filled(unit: UnitPlan, rank: Rank, on: date) -> UnitPlan:
    """The unit with every other measure the level looks at, too small to serve anything."""
    for rule in lines_of(rank, on, unit.works_type):
        for atom in comparisons(rule.get("where", "")):
            if atom.metric not in shown(unit):
                unit = with_value(unit, atom.metric, _too_small(atom))
        if "sum" in rule and summed(rule) not in shown(unit):
            # Whole numbers: a sum of them is exact however it is added up.
            small = Decimal(1) if asked_sum(rule) > 1000 else least(summed(rule))
            unit = with_value(unit, summed(rule), small)
        if rule.get("unit") in MACHINES:
            unit = with_value(unit, PIECES, Decimal(1))
    return within(unit, rank.top, on)


def within(unit: UnitPlan, rank: Rank, on: date) -> UnitPlan:
    """The unit with what the scope of a level looks at, inside its limits."""
    for limit in rank.asked(on).get("scope_limits") or []:
        if limit["project"] in (unit.works_type, *WIDER.get(unit.works_type, ())):
            for atom in ways(limit.get("where", ""))[0]:
                if atom.metric not in shown(unit):
                    edge = atom.edge()
                    small = least(atom.metric) if isinstance(edge, Decimal) else edge
                    unit = with_value(unit, atom.metric, small)
    return unit


def least(metric: str) -> Decimal:
    """The smallest amount of a metric that is something."""
    if metric in MONEY:
        return CENT
    return Decimal(1) if metric in WHOLE else STEP


def _too_small(atom: Atom) -> Value:
    if atom.number is not None:
        return least(atom.metric) if atom.op in (">=", ">", "==") else atom.number + atom.step
    if atom.op in (">=", ">"):
        return ORDERS[atom.metric][-1]
    short = atom.short()
    assert short is not None, atom
    return short


def units_for(
    served: Served, rank: Rank, on: date, already: Iterable[UnitPlan] = ()
) -> list[UnitPlan]:
    """The units that, with those there already, reach a line exactly.

    A sum is split over two units, so that it takes both; units there already that fit add to it.
    """
    made: list[UnitPlan] = []
    for rule, way in served.parts:
        if "count" in rule:
            base = _base(rule["project"], way)
            made += [filled(base, rank, on)] * rule["count"]
    for rule, way in served.parts:
        if "sum" not in rule:
            continue
        own = [n for n, unit in enumerate(made) if fits(rule, unit)]
        if not own:
            base = filled(_base(rule["project"], way), rank, on)
            made += [base] * _works_of_a_sum(rule, base, rank, on)
            own = [n for n, unit in enumerate(made) if fits(rule, unit)]
        missing = asked_sum(rule) - (0 if rank.code in RAILWAYS else added_up(rule, already))
        assert missing > 0, f"{rank} {served}: met by others already"
        share = (missing / len(own)).quantize(Decimal(1) if missing > 1000 else least(summed(rule)))
        for place, n in enumerate(own):
            part = missing - share * (len(own) - 1) if place == 0 else share
            made[n] = with_value(made[n], summed(rule), part)
    return made


def _works_of_a_sum(rule: Rule, base: UnitPlan, rank: Rank, on: date) -> int:
    """Two, so that the sum takes both; more where half of it would serve a count by itself."""
    if asked_sum(rule) < 2 and summed(rule) in WHOLE:
        return 1  # what only counts as a whole thing cannot be halved below one
    counts = [one for one in lines_of(rank, on, base.works_type) if "count" in one]
    for works in range(2, 10):
        part = with_value(base, summed(rule), asked_sum(rule) / works)
        if not any(fits(one, part) and not fits(one, base) for one in counts):
            return works
    raise AssertionError(f"{rank}: every part of {rule} serves a count")


def _base(project: str, way: Conjunction) -> UnitPlan:
    unit = UnitPlan(KINDS.get(project, project), (), SMALL_PRICE)
    for metric, value in edge_of(way).items():
        unit = with_value(unit, metric, value)
    return unit


def summed(rule: Rule) -> str:
    """The metric a line adds up, by the name the evidence keeps it under."""
    return named(rule["sum"], rule.get("unit", ""))


def asked_sum(rule: Rule) -> Decimal:
    """What a sum must reach, in the metric's one unit."""
    return in_one_unit(summed(rule), Decimal(str(rule["min"])), rule.get("unit", ""))


def fits(rule: Rule, unit: UnitPlan) -> bool:
    """Whether a unit is of the kind of a line and surely meets its condition."""
    kinds = (unit.works_type, *WIDER.get(unit.works_type, ()))
    return rule["project"] in kinds and truth(rule.get("where", ""), shown(unit)) is True


def added_up(rule: Rule, units: Iterable[UnitPlan]) -> Decimal:
    """What units add to a sum."""
    values = [shown(unit).get(summed(rule)) for unit in units if fits(rule, unit)]
    return sum((one for one in values if isinstance(one, Decimal)), Decimal(0))


def choice(rank: Rank, on: date, first: Served | None = None) -> list[Served]:
    """Just enough lines to meet the part, `first` among them: one of each class taken.

    Fewer than `need` where the sheet does not know enough classes.
    """
    performance = rank.asked(on)["performance"]
    per_class: dict[int, Served] = {}
    for one in served_lines(rank, on):
        per_class.setdefault(one.n, one)
    if first is not None:
        per_class[first.n] = first
    wanted = list(dict.fromkeys([*([first.n] if first else []), *performance.get("mandatory", [])]))
    for group in performance.get("min_from", []):
        lacking = group["min"] - len(set(group["classes"]) & set(wanted))
        free = [n for n in group["classes"] if n not in wanted and n in per_class]
        wanted += free[: max(lacking, 0)]
    wanted += [n for n in per_class if n not in wanted]
    return [per_class[n] for n in wanted[: performance["need"]]]


def units_of_choice(
    chosen: Iterable[Served], rank: Rank, on: date
) -> list[tuple[Served, list[UnitPlan]]]:
    """The units of each line chosen; sums last, sums of money very last: the others add to them."""
    made: dict[Served, list[UnitPlan]] = {}
    ordered = sorted(chosen, key=lambda one: (one.is_sum, one.is_sum and one.is_of_money))
    for one in ordered:
        made[one] = units_for(one, rank, on, [unit for units in made.values() for unit in units])
    return list(made.items())
