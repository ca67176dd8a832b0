"""Which unit project fits which demand, and what it adds to a sum or a count of pieces.

Belongs here: figures, form of contract, and who stands for a contract. Does not: whether a unit
project counts at all (`decisions.performance.countable`), totals (`demands`).
"""

from __future__ import annotations

import polars as pl

from assets.lake.declaration import QUANTITY
from decisions import kleene
from decisions.performance.measures import CONTRACT, by_contract, is_own_price, line_truths
from decisions.performance.works import Works
from decisions.rulebook.codes import Codes
from decisions.rulebook.frames import RuleTables

MACHINES = ("台", "套")
"""What is counted where one unit project may have several of it."""
PIECES = "数量"
"""Metric of how many machines a unit project has, where these are counted."""
DEMAND = ["application_id", "class_n", "option_n", "demand_n"]
"""The key of a demand of a case."""


def fits_of(
    candidates: pl.DataFrame, counted: pl.DataFrame, works: Works, rules: RuleTables, codes: Codes
) -> pl.DataFrame:
    """Every unit that fits, or may fit, a demand, with what it adds to a sum (`value`).

    Where the price of the contract decides, the units of one contract are one work (E20):
    the first of them is it (`is_counted`).
    """
    counting = counted.filter(pl.col("is_countable").fill_null(True)).select(
        "track",
        "thing",
        "is_countable",
        "contract_no",
        "contract_type",
        "is_consortium",
        "accepted_on",
    )
    forms = rules.classes.select(
        "digest", "class_n", "contract_types", "unsettled_types", "is_alone"
    )
    # Few units fit: what does not count anyhow is measured against no demand.
    contracted = (
        candidates.join(counting, on=["track", "thing"])
        .join(forms, on=["digest", "class_n"])
        .with_columns(
            is_contracted=kleene.all_of(
                _IS_OF_FORM,
                ~pl.col("is_alone") | ~pl.col("is_consortium"),
            )
        )
        .filter(pl.col("is_contracted").fill_null(True))
    )
    truths = line_truths(contracted, works.measures, rules, "any")
    metrics = counted_alike(rules.demands).select(
        "digest", "class_n", "option_n", "demand_n", "metric", "counted_in"
    )
    judged = (
        contracted.join(truths.filter(_MAY_FIT), on=["line_id", "thing"])
        .join(by_contract(rules, codes), on="line_id", how="left")
        .with_columns(
            truth=kleene.all_of(
                *(pl.col(name) for name in ("truth", "is_countable", "is_contracted")),
                is_own_price(),
            )
        )
        .join(metrics, on=["digest", "class_n", "option_n", "demand_n"])
        .with_columns(
            added=pl.coalesce(
                "metric", pl.when(pl.col("counted_in").is_not_null()).then(pl.lit(PIECES))
            )
        )
    )
    values = _values(judged, works, rules)
    return (
        judged.join(values, on=["line_id", "thing", "added"], how="left")
        # A sure unit stands for its contract before a doubtful one.
        .sort(pl.col("truth").cast(pl.Float64).fill_null(0.5), "thing", descending=[True, False])
        .with_columns(
            is_counted=pl.col("is_priced").is_null()
            | (pl.col("thing") == pl.col("thing").first().over(*DEMAND, "contract_no"))
        )
        .select(
            *DEMAND,
            "digest",
            "track",
            "thing",
            "truth",
            "accepted_on",
            "metric",
            "counted_in",
            # Part of a machine is none.
            pl.when(pl.col("counted_in").is_null())
            .then("value")
            .otherwise(pl.col("value").cast(pl.Int64).cast(QUANTITY))
            .alias("value"),
            "is_counted",
        )
    )


_MAY_FIT = pl.col("truth").fill_null(True)
_FORM = pl.col("contract_type")
_IS_OF_FORM = (
    pl.when(_FORM.is_in(pl.col("contract_types")))
    .then(True)
    .when(~_FORM.is_in(pl.col("unsettled_types")))
    .then(False)
)
"""Whether the works were contracted as the class asks."""


def counted_alike(demands: pl.DataFrame) -> pl.DataFrame:
    """Demands, where a bridge, a station or a road is the unit project that it is."""
    machines = pl.col("counted_in").is_in(MACHINES)
    return demands.with_columns(counted_in=pl.when(machines).then("counted_in"))


def _values(judged: pl.DataFrame, works: Works, rules: RuleTables) -> pl.DataFrame:
    """What each unit adds to a sum, or to a count of pieces."""
    summed = (
        judged.filter(pl.col("added").is_not_null())
        .select("line_id", "thing", "added", "is_kind")
        .unique()
    )
    measures = works.measures.rename({"metric": "added"})
    is_sure = pl.col("is_kind").fill_null(False)
    by_kind = (
        (rules.line_names, summed.filter(is_sure)),
        (rules.line_wider_names, summed.filter(~is_sure)),
    )
    own = [
        mine.join(names, on="line_id").join(measures, on=["thing", "name", "added"])
        for names, mine in by_kind
    ]
    contracted = summed.join(measures.filter(pl.col("name") == CONTRACT), on=["thing", "added"])
    columns = ["line_id", "thing", "added", "value"]
    return (
        pl.concat([one.select(columns) for one in (*own, contracted)])
        .group_by("line_id", "thing", "added")
        .agg(value=pl.when(pl.col("value").is_not_null().all()).then(pl.col("value").sum()))
    )
