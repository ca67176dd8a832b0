"""Cross-channel checks of what is stated about identity numbers (catalogue P-05).

Belongs here: rows under numbers of which nobody knows whose they are. Does not: what statements
come to (`assets.persons`), people who only look alike (`checks.across.personnel`).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.persons import NUMBER
from assets.tables import intake, personnel, project
from assets.wording import worded
from checks.across.common import CrossCheck, Tables, findings, stated

_TARGETS = (
    *personnel.NUMBERS,
    personnel.INSURANCE,
    personnel.TECHNICAL_LEAD,
    project.PARTY,
)


def in_doubt(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-05, stated: several persons bear the number, or statements contradict each other.

    What is told under it proves nothing: he might count once too often, or once too seldom, and
    whoever else bears it might be taken away by it. A finding names the number.
    """
    del as_of
    why = {one.reason: one for one in stated(tables).in_doubt.values()}
    rows = (
        tables[intake.QUARANTINE.name]
        .filter(
            pl.col("target").is_in([table.name for table in _TARGETS]),
            pl.col("reasons").list.first().is_in(list(why)),
        )
        .select(
            "target",
            "usc_code",
            number=pl.col("typed_json").str.json_path_match(f"$.{NUMBER}"),
            reason=pl.col("reasons").list.first(),
        )
        .drop_nulls()
        .unique()
    )
    statement_no = pl.col("reason").replace_strict(
        {reason: one.statement_no for reason, one in why.items()}, return_dtype=pl.String()
    )
    shared = worded(
        "认定{}：该号码由多人使用 / statement {}: several persons bear this number",
        statement_no,
        statement_no,
    )
    contradicted = worded(
        "认定{}：与其他身份认定相矛盾 / statement {} contradicts others about who this is",
        statement_no,
        statement_no,
    )
    is_shared = pl.col("reason").is_in([name for name, one in why.items() if one.kind == "shared"])
    detail = pl.when(is_shared).then(shared).otherwise(contradicted)
    return pl.concat(
        findings(rows.filter(target=table.name), table, "number", "DATA", detail)
        for table in _TARGETS
    )


CHECKS = (
    CrossCheck(
        id="P-05:stated",
        targets=_TARGETS,
        find=in_doubt,
        asks_day=False,
    ),
)
