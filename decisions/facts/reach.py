"""What each of many cases can touch, found in one reading of the facts.

Belongs here: the rows that go into the archive package of a case, for a whole batch at once. Does
not: the evaluation, nor reading the few rows of one enterprise (`decisions.facts.narrow`). From
what that would read for the case are left out: months of insurance that no kind of application asks
for, with the people known from them alone, and own decisions and certificates from after it. The
evaluation must come out the same (a test compares every case).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from assets.calendar import legal_date
from assets.lake.declaration import Table
from assets.tables import (
    FACT_TABLES,
    certificate,
    check,
    decision,
    enterprise,
    intake,
    personnel,
    project,
)
from decisions.facts.declared import PROVINCE
from decisions.facts.doubtful import LINKED, perhaps_theirs
from decisions.facts.lost import ROW, Lost, borne_by, told
from decisions.facts.model import Facts
from decisions.facts.touched import (
    BY_CONTRACT,
    BY_PERSON,
    CARRIED_ON,
    MAY_LEAD,
    NAMING_PEOPLE,
    TOLD_OF,
)
from decisions.facts.trust import row_key_columns
from decisions.facts.unread import duties_of_nobody
from decisions.plans import among, at_once

OF = "_of"
"""The case that a row is for; tables have an `application_id` of their own."""


def reach(
    facts: Facts, cases: pl.DataFrame, tables: Iterable[Table], insurance_months: int
) -> dict[str, pl.DataFrame]:
    """The rows of each table that each case can touch, in memory, with the case as `OF`.

    Args:
        facts: as they were when the cases were decided.
        cases: `application_id`, `usc_code`, `filed_at`, `decided_at` of cases decided on these
            facts.
        tables: which tables are wanted.
        insurance_months: so many full months before the filing at most are asked for.
    """
    wanted = list(tables)
    of = cases.select(
        pl.col("application_id").alias(OF),
        "usc_code",
        "decided_at",
        until=legal_date(pl.col("filed_at")).dt.month_start(),
    ).with_columns(since=pl.col("until").dt.offset_by(f"-{insurance_months}mo"))
    read = _read(facts, of)
    perhaps = _perhaps_theirs(read, of, facts.in_doubt)
    registry = _registry(read, of, perhaps)
    members = pl.concat([one.select(OF, "usc_code") for one in (of, registry, perhaps)]).unique()
    found = {
        table.name: read[table.name].join(members, on="usc_code")
        for table in wanted
        if "usc_code" in table.schema and table not in (enterprise.REGISTRY, *TOLD_OF)
    }
    found[enterprise.REGISTRY.name] = registry
    found[personnel.INSURANCE.name] = _asked(found[personnel.INSURANCE.name], of)
    apart = read[intake.QUARANTINE.name].join(members, on="usc_code")
    naming = [{**found, intake.QUARANTINE.name: apart}[table.name] for table in NAMING_PEOPLE]
    people = pl.concat(rows.select(OF, "person_key") for rows in naming).drop_nulls().unique()
    for table in (*BY_PERSON, personnel.PERSON):
        named = read[table.name].join(people, on="person_key")
        found[table.name] = _with(found.get(table.name), named, table)
    others = _counterparts(found)
    for table in CARRIED_ON:
        carried = read[table.name].join(others, on="usc_code")
        found[table.name] = _with(found.get(table.name), carried, table)
    found |= _works(read, found, members, people, facts.lost)
    found |= _places(read, found, of)
    found |= _own(read, found, of, members, others)
    found |= _doubts(read, found, pl.concat([members, others]).unique(), people)
    if not facts.lost.is_empty():
        found[intake.QUARANTINE.name] = _with_lost(facts.lost, found, of)
    return {table.name: found[table.name] for table in wanted}


def _read(facts: Facts, of: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The rows of all the cases' enterprises; no insurance from months that none asks for."""
    narrowed = facts.of_enterprises(of["usc_code"].unique().to_list(), min(of["since"])).tables
    return dict(zip(narrowed, pl.collect_all(list(narrowed.values())), strict=True))


def _asked(insurance: pl.DataFrame, of: pl.DataFrame) -> pl.DataFrame:
    """The months that the case's own day of filing asks for at most."""
    return (
        insurance.join(of.select(OF, "since", "until"), on=OF)
        .filter(pl.col("month").is_between("since", "until", closed="left"))
        .drop("since", "until")
    )


