"""Work killed at random moments by a real SIGKILL, and begun again.

Belongs here: the processes and the kills. Does not: what the work is, or what must come of it.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        *("pytest", "hypothesis", "xlsxwriter"),
        *("assets.intake.fetching", "assets.sources.database", "adbc_driver_postgresql.dbapi"),
        *("adbc_driver_sqlite.dbapi", "checks.quality.suites", "great_expectations"),
        *("certificates.issuing.issue", "certificates.archiving.archive", "holidays.countries"),
        *("matplotlib.backends.backend_agg", "matplotlib.figure"),
        *("pipelines.chain", "pipelines.definitions", "pipelines.demo", "pipelines.office"),
        # What Dagster imports only where an instance is opened and a run begins.
        *("dagster._core.storage.legacy_storage", "dagster._core.storage.root"),
        *("dagster._core.storage.runs.sqlite", "dagster._core.storage.schedules.sqlite"),
        *("dagster._core.storage.local_compute_log_manager", "dagster._daemon.controller"),
        *("dagster._core.execution.execute_in_process", "dagster._core.workspace.load"),
    ]
)
"""Processes are forked from one that has the imports behind it: of a list set twice the later counts,
so that there is this one for all tests."""
Work = Callable[..., None]


def _begun(told: Connection, work: Work, arguments: tuple[Any, ...]) -> None:
    told.send("begun")
    work(*arguments)


class Kills:
    """Real kills (SIGKILL, which no handler sees) of a process, at moments drawn anew every time."""

    def __init__(self) -> None:
        """MIAOBAN_KILL_SEED gives the moments of a run back."""
        seed = int(os.environ.get("MIAOBAN_KILL_SEED") or time.time_ns())
        print(f"MIAOBAN_KILL_SEED={seed}")
        self._dice = random.Random(seed)

    def run(self, work: Work, *arguments: Any, kill_after: float | None = None) -> float | None:
        """Runs in a process of its own; the seconds it took, None if it was killed before its end."""
        heard, telling = FORKS.Pipe(duplex=False)
        process = FORKS.Process(target=_begun, args=(telling, work, arguments))
        process.start()
        telling.close()
        heard.recv()
        began = time.monotonic()
        process.join(kill_after)
        if process.exitcode is None:
            process.kill()
            process.join()
        assert process.exitcode in (0, -signal.SIGKILL), "it raised; standard error says what"
        return time.monotonic() - began if process.exitcode == 0 else None

    def disturb(self, took: float, work: Work, *arguments: Any, kills: int = 2) -> None:
        """Begins the work until it was killed so often, then lets it come to its end.

        Args:
            took: the seconds that it takes undisturbed.
            work: a function of a module.
            arguments: of the work.
            kills: how often; the work may come to its end before, and then begins again.
        """
        killed = 0
        for _ in range(10 * kills):
            # What has come to its end has less to do, and takes less, when it begins again.
            ended = self.run(work, *arguments, kill_after=self._dice.uniform(0, took))
            killed += ended is None
            took = took if ended is None else min(took, ended)
            if killed == kills:
                break
        assert killed == kills, "the kills came too late to be one"
        assert self.run(work, *arguments) is not None
