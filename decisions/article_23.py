"""令22 Art. 23: acts that refuse an upgrade or addition (regulations C1).

They count from one year before filing until the decision.
Belongs here: the closed list of effective findings. Does not: bars (`decisions.admission`).
Reading of C1: an act counts by the day of the decision that found it, that day included.
"""

from __future__ import annotations

import polars as pl

from assets.tables import credit
from assets.wording import worded
from decisions import words
from decisions.coverage import with_closed
from decisions.facts import Facts
from decisions.plans import as_written
from decisions.verdicts import Verdicts

OTHER = "其他"
"""Not item 12: a machine takes only listed acts (C1)."""
ACCIDENT = "一般事故"
ACCIDENTS_ALLOWED = 1
"""Item 11: one accident of class 较大 or above, or two of class 一般."""


def judge_article_23(cases: pl.DataFrame, facts: Facts) -> Verdicts:
    """No act of Art. 23; `cases` are those of the kinds that it refuses."""
    if cases.is_empty():
        return Verdicts.none()
    # A copy of a decision already counted is true, but no second act (C-08).
    findings = facts.table(credit.FINDING).filter("is_lawful").pipe(facts.read)
    found = (
        cases.lazy()
        .select("application_id", "usc_code", "filed_on", "case_decided_on")
        .join(findings, on="usc_code")
        .with_columns(
            is_within=pl.col("decided_on").is_between(
                pl.col("filed_on").dt.offset_by("-1y"), pl.col("case_decided_on")
            )
        )
        # What a row that is not trusted says may be wrong, its days and its act too.
        .filter(
            ~pl.col("is_trusted")
            | (
                pl.col("is_within").fill_null(True)
                & (
                    pl.col("revoked_on").is_null()
                    | (pl.col("revoked_on") > pl.col("case_decided_on"))
                )
                & (pl.col("act") != OTHER).fill_null(True)
            )
        )
        .pipe(as_written)
    )
    sure = pl.col("is_trusted") & pl.col("act").is_not_null()
    counted = (
        found.lazy()
        .group_by("application_id")
        .agg(
            acts=(sure & (pl.col("act") != ACCIDENT)).sum(),
            accidents=(sure & (pl.col("act") == ACCIDENT)).sum(),
            doubtful=(~sure).sum(),
            documents=worded(
                "{}（{} {}，{}）",
                pl.col("act").fill_null("未分类 not classified"),
                pl.col("authority").fill_null("?"),
                pl.col("document_no").fill_null("?"),
                pl.col("decided_on").cast(pl.String).fill_null("?"),
            )
            .sort()
            .str.join("、"),
        )
    )
    rows = (
        cases.lazy()
        .select("application_id", "usc_code", "case_decided_on")
        .pipe(with_closed, facts, credit.FINDING, day="case_decided_on")
        .join(counted, on="application_id", how="left")
        .with_columns(pl.col("acts", "accidents", "doubtful").fill_null(0))
    )
    is_hit = (pl.col("acts") > 0) | (pl.col("accidents") > ACCIDENTS_ALLOWED)
    criteria = rows.select(
        "application_id",
        criterion=pl.lit("art23"),
        truth=pl.when(is_hit)
        .then(False)
        .when((pl.col("doubtful") == 0) & pl.col("is_closed"))
        .then(True),
        actual=pl.coalesce("documents", words.none(pl.col("is_closed"))),
        note=pl.when(~pl.col("is_closed"))
        .then(pl.lit("信用数据未到或过期 findings not delivered or stale"))
        .when(~is_hit & (pl.col("doubtful") > 0))
        .then(pl.lit("违法行为未分类或存疑 an act is not classified or not trusted")),
    ).pipe(as_written)
    evidence = found.lazy().select(
        "application_id",
        criterion=pl.lit("art23"),
        target=pl.lit(credit.FINDING.name),
        row_key="finding_no",
        counted=pl.when(sure).then(True),
        reason=pl.when(~sure).then(pl.lit("未分类或存疑 not classified or not trusted")),
        content_json=pl.struct(
            "act",
            "authority",
            "document_no",
            pl.col("decided_on", "revoked_on").cast(pl.String),
        ).struct.json_encode(),
    )
    return Verdicts.of(criteria, evidence)
