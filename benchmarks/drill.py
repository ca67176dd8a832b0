"""The fault drill: a province whose every fault is known, collected and checked.

Run as `python -m benchmarks.drill [ENTERPRISES]`: the city of 1,500 by default. It writes
`docs/drill.json`, from which `docs/checks.md` tells recall and precision. Belongs here: comparing
what was found with what was injected. Does not: injecting (`assets.sample`), finding (`checks`).
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from assets import identifiers
from assets.channels import load_channels
from assets.collection import collect
from assets.intake.raw import raw_table
from assets.lake.store import Store
from assets.sample import connections, generate
from assets.sample.delivery import SIZES
from assets.tables import check, enterprise, intake, personnel
from benchmarks.later import Later
from benchmarks.machine import BENCH, say, timed
from benchmarks.measured import AS_OF, KEY, NOW, SEED, FaultFigures
from benchmarks.truth import every_row, wrong_rows
from checks import cross, gate
from checks.across.common import asked_months
from checks.catalogue import BY_ID
from decisions import rulebook
from decisions.stage import decide_pending
from pipelines.handbook.checks_page import DRILL

_PLACE = ["channel", "feed", "file", "row_no"]

REASONS = {
    "id_check": "person_key:check_digit",
    "id_masked": ":alphabet",
    "id_eaten": ":length",
    "code_blank": "usc_code:required",
    "code_check": "usc_code:check_digit",
    "number_blank": "registration_no:required",
    "garbled": ":undecodable",
    "equity_mismatch": "E-13",
    "yuan_for_wan": "E-13",
    "before_start": "J-05",
    "twice_claimed": "key:conflict",
    "level_digit": "P-22",
    "county_elsewhere": "J-01",
    "measure_blank": "Q-03",
    "authority_digit": "E-11",
}
"""Fault to the end of the reason it must be set apart for."""
FINDINGS = {"two_enterprises": "P-18", "insured_twice": "P-15", "deceased": "P-06"}
"""Fault to the check that must find the person."""
IN_THE_DECISION = ("past_date", "over_scope", "over_60")
"""Faults that no check finds: a criterion of the decision judges them (P-21, J-10, P-07)."""
EXERCISED = (
    *(
        "F-01",
        "F-02",
        "F-03",
        "F-04",
        "F-05",
        "F-10",
        "F-11",
        "F-13",
        "E-01",
        "E-11",
        "E-13",
        "P-01",
        "P-02",
    ),
    *("P-06", "P-15", "P-18", "P-22", "J-01", "J-05", "Q-01", "Q-03"),
)
"""Checks of the catalogue that a fault of writing puts to the test; others are named as such."""


@dataclass(frozen=True, slots=True)
class Drill:
    """What a drill measured."""

    enterprises: int
    rows: int
    faults: list[FaultFigures] = field(default_factory=list)
    clean_rows_apart: int = 0
    base_rows_wrong: int = 0
    findings_wrong: int = 0
    """Of the second night, that were carried over otherwise than checking everything finds."""
    seconds_collecting: float = 0.0
    seconds_checking: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """For `docs/drill.json`: what does not depend on the machine."""
        told = asdict(self)
        del told["seconds_collecting"], told["seconds_checking"], told["findings_wrong"]
        named = {one.fault.partition(":")[0] for one in self.faults}
        exercised = sorted({*EXERCISED, *(named & BY_ID.keys())})
        return {**told, "exercised": exercised}


def drill(home: Path, enterprises: int) -> Drill:
    """Generate, collect and check a province, and compare with what the generator knows.

    Args:
        home: an empty folder.
        enterprises: how many.
    """
    channels = load_channels()
    databases = home / "databases"
    generate(
        home / "inbox",
        enterprises,
        SEED,
        AS_OF,
        home / "truth",
        channels=channels,
        database_folder=databases,
    )
    reached = connections(databases, channels)
    store = Store(home / "lake")
    collecting = timed(lambda: collect(store, home / "inbox", KEY, NOW, channels, reached))
    report: list[cross.CrossReport] = []
    checking = timed(lambda: report.append(cross.run(store, AS_OF)))
    gate.run_checks(store, report, NOW)
    assert gate.release(store, NOW) is not None
    decide_pending(store, rulebook.load(), NOW, way="sweep", recalled_may_grant=True)
    truth = pl.read_ndjson(home / "truth" / "faults.jsonl")
    log = store.read(intake.DELIVERY)
    apart = _set_apart(store, log)
    injected_apart = truth.filter(pl.col("expected") == "quarantined").select(_PLACE).unique()
    found_apart = apart.select(_PLACE).unique()
    clean = every_row(enterprises)
    faults = list(_figures(store, truth, apart, log))
    wrong = sum(wrong_rows(store, truth, clean).values())
    later = Later(store, home / "inbox", clean, channels, databases, truth)
    faults += later.figures()
    clean = later.clean()
    return Drill(
        enterprises=enterprises,
        rows=int(store.read(intake.DELIVERY)["row_count"].sum()),
        faults=_together(faults),
        clean_rows_apart=found_apart.join(injected_apart, on=_PLACE, how="anti").height
        + later.clean_rows_apart(),
        base_rows_wrong=wrong + sum(wrong_rows(store, truth, clean).values()),
        findings_wrong=later.findings_wrong,
        seconds_collecting=collecting,
        seconds_checking=checking,
    )


def _together(faults: list[FaultFigures]) -> list[FaultFigures]:
    """The figures of both nights, one of each fault."""
    both: dict[tuple[str, str], FaultFigures] = {}
    for one in faults:
        key = (one.fault, one.expected)
        met = both.get(key)
        both[key] = (
            one
            if met is None
            else replace(one, injected=met.injected + one.injected, found=met.found + one.found)
        )
    return [both[key] for key in sorted(both)]


def _accepted(log: pl.DataFrame) -> pl.DataFrame:
    """By which file each delivery came first: files that repeat it are logged as such."""
    files = log.filter(pl.col("status") == "accepted").unique("delivery_id")
    return files.select("delivery_id", "channel", "feed", file="file_name")


def _set_apart(store: Store, log: pl.DataFrame) -> pl.DataFrame:
    """Rows in quarantine by place, with each reason: `_PLACE` and `reasons`."""
    files = _accepted(log)
    return (
        store.read(intake.QUARANTINE)
        .join(files, on="delivery_id")
        .select(*_PLACE, "reasons")
        .explode("reasons")
        .unique()
    )


def _figures(
    store: Store, truth: pl.DataFrame, apart: pl.DataFrame, log: pl.DataFrame
) -> Iterator[FaultFigures]:
    places = apart.select(_PLACE).unique()
    kinds = truth.select("fault", "expected").unique().sort(pl.all())
    for fault, expected in kinds.iter_rows():
        rows = truth.filter(fault=fault, expected=expected)
        if fault in IN_THE_DECISION:
            continue
        precision: float | None = None
        if expected == "quarantined":
            ending = REASONS[fault]
            classed = apart.filter(pl.col("reasons").str.ends_with(ending)).select(_PLACE).unique()
            found = rows.join(classed, on=_PLACE, how="semi").height
            alike = [name for name, other in REASONS.items() if other == ending]
            meant = truth.filter(pl.col("fault").is_in(alike))
            precision = classed.join(meant, on=_PLACE, how="semi").height / max(classed.height, 1)
        elif expected == "finding":
            injected, found, precision = _found(store, truth, log, fault)
            yield FaultFigures(fault, expected, injected, found, precision)
            continue
        elif expected in ("normalised", "accepted"):
            # Another fault of the same row may set it apart: that one is counted by itself.
            spoilt = truth.filter(pl.col("expected") == "quarantined")
            alone = rows.join(spoilt, on=_PLACE, how="anti")
            found = rows.height - alone.join(places, on=_PLACE, how="semi").height
        else:
            found = _of_files(rows, log, expected)
        yield FaultFigures(fault, expected, rows.height, found, precision)


def _of_files(rows: pl.DataFrame, log: pl.DataFrame, expected: str) -> int:
    """Files sent again that made no delivery, or broken ones that failed as a whole."""
    same = ["channel", "feed", "file_name"]
    files = rows.rename({"file": "file_name"})
    if expected == "failed_delivery":
        return files.join(log.filter(pl.col("status") == "failed"), on=same, how="semi").height
    accepted = log.filter(pl.col("status") == "accepted")
    return files.join(accepted, on=same, how="anti").height


def _found(
    store: Store, truth: pl.DataFrame, log: pl.DataFrame, fault: str
) -> tuple[int, int, float]:
    """Injected rows that a check must find, those it finds, and the share it is right in.

    A row that another fault set apart, or whose pair it did, contradicts nothing any more; nor
    does a second payer of a month that no case asks for, or that may be one of change. Of who
    such a row names the check is right to leave open (DATA) whether it does (reading 58).
    """
    rows = _delivered(store, truth.filter(fault=fault), log)
    apart = truth.filter(
        pl.col("expected") == "quarantined", pl.col("feed").is_in(rows["feed"].implode())
    )
    lost = _delivered(store, apart, log)
    sound = rows.join(lost, on=_PLACE, how="anti")
    for name in ("person_key", "number"):
        known = lost.drop_nulls(name)[name].implode()
        sound = sound.filter(~pl.col(name).is_in(known).fill_null(False))
    if fault == "insured_twice":
        sound = sound.join(_no_change(store), on=["person_key", "month"], how="semi")
    # What is certain of two registrations or a death is noted: each decision reads them itself.
    is_of_people = pl.col("target") != enterprise.REGISTRY.name
    bears = (pl.col("severity") != "WARN") | ((fault != "insured_twice") & is_of_people)
    named = store.read(check.FINDING).filter(pl.col("check_id") == FINDINGS[fault], bears)
    # Of insurance each month is one.
    named = named.with_columns(pl.col("row_key").str.split("|").list.first())
    found = set(named["row_key"])
    hit = sound.filter(pl.col("person_key").is_in(sorted(found))).height
    left_open = set(named.filter(severity="DATA")["row_key"]) & set(lost["person_key"])
    right = found & (set(rows["person_key"]) | left_open)
    return sound.height, hit, len(right) / max(len(found), 1)


def _no_change(store: Store) -> pl.DataFrame:
    """Persons and asked months that a payer paid, and the next: `person_key`, `month`."""
    paid = store.read(personnel.INSURANCE).filter("is_paid")
    paid = paid.select("person_key", "usc_code", "month")
    before = paid.with_columns(pl.col("month").dt.offset_by("-1mo"))
    is_asked = pl.col("month").is_in(asked_months(AS_OF))
    stays = paid.filter(is_asked).join(before, on=paid.columns, how="semi")
    return stays.select("person_key", month=pl.col("month").dt.strftime("%Y%m")).unique()


def _delivered(store: Store, rows: pl.DataFrame, log: pl.DataFrame) -> pl.DataFrame:
    """The rows with what their raw delivery says: `person_key`, `number`, `month`, or null."""
    files = _accepted(log)
    told = []
    for (channel, feed), part in rows.partition_by("channel", "feed", as_dict=True).items():
        declared = load_channels()[str(channel)]
        model = declared.feeds[str(feed)]
        sources = {
            "identity": model.person_source,
            "number": next((f.source for f in model.fields if f.to == "registration_no"), None),
            "month": next((f.source for f in model.fields if f.to == "month"), None),
        }
        raw = (
            store.read(raw_table(declared, str(feed)))
            .join(files.filter(channel=channel, feed=feed), on="delivery_id")
            .select(
                "file",
                "row_no",
                *(
                    (pl.lit(None, pl.String) if source is None else pl.col(source)).alias(name)
                    for name, source in sources.items()
                ),
            )
        )
        told.append(part.join(raw, on=["file", "row_no"], how="left"))
    every = pl.concat(told)
    keys = [
        None if number is None else identifiers.person_key(identifiers.id18(number.strip()), KEY)
        for number in every["identity"]
    ]
    return every.with_columns(pl.Series("person_key", keys, pl.String))


def main() -> int:
    """Run the drill and keep its figures; 1 if a fault was missed, or anything else found."""
    enterprises = int(sys.argv[1]) if len(sys.argv) > 1 else SIZES["city"]
    home = BENCH / "drill"
    shutil.rmtree(home, ignore_errors=True)
    done = drill(home, enterprises)
    DRILL.write_text(json.dumps(done.as_json(), ensure_ascii=False, indent=1) + "\n", "utf-8")
    for one in done.faults:
        say(one.fault, f"{one.found} of {one.injected}", one.expected)
    say("clean rows set apart", str(done.clean_rows_apart))
    say("base rows that differ from the truth", str(done.base_rows_wrong))
    say("findings carried over wrongly", str(done.findings_wrong))
    share = done.seconds_checking / done.seconds_collecting
    say("cross-channel checks", f"{done.seconds_checking:.1f} s", f"{share:.0%} of collecting")
    missed = [one.fault for one in done.faults if one.found < one.injected]
    missed += [one.fault for one in done.faults if one.precision not in (None, 1.0)]
    wrong = done.clean_rows_apart or done.base_rows_wrong or done.findings_wrong
    return 1 if missed or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
