"""What a code stands for, as an expression: a rank, a name, a figure.

Belongs here: looking codes up in a mapping that is known beforehand. Does not: any mapping.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TypeVar

import polars as pl

Code = TypeVar("Code", bound=str)


def looked_up(code: pl.Expr, meanings: Mapping[Code, object], dtype: pl.DataType) -> pl.Expr:
    """What each code stands for; null for none, and for one that is not among them.

    What `Expr.replace_strict` says with null for its default, without the join that it makes
    of every call; not for use within a group.

    Args:
        code: text.
        meanings: by code.
        dtype: of what they stand for.
    """
    codes, values = _in_order(tuple(meanings), tuple(meanings.values()), dtype)
    return values.gather(code.cast(codes, strict=False).to_physical())


@cache
def _in_order(
    codes: tuple[str, ...], values: tuple[object, ...], dtype: pl.DataType
) -> tuple[pl.Enum, pl.Expr]:
    return pl.Enum(codes), pl.lit(pl.Series(values, dtype=dtype))
