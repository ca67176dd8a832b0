"""The persistent instance is made once; a process that died in a run does not block the next."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from pipelines.instance import IN_PROCESS_TAG, Busy, open_instance, prepare, sole_runner

DIE_IN_A_POOL = """
import os, signal, sys
from pathlib import Path
import dagster as dg
from pipelines.instance import IN_PROCESS_TAG, sole_runner

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


def test_who_ends_the_command_ends_what_it_serves(tmp_path: Path) -> None:
    """A service manager tells the one process that it started."""
    served = tmp_path / "python"
    served.write_text(
        f"#!{sys.executable}\n"
        "import signal, sys, time\n"
        "signal.signal(signal.SIGINT, lambda *_: sys.exit(7))\n"
        "print('serving', flush=True)\n"
        "time.sleep(60)\n"
    )
    served.chmod(0o755)
    program = (
        "import sys; from pathlib import Path; from pipelines import instance; "
        "from pipelines.settings import Settings; "
        f"sys.executable = {str(served)!r}; "
        f"sys.exit(instance.serve(Settings(home=Path({str(tmp_path)!r})), 3999))"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as up:
        assert up.stdout is not None
        assert up.stdout.readline() == b"serving\n"
        up.terminate()
        assert up.wait(timeout=60) == 7