def _perhaps_theirs(
    read: Mapping[str, pl.DataFrame], of: pl.DataFrame, in_doubt: pl.DataFrame
) -> pl.DataFrame:
    """What may be a branch of a case's enterprise: `OF`, `usc_code`."""
    if in_doubt.is_empty():
        return of.select(OF, "usc_code").clear()
    own = of.select(OF, "usc_code", "since", "until")
    branches = (
        read[enterprise.REGISTRY.name]
        .join(own, left_on="parent_usc_code", right_on="usc_code")
        .select(own.columns)
    )
    found = at_once(
        perhaps_theirs(
            pl.concat([own, branches]).lazy().rename({OF: "of"}),
            {table.name: read[table.name].lazy() for table in (*LINKED, personnel.INSURANCE)},
            in_doubt,
        )
    )
    return (
        found.rename({"of": OF})
        .join(of.select(OF, "since", "until"), on=OF)
        .filter(pl.col("month").is_between("since", "until", closed="left").fill_null(True))
        .select(OF, "usc_code")
        .unique()
    )


def _registry(
    read: Mapping[str, pl.DataFrame], of: pl.DataFrame, perhaps: pl.DataFrame
) -> pl.DataFrame:
    """The enterprise, its branches, and what may be one."""
    registry = read[enterprise.REGISTRY.name]
    codes = pl.concat([of.select(OF, "usc_code"), perhaps]).unique()
    branches = registry.join(
        of.select(OF, "usc_code"), left_on="parent_usc_code", right_on="usc_code"
    )
    return _with(registry.join(codes, on="usc_code"), branches, enterprise.REGISTRY)


