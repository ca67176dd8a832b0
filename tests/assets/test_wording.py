"""Text with values in it."""

from __future__ import annotations

import polars as pl
import pytest

from assets.wording import worded


def test_values_stand_in_their_places_and_one_that_is_missing_leaves_no_text() -> None:
    frame = pl.DataFrame({"n": [3, None], "what": ["起重机", "盾构机"]})
    said = frame.select(worded("要求{}台{}", "n", pl.col("what")))
    assert said.to_dict(as_series=False) == {"n": ["要求3台起重机", None]}


def test_as_many_values_as_places() -> None:
    with pytest.raises(ValueError, match="2 places for 1 values"):
        worded("{} and {}", "n")


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_a_filter_over_groups_may_leave_nothing_of_the_first_chunk(engine: str) -> None:
    parts = [pl.DataFrame({"key": ["a", "a"]}), pl.DataFrame({"key": ["b", "c"]})]
    alone = pl.concat(parts, rechunk=False).lazy().filter(pl.len().over("key") == 1)
    said = alone.select(worded("只有{}", "key")).collect(engine=engine)  # type: ignore[call-overload]
    assert sorted(said["key"]) == ["只有b", "只有c"]
