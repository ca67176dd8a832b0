"""Rows that name no enterprise and hold a criterion open all the same: for the worklist.

Belongs here: which of them each open criterion waits for, where nothing else it looks at names
them. Does not: whose they may be (`decisions.facts.astray`), rows named by a person or a number
(`decisions.waiting.faults`).
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from assets.lake.declaration import Table
from assets.tables import FACT_TABLES, enterprise, personnel, project
from decisions.facts.astray import astray
from decisions.facts.lost import told
from decisions.facts.model import Facts
from decisions.facts.payers import is_asked
from decisions.facts.unread import ABOUT
from decisions.waiting.absences import payers_of
from decisions.waiting.faults import CRITERION, LACKS, adrift, lacks, nameless, without_person

LED = "lead_performance"
_BY_LEADER = ("technical_lead", LED)
_OF_BRANCHES_TOO = (
    *("art23", "bar", "rectification"),
    *("performance", "equipment", "assets_other"),
)


NAMELESS = tuple(
    table
    for table in FACT_TABLES
    if "usc_code" in table.schema and "person_key" not in table.schema
)
"""Tables of enterprises: a row of them that names none is nobody's, unless a number tells."""


def unclaimed(facts: Facts) -> pl.DataFrame:
    """Rows set apart of enterprises that name none by anything: the columns of `LACKS`.

    No case waits for one (reading 56), so that only the stewards' list has it.
    """
    tables = [table for table in NAMELESS if table.name in facts.doubts]
    return lacks(
        pl.concat(
            [
                LACKS.to_frame(),
                *(lacks(facts.collect(nameless(facts, one, pl.lit("")))) for one in tables),
            ]
        )
    )


def strays(
    open_: pl.DataFrame, unknown: pl.DataFrame, evidence: pl.DataFrame, facts: Facts
) -> pl.DataFrame:
    """Rows of `LACKS`.

    Args:
        open_: `CRITERION`, `usc_code`, `source`, `filed_on`, `insurance_months` (asked for).
        unknown: `CRITERION`, `person_key` of evidence that counts as unknown.
        evidence: rows of `decision__evidence`.
        facts: the release.
    """
    return pl.concat(
        [
            _registrations(open_, facts),
            _appointments(unknown, facts),
            _months(open_, facts),
            _works_of_builders(open_, evidence, facts),
        ]
    )


def _asks_for_people() -> pl.Expr:
    return pl.col("source").str.starts_with("staff:") | pl.col("source").is_in(_BY_LEADER)


def _registrations(open_: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Registrations without a readable code: a branch's, or those of who is not on record."""
    if astray(facts, enterprise.REGISTRY) is None:
        return LACKS.to_frame()
    own = open_.select(*CRITERION, "usc_code", "source").unique()
    rows = facts.collect(nameless(facts, enterprise.REGISTRY, told("parent_usc_code")))
    asks_for_branches = _asks_for_people() | pl.col("source").is_in(_OF_BRANCHES_TOO)
    branches = own.filter(asks_for_branches).join(
        rows.drop("usc_code"), left_on="usc_code", right_on="value"
    )
    on_record = facts.collect(facts.table(enterprise.REGISTRY).select("usc_code").unique())
    unknown = own.filter(criterion="registration_state").join(on_record, on="usc_code", how="anti")
    anybodys = unknown.select(CRITERION).join(rows.filter(pl.col("value").is_null()), how="cross")
    return pl.concat([lacks(branches.unique()), lacks(anybodys)])


def _appointments(unknown: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Appointments of people looked at, nobody can read by whom."""
    if astray(facts, personnel.TECHNICAL_LEAD) is None:
        return LACKS.to_frame()
    people = unknown.filter(pl.col("criterion").is_in(_BY_LEADER)).select(
        *CRITERION, value="person_key"
    )
    rows = facts.collect(nameless(facts, personnel.TECHNICAL_LEAD, pl.col("person_key")))
    return lacks(people.unique().join(rows, on="value"))


def _months(open_: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Months of insurance paid here for nobody knows whom (reading 55)."""
    asked = open_.filter(_asks_for_people())
    if asked.is_empty() or facts.set_apart(personnel.INSURANCE) is None:
        return LACKS.to_frame()
    payers = facts.collect(payers_of(asked["usc_code"], facts)).select("usc_code", "payer")
    rows = facts.collect(without_person(facts, personnel.INSURANCE, payers["payer"]))
    return lacks(
        asked.select(*CRITERION, "usc_code", "filed_on", "insurance_months")
        .unique()
        .join(payers, on="usc_code")
        .join(rows.drop("usc_code"), left_on="payer", right_on="value")
        .filter(is_asked(pl.col("period")))
    )


def _works_of_builders(open_: pl.DataFrame, evidence: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Rows of works of whom the leaders built for, that say not which works or who led them."""
    asked = open_.filter(criterion=LED).select(*CRITERION, "usc_code").unique()
    tables = [one for one in project.TABLES if one.name in ABOUT.keys() & facts.doubts]
    if asked.is_empty() or not tables:
        return LACKS.to_frame()
    shown = evidence.filter(criterion=LED).select(
        *CRITERION, person_key=pl.col("content_json").str.json_path_match("$.person_key")
    )
    leaders = facts.table(personnel.TECHNICAL_LEAD).select("usc_code", "person_key")
    led = pl.concat(
        [
            asked.lazy().join(leaders, on="usc_code").select(*CRITERION, "person_key"),
            shown.lazy().join(asked.lazy(), on=CRITERION, how="semi"),
        ]
    )
    builders = _employers(led, [project.PARTY], facts)
    codes = builders["value"].unique().implode()
    rows = [adrift(facts, table, codes) for table in tables]
    found = [builders.join(facts.collect(pl.concat(rows)), on="value")]
    if project.PARTY in tables:
        # Whose works they are that nobody knows who led, only a certificate of his tells.
        former = _employers(led, personnel.NUMBERS, facts)
        duties = adrift(facts, project.PARTY, former["value"].unique().implode())
        nobodys = facts.collect(duties.filter(pl.col("person_key").is_null()))
        found.append(former.join(nobodys, on="value"))
    return lacks(pl.concat(found).unique())


def _employers(led: pl.LazyFrame, tables: Iterable[Table], facts: Facts) -> pl.DataFrame:
    """Whom the rows of those who led name: `CRITERION`, `value`."""
    named = pl.concat(facts.table(table).select("person_key", value="usc_code") for table in tables)
    return facts.collect(
        led.join(named, on="person_key").select(*CRITERION, "value").drop_nulls().unique()
    )
