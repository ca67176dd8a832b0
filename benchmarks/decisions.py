"""Decisions per second in batch, and the time of one, beside reading the same rows.

The limit of a batch is Polars scanning the released tables that decisions read, at the same
versions, into memory. Latency is measured on the express way: filed, decided, certified and
archived, and the decision alone; then what of one is reading, and what evaluating
(`benchmarks.one_case`, which measures any home).
"""

from __future__ import annotations

import shutil
import statistics
from dataclasses import replace
from datetime import date
from functools import partial

import polars as pl

from assets.tables import BY_NAME, decision, intake
from assets.wording import worded
from benchmarks import one_case
from benchmarks.collection import sample
from benchmarks.machine import BENCH, peak_gib, percentile, say, timed
from checks import release
from decisions.engine import Decided, decide
from decisions.facts.model import Facts
from pipelines import express
from pipelines.chain import run_chain
from pipelines.demo import SIZES, demo_home
from pipelines.office import Office
from pipelines.settings import load

AS_OF = date(2017, 3, 1)
BATCH = 10_000
LATENCIES = 60
ROUNDS = 6


def office() -> Office:
    """The office of a home on which the chain has run."""
    home = BENCH / "decisions"
    demo_home(home, AS_OF)
    sample(home, SIZES["demo"])
    shutil.rmtree(home / "lake", ignore_errors=True)
    for made in ("certificates", "archive", "dagster"):
        shutil.rmtree(home / made, ignore_errors=True)
    at_work = Office(load(home))
    report = run_chain(at_work)
    stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in report.stages.items())
    say("the chain (Dagster, in process)", f"{report.seconds:.1f} s", f"seconds by group: {stages}")
    return at_work


def main() -> None:
    """Measure batch and latency."""
    at_work = office()
    store = at_work.store
    released = release.latest(store)
    assert released is not None
    filed = store.read(intake.APPLICATION)
    batch = pl.concat([filed] * (BATCH // filed.height + 1)).head(BATCH).with_row_index("n")
    batch = batch.with_columns(worded("B{}", "n").alias("application_id")).drop("n")

    decided: list[Decided] = []

    def in_batch(rows: pl.DataFrame) -> None:
        codes = rows["usc_code"].unique().to_list()
        facts = Facts.at(store, released.release_id, released.versions, codes)
        decided.append(decide(rows, facts, at_work.rulebook, at_work.now()))

    in_batch(filed.head(1))  # compiles the rulebook once
    seconds = timed(lambda: in_batch(batch))
    names = ("base_", "check__finding")
    tables = [name for name in released.versions if name.startswith(names)]

    def scan_all() -> None:
        for name in tables:
            store.scan(BY_NAME[name], released.versions[name]).collect()

    limit = timed(scan_all)
    rows = sum(
        store.scan(BY_NAME[n], released.versions[n]).select(pl.len()).collect().item()
        for n in tables
    )
    say("data", f"{rows:,} rows", f"{BATCH:,} cases of {filed['usc_code'].n_unique()} enterprises")
    say(
        "decided in one batch",
        f"{BATCH / seconds:,.0f} cases/s",
        f"{decided[-1].criteria.height:,} criteria; limit: Polars reads the released rows in "
        f"{limit:.2f} s ({seconds / limit:.1f} × the time)",
    )
    _whole_standard(at_work, filed, released)
    _latency(at_work, filed)
    one_case.measure(at_work)
    say("peak memory", f"{peak_gib():.2f} GiB")


def _whole_standard(at_work: Office, filed: pl.DataFrame, released: release.Release) -> None:
    """The whole standard beside a rulebook of only the categories applied for, in turns."""
    whole = at_work.rulebook
    wanted = set(filed["category_code"])
    few = replace(
        whole,
        categories={code: one for code, one in whole.categories.items() if code in wanted},
        rule_sets=tuple(one for one in whole.rule_sets if one.code in wanted),
        direct_sets=tuple(one for one in whole.direct_sets if one.code in wanted),
    )
    codes = filed["usc_code"].unique().to_list()
    facts = Facts.at(at_work.store, released.release_id, released.versions, codes)
    books = {len(whole.categories): whole, len(few.categories): few}
    seconds: dict[int, list[float]] = {size: [] for size in books}
    for _ in range(1 + ROUNDS):
        for size, book in books.items():
            seconds[size].append(timed(partial(decide, filed, facts, book, at_work.now())))
    # The first round compiles.
    per_case = {size: min(taken[1:]) / filed.height * 1000 for size, taken in seconds.items()}
    many, some = sorted(per_case, reverse=True)
    say(
        f"per case with all {many} categories",
        f"{per_case[many]:.1f} ms",
        f"with {some}: {per_case[some]:.1f} ms ({per_case[many] / per_case[some]:.2f} x); "
        f"best of {ROUNDS}",
    )


def _latency(at_work: Office, filed: pl.DataFrame) -> None:
    decisions: list[float] = []
    whole: list[float] = []
    closed = at_work.store.scan(decision.DECISION).filter("is_final").collect()
    cases = closed.sort("application_id").head(LATENCIES)
    for row in cases.iter_rows(named=True):
        handled = express.apply(
            at_work,
            row["usc_code"],
            "-".join(filter(None, (row["category_code"], row["subcategory"], row["level"]))),
            row["kind"],
        )
        decisions.append(handled.milliseconds["decided"])
        whole.append(sum(handled.milliseconds.values()))
    for what, values in (
        ("one decision, committed", decisions),
        ("one case, filed to archived", whole),
    ):
        say(
            what,
            f"p50 {statistics.median(values):,.0f} ms",
            f"p99 {percentile(values, 0.99):,.0f} ms, n = {len(values)}",
        )


if __name__ == "__main__":
    main()
