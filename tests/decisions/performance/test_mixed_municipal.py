"""Contracts for several kinds of municipal works: whether they are 市政综合工程 (reading 100)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from exact import DAY
from judge import MET, NO_DATA, NOT_MET, Verdict
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio
from sheets import line
from together import verdict_on

CONTRACT, UNIT, MEASURE = (
    "base_project__contract",
    "base_project__unit",
    "base_project__measure",
)
MIXED, ROAD, SEWER = "市政综合工程", "城市道路", "雨水管道"
pytestmark = pytest.mark.provision("E14", "E18", "E20")


async def verdict(firm: Portfolio) -> Verdict:
    answer = await verdict_on(firm)
    assert not disagreements(answer, plainly(firm)), answer.summary()
    return answer


def municipal() -> Portfolio:
    """Meets classes 1, 2, 3 and 7 of G10 二级, four as asked: roads, bridges, pipes and mixed works."""
    served = [line("G10", "二级", DAY, n) for n in (1, 2, 3, 7)]
    return Portfolio.meeting("G10", "二级", kind="upgrade", filed_on=DAY, served=served)


def told_apart(firm: Portfolio, *kinds: str) -> Portfolio:
    """Every contract for 市政综合工程 told by the kinds of works that it takes in, a unit each."""
    for one in firm.of(UNIT, works_type=MIXED):
        first, *others = kinds
        for measure in firm.of(MEASURE, unit_code=one["unit_code"]):
            measure["works_type"] = first
        one["works_type"] = first
        firm.rows[UNIT] += [
            {**one, "unit_code": f"{one['unit_code']}-{number}", "works_type": kind}
            for number, kind in enumerate(others, 2)
        ]
    return firm


@pytest.mark.parametrize(
    ("kinds", "result"),
    [
        ([MIXED], MET),
        ([ROAD, SEWER], NO_DATA),
        ([SEWER, "燃气管道"], NO_DATA),
        ([ROAD, "公园"], NO_DATA),  # of no list
        ([ROAD], NOT_MET),
        ([ROAD, ROAD], NOT_MET),
        ([SEWER, "污水管道"], NOT_MET),
        ([ROAD, "民用建筑工程"], NOT_MET),
    ],
)
async def test_works_of_two_municipal_kinds_under_one_contract_may_be_mixed(
    kinds: list[str], result: str
) -> None:
    answer = await verdict(told_apart(municipal(), *kinds))
    assert answer.results["performance.class.7"] == result, answer.summary()
    assert answer.results["performance"] == result, answer.summary()


def beside(firm: Portfolio, kind: str, *others: str, price_wan: int) -> Portfolio:
    """Every contract for works of a kind takes in units of the others, at that price."""
    for one in firm.of(UNIT, works_type=kind):
        firm.rows[UNIT] += [
            {**one, "unit_code": f"{one['unit_code']}-{number}", "works_type": other}
            for number, other in enumerate(others, 2)
        ]
        key = {"contract_no": one["contract_no"]}
        firm.change(CONTRACT, key, amount_yuan=Decimal(price_wan) * 10_000)
    return firm


@pytest.mark.parametrize(
    ("others", "price_wan", "result"),
    [([SEWER], 2500, MET), ([SEWER], 2501, NO_DATA), ([], 2501, MET)],
)
async def test_what_may_be_mixed_may_be_beyond_the_price_that_limits_it(
    others: list[str], price_wan: int, result: str
) -> None:
    """三级 takes mixed works up to 2,500 万元, and roads at any price."""
    answer = await verdict(beside(municipal(), ROAD, *others, price_wan=price_wan))
    assert answer.results["performance.class.1"] == result, answer.summary()
    assert answer.results["performance"] == result, answer.summary()


async def test_a_bridge_counts_beside_the_mixed_works_that_it_is_part_of() -> None:
    """Of one contract the bridge serves the bridges, and the contract may be mixed works (E16)."""
    served = [line("G10", "二级", DAY, n, number) for n, number in ((1, 0), (2, 1), (3, 0))]
    firm = Portfolio.meeting("G10", "二级", kind="upgrade", filed_on=DAY, served=served)
    assert (await verdict(firm)).results["performance"] == NOT_MET
    answer = await verdict(beside(firm, "城市桥梁", ROAD, price_wan=2000))
    assert answer.results["performance"] == NO_DATA, answer.summary()
