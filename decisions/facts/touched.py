"""What a case can touch: the tables, by what their rows are found by, in the order of the search.

Belongs here: the groups of tables. Does not: the search itself, which is done for a few enterprises
(`decisions.facts.narrow`), for each of many cases (`decisions.facts.reach`) and for the shares of a
country (`decisions.facts.shares`), and must find the same each time (tests compare them).

1. Of the enterprise, its branches, and bodies in doubt that may be branches: all rows that name
   one (`NAMING_ENTERPRISES`).
2. Of the people whom these rows name (`NAMING_PEOPLE`): who they are, and what the rows of
   anybody else tell of them (`BY_PERSON`).
3. Of the other sides of mergers and splits: what they are and held (`CARRIED_ON`).
4. Of works that these people led for others: the works (`BY_CONTRACT`), their measures, and the
   projects of all units.
5. Of former employers of who may lead (`MAY_LEAD`), by their certificates: duties at works that
   were set apart and do not say whose.
6. What was set apart or found about any of these (`TOLD_OF`).
"""

from __future__ import annotations

from assets.lake.declaration import Table
from assets.tables import FACT_TABLES, certificate, check, enterprise, intake, personnel, project

TOLD_OF: tuple[Table, ...] = (intake.QUARANTINE, check.FINDING)
"""Tells of rows of any table, by more than the enterprise."""

NAMING_ENTERPRISES: tuple[Table, ...] = tuple(
    table
    for table in (*FACT_TABLES, certificate.QUALIFICATION, certificate.CERTIFICATE, *TOLD_OF)
    if "usc_code" in table.schema
)

BY_PERSON: tuple[Table, ...] = (*personnel.NUMBERS, personnel.TECHNICAL_LEAD, project.PARTY)
"""Certificates, appointments, and duties at works."""

NAMING_PEOPLE: tuple[Table, ...] = (
    *BY_PERSON,
    personnel.INSURANCE,
    intake.QUARANTINE,
)
"""In rows of the enterprise; of anybody else's insurance nothing is asked."""

MAY_LEAD: tuple[Table, ...] = (personnel.TECHNICAL_LEAD, personnel.REGISTRATION)
"""Of whose people the works led before are asked for (E11)."""

CARRIED_ON: tuple[Table, ...] = (
    enterprise.REGISTRY,
    enterprise.CERTIFICATE,
    enterprise.QUALIFICATION,
    certificate.CERTIFICATE,
    certificate.QUALIFICATION,
)

BY_CONTRACT: tuple[Table, ...] = (project.CONTRACT, project.UNIT, project.ACCEPTANCE)
