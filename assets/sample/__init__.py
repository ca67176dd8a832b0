"""The sample province: a deterministic generator of channel deliveries, and the truth about them.

What belongs here: made-up enterprises, people, works, money and applications, with valid
identifiers that can belong to nobody, written as the channels write. What does not: reading
them, or any decision. It never writes into the lakehouse.
"""

from __future__ import annotations

from assets.sample.databases import connections
from assets.sample.delivery import SIZES, SampleReport, generate
from assets.sample.platforms import leave_as_fetched, serving, take_over

__all__ = [
    "SIZES",
    "SampleReport",
    "connections",
    "generate",
    "leave_as_fetched",
    "serving",
    "take_over",
]
