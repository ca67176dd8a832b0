"""A small province for the tests of the sample: its arguments and its clean rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl

from assets.sample import SampleReport, clean

SEED = 20161114
AS_OF = date(2017, 3, 1)
ENTERPRISES = 200


class Made(NamedTuple):
    """Where a province was written, and what the generator says of it."""

    inbox: Path
    truth: Path
    report: SampleReport


def clean_frames(enterprises: int, size: int = clean.BLOCK) -> dict[str, pl.DataFrame]:
    """The clean rows of all blocks together."""
    parts: dict[str, list[pl.DataFrame]] = {}
    for block in clean.blocks(enterprises, SEED, AS_OF, size):
        for name, frame in block.items():
            parts.setdefault(name, []).append(frame)
    return {name: pl.concat(frames, how="diagonal_relaxed") for name, frames in parts.items()}