def _counterparts(found: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The other sides of a case's mergers and splits: what they held may be carried on."""
    events = found[enterprise.EVENT.name].select(OF, usc_code="counterpart_usc_code")
    return events.drop_nulls().unique()


def _works(
    read: Mapping[str, pl.DataFrame],
    found: Mapping[str, pl.DataFrame],
    members: pl.DataFrame,
    people: pl.DataFrame,
    lost: Lost,
) -> dict[str, pl.DataFrame]:
    """Works led elsewhere by the people of a case: their contracts, units and measures.

    And of other works of the same builders what says that a row astray is of them.
    """
    apart = read[intake.QUARANTINE.name].filter(target=project.PARTY.name)
    parties = [
        found[project.PARTY.name].select(OF, "usc_code", "contract_no"),
        apart.join(people, on="person_key").select(OF, "usc_code", contract_no=told("contract_no")),
    ]
    elsewhere = pl.concat(parties).join(members, on=[OF, "usc_code"], how="anti")
    builders = elsewhere.select(OF, "usc_code").drop_nulls().unique()
    nameless = elsewhere.filter(pl.col("usc_code").is_null()).select(OF).unique()
    contracts = elsewhere.select(OF, "contract_no").drop_nulls().unique()

    cases, astray = elsewhere.select(OF).unique(), lost.of_works()

    def widened(table: Table, keys: pl.DataFrame, key: str) -> pl.DataFrame:
        also = [
            read[table.name].filter(among(column, numbers)).join(cases, how="cross")
            for column, numbers in astray.get(table.name, {}).items()
        ]
        rows = pl.concat([read[table.name].join(keys, on=key), *also])
        theirs = [
            rows.join(builders, on=[OF, "usc_code"], how="semi"),
            rows.join(nameless, on=OF, how="semi"),
        ]
        return _with(found[table.name], pl.concat(theirs), table)

    works = {table.name: widened(table, contracts, "contract_no") for table in BY_CONTRACT}
    units = works[project.UNIT.name].select(OF, "unit_code").drop_nulls().unique()
    return {
        **works,
        project.MEASURE.name: widened(project.MEASURE, units, "unit_code"),
        project.PARTY.name: widened(project.PARTY, contracts.clear(), "contract_no"),
    }


def _places(
    read: Mapping[str, pl.DataFrame], found: Mapping[str, pl.DataFrame], of: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """The projects of the units, and what is declared complete where the enterprise is."""
    projects = found[project.UNIT.name].select(OF, "project_no").drop_nulls().unique()
    registry = found[enterprise.REGISTRY.name]
    cities = registry.select(OF, region_code=pl.col("region_code").str.slice(0, 4) + "00")
    province = of.select(OF, region_code=pl.lit(PROVINCE))
    regions = pl.concat([cities, province]).drop_nulls().unique()
    said = read[intake.COVERAGE.name]
    # Wherever it was for, the last statement on a table tells when its channel last delivered.
    last = said.sort("received_at", *intake.COVERAGE.key).unique(
        "target", keep="last", maintain_order=True
    )
    stated = _with(
        said.join(regions, on="region_code"),
        last.join(of.select(OF), how="cross"),
        intake.COVERAGE,
    )
    return {
        project.PROJECT.name: read[project.PROJECT.name].join(projects, on="project_no"),
        intake.COVERAGE.name: stated,
    }


def _own(
    read: Mapping[str, pl.DataFrame],
    found: Mapping[str, pl.DataFrame],
    of: pl.DataFrame,
    members: pl.DataFrame,
    others: pl.DataFrame,
) -> dict[str, pl.DataFrame]:
    """Own qualifications of the certificates known then; own decisions from before the case's.

    Decisions also about the other sides of mergers and splits, and by which they were succeeded.
    """
    name = certificate.QUALIFICATION.name
    sealed = found[certificate.CERTIFICATE.name].select(OF, "file_sha256")
    own = {name: found[name].join(sealed, on=[OF, "file_sha256"], how="semi")}
    if decision.DECISION.name in found:
        made = read[decision.DECISION.name]
        theirs = [
            made.join(pl.concat([members, others]), on="usc_code"),
            made.join(
                others.rename({"usc_code": "predecessor_usc_code"}), on="predecessor_usc_code"
            ),
        ]
        own[decision.DECISION.name] = (
            pl.concat(rows.select(OF, *decision.DECISION.schema) for rows in theirs)
            .unique([OF, *decision.DECISION.key], keep="first")
            .join(of.select(OF, until="decided_at"), on=OF)
            .filter(pl.col("decided_at") < pl.col("until"))
            .drop("until")
        )
    return own


def _doubts(
    read: Mapping[str, pl.DataFrame],
    found: Mapping[str, pl.DataFrame],
    members: pl.DataFrame,
    people: pl.DataFrame,
) -> dict[str, pl.DataFrame]:
    """What was set apart or found about a case's enterprises, its people, and any of its rows."""
    works = (project.PARTY, project.CONTRACT)
    builders = [found[table.name].select(OF, "usc_code").drop_nulls() for table in works]
    known = pl.concat([members, *builders]).unique()
    named = [people.select(OF, row_key="person_key")] + [
        found[table.name].select(OF, row_key=pl.col(name).cast(pl.String))
        for table in FACT_TABLES
        if table.name in found
        for name in row_key_columns(table)
    ]
    keys = pl.concat(named).drop_nulls().unique()
    apart, findings = read[intake.QUARANTINE.name], read[check.FINDING.name]
    # A project names no enterprise: those of a case's units.
    projects = found[project.UNIT.name].select(OF, "project_no").drop_nulls().unique()
    numbered = apart.filter(target=project.PROJECT.name).with_columns(
        project_no=pl.col("key_json").str.json_path_match("$.project_no")
    )
    of_projects = numbered.join(projects, on="project_no").drop("project_no")
    others = [apart.join(people, on="person_key"), of_projects]
    theirs = _with(
        apart.join(known, on="usc_code"),
        pl.concat(rows.select(OF, *intake.QUARANTINE.schema) for rows in others),
        intake.QUARANTINE,
    )
    return {
        intake.QUARANTINE.name: _with(
            theirs, _duties_elsewhere(read, found, theirs), intake.QUARANTINE
        ),
        check.FINDING.name: _with(
            findings.join(known, on="usc_code"), findings.join(keys, on="row_key"), check.FINDING
        ),
    }


def _duties_elsewhere(
    read: Mapping[str, pl.DataFrame], found: Mapping[str, pl.DataFrame], apart: pl.DataFrame
) -> pl.DataFrame:
    """Duties that say not whose, at whoever has employed somebody who may lead."""
    names = [table.name for table in MAY_LEAD]
    lead = [*(found[name] for name in names), apart.filter(pl.col("target").is_in(names))]
    leaders = pl.concat(rows.select(OF, "person_key") for rows in lead).drop_nulls()
    employers = pl.concat(
        found[table.name]
        .join(leaders, on=[OF, "person_key"], how="semi")
        .select(OF, "usc_code")
        .drop_nulls()
        for table in personnel.NUMBERS
    )
    duties = at_once(duties_of_nobody(read[intake.QUARANTINE.name].lazy()))
    return duties.join(employers.unique(), on="usc_code")


def _with_lost(lost: Lost, found: Mapping[str, pl.DataFrame], of: pl.DataFrame) -> pl.DataFrame:
    """What was set apart, and what may be of a case's enterprise although it names none."""
    apart = found[intake.QUARANTINE.name]
    rows = {name: frame.lazy() for name, frame in found.items()}
    parents = lost.rows.select(ROW)[lost.parents["place"]].with_columns(lost.parents["usc_code"])
    mine = of.select(OF, "usc_code")
    unknown = mine.join(found[enterprise.REGISTRY.name], on=[OF, "usc_code"], how="anti")
    which = [
        at_once(borne_by(lost.rows, rows, apart.lazy(), OF)),
        parents.join(mine, on="usc_code").drop("usc_code"),
        parents.filter(pl.col("usc_code").is_null()).join(unknown.select(OF), how="cross"),
    ]
    theirs = pl.concat(one.select(*which[0].columns) for one in which).unique()
    return _with(apart, lost.rows.join(theirs, on=list(ROW)), intake.QUARANTINE)


def _with(known: pl.DataFrame | None, extra: pl.DataFrame, table: Table) -> pl.DataFrame:
    if known is None:
        return extra
    return pl.concat([known, extra.select(known.columns)]).unique([OF, *table.key], keep="first")
