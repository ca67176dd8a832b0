"""Cross-channel checks of works as built (catalogue J-18, J-19, J-22, J-27, J-32).

Belongs here: what was built, tested and told in words against what was planned and permitted.
Does not: prices and days (`checks.across.works`), or whether works are big enough (the engine).

Figures that no law gives are starting values. A finding is keyed by `contract_no` or `unit_code`.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.numbers import permit_number
from assets.tables import project
from assets.wording import worded
from checks.across.common import CrossCheck, Tables, findings, with_head
from checks.across.works import AREA, STOREYS, WHOLE_AREA

APART = 0.05
_IN_WORDS = r"建筑面积[^0-9]{0,4}([0-9]+(?:\.[0-9]+)?)(万?)(?:平方米|平米|㎡|m²|m2)"
_GENERAL = ("施工总承包", "工程总承包")


def _unit_areas(tables: Tables) -> pl.LazyFrame:
    """The area of each unit that tells one, with what it belongs to."""
    areas = (
        tables[project.MEASURE.name]
        .filter(pl.col("metric").is_in([AREA, WHOLE_AREA]))
        .group_by("unit_code")
        .agg(area=pl.col("value").cast(pl.Float64).max())
        .drop_nulls()
    )
    return (
        tables[project.UNIT.name]
        .select("unit_code", "usc_code", "contract_no", "project_no")
        .join(areas, on="unit_code")
    )


def larger_than_project(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-19: one unit is larger than its whole project, or all together are by over 5 %.

    A unit that is too large by itself is doubted alone; else whichever is wrong, all are.
    """
    del as_of
    whole = tables[project.PROJECT.name].select(
        "project_no", all_area=pl.col("all_area_m2").cast(pl.Float64)
    )
    units = (
        _unit_areas(tables)
        .join(whole.filter(pl.col("all_area") > 0), on="project_no")
        .with_columns(_alone=pl.col("area") > pl.col("all_area"))
        .with_columns(
            _any=pl.col("_alone").any().over("project_no"),
            total=pl.col("area").sum().over("project_no"),
        )
    )
    is_over = pl.col("total") > pl.col("all_area") * (1 + APART)
    rows = units.filter(pl.col("_alone") | (~pl.col("_any") & is_over))
    detail = worded(
        "单体{}平方米、合计{}平方米，项目总面积{}平方米 / larger than the project",
        "area",
        "total",
        "all_area",
    )
    return findings(rows, project.UNIT, "unit_code", "DATA", detail)


def area_changed(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-18, areas: what was built is over 5 % off what was permitted.

    Only where one contract names the permit: the permit of works in parts has the area of all.
    """
    del as_of
    permits = (
        tables[project.PERMIT.name]
        .select(
            permitted=pl.col("area_m2").cast(pl.Float64), _permit=permit_number(pl.col("permit_no"))
        )
        .unique("_permit", keep="none")
        .filter(pl.col("permitted") > 0)
    )
    built = tables[project.ACCEPTANCE.name].select(
        "contract_no", built=pl.col("area_m2").cast(pl.Float64)
    )
    rows = (
        tables[project.CONTRACT.name]
        .filter(pl.col("contract_type").is_in(_GENERAL))
        .select("contract_no", "usc_code", _permit=permit_number(pl.col("permit_no")))
        .unique("_permit", keep="none")
        .join(permits, on="_permit")
        .join(built, on="contract_no")
        .filter(
            pl.col("built") > 0,
            (pl.col("built") - pl.col("permitted")).abs() > pl.col("permitted") * APART,
        )
    )
    detail = worded("许可{}平方米，竣工{}平方米 / permitted and built differ", "permitted", "built")
    return findings(rows, project.CONTRACT, "contract_no", "WARN", detail)


def deeper_than_high(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-22, underground: more storeys below the ground than above it."""
    del as_of
    below = tables[project.UNIT.name].select(
        "unit_code", below=pl.col("storeys_below").cast(pl.Float64)
    )
    rows = (
        tables[project.MEASURE.name]
        .filter(pl.col("metric") == STOREYS)
        .select("unit_code", "usc_code", above=pl.col("value").cast(pl.Float64))
        .join(below, on="unit_code")
        .filter(pl.col("above") >= 1, pl.col("below") > pl.col("above"))
    )
    detail = worded("地上{}层、地下{}层 / more storeys below than above", "above", "below")
    return findings(rows, project.MEASURE, "unit_code", "DATA", detail)


def tested_by_itself(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-27, testers: who tested the works is the contractor, or its branch or parent."""
    del as_of
    rows = (
        tables[project.ACCEPTANCE.name]
        .drop_nulls("tester_code")
        .select("contract_no", "usc_code", "tester_code")
    )
    built = with_head(tables, rows).rename({"head": "_built"}).drop("is_known")
    tested = with_head(tables, built.rename({"usc_code": "_usc_code", "tester_code": "usc_code"}))
    same = tested.filter(pl.col("_built") == pl.col("head")).select(
        "contract_no", usc_code="_usc_code"
    )
    detail = pl.lit("质量检测机构即施工单位 / the contractor tests itself")
    return findings(same, project.ACCEPTANCE, "contract_no", "WARN", detail)


def told_otherwise(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-32: in words the works are over 5 % smaller than the units of the contract together.

    Only an area that the words name as that of the buildings is read; a larger one proves nothing.
    """
    del as_of
    words = pl.col("size_text").str.normalize("NFKC").str.replace_all(r"[\s,]", "")
    found = words.str.extract_groups(_IN_WORDS)
    number = found.struct.field("1").cast(pl.Float64, strict=False)
    told = number * pl.when(found.struct.field("2") == "万").then(10_000).otherwise(1)
    in_words = (
        tables[project.ACCEPTANCE.name].select("contract_no", told=told).filter(pl.col("told") > 0)
    )
    rows = (
        _unit_areas(tables)
        .with_columns(total=pl.col("area").sum().over("contract_no"))
        .join(in_words, on="contract_no")
        .filter(pl.col("told") * (1 + APART) < pl.col("total"))
    )
    detail = worded("文字{}平方米，单体合计{}平方米 / words and units differ", "told", "total")
    return findings(rows, project.UNIT, "unit_code", "DATA", detail)


CHECKS = (
    CrossCheck(
        id="J-19", targets=(project.UNIT,), find=larger_than_project, by="works", asks_day=False
    ),
    CrossCheck(id="J-18:area", targets=(project.CONTRACT,), find=area_changed, asks_day=False),
    CrossCheck(
        id="J-22:below",
        targets=(project.MEASURE,),
        find=deeper_than_high,
        by="works",
        asks_day=False,
    ),
    CrossCheck(
        id="J-27:tester", targets=(project.ACCEPTANCE,), find=tested_by_itself, asks_day=False
    ),
    CrossCheck(id="J-32", targets=(project.UNIT,), find=told_otherwise, by="works", asks_day=False),
)
