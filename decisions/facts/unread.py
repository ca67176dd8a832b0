"""Rows set apart of which not even what they are about could be read (readings 55, 57).

Belongs here: what stands for such a number, which columns tell what a row is about. Does not:
reading the rows (`decisions.facts.trust`), what follows (`decisions.facts.coverage`,
`decisions.people.insurance`).

Such a row is of somebody or something. What it would have shown is no more absent than told: it
may be the insurance of anybody, the acceptance of any contract of the enterprise.
"""

from __future__ import annotations

import polars as pl

from assets.bases.quarantine import STRANGER, uncleared
from assets.lake.declaration import Table
from assets.tables import BASE_TABLES, enterprise, personnel, project

BEARER = rf"^\{STRANGER}[0-9a-f]{{20}}$"
"""The form of who bears a number of which nobody knows whose it is (`assets.persons.Doubt`)."""
HEAD_OF = "#"
"""Between such a bearer and the certificate of his that is counted as a head of its own."""
ABOUT: dict[str, tuple[str, ...]] = {
    project.CONTRACT.name: ("contract_no",),
    project.UNIT.name: ("unit_code", "contract_no", "works_type"),
    project.MEASURE.name: ("unit_code",),
    project.ACCEPTANCE.name: ("contract_no",),
    project.PARTY.name: ("contract_no", "person_key"),
    personnel.TITLE.name: ("person_key",),
    personnel.REGISTRATION.name: ("person_key",),
    personnel.TECHNICAL_LEAD.name: ("person_key", "category_code"),
    enterprise.CERTIFICATE.name: ("certificate_no",),
    enterprise.QUALIFICATION.name: (),
}
"""Columns without which a row set apart may be about any of its enterprise's; of a qualification
nothing that it says is needed: one that is not trusted may be of any category, level and day."""
_NUMBERED = {
    *(
        one.name
        for one in BASE_TABLES
        if one.key[0] not in ("usc_code", "unit_code", "contract_no")
    ),
    project.CONTRACT.name,
    project.UNIT.name,
}


def own_numbers(table: Table) -> list[str]:
    """The columns of a table that number somebody or something by itself, not by what it is of."""
    own = [table.key[0]] if table.name in _NUMBERED else []
    return [*own, *({"person_key"} & table.schema.keys() - {*own})]


def is_about_any(table: Table) -> pl.Expr:
    """Whether a row may be about any that its enterprise has of a table, one of `ABOUT`."""
    columns = ABOUT[table.name]
    lost = [pl.col(name).is_null() | pl.col(name).str.starts_with(STRANGER) for name in columns]
    return ~pl.col("is_trusted") & (pl.any_horizontal(lost) if columns else pl.lit(True))


def adrift(rows: pl.LazyFrame, table: Table) -> pl.LazyFrame:
    """The enterprises that have rows which may be about any of theirs: `usc_code`.

    Args:
        rows: of the table, with `is_trusted`.
        table: one of `ABOUT`.
    """
    found = pl.col("usc_code").drop_nulls().unique().sort()
    return rows.filter(is_about_any(table)).select(found)


IS_NOBODYS_DUTY = (
    (pl.col("target") == project.PARTY.name)
    & pl.col("person_key").str.starts_with(STRANGER).fill_null(True)
    & pl.col("usc_code").is_not_null()
)
"""Of a row set apart: a duty at works of an enterprise that can be read, and not whose it is."""


def duties_of_nobody(quarantine: pl.LazyFrame) -> pl.LazyFrame:
    """Such rows that nothing has cleared, of `intake__quarantine`."""
    return uncleared(quarantine.filter(IS_NOBODYS_DUTY))
