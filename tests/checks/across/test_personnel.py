"""Each check on people just hits and just misses."""

from __future__ import annotations

from datetime import date

import polars as pl
from builders import A_BRANCH, ANNA, AS_OF, BO, A, B, findings_in, months, practising, rows_of

from assets.tables import enterprise, personnel
from checks.across.common import CLAIMS

REGISTRY = rows_of(
    enterprise.REGISTRY,
    {"usc_code": A},
    {"usc_code": B},
    {"usc_code": A_BRANCH, "entity_code": "branch", "parent_usc_code": A},
)
DEC, JAN, FEB, MARCH = (date(2016, 12, 1), date(2017, 1, 1), date(2017, 2, 1), date(2017, 3, 1))


def found(check_id: str, frames: dict) -> list[tuple[str, str, str, str]]:
    rows = findings_in({enterprise.REGISTRY: REGISTRY, **frames}).filter(check_id=check_id)
    return list(rows.select("target", "usc_code", "row_key", "severity").sort(pl.all()).iter_rows())


class TestDeceased:
    def person(self, died: date | None) -> pl.DataFrame:
        return rows_of(personnel.PERSON, {"person_key": ANNA, "deceased_on": died})

    def test_who_died_on_the_day_is_noted_wherever_he_is_insured_or_named(self) -> None:
        frames = {
            personnel.PERSON: self.person(AS_OF),
            personnel.INSURANCE: months((A, FEB)),
            personnel.SKILL: rows_of(personnel.SKILL, {"person_key": ANNA, "usc_code": B}),
        }
        person, lists = personnel.PERSON.name, enterprise.REGISTRY.name
        assert found("P-06", frames) == [
            (lists, A, A, "WARN"),
            (lists, B, B, "WARN"),
            (person, A, ANNA, "WARN"),
            (person, B, ANNA, "WARN"),
        ]

    def test_who_dies_the_day_after_still_counts(self) -> None:
        frames = {
            personnel.PERSON: self.person(date(2017, 3, 2)),
            personnel.INSURANCE: months((A, FEB)),
        }
        assert found("P-06", frames) == []

    def test_a_certificate_without_an_employer_is_no_enterprises_finding(self) -> None:
        frames = {
            personnel.PERSON: self.person(AS_OF),
            personnel.TITLE: rows_of(personnel.TITLE, {"person_key": ANNA, "usc_code": None}),
        }
        assert found("P-06", frames) == []


class TestRegisteredHereInsuredThere:
    def test_both_enterprises_are_noted_and_nobody_is_refused_for_it(self) -> None:
        frames = {personnel.REGISTRATION: practising(A), personnel.INSURANCE: months((B, FEB))}
        assert found("P-10", frames) == [
            (personnel.INSURANCE.name, B, ANNA, "WARN"),
            (personnel.REGISTRATION.name, A, ANNA, "WARN"),
        ]

    def test_a_branch_that_pays_is_the_enterprise(self) -> None:
        frames = {
            personnel.REGISTRATION: practising(A),
            personnel.INSURANCE: months((A_BRANCH, FEB)),
        }
        assert found("P-10", frames) == []

    def test_a_month_that_no_rule_counts_is_not_looked_at(self) -> None:
        before = {
            personnel.REGISTRATION: practising(A),
            personnel.INSURANCE: months((B, date(2016, 11, 1))),
        }
        assert found("P-10", before) == []

    def test_a_month_assessed_but_unpaid_is_no_insurance(self) -> None:
        frames = {
            personnel.REGISTRATION: practising(A),
            personnel.INSURANCE: months((B, FEB), is_paid=False),
        }
        assert found("P-10", frames) == []


class TestDoubledCertificates:
    def test_one_number_on_two_persons_is_trusted_for_neither(self) -> None:
        rows = pl.concat([practising(A), practising(B, person_key=BO)])
        target = personnel.REGISTRATION.name
        assert found("P-24", {personnel.REGISTRATION: rows}) == [
            (target, A, "Z1", "DATA"),
            (target, B, "Z1", "DATA"),
        ]

    def test_two_live_numbers_of_one_kind_are_not_trusted_either(self) -> None:
        posts = rows_of(
            personnel.POST,
            {"certificate_no": "1", "role": "施工员", "valid_until": None},
            {"certificate_no": "2", "role": "施工员", "valid_until": AS_OF},
        )
        target = personnel.POST.name
        assert found("P-24", {personnel.POST: posts}) == [
            (target, A, "1", "DATA"),
            (target, A, "2", "DATA"),
        ]

    def test_a_number_that_has_run_out_was_replaced_not_doubled(self) -> None:
        posts = rows_of(
            personnel.POST,
            {"certificate_no": "1", "role": "施工员", "valid_until": date(2017, 2, 28)},
            {"certificate_no": "2", "role": "施工员", "valid_until": None},
        )
        assert found("P-24", {personnel.POST: posts}) == []

    def test_two_kinds_are_two_certificates(self) -> None:
        skills = rows_of(
            personnel.SKILL,
            {"certificate_no": "1", "trade": "木工", "grade": "中级工"},
            {"certificate_no": "2", "trade": "钢筋工", "grade": "中级工"},
        )
        assert found("P-24", {personnel.SKILL: skills}) == []

    def test_whoever_insures_the_person_reads_of_it_too(self) -> None:
        skills = rows_of(
            personnel.SKILL,
            {"certificate_no": "1", "trade": "木工", "grade": "中级工", "usc_code": None},
            {"certificate_no": "2", "trade": "木工", "grade": "中级工", "usc_code": None},
        )
        frames = {personnel.SKILL: skills, personnel.INSURANCE: months((B, FEB))}
        target = personnel.SKILL.name
        assert found("P-24", frames) == [(target, B, "1", "DATA"), (target, B, "2", "DATA")]


