"""A tiny province taken through the whole chain once, and copies of it for tests that write."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.chain import ChainReport, run_chain
from pipelines.demo import AS_OF, make_sample
from pipelines.office import Office
from pipelines.settings import Settings, load

ENTERPRISES = 50


def _take_through(folder: Path) -> None:
    """The chain on a new home, and its report beside it."""
    home = folder / "home"
    make_sample(Settings(home=home), enterprises=ENTERPRISES, seed=1, as_of=AS_OF)
    report = run_chain(Office(load(home)))
    assert report.is_success, report.failures or report.failed_checks
    (folder / "report.json").write_text(json.dumps(report.as_json()))


@pytest.fixture(scope="session")
def town(made_once: Callable[[str, Callable[[Path], None]], Path]) -> tuple[Path, ChainReport]:
    """A home on which the chain has run once, and what became of the run. Not to be written."""
    folder = made_once("town", _take_through)
    return folder / "home", ChainReport(**json.loads((folder / "report.json").read_text()))


@pytest.fixture(scope="session")
def home(town: tuple[Path, ChainReport]) -> Path:
    """The home of the town. Not to be written."""
    return town[0]


@pytest.fixture
def office(town: tuple[Path, ChainReport], tmp_path: Path) -> Office:
    """The office of a copy of the town, to be written."""
    return Office(load(Path(shutil.copytree(town[0], tmp_path / "home"))))


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MIAOBAN_HOME", "MIAOBAN_CLOCK", "MIAOBAN_PROFILE"):
        monkeypatch.delenv(name, raising=False)
