"""The reasons of a decision in one paragraph, Chinese and English, from its criteria.

Belongs here: fixed sentences filled with the criteria's own words. Does not: any text
invented at run time, the full decision document.
"""

from __future__ import annotations

import polars as pl

_OPENINGS = {
    "granted": ("经核查，各项指标均符合标准，准予许可。", "All criteria are met: granted."),
    "refused": ("下列指标不符合标准，不予许可：", "Refused, since these criteria are not met: "),
    "not_accepted": ("不予受理：", "Not accepted: "),
    "awaiting_data": (
        "下列指标缺少数据，待数据补齐后自动重新评审：",
        "Waiting for data on these criteria; evaluated again when they arrive: ",
    ),
}
_REMEDY = {
    "refused": (
        "如不服本决定，可依法申请行政复议或者提起行政诉讼。",
        " You may apply for administrative review or bring a suit.",
    ),
}
"""行政许可法 Art. 38: a refusal names the right to review and suit."""


def reasons(outcomes: pl.DataFrame, criteria: pl.DataFrame) -> pl.DataFrame:
    """`application_id`, `reason_zh`, `reason_en`."""
    cause = (
        pl.when(pl.col("outcome") == "awaiting_data")
        .then(pl.col("truth").is_null())
        .otherwise((~pl.col("truth")).fill_null(False))
    )
    named = (
        criteria.filter(pl.col("parent").is_null())
        .join(outcomes.select("application_id", "outcome"), on="application_id")
        .filter(cause)
        .with_columns(
            zh=pl.format(
                "{}（要求{}，实际{}{}；{}）",
                "zh",
                "required",
                "actual",
                pl.concat_str(pl.lit("，"), "note").fill_null(""),
                "clause",
            ),
            en=pl.format("{} (required {}, actual {}; {})", "en", "required", "actual", "clause"),
        )
        .group_by("application_id", maintain_order=True)
        .agg(zh=pl.col("zh").str.join("；"), en=pl.col("en").str.join("; "))
    )
    beside = (
        criteria.filter(pl.col("parent").is_null() & pl.col("truth").is_null())
        .join(
            outcomes.filter(pl.col("outcome") == "refused").select("application_id"),
            on="application_id",
            how="semi",
        )
        .group_by("application_id", maintain_order=True)
        .agg(beside=pl.col("zh").str.join("、"))
    )
    openings = pl.DataFrame(
        [(name, zh, en, *_REMEDY.get(name, ("", ""))) for name, (zh, en) in _OPENINGS.items()],
        schema=["outcome", "opening_zh", "opening_en", "remedy_zh", "remedy_en"],
        orient="row",
    )
    return (
        outcomes.select("application_id", "outcome")
        .join(openings, on="outcome")
        .join(named, on="application_id", how="left")
        .join(beside, on="application_id", how="left")
        .select(
            "application_id",
            reason_zh=pl.concat_str(
                "opening_zh",
                pl.col("zh").fill_null(""),
                pl.concat_str(pl.lit("。另缺数据："), "beside").fill_null(""),
                pl.when(pl.col("remedy_zh") != "")
                .then(pl.concat_str(pl.lit("。"), "remedy_zh"))
                .otherwise(pl.lit("")),
            ),
            reason_en=pl.concat_str(
                "opening_en",
                pl.col("en").fill_null(""),
                pl.when(pl.col("remedy_en") != "")
                .then(pl.concat_str(pl.lit("."), "remedy_en"))
                .otherwise(pl.lit("")),
            ),
        )
    )
