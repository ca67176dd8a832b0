"""Rows under the numbers of one person read as his, and whose numbers nobody knows (E3-E5)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from assets.lake.declaration import Table
from assets.persons import Doubt, Numbers, numbers_of
from assets.tables import intake, personnel, project

NOW, FORMER = "a" * 20, "b" * 20
ONE = Numbers(present={FORMER: NOW})
MONTH = date(2017, 2, 1)
EARLY, LATE = datetime(2017, 3, 1, tzinfo=UTC), datetime(2017, 3, 2, tzinfo=UTC)


def read(table: Table, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of a table, with nothing but what is given, as of one person; with what was given."""
    frame = pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in table.schema}, schema=table.schema
    )
    told = list(dict.fromkeys(name for row in rows for name in row))
    return ONE.read(table, frame.lazy()).select(told).collect().to_dicts()


def insured(number: str, is_paid: bool | None, at: datetime = EARLY, usc_code: str = "X") -> dict:
    return {
        "person_key": number,
        "month": MONTH,
        "usc_code": usc_code,
        "is_paid": is_paid,
        "received_at": at,
    }


@pytest.mark.parametrize("one", [True, None, False])
@pytest.mark.parametrize("other", [True, None, False])
@pytest.mark.parametrize("at", [EARLY, LATE])
def test_a_month_is_paid_if_it_is_under_either_number_and_unpaid_if_under_both(
    one: bool | None, other: bool | None, at: datetime
) -> None:
    expected = True if True in (one, other) else None if None in (one, other) else False
    (row,) = read(personnel.INSURANCE, insured(NOW, one, at), insured(FORMER, other))
    assert (row["person_key"], row["is_paid"]) == (NOW, expected)


def test_of_the_same_month_under_both_numbers_the_one_received_last_is_the_row() -> None:
    for numbers in ((NOW, FORMER), (FORMER, NOW)):
        first, second = (
            insured(number, True, at) for number, at in zip(numbers, (EARLY, LATE), strict=True)
        )
        (row,) = read(personnel.INSURANCE, first, second)
        assert row["received_at"] == LATE


def test_a_month_of_two_payers_is_two_and_a_duty_of_two_builders_too() -> None:
    paid = (insured(NOW, True), insured(FORMER, True, usc_code="Y"))
    assert len(read(personnel.INSURANCE, *paid)) == 2
    duty = {"contract_no": "C", "duty": "项目经理", "received_at": EARLY}
    led = ({**duty, "person_key": NOW, "usc_code": "X"}, {**duty, "person_key": FORMER})
    assert len(read(project.PARTY, *led)) == 2
    assert len(read(project.PARTY, led[0], {**led[1], "usc_code": "X"})) == 1


def test_a_person_is_who_the_present_number_says_and_dead_if_told_so_of_any() -> None:
    was = {"person_key": FORMER, "name": "张三", "born_on": date(1950, 1, 1), "received_at": LATE}
    now = {"person_key": NOW, "name": None, "born_on": date(1980, 1, 1), "received_at": EARLY}
    ends = {"deceased_on": date(2016, 5, 1), "retired_on": None}
    (row,) = read(personnel.PERSON, {**now, **dict.fromkeys(ends)}, {**was, **ends})
    assert row["person_key"] == NOW
    assert (row["name"], row["born_on"]) == ("张三", date(1980, 1, 1))
    assert (row["deceased_on"], row["retired_on"]) == (date(2016, 5, 1), None)
    later = {"deceased_on": date(2016, 6, 1), "retired_on": date(2015, 1, 1)}
    (row,) = read(personnel.PERSON, {**now, **later}, {**was, **ends})
    assert (row["deceased_on"], row["retired_on"]) == (date(2016, 5, 1), date(2015, 1, 1))


def test_nobody_knows_when_he_was_born_whose_former_number_alone_is_on_record() -> None:
    (row,) = read(personnel.PERSON, {"person_key": FORMER, "born_on": date(1950, 1, 1)})
    assert row == {"person_key": NOW, "born_on": None}


def test_a_row_set_apart_names_him_by_the_present_number_wherever_it_does() -> None:
    told = f'{{"person_key": "{FORMER}"}}'
    (row,) = read(intake.QUARANTINE, {"person_key": FORMER, "typed_json": told, "key_json": told})
    now = told.replace(FORMER, NOW)
    assert row == {"person_key": NOW, "typed_json": now, "key_json": now}


def test_rows_of_nobody_who_can_be_read_stay_where_a_number_is_in_doubt() -> None:
    doubt = Doubt("shared", "1", "?x")
    tables = {
        personnel.PERSON.name: personnel.PERSON.empty().lazy(),
        intake.QUARANTINE.name: intake.QUARANTINE.empty().lazy(),
        personnel.TITLE.name: pl.DataFrame(
            {name: [None] for name in personnel.TITLE.schema}, schema=personnel.TITLE.schema
        ).lazy(),
    }
    kept = Numbers(in_doubt={NOW: doubt}).set_apart(tables)
    assert kept[personnel.TITLE.name].collect().height == 1


def test_who_asks_of_one_number_asks_of_all_of_the_same_person() -> None:
    for number in (NOW, FORMER):
        asked = pl.Series("person_key", [number, "c" * 20])
        assert set(ONE.all_of(asked)) == {NOW, FORMER, "c" * 20}


def said(*told: tuple[str, str, str | None]) -> Numbers:
    """What statements come to, one after the other."""
    schema = personnel.IDENTITY.schema
    rows = [
        {"statement": what, "person_key": one, "other_key": other, "statement_no": str(n)}
        | {"received_at": EARLY, "delivery_id": "d", "row_no": n}
        for n, (what, one, other) in enumerate(told, 1)
    ]
    return numbers_of(
        pl.DataFrame({name: [r.get(name) for r in rows] for name in schema}, schema=schema)
    )


def test_what_is_stated_anew_is_stated_last_and_says_which_number_is_borne() -> None:
    first, second = ("same", "a", "c"), ("same", "b", "c")
    assert said(first, second).present == {"a": "b", "c": "b"}
    assert said(first, second, first).present == {"b": "a", "c": "a"}


def test_who_is_one_with_a_number_that_several_bear_is_in_doubt_with_all_his_numbers() -> None:
    for number in "ab":
        torn = said(("same", "a", "b"), ("shared", number, None))
        assert torn.present == {}
        assert set(torn.in_doubt) == {"a", "b"}
        assert len({one.bearer for one in torn.in_doubt.values()}) == 1


def test_of_two_numbers_told_at_once_the_same_one_is_read_whatever_is_asked_for() -> None:
    """A night asks for fewer columns than a check of everything, and in another order."""
    of_two = Numbers(present={FORMER: NOW, "c" * 20: NOW})
    told = [
        {"person_key": number, "name": name, "row_no": row_no, "received_at": EARLY}
        for number, name, row_no in ((FORMER, "甲", 1), ("c" * 20, "乙", 2))
    ]
    whole = pl.LazyFrame(told)
    for rows in (whole, whole.reverse(), whole.drop("row_no"), whole.drop("row_no").reverse()):
        assert of_two.read(personnel.PERSON, rows).collect()["name"].to_list() == ["甲"]
