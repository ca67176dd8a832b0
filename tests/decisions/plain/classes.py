"""Classes of the performance, E16 to E18: lines of counts and sums, and no unit for two counts.

Belongs here: which classes units can meet at once, by trying every assignment. Does not: whether a
unit counts at all (`projects`), what it measures (`units`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, product
from typing import Any

from plain.conditions import figure, metrics_of, parsed
from plain.doubt import Truth, every, some
from plain.units import MONEY, Unit

PIECES = "数量"
SEVERAL_AT_ONCE = ("台", "套")
"""Things of which one unit project may have several; the measure 数量 says how many."""


class Line:
    """One way to meet a class: a count of units, a sum over them, or several of these together."""

    def __init__(
        self,
        line: Mapping[str, Any],
        own: list[Unit],
        standing: Mapping[str, Truth],
    ) -> None:
        self.counts: list[Count] = []
        self.sums: list[Sum] = []
        for one in line.get("all_of", [line]):
            inner = one.get("of", [one])
            fits = {
                unit.code: every(
                    [
                        standing[unit.code],
                        some(
                            every(
                                [
                                    unit.is_works(x["works"]),
                                    unit.meets(x),
                                    unit.is_priced_alone if _is_of_money(x) else True,
                                ]
                            )
                            for x in inner
                        ),
                    ]
                )
                for unit in own
            }
            able = {u.code: u for u in own if fits[u.code] is not False}
            if "sum" in one:
                self.sums.append(Sum(one, able, fits))
            else:
                self.counts.append(Count(one, able, fits, any(_is_of_money(x) for x in inner)))


def _is_of_money(line: Mapping[str, Any]) -> bool:
    """Whether the price of the contract is asked for."""
    return line.get("sum") in MONEY or bool(metrics_of(parsed(line.get("where", ""))) & set(MONEY))


class Count:
    """So many units, each for this alone (E16)."""

    def __init__(
        self,
        line: Mapping[str, Any],
        able: dict[str, Unit],
        fits: Mapping[str, Truth],
        by_price: bool,
    ) -> None:
        self.need: int = line["count"]
        self.able, self.fits = able, fits
        self.by_price = by_price
        self.has_pieces = line.get("counted_in") in SEVERAL_AT_ONCE
        self.works: str = line.get("of", [line])[0]["works"]

    def units(self, *, surely: bool) -> list[str]:
        """Codes of the units that serve."""
        return [c for c in self.able if self.fits[c] is True or not surely]

    def weight(self, code: str, *, surely: bool) -> int:
        """How many pieces a unit stands for: one, or what 数量 says of machines."""
        if not self.has_pieces:
            return 1
        told = self.able[code].values(self.works).get(PIECES, [])
        known = [int(v) for v in told if isinstance(v, Decimal)]
        if surely:
            return max(known, default=1)
        return max(known) if known and len(known) == len(told) else self.need

    def is_met_by(self, chosen: tuple[str, ...], *, surely: bool) -> bool:
        """Whether these units are as many as asked; the price of a contract counts once (E20)."""
        if self.by_price:
            return len({self.able[c].contract_no for c in chosen}) >= self.need
        return sum(self.weight(c, surely=surely) for c in chosen) >= self.need


class Sum:
    """A measure added up over the units, within a year where the text says so."""

    def __init__(
        self, line: Mapping[str, Any], able: dict[str, Unit], fits: Mapping[str, Truth]
    ) -> None:
        self.metric: str = line["sum"]
        self.works: str = line["works"]
        self.needed = figure(self.metric, line["at_least"])
        self.yearly = line.get("per") == "year"
        self.able, self.fits = able, fits

    def reached(self, used: frozenset[str], *, surely: bool) -> bool:
        """Whether the sum is reached without the units used elsewhere.

        What is not known of a unit that may count could be any amount.
        """
        totals: dict[int | None, Decimal] = {}
        priced: set[str] = set()
        for code, unit in self.able.items():
            if code in used or (surely and self.fits[code] is not True):
                continue
            amounts = unit.values(self.works).get(self.metric, [None])
            known = [a for a in amounts if isinstance(a, Decimal)]
            if not surely and len(known) < len(amounts):
                return True
            if self.metric in MONEY:
                if unit.contract_no in priced:
                    continue
                priced.add(unit.contract_no)
            years: list[int | None] = [None]
            if self.yearly:
                accepted = [row.day("accepted_on") for row in unit.acceptances if row.is_trusted]
                if not surely and (None in accepted or not accepted):
                    return True
                years = [day.year for day in accepted if day is not None]
            for year in years:
                totals[year] = totals.get(year, Decimal(0)) + sum(known, Decimal(0))
        return any(total >= self.needed for total in totals.values())


@dataclass(frozen=True)
class Class:
    """One class of the performance: any of its lines."""

    n: int
    lines: list[Line]

    def alone(self, *, surely: bool) -> bool:
        """Whether any line is met, if a unit might serve twice."""
        return any(
            all(one.reached(frozenset(), surely=surely) for one in line.sums)
            and all(c.is_met_by(tuple(c.units(surely=surely)), surely=surely) for c in line.counts)
            for line in self.lines
        )


def met(classes: list[Class], shares: bool, *, surely: bool) -> bool:
    """Whether all these classes can be met at once, no unit serving two counts (E16 to E18)."""
    return any(
        _served(lines, shares, surely=surely) for lines in product(*(c.lines for c in classes))
    )


def _served(lines: tuple[Line, ...], shares: bool, *, surely: bool) -> bool:
    counts = [count for line in lines for count in line.counts]
    sums = [one for line in lines for one in line.sums]
    if not all(one.reached(frozenset(), surely=surely) for one in sums):
        return False
    if not all(c.is_met_by(tuple(c.units(surely=surely)), surely=surely) for c in counts):
        return False
    return any(
        shares or all(one.reached(used, surely=surely) for one in sums)
        for used in _assignments(counts, frozenset(), surely=surely)
    )


def _assignments(
    counts: list[Count], used: frozenset[str], *, surely: bool
) -> Iterator[frozenset[str]]:
    """Every way to give each count units of its own; smallest choices only."""
    if not counts:
        yield used
        return
    first, *rest = sorted(counts, key=lambda c: len(c.units(surely=surely)))
    free = [c for c in first.units(surely=surely) if c not in used]
    for size in range(1, len(free) + 1):
        for chosen in combinations(free, size):
            if not first.is_met_by(chosen, surely=surely):
                continue
            if any(
                first.is_met_by(chosen[:i] + chosen[i + 1 :], surely=surely) for i in range(size)
            ):
                continue  # one of them is not needed here
            yield from _assignments(rest, used | set(chosen), surely=surely)


def enough(
    asked: Mapping[str, Any],
    classes: list[Class],
    missing: list[int | None],
    shares: bool,
    *,
    surely: bool,
) -> bool:
    """Whether as many different classes as needed are met, the mandatory ones among them (E18)."""
    jokers: list[int | None] = [] if surely else missing
    able = [c for c in classes if met([c], shares, surely=surely)]
    names: list[int | None] = [*(c.n for c in able), *jokers]
    by_number = {c.n: c for c in able}
    need = asked["need"]
    for chosen in combinations(range(len(names)), need):
        numbers = [names[i] for i in chosen]
        if any(n not in numbers for n in asked.get("mandatory", [])):
            continue
        if any(
            sum(n in group["classes"] for n in numbers) + sum(n is None for n in numbers)
            < group["at_least"]
            for group in asked.get("min_from", [])
        ):
            continue
        real = [by_number[n] for n in numbers if n in by_number]
        if met(real, shares, surely=surely):
            return True
    wanted = asked.get("one_class_count")
    return wanted is not None and any(_of_one_class(c, wanted, surely=surely) for c in classes)


def _of_one_class(one: Class, wanted: int, *, surely: bool) -> bool:
    """So many projects of one and the same class."""
    units: dict[str, bool] = {}
    for line in one.lines:
        for count in line.counts:
            for code in count.units(surely=surely):
                units[code] = True
    return len(units) >= wanted
