"""Bars on applying: whether one runs, and until when (C4-C7).

Belongs here: which bar stops which kinds of application. Does not: orders to correct
(`rectification`), acts of Art. 23.

A bar that runs on the day of filing or on that of the decision is read; its last day still bars
(readings 1, 73). False facts and fraud bar from applying for qualifications: a change of
what the registration says and the replacement of a lost certificate apply for none. The
mark 资质异常 stops every matter, from 2023-09-15. While a suspected falsification is being
looked into, matters are held: neither taken up nor turned away; when it ends they go on.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.tables import credit
from assets.wording import worded
from decisions import words
from decisions.facts.bodies import of_another_body
from decisions.plans import nothing
from decisions.switches.model import Desk, Later, Switch

ABNORMAL, INQUIRY, FALSE_FACTS = "资质异常", "涉嫌造假核查", "申请弄虚作假"
ABNORMAL_FROM = date(2023, 9, 15)
"""建市规[2023]3号: no qualification matter at all until the mark is taken off (C4)."""
NOT_AN_APPLICATION = ("change", "replacement")
"""What 令22 Arts. 35 and 36 do not bar: neither asks for a qualification."""
_CLAUSE = "令22 第三十五条、第三十六条; 建市[2011]200号"
LOWER_LEVEL = "reverification_lower"
"""200号: whose renewal was refused for false facts may have a lower level verified (C6)."""


def _bears(ground: pl.Expr, procedure: pl.Expr) -> pl.Expr:
    """Whether a ground stops a kind of application, or may; one that cannot be read may."""
    bars_from_applying = ~procedure.is_in(NOT_AN_APPLICATION) & ~(
        (procedure == LOWER_LEVEL) & (ground == FALSE_FACTS).fill_null(False)
    )
    return (
        pl.when(ground.is_in([ABNORMAL, INQUIRY]).fill_null(True))
        .then(True)
        .otherwise(bars_from_applying)
    )


def _runs_on(day: str) -> pl.Expr:
    """Whether a bar runs on a day, its first and last included, or perhaps does.

    The mark 资质异常 stops nothing until there is the notice; then what was filed before it, too.
    """
    begins, ends, on = pl.col("starts_on"), pl.col("ends_on"), pl.col(day)
    is_law = ((pl.col("ground") != ABNORMAL) | (on >= ABNORMAL_FROM)).fill_null(True)
    return is_law & (begins <= on).fill_null(True) & (ends.is_null() | (ends >= on))


# Who applied while barred applied in vain; an inquiry only holds what is to be decided (C7).
_RUNS = _runs_on("decided_on") | (
    _runs_on("filed_on") & (pl.col("ground") != INQUIRY).fill_null(True)
)
_NO_BAR = nothing(is_barred=pl.Boolean(), is_held=pl.Boolean(), names=pl.String(), last=pl.Date())


def _running(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """The bars that stop a case, or perhaps do: `application_id` and the columns of `_NO_BAR`."""
    bars = desk.records(cases.rename({"category_code": "applied"}), credit.BAR).rename(
        {"category_code": "barred"}
    )
    ground = pl.col("ground")
    # Whether it is for a lower level, which false facts do not bar, may not be known.
    is_of_kind = pl.col("is_lower").is_not_null() | (ground != FALSE_FACTS).fill_null(True)
    is_sure = pl.col("is_trusted") & pl.col("is_theirs") & is_of_kind
    return (
        bars
        # What a row that is not trusted says may be wrong, its days and its category too.
        .filter(
            ~pl.col("is_trusted")
            | (
                (pl.col("barred").is_null() | (pl.col("barred") == pl.col("applied")))
                & _RUNS
                & _bears(ground, pl.col("procedure"))
            )
        )
        .with_columns(
            told=worded(
                "{}，{}{}",
                words.told(ground, words.BAR_GROUNDS).fill_null("?"),
                words.until(pl.col("ends_on")),
                of_another_body(),
            )
        )
        .group_by("application_id")
        .agg(
            is_barred=(is_sure & (ground != INQUIRY)).any(),
            is_held=(is_sure & (ground == INQUIRY)).any(),
            names=pl.col("told").sort().str.join("；"),
            last=pl.when(pl.col("ends_on").is_not_null().all()).then(pl.col("ends_on").max()),
        )
        .pipe(desk.facts.read)
    )


_IS_BARRED = pl.col("is_barred").fill_null(False)
_ANSWER = [
    pl.when(_IS_BARRED)
    .then(False)
    .when(pl.col("is_barred").is_not_null() | ~pl.col("is_closed"))
    .then(None)
    .otherwise(True)
    .alias("truth"),
    pl.coalesce("names", words.none(pl.col("is_closed"))).alias("actual"),
    pl.when(_IS_BARRED & pl.col("last").is_not_null())
    .then(worded("{} 后可再次申请 apply again after {}", "last", "last"))
    .when(_IS_BARRED)
    .then(pl.lit("解除后可再次申请 apply again when it is lifted"))
    .when(pl.col("is_held"))
    .then(
        pl.lit(
            "核查期间暂缓办理，核查结束后自动继续 held while the inquiry runs; goes on by "
            "itself when it ends"
        )
    )
    .when(~pl.col("is_closed"))
    .then(
        pl.lit(
            "信用数据或分支机构登记数据未到或过期 "
            "bars, or the register of branches, not delivered or stale"
        )
    )
    .when(pl.col("is_barred").is_not_null())
    .then(
        pl.lit(
            "限制记录存疑，或是否为其分支机构存疑 "
            "a bar is on record that is in doubt, or not surely a branch's"
        )
    )
    .alias("note"),
]


def judge(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """No bar on the category, or on all, is running."""
    rows = desk.with_all_on_record(cases, credit.BAR)
    rows = (
        rows.with_columns(_NO_BAR)
        if desk.facts.has_none(credit.BAR)
        else rows.join(_running(desk, cases), on="application_id", how="left")
    )
    return rows.select("application_id", *_ANSWER)


BAR = Switch(
    name="bar",
    zh="不在申请限制期内",
    en="no bar on applying is running",
    required=words.NONE,
    clause="令22 第三十五条、第三十六条; 建市[2011]200号",
    basis="seen",
    later=(
        Later(
            ABNORMAL_FROM, "令22 第三十五条、第三十六条; 建市[2011]200号; 建市规[2023]3号", "seen"
        ),
    ),
    judge=judge,
)
