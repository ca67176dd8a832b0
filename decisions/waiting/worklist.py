"""The worklist of data stewards: each thing that open cases wait for, once, with its remedy.

After these stand the rows for which no case can wait, since they name no enterprise (reading 56).
Belongs here: which open cases wait for one thing, and since when. Does not: why a case lacks it
(`decisions.waiting.missing`), the remedy (`decisions.waiting.remedies`), how the list looks
(`pipelines`).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from assets.channels import Channel, load_channels
from assets.lake.store import Store
from assets.tables import decision as tables
from assets.tables import intake
from assets.wording import worded
from checks import release
from decisions.facts.model import Facts
from decisions.waiting.owners import owned
from decisions.waiting.remedies import remedied
from decisions.waiting.strays import unclaimed

_THING = list(tables.WORKLIST.key)
_CASE = ["application_id", "evaluation_no"]


def worklist(store: Store, channels: Mapping[str, Channel] | None = None) -> pl.DataFrame:
    """Rows of `decision__worklist`: what the newest evaluation of each open case lacks.

    Args:
        store: the lakehouse.
        channels: the senders (default: those declared).
    """
    decisions = store.scan(tables.DECISION)
    open_ = (
        decisions.group_by("application_id")
        .agg(pl.col("evaluation_no").max(), is_closed=pl.col("is_final").any())
        .filter(~pl.col("is_closed"))
    )
    lacking = store.scan(tables.MISSING).join(
        open_.select("application_id"), on="application_id", how="semi"
    )
    now = lacking.join(open_, on=_CASE, how="semi")
    since = (
        lacking.join(
            now.select("application_id", *_THING).unique(),
            on=["application_id", *_THING],
            how="semi",
        )
        .join(decisions.select(*_CASE, "decided_at"), on=_CASE)
        .group_by(_THING)
        .agg(waiting_since=pl.col("decided_at").min())
    )
    told = [name for name in tables.WORKLIST.schema if name in tables.MISSING.schema]
    things = (
        now.sort("application_id", "criterion")
        .group_by(_THING, maintain_order=True)
        .agg(
            *(pl.col(name).first() for name in told if name not in _THING),
            case_count=pl.col("application_id").n_unique().cast(pl.Int64),
            criteria=pl.col("criterion").unique().sort(),
        )
        .join(since, on=_THING)
        .collect()
    )
    senders = load_channels() if channels is None else channels
    things = pl.concat([things, _nobodys(store, senders).select(things.columns)])
    return tables.WORKLIST.conform(
        remedied(things, senders).sort(
            "case_count", *_THING, descending=[True, *(False for _ in _THING)]
        )
    )


def _nobodys(store: Store, channels: Mapping[str, Channel]) -> pl.DataFrame:
    """Rows of enterprises in the latest release that name none: no case can wait for them."""
    told = pl.DataFrame(schema=tables.WORKLIST.schema)
    latest = release.latest(store)
    if latest is None:
        return told
    facts = Facts.at(store, latest.release_id, latest.versions)
    rows = unclaimed(facts)
    if rows.is_empty():
        return told
    came = facts.raw(intake.QUARANTINE).select(
        "target", "received_at", row_key=worded("{}:{}", "delivery_id", "row_no")
    )
    since = came.group_by("target", "row_key").agg(waiting_since=pl.col("received_at").min())
    return (
        owned(rows, facts, channels)
        .join(since.collect(), on=["target", "row_key"], how="left")
        .with_columns(case_count=pl.lit(0, pl.Int64()), criteria=pl.lit([], pl.List(pl.String())))
    )
