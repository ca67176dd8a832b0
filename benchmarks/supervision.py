"""Re-check and what-if of a whole home, beside a bare read of the same columns in the same run.

The limit is Polars reading into memory, all at once, every column of every row that the evaluation
is given: the released tables it may know, at the same versions, and of insurance the months that a
kind of application asks for. What the evaluation does not read is not read here either: older
insurance, permits, aliases. So it was with the prototypes that the bar of 12 times comes from; only
that there an enterprise asked two questions, and here it asks 127 of the same rows. Since the
answer has ten times as many rows as are read, it is also told beside the read with writing these.

A home made by `miaoban sample --size province` and `miaoban run --job collect` is measured by
giving it: `python -m benchmarks.supervision HOME`; without one, the sample of the demo. What it has
released is copied into a lake of the benchmark's own, with as many live qualifications as a
province truly has (`benchmarks.copies`); the re-check is from Delta to committed findings.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from assets.calendar import legal_day
from assets.tables import enterprise, personnel, supervision
from benchmarks.copies import make
from benchmarks.machine import BENCH, peak_gib, say, timed
from checks import release
from decisions.buckets import BUCKETS
from decisions.facts.model import Facts
from decisions.precheck import ask_everyone
from decisions.supervision import runs
from decisions.supervision.current_findings import current_findings
from pipelines.demo import SIZES
from pipelines.office import Office
from pipelines.settings import load

READS = 3


def collected() -> Path:
    """The demo's sample, collected and released, nothing re-checked."""
    from shutil import rmtree

    from benchmarks.collection import sample
    from pipelines.chain import run_chain
    from pipelines.demo import AS_OF, demo_home

    home = BENCH / "supervision"
    demo_home(home, AS_OF)
    sample(home, SIZES["demo"])
    for made in ("lake", "dagster"):
        rmtree(home / made, ignore_errors=True)
    run_chain(Office(load(home)), "collect")
    return home


def bare_read(office: Office, released: release.Release) -> int:
    """What the evaluation is given, into memory; returns the number of rows."""
    facts = Facts.at(office.store, released.release_id, released.versions)
    since = office.rulebook.kinds.insured_from(legal_day(office.now()))
    insured = personnel.INSURANCE.name
    recent = facts.tables[insured].filter(pl.col("month") >= since)
    rows = pl.collect_all([*({**facts.tables, insured: recent}).values()])
    return sum(table.height for table in rows)


def recheck(office: Office) -> int:
    """Every live qualification, committed; returns how many."""
    run = runs.open_run(office.store, office.rulebook, office.now())
    facts = runs.facts_of(office.store, run)
    count = 0
    for one in runs.evaluations(facts, office.rulebook, run, list(BUCKETS)):
        count += runs.commit(office.store, run, one, office.now()).qualifications
    office.store.replace(supervision.RECHECK_CURRENT, current_findings(office.store))
    return count


def ask(office: Office, buckets: tuple[str, ...]) -> int:
    """Every level of every enterprise of the buckets; returns the number of cases."""
    answered = ask_everyone(office.store, office.rulebook, buckets, office.now())
    return sum(levels.height for _, levels, _ in answered)


def main() -> int:
    """Measure; 2 where the home cannot be measured."""
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else collected()
    if release.latest(Office(load(home)).store) is None:
        print(f"{home}: nothing is released", file=sys.stderr)
        return 2
    province = BENCH / "province"
    shutil.rmtree(province, ignore_errors=True)
    try:
        make(province, home, range(1))
        measure(Office(load(province)))
    finally:
        shutil.rmtree(province, ignore_errors=True)
    return 0


def writing(office: Office, cases: int) -> float:
    """Seconds to write the rows that answers to so many cases have, told from one bucket's."""
    now = office.now()
    asked = ask_everyone(office.store, office.rulebook, BUCKETS[:1], now, with_criteria=True)
    ((_, levels, criteria),) = asked

    def write() -> None:
        with TemporaryDirectory() as folder:
            for name, rows in (("levels", levels), ("criteria", criteria)):
                rows.write_parquet(Path(folder) / name)

    return min(timed(write) for _ in range(READS)) * cases / levels.height


def measure(office: Office) -> None:
    """Re-check and what-if of what is released, and the bare read."""
    released = release.latest(office.store)
    assert released is not None
    registered = office.store.scan(
        enterprise.REGISTRY, released.versions[enterprise.REGISTRY.name]
    ).select((pl.col("entity_code") == "enterprise").sum())
    say("data", f"{registered.collect().item():,} enterprises")
    # The first fills the cache of the system, as the deliveries of a night would have.
    limit = min(timed(lambda: bare_read(office, released)) for _ in range(READS))
    rows = bare_read(office, released)
    say("bare read of what an evaluation is given", f"{limit:.2f} s", f"{rows:,} rows")
    began = time.perf_counter()
    qualifications = recheck(office)
    seconds = time.perf_counter() - began
    say(
        "re-check, Delta to committed findings",
        f"{seconds:.1f} s",
        f"{qualifications:,} live qualifications, {seconds / limit:.1f} x the read",
    )
    say("peak memory so far", f"{peak_gib():.2f} GiB")
    for name, some in (("two of 16 buckets", BUCKETS[:2]), ("every bucket", BUCKETS)):
        began = time.perf_counter()
        cases = ask(office, some)
        seconds = time.perf_counter() - began
        say(
            f"what-if, {name}",
            f"{seconds:.1f} s",
            f"{cases:,} cases, {cases / seconds:,.0f} cases/s, {seconds / limit:.1f} x the read",
        )
    beside = limit + writing(office, cases)
    say(
        "the read, and writing as many rows as answers",
        f"{beside:.1f} s",
        f"what-if, every bucket: {seconds / beside:.1f} x that",
    )
    say("peak memory", f"{peak_gib():.2f} GiB")


if __name__ == "__main__":
    sys.exit(main())
