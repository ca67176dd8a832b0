"""A lower level after the loss of a higher one: whether within the three months (B3.4, B6.7).

Belongs here: the ground of that other 重新核定. Does not: what was lost
(`decisions.reverification.losses`).
"""

from __future__ import annotations

import polars as pl

from assets.tables import enterprise
from assets.wording import worded
from decisions import kleene, words
from decisions.reverification.losses import IN_TIME, losses
from decisions.switches.held import NOT_KNOWN
from decisions.switches.model import Desk, Switch
from decisions.switches.reverification import NOT_DELIVERED, since_verified


def _lost_in_time(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """A level of the category above the one applied for was lost not longer ago than 3 months."""
    lost = (
        losses(cases, desk.facts)
        .lazy()
        .join(cases.lazy().select("application_id", "filed_on"), on="application_id")
    )
    due = pl.col("lost_on").dt.offset_by("3mo")
    found = (
        lost.with_columns(told=words.told(pl.col("way"), words.LOSSES))
        .sort("lost_on", "row_key", nulls_last=True)
        .group_by("application_id", maintain_order=True)
        .agg(
            in_time=kleene.some(IN_TIME),
            last_day=due.max(),
            losses=worded(
                "{}：{}，{}",
                pl.col("lost_level").fill_null("?"),
                "told",
                pl.col("lost_on").cast(pl.String).fill_null("?"),
            ).str.join("；"),
        )
    )
    others = since_verified(desk, cases).select("application_id", is_other=pl.lit(True))
    rows = (
        cases.lazy()
        .join(found, on="application_id", how="left")
        .join(others, on="application_id", how="left")
        .pipe(desk.complete, enterprise.QUALIFICATION)
        .pipe(desk.complete, enterprise.EVENT, name="is_told")
    )
    in_time, is_told = pl.col("in_time"), pl.col("is_told")
    return rows.select(
        "application_id",
        truth=pl.when(pl.col("is_lower") & pl.col("is_other").is_null() & is_told).then(in_time),
        actual=pl.coalesce("losses", words.none(pl.col("is_closed"))),
        note=pl.when(~is_told)
        .then(NOT_DELIVERED)
        .when(in_time & pl.col("is_other"))
        .then(
            pl.lit(
                "三个月内失去更高等级，又有合并、分立等事项，按何种方式核定不明 "
                "a higher level lost within three months, and a merger or the like: which of "
                "both decides how it is verified is not known"
            )
        )
        .when(in_time & pl.col("is_lower").is_null())
        .then(NOT_KNOWN)
        .when(in_time)
        .then(worded("最迟于 {} 提出 to be filed by {}", "last_day", "last_day"))
        .when(in_time.is_null())
        .then(pl.lit("撤回日期缺失或存疑 the day of the withdrawal is missing or in doubt"))
        .when(~pl.col("is_closed"))
        .then(NOT_KNOWN)
        .otherwise(
            pl.lit(
                "已逾三个月，应从最低等级重新申请 more than three months ago: apply anew from the "
                "lowest level"
            )
        ),
    )


LOST_IN_TIME = Switch(
    name="lower_level_ground",
    zh="三个月内本类别更高等级被不予延续或撤回",
    en="a higher level of the category refused renewal or withdrawn within three months",
    required="三个月内 within three months",
    clause="令22 第十八条、第二十八条; 20号",
    basis="seen",
    judge=_lost_in_time,
)
