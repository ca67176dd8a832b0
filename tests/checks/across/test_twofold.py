"""People whom two enterprises have at once: by sound rows, and perhaps by rows set apart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import combinations
from typing import Any

import polars as pl
import pytest
from builders import (
    A_BRANCH,
    ANNA,
    AS_OF,
    BO,
    STRANGER,
    A,
    B,
    months,
    practising,
    rows_of,
    set_apart,
    tables_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.lake.declaration import Table
from assets.tables import enterprise, intake, personnel, project
from checks.across import twofold
from checks.cross import examine

REGISTRY = rows_of(
    enterprise.REGISTRY,
    {"usc_code": A},
    {"usc_code": B},
    {"usc_code": A_BRANCH, "entity_code": "branch", "parent_usc_code": A},
)
DEC, JAN, FEB, MARCH = (date(2016, 12, 1), date(2017, 1, 1), date(2017, 2, 1), date(2017, 3, 1))


def found(check_id: str, frames: dict) -> list[tuple[str, str, str, str]]:
    one = [check for check in twofold.CHECKS if check.id == check_id]
    report = examine(tables_of({enterprise.REGISTRY: REGISTRY, **frames}), AS_OF, tuple(one))
    assert [o.note for o in report.outcomes if o.status == "error"] == []
    return list(
        report.findings.select("target", "usc_code", "row_key", "severity")
        .sort(pl.all())
        .iter_rows()
    )


@pytest.mark.provision("E4")
class TestInsuredTwice:
    def test_two_unrelated_payers_of_one_month_count_for_neither(self) -> None:
        frames = {personnel.INSURANCE: months((A, JAN), (B, JAN), (A, FEB), (B, FEB))}
        target = personnel.INSURANCE.name
        assert found("P-15", frames) == [
            (target, payer, f"{ANNA}|{month}", "LAW") for payer in (A, B) for month in (JAN, FEB)
        ]

    def test_the_month_of_a_change_of_employer_is_no_doubling(self) -> None:
        assert (
            found("P-15", {personnel.INSURANCE: months((A, DEC), (A, JAN), (B, JAN), (B, FEB))})
            == []
        )

    def test_a_second_month_with_both_is_no_change_any_more(self) -> None:
        twice = months((A, DEC), (A, JAN), (B, JAN), (A, FEB), (B, FEB))
        assert {one[2] for one in found("P-15", {personnel.INSURANCE: twice})} == {
            f"{ANNA}|{month}" for month in (JAN, FEB)
        }

    def test_the_newest_month_may_be_a_change_that_is_under_way(self) -> None:
        assert found("P-15", {personnel.INSURANCE: months((A, JAN), (A, FEB), (B, FEB))}) == []

    @pytest.mark.parametrize(("month", "rows"), [(date(2016, 8, 1), 2), (date(2016, 7, 1), 0)])
    def test_a_month_matters_as_long_as_a_case_may_wait_that_asks_for_it(
        self, month: date, rows: int
    ) -> None:
        """Three are asked for, and within the term a case waits over four firsts at the most."""
        twice = months((A, month), (B, month))
        assert len(found("P-15", {personnel.INSURANCE: twice})) == rows

    def test_a_branch_and_its_parent_are_one(self) -> None:
        assert found("P-15", {personnel.INSURANCE: months((A, JAN), (A_BRANCH, JAN))}) == []

    def test_a_payer_outside_the_registry_may_be_a_branch_so_it_is_doubtful_only(self) -> None:
        severities = {
            row[3]
            for row in found("P-15", {personnel.INSURANCE: months((A, JAN), (STRANGER, JAN))})
        }
        assert severities == {"DATA"}

    def test_a_month_not_known_to_be_paid_is_doubtful_only(self) -> None:
        frames = {personnel.INSURANCE: months((A, JAN), (B, JAN), is_paid=None)}
        assert {row[3] for row in found("P-15", frames)} == {"DATA"}

    @pytest.mark.parametrize(
        ("paid_month", "severity"), [(FEB, "LAW"), (MARCH, "LAW"), (date(2017, 4, 1), "DATA")]
    )
    def test_a_month_collected_two_months_later_is_doubtful_only(
        self, paid_month: date, severity: str
    ) -> None:
        at_once, afterwards = (
            months((A, JAN), (B, JAN), (A, FEB)),
            months((B, FEB), paid_month=paid_month),
        )
        frames = {personnel.INSURANCE: pl.concat([at_once, afterwards])}
        of_february = {row[3] for row in found("P-15", frames) if row[2].endswith(str(FEB))}
        assert of_february == {severity}

    def test_an_unpaid_month_does_not_double(self) -> None:
        paid, unpaid = months((A, JAN)), months((B, JAN), is_paid=False)
        assert found("P-15", {personnel.INSURANCE: pl.concat([paid, unpaid])}) == []


@pytest.mark.provision("E4")
class TestRegisteredTwice:
    def test_live_registrations_in_two_enterprises_are_noted_at_both(self) -> None:
        rows = found("P-18", {personnel.REGISTRATION: practising(A, B)})
        assert {(row[1], row[3]) for row in rows} == {(A, "WARN"), (B, "WARN")}
        assert {row[0] for row in rows} == {personnel.REGISTRATION.name, personnel.PERSON.name}

    def test_one_that_ended_the_day_before_is_no_second(self) -> None:
        ended = practising(B, valid_until=date(2017, 2, 28))
        assert found("P-18", {personnel.REGISTRATION: pl.concat([practising(A), ended])}) == []

    def test_one_that_ends_on_the_day_is_a_second(self) -> None:
        ending = practising(B, valid_until=AS_OF)
        assert len(found("P-18", {personnel.REGISTRATION: pl.concat([practising(A), ending])})) == 4

    def test_two_specialties_in_one_enterprise_are_one_registration(self) -> None:
        rows = pl.concat(
            [practising(A, specialty="建筑工程"), practising(A, specialty="市政公用工程")]
        )
        assert found("P-18", {personnel.REGISTRATION: rows}) == []


@pytest.mark.provision("E4", "E14")
class TestManagingElsewhere:
    def frames(self, builder: str = B, second: str | None = None, **acceptance: object) -> dict:
        managers = [ANNA] if second is None else [ANNA, second]
        work = {"started_on": date(2016, 6, 1), "accepted_on": None, "usc_code": builder}
        return {
            personnel.REGISTRATION: practising(A),
            project.ACCEPTANCE: rows_of(
                project.ACCEPTANCE, {"contract_no": "HT-1", **work, **acceptance}
            ),
            project.PARTY: rows_of(
                project.PARTY,
                *(
                    {"contract_no": "HT-1", "usc_code": builder, "person_key": person}
                    for person in managers
                ),
            ),
        }

    def test_works_in_progress_of_another_lock_him(self) -> None:
        assert found("P-31", self.frames()) == [(personnel.REGISTRATION.name, A, ANNA, "LAW")]

    def test_of_a_branch_accepted_or_not_begun_they_do_not(self) -> None:
        assert found("P-31", self.frames(A_BRANCH)) == []
        assert found("P-31", self.frames(accepted_on=AS_OF)) == []
        assert found("P-31", self.frames(started_on=date(2017, 3, 2))) == []
        assert found("P-31", self.frames(started_on=None)) == []

    def test_of_two_managers_of_a_stranger_or_begun_before_he_came_it_is_doubtful(self) -> None:
        for frames in (
            self.frames(second=BO),
            self.frames(STRANGER),
            self.frames(started_on=date(2014, 12, 31)),
        ):
            assert [row[3] for row in found("P-31", frames)] == ["DATA"]

    def test_begun_on_the_day_he_came_he_manages_them_since(self) -> None:
        frames = self.frames(started_on=date(2015, 1, 1))
        assert [row[3] for row in found("P-31", frames)] == ["LAW"]


@pytest.mark.provision("E4", "E11")
class TestLeadingTwo:
    def led(self, *codes: str) -> dict:
        rows = ({"usc_code": code, "person_key": ANNA} for code in codes)
        return {personnel.TECHNICAL_LEAD: rows_of(personnel.TECHNICAL_LEAD, *rows)}

    def test_the_leader_of_two_enterprises_is_noted_at_both(self) -> None:
        target, note = personnel.PERSON.name, "WARN"
        assert found("P-32", self.led(A, B)) == [(target, A, ANNA, note), (target, B, ANNA, note)]

    def test_a_branch_is_its_parent_and_a_stranger_may_be_one(self) -> None:
        assert found("P-32", self.led(A, A_BRANCH)) == []
        assert {row[3] for row in found("P-32", self.led(A, STRANGER))} == {"DATA"}


# -- rows set apart --------------------------------------------------------------------

C = "91330499MA28A1B2C3"
WINDOW = [date(2016, 11, 1), DEC, JAN, FEB, MARCH]
MONTH = st.tuples(st.sampled_from((A, B, C)), st.sampled_from(WINDOW))


def rows_in(table: Table, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return rows_of(table, *rows) if rows else table.empty()


def apart_of(table: Table, rows: list[dict[str, Any]], *unread: str) -> pl.DataFrame:
    return pl.concat([intake.QUARANTINE.empty(), *(set_apart(table, row, *unread) for row in rows)])


def doubled(told: list[tuple[str, date]], apart: list[tuple[str, date]]) -> dict[str, str]:
    """What P-15 says of whom, of months told and months set apart."""
    registry = rows_of(enterprise.REGISTRY, *({"usc_code": code} for code in (A, B, C)))
    insured = [{"person_key": ANNA, "usc_code": code, "month": month} for code, month in apart]
    frames = {
        enterprise.REGISTRY: registry,
        personnel.INSURANCE: months(*told) if told else personnel.INSURANCE.empty(),
        intake.QUARANTINE: apart_of(personnel.INSURANCE, insured),
    }
    rows = twofold.insured_twice(tables_of(frames), AS_OF).collect()
    return dict(rows.select("usc_code", "severity").iter_rows())


@pytest.mark.provision("E4")
@settings(max_examples=40)
@given(st.lists(MONTH, max_size=6, unique=True), st.lists(MONTH, max_size=3, unique=True))
def test_law_is_what_holds_whichever_months_set_apart_are_so(
    told: list[tuple[str, date]], apart: list[tuple[str, date]]
) -> None:
    told = [one for one in told if one not in apart]
    said = doubled(told, apart)
    each = [
        doubled([*told, *so], [])
        for count in range(len(apart) + 1)
        for so in combinations(apart, count)
    ]
    for payer in {code for one in (said, *each) for code in one}:
        answers = {one.get(payer) for one in each}
        # Doubled in one month or else in another is open: each month is judged by itself.
        may_be = answers if len(answers) == 1 and answers != {"LAW"} else {"DATA"}
        assert said.get(payer) in may_be | ({"LAW"} if answers == {"LAW"} else set()), payer


def test_whoever_is_doubled_for_certain_is_no_better_for_a_third_that_is_set_apart() -> None:
    told = [(A, DEC), (B, DEC), (A, JAN), (B, JAN)]
    assert doubled(told, [(C, JAN)]) == {A: "LAW", B: "LAW", C: "DATA"}
    # Of a fourth month told before, one of two may have left in this one.
    assert doubled([(A, DEC), (B, DEC)], [(A, WINDOW[0])]) == {A: "DATA", B: "DATA"}
    assert doubled([(A, DEC), (B, DEC)], []) == {A: "LAW", B: "LAW"}


def test_where_the_new_payer_may_have_had_him_before_a_month_of_change_may_be_none() -> None:
    told = [(A, WINDOW[0]), (A, DEC), (B, DEC), (B, JAN)]
    assert doubled(told, []) == {}
    assert doubled(told, [(B, WINDOW[0])]) == {A: "DATA", B: "DATA"}
    assert doubled([*told, (B, WINDOW[0])], []) == {A: "LAW", B: "LAW"}


def test_a_month_that_cannot_be_read_may_be_any() -> None:
    (row,) = [{"person_key": ANNA, "usc_code": B, "month": JAN}]
    frames = {
        personnel.INSURANCE: months((A, DEC), (A, JAN)),
        intake.QUARANTINE: set_apart(personnel.INSURANCE, row, "month"),
    }
    assert [(one[1], one[2], one[3]) for one in found("P-15", frames)] == [
        (payer, f"{ANNA}|{month}", "DATA") for payer in (A, B) for month in (DEC, JAN)
    ]


def test_a_month_of_long_ago_or_of_a_branch_leaves_nothing_open() -> None:
    for code, month in ((B, date(2016, 10, 1)), (A_BRANCH, JAN)):
        row = {"person_key": ANNA, "usc_code": code, "month": month}
        frames = {
            personnel.INSURANCE: months((A, DEC), (A, JAN)),
            intake.QUARANTINE: set_apart(personnel.INSURANCE, row),
        }
        assert found("P-15", frames) == []


@pytest.mark.parametrize("later", [True, False])
def test_a_month_told_again_that_cannot_be_read_puts_the_sound_one_in_doubt(later: bool) -> None:
    """It may say that the month was not paid; one that came before is cleared."""
    row = {"person_key": ANNA, "usc_code": B, "month": JAN}
    frames = {
        personnel.INSURANCE: months((A, DEC), (A, JAN), (B, JAN), (B, FEB), (A, FEB)),
        intake.QUARANTINE: set_apart(personnel.INSURANCE, row, later=later),
    }
    severities = {one[1]: one[3] for one in found("P-15", frames)}
    # February is a doubling too, unless he came to B in it.
    assert severities == dict.fromkeys((A, B), "DATA" if later else "LAW")


def test_the_finding_names_delivery_and_row() -> None:
    row = {"person_key": ANNA, "usc_code": B, "month": JAN}
    apart = set_apart(personnel.INSURANCE, row)
    frames = {personnel.INSURANCE: months((A, JAN), (A, FEB)), intake.QUARANTINE: apart}
    (told,) = apart.select("delivery_id", "row_no").iter_rows()
    details = twofold.insured_twice(tables_of(frames), AS_OF).collect()["detail"].to_list()
    assert len(details) == 2
    assert all(f"set apart: {told[0]}:{told[1]}" in detail for detail in details)


def second(check_id: str) -> tuple[dict[Table, pl.DataFrame], Table, dict[str, Any]]:
    """What is sound, and the row by which he is at a second enterprise, too."""
    work = {"contract_no": "HT-1", "usc_code": B, "started_on": date(2016, 6, 1)}
    duty = {"contract_no": "HT-1", "usc_code": B, "person_key": ANNA, "duty": "项目经理"}
    match check_id:
        case "P-18":
            days = {"valid_from": date(2015, 1, 1), "valid_until": date(2018, 1, 1)}
            here = {personnel.REGISTRATION: practising(A)}
            keyed = {"registration_no": "Z2", "specialty": "建筑工程"}
            return (
                here,
                personnel.REGISTRATION,
                {"usc_code": B, **keyed, **days, "person_key": ANNA},
            )
        case "P-32":
            lead = {"usc_code": A, "person_key": ANNA}
            here = {personnel.TECHNICAL_LEAD: rows_of(personnel.TECHNICAL_LEAD, lead)}
            return here, personnel.TECHNICAL_LEAD, {**lead, "usc_code": B, "category_code": "S11"}
        case "P-31:duty":
            begun = rows_of(project.ACCEPTANCE, {**work, "accepted_on": None})
            here = {personnel.REGISTRATION: practising(A), project.ACCEPTANCE: begun}
            return here, project.PARTY, duty
    here = {personnel.REGISTRATION: practising(A), project.PARTY: rows_of(project.PARTY, duty)}
    return here, project.ACCEPTANCE, work


@pytest.mark.provision("E4")
@pytest.mark.parametrize("check_id", ["P-18", "P-32", "P-31:duty", "P-31:work"])
def test_a_row_set_apart_leaves_open_whether_he_is_at_two(check_id: str) -> None:
    here, table, row = second(check_id)
    name = check_id.partition(":")[0]

    def severities(frames: Mapping[Table, pl.DataFrame]) -> set[str]:
        return {one[3] for one in found(name, dict(frames)) if one[1] == A}

    sound = rows_of(table, {**row, "accepted_on": None} if table is project.ACCEPTANCE else row)
    known = pl.concat([here[table], sound]) if table in here else sound
    assert severities(here) == set()
    certain = {"LAW" if name == "P-31" else "WARN"}
    assert severities({**here, table: known}) == certain
    # Of works nobody but who has rows of their number; of a person anybody.
    readable = {"person_key"} & row.keys() or {"usc_code"}
    if check_id == "P-31:duty":
        readable = {"person_key", "usc_code"}
    for unread in ([], *([one] for one in row.keys() - readable), [*row.keys() - readable]):
        apart = {intake.QUARANTINE: set_apart(table, row, *unread)}
        assert severities({**here, **apart}) == {"DATA"}, unread
    # Told again and set apart, the second is in doubt; told again and sound, it is not.
    for later, expected in ((True, {"DATA"}), (False, certain)):
        apart = {intake.QUARANTINE: set_apart(table, row, later=later)}
        assert severities({**here, table: known, **apart}) == expected, later


def test_an_acceptance_set_apart_says_nothing_of_works_that_are_accepted() -> None:
    here, table, row = second("P-31:work")
    ended = {**here, table: rows_of(table, {**row, "accepted_on": date(2016, 12, 1)})}
    other = {**row, "contract_no": "HT-2"}
    assert found("P-31", {**ended, intake.QUARANTINE: set_apart(table, other)}) == []
    unread = set_apart(table, other, "contract_no")
    assert found("P-31", {**ended, intake.QUARANTINE: unread}) == []


def test_a_duty_that_does_not_say_of_which_enterprise_is_of_whom_its_contract_names() -> None:
    here, table, row = second("P-31:duty")
    contract = {"contract_no": row["contract_no"], "usc_code": B}
    frames = {
        **here,
        project.CONTRACT: rows_of(project.CONTRACT, contract),
        intake.QUARANTINE: set_apart(table, row, "usc_code"),
    }
    assert found("P-31", frames) == [(personnel.REGISTRATION.name, A, ANNA, "DATA")]


def test_a_month_of_nobody_knows_which_payer_may_be_the_one_before_a_change() -> None:
    row = {"person_key": ANNA, "usc_code": A, "month": DEC}
    told = months((A, JAN), (B, JAN), (B, FEB))
    assert {one[3] for one in found("P-15", {personnel.INSURANCE: told})} == {"LAW"}
    apart = {intake.QUARANTINE: set_apart(personnel.INSURANCE, row, "usc_code")}
    assert {one[3] for one in found("P-15", {personnel.INSURANCE: told, **apart})} == {"DATA"}
    with_it = pl.concat([told, months((A, DEC))])
    assert found("P-15", {personnel.INSURANCE: with_it}) == []
