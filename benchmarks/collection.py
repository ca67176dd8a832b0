"""Rows collected per second, beside Polars reading the same files.

The limit is a plain read of every file into a frame: no row checks, no keys, no Delta. What
collection does more is the price of trust.
"""

from __future__ import annotations

import io
import shutil
from datetime import date
from pathlib import Path

import fastexcel
import polars as pl

from assets.channels import Feed, load_channels
from assets.collection import CollectionReport, collect
from assets.sample import generate
from assets.store import Store
from benchmarks.machine import BENCH, peak_gib, say, timed
from pipelines.demo import AS_OF, SIZES
from pipelines.settings import Settings

KEY = bytes(32)
AS_OF_DAY: date = AS_OF


def sample(folder: Path, enterprises: int) -> Path:
    """The inbox of a sample, made once."""
    inbox = folder / "inbox"
    if not inbox.exists():
        making = folder / ".inbox.new"
        shutil.rmtree(making, ignore_errors=True)
        generate(making, enterprises, seed=1, as_of=AS_OF_DAY, truth=folder / "truth")
        making.rename(inbox)
    return inbox


def plain_read(inbox: Path) -> int:
    """Rows that Polars reads from every readable file, with no other work."""
    rows = 0
    for name, channel in load_channels().items():
        for feed_name, feed in channel.feeds.items():
            for file in sorted((inbox / name / feed_name).glob(f"*.{feed.adapter}")):
                rows += _read(file, feed)
    return rows


def _read(file: Path, feed: Feed) -> int:
    try:
        if feed.adapter == "csv":
            text = file.read_bytes().decode(feed.encoding or "utf-8")
            return pl.read_csv(io.StringIO(text), infer_schema=False).height
        if feed.adapter == "xlsx":
            return pl.read_excel(file, infer_schema_length=0).height
        if feed.adapter == "jsonl":
            return pl.read_ndjson(file).height
        return file.read_bytes().count(b"<row>")  # Polars reads no XML: the bytes alone
    except (UnicodeDecodeError, pl.exceptions.PolarsError, fastexcel.FastExcelError, ValueError):
        return 0  # the sample's broken files


def main() -> None:
    """Measure the demo's size."""
    folder = BENCH / "collection"
    inbox = sample(folder, SIZES["demo"])
    size = sum(file.stat().st_size for file in inbox.rglob("*") if file.is_file()) / 1e6
    shutil.rmtree(folder / "lake", ignore_errors=True)
    store = Store(folder / "lake")
    reports: list[CollectionReport] = []
    now = Settings(home=folder).now()
    seconds = timed(lambda: reports.append(collect(store, inbox, KEY, now)))
    rows = sum(delivery.row_count for delivery in reports[0].deliveries)
    again = timed(lambda: collect(store, inbox, KEY, now))
    plain_rows: list[int] = []
    plain = timed(lambda: plain_rows.append(plain_read(inbox)))
    say("data", f"{rows:,} rows", f"{SIZES['demo']} enterprises, {size:.0f} MB of files")
    say(
        "collected into raw and base",
        f"{rows / seconds:,.0f} rows/s",
        f"limit: Polars reads the files at {plain_rows[0] / plain:,.0f} rows/s "
        f"({seconds / plain:.1f} × the time)",
    )
    say("the same deliveries again (nothing to do)", f"{again:.2f} s")
    say("peak memory", f"{peak_gib():.2f} GiB")


if __name__ == "__main__":
    main()
