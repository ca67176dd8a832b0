"""Plans over few rows, run at once: what a single case spends most of its time on.

Belongs here: how a plan over rows in memory is collected. Does not: plans over the lakehouse,
which Polars streams.

Of few rows the running costs nothing and the preparing everything: the default way takes four
times as long as Polars' own in-memory engine with the two optimisations that save work on
wide or many rows.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

_NONE = pl.QueryOptFlags.none()
_PUSHDOWN = pl.QueryOptFlags.none(predicate_pushdown=True, projection_pushdown=True)


def at_once(plan: pl.LazyFrame) -> pl.DataFrame:
    """The rows of a plan whose sources are in memory."""
    return plan.collect(engine="in-memory", optimizations=_PUSHDOWN)


def as_written(plan: pl.LazyFrame) -> pl.DataFrame:
    """The rows of a chain of steps over frames in memory, taken one after the other.

    What the same steps come to when each is taken at once, for a quarter of the time: to every
    `DataFrame` method belongs a plan of its own. A frame that two steps need is collected, or
    marked by `LazyFrame.cache`; else it is worked out twice.
    """
    return plan.collect(engine="in-memory", optimizations=_NONE)


def all_at_once(plans: Iterable[pl.LazyFrame]) -> list[pl.DataFrame]:
    """The rows of several such plans."""
    return [at_once(plan) for plan in plans]
