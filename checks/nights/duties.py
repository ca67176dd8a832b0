"""The duties of project managers whose verdicts a night may have changed, and what these rest on.

Belongs here: how far a change reaches among managers and the works that they lead. Does not: what
every neighbourhood is made of (`checks.nights.around`), the others (`checks.nights.neighbourhood`),
any check.

What is found of works follows from all who manage them and from all other works of these. So from
what a change touches it goes on to its managers, to their works, to who else manages these, and to
the works of those: what is found of the first two is found as among all rows, and of the others the
same before and after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.bases.quarantine import STRANGER
from assets.persons import Numbers
from assets.tables import intake, personnel, project
from checks.across.apart import PLACE, READ
from checks.across.common import Tables
from checks.across.managers import is_managing
from checks.nights.around import (
    HEADS,
    Neighbourhood,
    Registered,
    asked,
    heads_of,
    is_too_much,
    meeting,
    of_any_number,
    then_and_now,
    turned,
)
from checks.since import Since

WORKS = (project.PARTY, project.CONTRACT, project.ACCEPTANCE)
DUTIES = (*WORKS, personnel.REGISTRATION)
DECLARED = (*HEADS, "region_code")
"""Columns of the registry that say who is whose branch, and by which region's completeness."""
_OF_PEOPLE = (project.PARTY, personnel.REGISTRATION)
_PAIR = ("contract_no", "person_key")


def of_duties(tables: Tables, since: Since, as_of: date, numbers: Numbers) -> Neighbourhood | None:
    """All duties of managers whom a change or the calendar touches, with works and registrations.

    Of rows set apart all that are of these tables or of the registry, and the registrations that
    clear them.

    Returns:
        None where so much has changed that everything is checked: also where registrations come
        to be declared complete of a region, or no more.
    """
    newly = _newly_declared(tables, since)
    if newly is None:
        return None
    now = {table: asked(tables, table) for table in DUTIES}
    now[project.PARTY] = now[project.PARTY].filter(is_managing())
    fresh = {table: since.changes(table).fresh for table in DUTIES}
    gone = {table: since.changes(table).gone for table in DUTIES}
    for told in (fresh, gone):
        told[project.PARTY] = told[project.PARTY].filter(is_managing())
    changed = {table: pl.concat([fresh[table], gone[table]]) for table in DUTIES}
    apart = _apart(tables)
    anew = since.changes(intake.QUARANTINE).fresh
    told_apart = apart.join(anew.select(PLACE).unique(), on=PLACE, how="semi")
    told_apart = pl.concat([told_apart, _borne(apart, changed[personnel.REGISTRATION])])
    heads = heads_of(tables, since, DECLARED)
    registered = Registered.of(tables, since, heads)
    moved = sorted({*heads.moved, *registered.turned})
    is_theirs = pl.col("usc_code").is_in(_at_any(told_apart, moved).implode())
    duties = _Duties.of(now[project.PARTY], changed[project.PARTY], apart)
    dated = turned((project.ACCEPTANCE, personnel.REGISTRATION), since.as_of, as_of)
    has_day = {table: dated.get(table, pl.lit(False)) for table in DUTIES}
    works = pl.concat(
        [
            *(changed[table].select("contract_no") for table in WORKS),
            told_apart.select("contract_no"),
            *(
                now[table].filter(has).select("contract_no").collect()
                for table, has in (
                    (project.PARTY, is_theirs),
                    (project.CONTRACT, is_theirs),
                    (project.ACCEPTANCE, is_theirs | has_day[project.ACCEPTANCE] | newly),
                )
            ),
        ]
    )
    registrations = now[personnel.REGISTRATION]
    people = pl.concat(
        [
            *(changed[table].select("person_key") for table in _OF_PEOPLE),
            *(rows.select("person_key") for rows in (told_apart, apart.filter(is_theirs))),
            registrations.filter(is_theirs | has_day[personnel.REGISTRATION])
            .select("person_key")
            .collect(),
        ]
    )

    first = works.drop_nulls().unique()
    managers = of_any_number(pl.concat([people.drop_nulls(), duties.people_of(first)]), numbers)
    theirs = pl.concat([first, duties.works_of(managers)]).unique()
    others = of_any_number(pl.concat([managers, duties.people_of(theirs)]), numbers)
    every = pl.concat([theirs, duties.works_of(others)]).unique()
    if is_too_much(every.height, duties.pairs.height):
        return None
    numbered = pl.col("registration_no").is_in(apart["registration_no"].drop_nulls().implode())
    is_of_them = pl.col("person_key").is_in(others["person_key"].implode())
    after = {table: meeting(now[table], every).collect() for table in WORKS}
    after[personnel.REGISTRATION] = registrations.filter(is_of_them | numbered).collect()
    after[intake.QUARANTINE] = pl.concat([apart.select(READ), registered.apart])
    of_duties_anew = anew.filter(_is_of_duties()).select(READ)
    fresh[intake.QUARANTINE] = pl.concat([of_duties_anew, registered.fresh])
    gone[intake.QUARANTINE] = fresh[intake.QUARANTINE].clear()
    after[intake.COVERAGE] = asked(tables, intake.COVERAGE).collect()
    fresh[intake.COVERAGE] = since.changes(intake.COVERAGE).fresh
    gone[intake.COVERAGE] = since.changes(intake.COVERAGE).gone
    return then_and_now(after, fresh, gone, heads)


