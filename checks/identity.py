"""Cross-channel checks of what is stated about identity numbers (catalogue P-05).

Belongs here: people of whom statements say that they are one and that they are two. Does not: what
statements come to (`assets.persons`), people who only look alike (`checks.personnel`).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.tables import personnel, project
from checks.common import CrossCheck, Tables, findings, stated

_TOLD = {
    **dict.fromkeys(
        (*personnel.NUMBERS, personnel.INSURANCE, personnel.TECHNICAL_LEAD), "person_key"
    ),
    project.PARTY: "contract_no",
}
"""Tables that tell what somebody is or does, each with how a finding names its rows."""


def contradicted(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-05, stated: whether somebody is one person or two is not known while statements say both.

    What is told of him proves nothing: he might count once too often, or once too seldom.
    """
    del as_of
    doubtful = pl.lit(pl.Series(sorted(stated(tables).doubtful), dtype=pl.String()))
    detail = pl.lit("身份认定相互矛盾 / statements about who this is contradict each other")
    found = []
    for table, row_key in _TOLD.items():
        rows = tables[table.name].filter(pl.col("person_key").is_in(doubtful.implode()))
        named = rows.select("usc_code", pl.col(row_key).alias("_row_key")).drop_nulls().unique()
        found.append(findings(named, table, "_row_key", "DATA", detail))
    return pl.concat(found)


CHECKS = (
    CrossCheck(
        id="P-05:stated",
        targets=tuple(_TOLD),
        find=contradicted,
        asks_day=False,
    ),
)
