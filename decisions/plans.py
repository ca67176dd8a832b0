"""Plans over few rows, run at once: what a single case spends most of its time on.

Belongs here: how a plan over rows in memory is collected. Does not: plans over the lakehouse,
which Polars streams.

Of few rows the running costs nothing and the preparing everything: the default way takes four
times as long as Polars' own in-memory engine with the two optimisations that save work on
wide or many rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from contextvars import copy_context
from threading import Lock
from typing import TypeVar

import polars as pl

Answer = TypeVar("Answer")

_NONE = pl.QueryOptFlags.none()
_PUSHDOWN = pl.QueryOptFlags.none(predicate_pushdown=True, projection_pushdown=True)


def at_once(plan: pl.LazyFrame) -> pl.DataFrame:
    """The rows of a plan whose sources are in memory."""
    return _by_a_worker(plan, _PUSHDOWN)


def as_written(plan: pl.LazyFrame) -> pl.DataFrame:
    """The rows of a chain of steps over frames in memory, taken one after the other.

    What the same steps come to when each is taken at once, for a quarter of the time: to every
    `DataFrame` method belongs a plan of its own. A frame that two steps need is collected, or
    marked by `LazyFrame.cache`; else it is worked out twice.
    """
    return _by_a_worker(plan, _NONE)


def _by_a_worker(plan: pl.LazyFrame, optimizations: pl.QueryOptFlags) -> pl.DataFrame:
    """The rows of a plan that one of Polars' threads carries out from end to end.

    By `LazyFrame.collect` the calling thread hands each join and group over to them and waits for
    it, which of few rows takes longer than the joining.
    """
    (rows,) = pl.collect_all([plan], engine="in-memory", optimizations=optimizations)
    return rows


def by_a_worker(work: Callable[[], Answer]) -> Answer:
    """What `work` returns, done from end to end by one of Polars' threads.

    For work that is many plans over few rows. Else each of them is handed over to those threads
    and waited for, in which a sixth of the time of one case goes, and of a slow one a third.

    Only one such work is done at a time; what is asked for meanwhile, or of a single thread, is
    done where it is asked for. So no thread of Polars that others' plans need ever waits for them.

    Raises:
        Whatever `work` raises.
    """
    if pl.thread_pool_size() == 1 or not _AT_WORK.acquire(blocking=False):
        return work()
    done: Future[Answer] = Future()
    context = copy_context()

    def carry_out(rows: pl.DataFrame) -> pl.DataFrame:
        # Polars would tell of an error in words of its own.
        try:
            done.set_result(context.run(work))
        except BaseException as error:
            done.set_exception(error)
        return rows

    try:
        as_written(pl.LazyFrame().map_batches(carry_out))
    finally:
        _AT_WORK.release()
    return done.result()


_AT_WORK = Lock()


def all_at_once(plans: Iterable[pl.LazyFrame]) -> list[pl.DataFrame]:
    """The rows of several such plans."""
    return pl.collect_all(plans, engine="in-memory", optimizations=_PUSHDOWN)


def among(column: str, values: pl.Series) -> pl.Expr:
    """Whether a column has one of the values; null where it is null.

    As `Expr.is_in`, with what there is to be done to the values left to the plan.
    """
    return pl.col(column).is_in(pl.lit(values).implode())


def nothing(**dtypes: pl.DataType) -> list[pl.Expr]:
    """Columns of rows beside which nothing is found: null, by name.

    In the place of a join that is known to find nothing.
    """
    return [pl.lit(None, dtype).alias(name) for name, dtype in dtypes.items()]


MANY = 5_000
"""Rows of which it is quicker to put only the different ones into words."""


def told_once(
    plan: pl.LazyFrame, on: list[str], words: Mapping[str, pl.Expr], *, rows: int
) -> pl.LazyFrame:
    """The plan with `words`, texts that follow from the columns `on`.

    Of many rows few say anything else than another: they are put into words once.

    Args:
        plan: in the order that is kept.
        on: every column that the words follow from.
        words: the texts, by the name of their column.
        rows: how many rows there are, about.
    """
    if rows < MANY:
        return plan.with_columns(**words)
    plan = plan.cache()
    said = plan.select(on).unique().with_columns(**words)
    return plan.join(said, on=on, how="left", nulls_equal=True, maintain_order="left")
