"""Conditions of the fact sheets (`where`), read, met at their very edge, and missed by the least.

Belongs here: the little language of README's "Conditions", independent of the rulebook's own
parser. Does not: works or machines that have the measures (`unit_plans`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

CODE_LISTS = Path(__file__).parents[2] / "decisions" / "standards" / "codes"
Value = Decimal | str
"""What a measure shows: a number in the metric's one unit, or a label."""

ORDERS: dict[str, tuple[str, ...]] = {
    "公路等级": ("高速公路", "一级", "二级", "三级", "四级"),
    "铁路等级": ("Ⅰ级", "Ⅱ级", "Ⅲ级", "Ⅳ级"),
    "道路等级": ("快速路", "主干道", "次干道", "支路"),
    "飞行区指标": (
        "4F",
        "4E",
        "4D",
        "4C",
        "4B",
        "4A",
        "3D",
        "3C",
        "3B",
        "3A",
        "2C",
        "2B",
        "2A",
        "1B",
        "1A",
    ),
    "工程规模": ("超大型", "大(1)型", "大(2)型", "大型", "中型", "小型", "小(1)型", "小(2)型"),
    "桥涵规模": ("特大", "大", "中", "小"),
    "建筑物级别": ("1级", "2级", "3级", "4级", "5级"),
    "堤防级别": ("1级", "2级", "3级", "4级", "5级"),
    "压力级别": ("高压", "次高压", "中压", "低压"),
    "水文地质条件": ("极复杂", "复杂", "中等", "简单"),
    "文物保护级别": ("国家级", "省级", "市县级"),
}
"""Values with an order, the highest first (the sheets' own lists)."""
COARSE = {"大(1)型": "大型", "大(2)型": "大型", "小(1)型": "小型", "小(2)型": "小型"}
"""Fine sizes to the coarse one they are compared by, where either side is coarse."""
WHOLE = frozenset({"地上层数", "层数", "吊点数", "设施种类数", "数量", "基站数", "载频数", "端数"})
"""Metrics that come in whole numbers."""
STEP = Decimal("0.0001")
"""The finest difference a measure can have."""
CENT = Decimal("0.000001")
"""The finest difference of money in 万元."""
MONEY = frozenset({"单项合同额", "合同额"})
"""Read from the contract, in 万元; never a measure of the works."""


