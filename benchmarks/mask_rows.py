"""What the masks cost when they must answer as the engine does: three values, and rows.

Belongs here: the masks asked twice, of what surely counts and of all that may, and a row for each
case and criterion: the item, the result, what was found, what is short, and why. Does not: masks
(`benchmarks.masks`), facts (`benchmarks.prepared`).

It is still less than the engine answers. Left out are: finding out who and what counts, which is
given here, twice; whether a source has been declared complete, so that what is missing is not met
here and without data there; doubts about the leader's certificates and about equipment, and
certificates whose speciality cannot be read; the leader's own works; sums within one year and units
of one contract; that nobody and no unit project serves twice; who is in doubt, by name; the
switches before the assessment; and the outcome of the case with what stands against it.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.wording import worded
from benchmarks.masks import Arrays, Flags, Sheets, asked_by
from benchmarks.plain_rules import SCALE, Condition, Figure, Things
from decisions import kleene

_CERTAIN, _POSSIBLE, _TRUTH = pl.col("certain"), pl.col("possible"), pl.col("truth")


def rows_by_masks(
    asked: Sheets, sure: Arrays, perhaps: Arrays, items: pl.DataFrame
) -> pl.DataFrame:
    """A row for each case and criterion.

    Args:
        asked: what is asked, by sheet.
        sure: what surely counts.
        perhaps: all that may count, of the same cases.
        items: what each case asks for, by its number.

    Returns:
        The columns of `items`, `application_id`, `criterion`, `truth` (null = no data), `result`,
        `actual`, `note`, `short_by`.
    """
    sure.forget()
    perhaps.forget()
    told: dict[str, list[np.ndarray]] = {
        name: [] for name in ("application_id", "certain", "possible", "is_met", "may_be_met")
    }
    of_criterion: list[tuple[int, str, int, int]] = []
    for sheet, cases in sure.cases.items():
        number = cases["application_id"].to_numpy()
        known: tuple[dict[Condition, Flags], dict[Condition, Flags]] = ({}, {})
        for criterion, condition in asked[sheet].items():
            told["application_id"].append(number)
            for one, seen, amount, holds in (
                (sure, known[0], "certain", "is_met"),
                (perhaps, known[1], "possible", "may_be_met"),
            ):
                amounts = one.amount(condition, sheet, seen)
                seen[condition] = one.enough(condition, amounts, sheet)
                told[amount].append(amounts)
                told[holds].append(seen[condition])
            of_criterion.append((number.size, criterion, asked_by(condition), _scale(condition)))
    sizes, names, wanted, scales = zip(*of_criterion, strict=True)
    place = np.repeat(np.arange(len(sizes)), sizes)
    rows = pl.LazyFrame({name: np.concatenate(parts) for name, parts in told.items()})
    return (
        rows.with_columns(
            criterion=pl.lit(pl.Series(names)).gather(place),
            asked=pl.lit(pl.Series(wanted)).gather(place),
            scale=pl.lit(pl.Series(scales)).gather(place),
            truth=pl.when("is_met").then(True).when(~pl.col("may_be_met")).then(False),
        )
        .with_columns((_CERTAIN // pl.col("scale")), (_POSSIBLE // pl.col("scale")), _SHORT)
        .select(
            *(pl.lit(items[name]).gather("application_id").alias(name) for name in items.columns),
            "application_id",
            "criterion",
            "truth",
            kleene.result(_TRUTH).alias("result"),
            _ACTUAL.alias("actual"),
            _NOTE.alias("note"),
            pl.when(~_TRUTH.fill_null(False)).then("short_by").alias("short_by"),
        )
        .collect()
    )


def _scale(condition: Condition) -> int:
    """What one of its unit is written as."""
    is_scaled = isinstance(condition, Figure) or (
        isinstance(condition, Things) and condition.summed is not None
    )
    return SCALE if is_scaled else 1


_SHORT = ((pl.col("asked") - _CERTAIN).clip(0) / pl.col("scale")).alias("short_by")
_ACTUAL = (
    pl.when(_CERTAIN == _POSSIBLE)
    .then(worded("{}", "certain"))
    .otherwise(worded("{}（至多{} possibly {}）", "certain", "possible", "possible"))
)
_NOTE = (
    pl.when(_TRUTH.is_null())
    .then(pl.lit("数据未到或存疑 some of it is not known"))
    .when(~_TRUTH)
    .then(worded("缺{} short by {}", "short_by", "short_by"))
)
