"""Every form a delivery has, and every fault it may have."""

from __future__ import annotations

from base64 import b64encode

import pytest
from deliveries import FIRM, ZHANG, as_bytes, insured, registered, unit

from assets.adapters import BadLine, DeliveryError, read_delivery
from assets.channels import Feed, load_channels

CHANNELS = load_channels()
INSURANCE = CHANNELS["social_security"].feeds["insurance"]
SKILLS = CHANNELS["skills"].feeds["certificate"]
TITLES = CHANNELS["titles"].feeds["title"]
REGISTRATION = CHANNELS["constructor_registry"].feeds["registration"]
UNIT = CHANNELS["project_platform"].feeds["unit"]
APPLICATION = CHANNELS["portal"].feeds["application"]

SKILL = {
    "CertificateNum": "S1",
    "PersonName": "李四",
    "IdentityCard": ZHANG,
    "SkilledTypeNum": "240",
    "SkilledLevelNum": "4",
}


@pytest.mark.parametrize(
    ("feed", "row", "source"),
    [
        (INSURANCE, insured(), "AAB004"),
        (SKILLS, SKILL, "PersonName"),
        (TITLES, {"certNo": "T1", "idCard": ZHANG, "titleMajor": "结构"}, "titleMajor"),
        (REGISTRATION, registered(), "PersonName"),
        (UNIT, unit(FloorCount="18"), "FloorCount"),
        (
            APPLICATION,
            {
                "application_id": "A1",
                "usc_code": FIRM,
                "kind": "升级",
                "category_code": "G01",
                "level": "二级",
                "filed_at": "2017-03-01",
            },
            "kind",
        ),
    ],
)
def test_a_delivery_is_read_as_text_with_every_declared_column(
    feed: Feed, row: dict[str, str], source: str
) -> None:
    delivered = read_delivery(as_bytes(feed, [row, row]), feed)
    assert delivered.frame.columns == ["row_no", *feed.columns]
    assert delivered.frame["row_no"].to_list() == [1, 2]
    assert delivered.frame[source].to_list() == [row[source]] * 2
    assert delivered.row_count == 2


@pytest.mark.parametrize("feed", [INSURANCE, TITLES, REGISTRATION, APPLICATION])
def test_a_delivery_of_no_rows_is_read(feed: Feed) -> None:
    assert read_delivery(as_bytes(feed, []), feed).row_count == 0


def faulty(content: bytes, feed: Feed) -> str:
    with pytest.raises(DeliveryError) as told:
        read_delivery(content, feed)
    message = str(told.value)
    assert "再送" in message or "渠道文件" in message
    assert "send it" in message or "channel file" in message
    return message


# -- CSV


def test_a_file_in_the_wrong_encoding_fails_and_says_which_is_agreed() -> None:
    assert "不是utf-8编码" in faulty(
        as_bytes(INSURANCE, [insured()] * 9).decode().encode("gbk"), INSURANCE
    )
    assert "declared gbk but the file is utf-8" in faulty(
        as_bytes(SKILLS, [SKILL]).decode("gbk").encode(), SKILLS
    )


def test_one_undecodable_line_is_set_apart_and_the_rest_is_read() -> None:
    content = as_bytes(SKILLS, [SKILL] * 3).replace("李".encode("gbk"), b"\xff\xff", 1)
    delivered = read_delivery(content, SKILLS)
    assert [(b.row_no, b.reason) for b in delivered.bad] == [(1, "undecodable")]
    assert delivered.frame["row_no"].to_list() == [2, 3]


@pytest.mark.parametrize("extra", [",too,many", ""])
def test_one_ragged_line_is_set_apart_and_the_rest_keeps_its_row_numbers(extra: str) -> None:
    lines = as_bytes(INSURANCE, [insured()] * 3).decode().split("\n")
    lines[2] = lines[2] + extra if extra else lines[2].rsplit(",", 1)[0]
    delivered = read_delivery("\n".join(lines).encode(), INSURANCE)
    assert delivered.bad == [BadLine(2, "ragged", lines[2])]
    assert delivered.frame["row_no"].to_list() == [1, 3]


@pytest.mark.parametrize(("long", "short"), [(1, 3), (3, 1), (4, 2)])
def test_a_line_too_long_and_one_too_short_are_both_found(long: int, short: int) -> None:
    lines = as_bytes(INSURANCE, [insured()] * 5).decode().split("\n")
    lines[long] += ",9"
    lines[short] = lines[short].rsplit(",", 1)[0]
    delivered = read_delivery("\n".join(lines).encode(), INSURANCE)
    assert {b.row_no for b in delivered.bad} == {long, short}
    assert set(delivered.frame["row_no"]) == {1, 2, 3, 4, 5} - {long, short}


