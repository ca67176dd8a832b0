"""A tiny province taken through the whole chain once, and copies of it for tests that write."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelines.chain import ChainReport, run_chain
from pipelines.demo import AS_OF, make_sample
from pipelines.office import Office
from pipelines.settings import Settings, load

ENTERPRISES = 50


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ChainReport]:
    """A home on which the chain has run once, and what became of the run. Not to be written."""
    home = tmp_path_factory.mktemp("town")
    make_sample(Settings(home=home), enterprises=ENTERPRISES, seed=1, as_of=AS_OF)
    return home, run_chain(Office(load(home)))


@pytest.fixture
def office(town: tuple[Path, ChainReport], tmp_path: Path) -> Office:
    """The office of a copy of the town, to be written."""
    return Office(load(Path(shutil.copytree(town[0], tmp_path / "home"))))


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MIAOBAN_HOME", "MIAOBAN_CLOCK", "MIAOBAN_PROFILE"):
        monkeypatch.delenv(name, raising=False)
