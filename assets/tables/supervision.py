"""Re-checks of live qualifications: what was looked at, what was found, what has changed.

Findings are not orders: nothing follows from them until an authority acts.
"""

from __future__ import annotations

import polars as pl

from assets.lake.declaration import INSTANT, Column, Layer, Mode, Table
from assets.tables import common

_BASIS = "令22 Art. 28; regulations D1"
QUALIFICATION = ("usc_code", "category_code", "subcategory", "level", "certificate_no")
"""What a re-check looks at: a qualification on a certificate."""
CHANGES = ("first", "same", "newly_not_met", "newly_no_data", "recovered")


def _run_id(en: str = "run of the re-check") -> Column:
    return Column(name="run_id", dtype=pl.String(), zh="复核批次", en=en, nullable=False)


def _bucket() -> Column:
    return Column(name="bucket", dtype=pl.String(), zh="分桶", en="bucket of the enterprise", nullable=False, pattern=r"^\d{2}$")


def _qualification() -> tuple[Column, ...]:
    return (
        common.usc_code(), common.category_code(), common.subcategory(), common.level(),
        Column(name="certificate_no", dtype=pl.String(), zh="证书编号", en="certificate it stands on; empty where not known", nullable=False),
    )


def _criterion() -> tuple[Column, ...]:
    return (
        Column(name="criterion", dtype=pl.String(), zh="指标", en="path of the criterion, e.g. `constructors.1`", nullable=False),
        Column(name="parent", dtype=pl.String(), zh="上级指标", en="criterion it is a part of; null where it decides by itself"),
        Column(name="result", dtype=pl.String(), zh="结果", en="not met; or no data, which is no failure", nullable=False, codes=common.RESULTS),
        Column(name="zh", dtype=pl.String(), zh="指标说明", en="what is asked, Chinese", nullable=False),
        Column(name="en", dtype=pl.String(), zh="指标说明（英文）", en="what is asked, English", nullable=False),
        Column(name="required", dtype=pl.String(), zh="要求", en="figure or condition asked for", nullable=False),
        Column(name="actual", dtype=pl.String(), zh="实际", en="what the data show", nullable=False),
        Column(name="short_by", dtype=pl.Float64(), zh="缺口", en="what surely counts is so much less than asked, in the unit of `actual`; null where nothing is counted", minimum=0),
        Column(name="note", dtype=pl.String(), zh="说明", en="shortfall, or which table, key and channel lacks data"),
        Column(name="clause", dtype=pl.String(), zh="条款", en="document, section, level, item", nullable=False),
        Column(name="basis", dtype=pl.String(), zh="依据状态", en="whether the text was seen or recalled", nullable=False, codes=("seen", "recalled", "unknown")),
    )


RECHECK = Table(
    name="supervision__recheck", layer=Layer.SUPERVISION, mode=Mode.LOG,
    zh="动态核查", en="One row per run of the re-check, written as it is opened: its scope, and all that its findings rest on",
    legal_basis=_BASIS, key=("run_id",), sort_by=("opened_at",),
    columns=(
        _run_id("follows from the day, the scope and what the run rests on: the same question is the same run"),
        Column(name="opened_at", dtype=INSTANT, zh="开始时间", en="opened", nullable=False),
        Column(name="as_of", dtype=pl.Date(), zh="核查日", en="day the standard is asked on", nullable=False),
        common.usc_code(en="only this enterprise; null = every one", nullable=True),
        common.category_code(en="only this category; null = every one", nullable=True),
        Column(name="region_code", dtype=pl.String(), zh="行政区划", en="only enterprises registered in this city or county; null = everywhere", pattern=r"^\d{6}$"),
        Column(name="release_id", dtype=pl.String(), zh="数据发布", en="release looked at", nullable=False),
        Column(name="certificates_version", dtype=pl.Int64(), zh="证照登记簿版本", en="Delta version of certificate__register at which our own grants were read; null = none issued yet", minimum=0),
        Column(name="rulebook_digest", dtype=pl.String(), zh="规则库摘要", en="digest of every rule set of the rulebook", nullable=False),
        Column(name="recalled_may_grant", dtype=pl.Boolean(), zh="未核对原文的指标可否作准", en="whether figures that were recalled but not seen count", nullable=False),
        Column(name="engine_version", dtype=pl.String(), zh="引擎版本", en="version of the engine", nullable=False),
    ),
)

