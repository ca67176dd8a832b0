"""Cross-channel checks on works: numbers, sizes, prices, times (catalogue group J).

Belongs here: what cannot be true of one project by itself. Does not: who built and led it
(`checks.across.project`), or whether it is big enough and within the window (the engine).

Figures that no law gives are starting values, to be tuned on real data (cross-checks, note 4).
A finding is keyed by `contract_no`, `unit_code` or `project_no`.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.numbers import (
    ACCEPTANCE_STAGE,
    CONTRACT_STAGES,
    STAGE,
    stage_letters,
    stage_project,
)
from assets.tables import project
from assets.wording import worded
from checks.across.common import CrossCheck, Tables, findings, folded_name, once, with_head

_GENERAL = ("施工总承包", "主体工程承包", "工程总承包")

AREA, WHOLE_AREA, HEIGHT, STOREYS, SPAN = (
    "单体建筑面积",
    "建筑面积",
    "建筑高度",
    "地上层数",
    "单跨跨度",
)
CIVIL, FACTORY = "民用建筑工程", "工业建筑工程"
FRAMES = ("钢筋混凝土结构建筑工程", "钢结构建筑工程")
MUNICIPAL = (
    "城市道路",
    "城市广场硬质铺装",
    "城市桥梁",
    "排水泵站",
    "污水处理厂工程",
    "排水管道",
    "供水厂工程",
    "给水泵站",
    "供水、中水管道",
    "燃气管道",
    "热力管道",
    "热力工程",
    "城市隧道",
    "城市生活垃圾处理工程",
)
"""Kinds of municipal works that no building project consists of."""

SAME_AREA = 0.02
DAYS_PER_5000_M2, DAYS_PER_STOREY = 30, 5
STOREY_METRES = (2.2, 6.0)
MOST_STOREYS, WIDEST_SPAN = 120, 300
SETTLEMENT = (0.7, 1.5)
YUAN_PER_M2 = (300, 20_000)
PRICE_TIMES = 1_000
PRICES_KNOWN = 20
"""Contracts of a class from which its middle price says anything."""


def stage_numbers(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-02: the number of a contract or acceptance, or a unit, hangs on another project."""
    del as_of
    contracts = tables[project.CONTRACT.name]
    of_contract = contracts.select("contract_no", contract_project="project_no")
    prefix, letters = stage_project(pl.col("number")), stage_letters(pl.col("number"))
    known = pl.concat(
        [
            pl.LazyFrame({"letters": [code] * len(names), "contract_type": list(names)})
            for code, names in CONTRACT_STAGES.items()
        ]
    )
    wrong_contract = (
        contracts.with_columns(number="contract_no")
        .filter(pl.col("number").str.contains(STAGE))
        .with_columns(letters=letters)
        .join(known.with_columns(fits=pl.lit(True)), on=["letters", "contract_type"], how="left")
        .filter(
            (prefix != pl.col("project_no"))
            | (pl.col("fits").is_null() & pl.col("contract_type").is_not_null())
        )
    )
    wrong_acceptance = (
        tables[project.ACCEPTANCE.name]
        .with_columns(number="acceptance_no")
        .filter(pl.col("number").str.contains(STAGE))
        .join(of_contract, on="contract_no")
        .filter((prefix != pl.col("contract_project")) | (letters != ACCEPTANCE_STAGE))
    )
    wrong_unit = (
        tables[project.UNIT.name]
        .join(of_contract, on="contract_no")
        .filter(pl.col("project_no") != pl.col("contract_project"))
    )
    text = worded("编号 {} 与项目或类别不符 / number of another project or class", "number")
    return pl.concat(
        [
            findings(wrong_contract, project.CONTRACT, "contract_no", "DATA", text),
            findings(wrong_acceptance, project.ACCEPTANCE, "contract_no", "DATA", text),
            findings(
                wrong_unit,
                project.UNIT,
                "unit_code",
                "DATA",
                worded(
                    "单体属项目 {}，合同属 {} / projects differ", "project_no", "contract_project"
                ),
            ),
        ]
    )


_GRADES = pl.Enum(["A", "B", "C", "D"])


