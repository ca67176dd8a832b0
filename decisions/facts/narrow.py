"""Reading only what concerns a few enterprises, so that one case is decided in milliseconds.

Belongs here: which rows of which table the evaluation of an enterprise can touch. Does not:
the evaluation. The answer must be the same as from the whole tables (a test compares them).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from types import MappingProxyType

import polars as pl

from assets.lake.declaration import Table
from assets.persons import ONE_EACH, Numbers
from assets.tables import (
    BY_NAME,
    check,
    decision,
    enterprise,
    intake,
    personnel,
    project,
)
from decisions.facts.doubtful import EMPLOYING, LINKED, perhaps_theirs
from decisions.facts.lost import Lost, told, with_rows
from decisions.facts.resident import Resident, Wanted, find
from decisions.facts.touched import (
    BY_CONTRACT,
    BY_PERSON,
    CARRIED_ON,
    MAY_LEAD,
    NAMING_ENTERPRISES,
    NAMING_PEOPLE,
)
from decisions.facts.unread import duties_of_nobody
from decisions.plans import among, as_written, at_once

Find = Callable[[Sequence[Wanted]], list[pl.DataFrame]]
"""`decisions.facts.resident.find` in the tables at hand."""


def narrow(
    tables: Mapping[str, pl.LazyFrame],
    usc_codes: Collection[str],
    in_doubt: pl.DataFrame,
    lost: Lost,
    residents: Mapping[str, Resident] = MappingProxyType({}),
    insured_from: date | None = None,
    numbers: Numbers = ONE_EACH,
) -> tuple[dict[str, pl.LazyFrame], frozenset[str]]:
    """The tables with only the rows that these enterprises' cases can touch, in memory.

    Args:
        tables: every table of `decisions.facts.model`.
        usc_codes: the applicants.
        in_doubt: the bodies of which nobody knows to whom they belong (`Facts.in_doubt`).
        lost: rows set apart of which nobody knows whose they are (`Facts.lost`).
        residents: tables that are held in memory whole.
        insured_from: the first month whose insurance is of interest; None = all.
        numbers: who has several identity numbers in the tables; what is found is by person.

    Returns:
        Every table, and the names of those without a row.
    """
    insurance = tables[personnel.INSURANCE.name]
    if insured_from is not None:
        insurance = insurance.filter(pl.col("month") >= insured_from)
    read: Find = partial(find, {**tables, personnel.INSURANCE.name: insurance}, residents)
    if not numbers.are_each_of_one:
        read = partial(_by_person, read, numbers)
    wanted = pl.Series(sorted(set(usc_codes)), dtype=pl.String())
    (registry,) = read(
        [Wanted(enterprise.REGISTRY.name, {"usc_code": wanted, "parent_usc_code": wanted})]
    )
    codes = pl.Series(sorted({*wanted, *registry["usc_code"]} - {None}), dtype=pl.String())
    if not in_doubt.is_empty():
        perhaps = _perhaps_theirs(read, codes, in_doubt)
        (doubted,) = read([Wanted(enterprise.REGISTRY.name, {"usc_code": perhaps})])
        registry = _with(registry, doubted, _are_others(codes))
        codes = pl.concat([codes, perhaps]).unique().sort()
    found, are_others = _of_enterprises(read, codes), _are_others(codes)
    found[enterprise.REGISTRY.name] = registry
    people = pl.concat([found[table.name]["person_key"] for table in NAMING_PEOPLE]).unique()
    *rows, found[personnel.PERSON.name], apart = read(
        [
            Wanted(table.name, {"person_key": people})
            for table in (*BY_PERSON, personnel.PERSON, intake.QUARANTINE)
        ]
    )
    for table, theirs in zip(BY_PERSON, rows, strict=True):
        found[table.name] = _with(found[table.name], theirs, are_others)
    others = _add_counterparts(read, found, are_others)
    found |= _of_works(read, found, apart, are_others, lost)
    found |= _doubts(read, found, pl.concat([codes, others]), people)
    if not lost.is_empty():
        found[intake.QUARANTINE.name] = _with_lost(lost, found, wanted)
    # Read by the few cases that ask what was decided before, of whom they carry on from, too.
    named = pl.concat([codes, others])
    is_theirs = among("usc_code", named) | among("predecessor_usc_code", others).fill_null(False)
    own = tables[decision.DECISION.name].filter(is_theirs)
    lazy = {name: frame.lazy() for name, frame in found.items()}
    without_rows = frozenset(name for name, frame in found.items() if frame.is_empty())
    return {**tables, **lazy, decision.DECISION.name: own}, without_rows


_NAMING = ("person_key", "row_key")
"""Columns that may name a person."""


def _by_person(read: Find, numbers: Numbers, wanted: Sequence[Wanted]) -> list[pl.DataFrame]:
    """The rows wanted of persons under any of their numbers, as theirs."""
    asked = [
        replace(
            one,
            values={
                column: numbers.all_of(values) if column in _NAMING else values
                for column, values in one.values.items()
            },
        )
        for one in wanted
    ]

    def by_person(name: str, rows: pl.DataFrame) -> pl.DataFrame:
        if "person_key" not in rows.columns:
            return rows
        is_of_several = rows["person_key"].is_in(numbers.of_several.implode())
        return at_once(numbers.read(BY_NAME[name], rows.lazy())) if is_of_several.any() else rows

    return [by_person(one.name, rows) for one, rows in zip(wanted, read(asked), strict=True)]


def _perhaps_theirs(read: Find, codes: pl.Series, in_doubt: pl.DataFrame) -> pl.Series:
    """The codes of what may be a branch of theirs: its people may be theirs, too."""
    names = [table.name for table in (*LINKED, personnel.INSURANCE)]
    tied = dict(
        zip(names, read([Wanted(name, {"usc_code": codes}) for name in names]), strict=True)
    )
    people = pl.concat([rows["person_key"] for rows in tied.values()]).unique()
    shown = [table.name for table in (*EMPLOYING, personnel.INSURANCE)]
    doubted = {"usc_code": in_doubt["usc_code"].unique()}
    for name, rows in zip(
        shown, read([Wanted(name, doubted, {"person_key": people}) for name in shown]), strict=True
    ):
        tied[name] = pl.concat([tied[name], rows])
    ever = pl.lit(None, pl.Date())
    found = perhaps_theirs(
        pl.LazyFrame({"of": codes, "usc_code": codes}).with_columns(since=ever, until=ever),
        {name: rows.lazy() for name, rows in tied.items()},
        in_doubt,
    )
    return at_once(found)["usc_code"].unique().sort()


def _add_counterparts(read: Find, found: dict[str, pl.DataFrame], are_others: pl.Expr) -> pl.Series:
    """What the other sides of mergers and splits are and held: it may be carried on.

    Returns their codes.
    """
    others = found[enterprise.EVENT.name]["counterpart_usc_code"].drop_nulls()
    if others.is_empty():
        return others
    rows = read([Wanted(table.name, {"usc_code": others}) for table in CARRIED_ON])
    for table, theirs in zip(CARRIED_ON, rows, strict=True):
        found[table.name] = _with(found[table.name], theirs, are_others)
    return others


def _of_enterprises(read: Find, codes: pl.Series) -> dict[str, pl.DataFrame]:
    """Every table that names an enterprise, for these; the tables are sorted by it."""
    named = [
        table for table in NAMING_ENTERPRISES if table not in (enterprise.REGISTRY, check.FINDING)
    ]
    rows = read([Wanted(table.name, {"usc_code": codes}) for table in named])
    return {table.name: frame for table, frame in zip(named, rows, strict=True)}


def _of_works(
    read: Find,
    found: Mapping[str, pl.DataFrame],
    apart: pl.DataFrame,
    are_others: pl.Expr,
    lost: Lost,
) -> dict[str, pl.DataFrame]:
    """Works led elsewhere by the enterprise's people, and the projects of all works.

    Duties of theirs that were set apart (`apart`) are looked at, too, and of other works of the
    same builders whatever says that a row astray is of them: they may have led these.
    """
    works = dict(found)
    set_apart = apart.lazy().filter(target=project.PARTY.name)
    elsewhere = as_written(
        pl.concat(
            [
                found[project.PARTY.name].lazy().select("usc_code", "contract_no"),
                set_apart.select("usc_code", contract_no=told("contract_no")),
            ]
        ).filter(are_others)
    )
    if not elsewhere.is_empty():
        # Of others' rows only: of those named, else of whose rows bear the contract.
        contracts = {"contract_no": elsewhere["contract_no"]}
        named = [elsewhere["usc_code"]]
        if named[0].has_nulls():
            bearing = (*BY_CONTRACT, project.PARTY)
            named += [
                rows["usc_code"] for rows in read([Wanted(one.name, contracts) for one in bearing])
            ]
        builders = {"usc_code": pl.concat(named).drop_nulls().unique()}
        astray = lost.of_works()

        def wanted(table: Table, numbers: Mapping[str, pl.Series]) -> Wanted:
            return Wanted(table.name, _either(numbers, astray.get(table.name, {})), builders)

        rows = read([wanted(table, contracts) for table in BY_CONTRACT])
        for table, theirs in zip(BY_CONTRACT, rows, strict=True):
            works[table.name] = _with(found[table.name], theirs, are_others)
        units = {"unit_code": works[project.UNIT.name]["unit_code"]}
        (measures,) = read([wanted(project.MEASURE, units)])
        works[project.MEASURE.name] = _with(found[project.MEASURE.name], measures, are_others)
        if project.PARTY.name in astray:
            (duties,) = read([wanted(project.PARTY, {})])
            known = found[project.PARTY.name]
            fresh = duties.join(known, on=list(project.PARTY.key), how="anti", nulls_equal=True)
            works[project.PARTY.name] = _with(known, fresh, are_others)
    projects = {"project_no": works[project.UNIT.name]["project_no"]}
    (works[project.PROJECT.name],) = read([Wanted(project.PROJECT.name, projects)])
    return works


def _doubts(
    read: Find, found: Mapping[str, pl.DataFrame], codes: pl.Series, people: pl.Series
) -> dict[str, pl.DataFrame]:
    """What was set apart or found about these enterprises, people, and their works elsewhere."""
    works = (project.PARTY, project.CONTRACT)
    known = pl.concat([codes, *(found[table.name]["usc_code"] for table in works)])
    numbers = [found[table.name][name] for table, name in personnel.NUMBERS.items()]
    of_projects = pl.Series([project.PROJECT.name])
    apart, findings = read(
        [
            Wanted(
                intake.QUARANTINE.name,
                {"usc_code": known, "person_key": people, "target": of_projects},
            ),
            Wanted(
                check.FINDING.name, {"usc_code": known, "row_key": pl.concat([people, *numbers])}
            ),
        ]
    )
    # A project names no enterprise: those of its units.
    projects = pl.lit(found[project.UNIT.name]["project_no"]).implode()
    is_of_them = pl.col("key_json").str.json_path_match("$.project_no").is_in(projects)
    is_told = among("usc_code", known) | among("person_key", people)
    rows, is_project = apart.lazy(), pl.col("target") == project.PROJECT.name
    of_a_project = rows.filter(is_project).filter(is_told | is_of_them)
    told = [rows.filter(~is_project), of_a_project, _duties_elsewhere(read, found, apart, known)]
    return {
        intake.QUARANTINE.name: as_written(pl.concat(told)),
        check.FINDING.name: findings,
    }


def _duties_elsewhere(
    read: Find, found: Mapping[str, pl.DataFrame], apart: pl.DataFrame, known: pl.Series
) -> pl.LazyFrame:
    """Duties that say not whose, at whoever has employed somebody who may lead.

    Args:
        read: in the tables at hand.
        found: what was found of the enterprises and their people.
        apart: what was set apart of them.
        known: codes whose rows set apart are all among these.
    """
    names = [table.name for table in MAY_LEAD]
    lead = [*(found[name]["person_key"] for name in names)]
    lead.append(apart.filter(pl.col("target").is_in(names))["person_key"])
    rows = [found[one.name].lazy().select("usc_code", "person_key") for one in personnel.NUMBERS]
    is_theirs = among("person_key", pl.concat(lead).drop_nulls()) & ~among("usc_code", known)
    others = as_written(pl.concat(rows).filter(is_theirs))["usc_code"].unique().sort()
    if others.is_empty():
        return apart.clear().lazy()
    (theirs,) = read([Wanted(intake.QUARANTINE.name, {"usc_code": others})])
    return duties_of_nobody(theirs.lazy()).select(apart.columns)


def _with_lost(lost: Lost, found: Mapping[str, pl.DataFrame], wanted: pl.Series) -> pl.DataFrame:
    """What was set apart, and what may be of these enterprises although it names none.

    Registrations that name none may be of who is not on record.
    """
    apart = found[intake.QUARANTINE.name]
    places = [lost.borne(found, apart)]
    if not lost.parents.is_empty():
        known = found[enterprise.REGISTRY.name]["usc_code"]
        is_on_record = wanted.is_in(known.implode()).all()
        is_theirs = pl.col("usc_code").is_in(wanted.implode()).fill_null(not is_on_record)
        places.append(lost.parents.filter(is_theirs)["place"])
    which = pl.concat(places)
    return apart if which.is_empty() else with_rows(apart, lost.rows[which.unique().sort()])


def _either(some: Mapping[str, pl.Series], more: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
    """The values of both, by column."""
    return {
        column: pl.concat([values[column] for values in (some, more) if column in values])
        for column in dict.fromkeys((*some, *more))
    }


def _are_others(codes: pl.Series) -> pl.Expr:
    """Whether rows are of others than these enterprises."""
    return ~among("usc_code", codes).fill_null(False)


def _with(known: pl.DataFrame, theirs: pl.DataFrame, are_others: pl.Expr) -> pl.DataFrame:
    """The rows of some enterprises, and of those read by another column the ones of others."""
    if theirs.is_empty():
        return known
    return known.vstack(theirs.filter(are_others))
