"""令22 Art. 23: acts that refuse an upgrade or addition (regulations C1).

They count from one year before filing until the decision.
Belongs here: the closed list of effective findings. Does not: whose acts they are
(`decisions.facts.credit`), bars and orders (`decisions.switches`).
Reading of C1: an act counts by the day of the decision that found it, that day included. Two
decisions may be about one accident: only on two projects are they two for certain (reading 84).
"""

from __future__ import annotations

import polars as pl

from assets.tables import credit
from assets.wording import worded
from decisions import words
from decisions.facts.bodies import of_another_body
from decisions.facts.credit import records_of, with_all_on_record
from decisions.facts.model import Facts
from decisions.plans import as_written, nothing
from decisions.verdicts import Verdicts

OTHER = "其他"
"""Not item 12: a machine takes only listed acts (C1)."""
ACCIDENT = "一般事故"
ACCIDENTS_ALLOWED = 1
"""Item 11: one accident of class 较大 or above, or two of class 一般."""


def judge_article_23(cases: pl.DataFrame, bodies: pl.DataFrame, facts: Facts) -> Verdicts:
    """No act of Art. 23; `cases` are those of the kinds that it refuses."""
    if cases.is_empty():
        return Verdicts.none()
    cases = cases.select("application_id", "usc_code", "filed_on", "case_decided_on")
    asked = with_all_on_record(cases, bodies, facts, credit.FINDING, day="case_decided_on")
    if facts.has_none(credit.FINDING):
        none_found = asked.with_columns(_NO_ACT).select("application_id", *_ANSWER)
        return Verdicts.of(as_written(none_found))
    found = (
        records_of(cases, bodies, facts, credit.FINDING)
        .pipe(facts.read)
        .filter(_MAY_COUNT)
        .pipe(as_written)
    )
    counted = found.lazy().group_by("application_id").agg(_COUNTED)
    criteria = (
        asked.join(counted, on="application_id", how="left")
        .with_columns(pl.col(*_COUNTS).fill_null(0))
        .select("application_id", *_ANSWER)
        .pipe(as_written)
    )
    return Verdicts.of(criteria, found.lazy().select("application_id", *_EVIDENCE))


_ACT, _DECIDED_ON = pl.col("act"), pl.col("decided_on")
_IS_WITHIN = _DECIDED_ON.is_between(
    pl.col("filed_on").dt.offset_by("-1y"), pl.col("case_decided_on")
)
# What a row that is not trusted says may be wrong, its days and its act too.
_MAY_COUNT = ~pl.col("is_trusted") | (
    _IS_WITHIN.fill_null(True)
    & (pl.col("revoked_on").is_null() | (pl.col("revoked_on") > pl.col("case_decided_on")))
    & (_ACT != OTHER).fill_null(True)
)
_IS_READ = pl.col("is_trusted") & _ACT.is_not_null()
_IS_SURE = _IS_READ & pl.col("is_theirs")
_IS_ACCIDENT = _ACT == ACCIDENT
_COUNTED = [
    (_IS_SURE & ~_IS_ACCIDENT).sum().alias("acts"),
    pl.max_horizontal(
        pl.col("project_no").filter(_IS_SURE & _IS_ACCIDENT).drop_nulls().n_unique(),
        (_IS_SURE & _IS_ACCIDENT).any().cast(pl.UInt32),
    ).alias("accidents"),
    (_IS_SURE & _IS_ACCIDENT).sum().alias("accident_decisions"),
    (~_IS_SURE & ~(_IS_READ & _IS_ACCIDENT)).sum().alias("doubtful"),
    (_IS_READ & _IS_ACCIDENT).sum().alias("accidents_at_most"),
    worded(
        "{}（{} {}，{}{}）",
        _ACT.fill_null("未分类 not classified"),
        pl.col("authority").fill_null("?"),
        pl.col("document_no").fill_null("?"),
        _DECIDED_ON.cast(pl.String).fill_null("?"),
        of_another_body(),
    )
    .sort()
    .str.join("、")
    .alias("documents"),
]
_COUNTS = ("acts", "accidents", "accident_decisions", "doubtful", "accidents_at_most")
_NO_ACT = [*(pl.lit(0).alias(name) for name in _COUNTS), *nothing(documents=pl.String())]
_IS_HIT = (pl.col("acts") > 0) | (pl.col("accidents") > ACCIDENTS_ALLOWED)
_MAY_BE_HIT = (pl.col("doubtful") > 0) | (pl.col("accidents_at_most") > ACCIDENTS_ALLOWED)
_ANSWER = [
    pl.lit("art23").alias("criterion"),
    pl.when(_IS_HIT).then(False).when(~_MAY_BE_HIT & pl.col("is_closed")).then(True).alias("truth"),
    pl.coalesce("documents", words.none(pl.col("is_closed"))).alias("actual"),
    pl.when(~pl.col("is_closed"))
    .then(
        pl.lit(
            "信用数据或分支机构登记数据未到或过期 "
            "findings, or the register of branches, not delivered or stale"
        )
    )
    .when(~_IS_HIT & (pl.col("accident_decisions") > ACCIDENTS_ALLOWED))
    .then(
        pl.lit(
            "数份一般事故认定未载明不同工程，是否为同一起事故不明 "
            "several decisions on an accident that do not name different projects: whether it is "
            "one and the same is not known"
        )
    )
    .when(~_IS_HIT & _MAY_BE_HIT)
    .then(
        pl.lit(
            "违法行为未分类或存疑，或是否为其分支机构所为存疑 "
            "an act is not classified or not trusted, or not surely a branch's"
        )
    )
    .alias("note"),
    pl.lit(None, pl.Float64()).alias("short_by"),
]
_EVIDENCE = [
    pl.lit("art23").alias("criterion"),
    pl.lit(credit.FINDING.name).alias("target"),
    pl.col("finding_no").alias("row_key"),
    pl.when(_IS_SURE).then(True).alias("counted"),
    pl.when(~_IS_SURE).then(pl.lit("未分类或存疑 not classified or not trusted")).alias("reason"),
    pl.struct(
        "act",
        "authority",
        "document_no",
        pl.col("decided_on", "revoked_on").cast(pl.String),
        usc_code="body",
    )
    .struct.json_encode()
    .alias("content_json"),
]
