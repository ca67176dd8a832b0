"""Cross-channel checks on credit records (catalogue group C).

Belongs here: what several sources say about one act. Does not: what an act bars.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.tables import credit
from assets.wording import worded
from checks.across.apart import with_sure_head
from checks.across.common import CrossCheck, Tables, findings, folded_name, law_if


def one_penalty_twice(tables: Tables, as_of: date) -> pl.LazyFrame:
    """C-08: one decision from two sources counts once: the earliest day stands.

    The same authority, document (brackets folded), enterprise and act. One document about two
    projects is two, each told by itself; a row that names none is a copy of one that does. An
    enterprise and its branch are one: where who the branch belongs to is not certain, the copy is
    doubted; so it is where it tells a later day, which may be the true one. Where one source has
    the decision set aside and another has it in force, the latter is doubted instead.
    """
    del as_of
    same = (
        folded_name("authority").alias("_authority"),
        folded_name("document_no").alias("_document"),
    )
    records = with_sure_head(tables, tables[credit.FINDING.name]).with_columns(same)
    group = ("head", "act", "_authority", "_document")
    project = pl.coalesce("project_no", pl.col("project_no").min().over(group))
    of_one = (*group, "_project")
    # Where one of them may be another body's, it is the copy.
    order = (~pl.col("is_known"), "decided_on", pl.col("project_no").is_null(), "finding_no")
    rows = records.with_columns(_project=project).with_columns(
        *(
            pl.col(name).sort_by(order).first().over(of_one).alias(first)
            for name, first in (("finding_no", "_first"), ("decided_on", "_first_on"))
        ),
        _verdicts=pl.col("revoked_on").is_null().n_unique().over(group),
        _is_one=pl.col("is_known").all().over(of_one)
        | (pl.col("usc_code").n_unique().over(of_one) == 1),
    )
    copies = rows.filter(
        pl.col("_verdicts") == 1, pl.col("finding_no") != pl.col("_first")
    ).with_columns(_is_copy=pl.col("_is_one") & (pl.col("decided_on") == pl.col("_first_on")))
    doubted = rows.filter(pl.col("_verdicts") == 2, pl.col("revoked_on").is_null())
    return pl.concat(
        [
            findings(
                copies,
                credit.FINDING,
                "finding_no",
                law_if("_is_copy"),
                worded("与 {} 为同一文号 {} / the same decision", "_first", "document_no"),
            ),
            findings(
                doubted,
                credit.FINDING,
                "finding_no",
                "DATA",
                worded("另一来源记载 {} 已撤销 / set aside by another source", "document_no"),
            ),
        ]
    )


CHECKS = (CrossCheck(id="C-08", targets=(credit.FINDING,), find=one_penalty_twice, asks_day=False),)
