"""Polars is loaded after its allocator has been told what to keep."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from assets.lake.allocator import SETTING

TOLD = f"import os, sys; print('polars' in sys.modules, os.environ['{SETTING}'])"


def told(program: str, **env: str) -> list[str]:
    """What a fresh process prints."""
    given = {name: value for name, value in os.environ.items() if name != SETTING}
    done = subprocess.run(
        [sys.executable, "-c", program], env=given | env, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.mark.parametrize("room", ["pipelines", "benchmarks"])
def test_the_rooms_that_start_processes_set_it_before_polars_is_loaded(room: str) -> None:
    loaded, setting = told(f"import {room}; {TOLD}")
    assert loaded == "False"
    assert setting.startswith("dirty_decay_ms:60000")


def test_what_an_office_sets_itself_stands() -> None:
    _, setting = told(f"import pipelines; {TOLD}", **{SETTING: "dirty_decay_ms:0"})
    assert setting == "dirty_decay_ms:0"
