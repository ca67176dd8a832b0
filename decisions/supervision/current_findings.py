"""What the re-checks have found that is current, each finding beside what was found before.

Belongs here: the newest result of each live qualification over all runs that are done, and how it
compares. Does not: the runs and their logs (`decisions.supervision.runs`).
"""

from __future__ import annotations

import polars as pl

from assets.lake.store import Store
from assets.tables import supervision as tables
from assets.wording import worded


def newest_results(store: Store) -> pl.LazyFrame:
    """The newest result of each live qualification.

    Newest by the day looked at, then by opening, of one instant by the release. Only buckets that
    are done count. What the newest run over everything no longer lists is no longer live.

    Returns:
        `supervision__recheck_result` without `bucket`, with `as_of` and `run_before`: the run
        that looked at it before, null if none did.
    """
    runs = (
        store.scan(tables.RECHECK)
        .sort("as_of", "opened_at", "release_id", "run_id")
        .with_row_index("turn")
        .select(
            "run_id",
            "as_of",
            "turn",
            is_full=pl.all_horizontal(pl.col("usc_code", "category_code", "region_code").is_null()),
        )
    )
    finished = store.scan(tables.RECHECK_BUCKET).select("run_id", "bucket").join(runs, on="run_id")
    ordered = (
        store.scan(tables.RECHECK_RESULT)
        .join(finished, on=["run_id", "bucket"])
        .sort("turn", descending=True)
        .group_by(tables.QUALIFICATION, maintain_order=True)
        .agg(
            pl.all().exclude(tables.QUALIFICATION).first(),
            run_before=pl.col("run_id").get(1, null_on_oob=True),
        )
    )
    last_full = finished.filter("is_full").group_by("bucket").agg(last_full=pl.col("turn").max())
    return (
        ordered.join(last_full, on="bucket", how="left")
        .filter((pl.col("turn") >= pl.col("last_full")).fill_null(True))
        .drop("bucket", "turn", "is_full", "last_full")
    )


def current_findings(store: Store) -> pl.DataFrame:
    """`supervision__recheck_current`: the newest findings, each beside the re-check before."""
    newest = newest_results(store).drop("result", "rule_digest").collect()
    return _compared(newest, store)


def _compared(newest: pl.DataFrame, store: Store) -> pl.DataFrame:
    """Findings of the newest run and of the one before, criterion by criterion."""
    log = store.scan(tables.RECHECK_FINDING).drop("bucket", "evidence_json")
    key = [*tables.QUALIFICATION, "criterion"]
    now = log.join(newest.lazy(), on=["run_id", *tables.QUALIFICATION]).collect()
    before = (
        log.join(
            newest.lazy().rename({"run_id": "run_now", "run_before": "run_id"}),
            on=["run_id", *tables.QUALIFICATION],
        )
        .rename({"run_id": "run_before", "run_now": "run_id", "result": "result_before"})
        .collect()
    )
    result, result_before = pl.col("result"), pl.col("result_before")
    standing = now.join(before.select(*key, "result_before"), on=key, how="left").with_columns(
        result_before=pl.when(pl.col("run_before").is_not_null()).then(
            result_before.fill_null("met")
        )
    )
    standing = standing.with_columns(
        change=pl.when(result_before.is_null())
        .then(pl.lit("first"))
        .when(result == result_before)
        .then(pl.lit("same"))
        .otherwise(worded("newly_{}", "result"))
    )
    recovered = before.join(now.select(key), on=key, how="anti").with_columns(
        result=pl.lit("met"),
        actual=pl.lit("不再发现 no longer found"),
        short_by=pl.lit(None, pl.Float64()),
        note=pl.lit(None, pl.String()),
        change=pl.lit("recovered"),
    )
    columns = tables.RECHECK_CURRENT.schema.names()
    return tables.RECHECK_CURRENT.conform(
        pl.concat([standing.select(columns), recovered.select(columns)])
    )
