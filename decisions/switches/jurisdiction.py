"""Whether the case is this authority's, and if not, whose (A1-A5, A10).

Belongs here: the power over (category, level), the place of registration. Does not: who has
which power (`standards/jurisdiction.yaml`).
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from assets.wording import worded
from decisions import kleene, words
from decisions.rulebook.book import Rulebook
from decisions.switches.model import Desk, Switch

NOT_DELEGATED = "特级"
"""The trial of 2021 to 2023 left it with the ministry (A10)."""


@lru_cache(maxsize=4)
def _names(book: Rulebook) -> pl.DataFrame:
    return pl.DataFrame(
        [
            (authority, f"{name.zh} {name.en}", name.zh, name.en)
            for authority, name in book.jurisdiction.authorities.items()
        ],
        schema=["authority", "authority_name", "name_zh", "name_en"],
        orient="row",
    )


def _perhaps_delegated(book: Rulebook, as_authority: str | None) -> pl.Expr:
    """A ministry's pair while a trial ran whose pairs are not known: whose, nobody knows."""
    if as_authority != "province":
        return pl.lit(False)
    within = [
        pl.col("filed_on").is_between(trial.valid_from, trial.valid_to)
        for trial in book.jurisdiction.trials
    ]
    return (
        pl.any_horizontal(pl.lit(False), *within)
        & (pl.col("authority") == "ministry")
        & (pl.col("level") != NOT_DELEGATED)
    )


def _is_doubtful(book: Rulebook, recalled_may_grant: bool) -> pl.Expr:
    """A pair that the text does not settle, where what is recalled decides nothing (reading 25)."""
    pairs = [
        f"{code} {level}"
        for power in book.jurisdiction.powers
        if power.doubt and not recalled_may_grant
        for code in power.codes
        for level in power.levels
    ]
    return pl.concat_str("category_code", "level", separator=" ").is_in(pairs)


@lru_cache(maxsize=16)
def _answer(book: Rulebook, as_authority: str | None, recalled_may_grant: bool) -> list[pl.Expr]:
    provinces = list(book.jurisdiction.province_regions)
    is_here = pl.col("region_code").str.slice(0, 2).is_in(provinces)
    is_open = _perhaps_delegated(book, as_authority)
    is_doubtful = _is_doubtful(book, recalled_may_grant)
    mine = pl.col("authority") if as_authority is None else pl.lit(as_authority)
    is_ours = pl.when(~(is_open | is_doubtful)).then(pl.col("authority") == mine)
    return [
        kleene.all_of(is_ours, is_here).alias("truth"),
        pl.coalesce("authority_name", pl.lit(words.NO_DATA)).alias("actual"),
        pl.when(pl.col("authority").is_null())
        .then(pl.lit("审批权限数据缺失 the rulebook does not say who decides this"))
        .when(is_open)
        .then(
            pl.lit(
                "审批权限下放试点期间，下放范围的文本缺失 "
                "on trial approvals of the ministry were put down to provinces; no text says which"
            )
        )
        .when(is_doubtful)
        .then(
            pl.lit(
                "该等级审批权限条文不明，由本机关在设置 decided_by 中确定后自动继续 "
                "the text does not settle who decides this level: the case goes on once the office "
                "has set decided_by"
            )
        )
        .when(pl.col("authority") != mine)
        .then(worded("请向{}申请 apply to the {}", "name_zh", "name_en"))
        .when(~is_here)
        .then(
            worded(
                "工商注册地区划 {}，请向注册所在地的省级主管部门申请 "
                "registered in {}: apply to the authority of that place",
                "region_code",
                "region_code",
            )
        )
        .when(is_here.is_null())
        .then(pl.lit("注册地数据缺失 region of registration not delivered"))
        .alias("note"),
    ]


def judge(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """Within this authority's powers, and registered in its province."""
    region = desk.registry.lazy().select(
        "usc_code", region_code=pl.when("is_trusted").then("region_code")
    )
    return (
        cases.lazy()
        .join(_names(desk.book).lazy(), on="authority", how="left")
        .join(region, on="usc_code", how="left")
        .select("application_id", *_answer(desk.book, desk.as_authority, desk.recalled_may_grant))
    )


JURISDICTION = Switch(
    name="jurisdiction",
    zh="属本机关审批权限",
    en="within this authority's powers",
    required="本机关 this authority",
    clause="令22 第九条至第十一条",
    basis="seen",
    judge=judge,
)
