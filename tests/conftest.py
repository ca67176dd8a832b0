"""Where every test keeps its files, and what both workers of a run share.

Belongs here: fixtures of more than one room. Does not: fixtures of one room (its own `conftest`).
"""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes is the machine's affair.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

LONG = "test_kill.py"
"""Begun first: a worker that comes to it last ends long after the other."""
IN_MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30
"""Bytes that must be free there; a whole run takes a quarter of it."""


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= ROOM


# The event log of Dagster commits a thousand times in one run of the chain, each time waiting for
# the disk. No test cuts the power, and a killed process loses nothing that it had written.
if _has_room(IN_MEMORY):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))


# Thousands of tests stay to the end: to look through them for garbage, while they are collected and
# after every few tests, finds nothing.
gc.disable()


def pytest_collection_finish() -> None:
    """What is there by now stays; what the tests make is looked through as ever."""
    gc.enable()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest test first, the others in their order."""
    items.sort(key=lambda item: item.path.name != LONG)


@pytest.fixture(scope="session")
def made_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str, Callable[[Path], None]], Path]:
    """A folder made by the first worker that asks for it, for all workers; not to be written.

    Called with a name and with what fills the folder.
    """
    mine = tmp_path_factory.getbasetemp()
    of_all = mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine

    def folder(name: str, fill: Callable[[Path], None]) -> Path:
        made, partial = of_all / name, of_all / f"{name}.partial"
        with (of_all / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                shutil.rmtree(partial, ignore_errors=True)
                partial.mkdir()
                fill(partial)
                partial.rename(made)
        return made

    return folder
