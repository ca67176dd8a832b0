"""The inbox: files of deliveries in a folder or an object store, `<channel>/<feed>/<file>`.

Belongs here: which files are finished, their bytes within the limits, and landing a fetched
one whole. Does not: what a file holds (`assets.adapters`).

A file still being written is left alone: until its manifest or marker is there, or until it
has not been written to for as long as its channel says. One that changes while it is read
is left alone too.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from obstore import open_reader
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from assets.adapters import LIMITS, DeliveryError, Limits
from assets.adapters.limits import MIB, held
from assets.adapters.packed import GZIP, SUFFIXES, ZIP
from assets.channels import Channel, Feed
from assets.channels.ways import Marker, Unchanged
from assets.sources.manifest import Manifest

MANIFEST_SUFFIX = ".manifest.json"
_MANIFEST_BYTES = MIB
_CHUNK = 4 * MIB
_OF_THE_CLIENT = frozenset(
    {
        *("allow_http", "allow_invalid_certificates", "connect_timeout", "http1_only"),
        *("http2_only", "pool_idle_timeout", "pool_max_idle_per_host", "proxy_ca_certificate"),
        *("proxy_excludes", "proxy_url", "timeout", "user_agent"),
    }
)
"""Options of how a store is reached: delta-rs takes them among the others, obstore apart."""
_BEING_WRITTEN = (".part", ".partial", ".filepart", ".tmp")
"""How programs that transfer files call one that is not there yet."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A finished file as the store lists it."""

    name: str
    path: str
    e_tag: str
    written_at: datetime
    """By the clock of the store."""
    told_by: str | None = None
    """Path of its manifest or marker."""
    told_e_tag: str = ""
    size: int = 0
    """Bytes."""

    @property
    def version(self) -> str:
        """Changes when the file, its manifest or its marker is written again."""
        return f"{self.e_tag} {self.told_e_tag}".strip()


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a file, or what was wrong with them before anybody looked into them."""

    sha256: str
    content: bytes
    error: DeliveryError | None = None


class Inbox:
    """Where senders put their deliveries.

    Args:
        root: folder or URL (`s3://bucket/prefix`).
        storage_options: credentials and options of the object store, as delta-rs takes them.
    """

    def __init__(self, root: str | Path, storage_options: Mapping[str, str] | None = None) -> None:
        self._root = str(root)
        self._options = dict(storage_options or {})
        self._is_folder = "://" not in self._root
        self._opened: ObjectStore | None = None

    def __repr__(self) -> str:
        return f"Inbox({self._root!r})"

    def listed(self, channel: str, feed_name: str, feed: Feed) -> list[Listed]:
        """The finished files of a feed; their content is not looked at."""
        if not self._exists():
            return []
        listing = self._store.list_with_delimiter(f"{channel}/{feed_name}")
        objects = {meta["path"].rpartition("/")[2]: meta for meta in listing["objects"]}
        files = []
        for name, meta in objects.items():
            if not _is_of_form(name, feed):
                continue
            beside = objects.get(name + _told_by(feed))
            if not self._is_finished(feed, meta["last_modified"], beside is not None):
                continue
            files.append(
                Listed(
                    name=name,
                    path=meta["path"],
                    e_tag=meta["e_tag"] or "",
                    written_at=meta["last_modified"],
                    told_by=None if beside is None else beside["path"],
                    told_e_tag="" if beside is None else beside["e_tag"] or "",
                    size=meta["size"],
                )
            )
        return sorted(files, key=lambda file: file.name)

    def unclaimed(self, channels: Mapping[str, Channel]) -> list[str]:
        """Paths of the files that no feed will ever take: of no feed's folder, or of no form of it.

        Not those that may still become one: what is hidden or called unfinished is being written.
        """
        if not self._exists():
            return []
        paths = [meta["path"] for batch in self._store.list() for meta in batch]
        return sorted(path for path in paths if not _may_be_taken(path, channels))

    def told(self, file: Listed) -> bytes | None:
        """What the manifest or marker of a file says; None where it has none or a huge one."""
        if file.told_by is None:
            return None
        found = self._store.get(file.told_by)
        return bytes(found.bytes()) if found.meta["size"] <= _MANIFEST_BYTES else None

    def read(self, file: Listed, feed: Feed, limits: Limits = LIMITS) -> Content | None:
        """The bytes of a file, or None if it is being written or taken away meanwhile.

        No more of it is read, hashed and kept than the limits allow: the digest of a file that
        is refused before its end is of what was read, and of its version in the store.
        """
        digest = sha256()
        kept = io.BytesIO()
        error: DeliveryError | None = None
        try:
            chunks = self._hashed(file, digest.update)
            first = next(chunks, b"")
            is_packed = first.startswith((GZIP, *ZIP))
            has_lines = feed.adapter in ("csv", "jsonl") and not is_packed
            try:
                for part in held(_again(first, chunks), limits, has_lines=has_lines):
                    kept.write(part)
            except DeliveryError as fault:
                error = fault
                kept = io.BytesIO()
                digest.update(file.e_tag.encode())
            if self._store.head(file.path)["e_tag"] != file.e_tag:
                return None
        except (NotFoundError, FileNotFoundError):
            return None
        return Content(digest.hexdigest(), kept.getvalue(), error)

    def land(
        self, channel: str, feed_name: str, name: str, content: bytes, manifest: Manifest
    ) -> None:
        """Put a fetched file into the inbox, whole: its manifest is written after it."""
        if self._is_folder:
            Path(self._root).mkdir(parents=True, exist_ok=True)
        path = f"{channel}/{feed_name}/{name}"
        self._store.put(path, content)
        self._store.put(path + MANIFEST_SUFFIX, manifest.model_dump_json(indent=1).encode())

    # -- inside ----------------------------------------------------------------------

    @property
    def _store(self) -> ObjectStore:
        if self._opened is None:
            self._opened = (
                LocalStore(self._root) if self._is_folder else _opened(self._root, self._options)
            )
        return self._opened

    def _exists(self) -> bool:
        return not self._is_folder or Path(self._root).is_dir()

    def _hashed(self, file: Listed, update: Callable[[bytes], None]) -> Iterator[bytes]:
        # A reader fetches by ranges; the stream of a local file comes in 8 KiB, at a tenth of
        # the speed.
        reader = open_reader(self._store, file.path, buffer_size=_CHUNK)
        while part := bytes(reader.read(_CHUNK)):
            update(part)
            yield part

    def _is_finished(self, feed: Feed, written_at: datetime, is_told: bool) -> bool:
        if isinstance(feed.complete_when, Unchanged):
            # By the clock of this machine, not the office's: files are written in real time.
            quiet = timedelta(seconds=feed.complete_when.unchanged_seconds)
            return datetime.now(UTC) - written_at >= quiet
        return is_told


def _opened(url: str, options: Mapping[str, str]) -> ObjectStore:
    config: Any = {}
    client: Any = {}
    for name, value in options.items():
        plain = name.lower().removeprefix("aws_").removeprefix("azure_").removeprefix("google_")
        if plain in _OF_THE_CLIENT:
            client[plain] = value
        else:
            config[name] = value
    return from_url(url, config=config, client_options=client)


def _may_be_taken(path: str, channels: Mapping[str, Channel]) -> bool:
    channel, _, rest = path.partition("/")
    feed_name, _, name = rest.partition("/")
    if name.endswith(_BEING_WRITTEN) or any(part.startswith(".") for part in path.split("/")):
        return True
    feed = channels[channel].feeds.get(feed_name) if channel in channels else None
    return feed is not None and _is_of_form(name.removesuffix(_told_by(feed)), feed)


def _told_by(feed: Feed) -> str:
    match feed.complete_when:
        case Marker(marker=suffix):
            return suffix
        case _:
            return MANIFEST_SUFFIX


def _is_of_form(name: str, feed: Feed) -> bool:
    lower = name.lower()
    is_named = any(lower.endswith(f".{feed.adapter}{suffix}") for suffix in SUFFIXES)
    return (is_named or lower.endswith(".zip")) and not name.startswith(".")


def _again(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest
