"""Collection: from the inbox into raw and the four base databases, and the doubts left open.

Belongs here: the names other rooms use, and running everything in order. Does not: any step
itself (`assets.taking`, `assets.base`, `assets.quarantine`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assets.arrived import arrived
from assets.base import BaseReport, build_base
from assets.channels import Channel, load_channels
from assets.fetching import fetch
from assets.manifest import Manifest
from assets.quarantine import open_quarantine
from assets.raw import raw_table
from assets.sources.connection import Connection
from assets.sources.inbox import Inbox
from assets.store import Store
from assets.tables import BASE_TABLES, intake
from assets.taking import DeliveryReport, take_in

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
    deliveries: list[DeliveryReport] = []
    for channel in senders.values():
        for feed in channel.feeds:
            if connections is not None:
                deliveries += fetch(store, channel, feed, place, connections, now)
            deliveries += take_in(store, channel, feed, place, now)
    targets = [
        build_base(store, table, pseudonym_key, now, senders)
        for table in (*BASE_TABLES, intake.APPLICATION)
    ]
    return CollectionReport(tuple(deliveries), tuple(targets))
