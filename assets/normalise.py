"""What a source text means: folding, sentinels, and one interpretation per kind of reading.

Belongs here: text in, typed value or fault out. Does not: which column is read how (that is
data of `assets.channels`) or what a fault leads to (`assets.bases.base`).

Each distinct text of a column is interpreted once and looked up for every row: an insurance
file repeats its payers, months and persons many times over. Nothing is guessed: a text that
can be read in two ways, or in none, is a fault.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Literal

import polars as pl

from assets import identifiers
from assets.calendar import SHANGHAI, legal_date
from assets.channels import Field, Measure
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
    frame = pl.DataFrame({"raw": distinct, "text": _narrow(distinct)}).with_columns(
        text=_stripped(pl.col("text"))
    )
    frame = frame.with_columns(
        is_garbled=pl.col("text").str.contains(_GARBLED).fill_null(False),
        text=pl.when(~_is_missing(pl.col("text"), reading)).then(pl.col("text")),
    )
    unread = pl.col("text").is_not_null() & pl.col("value").is_null()
    # A known code may have no meaning here; any other text must have one.
    unreadable = unread if reading.codes is None else pl.lit(False)
    blank = reading.blank if isinstance(reading, Field) else None
    return (
        _read(frame, reading, dtype, on)
        .with_columns(
            fault=pl.when("is_garbled")
            .then(pl.lit("undecodable"))
            .when(pl.col("fault").is_not_null())
            .then(pl.col("fault"))
            .when(unreadable)
            .then(pl.lit("unreadable"))
        )
        .select(
            "raw",
            pl.when(pl.col("fault").is_not_null())
            .then(None)
            .when(pl.col("text").is_null())
            .then(pl.lit(blank))
            .otherwise(pl.col("value"))
            .cast(dtype)
            .alias("value"),
            "fault",
        )
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


def _is_missing(text: pl.Expr, reading: Field | Measure) -> pl.Expr:
    missing = text.is_null() | text.str.to_uppercase().is_in(SENTINELS)
    zero_too = isinstance(reading, Measure) or reading.is_zero_missing
    if reading.read in _ZERO_IS_MISSING:
        return missing | text.str.contains("^0+$")
    if zero_too and reading.read != "code":
        return missing | (text.cast(pl.Float64, strict=False) == 0).fill_null(False)
    return missing


def _read(
    frame: pl.DataFrame, reading: Field | Measure, dtype: pl.DataType, on: date
) -> pl.DataFrame:
    """The frame with `value` and `fault` of its folded `text`."""
    text = pl.col("text")
    fault = pl.lit(None, pl.String)
    value: pl.Expr | pl.Series
    match reading.read:
        case "id_number":
            return _identity_numbers(frame, on)
        case "code":
            return _translated(frame, reading)
        case "usc_code":
            value = _code_text(text)
            fault = identifiers.usc_fault(value)
        case "date" | "month" | "instant":
            return _moments(frame, reading.read)
        case "region":
            value = text.str.extract(r"^(\d{6})(?:\d{3}|\d{6})?$")
        case "flag":
            upper = text.str.to_uppercase()
            value = pl.when(upper.is_in(_TRUE)).then(True).when(upper.is_in(_FALSE)).then(False)
        case "integer" | "number" | "yuan" | "wan_yuan":
            value = _number(text, reading, dtype)
        case _:
            value = _name_or_text(reading.read)
            if isinstance(reading, Field) and reading.form is not None:
                is_odd = ~value.str.contains(FORMS[reading.form])
                fault = pl.when(is_odd).then(pl.lit("form"))
    return frame.with_columns(value=value, fault=fault)


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
    dictionary = pl.DataFrame(
        {"code": list(reading.codes), "value": list(reading.codes.values())},
        schema={"code": pl.String, "value": pl.String},
    ).select(_folded(pl.col("code")).str.to_uppercase(), "value", is_known=pl.lit(True))
    joined = frame.with_columns(pl.col("text").str.to_uppercase().alias("code")).join(
        dictionary, on="code", how="left", maintain_order="left"
    )
    unknown = pl.col("text").is_not_null() & pl.col("is_known").is_null()
    return joined.with_columns(pl.when(unknown).then(pl.lit("unknown_code")).alias("fault"))


def _identity_numbers(frame: pl.DataFrame, on: date) -> pl.DataFrame:
    bare = frame.select(_code_text(pl.col("text"))).to_series()
    old = (bare.str.len_chars() == 15).arg_true()
    long = bare.scatter(old, [identifiers.id18(number) for number in bare.gather(old)])
    return frame.with_columns(long.alias("value")).with_columns(
        identifiers.id_fault(pl.col("value"), on).alias("fault")
    )


def _number(text: pl.Expr, reading: Field | Measure, dtype: pl.DataType) -> pl.Expr:
    is_grouped = text.str.contains(r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
    plain = pl.when(is_grouped).then(text.str.replace_all(",", "", literal=True)).otherwise(text)
    if reading.read == "integer":
        return plain.str.extract(r"^(-?\d+)(?:\.0+)?$").cast(dtype, strict=False)
    factor = _WAN if reading.read == "wan_yuan" else reading.factor
    return (plain.cast(_WIDE_DECIMAL, strict=False) * factor).cast(dtype, strict=False)


def _moments(frame: pl.DataFrame, read: str) -> pl.DataFrame:
    """The frame with days or instants; a text that stands for none is emptied."""
    told = _instants(frame["text"]) if read == "instant" else _days(frame["text"], read)
    value = pl.col("value")
    day = legal_date(value) if read == "instant" else value
    is_none = day.is_between(*_NEVER_BEGAN) | (day.dt.year() >= _NEVER_ENDS)
    is_likely = pl.lit(True) if read == "instant" else day.dt.year().is_between(*_YEARS)
    return frame.with_columns(told.alias("value"), fault=pl.lit(None, pl.String)).with_columns(
        text=pl.when(~is_none.fill_null(False)).then("text"),
        value=pl.when(~is_none & is_likely).then(value),
    )


def _days(texts: pl.Series, read: str) -> pl.Series:
    frame = pl.DataFrame({"text": texts})
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
    # With a zone it is the day in China, as what a database keeps as an instant.
    zoned = texts.str.contains(_ZONE).fill_null(False).arg_true()
    instants = texts.clear().extend_constant(None, texts.len()).scatter(zoned, texts.gather(zoned))
    days = [
        legal_date(pl.lit(_instants(instants))),
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
    return frame.select(pl.coalesce(days)).to_series()


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
