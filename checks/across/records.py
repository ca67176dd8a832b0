"""Cross-channel checks of what others recorded of works (catalogue J-17, J-21, J-28, J-29).

Belongs here: falsified applications, penalties, supervision of quality and late entries against the
contracts of the project. Does not: sizes and days of the works themselves.

A finding is keyed by `contract_no`.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from assets.tables import credit, intake, project
from assets.wording import worded
from checks.across.apart import with_trust
from checks.across.common import CrossCheck, Tables, findings, law_if, listed, with_head

ENTERED_DAYS = 180
PERMIT_YUAN = 300_000
"""Works below it need no permit (建筑工程施工许可管理办法 Art. 2)."""
_GENERAL = ("施工总承包", "工程总承包")
_QUALITY_OR_SAFETY = (
    "违反强制性标准",
    "瞒报谎报迟报事故",
    "不履行保修义务",
    "较大以上事故",
    "一般事故",
)
"""Acts against quality or safety: what else an enterprise is lowered for leaves its works alone."""
_PROVINCE = "330000"


def _contracts(tables: Tables) -> pl.LazyFrame:
    """Contracts with the legal person of the contractor.

    Returns `contract_no`, `project_no`, `usc_code`, `head`, `is_signed` (no row of it was set apart
    since: it may be of another project).
    """
    rows = tables[project.CONTRACT.name].select("contract_no", "project_no", "usc_code")
    known = with_trust(tables, project.CONTRACT, rows).rename({"is_trusted": "is_signed"})
    return with_head(tables, known).drop("is_known")


def used_in_falsification(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-17: the contractor used the project in an application that was announced as falsified.

    Where another used it, whoever truly built it loses nothing: that is noted. DATA where a row of
    the use or of the contract was set apart since.
    """
    del as_of
    uses = tables[project.USE.name].filter(pl.col("conclusion") == "弄虚作假")
    falsified = with_head(tables, with_trust(tables, project.USE, uses)).select(
        "project_no", "applied_on", "is_trusted", user="head"
    )
    is_own = pl.col("head") == pl.col("user")
    rows = (
        _contracts(tables)
        .join(falsified, on="project_no")
        .group_by("contract_no", "usc_code")
        .agg(
            is_own=is_own.any(),
            is_sure=(is_own & pl.col("is_trusted") & pl.col("is_signed")).any(),
            users=listed("user"),
            applied_on=pl.col("applied_on").max(),
        )
    )
    severity = pl.when("is_own").then(law_if("is_sure")).otherwise(pl.lit("WARN"))
    detail = worded(
        "{} 于 {} 申报资质时弄虚作假使用该项目 / used in a falsified application",
        "users",
        "applied_on",
    )
    return findings(rows, project.CONTRACT, "contract_no", severity, detail)


def punished_over_project(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-29: the contractor was lowered or struck for quality or safety over this project.

    DATA where the act is not classified, the record does not say what became of the
    qualification, or a row of the record or of the contract was set apart since. A penalty over the
    project that left the qualification alone is noted.
    """
    del as_of
    acts = (
        tables[credit.FINDING.name]
        .filter(pl.col("revoked_on").is_null())
        .drop_nulls("project_no")
        .select("finding_no", "usc_code", "project_no", "act", "sanction", "document_no")
    )
    records = with_head(tables, with_trust(tables, credit.FINDING, acts)).drop(
        "is_known", "usc_code"
    )
    is_of_kind = pl.col("act").is_in(_QUALITY_OR_SAFETY)
    is_hard = pl.col("sanction").is_in(["降低资质等级", "吊销资质证书"])
    may_be = (is_of_kind | pl.col("act").is_null()) & (is_hard | pl.col("sanction").is_null())
    severity = (
        pl.when(is_of_kind & is_hard)
        .then(law_if("is_sure"))
        .when(may_be.fill_null(True))
        .then(pl.lit("DATA"))
        .otherwise(pl.lit("WARN"))
    )
    rows = (
        _contracts(tables)
        .join(records, on=["project_no", "head"])
        .with_columns(is_sure=pl.col("is_trusted") & pl.col("is_signed"))
    )
    detail = worded(
        "因该项目受处罚 {}（{}） / punished over this project",
        "document_no",
        pl.col("sanction").fill_null("–"),
    )
    return findings(rows, project.CONTRACT, "contract_no", severity, detail)


def entered_late(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-21: entered afterwards (历史业绩补录), and that within 180 days.

    DATA where works that need a permit name none: then nothing but the entry speaks for them.
    """
    since = pl.lit(as_of - timedelta(days=ENTERED_DAYS))
    afterwards = tables[project.PROJECT.name].filter(pl.col("data_source") == "历史业绩补录")
    rows = (
        tables[project.CONTRACT.name]
        .filter(pl.col("entered_on") >= since)
        .join(afterwards.select("project_no"), on="project_no", how="semi")
    )
    needs_permit = pl.col("contract_type").is_in(_GENERAL) & (pl.col("amount_yuan") >= PERMIT_YUAN)
    is_bare = needs_permit & pl.col("permit_no").is_null()
    severity = pl.when(is_bare).then(pl.lit("DATA")).otherwise(pl.lit("WARN"))
    detail = worded(
        "{} 补录，许可证 {} / entered afterwards", "entered_on", pl.col("permit_no").fill_null("–")
    )
    return findings(rows, project.CONTRACT, "contract_no", severity, detail)


def without_quality_record(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-28: accepted under a permit, and the station has no record, or found it unsound.

    That none is there is only noted, and only where the channel declares them complete up to the
    acceptance. What the station found unsound is doubted where the acceptance says sound.
    """
    del as_of
    accepted = (
        tables[project.ACCEPTANCE.name]
        .select("contract_no", "accepted_on", "quality")
        .drop_nulls("accepted_on")
    )
    works = (
        tables[project.CONTRACT.name]
        .select("contract_no", "project_no", "usc_code", "permit_no")
        .join(accepted, on="contract_no")
    )
    records = tables[project.QUALITY.name]
    complete_to = (
        tables[intake.COVERAGE.name]
        .filter(
            pl.col("target") == project.QUALITY.name,
            pl.col("region_code") == _PROVINCE,
            pl.col("is_complete"),
        )
        .select(complete_to=pl.col("as_of").max())
    )
    bare = (
        works.drop_nulls("permit_no")
        .join(records.select("project_no"), on="project_no", how="anti")
        .join(complete_to, how="cross")
        .filter(pl.col("accepted_on") <= pl.col("complete_to"))
    )
    unsound = works.filter(pl.col("quality") == "合格").join(
        records.filter(pl.col("result") == "不合格").select("project_no").unique(),
        on="project_no",
        how="semi",
    )
    return pl.concat(
        [
            findings(
                bare,
                project.ACCEPTANCE,
                "contract_no",
                "WARN",
                worded("项目 {} 无质量监督记录 / no record of quality supervision", "project_no"),
            ),
            findings(
                unsound,
                project.ACCEPTANCE,
                "contract_no",
                "DATA",
                worded("项目 {} 质量监督结论不合格 / the station found it unsound", "project_no"),
            ),
        ]
    )


_CONTRACT = (project.CONTRACT,)
CHECKS = (
    CrossCheck(id="J-17", targets=_CONTRACT, find=used_in_falsification, asks_day=False),
    CrossCheck(id="J-21", targets=_CONTRACT, find=entered_late),
    CrossCheck(
        id="J-28", targets=(project.ACCEPTANCE,), find=without_quality_record, asks_day=False
    ),
    CrossCheck(id="J-29", targets=_CONTRACT, find=punished_over_project, asks_day=False),
)
