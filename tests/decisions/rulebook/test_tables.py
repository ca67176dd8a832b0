"""What the text says in its less common shapes, as the tables the engine reads."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from shipped import BOOK

from decisions.rulebook import RuleSet
from decisions.rulebook.codes import UNLISTED_KIND
from decisions.rulebook.frames import JOINT, SCHEMAS
from decisions.rulebook.model import PARTS
from decisions.rulebook.tables import compile_tables
from decisions.rulebook.texts import SHAPES

TABLES = compile_tables(BOOK)
TEXT_OF_2014 = date(2015, 1, 1)


def rules(code: str, level: str, subcategory: str = "", on: date = TEXT_OF_2014) -> RuleSet:
    return BOOK.rule_set(code, subcategory, level, on)


def rows(table: str, of: RuleSet) -> list[dict[str, Any]]:
    frame: pl.DataFrame = getattr(TABLES, table)
    return frame.filter(pl.col("digest") == of.digest).to_dicts()


def cell(number: int) -> list[dict[str, Any]]:
    return TABLES.cells.filter(pl.col("cell") == number).to_dicts()


def lines(of: RuleSet, purpose: str) -> list[dict[str, Any]]:
    return [row for row in rows("lines", of) if row["purpose"] == purpose]


def atoms(line_id: int) -> list[dict[str, Any]]:
    return TABLES.atoms.filter(pl.col("line_id") == line_id).sort("conjunction", "atom").to_dicts()


def names(line_id: int, table: str = "line_names") -> set[str]:
    frame: pl.DataFrame = getattr(TABLES, table)
    return set(frame.filter(pl.col("line_id") == line_id)["name"])


def test_every_table_has_the_columns_that_are_declared() -> None:
    for name, schema in SCHEMAS.items():
        assert dict(getattr(TABLES, name).schema) == schema, name


@pytest.mark.parametrize("of", BOOK.rule_sets, ids=lambda of: f"{of.name} {of.valid_from}")
def test_no_part_of_a_level_is_dropped(of: RuleSet) -> None:
    """A part that no evaluator knows is still a criterion, and without an answer never grants."""
    stated = {part for part in PARTS if getattr(of.level.requirements, part) is not None}
    missing = {name.rstrip("?") for name in of.level.unknown if "." not in name.rstrip("?")}
    parents = {row["part"]: row for row in rows("criteria", of) if row["parent"] is None}
    assert set(parents) == stated | (missing & set(PARTS))
    assert all(parents[part]["basis"] == "unknown" for part in missing & set(PARTS))
    assert {row["shape"] for row in rows("criteria", of)} <= set(SHAPES)


def test_machines_counted_one_by_one_are_told_apart_from_works() -> None:
    demands = [row for row in rows("demands", rules("G06", "一级")) if row["class_n"] == 2]
    assert [(row["asked"], row["counted_in"]) for row in demands] == [(6, "台")]


def test_a_list_that_must_be_complete_becomes_one_condition_for_each_name() -> None:
    (line,) = lines(rules("S05", "一级"), "performance")
    listed = [atom for atom in atoms(line["line_id"]) if atom["metric"] == "包含系统"]
    assert [atom["labels"] for atom in listed] == [
        ["火灾自动报警系统"],
        ["自动灭火系统"],
        ["防烟排烟系统"],
    ]
    assert all(atom["must_include"] for atom in listed)


def test_limits_for_the_sea_and_for_rivers_are_alternatives_of_one_line() -> None:
    scope = [
        line
        for line in lines(rules("G04", "三级"), "scope")
        if names(line["line_id"]) == {"码头工程"}
    ]
    assert len(scope) == 1
    assert {atom["conjunction"] for atom in atoms(scope[0]["line_id"])} == {0, 1}


def test_limits_on_different_kinds_of_one_works_share_a_number_and_one_is_enough() -> None:
    scope = lines(rules("S21", "三级"), "scope")
    assert {line["class_n"] for line in scope} == {0}
    assert [line["option_n"] for line in scope] == [0, 1]
    assert not atoms(scope[0]["line_id"]), "铁路站线改造 has no limit"


def test_what_is_large_covers_both_grades_of_large() -> None:
    (line,) = lines(rules("S29", "二级"), "scope")
    (atom,) = atoms(line["line_id"])
    assert {"大型", "大(1)型", "大(2)型", "中型", "小(2)型"} <= set(atom["labels"])
    assert "超大型" not in atom["labels"]
    (line,) = [
        line
        for line in lines(rules("G05", "三级"), "scope")
        if "水利水电工程" in names(line["line_id"]) and len(names(line["line_id"])) > 5
    ]
    (size,) = [atom for atom in atoms(line["line_id"]) if atom["metric"] == "工程规模"]
    assert set(size["labels"]) == {"小型", "小(1)型", "小(2)型"}


def test_works_known_only_by_a_wider_name_are_told_as_such() -> None:
    first = lines(rules("S05", "二级"), "scope")[0]
    assert names(first["line_id"]) == {"民用建筑消防设施工程"}
    assert names(first["line_id"], "line_wider_names") == {"消防设施工程", UNLISTED_KIND}


def test_one_name_for_two_things_is_one_kind() -> None:
    (pits,) = [
        line
        for line in lines(rules("G07", "二级"), "scope")
        if "煤矿矿井工程" in names(line["line_id"])
    ]
    assert names(pits["line_id"]) == {"煤矿工程", "煤矿矿井工程"}


def test_works_led_after_a_text_that_nobody_found_have_no_threshold_and_no_data() -> None:
    of = rules("S19", "三级")
    assert not rows("lead_projects", of)
    assert not lines(of, "lead")
    (parent,) = [row for row in rows("criteria", of) if row["criterion"] == "lead_performance"]
    assert parent["basis"] == "unknown"
    bearing = {(row["part"], row["bearing"]) for row in rows("unknown", of)}
    assert ("lead_performance", "cited") in bearing


def test_works_led_after_recalled_figures_are_recalled_themselves() -> None:
    (parent,) = [
        row
        for row in rows("criteria", rules("S26", "三级"))
        if row["criterion"] == "lead_performance"
    ]
    assert parent["basis"] == "recalled"


def test_works_led_of_the_kind_applied_for_are_left_to_no_line() -> None:
    of = rules("S36", "不分等级")
    assert not rows("lead_projects", of)
    (parent,) = [row for row in rows("criteria", of) if row["criterion"] == "lead_performance"]
    assert parent["shape"] == "lead_projects_of_kind"


def test_works_of_the_category_are_those_of_its_own_subcategory() -> None:
    led = lines(rules("S18", "二级", "公路安全设施"), "lead")
    assert set.union(*(names(line["line_id"]) for line in led)) == {"公路安全设施"}
    (own,) = lines(rules("S10", "不分等级"), "lead")
    # The second is what data call it (`same_as`).
    assert names(own["line_id"]) == {"模板脚手架工程", "模板脚手架"}


def test_titles_and_registrations_counted_together_are_one_count() -> None:
    of = rules("S06", "一级")
    counts = [row for row in rows("head_counts", of) if row["part"] == "other_staff"]
    assert [(row["criterion"], row["asked"], row["counted"]) for row in counts] == [
        ("other_staff.1", 15, JOINT),
        ("other_staff.1.结构", 1, "titled"),
        ("other_staff.1.材料|化工", 1, "titled"),
    ]
    uses = {(row["criterion"], one["use"]) for row in counts for one in cell(row["cell"])}
    assert uses == {
        ("other_staff.1", "titled"),
        ("other_staff.1", "constructor"),
        ("other_staff.1.结构", "titled"),
        ("other_staff.1.材料|化工", "titled"),
    }


def test_single_trades_among_the_workers_are_counted_as_heads() -> None:
    counted = {
        row["criterion"]: row["asked"]
        for row in rows("head_counts", rules("S02", "一级"))
        if row["part"] == "other_staff"
    }
    assert counted == {"other_staff.1": 6, "other_staff.2": 18, "other_staff.3": 3}


def test_workers_counted_by_a_qualification_are_those_of_its_trade() -> None:
    counts = {row["criterion"]: row["cell"] for row in rows("head_counts", rules("S33", "一级"))}
    # No channel tells the trade: whoever it does not tell may be one (reading 52).
    told = {worker["value"] for worker in cell(counts["skilled_workers.count"])}
    assert told == {"核级焊工", "?"}


def test_a_list_of_majors_that_nobody_found_matches_none_and_is_told() -> None:
    of = rules("G05", "三级")
    assert {row["value"] for row in rows("lead_titles", of)} == {"?"}
    bearing = {(row["part"], row["bearing"]) for row in rows("unknown", of)}
    assert bearing == {("technical_lead", "majors"), ("titled_staff", "majors")}


def test_a_workshop_is_asked_for_in_square_metres() -> None:
    (row,) = rows("other_assets", rules("S09", "一级"))
    assert (row["what"], row["asked"]) == ("厂房面积", 30_000)


@pytest.mark.provision("E17")
def test_railways_do_not_let_works_counted_singly_serve_a_sum() -> None:
    assert [row["sums_share_works"] for row in rows("performances", rules("G03", "一级"))] == [
        False
    ]
    assert [row["sums_share_works"] for row in rows("performances", rules("S24", "一级"))] == [True]


def test_alternatives_groups_and_mandatory_classes_are_kept() -> None:
    (row,) = rows("performances", rules("G07", "一级"))
    assert (row["need"], row["one_class_count"]) == (2, 3)
    groups = [
        (row["group_n"], row["class_n"]) for row in rows("class_groups", rules("S31", "一级"))
    ]
    assert groups == [(0, 1), (0, 2), (0, 3), (0, 4), (1, 5), (1, 6)]
    mandatory = {
        row["class_n"] for row in rows("classes", rules("S30", "一级")) if row["is_mandatory"]
    }
    assert mandatory == {1}


def test_a_yearly_amount_is_told_from_one_of_the_whole_window() -> None:
    yearly = {
        row["class_n"]: row["is_per_year"]
        for row in rows("demands", rules("S31", "一级"))
        if row["class_n"] > 0
    }
    assert yearly == {1: False, 2: False, 3: False, 4: False, 5: True, 6: True}


def test_machines_of_a_narrower_kind_fulfil_a_wider_one() -> None:
    found = [names(line["line_id"]) for line in lines(rules("G02", "一级"), "equipment")]
    assert {"压路机", "沥青混凝土压实设备", "大型土方振动压实设备"} in found


def test_what_a_machine_adds_up_is_in_the_unit_of_its_metric() -> None:
    summed = [row for row in rows("demands", rules("S31", "一级")) if row["metric"] == "装机功率"]
    assert [row["asked"] for row in summed] == [5000]


@pytest.mark.provision("E23", "F2", "F11")
def test_the_platform_is_asked_of_the_ministrys_cases_first_and_of_all_from_2024() -> None:
    def platform(on: date) -> list[tuple[str | None, list[str]]]:
        of = rules("G01", "一级", on=on)
        return [(row["before"], row["enterprise_grades"]) for row in rows("platform", of)]

    assert platform(date(2016, 10, 31)) == []
    assert platform(date(2016, 11, 1)) == [("ministry", [])]
    assert platform(date(2023, 9, 15)) == [("ministry", []), ("ministry", ["A"])]
    assert (None, []) in platform(date(2024, 1, 1))


@pytest.mark.provision("F1")
def test_the_scope_of_steel_structures_is_free_from_october_2015() -> None:
    assert lines(rules("S09", "一级", on=date(2015, 10, 8)), "scope")
    freed = rules("S09", "一级", on=date(2015, 10, 9))
    assert not lines(freed, "scope")
    assert freed.level.scope_zh == "可承担各类钢结构工程的施工"


@pytest.mark.provision("F2")
def test_telecommunication_of_the_lowest_level_needs_no_constructors_from_226_on() -> None:
    assert rules("G11", "三级").level.requirements.constructors is not None
    assert rules("G11", "三级", on=date(2016, 11, 1)).level.requirements.constructors is None


@pytest.mark.provision("F2", "A7")
@pytest.mark.parametrize("code", ["S03", "S10", "S36"])
def test_a_category_without_levels_keeps_its_people_after_226(code: str) -> None:
    """It is its own lowest level."""
    before, after = rules(code, "不分等级"), rules(code, "不分等级", on=date(2016, 11, 1))
    assert before.digest == after.digest


def test_an_unknown_part_that_a_notice_took_away_no_longer_matters() -> None:
    before, after = rules("S08", "二级"), rules("S08", "二级", on=date(2016, 11, 1))
    assert before.level.unknown == ("skilled_workers",)
    assert after.level.unknown == ()


def test_an_unknown_part_returns_with_the_text_of_2014() -> None:
    assert "constructors" not in rules("S17", "一级", on=date(2016, 11, 1)).level.unknown
    assert "constructors" in rules("S17", "一级", on=date(2023, 9, 15)).level.unknown


@pytest.mark.provision("B3.6", "J5")
def test_kinds_say_by_days_which_parts_they_look_at() -> None:
    renewal = TABLES.kind_parts.filter(pl.col("assessment") == "renewal")
    assert "performance" not in set(renewal["part"])
    assert set(renewal["valid_from"]) == {date(2015, 1, 1)}


@pytest.mark.provision("D1")
def test_a_recheck_looks_at_assets_people_and_equipment_and_at_no_performance() -> None:
    """令22 Art. 28: assets, main people and equipment must go on meeting the standard (D1)."""
    recheck = TABLES.kind_parts.filter(pl.col("assessment") == "recheck")
    people = {
        "constructors",
        "technical_lead",
        "titled_staff",
        "site_managers",
        "skilled_workers",
        "other_staff",
    }
    for is_lowest in (True, False):
        parts = set(recheck.filter(is_lowest=is_lowest)["part"])
        assert parts == people | {"net_assets", "assets_other", "equipment"}
