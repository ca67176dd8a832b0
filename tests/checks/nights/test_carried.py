"""What is carried over from the last release is what the checks would find, whatever a night brings."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from builders import (
    A_BRANCH,
    ANNA,
    AS_OF,
    NOW,
    STRANGER,
    A,
    B,
    registered,
    rows_of,
    sound,
    tables_of,
)
from builders import set_apart as set_apart_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from told import OF_TWO

from assets.calendar import add_years
from assets.lake.changes import Changes, EarlierUnreadable
from assets.lake.declaration import Column, Mode, Table
from assets.persons import ONE_EACH, Doubt, Numbers
from assets.tables import check, enterprise, intake, personnel, project
from checks.across import patterns, works
from checks.across.common import CrossCheck, folded_name
from checks.cross import CHECKS, examine
from checks.nights import around, carried, duties, neighbourhood
from checks.since import compared

SCOPED = tuple(one for one in CHECKS if one.by != "table")
ROWS = (enterprise.REGISTRY, *neighbourhood.PEOPLE, *neighbourhood.WORKS)
TABLES = (*ROWS, intake.QUARANTINE, intake.COVERAGE)
APART = (*personnel.TABLES, *duties.WORKS, enterprise.REGISTRY)
"""Tables of which rows are set apart."""
_POOLS: dict[str, tuple[Any, ...]] = {
    "received_at": (NOW, NOW, NOW + timedelta(hours=2)),
    "usc_code": (A, B, A_BRANCH, STRANGER),
    "parent_usc_code": (None, A, B),
    "entity_code": ("enterprise", "enterprise", "branch"),
    "person_key": tuple(letter * 20 for letter in "abcdef"),
    "name": ("甲", "乙", "甲 "),
    "born_on": (
        add_years(AS_OF, -18) + timedelta(days=2), add_years(AS_OF, -66) + timedelta(days=2), date(1980, 2, 29),
    ),
    "deceased_on": (None, None, AS_OF, AS_OF + timedelta(days=1)),
    "month": tuple(date(2016 + (9 + n) // 12, (9 + n) % 12 + 1, 1) for n in range(7)),
    "registration": ("一级注册建造师", "二级注册建造师"),
    "registration_no": ("京1330000000001", "浙1330000000001", "Z2"),
    "title_no": ("T1", "T2", "T3"),
    "certificate_no": ("C1", "C2", "C3"),
    "role": (works.AREA, "项目负责人（B类）"),
    "contract_no": tuple(f"3301001501010101-HZ-00{n}" for n in range(5)),
    "project_no": ("3301001501010101", "3301001501010102", "3301001501010103"),
    "unit_code": ("U1", "U2", "U3", "U4", "U5"),
    "region_code": ("330106", "330106", "330107"),
    "target": (personnel.REGISTRATION.name,),
    "as_of": tuple(AS_OF + timedelta(days=n) for n in (-400, -2, 0, 1)),
    "works_type": (works.CIVIL, works.FACTORY, "城市桥梁"),
    "metric": (works.AREA, works.HEIGHT, works.STOREYS),
    "duty": ("项目经理", "技术负责人"),
}  # fmt: skip
_SOME = 0.15


def value(draw: random.Random, column: Column) -> Any:
    """One that the column may have, of few, so that rows meet."""
    if column.name in _POOLS:
        return draw.choice(_POOLS[column.name])
    if column.nullable and draw.random() < _SOME:
        return None
    if column.codes:
        return draw.choice(column.codes)
    if column.dtype == pl.Date():
        far = timedelta(days=draw.choice((0, 0, -400, 400)))
        return AS_OF + far + timedelta(days=draw.randint(-3, 4))
    if column.dtype == pl.Boolean():
        return draw.choice((True, False))
    if isinstance(column.dtype, pl.Decimal):
        return Decimal(draw.choice((3, 40, 60_000, 60_000, 61_000)))
    return sound(column)


def some_rows(
    draw: random.Random, table: Table, count: int, apart: Sequence[Table] = APART
) -> pl.DataFrame:
    """Rows unique by key; of the log of rows set apart, such as are of the tables `apart`."""
    if table is intake.QUARANTINE:
        log = [set_apart(draw, draw.choice(apart)) for _ in range(2 * count)]
        return pl.concat([table.empty(), *log]).unique(["row_no", "target"], keep="first")
    told = [{column.name: value(draw, column) for column in table} for _ in range(count)]
    if table is intake.COVERAGE:
        # Stated of the province or of a city, where a registry has counties.
        told = [{**row, "region_code": draw.choice(("330000", "330100"))} for row in told]
    return rows_of(table, *told).unique(table.key, keep="first", maintain_order=True)


def set_apart(draw: random.Random, table: Table) -> pl.DataFrame:
    """A row of a table that came before or after a sound one; not all of it is read."""
    (row,) = some_rows(draw, table, 1).to_dicts()
    came = row["received_at"] + timedelta(hours=draw.choice((-1, 1)))
    lost = [name for name in row if draw.random() < _SOME]
    read = {n: str(v) for n, v in row.items() if v is not None and n not in lost}
    of = {name: read.get(name) for name in ("usc_code", "person_key")}
    key = json.dumps({name: read.get(name) for name in table.key}, ensure_ascii=False)
    told = {
        "row_no": draw.randint(1, 20), "target": table.name, "received_at": came, **of,
        "typed_json": json.dumps(read, ensure_ascii=False),
        "key_json": None if {*table.key} - {*read} else key,
    }  # fmt: skip
    return rows_of(intake.QUARANTINE, told)


def after_a_night(
    draw: random.Random, table: Table, rows: pl.DataFrame, apart: Sequence[Table] = APART
) -> pl.DataFrame:
    """Some rows gone, some told otherwise, some new; or nothing at all."""
    if draw.random() < 2 * _SOME:
        return rows
    stays = 0.0 if table.mode is Mode.LOG else _SOME
    kept = rows.filter(pl.Series([draw.random() > stays for _ in range(rows.height)], dtype=bool))
    news = some_rows(draw, table, draw.randint(0, 3), apart)
    if table is intake.QUARANTINE:  # some are cleared, the numbers of the others are new
        cleared = kept.filter(
            pl.Series([draw.random() < _SOME for _ in range(kept.height)], dtype=bool)
        )
        news = news.with_columns(pl.col("row_no") + draw.randint(100, 10_000))
        news = pl.concat([news, cleared.with_columns(cleared_at="received_at")])
    return pl.concat([news, kept]).unique(table.key, keep="first", maintain_order=True)


class Release:
    """A last release whose tables, day and findings are these."""

    def __init__(
        self,
        before: Mapping[Table, pl.DataFrame],
        after: Mapping[Table, pl.DataFrame],
        as_of: date,
        checks: tuple[CrossCheck, ...],
        numbers: Numbers = ONE_EACH,
    ) -> None:
        self.as_of, self.before, self.after = as_of, before, after
        self._findings = examine(tables_of(before), as_of, checks, numbers=numbers).findings
        self.is_vacuumed = False

    def is_same(self, table: Table) -> bool:
        empty = table.empty()
        return self.before.get(table, empty).equals(self.after.get(table, empty))

    def changes(self, table: Table) -> Changes:
        if self.is_vacuumed:
            raise EarlierUnreadable(table.name)
        on = compared(table)
        was, now = (tables[table].select(on) for tables in (self.before, self.after))
        return Changes(
            was.join(now, on=on, how="anti", nulls_equal=True),
            now.join(was, on=on, how="anti", nulls_equal=True),
        )

    def findings(self) -> pl.DataFrame:
        return self._findings


@pytest.fixture(autouse=True)
def everything_is_never_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """In so small a town any night touches a quarter of it; then too only some is looked at."""
    monkeypatch.setattr(around, "_MOST", 10.0)
    monkeypatch.setattr(patterns, "PEOPLE", 1)


SEVERAL = {"b" * 20: "a" * 20, "c" * 20: "a" * 20, "e" * 20: "f" * 20}
NUMBERS = (
    ONE_EACH,
    Numbers(SEVERAL),
    Numbers(SEVERAL, {"d" * 20: Doubt("shared", "1", "?" + "d" * 20)}),
)
"""Nobody has two numbers; one has three of them and another two; and one number is several's."""


