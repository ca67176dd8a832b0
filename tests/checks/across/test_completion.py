"""Works as built against plan, permit and words: each just hits, just misses, and lacks its figure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from builders import A_BRANCH, A, B, found, rows_of

from assets.lake.declaration import Table
from assets.tables import project
from checks.across.works import AREA, CIVIL, HEIGHT, STOREYS

NUMBER, CONTRACT = "3301061501010101", "3301061501010101-HZ-001"
OF_A = {"usc_code": A, "project_no": NUMBER, "contract_no": CONTRACT}


def built(check_id: str, *areas: int, **told: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Units of these areas under one contract; `told` has rows by the last part of their table."""
    units = [OF_A | {"unit_code": f"U{n}"} | told.get("unit", {}) for n, _ in enumerate(areas)]
    measures = [
        {"unit_code": f"U{n}", "works_type": CIVIL, "metric": AREA, "value": Decimal(area)}
        for n, area in enumerate(areas)
    ]
    measures += [told["measure"]] if "measure" in told else []
    frames: dict[Table, Any] = {
        project.UNIT: rows_of(project.UNIT, *units),
        project.MEASURE: rows_of(project.MEASURE, *measures),
    }
    for table in (project.PROJECT, project.CONTRACT, project.ACCEPTANCE, project.PERMIT):
        row = told.get(table.name.rpartition("__")[2])
        if row is not None:
            named = {name: value for name, value in OF_A.items() if name in table.schema}
            frames[table] = rows_of(table, named | row)
    return found(check_id, frames)


class TestLargerThanProject:
    def units(self, *areas: int, whole: int | None = 1_000) -> list[str]:
        told = built("J-19", *areas, project={"all_area_m2": whole})
        assert {row[2] for row in told} <= {"DATA"}
        return [row[1] for row in told]

    def test_all_units_together_may_be_a_twentieth_more(self) -> None:
        assert self.units(500, 550) == []
        assert self.units(500, 551) == ["U0", "U1"]

    def test_one_that_is_too_large_by_itself_is_doubted_alone(self) -> None:
        assert self.units(1_001, 10) == self.units(2_000, 10) == ["U0"]
        assert self.units(1_000) == []

    def test_a_project_without_an_area_says_nothing(self) -> None:
        assert self.units(9_000, whole=None) == self.units(9_000, whole=0) == []


class TestAreaChanged:
    def changed(self, permitted: int | None, built_area: int | None, **contract: Any) -> list[Any]:
        general = {"permit_no": "P1", "contract_type": "施工总承包"} | contract
        return built(
            "J-18:area",
            contract=general,
            permit={"permit_no": "P1", "area_m2": permitted},
            acceptance={"area_m2": built_area},
        )

    @pytest.mark.parametrize(
        ("area", "is_found"), [(950, False), (949, True), (1_050, False), (1_051, True)]
    )
    def test_over_a_twentieth_off_the_permit_is_noted(self, area: int, is_found: bool) -> None:
        assert self.changed(1_000, area) == ([(A, CONTRACT, "WARN")] if is_found else [])

    def test_areas_that_are_not_told_and_parts_of_the_works_say_nothing(self) -> None:
        assert self.changed(None, 2_000) == self.changed(1_000, None) == []
        assert self.changed(1_000, 2_000, contract_type="专业分包") == []
        assert self.changed(1_000, 2_000, permit_no="P2") == []

    def test_a_permit_that_two_contracts_name_has_the_area_of_both(self) -> None:
        general = {"permit_no": "P1", "contract_type": "施工总承包"} | OF_A
        frames: dict[Table, Any] = {
            project.CONTRACT: rows_of(project.CONTRACT, general, general | {"contract_no": "2"}),
            project.PERMIT: rows_of(project.PERMIT, {"permit_no": "P1", "area_m2": 2_000}),
            project.ACCEPTANCE: rows_of(
                project.ACCEPTANCE,
                *({"contract_no": one, "area_m2": 1_000} for one in (CONTRACT, "2")),
            ),
        }
        assert found("J-18:area", frames) == []


class TestUnderground:
    @pytest.mark.parametrize(
        ("above", "below", "is_found"),
        [(3, 3, False), (3, 4, True), (1, 2, True), (0, 2, False), (3, None, False)],
    )
    def test_more_storeys_below_than_above_are_doubted(
        self, above: int, below: int | None, is_found: bool
    ) -> None:
        storeys = {"unit_code": "U0", "works_type": CIVIL, "metric": STOREYS, "value": above}
        told = built("J-22:below", 100, unit={"storeys_below": below}, measure=storeys)
        assert told == ([(A, "U0", "DATA")] if is_found else [])

    def test_a_unit_without_storeys_says_nothing(self) -> None:
        height = {"unit_code": "U0", "works_type": CIVIL, "metric": HEIGHT, "value": 1}
        assert built("J-22:below", 100, unit={"storeys_below": 5}, measure=height) == []


class TestTester:
    @pytest.mark.parametrize(
        ("tester", "is_found"), [(A, True), (A_BRANCH, True), (B, False), (None, False)]
    )
    def test_who_tests_his_own_works_is_noted(self, tester: str | None, is_found: bool) -> None:
        told = built("J-27:tester", acceptance={"tester_code": tester})
        assert told == ([(A, CONTRACT, "WARN")] if is_found else [])


class TestWords:
    def units(self, text: str | None, *areas: int) -> list[str]:
        told = built("J-32", *areas, acceptance={"size_text": text})
        assert {row[2] for row in told} <= {"DATA"}
        return [row[1] for row in told]

    @pytest.mark.parametrize(
        ("text", "is_found"),
        [
            ("地上9层，建筑面积约952平方米", True),
            ("建筑面积：953㎡", False),
            ("总建筑面积 0.0９ 万平方米", True),
            ("建筑面积1,100.5 m²", False),
            ("建筑面积9000平方米", False),
            ("占地面积10平方米", False),
            ("建筑面积见附件", False),
            (None, False),
        ],
    )
    def test_words_that_tell_a_smaller_area_cast_doubt_on_the_units(
        self, text: str | None, is_found: bool
    ) -> None:
        assert self.units(text, 600, 400) == (["U0", "U1"] if is_found else [])
