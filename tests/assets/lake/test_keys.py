"""Which rows share a key, and rows in order: exact, whatever the short cuts."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.lake import keys
from assets.lake.keys import in_order, is_as_before, meeting, put_in, shared, together

_ROWS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "ab", None]), st.sampled_from([1, 2, None])), max_size=8
)


@given(_ROWS)
def test_rows_with_equal_values_in_all_columns_share_their_key_and_no_others(
    rows: list[tuple[str | None, int | None]],
) -> None:
    frame = pl.DataFrame(rows, schema={"text": pl.String, "number": pl.Int64}, orient="row")
    assert shared(frame, ("text", "number")).to_list() == [rows.count(row) > 1 for row in rows]


_ORDERED = {"name": pl.String, "day": pl.Date, "number": pl.Int64, "flag": pl.Boolean}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["甲", "乙", "a", "", None]),
            st.one_of(st.none(), st.dates()),
            st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.integers(-2, 2)),
            st.one_of(st.none(), st.booleans()),
        ),
        max_size=30,
    ),
    st.permutations(list(_ORDERED)),
    st.integers(0, 4),
)
def test_rows_come_in_the_order_of_their_columns_and_stay_where_they_are_alike(
    rows: list[tuple[Any, ...]], names: list[str], count: int
) -> None:
    frame = pl.DataFrame(rows, schema=_ORDERED, orient="row").with_row_index("came")
    order = names[:count] or ["name"]
    wanted = frame.sort(*order, "came", nulls_last=True)
    assert in_order(frame, order).equals(wanted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_LITTLE", 0)
        assert in_order(frame, order).equals(wanted)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["甲", "乙", "same beginning 1", "same beginning 2", None]),
            st.one_of(st.none(), st.integers(-2, 2)),
            st.one_of(st.none(), st.integers(-(2**62), 2**62)),
        ),
        max_size=30,
    )
)
def test_rows_of_a_key_come_beside_each_other_in_their_order(rows: list[tuple[Any, ...]]) -> None:
    schema = {"text": pl.String, "number": pl.Int64, "at": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_row_index("came")
    found = together(frame, ["text"], ["number", "at"])
    assert found.select((~is_as_before(["text"])).sum()).item() == len({row[0] for row in rows})
    of_one = found.sort("text", nulls_last=True, maintain_order=True)
    assert of_one.equals(frame.sort("text", "number", "at", "came", nulls_last=True))


_LONG = st.text(alphabet="ab\x00中", max_size=10)


@given(st.lists(st.tuples(st.one_of(st.none(), _LONG), st.integers(0, 3)), max_size=60))
def test_texts_that_hardly_repeat_are_sorted_by_more_than_how_they_begin(
    rows: list[tuple[str | None, int]],
) -> None:
    schema = {"text": pl.String, "number": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_row_index("came")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_LITTLE", 0)
        patch.setattr(keys, "_FEW", 0)
        patch.setattr(keys, "_REPEATED", 1_000)
        found = in_order(frame, ["text", "number"])
    assert found.equals(frame.sort("text", "number", "came", nulls_last=True))


_PAIRS = st.lists(
    st.tuples(st.sampled_from(["甲", "乙", "a", "", None]), st.integers(-2, 2)), max_size=12
)


@given(_PAIRS, _PAIRS, st.booleans())
def test_rows_put_among_others_come_in_their_order(
    held: list[tuple[str | None, int]], more: list[tuple[str | None, int]], is_in_order: bool
) -> None:
    rows = pl.DataFrame(
        [*held, *more], schema={"text": pl.String, "number": pl.Int64}, orient="row"
    ).with_row_index("came")
    order = ["text", "number", "came"]
    among = rows.head(len(held))
    among = among.sort(order, nulls_last=True) if is_in_order else among
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "FEW_AMONG", 0)
        found = put_in(among, rows.slice(len(held)), order)
    assert found.equals(rows.sort(order, nulls_last=True))


@given(
    rows=st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.integers(0, 3)), max_size=9),
    values=st.lists(st.tuples(st.sampled_from(["a", None]), st.integers(0, 2)), max_size=3),
    are_few=st.booleans(),
    nulls_equal=st.booleans(),
)
def test_rows_that_meet_values_are_the_same_whether_these_are_few_or_many(
    rows: list[tuple[Any, ...]], values: list[tuple[Any, ...]], are_few: bool, nulls_equal: bool
) -> None:
    schema = {"a": pl.String, "b": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    asked = pl.DataFrame(values, schema=schema, orient="row").unique()
    of = 1_000 if are_few else 0
    found = meeting(frame.lazy(), asked, of, nulls_equal=nulls_equal).collect()
    wanted = [row for row in rows if row in values and (nulls_equal or None not in row)]
    assert sorted(found.rows(), key=str) == sorted(wanted, key=str)
