"""Notices that extended the validity of certificates as a whole: the form of their data (F9).

Belongs here: one line of `extensions.yaml`. Does not: what becomes of a certificate's last day
(`decisions.holdings.validity`).
"""

from __future__ import annotations

from datetime import date

from pydantic import model_validator

from decisions.rulebook.codes import Authority
from decisions.rulebook.model import Basis, LevelName, Strict

NEVER = date(9999, 12, 31)
"""The last day of what is extended to a day that is not set yet."""


class Extension(Strict):
    """A notice that extended what runs out within some days."""

    id: str
    title_zh: str
    effective_from: date
    """First day on which it is known: of an earlier decision it says nothing."""
    levels: tuple[LevelName, ...] = ()
    """Which levels it is about; none named: all."""
    expires_from: date
    expires_to: date = NEVER
    """The last valid days that it extends, by what was printed or extended before."""
    valid_to: date = NEVER
    surely: tuple[Authority, ...]
    """Whose certificates it names."""
    perhaps: tuple[Authority, ...]
    """Whose certificates may have been extended with them."""
    spares_one_year: bool = False
    basis: Basis
    sources: tuple[str, ...]
    note: str = ""

    @model_validator(mode="after")
    def _extends(self) -> Extension:
        if not self.expires_from <= self.expires_to <= self.valid_to:
            raise ValueError("expires_from, expires_to and valid_to must follow each other")
        if set(self.surely) & set(self.perhaps):
            raise ValueError("an authority stands in surely or in perhaps, not in both")
        return self
