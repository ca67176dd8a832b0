"""Rows set apart of which not even the number could be read (reading 55).

Belongs here: what stands for such a number, and which tables are linked by one. Does not: reading
the rows (`decisions.facts`), what follows (`decisions.coverage`, `decisions.insurance`).

Such a row is of somebody or something. What it would have shown is no more absent than told: it
may be the insurance of anybody, the acceptance of any contract of the enterprise.
"""

from __future__ import annotations

import polars as pl

from assets.declaration import Table
from assets.tables import BASE_TABLES, project

STRANGER = "?"
"""What the number of a person or a thing begins with whose own could not be read."""
LINKS = {
    project.CONTRACT.name: ("contract_no",),
    project.UNIT.name: ("unit_code", "contract_no"),
    project.MEASURE.name: ("unit_code",),
    project.ACCEPTANCE.name: ("contract_no",),
    project.PARTY.name: ("contract_no",),
}
"""Tables of works, and the columns that the rows of one work have in common."""
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


def unlinked(rows: pl.LazyFrame, table: Table) -> pl.LazyFrame:
    """The enterprises with rows of a table that may be of any of their works: `usc_code`.

    Args:
        rows: of the table, with `is_trusted`.
        table: one of `LINKS`.
    """
    link = pl.col(LINKS[table.name])
    return rows.filter(
        ~pl.col("is_trusted") & pl.any_horizontal(link.is_null() | link.str.starts_with(STRANGER))
    ).select(pl.col("usc_code").drop_nulls().unique().sort())
