"""The rulebook as read: one rule set for each level and day, dated changes, clear errors."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from shipped import BOOK

import decisions
from assets.tables.common import SUBCATEGORIES
from decisions.rulebook import Rulebook, RuleSet, load
from decisions.rulebook.errors import RulebookError
from decisions.rulebook.tables import compile_tables

TODAY = date(2026, 11, 25)
LEVELS = sorted({(one.code, one.subcategory, one.level.level) for one in BOOK.rule_sets})


@pytest.mark.parametrize("level", LEVELS, ids=" ".join)
def test_every_day_since_the_standard_has_exactly_one_rule_set(level: tuple[str, str, str]) -> None:
    mine = sorted(
        (one for one in BOOK.rule_sets if (one.code, one.subcategory, one.level.level) == level),
        key=lambda one: one.valid_from,
    )
    assert mine[0].valid_from == date(2015, 1, 1)
    assert mine[-1].valid_to is None
    for earlier, later in pairwise(mine):
        assert earlier.valid_to is not None
        assert later.valid_from == earlier.valid_to + timedelta(days=1)


def test_the_sub_categories_that_a_row_may_name_are_those_of_the_rulebook() -> None:
    assert {(code, kind) for code, kind, _ in LEVELS if kind} == {
        ("S18", kind) for kind in SUBCATEGORIES
    }


def rules(code: str, level: str, on: date) -> RuleSet:
    return BOOK.rule_set(code, "", level, on)


@pytest.mark.provision("F2")
@pytest.mark.parametrize("code", ["G01", "G10", "S04", "S11"])
def test_from_november_2016_people_are_no_longer_assessed_above_the_lowest_level(code: str) -> None:
    before, after = rules(code, "一级", date(2016, 10, 31)), rules(code, "一级", date(2016, 11, 1))
    assert before.level.requirements.skilled_workers is not None
    gone = after.level.requirements
    assert (gone.constructors, gone.titled_staff, gone.site_managers, gone.skilled_workers) == (
        None,
    ) * 4
    assert gone.technical_lead == before.level.requirements.technical_lead
    assert "jianshi-2016-226" in after.amendments


@pytest.mark.provision("F3")
@pytest.mark.parametrize(
    ("code", "lowest"), [("G01", "三级"), ("G10", "三级"), ("S04", "二级"), ("S11", "二级")]
)
def test_site_managers_of_the_lowest_level_are_assessed_until_4_november_2018(
    code: str, lowest: str
) -> None:
    assert rules(code, lowest, date(2018, 11, 4)).level.requirements.site_managers is not None
    assert rules(code, lowest, date(2018, 11, 5)).level.requirements.site_managers is None


@pytest.mark.provision("F11", "J8")
def test_constructors_of_the_first_level_return_on_15_september_2023() -> None:
    assert rules("S11", "一级", date(2023, 9, 14)).level.requirements.constructors is None
    since = rules("S11", "一级", date(2023, 9, 15)).level.requirements
    assert (
        since.constructors
        == rules("S11", "一级", date(2016, 10, 31)).level.requirements.constructors
    )
    assert (since.titled_staff, since.site_managers, since.skilled_workers) == (None,) * 3


@pytest.mark.provision("F2")
def test_the_scope_of_the_second_level_of_building_works_grows_on_the_day_of_the_notice() -> None:
    before = [limit.where for limit in rules("G01", "二级", date(2016, 10, 31)).level.scope.lines()]
    after = [limit.where for limit in rules("G01", "二级", date(2016, 11, 1)).level.scope.lines()]
    assert "单体建筑面积 <= 4 万平方米" in before
    assert "建筑面积 <= 15 万平方米" in after
    assert len(before) == len(after) == 4


@pytest.mark.provision("F2")
def test_a_level_that_cites_another_changes_with_it() -> None:
    """G01 三级 asks its leader for projects by the figures of 二级, which 226号 changed."""
    before, after = (
        rules("G01", "三级", date(2016, 10, 31)),
        rules("G01", "三级", date(2016, 11, 1)),
    )
    assert before.level.requirements == after.level.requirements
    assert before.cited != after.cited
    assert before.digest != after.digest


@pytest.mark.provision("F7", "F12")
def test_drafts_change_nothing() -> None:
    assert all("draft" not in name for one in BOOK.rule_sets for name in one.amendments)


def test_the_digest_names_the_same_rules_in_every_process_and_nothing_else() -> None:
    again = load()
    assert [one.digest for one in again.rule_sets] == [one.digest for one in BOOK.rule_sets]
    assert len({one.digest for one in BOOK.rule_sets}) == len(BOOK.rule_sets)
    one = BOOK.rule_sets[0]
    assert BOOK.canonical_json_by_digest(one.digest) == one.canonical_json


def test_every_figure_carries_a_clause_and_a_basis() -> None:
    criteria = compile_tables(BOOK).criteria
    assert criteria.filter((criteria["clause"] == "") | (criteria["basis"] == "")).is_empty()


def table_a() -> dict[tuple[str, str], str]:
    """Who decides, as the table of tests/facts says: letter by category and level."""
    path = Path(__file__).parents[2] / "facts" / "jurisdiction.yaml"
    table = yaml.safe_load(path.read_text(encoding="utf-8"))
    found = {
        (code, level): letter
        for code, letters in table["decided_by"].items()
        for level, letter in zip(table["levels"], letters, strict=False)
    }
    return found | {(code, "不分等级"): one for code, one in table["without_levels"].items()}


@pytest.mark.provision("A1", "A2", "A3", "A4", "A6")
def test_every_level_is_decided_by_the_authority_that_the_regulation_names() -> None:
    names = {"M": "ministry", "P": "province", "C": "city"}
    expected = table_a()
    assert {(code, level) for code, _, level in LEVELS} == set(expected)
    decided = {pair: BOOK.power(*pair) for pair in expected}
    assert {pair: power.authority for pair, power in decided.items() if power} == {
        pair: names[letter[0]] for pair, letter in expected.items()
    }
    assert {pair for pair, power in decided.items() if power and power.doubt} == {
        pair for pair, letter in expected.items() if letter.endswith("*")
    }
    assert (
        sum(power is not None and power.authority == "province" for power in decided.values()) == 58
    )


@pytest.mark.provision("A1")
def test_the_highest_level_of_ten_general_categories_is_the_ministrys() -> None:
    highest = {code for code in BOOK.categories if BOOK.power(code, "特级") is not None}
    assert highest == {f"G{number:02}" for number in range(1, 11)}


@pytest.mark.provision("A4", "J1")
def test_a_pair_in_doubt_may_be_settled_otherwise_and_no_other() -> None:
    book = load(decided_by={"S07 一级": "province"})
    settled, other = book.power("S07", "一级"), book.power("S08", "一级")
    assert settled is not None and settled.authority == "province"
    assert other is not None and other.authority == "ministry"
    with pytest.raises(RulebookError, match="not in doubt"):
        load(decided_by={"G01 一级": "province"})


# -- errors --------------------------------------------------------------------------


@pytest.fixture
def standards(tmp_path: Path) -> Path:
    source = Path(decisions.__file__).parent / "standards"
    return Path(shutil.copytree(source, tmp_path / "standards"))


def broken(standards: Path, name: str, old: str, new: str) -> Rulebook:
    path = standards / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    book = load(standards)
    compile_tables(book)
    return book


DECORATION = "specialty/11-building-decoration.yaml"


@pytest.mark.parametrize(
    ("name", "old", "new", "complaint"),
    [
        (
            DECORATION,
            "at_least: 1500 万元",
            "atleast: 1500 万元",
            "11-building-decoration.yaml: levels.0.requirements.net_assets",
        ),
        (
            DECORATION,
            "grade: 一级",
            "grade: 甲级",
            "levels.0.requirements.constructors.rows.0.grade",
        ),
        (DECORATION, "basis: seen", "basis: sure", "basis"),
        (DECORATION, "works: 建筑装修装饰工程", "works: 装修", "codes/works.yaml"),
        (DECORATION, "majors: [建筑美术设计,", "majors: [美术,", "codes/people.yaml"),
        (DECORATION, "单项合同额 >= 1500 万元", "合同总价 >= 1500 万元", "codes/metrics.yaml"),
        (DECORATION, "code: S11", "code: X11", "code"),
        (
            "amendments.yaml",
            "单体建筑面积 <= 4 万平方米",
            "单体建筑面积 <= 5 万平方米",
            "the scope has no line",
        ),
        ("amendments.yaml", "n: 3", "n: 9", "no performance class 9"),
        ("kinds.yaml", "{first: 1,", "{first: one,", "kinds.yaml: social_insurance_months.first"),
        (
            "jurisdiction.yaml",
            "authority: province",
            "authority: county",
            "jurisdiction.yaml: powers",
        ),
        (DECORATION, "levels:", "levels: [", "not YAML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_the_path_and_what_is_wrong(
    standards: Path, name: str, old: str, new: str, complaint: str
) -> None:
    with pytest.raises(RulebookError) as error:
        broken(standards, name, old, new)
    assert complaint in str(error.value)


def test_the_net_assets_of_a_level_held_are_those_of_its_text() -> None:
    """One place for the figure; a level whose figure nobody found has none, and never grants."""
    tables = compile_tables(BOOK)
    named = ["category_code", "subcategory", "level"]
    unknown = {
        (one.code, one.subcategory, one.level.level)
        for one in BOOK.rule_sets
        if "net_assets" in one.level.unknown
    }
    held = set(tables.held_net_assets.select(named).unique().iter_rows())
    assert held | unknown == set(LEVELS)
    assert not held & unknown
    assert len(held) == 120
