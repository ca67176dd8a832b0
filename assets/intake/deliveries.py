"""Deliveries: the files of the inbox that are new, each read and held to what is stated of it.

Belongs here: which files were accepted before, what makes a file another delivery, its rows and
their count. Does not: a form (`assets.adapters`), the inbox (`assets.sources.inbox`) or keeping
what was read (`assets.intake.taking`).

A file whose bytes were accepted before repeats that delivery, unless its manifest states something
else than the last one did. About the file that was last accepted under its name that is a new
statement; another file is one more delivery, which says that things stand so again.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import polars as pl

from assets.adapters import Delivered, DeliveryError, read_delivery
from assets.calendar import SHANGHAI, legal_day
from assets.channels import Channel, Deletion, Feed
from assets.intake.refresh import require_usual_size
from assets.sources.inbox import MANIFEST_SUFFIX, Content, Inbox, Listed
from assets.sources.manifest import Manifest, lacking, stated
from assets.tables.intake import Failure

READERS = ("polars", "lxml", "fastexcel", "pyarrow")
"""Libraries that read files."""
_CODE = ("adapters/*.py", "intake/deliveries.py", "sources/manifest.py", "sources/inbox.py")
"""Of this package, what a file is read and held to its statement by."""


@dataclass(frozen=True, slots=True)
class File:
    """A finished file of the inbox."""

    listed: Listed
    manifest: Manifest | None
    """None: it has none, or one that cannot be read."""

    @property
    def order(self) -> tuple[datetime, str]:
        """Files are taken in as they were sent, and by name where that is one instant."""
        sent_at = self.listed.written_at if self.manifest is None else self.manifest.sent_at
        return sent_at, self.listed.name


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that has been read."""

    file: File
    delivery_id: str
    digest: str
    delivered: Delivered
    error: DeliveryError | None = None
    known_by: str = ""
    """Of what was accepted: the delivery that first brought these bytes."""
    is_restated: bool = False
    """The file was accepted before; only what is stated about it is new."""
    is_repeated: bool = False
    """The bytes were accepted before, and nothing else is stated about them; they were not read
    into rows."""
    absent: pl.DataFrame | None = None
    """Raw rows that a full refresh shows to be gone (`assets.intake.refresh.absent_rows`)."""

    def may_delete(self, feed: Feed) -> bool:
        """Whether it may say that rows are no more."""
        if self.error is not None or self.file.manifest is None:
            return False
        by_mark = isinstance(feed.deletion, Deletion)
        return by_mark or (feed.deletion == "absence" and self.file.manifest.is_refresh)


def read_by(feed: Feed) -> str:
    """What the files of a feed are read by: 16 hex digits, others once any of it changes."""
    return sha256(f"{_code()} {feed.model_dump_json()}".encode()).hexdigest()[:16]


@functools.cache
def _code() -> str:
    here = Path(__file__).parents[1]
    code = [path.read_bytes() for pattern in _CODE for path in sorted(here.glob(pattern))]
    return f"{sha256(b''.join(code)).hexdigest()} {[version(name) for name in READERS]}"


def arrivals(
    channel: Channel,
    feed: str,
    inbox: Inbox,
    accepted: dict[str, list[Manifest]],
    last: dict[str, str],
    read: set[tuple[str, str]],
    now: datetime,
    sent_on: date | None,
) -> Iterator[Arrival]:
    """The new files, and those that repeat a delivery, in the order they were sent.

    Args:
        channel: the sender.
        feed: name of its feed.
        inbox: deliveries.
        accepted: manifests accepted so far, by the delivery that first brought their bytes; grows
            with what is accepted.
        last: the digest of the bytes last accepted under each name; so does it.
        read: name and version of files that need not be read again.
        now: the present instant, UTC.
        sent_on: only what was sent on this day.
    """
    declared = channel.feeds[feed]
    listed = inbox.listed(channel.channel, feed, declared)
    new = [file for file in listed if (file.name, file.version) not in read]
    for file in sorted((File(one, _told(inbox, one)) for one in new), key=lambda one: one.order):
        if sent_on is not None and legal_day(file.order[0]) != sent_on:
            continue
        came = inbox.read(file.listed, declared)
        if came is None:
            continue
        first = f"{channel.channel}.{feed}.{_identity(came, file.manifest)[:16]}"
        before = accepted.setdefault(first, [])
        is_stated_once = declared.complete_when != "manifest"
        is_news = file.manifest is not None and file.manifest.is_news_after(before)
        nothing = Delivered(pl.DataFrame())
        repeated = Arrival(file, first, came.sha256, nothing, is_repeated=True)
        if before and not (is_stated_once or is_news):
            yield repeated
            continue
        try:
            manifest, delivered = _checked(inbox, file, came, declared, now)
            earlier = [one for told in accepted.values() for one in told]
            require_usual_size(manifest, declared, earlier)
        except DeliveryError as error:
            yield Arrival(file, first, came.sha256, nothing, error)
            continue
        if before and not manifest.is_news_after(before):
            yield repeated
            continue
        is_restated = bool(before) and last.get(file.listed.name) == came.sha256
        is_anew = bool(before) and not is_restated
        before.append(manifest)
        last[file.listed.name] = came.sha256
        yield Arrival(
            replace(file, manifest=manifest),
            _stated_anew(channel, feed, came, manifest) if is_anew else first,
            came.sha256,
            delivered,
            known_by=first,
            is_restated=is_restated,
        )


