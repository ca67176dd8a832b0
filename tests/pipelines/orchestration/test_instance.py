"""The persistent instance is made once; a process that died in a run does not block the next."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import event

from pipelines.event_log import OPEN, KeptEventLog
from pipelines.orchestration.instance import (
    IN_PROCESS_TAG,
    Busy,
    open_instance,
    prepare,
    sole_runner,
)

DIE_IN_A_POOL = """
import os, signal, sys
from pathlib import Path
import dagster as dg
from pipelines.orchestration.instance import IN_PROCESS_TAG, sole_runner

@dg.asset(pool="collection")
def dies():
    os.kill(os.getpid(), signal.SIGKILL)

with sole_runner(Path(sys.argv[1])) as instance:
    dg.materialize([dies], instance=instance, tags={IN_PROCESS_TAG: "true"})
"""


def test_an_instance_that_was_configured_by_hand_is_left_alone(tmp_path: Path) -> None:
    prepare(tmp_path)
    file = tmp_path / "dagster.yaml"
    assert "telemetry:\n  enabled: false" in file.read_text()
    file.write_text("telemetry: {enabled: false}\n")
    prepare(tmp_path)
    assert file.read_text() == "telemetry: {enabled: false}\n"
    with open_instance(tmp_path) as instance:
        assert not instance.telemetry_enabled


@pytest.mark.parametrize(
    ("told", "kind"),
    [(None, KeptEventLog), ("telemetry: {enabled: false}\n", SqliteEventLogStorage)],
    ids=["of now", "made before the event log was named"],
)
def test_dagster_reads_and_writes_the_events_of_an_instance_that_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str | None, kind: type
) -> None:
    """The UI, its daemon and its runs stand on the same files, each with connections of its own."""
    file = prepare(tmp_path) / "dagster.yaml"
    file.write_text(told or file.read_text())
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with open_instance(tmp_path) as ours, dg.DagsterInstance.get() as theirs:
        for asset in ("a", "b"):
            ours.report_runless_asset_event(dg.AssetMaterialization(asset))
            theirs.report_runless_asset_event(dg.AssetMaterialization(asset))
        assert _told(ours) == _told(theirs) == {"a": 2, "b": 2}
        assert type(theirs.event_log_storage) is kind
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "another"))
    with open_instance(tmp_path) as again:
        assert _told(again) == {"a": 2, "b": 2}
        assert isinstance(again.event_log_storage, KeptEventLog)


def _told(instance: dg.DagsterInstance) -> dict[str, int]:
    return {
        key.to_user_string(): len(instance.fetch_materializations(key, limit=10).records)
        for key in instance.all_asset_keys()
    }


def test_what_there_is_in_a_database_is_asked_once(tmp_path: Path) -> None:
    asked: list[str] = []
    with open_instance(tmp_path) as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization("a"))
        log = instance.event_log_storage
        assert isinstance(log, KeptEventLog)
        with log.index_connection() as connection:
            event.listen(
                connection.engine, "before_cursor_execute", lambda *given: asked.append(given[2])
            )
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 1, "NORMAL"
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert _told(instance) == {"a": 1}
        asked.clear()
        instance.report_runless_asset_event(dg.AssetMaterialization("a"))
        assert _told(instance) == {"a": 2}
    assert any("INSERT INTO event_logs" in statement for statement in asked)
    assert [one for one in asked if "PRAGMA" in one or "secondary_indexes" in one] == []


def test_what_a_migration_adds_is_seen(tmp_path: Path) -> None:
    with open_instance(tmp_path) as instance:
        storage = instance.event_log_storage
        assert isinstance(storage, KeptEventLog)
        assert not storage.has_secondary_index("another")
        storage.enable_secondary_index("another")
        assert storage.has_secondary_index("another")
        assert not storage.has_table("another") and not storage.has_asset_key_col("another")


def test_threads_of_a_process_write_events_in_turn(tmp_path: Path) -> None:
    with open_instance(tmp_path) as instance, ThreadPoolExecutor(4) as threads:
        many = [dg.AssetMaterialization(f"of_{number % 4}") for number in range(40)]
        list(threads.map(instance.report_runless_asset_event, many))
        assert _told(instance) == {f"of_{number}": 10 for number in range(4)}


def test_of_many_runs_no_more_than_a_few_databases_stay_open(tmp_path: Path) -> None:
    runs = [f"run-{number}" for number in range(2 * OPEN)]
    with open_instance(tmp_path) as instance:
        assert all(instance.all_logs(run) == [] for run in runs)
        held = [file for file in Path("/proc/self/fd").iterdir() if "run-" in _target(file)]
        assert 0 < len(held) <= 3 * OPEN  # each with its log and its index


def _target(file: Path) -> str:
    try:
        return str(file.readlink())
    except FileNotFoundError:  # closed meanwhile
        return ""


def test_a_storage_that_was_configured_is_used(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    file = prepare(tmp_path / "dagster") / "dagster.yaml"
    file.write_text(f"storage: {{sqlite: {{base_dir: {str(elsewhere)!r}}}}}\n")
    with open_instance(file.parent) as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization("a"))
        assert _told(instance) == {"a": 1}
    assert any(elsewhere.rglob("*.db"))
    assert not any(file.parent.rglob("*.db"))


def test_two_processes_do_not_run_the_chain_on_one_home_at_once(tmp_path: Path) -> None:
    with (
        sole_runner(tmp_path),
        pytest.raises(Busy, match="wait for it to end"),
        sole_runner(tmp_path),
    ):
        pass
    with sole_runner(tmp_path):
        pass


@pytest.mark.slow
def test_a_killed_process_leaves_no_run_open_and_no_pool_slot_taken(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", DIE_IN_A_POOL, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL

    @dg.asset(pool="collection")
    def lives() -> None: ...

    with sole_runner(tmp_path) as instance:
        (dead,) = instance.get_runs()
        assert dead.status is dg.DagsterRunStatus.FAILURE
        result = dg.materialize([lives], instance=instance, tags={IN_PROCESS_TAG: "true"})
        assert result.success


@pytest.mark.parametrize("is_in_background", [False, True], ids=["by a manager", "by a script"])
def test_who_ends_the_command_ends_what_it_serves(tmp_path: Path, is_in_background: bool) -> None:
    """A service manager, or a script that put it in the background, tells the one process."""
    served = tmp_path / "python"
    served.write_text(
        f"#!{sys.executable}\n"
        "import sys, time\n"
        "try:\n"
        "    print('serving', flush=True)\n"
        "    time.sleep(60)\n"
        "except KeyboardInterrupt:\n"
        "    sys.exit(7)\n"
    )
    served.chmod(0o755)
    # What a shell does to a command of a script that ends with `&`.
    ignored = "signal.signal(signal.SIGINT, signal.SIG_IGN); " if is_in_background else ""
    program = (
        "import signal, sys; from pathlib import Path; from pipelines.orchestration import instance; "
        "from pipelines.settings import Settings; "
        f"sys.executable = {str(served)!r}; {ignored}"
        f"sys.exit(instance.serve(Settings(home=Path({str(tmp_path)!r})), 3999))"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as up:
        assert up.stdout is not None
        assert up.stdout.readline() == b"serving\n"
        up.terminate()
        assert up.wait(timeout=60) == 7
