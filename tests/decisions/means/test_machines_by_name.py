"""Machines by the names that sources give them: the kind asked for, a wider one, another (E26).

Belongs here: kinds of machines. Does not: names that no list has (`test_unlisted_names`), figures.
"""

from __future__ import annotations

import pytest
from exact import DAY, Exact
from judge import MET, NO_DATA, NOT_MET, Verdict
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio
from sheets import Rank
from together import verdict_on
from worked import assert_granted

pytestmark = pytest.mark.provision("E26")
EQUIPMENT = "base_enterprise__equipment"
CUTTERS = "多头、数控、仿型、等离子或相贯切割机"
DRILLS = "三维或平面数控钻床、50毫米以上摇臂钻床"


async def verdict(firm: Portfolio) -> Verdict:
    answer = await verdict_on(firm, with_evidence=False)
    assert not disagreements(answer, plainly(firm)), answer.summary()
    return answer


def call(firm: Portfolio, kind: str, *names: str) -> Portfolio:
    """Gives its first machines of a kind these names, each in every row of it."""
    rows = firm.of(EQUIPMENT, equipment_kind=kind)
    numbers = dict.fromkeys(row["equipment_no"] for row in rows)
    for number, name in zip(numbers, names, strict=False):
        firm.change(EQUIPMENT, {"equipment_no": number}, equipment_kind=name)
    return firm


async def test_cutters_and_drills_of_any_kinds_that_s09_names_make_up_their_number() -> None:
    firm = Exact(Rank("S09", "一级"), DAY).build()
    call(firm, CUTTERS, "数控切割机", "数控切割机", "相贯切割机")
    call(firm, DRILLS, "三维数控钻床", "平面数控钻床", "50毫米以上摇臂钻床")
    assert_granted(await verdict(firm))


@pytest.mark.parametrize(
    ("rank", "kind", "item", "name", "result"),
    [
        (Rank("S09", "一级"), CUTTERS, 0, "切割设备", NO_DATA),
        (Rank("S09", "一级"), DRILLS, 1, "数控钻床", NO_DATA),
        (Rank("S09", "一级"), DRILLS, 1, "摇臂钻床", NO_DATA),
        (Rank("S09", "一级"), DRILLS, 1, "数控切割机", NOT_MET),
        (Rank("S09", "一级"), "端面铣切或锁口机", 2, "锁口机", MET),
        (Rank("S09", "一级"), "漆膜测厚仪", 4, "涂层测厚仪", MET),
        (Rank("S26", "一级"), "自航耙吸式挖泥船", 0, "自航耙吸式挖泥船", MET),
        (Rank("S26", "一级"), "自航耙吸式挖泥船", 0, "耙吸式挖泥船", NO_DATA),
        (Rank("S26", "一级"), "自航耙吸式挖泥船", 0, "挖泥船", NO_DATA),
        (Rank("S26", "一级"), "自航耙吸式挖泥船", 0, "绞吸式挖泥船", NOT_MET),
        (Rank("S31", "一级"), "专业疏浚船只", 0, "绞吸式挖泥船", MET),
        (Rank("S31", "一级"), "专业疏浚船只", 0, "起重船", NOT_MET),
        (Rank("S34", "一级"), "全旋转式起重船", 2, "起重船", NO_DATA),
        (Rank("S34", "一级"), "全旋转式起重船", 2, "固定式起重船", NOT_MET),
    ],
)
async def test_a_machine_by_a_wider_name_may_be_of_the_kind_asked_for(
    rank: Rank, kind: str, item: int, name: str, result: str
) -> None:
    firm = call(Exact(rank, DAY, item=(item, 0)).build(), kind, name)
    answer = await verdict(firm)
    assert answer.results["equipment"] == result, answer.summary()


@pytest.mark.parametrize(
    ("names", "result"),
    [
        (("热熔划线机",) * 8, MET),
        (("常温划线机",) * 8, MET),
        (("热熔划线机",) * 5 + ("常温划线机",) * 3, NO_DATA),
        (("热熔划线机",) * 5 + ("常温划线机",) * 2 + ("划线机",), NO_DATA),
        (("热熔划线机",) * 5 + ("常温划线机",) * 2 + ("打桩机",), NOT_MET),
        (("热熔划线机",) * 6 + ("划线机",) + ("打桩机",), NOT_MET),
    ],
)
async def test_whether_some_of_each_alternative_make_up_one_number_nobody_knows(
    names: tuple[str, ...], result: str
) -> None:
    """S18 公路安全设施 一级 asks for 8 markers, 热熔 or 常温 (reading 98)."""
    firm = Exact(Rank("S18", "一级", "公路安全设施"), DAY).build()
    answer = await verdict(call(firm, "热熔划线机", *names))
    assert answer.results["equipment"] == result, answer.summary()
    assert answer.results["equipment.2"] == result, answer.summary()
