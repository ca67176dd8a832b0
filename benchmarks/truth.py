"""The base tables against the truth of the generator.

Belongs here: counting rows that differ, and the rows that lose their parent by a fault of another.
Does not: why they do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import polars as pl

from assets import identifiers
from assets.channels import load_channels
from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.sample.clean import EVERY_FEED_OF, blocks
from assets.tables import BY_NAME, personnel
from benchmarks.measured import AS_OF, KEY, SEED
from checks.across.parents import NAMED_BY, PARENTS

_PLACE = ["channel", "feed", "file", "row_no"]
_EMPLOYER = dict.fromkeys((personnel.TITLE, personnel.POST, personnel.SKILL), ("usc_code",))
"""An employer on a certificate may be blank without harm (code_blank is normalised there)."""


def every_row(enterprises: int) -> dict[str, pl.DataFrame]:
    """The clean rows of a province by the keys of `EVERY_FEED_OF`."""
    parts: dict[str, list[pl.DataFrame]] = {}
    for block in blocks(enterprises, SEED, AS_OF):
        for name, frame in block.items():
            parts.setdefault(name, []).append(frame)
    return {name: pl.concat(frames, how="diagonal_relaxed") for name, frames in parts.items()}


def wrong_rows(
    store: Store, truth: pl.DataFrame, clean: Mapping[str, pl.DataFrame]
) -> dict[str, int]:
    """Rows of each base table that differ from the clean ones, but for those set apart."""
    wrong = {}
    for name, rows in clean.items():
        if name in ("identity", "pension", "application"):
            continue  # persons are joined from every feed
        channel, feed = EVERY_FEED_OF[name]
        table = target_of(name)
        spoilt = truth.filter(
            pl.col("channel") == channel,
            pl.col("feed") == feed,
            pl.col("expected") == "quarantined",
        )
        lost = spoilt.unique(_PLACE).height
        wrong[table.name] = _differing(store, table, rows, lost)
    return wrong


def target_of(name: str) -> Table:
    """The base table that clean rows go to."""
    channel, feed = EVERY_FEED_OF[name]
    return BY_NAME[load_channels()[channel].feeds[feed].target]


def keyed(table: Table, clean: pl.DataFrame) -> pl.DataFrame:
    """Clean rows as the base holds them: typed, with `person_key` and folded numbers."""
    if "person_key" in table.schema:
        numbers = clean["id_number"].unique()
        keys = {n: identifiers.person_key(n, KEY) for n in numbers}
        clean = clean.with_columns(person_key=pl.col("id_number").replace_strict(keys))
    meant = clean.with_columns(
        (pl.col(c.name).round(6) if c.dtype.is_decimal() else pl.col(c.name)).cast(c.dtype)
        for c in table
        if c.name in clean.columns
    )
    if "document_no" in meant.columns:  # brackets of a document's number are folded
        folded = pl.col("document_no").str.replace_many(["〔", "〕"], ["(", ")"])
        meant = meant.with_columns(folded)
    return meant


def _differing(store: Store, table: Table, clean: pl.DataFrame, lost: int) -> int:
    """Rows of the base that no clean row equals, and clean rows missing beyond the lost ones."""
    untold = _EMPLOYER.get(table, ())
    meant = keyed(table, clean)
    names = [c.name for c in table if c.name in meant.columns and c.name not in untold]
    meant = meant.select(names).unique()
    base = store.read(table).select(names).unique()
    extra = base.join(meant, on=names, how="anti", nulls_equal=True).height
    missing = meant.join(base, on=names, how="anti", nulls_equal=True).height
    return extra + max(0, missing - lost)


def orphaned(
    truth: pl.DataFrame, first: Mapping[str, pl.DataFrame], clean: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """Sound rows whose parent a fault of writing set apart: F-07 must find them after a week.

    Args:
        truth: the faults of the first night; row `n` of a full file is the `n`th clean row.
        first: the clean rows of the first night.
        clean: those of now.

    Returns:
        `check_id`, `target`, `usc_code`, `row_key`.
    """
    keys = {target_of(key): key for key in first if key != "pension"}
    full = f"{AS_OF - timedelta(days=1):%Y%m%d}-full."
    apart = truth.filter(pl.col("file").str.starts_with(full), expected="quarantined")
    found = []
    for child, column, parent, parent_column in PARENTS:
        if child not in NAMED_BY or child not in keys:  # measures come and go with their unit
            continue
        lost = _at(first, apart, keys[parent]).select(pl.col(parent_column).alias(column))
        on = ["id_number" if name == "person_key" else name for name in child.key]
        sound = clean[keys[child]].join(_at(first, apart, keys[child]), on=on, how="anti")
        found.append(
            sound.join(lost, on=column, how="semi").select(
                check_id=pl.lit("F-07"),
                target=pl.lit(child.name),
                usc_code="usc_code",
                row_key=NAMED_BY[child],
            )
        )
    return pl.concat(found).unique()


def _at(first: Mapping[str, pl.DataFrame], apart: pl.DataFrame, key: str) -> pl.DataFrame:
    """The clean rows at the places of a table's full file that were set apart."""
    channel, feed = EVERY_FEED_OF[key]
    places = apart.filter(channel=channel, feed=feed)["row_no"].unique().sort()
    return first[key][(places - 1).to_list()]
