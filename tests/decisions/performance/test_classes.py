"""How many classes, and which: what the verdict says of those that lack."""

from __future__ import annotations

from datetime import date

import pytest
from exact import Exact
from judge import MET, NOT_MET
from sheets import ranks
from together import verdict_on
from unit_plans import served_lines

DAY = date(2017, 3, 1)


@pytest.mark.provision("E18")
async def test_of_classes_enough_in_number_the_verdict_says_that_one_lacks_that_must_be_among_them() -> (
    None
):
    """S30 一级: 4 of 7 classes, the first among them."""
    rank = next(one for one in ranks("S30") if one.level == "一级")
    asked = rank.asked(DAY)["performance"]
    assert asked["mandatory"] == [1]
    per_class = {one.n: one for one in reversed(served_lines(rank, DAY)) if one.n != 1}
    chosen = [per_class[n] for n in sorted(per_class)][: asked["need"]]
    answer = await verdict_on(Exact(rank, DAY, 1, served=chosen).build())
    assert answer.results["performance.class.1"] == NOT_MET
    assert [answer.results[f"performance.class.{one.n}"] for one in chosen] == [MET] * len(chosen)
    assert answer.results["performance"] == NOT_MET
    assert answer.criterion("performance")["note"] == (
        "类数已足，缺须含的类别 enough classes, but one that must be among them lacks"
    )
