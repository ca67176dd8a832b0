"""Full refreshes: how many rows one must have, and which rows it shows to be gone.

Belongs here: the cliff in a feed's row counts (cross-check F-03), the absences of a refresh
and how many a sender may state unasked (F-11). Does not: reading a file (`assets.adapters`),
keeping it (`assets.intake.taking`), ending base rows (`assets.bases.base`).

A loader that swallowed an error sends a file that is whole, well formed and short. Taken at its
word it would delete what it lacks; so a short one is refused until its sender states that the
number is right.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from statistics import median

import polars as pl

from assets.adapters import DeliveryError
from assets.channels import TARGETS, Channel, Deletion, Feed
from assets.intake.late import when_told
from assets.intake.repeats import told_again
from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.rows import deleted_rows
from assets.sources.manifest import Manifest, stated
from assets.tables import intake
from assets.tables.intake import Failure

FLOOR = 0.80
"""Of the median of the last refreshes, the share below which one is not believed."""
LOOK_BACK = 10
FEWEST = 3
"""Refreshes that make a history; fewer show no usual size."""
CITY_ROWS = 20
"""Rows that a city must have had for its silence to mean anything."""
DELETED_SHARE = 0.05
"""Of the live rows, the share that one delivery may delete unasked."""
DELETED_ROWS = 20
"""Fewer deletions than this are no sign of a failed refresh, whatever their share."""


def is_whole(manifest: Manifest, feed: Feed) -> bool:
    """Whether a delivery states to be all there is of a region: of the feed, or of its months."""
    if manifest.usc_code is not None:
        return False
    return manifest.is_refresh or (feed.is_monthly and manifest.is_complete)


def require_usual_size(manifest: Manifest, feed: Feed, earlier: Sequence[Manifest]) -> None:
    """Refuses a whole delivery with far fewer rows than those before it (F-03).

    Args:
        manifest: of the delivery.
        feed: its feed.
        earlier: manifests accepted before, in order of receipt.

    Raises:
        DeliveryError: it falls off the cliff and its sender does not state that this is right.
    """
    if manifest.count_confirmed or not is_whole(manifest, feed):
        return
    alike = [
        _rows_a_period(one)
        for one in earlier
        if is_whole(one, feed) and one.region_code == manifest.region_code
    ][-LOOK_BACK:]
    if len(alike) < FEWEST:
        return
    usual, found = median(alike), _rows_a_period(manifest)
    if found < FLOOR * usual:
        raise DeliveryError(
            Failure.CLIFF,
            f"行数{found:g}不足最近{len(alike)}次全量中位数{usual:g}的{FLOOR:.0%}；请重送完整文件，"
            "确属实际减少的，在交换清单中写明 count_confirmed: true",
            f"{found:g} rows, below {FLOOR:.0%} of the median {usual:g} of the last {len(alike)} "
            "refreshes; send the complete file, or state count_confirmed: true in the manifest if "
            "the fall is real",
        )


def _rows_a_period(manifest: Manifest) -> float:
    return manifest.rows / max(1, len(manifest.periods))


def require_every_city(
    manifest: Manifest, feed: Feed, delivered: pl.DataFrame, known: pl.LazyFrame
) -> None:
    """Refuses a whole delivery of the province that has no row of a city that had many (F-03).

    A loader that goes on after an error in one region leaves it out, and nothing else shows it.

    Args:
        manifest: of the delivery.
        feed: its feed; one whose rows name no place shows nothing.
        delivered: its rows.
        known: the feed's raw rows before it.

    Raises:
        DeliveryError: a city has fallen silent and its sender does not state that this is right.
    """
    city = _city(feed)
    is_of_province = manifest.region_code.endswith("0000") and is_whole(manifest, feed)
    if city is None or manifest.count_confirmed or not is_of_province:
        return
    cities = known.select(city.alias("city")).group_by("city").len()
    province = manifest.region_code[:2]
    had = cities.filter(
        pl.col("len") >= CITY_ROWS, pl.col("city").str.contains(f"^{province}[0-9]{{2}}$")
    ).collect()
    has = delivered.select(city.alias("city")).unique()
    silent = had.join(has, on="city", how="anti")["city"].sort().to_list()
    if silent:
        codes = [f"{one}00" for one in silent]
        raise DeliveryError(
            Failure.CLIFF,
            f"全量中没有地区{codes}的数据，而以前都有；请重送完整文件，确属实际情况的，在交换清单中"
            "写明 count_confirmed: true",
            f"a refresh without any row of {codes}, which had rows before; send the complete file, "
            "or state count_confirmed: true in the manifest if that is right",
        )


def _city(feed: Feed) -> pl.Expr | None:
    """The first four digits of the place a raw row is about, by what it names; None: nothing.

    Its county, else the county within a project's number, else the one within a credit code.
    """
    by = {
        "region": [field.source for field in feed.fields if field.read == "region"],
        "project": [field.source for field in feed.fields if field.to == "project_no"],
        "code": [source for source in (feed.enterprise_source,) if source is not None],
    }
    for sources, start in ((by["region"], 0), (by["project"], 0), (by["code"], 2)):
        if sources:
            return pl.col(sources[0]).str.slice(start, 4)
    return None


def live_rows(store: Store, feed: Feed, raw: Table) -> int:
    """Rows that a delivery of the feed might delete; while no base was built, the raw ones."""
    return store.count(TARGETS[feed.target]) or store.count(raw)


def require_few_deletions(count: int, live: int, manifest: Manifest) -> None:
    """Refuses a delivery that would delete much of what is live (F-11), unless confirmed.

    Raises:
        DeliveryError: it would, and its sender does not state that this is right.
    """
    if manifest.count_confirmed or count < DELETED_ROWS or not live:
        return
    if count > live * DELETED_SHARE:
        raise DeliveryError(
            Failure.DELETIONS,
            f"将删除{count}行，超过现有{live}行的{DELETED_SHARE:.0%}；请核对后重送，"
            "确属实际删除的，在交换清单中写明 count_confirmed: true",
            f"would delete {count} rows, more than {DELETED_SHARE:.0%} of the {live} live ones; "
            "check and send again, or state count_confirmed: true in the manifest if they are gone",
        )


def marked(frame: pl.DataFrame, feed: Feed, now: datetime) -> int:
    """How many rows of a file are marked as deleted."""
    if not isinstance(feed.deletion, Deletion):
        return 0
    placed = frame.with_columns(delivery_id=pl.lit(""), received_at=pl.lit(now))
    return deleted_rows(placed, feed).height


def absent_rows(
    store: Store,
    known: pl.LazyFrame,
    channel: Channel,
    feed_name: str,
    delivered: pl.DataFrame,
    manifest: Manifest,
) -> pl.DataFrame:
    """Raw rows whose source key a full refresh no longer has: `gone_delivery_id`, `gone_row_no`.

    Only rows that came with deliveries within the scope of the refresh: stated for the same
    region or any where it is the province's, and for none but its months. Of a refresh of one
    enterprise only rows that name it by its credit code. Of one that came late, only rows that
    were told before it, and not again since.

    Args:
        store: the lakehouse.
        known: the feed's raw rows.
        channel: the sender.
        feed_name: name of its feed.
        delivered: the rows of the refresh, those known before too.
        manifest: what it states.
    """
    feed = channel.feeds[feed_name]
    mine = (pl.col("channel") == channel.channel) & (pl.col("feed") == feed_name)
    log = store.scan(intake.DELIVERY).filter(mine, pl.col("status") == "accepted").collect()
    since = when_told(log).filter(pl.col("told_at") > manifest.sent_at)["delivery_id"]
    told_before = log.filter(~pl.col("delivery_id").is_in(since.implode()))
    within = [
        delivery_id
        for delivery_id, text in told_before.select("delivery_id", "manifest_json").iter_rows()
        if _is_within(stated(text), manifest)
    ]
    gone = store.scan(intake.ABSENCE).filter(mine).select("gone_delivery_id", "gone_row_no")
    key = list(feed.key_sources)
    if manifest.usc_code is not None:
        known = known.filter(_of_enterprise(feed, manifest.usc_code))
    again = told_again(store, channel, feed_name, since)["row_hash"]
    return (
        known.filter(
            pl.col("delivery_id").is_in(within), ~pl.col("row_hash").is_in(again.implode())
        )
        .select(*key, "delivery_id", "row_no")
        .join(delivered.lazy().select(key), on=key, how="anti", nulls_equal=True)
        .select(gone_delivery_id="delivery_id", gone_row_no="row_no")
        .join(gone, on=["gone_delivery_id", "gone_row_no"], how="anti")
        .collect()
    )


def outdated(
    rows: pl.LazyFrame, feed: Feed, log: pl.DataFrame, delivery_ids: Collection[str]
) -> pl.DataFrame:
    """`delivery_id` and `row_no` of rows that come after a refresh which was sent after them.

    Within its scope that told all there was since, them or their absence.

    Args:
        rows: raw rows of a feed.
        feed: as declared.
        log: rows of `intake__delivery` of the feed.
        delivery_ids: deliveries of the feed whose rows are asked about.
    """
    nothing = pl.DataFrame(schema={"delivery_id": pl.String, "row_no": pl.Int64})
    if feed.deletion != "absence":
        return nothing
    told = when_told(log).join(
        log.select("delivery_id", "received_at", "manifest_json", "quarantined_count"),
        on=["delivery_id", "received_at"],
    )
    found = [nothing]
    for late in told.filter(pl.col("delivery_id").is_in(list(delivery_ids))).iter_rows(named=True):
        # One with a line that cannot be split shows nothing to be gone: any might be in it.
        since = told.filter(
            pl.col("told_at") > late["told_at"],
            pl.col("received_at") < late["received_at"],
            pl.col("quarantined_count") == 0,
        )
        mine = rows.filter(pl.col("delivery_id") == late["delivery_id"])
        for text in since["manifest_json"]:
            refresh = stated(text)
            if refresh is None or not refresh.is_refresh:
                continue
            if _is_within(stated(late["manifest_json"]), refresh):
                of_it = refresh.usc_code is None or _of_enterprise(feed, refresh.usc_code)
                found.append(mine.filter(of_it).select(nothing.columns).collect())
    return pl.concat(found).unique()


def _is_within(told: Manifest | None, refresh: Manifest) -> bool:
    """Whether what a delivery told is of the regions and months that a refresh is all there is of.

    Of a refresh of one enterprise any row may be.
    """
    if told is None or not set(told.periods) <= set(refresh.periods):
        return False
    is_of_all = refresh.usc_code is not None or refresh.region_code.endswith("0000")
    return is_of_all or told.region_code == refresh.region_code


def _of_enterprise(feed: Feed, usc_code: str) -> pl.Expr:
    """Whether a raw row names an enterprise by its credit code."""
    assert feed.enterprise_source is not None  # else the refresh was refused
    return pl.col(feed.enterprise_source).str.strip_chars().str.to_uppercase() == usc_code
