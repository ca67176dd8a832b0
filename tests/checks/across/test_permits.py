"""Each check on permits just hits, just misses, and says nothing where a permit is not known."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from builders import A_BRANCH, AS_OF, A, B, findings_in, rows_of

from assets.tables import enterprise, intake, project

NUMBER, COUNTY = "3301061501010101", "330106"
PERMIT, CONTRACT = "330106201503020101", f"{NUMBER}-HZ-001"
BOTH = [(project.CONTRACT.name, A, CONTRACT, "WARN"), (project.PERMIT.name, A, PERMIT, "WARN")]


def permitted(**told: object) -> dict:
    """A contract under a permit that fits it, but for what is told of either."""
    sound = {
        "contract_no": CONTRACT,
        "project_no": NUMBER,
        "permit_no": PERMIT,
        "contract_type": "施工总承包",
        "usc_code": A,
        "is_consortium": False,
        "signed_on": date(2015, 2, 1),
        "issued_on": date(2015, 3, 2),
        "started_on": date(2015, 3, 5),
        "accepted_on": date(2016, 6, 1),
        "region_code": COUNTY,
        "supervisor_usc_code": B,
    }
    own = {"permit": told.pop("permit", {})}

    def rows(table: object, **differing: object) -> pl.DataFrame:
        row = {**sound, **told, **differing}
        return rows_of(table, {k: v for k, v in row.items() if k in table.schema})

    return {
        project.PROJECT: rows(project.PROJECT),
        project.CONTRACT: rows(project.CONTRACT),
        project.ACCEPTANCE: rows(project.ACCEPTANCE),
        project.PERMIT: rows(project.PERMIT, **own["permit"]),
    }


def found(check_id: str, frames: dict) -> list[tuple[str, str, str, str]]:
    registry = rows_of(
        enterprise.REGISTRY,
        {"usc_code": A},
        {"usc_code": B},
        {"usc_code": A_BRANCH, "entity_code": "branch", "parent_usc_code": A},
    )
    rows = findings_in({enterprise.REGISTRY: registry, **frames}).filter(check_id=check_id)
    return list(rows.select("target", "usc_code", "row_key", "severity").sort(pl.all()).iter_rows())


def test_a_permit_that_fits_its_works_is_not_mentioned() -> None:
    told = findings_in(permitted()).filter(pl.col("check_id").str.contains("permit|J-27|J-31"))
    assert told.rows() == []


class TestOrder:
    def severities(self, **told: object) -> list[str]:
        return [row[3] for row in found("J-04:permit", permitted(**told))]

    def test_permitted_after_the_acceptance_is_not_trusted(self) -> None:
        assert self.severities(accepted_on=date(2015, 3, 1)) == ["DATA"]

    def test_permitted_on_the_day_of_the_acceptance_is_only_late(self) -> None:
        assert self.severities(accepted_on=date(2015, 3, 2), started_on=date(2015, 3, 1)) == [
            "WARN"
        ]

    @pytest.mark.parametrize(
        ("column", "day"), [("signed_on", date(2015, 3, 3)), ("started_on", date(2015, 3, 1))]
    )
    def test_before_the_contract_or_after_the_start_is_noted(self, column: str, day: date) -> None:
        assert self.severities(**{column: day}) == ["WARN"]

    @pytest.mark.parametrize("column", ["signed_on", "started_on", "accepted_on"])
    def test_on_the_same_day_or_on_a_day_not_told_it_is_in_order(self, column: str) -> None:
        assert self.severities(**{column: date(2015, 3, 2)}) == [] or column == "accepted_on"
        assert self.severities(**{column: None}) == []

    def test_a_reissue_counts_from_the_day_within_its_number(self) -> None:
        again = {"permit_no": f"{PERMIT}S", "issued_on": date(2016, 9, 1)}
        assert found("J-04:permit", permitted(permit=again)) == []

    def test_a_contract_that_names_no_permit_or_one_that_has_not_come_proves_nothing(self) -> None:
        for permit in (None, "330106201503029901"):
            frames = permitted(accepted_on=date(2015, 3, 1))
            no = pl.lit(permit, pl.String)
            frames[project.CONTRACT] = frames[project.CONTRACT].with_columns(permit_no=no)
            assert found("J-04:permit", frames) == []


class TestContractor:
    def test_another_contractor_on_the_permit_makes_the_contract_doubtful(self) -> None:
        assert found("J-11:permit", permitted(permit={"usc_code": B})) == [
            (project.CONTRACT.name, A, CONTRACT, "DATA")
        ]

    def test_so_it_does_where_design_was_contracted_too_or_a_consortium_is_not_told(self) -> None:
        other = {"usc_code": B}
        assert len(found("J-11:permit", permitted(permit=other, contract_type="工程总承包"))) == 1
        assert len(found("J-11:permit", permitted(permit=other, is_consortium=None))) == 1

    def test_a_reissue_says_who_the_contractor_is_by_now(self) -> None:
        frames = permitted(permit={"usc_code": B})
        again = frames[project.PERMIT].with_columns(
            usc_code=pl.lit(A), permit_no=pl.lit(f"{PERMIT}S"), issued_on=date(2016, 9, 1)
        )
        frames[project.PERMIT] = pl.concat([again, frames[project.PERMIT]])
        frames[project.PERMIT] = frames[project.PERMIT].with_columns(row_no=pl.row_index())
        assert found("J-11:permit", frames) == []

    def test_its_own_branch_a_consortium_and_a_subcontract_are_in_order(self) -> None:
        assert found("J-11:permit", permitted(permit={"usc_code": A_BRANCH})) == []
        other = {"usc_code": B}
        assert found("J-11:permit", permitted(permit=other, is_consortium=True)) == []
        assert found("J-11:permit", permitted(permit=other, contract_type="专业分包")) == []


class TestSupervisor:
    def test_who_supervises_his_own_works_is_noted_at_permit_and_contract(self) -> None:
        assert found("J-27", permitted(supervisor_usc_code=A)) == BOTH
        assert found("J-27", permitted(supervisor_usc_code=A_BRANCH)) == BOTH

    def test_nobody_named_is_nobody(self) -> None:
        assert found("J-27", permitted(supervisor_usc_code=None)) == []


class TestNumber:
    def test_another_day_than_the_numbers_is_noted_at_permit_and_contract(self) -> None:
        assert found("J-31", permitted(permit={"issued_on": date(2015, 3, 3)})) == BOTH

    def test_another_county_is_noted_and_the_city_is_not(self) -> None:
        assert found("J-31", permitted(region_code="330203")) == BOTH
        city = "330100201503020101"
        assert found("J-31", permitted(permit_no=city)) == []

    def test_a_reissue_is_dated_after_its_number_and_never_before(self) -> None:
        again = f"{PERMIT}S"
        for day in (AS_OF, date(2015, 3, 2)):
            assert found("J-31", permitted(permit={"permit_no": again, "issued_on": day})) == []
        before = {"permit_no": again, "issued_on": date(2015, 3, 1)}
        assert [row[2] for row in found("J-31", permitted(permit=before))] == [CONTRACT, again]

    def test_the_number_of_a_stage_says_neither_day_nor_county(self) -> None:
        assert found("J-31", permitted(permit_no=f"{NUMBER}-SX-001", region_code="330203")) == []

    def test_a_permit_whose_project_is_not_known_is_compared_by_its_day_alone(self) -> None:
        frames = permitted(region_code="330203")
        frames[project.PROJECT] = frames[project.PROJECT].clear()
        assert found("J-31", frames) == []


def test_a_permit_waits_a_week_for_its_project() -> None:
    frames = permitted()
    frames[project.PROJECT] = frames[project.PROJECT].clear()
    assert (project.PERMIT.name, A, PERMIT, "DATA") not in found("F-07", frames)
    old = frames[project.PERMIT].with_columns(
        received_at=pl.lit(date(2017, 2, 1)).cast(intake.DELIVERY.schema["received_at"])
    )
    waited = found("F-07", {**frames, project.PERMIT: old})
    assert (project.PERMIT.name, A, PERMIT, "DATA") in waited
