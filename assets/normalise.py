"""What a source text means: folding, sentinels, and one interpretation per kind of reading.

Belongs here: text in, typed value or fault out. Does not: which column is read how (that is
data of `assets.channels`) or what a fault leads to (`assets.bases.base`).

Each distinct text of a column is interpreted once and looked up for every row: an insurance
file repeats its payers, months and persons many times over. Nothing is guessed: a text that
can be read in two ways, or in none, is a fault.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import Literal

import polars as pl

from assets import identifiers
from assets.calendar import SHANGHAI, legal_date
from assets.channels import Field, Measure
from assets.channels.fields import Read
from assets.lake.declaration import INSTANT
from assets.numbers import FORMS, one_spelling

BLANKS = r"[\s\u00a0\u3000\ufeff]"
SENTINELS = (
    "",
    "-1",
    "无",
    "暂无",
    "/",
    "-",
    "--",
    "NULL",
    "NONE",
    "NAN",
    r"\N",
    "0000-00-00",
    "0000-00-00 00:00:00",
    "9999-9-9",
    "9999-09-09",
    "9999-12-31",
    "1900-1-1",
    "1900-01-01",
    "1900-1-1 0:00:00",
    "1900-01-01 00:00:00",
)
"""What senders write for "nothing"; none of them is a value of anything."""
_ZERO_IS_MISSING = (
    "text",
    "identifier",
    "enterprise_name",
    "person_name",
    "usc_code",
    "id_number",
    "certificate_no",
    "region",
    "date",
    "month",
    "instant",
)
_TRUE = ("1", "TRUE", "T", "Y", "YES", "是")
_FALSE = ("0", "FALSE", "F", "N", "NO", "否")
_GARBLED = "\ufffd|锟斤拷|Ã[^A-Za-z\\s]"
"""Bytes that were read in another encoding than they are in; João is not."""
_NARROW: Literal["NFKC"] = "NFKC"
_WIDE_DECIMAL = pl.Decimal(38, 8)
_WAN = 10_000
_YEARS = (1900, 2100)
_NEVER_BEGAN = (date(1899, 12, 30), date(1900, 1, 1))
"""Days that senders write for nothing, in any form. A workbook shows its cell of 1900-1-1 as the
day after its zero, 30 December 1899."""
_NEVER_ENDS = 9999
"""Year of the days that senders write for no end, in any form."""

_DAY = r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$"
_ZONE = r"\d:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})$"
_MONTH = r"^(\d{4})[-/.年]?(\d{2}|(?:[1-9]))月?$"


def interpret(
    texts: pl.Series, reading: Field | Measure, dtype: pl.DataType, on: date
) -> pl.DataFrame:
    """The meaning of every distinct text of a source column.

    Args:
        texts: the source column, as delivered.
        reading: how the channel says to read it.
        dtype: type of the value wanted; identity numbers stay text of 18 digits.
        on: the day it was received, after which nobody can have been born.

    Returns:
        One row per distinct text: `raw`, `value` (of `dtype`; null if missing or faulty),
        `fault` (a short code, null if none). Look it up with `nulls_equal=True`.
    """
    distinct = texts.unique()
    blank = reading.blank if isinstance(reading, Field) else None
    if distinct.len() <= 2 and not any(distinct):  # a column that the delivery leaves empty
        return distinct.to_frame("raw").with_columns(_blank(blank, dtype), _NO_FAULT)
    frame = pl.DataFrame({"raw": distinct, "text": _narrow(distinct)}).with_columns(
        text=_stripped(pl.col("text"))
    )
    zero_too = isinstance(reading, Measure) or reading.is_zero_missing
    read = _read(frame.with_columns(_IS_GARBLED, _said(reading.read, zero_too)), reading, dtype, on)
    # A known code may have no meaning here; any other text must have one.
    read = read.with_columns(_FAULT if reading.codes is None else _FAULT_OF_A_CODE)
    return read.select("raw", _meaning(blank, dtype), "fault")


# Expressions are made once: making one costs more than running it on the texts of a small file.
_NO_FAULT = pl.lit(None, pl.String).alias("fault")
_IS_GARBLED = pl.col("text").str.contains(_GARBLED).fill_null(False).alias("is_garbled")
_FAULT_OF_A_CODE = (
    pl.when("is_garbled").then(pl.lit("undecodable")).otherwise(pl.col("fault")).alias("fault")
)
_FAULT = (
    pl.when("is_garbled")
    .then(pl.lit("undecodable"))
    .when(pl.col("fault").is_not_null())
    .then(pl.col("fault"))
    .when(pl.col("text").is_not_null() & pl.col("value").is_null())
    .then(pl.lit("unreadable"))
    .alias("fault")
)


@cache
def _blank(blank: str | None, dtype: pl.DataType) -> pl.Expr:
    """The `value` of a source cell in which nothing is."""
    return pl.lit(blank).cast(dtype).alias("value")


@cache
def _meaning(blank: str | None, dtype: pl.DataType) -> pl.Expr:
    """The `value` of `dtype`, null where there is a fault, `blank` where nothing is said."""
    return (
        pl.when(pl.col("fault").is_not_null())
        .then(None)
        .when(pl.col("text").is_null())
        .then(pl.lit(blank))
        .otherwise(pl.col("value"))
        .cast(dtype)
        .alias("value")
    )


def _folded(raw: pl.Expr) -> pl.Expr:
    """Quotes and blanks off, full-width letters, digits and signs narrow; null stays null."""
    return _stripped(raw.str.normalize(_NARROW))


def _narrow(texts: pl.Series) -> pl.Series:
    """Full-width letters, digits and signs narrow; ASCII, which has none, is left alone."""
    wide = (texts.str.len_bytes() != texts.str.len_chars()).arg_true()
    if wide.is_empty():
        return texts
    return texts.clone().scatter(wide, texts.gather(wide).str.normalize(_NARROW))


def _stripped(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars("'\"\ufeff \t\r\n\u00a0\u3000")


@cache
def _said(read: Read, is_zero_missing: bool) -> pl.Expr:
    """The folded `text`, null where it is what senders write for "nothing"."""
    text = pl.col("text")
    missing = text.is_null() | text.str.to_uppercase().is_in(SENTINELS)
    if read in _ZERO_IS_MISSING:
        missing |= text.str.contains("^0+$")
    elif is_zero_missing and read != "code":
        missing |= (text.cast(pl.Float64, strict=False) == 0).fill_null(False)
    return pl.when(~missing).then(text).alias("text")


def _read(
    frame: pl.DataFrame, reading: Field | Measure, dtype: pl.DataType, on: date
) -> pl.DataFrame:
    """The frame with `value` and `fault` of its folded `text`."""
    match reading.read:
        case "id_number":
            return _identity_numbers(frame, on)
        case "code":
            return _translated(frame, reading)
        case "date" | "month" | "instant":
            return _moments(frame, reading.read)
        case "integer" | "number" | "yuan" | "wan_yuan":
            return frame.with_columns(_number(reading.read, reading.factor, dtype), _NO_FAULT)
        case _:
            form = reading.form if isinstance(reading, Field) else None
            return frame.with_columns(_text(reading.read)).with_columns(_fault(reading.read, form))


@cache
def _text(read: Read) -> pl.Expr:
    """The `value` of what is read from `text` as it is written."""
    text = pl.col("text")
    value: pl.Expr
    match read:
        case "usc_code":
            value = _code_text(text)
        case "region":
            value = text.str.extract(r"^(\d{6})(?:\d{3}|\d{6})?$")
        case "flag":
            upper = text.str.to_uppercase()
            value = pl.when(upper.is_in(_TRUE)).then(True).when(upper.is_in(_FALSE)).then(False)
        case _:
            value = _name_or_text(read)
    return value.alias("value")


@cache
def _fault(read: Read, form: str | None) -> pl.Expr:
    """What is wrong with a `value` that is text."""
    value = pl.col("value")
    if read == "usc_code":
        return identifiers.usc_fault(value).alias("fault")
    if form is None:
        return _NO_FAULT
    return pl.when(~value.str.contains(FORMS[form])).then(pl.lit("form")).alias("fault")


def folded_enterprise_name(raw: pl.Expr) -> pl.Expr:
    """A name as the base databases keep it, so that two ways of writing it compare equal.

    Quotes and blanks off, full-width letters and digits narrow, every kind of bracket （）.
    """
    return _one_bracket(_folded(raw).str.replace_all(BLANKS, ""))


def _one_bracket(bare: pl.Expr) -> pl.Expr:
    return bare.str.replace_all(r"[(\[〔【]", "（").str.replace_all(r"[)\]〕】]", "）")


def folded_code(raw: pl.Expr) -> pl.Expr:
    """A code of an organisation as it compares: upper-case, half-width, without hyphens."""
    return _code_text(_folded(raw))


def _code_text(text: pl.Expr) -> pl.Expr:
    bare = text.str.replace_all(BLANKS, "").str.replace_all("-", "", literal=True)
    return bare.str.to_uppercase()


def _name_or_text(read: str) -> pl.Expr:
    text = pl.col("text")
    bare = text.str.replace_all(BLANKS, "")
    if read == "enterprise_name":
        return _one_bracket(bare)
    if read == "person_name":
        # A full-width stop has become a plain one; after a Chinese character it is a middle dot.
        return bare.str.replace_all(r"[•‧∙・]", "·").str.replace_all(r"(\p{Han})\.", "$1·")
    if read in ("identifier", "certificate_no"):
        number = bare.str.replace_all(r"[\[〔【]", "(").str.replace_all(r"[\]〕】]", ")")
        number = one_spelling(number.str.to_uppercase())
        # Old copies carry the number of the copy: D233012345-6/3.
        return number.str.replace(r"-\d+/\d+$", "") if read == "certificate_no" else number
    # Names of the standard keep the brackets and numerals they are written with.
    return _stripped(pl.col("raw"))


def _translated(frame: pl.DataFrame, reading: Field | Measure) -> pl.DataFrame:
    assert reading.codes is not None
    return (
        frame.with_columns(_CODE)
        .join(_dictionary(*reading.codes.items()), on="code", how="left", maintain_order="left")
        .with_columns(_IS_UNKNOWN)
    )


_CODE = pl.col("text").str.to_uppercase().alias("code")
_IS_UNKNOWN = (
    pl.when(pl.col("text").is_not_null() & pl.col("is_known").is_null())
    .then(pl.lit("unknown_code"))
    .alias("fault")
)


@cache
def _dictionary(*codes: tuple[str, str | None]) -> pl.DataFrame:
    """What each code of a channel means; one whose `value` is null is known and means nothing."""
    dictionary = pl.DataFrame(codes, schema={"code": pl.String, "value": pl.String}, orient="row")
    return dictionary.select(
        _folded(pl.col("code")).str.to_uppercase(), "value", is_known=pl.lit(True)
    )


def _identity_numbers(frame: pl.DataFrame, on: date) -> pl.DataFrame:
    bare = frame.select(_text("usc_code")).to_series()
    old = (bare.str.len_chars() == 15).arg_true()
    long = bare.scatter(old, [identifiers.id18(number) for number in bare.gather(old)])
    return frame.with_columns(long).with_columns(_id_fault(on))


@cache
def _id_fault(on: date) -> pl.Expr:
    return identifiers.id_fault(pl.col("value"), on).alias("fault")


@cache
def _number(read: Read, factor: int, dtype: pl.DataType) -> pl.Expr:
    text = pl.col("text")
    is_grouped = text.str.contains(r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
    plain = pl.when(is_grouped).then(text.str.replace_all(",", "", literal=True)).otherwise(text)
    if read == "integer":
        value = plain.str.extract(r"^(-?\d+)(?:\.0+)?$").cast(dtype, strict=False)
    else:
        by = _WAN if read == "wan_yuan" else factor
        value = (plain.cast(_WIDE_DECIMAL, strict=False) * by).cast(dtype, strict=False)
    return value.alias("value")


def _moments(frame: pl.DataFrame, read: Read) -> pl.DataFrame:
    """The frame with days or instants; a text that stands for none is emptied."""
    texts = frame["text"]
    if read != "instant":
        # With a zone it is the day in China, as what a database keeps as an instant.
        texts = frame.select(_IS_ZONED).to_series()
    told = frame.with_columns(_instants(texts).alias("value"), _NO_FAULT)
    if read != "instant":
        told = told.with_columns(_day(read))
    return told.with_columns(_likely(read))


_IS_ZONED = pl.when(pl.col("text").str.contains(_ZONE)).then(pl.col("text"))


@cache
def _likely(read: Read) -> list[pl.Expr]:
    """`text` without what stands for no moment, and `value` without what can be none."""
    value = pl.col("value")
    day = legal_date(value) if read == "instant" else value
    is_none = day.is_between(*_NEVER_BEGAN) | (day.dt.year() >= _NEVER_ENDS)
    is_likely = pl.lit(True) if read == "instant" else day.dt.year().is_between(*_YEARS)
    return [
        pl.when(~is_none.fill_null(False)).then("text").alias("text"),
        pl.when(~is_none & is_likely).then(value).alias("value"),
    ]


@cache
def _day(read: Read) -> pl.Expr:
    """The day, or the first of the month, that `text` writes; `value` is the instant, if any."""
    text = pl.col("text")
    parts = text.str.extract_groups(_DAY)
    written = pl.concat_str(
        parts.struct.field("1"),
        parts.struct.field("2").str.zfill(2),
        parts.struct.field("3").str.zfill(2),
    )
    compact = text.str.extract(r"^(\d{8})(?:\d{6})?$")
    serial = text.str.extract(r"^(4\d{4}|50000)$").cast(pl.Int32)
    millis = text.str.extract(r"^(-?\d{11,13})$").cast(pl.Int64)
    days = [
        legal_date(pl.col("value")),
        pl.coalesce(written, compact).str.to_date("%Y%m%d", strict=False),
        # A spreadsheet counts days since 30 December 1899.
        pl.lit(date(1899, 12, 30)) + pl.duration(days=serial),
        legal_date(pl.from_epoch(millis, time_unit="ms")),
    ]
    if read == "month":
        parts = text.str.extract_groups(_MONTH)
        month = pl.concat_str(
            parts.struct.field("1"), parts.struct.field("2").str.zfill(2), pl.lit("01")
        ).str.to_date("%Y%m%d", strict=False)
        days = [month, *(day.dt.month_start() for day in days)]
    return pl.coalesce(days).alias("value")


def _instants(texts: pl.Series) -> pl.Series:
    return pl.Series([_instant(text) for text in texts], dtype=INSTANT)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
        # A sender's clock without a zone is China's.
        return (instant if instant.tzinfo else instant.replace(tzinfo=SHANGHAI)).astimezone(UTC)
    except (ValueError, OverflowError):  # the first day of the year 1 has none before it
        return None
