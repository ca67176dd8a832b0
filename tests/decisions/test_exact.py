"""The builder meets each of the 127 levels with nothing to spare: its rows recounted by hand.

The rows are read back and compared with the sheet, without the builder's own plans and without
the engine.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from exact import DAY, PEOPLE, TEXT_OF_2014, Exact, fits_constructor, slots_of
from figures.cases import cases_of
from portfolio import Portfolio, frames_of
from sheets import Rank, authority_of, encoded, ranks, related_majors
from unit_plans import KINDS, WIDER, asked_sum, mixed_lines, served_lines, summed
from where import MONEY, Value, truth

from assets.tables import BY_NAME

LEVELS = [rank for code in encoded() for rank in ranks(code)]
BOTH_DAYS = (TEXT_OF_2014, DAY)


def made(rank: Rank, on: date = TEXT_OF_2014, nth: int = 1, **how: Any) -> Portfolio:
    return Exact(rank, on, nth, **how).build()


def each(function: Any) -> Any:
    return pytest.mark.parametrize("rank", LEVELS, ids=str)(function)


def test_the_sheets_have_the_127_levels_of_the_48_categories() -> None:
    assert len(encoded()) == 48
    assert len(LEVELS) == 127


def test_the_province_decides_58_pairs() -> None:
    pairs = {(rank.code, rank.level) for rank in LEVELS}
    assert sum(authority_of(*pair) == "province" for pair in pairs) == 58


@each
def test_every_frame_has_the_declared_schema_and_unique_keys(rank: Rank) -> None:
    for name, frame in frames_of([made(rank, nth=1), made(rank, nth=2)]).items():
        table = BY_NAME[name]
        assert frame.schema == table.schema
        if frame.height:
            assert not frame.select(pl.struct(table.key).is_duplicated().any()).item(), name
        for column in table:
            values = frame[column.name].drop_nulls()
            if not column.nullable:
                assert len(values) == frame.height, f"{name}.{column.name}"
            if column.codes:
                assert set(values) <= set(column.codes), f"{name}.{column.name}"
            if column.pattern:
                assert values.str.contains(column.pattern).all(), f"{name}.{column.name}"


@each
def test_the_same_call_makes_the_same_rows(rank: Rank) -> None:
    assert made(rank).rows == made(rank).rows


def _staff(p: Portfolio, table: str) -> list[dict[str, Any]]:
    hired = {row["person_key"] for row in p.of("base_personnel__person")}
    return [row for row in p.of(f"base_personnel__{table}") if row["person_key"] in hired]


@each
def test_no_constructor_can_be_spared(rank: Rank) -> None:
    rows = rank.asked(TEXT_OF_2014).get("constructors") or []
    held = [(r["registration"], r["specialty"]) for r in _staff(made(rank), "registration")]
    if not rows:
        return

    def met(several: list[tuple[str, str]]) -> bool:
        return all(
            sum(fits_constructor(row, *one) for one in several) >= row["min"] for row in rows
        )

    assert met(held)
    assert not any(met(held[:n] + held[n + 1 :]) for n in range(len(held)))


@each
def test_each_row_of_titled_staff_is_met_by_so_many_and_no_more(rank: Rank) -> None:
    p = made(rank)
    majors = [row["major"] for row in p.of("base_personnel__title")]
    for row in rank.asked(TEXT_OF_2014).get("titled_staff") or []:
        counted = related_majors(rank.code, row["majors"])
        assert sum("工程序列" in counted or one in counted for one in majors) == row["min"]
        for slot in slots_of(row):
            assert set(slot.split("|")) & set(majors), slot


@each
def test_posts_and_trades_are_all_there_in_the_number_asked(rank: Rank) -> None:
    p, asked = made(rank), rank.asked(TEXT_OF_2014)
    posts = [row["role"] for row in p.of("base_personnel__post_certificate")]
    trades = Counter(row["trade"] for row in p.of("base_personnel__skill_certificate"))
    managers, workers = asked.get("site_managers"), asked.get("skilled_workers")
    assert len(posts) == (managers or {"min": 0})["min"]
    assert set((managers or {}).get("roles") or []) <= set(posts)
    assert trades.total() == (workers or {"min": 0})["min"]
    assert set((workers or {}).get("trades") or []) <= set(trades)
    for row in asked.get("other_staff") or []:
        if "计入" in row["detail"]:
            assert trades[row["what"]] == row["min"]


@each
def test_nobody_but_the_leader_is_staff_above_the_lowest_level_from_2016_11_01(rank: Rank) -> None:
    if rank.is_lowest or rank.asked(DAY).get("other_staff"):
        return
    people = made(rank, DAY).of("base_personnel__person")
    assert len(people) == (1 if "technical_lead" in rank.asked(DAY) else 0)


def _works(p: Portfolio) -> dict[str, tuple[str, dict[str, Value]]]:
    """Unit to its kind and everything it shows."""
    found: dict[str, tuple[str, dict[str, Value]]] = {}
    for unit in p.of("base_project__unit", usc_code=p.usc_code):
        shown: dict[str, Value] = {
            row["metric"]: row["label"] if row["value"] is None else row["value"]
            for row in p.of("base_project__measure", unit_code=unit["unit_code"])
        }
        price = p.of("base_project__contract", contract_no=unit["contract_no"])[0]["amount_yuan"]
        shown |= dict.fromkeys(MONEY, price / 10_000)
        found[unit["unit_code"]] = (unit["works_type"], shown)
    return found


def _reached(rule: dict[str, Any], works: list[tuple[str, dict[str, Value]]]) -> bool:
    """Whether works reach one line of a class, however they serve others."""
    if "all_of" in rule:
        return all(_reached(one, works) for one in rule["all_of"])
    fitting = [
        shown
        for kind, shown in works
        if any(
            line["project"] in (kind, *WIDER.get(kind, ())) and truth(line.get("where", ""), shown)
            for line in mixed_lines(rule)
        )
    ]
    if "count" in rule:
        return len(fitting) >= rule["count"]
    amounts = [one.get(summed(rule)) for one in fitting]
    return sum(one for one in amounts if isinstance(one, Decimal)) >= asked_sum(rule)


@pytest.mark.parametrize(
    ("rank", "number"),
    [(r, n) for r in LEVELS for n in range(len(served_lines(r, TEXT_OF_2014)))],
    ids=str,
)
def test_each_line_of_a_class_is_reached_and_no_work_can_be_spared(rank: Rank, number: int) -> None:
    on = TEXT_OF_2014
    served = served_lines(rank, on)[number]
    builder = Exact(rank, on, 1, people=(), served=served)
    works = list(_works(builder.build()).values())
    assert _reached(served.rule, works), works
    mine = {rule["project"] for rule, _ in served.parts}
    kinds = {KINDS.get(project, project) for project in mine}
    for n, (kind, shown) in enumerate(works):
        others = works[:n] + works[n + 1 :]
        is_its_own = kind in kinds and any(
            truth(rule.get("where", ""), shown) for rule, _ in served.parts
        )
        if is_its_own and len(builder.units) == 1:
            assert not _reached(served.rule, others), (kind, shown)


@each
def test_machines_reach_each_item_chosen_and_none_can_be_spared(rank: Rank) -> None:
    asked = rank.asked(DAY).get("equipment")
    owned = Counter(m["equipment_no"] for m in made(rank, DAY).of("base_enterprise__equipment"))
    workshops = len(rank.asked(DAY).get("assets_other") or [])
    if asked is None:
        assert len(owned) == workshops
        return
    items = asked["items"]
    need = len(items) if asked["need"] == "all" else asked["need"]
    numbers = [one.get("any_of", [one])[0].get("count", 2) for one in items[:need]]
    # Twenty rollers of all kinds are the ten for asphalt and the ten for earth (G02).
    spared = 20 if rank == Rank("G02", "一级") else 0
    assert len(owned) == sum(numbers) - spared + workshops


@each
def test_money_is_exactly_the_figure(rank: Rank) -> None:
    figure = rank.asked(DAY).get("net_assets_wan")
    p = made(rank, DAY)
    if figure is None:
        return
    if rank.is_lowest:
        capital = p.of("base_enterprise__registry")[0]["registered_capital_yuan"]
        assert capital == figure * 10_000
    else:
        assert p.of("base_enterprise__statement")[0]["net_assets_yuan"] == figure * 10_000


def test_a_group_can_be_hired_alone() -> None:
    p = made(Rank("S01", "一级"), people={"site_managers"})
    assert len(p.of("base_personnel__post_certificate")) == 30
    assert not p.of("base_personnel__skill_certificate")
    assert set(PEOPLE) > {"site_managers"}


def test_there_are_thousands_of_cases_of_different_names() -> None:
    names = [case.name for case in cases_of(LEVELS)]
    assert len(names) > 3_000
    assert len(names) == len(set(names))
