"""Which group each person gives himself to, where several groups want him (E5).

Belongs here: the best assignment of people to groups, proven to be the best. Does not: reading
facts or rules, what moves cost (`decisions.people.crowd`), unit projects
(`decisions.performance.matching`).

E5: one person counts once, except registration and title, which share a group: within it he
counts for whatever he serves. So this is no matching of people to places, and in general no flow
either. But people who serve the same are alike, and what each demand would pay for a head, were
people divisible, bounds how few can stay short. Mostly nobody is divided in the best of those
divisions, and it is the answer. Most go where they are worth most by any price that is nearly
right: the solver has only those to divide who are worth about as much elsewhere.

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

from decisions.people.crowd import (
    Crowd,
    Flags,
    Real,
    Whole,
    freed,
    programme_of,
    relaxed,
    searched,
)


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
    crowd = Crowd(
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


def _weights(demands: Sequence[HeadDemand]) -> Whole:
    """What one head short counts: more than all heads of what counts for less."""
    waiting = 1 + sum(one.asked for one in demands if one.may_wait)
    others = 1 + sum(
        max(one.asked - one.fixed, 0) for one in demands if not (one.may_wait or one.is_met)
    )
    return np.array(
        [1 if one.may_wait else waiting * others if one.is_met else waiting for one in demands],
        np.int64,
    )


def _sorts(demands: Sequence[HeadDemand]) -> tuple[list[str], Whole, Whole]:
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


def _assigned(crowd: Crowd) -> Whole:
    """Heads of sorts by groups, of which the cost is least."""
    # Whom only demands want that are met anyhow is not wanted.
    is_wanted = crowd.lacking > 0
    worth = crowd.worth(is_wanted * crowd.weight)
    wanted = worth > 0
    choosing = np.count_nonzero(wanted.sum(axis=1) > 1)
    if not choosing:
        return crowd.together(wanted.argmax(axis=1))
    # So much is short even if all go where they serve most, and nobody is there in vain.
    most = worth.max(axis=1, keepdims=True)
    least = int((crowd.lacking * crowd.weight)[is_wanted].sum() - crowd.size @ most[:, 0])
    found = _at_once(crowd, worth == most if least > 0 else worth >= 0)
    if not crowd.cost(found):
        return found
    best = found if crowd.cost(found) == least else _best(crowd, found, wanted)
    return best if choosing > _SOME else _latest(crowd, best, wanted)


def _best(crowd: Crowd, found: Whole, wanted: Flags) -> Whole:
    """Heads of sorts by groups, one of those of which the cost is least.

    Args:
        crowd: the people.
        found: an assignment to begin with.
        wanted: whether each group wants each sort, sorts by groups.
    """
    is_free = np.zeros(crowd.size.size, np.bool_)
    cost, bound = float(crowd.cost(found)), 0.0
    prices = _prices(crowd, cost)
    # Were people divisible: the best that some sorts can do while the others stay as found, and
    # by its prices some sorts more, until by these no whole people could do better.
    while (
        cost > ceil(bound - _SLACK) + _SLACK
        and (is_next := _next(crowd, found, wanted & ~is_free[:, np.newaxis], prices)).any()
    ):
        is_free |= is_next
        given, moves = freed(found, wanted, is_free)
        heads, cost, prices = relaxed(programme_of(crowd, given, moves))
        bound = crowd.bound(prices)
    heads = heads[: moves.sort.size]
    whole = np.floor(heads + _EXACT).astype(np.int64)
    best = moves.after(given, whole)
    # Whole people cannot cost less than the bound, in whole heads.
    least = ceil(bound - _SLACK)
    if crowd.cost(best) <= least:
        return best
    # Those whom it divides move anew beside all others; then with those who lose least by it;
    # then all do.
    is_divided = np.zeros(is_free.size, np.bool_)
    is_divided[moves.sort[heads - whole > _EXACT]] = True
    for is_other in (False, _next(crowd, best, wanted, prices), True):
        given, moves = freed(best, wanted, is_divided | is_other)
        best = moves.after(given, searched(programme_of(crowd, given, moves))[: moves.sort.size])
        if crowd.cost(best) <= least:
            break
    return best


_SOME = 300
"""Of so many sorts of people the last of equals is looked for."""
_MORE = 400
"""So many sorts more the solver moves at a time: with few it is quick, and few mostly do."""


def _prices(crowd: Crowd, cost: float) -> Real:
    """Prices whose bound is near the best: what stays short at them rises, what is over falls.

    Args:
        crowd: the people.
        cost: what some assignment costs.
    """
    weight = np.where(crowd.lacking > 0, crowd.weight, 0.0)
    crowd = replace(crowd, serves=crowd.serves.astype(np.float64))  # as prices are, for speed
    prices = best = weight
    bound = -np.inf
    for n in range(_PRICINGS):
        left = crowd.left(crowd.together(crowd.worth(prices).argmax(axis=1)))
        reached = float(left @ prices)
        if reached > bound:
            bound, best = reached, prices
        is_at_end = np.where(left > 0, prices >= weight, prices <= 0)
        left = np.where(is_at_end, 0, left)
        if not left.any():
            break
        # So far as would close the gap were the bound linear, and less far with each.
        step = 0.9**n * (cost - reached) / (left**2 @ weight)
        prices = np.clip(prices + step * weight * left, 0, weight)
    return best


_PRICINGS = 15
"""So often prices change before the solver is asked for them."""


def _next(crowd: Crowd, given: Whole, wanted: Flags, prices: Real) -> Flags:
    """Some sorts that gain most, or lose least, by going where else they are wanted."""
    worth = crowd.worth(prices)
    elsewhere = np.where(wanted & (given < crowd.size[:, np.newaxis]), worth, -np.inf)
    loss = (given * worth).sum(axis=1) / crowd.size - elsewhere.max(axis=1)
    is_next = np.zeros(loss.size, np.bool_)
    is_next[_in_order(loss)[:_MORE]] = True
    is_next &= np.isfinite(loss)
    return is_next


def _latest(crowd: Crowd, best: Whole, wanted: Flags) -> Whole:
    """Of all that cost no more, the one that is short as late as can be.

    Demand by demand in their order: what is short of it at the least, once those before it are
    short of what they are.
    """
    given, moves = freed(best, wanted, np.ones(crowd.size.size, np.bool_))
    demands, count = crowd.lacking.size, moves.sort.size
    programme = programme_of(crowd, given, moves)
    # What counts more is never short for what counts less, so that each total stands for itself.
    for weight in np.unique(crowd.weight):
        alike = crowd.weight == weight
        programme = programme.and_at_most(
            np.concatenate([np.zeros(count), alike]), int(crowd.short(best)[alike].sum())
        )
    for n, one in enumerate(count + np.arange(demands)):
        if crowd.short(best)[n]:
            found = searched(replace(programme, cost=np.arange(count + demands) == one))
            best = moves.after(given, found[:count])
        programme.upper[one] = crowd.short(best)[n]
    return best


def _at_once(crowd: Crowd, is_open: Flags) -> Whole:
    """Heads of sorts by groups, found by going through the people once.

    Everybody goes where he is needed most, by what is still asked of those who may still come;
    who has the least choice first. It seldom misses an assignment that leaves nobody short, or
    nobody in vain where all are; that it finds none proves nothing.

    Args:
        crowd: the people.
        is_open: the groups that each sort may go to, sorts by groups.
    """
    by_choice = _in_order(crowd.serves.sum(axis=1))
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


def _in_order(key: npt.NDArray[Any]) -> Whole:
    """Sorts by a key of theirs, and of the same key not those one after another who serve alike.

    These would all go to the same place.
    """
    mixed = np.random.default_rng(0).permutation(key.size)
    return mixed[np.argsort(key[mixed], kind="stable")]


_STEPS = 200
"""In at most so many steps the people go, fewer with each, the last one by one."""
_EXACT = 1e-6
"""What the solver leaves of whole numbers."""
_SLACK = 1e-2
"""How far a bound may be off; one that is too low only makes us search."""
