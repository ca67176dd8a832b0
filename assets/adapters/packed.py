"""Zip and gzip: one delivery out of its wrapping, within the limits.

Belongs here: unpacking in memory, never to a disk, so that no name in an archive can reach
a file of ours. Does not: what was packed. What an archive says of its own sizes is not
believed: bytes are counted as they come.
"""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath, PureWindowsPath

from assets.adapters.delivered import DeliveryError, unreadable
from assets.adapters.limits import MIB, Limits, held, too_large
from assets.tables.intake import Failure

GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""The second: an archive without entries."""
SUFFIXES = ("", ".zip", ".gz")
"""What a file's name may have after the extension of its form."""
_ARCHIVES = (".zip", ".gz", ".tgz", ".tar", ".rar", ".7z", ".bz2", ".xz")
_ENCRYPTED = 0x1
WORKBOOK = "xl/workbook.xml"
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,  # a way of packing that Python does not know
)


def unwrap(content: bytes, adapter: str, limits: Limits) -> bytes:
    """The one file that was packed, or the content itself if nothing was.

    Args:
        content: bytes of a delivery.
        adapter: its declared form.
        limits: bounds of what is unpacked.

    Raises:
        DeliveryError: an archive that is broken, encrypted, too large or holds anything but
            one file of the form.
    """
    if content.startswith(GZIP):
        return _plain(_gunzipped(content), len(content), adapter, limits)
    if not content.startswith(ZIP):
        return content
    with opened(content, limits, form="xlsx" if adapter == "xlsx" else "zip") as archive:
        if adapter == "xlsx" and WORKBOOK in archive.namelist():
            return content
        part = _only_file(archive, adapter)
        return _plain(unpacked(archive, part), len(content), adapter, limits)


@contextmanager
def opened(content: bytes, limits: Limits, *, form: str) -> Iterator[zipfile.ZipFile]:
    """An archive of a tolerable number of entries; whatever breaks inside is a `DeliveryError`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if len(archive.infolist()) > limits.entries:
                raise _bomb(
                    f"含有{len(archive.infolist())}个条目", f"{len(archive.infolist())} entries"
                )
            yield archive
    except _BROKEN as error:
        raise unreadable(form, error) from error


def unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of an entry; its check sum is proved at the end."""
    if part.flag_bits & _ENCRYPTED:
        raise DeliveryError(
            Failure.ARCHIVE,
            f"压缩包中的{part.filename}已加密；请去除密码后再送",
            f"{part.filename} in the archive is encrypted; pack it without a password and send it "
            "anew",
        )
    with archive.open(part) as stream:
        while chunk := stream.read(MIB):
            yield chunk


def require_small(unpacked_bytes: int, packed_bytes: int, limits: Limits) -> None:
    """Raises `DeliveryError` where what comes out is out of proportion or too large."""
    if unpacked_bytes > limits.file_bytes:
        raise too_large(limits)
    ratio = unpacked_bytes / max(packed_bytes, 1)
    if unpacked_bytes > limits.ratio_from and ratio > limits.ratio:
        raise _bomb(
            f"解压比超过{limits.ratio}倍", f"more than {limits.ratio} times its packed size"
        )


def _bomb(zh: str, en: str) -> DeliveryError:
    return DeliveryError(
        Failure.BOMB,
        f"压缩包{zh}，疑似压缩炸弹，不予读取；请检查来源，按普通方式重新打包后再送",
        f"the archive unpacks to {en}, as a zip bomb does, and is not read; look where it comes "
        "from, pack it in the usual way and send it anew",
    )


def _plain(chunks: Iterator[bytes], packed_bytes: int, adapter: str, limits: Limits) -> bytes:
    def measured() -> Iterator[bytes]:
        total = 0
        for chunk in chunks:
            total += len(chunk)
            require_small(total, packed_bytes, limits)
            yield chunk

    content = b"".join(held(measured(), limits, has_lines=adapter in ("csv", "jsonl")))
    is_packed = content.startswith((GZIP, *ZIP)) and adapter != "xlsx"
    if is_packed:
        raise _not_one("其中仍是压缩包", "another archive")
    return content


def _gunzipped(content: bytes) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            while chunk := stream.read(MIB):
                yield chunk
    except _BROKEN as error:
        raise unreadable("gz", error) from error


def _only_file(archive: zipfile.ZipFile, adapter: str) -> zipfile.ZipInfo:
    files = [part for part in archive.infolist() if not part.filename.endswith("/")]
    for part in files:
        if _leads_out(part.filename):
            raise DeliveryError(
                Failure.UNSAFE,
                f"压缩包中的路径{part.filename!r}指向包外，不予读取；请检查来源后重新打包再送",
                f"the path {part.filename!r} leads out of the archive, which is not read; look "
                "where it comes from, pack it again and send it anew",
            )
    names = [part.filename for part in files]
    if len(files) != 1:
        raise _not_one(f"其中有{len(files)}个文件{names[:5]}", f"{len(files)} files {names[:5]}")
    suffix = PurePosixPath(names[0]).suffix.lower()
    if suffix in _ARCHIVES:
        raise _not_one(f"其中仍是压缩包{names[0]}", f"another archive, {names[0]}")
    if suffix != f".{adapter}":
        raise _not_one(f"其中是{names[0]}", names[0])
    return files[0]


def _leads_out(name: str) -> bool:
    path = PureWindowsPath(name)  # knows both slashes and drives
    return path.is_absolute() or bool(path.drive or path.root) or ".." in path.parts


def _not_one(zh: str, en: str) -> DeliveryError:
    return DeliveryError(
        Failure.ARCHIVE,
        f"压缩包应只含一个约定格式的文件，{zh}；请重新打包后再送",
        f"an archive holds exactly one file of the declared form, this one has {en}; pack it "
        "again and send it anew",
    )
