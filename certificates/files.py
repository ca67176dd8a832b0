"""Files that are whole or absent, and the one-writer lock of a folder.

Belongs here: atomic writing, the folder lock, canonical JSON. Does not: what is written.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any


def write_whole(path: Path, content: bytes) -> None:
    """Write so that at any kill the file is the old one, or absent, or the new one, whole.

    Parent folders are made. What a killed write leaves behind is a dot-file beside it; one that
    fails leaves nothing, as nobody would take it off a full disk.

    Raises:
        OSError: it cannot be written; names the file, which a full disk does not.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.parent / f".{path.name}.{secrets.token_hex(6)}.part"
    try:
        with partial.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(path)
    except BaseException as error:
        partial.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)
        raise
    _sync_folder(path.parent)


def write_secret(path: Path, content: bytes) -> bool:
    """Write a file only its owner may read, unless it exists; True if this call made it.

    Of two racing calls one makes the file and both then read the same.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.parent / f".{path.name}.{secrets.token_hex(6)}.part"
    descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        try:
            path.hardlink_to(partial)  # unlike rename, never replaces a key another run has made
        except FileExistsError:
            return False
        _sync_folder(path.parent)
        return True
    finally:
        partial.unlink()


@contextmanager
def one_writer(folder: Path) -> Iterator[None]:
    """Hold the folder alone; waits for another holder, and a killed holder lets go.

    Logs guard themselves (`Turn`); this guards the files, whose names a losing writer
    would otherwise have overwritten before it learns that it lost.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def sha256(content: bytes) -> str:
    """64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def canonical_json(value: object) -> bytes:
    """JSON in one spelling: sorted keys, no blanks, UTF-8, instants in UTC, exact decimals.

    Raises `TypeError` for a type that has no spelling here, and `ValueError` for NaN.
    """
    text = json.dumps(
        value,
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
        allow_nan=False,
        default=_spell,
    )
    return text.encode()


def _spell(value: Any) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError(f"instant {value.isoformat()} has no time zone; give it one")
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"{type(value).__name__} has no canonical JSON; convert it before")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
