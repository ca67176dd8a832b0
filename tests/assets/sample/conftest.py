"""A small province, made once."""

from __future__ import annotations

import polars as pl
import pytest
from provinces import AS_OF, ENTERPRISES, SEED, Made, clean_frames

from assets.sample import generate


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    home = tmp_path_factory.mktemp("sample")
    report = generate(home / "inbox", ENTERPRISES, SEED, AS_OF, home / "truth")
    return Made(home / "inbox", home / "truth", report)


@pytest.fixture(scope="session")
def frames() -> dict[str, pl.DataFrame]:
    return clean_frames(ENTERPRISES)
