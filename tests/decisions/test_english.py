"""English of the names: every name of the standard has it, and no criterion is told by halves."""

from __future__ import annotations

import re

import pytest
from shipped import BOOK

from assets.tables.credit import ACTS
from decisions.admission import switch_words
from decisions.article_23 import OTHER
from decisions.english import chinese, english, in_number, names
from decisions.rulebook.texts import describe

HAN = re.compile("[\u3400-\u9fff]")
LATIN_WORD = re.compile("[a-z]{3,}")


def test_every_name_of_works_measures_machines_and_people_has_its_english() -> None:
    codes = BOOK.codes
    people = codes.people
    asked = {
        *codes.works_below,
        *codes.machines_below,
        *codes.metrics,
        *(label for metric in codes.metrics.values() for label in metric.order),
        *(unit for metric in codes.metrics.values() for unit in (metric.unit,) if unit),
        *people.constructor_specialties,
        *people.roles,
        *people.trades,
        *people.registrations,
        *people.plain_majors,
        *people.majors,
        *(one for major in people.majors.values() for one in major.covers),
        *people.title_ranks,
        *people.skill_ranks,
        *(act for act in ACTS if act != OTHER),
    }
    assert [name for name in sorted(asked - set(names())) if HAN.search(name)] == []


def test_no_criterion_of_any_level_on_any_day_mixes_the_languages() -> None:
    texts = {text for rules in BOOK.rule_sets for text in describe(rules)}
    mixed = {
        text.criterion: told
        for text in texts
        for told in (text.en, english(text.required))
        if HAN.search(told)
    }
    assert mixed == {}
    assert [text.zh for text in texts if LATIN_WORD.search(text.zh + chinese(text.required))] == []


def test_no_switch_mixes_the_languages() -> None:
    asked = switch_words().rows(named=True)
    assert [one["en"] for one in asked if HAN.search(one["en"] + english(one["required"]))] == []
    assert [
        one["zh"] for one in asked if LATIN_WORD.search(one["zh"] + chinese(one["required"]))
    ] == []


def test_what_is_nobodys_vocabulary_stays_as_it_is_and_whole() -> None:
    assert english("温州市人民政府项目组 一级") == "温州市人民政府项目组 一级"
    assert english("91330100MA2700001X") == "91330100MA2700001X"
    assert english("") == ""


def test_english_that_begins_with_an_article_is_no_chinese() -> None:
    text = "分支机构不得申请，请由所属企业申请 a branch cannot apply: its legal person can"
    assert chinese(text) == "分支机构不得申请，请由所属企业申请"
    assert english(text) == "a branch cannot apply: its legal person can"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("at least 1 people", "at least 1 person"),
        ("short by 1 classes", "short by 1 class"),
        ("1 classes of 1 classes", "1 class of 1 class"),
        ("≥ 11 people", "≥ 11 people"),
        ("0.1 years", "0.1 years"),
        ("2.1 years", "2.1 years"),
        ("31,1 people", "31,1 people"),
        ("1 works", "1 works"),
    ],
)
def test_what_is_printed_of_one_thing_is_in_the_singular(text: str, printed: str) -> None:
    assert in_number(text) == printed


def test_ten_thousands_are_written_out() -> None:
    assert english("≥ 4000 万元") == "≥ 40,000,000 yuan"
    assert english("≥ 0.5 万吨/日") == "≥ 5,000 t/day"
    assert english("0.6 ≤ 建筑面积 < 1 万平方米") == "6,000 ≤ floor area < 10,000 m²"
    assert english("27 ≤ 单跨跨度 < 30 米") == "27 ≤ single span < 30 m"
