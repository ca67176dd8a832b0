"""The rows whose verdicts a night may have changed, and all that these verdicts rest on.

Belongs here: for each kind of neighbourhood the tables that belong to it, and how far a change
reaches. Does not: any check, or what is made of its findings (`checks.carried`).

A check declares by what it judges (`CrossCheck.by`): a verdict about a person follows from the
rows of that person, one about works from those of the same contract and project. So of both the
earlier and the present tables the rows of all persons (or works) that a change touches suffice:
what the check finds in the one and not in the other is what the night has changed. Rows beyond
these do no harm, since they say the same before and after; a row that is missing would.

The registry is read with every kind, since a branch and its parent are one; only those of its
columns are handed out that say who is whose branch, and since when that is said. Of the other
tables no column is that tells where a row came from, and of few when: no check that judges by a
neighbourhood asks more, and it is a third of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from assets.changes import Changes
from assets.declaration import Table
from assets.persons import Numbers
from assets.tables import enterprise, intake, personnel, project
from checks.apart import READ, Apart, overtaken
from checks.common import (
    CLAIMS,
    Tables,
    counted_months,
    folded_name,
    insured_since,
    is_insured,
)
from checks.since import Since, compared

PEOPLE = (*personnel.TABLES, CLAIMS)
WORKS = (
    project.PROJECT,
    project.CONTRACT,
    project.UNIT,
    project.MEASURE,
    project.ACCEPTANCE,
    project.PARTY,
)
HEADS = ("usc_code", "entity_code", "parent_usc_code")
"""Columns of the registry that say who is whose branch."""
OF_REGISTRY = (*HEADS, "received_at")
"""With when that was said: a registration that was set apart since may say otherwise."""
_DAYLESS = (personnel.INSURANCE, CLAIMS)
"""Of people, tables whose dates no check compares with the day: months, and what else was told."""
_TURNING_AGES = (18, 66)
"""Birthdays on which a check on people finds otherwise: of age, and past 65."""
_MOST = 0.25
"""Of the persons or contracts, the share from which to check everything costs less."""
_MARGIN = timedelta(days=2)
"""Around the days between two runs: a check may ask for before, after, or on the day."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The same neighbourhood then and now: tables by name, each with the rows that belong to it."""

    before: Tables
    after: Tables


def of_people(tables: Tables, since: Since, as_of: date, numbers: Numbers) -> Neighbourhood | None:
    """All rows of each person whom a change or the calendar touches, or who shares with one.

    They are those of all numbers of a person. Shared are the number of a certificate, and name
    with day of birth. The dead all belong to
    it, since a list tells how many of them an enterprise names. Of insurance the recent months. Of
    rows set apart those of the same persons, and those that bear the key of a row of theirs: they
    put it in doubt, or it clears them.

    Returns:
        None where so much has changed that everything is checked: also in a new month, since
        other months of insurance count in it.
    """
    if counted_months(since.as_of) != counted_months(as_of):
        return None
    recent = pl.col("month") >= pl.lit(insured_since(as_of))
    now = {table: _asked(tables, table) for table in PEOPLE}
    now[personnel.INSURANCE] = now[personnel.INSURANCE].filter(recent)
    changed = {table: since.changes(table).both for table in PEOPLE}
    changed[personnel.INSURANCE] = changed[personnel.INSURANCE].filter(recent)
    key = "person_key"
    apart = Apart.of_people(tables, since.changes(intake.QUARANTINE).fresh, changed)
    touched = [rows.select(key) for rows in changed.values()]
    touched += [apart.fresh.select(key), apart.bearing(apart.fresh).select(key)]
    heads = _heads(tables, since)
    registered = _Registered.of(tables, since, heads)
    if moved := sorted({*heads.moved, *registered.turned}):
        for table, rows in now.items():
            if "usc_code" in table.schema:
                here = rows.filter(pl.col("usc_code").is_in(moved)).select(key)
                touched.append(here.collect())
        touched.append(apart.rows.filter(pl.col("usc_code").is_in(moved)).select(key))
    turned = _turned(now, since.as_of, as_of)
    touched += [now[table].filter(has).select(key).collect() for table, has in turned.items()]
    dead = now[personnel.PERSON].filter(pl.col("deceased_on").is_not_null())
    touched.append(dead.select(key).collect())
    first = _of_any_number(pl.concat(touched).drop_nulls(), numbers)
    people = now[personnel.PERSON]
    if first.height > _MOST * _height(people):
        return None
    reached = [first, apart.partners(first)]
    for table, number in personnel.NUMBERS.items():
        theirs = _meeting(now[table], first).select(number).collect()
        borne = pl.concat([theirs, changed[table].select(number)]).unique()
        reached.append(_meeting(now[table], borne).select(key).collect())
    reached.append(_namesakes(people, first, changed[personnel.PERSON]))
    every = _of_any_number(pl.concat(reached), numbers)
    after = {table: _meeting(rows, every).collect() for table, rows in now.items()}
    fresh = {table: since.changes(table).fresh for table in PEOPLE}
    gone = {table: since.changes(table).gone for table in PEOPLE}
    gone[personnel.INSURANCE] = gone[personnel.INSURANCE].filter(recent)
    after[intake.QUARANTINE] = pl.concat([apart.about(every), registered.apart])
    fresh[intake.QUARANTINE] = pl.concat([apart.fresh, registered.fresh])
    gone[intake.QUARANTINE] = apart.fresh.clear()
    return _both(after, fresh, gone, heads)


