"""Files that are out of proportion, packed, or made to do harm: one clear fault, little memory."""

from __future__ import annotations

import gzip
import json
import random
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from deliveries import FIRM, ZHANG, as_bytes, insured, unit
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.adapters import LIMITS, Delivered, DeliveryError, Limits, read_delivery
from assets.adapters.limits import MIB, held
from assets.channels import Feed, load_channels

CHANNELS = load_channels()
INSURANCE = CHANNELS["social_security"].feeds["insurance"]
STATEMENT = CHANNELS["finance"].feeds["statement"]
TITLES = CHANNELS["titles"].feeds["title"]
UNIT = CHANNELS["project_platform"].feeds["unit"]
APPLICATION = CHANNELS["portal"].feeds["application"]


def as_parquet(feed: Feed) -> Feed:
    """The same feed, delivered as Parquet."""
    return feed.model_copy(update={"adapter": "parquet", "encoding": None})


def fault(content: bytes, feed: Feed, limits: Limits = LIMITS) -> tuple[str, str]:
    """The code and the message of the fault, which names the remedy in both languages."""
    with pytest.raises(DeliveryError) as told:
        read_delivery(content, feed, limits)
    message = str(told.value)
    assert "再送" in message or "渠道文件" in message
    assert "send it" in message or "channel file" in message
    return told.value.code.value, message


def zipped(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    memory = BytesIO()
    with zipfile.ZipFile(memory, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return memory.getvalue()


def workbook(rows: list[list[str]], **sheets: list[list[str]]) -> bytes:
    memory = BytesIO()
    with xlsxwriter.Workbook(memory) as book:
        for name, lines in {"Sheet1": rows, **sheets}.items():
            sheet = book.add_worksheet(name)
            for number, line in enumerate(lines):
                for place, cell in enumerate(line):
                    write = sheet.write_formula if cell.startswith("==") else sheet.write_string
                    write(number, place, cell.removeprefix("=") if cell[:2] == "==" else cell)
    return memory.getvalue()


# -- packed


@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        lambda content: zipped({"2017/1.csv": content}),
        lambda content: zipped({"1.CSV": content}, zipfile.ZIP_STORED),
        lambda content: zipped({"1.csv": content}, zipfile.ZIP_LZMA),
        lambda content: zipped({"2017/": b"", "2017/社保.csv": content}),
    ],
)
def test_a_packed_file_reads_as_the_file_in_it(pack: Any) -> None:
    plain = as_bytes(INSURANCE, [insured(), insured(month="201701")])
    assert read_delivery(pack(plain), INSURANCE).frame.equals(read_delivery(plain, INSURANCE).frame)


def test_a_zipped_workbook_reads_as_the_workbook() -> None:
    plain = as_bytes(TITLES, [{"certNo": "T1"}])
    assert read_delivery(zipped({"1.xlsx": plain}), TITLES).frame["certNo"].to_list() == ["T1"]


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ({}, "0 files"),
        ({"1.csv": b"", "2.csv": b""}, "2 files"),
        ({"1.csv": b"", "readme.txt": b""}, "2 files"),
        ({"1.xlsx": b""}, "1.xlsx"),
        ({"1.zip": b""}, "another archive, 1.zip"),
        ({"1.csv": zipped({"1.csv": b"x"})}, "another archive"),
        ({"1.csv": gzip.compress(b"x")}, "another archive"),
    ],
)
def test_an_archive_of_anything_but_one_plain_file_fails(
    entries: dict[str, bytes], told: str
) -> None:
    code, message = fault(zipped(entries), INSURANCE)
    assert code == "archive"
    assert told in message


@pytest.mark.parametrize(
    "name", ["../1.csv", "a/../../1.csv", "/etc/1.csv", "C:\\1.csv", "..\\1.csv", "\\\\h\\s\\1.csv"]
)
def test_a_path_that_leads_out_of_an_archive_fails(name: str) -> None:
    content = zipped({name: as_bytes(INSURANCE, [insured()])})
    assert fault(content, INSURANCE)[0] == "unsafe"


def test_an_encrypted_archive_fails() -> None:
    content = bytearray(zipped({"1.csv": b"x"}))
    content[6] |= 1  # the flag in the local and in the central header
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in fault(bytes(content), INSURANCE)[1]


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped({"1.csv": content})])
@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_an_archive_cut_off_fails(pack: Any, cut: float) -> None:
    content = pack(as_bytes(INSURANCE, [insured(month=f"{n}") for n in range(500)]))
    assert fault(content[: int(len(content) * cut)], INSURANCE)[0] == "unreadable"


