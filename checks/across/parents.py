"""Rows whose parent has not come (catalogue F-07).

Belongs here: which table is whose parent, and the rows that have waited for one too long. Does
not: a whole table that is lost (`checks.quality.whole` blocks the release for that).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import polars as pl

from assets.calendar import SHANGHAI
from assets.lake.declaration import Table
from assets.tables import enterprise, personnel, project
from assets.wording import worded
from checks.across.common import CrossCheck, Tables, findings

PARENTS: tuple[tuple[Table, str, Table, str], ...] = (
    (enterprise.CERTIFICATE, "usc_code", enterprise.REGISTRY, "usc_code"),
    (enterprise.QUALIFICATION, "usc_code", enterprise.REGISTRY, "usc_code"),
    (enterprise.QUALIFICATION, "certificate_no", enterprise.CERTIFICATE, "certificate_no"),
    (personnel.REGISTRATION, "person_key", personnel.PERSON, "person_key"),
    (personnel.INSURANCE, "person_key", personnel.PERSON, "person_key"),
    (project.CONTRACT, "project_no", project.PROJECT, "project_no"),
    (project.PERMIT, "project_no", project.PROJECT, "project_no"),
    (project.UNIT, "contract_no", project.CONTRACT, "contract_no"),
    (project.MEASURE, "unit_code", project.UNIT, "unit_code"),
    (project.ACCEPTANCE, "contract_no", project.CONTRACT, "contract_no"),
    (project.PARTY, "contract_no", project.CONTRACT, "contract_no"),
)
"""Child, its column, parent, its column."""

WAIT_DAYS = 7
"""Days that a parent may be late: the order of delivery is not guaranteed."""
NAMED_BY = {
    enterprise.CERTIFICATE: "certificate_no",
    enterprise.QUALIFICATION: "qualification_no",
    project.CONTRACT: "contract_no",
    project.PERMIT: "permit_no",
    project.UNIT: "unit_code",
    project.MEASURE: "unit_code",
    project.ACCEPTANCE: "contract_no",
    project.PARTY: "contract_no",
}
"""How a finding names a child. Persons need none: whoever is named becomes a person at once."""


def without_parent(tables: Tables, as_of: date) -> pl.LazyFrame:
    """Children whose parent is absent seven days after they came; looked for again every run."""
    since = datetime.combine(as_of - timedelta(days=WAIT_DAYS), time(), SHANGHAI)
    found = [
        _orphans(tables, child, column, parent, parent_column, since)
        for child, column, parent, parent_column in PARENTS
        if child in NAMED_BY
    ]
    return pl.concat(found)


def _orphans(
    tables: Tables,
    child: Table,
    column: str,
    parent: Table,
    parent_column: str,
    since: datetime,
) -> pl.LazyFrame:
    rows = (
        tables[child.name]
        .filter(pl.col("received_at") < pl.lit(since).dt.convert_time_zone("UTC"))
        .join(
            tables[parent.name].select(pl.col(parent_column).alias(column)).unique(),
            on=column,
            how="anti",
        )
    )
    detail = worded(f"{parent.zh} {{}} 未到 / its {parent.name} has not come", column)
    return findings(rows, child, NAMED_BY[child], "DATA", detail)


CHECKS = (CrossCheck(id="F-07", targets=tuple(NAMED_BY), find=without_parent),)
