"""Which rows share a key: exact, whatever the digests."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from assets.keys import shared

_ROWS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "ab", None]), st.sampled_from([1, 2, None])), max_size=8
)


@given(_ROWS)
def test_rows_with_equal_values_in_all_columns_share_their_key_and_no_others(
    rows: list[tuple[str | None, int | None]],
) -> None:
    frame = pl.DataFrame(rows, schema={"text": pl.String, "number": pl.Int64}, orient="row")
    assert shared(frame, ("text", "number")).to_list() == [rows.count(row) > 1 for row in rows]
