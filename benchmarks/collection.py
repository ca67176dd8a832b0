"""A province collected, checked and released, and a night after it, beside a bare read.

The limit is a plain read of every file into a frame: no row checks, no keys, no Delta. What
collection does more is the price of trust. Polars reads no XML: such files count with the time
of lxml alone, into a frame of the same cells.

The same night is measured on a quarter of the base and on the whole, stage by stage, one after the
other: what it costs should follow from what arrives, and the ratio says of which stage it does not.
And a full night once as it runs, and once through Dagster, as in production: what that takes beside
the plain functions are its events, its pictures and its start.

    python -m benchmarks.collection [--enterprises N] [--inbox FOLDER] [--nights]
"""

from __future__ import annotations

import argparse
import io
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from graphlib import TopologicalSorter
from pathlib import Path

import fastexcel
import polars as pl
from lxml import etree

from assets.aliases import joined_by
from assets.calendar import legal_day
from assets.channels import Feed, load_channels
from assets.collection import CollectionReport, build_base, collect, take_in
from assets.sample import generate
from assets.sources.inbox import Inbox
from assets.tables import BASE_TABLES, BY_NAME, intake
from benchmarks.machine import BENCH, Spent, peak_gib, say, spent
from benchmarks.night import Night, rows_held, write_month, write_night
from checks import cross
from checks.quality import whole
from checks.since import last_release
from pipelines.assets.quality import compared, gate, suite_reports
from pipelines.chain import run_chain
from pipelines.demo import AS_OF, SIZES, demo_home
from pipelines.office import Office
from pipelines.settings import FILE_NAME, load

SEED = 1
NEXT_DAY = AS_OF + timedelta(days=2)
"""Of a night, on whose eve nothing came: on the second of a month insurance is looked at anew."""
SHARE = 0.02
"""Of the smaller base, what a night touches: half of it new rows, half changed ones."""
_UNREADABLE = (
    UnicodeDecodeError,
    pl.exceptions.PolarsError,
    fastexcel.FastExcelError,
    etree.XMLSyntaxError,
    ValueError,
)


def sample(folder: Path, enterprises: int) -> Path:
    """The inbox of a sample, made once."""
    inbox = folder / "inbox"
    if not inbox.exists():
        making = folder / ".inbox.new"
        shutil.rmtree(making, ignore_errors=True)
        generate(making, enterprises, seed=SEED, as_of=AS_OF, truth=folder / "truth")
        making.rename(inbox)
    return inbox


# -- the limit -----------------------------------------------------------------------


def plain_read(inbox: Path, *, is_xml: bool) -> int:
    """Rows of every readable file that is XML, or is not, with no other work."""
    rows = 0
    for name, channel in load_channels().items():
        for feed_name, feed in channel.feeds.items():
            if (feed.adapter == "xml") is is_xml:
                files = sorted((inbox / name / feed_name).glob(f"*.{feed.adapter}"))
                rows += sum(_read(file, feed) for file in files)
    return rows


def _read(file: Path, feed: Feed) -> int:
    try:
        match feed.adapter:
            case "csv" if feed.encoding == "gbk":
                text = file.read_bytes().decode("gbk")
                return pl.read_csv(io.StringIO(text), infer_schema=False).height
            case "csv":
                return pl.read_csv(file, infer_schema=False).height
            case "xlsx":
                return pl.read_excel(file, infer_schema_length=0).height
            case "jsonl":
                return pl.read_ndjson(file).height
            case "parquet":
                return pl.read_parquet(file).height
            case _:
                return _xml(file, feed)
    except _UNREADABLE:
        return 0  # the sample's broken files


def _xml(file: Path, feed: Feed) -> int:
    rows = []
    for _, row in etree.iterparse(file, events=("end",), tag="row"):
        rows.append({str(cell.tag): cell.text for cell in row})
        row.clear()
    return pl.from_dicts(rows, schema=dict.fromkeys(feed.columns, pl.String)).height


# -- what is measured ----------------------------------------------------------------


