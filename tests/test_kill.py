"""The chain is killed at ten random points and run again: nothing is lost, doubled or half done.

Every round puts another delivery of applications into the inbox, starts the chain in a process
of its own, and kills it (SIGKILL, which no handler sees) a random moment after a random stage
has begun. Then the chain runs to its end, twice.

Every run of the test draws other points; it prints the seed they follow from, which
MIAOBAN_KILL_SEED gives back. The processes are forked from one that has the imports behind it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from hashlib import sha256
from multiprocessing.connection import Connection
from pathlib import Path

import polars as pl
import pytest
from killing import FORKS

from assets.lake.store import Store
from assets.tables import TABLES, archive, certificate, decision, intake
from certificates.archiving.package import check_package
from pipelines.chain import run_chain
from pipelines.completeness import loose_ends
from pipelines.demo import AS_OF, make_sample
from pipelines.office import Office
from pipelines.settings import Settings, load

ROUNDS = 10
ATTEMPTS = 2 * ROUNDS
"""A kill that comes after the end is none, and another is tried."""
UNREAD = "UNREAD-"
"""Begins the numbers of the applications that cannot be read, one of each delivery."""
ENTERPRISES = 48
PROVINCE = 20170301
LATE_STAGES = ("intake__application", "gate", "decide", "issue", "close")
"""Half of the kills fall here: the other stages are many, and each does little."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a sample province."""
    make_sample(Settings(home=tmp_path), enterprises=ENTERPRISES, seed=PROVINCE, as_of=AS_OF)
    return tmp_path


def hold_back_applications(inbox: Path) -> list[list[str]]:
    """Take the applications out of the inbox, in as many portions as there are rounds."""
    folder = inbox / "portal" / "application"
    lines = [
        line
        for file in sorted(folder.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    for file in folder.iterdir():
        file.unlink()
    return [lines[start::ROUNDS] for start in range(ROUNDS)]


def deliver(inbox: Path, name: str, lines: list[str]) -> None:
    """One delivery of applications as the portal sends it; one more asks for no known level."""
    unread = json.loads(lines[0]) | {"application_id": f"{UNREAD}{name}", "level": "四级"}
    lines = [*lines, json.dumps(unread, ensure_ascii=False)]
    file = inbox / "portal" / "application" / f"{name}.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    manifest = {
        "rows": len(lines),
        "sent_at": f"{AS_OF.isoformat()}T09:55:00+08:00",
        "region_code": "330000",
        "is_complete": False,
        "as_of": AS_OF.isoformat(),
    }
    file.with_name(f"{file.name}.manifest.json").write_text(json.dumps(manifest))


def run(home: Path, told: Connection) -> None:
    """The chain, in a process of its own; tells each stage as it begins."""
    report = run_chain(Office(load(home), told.send))
    sys.exit(0 if report.is_success else f"{report.failures}")


class Run:
    """A process that runs the chain on a home."""

    def __init__(self, home: Path) -> None:
        self._heard, telling = FORKS.Pipe(duplex=False)
        self._process = FORKS.Process(target=run, args=(home, telling))
        self._process.start()
        telling.close()

    def stages_until(self, stage: str | None) -> list[str]:
        """The stages that have begun when `stage` has, or when all has ended."""
        begun: list[str] = []
        try:
            while not begun or begun[-1] != stage:
                begun.append(self._heard.recv())
        except EOFError:
            pass
        return begun

    def kill(self) -> bool:
        """Whether it was killed; not, if it had ended before."""
        self._process.kill()
        return self.end() == -signal.SIGKILL

    def end(self) -> int | None:
        """Waits for the end; the exit code."""
        self._process.join()
        self._heard.close()
        return self._process.exitcode


def run_to_the_end(home: Path) -> list[str]:
    process = Run(home)
    stages = process.stages_until(None)
    assert process.end() == 0, "\n".join(stages[-20:])
    return stages


def kill_during(home: Path, stage: str, after: float) -> bool:
    """Whether the kill came before the chain had ended."""
    process = Run(home)
    process.stages_until(stage)
    time.sleep(after)
    return process.kill()


def versions(store: Store) -> dict[str, int | None]:
    return {table.name: store.version(table) for table in TABLES}


@pytest.mark.slow
def test_killed_at_ten_random_points_every_case_is_decided_once_and_every_grant_sealed_once(
    home: Path,
) -> None:
    seed = int(os.environ.get("MIAOBAN_KILL_SEED") or time.time_ns())
    print(f"MIAOBAN_KILL_SEED={seed}")
    settings = load(home)
    dice = random.Random(seed)
    portions = hold_back_applications(settings.inbox)
    filed, delivered = sum(map(len, portions)), {f"{UNREAD}{n}" for n in range(ROUNDS)}
    assert filed >= 2 * ROUNDS

    deliver(settings.inbox, "0", portions[0])
    stages = run_to_the_end(home)
    killed = attempts = 0
    while killed < ROUNDS and attempts < ATTEMPTS:
        attempts += 1
        if attempts < len(portions):
            deliver(settings.inbox, str(attempts), portions[attempts])
        stage = dice.choice(LATE_STAGES if attempts % 2 else stages)
        after = dice.uniform(0, 0.25)
        is_killed = kill_during(home, stage, after)
        killed += is_killed
        print(f"{stage} + {after:.3f} s: {'killed' if is_killed else 'had ended'}")
    assert killed == ROUNDS, "too many kills came too late to be one"

    run_to_the_end(home)
    store = Store(settings.lake_root)
    _nothing_is_lost_doubled_or_half_done(store, settings, filed)
    answers = store.read(intake.REJECTED_FILING)["application_id"]
    assert sorted(answers) == sorted(delivered), "each answered, once"

    before = versions(store)
    run_to_the_end(home)
    assert versions(store) == before


def _nothing_is_lost_doubled_or_half_done(store: Store, settings: Settings, filed: int) -> None:
    applications = store.read(intake.APPLICATION)
    assert applications["application_id"].n_unique() == applications.height == filed
    decisions = store.read(decision.DECISION)
    assert decisions.select("application_id", "evaluation_no").is_unique().all()
    assert set(decisions["application_id"]) == set(applications["application_id"])
    final = decisions.filter("is_final")
    assert final["application_id"].is_unique().all()
    for table in (decision.CRITERION, decision.EVIDENCE):
        rows = store.read(table)
        assert rows.select(table.key).is_unique().all(), table.name
        evaluations = rows.select("application_id", "evaluation_no").unique()
        assert evaluations.join(decisions, on=evaluations.columns, how="anti").is_empty()

    grants = final.filter(pl.col("outcome") == "granted")
    register = store.read(certificate.CERTIFICATE)
    assert grants.height > 0
    assert sorted(register["application_id"]) == sorted(grants["application_id"])
    assert register.select("certificate_no", "version").is_unique().all()
    for row in register.iter_rows(named=True):
        content = (settings.certificates / row["file_name"]).read_bytes()
        assert sha256(content).hexdigest() == row["file_sha256"]

    records = store.read(archive.RECORD)
    assert sorted(records["application_id"]) == sorted(final["application_id"])
    for row in records.iter_rows(named=True):
        package = settings.archive / row["file_name"]
        assert sha256(package.read_bytes()).hexdigest() == row["package_sha256"]
        assert check_package(package).is_sound
    assert loose_ends(store).is_empty()
