"""The checks on the base tables as a whole: what no single row and no batch can show.

Belongs here: running them; schema, keys, tables whose parents are lost, deliveries with too
much set apart, each of which blocks a release. Does not: rows (`assets.row_checks`), the suites
(`checks.quality.suites`), or what follows from an outcome (`checks.gate`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from assets.bases.quarantine import uncleared
from assets.channels import load_channels
from assets.intake.raw import is_correction
from assets.intake.refresh import FLOOR
from assets.lake.declaration import Table
from assets.lake.keys import digest
from assets.lake.store import Store
from assets.tables import BASE_TABLES, intake, personnel
from checks.across import deliveries
from checks.across.parents import PARENTS
from checks.outcome import KEYS_SHOWN, Outcome, broken

if TYPE_CHECKING:
    from checks.since import Since

QUARANTINE_ROWS = 20
"""Fewer bad rows than this are a matter of quarantine, whatever their share; beyond, each feed
has its `max_bad_share`."""
_SCOPE = ("region_code", "periods", "usc_code")
"""What a manifest states a delivery to be of."""
ORPHAN_SHARE = 0.50
"""Of a table's rows, the share without a parent that only a lost table explains.

All are starting values to be tuned on real data, not law (cross-checks, note 4).
"""


CATALOGUED: dict[str, tuple[str, ...]] = {
    "F-03": (intake.DELIVERY.name,),
    "F-05": (intake.DELIVERY.name,),
    "F-07": tuple(dict.fromkeys(child.name for child, *_ in PARENTS)),
    "F-08": (intake.DELIVERY.name,),
    "F-11": (intake.DELIVERY.name,),
    "F-10": tuple(table.name for table in deliveries.DATED),
    "P-28": (personnel.SKILL.name,),
}
"""Checks of the catalogue that are carried out here, with the tables they look at."""


def examine(store: Store, since: Since | None = None) -> list[Outcome]:
    """The checks on tables as a whole; one that raises is an `error`.

    Args:
        store: the lakehouse.
        since: what has changed since the last release: what passed there is looked at again only
            where something has changed. The outcome is the same without it.
    """
    return [
        *(_guarded(partial(_schema, store, table), "schema", table) for table in BASE_TABLES),
        *(
            _guarded(partial(_doubled_keys, store, table, since), "key", table)
            for table in BASE_TABLES
        ),
        *(_guarded(partial(_orphans, store, *pair, since), "F-07", pair[0]) for pair in PARENTS),
        _guarded(partial(_spoiled_deliveries, store), "F-05", intake.DELIVERY),
        *(
            _guarded(partial(_refused_deliveries, store, code), code, intake.DELIVERY)
            for code in (intake.Failure.CLIFF, intake.Failure.DELETIONS)
        ),
        _guarded(partial(deliveries.sent_before, store), "F-08", intake.DELIVERY),
        *(
            _guarded(partial(deliveries.dated_on_receipt, store, table, since), "F-10", table)
            for table in deliveries.DATED
        ),
        _guarded(partial(deliveries.grades_upside_down, store), "P-28", personnel.SKILL),
    ]


def _guarded(look: Callable[[], Outcome], check_id: str, table: Table) -> Outcome:
    try:
        return look()
    except Exception as error:  # a broken check is a result, and blocks
        return broken("whole", check_id, table, "核对出错", "the check broke", error)


def _schema(store: Store, table: Table) -> Outcome:
    differing = store.conflicts(table)
    said = "; ".join(f"{name}: {differing[name]}" for name in sorted(differing))
    return Outcome(
        place="whole",
        check_id="schema",
        target=table.name,
        column="",
        zh="表结构符合声明",
        en="the table has the declared columns and types",
        status="failed" if differing else "passed",
        row_count=len(table.columns),
        failed_count=len(differing),
        is_blocking=True,
        note=f"differs from the declaration: {said}" if differing else None,
    )


def _doubled_keys(store: Store, table: Table, since: Since | None) -> Outcome:
    suspects = store.scan(table).select(table.key)
    doubled = 0
    keys: tuple[dict[str, object], ...] = ()
    if since is not None and since.passed("key", table) and since.grown_as_told(table):
        # No key stood twice then: one that does now is of a row that is new.
        fresh = since.changes(table).fresh.select(table.key)
        suspects = store.meeting(table, fresh, table.key).lazy()
    digests = suspects.select(digest(table.key)).collect(engine="streaming").to_series()
    if digests.n_unique() < digests.len():  # digests meet: then it is the keys that count
        several = suspects.group_by(table.key).agg(_n=pl.len()).filter(pl.col("_n") > 1).collect()
        doubled = int(several["_n"].sum())
        shown = several.select(table.key).sort(table.key).head(KEYS_SHOWN)
        keys = tuple(shown.iter_rows(named=True))
    return Outcome(
        place="whole",
        check_id="key",
        target=table.name,
        column=", ".join(table.key),
        zh="库内键不重复",
        en="no key occurs twice in the base table",
        status="failed" if doubled else "passed",
        row_count=store.count(table),
        failed_count=doubled,
        is_blocking=True,
        keys=keys,
    )


def _orphans(
    store: Store,
    child: Table,
    column: str,
    parent: Table,
    parent_column: str,
    since: Since | None,
) -> Outcome:
    rows = store.scan(child).select(pl.col(column).alias("key"))
    parents = store.scan(parent).select(pl.col(parent_column).alias("key"))
    total = store.count(child)
    if since is not None and since.passed(f"F-07:{column}", child):
        # Every row had its parent then: one that has none is new, or its parent is gone.
        gone = since.changes(parent).gone.select(pl.col(parent_column).alias("key")).unique()
        left = gone.lazy().join(parents, on="key", how="anti").collect() if gone.height else gone
        fresh = since.changes(child).fresh.select(pl.col(column).alias("key"))
        suspects = fresh.join(left, on="key", how="anti")
        if left.height:
            of_lost = rows.join(left.lazy(), on="key", how="semi").collect()
            suspects = pl.concat([suspects, of_lost])
        rows = suspects.lazy()
        if suspects.is_empty():
            parents = rows  # none is looked for, however many there are
    # By number, which takes half of the time: at worst a lost one is thought to be found.
    number = digest(["key"])
    orphans = rows.select(number).join(parents.select(number), on="key", how="anti")
    lost = orphans.select(pl.len()).collect().item()
    return Outcome(
        place="whole",
        check_id=f"F-07:{column}",
        target=child.name,
        column=column,
        zh=f"上级数据未丢失（{parent.zh}）",
        en=f"the rows of {parent.name} are not lost",
        status="failed" if lost > total * ORPHAN_SHARE else "passed",
        row_count=total,
        failed_count=lost,
        is_blocking=True,
        note=f"{lost} of {total} rows have no {parent.name}" if lost else None,
    )


def _spoiled_deliveries(store: Store) -> Outcome:
    """Deliveries with too large a share in quarantine, until they are sent again in order.

    What a delivery that can be trusted so little holds besides is in the base too, so it stops
    the release until a sound delivery of the same feed, region and months has come after it that
    is no mere portion of it and tells otherwise what was bad: a bad row that is sent again as it
    was is known, and is not set apart a second time.
    """
    accepted = (
        store.scan(intake.DELIVERY)
        .filter(pl.col("status") == "accepted", ~is_correction())
        .select(
            *("delivery_id", "channel", "feed", "received_at", "row_count"),
            *(
                pl.col("manifest_json").str.json_path_match(f"$.{name}").alias(name)
                for name in _SCOPE
            ),
            news=pl.col("row_count") - pl.col("repeated_count"),
        )
    )
    apart = (
        uncleared(store.scan(intake.QUARANTINE))
        .group_by("delivery_id")
        .agg(apart=pl.col("row_no").n_unique().cast(pl.Int64))
    )
    limits = [
        (channel.channel, name, feed.max_bad_share)
        for channel in load_channels().values()
        for name, feed in channel.feeds.items()
    ]
    limit = pl.LazyFrame(limits, schema=["channel", "feed", "limit"], orient="row")
    counts = (
        accepted.join(apart, on="delivery_id", how="left")
        .join(limit, on=["channel", "feed"], how="left")
        .with_columns(pl.col("apart").fill_null(0), pl.col("limit").fill_null(0.0))
        .with_columns(
            is_spoiled=(pl.col("apart") >= QUARANTINE_ROWS)
            & (pl.col("apart") > pl.col("row_count") * pl.col("limit"))
        )
        .collect()
    )
    of_one = ["channel", "feed", *_SCOPE]
    sound = counts.filter(~pl.col("is_spoiled")).select(*of_one, "received_at", "row_count", "news")
    spoiled = counts.filter("is_spoiled")
    again = spoiled.join(sound, on=of_one, nulls_equal=True, suffix="_after").filter(
        pl.col("received_at_after") > pl.col("received_at"),
        pl.col("row_count_after") >= pl.col("row_count") * FLOOR,
        pl.col("news_after") >= pl.col("apart") * FLOOR,
    )
    spoiled = (
        spoiled.join(again, on="delivery_id", how="anti")
        .select("delivery_id", "row_count", "apart")
        .sort("delivery_id")
    )
    return Outcome(
        place="whole",
        check_id="F-05",
        target=intake.DELIVERY.name,
        column="",
        zh="批次隔离比例未超限，或已重送",
        en="no delivery has too many bad rows that was not sent again",
        status="failed" if spoiled.height else "passed",
        row_count=counts.height,
        failed_count=spoiled.height,
        is_blocking=True,
        keys=tuple(spoiled.head(KEYS_SHOWN).iter_rows(named=True)),
        note="; ".join(
            f"{row['delivery_id']}: {row['apart']} of {row['row_count']} rows set apart; "
            "have the channel send it again"
            for row in spoiled.head(KEYS_SHOWN).iter_rows(named=True)
        )
        or None,
    )


def _refused_deliveries(store: Store, code: intake.Failure) -> Outcome:
    """Feeds whose newest delivery was refused for its size (F-03) or its deletions (F-11).

    What was refused is in no table, so nothing of it can enter a release; the rest may.
    """
    newest = (
        store.scan(intake.DELIVERY)
        .filter(~is_correction(), pl.col("status") != "repeated")
        .sort("received_at")
        .unique(["channel", "feed"], keep="last", maintain_order=True)
        .collect()
    )
    refused = newest.filter(pl.col("status") == "failed", pl.col("reason_code") == code.value).sort(
        "channel", "feed"
    )
    shown = refused.head(KEYS_SHOWN)
    return Outcome(
        place="whole",
        check_id=code.value,
        target=intake.DELIVERY.name,
        column="",
        zh="最近批次未因行数骤降或大量删除被拒",
        en="no newest delivery was refused for its size or its deletions",
        status="failed" if refused.height else "passed",
        row_count=newest.height,
        failed_count=refused.height,
        is_blocking=False,
        keys=tuple(shown.select("delivery_id", "file_name").iter_rows(named=True)),
        note="; ".join(shown["error"].to_list()) or None,
    )
