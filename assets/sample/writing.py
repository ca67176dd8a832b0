"""Files of deliveries, written a block at a time, in every form, and manifests.

What belongs here: bytes. Equal rows give equal bytes: nothing of the run (a clock, a
machine) gets into a file. What does not: what the rows say.
"""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

import polars as pl
import xlsxwriter

from assets.channels import Feed

SHEET_ROWS = 1_000_000
"""Rows a sheet can hold, less a reserve."""
_CREATED = datetime(2017, 1, 1)
"""What a workbook and an archive say of themselves."""


class _Body(Protocol):
    def append(self, rows: pl.DataFrame) -> None: ...
    def close(self) -> None: ...


class DeliveryFile:
    """One file of a feed, open for appending; `close` writes the manifest after it.

    Args:
        folder: `<inbox>/<channel>/<feed>`.
        stem: name without extension.
        feed: of the channel file.
        is_zipped: whether it ends as the one file of an archive.
    """

    def __init__(self, folder: Path, stem: str, feed: Feed, *, is_zipped: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._plain = folder / f"{stem}.{feed.adapter}"
        self.path = folder / f"{self._plain.name}.zip" if is_zipped else self._plain
        self.rows = 0
        self._body = _BODIES[feed.adapter](self._plain, feed)

    def append(self, rows: pl.DataFrame) -> int:
        """Write rows; returns how many the file held before them."""
        before = self.rows
        if rows.height:
            self._body.append(rows)
            self.rows += rows.height
        return before

    def close(self, manifest: Manifest, *, rows: int | None = None) -> None:
        """End the file and write its manifest; `rows` overrides the true count."""
        self._body.close()
        if self.path != self._plain:
            _zip(self._plain, self.path)
        manifest.write(self.path, self.rows if rows is None else rows)


def _zip(plain: Path, path: Path) -> None:
    """Moves a file into an archive; equal files give equal archives."""
    entry = zipfile.ZipInfo(plain.name, _CREATED.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    with (
        zipfile.ZipFile(path, "w") as archive,
        archive.open(entry, "w", force_zip64=True) as packed,
        plain.open("rb") as source,
    ):
        shutil.copyfileobj(source, packed)
    plain.unlink()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a sender says about a file."""

    sent_at: datetime
    region_code: str
    is_complete: bool
    as_of: date
    periods: tuple[date, ...] = ()
    is_refresh: bool = False
    usc_code: str | None = None

    def write(self, path: Path, rows: int) -> None:
        """Write `<file>.manifest.json` beside the file."""
        told: dict[str, object] = {
            "rows": rows,
            "sent_at": self.sent_at.isoformat(),
            "region_code": self.region_code,
        }
        if self.periods:
            told["periods"] = [period.isoformat() for period in self.periods]
        told |= {"is_complete": self.is_complete, "as_of": self.as_of.isoformat()}
        if self.is_refresh:
            told["is_refresh"] = True
        if self.usc_code is not None:
            told["usc_code"] = self.usc_code
        path.with_name(path.name + ".manifest.json").write_text(
            json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8"
        )


class _Csv:
    def __init__(self, path: Path, feed: Feed) -> None:
        self._file: BinaryIO = path.open("wb")
        self._encoding = feed.encoding or "utf-8"
        self._file.write((",".join(feed.columns) + "\n").encode(self._encoding))

    def append(self, rows: pl.DataFrame) -> None:
        buffer = io.BytesIO()
        rows.write_csv(buffer, include_header=False)
        content = buffer.getvalue()
        self._file.write(
            content if self._encoding == "utf-8" else content.decode().encode(self._encoding)
        )

    def close(self) -> None:
        self._file.close()


class _Xml:
    def __init__(self, path: Path, feed: Feed) -> None:
        self._file: BinaryIO = path.open("wb")
        self._columns = feed.columns
        self._file.write(b'<?xml version="1.0" encoding="UTF-8"?>\n<dataTable>\n')

    def append(self, rows: pl.DataFrame) -> None:
        cells = [
            pl.lit(f"<{name}>") + _escaped(pl.col(name)) + pl.lit(f"</{name}>")
            for name in self._columns
            if rows[name].null_count() < rows.height
        ]
        lines = rows.select(
            row=pl.concat_str([pl.lit("<row>"), *cells, pl.lit("</row>")], ignore_nulls=True)
        )["row"]
        self._file.write(("\n".join(lines) + "\n").encode())

    def close(self) -> None:
        self._file.write(b"</dataTable>\n")
        self._file.close()


def _escaped(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all("&", "&amp;", literal=True).str.replace_all(
        "<", "&lt;", literal=True
    )


class _JsonLines:
    def __init__(self, path: Path, feed: Feed) -> None:
        del feed
        self._file: BinaryIO = path.open("wb")

    def append(self, rows: pl.DataFrame) -> None:
        buffer = io.BytesIO()
        rows.write_ndjson(buffer)
        self._file.write(buffer.getvalue())

    def close(self) -> None:
        self._file.close()


class _Parquet:
    def __init__(self, path: Path, feed: Feed) -> None:
        self._path = path
        self._rows = [pl.DataFrame(schema=dict.fromkeys(feed.columns, pl.String))]

    def append(self, rows: pl.DataFrame) -> None:
        self._rows.append(rows)

    def close(self) -> None:
        pl.concat(self._rows).write_parquet(self._path)


class _Xlsx:
    def __init__(self, path: Path, feed: Feed) -> None:
        self._book = xlsxwriter.Workbook(
            str(path), {"constant_memory": True, "strings_to_urls": False}
        )
        self._book.set_properties({"created": _CREATED})
        self._sheet = self._book.add_worksheet("Sheet1")
        self._line = 0
        self._write(feed.columns)

    def append(self, rows: pl.DataFrame) -> None:
        for row in rows.iter_rows():
            self._write(row)

    def _write(self, cells: tuple[str | None, ...]) -> None:
        for place, cell in enumerate(cells):
            if cell is not None:
                self._sheet.write_string(self._line, place, cell)
        self._line += 1

    def close(self) -> None:
        self._book.close()


_BODIES: dict[str, Callable[[Path, Feed], _Body]] = {
    "csv": _Csv,
    "xlsx": _Xlsx,
    "xml": _Xml,
    "jsonl": _JsonLines,
    "parquet": _Parquet,
}