def _of_any_number(people: pl.DataFrame, numbers: Numbers) -> pl.DataFrame:
    """The people, each once, under every number that is theirs."""
    return numbers.all_of(people["person_key"]).unique().to_frame()


def _turned(tables: Iterable[Table], then: date, now: date) -> Mapping[Table, pl.Expr]:
    """By table, whether a row has a day, or a birthday that counts, between two runs."""
    low, high = min(then, now) - _MARGIN, max(then, now) + _MARGIN
    if then == now:
        return {}

    def between(day: pl.Expr) -> pl.Expr:
        return day.is_between(pl.lit(low), pl.lit(high)).fill_null(False)

    turned = {}
    for table in tables:
        if table in _DAYLESS:
            continue
        days = [pl.col(column.name) for column in table if column.dtype == pl.Date()]
        if table is personnel.PERSON:
            days += [pl.col("born_on").dt.offset_by(f"{age}y") for age in _TURNING_AGES]
        turned[table] = pl.any_horizontal(pl.lit(False), *map(between, days))
    return turned


def _namesakes(people: pl.LazyFrame, first: pl.DataFrame, changed: pl.DataFrame) -> pl.DataFrame:
    """Persons of the same name and day of birth as one of the first, by any of their rows."""
    columns = ("person_key", "born_on", "name")
    theirs = pl.concat([_meeting(people.select(columns), first).collect(), changed.select(columns)])
    same = ["born_on", "_name"]
    named = theirs.with_columns(_name=folded_name("name")).select(same).drop_nulls().unique()
    born = _meeting(people.select(columns), named.select("born_on").unique())
    found = born.with_columns(_name=folded_name("name")).join(named.lazy(), on=same, how="semi")
    return found.select("person_key").collect()


def of_payers(tables: Tables, since: Since, as_of: date, numbers: Numbers) -> Neighbourhood | None:
    """All insurance, of every month, of each payer whom a change touches, and of two more.

    A branch is its parent. By the two more it shows which month is the latest of all, and that
    the data reach back beyond the counted ones.

    Returns:
        None where everything is checked: in a new month, and where another month is the latest.
    """
    del numbers
    low, high = sorted((since.as_of, as_of))
    if counted_months(low) != counted_months(high) or low.day == 1 != high.day:
        return None
    insurance = personnel.INSURANCE
    rows, changed = tables[insurance.name], since.changes(insurance)
    tied = _what_ties_all(rows, changed, as_of)
    if tied is None:
        return None
    heads = _heads(tables, since)
    moved = pl.DataFrame({"usc_code": heads.moved}, schema={"usc_code": pl.String})
    touched = pl.concat([changed.both.select("usc_code"), moved, tied]).unique()
    payers = _with_kin(touched, heads)
    if payers.height > _MOST * heads.after.height:
        return None
    after = {insurance: _meeting(_asked(tables, insurance), payers).collect()}
    return _both(after, {insurance: changed.fresh}, {insurance: changed.gone}, heads)


