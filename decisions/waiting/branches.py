"""What open criteria look at under the codes of branches, and of who may be one: for the worklist.

Belongs here: the sources of each body, and rows under its code that may be the enterprise's own
(reading 66). Does not: which bodies these are (`decisions.facts.bodies`), their registrations and
rows that prove nothing (`decisions.waiting.missing`).
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from assets.lake.declaration import Table
from assets.tables import credit, enterprise, personnel, project
from decisions.facts.bodies import OF, bodies_of
from decisions.facts.model import Facts
from decisions.waiting.faults import CRITERION, LACKS, joined, lacks

CREDIT = (credit.FINDING, credit.BAR, credit.RECTIFICATION)
"""Of whose rows a branch's are its enterprise's (reading 63)."""
BY_CODE = (
    *(project.CONTRACT, project.UNIT, project.MEASURE, project.ACCEPTANCE),
    *(enterprise.EQUIPMENT, personnel.REGISTRATION, personnel.TECHNICAL_LEAD),
)
"""Of whose rows nobody knows whether a branch's are its enterprise's own (reading 66)."""
_OF_LEADER = ("technical_lead", "lead_performance")
_LOOKED_AT = (
    (project.UNIT, "unit_code"),
    (personnel.REGISTRATION, "person_key"),
    (enterprise.EQUIPMENT, "equipment_no"),
)
_ITEM = ["usc_code", "category_code"]


def others_of(sources: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """The bodies of the enterprises that `sources` are of (`bodies_of`), without themselves."""
    return bodies_of(sources, facts).filter(pl.col("body") != pl.col("usc_code"))


def of_each_body(
    sources: pl.DataFrame, bodies: pl.DataFrame, tables: Iterable[Table]
) -> pl.DataFrame:
    """The sources that are of some tables once more, for each of the bodies as `usc_code`."""
    asked = sources.filter(
        pl.col("target").is_in([table.name for table in tables]), ~pl.col("everywhere")
    )
    return asked.join(bodies, on=OF).with_columns(usc_code="body").select(sources.columns)


def under_their_codes(
    sources: pl.DataFrame,
    bodies: pl.DataFrame,
    things: pl.DataFrame,
    evidence: pl.DataFrame,
    facts: Facts,
) -> pl.DataFrame:
    """Rows of `LACKS`: sound rows of the bodies that neither count nor fall away.

    Args:
        sources: what the open criteria look at, of the enterprise itself.
        bodies: from `others_of`.
        things: `CRITERION`, `link`, `value`: the works and people not known to count.
        evidence: rows of `decision__evidence`: the machines.
        facts: the release.
    """
    if bodies.is_empty():
        return LACKS.to_frame()
    machines = evidence.filter(counted="unknown", target=enterprise.EQUIPMENT.name).select(
        *CRITERION[:2],
        pl.col("criterion").str.split(".").list.first(),
        link=pl.lit("equipment_no"),
        value="row_key",
    )
    looked_at = pl.concat([things, machines.unique()]).lazy()
    asked = sources.lazy().join(bodies.lazy().select(*OF, "body"), on=OF)

    def asked_of(table: Table) -> pl.LazyFrame:
        # Else whether somebody is registered elsewhere is what is asked.
        counts = ~pl.col("everywhere") | pl.col("source").is_in(_OF_LEADER)
        return asked.filter(pl.col("target") == table.name, counts)

    found = [
        asked_of(table)
        .join(looked_at.filter(pl.col("link") == link).drop("link"), on=CRITERION)
        .join(_sound(facts, table, value=pl.col(link)), on=["body", "value"])
        for table, link in _LOOKED_AT
    ]
    appointed = facts.table(personnel.TECHNICAL_LEAD).select(_ITEM).unique()
    named = _sound(facts, personnel.TECHNICAL_LEAD, category_code=pl.col("category_code"))
    found.append(
        asked_of(personnel.TECHNICAL_LEAD)
        .join(appointed, on=_ITEM, how="anti")
        .join(named, on=["body", "category_code"])
        .with_columns(value="body")
    )
    columns = (*CRITERION, "target", "row_key", "person_key", "body", "value")
    rows = facts.collect(pl.concat(one.select(columns) for one in found).unique())
    return lacks(rows.with_columns(usc_code="body", cause="body", fault=pl.lit("branch")))


def _sound(facts: Facts, table: Table, **more: pl.Expr) -> pl.LazyFrame:
    """Rows of a table that are believed and count: `body`, `row_key`, `person_key`, and more."""
    person = "person_key" if "person_key" in table.schema else None
    return (
        facts.table(table)
        .filter("is_trusted", "is_lawful")
        .select(
            body="usc_code",
            row_key=joined(pl.col(name) for name in table.key),
            person_key=pl.lit(None, pl.String()) if person is None else pl.col(person),
            **more,
        )
    )
