"""What a source text means, and when it means nothing or cannot be read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.channels import Field, Measure
from assets.lake.declaration import INSTANT, QUANTITY, YUAN
from assets.normalise import interpret

TODAY = date(2017, 3, 1)
TYPES: dict[str, pl.DataType] = {
    "date": pl.Date(),
    "month": pl.Date(),
    "instant": INSTANT,
    "integer": pl.Int32(),
    "number": QUANTITY,
    "yuan": YUAN,
    "wan_yuan": YUAN,
    "flag": pl.Boolean(),
}


def read(kind: str, text: str | None, **more: Any) -> tuple[Any, str | None]:
    """(value, fault) of one text."""
    field = Field(source="s", read=kind, **more)  # type: ignore[arg-type]
    meaning = interpret(
        pl.Series([text], dtype=pl.String), field, TYPES.get(kind, pl.String()), TODAY
    )
    return meaning["value"].item(), meaning["fault"].item()


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("date", "2016-07-05", date(2016, 7, 5)),
        ("date", "2016-7-5", date(2016, 7, 5)),
        ("date", "2016/07/05 22:59:34", date(2016, 7, 5)),
        ("date", "20160705", date(2016, 7, 5)),
        ("date", "2016年7月5日", date(2016, 7, 5)),
        ("date", "２０１６．７．５", date(2016, 7, 5)),
        ("date", "1467648000000", date(2016, 7, 5)),
        ("date", "42556", date(2016, 7, 5)),
        ("date", "2016-07-04T16:00:00.000+0000", date(2016, 7, 5)),
        ("date", "2016-07-04 16:00:00+00:00", date(2016, 7, 5)),
        ("date", "2016-07-05T15:59:59Z", date(2016, 7, 5)),
        ("month", "2016-06-30T16:00:00Z", date(2016, 7, 1)),
        ("month", "201607", date(2016, 7, 1)),
        ("month", "2016-7", date(2016, 7, 1)),
        ("month", "2016年07月", date(2016, 7, 1)),
        ("month", "2016-07-15", date(2016, 7, 1)),
        ("instant", "2017-02-28T10:00:00+08:00", datetime(2017, 2, 28, 2, tzinfo=UTC)),
        ("instant", "2017-02-28T10:00:00", datetime(2017, 2, 28, 2, tzinfo=UTC)),
        ("wan_yuan", "600.1234", Decimal("6001234.00")),
        ("wan_yuan", "1,234.5", Decimal("12345000.00")),
        ("wan_yuan", "1,234,567.8", Decimal("12345678000.00")),
        ("wan_yuan", "-6", Decimal("-60000.00")),
        ("yuan", "0.01", Decimal("0.01")),
        ("integer", "2016.0", 2016),
        ("flag", "是", True),
        ("flag", "0", False),
        ("usc_code", " 91330100ma2800a1x1", "91330100MA2800A1X1"),
        ("usc_code", "９１３３０１００ＭＡ２８００Ａ１Ｘ１", "91330100MA2800A1X1"),
        ("id_number", "'33010219850615018x", "33010219850615018X"),
        ("id_number", "330102800101001", "330102198001010018"),
        ("id_number", "３３０１０２１９８００１０１００１８", "330102198001010018"),
        ("region", "330203001", "330203"),
        ("enterprise_name", "浙江 (测试)［一］有限公司", "浙江（测试）（一）有限公司"),
        ("person_name", "阿卜杜拉•买 买提", "阿卜杜拉·买买提"),
        ("certificate_no", "d233061246", "D233061246"),
        ("certificate_no", "A132000058-6/3", "A132000058"),
        ("identifier", "浙建安Ｂ〔2018〕0012345", "浙建安B(2018)0012345"),
        ("identifier", "3301062304180101-HZ-001", "3301062304180101-HZ-001"),
        ("person_name", "JOÃO", "JOÃO"),
        ("text", "　给排水（水处理） ", "给排水（水处理）"),
    ],
)
def test_a_text_is_read_in_every_form_that_senders_use(kind: str, text: str, value: Any) -> None:
    assert read(kind, text) == (value, None)


@pytest.mark.parametrize(
    ("kind", "text", "fault"),
    [
        ("date", "2016-02-30", "unreadable"),
        ("date", "201607", "unreadable"),
        ("date", "2916-07-05", "unreadable"),
        ("date", "去年", "unreadable"),
        ("month", "2016-13", "unreadable"),
        ("instant", "yesterday", "unreadable"),
        ("wan_yuan", "约600", "unreadable"),
        ("number", "18层", "unreadable"),
        ("number", "1,2345", "unreadable"),
        ("wan_yuan", "12,34", "unreadable"),
        ("integer", "2016.5", "unreadable"),
        ("flag", "也许", "unreadable"),
        ("region", "33", "unreadable"),
        ("usc_code", "91330100MA2800A1X2", "check_digit"),
        ("usc_code", "MA2800A1-X", "organisation_code"),
        ("id_number", "330102198001010019", "check_digit"),
        ("id_number", "3.30102E+17", "length"),
        ("id_number", "330482199002290018", "impossible_date"),
        ("text", "\ufffd\ufffd公司", "undecodable"),
        ("enterprise_name", "锟斤拷公司", "undecodable"),
        ("enterprise_name", "Ã¦ÂµÂ™Ã¦Â±ÂŸ", "undecodable"),
    ],
)
def test_a_text_that_cannot_be_read_is_a_fault_and_no_value(
    kind: str, text: str, fault: str
) -> None:
    assert read(kind, text) == (None, fault)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "  ",
        "-1",
        "无",
        "暂无",
        "/",
        "null",
        r"\N",
        "9999-9-9",
        "1900-01-01",
        "1900-1-1 0:00:00",
    ],
)
@pytest.mark.parametrize("kind", ["text", "date", "wan_yuan", "usc_code", "id_number", "flag"])
def test_what_senders_write_for_nothing_is_missing_and_no_fault(
    kind: str, text: str | None
) -> None:
    assert read(kind, text) == (None, None)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("date", "1900/1/1"),
        ("date", "19000101"),
        ("date", "1900-01-01T00:00:00"),
        ("date", "1900年1月1日"),
        ("date", "-2209017600000"),
        ("date", "1899-12-31 00:00:00"),  # a workbook's cell of 1900-1-1
        ("date", "9999-12-31 00:00:00"),
        ("date", "9999/9/9"),
        ("date", "99991231"),
        ("month", "190001"),
        ("month", "999912"),
        ("instant", "1900-01-01T00:00:00"),
        ("instant", "9999-12-31 23:59:59"),
    ],
)
def test_the_days_that_stand_for_none_are_missing_however_they_are_written(
    kind: str, text: str
) -> None:
    """A penalty that is set aside on 1900/1/1 is not set aside."""
    assert read(kind, text) == (None, None)
    assert read("date", "1900-01-02") == (date(1900, 1, 2), None)


def test_zero_is_missing_for_a_code_of_an_enterprise_and_a_figure_for_money() -> None:
    assert read("usc_code", "0") == (None, None)
    # Eighteen of them hold the check of a social credit code.
    assert read("usc_code", "000000000000000000") == (None, None)
    assert read("date", "0000-00-00 00:00:00") == (None, None)
    assert read("wan_yuan", "0") == (Decimal("0.00"), None)
    assert read("wan_yuan", "0.00", is_zero_missing=True) == (None, None)


def test_a_measure_of_zero_is_no_measure() -> None:
    measure = Measure(source="s", metric="长度", read="number", factor=1000)
    meaning = interpret(pl.Series(["0", "0.0", "2.5"]), measure, QUANTITY, TODAY).sort("raw")
    assert meaning["value"].to_list() == [None, None, Decimal("2500.0000")]
    assert meaning["fault"].null_count() == 3


def test_a_code_is_read_through_its_own_dictionary_only() -> None:
    codes = {"0201": "施工员", "D1-3-01": None, "吊销,未注销": "revoked"}
    assert read("code", "０２０１", codes=codes) == ("施工员", None)
    assert read("code", "吊销，未注销", codes=codes) == ("revoked", None)
    assert read("code", "d1-3-01", codes=codes) == (None, None)
    assert read("code", "201", codes=codes) == (None, "unknown_code")


def test_an_empty_cell_has_the_value_the_sender_defines() -> None:
    assert read("text", "", blank="") == ("", None)
    assert read("code", None, blank="", codes={"1": "a"}) == ("", None)
    assert read("code", "9", blank="", codes={"1": "a"}) == (None, "unknown_code")


@given(st.lists(st.one_of(st.none(), st.text(max_size=30))), st.sampled_from(sorted(TYPES)))
def test_no_text_breaks_a_reading_and_none_has_both_value_and_fault(
    texts: list[str | None], kind: str
) -> None:
    field = Field(source="s", read=kind)  # type: ignore[arg-type]
    meaning = interpret(pl.Series(texts, dtype=pl.String), field, TYPES[kind], TODAY)
    assert meaning.filter(pl.col("value").is_not_null() & pl.col("fault").is_not_null()).is_empty()
    assert meaning.height == len(set(texts))


@given(st.dates(date(1901, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_alike_in_every_form(day: date) -> None:
    forms = [
        f"{day:%Y-%m-%d}",
        f"{day.year}-{day.month}-{day.day}",
        f"{day:%Y%m%d}",
        f"{day:%Y/%m/%d} 00:00:00",
        f"{day.year}年{day.month}月{day.day}日",
    ]
    assert {read("date", form) for form in forms} == {(day, None)}
