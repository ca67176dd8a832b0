"""How many unit projects, or how much of a measure, each demand has: surely, and at most.

Belongs here: counts, sums and years of one demand. Does not: what fits (`fits`), which classes
that makes (`classes`).

Simple counts settle most cases: too few even if units could serve twice is not met; enough of
units that nobody else wants (`alone`) is met.
"""

from __future__ import annotations

import polars as pl

from assets.lake.declaration import QUANTITY
from decisions import kleene
from decisions.performance.fits import DEMAND, counted_alike
from decisions.rulebook.frames import RuleTables


def demands_of(mine: pl.DataFrame, fits: pl.DataFrame, rules: RuleTables) -> pl.DataFrame:
    """Every demand of every case: `certain`, `possible`, `alone`, `truth`.

    `alone` counts units that no other class wants.

    Counts and sums alike; `alone` equals `certain` for sums, which share units freely (E17)
    everywhere but in railways. Where pieces are counted and nobody says how many a unit has,
    it has one at least.
    """
    units = fits.filter("is_counted")
    best = units.group_by(*DEMAND, "digest", "thing", "metric", "counted_in", "accepted_on").agg(
        truth=kleene.some(pl.col("truth")),
        value=pl.col("value").max(),
        is_unmeasured=pl.col("value").is_null().any(),
    )
    best = best.join(mine.select("application_id", "sums_share_works"), on="application_id")
    best = best.with_columns(
        shares=pl.col("metric").is_not_null() & pl.col("sums_share_works"),
        is_unmeasured=pl.col("is_unmeasured")
        & (pl.col("metric").is_not_null() | pl.col("counted_in").is_not_null()),
    )
    rivals = _rivals(best)
    best = best.join(rivals, on=["application_id", "thing"], how="left").with_columns(
        pl.col("is_wanted_twice").fill_null(False)
    )
    is_sum = pl.col("metric").is_not_null()
    # As decimals, so that a sum is exact in whatever order; a count adds one per unit.
    weighed = best.with_columns(
        weight=pl.when(is_sum)
        .then(pl.col("value").fill_null(0))
        .when(pl.col("counted_in").is_not_null())
        .then(pl.col("value").fill_null(1))
        .otherwise(pl.lit(1))
        .cast(QUANTITY),
        year=pl.col("accepted_on").dt.year(),
    )
    amounts = _amounts(weighed, rules)
    asked = (
        mine.select("application_id", "digest", "is_closed")
        .join(counted_alike(rules.demands).filter(pl.col("class_n") > 0), on="digest")
        .join(amounts, on=DEMAND, how="left")
        .with_columns(
            pl.col("certain", "possible", "alone").fill_null(0),
            pl.col("is_open").fill_null(False),
        )
    )
    closed_here = pl.col("is_closed") & ~pl.col("is_open")
    return asked.with_columns(
        truth=kleene.at_least(pl.col("certain"), pl.col("possible"), pl.col("asked"), closed_here),
        is_alone_enough=pl.col("alone") >= pl.col("asked"),
        is_closed=closed_here,
    )


def _amounts(weighed: pl.DataFrame, rules: RuleTables) -> pl.DataFrame:
    """Totals per demand; of sums within one year, the best year (per: year)."""
    yearly = rules.demands.filter(pl.col("is_per_year")).select(
        "digest", "class_n", "option_n", "demand_n", is_yearly=pl.lit(True)
    )
    marked = weighed.join(
        yearly, on=["digest", "class_n", "option_n", "demand_n"], how="left"
    ).with_columns(period=pl.when(pl.col("is_yearly")).then(pl.col("year")))
    sure = pl.col("truth").fill_null(False)
    return (
        marked.group_by(*DEMAND, "period")
        .agg(
            certain=pl.col("weight").filter(sure).sum(),
            possible=pl.col("weight").sum(),
            alone=pl.col("weight")
            .filter(sure & (~pl.col("is_wanted_twice") | pl.col("shares")))
            .sum(),
            # What was accepted on a day that nobody knows may be of any year.
            is_open=(
                pl.col("is_unmeasured")
                | (pl.col("is_yearly").fill_null(False) & pl.col("year").is_null())
            ).any(),
        )
        .group_by(DEMAND)
        .agg(pl.col("certain", "possible", "alone").max(), pl.col("is_open").any())
    )


def _rivals(best: pl.DataFrame) -> pl.DataFrame:
    """Units that more than one class, or two demands of one option, want to count."""
    counts = best.filter(~pl.col("shares"))
    classes = counts.group_by("application_id", "thing").agg(
        pl.col("class_n").n_unique().alias("classes")
    )
    within = (
        counts.group_by("application_id", "thing", "class_n", "option_n")
        .agg(pl.col("demand_n").n_unique().alias("demands"))
        .group_by("application_id", "thing")
        .agg(pl.col("demands").max())
    )
    return classes.join(within, on=["application_id", "thing"]).select(
        "application_id", "thing", is_wanted_twice=(pl.col("classes") > 1) | (pl.col("demands") > 1)
    )