@pytest.mark.parametrize("blank", ["", "\r"])
def test_a_blank_line_does_not_make_up_for_a_line_with_too_many_separators(blank: str) -> None:
    lines = as_bytes(INSURANCE, [insured()] * 4).decode().split("\n")
    width = lines[0].count(",")
    lines[1] += "," * width
    lines.insert(3, blank)
    assert sum(line.count(",") for line in lines) == 6 * width, "as many as six whole lines have"
    delivered = read_delivery("\n".join(lines).encode(), INSURANCE)
    assert delivered.bad == [BadLine(1, "ragged", lines[1])]
    assert delivered.frame["row_no"].to_list() == [2, 3, 4]


def test_a_file_of_nothing_but_its_header_has_no_rows() -> None:
    header = as_bytes(INSURANCE, [])
    for content in (header, header.rstrip(b"\n"), header.replace(b"\n", b"\r\n")):
        assert read_delivery(content, INSURANCE).row_count == 0


def test_quoted_cells_may_hold_separators_and_line_breaks() -> None:
    content = as_bytes(INSURANCE, [insured(), insured(), insured()]).decode()
    content = content.replace("测试公司", '"测试,公司\n分部"', 1).replace(
        "测试公司", '"一,二",三', 1
    )
    delivered = read_delivery(content.encode(), INSURANCE)
    assert delivered.frame["AAB004"].to_list() == ["测试,公司\n分部", "测试公司"]
    assert [(b.row_no, b.reason) for b in delivered.bad] == [(2, "ragged")]


def test_a_byte_order_mark_carriage_returns_and_blank_lines_are_no_data() -> None:
    content = b"\xef\xbb\xbf" + as_bytes(INSURANCE, [insured()] * 2).replace(b"\n", b"\r\n\r\n")
    delivered = read_delivery(content, INSURANCE)
    assert delivered.frame["full_rece_flag"].to_list() == ["1", "1"]
    assert not delivered.bad


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("AAE003", "MONTH", "missing AAE003, unknown MONTH"),
        (",AAE003", "", "missing AAE003"),
        ("AAE003", "AAC002", "doubled AAC002"),
    ],
)
def test_a_column_missing_renamed_or_doubled_fails_the_file(
    before: str, after: str, told: str
) -> None:
    content = as_bytes(INSURANCE, [insured()]).decode().replace(before, after, 1)
    assert told in faulty(content.encode(), INSURANCE)


def test_an_empty_file_has_no_columns() -> None:
    assert "missing" in faulty(b"", INSURANCE)


# -- XLSX


@pytest.mark.parametrize("content", [b"PK\x03\x04 cut off", b"not a workbook"])
def test_a_workbook_that_cannot_be_opened_fails(content: bytes) -> None:
    assert "cannot be opened as xlsx" in faulty(content, TITLES)


