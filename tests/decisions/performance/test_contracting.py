"""Under which form works were contracted (E19): what no text settles neither counts nor is missing."""

from __future__ import annotations

from datetime import date

import pytest
from exact import Exact
from judge import Verdict
from portfolio import Portfolio
from sheets import ranks
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


# -- specialties (E19) -------------------------------------------------------------------


async def of_specialty(code: str, contract_type: str) -> Verdict:
    """Meets its highest level exactly, but its works were all contracted as that."""
    rank = ranks(code)[0]
    one = Exact(rank, DAY).build()
    return await verdict_on(one.change(CONTRACT, {}, contract_type=contract_type))


@pytest.mark.provision("E19")
@pytest.mark.parametrize("contract_type", ["专业承包", "专业分包"])
@pytest.mark.parametrize("code", ["S11", "S13", "S14", "S15"])
async def test_works_contracted_separately_count_whatever_word_the_text_has_for_them(
    code: str, contract_type: str
) -> None:
    """None (S11), 施工 (S13, S14), 独立承担 (S15); from the owner or a general contractor."""
    answer = await of_specialty(code, contract_type)
    assert answer.results["performance"] == "met", answer.summary()


@pytest.mark.provision("E19")
@pytest.mark.parametrize("code", ["S13", "S14", "S15"])
async def test_works_of_a_general_contract_grant_no_specialty(code: str) -> None:
    """Reading 83: the text's own word may take them in, E19 does not."""
    answer = await of_specialty(code, "施工总承包")
    assert answer.results["performance"] == "no_data", answer.summary()


@pytest.mark.provision("E19")
@pytest.mark.parametrize(("code", "contract_type"), [("S11", "施工总承包"), ("G01", "专业承包")])
async def test_works_of_the_other_series_count_for_nothing_where_the_text_has_no_word_for_them(
    code: str, contract_type: str
) -> None:
    assert (await of_type(code, contract_type)).failed == {"performance"}


@pytest.mark.provision("E19")
@pytest.mark.parametrize(
    ("code", "contract_type", "result"),
    [
        ("G10", "施工总承包", "met"),
        ("G10", "专业承包", "met"),
        ("G10", "专业分包", "no_data"),
        ("G10", "劳务分包", "not_met"),
        ("G01", "专业分包", "not_met"),
    ],
)
async def test_works_taken_from_a_general_contractor_are_open_where_the_text_says_that_they_be_done(
    code: str, contract_type: str, result: str
) -> None:
    """施工 (G10) takes them in, 施工总承包 (G01) does not; no text says if they count (83)."""
    assert (await of_type(code, contract_type)).results["performance"] == result


@pytest.mark.provision("E19")
@pytest.mark.parametrize("code", ["G01", "S11"])
async def test_labour_never_does(code: str) -> None:
    assert (await of_type(code, "劳务分包")).failed == {"performance"}
