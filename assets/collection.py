"""Collection: from the inbox into raw and the four base databases, and the doubts left open.

Belongs here: the names other rooms use, and running everything in an order that holds. Does not:
any step itself (`assets.intake.taking`, `assets.bases.base`, `assets.bases.quarantine`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from assets.aliases import joined_by
from assets.bases.arrived import arrived
from assets.bases.base import BaseReport, build_base
from assets.bases.quarantine import open_quarantine
from assets.channels import Channel, feeds_into, load_channels
from assets.intake.delivery_log import DeliveryReport
from assets.intake.fetching import fetch
from assets.intake.raw import raw_table
from assets.intake.taking import take_in
from assets.lake.beside import Work, beside
from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.sources.connection import Connection
from assets.sources.inbox import Inbox
from assets.sources.manifest import Manifest
from assets.tables import BASE_TABLES, intake

__all__ = [
    "BaseReport",
    "CollectionReport",
    "DeliveryReport",
    "Manifest",
    "arrived",
    "build_base",
    "collect",
    "fetch",
    "open_quarantine",
    "raw_table",
    "take_in",
]


@dataclass(frozen=True, slots=True)
class CollectionReport:
    """What one collection took in and made of it."""

    deliveries: tuple[DeliveryReport, ...]
    targets: tuple[BaseReport, ...]


def collect(
    store: Store,
    inbox: Inbox | Path,
    pseudonym_key: bytes,
    now: datetime,
    channels: Mapping[str, Channel] | None = None,
    connections: Mapping[str, Connection] | None = None,
) -> CollectionReport:
    """Takes in every new delivery of every channel and works it into the base tables.

    Args:
        store: the lakehouse.
        inbox: deliveries.
        pseudonym_key: secret from which the keys of persons are made.
        now: the present instant, UTC.
        channels: the senders (default: those declared).
        connections: what deliveries are fetched from, by channel; None = only files that are
            in the inbox are taken in.
    """
    senders = load_channels() if channels is None else channels
    place = inbox if isinstance(inbox, Inbox) else Inbox(inbox)

    idle: SimpleQueue[Store] = SimpleQueue()  # handles are of one thread at a time
    for one in (store, store.twin().twin()):
        idle.put(one)

    @contextmanager
    def at_hand() -> Iterator[Store]:
        mine = idle.get()
        try:
            yield mine
        finally:
            idle.put(mine)

    def take(channel: Channel) -> list[DeliveryReport]:
        reports = []
        with at_hand() as mine:
            for feed in channel.feeds:
                if connections is not None:
                    reports += fetch(mine, channel, feed, place, connections, now)
                reports += take_in(mine, channel, feed, place, now)
        return reports

    def build(table: Table) -> BaseReport:
        with at_hand() as mine:
            return build_base(mine, table, pseudonym_key, now, senders)

    sizes = {
        (one.channel, name): _bytes(one, name, place)
        for one in senders.values()
        for name in one.feeds
    }

    def size(feeds: Iterable[tuple[Channel, str]]) -> int:
        return sum(sizes[channel.channel, name] for channel, name in feeds)

    def of_channel(one: Channel) -> int:
        return size((one, name) for name in one.feeds)

    def of_table(one: Table) -> int:
        return size(feeds_into(senders, one))

    # The largest begin, so that no thread is left alone with one at the end.
    # A channel's feeds one after another: its sender may limit the calls at a time.
    taken = beside(
        {
            one.channel: Work(partial(take, one))
            for one in sorted(senders.values(), key=of_channel, reverse=True)
        }
    )
    targets = (*BASE_TABLES, intake.APPLICATION)
    built = beside(
        {
            table.name: Work(partial(build, table), tuple(one.name for one in joined_by(table)))
            for table in sorted(targets, key=of_table, reverse=True)
        }
    )
    deliveries = [report for one in senders.values() for report in taken[one.channel]]
    return CollectionReport(tuple(deliveries), tuple(built[table.name] for table in targets))


def _bytes(channel: Channel, feed: str, inbox: Inbox) -> int:
    listed = inbox.listed(channel.channel, feed, channel.feeds[feed])
    return sum(file.size for file in listed)