RECHECK_BUCKET = Table(
    name="supervision__recheck_bucket", layer=Layer.SUPERVISION, mode=Mode.LOG,
    zh="动态核查分桶", en="One row per run and bucket, written last: a bucket without it is not done",
    legal_basis=_BASIS, key=("run_id", "bucket"), sort_by=("run_id", "bucket"),
    columns=(
        _run_id(), _bucket(),
        Column(name="done_at", dtype=INSTANT, zh="完成时间", en="done", nullable=False),
        Column(name="qualifications", dtype=pl.Int64(), zh="资质数", en="live qualifications looked at", nullable=False, minimum=0),
        Column(name="not_met", dtype=pl.Int64(), zh="不达标数", en="of these, with a criterion that is not met", nullable=False, minimum=0),
        Column(name="no_data", dtype=pl.Int64(), zh="缺数据数", en="of these, with none not met but some without data", nullable=False, minimum=0),
        Column(name="unreadable", dtype=pl.Int64(), zh="无法识别数", en="rows of the base whose category or level cannot be read: nothing could be looked at", nullable=False, minimum=0),
        Column(name="seconds", dtype=pl.Float64(), zh="用时", en="evaluation", unit="s", nullable=False, minimum=0),
    ),
)

RECHECK_RESULT = Table(
    name="supervision__recheck_result", layer=Layer.SUPERVISION, mode=Mode.LOG,
    zh="动态核查结果", en="Every live qualification that a run looked at, with what came out",
    legal_basis=_BASIS, key=("run_id", *QUALIFICATION), sort_by=("run_id", "usc_code"),
    columns=(
        _run_id(), _bucket(), *_qualification(),
        Column(name="region_code", dtype=pl.String(), zh="行政区划", en="where the enterprise is registered; null = not known"),
        Column(name="result", dtype=pl.String(), zh="结果", en="of all criteria together", nullable=False, codes=common.RESULTS),
        Column(name="rule_digest", dtype=pl.String(), zh="规则摘要", en="digest of the rule set; empty where there is none", nullable=False),
    ),
)

RECHECK_FINDING = Table(
    name="supervision__recheck_finding", layer=Layer.SUPERVISION, mode=Mode.LOG,
    zh="动态核查发现", en="Every criterion that a live qualification does not meet, or that has no data, with its evidence",
    legal_basis=_BASIS, key=("run_id", *QUALIFICATION, "criterion"), sort_by=("run_id", "usc_code"),
    columns=(
        _run_id(), _bucket(), *_qualification(), *_criterion(),
        Column(name="evidence_json", dtype=pl.String(), zh="证据", en="the rows it rests on, with whether each counts and why not, as JSON; of a criterion that is a part: see its whole; people only by pseudonym", nullable=False),
    ),
)

RECHECK_CURRENT = Table(
    name="supervision__recheck_current", layer=Layer.SUPERVISION, mode=Mode.VIEW,
    zh="动态核查现状", en="What the newest re-check of each qualification found, and what it no longer finds, beside the one before",
    legal_basis=_BASIS, key=(*QUALIFICATION, "criterion"), sort_by=("usc_code",),
    columns=(
        *_qualification(), *_criterion(),
        Column(name="region_code", dtype=pl.String(), zh="行政区划", en="where the enterprise is registered; null = not known"),
        Column(name="as_of", dtype=pl.Date(), zh="核查日", en="day of the newest re-check", nullable=False),
        _run_id("newest re-check of the qualification"),
        Column(name="change", dtype=pl.String(), zh="变化", en="against the re-check before: the qualification's first, same, newly not met, newly no data, recovered (met now)", nullable=False, codes=CHANGES),
        Column(name="result_before", dtype=pl.String(), zh="前次结果", en="what the re-check before found; null at the first", codes=common.RESULTS),
        Column(name="run_before", dtype=pl.String(), zh="前次批次", en="the re-check before; null at the first"),
    ),
)

TABLES = (RECHECK, RECHECK_BUCKET, RECHECK_RESULT, RECHECK_FINDING, RECHECK_CURRENT)
