"""Three-valued logic in Polars: true, false, and null for "no data" (reading 3, Kleene).

Not met beats no data, no data beats met. Belongs here: combining truths and counting with
doubt. Does not: any rule.
"""

from __future__ import annotations

from functools import reduce

import polars as pl

MET, NOT_MET, NO_DATA = "met", "not_met", "no_data"


def all_of(*truths: pl.Expr) -> pl.Expr:
    """And across columns: false if any is false, else null if any is null, else true."""
    return reduce(lambda left, right: left & right, truths)


def any_of(*truths: pl.Expr) -> pl.Expr:
    """Or across columns: true if any is true, else null if any is null, else false."""
    return reduce(lambda left, right: left | right, truths)


def every(truth: pl.Expr) -> pl.Expr:
    """And down a group; true for an empty one."""
    return truth.all(ignore_nulls=False)


def against(truth: pl.Expr) -> pl.Expr:
    """How much a truth says against the whole: 0 met, 1 no data, 2 not met.

    The largest of a group is `every` of it (`unless`), for half the time where groups are many and
    small.
    """
    return pl.when(truth.is_null()).then(1).when(truth).then(0).otherwise(2).cast(pl.Int8)


def unless(most: pl.Expr) -> pl.Expr:
    """The truth of a group from the largest `against` in it; true for an empty one."""
    return pl.when(most.fill_null(0) == 0).then(True).when(most == 2).then(False)


def some(truth: pl.Expr) -> pl.Expr:
    """Or down a group; false for an empty one."""
    return truth.any(ignore_nulls=False)


def certain(truth: pl.Expr) -> pl.Expr:
    """How many of a group are surely true."""
    return truth.fill_null(False).sum().cast(pl.Int64)


def possible(truth: pl.Expr) -> pl.Expr:
    """How many of a group may be true: the sure ones and the unknown."""
    return truth.fill_null(True).sum().cast(pl.Int64)


def at_least(
    certain_count: pl.Expr, possible_count: pl.Expr, asked: pl.Expr, is_closed: pl.Expr
) -> pl.Expr:
    """Whether a count reaches `asked`.

    Met when the certain suffice; not met when even all uncertain would not and the source is
    known to be complete (`is_closed`); else no data.
    """
    return (
        pl.when(certain_count >= asked)
        .then(True)
        .when((possible_count < asked) & is_closed)
        .then(False)
        .otherwise(None)
    )


def short_by(certain_count: pl.Expr, asked: pl.Expr) -> pl.Expr:
    """By how much what surely counts falls short of `asked`; null where it does not."""
    return pl.when(certain_count < asked).then(asked - certain_count).cast(pl.Float64)


def proven(found: pl.Expr, is_closed: pl.Expr) -> pl.Expr:
    """Whether something is on record: its absence is only known of a complete source.

    Args:
        found: whether a row says so: false where there is none, null where a doubtful one does.
        is_closed: whether the source is known to be complete.
    """
    return pl.when(found.fill_null(True) | is_closed).then(found)


def counted(truth: pl.Expr) -> pl.Expr:
    """The word for whether a row counts: yes, no, unknown."""
    return (
        pl.when(truth.is_null())
        .then(pl.lit("unknown"))
        .when(truth)
        .then(pl.lit("yes"))
        .otherwise(pl.lit("no"))
    )


def result(truth: pl.Expr) -> pl.Expr:
    """The word for a truth: met, not_met, no_data."""
    return (
        pl.when(truth.is_null())
        .then(pl.lit(NO_DATA))
        .when(truth)
        .then(pl.lit(MET))
        .otherwise(pl.lit(NOT_MET))
    )
