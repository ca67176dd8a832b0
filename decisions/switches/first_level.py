"""Who begins, begins at the lowest level of the category (B1.1, B1.6).

Belongs here: the level of a first or added qualification. Does not: the designers' exception
(B1.3), whose facts no base holds.
"""

from __future__ import annotations

import polars as pl

from decisions.switches.model import Desk, Switch


def judge(desk: Desk, cases: pl.DataFrame) -> pl.DataFrame:
    """The level applied for is the lowest; if not, the note names that one."""
    is_direct = (
        (pl.col("filed_on") >= desk.book.kinds.direct_second_level_from)
        & (pl.col("levels") == 3)
        & (pl.col("rank") == 2)
    )
    lowest = desk.level_names.select("category_code", "subcategory", "lowest_name").unique()
    return cases.join(lowest, on=["category_code", "subcategory"], how="left").select(
        "application_id",
        truth=pl.when(is_direct).then(None).otherwise(pl.col("is_lowest")),
        actual="level",
        note=pl.when(is_direct)
        .then(
            pl.lit("直接申请二级的标准尚未编入 the rule on direct application is not encoded yet")
        )
        .when(~pl.col("is_lowest"))
        .then(
            pl.format(
                "应先申请最低等级{} apply for the lowest level first: {}-{}",
                "lowest_name",
                pl.concat_str(
                    "category_code",
                    pl.when(pl.col("subcategory") != "").then("subcategory"),
                    separator="-",
                    ignore_nulls=True,
                ),
                "lowest_name",
            )
        ),
    )


FIRST_LEVEL = Switch(
    name="first_level",
    zh="首次申请、增项从最低等级申请",
    en="a first or added qualification starts at the lowest level",
    required="最低等级 lowest level",
    clause="令22 第八条",
    basis="seen",
    judge=judge,
)
