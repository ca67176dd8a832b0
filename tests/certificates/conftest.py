"""A small town of enterprises, a seal of its own, and the clock of the pilot."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from town import Town

from assets.lake.store import Store
from certificates.seal import Seal, development_seal


@pytest.fixture(scope="session")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Seal:
    return development_seal(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "lake")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "certificates"


@pytest.fixture
def town(store: Store) -> Town:
    return Town(store)


@pytest.fixture
def now() -> datetime:
    return datetime(2017, 3, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def later(now: datetime) -> datetime:
    return now + timedelta(days=30)


@pytest.fixture
def today() -> date:
    return date(2017, 3, 1)
