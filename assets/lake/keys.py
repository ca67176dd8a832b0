"""Which rows of a frame share a key, and rows in an order, cheaply where many are.

Belongs here: the questions that collection asks of every delivery several times. Does not:
what a doubled key means (`assets.bases.quarantine`, `assets.lake.history`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import xor

import polars as pl

_REPEATED = 4
"""Times that a text is met on average where its number is worth looking up."""
_FEW = 1_000
"""Texts that are numbered in any case."""
_LITTLE = 10_000
"""Rows from which numbering texts is quicker than comparing them."""
_MOST = 2**62
_PLACE = "_place"
_DIGEST = "_digest"
_BEGINNING = 8
"""Bytes of a text that are a number."""
FEW_AMONG = 20
"""Rows for each that is put or looked for among them, from which these are few."""
_WIDE = 2**32
"""Range of numbers beyond which they are counted instead."""


def digest(key: Sequence[str]) -> pl.Expr:
    """A number that equal keys have in common, and different ones hardly ever."""
    return reduce(xor, (pl.col(name).hash(seed) for seed, name in enumerate(key)))


def shared(rows: pl.DataFrame, key: Sequence[str]) -> pl.Series:
    """Whether another row has the same values in the key's columns; nulls equal each other.

    Digests are compared first, then the rows whose digest is not alone: the answer is exact.
    """
    suspect = repeated(rows.select(digest(key)).to_series())
    places = suspect.arg_true()
    found = places.filter(rows.filter(suspect).select(key).is_duplicated())
    return pl.repeat(False, rows.height, eager=True).scatter(found, True)


def repeated(numbers: pl.Series) -> pl.Series:
    """Whether another place of the column has the same number; quick where hardly any has."""
    ordered = numbers.sort()
    twice = ordered.filter(ordered == ordered.shift(1)).unique()
    return numbers.is_in(twice.implode())


def meeting(
    rows: pl.LazyFrame, values: pl.DataFrame, of: int, *, nulls_equal: bool = False
) -> pl.LazyFrame:
    """The rows that have one of `values` in its columns.

    Few are looked for in the column first that tells most of them apart: of the other rows no
    other column is read.

    Args:
        rows: with these columns, mostly of data files.
        values: of some of their columns.
        of: how many rows there are.
        nulls_equal: whether nulls equal each other.
    """
    on = values.columns
    if values.height * FEW_AMONG <= of:
        name = max(on, key=lambda column: values[column].n_unique())
        few = values[name].unique().implode()
        rows = rows.filter(pl.col(name).is_in(few, nulls_equal=nulls_equal))
    return rows.join(values.lazy(), on=on, how="semi", nulls_equal=nulls_equal)


def is_as_before(key: Sequence[str]) -> pl.Expr:
    """Whether a row has the key of the row before it; nulls equal each other."""
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in key)
    return same & (pl.int_range(pl.len()) > 0)


def together(rows: pl.DataFrame, key: Sequence[str], order: Sequence[str]) -> pl.DataFrame:
    """The rows with those of a key beside each other, these sorted by columns, nulls last.

    The keys come in any order, so that their digests are sorted and not their texts.
    """
    rows = rows.rechunk()  # places are looked up in one piece in a tenth of the time
    within = _arranged(rows, order)
    if within is not None:
        digests = rows.select(digest(key)).to_series().gather(within)
        found = rows[within.gather(_arg_sort(digests))]
        is_of_two = (pl.col(_DIGEST) == pl.col(_DIGEST).shift(1)) & ~is_as_before(key)
        if not found.with_columns(digest(key).alias(_DIGEST)).select(is_of_two.any()).item():
            return found
    return rows.sort(*key, *order, nulls_last=True, maintain_order=True)


def in_order(rows: pl.DataFrame, order: Sequence[str]) -> pl.DataFrame:
    """The rows sorted by columns, nulls last; rows that are alike there keep their order.

    Texts of a delivery repeat: each is compared once, then rows by the numbers of their texts,
    all columns in one number. Of many rows that takes less than half of the time of comparing texts
    by row, and of few several times as long.
    """
    if rows.height < _LITTLE:
        return rows.sort(order, nulls_last=True, maintain_order=True)
    rows = rows.rechunk()
    places = _arranged(rows, order)
    if places is not None:
        return rows[places]
    begun = _by_beginnings(rows, order)
    return rows.sort(order, nulls_last=True, maintain_order=True) if begun is None else begun


def put_in(held: pl.DataFrame, more: pl.DataFrame, order: Sequence[str]) -> pl.DataFrame:
    """Two frames as one, sorted by columns, nulls last.

    Few rows put among many that are in order take a sixth of the time of sorting the many.

    Args:
        held: rows that are mostly in order already, or in any.
        more: rows in any order.
        order: the columns; of rows that are alike there any may be first.
    """
    both = pl.concat([held, more])
    if more.height * FEW_AMONG <= held.height and held[order[0]].is_sorted(nulls_last=True):
        return both.sort(order, nulls_last=True)  # which merges what is in order
    return in_order(both, order)


def _arg_sort(numbers: pl.Series) -> pl.Series:
    """Where the numbers stand in order, equal ones as they came, nulls last."""
    frame = numbers.alias(_PLACE).to_frame()
    return frame.select(pl.arg_sort_by(_PLACE, nulls_last=True, maintain_order=True)).to_series()


def _arranged(rows: pl.DataFrame, order: Sequence[str]) -> pl.Series | None:
    """Where the rows stand as sorted by columns, if one number can tell."""
    place = _places(rows, order)
    if place is None:
        return None
    if place.is_sorted():
        return pl.int_range(rows.height, dtype=pl.UInt32, eager=True)
    return _arg_sort(place)


def _by_beginnings(rows: pl.DataFrame, order: Sequence[str]) -> pl.DataFrame | None:
    """The rows sorted by a text that hardly repeats: by its first bytes as a number.

    Rows whose texts begin alike and are not are sorted by all they say, and put where they were.
    None: the text is not the first column, or most of them begin alike.
    """
    name, rest = order[0], order[1:]
    within = (
        _arranged(rows, rest) if rest else pl.int_range(rows.height, dtype=pl.UInt32, eager=True)
    )
    if rows[name].dtype != pl.String or within is None:
        return None
    padded = pl.col(name).str.pad_end(_BEGINNING, "\x00").cast(pl.Binary)
    begins = rows.select(
        padded.bin.slice(0, _BEGINNING).bin.reinterpret(dtype=pl.UInt64, endianness="big")
    ).to_series()
    places = within.gather(_arg_sort(begins.gather(within)))
    found = rows[places].with_columns(begins.gather(places).alias(_PLACE))
    is_alike = (pl.col(_PLACE) == pl.col(_PLACE).shift(1)) & ~is_as_before([name])
    unclear = found.filter(is_alike)[_PLACE].unique()
    where = found[_PLACE].is_in(unclear.implode()).arg_true()
    found = found.drop(_PLACE)
    if where.is_empty():
        return found
    if where.len() > rows.height // 2:
        return None
    # As they came: rows that are alike in all columns keep their order.
    came = rows[places.gather(where).sort()]
    mended = came.sort(order, nulls_last=True, maintain_order=True)
    is_clear = pl.repeat(True, rows.height, eager=True).scatter(where, False)
    numbered = pl.concat(
        [
            found.filter(is_clear).with_columns(is_clear.arg_true().alias(_PLACE)),
            mended.with_columns(where.alias(_PLACE)),
        ]
    )
    return numbered[_arg_sort(numbered[_PLACE])].drop(_PLACE)


def _places(rows: pl.DataFrame, order: Sequence[str]) -> pl.Series | None:
    """A number for every row by which they sort as by the columns, where there is one."""
    if rows.is_empty():
        return None
    places, room = pl.lit(0, pl.Int64), 1
    columns = []
    for name in order:
        numbered = _numbered(rows[name])
        if numbered is None:
            return None
        numbers, size = numbered
        room *= size
        if room > _MOST:
            return None
        columns.append(numbers.alias(name))
        places = places * size + pl.col(name)
    return pl.DataFrame(columns).select(places.alias(_PLACE)).to_series()


def _numbered(values: pl.Series) -> tuple[pl.Series, int] | None:
    """Numbers from 0 that sort as the values do, nulls last, and how many there may be."""
    if values.dtype == pl.String:
        if not _repeats(values):
            return None
        texts = values.unique().sort(nulls_last=True)
        known = pl.DataFrame({"text": texts}).with_row_index("number").cast({"number": pl.Int64})
        met = (
            values.alias("text")
            .to_frame()
            .join(known, on="text", how="left", nulls_equal=True, maintain_order="left")
        )
        return met["number"], texts.len()
    if values.dtype.is_integer() or values.dtype.is_temporal() or values.dtype == pl.Boolean:
        number = values.to_physical().cast(pl.Int64).alias("number")
        low, high = number.to_frame().select(low=pl.min("number"), high=pl.max("number")).row(0)
        if low is None:
            return pl.repeat(0, values.len(), dtype=pl.Int64, eager=True), 1
        if high - low > _WIDE and _repeats(number):
            steps = number.drop_nulls().unique().sort()
            places = steps.search_sorted(number.fill_null(high), side="left").cast(pl.Int64)
            last = steps.len()
            return places.zip_with(number.is_not_null(), pl.Series([last])), last + 1
        return (number - low).fill_null(high - low + 1), high - low + 2
    return None


def _repeats(values: pl.Series) -> bool:
    """Whether values are met several times on average, or are few."""
    count = values.to_frame("value").select(pl.col("value").approx_n_unique()).item()
    few: bool = count <= max(values.len() // _REPEATED, _FEW)
    return few
