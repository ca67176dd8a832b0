"""Notices that extended whole classes of certificates (F9): to which day one is surely, perhaps, good.

Belongs here: reading decisions/standards/extensions.yaml. Does not: what is held (`held`).
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from plain import law
from plain.days import years_later
from plain.doubt import Truth

OPEN = date(9999, 12, 31)


@cache
def notices() -> list[dict[str, Any]]:
    """All of them, in the order of the days they extend."""
    loaded: list[dict[str, Any]] = law.read("extensions.yaml")
    return loaded


class Term:
    """When a certificate runs out.

    Args:
        printed: the last day on its face.
        authority: whose it is; None = nobody says.
        level: of the qualification; empty for one that is no builder's.
        issued_on: when it was issued.
        known_on: later notices are not known yet.
    """

    def __init__(
        self,
        printed: date,
        authority: str | None,
        level: str,
        issued_on: date | None,
        known_on: date,
    ) -> None:
        self.surely = self.perhaps = printed
        for one in notices():
            if one["effective_from"] > known_on or level not in one.get("levels", [level]):
                continue
            if authority and authority not in one["surely"] + one["perhaps"]:
                continue
            first, last = one["expires_from"], one.get("expires_to", OPEN)
            is_named = one["basis"] == "seen" and authority in one["surely"]
            # Nothing printed tells one of the single year of 79号 from a late copy of another.
            short = issued_on is None or self.surely <= years_later(issued_on, 1)
            if first <= self.perhaps and self.surely <= last:
                self.perhaps = max(self.perhaps, one.get("valid_to", OPEN))
            if (
                is_named
                and first <= self.surely <= last
                and not (short and one.get("spares_one_year"))
            ):
                self.surely = one.get("valid_to", OPEN)

    def runs(self, day: date) -> Truth:
        """Whether it is valid on a day."""
        if day <= self.surely:
            return True
        return None if day <= self.perhaps else False
