"""Lists, licences and records: each check just hits, just misses, and knows what it does not know."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from builders import ANNA, AS_OF, A, found, rows_of

from assets.lake.declaration import Table
from assets.tables import credit, enterprise, intake, personnel

DAY = timedelta(days=1)


class TestLists:
    def on_list(self, check_id: str, **told: Any) -> list[tuple[str, str, str]]:
        entry = {"list": "经营异常名录", "listed_on": AS_OF, "removed_on": None} | told
        return found(check_id, {credit.LISTING: rows_of(credit.LISTING, entry)})

    @pytest.mark.parametrize(
        ("name", "check_id"),
        [
            ("经营异常名录", "E-06"),
            ("严重违法失信名单", "E-06"),
            ("失信被执行人", "C-06"),
            ("拖欠农民工工资失信名单", "C-06"),
        ],
    )
    def test_who_is_on_a_list_is_noted_and_by_its_own_check(self, name: str, check_id: str) -> None:
        other = {"E-06": "C-06", "C-06": "E-06"}[check_id]
        assert self.on_list(check_id, list=name) == [(A, A, "WARN")]
        assert self.on_list(other, list=name) == []

    @pytest.mark.parametrize(
        ("listed_on", "removed_on", "is_on"),
        [
            (AS_OF, None, True),
            (AS_OF + DAY, None, False),
            (date(2016, 1, 1), AS_OF, False),
            (date(2016, 1, 1), AS_OF + DAY, True),
        ],
    )
    def test_from_its_day_until_the_day_before_it_is_taken_off(
        self, listed_on: date, removed_on: date | None, is_on: bool
    ) -> None:
        on = self.on_list("E-06", listed_on=listed_on, removed_on=removed_on)
        assert bool(on) is is_on


class TestLicence:
    def held(self, *licences: dict[str, Any], **coverage: Any) -> list[tuple[str, str, str]]:
        frames = {
            enterprise.QUALIFICATION: rows_of(enterprise.QUALIFICATION, {"valid_to": None}),
            enterprise.SAFETY_LICENCE: rows_of(enterprise.SAFETY_LICENCE, *licences),
        }
        if coverage:
            told = {"target": enterprise.SAFETY_LICENCE.name, "region_code": "330000"} | coverage
            frames[intake.COVERAGE] = rows_of(intake.COVERAGE, told)
        return found("E-18", frames)

    @pytest.mark.parametrize(
        ("state", "until", "is_found"),
        [
            ("valid", AS_OF, False),
            ("valid", AS_OF - DAY, True),
            ("withheld", AS_OF, True),
            ("struck", AS_OF, True),
        ],
    )
    def test_a_licence_not_in_force_is_noted(self, state: str, until: date, is_found: bool) -> None:
        told = self.held({"status_code": state, "valid_until": until})
        assert told == ([(A, A, "WARN")] if is_found else [])

    def test_one_in_force_among_several_is_enough(self) -> None:
        old = {"licence_no": "1", "status_code": "struck"}
        assert self.held(old, {"licence_no": "2", "valid_until": AS_OF}) == []

    def test_none_at_all_says_something_only_where_all_were_told(self) -> None:
        assert self.held() == self.held(is_complete=False) == []
        assert self.held(is_complete=True, region_code="330100") == []
        assert self.held(is_complete=True) == [(A, A, "WARN")]

    def test_who_holds_no_qualification_needs_none(self) -> None:
        licence = rows_of(enterprise.SAFETY_LICENCE, {"status_code": "struck"})
        assert found("E-18", {enterprise.SAFETY_LICENCE: licence}) == []


class TestRecords:
    def registered(self, **told: Any) -> list[tuple[str, str, str]]:
        record = {"measure": "撤销注册", "decided_on": AS_OF, "ends_on": None} | told
        live = {"valid_from": date(2015, 1, 1), "valid_until": date(2018, 1, 1)}
        frames: dict[Table, Any] = {
            personnel.REGISTRATION: rows_of(personnel.REGISTRATION, live),
            credit.PERSON_RECORD: rows_of(credit.PERSON_RECORD, record),
        }
        return found("P-34", frames)

    @pytest.mark.parametrize(
        ("decided_on", "is_found"),
        [
            (AS_OF, True),
            (AS_OF + DAY, False),
            (date(2014, 3, 2), True),
            (date(2014, 3, 1), False),
        ],
    )
    def test_a_registration_revoked_within_three_years_is_doubted_and_no_more(
        self, decided_on: date, is_found: bool
    ) -> None:
        told = self.registered(decided_on=decided_on)
        assert told == ([(A, ANNA, "DATA")] if is_found else [])

    @pytest.mark.parametrize(
        ("ends_on", "is_found"), [(None, True), (AS_OF, True), (AS_OF - DAY, False)]
    )
    def test_a_lock_holds_to_its_last_day(self, ends_on: date | None, is_found: bool) -> None:
        assert bool(self.registered(measure="注册锁定", ends_on=ends_on)) is is_found

    @pytest.mark.parametrize("measure", ["其他", None])
    def test_other_measures_say_nothing(self, measure: str | None) -> None:
        assert self.registered(measure=measure) == []
