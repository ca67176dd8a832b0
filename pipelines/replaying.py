"""Replaying many cases at once, on all cores.

Belongs here: dividing cases among processes and gathering what they say. Does not: a replay
(`decisions.replay`, `certificates.archiving.replay`), the command (`pipelines.commands.replay`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, TypeVar

import polars as pl

from assets.tables import archive, decision
from certificates.archiving.replay import PackageError, replay_package
from decisions.replay import TOGETHER, Replayed, replay
from pipelines.office import Office
from pipelines.settings import Settings

T = TypeVar("T")
CHUNK = 250
"""Cases that one process takes at a time: few enough for a moving bar, enough for a batch."""
Progress = Callable[[int, int], None]


class Package(NamedTuple):
    """Where the package of a closed case is, and its digest as the record of the case has it."""

    path: Path
    sha256: str


def from_lakehouse(office: Office, progress: Progress) -> list[Replayed]:
    """Every evaluation of every case, from the release it names."""
    made = office.store.read(decision.DECISION).sort(*TOGETHER, "application_id")
    cases = made["application_id"].unique(maintain_order=True).to_list()
    return _divided(office.settings, cases, _replay_cases, progress)


def from_archive(office: Office, progress: Progress) -> list[Replayed]:
    """Every closed case, from its archive package alone."""
    records = office.store.scan(archive.RECORD).sort("application_id")
    return _divided(office.settings, _packages(office, records), _replay_packages, progress)


def package_of(office: Office, application_id: str) -> Package | None:
    """The archive package of a case; None while it is not closed."""
    record = office.store.scan(archive.RECORD).filter(pl.col("application_id") == application_id)
    return next(iter(_packages(office, record)), None)


def _packages(office: Office, records: pl.LazyFrame) -> list[Package]:
    rows = records.select("file_name", "package_sha256").collect().iter_rows()
    return [Package(office.settings.archive / name, digest) for name, digest in rows]


def _replay_cases(settings: Settings, cases: Sequence[str]) -> list[Replayed]:
    office = _office(settings)
    try:
        return replay(office.store, office.rulebook, cases)
    except pl.exceptions.PanicException as panic:  # no process can hand one to another
        raise pl.exceptions.ComputeError(str(panic)) from None


def _replay_packages(_: Settings, packages: Sequence[Package]) -> list[Replayed]:
    return [_replayed(package) for package in packages]


def _replayed(package: Package) -> Replayed:
    """A package that cannot be replayed is a difference, and the rest goes on."""
    try:
        return replay_package(*package)
    except PackageError as error:
        return Replayed(package.path.stem, None, (str(error),))


def _divided(
    settings: Settings,
    work: Sequence[T],
    do: Callable[[Settings, Sequence[T]], list[Replayed]],
    progress: Progress,
) -> list[Replayed]:
    chunks = [work[start : start + CHUNK] for start in range(0, len(work), CHUNK)]
    found: list[Replayed] = []
    done = 0
    if len(chunks) <= 1:
        for chunk in chunks:
            found.extend(do(settings, chunk))
    else:
        with _pool(len(chunks)) as pool:
            sizes = {pool.submit(do, settings, chunk): len(chunk) for chunk in chunks}
            try:
                for future in as_completed(sizes):
                    found.extend(future.result())
                    done += sizes[future]
                    progress(done, len(work))
            except BaseException:  # Ctrl-C too: what has not begun need not begin
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    return sorted(found, key=lambda one: (one.application_id, one.evaluation_no or 0))


@contextmanager
def _pool(chunks: int) -> Iterator[ProcessPoolExecutor]:
    """A process per core, each with one thread of Polars: together they fill the machine."""
    before = os.environ.get("POLARS_MAX_THREADS")
    os.environ["POLARS_MAX_THREADS"] = "1"
    try:
        with ProcessPoolExecutor(
            min(chunks, os.cpu_count() or 1), mp_context=get_context("spawn")
        ) as pool:
            yield pool
    finally:
        if before is None:
            del os.environ["POLARS_MAX_THREADS"]
        else:
            os.environ["POLARS_MAX_THREADS"] = before


_offices: dict[str, Office] = {}


def _office(settings: Settings) -> Office:
    """One office per process: its rulebook is read once."""
    home = str(settings.folder)
    if home not in _offices:
        _offices[home] = Office(settings)
    return _offices[home]
