"""What people cost by what they serve: prices bound it from below, whatever they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisions.people.crowd import Crowd

GROUPS, SORTS, DEMANDS = 2, 3, 4


@st.composite
def crowds(draw: st.DrawFn) -> Crowd:
    """Three sorts of people and four requirements of two groups."""

    def whole(least: int, most: int, *shape: int) -> np.ndarray:
        count = int(np.prod(shape))
        drawn = draw(st.lists(st.integers(least, most), min_size=count, max_size=count))
        return np.array(drawn, np.int64).reshape(shape)

    return Crowd(
        serves=whole(0, 1, SORTS, DEMANDS),
        size=whole(1, 4, SORTS),
        is_of=np.eye(GROUPS, dtype=np.int64)[:, np.arange(DEMANDS) % GROUPS],
        lacking=whole(-3, 8, DEMANDS),
        weight=whole(1, 100, DEMANDS),
    )


@pytest.mark.provision("E5")
@given(crowds(), st.data())
def test_no_assignment_costs_less_than_any_prices_up_to_the_weights_tell(
    crowd: Crowd, data: st.DataObject
) -> None:
    prices = [data.draw(st.floats(0, weight)) for weight in crowd.weight.tolist()]
    first = [data.draw(st.integers(0, size)) for size in crowd.size.tolist()]
    assigned = np.column_stack([first, crowd.size - first])
    assert crowd.bound(np.array(prices)) <= crowd.cost(assigned) + 1e-9
