"""Each check on performance just hits and just misses."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, ClassVar

import polars as pl
import pytest
from builders import A_BRANCH, ANNA, AS_OF, BO, A, B, findings_in, rows_of, set_apart

from assets.lake.declaration import Table
from assets.persons import ONE_EACH, Doubt, Numbers
from assets.tables import enterprise, intake, personnel, project

REGISTRY = rows_of(
    enterprise.REGISTRY,
    {"usc_code": A, "established_on": date(2001, 5, 10)},
    {"usc_code": B, "region_code": "330206"},
    {"usc_code": A_BRANCH, "entity_code": "branch", "parent_usc_code": A},
)
FIRST, SECOND = "3301001501010101", "3301001501010201"


def found(
    check_id: str, frames: dict, numbers: Numbers = ONE_EACH
) -> list[tuple[str, str, str, str]]:
    rows = findings_in({enterprise.REGISTRY: REGISTRY, **frames}, numbers=numbers)
    rows = rows.filter(check_id=check_id)
    return list(rows.select("target", "usc_code", "row_key", "severity").sort(pl.all()).iter_rows())


def shared(number: str) -> Numbers:
    return Numbers(in_doubt={number: Doubt("shared", "1", f"?{number}")})


def works(*rows: dict) -> dict:
    """Contracts with their acceptance and their one manager."""
    sound = {
        "contract_no": "HT-1",
        "project_no": FIRST,
        "usc_code": A,
        "is_consortium": False,
        "signed_on": date(2014, 1, 10),
        "started_on": date(2014, 2, 1),
        "accepted_on": date(2015, 6, 30),
        "duty": "项目经理",
        "person_key": ANNA,
    }
    return {
        table: rows_of(
            table,
            *({k: v for k, v in {**sound, **row}.items() if k in table.schema} for row in rows),
        )
        for table in (project.CONTRACT, project.ACCEPTANCE, project.PARTY)
    }


class TestDatesOutOfOrder:
    def test_signed_after_the_acceptance_is_not_trusted(self) -> None:
        frames = works({"signed_on": date(2015, 7, 1)})
        assert found("J-04", frames) == [(project.CONTRACT.name, A, "HT-1", "DATA")]

    def test_signed_after_the_start_is_noted(self) -> None:
        assert [row[3] for row in found("J-04", works({"signed_on": date(2014, 2, 2)}))] == ["WARN"]

    def test_signed_on_the_day_of_the_start_or_never_told_is_in_order(self) -> None:
        assert found("J-04", works({"signed_on": date(2014, 2, 1)})) == []
        assert found("J-04", works({"signed_on": None})) == []
        assert found("J-04", works({"started_on": None, "accepted_on": None})) == []


class TestInTheFuture:
    def test_accepted_after_the_day_is_not_trusted(self) -> None:
        assert [
            row[2:] for row in found("J-05:future", works({"accepted_on": date(2017, 3, 2)}))
        ] == [("HT-1", "DATA")]

    def test_accepted_on_the_day_is(self) -> None:
        assert found("J-05:future", works({"accepted_on": AS_OF})) == []


class TestContractorDiffers:
    def unit(self, usc_code: str) -> dict:
        return {
            project.UNIT: rows_of(
                project.UNIT, {"unit_code": "U1", "contract_no": "HT-1", "usc_code": usc_code}
            )
        }

    def test_another_builder_of_the_unit_puts_both_rows_in_doubt(self) -> None:
        assert found("J-11", {**works({}), **self.unit(B)}) == [
            (project.CONTRACT.name, A, "HT-1", "DATA"),
            (project.UNIT.name, B, "U1", "DATA"),
        ]

    def test_a_branch_of_the_contractor_is_the_contractor(self) -> None:
        assert found("J-11", {**works({}), **self.unit(A_BRANCH)}) == []

    def test_members_of_a_consortium_each_build_their_part(self) -> None:
        assert found("J-11", {**works({"is_consortium": True}), **self.unit(B)}) == []


@pytest.mark.provision("E14")
class TestManagerNotRegistered:
    def frames(
        self,
        spells: list[tuple[str, date, date]],
        *,
        complete_to: date | None = date(2017, 2, 28),
        region: str = "330000",
        row: dict | None = None,
    ) -> dict:
        registrations = rows_of(
            personnel.REGISTRATION,
            *(
                {"usc_code": code, "person_key": ANNA, "valid_from": begin, "valid_until": end}
                for code, begin, end in spells
            ),
        )
        coverage = rows_of(
            intake.COVERAGE,
            *(
                []
                if complete_to is None
                else [
                    {
                        "target": personnel.REGISTRATION.name,
                        "region_code": region,
                        "period": date(1, 1, 1),
                        "is_complete": True,
                        "as_of": complete_to,
                    }
                ]
            ),
        )
        return {
            **works(row or {}),
            personnel.REGISTRATION: registrations,
            intake.COVERAGE: coverage,
        }

    def test_registered_throughout_he_may_lead(self) -> None:
        spell = (A, date(2014, 2, 1), date(2015, 6, 30))
        assert found("J-14", self.frames([spell])) == []

    def test_registered_a_day_late_or_gone_a_day_early_he_may_not(self) -> None:
        for spell in (
            (A, date(2014, 2, 2), date(2016, 1, 1)),
            (A, date(2013, 1, 1), date(2015, 6, 29)),
        ):
            assert found("J-14", self.frames([spell])) == [(project.PARTY.name, A, "HT-1", "LAW")]

    def test_registered_with_another_enterprise_he_may_not(self) -> None:
        assert len(found("J-14", self.frames([(B, date(2010, 1, 1), date(2018, 1, 1))]))) == 1

    def test_spells_that_follow_day_on_day_are_one(self) -> None:
        spells = [
            (A, date(2013, 1, 1), date(2014, 12, 31)),
            (A, date(2015, 1, 1), date(2016, 1, 1)),
        ]
        assert found("J-14", self.frames(spells)) == []

    def test_a_day_between_two_spells_breaks_them(self) -> None:
        spells = [
            (A, date(2013, 1, 1), date(2014, 12, 30)),
            (A, date(2015, 1, 1), date(2016, 1, 1)),
        ]
        assert len(found("J-14", self.frames(spells))) == 1

    def test_a_registry_not_declared_complete_proves_nothing(self) -> None:
        for frames in (
            self.frames([], complete_to=None),
            self.frames([], complete_to=date(2015, 6, 29)),
            self.frames([], region="330200"),
        ):
            assert found("J-14", frames) == []

    def test_the_contractors_own_city_is_enough(self) -> None:
        assert len(found("J-14", self.frames([], region="330100"))) == 1

    def test_a_registration_in_quarantine_may_be_his(self) -> None:
        for person, code in ((ANNA, A), (ANNA, None), (None, A)):
            row = {
                "target": personnel.REGISTRATION.name,
                "usc_code": code,
                "typed_json": json.dumps({"person_key": person} if person else {}),
            }
            frames = {**self.frames([]), intake.QUARANTINE: rows_of(intake.QUARANTINE, row)}
            assert [found_row[3] for found_row in found("J-14", frames)] == ["DATA"]

    @pytest.mark.parametrize(
        ("code", "severity"),
        [(A_BRANCH, "DATA"), (B, "LAW"), ("91330106MA27XXXX9Z", "DATA")],
    )
    def test_one_in_quarantine_with_what_is_or_may_be_a_branch_may_be_his_here(
        self, code: str, severity: str
    ) -> None:
        """With another of the registry it is not; one that is not there may be a branch."""
        row = {
            "target": personnel.REGISTRATION.name,
            "usc_code": code,
            "typed_json": json.dumps({"person_key": ANNA}),
        }
        frames = {**self.frames([]), intake.QUARANTINE: rows_of(intake.QUARANTINE, row)}
        assert [one[3] for one in found("J-14", frames)] == [severity]

    def test_one_under_a_number_that_several_bear_may_be_his(self) -> None:
        frames = self.frames([(A, date(2010, 1, 1), date(2018, 1, 1))])
        others = frames[personnel.REGISTRATION].with_columns(person_key=pl.lit(BO))
        frames[personnel.REGISTRATION] = others
        assert found("J-14", frames) == [(project.PARTY.name, A, "HT-1", "LAW")]
        assert found("J-14", frames, shared(BO)) == [(project.PARTY.name, A, "HT-1", "DATA")]

    def test_nobody_knows_who_led_under_a_number_that_several_bear(self) -> None:
        assert found("J-14", self.frames([]), shared(ANNA)) == []

    def test_anothers_registration_in_quarantine_is_not_his(self) -> None:
        row = {
            "target": personnel.REGISTRATION.name,
            "usc_code": A,
            "typed_json": json.dumps({"person_key": BO}),
        }
        frames = {**self.frames([]), intake.QUARANTINE: rows_of(intake.QUARANTINE, row)}
        assert [found_row[3] for found_row in found("J-14", frames)] == ["LAW"]


@pytest.mark.provision("E14")
class TestTwoWorksAtOnce:
    LATER: ClassVar[dict[str, Any]] = {
        "contract_no": "HT-2",
        "project_no": SECOND,
        "signed_on": date(2015, 5, 1),
        "started_on": date(2015, 6, 29),
        "accepted_on": date(2016, 6, 30),
    }

    def test_the_later_of_two_overlapping_works_does_not_count(self) -> None:
        assert found("J-16", works({}, {**self.LATER, "usc_code": B})) == [
            (project.PARTY.name, B, "HT-2", "LAW")
        ]

    def test_begun_on_the_day_of_the_acceptance_it_does(self) -> None:
        assert found("J-16", works({}, {**self.LATER, "started_on": date(2015, 6, 30)})) == []

    def test_sections_of_one_project_are_one_work(self) -> None:
        assert found("J-16", works({}, {**self.LATER, "project_no": FIRST})) == []

    def test_by_a_row_of_a_contract_set_apart_it_may_be_of_another_project(self) -> None:
        later = {**self.LATER, "project_no": FIRST}
        frames = works({}, later)
        (row,) = works(later)[project.CONTRACT].to_dicts()
        frames[intake.QUARANTINE] = set_apart(project.CONTRACT, row, "project_no")
        assert found("J-16", frames) == [(project.PARTY.name, A, "HT-2", "DATA")]

    def test_another_manager_is_another_manager(self) -> None:
        assert found("J-16", works({}, {**self.LATER, "person_key": BO})) == []

    def test_a_time_known_only_from_the_signing_is_doubtful(self) -> None:
        assert [row[3] for row in found("J-16", works({}, {**self.LATER, "started_on": None}))] == [
            "DATA"
        ]

    def test_a_contract_with_two_managers_does_not_say_who_led_when(self) -> None:
        frames = works({}, self.LATER)
        second = rows_of(
            project.PARTY, {"contract_no": "HT-2", "duty": "项目经理", "person_key": BO}
        )
        frames[project.PARTY] = pl.concat([frames[project.PARTY], second])
        assert [row[3] for row in found("J-16", frames)] == ["DATA"]

    @pytest.mark.provision("E14")
    def test_works_begun_before_and_not_accepted_yet_leave_it_open(self) -> None:
        """He may have led both, or taken over the earlier since (reading 87)."""
        later = (project.PARTY.name, A, "HT-2", "DATA")
        assert found("J-16", works({"accepted_on": None}, self.LATER)) == [later]

    def test_works_begun_later_and_not_accepted_yet_take_nothing_from_the_earlier(self) -> None:
        assert found("J-16", works({}, {**self.LATER, "accepted_on": None})) == []

    @pytest.mark.parametrize("table", [project.CONTRACT, project.ACCEPTANCE, project.PARTY])
    def test_works_of_which_a_row_was_set_apart_may_overlap(self, table: Table) -> None:
        """Those of another enterprise, told by all other rows, that were led before these."""
        frames = works(self.LATER)
        other = works({"usc_code": B})
        (row,) = other.pop(table).to_dicts()
        named = {"usc_code", "person_key"} & set(table.schema)
        ours = (project.PARTY.name, A, "HT-2", "DATA")
        both = {one: pl.concat([frames[one], other[one]]) if one in other else frames[one]
                for one in frames}  # fmt: skip
        assert found("J-16", both) == []
        for unread in ([], ["contract_no"], [*row.keys() - named]):
            apart = {intake.QUARANTINE: set_apart(table, row, *unread)}
            assert ours in found("J-16", {**both, **apart}), unread
        sound = {**both, table: pl.concat([frames[table], rows_of(table, row)])}
        assert found("J-16", sound) == [(*ours[:3], "LAW")]
        for later in (True, False):
            apart = {intake.QUARANTINE: set_apart(table, row, later=later)}
            severity = "DATA" if later else "LAW"
            assert (*ours[:3], severity) in found("J-16", {**sound, **apart}), later

    def test_works_known_to_lie_apart_do_not_overlap_whatever_their_contract_says(self) -> None:
        """Only the project they are of is told by the contract that was set apart."""
        later = {**self.LATER, "started_on": date(2015, 6, 30)}
        frames = works({}, later)
        (row,) = works({})[project.CONTRACT].to_dicts()
        frames[intake.QUARANTINE] = set_apart(project.CONTRACT, row)
        assert found("J-16", frames) == []


class TestBeforeFoundation:
    def test_accepted_the_day_before_the_foundation_is_not_trusted(self) -> None:
        assert found("J-30", works({"accepted_on": date(2001, 5, 9)})) == [
            (project.ACCEPTANCE.name, A, "HT-1", "DATA")
        ]

    def test_accepted_on_the_day_is(self) -> None:
        assert found("J-30", works({"accepted_on": date(2001, 5, 10)})) == []

    def test_a_successor_may_hold_older_works(self) -> None:
        merger = rows_of(enterprise.EVENT, {"event_code": "merger_absorption"})
        assert (
            found("J-30", {**works({"accepted_on": date(2001, 5, 9)}), enterprise.EVENT: merger})
            == []
        )