def test_a_bit_that_flipped_in_an_archive_fails_its_check_sum() -> None:
    content = bytearray(zipped({"1.csv": as_bytes(INSURANCE, [insured()])}, zipfile.ZIP_STORED))
    content[content.index(b"AAC002") + 100] ^= 1
    assert "CRC" in fault(bytes(content), INSURANCE)[1]


# -- bombs


def test_an_archive_that_unpacks_out_of_proportion_fails_however_it_is_wrapped() -> None:
    nothing = b"," * 1000 + b"\n"
    bomb = nothing * (40 * MIB // len(nothing))
    for content in (gzip.compress(bomb), zipped({"1.csv": bomb})):
        assert len(content) < MIB // 4
        assert fault(content, INSURANCE)[0] == "bomb"
    parts = {"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": bomb}
    assert fault(zipped(parts), TITLES)[0] == "bomb"


def test_an_archive_that_lies_about_its_sizes_is_counted_as_it_unpacks() -> None:
    content = bytearray(zipped({"1.csv": b"0" * (MIB // 2) + b"\n"}))
    central = content.index(b"PK\x01\x02")
    content[central + 24 : central + 28] = (10).to_bytes(4, "little")
    code, _ = fault(bytes(content), INSURANCE, Limits(line_bytes=1000))
    assert code in ("line_too_long", "unreadable")


def test_an_archive_of_very_many_entries_fails() -> None:
    code, message = fault(zipped({f"{n}.csv": b"" for n in range(1001)}), INSURANCE)
    assert (code, "1001 entries" in message) == ("bomb", True)


def test_a_columnar_file_whose_rows_cost_nothing_fails() -> None:
    columns = dict.fromkeys(INSURANCE.columns, "x" * 1000)
    memory = BytesIO()
    pl.select(
        **{c: pl.lit(v).repeat_by(100_000).explode() for c, v in columns.items()}
    ).write_parquet(memory)
    assert len(memory.getvalue()) < 100_000
    parquet = as_parquet(INSURANCE)
    assert fault(memory.getvalue(), parquet, Limits(cells=100_000))[0] == "too_large"
    assert fault(memory.getvalue(), parquet, Limits(file_bytes=10 * MIB))[0] == "too_large"


# -- long lines


def endless(chunk: bytes) -> Iterator[bytes]:
    while True:
        yield chunk


@pytest.mark.parametrize("before", [b"", b"a,b\n1,2\n", b"x" * 9_999 + b"\n" + b"y" * 9_999])
def test_a_line_without_end_is_left_as_soon_as_it_passes_the_bound(before: bytes) -> None:
    seen = 0
    with pytest.raises(DeliveryError, match=f"line {before.count(10) + 1} is longer than 10,000"):
        for chunk in held(
            (c for part in ([before], endless(b"z" * 777)) for c in part),
            Limits(line_bytes=10_000),
            has_lines=True,
        ):
            seen += len(chunk)
    assert seen <= len(before) + 10_777


@given(st.lists(st.binary(max_size=9).map(lambda b: b.replace(b"\n", b"x")), max_size=8), st.data())
@settings(max_examples=200)
def test_a_line_is_too_long_wherever_the_chunks_are_cut(
    lines: list[bytes], data: st.DataObject
) -> None:
    content = b"\n".join(lines)
    limits = Limits(line_bytes=6)
    size = data.draw(st.integers(1, 20))
    chunks = [content[n : n + size] for n in range(0, len(content), size)]
    too_long = any(len(line) > 6 for line in lines)
    try:
        assert b"".join(held(chunks, limits, has_lines=True)) == content
    except DeliveryError as error:
        assert too_long
        number = next(n for n, line in enumerate(lines, start=1) if len(line) > 6)
        assert f"line {number} is" in str(error)
    else:
        assert not too_long


def test_a_quote_that_is_never_closed_fails_the_file() -> None:
    lines = as_bytes(INSURANCE, [insured()] * 4).decode().replace("测试公司", '"测试公司', 1)
    assert "line 1 of the data is never closed" in fault(lines.encode(), INSURANCE)[1]
    many = as_bytes(INSURANCE, [insured()] * 4000).decode().replace("测试公司", '"测试公司', 1)
    assert fault(many.encode(), INSURANCE)[0] == "unreadable"


# -- cells that would run


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+8613800000000", "-2", "=cmd|'/C calc'!A0"])
def test_a_cell_that_looks_like_a_formula_is_text(cell: str) -> None:
    row = insured(AAB004=cell)
    assert read_delivery(as_bytes(INSURANCE, [row]), INSURANCE).frame["AAB004"].item() == cell
    titles = read_delivery(as_bytes(TITLES, [{"certNo": "T1", "corpName": "'" + cell}]), TITLES)
    assert titles.frame["corpName"].item() == "'" + cell


@pytest.mark.parametrize("at", [1, 5000])
def test_a_formula_in_a_workbook_fails_and_names_its_cell(at: int) -> None:
    lines = [["T1"] * len(TITLES.columns) for _ in range(at + 1)]
    lines[0] = list(TITLES.columns)
    lines[at][2] = '==HYPERLINK("http://example.invalid","x")'
    code, message = fault(workbook(lines), TITLES)
    assert code == "formula"
    assert f"the cell C{at + 1} of sheet1.xml holds a formula" in message


@pytest.mark.parametrize("number", [330102198503120013, 330102198503120000, 3.30102e17])
def test_a_number_too_long_for_a_workbook_fails_and_names_its_cell(number: float) -> None:
    """Of an identity number typed as a number three digits are lost, and one in eleven checks."""
    memory = BytesIO()
    with xlsxwriter.Workbook(memory) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, TITLES.columns)
        sheet.write_row(1, 0, ["123456789012345678", 123456789012345, 0.1 + 0.2])
        sheet.write_number(2, 3, number)
    code, message = fault(memory.getvalue(), TITLES)
    assert code == "types"
    assert "the cell D3 of sheet1.xml is a number of more than 15 digits" in message


def test_a_second_sheet_with_the_same_columns_fails_and_one_with_others_does_not_matter() -> None:
    lines = [list(TITLES.columns), ["1"] * len(TITLES.columns)]
    assert fault(workbook(lines, more=lines), TITLES)[0] == "sheets"
    assert read_delivery(workbook(lines, codes=[["a"], ["b"]], empty=[]), TITLES).row_count == 1


# -- XML


LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))


@pytest.mark.parametrize(
    "head",
    [
        f"<!DOCTYPE r [<!ENTITY l0 'lol'>{LAUGHS}]>",
        "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
        "<!DOCTYPE r [<!ENTITY % x SYSTEM 'http://example.invalid/x'> %x;]>",
    ],
)
def test_an_xml_with_entities_fails_unread(head: str) -> None:
    content = as_bytes(UNIT, [unit(SubPrjName="name")]).decode().replace("?>", "?>" + head, 1)
    assert fault(content.replace("name", "&l9;&x;").encode(), UNIT)[0] == "unsafe"


def test_an_entity_that_nothing_declares_fails() -> None:
    content = as_bytes(UNIT, [unit(SubPrjName="name")]).replace(b">name<", b">&l9;<")
    assert fault(content, UNIT)[0] == "unreadable"


def test_an_xml_in_an_encoding_where_a_document_type_could_hide_fails() -> None:
    content = as_bytes(UNIT, [unit()]).replace(b"UTF-8", b"UTF-7")
    assert fault(content, UNIT)[0] == "F-04"


def test_an_xml_in_gbk_is_read() -> None:
    content = as_bytes(UNIT, [unit()]).decode().replace("UTF-8", "GB2312").encode("gbk")
    assert read_delivery(content, UNIT).frame["SubPrjName"].item() == "1号楼"


def test_rows_of_two_names_fail_and_a_row_with_a_cell_twice_is_set_apart() -> None:
    two = as_bytes(UNIT, [unit()]).replace(b"<row>", b"<head/><row>", 1)
    assert "both head and row" in fault(two, UNIT)[1]
    doubled = as_bytes(UNIT, [unit(), unit()]).replace(b"<row>", b"<row><UnitCode>1</UnitCode>", 1)
    delivered = read_delivery(doubled, UNIT)
    assert [(line.row_no, line.reason) for line in delivered.bad] == [(1, "unreadable")]
    assert delivered.frame["row_no"].to_list() == [2]


# -- JSON Lines


@pytest.mark.parametrize("line", [b"[" * 100_000, b'{"kind": 1, "kind": 2}'])
def test_a_line_nested_without_end_or_naming_a_member_twice_is_set_apart(line: bytes) -> None:
    good = as_bytes(APPLICATION, [dict.fromkeys(APPLICATION.columns, "x")])
    delivered = read_delivery(good + line + b"\n", APPLICATION)
    assert [(bad.row_no, bad.reason) for bad in delivered.bad] == [(2, "unreadable")]


# -- Parquet


def parquet(feed: Feed, **columns: pl.Series) -> bytes:
    memory = BytesIO()
    given = {name: pl.Series([None], dtype=pl.String) for name in feed.columns} | columns
    pl.DataFrame(given).write_parquet(memory)
    return memory.getvalue()


def read_parquet(feed: Feed, **columns: pl.Series) -> Delivered:
    return read_delivery(parquet(feed, **columns), as_parquet(feed))


@pytest.mark.parametrize(
    ("value", "dtype", "text"),
    [
        (date(2016, 12, 31), pl.Date(), "2016-12-31"),
        (datetime(2016, 12, 31, 8, 30), pl.Datetime("us"), "2016-12-31 08:30:00"),
        (datetime(2016, 12, 31, 8, 30, tzinfo=UTC), pl.Datetime("us", "UTC"), "2016-12-31 08:30:00+00:00"),
        (True, pl.Boolean(), "1"),
        (False, pl.Boolean(), "0"),
        (-6, pl.Int64(), "-6"),
        (Decimal("1234.50"), pl.Decimal(18, 2), "1234.50"),
        (150000000.0, pl.Float64(), "150000000"),
        (-0.125, pl.Float64(), "-0.125"),
        (100.0, pl.Float64(), "100"),
        (0.0, pl.Float64(), "0"),
        (None, pl.Float64(), None),
        ("年报", pl.Categorical(), "年报"),
    ],
)  # fmt: skip
def test_a_typed_column_reads_as_its_one_text(value: Any, dtype: pl.DataType, text: str) -> None:
    series = pl.Series([value], dtype=dtype)
    assert read_parquet(STATEMENT, asset_zmt=series).frame["asset_zmt"].to_list() == [text]


def test_an_identifier_in_a_floating_point_column_fails_the_file() -> None:
    content = parquet(INSURANCE, AAC002=pl.Series([float(ZHANG)]))
    code, message = fault(content, as_parquet(INSURANCE))
    assert (code, "AAC002: Float64" in message) == ("types", True)


def test_a_nested_column_and_a_column_too_many_fail_the_file() -> None:
    nested = parquet(INSURANCE, AAB004=pl.Series([[FIRM]]))
    assert fault(nested, as_parquet(INSURANCE))[0] == "types"
    more = parquet(INSURANCE, colour=pl.Series(["red"]))
    assert "unknown colour" in fault(more, as_parquet(INSURANCE))[1]


def test_a_renamed_member_of_json_lines_is_told_with_the_one_that_no_line_has() -> None:
    members = {name: "1" for name in APPLICATION.columns if name not in APPLICATION.optional}
    old = next(iter(members))
    renamed = [{f"{old}_new": value, **members} for value in ("1", "2")]
    for line in renamed:
        del line[old]
    content = "\n".join(json.dumps(line, ensure_ascii=False) for line in renamed).encode()
    code, message = fault(content, APPLICATION)
    assert code == "columns"
    assert f"missing {old}, unknown {old}_new" in message


# -- whatever comes


def samples() -> list[tuple[bytes, Feed]]:
    csv = as_bytes(INSURANCE, [insured(month=f"2016{n:02d}") for n in range(1, 13)])
    return [
        (csv, INSURANCE),
        (csv.replace("测试公司".encode(), '"测,试"'.encode()), INSURANCE),
        (gzip.compress(csv), INSURANCE),
        (zipped({"1.csv": csv}), INSURANCE),
        (as_bytes(TITLES, [{"certNo": f"T{n}"} for n in range(9)]), TITLES),
        (as_bytes(UNIT, [unit()] * 9), UNIT),
        (as_bytes(APPLICATION, [dict.fromkeys(APPLICATION.columns, "x")] * 9), APPLICATION),
        (as_bytes(as_parquet(INSURANCE), [insured()] * 9), as_parquet(INSURANCE)),
    ]


@pytest.mark.parametrize("sample", range(8))
def test_however_a_file_is_spoilt_it_is_read_or_fails_and_nothing_else_is_raised(
    sample: int,
) -> None:
    content, feed = samples()[sample]
    draw = random.Random(sample)
    for _ in range(150):
        spoilt = bytearray(content)
        if draw.random() < 0.3:
            del spoilt[draw.randrange(len(spoilt)) :]
        for _ in range(draw.choice([1, 2, 5, 50]) if spoilt else 0):
            spoilt[draw.randrange(len(spoilt))] = draw.choice([0, 10, 34, 255, draw.randrange(256)])
        try:
            read_delivery(bytes(spoilt), feed)
        except DeliveryError as error:
            assert "/" in str(error)
