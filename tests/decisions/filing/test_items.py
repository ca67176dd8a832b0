"""The matter as people write it, by code or by the title that certificates print."""

from __future__ import annotations

import pytest
from shipped import BOOK

from decisions.filing.items import Item, read_item
from decisions.filing.rejections import IntakeError

EVERY_ITEM = dict.fromkeys(
    Item(rules.code, rules.subcategory, rules.level.level) for rules in BOOK.rule_sets
)
DECORATION = Item("S11", "", "二级")


def test_every_item_of_the_standard_is_read_by_its_code_and_by_its_title() -> None:
    for item in EVERY_ITEM:
        title, _ = BOOK.categories[item.category_code].title(item.subcategory)
        for written in (
            str(item),
            f"{title}{item.level}",
            f"{title}{item.level}资质",
            f"{title} {item.level.translate(str.maketrans('一二三', '壹贰叁'))}",
        ):
            assert read_item(written, BOOK) == item, written


def test_no_title_stands_for_two_items() -> None:
    written = [
        f"{BOOK.categories[item.category_code].title(item.subcategory)[0]}{item.level}"
        for item in EVERY_ITEM
    ]
    assert len(written) == len(set(written)) > 100


@pytest.mark.parametrize(
    "typed",
    [
        "s11-二级",
        "S11二级",
        "S11-二级\n",
        "Ｓ１１－二级",
        " S11–二级 ",
        "建筑装修装饰工程专业承包-二级",
        "建筑装修装饰工程 专业承包（二级）",
    ],
)
def test_an_item_is_read_as_people_type_it(typed: str) -> None:
    assert read_item(typed, BOOK) == DECORATION


@pytest.mark.parametrize(
    "typed", ["公路交通工程专业承包公路安全设施二级", "公路交通工程(公路安全设施)专业承包二级"]
)
def test_a_sub_category_stands_before_the_series_or_after_it(typed: str) -> None:
    assert read_item(typed, BOOK) == Item("S18", "公路安全设施", "二级")


def test_of_a_category_without_levels_none_need_be_named() -> None:
    assert read_item("模板脚手架专业承包", BOOK).level == "不分等级"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (
            "建筑装修装饰工程专业承包",
            "S11 未写明等级 S11 names no level；请改填 S11-一级、S11-二级",
        ),
        ("建筑装修装饰工程专业承包三级", "没有此事项 S11-三级"),
        ("公路交通工程专业承包二级", "请改填 S18-公路安全设施-一级、S18-公路安全设施-二级"),
        ("S18-公路绿化-二级", "没有此事项 S18-公路绿化-二级"),
        ("S99-二级", "没有此事项 S99-二级"),
        ("装修二级", "无法识别事项"),
    ],
)
def test_what_the_standard_does_not_have_is_answered_with_what_it_has(
    typed: str, told: str
) -> None:
    with pytest.raises(IntakeError) as error:
        read_item(typed, BOOK)
    assert told in str(error.value)
