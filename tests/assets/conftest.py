"""A province of the test's own: an empty inbox and an empty lake."""

from __future__ import annotations

from pathlib import Path

import pytest
from deliveries import Province

from assets.lake.store import Store


@pytest.fixture
def province(tmp_path: Path) -> Province:
    return Province(tmp_path, Store(tmp_path / "lake"))
