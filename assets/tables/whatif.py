"""What every enterprise would get today, if it asked."""

from __future__ import annotations

import polars as pl

from assets.lake.declaration import Column, Layer, Mode, Sensitivity, Table
from assets.tables import common

LEVEL = Table(
    name="whatif__level", layer=Layer.SUPERVISION, mode=Mode.VIEW,
    zh="假设申请", en="What each enterprise would get of each level today, if it applied: nobody filed it, nothing follows from it",
    key=("usc_code", "category_code", "subcategory", "level"), sort_by=("bucket", "usc_code"),
    columns=(
        Column(name="bucket", dtype=pl.String(), zh="分桶", en="bucket of the enterprise", nullable=False, pattern=r"^\d{2}$"),
        common.usc_code(),
        Column(name="enterprise_name", dtype=pl.String(), zh="企业名称", en="registered name", sensitivity=Sensitivity.PUBLIC),
        common.category_code(), common.subcategory(), common.level(),
        Column(name="kind", dtype=pl.String(), zh="申请类型", en="kind of application by which the level is got", nullable=False, codes=common.KINDS),
        Column(name="authority", dtype=pl.String(), zh="审批机关", en="authority that decides it, before which it is asked; null = the rulebook does not say", codes=common.AUTHORITIES),
        Column(name="asked_on", dtype=pl.Date(), zh="询问日", en="day of the question", nullable=False),
        Column(name="outcome", dtype=pl.String(), zh="结论", en="how an application filed and decided that day would end", nullable=False, codes=common.OUTCOMES),
        Column(name="may_apply", dtype=pl.String(), zh="可否申请", en="the switches before any assessment", nullable=False, codes=common.RESULTS),
        Column(name="meets_standard", dtype=pl.String(), zh="是否达标", en="the standard, whatever the switches say", nullable=False, codes=common.RESULTS),
        Column(name="not_met", dtype=pl.List(pl.String()), zh="不符合的指标", en="switches and parts of the standard that are not met", nullable=False),
        Column(name="no_data", dtype=pl.List(pl.String()), zh="缺数据的指标", en="switches and parts of the standard without data", nullable=False),
        Column(name="rule_digest", dtype=pl.String(), zh="规则摘要", en="digest of the rule set; empty where there is none", nullable=False),
        Column(name="release_id", dtype=pl.String(), zh="数据发布", en="release it was asked of", nullable=False),
    ),
)

CRITERION = Table(
    name="whatif__criterion", layer=Layer.SUPERVISION, mode=Mode.VIEW,
    zh="假设申请的指标", en="Every criterion behind whatif__level, in codes, of the buckets where it was asked for; what a criterion asks, `miaoban rules show` tells",
    key=("usc_code", "category_code", "subcategory", "level", "criterion"), sort_by=("bucket", "usc_code"),
    columns=(
        Column(name="bucket", dtype=pl.String(), zh="分桶", en="bucket of the enterprise", nullable=False, pattern=r"^\d{2}$"),
        common.usc_code(), common.category_code(), common.subcategory(), common.level(),
        Column(name="criterion", dtype=pl.String(), zh="指标", en="path of the criterion, e.g. `constructors.1`", nullable=False),
        Column(name="parent", dtype=pl.String(), zh="上级指标", en="criterion it is a part of; null where it decides by itself"),
        Column(name="result", dtype=pl.String(), zh="结果", en="met, not met, no data", nullable=False, codes=common.RESULTS),
        Column(name="short_by", dtype=pl.Float64(), zh="缺口", en="what surely counts is so much less than asked, in the unit of the criterion; null where nothing is counted"),
        Column(name="release_id", dtype=pl.String(), zh="数据发布", en="release it was asked of", nullable=False),
    ),
)

TABLES = (LEVEL, CRITERION)