@cache
def _metrics() -> dict[str, dict[str, Any]]:
    text = (CODE_LISTS / "metrics.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return loaded


NAMED_APART = {
    ("长度", "条公里"): "条长",
    ("长度", "孔公里"): "孔长",
    ("生产率", "立方米/小时"): "体积生产率",
}
"""Where a sheet measures two different things under one name; the evidence names them apart."""


def named(metric: str, unit: str) -> str:
    """The name under which the evidence keeps what a sheet measures in a unit."""
    return NAMED_APART.get((metric, unit), metric)


def in_one_unit(metric: str, number: Decimal, unit: str) -> Decimal:
    """A figure of a sheet in the unit the evidence tables store the metric in."""
    known = _metrics().get(metric, {})
    if metric in MONEY or not unit or unit == known.get("unit", ""):
        return number
    factor = known.get("accepts", {}).get(unit)
    assert factor is not None, f"{metric}: no factor from {unit} (codes/metrics.yaml: {known})"
    return number * Decimal(str(factor))


@dataclass(frozen=True, slots=True)
class Atom:
    """One comparison; a range is two of them."""

    metric: str
    op: str
    """`>=`, `<=`, `>`, `<`, `==`, `!=`, `in`, `not in`, `includes`."""
    number: Decimal | None = None
    labels: tuple[str, ...] = ()

    @property
    def step(self) -> Decimal:
        """The least difference that matters."""
        if self.metric in MONEY:
            return CENT
        return Decimal(1) if self.metric in WHOLE else STEP

    def edge(self) -> Value:
        """The least that meets it."""
        if self.number is not None:
            return self.number + {">": self.step, "<": -self.step}.get(self.op, Decimal(0))
        if self.op in ("not in", "!="):
            known = ORDERS.get(self.metric, ())
            others = [one for one in reversed(known) if one not in self.labels]
            return others[0] if others else "其他"
        if self.op == "includes":
            return "、".join(self.labels)
        ranks = ORDERS.get(self.metric, ())
        if self.op in (">", "<"):
            place = ranks.index(self.labels[0])
            return ranks[place - 1 if self.op == ">" else place + 1]
        return self.labels[0]

    def beyond(self) -> Value | None:
        """A little more than the edge, still met; None where there is nothing more."""
        if self.number is not None:
            edge = self.edge()
            assert isinstance(edge, Decimal)
            if self.op in (">=", ">"):
                return edge + self.step
            return edge - self.step if self.op in ("<=", "<") else None
        return self._neighbour({">=": -1, ">": -2, "<=": 1, "<": 2}.get(self.op))

    def short(self) -> Value | None:
        """The nearest value that misses it; None where every value meets it."""
        if self.number is not None:
            if self.op in (">=", "=="):
                return self.number - self.step
            return self.number if self.op in (">", "<") else self.number + self.step
        if self.op in ("==", "in", "includes"):
            ranks = ORDERS.get(self.metric, ())
            lower = [
                one
                for one in ranks
                if one not in self.labels and ranks.index(one) > ranks.index(self.labels[0])
            ]
            if lower:
                return lower[0]
            return (
                "、".join(self.labels[:-1])
                if len(self.labels) > 1 and self.op == "includes"
                else "其他"
            )
        if self.op in ("!=", "not in"):
            return self.labels[0]
        return self._neighbour({">=": 1, ">": 0, "<=": -1, "<": 0}.get(self.op))

    def _neighbour(self, away: int | None) -> str | None:
        ranks = ORDERS.get(self.metric, ())
        if away is None or not ranks:
            return None
        own = COARSE.get(self.labels[0], self.labels[0])
        # On the coarse scale: 大(1)型 and 大型 are no neighbours, but one.
        ranks = tuple(r for r in ranks if COARSE.get(r, r) != own or r == self.labels[0])
        place = ranks.index(self.labels[0]) + away
        return ranks[place] if 0 <= place < len(ranks) else None

    def holds(self, value: Value | None) -> bool | None:
        """Whether a measure meets it; None if there is no measure."""
        if value is None:
            return None
        if self.number is not None:
            assert isinstance(value, Decimal), (self, value)
            return {
                ">=": value >= self.number,
                "<=": value <= self.number,
                ">": value > self.number,
                "<": value < self.number,
                "==": value == self.number,
                "!=": value != self.number,
            }[self.op]
        assert isinstance(value, str), (self, value)
        if self.op == "includes":
            return set(self.labels) <= set(value.split("、"))
        if self.op in ("==", "in"):
            return value in self.labels
        if self.op in ("!=", "not in"):
            return value not in self.labels
        ranks = ORDERS[self.metric]
        place, asked = ranks.index(value), ranks.index(self.labels[0])
        return {">=": place <= asked, ">": place < asked, "<=": place >= asked, "<": place > asked}[
            self.op
        ]


Conjunction = tuple[Atom, ...]

_ATOM = re.compile(
    r"^(?:(?P<low>[\d.]+) (?P<low_op><=|<) )?(?P<metric>\S+) "
    r"(?P<op>>=|<=|==|!=|>|<|not in|in|includes) (?P<value>\[.*\]|\S+)(?: (?P<unit>\S+))?$"
)
_NUMBER = re.compile(r"^([\d.]+)(\D*)$")


def _atoms(text: str) -> Conjunction:
    found = _ATOM.match(text.strip().replace("⑴", "(1)").replace("⑵", "(2)"))
    assert found, f"condition not understood: {text}"
    metric, value = found["metric"], found["value"]
    if value.startswith("["):
        return (Atom(metric, found["op"], labels=tuple(re.split(r",\s*", value.strip("[]")))),)
    number = _NUMBER.match(value)
    if metric in ORDERS or number is None:
        return (Atom(metric, found["op"], labels=(value,)),)
    unit = found["unit"] or number[2]
    metric = named(metric, unit)
    atoms = [Atom(metric, found["op"], in_one_unit(metric, Decimal(number[1]), unit))]
    if found["low"]:
        low = in_one_unit(metric, Decimal(found["low"]), unit)
        atoms.insert(0, Atom(metric, ">=" if found["low_op"] == "<=" else ">", low))
    return tuple(atoms)


def _split(text: str, word: str) -> list[str]:
    """The pieces between a word that stands outside all parentheses."""
    pieces, depth, start, at = [], 0, 0, 0
    while at < len(text):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0 and text.startswith(word, at):
            pieces.append(text[start:at])
            at += len(word)
            start = at
            continue
        at += 1
    return [*pieces, text[start:]]


@cache
def ways(where: str) -> tuple[Conjunction, ...]:
    """The condition as alternatives, each a list of comparisons that must all hold; `` = always."""
    if not where:
        return ((),)

    def read(text: str) -> list[Conjunction]:
        text = text.strip()
        alternatives = _split(text, " or ")
        if len(alternatives) > 1:
            return [one for piece in alternatives for one in read(piece)]
        joined = _split(text, " and ")
        if len(joined) > 1:
            found: list[Conjunction] = [()]
            for piece in joined:
                found = [(*left, *right) for left in found for right in read(piece)]
            return found
        return read(text[1:-1]) if text.startswith("(") else [_atoms(text)]

    return tuple(read(where.replace("(1)", "⑴").replace("(2)", "⑵")))


def edge_of(conjunction: Conjunction) -> dict[str, Value]:
    """The least measures that meet every comparison; of two on one metric the first decides."""
    met: dict[str, Value] = {}
    for atom in conjunction:
        met.setdefault(atom.metric, atom.edge())
    for atom in conjunction:
        assert atom.holds(met[atom.metric]), f"no value meets all of {conjunction}"
    return met


def truth(where: str, shown: Mapping[str, Value]) -> bool | None:
    """Whether measures meet a condition: three-valued, a missing measure decides nothing."""
    answers = [
        _every([atom.holds(shown.get(atom.metric)) for atom in conjunction])
        for conjunction in ways(where)
    ]
    if True in answers:
        return True
    return None if None in answers else False


def _every(answers: list[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def comparisons(where: str) -> Iterator[Atom]:
    """Every comparison of a condition."""
    for conjunction in ways(where):
        yield from conjunction
