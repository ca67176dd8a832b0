"""What stands on the page, read back by a second reader of PDF."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
import typst

from certificates.issuing.titles import category_title, titles
from certificates.layout import (
    ZHEJIANG,
    Face,
    Listed,
    money,
    seal_picture,
    typeset,
    verification_text,
)

AT = datetime(2017, 3, 1, 2, 0, tzinfo=UTC)
CODES = tuple(titles())


def face(count: int = 3, **given: Any) -> Face:
    rows = tuple(
        Listed(*category_title(CODES[index % 48]), "二级", date(2017, 3, 1), date(2022, 2, 28))
        for index in range(count)
    )
    values: dict[str, Any] = {
        "certificate_no": "D233000018",
        "version": 1,
        "usc_code": "91330199MA2A00018R",
        "enterprise_name": "杭州新安江建设有限公司",
        "address": "杭州市西湖区文三路1号",
        "legal_representative": "甲某",
        "registered_capital_yuan": Decimal("20000000.00"),
        "economic_type": "有限责任公司",
        "qualifications": rows,
        "valid_until": date(2022, 2, 28),
        "issued_on": date(2017, 3, 1),
        "effect": "new_certificate",
        "application_id": "A000001",
        "authority": ZHEJIANG,
        "is_sample": True,
    }
    return Face(**{**values, **given})


def text(pdf: bytes) -> str:
    """The page's text without blanks: lines break where they like."""
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return re.sub(r"\s", "", document[0].get_textpage().get_text_bounded())


@pytest.mark.provision("G3")
def test_every_field_of_the_law_is_on_the_page() -> None:
    page = text(typeset(face(), b"{}", AT))
    for printed in (
        "建筑业企业资质证书",
        "副本",
        "杭州新安江建设有限公司",
        "91330199MA2A00018R",
        "杭州市西湖区文三路1号",
        "甲某",
        "2,000万元人民币",
        "有限责任公司",
        "D233000018",
        "2022年2月28日",
        "浙江省住房和城乡建设厅",
        "2017年3月1日",
        "建筑工程施工总承包",
        "Buildingworks,generalcontracting",
        "2017-03-01",
        "样本",
        "A000001",
        "首次申请",
    ):
        assert printed in page, printed


def test_the_same_face_gives_the_same_bytes() -> None:
    first = typeset(face(), b"{}", AT)
    typeset(face(7, enterprise_name="别的企业"), b"{}", AT)
    assert typeset(face(), b"{}", AT) == first


def test_a_production_certificate_is_not_marked_as_a_sample() -> None:
    assert "样本" not in text(typeset(face(is_sample=False), b"{}", AT))


@pytest.mark.parametrize("count", [1, 8, 9, 15, 16, 30])
def test_up_to_thirty_qualifications_are_all_on_one_page(count: int) -> None:
    page = text(typeset(face(count), b"{}", AT))
    for code in CODES[:count]:
        assert category_title(code)[0] in page


def test_the_longest_names_fit_their_places() -> None:
    name = "浙江" + "某" * 90 + "有限公司"
    page = text(
        typeset(
            face(30, enterprise_name=name, address="路" * 120, legal_representative="阿" * 40),
            b"{}",
            AT,
        )
    )
    assert name in page


def test_what_fits_nowhere_is_an_error_and_not_a_second_page() -> None:
    with pytest.raises(typst.TypstError, match="does not fit"):
        typeset(face(enterprise_name="某" * 3000), b"{}", AT)


def test_values_are_text_and_never_markup() -> None:
    hostile = '#panic("x") *b* $x$ \\ "] @a <b> //c'
    assert re.sub(r"\s", "", hostile) in text(
        typeset(face(enterprise_name=hostile), b"{}", AT)
    ).replace("“", '"').replace("”", '"')


def test_missing_values_are_a_dash() -> None:
    page = text(
        typeset(face(address=None, registered_capital_yuan=None, economic_type=None), b"{}", AT)
    )
    assert page.count("—") == 3


@pytest.mark.provision("H6")
def test_the_file_claims_pdf_a_3b_and_embeds_its_fonts() -> None:
    pdf = typeset(face(), b"{}", AT)
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf
    assert re.search(rb"/FontFile[23]", pdf) or b"/ObjStm" in pdf


@pytest.mark.provision("G2", "G13")
def test_the_qr_code_names_the_file_and_leads_where_told() -> None:
    assert verification_text(face(), "abc") == "miaoban:verify?no=D233000018&version=1&digest=abc"
    told = verification_text(face(verification_url="https://example.org/v"), "abc")
    assert told == "https://example.org/v?no=D233000018&version=1&digest=abc"


@pytest.mark.parametrize(
    ("yuan", "printed"),
    [
        ("20000000.00", "2,000 万元人民币"),
        ("12345678.90", "1,234.56789 万元人民币"),
        ("0.00", "0 万元人民币"),
    ],
)
def test_money_is_printed_exactly(yuan: str, printed: str) -> None:
    assert money(Decimal(yuan)) == printed


def test_the_seal_picture_says_sample_only_on_a_sample() -> None:
    assert "样本" in text(seal_picture(ZHEJIANG.zh, is_sample=True))
    assert "样本" not in text(seal_picture(ZHEJIANG.zh, is_sample=False))


def test_there_are_forty_eight_categories_and_sub_categories_stand_in_brackets() -> None:
    assert len(CODES) == 48
    assert all(zh.endswith(("施工总承包", "专业承包")) for zh, _ in titles().values())
    assert category_title("S18", "公路安全设施")[0] == "公路交通工程（公路安全设施）专业承包"
