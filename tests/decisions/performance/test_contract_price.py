"""The price of a contract counts once, however many unit projects it is for (E20)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from exact import Exact
from judge import MET, NO_DATA, NOT_MET, Verdict
from portfolio import Portfolio
from sheets import UnitPlan, ranks
from together import verdict_on

pytestmark = pytest.mark.provision("E20")

DAY = date(2017, 3, 1)
CONTRACT = "base_project__contract"


def upgrade() -> Portfolio:
    return Portfolio.meeting("S04", "一级", kind="upgrade", filed_on=DAY)


def own_units(portfolio: Portfolio) -> list[dict[str, object]]:
    return [
        unit
        for unit in portfolio.of("base_project__unit", usc_code=portfolio.usc_code)
        if "lead_work" not in str(unit["contract_no"])
    ]


async def verdict_of(portfolio: Portfolio) -> Verdict:
    return await verdict_on(portfolio)


async def test_as_many_contracts_of_the_price_as_asked_are_enough() -> None:
    portfolio = upgrade()
    units = own_units(portfolio)
    assert len({unit["contract_no"] for unit in units}) == len(units) > 1
    assert (await verdict_of(portfolio)).results["performance"] == MET


async def test_two_units_of_one_contract_of_the_price_are_one_work() -> None:
    portfolio = upgrade()
    first, *_, last = own_units(portfolio)
    portfolio.change(
        "base_project__unit",
        {"unit_code": last["unit_code"]},
        contract_no=first["contract_no"],
        project_no=first["project_no"],
    )
    verdict = await verdict_of(portfolio)
    assert verdict.results["performance"] == NOT_MET, verdict.summary()


async def test_a_further_unit_in_one_of_the_contracts_takes_nothing_away() -> None:
    portfolio = upgrade()
    first, *_ = own_units(portfolio)
    portfolio.rows["base_project__unit"].append({**first, "unit_code": f"{first['unit_code']}-2"})
    assert (await verdict_of(portfolio)).results["performance"] == MET


async def test_a_unit_that_fails_does_not_hide_a_doubtful_one_of_its_contract() -> None:
    portfolio = upgrade()
    *_, last = own_units(portfolio)
    failing = {**last, "unit_code": "0-other", "usc_code": portfolio.usc_code}
    portfolio.rows["base_project__unit"].append(failing)
    portfolio.doubt(
        "base_project__unit", str(failing["unit_code"]), "LAW", usc_code=portfolio.usc_code
    )
    portfolio.doubt(
        "base_project__unit", str(last["unit_code"]), "DATA", usc_code=portfolio.usc_code
    )
    verdict = await verdict_of(portfolio)
    assert verdict.outcome == "awaiting_data", verdict.summary()


@pytest.mark.parametrize("none", [None, Decimal(0)])
@pytest.mark.parametrize(
    ("over", "result"),
    [(None, NO_DATA), (Decimal("-0.01"), NOT_MET), (Decimal(0), MET), (Decimal("0.01"), MET)],
)
async def test_a_contract_without_a_price_counts_by_its_settlement(
    none: Decimal | None, over: Decimal | None, result: str
) -> None:
    """0 is no price (E20): without a settlement either, what it cost is not known."""
    portfolio = upgrade()
    contract_no = own_units(portfolio)[0]["contract_no"]
    (row,) = portfolio.of("base_project__contract", contract_no=contract_no)
    price = row["amount_yuan"]
    row.update(amount_yuan=none, settlement_yuan=none if over is None else price + over)
    verdict = await verdict_of(portfolio)
    assert verdict.results["performance"] == result, verdict.summary()


# -- undertaken with others (reading 94) -------------------------------------------------------


@pytest.mark.parametrize(
    ("wan", "with_others", "result"),
    [
        (1499, False, NOT_MET),
        (1500, False, MET),
        (1499, True, NOT_MET),
        (1500, True, NO_DATA),
        (2000, True, NO_DATA),
        (2001, True, NOT_MET),
        (1499, None, NOT_MET),
        (1500, None, NO_DATA),
    ],
)
async def test_what_part_of_a_price_of_several_is_the_applicants_nobody_knows(
    wan: int, with_others: bool | None, result: str
) -> None:
    """1500 万元 are asked, 2000 may be taken under 二级: by the whole price, of whoever's level is low."""
    portfolio = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY)
    portfolio.show("project.1", "单项合同额", Decimal(wan)).change(
        CONTRACT, {"contract_no": portfolio.contract_no("project.1")}, is_consortium=with_others
    )
    assert (await verdict_of(portfolio)).results["performance"] == result


async def test_works_undertaken_with_others_take_nothing_from_as_many_of_its_own() -> None:
    portfolio = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY)
    more = portfolio.add_project(UnitPlan("建筑装修装饰工程", ()))
    portfolio.show(more, "单项合同额", Decimal(1500)).change(
        CONTRACT, {"contract_no": portfolio.contract_no(more)}, is_consortium=True
    )
    assert (await verdict_of(portfolio)).outcome == "granted"


async def test_a_sum_of_prices_is_not_reached_by_those_of_several() -> None:
    """S07 二级: 1.5 亿元 of bridges."""
    rank = next(one for one in ranks("S07") if one.level == "二级")
    portfolio = Exact(rank, DAY).build()
    assert (await verdict_of(portfolio)).results["performance"] == MET
    portfolio.change(CONTRACT, {}, is_consortium=True)
    assert (await verdict_of(portfolio)).results["performance"] == NO_DATA


async def test_what_a_unit_measures_is_its_builders() -> None:
    """Nothing of G01 二级 is counted by a price; a unit stands under the code of who builds it."""
    portfolio = Portfolio.meeting("G01", "二级", kind="upgrade", filed_on=DAY)
    portfolio.change(CONTRACT, {}, is_consortium=True)
    assert (await verdict_of(portfolio)).outcome == "granted"


@pytest.mark.provision("E11")
@pytest.mark.parametrize(("with_others", "result"), [(False, MET), (True, NO_DATA)])
async def test_so_it_is_of_works_that_the_leader_led(with_others: bool, result: str) -> None:
    portfolio = Portfolio.meeting("S04", "二级", kind="first", filed_on=DAY)
    portfolio.change(CONTRACT, {}, is_consortium=with_others)
    assert (await verdict_of(portfolio)).results["lead_performance"] == result
