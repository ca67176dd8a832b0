"""A country: re-check and what-if of several copies of a province, share by share.

The copies (`benchmarks.copies`) are enterprises and people of their own, in a lake of the
benchmark's own; how they came there is not measured here. Each number of copies is measured in a
process of its own, so that its peak of memory is its own. That the time is linear is told by the
seconds of the processor for each copy; by the clock a busy machine tells little.

    python -m benchmarks.nation HOME [COPIES …] [--what-if]     # a collected home

Each copy of a province of 10,000 enterprises takes some 0.6 GiB of disk until the end, and half of
that in the folder for temporary files. With `--what-if` every level of everybody is asked as well:
a minute of two cores for each copy.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import polars as pl

from assets.lake.declaration import Table
from assets.tables import enterprise, personnel
from benchmarks.copies import make
from benchmarks.machine import BENCH, Spent, peak_gib, say, spent
from benchmarks.supervision import ask, recheck
from checks import release
from decisions.buckets import BUCKETS
from pipelines.office import Office
from pipelines.settings import load

COPIES = (1, 2, 4)


def measure(home: Path, copies: int, whatif: bool) -> None:
    """Re-check, and what-if, of what is released in this process."""
    office = Office(load(home))
    latest = release.latest(office.store)
    assert latest is not None
    registered = office.store.scan(
        enterprise.REGISTRY, latest.versions[enterprise.REGISTRY.name]
    ).select((pl.col("entity_code") == "enterprise").sum())
    count, people = registered.collect().item(), _rows(office, latest, personnel.PERSON)
    say(f"{copies} x the province", f"{count:,} enterprises", f"{people:,} people")
    qualifications, taken = spent(partial(recheck, office))
    _tell("re-check, Delta to committed findings", taken, copies, f"{qualifications:,} live")
    if whatif:
        cases, taken = spent(partial(ask, office, BUCKETS))
        _tell("what-if, every bucket", taken, copies, f"{cases:,} cases")


def _rows(office: Office, released: release.Release, table: Table) -> int:
    rows = office.store.scan(table, released.versions[table.name]).select(pl.len())
    return int(rows.collect().item())


def _tell(what: str, taken: Spent, copies: int, beside: str) -> None:
    each = taken.processor / copies
    say(what, taken.told, f"{beside}; {each:.1f} s of cpu a copy; peak {peak_gib():.2f} GiB")


def main() -> int:
    """Build up the country, and measure it at each size in a process of its own."""
    parser = argparse.ArgumentParser(description="re-check and what-if of a country")
    parser.add_argument("home", type=Path)
    parser.add_argument("copies", type=int, nargs="*", default=COPIES)
    parser.add_argument("--what-if", action="store_true")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        measure(asked.home, asked.copies[0], asked.what_if)
        return 0
    country = BENCH / "nation"
    shutil.rmtree(country, ignore_errors=True)
    options = ["--what-if"] if asked.what_if else []
    built = 0
    try:
        for copies in asked.copies:
            make(country, asked.home, range(built, copies))
            built = copies
            command = [sys.executable, "-m", "benchmarks.nation", str(country), str(copies)]
            subprocess.run([*command, "--measure", *options], check=True)
    finally:
        shutil.rmtree(country, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
