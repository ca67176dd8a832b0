"""The persistent Dagster instance of a home folder.

Belongs here: making it, opening it, and clearing up after a process that died in a run.
Does not: what is run on it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryFile

import dagster as dg
from dagster._core.instance import InstanceRef

from pipelines import event_log
from pipelines.event_log import KeptEventLog
from pipelines.settings import Settings

WORKSPACE = Path(__file__).parents[2] / "workspace.yaml"
IN_PROCESS_TAG = "miaoban/in_process"
"""On runs that execute in the process that asked, and so die with it."""


class Busy(RuntimeError):
    """Another process is running the chain on this home."""


def prepare(dagster_home: Path) -> Path:
    """Make the instance's folder with its `dagster.yaml`; an existing one is left alone."""
    dagster_home.mkdir(parents=True, exist_ok=True)
    configuration = dagster_home / "dagster.yaml"
    if not configuration.exists():
        half_written = dagster_home / ".dagster.yaml.new"
        with as_file(files("pipelines") / "dagster.yaml") as template:
            shutil.copyfile(template, half_written)
        half_written.replace(configuration)
    return dagster_home


def open_instance(dagster_home: Path) -> dg.DagsterInstance:
    """The instance under a folder, made on first use.

    Its events are stored as its `dagster.yaml` says, and where that leaves it open, in Dagster's
    own SQLite with its databases kept open (`pipelines.event_log`).
    """
    folder = str(prepare(dagster_home))
    set_up, defaults = InstanceRef.from_dir(folder), InstanceRef.config_defaults(folder)
    events, usual = set_up.event_storage_data, defaults["event_log_storage"]
    is_ours = events is not None and events.class_name == KeptEventLog.__name__
    if usual is not None and (is_ours or set_up.storage_data == defaults["storage"]):
        # Under this folder, whatever instance the environment names.
        kept = {
            "module": event_log.__name__,
            "class": KeptEventLog.__name__,
            "config": usual.config_dict,
        }
        set_up = InstanceRef.from_dir(folder, overrides={"event_log_storage": kept})
    return dg.DagsterInstance.from_ref(set_up)


@contextmanager
def sole_runner(dagster_home: Path) -> Iterator[dg.DagsterInstance]:
    """The instance, while no other process runs the chain in itself on it.

    Runs that such a process left unfinished when it was killed are closed as failed and the
    pool slots they held are freed: else the next run would wait for them for ever.

    Raises:
        Busy: another process is at it.
    """
    prepare(dagster_home)
    with (dagster_home / "in_process.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(
                f"另一进程正在办理 another process is running the chain on {dagster_home}；"
                "请等它结束，或用 `miaoban up` 查看 wait for it to end, or look at it with "
                "`miaoban up`"
            ) from error
        with open_instance(dagster_home) as instance:
            _close_orphans(instance)
            yield instance


def _close_orphans(instance: dg.DagsterInstance) -> None:
    unfinished = dg.RunsFilter(
        statuses=[
            dg.DagsterRunStatus.NOT_STARTED,
            dg.DagsterRunStatus.STARTING,
            dg.DagsterRunStatus.STARTED,
            dg.DagsterRunStatus.CANCELING,
        ],
        tags={IN_PROCESS_TAG: "true"},
    )
    for run in instance.get_runs(filters=unfinished):
        instance.report_run_failed(run, "进程已中止 the process that executed this run has died")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)


def serve(settings: Settings, port: int) -> int:
    """Run the Dagster UI and daemon on 127.0.0.1 until interrupted; returns their exit code.

    A service manager or a script ends this process alone (SIGTERM): they are told, as Ctrl-C tells
    them. A shell has what a script starts in the background ignore Ctrl-C, and a child inherits
    that; so it is taken back while they start.
    """
    dagster_home = prepare(settings.dagster_home)
    # Where nothing can be written it is told here: Dagster tells it in a traceback.
    TemporaryFile(dir=dagster_home).close()
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(dagster_home),
        "MIAOBAN_HOME": str(settings.folder),
    }
    command = [
        # The successor `dg dev` wants a project of its own shape; until then the hint is noise.
        sys.executable, "-W", "ignore:Function `dev_command`", "-m", "dagster", "dev",
        "--workspace", str(WORKSPACE), "--host", "127.0.0.1", "--port", str(port),
        "--log-level", "warning",
    ]  # fmt: skip
    own = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(command, env=environment) as served:  # noqa: S603
        signal.signal(signal.SIGINT, own)
        signal.signal(signal.SIGTERM, lambda *_: served.send_signal(signal.SIGINT))
        return served.wait()
