"""What must hold of the whole rulebook, and that each way of breaking it is told."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped import BOOK

from decisions.rulebook.book import build
from decisions.rulebook.proof import gaps, prove
from decisions.rulebook.reading import parse_file, read_files

TODAY = date(2026, 11, 25)
SINCE = date(2015, 1, 1)
STEEL = "specialty/09-steel-structure.yaml"
PORT = "general/04-port-waterway.yaml"
WATER = "general/05-water-hydropower.yaml"


def test_the_rulebook_is_proven() -> None:
    proof = prove(BOOK, TODAY)
    assert not proof.problems
    assert proof.levels == 127


def problems(name: str, old: str, new: str) -> str:
    """What is told of the rulebook that is shipped, with one text of one file replaced."""
    text = read_files()[name].decode()
    assert old in text, f"{name} does not have {old!r}"
    changed = {name: parse_file(name, text.replace(old, new, 1).encode())}
    return "\n".join(prove(build({**BOOK.files, **changed}), TODAY).problems)


@pytest.mark.parametrize(
    ("name", "old", "new", "complaint"),
    [
        (STEEL, "at_least: 3000 万元", "at_least: 1200 万元", "S09 一级 on 2015-01-01 asks less"),
        (STEEL, "years: 10", "years: 7", "technical_lead: 7 years, 8 below"),
        (STEEL, "钢结构高度 >= 80 米", "钢结构高度 >= 40 米", "performance: 钢结构工程"),
        (STEEL, "钢结构高度 >= 80 米", "钢结构高度 >= 80 层", "unit '层' is not one of 钢结构高度's"),
        (STEEL, "钢结构高度 >= 80 米", "总高 >= 80 米", "codes/metrics.yaml"),
        (STEEL, "kinds: [焊工,", "kinds: [电焊工,", "trades ['电焊工'] are not in codes/people.yaml"),
        (STEEL, "roles: [施工员,", "roles: [工长,", "roles ['工长'] are not in codes/people.yaml"),
        (STEEL, "machine: 超声波探伤仪", "machine: 剪刀", "codes/machines.yaml"),
        (STEEL, "what: 厂房面积", "what: 车间面积", "codes/metrics.yaml"),
        (STEEL, "need: 2", "need: 6", "performance: 6 of 5 classes are needed"),
        (STEEL, "- n: 2", "- n: 1", "are not different"),
        (PORT, "need: 2\n        items", "need: 9\n        items", "9 of 7 items are needed"),
        (PORT, "contracting: [施工]", "contracting: [包工]", "codes/contracting.yaml"),
        (WATER, "classes: [1, 2], at_least: 1", "classes: [1, 9], at_least: 1", "classes [9]"),
        (WATER, "[technical_lead.majors_detail, ", "[", "add technical_lead.majors_detail"),
        ("kinds.yaml", "places: [lowest, higher], valid_from: 2015-01-01, clause: 令22 第二十二条",
         "places: [lowest], valid_from: 2015-01-01, clause: 令22 第二十二条",
         "replacement at the higher level: none row of parts from 2015-01-01"),
        ("kinds.yaml", "assessment: upgrade, places: [higher]",
         "assessment: upgrade, places: [higher, lowest]", "upgrade at the lowest level cannot be"),
        ("kinds.yaml", "assessment: upgrade, places: [higher], valid_from: 2015-01-01",
         "assessment: upgrade, places: [higher], valid_from: 2015-01-01, valid_to: 2016-12-31",
         "upgrade at the higher level: none row of parts from 2017-01-01"),
        ("jurisdiction.yaml", "codes: [S07, S08]", "codes: [S07]", "S08 一级 fits 0 powers"),
        ("jurisdiction.yaml", "codes: [S19, S21], levels: [三级]",
         "codes: [S19, S21, S01], levels: [三级]", "S01 三级 fits 2 powers"),
        ("amendments.yaml", "status: plan", "status: in_force\n  changes_: []", "changes_"),
        ("amendments.yaml", "id: jianshi-2015-177", "id: jianshi-2015-154", "stands twice"),
        ("known_exceptions.yaml", "about: 公路路基", "about: 公路路面",
         "'公路路面': nothing needs it"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(
    name: str, old: str, new: str, complaint: str
) -> None:
    try:
        told = problems(name, old, new)
    except ValueError as error:
        told = str(error)
    assert complaint in told


def test_a_draft_that_would_change_something_is_refused() -> None:
    told = problems(
        "amendments.yaml",
        "status: draft\n  basis: seen\n  sources: []\n  changes: []",
        "status: draft\n  basis: seen\n  sources: []\n  changes: [{remove: equipment}]",
    )
    assert "draft-2022-standard is a draft, which changes nothing" in told


@given(st.lists(st.integers(min_value=1, max_value=400), min_size=1, max_size=6))
def test_intervals_that_follow_each_other_leave_no_day_out_and_none_twice(days: list[int]) -> None:
    starts = [SINCE]
    for length in days:
        starts.append(date.fromordinal(starts[-1].toordinal() + length))
    ends = [date.fromordinal(start.toordinal() - 1) for start in starts[1:]]
    intervals = list(zip(starts, [*ends, None], strict=True))
    assert not list(gaps(intervals, SINCE, TODAY))


def test_a_day_without_an_interval_and_a_day_with_two_are_found() -> None:
    first, later = (SINCE, date(2016, 10, 30)), (date(2016, 11, 1), None)
    assert list(gaps([first, later], SINCE, TODAY)) == [(date(2016, 10, 31), "none")]
    first = (SINCE, date(2016, 11, 1))
    assert list(gaps([first, later], SINCE, TODAY)) == [(date(2016, 11, 1), "more than one")]
    assert list(gaps([first], SINCE, TODAY)) == [(date(2016, 11, 2), "none")]
    assert list(gaps([], SINCE, TODAY)) == [(SINCE, "none")]
