"""Reading only what concerns a few enterprises, so that one case is decided in milliseconds.

Belongs here: which rows of which table the evaluation of an enterprise can touch. Does not:
the evaluation. The answer must be the same as from the whole tables (a test compares them).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from assets.declaration import Table
from assets.tables import (
    BASE_TABLES,
    certificate,
    check,
    decision,
    enterprise,
    intake,
    personnel,
    project,
)

_BY_PERSON = tuple(personnel.NUMBERS)
"""Also wanted for persons the enterprise insures or employs, whoever the row names."""
_BY_CONTRACT = (project.CONTRACT, project.UNIT, project.ACCEPTANCE)
"""Also wanted for contracts under which the leader or a constructor worked elsewhere."""


def narrow(
    tables: Mapping[str, pl.LazyFrame], usc_codes: Collection[str]
) -> dict[str, pl.LazyFrame]:
    """The tables with only the rows that these enterprises' cases can touch, in memory.

    Args:
        tables: every table of `decisions.facts`.
        usc_codes: the applicants.
    """
    wanted = sorted(set(usc_codes))
    registry = (
        tables[enterprise.REGISTRY.name]
        .filter(pl.col("usc_code").is_in(wanted) | pl.col("parent_usc_code").is_in(wanted))
        .collect()
    )
    codes = sorted({*wanted, *registry["usc_code"]})
    found = _of_enterprises(tables, codes)
    found[enterprise.REGISTRY.name] = registry
    people = (
        pl.concat(
            [
                found[table.name].select("person_key")
                for table in (
                    *_BY_PERSON,
                    personnel.INSURANCE,
                    personnel.TECHNICAL_LEAD,
                    project.PARTY,
                )
            ]
        )
        .unique()["person_key"]
        .implode()
    )
    by_person = [
        tables[table.name].filter(pl.col("person_key").is_in(people))
        for table in (*_BY_PERSON, personnel.PERSON, project.PARTY)
    ]
    rows = pl.collect_all(by_person)
    for table, extra in zip((*_BY_PERSON, personnel.PERSON, project.PARTY), rows, strict=True):
        found[table.name] = _with(found.get(table.name), extra, table)
    others = _add_counterparts(tables, found)
    found |= _of_works(tables, found, codes)
    found |= _doubts(tables, found, [*codes, *others], people)
    # Read by the few cases that ask what was decided before.
    own = tables[decision.DECISION.name].filter(pl.col("usc_code").is_in(codes))
    lazy = {name: frame.lazy() for name, frame in found.items()}
    return {**tables, **lazy, decision.DECISION.name: own}


def _add_counterparts(
    tables: Mapping[str, pl.LazyFrame], found: dict[str, pl.DataFrame]
) -> list[str]:
    """What the other sides of mergers and splits are and held: it may be carried on.

    Returns their codes.
    """
    others = found[enterprise.EVENT.name]["counterpart_usc_code"].drop_nulls().unique()
    if others.is_empty():
        return []
    wanted = (
        enterprise.REGISTRY,
        enterprise.CERTIFICATE,
        enterprise.QUALIFICATION,
        certificate.CERTIFICATE,
        certificate.QUALIFICATION,
    )
    rows = pl.collect_all(
        [tables[table.name].filter(pl.col("usc_code").is_in(others.implode())) for table in wanted]
    )
    for table, extra in zip(wanted, rows, strict=True):
        found[table.name] = _with(found.get(table.name), extra, table)
    return others.to_list()


def _of_enterprises(
    tables: Mapping[str, pl.LazyFrame], codes: list[str]
) -> dict[str, pl.DataFrame]:
    """Every table that names an enterprise, for these; the tables are sorted by it."""
    named = [
        table
        for table in (
            *BASE_TABLES,
            certificate.QUALIFICATION,
            certificate.CERTIFICATE,
        )
        if "usc_code" in table.schema and table is not enterprise.REGISTRY
    ]
    rows = pl.collect_all(
        [tables[table.name].filter(pl.col("usc_code").is_in(codes)) for table in named]
    )
    return {table.name: frame for table, frame in zip(named, rows, strict=True)}


def _of_works(
    tables: Mapping[str, pl.LazyFrame], found: dict[str, pl.DataFrame], codes: list[str]
) -> dict[str, pl.DataFrame]:
    """Works led elsewhere by the enterprise's people: their contracts, units and measures."""
    elsewhere = found[project.PARTY.name].filter(~pl.col("usc_code").is_in(codes))
    if elsewhere.is_empty():
        return {}
    builders = elsewhere["usc_code"].unique().implode()
    contracts = elsewhere["contract_no"].unique().implode()
    rows = pl.collect_all(
        [
            tables[table.name].filter(
                pl.col("usc_code").is_in(builders) & pl.col("contract_no").is_in(contracts)
            )
            for table in _BY_CONTRACT
        ]
    )
    widened = {
        table.name: _with(found[table.name], extra, table)
        for table, extra in zip(_BY_CONTRACT, rows, strict=True)
    }
    units = widened[project.UNIT.name]["unit_code"].implode()
    measures = (
        tables[project.MEASURE.name]
        .filter(pl.col("usc_code").is_in(builders) & pl.col("unit_code").is_in(units))
        .collect()
    )
    widened[project.MEASURE.name] = _with(found[project.MEASURE.name], measures, project.MEASURE)
    return widened


def _doubts(
    tables: Mapping[str, pl.LazyFrame],
    found: Mapping[str, pl.DataFrame],
    codes: list[str],
    people: pl.Series,
) -> dict[str, pl.DataFrame]:
    """What was set apart or found about these enterprises, people, and their works elsewhere."""
    builders = found[project.PARTY.name]["usc_code"].unique()
    known = sorted({*codes, *builders.drop_nulls()})
    persons = people.explode().drop_nulls().implode()
    numbers = pl.concat([found[table.name][name] for table, name in personnel.NUMBERS.items()])
    named = pl.col("row_key").is_in(persons) | pl.col("row_key").is_in(numbers.implode())
    of_enterprise = pl.col("usc_code").is_in(known)
    # A project names no enterprise: those of its units.
    projects = found[project.UNIT.name]["project_no"].unique().implode()
    of_project = (pl.col("target") == project.PROJECT.name) & pl.col(
        "key_json"
    ).str.json_path_match("$.project_no").is_in(projects)
    apart = tables[intake.QUARANTINE.name].filter(
        of_enterprise | pl.col("person_key").is_in(persons) | of_project
    )
    findings = tables[check.FINDING.name].filter(of_enterprise | named)
    rows = pl.collect_all([apart, findings])
    return dict(zip((intake.QUARANTINE.name, check.FINDING.name), rows, strict=True))


def _with(known: pl.DataFrame | None, extra: pl.DataFrame, table: Table) -> pl.DataFrame:
    if known is None:
        return extra
    return pl.concat([known, extra]).unique(list(table.key), keep="first", maintain_order=True)
