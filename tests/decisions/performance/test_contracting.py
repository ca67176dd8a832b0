"""Under which form works were contracted (E19): what no text settles neither counts nor is missing."""

from __future__ import annotations

from datetime import date

import pytest
from judge import Verdict
from portfolio import Portfolio
from together import verdict_on

CONTRACT = "base_project__contract"
DAY = date(2017, 3, 1)


async def of_type(code: str, contract_type: str) -> Verdict:
    """Meets 一级 or 二级 exactly, but its works were all contracted as that."""
    level = "二级" if code.startswith("G") else "一级"
    one = Portfolio.meeting(code, level, kind="upgrade", filed_on=DAY)
    return await verdict_on(one.change(CONTRACT, {}, contract_type=contract_type))


@pytest.mark.provision("B1.3")
@pytest.mark.parametrize("code", ["G01", "G10", "S11"])
async def test_whether_works_taken_as_epc_count_is_not_known(code: str) -> None:
    """Reading 48: only of designers does a text say so (B1.3)."""
    answer = await of_type(code, "工程总承包")
    assert answer.outcome == "awaiting_data", answer.summary()
    assert answer.unknown == {"performance"}


@pytest.mark.provision("E19")
@pytest.mark.parametrize(("code", "counts"), [("G01", "施工总承包"), ("S11", "专业承包")])
async def test_the_form_of_the_series_counts(code: str, counts: str) -> None:
    assert (await of_type(code, counts)).outcome == "granted"


@pytest.mark.provision("E19")
@pytest.mark.parametrize("code", ["G01", "S11"])
async def test_labour_never_does(code: str) -> None:
    assert (await of_type(code, "劳务分包")).failed == {"performance"}
