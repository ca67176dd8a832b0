"""Who serves where, when a person or a project may serve only one of several requirements.

Belongs here: two small integer programmes (HiGHS through SciPy), for the few cases that
simple counts leave open. Does not: reading facts or rules.

Those who can serve the same are alike: the programmes only say how many of each sort go
where, so that their size follows from the requirements, not from the number of people.

E5: one person counts once, except registration and title. E16: one unit project counts for
one of the measures it meets. An evaluator that takes the first fit and stops is wrong
(worked case W16): an assignment must be found if there is one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import TypeVar

import numpy as np

_Place = TypeVar("_Place")


@dataclass(frozen=True, slots=True)
class HeadDemand:
    """So many people in one exclusive group.

    Attributes:
        name: the criterion.
        group: people give themselves to one group only (staff, site, worker).
        asked: how many.
        fixed: how many have no other group to go to.
        open: people who do.
        may_wait: whether being short of it refuses nobody.
    """

    name: str
    group: str
    asked: int
    fixed: int
    open: frozenset[str]
    may_wait: bool = False


@dataclass(frozen=True, slots=True)
class HeadAssignment:
    """The best assignment: who gives himself to which group, and what stays short by how many."""

    group_of: Mapping[str, str]
    shortfall: Mapping[str, int]


def assign_heads(demands: Sequence[HeadDemand]) -> HeadAssignment:
    """Give every open person to one group so that the total shortfall is least.

    First of what refuses: as long as somebody can be spared where being short only waits, nobody
    is short elsewhere.
    """
    wanted_by: dict[str, set[int]] = defaultdict(set)
    for number, demand in enumerate(demands):
        for person in demand.open:
            wanted_by[person].add(number)
    found = _at_once(demands, wanted_by)
    if found is not None:
        return HeadAssignment(found, {demand.name: 0 for demand in demands})
    sorts = _sorts(wanted_by)
    groups_of = {sort: sorted({demands[number].group for number in sort}) for sort in sorts}
    places = [(sort, group) for sort, groups in groups_of.items() for group in groups]
    column = {place: index for index, place in enumerate(places)}
    programme = _Programme(len(places) + len(demands))
    for sort, people in sorts.items():
        programme.at_most(len(people), {column[sort, group]: 1.0 for group in groups_of[sort]})
    for number, demand in enumerate(demands):
        slack = len(places) + number
        terms = {column[sort, demand.group]: 1.0 for sort in sorts if number in sort}
        programme.at_least(demand.asked - demand.fixed, {**terms, slack: 1.0})
    weighty = 1.0 + sum(demand.asked for demand in demands if demand.may_wait)
    cost = np.array(
        [0.0] * len(places) + [1.0 if demand.may_wait else weighty for demand in demands]
    )
    upper = np.concatenate(
        [[float(len(sorts[sort])) for sort, _ in places], np.full(len(demands), np.inf)]
    )
    solution = programme.minimise(cost, upper)
    assert solution is not None, "slack makes every programme feasible"
    group_of: dict[str, str] = {}
    for sort, people in sorts.items():
        free = iter(people)
        for group in groups_of[sort]:
            chosen = islice(free, round(solution[column[sort, group]]))
            group_of.update(dict.fromkeys(chosen, group))
    return HeadAssignment(
        group_of=group_of,
        shortfall={
            demand.name: round(solution[len(places) + number])
            for number, demand in enumerate(demands)
        },
    )


def _at_once(
    demands: Sequence[HeadDemand], wanted_by: Mapping[str, set[int]]
) -> dict[str, str] | None:
    """An assignment that leaves nobody short, if one is found by going through the people once.

    Everybody goes where he is needed most, by what is still asked of those who may still come.
    That none is found proves nothing.
    """
    lacking = [demand.asked - demand.fixed for demand in demands]
    coming = [len(demand.open) for demand in demands]
    group_of: dict[str, str] = {}
    # Who has the least choice first.
    for person in sorted(wanted_by, key=lambda name: (len(wanted_by[name]), name)):
        need: dict[str, float] = defaultdict(float)
        for number in wanted_by[person]:
            need[demands[number].group] += max(lacking[number], 0) / coming[number]
            coming[number] -= 1
        group = max(sorted(need), key=need.__getitem__)
        group_of[person] = group
        for number in wanted_by[person]:
            lacking[number] -= demands[number].group == group
    return group_of if max(lacking, default=0) <= 0 else None


def _sorts(serves: Mapping[str, set[_Place]]) -> dict[frozenset[_Place], list[str]]:
    """Those who can serve exactly the same, together, in order of their names."""
    sorts: dict[frozenset[_Place], list[str]] = defaultdict(list)
    for name in sorted(serves):
        sorts[frozenset(serves[name])].append(name)
    return sorts


_Demand = tuple[int, int, int]
"""Class, option and demand, by number."""


@dataclass(frozen=True, slots=True)
class CountDemand:
    """So many unit projects, each serving nothing else: one demand of one option of a class.

    Attributes:
        class_n: the class.
        option_n: the option of it.
        asked: how many unit projects, or pieces of them (台, 套).
        units: for how many each unit project counts, one where no pieces are counted.
    """

    class_n: int
    option_n: int
    asked: int
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
    plan: Plan, options: Mapping[tuple[int, int], Sequence[CountDemand]]
) -> dict[tuple[int, int, int], frozenset[str]] | None:
    """Units for enough different classes, each unit for one measure; None if there is no way.

    Args:
        plan: what is needed.
        options: for every (class, option) whose other demands hold, its count demands; an
            option without count demands holds by itself.

    Returns:
        Units by (class, option, demand) for the chosen options.
    """
    # What all its units together do not reach needs no assignment.
    options = {
        name: demands
        for name, demands in options.items()
        if all(sum(one.units.values()) >= one.asked for one in demands)
    }
    names = sorted(options)
    if len({class_n for class_n, _ in names}) < max(plan.need, 1):
        return None
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
    serving: dict[_Demand, frozenset[str]] = {
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


def _served_by(
    options: Mapping[tuple[int, int], Sequence[CountDemand]],
) -> dict[str, set[tuple[_Demand, Decimal]]]:
    """The demands that each unit could serve, each with how many it would count for there.

    More than all that are asked for are of no more use.
    """
    found: dict[str, set[tuple[_Demand, Decimal]]] = defaultdict(set)
    for name, demands in options.items():
        for number, demand in enumerate(demands):
            for unit, pieces in demand.units.items():
                found[unit].add(((*name, number), min(pieces, Decimal(demand.asked))))
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
