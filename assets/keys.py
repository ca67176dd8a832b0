"""Which rows of a frame share a key, cheaply where hardly any do.

Belongs here: the one question that collection asks of every delivery several times. Does not:
what a doubled key means (`assets.quarantine`, `assets.history`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import xor

import polars as pl


def digest(key: Sequence[str]) -> pl.Expr:
    """A number that equal keys have in common, and different ones hardly ever."""
    return reduce(xor, (pl.col(name).hash(seed) for seed, name in enumerate(key)))


def shared(rows: pl.DataFrame, key: Sequence[str]) -> pl.Series:
    """Whether another row has the same values in the key's columns; nulls equal each other.

    Digests are compared first, then the rows whose digest is not alone: the answer is exact.
    """
    digests = rows.select(digest(key)).to_series()
    if digests.n_unique() == rows.height:
        return pl.repeat(False, rows.height, eager=True)
    suspect = digests.is_duplicated()
    places = suspect.arg_true()
    found = places.filter(rows.filter(suspect).select(key).is_duplicated())
    return pl.repeat(False, rows.height, eager=True).scatter(found, True)
