"""Rows set apart of which the enterprise could not be read, and whose each may be (reading 56).

Belongs here: which enterprises such a row may be of. Does not: reading it, whose other rows bear
its number (`decisions.facts.lost`), what follows for who is insured (`decisions.people.insurance`),
registered (`decisions.people.personal_certificates`) or appointed (`decisions.people.leaders`).

A row is of the enterprise that other rows of its number name; one of somebody may be of any
enterprise that anything else ties to him. What names nobody at all is nobody's: the list of rows
set apart has it (`decisions.waiting.worklist`), no case does.
"""

from __future__ import annotations

import polars as pl

from assets.bases.quarantine import STRANGER
from assets.lake.declaration import Table
from assets.tables import enterprise, personnel
from checks.across.common import COUNTED_MONTHS
from decisions.facts.doubtful import LINKED
from decisions.facts.model import Facts


def astray(facts: Facts, table: Table) -> pl.DataFrame | None:
    """Rows of a table set apart of which nobody knows of which enterprise they are.

    None if there are none. Whose person cannot be read either, they tell nothing of anybody.
    """
    apart = facts.set_apart(table)
    if apart is None or not apart["usc_code"].has_nulls():
        return None
    lost = apart.filter(pl.col("usc_code").is_null())
    if "person_key" in table.schema:
        lost = lost.filter(~pl.col("person_key").str.starts_with(STRANGER))
    return None if lost.is_empty() else lost


def are_registrations_lost(facts: Facts) -> bool:
    """Whether somebody is registered of whom not even the code can be read.

    A row that names a parent is a branch's.
    """
    lost = astray(facts, enterprise.REGISTRY)
    return lost is not None and lost["parent_usc_code"].has_nulls()


def with_astray(facts: Facts, table: Table, people: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of a table, those astray also as rows of every enterprise that may be theirs.

    Args:
        facts: the release.
        table: a personnel table that names the employer.
        people: `usc_code`, `person_key`: who is tied to which enterprise.
    """
    rows, lost = facts.table(table), astray(facts, table)
    if lost is None:
        return rows
    theirs = people.select("usc_code", "person_key").unique()
    perhaps = lost.lazy().drop("usc_code").join(theirs, on="person_key")
    return pl.concat([rows, perhaps.select(lost.columns)])


def tied(
    people: pl.Series, staffs: pl.DataFrame, payers: pl.DataFrame, facts: Facts
) -> pl.DataFrame:
    """Which of the people anything ties to which staff: `staff`, `person_key`.

    A registration, certificate or post with one of its payers, or a month of insurance by one of
    them, of the last that any kind of application asks for.

    Args:
        people: their keys.
        staffs: `staff`, `filed_on`.
        payers: from `decisions.facts.payers.payers_of`.
        facts: the release.
    """
    if staffs.is_empty():
        return staffs.select("staff", person_key=pl.lit(None, pl.String()))
    theirs = pl.col("person_key").is_in(people.unique().implode())
    mine = payers.lazy().select("staff", usc_code="payer").unique()
    filed = staffs.select(
        "staff",
        until=pl.col("filed_on").dt.month_start(),
        since=pl.col("filed_on").dt.month_start().dt.offset_by(f"-{COUNTED_MONTHS}mo"),
    )
    named = [facts.table(table).filter(theirs).select("usc_code", "person_key") for table in LINKED]
    insured = (
        facts.table(personnel.INSURANCE)
        .filter(theirs, pl.col("month") >= filed["since"].min())
        .select("usc_code", "person_key", "month")
        .join(mine, on="usc_code")
        .join(filed.lazy(), on="staff")
        .filter(pl.col("month").is_between("since", "until", closed="left"))
    )
    known = [*(one.join(mine, on="usc_code") for one in named), insured]
    found = pl.concat(one.select("staff", "person_key") for one in known).unique()
    return facts.collect(found)
