"""The code lists: one unit per metric, kinds below kinds, and no name that nothing uses."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from shipped import BOOK

import decisions
from decisions.rulebook import load
from decisions.rulebook.conditions import parse
from decisions.rulebook.errors import RulebookError
from decisions.rulebook.tables import compile_tables

CODES = BOOK.codes
TABLES = compile_tables(BOOK)


def test_every_unit_of_a_metric_is_a_multiple_of_the_one_it_is_stored_in() -> None:
    for name, entry in CODES.metric_entries.items():
        assert all(factor > 0 for factor in entry.accepts.values()), name
        assert bool(entry.accepts) <= bool(entry.unit), name


def test_every_metric_of_the_list_is_asked_for_somewhere() -> None:
    used = {
        *TABLES.atoms["metric"],
        *TABLES.demands["metric"].drop_nulls(),
        *TABLES.other_assets["metric"],
    }
    assert set(CODES.metrics) == used


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)


def test_every_machine_trade_and_list_of_majors_is_named_by_the_text() -> None:
    said = {
        part
        for category in BOOK.categories.values()
        for text in texts(category.model_dump(mode="json"))
        for part in text.split("|")
    }
    # Kinds of what it names, and what these are kinds of; but for those that are listed so that it is
    # known that they are none of these (reading 92).
    below = CODES.machines_below
    related = {wider for wider in below if set(below[wider]) & said}
    related |= {kind for wider in set(below) & said for kind in below[wider]}
    assert set(CODES.machines) - related == {"塔式起重机", "厂房"}
    # The narrower lists of people come with the channels, which know more names than the text.
    assert set(CODES.people.majors) <= said
    lowest = {name for name in CODES.works if CODES.works_below[name] == (name,)}
    named_in_codes = {above for entry in CODES.works.values() for above in entry.is_a}
    unused = lowest - said - named_in_codes
    assert unused == {
        "工业建筑工程",
        "雨水管道",
        "污水管道",
        "中水管道",
        "调压站",
        "地面停车场硬质铺装",
        "预拌混凝土",
        "橡胶坝",
        "城镇污水污染防治工程",
    }


def test_works_below_works_below_works_fulfil_the_widest_name() -> None:
    assert "闸门制作安装工程" in CODES.works_below["水工金属结构制作安装工程"]
    assert "水工金属结构制作安装工程" not in CODES.works_below["闸门制作安装工程"]
    assert "水工金属结构制作安装工程" in CODES.works_above["闸门制作安装工程"]


def test_two_names_of_one_thing_are_neither_wider_nor_narrower() -> None:
    assert CODES.works_below["吹填造地工程"] == CODES.works_below["陆域吹填工程"]
    assert "陆域吹填工程" not in CODES.works_above["吹填造地工程"]


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("工程规模 < 大型", {"中型", "小型", "小(1)型", "小(2)型"}),
        ("工程规模 >= 中型", {"超大型", "大(1)型", "大(2)型", "大型", "中型"}),
        ("工程规模 == 大型", {"大型", "大(1)型", "大(2)型"}),
        ("工程规模 <= 大(2)型", {"大(2)型", "大型", "中型", "小型", "小(1)型", "小(2)型"}),
        ("工程规模 > 小(2)型", {"超大型", "大(1)型", "大(2)型", "大型", "中型", "小(1)型"}),
    ],
)
def test_sizes_are_compared_on_the_coarse_scale_where_either_is_coarse(
    text: str, allowed: set[str]
) -> None:
    ((atom,),) = parse(text, CODES.metrics, "here")
    assert set(atom.labels) == allowed


@pytest.fixture
def standards(tmp_path: Path) -> Path:
    source = Path(decisions.__file__).parent / "standards"
    return Path(shutil.copytree(source, tmp_path / "standards"))


@pytest.mark.parametrize(
    ("name", "line", "complaint"),
    [
        ("works.yaml", "甲工程: {is_a: [乙工程]}\n乙工程: {is_a: [甲工程]}", "is a kind of itself"),
        ("works.yaml", "甲工程: {is_a: [乙工程]}", "named but not listed"),
        (
            "machines.yaml",
            "甲机: {is_a: [乙机]}",
            "codes/machines.yaml: '乙机' is named but not listed",
        ),
        ("metrics.yaml", "甲: {unit: 米, labels: true}", "exactly one of unit, number, labels"),
        ("metrics.yaml", "甲: {order: [a, b], coarse: {c: [a]}}", "not in the order"),
        ("people.yaml", "甲: 1", "codes/people.yaml: 甲"),
    ],
)
def test_a_wrong_line_of_a_code_list_is_refused(
    standards: Path, name: str, line: str, complaint: str
) -> None:
    path = standards / "codes" / name
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    with pytest.raises(RulebookError) as error:
        compile_tables(load(standards))
    assert complaint in str(error.value)
