"""People by what they serve, and how some of them move: what is short then, and the solver.

Belongs here: what an assignment leaves short, bounds on it, and the cheapest of many moves, divided
or whole. Does not: which moves are looked at (`decisions.people.heads`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Crowd:
    """People by sort, each sort serving the same demands.

    Attributes:
        serves: 0 or 1, sorts by demands.
        size: people of each sort.
        is_of: 0 or 1, groups by demands.
        lacking: what each demand lacks while nobody open serves it.
        weight: what one head short of each demand counts.
    """

    serves: Whole
    size: Whole
    is_of: Whole
    lacking: Whole
    weight: Whole

    def together(self, group: Whole) -> Whole:
        """Heads of sorts by groups, all of a sort in the group given for it."""
        is_in = np.arange(len(self.is_of)) == group[:, np.newaxis]
        return np.where(is_in, self.size[:, np.newaxis], 0)

    def left(self, given: Whole) -> Whole:
        """What each demand lacks, less than 0 where it has more, by heads of sorts by groups."""
        served: Whole = ((given.T @ self.serves) * self.is_of).sum(axis=0)
        return self.lacking - served

    def short(self, given: Whole) -> Whole:
        """What each demand is short of."""
        return np.maximum(self.left(given), 0)

    def cost(self, given: Whole) -> int:
        """The shortfall of all, weighed."""
        return int(self.short(given) @ self.weight)

    def worth(self, prices: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """What a head of each sort is worth in each group, by what each demand pays for one."""
        worth: npt.NDArray[Any] = self.serves @ (self.is_of * prices).T
        return worth

    def bound(self, prices: Real) -> float:
        """What all assignments cost at the least, by prices from 0 to the weight of each demand.

        Heads short cost their prices or more: those of all that is lacking less those of the heads
        that come, which are the most where everybody goes where he is worth most.
        """
        return float(self.lacking @ prices - self.size @ self.worth(prices).max(axis=1))


@dataclass(frozen=True, slots=True)
class Moves:
    """Sorts of which some may leave the group they stand in, and the groups they may go to."""

    sort: Whole
    out_of: Whole
    into: Whole

    def after(self, given: Whole, heads: Whole) -> Whole:
        """How many of each sort each group has once so many have moved."""
        moved = given.copy()
        np.add.at(moved, (self.sort, self.out_of), -heads)
        np.add.at(moved, (self.sort, self.into), heads)
        return moved


def freed(given: Whole, wanted: Flags, is_free: Flags) -> tuple[Whole, Moves]:
    """Free sorts back in the first group that wants them, and how they may move from there."""
    stands = wanted.argmax(axis=1)
    begun = np.where(is_free[:, np.newaxis], 0, given)
    begun[is_free, stands[is_free]] = given[is_free].sum(axis=1)
    may_enter = wanted & is_free[:, np.newaxis]
    may_enter[np.arange(stands.size), stands] = False
    sort, into = np.nonzero(may_enter)
    return begun, Moves(sort, stands[sort], into)


@dataclass(frozen=True, slots=True)
class Programme:
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

    def and_at_most(self, row: npt.NDArray[Any], high: int) -> Programme:
        """With one row more."""
        from scipy.sparse import csr_array, vstack

        matrix = vstack([self.matrix, csr_array(row[np.newaxis])])
        return replace(self, matrix=matrix, high=np.append(self.high, high))


def programme_of(crowd: Crowd, given: Whole, moves: Moves) -> Programme:
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
    return Programme(
        cost=np.concatenate([np.zeros(count), crowd.weight]),
        matrix=matrix.tocsr(),
        high=np.concatenate([crowd.size[sorts], -crowd.left(given)]),
        upper=np.concatenate([crowd.size[moves.sort], np.full(demands, np.inf)]),
    )


def relaxed(programme: Programme) -> tuple[Real, float, Real]:
    """The cheapest, were people divisible; what it costs; and what each demand pays for a head."""
    # A third of a second of every start: few processes have anybody to assign.
    from scipy.optimize import linprog

    # One array, which the stubs do not know of: pairs would be taken apart one by one.
    bounds: Any = np.column_stack([np.zeros_like(programme.upper), programme.upper])
    found = linprog(
        programme.cost,
        A_ub=programme.matrix,
        b_ub=programme.high,
        bounds=bounds,
        method="highs-ds",
        options={"presolve": False},
    )
    assert found.x is not None and found.fun is not None, "being short makes it feasible"
    # The last rows are the demands, as the last columns are what is short of them.
    weight = programme.cost[np.isinf(programme.upper)]
    paid = np.clip(-found.ineqlin.marginals[-weight.size :], 0, weight)
    return np.asarray(found.x), float(found.fun), paid


def searched(programme: Programme) -> Whole:
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
