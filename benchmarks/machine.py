"""The machine, the versions, and how a measurement is printed.

Belongs here: what every benchmark says about itself. Does not: any measurement.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

BENCH = Path(__file__).parents[1] / ".bench"
LIBRARIES = ("polars", "deltalake", "dagster", "great-expectations", "pyhanko", "typst")


def describe() -> str:
    """One paragraph: processor, cores, memory, system, versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.platform()}, "
        f"Python {platform.python_version()}; {versions}"
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def timed(work: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds that something took, by the clock and of all processor cores."""

    wall: float
    processor: float

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.wall + other.wall, self.processor + other.processor)

    @property
    def told(self) -> str:
        """Both, for a report."""
        return f"{self.wall:.1f} s, cpu {self.processor:.1f} s"


def spent(work: Callable[[], T]) -> tuple[T, Spent]:
    """What one call gives, and the seconds it takes."""
    wall, processor = time.perf_counter(), time.process_time()
    given = work()
    return given, Spent(time.perf_counter() - wall, time.process_time() - processor)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]


def peak_gib() -> float:
    """Largest resident size of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def say(what: str, value: str, beside: str = "") -> None:
    """One line of a report: what, value, and the limit it stands beside."""
    print(f"  {what:<46} {value:>24}   {beside}", flush=True)
