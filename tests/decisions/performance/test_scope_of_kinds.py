"""Works of a kind that the scope of the level held does not name, or names (E14, readings 82, 86)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

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
UNIT, MEASURE = "base_project__unit", "base_project__measure"
SECOND = Rank("G10", "二级")


def tunnels() -> Portfolio:
    """Meets G10 二级 with 1.5 公里 of tunnels among its works, taken under 一级."""
    served = next(one for one in served_lines(SECOND, DAY) if one.n == 6)
    return Exact(SECOND, DAY, served=served).build()


async def verdict(firm: Portfolio) -> Verdict:
    answer = await verdict_on(firm, with_evidence=False)
    assert not disagreements(answer, plainly(firm)), answer.summary()
    return answer


def under_the_third_level(firm: Portfolio) -> Portfolio:
    """Its works were all taken under 三级."""
    firm.remove(QUALIFICATION, level="一级")
    return firm.change(QUALIFICATION, {"level": "三级"}, valid_from=date(2000, 1, 1))


def taken_under(level: str) -> Portfolio:
    return under_the_third_level(tunnels()) if level == "三级" else tunnels()


@pytest.mark.parametrize(("level", "result"), [("一级", "met"), ("三级", "not_met")])
async def test_tunnels_are_beyond_the_scope_of_the_third_level(level: str, result: str) -> None:
    assert (await verdict(taken_under(level))).results["performance.class.6"] == result


# -- pipes (G10) ---------------------------------------------------------------------------


def pipes(name: str, diameter: str) -> Portfolio:
    """Meets G10 二级 with pipes of that name and width among its works, taken under 三级."""
    served = next(one for one in served_lines(SECOND, DAY) if "排水管道" in one.label)
    firm = under_the_third_level(Exact(SECOND, DAY, served=served).build())
    for table in (UNIT, MEASURE):
        for row in firm.of(table, works_type="排水管道"):
            row["works_type"] = name
    for one in firm.of(UNIT, works_type=name):
        of_unit = {"unit_code": one["unit_code"], "metric": "直径"}
        firm.rows[MEASURE] = [
            row for row in firm.rows[MEASURE] if not of_unit.items() <= row.items()
        ]
        told = {"usc_code": one["usc_code"], "works_type": name, "value": Decimal(diameter)}
        firm.add(MEASURE, **of_unit, **told, label=None)
    return firm


@pytest.mark.parametrize(
    ("name", "diameter", "result"),
    [
        ("污水管道", "1.5", "met"),
        ("污水管道", "1.51", "not_met"),
        ("排水管道", "1.5", "met"),
        ("排水管道", "1.51", "no_data"),
    ],
)
async def test_pipes_that_may_be_for_sewage_may_be_beyond_the_scope_of_such(
    name: str, diameter: str, result: str
) -> None:
    """三级 limits 污水及中水管道: of 排水管道 those for sewage are such, those for rain are not."""
    answer = await verdict(pipes(name, diameter))
    assert answer.results["performance.class.3"] == result, answer.summary()


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("供水、中水管道", "met"),
        ("中水管道", "met"),
        ("污水及中水管道", "no_data"),
        ("城市道路", "not_met"),
    ],
)
async def test_pipes_of_a_name_that_takes_in_some_of_what_is_asked_may_be_that(
    name: str, result: str
) -> None:
    """二级 asks for ten kilometres of 供水、中水管道, or of others that these are not."""
    served = next(one for one in served_lines(SECOND, DAY) if "供水、中水管道" in one.label)
    firm = Exact(SECOND, DAY, served=served).build()
    for table in (UNIT, MEASURE):
        for row in firm.of(table, works_type="供水、中水管道"):
            row["works_type"] = name
    answer = await verdict(firm)
    assert answer.results["performance.class.3"] == result, answer.summary()


# -- dikes (G05) ---------------------------------------------------------------------------


@pytest.mark.provision("E14")
@pytest.mark.parametrize(
    ("dike", "building", "result"),
    [
        ("4级", None, "met"),
        ("3级", None, "met"),
        ("3级", "3级", "met"),
        ("2级", None, "not_met"),
        ("2级", "4级", "not_met"),
        (None, "4级", "no_data"),
    ],
)
async def test_a_dike_goes_by_its_own_class(
    dike: str | None, building: str | None, result: str
) -> None:
    """三级 may take buildings of class 4 and dikes of class 3."""
    rank = Rank("G05", "二级")
    served = next(one for one in served_lines(rank, DAY) if one.n == 6)
    firm = under_the_third_level(Exact(rank, DAY, served=served).build())
    for unit in firm.of("base_project__unit", usc_code=firm.usc_code):
        told = {"堤防级别": dike, "建筑物级别": building, "工程规模": "小(2)型"}
        for metric, label in told.items():
            firm.add(
                "base_project__measure",
                unit_code=unit["unit_code"],
                usc_code=firm.usc_code,
                works_type="堤防",
                metric=metric,
                value=None,
                label=label,
            )
    answer = await verdict(firm)
    assert answer.results["performance.class.6"] == result, answer.summary()


# -- small contracts of building works (G01) -------------------------------------------------

LAST_DAY, FIRST_DAY = date(2015, 10, 8), date(2015, 11, 1)
"""The last day under the text of 2014, the first that is surely under 154号."""


@pytest.mark.parametrize(
    ("signed_on", "price_wan", "span", "result"),
    [
        (LAST_DAY, 3000, "39", "met"),
        (LAST_DAY, 2999, "39", "not_met"),
        (LAST_DAY, 2999, "39.01", "met"),
        (LAST_DAY, 2999, None, "no_data"),
        (FIRST_DAY, 2999, "39", "met"),
    ],
)
async def test_a_small_contract_beyond_the_second_level_was_for_the_first(
    signed_on: date, price_wan: int, span: str | None, result: str
) -> None:
    """The footnote of G01: below 3000 万元 only what 二级 may not take is in the scope of 一级."""
    firm = Exact(Rank("G01", "二级"), DAY).build()
    firm.change(
        "base_project__contract",
        {"usc_code": firm.usc_code},
        signed_on=signed_on,
        amount_yuan=Decimal(price_wan * 10_000),
    )
    for project in firm.projects:
        firm.show(project, "单跨跨度", None if span is None else Decimal(span))
        firm.show(project, "单体建筑面积", Decimal(40_000))
    answer = await verdict(firm)
    assert answer.results["performance.class.1"] == result, answer.summary()


# -- shells and space frames (S09) -----------------------------------------------------------

FRAME = "网壳网架结构工程"
OF_A_FRAME = {
    "短边边跨跨度": Decimal(75),
    "钢结构高度": Decimal(100),
    "单体钢结构重量": Decimal(6000),
    "单体建筑面积": Decimal(35_000),
}
"""As large as 二级 may take one."""


def space_frames(level: str, **told: Decimal | None) -> Portfolio:
    """Meets S09 一级 by space frames of such measures, taken under that level."""
    rank = Rank("S09", "一级")
    served = next(one for one in served_lines(rank, DAY) if one.n == 3)
    firm = Exact(rank, DAY, served=served).build()
    if level == "二级":
        firm.remove(QUALIFICATION, level="一级").change(
            QUALIFICATION, {}, valid_from=date(2000, 1, 1)
        )
    firm.remove("base_project__measure")
    firm.change("base_project__unit", {}, works_type=FRAME)
    for project in firm.projects:
        for metric, value in (OF_A_FRAME | told).items():
            if value is not None:
                firm.show(project, metric, value)
    return firm


@pytest.mark.parametrize(
    ("metric", "value", "result"),
    [
        ("单体钢结构重量", Decimal(6000), "met"),
        ("单体钢结构重量", Decimal("6000.01"), "not_met"),
        ("单体钢结构重量", None, "no_data"),
        ("单体建筑面积", Decimal("35000.01"), "not_met"),
        ("钢结构高度", Decimal("100.01"), "not_met"),
        ("短边边跨跨度", Decimal("75.01"), "not_met"),
    ],
)
async def test_a_space_frame_has_a_span_of_its_own_and_the_other_limits_of_all_steel_structures(
    metric: str, value: Decimal | None, result: str
) -> None:
    answer = await verdict(space_frames("二级", **{metric: value}))
    assert answer.results["performance"] == result, answer.summary()


@pytest.mark.parametrize(
    ("n", "metric", "least"),
    [
        (1, "钢结构高度", Decimal(80)),
        (3, "短边边跨跨度", Decimal(70)),
        (4, "单体建筑面积", Decimal(30_000)),
        (5, "单体钢结构重量", Decimal(5000)),
    ],
)
@pytest.mark.parametrize(("below", "result"), [(Decimal(0), "met"), (Decimal("0.01"), "not_met")])
async def test_a_space_frame_counts_by_its_height_area_and_weight_too(
    n: int, metric: str, least: Decimal, below: Decimal, result: str
) -> None:
    answer = await verdict(space_frames("一级", **{metric: least - below}))
    assert answer.results[f"performance.class.{n}"] == result, answer.summary()


# -- transformer stations (S12) ----------------------------------------------------------------


def services(level: str, voltage: int | None) -> Portfolio:
    """Meets S12 二级 by building services, with a station of that voltage, taken under a level."""
    firm = Exact(Rank("S12", "二级"), DAY).build()
    firm.remove(QUALIFICATION, level="一级")
    firm.change(QUALIFICATION, {}, level=level, valid_from=date(2000, 1, 1))
    if level != "三级":
        firm.hold("S12", "三级", since=DAY, subcategory="")
        firm.change(QUALIFICATION, {"level": level}, valid_to=date(2017, 2, 28))
    if voltage is not None:
        for project in firm.projects:
            firm.add(
                "base_project__measure",
                unit_code=firm.unit_code(project),
                usc_code=firm.usc_code,
                works_type="变配电站工程",
                metric="电压等级",
                value=Decimal(voltage),
                label=None,
            )
    return firm


@pytest.mark.parametrize(
    ("level", "voltage", "result"),
    [
        ("三级", None, "met"),
        ("三级", 10, "not_met"),
        ("二级", 10, "met"),
        ("二级", 11, "not_met"),
        ("一级", 35, "met"),
        ("一级", 36, "not_met"),
    ],
)
async def test_a_transformer_station_is_beyond_the_third_level_of_building_services(
    level: str, voltage: int | None, result: str
) -> None:
    answer = await verdict(services(level, voltage))
    assert answer.results["performance"] == result, answer.summary()


# -- airfields (S22) ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "price_wan", "result"),
    [
        ("4E", 5000, "not_met"),
        ("4D", 5000, "not_met"),
        ("4C", 6000, "met"),
        ("3C", 6000, "met"),
        ("2B", 6000, "met"),
        ("1A", 6000, "met"),
        ("2B", 6001, "not_met"),
        ("运输机场", 6000, "no_data"),
    ],
)
async def test_airfields_of_every_lower_code_are_within_the_scope_of_4c_and_below(
    code: str, price_wan: int, result: str
) -> None:
    firm = Exact(Rank("S22", "一级"), DAY).build()
    firm.remove(QUALIFICATION, level="一级").change(QUALIFICATION, {}, valid_from=date(2000, 1, 1))
    firm.change("base_project__contract", {}, amount_yuan=Decimal(price_wan * 10_000))
    firm.change("base_project__unit", {}, works_type="飞行区场道工程")
    for project in firm.projects:
        firm.show(project, "飞行区指标", code)
    answer = await verdict(firm)
    assert answer.results["performance"] == result, answer.summary()


# -- the same works by the name of another category ---------------------------------------------


@pytest.mark.provision("E11")
@pytest.mark.parametrize(
    ("code", "level", "name", "result"),
    [
        ("S10", "不分等级", "模板脚手架", "met"),
        ("S10", "不分等级", "钢结构工程", "not_met"),
        ("S33", "二级", "核反应堆工程", "met"),
        ("S33", "二级", "铀矿工程", "not_met"),
        ("S35", "三级", "城市生活垃圾处理工程", "met"),
        ("S35", "三级", "污水处理厂工程", "no_data"),
        ("S35", "三级", "供水厂工程", "not_met"),
    ],
)
async def test_works_that_the_leader_led_are_of_the_category_by_whatever_name_it_has_for_them(
    code: str, level: str, name: str, result: str
) -> None:
    firm = Exact(Rank(code, level), DAY).build()
    firm.change("base_project__unit", {}, works_type=name)
    firm.rows["base_project__measure"] = []
    answer = await verdict(firm)
    assert answer.results["lead_performance"] == result, answer.summary()


@pytest.mark.parametrize(
    ("n", "asked", "name"),
    [(5, "疏浚或水下土方挖方工程", "疏浚工程"), (6, "吹填土方工程", "陆域吹填工程")],
)
async def test_dredging_and_filling_count_in_rivers_by_the_names_of_waterways(
    n: int, asked: str, name: str
) -> None:
    rank = Rank("S31", "一级")
    served = next(one for one in served_lines(rank, DAY) if one.n == n)
    firm = Exact(rank, DAY, served=served).build()
    for table in ("base_project__unit", "base_project__measure"):
        firm.change(table, {"works_type": asked}, works_type=name)
    answer = await verdict(firm)
    assert answer.results[f"performance.class.{n}"] == "met", answer.summary()


@pytest.mark.parametrize(("span", "result"), [("30", "met"), ("29.99", "not_met")])
async def test_a_building_of_steel_that_was_contracted_separately_is_a_steel_structure(
    span: str, result: str
) -> None:
    firm = Exact(Rank("S09", "一级"), DAY).build()
    firm.change("base_project__unit", {}, works_type="钢结构建筑工程")
    firm.remove("base_project__measure")
    for project in firm.projects:
        firm.show(project, "单跨跨度", Decimal(span))
        for metric in ("钢结构高度", "单体建筑面积", "单体钢结构重量"):
            firm.show(project, metric, Decimal(1))
    answer = await verdict(firm)
    assert answer.results["performance.class.2"] == result, answer.summary()
