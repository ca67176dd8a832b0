"""Works of a kind that the scope of the level held does not name (E14, reading 82)."""

from __future__ import annotations

from datetime import date

import pytest
from exact import DAY, Exact
from judge import Verdict
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio
from sheets import Rank
from together import verdict_on
from unit_plans import served_lines

pytestmark = pytest.mark.provision("E14")

QUALIFICATION = "base_enterprise__qualification"
SECOND = Rank("G10", "二级")


def tunnels() -> Portfolio:
    """Meets G10 二级 with 1.5 公里 of tunnels among its works, taken under 一级."""
    served = next(one for one in served_lines(SECOND, DAY) if one.n == 6)
    return Exact(SECOND, DAY, served=served).build()


async def verdict(firm: Portfolio) -> Verdict:
    answer = await verdict_on(firm, with_evidence=False)
    assert not disagreements(answer, plainly(firm)), answer.summary()
    return answer


def taken_under(level: str) -> Portfolio:
    firm = tunnels()
    if level == "三级":
        firm.remove(QUALIFICATION, level="一级")
        firm.change(QUALIFICATION, {"level": "三级"}, valid_from=date(2000, 1, 1))
    return firm


@pytest.mark.parametrize(("level", "result"), [("一级", "met"), ("三级", "not_met")])
async def test_tunnels_are_beyond_the_scope_of_the_third_level(level: str, result: str) -> None:
    assert (await verdict(taken_under(level))).results["performance.class.6"] == result
