"""Stages that come after a decision, killed and begun again: the same as never disturbed.

Re-check, what-if, the lists of those who watch, archive records and decision documents; the
fetching of deliveries and the chain have tests of their own.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from killing import Kills

from assets.lake.declaration import Table
from assets.tables import archive, decision, supervision, whatif
from certificates.archiving.archive import archive_pending
from certificates.archiving.package import check_package
from certificates.documents import paper
from certificates.files import write_whole
from decisions.buckets import BUCKETS, batches
from decisions.precheck import ask_everyone
from decisions.supervision import runs
from decisions.supervision.current_findings import current_findings
from decisions.waiting.deadlines import watch
from decisions.waiting.worklist import worklist
from pipelines.chain import ChainReport
from pipelines.office import Office
from pipelines.settings import load
from pipelines.views.documents import document_of

pytestmark = pytest.mark.slow
Stage = Callable[[Path], None]


def recheck(home: Path) -> None:
    """As the asset does, bucket by bucket, and what is current of it."""
    office = Office(load(home))
    store, now = office.store, office.now()
    run = runs.open_run(store, office.rulebook, now)
    facts = runs.facts_of(store, run)
    due = [one for one in BUCKETS if not runs.is_done(store, run, one)]
    for buckets, codes in batches(runs.in_scope(facts, run), due, 3):
        for one in runs.evaluate_buckets(facts, office.rulebook, run, buckets, codes):
            runs.commit(store, run, one, now)
    store.replace(supervision.RECHECK_CURRENT, current_findings(store))


def ask(home: Path) -> None:
    """What-if of everybody, bucket by bucket."""
    office = Office(load(home))
    asked = (office.store, office.rulebook, BUCKETS[:4], office.now())
    for bucket, levels, criteria in ask_everyone(*asked, with_criteria=True):
        office.store.replace_part(whatif.CRITERION, criteria, "bucket", bucket)
        office.store.replace_part(whatif.LEVEL, levels, "bucket", bucket)


def keep_watch(home: Path) -> None:
    """The worklist of the stewards, and the terms that run."""
    office = Office(load(home))
    store = office.store
    store.replace(decision.WORKLIST, worklist(store, office.channels))
    rows = watch(store, office.rulebook, office.now(), office.settings.supplement_days)
    store.replace(decision.DEADLINE, rows)


def close(home: Path) -> None:
    """The archive records of all closed cases."""
    office = Office(load(home))
    for _ in range(3):
        archive_pending(
            office.store,
            office.rulebook,
            office.settings.certificates,
            office.settings.archive,
            office.now(),
            limit=20,
        )


def write_documents(home: Path) -> None:
    """The decision documents of the first cases, in both forms."""
    office = Office(load(home))
    cases = office.store.read(decision.DECISION).sort("application_id").head(12)
    for row in cases.iter_rows(named=True):
        made = document_of(office, row)
        name = home / "documents" / row["application_id"]
        write_whole(name.with_suffix(".html"), paper.html(made))
        write_whole(name.with_suffix(".pdf"), paper.pdf(made, row["decided_at"]))


STAGES: dict[str, tuple[Stage, tuple[Table, ...], str]] = {
    "recheck": (recheck, supervision.TABLES, ""),
    "what-if": (ask, whatif.TABLES, ""),
    "watch": (keep_watch, decision.VIEWS, ""),
    "archive": (close, (archive.RECORD,), "archive"),
    "documents": (write_documents, (), "documents"),
}
"""What runs, the tables it writes, the folder it writes."""


def undone(town: Path, home: Path, stage: str) -> Path:
    """A copy of the town in which a stage has not run yet."""
    _, tables, folder = STAGES[stage]
    shutil.copytree(town, home)
    for table in tables:
        shutil.rmtree(home / "lake" / table.name, ignore_errors=True)
    if folder:
        shutil.rmtree(home / folder, ignore_errors=True)
    return home


def outcome(home: Path, stage: str) -> dict[str, object]:
    """Every row, but for the time it took, and every file of a stage; a file begun is none."""
    _, tables, folder = STAGES[stage]
    store = Office(load(home)).store
    told: dict[str, object] = {}
    for table in tables:
        rows = store.read(table)
        assert rows.select(table.key).is_unique().all(), f"{table.name} has doubled rows"
        told[table.name] = rows.drop("seconds", strict=False).sort(table.key).to_dicts()
    for file in (home / folder).rglob("*.*") if folder else ():
        if file.suffix in (".html", ".pdf", ".zip") and not file.name.startswith("."):
            told[str(file.relative_to(home))] = file.read_bytes()
    return told


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_killed_at_random_moments_and_begun_again_comes_to_the_same(
    stage: str, town: tuple[Path, ChainReport], tmp_path: Path
) -> None:
    work, kills = STAGES[stage][0], Kills()
    undisturbed = undone(town[0], tmp_path / "undisturbed", stage)
    took = kills.run(work, undisturbed)
    assert took is not None
    disturbed = undone(town[0], tmp_path / "disturbed", stage)
    kills.disturb(took, work, disturbed)
    assert outcome(disturbed, stage) == outcome(undisturbed, stage)
    if stage == "archive":
        records = Office(load(disturbed)).store.read(archive.RECORD)
        assert records.height > 0
        assert all(
            check_package(disturbed / "archive" / name).is_sound for name in records["file_name"]
        )


def test_each_stage_has_something_to_do_in_the_town(town: tuple[Path, ChainReport]) -> None:
    store = Office(load(town[0])).store
    assert not store.read(decision.WORKLIST).is_empty()
    assert not store.read(archive.RECORD).is_empty()
    assert store.read(decision.DECISION).filter(pl.col("is_final")).height > 0