@settings(max_examples=16)
@given(st.integers(0, 2**32), st.sampled_from((0, 1, 1, 3, -1, 40)), st.sampled_from(NUMBERS))
def test_a_night_finds_what_checking_everything_finds(
    seed: int, days: int, numbers: Numbers
) -> None:
    draw = random.Random(seed)
    before = {table: some_rows(draw, table, 9) for table in TABLES}
    after = {table: after_a_night(draw, table, rows) for table, rows in before.items()}
    today = AS_OF + timedelta(days=days)
    since = Release(before, after, AS_OF, SCOPED, numbers)
    now = tables_of(after)
    whole = examine(now, today, SCOPED, numbers=numbers)
    night = examine(now, today, SCOPED, since, numbers=numbers)  # type: ignore[arg-type]
    assert night.findings.equals(whole.findings)
    assert night.outcomes == whole.outcomes
    assert [one.note for one in whole.outcomes if one.status == "error"] == []


MANAGED = {
    enterprise.REGISTRY: 8, personnel.REGISTRATION: 6, project.CONTRACT: 7, project.ACCEPTANCE: 7,
    project.PARTY: 6, intake.COVERAGE: 2, intake.QUARANTINE: 1,
}  # fmt: skip
"""Rows of which most works have one manager or two, who have several works."""
APART_OF_DUTIES = (*duties.DUTIES, *[enterprise.REGISTRY] * 4)
"""Tables of which rows are set apart that bear on managers, most of all the registry."""
WHO_IS_WHOSE = (enterprise.REGISTRY, intake.QUARANTINE)
OF_DUTIES = tuple(one for one in SCOPED if one.by == "duty")
_LATELY: Mapping[str, tuple[Any, ...]] = {
    "person_key": tuple(letter * 20 for letter in "abcd"),
    "started_on": (None, date(2016, 1, 1), date(2016, 9, 1)),
    "accepted_on": (None, date(2016, 12, 1), AS_OF - timedelta(days=1), AS_OF, AS_OF + timedelta(days=1)),
    "valid_from": (date(2015, 1, 1), date(2016, 6, 1), AS_OF),
    "duty": ("项目经理",) * 5 + ("技术负责人",),
    "is_complete": (True, True, False),
}  # fmt: skip


