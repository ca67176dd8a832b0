"""The catalogue of checks as data: every id, its words, its severity, its reason.

Belongs here: the typed model of `catalogue.yaml` and its loading. Does not: any check, nor
where one is carried out (`checks.register`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

Severity = Literal["block", "DATA", "LAW", "WARN"]
"""What a finding does: stops the subject or the release; is not trusted; does not count; noted."""

_CLAUSE = re.compile(r"号|令\d+|regulations [A-J]\d")

_FILE = Path(__file__).with_name("catalogue.yaml")
SIZE = 124
"""Checks of the catalogue; none is dropped because it cannot be computed."""


class Entry(BaseModel):
    """One check of the catalogue.

    Attributes:
        id: group letter and number.
        severity: what its findings do, the strongest sense first.
        why: the clause it carries out, or what loaders learned.
        module: what does it on the way, where no check of its own does.
        decision: criteria of a decision that do it.
        lacks: what is not delivered, so that it, or a part of it, cannot be computed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[FEPJQCD]-\d{2}$")
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    severity: tuple[Severity, ...] = Field(min_length=1)
    why: str = Field(min_length=1)
    module: str | None = None
    decision: tuple[str, ...] = ()
    lacks: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _law_cites(self) -> Entry:
        if "LAW" in self.severity and not _CLAUSE.search(self.why):
            raise ValueError(f"{self.id}: LAW names its clause")
        return self


def load(path: Path = _FILE) -> tuple[Entry, ...]:
    """The catalogue, in its order.

    Raises:
        ValidationError: an entry does not hold to the model.
        ValueError: an id occurs twice, or the catalogue is not whole.
    """
    told: Any = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    entries = TypeAdapter(tuple[Entry, ...]).validate_python(told)
    if len({entry.id for entry in entries}) != len(entries) or len(entries) != SIZE:
        raise ValueError(f"{path.name}: {len(entries)} entries; each of {SIZE} once is wanted")
    return entries


CATALOGUE = load()
BY_ID = {entry.id: entry for entry in CATALOGUE}
