"""Who serves where, when a person or a project may serve only one of several requirements.

Belongs here: two small integer programmes (HiGHS through SciPy), for the few cases that
simple counts leave open. Does not: reading facts or rules.

E5: one person counts once, except registration and title. E16: one unit project counts for
one of the measures it meets. An evaluator that takes the first fit and stops is wrong
(worked case W16): an assignment must be found if there is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array


@dataclass(frozen=True, slots=True)
class HeadDemand:
    """So many people in one exclusive group.

    Attributes:
        name: the criterion.
        group: people give themselves to one group only (staff, site, worker).
        asked: how many.
        fixed: how many have no other group to go to.
        open: people who do.
    """

    name: str
    group: str
    asked: int
    fixed: int
    open: frozenset[str]


@dataclass(frozen=True, slots=True)
class HeadAssignment:
    """The best assignment: who gives himself to which group, and what stays short by how many."""

    group_of: Mapping[str, str]
    shortfall: Mapping[str, int]


def assign_heads(demands: Sequence[HeadDemand]) -> HeadAssignment:
    """Give every open person to one group so that the total shortfall is least."""
    pairs = sorted({(person, demand.group) for demand in demands for person in demand.open})
    column = {pair: index for index, pair in enumerate(pairs)}
    people = sorted({person for person, _ in pairs})
    programme = _Programme(len(pairs) + len(demands))
    for person in people:
        programme.at_most(1, {column[pair]: 1.0 for pair in pairs if pair[0] == person})
    for number, demand in enumerate(demands):
        slack = len(pairs) + number
        terms = {column[person, demand.group]: 1.0 for person in demand.open}
        programme.at_least(demand.asked - demand.fixed, {**terms, slack: 1.0})
    cost = np.concatenate([np.zeros(len(pairs)), np.ones(len(demands))])
    upper = np.concatenate([np.ones(len(pairs)), np.full(len(demands), np.inf)])
    solution = programme.minimise(cost, upper)
    assert solution is not None, "slack makes every programme feasible"
    return HeadAssignment(
        group_of={
            person: group for (person, group), index in column.items() if solution[index] > 0.5
        },
        shortfall={
            demand.name: round(solution[len(pairs) + number])
            for number, demand in enumerate(demands)
        },
    )


@dataclass(frozen=True, slots=True)
class CountDemand:
    """So many unit projects, each serving nothing else: one demand of one option of a class."""

    class_n: int
    option_n: int
    asked: int
    units: frozenset[str]


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
    names = sorted(options)
    if not names:
        # Nothing holds, and at least one class is always needed.
        return None
    serves = sorted(
        {
            (*name, number, unit)
            for name in names
            for number, demand in enumerate(options[name])
            for unit in demand.units
        }
    )
    chosen = {name: index for index, name in enumerate(names)}
    column = {serve: len(names) + index for index, serve in enumerate(serves)}
    programme = _Programme(len(names) + len(serves))
    classes = sorted({class_n for class_n, _ in names})
    options_of = {n: {chosen[name]: 1.0 for name in names if name[0] == n} for n in classes}
    for n in classes:
        programme.at_most(1, options_of[n])
    for unit in sorted({serve[3] for serve in serves}):
        programme.at_most(1, {column[serve]: 1.0 for serve in serves if serve[3] == unit})
    for name in names:
        for number, demand in enumerate(options[name]):
            terms = {column[serve]: 1.0 for serve in serves if serve[:3] == (*name, number)}
            programme.at_least(0, {**terms, chosen[name]: -float(demand.asked)})
    every = dict.fromkeys(chosen.values(), 1.0)
    programme.at_least(plan.need, every)
    for n in plan.mandatory:
        programme.at_least(1, options_of.get(n, {}))
    for asked, group in plan.groups:
        programme.at_least(asked, {index: 1.0 for n in group for index in options_of.get(n, {})})
    size = len(names) + len(serves)
    solution = programme.minimise(np.ones(size), np.ones(size))
    if solution is None:
        return None
    return {
        (*name, number): frozenset(
            serve[3]
            for serve in serves
            if serve[:3] == (*name, number) and solution[column[serve]] > 0.5
        )
        for name in names
        if solution[chosen[name]] > 0.5
        for number in range(len(options[name]))
    }


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
