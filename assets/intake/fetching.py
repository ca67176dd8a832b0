"""Fetching: what senders do not send by themselves, into the inbox as finished files.

Belongs here: which windows of a feed are due, and one delivery for each. Does not: a page
or a query (`assets.sources`) or taking files in (`assets.intake.taking`).

A window is landed whole, then the next is asked for. A process that dies goes on after the
last landed one, whose end is in the names of the inbox and of the log; a window that fails
is in the log as a failed delivery, and the next run asks for it again. So is one that landed and
was refused, together with all that came since, until what covers it is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from assets.adapters import DeliveryError
from assets.calendar import legal_day
from assets.channels import Channel, Feed
from assets.intake.delivery_log import TAKEN, DeliveryReport
from assets.intake.taking import note_failure
from assets.lake.store import Store
from assets.sources.connection import PATIENCE, Connection, Patience, unset
from assets.sources.inbox import Inbox
from assets.sources.manifest import Manifest
from assets.sources.windows import Window, fetched_until, open_since, windows, windows_of
from assets.tables import intake


def fetch(
    store: Store,
    channel: Channel,
    feed: str,
    inbox: Inbox,
    connections: Mapping[str, Connection],
    now: datetime,
    patience: Patience = PATIENCE,
) -> list[DeliveryReport]:
    """Brings every window of a fetched feed that is due into the inbox.

    Args:
        store: the lakehouse.
        channel: the sender.
        feed: name of its feed; one whose files are sent to us has nothing to fetch.
        inbox: where the files go.
        connections: by channel.
        now: the present instant, UTC.
        patience: with an interface that errs.

    Returns:
        The window that failed, if one did; those after it are left for the next run.
    """
    declared = channel.feeds[feed]
    if not declared.is_fetched:
        return []
    for window in _due(store, channel, feed, inbox, now):
        name = window.file_name(declared.adapter)
        failed = _bring(store, channel, feed, inbox, connections, now, patience, window, name)
        if failed is not None:
            return [failed]
    return []


@dataclass(frozen=True, slots=True)
class Again:
    """What came of asking for a day's windows again."""

    failed: tuple[DeliveryReport, ...] = ()
    landed: int = 0
    why_not: str | None = None
    """Why nothing could be asked for; None if something was, or the feed is not fetched."""


def fetch_again(
    store: Store,
    channel: Channel,
    feed: str,
    inbox: Inbox,
    connections: Mapping[str, Connection],
    day: date,
    now: datetime,
    patience: Patience = PATIENCE,
) -> Again:
    """Asks again for every window of changes whose fetch ended on a day, failed ones too.

    The answers land beside the first ones; of what they repeat nothing is kept. What is read
    whole cannot be asked for as it was: its source tells only how things stand now.

    Args:
        store: the lakehouse.
        channel: the sender.
        feed: name of its feed.
        inbox: where the files go.
        connections: by channel.
        day: in China.
        now: the present instant, UTC.
        patience: with an interface that errs.
    """
    declared = channel.feeds[feed]
    if not declared.is_fetched:
        return Again()
    if _is_whole(declared):
        return Again(
            why_not="整体读取的数据项只能得到来源现在的状态，不能补取过去某日 a feed that is read "
            "whole tells how things stand now, never how they stood; its files in the inbox are "
            "looked at instead"
        )
    known = set(windows_of(_names(store, channel, feed, inbox, states=None)))
    asked = sorted((one for one in known if legal_day(one.until) == day), key=lambda one: one.until)
    if not asked:
        return Again(why_not=f"{day}没有采集过该数据项 no fetch of this feed ended on {day}")
    failed, landed = [], 0
    for window in asked:
        name = window.file_name(declared.adapter, again_at=now)
        fault = _bring(store, channel, feed, inbox, connections, now, patience, window, name)
        if fault is None:
            landed += 1
        else:
            failed.append(fault)
    return Again(tuple(failed), landed)


def _bring(
    store: Store,
    channel: Channel,
    feed: str,
    inbox: Inbox,
    connections: Mapping[str, Connection],
    now: datetime,
    patience: Patience,
    window: Window,
    name: str,
) -> DeliveryReport | None:
    """One window into the inbox; the failed delivery if it cannot be had."""
    declared = channel.feeds[feed]
    try:
        connection = connections.get(channel.channel)
        if connection is None:
            raise unset(channel.channel, "url")
        content, rows = _read(channel.channel, declared, connection, window, patience)
    except DeliveryError as error:
        return note_failure(store, channel, feed, name, error, now)
    inbox.land(channel.channel, feed, name, content, _manifest(declared, window, rows))
    return None


def _is_whole(feed: Feed) -> bool:
    """Whether every fetch brings all there is."""
    if feed.api is not None:
        return feed.api.since is None
    return feed.view is not None and feed.view.updated_at is None


def _names(
    store: Store, channel: Channel, feed: str, inbox: Inbox, states: Sequence[str] | None
) -> list[str]:
    """Files of a feed in the log, in some states or any, and in the inbox."""
    landed = inbox.listed(channel.channel, feed, channel.feeds[feed])
    return [*_logged(store, channel, feed, states), *(file.name for file in landed)]


def _logged(store: Store, channel: Channel, feed: str, states: Sequence[str] | None) -> list[str]:
    mine = (pl.col("channel") == channel.channel) & (pl.col("feed") == feed)
    log = store.scan(intake.DELIVERY).filter(mine)
    if states is not None:
        log = log.filter(pl.col("status").is_in(states))
    names: list[str] = log.select("file_name").collect()["file_name"].to_list()
    return names


def _due(store: Store, channel: Channel, feed: str, inbox: Inbox, now: datetime) -> list[Window]:
    declared = channel.feeds[feed]
    last = fetched_until(_names(store, channel, feed, inbox, states=TAKEN))
    taken = set(_logged(store, channel, feed, TAKEN))
    failed = set(_logged(store, channel, feed, ("failed",))) - taken
    api, view = declared.api, declared.view
    if api is not None:
        begins_on, overlap = api.begins_on, api.overlap_days
        # Who cannot be told where a portion ends answers each with all that came since.
        length = None if api.until is None else api.window_days
    else:
        assert view is not None
        begins_on, length, overlap = None, None, view.overlap_days
    due = windows(now, last, begins_on, overlap, length, open_since(failed, taken))
    return [Window(None, window.until) for window in due[-1:]] if _is_whole(declared) else due


def _read(
    channel: str, feed: Feed, connection: Connection, window: Window, patience: Patience
) -> tuple[bytes, int]:
    # The libraries of either way take half a second to import: only where one is gone.
    if feed.api is not None:
        from assets.sources.api import read_pages
        from assets.sources.client import Client

        with Client(channel, feed.api, connection, patience) as client:
            rows = read_pages(client, feed.api, window)
        return b"".join(row + b"\n" for row in rows), len(rows)
    from assets.sources.database import read_view

    assert feed.view is not None
    return read_view(channel, feed, feed.view, connection, window)


def _manifest(feed: Feed, window: Window, rows: int) -> Manifest:
    assert feed.states is not None
    return Manifest(
        rows=rows,
        sent_at=window.until,
        region_code=feed.states.region_code,
        is_complete=feed.states.is_complete,
        as_of=window.as_of,
        # Without a beginning it holds all there is: what it lacks is no more.
        is_refresh=window.since is None,
    )
