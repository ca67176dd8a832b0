"""Taking another turn when another writer was first.

Belongs here: the retry that exactly-once stages ask for (`SnapshotConflict`: read again and
find what is left). Does not: any stage.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from assets.lake.store import SnapshotConflict

T = TypeVar("T")
TURNS = 8
"""Each conflict means that another writer got something done; so many in a row are a fault."""


def in_turn(stage: Callable[[], T]) -> T:
    """Call a stage until no other writer has grown its log meanwhile.

    Raises:
        SnapshotConflict: it lost `TURNS` times in a row.
    """
    for _ in range(TURNS - 1):
        try:
            return stage()
        except SnapshotConflict:
            continue
    return stage()
