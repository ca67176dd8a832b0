"""How the memory that Polars has freed is kept for the next table.

Belongs here: the one setting of its allocator. Does not: anything that imports Polars, which reads
the setting when it is loaded.
"""

from __future__ import annotations

import os

SETTING = "_RJEM_MALLOC_CONF"
_KEPT = "dirty_decay_ms:60000,muzzy_decay_ms:60000"


def keep_freed_memory() -> None:
    """Give freed memory back after a minute, where it is not set otherwise.

    By default it goes back within half a second. Work that makes one table after another then
    has the system clear the same pages again and again: a quarter of what everybody's what-if took.
    To be called before Polars is imported.
    """
    os.environ.setdefault(SETTING, _KEPT)
