"""The criteria of cases with their answers, and the outcome that follows.

Belongs here: putting answers in the place of the criteria they answer, what a text not fully
known leaves open, and how criteria make an outcome. Does not: what a case is asked
(`decisions.asked`), answering (the `judge_` functions).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

import polars as pl

from assets.wording import worded
from decisions import kleene
from decisions.admission import switch_words
from decisions.asked import Asked
from decisions.plans import among, as_written
from decisions.rulebook.frames import IS_IN_FORCE, RuleTables
from decisions.verdicts import Verdicts

_COLUMNS = (
    "application_id",
    "criterion",
    "parent",
    "stage",
    "zh",
    "en",
    "required",
    "actual",
    "truth",
    "note",
    "clause",
    "basis",
    "short_by",
)
WORDS = ("zh", "en", "required", "clause", "basis")
"""What the standard says, the same of every case: a question about everybody goes without."""
_TEXTS = ("criterion", "parent", "zh", "en", "required", "clause", "basis")


def columns_of(*, with_words: bool) -> list[str]:
    """The columns of criteria, with what the standard says or without."""
    return [name for name in _COLUMNS if with_words or name not in WORDS]


def admission_criteria(
    admission: Verdicts, cases: pl.DataFrame, *, with_words: bool = True
) -> pl.LazyFrame:
    """The switches in the columns of `decisions.engine.Evaluated.criteria`."""
    rows = admission.criteria.lazy().with_columns(_OF_ADMISSION)
    if with_words:
        asked = cases.lazy().select("application_id", "assessment", "filed_on")
        rows = (
            rows.join(asked, on="application_id")
            .join(switch_words().lazy(), on=["assessment", "criterion"])
            .filter(IS_IN_FORCE)
        )
    return rows.select(columns_of(with_words=with_words))


_OF_ADMISSION = [pl.lit(None, pl.String()).alias("parent"), pl.lit("admission").alias("stage")]


def unruled(cases: pl.DataFrame) -> Iterator[pl.LazyFrame]:
    """A criterion without data for each case whose level the rulebook does not have."""
    if cases["digest"].null_count():
        yield (
            cases.lazy()
            .filter(pl.col("digest").is_null())
            .select(
                "application_id",
                criterion=pl.lit("rule_set"),
                parent=pl.lit(None, pl.String()),
                stage=pl.lit("admission"),
                zh=pl.lit("适用标准已编入规则库"),
                en=pl.lit("the standard applied for is in the rulebook"),
                required=pl.lit("有 yes"),
                actual=worded("{} {}", "category_code", "level"),
                truth=pl.lit(None, pl.Boolean()),
                note=pl.lit("标准文本缺失 the rule's text is missing"),
                clause=pl.lit("建市[2014]159号"),
                basis=pl.lit("unknown"),
                short_by=pl.lit(None, pl.Float64()),
            )
            .select(_COLUMNS)
        )


def of_uncertain_day(
    cases: pl.DataFrame, rules: RuleTables, recalled_may_grant: bool
) -> Iterator[pl.LazyFrame]:
    """A criterion without data for each case by a notice whose first day is only recalled.

    It refuses nobody: what the text before it asked as well is still found wanting.
    """
    if recalled_may_grant:
        return
    notices = (
        rules.recalled_days.lazy()
        .group_by("digest", maintain_order=True)
        .agg(pl.col("notice").str.join("、"))
    )
    yield (
        cases.lazy()
        .join(notices, on="digest")
        .select(
            "application_id",
            criterion=pl.lit("rule_set"),
            parent=pl.lit(None, pl.String()),
            stage=pl.lit("assessment"),
            zh=pl.lit("适用文件于申请日已施行"),
            en=pl.lit("the notice applied was in force on the day of filing"),
            required=pl.lit("已施行 in force"),
            actual=pl.lit("无数据 no data"),
            truth=pl.lit(None, pl.Boolean()),
            note=worded(
                "{}施行日期尚未核对原文，核对后由本机关在规则库（amendments.yaml）载明 the day on "
                "which it began to apply has not been checked against the original: the case goes "
                "on once the office has entered it",
                "notice",
            ),
            clause="notice",
            basis=pl.lit("recalled"),
            short_by=pl.lit(None, pl.Float64()),
        )
        .select(_COLUMNS)
    )


def assessment_criteria(
    answers: pl.DataFrame,
    asked: Asked,
    rules: RuleTables,
    recalled_may_grant: bool,
    *,
    with_words: bool = True,
) -> pl.LazyFrame:
    """Every criterion of the parts assessed, with its answer.

    One that nobody answered, or whose text is not fully known, has no data; nor has one whose text
    is only recalled, where that may not decide: it neither grants nor refuses (reading 54).

    Args:
        answers: `decisions.verdicts.CRITERIA` of the cases.
        asked: what they are assessed on.
        rules: the compiled rulebook.
        recalled_may_grant: see `decisions.engine.decide`.
        with_words: whether `WORDS` are wanted.
    """
    columns = columns_of(with_words=with_words)
    stated = as_written(_answered(answers, asked))
    # A row that no table holds, or that nobody could answer, leaves its part open.
    open_parts = as_written(stated.lazy().filter(_LEAVES_OPEN).select(_OPEN_PART))
    is_open = among("slot", open_parts["slot"])
    judged = (
        stated.lazy()
        .with_columns(truth=pl.when(~(is_open & _TRUTH).fill_null(False)).then("truth"))
        .with_columns(_judged(recalled_may_grant))
        .with_columns(*(one for name, one in _texts_of(rules).items() if name in columns), _SHORT)
    )
    article = answers.lazy().filter(_IS_ARTICLE_23).with_columns(_OF_ARTICLE_23)
    return pl.concat([judged.select(columns), article.select(columns)])


_TRUTH = pl.col("truth")
_LEAVES_OPEN = pl.col("open_part").is_not_null() & _TRUTH.is_null()
_OPEN_PART = pl.col("slot") - pl.col("place") + pl.col("open_part")
_SHORT = pl.when(~_TRUTH.fill_null(False)).then("short_by").alias("short_by")
_IS_ARTICLE_23 = pl.col("criterion") == "art23"
_OF_ARTICLE_23 = [
    pl.lit(None, pl.String()).alias("parent"),
    pl.lit("assessment").alias("stage"),
    pl.lit("申请前一年内及审批期间无令22第二十三条所列行为").alias("zh"),
    pl.lit("no act of Art. 23 from one year before filing until the decision").alias("en"),
    pl.lit("无 none").alias("required"),
    pl.lit("令22 第二十三条").alias("clause"),
    pl.lit("seen").alias("basis"),
]


@cache
def _judged(recalled_may_grant: bool) -> list[pl.Expr]:
    """What of an answer stands, by what is known of the text."""
    is_recalled = pl.col("is_recalled") & _TRUTH.is_not_null() & (not recalled_may_grant)
    is_undone = (
        pl.col("is_lost") & pl.col("is_whole") & ~(_TRUTH.fill_null(False) & pl.col("is_additive"))
    )
    return [
        pl.when(pl.col("is_missing") | is_undone | is_recalled)
        .then(None)
        .otherwise(_TRUTH)
        .alias("truth"),
        pl.when(pl.col("is_missing") | pl.col("is_lost"))
        .then(pl.lit("标准文本缺失 the rule's text is missing"))
        .when(is_recalled)
        .then(
            pl.lit(
                "标准文本尚未核对原文，不据以准予或不予 the text has not been checked against the "
                "original: it neither grants nor refuses"
            )
        )
        .otherwise("note")
        .alias("note"),
        pl.col("actual").fill_null("无数据 no data"),
        pl.lit("assessment").alias("stage"),
    ]


@lru_cache(maxsize=4)
def _texts_of(rules: RuleTables) -> dict[str, pl.Expr]:
    """What the standard says of the criterion of a `row`, by its column."""
    return {name: pl.lit(rules.criteria[name]).gather("row").alias(name) for name in _TEXTS}


def _answered(answers: pl.DataFrame, asked: Asked) -> pl.LazyFrame:
    """Every criterion of every case with its answer, if any, in the order of the sheets.

    The columns of `Asked.places`, `application_id`, `slot` (0, 1, 2 ...), `truth`, `actual`,
    `note`, `short_by`.
    """
    places = asked.places.lazy()
    stated = (
        asked.of.lazy()
        .join(places.drop("criterion"), on="sheet", maintain_order="left_right")
        .with_row_index("slot")
        .cache()
    )
    # The slot of a case's first criterion is that of any of them less its place.
    first = stated.filter(pl.col("place") == 0).select("application_id", "sheet", first="slot")
    # Answers go by their number until they are in place: each is taken once, not with every join.
    placed = (
        answers.lazy()
        .select("application_id", "criterion")
        .with_row_index("answer")
        .join(first, on="application_id")
        .join(places.select("sheet", "criterion", "place"), on=["sheet", "criterion"])
        .select("answer", slot=pl.col("first") + pl.col("place"))
    )
    told = [
        pl.lit(answers[name]).gather("answer").alias(name)
        for name in ("truth", "actual", "note", "short_by")
    ]
    return (
        stated.join(placed, on="slot", how="left", maintain_order="left")
        .with_columns(told)
        .drop("answer")
    )


def outcomes_of(cases: pl.DataFrame, criteria: pl.DataFrame) -> pl.DataFrame:
    """The cases with `admitted`, `assessed` (three-valued) and the `outcome` that follows."""
    # Of many cases: a filter takes along what it is given.
    told = criteria.lazy().select("application_id", "parent", "stage", "truth")
    deciding = told.filter(pl.col("parent").is_null())
    stages = (
        deciding.select("application_id", *_STAGES)
        .group_by("application_id")
        .agg(pl.col(_JUDGED).max())
        .with_columns(kleene.unless(pl.col(name)).alias(name) for name in _JUDGED)
    )
    judged = cases.lazy().join(stages, on="application_id", how="left")
    return as_written(judged.with_columns(_OUTCOME))


_JUDGED = ("admitted", "assessed")
_STAGES = [
    pl.when(pl.col("stage") == stage).then(kleene.against(_TRUTH)).alias(name)
    for name, stage in zip(_JUDGED, ("admission", "assessment"), strict=True)
]
_OUTCOME = (
    pl.when(~pl.col("admitted"))
    .then(pl.lit("not_accepted"))
    .when(pl.col("admitted").is_null())
    .then(pl.lit("awaiting_data"))
    .when(~pl.col("assessed"))
    .then(pl.lit("refused"))
    .when(pl.col("assessed"))
    .then(pl.lit("granted"))
    .otherwise(pl.lit("awaiting_data"))
    .alias("outcome")
)