def _what_ties_all(rows: pl.LazyFrame, changed: Changes, as_of: date) -> pl.DataFrame | None:
    """Payers of a row that was and is of the latest month before a day, and of one of the first.

    Returns:
        None where another month is the latest or the first.
    """
    insured = rows.filter(is_insured())
    gone, fresh = changed.gone.filter(is_insured()), changed.fresh.filter(is_insured())
    past, month = pl.col("month") < pl.lit(as_of), pl.col("month")
    ends = insured.filter(past).select(first=month.min(), latest=month.max()).collect()
    first, latest = ends.row(0)
    if first is None or gone.filter(past, ~month.is_between(first, latest)).height:
        return None
    key = list(personnel.INSURANCE.key)
    stays = insured.join(fresh.lazy(), on=key, how="anti") if fresh.height else insured
    found = [
        stays.filter(month == end).select("usc_code").head(1).collect() for end in (first, latest)
    ]
    return None if any(one.is_empty() for one in found) else pl.concat(found)


def _with_kin(codes: pl.DataFrame, heads: _Heads) -> pl.DataFrame:
    """The codes, and those of all that are or were of one enterprise with any of them."""
    named = (
        pl.concat([heads.before, heads.after])
        .with_columns(
            _head=pl.when(entity_code="branch").then("parent_usc_code").otherwise("usc_code")
        )
        .select("usc_code", pl.coalesce("_head", "usc_code").alias("_head"))
        .unique()
    )
    of_theirs = named.join(codes, on="usc_code", how="semi").select("_head")
    tops = pl.concat([codes.select(_head="usc_code"), of_theirs]).unique()
    kin = named.join(tops, on="_head", how="semi").select("usc_code")
    return pl.concat([codes, kin, tops.select(usc_code="_head")]).unique()


def of_works(tables: Tables, since: Since, as_of: date, numbers: Numbers) -> Neighbourhood | None:
    """All rows of each contract and project that a change touches, or that shares a name with one.

    Projects of one name and county may be one that is registered again. Nothing here is asked of
    the day.

    Returns:
        None where so much has changed that everything is checked.
    """
    del as_of, numbers
    now = {table: _asked(tables, table) for table in WORKS}
    changed = {table: since.changes(table).both for table in WORKS}
    heads = _heads(tables, since)
    by = {name: _by(changed, name) for name in ("contract_no", "unit_code", "project_no")}
    if moved := heads.moved:
        of_moved = {
            table: rows.filter(pl.col("usc_code").is_in(moved)).collect()
            for table, rows in now.items()
            if "usc_code" in table.schema
        }
        by = {name: pl.concat([rows, _by(of_moved, name)]).unique() for name, rows in by.items()}
    contracts = now[project.CONTRACT].select("contract_no", "project_no")
    units = now[project.UNIT].select("unit_code", "contract_no", "project_no")
    hung = _meeting(units, by["unit_code"]).collect()
    signed = pl.concat([by["contract_no"], hung.select("contract_no")]).unique()
    if signed.height > _MOST * _height(contracts):
        return None
    within = pl.concat(
        [
            by["project_no"],
            hung.select("project_no"),
            _meeting(contracts, signed).select("project_no").collect(),
            _meeting(units, signed).select("project_no").collect(),
        ]
    ).unique()
    projects = _registered_alike(now[project.PROJECT], within, changed[project.PROJECT])
    signed = pl.concat(
        [
            signed,
            _meeting(contracts, projects).select("contract_no").collect(),
            _meeting(units, projects).select("contract_no").collect(),
        ]
    ).unique()
    hung = pl.concat(
        [
            _meeting(units, rows).select("unit_code", "project_no").collect()
            for rows in (signed, projects)
        ]
    )
    parts = pl.concat([by["unit_code"], hung.select("unit_code")]).unique()
    projects = pl.concat(
        [
            projects,
            hung.select("project_no"),
            _meeting(contracts, signed).select("project_no").collect(),
        ]
    ).unique()
    reached = {
        project.PROJECT: projects,
        project.CONTRACT: signed,
        project.UNIT: parts,
        project.MEASURE: parts,
        project.ACCEPTANCE: signed,
        project.PARTY: signed,
    }
    after = {table: _meeting(now[table], rows).collect() for table, rows in reached.items()}
    fresh = {table: since.changes(table).fresh for table in WORKS}
    gone = {table: since.changes(table).gone for table in WORKS}
    return _both(after, fresh, gone, heads)


