"""Administrative regions of the province over time: codes in force, retired, and succeeded.

Belongs here: `regions.yaml` and what follows from it about two codes. Does not: whose a case
is (the jurisdiction of a decision), or regions in identity numbers: they never change, and
any is believed.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

_FILE = Path(__file__).with_name("regions.yaml")
Code = Annotated[int, Field(ge=330_000, le=339_999)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Retired(_Strict):
    """A code that is no longer given, its last year, and the codes that took its area over."""

    code: Code
    last_year: int
    successors: tuple[Code, ...]


class Part(_Strict):
    """A code still in force whose area lost a part to another in a year."""

    code: Code
    from_year: int
    successors: tuple[Code, ...]


class Regions(_Strict):
    """The cities and counties of the province."""

    cities: dict[str, tuple[str, str]]
    """Name in Chinese and English, by the first four digits; `3300` is the province."""
    in_force: dict[str, tuple[Code, ...]]
    """By the first four digits of their city."""
    retired: tuple[Retired, ...]
    parts: tuple[Part, ...]

    def city(self, code: str) -> tuple[str, str] | None:
        """The city that a county or city code lies in, Chinese and English; None elsewhere."""
        return self.cities.get(code[:4])

    @property
    def known(self) -> frozenset[str]:
        """Every county code that is or was given."""
        present = (code for codes in self.in_force.values() for code in codes)
        return frozenset(map(str, (*present, *(one.code for one in self.retired))))

    def last_year(self, code: str) -> int | None:
        """The last year in which a retired code was given; None for any other."""
        return next((one.last_year for one in self.retired if str(one.code) == code), None)

    def successors(self, code: str) -> frozenset[str]:
        """Every code that has taken over of a code's area since, however many steps away."""
        return self.taken_over.get(code, frozenset())

    @functools.cached_property
    def taken_over(self) -> dict[str, frozenset[str]]:
        """`successors` of every code that has any; asked of every pair of codes."""
        edges = {str(one.code): one.successors for one in self.retired}
        edges |= {str(one.code): one.successors for one in self.parts}
        reached: dict[str, frozenset[str]] = {}
        for code in edges:
            found: set[str] = set()
            todo = [code]
            while todo:
                for successor in map(str, edges.get(todo.pop(), ())):
                    if successor not in found:
                        found.add(successor)
                        todo.append(successor)
            reached[code] = frozenset(found)
        return reached

    def may_be_one_place(self, one: str, other: str) -> bool:
        """Whether two county codes may name one place: equal, or one succeeded the other."""
        return one == other or other in self.successors(one) or one in self.successors(other)


@functools.cache
def load_regions(path: Path = _FILE) -> Regions:
    """The regions of the province."""
    return Regions.model_validate(yaml.load(path.read_text("utf-8"), yaml.CSafeLoader))
