"""Each check on works just hits, just misses, and says nothing where data are missing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from builders import A, B, findings_in, rows_of

from assets.channels import load_channels
from assets.tables import enterprise, project
from checks.across import works

NUMBER = "3301061501010101"
OTHER = "3301061502020101"
REGISTRY = rows_of(enterprise.REGISTRY, {"usc_code": A}, {"usc_code": B})


def found(check_id: str, frames: dict) -> list[tuple[str, str, str, str]]:
    rows = findings_in({enterprise.REGISTRY: REGISTRY, **frames}).filter(check_id=check_id)
    return list(rows.select("target", "usc_code", "row_key", "severity").sort(pl.all()).iter_rows())


def built(*measures: dict, contract: dict | None = None, acceptance: dict | None = None) -> dict:
    """One project, contract and unit with measures."""
    no = f"{NUMBER}-HZ-001"
    return {
        project.PROJECT: rows_of(project.PROJECT, {"project_no": NUMBER}),
        project.CONTRACT: rows_of(
            project.CONTRACT,
            {
                "contract_no": no,
                "project_no": NUMBER,
                "contract_type": "施工总承包",
                "amount_yuan": None,
                "settlement_yuan": None,
                **(contract or {}),
            },
        ),
        project.UNIT: rows_of(
            project.UNIT, {"unit_code": "U1", "contract_no": no, "project_no": NUMBER}
        ),
        project.MEASURE: rows_of(
            project.MEASURE,
            *({"unit_code": "U1", "works_type": works.CIVIL, "label": None, **m} for m in measures),
        ),
        project.ACCEPTANCE: rows_of(
            project.ACCEPTANCE,
            {
                "contract_no": no,
                "acceptance_no": f"{NUMBER}-JX-001",
                "started_on": date(2014, 1, 1),
                "accepted_on": date(2016, 1, 1),
                **(acceptance or {}),
            },
        ),
    }


def measure(metric: str, value: float | None, works_type: str = works.CIVIL) -> dict:
    return {
        "metric": metric,
        "value": None if value is None else Decimal(str(value)),
        "works_type": works_type,
    }


class TestStageNumbers:
    def test_numbers_of_the_project_and_class_are_in_order(self) -> None:
        assert found("J-02", built()) == []

    @pytest.mark.parametrize("number", [f"{OTHER}-HZ-001", f"{NUMBER}-HF-001", f"{NUMBER}-HE-001"])
    def test_another_projects_prefix_or_another_classs_letters_are_not_trusted(
        self, number: str
    ) -> None:
        frames = built(contract={"contract_no": number})
        assert (project.CONTRACT.name, A, number, "DATA") in found("J-02", frames)

    def test_an_acceptance_of_another_project_or_with_other_letters_is_not(self) -> None:
        for number in (f"{OTHER}-JX-001", f"{NUMBER}-SX-001"):
            rows = found("J-02", built(acceptance={"acceptance_no": number}))
            assert rows == [(project.ACCEPTANCE.name, A, f"{NUMBER}-HZ-001", "DATA")]

    def test_a_unit_of_another_project_than_its_contract_is_not(self) -> None:
        frames = built()
        frames[project.UNIT] = frames[project.UNIT].with_columns(project_no=pl.lit(OTHER))
        assert found("J-02", frames) == [(project.UNIT.name, A, "U1", "DATA")]

    def test_numbers_of_another_scheme_and_a_class_not_told_prove_nothing(self) -> None:
        assert found("J-02", built(contract={"contract_no": "HT-2014-7"})) == []
        assert found("J-02", built(contract={"contract_type": None})) == []
        assert found("J-02", built(acceptance={"acceptance_no": "验2016-3"})) == []


class TestRegisteredAgain:
    def twice(self, area: float, **second: object) -> dict:
        rows = (
            {
                "project_no": NUMBER,
                "name": "甲小区一期",
                "region_code": "330106",
                "data_level": "B",
            },
            {
                "project_no": OTHER,
                "name": "甲小区 一期",
                "region_code": "330106",
                "data_level": "D",
                **second,
            },
        )
        contracts = [{"contract_no": f"HT-{n}", "project_no": n} for n in (NUMBER, OTHER)]
        units = [
            {"unit_code": n, "contract_no": f"HT-{n}", "project_no": n} for n in (NUMBER, OTHER)
        ]
        areas = ((NUMBER, 10_000.0), (OTHER, area))
        return {
            project.PROJECT: rows_of(project.PROJECT, *rows),
            project.CONTRACT: rows_of(project.CONTRACT, *contracts),
            project.UNIT: rows_of(project.UNIT, *units),
            project.MEASURE: rows_of(
                project.MEASURE,
                *({"unit_code": n, **measure(works.WHOLE_AREA, value)} for n, value in areas),
            ),
        }

    def test_the_one_of_the_lower_grade_is_not_trusted(self) -> None:
        assert found("J-03", self.twice(10_200)) == [
            (project.CONTRACT.name, A, OTHER, "DATA"),
            (project.UNIT.name, A, OTHER, "DATA"),
        ]

    def test_of_equal_grades_it_is_the_later_number(self) -> None:
        assert {row[2] for row in found("J-03", self.twice(10_000, data_level="B"))} == {OTHER}

    def test_a_grade_not_told_is_the_lowest(self) -> None:
        frames = self.twice(10_000, data_level=None)
        assert {row[2] for row in found("J-03", frames)} == {OTHER}

    def test_another_phase_county_or_size_is_another_project(self) -> None:
        assert found("J-03", self.twice(10_000, name="甲小区二期")) == []
        assert found("J-03", self.twice(10_000, region_code="330105")) == []
        assert found("J-03", self.twice(10_210)) == []

    @pytest.mark.parametrize(
        ("first", "second", "is_twice"),
        [
            ({"builder_code": A}, {"builder_code": A}, True),
            ({"builder_code": A}, {"builder_code": B}, False),
            ({"builder_code": A}, {}, True),
            ({"all_area_m2": 50_000}, {"all_area_m2": 51_000}, True),
            ({"all_area_m2": 50_000}, {"all_area_m2": 52_000}, False),
            ({}, {"all_area_m2": 52_000}, True),
        ],
    )
    def test_another_builder_or_whole_area_where_both_are_told_is_another_project(
        self, first: dict, second: dict, is_twice: bool
    ) -> None:
        frames = self.twice(10_000, **second)
        here = pl.col("project_no") == NUMBER
        frames[project.PROJECT] = frames[project.PROJECT].with_columns(
            pl.when(here)
            .then(pl.lit(value))
            .otherwise(pl.col(name))
            .cast(project.PROJECT.schema[name])
            .alias(name)
            for name, value in first.items()
        )
        assert bool(found("J-03", frames)) is is_twice

    def test_another_contractor_built_another(self) -> None:
        frames = self.twice(10_000)
        of_other = pl.when(pl.col("project_no") == OTHER).then(pl.lit(B)).otherwise("usc_code")
        frames[project.CONTRACT] = frames[project.CONTRACT].with_columns(usc_code=of_other)
        assert found("J-03", frames) == []


class TestBuiltTooFast:
    def in_days(self, days: int, *measures: dict) -> list:
        start = date(2014, 1, 1)
        return found(
            "J-06",
            built(
                *measures,
                acceptance={
                    "started_on": start,
                    "accepted_on": date.fromordinal(start.toordinal() + days),
                },
            ),
        )

    def test_fewer_than_thirty_days_for_5000_square_metres_are_noted(self) -> None:
        assert [row[3] for row in self.in_days(59, measure(works.WHOLE_AREA, 10_000))] == ["WARN"]
        assert self.in_days(60, measure(works.WHOLE_AREA, 10_000)) == []

    def test_fewer_than_five_days_a_storey_are_noted(self) -> None:
        assert len(self.in_days(99, measure(works.STOREYS, 20))) == 1
        assert self.in_days(100, measure(works.STOREYS, 20)) == []

    def test_without_a_size_or_a_day_nothing_is_known(self) -> None:
        assert self.in_days(1) == []
        frames = built(measure(works.STOREYS, 20), acceptance={"started_on": None})
        assert found("J-06", frames) == []


class TestSettledApart:
    @pytest.mark.parametrize(
        ("settled", "severity"), [(699, ["WARN"]), (700, []), (1_500, []), (1_501, ["WARN"])]
    )
    def test_outside_seven_tenths_to_three_halves_it_is_noted(
        self, settled: int, severity: list[str]
    ) -> None:
        prices = {"amount_yuan": Decimal(1_000), "settlement_yuan": Decimal(settled)}
        assert [row[3] for row in found("J-18", built(contract=prices))] == severity

    def test_one_price_alone_says_nothing(self) -> None:
        assert found("J-18", built(contract={"settlement_yuan": Decimal(5)})) == []
        assert found("J-18", built(contract={"amount_yuan": Decimal(5)})) == []


@pytest.mark.provision("E21")
class TestImpossibleSizes:
    def sizes(self, height: float | None, storeys: float | None, kind: str = works.CIVIL) -> list:
        return found(
            "J-22",
            built(measure(works.HEIGHT, height, kind), measure(works.STOREYS, storeys, kind)),
        )

    @pytest.mark.parametrize(("height", "storeys"), [(21.9, 10), (60.1, 10), (400, 121)])
    def test_a_storey_too_low_or_too_high_or_too_many_of_them_are_not_trusted(
        self, height: float, storeys: int
    ) -> None:
        assert self.sizes(height, storeys) == [(project.MEASURE.name, A, "U1", "DATA")]

    @pytest.mark.parametrize(("height", "storeys"), [(22, 10), (60, 10), (380, 120)])
    def test_at_the_bounds_they_are(self, height: float, storeys: int) -> None:
        assert self.sizes(height, storeys) == []

    def test_halls_of_one_storey_and_factories_are_high(self) -> None:
        assert self.sizes(18, 1) == []
        assert self.sizes(60, 3, works.FACTORY) == []

    def test_one_figure_alone_says_nothing(self) -> None:
        assert self.sizes(60, None) == self.sizes(None, 10) == []

    def test_a_span_over_300_metres_is_a_bridges(self) -> None:
        wide = measure(works.SPAN, 301, works.FRAMES[0])
        assert [row[3] for row in found("J-22", built(wide))] == ["DATA"]
        assert found("J-22", built(measure(works.SPAN, 300, works.FRAMES[0]))) == []
        assert found("J-22", built(measure(works.SPAN, 1_088, "城市桥梁"))) == []


class TestMeasureOfAnotherClass:
    ROAD = measure("长度", 900, "城市道路")

    def of_type(self, project_type: str | None) -> list:
        frames = built(self.ROAD)
        frames[project.PROJECT] = rows_of(
            project.PROJECT, {"project_no": NUMBER, "project_type": project_type}
        )
        return found("J-23", frames)

    def test_a_road_in_a_building_project_is_not_trusted(self) -> None:
        assert self.of_type("房屋建筑") == [(project.MEASURE.name, A, "U1", "DATA")]

    def test_in_municipal_or_other_works_it_is(self) -> None:
        assert self.of_type("市政基础设施") == self.of_type("其他") == []

    def test_of_a_project_that_has_not_come_nothing_is_known(self) -> None:
        frames = built(self.ROAD)
        del frames[project.PROJECT]
        assert found("J-23", frames) == []

    def test_the_kinds_are_those_that_the_channel_delivers(self) -> None:
        feed = load_channels()["project_platform"].feeds["unit"]
        told = {one.works_type for one in feed.measures} - {None, "构筑物工程", *works.FRAMES}
        assert told == set(works.MUNICIPAL)


class TestPriceApart:
    def price(self, yuan: int | None, **contract: object) -> list:
        amount = None if yuan is None else Decimal(yuan)
        return found(
            "J-24",
            built(measure(works.WHOLE_AREA, 1_000), contract={"amount_yuan": amount, **contract}),
        )

    @pytest.mark.parametrize("yuan", [299_999, 20_000_001])
    def test_a_price_a_square_metre_that_cannot_be_is_not_trusted(self, yuan: int) -> None:
        assert [row[3] for row in self.price(yuan)] == ["DATA"]

    @pytest.mark.parametrize("yuan", [300_000, 20_000_000, None])
    def test_at_the_bounds_or_untold_it_stands(self, yuan: int | None) -> None:
        assert self.price(yuan) == []

    def test_a_specialty_contract_may_be_small_in_a_large_building(self) -> None:
        number = f"{NUMBER}-HF-001"
        assert self.price(9_999, contract_type="专业承包", contract_no=number) == []

    def priced(self, *prices: int) -> list:
        rows = (
            {"contract_no": f"HT-{n}", "amount_yuan": Decimal(price), "contract_type": "专业承包"}
            for n, price in enumerate(prices)
        )
        return found("J-24", {project.CONTRACT: rows_of(project.CONTRACT, *rows)})

    def test_a_thousandfold_of_its_class_is_not_trusted(self) -> None:
        usual = [1_000_000] * 19
        assert [row[2] for row in self.priced(*usual, 1_000_000_000)] == ["HT-19"]
        assert [row[2] for row in self.priced(*usual, 1_000)] == ["HT-19"]
        assert self.priced(*usual, 999_999_999) == self.priced(*usual, 1_001) == []

    def test_of_few_contracts_no_middle_is_known(self) -> None:
        assert self.priced(*[1_000_000] * 18, 1_000_000_000) == []
