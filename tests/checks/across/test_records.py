"""What others recorded of works: what the law does not count, what is only in doubt, what is noted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from builders import A_BRANCH, AS_OF, A, B, found, rows_of

from assets.lake.declaration import Table
from assets.tables import credit, intake, project

NUMBER, OTHER = "3301061501010101", "3301061501010199"
CONTRACT = f"{NUMBER}-HZ-001"


def recorded(
    check_id: str,
    record: tuple[Table, dict[str, Any]] | None = None,
    coverage: dict[str, Any] | None = None,
    **told: Any,
) -> list[tuple[str, str, str]]:
    """A's contract with its project and acceptance, and one record beside them."""
    sound = {
        "usc_code": A,
        "project_no": NUMBER,
        "contract_no": CONTRACT,
        "contract_type": "施工总承包",
        "amount_yuan": 300_000,
        "permit_no": None,
        "accepted_on": date(2015, 6, 1),
        "quality": "合格",
        "data_source": "历史业绩补录",
    } | told
    frames: dict[Table, Any] = {
        table: rows_of(table, {k: v for k, v in sound.items() if k in table.schema})
        for table in (project.PROJECT, project.CONTRACT, project.ACCEPTANCE)
    }
    if record is not None:
        table, row = record
        frames[table] = rows_of(table, {"project_no": NUMBER} | row)
    if coverage is not None:
        frames[intake.COVERAGE] = rows_of(
            intake.COVERAGE, {"target": project.QUALITY.name, "region_code": "330000"} | coverage
        )
    return found(check_id, frames)


@pytest.mark.provision("E14")
class TestFalsification:
    def used(self, **row: Any) -> list[tuple[str, str, str]]:
        return recorded("J-17", (project.USE, {"usc_code": A, "conclusion": "弄虚作假"} | row))

    def test_the_law_does_not_count_what_the_contractor_falsified_with(self) -> None:
        assert self.used() == self.used(usc_code=A_BRANCH) == [(A, CONTRACT, "LAW")]

    def test_who_truly_built_what_another_falsified_with_loses_nothing(self) -> None:
        assert self.used(usc_code=B) == [(A, CONTRACT, "WARN")]

    @pytest.mark.parametrize(
        "row", [{"conclusion": "通过"}, {"conclusion": None}, {"project_no": OTHER}]
    )
    def test_other_conclusions_and_projects_say_nothing(self, row: dict[str, Any]) -> None:
        assert self.used(**row) == []


@pytest.mark.provision("E14")
class TestPenalty:
    def punished(self, **row: Any) -> list[str]:
        sound = {"act": "违反强制性标准", "sanction": "降低资质等级", "revoked_on": None} | row
        return [severity for *_, severity in recorded("J-29", (credit.FINDING, sound))]

    @pytest.mark.parametrize("sanction", ["降低资质等级", "吊销资质证书"])
    @pytest.mark.parametrize("act", ["违反强制性标准", "一般事故", "较大以上事故"])
    def test_lowered_or_struck_for_quality_or_safety_the_works_do_not_count(
        self, act: str, sanction: str
    ) -> None:
        assert self.punished(act=act, sanction=sanction) == ["LAW"]

    @pytest.mark.parametrize(
        "row", [{"act": None}, {"sanction": None}, {"act": None, "sanction": None}]
    )
    def test_what_is_not_told_is_in_doubt(self, row: dict[str, Any]) -> None:
        assert self.punished(**row) == ["DATA"]

    @pytest.mark.parametrize(
        "row", [{"act": "转包或违法分包"}, {"sanction": "其他"}, {"act": "其他", "sanction": None}]
    )
    def test_other_grounds_and_lighter_penalties_are_noted(self, row: dict[str, Any]) -> None:
        assert self.punished(**row) == ["WARN"]

    @pytest.mark.parametrize(
        "row",
        [{"usc_code": B}, {"project_no": OTHER}, {"project_no": None}, {"revoked_on": AS_OF}],
    )
    def test_another_enterprise_or_project_or_a_penalty_set_aside_says_nothing(
        self, row: dict[str, Any]
    ) -> None:
        assert self.punished(**row) == []


class TestEnteredLate:
    def entered(self, days_ago: int = 10, **told: Any) -> list[str]:
        told = {"entered_on": AS_OF - timedelta(days=days_ago)} | told
        return [severity for *_, severity in recorded("J-21", **told)]

    @pytest.mark.parametrize(("days_ago", "is_found"), [(180, True), (181, False), (-1, True)])
    def test_within_a_hundred_and_eighty_days_or_after_the_day(
        self, days_ago: int, is_found: bool
    ) -> None:
        assert bool(self.entered(days_ago)) is is_found

    @pytest.mark.parametrize(
        ("told", "severity"),
        [
            ({}, "DATA"),
            ({"amount_yuan": 299_999}, "WARN"),
            ({"amount_yuan": None}, "WARN"),
            ({"permit_no": "330106201501010101"}, "WARN"),
            ({"contract_type": "专业分包"}, "WARN"),
        ],
    )
    def test_doubted_where_a_permit_is_needed_and_none_is_named(
        self, told: dict[str, Any], severity: str
    ) -> None:
        assert self.entered(**told) == [severity]

    def test_what_was_entered_in_the_course_of_business_or_at_no_known_day_says_nothing(
        self,
    ) -> None:
        assert self.entered(data_source="业务办理") == self.entered(entered_on=None) == []


class TestQuality:
    def test_what_the_station_found_unsound_is_doubted(self) -> None:
        record = (project.QUALITY, {"result": "不合格"})
        assert recorded("J-28", record) == [(A, CONTRACT, "DATA")]
        assert recorded("J-28", record, quality="不合格") == []
        assert recorded("J-28", (project.QUALITY, {"result": None})) == []

    @pytest.mark.parametrize(
        ("coverage", "is_found"),
        [
            ({"as_of": date(2015, 6, 1)}, True),
            ({"as_of": date(2015, 5, 31)}, False),
            ({"as_of": AS_OF, "is_complete": False}, False),
            ({"as_of": AS_OF, "region_code": "330100"}, False),
            (None, False),
        ],
    )
    def test_that_there_is_no_record_says_something_only_where_all_were_told(
        self, coverage: dict[str, Any] | None, is_found: bool
    ) -> None:
        told = recorded("J-28", None, coverage, permit_no="330106201501010101")
        assert told == ([(A, CONTRACT, "WARN")] if is_found else [])

    def test_works_without_a_permit_need_no_supervision(self) -> None:
        assert recorded("J-28", None, {"as_of": AS_OF}) == []