def office_at(home: Path, day: date = AS_OF) -> Office:
    """An office on a home of its own, on the day of the sample or another."""
    demo_home(home, day)
    return Office(load(home))


def collected(office: Office, inbox: Path) -> CollectionReport:
    """Every delivery of an inbox worked into the base tables."""
    return collect(office.store, Inbox(inbox), office.pseudonym_key, office.now())


def released(office: Office) -> None:
    """All checks and the release."""
    since = last_release(office.store)
    _, made = gate(office, compared(office, since), since)
    assert made is not None, "the checks stopped the release"


def province(folder: Path, inbox: Path) -> Office:
    """Collects and releases into an empty lake, and says what it took."""
    shutil.rmtree(folder / "lake", ignore_errors=True)
    office = office_at(folder)
    report, collecting = spent(partial(collected, office, inbox))
    rows = sum(delivery.row_count for delivery in report.deliveries)
    say("collected into raw and base", collecting.told, f"{rows / collecting.wall:,.0f} rows/s")
    _, checking = spent(partial(released, office))
    share = checking.processor / collecting.processor
    say("checked and released", checking.told, f"{share:.0%} of collection; limit 33 %")
    say("peak memory", f"{peak_gib():.2f} GiB", "limit 8 GiB")
    _read_barely(inbox, collecting)
    _, again = spent(partial(collected, office, inbox))
    say("the same deliveries again (nothing to do)", again.told)
    return office


def _read_barely(inbox: Path, collecting: Spent) -> None:
    rows, read = spent(partial(plain_read, inbox, is_xml=False))
    xml_rows, xml = spent(partial(plain_read, inbox, is_xml=True))
    say("  limit: Polars reads what it can", read.told, f"{rows:,} rows")
    say("  limit: lxml reads the rest", xml.told, f"{xml_rows:,} rows")
    wall = collecting.wall / (read.wall + xml.wall)
    processor = collecting.processor / (read.processor + xml.processor)
    say("  collection beside both", f"{wall:.1f} ×", f"{processor:.1f} × of processor time")


def by_stage(
    office: Office, folder: Path, write: Callable[[Office, Path], str]
) -> dict[str, float]:
    """Processor seconds of each stage of a night on a copy of a released lake."""
    there, _ = _brought(office, folder, write, NEXT_DAY)
    store, now = there.store, there.now()

    def taken() -> None:
        for channel in there.channels.values():
            for feed in channel.feeds:
                take_in(store, channel, feed, there.inbox, now)

    def built() -> None:
        tables = (*BASE_TABLES, intake.APPLICATION)
        after = {table.name: [one.name for one in joined_by(table)] for table in tables}
        for name in TopologicalSorter(after).static_order():
            build_base(store, BY_NAME[name], there.pseudonym_key, now)

    def stated() -> None:
        for _ in suite_reports(there, BASE_TABLES):
            pass

    since = last_release(store)
    assert since is not None, "the night has nothing to build on"
    stages: dict[str, Callable[[], object]] = {
        "taken into raw": taken,
        "worked into base": built,
        "compared across channels": lambda: cross.run(store, legal_day(now), since),
        "checked as whole tables": lambda: whole.examine(store, since),
        "stated by suites": stated,
    }
    told = {name: spent(stage)[1].processor for name, stage in stages.items()}
    shutil.rmtree(there.settings.folder)
    return told


def proportions(small: dict[str, float], large: dict[str, float], times: float) -> None:
    """The same night on two bases, stage by stage."""
    say("the same night on both bases", f"base x {times:.1f}", "processor seconds, and their ratio")
    for name, before in small.items():
        after = large[name]
        say(f"  {name}", f"{before:.2f} -> {after:.2f} s", f"x {after / before:.2f}")
    before, after = sum(small.values()), sum(large.values())
    say("  all", f"{before:.1f} -> {after:.1f} s", f"x {after / before:.2f}; limit 1")