def test_a_workbook_cut_off_fails() -> None:
    whole = as_bytes(TITLES, [{"certNo": "T1"}])
    assert "cannot be opened as xlsx" in faulty(whole[: len(whole) // 2], TITLES)


# -- XML


@pytest.mark.parametrize(
    "head", ["<!DOCTYPE a [<!ENTITY x 'y'>]>", "<!DOCTYPE a SYSTEM 'http://example.invalid/a.dtd'>"]
)
def test_an_xml_with_a_document_type_is_refused(head: str) -> None:
    content = as_bytes(UNIT, [unit()]).replace(b"?>", b"?>" + head.encode(), 1)
    assert "declares a document type or entities" in faulty(content, UNIT)


def test_an_xml_in_an_encoding_that_could_hide_a_document_type_is_refused() -> None:
    assert "declares" in faulty(
        as_bytes(UNIT, [unit()]).decode().replace("UTF-8", "UTF-16").encode("utf-16"), UNIT
    )


def test_an_xml_cut_off_fails_and_says_where() -> None:
    content = as_bytes(UNIT, [unit()] * 5)
    assert "cut off or broken" in faulty(content[:-40], UNIT)


def test_an_unknown_element_fails_the_file() -> None:
    assert "unknown Works" in faulty(as_bytes(UNIT, [unit(Works="x")]), UNIT)


def test_a_mandatory_element_missing_from_every_record_fails_the_file() -> None:
    row = unit()
    del row["UnitCode"]
    assert "missing UnitCode" in faulty(as_bytes(UNIT, [row]), UNIT)


def test_an_element_may_be_left_out_of_a_record() -> None:
    delivered = read_delivery(as_bytes(UNIT, [unit(FloorCount="18"), unit()]), UNIT)
    assert delivered.frame["FloorCount"].to_list() == ["18", None]


@pytest.mark.parametrize("rows", ["<other/><row/>", "<row/><other/>", "<row/><other/><row/>"])
def test_a_root_that_holds_anything_but_rows_fails(rows: str) -> None:
    told = faulty(f"<root>{rows}</root>".encode(), UNIT)
    assert "the root holds both" in told


def test_a_row_within_a_row_is_set_apart_with_the_row_it_stands_in() -> None:
    whole = as_bytes(UNIT, [unit(), unit()])
    nested = whole.replace(b"</row>", b"<row><UnitCode>U9</UnitCode></row></row>", 1)
    delivered = read_delivery(nested, UNIT)
    assert [(line.row_no, line.reason) for line in delivered.bad] == [(1, "unreadable")]
    assert delivered.frame["row_no"].to_list() == [2]


def test_a_root_without_rows_is_a_delivery_of_none() -> None:
    assert read_delivery(b"<root/>", UNIT).row_count == 0


IN_BASE64 = UNIT.model_copy(update={"encoding": "gbk"})
"""As the project platform answers: the values are base64 of GBK."""


def in_base64(text: str, encoding: str = "gbk") -> str:
    return b64encode(text.encode(encoding)).decode()


def packed(*names: str, encoding: str = "gbk") -> bytes:
    rows = [
        {key: in_base64(value, encoding) for key, value in unit(SubPrjName=name).items()}
        for name in names
    ]
    return as_bytes(IN_BASE64, rows)


def test_values_in_base64_are_read_as_the_text_they_hold() -> None:
    delivered = read_delivery(packed("办公楼", "厂房"), IN_BASE64)
    assert delivered.frame.equals(
        read_delivery(as_bytes(UNIT, [unit(SubPrjName=n) for n in ("办公楼", "厂房")]), UNIT).frame
    )
    wrapped = packed("办公楼").replace(in_base64("办公楼").encode(), b"\n sOy5\n q8Kl ")
    assert read_delivery(wrapped, IN_BASE64).frame["SubPrjName"].to_list() == ["办公楼"]


@pytest.mark.parametrize("value", ["sOy5q8K", "=", "办公楼", "gf8="])
def test_a_row_with_a_value_that_is_no_base64_or_does_not_decode_is_set_apart(value: str) -> None:
    content = packed("厂房", "办公楼").replace(in_base64("办公楼").encode(), value.encode())
    delivered = read_delivery(content, IN_BASE64)
    assert [(line.row_no, line.reason) for line in delivered.bad] == [(2, "undecodable")]
    assert value in delivered.bad[0].text
    assert delivered.frame["row_no"].to_list() == [1]


def test_values_that_are_base64_of_another_encoding_fail_and_say_which_is_agreed() -> None:
    assert "declared gbk but the file is utf-8" in faulty(
        packed("办公楼", encoding="utf-8"), IN_BASE64
    )
    plain = as_bytes(UNIT, [unit(SubPrjName="办公楼")] * 4)
    assert "4 rows from row 1 on are not gbk" in faulty(plain, IN_BASE64)


# -- JSON Lines


def test_numbers_of_json_keep_their_digits() -> None:
    content = b'{"application_id": 12345678901234567890, "usc_code": null, "kind": "x", "category_code": "y", "level": 1.50, "filed_at": true}\n'
    row = read_delivery(content.replace(b"null", b'"u"'), APPLICATION).frame.row(0, named=True)
    assert (row["application_id"], row["level"], row["filed_at"]) == (
        "12345678901234567890",
        "1.50",
        "true",
    )


def test_one_line_that_is_no_json_is_set_apart() -> None:
    whole = as_bytes(APPLICATION, [dict.fromkeys(APPLICATION.columns, "x")])
    delivered = read_delivery(whole + b"{cut off\n" + b"[1]\n" + b"\xff\n" + whole, APPLICATION)
    assert [(b.row_no, b.reason) for b in delivered.bad] == [
        (2, "unreadable"),
        (3, "unreadable"),
        (4, "undecodable"),
    ]
    assert delivered.frame["row_no"].to_list() == [1, 5]


def test_a_file_without_any_json_object_fails() -> None:
    assert "no line is a JSON object;" in faulty(b"a,b\n1,2\n", APPLICATION)


def test_json_in_another_encoding_fails_and_says_which_is_agreed() -> None:
    line = '{"application_id": "SQ1", "kind": "首次申请"}\n'.encode("gbk")
    message = faulty(line * 2, APPLICATION)
    assert message.startswith("[F-04]")
    assert "export it again as utf-8" in message


def test_an_unknown_member_fails_the_file() -> None:
    assert "unknown colour" in faulty(b'{"colour": "red"}\n', APPLICATION)