class TestOnePersonTwoNumbers:
    def frames(self, other: str, born_on: date | None, employer: str = A) -> dict:
        told = [(ANNA, "王建国", date(1980, 1, 1)), (BO, other, born_on)]
        return {
            personnel.PERSON: rows_of(
                personnel.PERSON,
                *({"person_key": k, "name": n, "born_on": b, "id_number": k} for k, n, b in told),
            ),
            personnel.INSURANCE: rows_of(
                personnel.INSURANCE,
                {"person_key": ANNA, "usc_code": A, "month": FEB},
                {"person_key": BO, "usc_code": employer, "month": FEB},
            ),
        }

    def test_one_name_and_birthday_at_one_employer_are_noted(self) -> None:
        rows = found("P-05", self.frames("王 建国", date(1980, 1, 1)))
        target = personnel.PERSON.name
        assert rows == [(target, A, ANNA, "WARN"), (target, A, BO, "WARN")]

    def test_another_name_birthday_or_employer_is_another_person(self) -> None:
        assert found("P-05", self.frames("王建军", date(1980, 1, 1))) == []
        assert found("P-05", self.frames("王建国", date(1980, 1, 2))) == []
        assert found("P-05", self.frames("王建国", None)) == []
        assert found("P-05", self.frames("王建国", date(1980, 1, 1), employer=B)) == []

    def test_two_who_are_stated_to_be_two_persons_are_settled(self) -> None:
        frames = self.frames("王建国", date(1980, 1, 1))
        third = "f" * 20
        told = {"person_key": third, "usc_code": A, "month": FEB}
        row = {"name": "王建国", "born_on": date(1980, 1, 1), "id_number": third}
        frames_of_three = {
            personnel.PERSON: pl.concat(
                [frames[personnel.PERSON], rows_of(personnel.PERSON, {"person_key": third, **row})]
            ),
            personnel.INSURANCE: pl.concat(
                [frames[personnel.INSURANCE], rows_of(personnel.INSURANCE, told)]
            ),
        }
        said = {"statement": "different", "person_key": BO, "other_key": ANNA}
        different = {personnel.IDENTITY: rows_of(personnel.IDENTITY, said)}
        assert found("P-05", frames | different) == []
        assert len(found("P-05", frames_of_three | different)) == 3


class TestPaidLate:
    def paid(self, month: date, in_month: date | None) -> list[tuple[str, str, str, str]]:
        return found("P-14", {personnel.INSURANCE: months((A, month), paid_month=in_month)})

    def test_two_months_after_the_one_that_is_owed_it_is_noted(self) -> None:
        noted = [(personnel.INSURANCE.name, A, ANNA, "WARN")]
        assert self.paid(date(2016, 12, 1), date(2017, 1, 1)) == []
        assert self.paid(date(2016, 12, 1), date(2017, 2, 1)) == noted

    def test_a_month_that_is_not_counted_or_of_which_nothing_is_told_says_nothing(self) -> None:
        assert self.paid(date(2016, 11, 1), date(2017, 2, 1)) == []
        assert self.paid(date(2016, 12, 1), None) == []


class TestNames:
    def told(self, name: str | None, held: str | None = "王芳") -> list[tuple[str, str, str, str]]:
        claim = {"person_key": ANNA, "feed": "titles.title", "name": name}
        return found(
            "P-04",
            {
                personnel.PERSON: rows_of(personnel.PERSON, {"person_key": ANNA, "name": held}),
                personnel.REGISTRATION: practising(A),
                CLAIMS: rows_of(CLAIMS, claim),
            },
        )

    def test_another_name_is_noted_at_who_may_claim_the_person(self) -> None:
        assert self.told("王方") == [(personnel.PERSON.name, A, ANNA, "WARN")]

    def test_the_same_name_written_otherwise_and_no_name_say_nothing(self) -> None:
        assert self.told("王　芳") == self.told(None) == self.told("王芳", held=None) == []

    def test_no_name_leaves_the_table_of_persons(self) -> None:
        frames = {
            personnel.PERSON: rows_of(personnel.PERSON, {"person_key": ANNA, "name": "王芳"}),
            personnel.REGISTRATION: practising(A),
            CLAIMS: rows_of(CLAIMS, {"person_key": ANNA, "feed": "titles.title", "name": "王方"}),
        }
        details = findings_in(frames)["detail"]
        assert not details.str.contains("王").any()
