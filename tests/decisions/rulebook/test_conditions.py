"""Conditions of the text read as intervals and sets of labels."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped import BOOK

from decisions.rulebook.conditions import ALWAYS, Atom, parse
from decisions.rulebook.errors import RulebookError

METRICS = BOOK.codes.metrics


def test_an_empty_condition_always_holds() -> None:
    assert parse("", METRICS, "here") == ALWAYS


def test_a_number_is_stored_in_the_one_unit_of_its_metric() -> None:
    assert parse("单体建筑面积 >= 1.2 万平方米", METRICS, "here") == (
        (Atom("单体建筑面积", low=Decimal("12000.0")),),
    )


def test_a_range_writes_its_unit_once_and_excludes_what_it_says_it_excludes() -> None:
    ((atom,),) = parse("0.6 <= 单体建筑面积 < 1 万平方米", METRICS, "here")
    assert (atom.low, atom.is_low_open, atom.high, atom.is_high_open) == (
        Decimal("6000.0"),
        False,
        Decimal(10_000),
        True,
    )


def test_and_binds_closer_than_or() -> None:
    first, second = parse("直径 >= 1 米 or 方沟净宽 >= 1 米 and 长度 >= 2 公里", METRICS, "here")
    assert [atom.metric for atom in first] == ["直径"]
    assert [atom.metric for atom in second] == ["方沟净宽", "长度"]


def test_parentheses_bind_before_and() -> None:
    first, second = parse("(直径 >= 1 米 or 方沟净宽 >= 1 米) and 长度 >= 2 公里", METRICS, "here")
    assert {atom.metric for atom in first} == {"直径", "长度"}
    assert {atom.metric for atom in second} == {"方沟净宽", "长度"}


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("道路等级 >= 次干道", ("快速路", "主干道", "次干道")),
        ("道路等级 > 次干道", ("快速路", "主干道")),
        ("道路等级 <= 主干道", ("主干道", "次干道", "支路")),
        ("道路等级 == 主干道", ("主干道",)),
        ("道路等级 != 快速路", ("主干道", "次干道", "支路")),
        ("道路等级 in [次干道, 支路]", ("次干道", "支路")),
    ],
)
def test_labels_with_an_order_are_compared_by_rank(text: str, allowed: tuple[str, ...]) -> None:
    ((atom,),) = parse(text, METRICS, "here")
    assert atom.labels == allowed


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("层高 >= 3 米", "codes/metrics.yaml"),
        ("单跨跨度 >= 3 公顷", "unit"),
        ("道路等级 >= 国道", "order"),
        ("水域 == 海港", "labels"),
        ("水域 in [沿海, 海港]", "labels"),
        ("大于三米", "cannot read"),
        ("单跨跨度 != 3 米", "!="),
    ],
)
def test_what_cannot_be_read_says_where_and_what_is_allowed(text: str, complaint: str) -> None:
    with pytest.raises(RulebookError, match=complaint) as error:
        parse(text, METRICS, "G99 一级")
    assert "G99 一级" in str(error.value)


@given(st.decimals(min_value=0, max_value=10**6, places=2))
def test_every_amount_of_wan_yuan_is_ten_thousand_times_as_many_yuan(number: Decimal) -> None:
    ((atom,),) = parse(f"单项合同额 <= {number} 万元", METRICS, "here")
    assert atom.high == number * 10_000
