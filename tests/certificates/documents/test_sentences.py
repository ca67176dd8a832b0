"""What decided a case is told in a sentence: required, shown by the data, short by how much."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from shipped import BOOK

from certificates.documents.sentences import gap, sentence, short_by
from decisions.english import chinese, english
from decisions.rulebook.texts import describe
from decisions.words import Words


def told(text: str) -> Words:
    return Words(chinese(text), english(text))


def test_a_head_count_names_the_required_the_shown_and_the_missing() -> None:
    said = sentence(told("≥ 10人"), told("9人"), told("缺1人 short by 1"), "not_met")
    assert said == Words(
        "本项要求“不少于10人”，现有数据为“9人”，缺1人。",
        "The requirement is “at least 10 people”; the data show “9 people”; short by 1.",
    )


@pytest.mark.parametrize(
    ("required", "actual", "zh", "en"),
    [
        ("≥ 200 万元", "199.9999 万元（财务报表 statement）", "缺0.0001 万元", "short by 1 yuan"),
        ("≥ 8年", "7年", "缺1年", "short by 1 year"),
        ("本类别标准业绩 ≥ 2项", "0项", "缺2项", "short by 2 works"),
        (
            "近5年业绩，4类中至少2类 in the last 5 years at least 2 of 4 classes",
            "1类",
            "缺1类",
            "short by 1 class",
        ),
        ("民用建筑工程（地上层数 ≥ 12） ≥ 1项", "0项", "缺1项", "short by 1 works"),
    ],
)
def test_what_is_short_is_told_where_requirement_and_data_are_one_figure(
    required: str, actual: str, zh: str, en: str
) -> None:
    assert gap(told(required).zh, told(actual).zh) == Words(zh, en)
    assert zh in sentence(told(required), told(actual), None, "not_met").zh


@pytest.mark.parametrize(
    ("required", "actual"),
    [
        ("≥ 10人", "10人"),
        ("≥ 10人", "11人"),
        ("≥ 10人", "无数据 no data"),
        ("≥ 200 万元", "199 米"),
        ("民用建筑工程（地上层数 ≥ 12） ≥ 1项 / 民用建筑工程 ≥ 2项", "0项 / 0项"),
        ("各项均符合 every one of them", "8项中7项符合 met in 7 of 8"),
        ("无 none", "转包或违法分包（温建罚字(2016)第0002740号，2016-02-26）"),
    ],
)
def test_elsewhere_nothing_is_made_up(required: str, actual: str) -> None:
    assert gap(told(required).zh, told(actual).zh) is None


@pytest.mark.parametrize(
    ("short", "required", "zh", "en"),
    [
        ("7579.0", "≥ 200 万元", "缺7579 万元", "short by 75,790,000 yuan"),
        ("1.0", "≥ 8年", "缺1年", "short by 1 year"),
        ("2.0", "各项均符合", "缺2", "short by 2"),
    ],
)
def test_a_number_that_is_short_is_told_in_the_unit_of_what_is_required(
    short: str, required: str, zh: str, en: str
) -> None:
    assert short_by(Decimal(short), required) == Words(zh, en)


def test_of_what_is_not_known_nobody_says_what_is_short() -> None:
    note = told("1人待核 not yet known: 1（社会保险数据未到 insurance not delivered）")
    said = sentence(told("≥ 15人"), told("14人（至多15人 possibly 15）"), note, "no_data")
    assert said == Words(
        "本项要求“不少于15人”，现有数据为“14人（至多15人）”，1人待核（社会保险数据未到）。",
        "The requirement is “at least 15 people”; the data show “14 people (possibly 15)”; "
        "not yet known: 1 (insurance not delivered).",
    )


def test_every_single_figure_of_the_standard_can_be_short() -> None:
    """One less than what any rule asks, in its own unit, is short by one of it."""
    figures = 0
    for rules in BOOK.rule_sets:
        for text in describe(rules):
            found = re.search(
                r"(?:≥ ?|至少)(\d+(?:\.\d+)?)( ?[^\s\d（）]*)$", chinese(text.required)
            )
            if found is None or " / " in text.required:
                continue
            figures += 1
            short = gap(chinese(text.required), f"{Decimal(found[1]) - 1}{found[2]}")
            assert short is not None, text.required
            assert short.zh == f"缺1{found[2]}", text.required
    assert figures > 1000
