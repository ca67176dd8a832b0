"""Every declared table of the lakehouse, one module per database or stage.

Belongs here: names, columns, keys, meaning. Does not: how a table is filled or read.
"""

from __future__ import annotations

from assets.lake.declaration import Table
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
    personnel.IDENTITY,
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

WITNESSES: tuple[Table, ...] = (
    enterprise.ANNUAL_REPORT,
    enterprise.SAFETY_LICENCE,
    project.PERMIT,
    project.TENDER,
    project.QUALITY,
    project.USE,
    credit.LISTING,
    credit.PERSON_RECORD,
)
"""Base tables that no criterion reads: what checks compare the others with."""

FACT_TABLES: tuple[Table, ...] = tuple(
    table for table in BASE_TABLES if table not in (*DERIVED, *WITNESSES, personnel.IDENTITY)
)
"""What decisions read of the base databases."""

KNOWN_TABLES: tuple[Table, ...] = (*FACT_TABLES, intake.COVERAGE, intake.QUARANTINE, check.FINDING)
"""What decisions read of a release: all that they may know of the world outside."""

RELEASED_TABLES: tuple[Table, ...] = (*KNOWN_TABLES, *WITNESSES, *DERIVED, personnel.IDENTITY)
"""What a release pins: what decisions read, and what it followed from: by which other numbers an
enterprise, a contract or a person was known that day, and what it was compared with."""

BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}
