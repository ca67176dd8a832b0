"""A code stands for what the mapping says, and any other for nothing."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from decisions.lookup import looked_up

_CODES = st.sampled_from(["first", "upgrade", "一级", "", "?"])


@given(
    st.lists(st.none() | _CODES, max_size=6),
    st.dictionaries(_CODES, st.none() | st.integers(0, 9), max_size=4),
)
def test_it_says_what_a_replacement_of_every_value_says(
    codes: list[str | None], meanings: dict[str, int | None]
) -> None:
    rows = pl.LazyFrame({"code": codes}, schema={"code": pl.String()})
    found = rows.select("code", rank=looked_up(pl.col("code"), meanings, pl.Int64()))
    expected = [None if code is None else meanings.get(code) for code in codes]
    assert_frame_equal(
        found.collect(),
        pl.DataFrame(
            {"code": codes, "rank": expected}, schema={"code": pl.String(), "rank": pl.Int64()}
        ),
    )
