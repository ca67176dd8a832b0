"""Columns and code lists that several tables share, so that the same meaning has one name."""

from __future__ import annotations

import polars as pl

from assets.lake.declaration import INSTANT, Column, Sensitivity

CATEGORY_PATTERN = r"^(?:G(?:0[1-9]|1[0-2])|S(?:0[1-9]|[12][0-9]|3[0-6]))$"
"""The 48 categories of 建市[2014]159号."""
SUBCATEGORIES = ("公路安全设施", "公路机电工程")
"""分项 of S18, by their names in the standard: each is a qualification of its own."""
LEVELS = ("特级", "一级", "二级", "三级", "不分等级")
KINDS = ("first", "addition", "upgrade", "renewal", "change", "replacement", "reverification")
"""首次申请 增项 升级 延续 变更 遗失补办 重新核定."""
OUTCOMES = ("granted", "refused", "not_accepted", "awaiting_data", "returned")
RESULTS = ("met", "not_met", "no_data")
AUTHORITIES = ("ministry", "province", "city")

USC_PATTERN = r"^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$"


def usc_code(zh: str = "统一社会信用代码", en: str = "unified social credit code of the enterprise", *,
             name: str = "usc_code", nullable: bool = False, source: str = "CorpCode") -> Column:
    """An enterprise (GB 32100-2015; the check character is checked at collection)."""
    return Column(name=name, dtype=pl.String(), zh=zh, en=en, nullable=nullable, pattern=USC_PATTERN,
                  source=source, sensitivity=Sensitivity.PUBLIC)


def person_key(zh: str = "人员键", en: str = "keyed pseudonym of the identity number", *,
               nullable: bool = False) -> Column:
    """A person: a keyed hash of the 18-digit identity number, never the number itself."""
    return Column(name="person_key", dtype=pl.String(), zh=zh, en=en, nullable=nullable,
                  pattern=r"^[0-9a-f]{20}$", source="IDCard18 (pseudonym)")


def category_code(*, nullable: bool = False, en: str = "category of the standard") -> Column:
    """A category of the standard."""
    return Column(name="category_code", dtype=pl.String(), zh="资质类别", en=en, nullable=nullable,
                  pattern=CATEGORY_PATTERN, source="TradeBoundNum", sensitivity=Sensitivity.PUBLIC)


def subcategory() -> Column:
    """S18's 分项 and S36's kind; empty for every other category."""
    return Column(name="subcategory", dtype=pl.String(), zh="分项", en="sub-category; empty where the standard has none",
                  nullable=False, sensitivity=Sensitivity.PUBLIC)


def level() -> Column:
    """A level, by its name in the standard."""
    return Column(name="level", dtype=pl.String(), zh="资质等级", en="level", nullable=False, codes=LEVELS,
                  source="TitleLevelNum", sensitivity=Sensitivity.PUBLIC)


def provenance() -> tuple[Column, ...]:
    """Where a base row came from: the delivery row that won."""
    return (
        Column(name="delivery_id", dtype=pl.String(), zh="交换批次", en="delivery the row came with", nullable=False),
        Column(name="row_no", dtype=pl.Int64(), zh="行号", en="row within the delivery, from 1", nullable=False, minimum=1),
        Column(name="received_at", dtype=INSTANT, zh="接收时间", en="when we learned it", nullable=False),
    )
