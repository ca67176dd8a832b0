"""Each check on enterprises, their qualifications and machines just hits and just misses."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import ClassVar

import polars as pl
import pytest
from builders import A_BRANCH, AS_OF, A, B, findings_in, rows_of

from assets.bases.quarantine import KEY_CONFLICT
from assets.tables import enterprise, intake

REGISTRY = rows_of(
    enterprise.REGISTRY,
    {"usc_code": A, "name": "浙江甲建设有限公司"},
    {"usc_code": B, "name": "浙江乙建设有限公司"},
    {"usc_code": A_BRANCH, "entity_code": "branch", "parent_usc_code": A},
)


def found(check_id: str, frames: dict) -> list[tuple[str, str, str]]:
    rows = findings_in({enterprise.REGISTRY: REGISTRY, **frames}).filter(check_id=check_id)
    return list(rows.select("usc_code", "row_key", "severity").sort(pl.all()).iter_rows())


class TestNameDiffers:
    def certificate(self, printed: str | None, **values: object) -> pl.DataFrame:
        sound = {"valid_until": AS_OF, "status_code": "valid", "printed_name": printed}
        return rows_of(enterprise.CERTIFICATE, {**sound, **values})

    def test_another_name_on_the_certificate_in_force_is_noted(self) -> None:
        frames = {enterprise.CERTIFICATE: self.certificate("浙江丙建设有限公司")}
        assert found("E-03", frames) == [(A, "D233000001", "WARN")]

    def test_width_of_brackets_and_spaces_make_no_other_name(self) -> None:
        registry = rows_of(enterprise.REGISTRY, {"usc_code": A, "name": "甲（浙江）建设有限公司"})
        frames = {
            enterprise.REGISTRY: registry,
            enterprise.CERTIFICATE: self.certificate("甲(浙江) 建设有限公司"),
        }
        assert found("E-03", frames) == []

    def test_a_former_name_explains_it(self) -> None:
        renamed = rows_of(
            enterprise.EVENT, {"event_code": "rename", "before": "浙江丙建设有限公司"}
        )
        frames = {
            enterprise.EVENT: renamed,
            enterprise.CERTIFICATE: self.certificate("浙江丙建设有限公司"),
        }
        assert found("E-03", frames) == []

    def test_a_certificate_run_out_or_without_a_name_says_nothing(self) -> None:
        for printed in (
            self.certificate("浙江丙建设有限公司", valid_until=date(2017, 2, 28)),
            self.certificate("浙江丙建设有限公司", status_code="superseded"),
            self.certificate(None),
        ):
            assert found("E-03", {enterprise.CERTIFICATE: printed}) == []


@pytest.mark.provision("B2.1")
class TestTwoLevels:
    def held(self, *rows: dict) -> dict:
        sound = {"valid_from": date(2014, 1, 1), "valid_to": None, "status_code": "valid"}
        return {
            enterprise.QUALIFICATION: rows_of(
                enterprise.QUALIFICATION, *({**sound, **row} for row in rows)
            )
        }

    def test_the_lower_of_two_levels_of_a_category_does_not_count(self) -> None:
        frames = self.held(
            {"qualification_no": "1", "level": "二级", "valid_to": AS_OF},
            {"qualification_no": "2", "level": "三级"},
        )
        assert found("E-09", frames) == [(A, "2", "LAW")]

    def test_a_level_that_ended_the_day_before_is_history(self) -> None:
        frames = self.held(
            {"qualification_no": "1", "level": "二级"},
            {"qualification_no": "2", "level": "三级", "valid_to": date(2017, 2, 28)},
        )
        assert found("E-09", frames) == []

    def test_two_categories_are_not_compared(self) -> None:
        frames = self.held(
            {"qualification_no": "1", "level": "二级"},
            {"qualification_no": "2", "level": "三级", "category_code": "G10"},
        )
        assert found("E-09", frames) == []


@pytest.mark.provision("E26")
class TestTwoOwners:
    def machines(self, *rows: dict) -> dict:
        sound = {"equipment_no": "浙A-001", "disposed_on": None, "is_owned": True}
        return {
            enterprise.EQUIPMENT: rows_of(enterprise.EQUIPMENT, *({**sound, **row} for row in rows))
        }

    def apart(
        self, usc_code: str, row_no: int = 1, reasons: list[str] | None = None, **content: object
    ) -> dict:
        typed = {
            "equipment_no": "浙A-001",
            "usc_code": usc_code,
            "is_owned": True,
            "disposed_on": None,
            **content,
        }
        return {
            "target": enterprise.EQUIPMENT.name,
            "usc_code": usc_code,
            "row_no": row_no,
            "reasons": reasons or [KEY_CONFLICT],
            "typed_json": json.dumps(typed, ensure_ascii=False),
            "key_json": json.dumps({"equipment_no": "浙A-001", "metric": "x"}, ensure_ascii=False),
        }

    def test_a_machine_under_two_enterprises_counts_for_neither(self) -> None:
        frames = self.machines(
            {"usc_code": A, "metric": "起重力矩"}, {"usc_code": B, "metric": "起重量"}
        )
        assert found("Q-01", frames) == [(A, "浙A-001", "LAW"), (B, "浙A-001", "LAW")]

    def test_sold_on_the_day_it_has_one_owner(self) -> None:
        frames = self.machines(
            {"usc_code": A, "metric": "起重力矩", "disposed_on": AS_OF},
            {"usc_code": B, "metric": "起重量"},
        )
        assert found("Q-01", frames) == []

    def test_a_leased_machine_has_one_owner(self) -> None:
        frames = self.machines(
            {"usc_code": A, "metric": "起重力矩", "is_owned": False},
            {"usc_code": B, "metric": "起重量"},
        )
        assert found("Q-01", frames) == []

    def test_where_ownership_is_not_stated_it_is_doubtful_only(self) -> None:
        frames = self.machines(
            {"usc_code": A, "metric": "起重力矩", "is_owned": None},
            {"usc_code": B, "metric": "起重量"},
        )
        assert {row[2] for row in found("Q-01", frames)} == {"DATA"}

    def test_a_branch_is_no_second_owner(self) -> None:
        frames = self.machines(
            {"usc_code": A, "metric": "起重力矩"}, {"usc_code": A_BRANCH, "metric": "起重量"}
        )
        assert found("Q-01", frames) == []

    def test_two_owners_under_one_key_are_found_where_collection_set_them_apart(self) -> None:
        frames = {intake.QUARANTINE: rows_of(intake.QUARANTINE, self.apart(A), self.apart(B, 2))}
        assert found("Q-01", frames) == [(A, "浙A-001", "LAW"), (B, "浙A-001", "LAW")]

    def test_a_later_sound_row_settles_whose_it_is(self) -> None:
        settled = self.machines({"usc_code": B, "received_at": datetime(2017, 3, 1, 3, tzinfo=UTC)})
        frames = {
            **settled,
            intake.QUARANTINE: rows_of(intake.QUARANTINE, self.apart(A), self.apart(B, 2)),
        }
        assert found("Q-01", frames) == []

    def test_a_row_set_apart_for_another_fault_is_no_owner(self) -> None:
        faulty = self.apart(B, 2, reasons=[KEY_CONFLICT, "value:range"])
        frames = {intake.QUARANTINE: rows_of(intake.QUARANTINE, self.apart(A), faulty)}
        assert found("Q-01", frames) == []


class TestOrganisationCode:
    def test_a_code_within_the_code_that_fails_its_check_is_noted(self) -> None:
        wrong = "91330100MA27XF1M0A"
        registry = rows_of(
            enterprise.REGISTRY, {"usc_code": wrong, "name": "x"}, {"usc_code": A, "name": "y"}
        )
        assert found("E-02", {enterprise.REGISTRY: registry}) == [(wrong, wrong, "WARN")]

    def test_a_branch_is_not_asked(self) -> None:
        branch = {"usc_code": "91330100MA27XF1M0A", "entity_code": "branch"}
        assert found("E-02", {enterprise.REGISTRY: rows_of(enterprise.REGISTRY, branch)}) == []


class TestOrganisationCodeOfBefore:
    def before(self, code: str | None) -> list[tuple[str, str, str]]:
        return found(
            "E-02", {enterprise.REGISTRY: rows_of(enterprise.REGISTRY, {"organisation_code": code})}
        )

    def test_the_one_within_the_credit_code_with_or_without_hyphen_says_nothing(self) -> None:
        inner = A[8:17]
        assert (
            self.before(inner) == self.before(f"{inner[:8]}-{inner[8]}") == self.before(None) == []
        )

    def test_another_is_noted(self) -> None:
        assert [row[1:] for row in self.before(B[8:17])] == [(A, "WARN")]


class TestHighestLevel:
    @pytest.mark.parametrize(
        ("stated", "is_found"), [("二级", False), ("一级", True), ("三级", True), (None, False)]
    )
    def test_another_level_than_the_highest_that_stands_on_it_is_noted(
        self, stated: str | None, is_found: bool
    ) -> None:
        certificate = {"highest_level": stated, "valid_until": date(2018, 1, 1)}
        levels = ({"qualification_no": n, "level": n, "valid_to": None} for n in ("三级", "二级"))
        frames = {
            enterprise.CERTIFICATE: rows_of(enterprise.CERTIFICATE, certificate),
            enterprise.QUALIFICATION: rows_of(enterprise.QUALIFICATION, *levels),
        }
        assert bool(found("E-10", frames)) is is_found


class TestCountyDiffers:
    @pytest.mark.parametrize(
        ("printed", "is_found"),
        [("330106", False), ("330105", True), ("330100", False), ("330203", True), (None, False)],
    )
    def test_another_county_than_the_registrys_is_noted(
        self, printed: str | None, is_found: bool
    ) -> None:
        certificate = {"printed_region_code": printed, "valid_until": date(2018, 1, 1)}
        frames = {
            enterprise.REGISTRY: rows_of(enterprise.REGISTRY, {"region_code": "330106"}),
            enterprise.CERTIFICATE: rows_of(enterprise.CERTIFICATE, certificate),
        }
        told = found("E-21", frames)
        assert [row[2] for row in told] == (["WARN"] if is_found else [])


class TestCodeOfNoEnterprise:
    def rows(self, usc_code: str, entity: str = "enterprise") -> dict:
        row = {"usc_code": usc_code, "entity_code": entity}
        return {enterprise.REGISTRY: rows_of(enterprise.REGISTRY, row)}

    def test_a_sound_code_of_an_organ_of_the_state_is_noted(self) -> None:
        code = "11330000002900870L"
        assert found("E-01:kind", self.rows(code)) == [(code, code, "WARN")]

    def test_a_code_of_an_enterprise_and_one_of_a_branch_are_not(self) -> None:
        assert found("E-01:kind", self.rows(A)) == []
        assert found("E-01:kind", self.rows("11330000002900870L", "branch")) == []


class TestOneNameTwoCodes:
    def rows(self, **second: object) -> dict:
        first = {"usc_code": A, "name": "浙江甲（集团）有限公司", "state_code": "active"}
        other = {**first, "usc_code": B, "name": "浙江甲(集团) 有限公司", **second}
        return {enterprise.REGISTRY: rows_of(enterprise.REGISTRY, first, other)}

    def test_neither_of_two_live_enterprises_of_one_name_is_trusted(self) -> None:
        assert found("E-04", self.rows()) == [(A, A, "DATA"), (B, B, "DATA")]

    def test_one_that_was_cancelled_another_name_or_a_branch_is_no_second(self) -> None:
        for values in (
            {"state_code": "cancelled"},
            {"state_code": None},
            {"name": "浙江甲集团有限公司"},
            {"entity_code": "branch", "parent_usc_code": A},
        ):
            assert found("E-04", self.rows(**values)) == []


class TestOneWithoutTheOther:
    HELD: ClassVar[dict] = {
        "certificate_no": "D233000001",
        "status_code": "valid",
        "valid_to": None,
    }
    PRINTED: ClassVar[dict] = {"certificate_no": "D233000001", "valid_until": AS_OF}

    def test_a_qualification_without_its_certificate_is_noted(self) -> None:
        held = rows_of(enterprise.QUALIFICATION, {**self.HELD, "qualification_no": "Z1"})
        assert found("E-10", {enterprise.QUALIFICATION: held}) == [(A, "Z1", "WARN")]

    def test_so_is_a_certificate_without_any(self) -> None:
        printed = rows_of(enterprise.CERTIFICATE, self.PRINTED)
        assert found("E-10", {enterprise.CERTIFICATE: printed}) == [(A, "D233000001", "WARN")]

    def test_together_they_are_whole_and_what_has_ended_is_not_asked(self) -> None:
        ended = {"valid_to": date(2017, 2, 28)}
        whole = {
            enterprise.QUALIFICATION: rows_of(enterprise.QUALIFICATION, self.HELD),
            enterprise.CERTIFICATE: rows_of(enterprise.CERTIFICATE, self.PRINTED),
        }
        assert found("E-10", whole) == []
        past = rows_of(enterprise.QUALIFICATION, {**self.HELD, **ended})
        assert found("E-10", {enterprise.QUALIFICATION: past}) == []


@pytest.mark.provision("B4.1")
class TestPrintedDiffers:
    def frames(self, changed_on: date | None = None, **printed: object) -> dict:
        now = {"legal_representative": "王建国", "address": "杭州市文三路1号"}
        sound = {
            "valid_until": AS_OF,
            "printed_legal_representative": "王建国",
            "printed_address": "杭州市文三路1号",
        }
        event = {"event_code": "legal_representative", "happened_on": changed_on}
        return {
            enterprise.REGISTRY: rows_of(enterprise.REGISTRY, {"usc_code": A, **now}),
            enterprise.CERTIFICATE: rows_of(enterprise.CERTIFICATE, {**sound, **printed}),
            enterprise.EVENT: rows_of(enterprise.EVENT, *([event] if changed_on else [])),
        }

    def test_another_representative_for_over_thirty_days_is_noted(self) -> None:
        """30 January and the thirty days to 1 March in which to have it changed (令22 Art. 19)."""
        other = {"printed_legal_representative": "李国平"}
        assert found("E-12", self.frames(date(2017, 1, 29), **other)) == [(A, "D233000001", "WARN")]
        assert found("E-12", self.frames(date(2017, 1, 30), **other)) == []

    def test_a_change_nobody_told_of_is_noted_too(self) -> None:
        assert len(found("E-12", self.frames(printed_address="杭州市文一路9号"))) == 1

    def test_the_same_or_nothing_printed_differs_from_nothing(self) -> None:
        assert found("E-12", self.frames(printed_address="杭州市 文三路１号")) == []
        assert found("E-12", self.frames(printed_address=None)) == []


@pytest.mark.provision("B6.1")
class TestNotReverified:
    def frames(self, event: str, happened_on: date) -> dict:
        printed = {"valid_until": date(2020, 1, 1), "issued_on": date(2016, 1, 1)}
        told = {"event_code": event, "happened_on": happened_on}
        return {
            enterprise.CERTIFICATE: rows_of(enterprise.CERTIFICATE, printed),
            enterprise.EVENT: rows_of(enterprise.EVENT, told),
        }

    def test_a_merger_after_the_certificate_was_issued_is_noted(self) -> None:
        rows = found("E-22", self.frames("merger_absorption", date(2016, 1, 2)))
        assert rows == [(A, "D233000001", "WARN")]

    def test_before_it_or_of_another_kind_it_is_not(self) -> None:
        assert found("E-22", self.frames("merger_absorption", date(2016, 1, 1))) == []
        assert found("E-22", self.frames("rename", date(2016, 6, 1))) == []
