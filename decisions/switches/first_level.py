"""Who begins, begins at the lowest level of the category; designers may begin higher.

Belongs here: the level of a first or added qualification (B1.1), the designers' exception (B1.3),
the direct application for 二级 from 2022-10-28 (B1.6). Does not: assessing what an exception
opens: how EPC works count is not encoded, so such a case waits.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import polars as pl

from assets.tables import enterprise
from assets.wording import worded
from decisions import kleene
from decisions.english import names
from decisions.holdings.validity import extended, runs_on
from decisions.plans import among, nothing
from decisions.rulebook.rule_set import LEVEL_RANK
from decisions.switches.model import Desk, Switch

_NO_DESIGNER = nothing(is_designer=pl.Boolean())
_BEGINS_HIGHER = ~pl.col("is_lowest") & ~pl.col("is_direct")
_LOWEST = pl.concat_str(
    "category_code",
    pl.when(pl.col("subcategory") != "").then("subcategory"),
    "lowest_name",
    separator="-",
    ignore_nulls=True,
)


def _lowest_in_english() -> pl.Expr:
    """`S11, grade 2`: a level in Chinese would end the English and stand in the Chinese twice."""
    level = pl.col("lowest_name").replace_strict({one: names()[one] for one in LEVEL_RANK})
    return worded("{}, {}", "category_code", level)


@lru_cache(maxsize=4)
def _answer(direct_from: date) -> list[pl.Expr]:
    """Truth, what is found and the note, where one may apply for 二级 at once from a day on."""
    # A rulebook kept before the mixed standard was encoded has none to decide by.
    is_unruled = (
        (pl.col("filed_on") >= direct_from) & (pl.col("levels") == 3) & (pl.col("rank") == 2)
    )
    waits = pl.coalesce(
        pl.when(is_unruled).then(
            pl.lit("直接申请二级的标准尚未编入 the rule on direct application is not encoded yet")
        ),
        pl.when(pl.col("is_designer")).then(
            pl.lit(
                "持设计资质可直接申请，工程总承包业绩的认定尚未编入 a designer may apply directly; "
                "how its EPC works count is not encoded yet"
            )
        ),
        pl.when(pl.col("is_designer").is_null()).then(
            pl.lit(
                "设计资质数据未到、存疑或其序列名称不在名录内，不能排除可直接申请 design "
                "qualifications not delivered, not trusted or of a series that no list has: a "
                "direct application cannot be ruled out"
            )
        ),
    )
    return [
        pl.when("is_direct")
        .then(True)
        .when(_BEGINS_HIGHER & waits.is_not_null())
        .then(None)
        .otherwise("is_lowest")
        .alias("truth"),
        pl.col("level").alias("actual"),
        pl.when("is_direct")
        .then(
            pl.lit(
                "直接申请二级：资产、技术负责人按二级标准，其他按三级标准 applied for at once: "
                "assets and technical leader by the standard of this level, all else by the lowest"
            )
        )
        .when(_BEGINS_HIGHER)
        .then(
            pl.coalesce(
                waits,
                worded(
                    "应先申请最低等级 {} apply for the lowest level first: {}",
                    _LOWEST,
                    _lowest_in_english(),
                ),
            )
        )
        .alias("note"),
    ]


def judge(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """The level applied for is the lowest; if not, the note names that one."""
    # Who begins at the lowest level, or for 二级 at once, need be no designer.
    higher = cases.filter(_BEGINS_HIGHER)
    rows = cases.lazy()
    rows = (
        rows.with_columns(_NO_DESIGNER)
        if higher.is_empty()
        else rows.join(_designers(desk, higher), on="application_id", how="left")
    )
    return rows.join(desk.lowest_levels, on=["category_code", "subcategory"], how="left").select(
        "application_id", *_answer(desk.book.kinds.direct_second_level_from)
    )


def _designers(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """`application_id`, `is_designer`: whether a design qualification opens the level."""
    rule = desk.book.designers
    if rule is None:
        return cases.lazy().select("application_id", is_designer=pl.lit(False))
    fitting = rule.fitting(desk.book.categories)
    opened = pl.LazyFrame(
        fitting,
        schema={"industry": pl.String(), "category_code": pl.String()},
        orient="row",
    )
    asked = cases.select("application_id", "usc_code", "category_code", "filed_on", "decided_on")
    told = (
        desk.facts.table(enterprise.DESIGN)
        .filter("is_lawful")
        .join(asked.lazy(), on="usc_code")
        # Whose certificate it is no channel says, and the levels of builders are not its own.
        .with_columns(
            authority_code=pl.lit(None, pl.String()),
            level=pl.lit(""),
            issued_on="valid_from",
        )
        .pipe(desk.facts.collect)
    )
    held = (
        extended(told, desk.book.extensions)
        .lazy()
        .join(
            opened.with_columns(is_fitting=pl.lit(True)),
            on=["industry", "category_code"],
            how="left",
        )
        .select(
            "application_id",
            # What a row that is not trusted says is not known, its series included (reading 31).
            holds=pl.when("is_trusted").then(
                kleene.all_of(
                    pl.when(among("industry", pl.Series(rule.series))).then(
                        pl.col("is_fitting").fill_null(False)
                    ),
                    pl.col("grade") == rule.grade,
                    pl.col("status_code") == "valid",
                    pl.col("filed_on") >= pl.col("valid_from"),
                    runs_on(pl.col("filed_on")),
                )
            ),
        )
        .group_by("application_id")
        .agg(kleene.some(pl.col("holds")), is_told=pl.lit(True).first())
    )
    found = pl.when("is_told").then("holds").otherwise(False)
    can_be_opened = pl.col("category_code").is_in(sorted({code for _, code in fitting})) & (
        pl.col("rank") <= LEVEL_RANK[rule.highest_level]
    )
    return (
        cases.lazy()
        .select("application_id", "usc_code", "category_code", "rank", "filed_on")
        .join(held, on="application_id", how="left")
        .pipe(desk.complete, enterprise.DESIGN)
        .select(
            "application_id",
            is_designer=pl.when(can_be_opened)
            .then(kleene.proven(found, pl.col("is_closed")))
            .otherwise(False),
        )
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
