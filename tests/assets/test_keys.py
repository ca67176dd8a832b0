"""Which rows share a key, and rows in order: exact, whatever the short cuts."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from assets.keys import in_order, shared

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
