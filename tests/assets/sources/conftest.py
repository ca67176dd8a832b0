"""A platform's server, one for all tests of this folder, as it is before each of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from platforms import Platform, row


@pytest.fixture(scope="session")
def platform_server() -> Iterator[Platform]:
    script = Path(__file__).with_name("platform_server.py")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield Platform(int(process.stdout.readline()))
        process.terminate()


@pytest.fixture
def platform(platform_server: Platform) -> Platform:
    platform_server.set(
        rows=[row(f"F{n}") for n in range(1, 8)], faults=[], always="", mode="", calls=[],
        token="secret-1", token_calls=0, expires_after=None,
    )  # fmt: skip
    return platform_server
