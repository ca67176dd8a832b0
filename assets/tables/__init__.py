"""Every declared table of the lakehouse, one module per database or stage.

Belongs here: names, columns, keys, meaning. Does not: how a table is filled or read.
"""

from __future__ import annotations

from assets.declaration import Table
from assets.tables import (
    archive,
    certificate,
    check,
    credit,
    decision,
    enterprise,
    intake,
    office,
    personnel,
    project,
    supervision,
    whatif,
)

BASE_TABLES: tuple[Table, ...] = (
    *enterprise.TABLES,
    *personnel.TABLES,
    *project.TABLES,
    *credit.TABLES,
)
"""The four base databases, in the order of their release."""

DERIVED: tuple[Table, ...] = (enterprise.ALIAS, project.ALIAS)
"""Base tables that no feed fills: collection makes them from other base tables."""

TABLES: tuple[Table, ...] = (
    *intake.TABLES,
    *BASE_TABLES,
    *check.TABLES,
    *decision.TABLES,
    *decision.VIEWS,
    *certificate.TABLES,
    *archive.TABLES,
    *office.TABLES,
    *supervision.TABLES,
    *whatif.TABLES,
)

FACT_TABLES: tuple[Table, ...] = tuple(table for table in BASE_TABLES if table not in DERIVED)
"""What decisions read of the base databases: not what only serves to collect, by which other
numbers an enterprise or a contract is known."""

RELEASED_TABLES: tuple[Table, ...] = (*FACT_TABLES, intake.COVERAGE, intake.QUARANTINE, check.FINDING)
"""What a release pins: all that decisions may know of the world outside."""

BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}
