"""A package: a ZIP of files with their manifest, always the same bytes, checkable by itself.

Belongs here: how a package is written, read and checked. Does not: what goes into one
(`certificates.archiving.archive`), the full four-property check.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from certificates.files import sha256
from certificates.issuing.register import Row

MANIFEST = "manifest-sha256.txt"
METADATA = "metadata.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a ZIP can state: packages carry no time of their own."""


def squeezed(content: bytes) -> bytes:
    """A gzip (RFC 1952) without name and time: the same content gives the same bytes."""
    return gzip.compress(content, compresslevel=6, mtime=0)


def unsqueezed(content: bytes) -> bytes:
    """What was squeezed; raises `ValueError` if it is no whole gzip."""
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"not a readable gzip: {error}") from error


def pack(files: dict[str, bytes]) -> bytes:
    """A ZIP of the files and their manifest; the same files give the same bytes.

    Order, times and attributes are fixed. The ZIP compresses nothing: a record must open
    without a codec for as long as it is kept (regulations H11), and its bytes then do not
    depend on the version of a compressor. Large members are open gzip files of their own.
    """
    manifest = "".join(f"{sha256(content)}  {name}\n" for name, content in sorted(files.items()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        for name, content in sorted({**files, MANIFEST: manifest.encode()}.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o100444 << 16
            package.writestr(entry, content)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class PackageCheck:
    """What a package says about itself, and every fault found in it."""

    path: Path
    package_sha256: str
    file_count: int
    faults: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """No fault was found."""
        return not self.faults

    def to_json(self) -> Row:
        """For machines."""
        return {
            "path": str(self.path),
            "package_sha256": self.package_sha256,
            "file_count": self.file_count,
            "is_sound": self.is_sound,
            "faults": list(self.faults),
        }


def check_package(path: Path) -> PackageCheck:
    """Check a package by itself: every file named, present, unchanged, and readable.

    Raises `OSError` if the file cannot be read at all; anything wrong inside is a fault.
    """
    content = path.read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = package.namelist()
            doubled = sorted({name for name in names if names.count(name) > 1})
            files = {name: package.read(name) for name in names}
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError) as error:
        return PackageCheck(path, sha256(content), 0, (f"not a readable package: {error}",))
    faults = [f"{name}: in the package twice" for name in doubled]
    faults.extend(_faults(files))
    if not faults and pack({n: c for n, c in files.items() if n != MANIFEST}) != content:
        faults.append("the package holds bytes beyond its files")
    return PackageCheck(path, sha256(content), len(files), tuple(faults))


def _faults(files: dict[str, bytes]) -> Iterator[str]:
    if MANIFEST not in files or METADATA not in files:
        yield f"{MANIFEST} or {METADATA} is missing"
        return
    try:
        listed = _listed(files[MANIFEST])
        described = {entry["name"]: entry for entry in json.loads(files[METADATA])["files"]}
    except (ValueError, LookupError, TypeError) as error:
        yield f"manifest or metadata cannot be read: {error}"
        return
    for name in sorted({*listed, *files} - {MANIFEST}):
        if name not in files:
            yield f"{name}: named in the manifest, not in the package"
        elif name not in listed:
            yield f"{name}: in the package, not in the manifest"
        elif sha256(files[name]) != listed[name]:
            yield f"{name}: changed, its digest is not the manifest's"
        elif name != METADATA and described.get(name, {}).get("sha256") != listed[name]:
            yield f"{name}: the metadata describe another file"


def _listed(manifest: bytes) -> dict[str, str]:
    lines = (line.partition("  ") for line in manifest.decode().splitlines())
    return {name: digest for digest, _, name in lines}
