"""Is the applicant under an order to correct? Then no upgrade and no addition (C3, W30).

Belongs here: orders for any category that run on the day of filing or on that of the decision
(readings 1, 73). Does not: what becomes of an order that is not obeyed (withdrawal).
"""

from __future__ import annotations

import polars as pl

from assets.tables import credit
from assets.wording import worded
from decisions import words
from decisions.facts.bodies import of_another_body
from decisions.plans import nothing
from decisions.switches.model import Desk, Switch


def _runs_on(day: str) -> pl.Expr:
    """Whether an order runs on a day, or perhaps does; on the day it is closed it runs no more."""
    closed = pl.col("closed_on")
    is_begun = (pl.col("ordered_on") <= pl.col(day)).fill_null(True)
    return is_begun & (closed.is_null() | (closed > pl.col(day)))


_NO_ORDER = nothing(is_sure=pl.Boolean(), names=pl.String())


def _running(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """The orders that run, or perhaps do: `application_id` and the columns of `_NO_ORDER`."""
    due = pl.col("due_on").cast(pl.String).fill_null("?")
    return (
        desk.records(cases.drop("category_code"), credit.RECTIFICATION)
        # What a row that is not trusted says may be wrong, its days too.
        .filter(~pl.col("is_trusted") | _runs_on("filed_on") | _runs_on("decided_on"))
        .group_by("application_id")
        .agg(
            is_sure=(pl.col("is_trusted") & pl.col("is_theirs")).any(),
            names=worded(
                "{}（期限至 {} due {}{}）",
                pl.col("order_no").fill_null("?"),
                due,
                due,
                of_another_body(),
            )
            .sort()
            .str.join("、"),
        )
        .pipe(desk.facts.read)
    )


_IS_SURE = pl.col("is_sure").fill_null(False)
_ANSWER = [
    pl.when(_IS_SURE)
    .then(False)
    .when(pl.col("is_sure").is_not_null() | ~pl.col("is_closed"))
    .then(None)
    .otherwise(True)
    .alias("truth"),
    pl.coalesce("names", words.none(pl.col("is_closed"))).alias("actual"),
    pl.when(_IS_SURE)
    .then(
        pl.lit(
            "整改期间不得升级、增项，整改结束后可再次申请 "
            "no upgrade or addition meanwhile; apply again when the order is closed"
        )
    )
    .when(~pl.col("is_closed"))
    .then(
        pl.lit(
            "信用数据或分支机构登记数据未到或过期 "
            "orders to correct, or the register of branches, not delivered or stale"
        )
    )
    .when(pl.col("is_sure").is_not_null())
    .then(
        pl.lit(
            "整改记录存疑，或是否为其分支机构存疑 "
            "an order on record is in doubt, or not surely a branch's"
        )
    )
    .alias("note"),
]


def judge(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """No order is open."""
    rows = desk.with_all_on_record(cases, credit.RECTIFICATION)
    rows = (
        rows.with_columns(_NO_ORDER)
        if desk.facts.has_none(credit.RECTIFICATION)
        else rows.join(_running(desk, cases), on="application_id", how="left")
    )
    return rows.select("application_id", *_ANSWER)


RECTIFICATION = Switch(
    name="rectification",
    zh="未处于责令整改期",
    en="not under an order to correct",
    required=words.NONE,
    clause="令22 第二十八条",
    basis="seen",
    judge=judge,
)
