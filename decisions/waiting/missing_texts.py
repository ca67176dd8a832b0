"""Texts that a criterion has no data for: nobody found them, or they may not decide before seen.

Belongs here: texts of the standard, notices that may have extended a certificate (F9), scopes under
which works were taken (E14). Does not: rows of the sources (`decisions.waiting.missing`), what such
a text leaves open (`decisions.criteria`).
"""

from __future__ import annotations

import polars as pl

from assets.tables import project
from assets.wording import worded
from decisions import kleene
from decisions.engine import Decided, rule_tables
from decisions.performance.scope import STANDARD_FROM
from decisions.plans import at_once
from decisions.rulebook.book import Rulebook
from decisions.switches.closed_level import LEVEL_OPEN
from decisions.waiting.faults import CRITERION, EVALUATION, lacks

TEXT = "standard"
"""Stands for a table where the text of the standard is what is missing."""


def missing_texts(decided: Decided, open_: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """Texts of the standard that nobody found, or that may not grant before they are seen.

    Args:
        decided: one evaluation.
        open_: its open criteria: `CRITERION`, `digest`.
        rulebook: the standard.

    Returns:
        Rows of `decisions.waiting.faults.LACKS`, `target` being `TEXT`.
    """
    criteria = open_.lazy().select(*CRITERION, "digest").unique()
    may_grant = decided.decisions.lazy().select(*EVALUATION, "recalled_may_grant")
    unseen = (
        decided.criteria.lazy()
        .filter(pl.col("result") == kleene.NO_DATA)
        .join(may_grant, on=EVALUATION)
        .filter(
            (pl.col("basis") == "unknown")
            # It waits only for the text of a notice that was not seen (F8).
            | (pl.col("criterion") == LEVEL_OPEN.name)
            | ((pl.col("basis") == "recalled") & ~pl.col("recalled_may_grant"))
        )
        .select(
            *EVALUATION,
            criterion=pl.col("criterion").str.split(".").list.first(),
            row_key="criterion",
            cause="basis",
            detail="clause",
        )
        .join(criteria, on=CRITERION)
    )
    unknown = rule_tables(rulebook).unknown.lazy()
    lost = criteria.join(
        unknown.select("digest", "detail", criterion="part"), on=["digest", "criterion"]
    ).with_columns(row_key=worded("{}: {}", "criterion", "detail"), cause=pl.lit("unknown"))
    columns = [*CRITERION, "row_key", "cause", "detail"]
    notices, scopes = _notices(decided, open_), _scopes(decided, open_, rulebook)
    told = pl.concat([one.select(columns) for one in (unseen, lost, notices, scopes)])
    return lacks(at_once(told.with_columns(target=pl.lit(TEXT), fault=pl.lit("text"))))


def _notices(decided: Decided, open_: pl.DataFrame) -> pl.LazyFrame:
    """Certificates past their printed day that a notice may have extended (F9)."""
    perhaps = (
        decided.evidence.lazy()
        .filter(
            (pl.col("criterion") == "held")
            & pl.col("content_json").str.json_path_match("$.valid_at_most").is_not_null()
        )
        .select(*EVALUATION, "counted", row_key=worded("extensions: {}", "row_key"))
    )
    # Valid on the day of filing, what it is about may have been deemed renewed since.
    is_open = (pl.col("counted") == "unknown") == pl.col("criterion").is_in(["held", "validity"])
    return (
        open_.lazy()
        .filter(pl.col("criterion").is_in(["held", "validity", "filing_window"]))
        .select(*CRITERION)
        .unique()
        .join(perhaps, on=EVALUATION)
        .filter(is_open)
        .with_columns(cause=pl.lit("unknown"), detail=pl.lit("建办市函〔2022〕361号等; F9"))
    )


def _scopes(decided: Decided, open_: pl.DataFrame, rulebook: Rulebook) -> pl.LazyFrame:
    """Scopes by which works were taken and that may not decide before they are seen (E14)."""
    rules = rule_tables(rulebook)
    waits = decided.decisions.lazy().filter(~pl.col("recalled_may_grant"))
    signed = pl.col("content_json").str.json_path_match("$.signed_on").str.to_date(strict=False)
    taken = (
        decided.evidence.lazy()
        .filter(pl.col("counted") == "unknown", pl.col("target") == project.UNIT.name)
        .select(
            *EVALUATION,
            criterion=pl.col("criterion").str.split(".").list.first(),
            taken_on=pl.max_horizontal(signed, pl.lit(STANDARD_FROM)),
        )
        .unique()
    )
    scopes = rules.recalled_scopes.lazy().join(rules.sets.lazy(), on="digest")
    return (
        open_.lazy()
        .filter(pl.col("criterion") == "performance")
        .select(CRITERION)
        .unique()
        .join(waits.select(*EVALUATION, "category_code", "subcategory"), on=EVALUATION)
        .join(taken, on=CRITERION)
        .join(scopes, on=["category_code", "subcategory"])
        .filter(pl.col("taken_on").is_between("valid_from", "valid_to"))
        .select(*CRITERION, row_key="detail", cause=pl.lit("recalled"), detail="source")
    )
