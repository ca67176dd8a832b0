"""The rows whose verdicts a night may have changed, and all that these verdicts rest on.

Belongs here: for each kind of neighbourhood the tables that belong to it, and how far a change
reaches. Does not: what all are made of (`checks.nights.around`), that of managers
(`checks.nights.duties`), any check, or what is made of its findings (`checks.nights.carried`).

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

from collections.abc import Callable, Mapping
from datetime import date

import polars as pl

from assets.lake.changes import Changes
from assets.lake.declaration import Table
from assets.persons import Numbers
from assets.tables import intake, personnel, project
from checks.across.apart import Apart
from checks.across.common import (
    CLAIMS,
    Tables,
    counted_months,
    folded_name,
    insured_since,
    is_insured,
)
from checks.nights.around import (
    Heads,
    Neighbourhood,
    Registered,
    asked,
    heads_of,
    height,
    is_too_much,
    meeting,
    of_any_number,
    then_and_now,
    turned,
)
from checks.nights.duties import of_duties
from checks.since import Since

PEOPLE = (*personnel.TABLES, CLAIMS)
WORKS = (
    project.PROJECT,
    project.CONTRACT,
    project.UNIT,
    project.MEASURE,
    project.ACCEPTANCE,
    project.PARTY,
)
_PLAIN = r"^[\x{4E00}-\x{9FFF}0-9A-Z]*$"
"""A name of ideographs, digits and capitals, which is folded already (`folded_name`)."""


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
    now = {table: asked(tables, table) for table in PEOPLE}
    now[personnel.INSURANCE] = now[personnel.INSURANCE].filter(recent)
    changed = {table: since.changes(table).both for table in PEOPLE}
    changed[personnel.INSURANCE] = changed[personnel.INSURANCE].filter(recent)
    key = "person_key"
    apart = Apart.of_people(tables, since.changes(intake.QUARANTINE).fresh, changed)
    touched = [rows.select(key) for rows in changed.values()]
    touched += [apart.fresh.select(key), apart.bearing(apart.fresh).select(key)]
    heads = heads_of(tables, since)
    registered = Registered.of(tables, since, heads)
    if moved := sorted({*heads.moved, *registered.turned}):
        for table, rows in now.items():
            if "usc_code" in table.schema:
                here = rows.filter(pl.col("usc_code").is_in(moved)).select(key)
                touched.append(here.collect())
        touched.append(apart.rows.filter(pl.col("usc_code").is_in(moved)).select(key))
    touched += [
        now[table].filter(has).select(key).collect()
        for table, has in turned(now, since.as_of, as_of).items()
    ]
    dead = now[personnel.PERSON].filter(pl.col("deceased_on").is_not_null())
    touched.append(dead.select(key).collect())
    first = of_any_number(pl.concat(touched).drop_nulls(), numbers)
    people = now[personnel.PERSON]
    if is_too_much(first.height, height(people)):
        return None
    reached = [first, apart.partners(first)]
    for table, number in personnel.NUMBERS.items():
        theirs = meeting(now[table], first).select(number).collect()
        borne = pl.concat([theirs, changed[table].select(number)]).unique()
        reached.append(meeting(now[table], borne).select(key).collect())
    reached.append(_namesakes(people, first, changed[personnel.PERSON]))
    every = of_any_number(pl.concat(reached), numbers)
    after = {table: meeting(rows, every).collect() for table, rows in now.items()}
    fresh = {table: since.changes(table).fresh for table in PEOPLE}
    gone = {table: since.changes(table).gone for table in PEOPLE}
    gone[personnel.INSURANCE] = gone[personnel.INSURANCE].filter(recent)
    after[intake.QUARANTINE] = pl.concat([apart.about(every), registered.apart])
    fresh[intake.QUARANTINE] = pl.concat([apart.fresh, registered.fresh])
    gone[intake.QUARANTINE] = apart.fresh.clear()
    return then_and_now(after, fresh, gone, heads)


def _namesakes(people: pl.LazyFrame, first: pl.DataFrame, changed: pl.DataFrame) -> pl.DataFrame:
    """Persons of the same name and day of birth as one of the first, by any of their rows."""
    columns = ("person_key", "born_on", "name")
    theirs = pl.concat([meeting(people.select(columns), first).collect(), changed.select(columns)])
    same = ["born_on", "_name"]
    named = theirs.with_columns(_name=folded_name("name")).select(same).drop_nulls().unique()
    born = meeting(people.select(columns), named.select("born_on").unique())
    return named_alike(born, named).select("person_key").collect()


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
    heads = heads_of(tables, since)
    moved = pl.DataFrame({"usc_code": heads.moved}, schema={"usc_code": pl.String})
    touched = pl.concat([changed.both.select("usc_code"), moved, tied]).unique()
    payers = _with_kin(touched, heads)
    if is_too_much(payers.height, heads.after.height):
        return None
    after = {insurance: meeting(asked(tables, insurance), payers).collect()}
    return then_and_now(after, {insurance: changed.fresh}, {insurance: changed.gone}, heads)


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


def _with_kin(codes: pl.DataFrame, heads: Heads) -> pl.DataFrame:
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
    now = {table: asked(tables, table) for table in WORKS}
    changed = {table: since.changes(table).both for table in WORKS}
    heads = heads_of(tables, since)
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
    hung = meeting(units, by["unit_code"]).collect()
    signed = pl.concat([by["contract_no"], hung.select("contract_no")]).unique()
    if is_too_much(signed.height, height(contracts)):
        return None
    within = pl.concat(
        [
            by["project_no"],
            hung.select("project_no"),
            meeting(contracts, signed).select("project_no").collect(),
            meeting(units, signed).select("project_no").collect(),
        ]
    ).unique()
    projects = _registered_alike(now[project.PROJECT], within, changed[project.PROJECT])
    signed = pl.concat(
        [
            signed,
            meeting(contracts, projects).select("contract_no").collect(),
            meeting(units, projects).select("contract_no").collect(),
        ]
    ).unique()
    hung = pl.concat(
        [
            meeting(units, rows).select("unit_code", "project_no").collect()
            for rows in (signed, projects)
        ]
    )
    parts = pl.concat([by["unit_code"], hung.select("unit_code")]).unique()
    projects = pl.concat(
        [
            projects,
            hung.select("project_no"),
            meeting(contracts, signed).select("project_no").collect(),
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
    after = {table: meeting(now[table], rows).collect() for table, rows in reached.items()}
    fresh = {table: since.changes(table).fresh for table in WORKS}
    gone = {table: since.changes(table).gone for table in WORKS}
    return then_and_now(after, fresh, gone, heads)


def _registered_alike(
    projects: pl.LazyFrame, within: pl.DataFrame, changed: pl.DataFrame
) -> pl.DataFrame:
    """The projects, and those of the same name and county as any row of theirs."""
    columns = ("project_no", "region_code", "name")
    theirs = pl.concat(
        [meeting(projects.select(columns), within).collect(), changed.select(columns)]
    )
    same = ["region_code", "_name"]
    named = theirs.with_columns(_name=folded_name("name")).select(same).unique()
    found = named_alike(projects.select(columns), named)
    return pl.concat([within, found.select("project_no").collect()]).unique()


def _by(rows: Mapping[Table, pl.DataFrame], name: str) -> pl.DataFrame:
    """The values of a column in all tables that have it."""
    found = [frame.select(name) for table, frame in rows.items() if name in table.schema]
    return pl.concat(found).drop_nulls().unique()


def named_alike(rows: pl.LazyFrame, named: pl.DataFrame) -> pl.LazyFrame:
    """The rows whose name, folded, is that of one of `named`, which agrees in all else it tells.

    Most names are written as they are folded: only of the others is it worked out.

    Args:
        rows: with `name`.
        named: `_name`, folded, and columns of the rows.
    """
    told = rows.with_columns(_is_plain=pl.col("name").str.contains(_PLAIN).fill_null(False))
    plain = told.filter("_is_plain").with_columns(_name="name")
    odd = told.filter(~pl.col("_is_plain")).with_columns(_name=folded_name("name"))
    return pl.concat(
        one.join(named.lazy(), on=named.columns, how="semi", nulls_equal=True)
        for one in (plain, odd)
    )


SCOPES: dict[str, Callable[[Tables, Since, date, Numbers], Neighbourhood | None]] = {
    "person": of_people,
    "payer": of_payers,
    "works": of_works,
    "duty": of_duties,
}
"""How a neighbourhood is found, by what a check judges by."""
