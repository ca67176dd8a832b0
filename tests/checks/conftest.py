"""Where the tests of this room keep their lakehouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets.lake.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "lake")