@settings(max_examples=24, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32), st.sampled_from((0, 1, 3)), st.sampled_from(NUMBERS))
def test_a_night_finds_of_managers_what_checking_everything_finds(
    monkeypatch: pytest.MonkeyPatch, seed: int, days: int, numbers: Numbers
) -> None:
    for name, values in _LATELY.items():
        monkeypatch.setitem(_POOLS, name, values)
    draw = random.Random(seed)
    before = {
        table: some_rows(draw, table, MANAGED.get(table, 0), APART_OF_DUTIES) for table in TABLES
    }
    moved = draw.sample(list(MANAGED), 2)  # so little that nearly all is carried over
    moved = draw.choice((moved, WHO_IS_WHOSE))
    after = {
        table: after_a_night(draw, table, rows, APART_OF_DUTIES) if table in moved else rows
        for table, rows in before.items()
    }
    today = AS_OF + timedelta(days=days)
    since = Release(before, after, AS_OF, OF_DUTIES, numbers)
    whole = examine(tables_of(after), today, OF_DUTIES, numbers=numbers)
    night = examine(tables_of(after), today, OF_DUTIES, since, numbers=numbers)  # type: ignore[arg-type]
    assert night.findings.equals(whole.findings)
    assert night.outcomes == whole.outcomes


@pytest.mark.parametrize("brings", ["doubt", "certainty"])
@pytest.mark.parametrize("which", ["its own", "the other's"])
@pytest.mark.parametrize("one", [one for one in SCOPED if one.id in OF_TWO], ids=lambda one: one.id)
def test_a_night_that_sets_a_registration_apart_or_clears_it_is_of_who_rests_on_it(
    one: CrossCheck, which: str, brings: str
) -> None:
    told, other = OF_TWO[one.id]
    anna = rows_of(personnel.PERSON, {"person_key": ANNA, "deceased_on": None})
    empty = {table: table.empty() for table in TABLES}
    told = empty | registered() | {personnel.PERSON: anna} | told
    row = set_apart_of(enterprise.REGISTRY, {"usc_code": A if which == "its own" else other})
    again = told[enterprise.REGISTRY].with_columns(received_at=NOW + timedelta(hours=2))
    doubted = told | {intake.QUARANTINE: row}
    certain = "WARN" if one.id in ("P-18", "P-32") else "LAW"
    nights = {
        "doubt": (told, doubted, "DATA"),
        "certainty": (doubted, doubted | {enterprise.REGISTRY: again}, certain),
    }
    before, after, severity = nights[brings]
    since = Release(before, after, AS_OF, (one,))
    night = carried.Carrying(since, tables_of(after), AS_OF).findings(one)  # type: ignore[arg-type]
    assert night is not None and set(night["severity"]) == {severity}


def town(*registered: str, until: date = date(2018, 1, 1)) -> dict[Table, pl.DataFrame]:
    rows = [{"usc_code": c, "registration_no": c, "valid_until": until} for c in registered]
    frames = {table: table.empty() for table in TABLES}
    return {
        **frames,
        enterprise.REGISTRY: rows_of(enterprise.REGISTRY, {"usc_code": A}, {"usc_code": B}),
        personnel.REGISTRATION: rows_of(personnel.REGISTRATION, *rows),
        personnel.PERSON: rows_of(personnel.PERSON, {}),
    }


TWICE = next(one for one in CHECKS if one.id == "P-18")