def a_night(
    office: Office,
    folder: Path,
    write: Callable[[Office, Path], str],
    name: str,
    day: date = NEXT_DAY,
) -> None:
    """One more delivery day on a copy of a released lake: from files to the next release."""
    there, brought = _brought(office, folder, write, day)
    report, collecting = spent(partial(collected, there, there.settings.inbox))
    failed = [delivery.error for delivery in report.deliveries if delivery.status == "failed"]
    assert not failed, failed
    _, checking = spent(partial(released, there))
    say(name, (collecting + checking).told, brought)
    say("  of it collection", collecting.told)
    say("  of it checks and release", checking.told)
    shutil.rmtree(there.settings.folder)


def a_night_through_dagster(
    office: Office, folder: Path, write: Callable[[Office, Path], str], name: str
) -> None:
    """The same as a run of the job `collect`, on an instance of its own."""
    there, brought = _brought(office, folder, write, NEXT_DAY)
    report, running = spent(partial(run_chain, there, "collect"))
    assert report.is_success, report.failures
    say(name, running.told, brought)
    for group, seconds in report.stages.items():
        say(f"  of it {group}", f"{seconds:.1f} s")
    shutil.rmtree(there.settings.folder)


def _brought(
    office: Office, folder: Path, write: Callable[[Office, Path], str], day: date
) -> tuple[Office, str]:
    """A copy of a lake with the files of a night in its inbox, and what they bring."""
    home = folder / "night"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(office.settings.folder / "lake", home / "lake")
    shutil.copytree(office.settings.folder / "keys", home / "keys")
    released(office_at(home, day - timedelta(days=1)))
    (home / FILE_NAME).unlink()
    there = office_at(home, day)
    return there, write(there, there.settings.inbox)


def base(folder: Path, inbox: Path) -> Office:
    """A released lake of deliveries, made anew."""
    office = office_at(folder)
    shutil.rmtree(office.settings.folder / "lake", ignore_errors=True)
    collected(office, inbox)
    released(office)
    return office


def main() -> None:
    """Measure one size, and a night on it and on a base of a quarter of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--enterprises", type=int, default=SIZES["demo"])
    parser.add_argument("--inbox", type=Path, help="deliveries of a sample of that size")
    parser.add_argument("--nights", action="store_true", help="nights alone")
    asked = parser.parse_args()
    folder = BENCH / "collection" / str(asked.enterprises)
    inbox = asked.inbox or sample(folder, asked.enterprises)
    size = sum(file.stat().st_size for file in inbox.rglob("*") if file.is_file()) / 1e9
    say("data", f"{asked.enterprises:,} enterprises", f"{size:.2f} GB of files")
    office = base(folder, inbox) if asked.nights else province(folder, inbox)

    quarter = BENCH / "collection" / str(asked.enterprises // 4)
    smaller = base(quarter, sample(quarter, asked.enterprises // 4))

    def nightly(there: Office, to: Path) -> str:
        told = write_night(there.store, night, to, NEXT_DAY)
        return ", ".join(f"{name} {rows:,}" for name, rows in told.items())

    def monthly(there: Office, to: Path) -> str:
        return f"{write_month(there.store, to, AS_OF):,} months"

    night = _night(smaller, asked.enterprises // 4, asked.enterprises)
    small, large = (by_stage(one, folder, nightly) for one in (smaller, office))
    proportions(small, large, asked.enterprises / (asked.enterprises // 4))
    night = _night(office, asked.enterprises, asked.enterprises)
    a_night(office, folder, nightly, "a full night there")
    a_night_through_dagster(office, folder, nightly, "a full night there, through Dagster")
    sent = AS_OF + timedelta(days=31)
    a_night(office, folder, monthly, "a new month of insurance there", sent)
    say("peak memory", f"{peak_gib():.2f} GiB")


def _night(office: Office, enterprises: int, first: int) -> Night:
    """A night that touches `SHARE` of a base; its new enterprises begin at `first`."""
    changed = {feed: round(rows * SHARE / 2) for feed, rows in rows_held(office.store).items()}
    return Night(max(1, round(enterprises * SHARE / 2)), first, changed)


if __name__ == "__main__":
    main()
