"""Each check on certificates and their holders just hits and just misses."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from builders import ANNA, AS_OF, A, B, findings_in, rows_of

from assets.lake.declaration import Table
from assets.tables import personnel


def found(check_id: str, frames: dict[Table, pl.DataFrame]) -> list[tuple[str, str, str, str]]:
    rows = findings_in(frames).filter(check_id=check_id)
    return list(rows.select("target", "usc_code", "row_key", "severity").sort(pl.all()).iter_rows())


def born(day: date | None) -> pl.DataFrame:
    return rows_of(personnel.PERSON, {"person_key": ANNA, "born_on": day})


def live(**values: object) -> pl.DataFrame:
    sound = {"person_key": ANNA, "registration_no": "Z1", "valid_until": date(2018, 1, 1)}
    return rows_of(personnel.REGISTRATION, {**sound, **values})


class TestAge:
    @pytest.mark.parametrize(
        ("day", "severity"), [(date(1951, 3, 1), ["WARN"]), (date(1951, 3, 2), []), (None, [])]
    )
    def test_sixty_six_and_registered_is_noted(self, day: date | None, severity: list[str]) -> None:
        frames = {personnel.PERSON: born(day), personnel.REGISTRATION: live()}
        assert [row[3] for row in found("P-08", frames)] == severity

    def test_a_registration_that_has_ended_is_not(self) -> None:
        ended = live(valid_until=date(2017, 2, 28))
        frames = {personnel.PERSON: born(date(1940, 1, 1)), personnel.REGISTRATION: ended}
        assert found("P-08", frames) == []

    @pytest.mark.parametrize("table", personnel.NUMBERS, ids=lambda table: table.name)
    def test_a_child_holds_no_certificate(self, table: Table) -> None:
        number = personnel.NUMBERS[table]
        held = rows_of(
            table,
            {"person_key": ANNA, number: "N1", "valid_until": date(2018, 1, 1)}
            if "valid_until" in table.schema
            else {"person_key": ANNA, number: "N1"},
        )
        young = {personnel.PERSON: born(date(1999, 3, 2)), table: held}
        assert found("P-08:young", young) == [(table.name, A, "N1", "DATA")]
        grown = {personnel.PERSON: born(date(1999, 3, 1)), table: held}
        assert found("P-08:young", grown) == []
        assert found("P-08:young", {personnel.PERSON: born(None), table: held}) == []


class TestTitles:
    def title(self, **values: object) -> pl.DataFrame:
        return rows_of(personnel.TITLE, {"person_key": ANNA, "title_no": "T1", **values})

    def test_without_a_day_of_award_it_is_not_trusted(self) -> None:
        assert found("P-25", {personnel.TITLE: self.title(awarded_on=None)}) == [
            (personnel.TITLE.name, A, "T1", "DATA")
        ]
        assert found("P-25", {personnel.TITLE: self.title()}) == []

    def test_the_employer_of_today_reads_of_it(self) -> None:
        frames = {
            personnel.TITLE: self.title(awarded_on=None, usc_code=None),
            personnel.REGISTRATION: live(usc_code=B),
        }
        assert found("P-25", frames) == [(personnel.TITLE.name, B, "T1", "DATA")]

    @pytest.mark.parametrize(
        ("level", "year", "severity"),
        [
            ("中级", 2001, ["WARN"]),
            ("中级", 2002, []),
            ("高级", 2006, ["WARN"]),
            ("正高级", 2006, ["WARN"]),
            ("高级", 2007, []),
            ("初级", 1999, []),
            (None, 1999, []),
        ],
    )
    def test_too_young_at_the_award_is_noted(
        self, level: str | None, year: int, severity: list[str]
    ) -> None:
        frames = {
            personnel.PERSON: born(date(1980, 12, 31)),
            personnel.TITLE: self.title(title_level=level, awarded_on=date(year, 1, 1)),
        }
        assert [row[3] for row in found("P-26", frames)] == severity

    def test_of_a_day_not_known_nothing_is_said(self) -> None:
        for person, title in ((born(None), self.title()), (born(date(2000, 1, 1)), None)):
            frames = {
                personnel.PERSON: person,
                personnel.TITLE: self.title(awarded_on=None) if title is None else title,
            }
            assert found("P-26", frames) == []


class TestConstructorsNumbers:
    def twice(self, *held: str) -> dict[Table, pl.DataFrame]:
        sound = {"person_key": ANNA, "valid_until": date(2018, 1, 1)}
        rows = [
            {**sound, "registration_no": number, "usc_code": code}
            for number, code in zip(held, (A, B), strict=True)
        ]
        return {personnel.REGISTRATION: rows_of(personnel.REGISTRATION, *rows)}

    def test_two_numbers_of_one_kind_are_not_trusted(self) -> None:
        told = found("P-24", self.twice("浙232141500077", "浙232141500078"))
        assert {row[2:] for row in told} == {("浙232141500077", "DATA"), ("浙232141500078", "DATA")}

    def test_the_digits_are_the_number_when_he_moves_to_another_province(self) -> None:
        assert found("P-24", self.twice("苏232141500077", "浙232141500077")) == []


class TestSafetyCertificateB:
    def posts(self, *until: date | None) -> pl.DataFrame:
        return rows_of(
            personnel.POST,
            *(
                {"certificate_no": f"B{n}", "role": "项目负责人（B类）", "valid_until": day}
                for n, day in enumerate(until)
            ),
        )

    def test_run_out_it_is_noted_of_a_constructor(self) -> None:
        frames = {personnel.POST: self.posts(date(2017, 2, 28)), personnel.REGISTRATION: live()}
        assert found("P-33", frames) == [(personnel.POST.name, A, "B0", "WARN")]

    def test_valid_on_the_day_without_term_or_renewed_it_is_not(self) -> None:
        for until in ((AS_OF,), (None,), (date(2017, 2, 28), date(2019, 1, 1))):
            frames = {personnel.POST: self.posts(*until), personnel.REGISTRATION: live()}
            assert found("P-33", frames) == []

    def test_nor_of_somebody_who_is_no_constructor(self) -> None:
        assert found("P-33", {personnel.POST: self.posts(date(2017, 2, 28))}) == []
        architect = live(registration="一级注册建筑师")
        frames = {personnel.POST: self.posts(date(2017, 2, 28)), personnel.REGISTRATION: architect}
        assert found("P-33", frames) == []


def grades(masters: int, middle: int) -> pl.DataFrame:
    names = ["高级技师"] * masters + ["中级工"] * middle
    return rows_of(
        personnel.SKILL,
        *(
            {"certificate_no": f"S{n}", "person_key": f"{n:020x}", "grade": grade}
            for n, grade in enumerate(names)
        ),
    )


def test_more_masters_than_middle_grades_are_noted_from_twenty_on() -> None:
    assert [row[1:] for row in found("P-28", {personnel.SKILL: grades(20, 19)})] == [(A, A, "WARN")]
    assert found("P-28", {personnel.SKILL: grades(20, 20)}) == []
    assert found("P-28", {personnel.SKILL: grades(19, 0)}) == []


@pytest.mark.parametrize(
    ("told", "is_found"),
    [
        ({"told_born_on": date(1980, 1, 1), "told_sex": "男"}, False),
        ({"told_born_on": date(1980, 1, 2)}, True),
        ({"told_sex": "女"}, True),
        ({}, False),
    ],
)
def test_a_birthday_or_sex_that_the_number_does_not_have_is_noted(
    told: dict[str, object], is_found: bool
) -> None:
    person = {"person_key": ANNA, "id_number": "330106198001010019", "born_on": date(1980, 1, 1)}
    frames = {
        personnel.PERSON: rows_of(personnel.PERSON, person),
        personnel.SKILL: rows_of(personnel.SKILL, {"certificate_no": "C1", **told}),
    }
    assert found("P-03", frames) == ([(personnel.SKILL.name, A, "C1", "WARN")] if is_found else [])


@pytest.mark.parametrize(
    ("graduated_on", "is_found"),
    [(date(2010, 7, 1), False), (date(2010, 7, 2), True), (None, False)],
)
def test_a_title_awarded_before_the_graduation_is_noted(
    graduated_on: date | None, is_found: bool
) -> None:
    row = {"title_no": "T1", "awarded_on": date(2010, 7, 1), "graduated_on": graduated_on}
    told = found("P-26", {personnel.TITLE: rows_of(personnel.TITLE, row)})
    assert told == ([(personnel.TITLE.name, A, "T1", "WARN")] if is_found else [])


@pytest.mark.parametrize(
    ("state", "is_found"),
    [("valid", False), (None, False), ("withheld", True), ("transferring", True), ("struck", True)],
)
def test_a_safety_certificate_b_that_is_not_valid_is_noted_whatever_its_date(
    state: str | None, is_found: bool
) -> None:
    row = {"certificate_no": "C1", "role": "项目负责人（B类）", "valid_until": date(2018, 1, 1)}
    frames = {
        personnel.REGISTRATION: live(registration="二级注册建造师"),
        personnel.POST: rows_of(personnel.POST, {**row, "status_code": state}),
    }
    assert found("P-33", frames) == ([(personnel.POST.name, A, "C1", "WARN")] if is_found else [])