class TestOneCheck:
    def carrying(
        self, before: dict[Table, pl.DataFrame], after: dict[Table, pl.DataFrame], today: date
    ) -> tuple[carried.Carrying, Release]:
        since = Release(before, after, AS_OF, (TWICE,))
        return carried.Carrying(since, tables_of(after), today), since  # type: ignore[arg-type]

    def test_is_not_run_where_nothing_that_it_reads_has_changed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now, _ = self.carrying(town(A, B), town(A, B), AS_OF)
        monkeypatch.setitem(neighbourhood.SCOPES, "person", lambda *_: pytest.fail("it was run"))
        found = now.findings(TWICE)
        assert found is not None and set(found["usc_code"]) == {A, B}

    def test_asks_again_on_another_day_though_no_row_has_changed(self) -> None:
        then = town(A, B, until=AS_OF)
        now, _ = self.carrying(then, then, AS_OF + timedelta(days=1))
        found = now.findings(TWICE)
        assert found is not None and found.is_empty()

    def test_is_run_on_everything_in_a_new_month_of_insurance(self) -> None:
        now, _ = self.carrying(town(A), town(A, B), date(2017, 4, 1))
        assert now.findings(TWICE) is None

    def test_is_run_on_everything_where_what_was_read_then_is_gone(self) -> None:
        now, since = self.carrying(town(A), town(A, B), AS_OF)
        since.is_vacuumed = True
        assert now.findings(TWICE) is None

    def test_is_run_on_everything_where_the_release_lacks_what_it_must_have_found(self) -> None:
        since = Release(town(A, B), town(A), AS_OF, ())
        now = carried.Carrying(since, tables_of(town(A)), AS_OF)  # type: ignore[arg-type]
        assert now.findings(TWICE) is None

    def test_is_run_on_everything_where_much_has_changed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(around, "_MOST", 0.25)
        now, _ = self.carrying(town(A), town(A, B), AS_OF)
        assert now.findings(TWICE) is None

    def test_has_what_a_night_brought(self) -> None:
        now, _ = self.carrying(town(A), town(A, B), AS_OF)
        found = now.findings(TWICE)
        assert found is not None and set(found["usc_code"]) == {A, B}


@pytest.mark.parametrize("one", SCOPED, ids=lambda one: one.id)
def test_a_check_with_a_neighbourhood_reads_nothing_beyond_it(one: CrossCheck) -> None:
    held = {
        "works": neighbourhood.WORKS,
        "duty": (*duties.DUTIES, intake.QUARANTINE, intake.COVERAGE),
    }.get(one.by, (*neighbourhood.PEOPLE, intake.QUARANTINE))
    # What is stated about numbers is told with every kind: after new statements all is checked.
    names = {table.name for table in (enterprise.REGISTRY, personnel.IDENTITY, *held)}
    assert carried.tables_read(one) <= names
    columns = duties.DECLARED if one.by == "duty" else around.HEADS
    registry = enterprise.REGISTRY.empty().lazy().select(*columns, "received_at")
    empty = tables_of({})
    for table in (*neighbourhood.PEOPLE, *neighbourhood.WORKS):
        empty[table.name] = empty[table.name].select(compared(table))
    narrow = {**empty, enterprise.REGISTRY.name: registry}
    assert one.find(narrow, AS_OF).collect().is_empty()


@pytest.mark.parametrize("one", [one for one in CHECKS if not one.asks_day], ids=lambda one: one.id)
def test_a_check_that_does_not_ask_the_day_finds_the_same_on_any(one: CrossCheck) -> None:
    draw = random.Random(one.id)
    rows = tables_of({table: some_rows(draw, table, 9) for table in TABLES})
    told = [
        examine(rows, day, (one,)).findings for day in (AS_OF, date(2016, 6, 1), date(2026, 1, 1))
    ]
    assert told[0].equals(told[1]) and told[0].equals(told[2])
    assert check.FINDING.schema == told[0].schema


NAMES = st.text(st.sampled_from("甲乙龥A9aé１（( 　\n〇ﬁ"), max_size=4)


@given(st.lists(NAMES, max_size=8), st.lists(NAMES, max_size=4))
def test_names_are_found_alike_as_if_each_were_folded(
    names: list[str], looked_for: list[str]
) -> None:
    told = pl.DataFrame({"name": names}, schema={"name": pl.String})
    named = pl.DataFrame({"name": looked_for}, schema={"name": pl.String})
    folded = named.select(_name=folded_name("name")).unique()
    found = neighbourhood.named_alike(told.lazy(), folded).collect()
    wanted = told.filter(
        told.select(folded_name("name")).to_series().is_in(folded["_name"].implode())
    )
    assert sorted(found["name"]) == sorted(wanted["name"])