def _newly_declared(tables: Tables, since: Since) -> pl.Expr | None:
    """Whether an acceptance is of a day up to which registrations are declared complete only now.

    Or were until then. None where a region is declared for the first time, or no more.
    """
    coverage = intake.COVERAGE
    now = asked(tables, coverage).collect()
    changed = since.changes(coverage)
    kept = now.join(changed.fresh, on=list(coverage.key), how="anti", nulls_equal=True)
    then = pl.concat([kept, changed.gone])
    until = [
        rows.filter(pl.col("target") == personnel.REGISTRATION.name, pl.col("is_complete"))
        .group_by("region_code")
        .agg(until=pl.col("as_of").max())
        for rows in (then, now)
    ]
    moved = until[0].join(until[1], on="region_code", how="full", suffix="_now")
    moved = moved.filter(pl.col("until").ne_missing(pl.col("until_now")))
    if moved.select(pl.any_horizontal(pl.all().is_null()).any()).item():
        return None
    days = pl.concat([moved["until"], moved["until_now"]])
    return (
        pl.col("accepted_on")
        .is_between(pl.lit(days.min(), pl.Date()), pl.lit(days.max(), pl.Date()))
        .fill_null(False)
    )


def _is_of_duties() -> pl.Expr:
    return pl.col("target").is_in([table.name for table in DUTIES])


def _apart(tables: Tables) -> pl.DataFrame:
    """The rows set apart of these tables, with the contract and registration that they name."""
    return (
        tables[intake.QUARANTINE.name]
        .filter(_is_of_duties())
        .select(READ)
        .with_columns(
            pl.coalesce(
                pl.col(told).str.json_path_match(f"$.{name}") for told in ("typed_json", "key_json")
            ).alias(name)
            for name in ("contract_no", "registration_no")
        )
        .collect()
    )


def _borne(apart: pl.DataFrame, registrations: pl.DataFrame) -> pl.DataFrame:
    """Of registrations set apart those whose number a changed one bears, which may clear them."""
    numbers = registrations.select("registration_no").unique()
    return apart.filter(pl.col("target") == personnel.REGISTRATION.name).join(
        numbers, on="registration_no", how="semi"
    )


def _at_any(apart: pl.DataFrame, moved: list[str]) -> pl.Series:
    """Enterprises of which any duty is touched.

    Their head or region is another, or whose branch they are is in doubt only now or until then;
    or a row was set apart, or cleared, that may be about any of their works, or any of their
    registrations.
    """
    is_registration = pl.col("target") == personnel.REGISTRATION.name
    is_nobodys = pl.col("person_key").is_null() | pl.col("person_key").str.starts_with(STRANGER)
    is_of_any = pl.when(is_registration).then(is_nobodys).otherwise(pl.col("contract_no").is_null())
    codes = apart.filter(is_of_any)["usc_code"].drop_nulls()
    return pl.concat([codes, pl.Series("usc_code", moved, dtype=pl.String())]).unique()


@dataclass(frozen=True, slots=True)
class _Duties:
    """Who manages, managed or may manage which works."""

    pairs: pl.DataFrame

    @classmethod
    def of(cls, now: pl.LazyFrame, changed: pl.DataFrame, apart: pl.DataFrame) -> _Duties:
        """Of the duties told now, those that have changed, and those set apart."""
        of_party = apart.filter(pl.col("target") == project.PARTY.name)
        told = [now.select(_PAIR).collect(), changed.select(_PAIR), of_party.select(_PAIR)]
        return cls(pl.concat(told).drop_nulls().unique())

    def people_of(self, works: pl.DataFrame) -> pl.DataFrame:
        """Who manages any of the works."""
        return self.pairs.join(works, on="contract_no", how="semi").select("person_key")

    def works_of(self, people: pl.DataFrame) -> pl.DataFrame:
        """Which works any of the people manages."""
        return self.pairs.join(people, on="person_key", how="semi").select("contract_no")
