"""Which unit project serves which measure, where each may serve only one of several (E16).

Belongs here: a small integer programme (HiGHS through SciPy), for the few cases that simple
counts leave open. Does not: reading facts or rules, people (`decisions.people.heads`).

Mostly it is enough to go through the options once, the scarcest first; where that finds no way,
the programme does if there is one. Those that can serve the same are alike: it only says how many
of each sort go where, so that its size follows from the requirements, not from the number of
projects.

An evaluator that takes the first fit and stops is wrong (worked case W16): an assignment must be
found if there is one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import islice

import numpy as np

_Name = tuple[int, int, int]
"""Class, option and demand, by number."""
_Place = tuple[_Name, Decimal]
"""A demand, and for how much a unit would count there."""


@dataclass(frozen=True, slots=True)
class Demand:
    """So much of unit projects that serve nothing else: one demand of one option of a class.

    Attributes:
        class_n: the class.
        option_n: the option of it.
        asked: how many unit projects, or pieces of them (台, 套), or how much of a measure.
        units: for how much each unit project counts: one, its pieces, what it has of the measure.
    """

    class_n: int
    option_n: int
    asked: Decimal
    units: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Plan:
    """How many classes are needed, and which.

    Attributes:
        need: different classes (E18).
        mandatory: classes that must be among them.
        groups: at least so many classes of each list.
    """

    need: int
    mandatory: frozenset[int]
    groups: tuple[tuple[int, frozenset[int]], ...]


def assign_units(
    plan: Plan, options: Mapping[tuple[int, int], Sequence[Demand]]
) -> dict[tuple[int, int, int], frozenset[str]] | None:
    """Units for enough different classes, each unit for one measure; None if there is no way.

    Args:
        plan: what is needed.
        options: for every (class, option) whose other demands hold, those that share no units;
            an option without such demands holds by itself.

    Returns:
        Units by (class, option, demand) for the chosen options; a way as far as the solver's
        tolerance goes (`reaches` is exact).
    """
    # What all its units together do not reach needs no assignment.
    options = {
        name: demands
        for name, demands in options.items()
        if all(sum(one.units.values()) >= one.asked for one in demands)
    }
    names = sorted(options)
    if len({class_n for class_n, _ in names}) < max(plan.need, 1) or _are_too_few(plan, options):
        return None
    at_once = _at_once(plan, options)
    if at_once is not None:
        return at_once
    sorts = _sorts(_served_by(options))
    places = [(sort, place) for sort in sorts for place in sorted(sort)]
    chosen = {name: index for index, name in enumerate(names)}
    column = {place: len(names) + index for index, place in enumerate(places)}
    programme = _Programme(len(names) + len(places))
    _ask(programme, plan, chosen)
    for sort, units in sorts.items():
        programme.at_most(len(units), {column[sort, place]: 1.0 for place in sort})
    for name in names:
        for number, demand in enumerate(options[name]):
            key = (*name, number)
            terms = {
                index: float(pieces)
                for (_, (served, pieces)), index in column.items()
                if served == key
            }
            programme.at_least(0, {**terms, chosen[name]: -float(demand.asked)})
    upper = np.array([1.0] * len(names) + [float(len(sorts[sort])) for sort, _ in places])
    solution = programme.minimise(np.ones(len(names) + len(places)), upper)
    if solution is None:
        return None
    serving: dict[_Name, frozenset[str]] = {
        (*name, number): frozenset()
        for name in names
        if solution[chosen[name]] > 0.5
        for number in range(len(options[name]))
    }
    for sort, units in sorts.items():
        free = iter(units)
        for place in sorted(sort):
            key, _ = place
            if key in serving:
                serving[key] |= frozenset(islice(free, round(solution[column[sort, place]])))
    return serving


def _are_too_few(plan: Plan, options: Mapping[tuple[int, int], Sequence[Demand]]) -> bool:
    """Whether all units, each where it is the largest part of what is asked, are too few.

    Of every class needed at least one demand takes units that together are its whole.
    """
    if any(not demands for demands in options.values()):
        return False
    most: dict[str, Fraction] = {}
    for demand in (demand for demands in options.values() for demand in demands):
        if demand.asked <= 0:
            return False
        for unit, pieces in demand.units.items():
            part = Fraction(min(pieces, demand.asked)) / Fraction(demand.asked)
            most[unit] = max(most.get(unit, part), part)
    return sum(most.values()) < plan.need


def _at_once(
    plan: Plan, options: Mapping[tuple[int, int], Sequence[Demand]]
) -> dict[_Name, frozenset[str]] | None:
    """Units for enough classes, found by going through the options once; None proves nothing.

    The option with the fewest units to choose from goes first, and takes those that serve least
    elsewhere.
    """
    if plan.mandatory or plan.groups:
        return None
    wanted = Counter(unit for demands in options.values() for one in demands for unit in one.units)
    serving: dict[_Name, frozenset[str]] = {}
    classes: set[int] = set()
    taken: frozenset[str] = frozenset()
    for name in sorted(options, key=lambda one: (sum(len(d.units) for d in options[one]), one)):
        if name[0] in classes:
            continue
        given = _given(options[name], taken, wanted)
        if given is None:
            continue
        serving |= {(*name, number): units for number, units in enumerate(given)}
        taken = taken.union(*given)
        classes.add(name[0])
        if len(classes) >= plan.need:
            return serving
    return None


def _given(
    demands: Sequence[Demand], taken: frozenset[str], wanted: Mapping[str, int]
) -> list[frozenset[str]] | None:
    """Units for each demand of an option, none of them taken, those wanted least elsewhere."""
    given: list[frozenset[str]] = []
    for demand in demands:
        free = demand.units.keys() - taken.union(*given)
        units, reached = set(), Decimal(0)
        for unit in sorted(free, key=lambda one: (wanted[one], one)):
            if reached >= demand.asked:
                break
            units.add(unit)
            reached += demand.units[unit]
        if reached < demand.asked:
            return None
        given.append(frozenset(units))
    return given


def reaches(
    serving: Mapping[_Name, frozenset[str]], options: Mapping[tuple[int, int], Sequence[Demand]]
) -> bool:
    """Whether an assignment gives each of its demands what is asked, to the last decimal."""
    return all(
        sum(demand.units[unit] for unit in units) >= demand.asked
        for (class_n, option_n, number), units in serving.items()
        for demand in [options[class_n, option_n][number]]
    )


def _sorts(serves: Mapping[str, set[_Place]]) -> dict[frozenset[_Place], list[str]]:
    """Those that can serve exactly the same, together, in order of their names."""
    sorts: dict[frozenset[_Place], list[str]] = defaultdict(list)
    for name in sorted(serves):
        sorts[frozenset(serves[name])].append(name)
    return sorts


def _served_by(
    options: Mapping[tuple[int, int], Sequence[Demand]],
) -> dict[str, set[_Place]]:
    """The demands that each unit could serve, each with how much it would count for there.

    More than all that are asked for are of no more use.
    """
    found: dict[str, set[_Place]] = defaultdict(set)
    for name, demands in options.items():
        for number, demand in enumerate(demands):
            for unit, pieces in demand.units.items():
                found[unit].add(((*name, number), min(pieces, demand.asked)))
    return found


def _ask(programme: _Programme, plan: Plan, chosen: Mapping[tuple[int, int], int]) -> None:
    """Enough different classes, of each at most one option; the mandatory ones, some of each."""
    options_of: dict[int, dict[int, float]] = defaultdict(dict)
    for (class_n, _), index in chosen.items():
        options_of[class_n][index] = 1.0
    for options in options_of.values():
        programme.at_most(1, options)
    programme.at_least(plan.need, dict.fromkeys(chosen.values(), 1.0))
    for class_n in plan.mandatory:
        programme.at_least(1, options_of.get(class_n, {}))
    for asked, group in plan.groups:
        programme.at_least(
            asked, {index: 1.0 for class_n in group for index in options_of.get(class_n, {})}
        )


class _Programme:
    """A sparse 0-1 programme under construction."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._entries: list[tuple[int, int, float]] = []
        self._low: list[float] = []
        self._high: list[float] = []

    def at_most(self, bound: float, terms: Mapping[int, float]) -> None:
        self._add(-np.inf, bound, terms)

    def at_least(self, bound: float, terms: Mapping[int, float]) -> None:
        self._add(bound, np.inf, terms)

    def _add(self, low: float, high: float, terms: Mapping[int, float]) -> None:
        row = len(self._low)
        self._entries.extend((row, index, value) for index, value in terms.items())
        self._low.append(low)
        self._high.append(high)

    def minimise(self, cost: np.ndarray, upper: np.ndarray) -> np.ndarray | None:
        """The cheapest solution, or None if there is none."""
        # A third of a second of every start: few processes have anybody to assign.
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import coo_array

        rows, columns, values = zip(*self._entries, strict=True) if self._entries else ((), (), ())
        matrix = coo_array(
            (values, (rows, columns)), shape=(len(self._low), self.size), dtype=float
        )
        found = milp(
            cost,
            integrality=np.ones(self.size, dtype=np.int64),
            bounds=Bounds(0, upper),
            constraints=LinearConstraint(matrix.tocsr(), self._low, self._high),
        )
        return None if found.x is None else np.asarray(found.x)
