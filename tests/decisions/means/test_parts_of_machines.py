"""A machine counts as a whole one or not at all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from exact import Exact
from judge import MET, NO_DATA, NOT_MET, Verdict
from portfolio import Portfolio
from sheets import Rank
from together import verdict_on
from unit_plans import served_lines

DAY = date(2017, 3, 1)
MEASURE = "base_project__measure"


async def verdict(portfolio: Portfolio) -> Verdict:
    return await verdict_on(portfolio, with_evidence=False)


@pytest.mark.parametrize(
    ("pieces", "result"),
    [("0.9999", NO_DATA), ("1", MET), ("1.0001", MET), (None, MET)],
)
async def test_part_of_a_machine_is_no_machine_where_works_are_assigned(
    pieces: str | None, result: str
) -> None:
    """G06 二级, classes 1 and 2: 4 台, one of them in a work that says how many it has.

    Which further works there are is not known, so that classes are not settled by counts.
    """
    portfolio, label = four_generators()
    portfolio.uncover("base_project__unit")
    portfolio.show(label, "数量", None if pieces is None else Decimal(pieces))
    decided = await verdict(portfolio)
    assert decided.results["performance.class.2"] == result, decided.summary()
    assert decided.results["performance"] == result, decided.summary()


@pytest.mark.parametrize(
    ("pieces", "result"), [("0.9999", NOT_MET), ("1", MET), ("1.0001", MET), (None, MET)]
)
async def test_part_of_a_machine_is_no_machine_where_all_works_are_known(
    pieces: str | None, result: str
) -> None:
    portfolio, label = four_generators()
    portfolio.show(label, "数量", None if pieces is None else Decimal(pieces))
    assert (await verdict(portfolio)).results["performance"] == result


async def test_parts_of_machines_in_several_works_make_no_machine_together() -> None:
    """1.5 and 1.5 and 1 台 are three whole ones, not four."""
    portfolio, label = four_generators()
    rows = portfolio.of(MEASURE, works_type="发电机组", metric="数量")
    portfolio.tear_down(label)
    for row in rows[1:3]:
        row["value"] = Decimal("1.5")
    assert (await verdict(portfolio)).results["performance.class.2"] == NOT_MET


def four_generators() -> tuple[Portfolio, str]:
    """G06 二级 met by a sum (class 1) and by 4 台 (class 2), and one of the works with a machine."""
    rank = Rank("G06", "二级")
    served = next(one for one in served_lines(rank, DAY) if one.n == 2)
    portfolio = Exact(rank, DAY, 1, served=served).build()
    machines = portfolio.of(MEASURE, works_type="发电机组", metric="数量")
    assert [row["value"] for row in machines] == [1] * 4
    unit = machines[0]["unit_code"]
    return portfolio, str(unit).removeprefix(f"{portfolio.nth:06d}-").removesuffix("-001")