def registered_again(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-03: one name, county and contractor, the largest unit within 2 %, another number.

    Where both tell who has them built, or their whole area, these agree too. The one of the lower
    grade is doubted; of equal ones, the one that was numbered later.
    Phases of one settlement differ in name and are no copies.
    """
    areas = _by_contract(tables, as_of).group_by("project_no").agg(area=pl.col("area").max())
    built = with_head(
        tables, tables[project.CONTRACT.name].select("project_no", "usc_code").unique()
    )
    rows = (
        tables[project.PROJECT.name]
        .select(
            "project_no",
            "region_code",
            "data_level",
            "builder_code",
            _name=folded_name("name"),
            whole=pl.col("all_area_m2").cast(pl.Float64),
            _rank=pl.col("data_level").fill_null("D").cast(_GRADES).to_physical(),
        )
        .join(areas.drop_nulls(), on="project_no")
        .join(built, on="project_no")
    )
    others = rows.select(
        "_name",
        "region_code",
        "head",
        other="project_no",
        other_rank="_rank",
        other_area="area",
        other_builder="builder_code",
        other_whole="whole",
    )
    is_one_builder = pl.col("builder_code") == pl.col("other_builder")
    is_one_size = (pl.col("whole") - pl.col("other_whole")).abs() <= pl.col("whole") * SAME_AREA
    twice = (
        rows.join(others, on=["_name", "region_code", "head"])
        .filter(
            pl.col("project_no") != pl.col("other"),
            is_one_builder.fill_null(True),
            is_one_size.fill_null(True),
            (pl.col("area") - pl.col("other_area")).abs() <= pl.col("other_area") * SAME_AREA,
            (pl.col("_rank") > pl.col("other_rank"))
            | (
                (pl.col("_rank") == pl.col("other_rank")) & (pl.col("project_no") > pl.col("other"))
            ),
        )
        .group_by("project_no", "usc_code")
        .agg(pl.col("other").min())
    )
    detail = worded("与项目 {} 重复登记 / registered again", "other")
    return pl.concat(
        [
            findings(twice, table, "project_no", "DATA", detail)
            for table in (project.CONTRACT, project.UNIT)
        ]
    )


def _by_contract(tables: Tables, as_of: date) -> pl.LazyFrame:
    """Largest unit, all area and most storeys under each contract, where units tell them.

    `contract_no`, `project_no`, `area`, `all_area`, `storeys`.
    """
    asked = pl.col("metric").is_in([AREA, WHOLE_AREA, STOREYS])
    measures = (
        tables[project.MEASURE.name].filter(asked).with_columns(pl.col("value").cast(pl.Float64))
    )
    per_unit = measures.group_by("unit_code").agg(
        area=pl.col("value").filter(pl.col("metric").is_in([AREA, WHOLE_AREA])).max(),
        storeys=pl.col("value").filter(pl.col("metric") == STOREYS).max(),
    )
    rows = (
        tables[project.UNIT.name]
        .select("unit_code", "contract_no", "project_no")
        .join(per_unit, on="unit_code")
        .group_by("contract_no", "project_no")
        .agg(
            area=pl.col("area").max(),
            all_area=pl.col("area").sum(),
            storeys=pl.col("storeys").max(),
        )
    )
    return once(tables, "by_contract", as_of, rows)


def built_too_fast(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-06: fewer days than 30 for each 5,000 m² of the largest unit, or than 5 a storey."""
    days = (pl.col("accepted_on") - pl.col("started_on")).dt.total_days()
    rows = (
        tables[project.ACCEPTANCE.name]
        .join(_by_contract(tables, as_of), on="contract_no")
        .filter(
            (days < pl.col("area") / 5_000 * DAYS_PER_5000_M2)
            | (days < pl.col("storeys") * DAYS_PER_STOREY)
        )
        .unique("contract_no")
    )
    detail = worded("工期{}天 / built in as many days", days)
    return findings(rows, project.ACCEPTANCE, "contract_no", "WARN", detail)


def settled_apart(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-18, prices: the settlement is outside 0.7 to 1.5 of the price of the contract."""
    del as_of
    ratio = pl.col("settlement_yuan").cast(pl.Float64) / pl.col("amount_yuan").cast(pl.Float64)
    rows = tables[project.CONTRACT.name].filter(
        pl.col("amount_yuan") > 0, ~ratio.is_between(*SETTLEMENT)
    )
    detail = worded("结算为合同价的{}倍 / settlement over price", ratio.round(2))
    return findings(rows, project.CONTRACT, "contract_no", "WARN", detail)


def impossible_sizes(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-22: height a storey, storeys or span that cannot be.

    Halls are high: factories and buildings of one storey have no upper bound of height.
    """
    del as_of
    low, high = STOREY_METRES
    numbers = tables[project.MEASURE.name].select(
        "unit_code", "usc_code", "works_type", "metric", value=pl.col("value").cast(pl.Float64)
    )
    by_kind = numbers.group_by("unit_code", "usc_code", "works_type").agg(
        pl.col("value").filter(pl.col("metric") == metric).max().alias(name)
        for metric, name in ((HEIGHT, "height"), (STOREYS, "storeys"), (SPAN, "span"))
    )
    a_storey = pl.col("height") / pl.col("storeys")
    is_hall = (pl.col("works_type") == FACTORY) | (pl.col("storeys") < 2)
    is_building = pl.col("works_type").is_in([CIVIL, FACTORY])
    rows = by_kind.filter(
        (
            is_building
            & (
                ((pl.col("storeys") > 0) & ((a_storey < low) | ((a_storey > high) & ~is_hall)))
                | (pl.col("storeys") > MOST_STOREYS)
            )
        )
        | (pl.col("works_type").is_in(FRAMES) & (pl.col("span") > WIDEST_SPAN))
    )
    detail = worded(
        "高{}米、{}层、跨{}米 / height, storeys, span",
        *(pl.col(name).cast(pl.String).fill_null("–") for name in ("height", "storeys", "span")),
    )
    return findings(rows, project.MEASURE, "unit_code", "DATA", detail)


def measure_of_another_class(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-23: a measure of municipal works in a project that is registered as a building."""
    del as_of
    rows = (
        tables[project.MEASURE.name]
        .filter(pl.col("works_type").is_in(MUNICIPAL))
        .join(tables[project.UNIT.name].select("unit_code", "project_no"), on="unit_code")
        .join(
            tables[project.PROJECT.name]
            .filter(pl.col("project_type") == "房屋建筑")
            .select("project_no"),
            on="project_no",
        )
    )
    detail = worded("房屋建筑项目填报{}指标 / municipal measure of a building", "works_type")
    return findings(rows, project.MEASURE, "unit_code", "DATA", detail)


def price_apart(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-24: a general contract's price over its area, any price over the middle of its class."""
    least, most = YUAN_PER_M2
    contracts = tables[project.CONTRACT.name].select(
        "contract_no",
        "usc_code",
        "contract_type",
        price=pl.col("amount_yuan").cast(pl.Float64),
    )
    per_m2 = pl.col("price") / pl.col("all_area")
    by_area = (
        contracts.filter(pl.col("contract_type").is_in(_GENERAL))
        .join(
            _by_contract(tables, as_of).group_by("contract_no").agg(pl.col("all_area").sum()),
            on="contract_no",
        )
        .filter(pl.col("price") > 0, pl.col("all_area") > 0, ~per_m2.is_between(least, most))
        .with_columns(detail=worded("每平方米{}元 / yuan a square metre", per_m2.round(2)))
    )
    middle = pl.col("price").median().over("contract_type")
    by_class = (
        contracts.filter(pl.col("price") > 0)
        .with_columns(middle=middle, told=pl.len().over("contract_type"))
        .filter(
            pl.col("told") >= PRICES_KNOWN,
            (pl.col("price") >= pl.col("middle") * PRICE_TIMES)
            | (pl.col("price") <= pl.col("middle") / PRICE_TIMES),
        )
        .with_columns(
            detail=worded("合同价{}元，同类中位{}元 / apart from its class", "price", "middle")
        )
    )
    columns = ("usc_code", "contract_no", "detail")
    rows = pl.concat([by_area.select(columns), by_class.select(columns)])
    return findings(rows, project.CONTRACT, "contract_no", "DATA", pl.col("detail"))


CHECKS = (
    CrossCheck(
        id="J-02",
        targets=(project.CONTRACT, project.ACCEPTANCE, project.UNIT),
        find=stage_numbers,
        by="works",
        asks_day=False,
    ),
    CrossCheck(
        id="J-03",
        targets=(project.CONTRACT, project.UNIT),
        find=registered_again,
        by="works",
        asks_day=False,
    ),
    CrossCheck(
        id="J-06", targets=(project.ACCEPTANCE,), find=built_too_fast, by="works", asks_day=False
    ),
    CrossCheck(
        id="J-18", targets=(project.CONTRACT,), find=settled_apart, by="works", asks_day=False
    ),
    CrossCheck(
        id="J-22", targets=(project.MEASURE,), find=impossible_sizes, by="works", asks_day=False
    ),
    CrossCheck(
        id="J-23",
        targets=(project.MEASURE,),
        find=measure_of_another_class,
        by="works",
        asks_day=False,
    ),
    CrossCheck(id="J-24", targets=(project.CONTRACT,), find=price_apart, asks_day=False),
)
