"""Random numbers that belong to a row, not to a run: a counter-based hash of seed and keys.

What belongs here: drawing. What does not: what is drawn. A value depends only on the seed,
the name of its stream and its keys (enterprise, slot, month ...), so it does not change
with the number of enterprises or the size of a block: every size is a prefix of the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def _mix(state: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of splitmix64 (Steele, Lea, Flood 2014)."""
    with np.errstate(over="ignore"):
        state = (state ^ (state >> np.uint64(30))) * _MIX_1
        state = (state ^ (state >> np.uint64(27))) * _MIX_2
    mixed: npt.NDArray[np.uint64] = state ^ (state >> np.uint64(31))
    return mixed


class Draws:
    """Draws of one seed.

    Args:
        seed: of the whole sample; equal seeds give equal draws on every machine.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._streams: dict[str, np.uint64] = {}

    def enterprise(self, index: int) -> np.random.Generator:
        """The generator of one enterprise, for what is drawn once per enterprise."""
        return np.random.default_rng([self.seed, index])

    def uniform(self, stream: str, *keys: Any) -> Floats:
        """One number in [0, 1) per row of the broadcast integer `keys`."""
        state = np.asarray(self._stream(stream))
        for key in keys:
            with np.errstate(over="ignore"):
                state = _mix((state ^ np.asarray(key, np.int64).astype(np.uint64)) + _GOLDEN)
        drawn: Floats = (state >> np.uint64(11)).astype(np.float64) * 2.0**-53
        return drawn

    def integers(self, stream: str, low: int, high: Any, *keys: Any) -> Ints:
        """Whole numbers from `low` to below `high` (`high` may differ by row)."""
        width = np.asarray(high, np.float64) - low
        drawn: Ints = low + np.floor(self.uniform(stream, *keys) * width).astype(np.int64)
        return drawn

    def pick(
        self, stream: str, options: Sequence[str], weights: Sequence[float], *keys: Any
    ) -> npt.NDArray[Any]:
        """One of `options` per row, by `weights` (any positive scale)."""
        bounds = np.cumsum(np.asarray(weights, np.float64))
        chosen = np.searchsorted(bounds / bounds[-1], self.uniform(stream, *keys), side="right")
        return np.asarray(options, dtype=object)[np.minimum(chosen, len(options) - 1)]

    def chance(self, stream: str, probability: Any, *keys: Any) -> npt.NDArray[np.bool_]:
        """True with `probability` per row."""
        hit: npt.NDArray[np.bool_] = self.uniform(stream, *keys) < probability
        return hit

    def _stream(self, name: str) -> np.uint64:
        if name not in self._streams:
            digest = hashlib.blake2b(f"{self.seed}/{name}".encode(), digest_size=8).digest()
            self._streams[name] = np.uint64(int.from_bytes(digest, "big"))
        return self._streams[name]
