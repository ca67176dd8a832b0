"""Which group each person gives himself to, where several groups want him (E5).

Belongs here: the best assignment of people to groups, proven to be the best. Does not: reading
facts or rules, unit projects (`decisions.performance.matching`).

E5: one person counts once, except registration and title, which share a group: within it he
counts for whatever he serves. So this is no matching of people to places, and in general no flow
either. But people who serve the same are alike, and the relaxation in which they may be divided
bounds how few can stay short. Mostly nobody is divided in it, and it is the answer.

Of several that are equally good, the one told follows from who serves what, not from how the
solver walks: it is short as late as can be in the order of groups and names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

_Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class HeadDemand:
    """So many people in one exclusive group.

    Attributes:
        name: the criterion.
        group: people give themselves to one group only (site, staff, worker).
        asked: how many.
        fixed: how many have no other group to go to.
        open: people who do.
        may_wait: whether being short of it refuses nobody.
        is_met: whether those who surely count meet it already, by another assignment of theirs.
    """

    name: str
    group: str
    asked: int
    fixed: int
    open: frozenset[str]
    may_wait: bool = False
    is_met: bool = False


@dataclass(frozen=True, slots=True)
class HeadAssignment:
    """The best assignment: who gives himself to which group, and what stays short by how many."""

    group_of: dict[str, str]
    shortfall: dict[str, int]


def assign_heads(demands: Sequence[HeadDemand]) -> HeadAssignment:
    """Give every open person to one group so that the total shortfall is least.

    First of what refuses: as long as somebody can be spared where being short only waits, nobody
    is short elsewhere. Where somebody must be, it is not who is met already: all of those can be
    met together, so that what is short is told of the others. Of all that are as good, none is
    short of less of the first demand by group and name; of those, none of the second; and so on.
    Of more than `_SOME` sorts of people it is just one of the best. The answer depends neither on
    the order of the demands nor on what people are called.
    """
    demands = sorted(demands, key=lambda demand: (demand.group, demand.name))
    groups = sorted({demand.group for demand in demands})
    people, serves, size = _sorts(demands)
    crowd = _Crowd(
        serves=serves,
        size=size,
        is_of=np.array([[one.group == group for one in demands] for group in groups], np.int64),
        lacking=np.array([demand.asked - demand.fixed for demand in demands], np.int64),
        weight=_weights(demands),
    )
    given = _assigned(crowd)
    # Of each sort as many as are given to a group, in the order of their names.
    seats = np.repeat(np.tile(np.arange(len(groups)), size.size), given.ravel()).tolist()
    return HeadAssignment(
        group_of={person: groups[seat] for person, seat in zip(people, seats, strict=True)},
        shortfall={
            demand.name: int(short)
            for demand, short in zip(demands, crowd.short(given), strict=True)
        },
    )


def _weights(demands: Sequence[HeadDemand]) -> _Whole:
    """What one head short counts: more than all heads of what counts for less."""
    waiting = 1 + sum(one.asked for one in demands if one.may_wait)
    others = 1 + sum(
        max(one.asked - one.fixed, 0) for one in demands if not (one.may_wait or one.is_met)
    )
    return np.array(
        [1 if one.may_wait else waiting * others if one.is_met else waiting for one in demands],
        np.int64,
    )


def _sorts(demands: Sequence[HeadDemand]) -> tuple[list[str], _Whole, _Whole]:
    """Those who serve exactly the same, together: the sorts in order of what they serve.

    Returns:
        Everybody, sort by sort and by name; 0 or 1, sorts by demands; and how many each sort has.
    """
    people = sorted(frozenset().union(*(demand.open for demand in demands)))
    number = {person: n for n, person in enumerate(people)}
    words = -(-len(demands) // 64)
    serves = np.zeros((len(people), words * 64), np.bool_)
    for n, demand in enumerate(demands):
        serves[list(map(number.__getitem__, demand.open)), n] = True
    told = np.packbits(serves, axis=1).view(np.uint64)
    order = np.lexsort(told.T)
    is_first = np.ones(order.size, np.bool_)
    is_first[1:] = (told[order[1:]] != told[order[:-1]]).any(axis=1)
    first = np.flatnonzero(is_first)
    return (
        [people[one] for one in order.tolist()],
        serves[order[first], : len(demands)].astype(np.int64),
        np.diff(first, append=order.size),
    )


@dataclass(frozen=True, slots=True)
class _Crowd:
    """People by sort, each sort serving the same demands.

    Attributes:
        serves: 0 or 1, sorts by demands.
        size: people of each sort.
        is_of: 0 or 1, groups by demands.
        lacking: what each demand lacks while nobody open serves it.
        weight: what one head short of each demand counts.
    """

    serves: _Whole
    size: _Whole
    is_of: _Whole
    lacking: _Whole
    weight: _Whole

    def left(self, given: _Whole) -> _Whole:
        """What each demand lacks, less than 0 where it has more, by heads of sorts by groups."""
        served: _Whole = ((given.T @ self.serves) * self.is_of).sum(axis=0)
        return self.lacking - served

    def short(self, given: _Whole) -> _Whole:
        """What each demand is short of."""
        return np.maximum(self.left(given), 0)

    def cost(self, given: _Whole) -> int:
        """The shortfall of all, weighed."""
        return int(self.short(given) @ self.weight)


@dataclass(frozen=True, slots=True)
class _Moves:
    """Sorts of which some may leave the group they stand in, and the groups they may go to."""

    sort: _Whole
    out_of: _Whole
    into: _Whole

    def of(self, sorts: npt.NDArray[np.bool_]) -> _Moves:
        """Only those of some sorts."""
        mine = sorts[self.sort]
        return _Moves(self.sort[mine], self.out_of[mine], self.into[mine])

    def after(self, given: _Whole, heads: _Whole) -> _Whole:
        """How many of each sort each group has once so many have moved."""
        moved = given.copy()
        np.add.at(moved, (self.sort, self.out_of), -heads)
        np.add.at(moved, (self.sort, self.into), heads)
        return moved


def _assigned(crowd: _Crowd) -> _Whole:
    """Heads of sorts by groups, of which the cost is least."""
    every = np.arange(crowd.size.size)
    # Whom only demands want that are met anyhow is not wanted.
    is_wanted = crowd.lacking > 0
    worth = (crowd.serves * is_wanted * crowd.weight) @ crowd.is_of.T
    wanted = worth > 0
    stands = wanted.argmax(axis=1)
    given = np.zeros(wanted.shape, np.int64)
    given[every, stands] = crowd.size
    wanted[every, stands] = False
    sort, into = np.nonzero(wanted)
    if not sort.size:
        return given
    # So much is short even if all go where they serve most, and nobody is there in vain.
    most = worth.max(axis=1, keepdims=True)
    least = int((crowd.lacking * crowd.weight)[is_wanted].sum() - crowd.size @ most[:, 0])
    found = _at_once(crowd, worth == most if least > 0 else worth >= 0)
    if not crowd.cost(found):
        return found
    moves = _Moves(sort, stands[sort], into)
    best = found if crowd.cost(found) == least else _best(crowd, given, moves)
    return best if len(set(sort.tolist())) > _SOME else _latest(crowd, given, moves, best)


def _best(crowd: _Crowd, given: _Whole, moves: _Moves) -> _Whole:
    """Heads of sorts by groups, one of those of which the cost is least."""
    found, bound = _relaxed(_programme(crowd, given, moves))
    heads = found[: moves.sort.size]
    whole = np.rint(heads).astype(np.int64)
    every = np.arange(crowd.size.size)
    is_divided = np.zeros(every.size, np.bool_)
    is_divided[moves.sort[np.abs(heads - whole) > _EXACT]] = True
    if not is_divided.any():
        return moves.after(given, whole)
    # Where it divides some, these move anew beside all others; then with some more to change
    # places with; then all do. Whole people cannot cost less than the relaxation, in whole heads.
    for more in (0, _SOME, every.size):
        is_free = is_divided | (every < more)
        others = moves.after(given, np.where(is_free[moves.sort], 0, whole))
        free = moves.of(is_free)
        moved = _searched(_programme(crowd, others, free))[: free.sort.size]
        best = free.after(others, moved)
        if crowd.cost(best) <= ceil(bound - _SLACK):
            break
    return best


_SOME = 300
"""Sorts among which an exchange is mostly found, and the last of equals is looked for."""


def _latest(crowd: _Crowd, given: _Whole, moves: _Moves, best: _Whole) -> _Whole:
    """Of all that cost no more, the one that is short as late as can be.

    Demand by demand in their order: what is short of it at the least, once those before it are
    short of what they are.
    """
    demands, count = crowd.lacking.size, moves.sort.size
    programme = _programme(crowd, given, moves)
    # What counts more is never short for what counts less, so that each total stands for itself.
    for weight in np.unique(crowd.weight):
        alike = crowd.weight == weight
        programme = programme.and_at_most(
            np.concatenate([np.zeros(count), alike]), int(crowd.short(best)[alike].sum())
        )
    for n, one in enumerate(count + np.arange(demands)):
        if crowd.short(best)[n]:
            found = _searched(replace(programme, cost=np.arange(count + demands) == one))
            best = moves.after(given, found[:count])
        programme.upper[one] = crowd.short(best)[n]
    return best


def _at_once(crowd: _Crowd, is_open: npt.NDArray[np.bool_]) -> _Whole:
    """Heads of sorts by groups, found by going through the people once.

    Everybody goes where he is needed most, by what is still asked of those who may still come;
    who has the least choice first. It seldom misses an assignment that leaves nobody short, or
    nobody in vain where all are; that it finds none proves nothing.

    Args:
        crowd: the people.
        is_open: the groups that each sort may go to, sorts by groups.
    """
    # Not those who serve much the same one after another: they would all go to the same place.
    mixed = np.random.default_rng(0).permutation(crowd.size.size)
    by_choice = mixed[np.argsort(crowd.serves[mixed].sum(axis=1), kind="stable")]
    people = by_choice.repeat(crowd.size[by_choice])
    given = np.zeros((crowd.size.size, len(crowd.is_of)), np.int64)
    lacking, coming = crowd.lacking, crowd.size @ crowd.serves
    waiting = np.unique(np.geomspace(1, people.size, _STEPS).astype(np.int64))[::-1]
    for some in np.split(people, people.size - waiting[1:]):
        mine = crowd.serves[some]
        need = crowd.is_of * np.maximum(lacking, 0) / np.maximum(coming, 1)
        group = np.where(is_open[some], mine @ need.T, -1).argmax(axis=1)
        lacking = lacking - (mine * crowd.is_of[group]).sum(axis=0)
        coming = coming - mine.sum(axis=0)
        np.add.at(given, (some, group), 1)
    return given


_STEPS = 200
"""In at most so many steps the people go, fewer with each, the last one by one."""
_EXACT = 1e-6
"""What the solver leaves of whole numbers."""
_NEAR = 1e-5
"""How near interior points come to the best before a vertex is looked for."""
_SLACK = 1e-2
"""How far a bound may be off; one that is too low only makes us search."""


@dataclass(frozen=True, slots=True)
class _Programme:
    """How many move, and what is then short by demand: the cheapest within bounds.

    Attributes:
        cost: what one of each counts.
        matrix: rows by moves, then by what is short.
        high: what each row is at most.
        upper: what each column is at most.
    """

    cost: npt.NDArray[Any]
    matrix: Any
    high: npt.NDArray[Any]
    upper: npt.NDArray[Any]

    def and_at_most(self, row: npt.NDArray[Any], high: int) -> _Programme:
        """With one row more."""
        from scipy.sparse import csr_array, vstack

        matrix = vstack([self.matrix, csr_array(row[np.newaxis])])
        return replace(self, matrix=matrix, high=np.append(self.high, high))


def _programme(crowd: _Crowd, given: _Whole, moves: _Moves) -> _Programme:
    """Of a sort no more move than there are; each demand has what it lacks, or is short of it."""
    from scipy.sparse import coo_array

    demands, count = crowd.lacking.size, moves.sort.size
    gain = crowd.serves[moves.sort] * (crowd.is_of[moves.into] - crowd.is_of[moves.out_of])
    column, demand = np.nonzero(gain)
    # A sort that may go to one group only is bounded as its move is.
    several = np.flatnonzero(np.bincount(moves.sort)[moves.sort] > 1)
    sorts, row = np.unique(moves.sort[several], return_inverse=True)
    rows = [row, sorts.size + demand, sorts.size + np.arange(demands)]
    columns = [several, column, count + np.arange(demands)]
    values = [np.ones(several.size), -gain[column, demand], -np.ones(demands)]
    matrix = coo_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
        shape=(sorts.size + demands, count + demands),
    )
    return _Programme(
        cost=np.concatenate([np.zeros(count), crowd.weight]),
        matrix=matrix.tocsr(),
        high=np.concatenate([crowd.size[sorts], -crowd.left(given)]),
        upper=np.concatenate([crowd.size[moves.sort], np.full(demands, np.inf)]),
    )


def _relaxed(programme: _Programme) -> tuple[npt.NDArray[np.float64], float]:
    """The cheapest, were people divisible, and what it costs."""
    # A third of a second of every start: few processes have anybody to assign.
    from scipy.optimize import linprog

    # One array, which the stubs do not know of: pairs would be taken apart one by one.
    bounds: Any = np.column_stack([np.zeros_like(programme.upper), programme.upper])
    # By interior points: so many solutions are equally good that a simplex walks among them.
    found = linprog(
        programme.cost,
        A_ub=programme.matrix,
        b_ub=programme.high,
        bounds=bounds,
        method="highs-ipm",
        # Near is enough: from there a vertex is found, and that is exact.
        options={"presolve": False, "ipm_optimality_tolerance": _NEAR},
    )
    assert found.x is not None and found.fun is not None, "being short makes it feasible"
    return np.asarray(found.x), float(found.fun)


def _searched(programme: _Programme) -> _Whole:
    """The cheapest in whole people."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    found = milp(
        programme.cost,
        integrality=np.ones(programme.upper.size, np.int64),
        bounds=Bounds(0, programme.upper),
        constraints=LinearConstraint(programme.matrix, -np.inf, programme.high),
        options={"mip_rel_gap": 0},
    )
    assert found.x is not None, "being short makes it feasible"
    return np.rint(found.x).astype(np.int64)
