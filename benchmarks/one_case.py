"""One case, warm: reading what concerns it and evaluating, each apart and together.

The cases are of different enterprises and differ in category, level and kind; each passes the
switches, so that all of its standard is assessed, with evidence and reasons. The release is
held in memory, as by whoever decides case after case. Nothing is written.

    python -m benchmarks.one_case [HOME]       # a home made by `miaoban sample --size province`
                                               # and `miaoban run`; the demo's sample if not given
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from assets.calendar import legal_day
from assets.tables import enterprise
from assets.wording import worded
from benchmarks.machine import peak_gib, percentile, say, timed
from benchmarks.supervision import collected
from checks import release
from decisions.engine import decide
from decisions.facts.model import Facts
from decisions.precheck import ITEM, every_level, natural_kinds, precheck
from pipelines.office import Office
from pipelines.settings import load

CASES = 240
CANDIDATES = 400
"""Enterprises among whom the cases are looked for: not all may apply for anything."""
WARM_UP = 10

Spent = tuple[float, float]
"""Seconds by the clock, and of all processor cores."""


def applications(office: Office, held: Facts, cases: int) -> pl.DataFrame:
    """One application each of different enterprises, for a level that they may apply for."""
    on = legal_day(office.now())
    known = (
        held.table(enterprise.REGISTRY)
        .filter(pl.col("entity_code") == "enterprise")
        .select(pl.col("usc_code").unique().sort())
        .collect()
    )
    some = known.sample(min(CANDIDATES, known.height), seed=1)
    levels = every_level(office.rulebook, on).select(ITEM)
    asked = natural_kinds(
        some.join(levels, how="cross").with_columns(kind=pl.lit(None, pl.String())),
        held,
        office.rulebook,
        on,
    )
    facts = held.of_enterprises(some["usc_code"].to_list())
    answered = precheck(asked, facts, office.rulebook, office.now(), as_authority="province")
    return (
        answered.levels.filter(pl.col("may_apply") == "met")
        .sample(fraction=1, shuffle=True, seed=1)
        .unique("usc_code", keep="first", maintain_order=True)
        .head(cases)
        .with_row_index("n")
        .select(
            "usc_code",
            *ITEM,
            "kind",
            application_id=worded("B{}", "n"),
            filed_at=pl.lit(office.now()).cast(pl.Datetime("us", "UTC")),
        )
    )


def one_case(office: Office, held: Facts, application: pl.DataFrame) -> tuple[Spent, Spent]:
    """What reading and evaluating take."""
    instants = [(time.perf_counter(), time.process_time())]
    facts = held.of_enterprises(application["usc_code"].to_list())
    instants.append((time.perf_counter(), time.process_time()))
    decide(application, facts, office.rulebook, office.now(), "express")
    instants.append((time.perf_counter(), time.process_time()))
    (a, x), (b, y), (c, z) = instants
    return (b - a, y - x), (c - b, z - y)


def measure(office: Office, cases: int = CASES) -> None:
    """Read and evaluate case by case, and say what it took."""
    released = release.latest(office.store)
    assert released is not None, "nothing has been released"
    facts = Facts.at(office.store, released.release_id, released.versions)
    kept: list[Facts] = []
    insured_from = office.rulebook.kinds.insured_from(legal_day(office.now()))
    seconds = timed(lambda: kept.append(facts.held(insured_from)))
    (held,) = kept
    asked = applications(office, held, cases)
    rows = asked.partition_by("application_id", maintain_order=True)
    for row in rows[:WARM_UP]:
        one_case(office, held, row)
    spent = [one_case(office, held, row) for row in rows]
    read, evaluated = ([one[part] for one in spent] for part in (0, 1))
    say(
        "one case, warm",
        f"{asked.height} cases",
        f"{asked.select(*ITEM, 'kind').n_unique()} different matters; "
        f"release held in {seconds:.1f} s",
    )
    _told("its data read", read)
    _told("evaluated", evaluated)
    both = [(a + c, b + d) for (a, b), (c, d) in zip(read, evaluated, strict=True)]
    _told("read and evaluated", both)


def _told(what: str, spent: Sequence[Spent]) -> None:
    clock, cores = ([one[part] * 1000 for one in spent] for part in (0, 1))
    say(
        what,
        f"p50 {statistics.median(clock):,.0f} ms",
        f"p99 {percentile(clock, 0.99):,.0f} ms; processor time p50 "
        f"{statistics.median(cores):,.0f} ms, p99 {percentile(cores, 0.99):,.0f} ms",
    )


def main() -> int:
    """Measure; 2 where the home has no release."""
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else collected()
    office = Office(load(home))
    if release.latest(office.store) is None:
        print(f"{home}: nothing is released", file=sys.stderr)
        return 2
    measure(office)
    say("peak memory", f"{peak_gib():.2f} GiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