def _identity(came: Content, manifest: Manifest | None) -> str:
    """What makes a file another delivery: its bytes; of a full refresh, the instant too.

    A refresh says how things stand when it is sent: with the bytes of an earlier one it says
    that they stand as they did then.
    """
    if manifest is None or not manifest.is_refresh:
        return came.sha256
    return sha256(f"{came.sha256} {manifest.sent_at.isoformat()}".encode()).hexdigest()


def _stated_anew(channel: Channel, feed: str, came: Content, manifest: Manifest) -> str:
    """The id of a delivery of bytes that were accepted before with another statement."""
    digest = sha256(f"{came.sha256} {manifest.text}".encode()).hexdigest()
    return f"{channel.channel}.{feed}.{digest[:16]}"


def _told(inbox: Inbox, file: Listed) -> Manifest | None:
    is_manifest = file.told_by is not None and file.told_by.endswith(MANIFEST_SUFFIX)
    return stated(inbox.told(file)) if is_manifest else None


def _checked(
    inbox: Inbox, file: File, came: Content, feed: Feed, now: datetime
) -> tuple[Manifest, Delivered]:
    """What is stated about a file, and its rows, which are as many as stated."""
    manifest = file.manifest
    is_told = feed.complete_when == "manifest"
    if is_told and manifest is None:
        wrong = lacking(inbox.told(file.listed))
        raise DeliveryError(
            Failure.MANIFEST,
            f"交换清单缺项或格式不对（{wrong}）；请按约定重写清单后再送",
            f"the manifest lacks a member or is malformed ({wrong}); write it again",
        )
    if is_told and manifest is not None and feed.is_monthly and not manifest.periods:
        raise DeliveryError(
            Failure.MANIFEST,
            "按月报送的数据项，交换清单须写明所属期periods；请补写后再送",
            "a monthly feed names its periods in the manifest; add them and send it again",
        )
    if manifest is not None and manifest.usc_code is not None and feed.enterprise_source is None:
        raise DeliveryError(
            Failure.MANIFEST,
            "交换清单写明一家企业，而该数据项的行不含企业代码；请删去 usc_code 后再送",
            "the manifest names one enterprise, and the rows of the feed name none; remove "
            "usc_code and send it again",
        )
    # It would never grow stale, and no later statement would be of a later day.
    if manifest is not None and manifest.as_of > legal_day(now):
        raise DeliveryError(
            Failure.MANIFEST,
            f"交换清单所称数据截止日{manifest.as_of}尚未到来；请更正 as_of 后再送",
            f"the manifest speaks of rows up to {manifest.as_of}, a day that has not come; correct "
            "as_of and send it again",
        )
    if came.error is not None:
        raise came.error
    if manifest is not None and (manifest.sha256 or came.sha256).lower() != came.sha256:
        raise DeliveryError(
            Failure.UNREADABLE,
            f"文件的SHA-256为{came.sha256}，与清单所列不符；请重送完整文件",
            f"the SHA-256 of the file is {came.sha256}, not what the manifest states; send the "
            "complete file",
        )
    delivered = read_delivery(came.content, feed)
    if manifest is None:
        assert feed.states is not None
        rows = _counted(inbox.told(file.listed))
        manifest = Manifest(
            rows=delivered.row_count if rows is None else rows,
            sent_at=file.listed.written_at,
            region_code=feed.states.region_code,
            is_complete=feed.states.is_complete,
            as_of=file.listed.written_at.astimezone(SHANGHAI).date() - timedelta(days=1),
        )
    if delivered.row_count != manifest.rows:
        raise DeliveryError(
            Failure.COUNT,
            f"清单所列{manifest.rows}行，实收{delivered.row_count}行；请核对后重送完整文件",
            f"the manifest states {manifest.rows} rows, the file has {delivered.row_count}; "
            "send the complete file",
        )
    return manifest, delivered


def _counted(marker: bytes | None) -> int | None:
    """The count of rows in a marker, where it holds one."""
    text = (marker or b"").strip()
    return int(text) if text.isdigit() and len(text) < 19 else None
