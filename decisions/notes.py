"""核对提示: what the checks noted about an enterprise, beside the evidence of its cases.

Belongs here: warnings (WARN) as rows of evidence. Does not: anything that a criterion reads; a
note changes no truth, it is kept so that whoever answers for the decision can see it.
"""

from __future__ import annotations

import polars as pl

from assets.tables import check, decision, enterprise
from decisions.facts.model import Facts
from decisions.verdicts import Verdicts


def noted(cases: pl.DataFrame, facts: Facts) -> Verdicts:
    """Evidence of every warning about the enterprises of the cases and their branches.

    Args:
        cases: `application_id`, `usc_code`.
        facts: the release.
    """
    if facts.has_none(check.FINDING):
        return Verdicts.none()
    own = cases.lazy().select("application_id", "usc_code")
    branches = (
        facts.raw(enterprise.REGISTRY)
        .filter(_IS_BRANCH)
        .select("usc_code", head="parent_usc_code")
        .join(own.rename({"usc_code": "head"}), on="head")
        .select("application_id", "usc_code")
    )
    notes = (
        pl.concat([own, branches])
        .join(facts.raw(check.FINDING).filter(_IS_NOTE), on="usc_code")
        .select("application_id", "target", "row_key", *_NOTED)
        .sort("content_json")
        .unique(
            ["application_id", "criterion", "target", "row_key"], keep="first", maintain_order=True
        )
    )
    return Verdicts.of(Verdicts.none().criteria, notes)


_IS_BRANCH = pl.col("entity_code") == "branch"
_IS_NOTE = pl.col("severity") == "WARN"
_NOTED = [
    (pl.lit(decision.NOTE) + pl.col("check_id")).alias("criterion"),
    pl.lit(True).alias("counted"),
    pl.col("detail").alias("reason"),
    pl.struct("usc_code", "severity").struct.json_encode().alias("content_json"),
]
