"""What a drill measures of one fault, and the province it measures it on.

Belongs here: what the parts of the drill share. Does not: measuring.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

SEED, AS_OF = 20161114, date(2017, 3, 1)
NOW = datetime(2017, 3, 1, 2, tzinfo=UTC)
KEY = b"k" * 32


@dataclass(frozen=True, slots=True)
class FaultFigures:
    """One fault: how many were injected, how many found and classed as meant, and precision.

    `precision` is None where the fault is no finding: rows that are only normalised.
    """

    fault: str
    expected: str
    injected: int
    found: int
    precision: float | None