def _registered_alike(
    projects: pl.LazyFrame, within: pl.DataFrame, changed: pl.DataFrame
) -> pl.DataFrame:
    """The projects, and those of the same name and county as any row of theirs."""
    columns = ("project_no", "region_code", "name")
    theirs = pl.concat(
        [_meeting(projects.select(columns), within).collect(), changed.select(columns)]
    )
    same = ["region_code", "_name"]
    named = theirs.with_columns(_name=folded_name("name")).select(same).unique()
    alike = projects.select(columns).with_columns(_name=folded_name("name"))
    found = alike.join(named.lazy(), on=same, how="semi", nulls_equal=True)
    return pl.concat([within, found.select("project_no").collect()]).unique()


def _by(rows: Mapping[Table, pl.DataFrame], name: str) -> pl.DataFrame:
    """The values of a column in all tables that have it."""
    found = [frame.select(name) for table, frame in rows.items() if name in table.schema]
    return pl.concat(found).drop_nulls().unique()


# -- what is common to both ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Heads:
    """Who is whose branch: the registry then and now, and the codes of which it changed."""

    before: pl.DataFrame
    after: pl.DataFrame

    @property
    def moved(self) -> list[str]:
        rows = pl.concat([self.before, self.after]).select(HEADS)
        return rows.filter(~rows.is_duplicated())["usc_code"].unique().sort().to_list()


@dataclass(frozen=True, slots=True)
class _Registered:
    """Registrations set apart: all, those of the night, and whose doubt begins or ends with it."""

    apart: pl.DataFrame
    fresh: pl.DataFrame
    turned: list[str]

    @classmethod
    def of(cls, tables: Tables, since: Since, heads: _Heads) -> _Registered:
        table, log = enterprise.REGISTRY, intake.QUARANTINE
        is_of_table = pl.col("target") == table.name
        apart = tables[log.name].filter(is_of_table).select(READ).collect()
        fresh = since.changes(log).fresh.filter(is_of_table).select(READ)
        was = apart.join(fresh, on=list(log.key), how="anti", nulls_equal=True)
        then, now = (
            overtaken({log.name: rows.lazy(), table.name: registry.lazy()}, table)
            for rows, registry in ((was, heads.before), (apart, heads.after))
        )
        codes = pl.concat([then, now])
        return cls(apart, fresh, codes.filter(~codes.is_duplicated())["usc_code"].to_list())


def _heads(tables: Tables, since: Since) -> _Heads:
    after = tables[enterprise.REGISTRY.name].select(OF_REGISTRY).collect()
    changed = since.changes(enterprise.REGISTRY)
    kept = after.join(changed.fresh, on="usc_code", how="anti")
    return _Heads(pl.concat([kept, changed.gone.select(OF_REGISTRY)]), after)


def _both(
    after: Mapping[Table, pl.DataFrame],
    fresh: Mapping[Table, pl.DataFrame],
    gone: Mapping[Table, pl.DataFrame],
    heads: _Heads,
) -> Neighbourhood:
    """The neighbourhood now, and what it was: without what is fresh, with what is gone."""
    registry = enterprise.REGISTRY.name
    before = {
        table: pl.concat(
            [
                rows.join(fresh[table], on=list(table.key), how="anti", nulls_equal=True),
                gone[table].select(rows.columns),
            ],
            rechunk=True,
        )
        for table, rows in after.items()
    }
    return Neighbourhood(
        {registry: heads.before.lazy(), **{t.name: rows.lazy() for t, rows in before.items()}},
        {registry: heads.after.lazy(), **{t.name: rows.lazy() for t, rows in after.items()}},
    )


def _asked(tables: Tables, table: Table) -> pl.LazyFrame:
    """The rows of a table without what tells where they came from."""
    return tables[table.name].select(compared(table))


def _meeting(rows: pl.LazyFrame, values: pl.DataFrame) -> pl.LazyFrame:
    return rows.join(values.lazy(), on=values.columns, how="semi")


def _height(rows: pl.LazyFrame) -> int:
    height: int = rows.select(pl.len()).collect().item()
    return height


SCOPES: dict[str, Callable[[Tables, Since, date, Numbers], Neighbourhood | None]] = {
    "person": of_people,
    "payer": of_payers,
    "works": of_works,
}
"""How a neighbourhood is found, by what a check judges by."""
