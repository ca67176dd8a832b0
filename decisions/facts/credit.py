"""Credit records of an enterprise: its own, its branches', perhaps another body's (reading 63).

Belongs here: the acts, bars and orders of a case, and whether all of them are known. Does not:
which of them stand in the way (`article_23`, `switches.bar`, `switches.rectification`), which
bodies are an enterprise's (`bodies`).

A branch has no legal personality, and holds no qualification: what is found of it, barred or
ordered is its enterprise's.
"""

from __future__ import annotations

import polars as pl

from assets.lake.declaration import Table
from decisions.facts.bodies import OF, of_each, under_their_codes
from decisions.facts.model import Facts
from decisions.facts.payers import with_all_known


def records_of(
    cases: pl.DataFrame, bodies: pl.DataFrame, facts: Facts, table: Table
) -> pl.LazyFrame:
    """The cases by their records, also of bodies that only may be theirs.

    A record that a check excludes (LAW), as a copy of one already counted (C-08), is none.

    Args:
        cases: `usc_code`, `filed_on`, and what belongs to the case.
        bodies: from `decisions.facts.bodies.bodies_of`.
        facts: the release.
        table: of the credit base.

    Returns:
        The columns of both, `usc_code` being the case's, and `body`, `is_theirs`.
    """
    return under_their_codes(cases.lazy(), bodies, facts.table(table).filter("is_lawful"))


def with_all_on_record(
    cases: pl.DataFrame, bodies: pl.DataFrame, facts: Facts, table: Table, *, day: str
) -> pl.LazyFrame:
    """The cases with whether a record that is not there is none: `is_closed`, never null.

    Only where the table is complete for every body, and no branch is missing on the register.

    Args:
        cases: `usc_code`, `filed_on` and the column named by `day`.
        bodies: from `decisions.facts.bodies.bodies_of`.
        facts: the release.
        table: of the credit base.
        day: the day on which all must be fresh.
    """
    asked = [*OF, day]
    each = cases.lazy().select(asked).unique().join(bodies.lazy().select(*OF, "body"), on=OF)
    told = of_each(each, facts, table, day=day)
    return (
        cases.lazy()
        .join(told, on=asked, how="left", maintain_order="left")
        .pipe(with_all_known, facts, day=day)
        .with_columns(pl.col("is_closed") & pl.col("is_register_closed"))
        .drop("is_register_closed")
    )
