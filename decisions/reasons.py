"""The reasons of a decision in one paragraph, Chinese and English, from its criteria.

Belongs here: fixed sentences filled with the criteria's own words. Does not: any text
invented at run time, the full decision document (`certificates.documents`).
"""

from __future__ import annotations

from functools import cache

import polars as pl

from assets.wording import worded
from decisions.english import BESIDE, english
from decisions.lookup import looked_up
from decisions.plans import as_written, nothing

_OPENINGS = {
    "granted": ("经核查，各项条件均已满足，准予许可。", "All criteria are met: granted."),
    "refused": ("下列指标不符合标准，不予许可：", "Refused, since these criteria are not met: "),
    "not_accepted": ("不予受理：", "Not accepted: "),
    "awaiting_data": (
        "下列指标缺少数据，待数据补齐后自动重新评审：",
        "Waiting for data on these criteria; evaluated again when they arrive: ",
    ),
    "returned": (
        "补正期限届满，下列指标仍缺少数据，予以退件：",
        "Returned, since the term for supplying data is over and these criteria still lack them: ",
    ),
}
_REMEDY = {
    "refused": (
        "如不服本决定，可依法申请行政复议或者提起行政诉讼。",
        " You may apply for administrative review or bring a suit.",
    ),
    "returned": (
        "退件不影响再次申请，可随时重新提出。",
        " This is without prejudice: the same application may be filed again at any time.",
    ),
}
"""行政许可法 Art. 38: a refusal names review and suit; a return, that it bars nothing."""
_BILINGUAL = ("required", "actual", "note")
"""Columns written in Chinese with English beside: each sentence takes its own."""
_OPEN = ("awaiting_data", "returned")
"""Outcomes whose cause is what is not known."""


def reasons(outcomes: pl.DataFrame, criteria: pl.DataFrame) -> pl.LazyFrame:
    """`application_id`, `reason_zh`, `reason_en`.

    Named are the criteria that decided, and of each the parts that it fails by.

    Args:
        outcomes: `application_id`, `outcome`.
        criteria: rows of `decision__criterion` with `truth` for `result`.
    """
    opened = (
        outcomes.lazy().select("application_id", "outcome").join(_openings().lazy(), on="outcome")
    )
    found = _causes(outcomes, criteria)
    if found.is_empty():
        return opened.with_columns(_UNNAMED).select("application_id", *_PARAGRAPHS)
    return (
        opened.join(_named(found), on="application_id", how="left")
        .join(_beside(outcomes, criteria), on="application_id", how="left")
        .select("application_id", *_PARAGRAPHS)
    )


_UNNAMED = nothing(zh=pl.String(), en=pl.String(), beside_zh=pl.String(), beside_en=pl.String())
_PARAGRAPHS = [
    pl.concat_str(
        "opening_zh",
        pl.col("zh").fill_null(""),
        pl.concat_str(pl.lit("。另缺数据："), "beside_zh").fill_null(""),
        pl.when(pl.col("remedy_zh") != "")
        .then(pl.concat_str(pl.lit("。"), "remedy_zh"))
        .otherwise(pl.lit("")),
    ).alias("reason_zh"),
    pl.concat_str(
        "opening_en",
        pl.col("en").fill_null(""),
        pl.concat_str(pl.lit(". Without data besides: "), "beside_en").fill_null(""),
        pl.when(pl.col("remedy_en") != "")
        .then(pl.concat_str(pl.lit("."), "remedy_en"))
        .otherwise(pl.lit("")),
    ).alias("reason_en"),
]


def _beside(outcomes: pl.DataFrame, criteria: pl.DataFrame) -> pl.LazyFrame:
    """What of a refusal is not known besides: `application_id`, `beside_zh`, `beside_en`."""
    refused = outcomes.lazy().filter(pl.col("outcome") == "refused")
    return (
        criteria.lazy()
        .filter(pl.col("parent").is_null() & pl.col("truth").is_null())
        .join(refused, on="application_id", how="semi")
        .group_by("application_id", maintain_order=True)
        .agg(beside_zh=pl.col("zh").str.join("、"), beside_en=pl.col("en").str.join(", "))
    )


@cache
def _openings() -> pl.DataFrame:
    """How the reasons begin and end: `outcome`, `opening_…`, `remedy_…` in both languages."""
    return pl.DataFrame(
        [(name, zh, en, *_REMEDY.get(name, ("", ""))) for name, (zh, en) in _OPENINGS.items()],
        schema=["outcome", "opening_zh", "opening_en", "remedy_zh", "remedy_en"],
        orient="row",
    )


def _causes(outcomes: pl.DataFrame, criteria: pl.DataFrame) -> pl.DataFrame:
    """The criteria behind each outcome."""
    of_case = outcomes.lazy().select("application_id", "outcome")
    return as_written(
        criteria.lazy().join(of_case, on="application_id", maintain_order="left").filter(_IS_CAUSE)
    )


_IS_CAUSE = (
    pl.when(pl.col("outcome").is_in(_OPEN))
    .then(pl.col("truth").is_null())
    .otherwise((~pl.col("truth")).fill_null(False))
)


def _named(found: pl.DataFrame) -> pl.LazyFrame:
    """The criteria behind each outcome in words: `application_id`, `zh`, `en`."""
    told = found.lazy().with_columns(_in_english(found, name) for name in _BILINGUAL).cache()
    said_zh, said_en = _said()
    parts = (
        told.filter(pl.col("parent").is_not_null())
        .group_by("application_id", criterion="parent", maintain_order=True)
        .agg(
            parts_zh=worded("{}（{}）", "zh", said_zh).str.join("、"),
            parts_en=worded("{} ({})", "en", said_en).str.join(", "),
        )
    )
    whole_zh, whole_en = _said("parts_zh")
    return (
        told.filter(pl.col("parent").is_null())
        .join(parts, on=["application_id", "criterion"], how="left", maintain_order="left")
        .with_columns(
            zh=pl.concat_str(
                worded("{}（{}；{}）", "zh", whole_zh, "clause"),
                pl.concat_str(pl.lit("，其中"), "parts_zh"),
                ignore_nulls=True,
            ),
            en=pl.concat_str(
                worded("{} ({}; {})", "en", whole_en, "clause"),
                pl.concat_str(pl.lit(", namely "), "parts_en"),
                ignore_nulls=True,
            ),
        )
        .group_by("application_id", maintain_order=True)
        .agg(zh=pl.col("zh").str.join("；"), en=pl.col("en").str.join("; "))
    )


@cache
def _said(parts: str | None = None) -> tuple[pl.Expr, pl.Expr]:
    """Required, actual and note in each language; no note where `parts` tell it better."""
    has_note = pl.lit(True) if parts is None else pl.col(parts).is_null()
    required, actual, note = (pl.col(name).str.replace_all(BESIDE, "") for name in _BILINGUAL)
    zh = worded("要求{}，实际{}", required, actual)
    en = worded("required {}, actual {}", "required_en", "actual_en")
    return (
        pl.concat_str(zh, pl.when(has_note).then(note), separator="，", ignore_nulls=True),
        pl.concat_str(en, pl.when(has_note).then("note_en"), separator=", ", ignore_nulls=True),
    )


def _in_english(told: pl.DataFrame, name: str) -> pl.Expr:
    texts = {text: english(text) for text in set(told[name]) if text is not None}
    return looked_up(pl.col(name), texts, pl.String()).alias(f"{name}_en")
