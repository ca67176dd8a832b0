"""Where each check of the catalogue is carried out, from the code itself.

Belongs here: finding the row rules, suites, cross-channel checks and checks of whole tables
that carry a check's id. Does not: the catalogue's words (`checks.catalogue`) or any check.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assets.tables import BASE_TABLES
from checks.catalogue import Entry
from checks.cross import CHECKS
from checks.quality.whole import CATALOGUED

Kind = Literal["row", "suite", "cross", "whole", "module", "decision"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a check, or a part of it, is carried out: the kind of place and its name."""

    kind: Kind
    name: str


def places(entry: Entry) -> tuple[Place, ...]:
    """Every place where an entry is carried out; none if it cannot be computed at all.

    A rule of rows is also stated by the suite of its table.
    """
    ruled = [
        table.name for table in BASE_TABLES for rule in table.rules if rule.check_id == entry.id
    ]
    crossed = [
        target.name
        for one in CHECKS
        if one.id.partition(":")[0] == entry.id
        for target in one.targets
    ]
    return (
        *([Place("module", entry.module)] if entry.module else []),
        *(Place("row", name) for name in ruled),
        *(Place("suite", name) for name in ruled),
        *(Place("cross", name) for name in dict.fromkeys(crossed)),
        *(Place("whole", name) for name in CATALOGUED.get(entry.id, ())),
        *(Place("decision", name) for name in entry.decision),
    )
