"""Fetching: what senders do not send by themselves, into the inbox as finished files.

Belongs here: which windows of a feed are due, and one delivery for each. Does not: a page
or a query (`assets.sources`) or taking files in (`assets.raw`).

A window is landed whole, then the next is asked for. A process that dies goes on after the
last landed one, whose end is in the names of the inbox and of the log; a window that fails
is in the log as a failed delivery, and the next run asks for it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from assets.adapters import DeliveryError
from assets.channels import Channel, Feed
from assets.manifest import Manifest
from assets.raw import DeliveryReport, note_failure
from assets.sources.connection import PATIENCE, Connection, Patience, unset
from assets.sources.inbox import Inbox
from assets.sources.windows import Window, fetched_until, windows
from assets.store import Store
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
        try:
            connection = connections.get(channel.channel)
            if connection is None:
                raise unset(channel.channel, "url")
            content, rows = _read(channel.channel, declared, connection, window, patience)
        except DeliveryError as error:
            name = window.file_name(declared.adapter)
            return [note_failure(store, channel, feed, name, error, now)]
        inbox.land(
            channel.channel,
            feed,
            window.file_name(declared.adapter),
            content,
            _manifest(declared, window, rows),
        )
    return []


def _due(store: Store, channel: Channel, feed: str, inbox: Inbox, now: datetime) -> list[Window]:
    declared = channel.feeds[feed]
    mine = (pl.col("channel") == channel.channel) & (pl.col("feed") == feed)
    log = store.scan(intake.DELIVERY).filter(mine, pl.col("status") == "accepted")
    known = log.select("file_name").collect()["file_name"].to_list()
    landed = [file.name for file in inbox.listed(channel.channel, feed, declared)]
    last = fetched_until([*known, *landed])
    api, view = declared.api, declared.view
    if api is not None:
        is_whole = api.since is None
        begins_on, length, overlap = api.begins_on, api.window_days, api.overlap_days
    else:
        assert view is not None
        is_whole = view.updated_at is None
        begins_on, length, overlap = None, None, view.overlap_days
    due = windows(now, last, begins_on, overlap, length)
    return [Window(None, window.until) for window in due[-1:]] if is_whole else due


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
    )
