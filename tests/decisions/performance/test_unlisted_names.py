"""Works and machines by a name that no list of the rulebook has: they may be any (reading 92)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from exact import DAY, Exact
from judge import MET, NO_DATA, NOT_MET, Verdict
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio
from sheets import Rank, ranks
from shipped import BOOK
from together import verdict_on
from unit_plans import served_lines

from assets.channels import load_channels

QUALIFICATION = "base_enterprise__qualification"
CONTRACT, UNIT, MEASURE = (
    "base_project__contract",
    "base_project__unit",
    "base_project__measure",
)
EQUIPMENT = "base_enterprise__equipment"
UNLISTED = "室内装饰工程"
OTHER = "建筑防水工程"


async def verdict(firm: Portfolio, *, with_evidence: bool = False) -> Verdict:
    answer = await verdict_on(firm, with_evidence=with_evidence)
    assert not disagreements(answer, plainly(firm)), answer.summary()
    return answer


def decorators(name: str | None) -> Portfolio:
    """Who meets S11 一级, its works and their measures by that name."""
    firm = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY)
    return named(firm, name)


def named(firm: Portfolio, name: str | None) -> Portfolio:
    if name is not None:
        for row in (*firm.of(UNIT), *firm.of(MEASURE)):
            row["works_type"] = name
    return firm


@pytest.mark.provision("E16")
@pytest.mark.parametrize(("name", "result"), [(None, MET), (OTHER, NOT_MET), (UNLISTED, NO_DATA)])
async def test_works_of_a_name_that_no_list_has_neither_count_nor_are_missing(
    name: str | None, result: str
) -> None:
    answer = await verdict(decorators(name))
    assert answer.results["performance"] == result, answer.summary()
    assert answer.outcome == {MET: "granted", NOT_MET: "refused", NO_DATA: "awaiting_data"}[result]


async def test_the_evidence_says_that_the_name_leaves_it_open() -> None:
    answer = await verdict(decorators(UNLISTED), with_evidence=True)
    told = [row for row in answer.evidence if row["criterion"] == "performance.class.1"]
    assert {row["counted"] for row in told} == {"unknown"}
    assert {"名称" in row["reason"] for row in told} == {True}


@pytest.mark.provision("E20")
async def test_works_too_small_whatever_they_are_do_not_count_by_any_name() -> None:
    firm = decorators(UNLISTED).change(
        CONTRACT, {}, amount_yuan=Decimal(10_000), settlement_yuan=Decimal(10_000)
    )
    assert (await verdict(firm)).results["performance"] == NOT_MET


@pytest.mark.provision("E16")
@pytest.mark.parametrize(
    ("unit", "result"), [("城市雕塑", NO_DATA), (UNLISTED, NOT_MET), ("桥梁工程", NOT_MET)]
)
async def test_a_figure_speaks_against_works_under_the_one_name_they_have(
    unit: str, result: str
) -> None:
    """G10 二级, bridges: of two names that no list has, nobody knows which one is of the bridge."""
    firm = city_works(2)
    bridges = firm.of(MEASURE, works_type="城市桥梁")
    codes = {row["unit_code"] for row in bridges}
    for row in bridges:
        row.update(works_type=UNLISTED if unit != "桥梁工程" else unit, value=Decimal(1))
    for row in firm.of(UNIT):
        row["works_type"] = unit if row["unit_code"] in codes else OTHER
    assert (await verdict(firm)).results["performance.class.2"] == result


@pytest.mark.provision("E17")
@pytest.mark.parametrize(
    ("length", "result"), [("1", NOT_MET), ("1000000", NO_DATA), (None, NO_DATA)]
)
async def test_works_of_a_wider_or_no_listed_name_add_to_a_sum_at_most_what_they_measure(
    length: str | None, result: str
) -> None:
    """G02 二级: 公路 may be 公路路基, of which so many kilometres are asked."""
    rank = Rank("G02", "二级")
    served = next(one for one in served_lines(rank, DAY) if one.n == 1)
    for name in ("公路", UNLISTED):
        firm = Exact(rank, DAY, served=served).build()
        codes = {row["unit_code"] for row in firm.of(UNIT, works_type="公路路基")}
        for row in firm.of(UNIT):
            row["works_type"] = name if row["unit_code"] in codes else OTHER
        for row in firm.of(MEASURE):
            row["works_type"] = name if row["unit_code"] in codes else OTHER
            if row["metric"] == "长度":
                row["value"] = None if length is None else Decimal(length)
        answer = await verdict(firm)
        assert answer.results["performance.class.1"] == result, (name, answer.summary())


def city_works(n: int, nth: int = 0) -> Portfolio:
    """Meets G10 二级, its works of class n by the nth line of it that there is."""
    rank = Rank("G10", "二级")
    served = [one for one in served_lines(rank, DAY) if one.n == n][nth]
    return Exact(rank, DAY, served=served).build()


# -- labels ------------------------------------------------------------------------------------


def fire_fighters() -> Portfolio:
    """Meets S05 一级, of which each of two works has three systems."""
    return Exact(Rank("S05", "一级"), DAY).build()


@pytest.mark.provision("E16")
@pytest.mark.parametrize(
    ("systems", "result"),
    [
        ("火灾自动报警系统、自动灭火系统、防烟排烟系统", MET),
        ("火灾自动报警系统、自动灭火系统、防烟排烟系统、气体灭火", MET),
        ("火灾自动报警系统、自动灭火系统、消火栓系统", NOT_MET),
        ("火灾自动报警系统、自动灭火系统、防排烟系统", NO_DATA),
        ("防排烟系统", NO_DATA),
    ],
)
async def test_a_system_by_a_name_that_no_list_has_may_be_the_one_that_lacks(
    systems: str, result: str
) -> None:
    firm = fire_fighters()
    firm.change(MEASURE, {"metric": "包含系统"}, label=systems)
    assert (await verdict(firm)).results["performance"] == result


@pytest.mark.provision("E14")
@pytest.mark.parametrize(
    ("building", "result"),
    [
        ("二类高层民用建筑", MET),
        ("一类高层民用建筑", NOT_MET),
        ("一类高层公共建筑", NO_DATA),
        (None, NO_DATA),
    ],
)
async def test_works_of_a_label_that_no_list_has_may_be_what_a_limit_bars(
    building: str | None, result: str
) -> None:
    """二级 may not take 一类高层民用建筑: no other word for one lets it through."""
    firm = fire_fighters()
    firm.remove(QUALIFICATION, level="一级")
    firm.change(QUALIFICATION, {"level": "二级"}, valid_from=date(2000, 1, 1))
    works = "民用建筑消防设施工程"
    for row in (*firm.of(UNIT), *firm.of(MEASURE)):
        row["works_type"] = works
    if building is not None:
        for unit in firm.of(UNIT):
            of_unit = {"unit_code": unit["unit_code"], "usc_code": unit["usc_code"]}
            told = {"works_type": works, "metric": "建筑类别", "value": None, "label": building}
            firm.add(MEASURE, **of_unit, **told)
    assert (await verdict(firm)).results["performance"] == result


@pytest.mark.provision("E14")
@pytest.mark.parametrize(
    ("held", "name", "result"),
    [("一级", UNLISTED, MET), ("三级", None, MET), ("三级", UNLISTED, NO_DATA)],
)
async def test_works_are_within_a_scope_only_if_no_limit_may_bar_them(
    held: str, name: str | None, result: str
) -> None:
    """Bridges by their measures, by the name of the unit anything: 三级 has limits for others."""
    firm = city_works(2)
    if held == "三级":
        firm.remove(QUALIFICATION, level="一级")
        firm.change(QUALIFICATION, {"level": "三级"}, valid_from=date(2000, 1, 1))
    if name is not None:
        firm.change(UNIT, {}, works_type=name)
    answer = await verdict(firm)
    assert answer.results["performance.class.2"] == result, answer.summary()


@pytest.mark.parametrize(
    ("nth", "name", "alias"),
    [(1, "供水厂工程", "给水厂"), (3, "排水泵站", "污水泵站、雨水泵站")],
)
async def test_another_name_of_the_list_for_the_same_works_is_known_as_they_are(
    nth: int, name: str, alias: str
) -> None:
    firm = city_works(4, nth)
    for table in (UNIT, MEASURE):
        assert firm.of(table, works_type=name)
        firm.change(table, {"works_type": name}, works_type=alias)
    assert (await verdict(firm)).results["performance.class.4"] == MET


@pytest.mark.provision("E11")
@pytest.mark.parametrize(("name", "result"), [(None, MET), (OTHER, NOT_MET), (UNLISTED, NO_DATA)])
async def test_works_that_the_leader_led_may_be_of_any_kind_too(
    name: str | None, result: str
) -> None:
    firm = named(Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY), name)
    answer = await verdict(firm)
    assert answer.results["lead_performance"] == result, answer.summary()


@pytest.mark.provision("E26")
@pytest.mark.parametrize(
    ("name", "is_owned", "result"),
    [
        (None, True, MET),
        ("塔式起重机", True, NOT_MET),
        ("厂房", True, NOT_MET),
        ("塔吊", True, NO_DATA),
        ("塔吊", False, NOT_MET),
    ],
)
async def test_a_machine_of_a_name_that_no_list_has_may_be_any_machine(
    name: str | None, is_owned: bool, result: str
) -> None:
    rank = next(one for one in ranks("S03") if "equipment" in one.asked(DAY))
    firm = Exact(rank, DAY).build()
    if name is not None:
        row = firm.of(EQUIPMENT)[0]
        firm.change(
            EQUIPMENT,
            {"equipment_no": row["equipment_no"]},
            equipment_kind=name,
            is_owned=is_owned,
        )
    answer = await verdict(firm)
    assert answer.results["equipment"] == result, answer.summary()


def test_every_kind_of_works_that_a_channel_file_names_is_in_the_list() -> None:
    named = {
        measure.works_type
        for channel in load_channels().values()
        for feed in channel.feeds.values()
        for measure in feed.measures
    }
    assert named - {None} <= set(BOOK.codes.works)


@pytest.mark.provision("E14")
@pytest.mark.parametrize(
    ("name", "result"), [("水闸", MET), ("橡胶坝", NOT_MET), ("翻板闸", NO_DATA)]
)
async def test_a_rubber_dam_is_no_sluice_and_is_not_of_any_kind(name: str, result: str) -> None:
    """The note of G05 leaves them out by name; what 等 leaves out with them it does not say."""
    rank = Rank("G05", "二级")
    sluices = next(one for one in served_lines(rank, DAY) if "水闸" in one.label)
    firm = Exact(rank, DAY, served=sluices).build()
    for row in (*firm.of(UNIT, works_type="水闸"), *firm.of(MEASURE, works_type="水闸")):
        row["works_type"] = name
    answer = await verdict(firm)
    assert answer.results["performance.class.2"] == result, answer.summary()
