"""A lakehouse that holds portfolios, released, with its clock in the hands of the test.

Belongs here: writing what portfolios know into real Delta tables, and the stages run on them. Does
not: what should come of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import polars as pl
from portfolio import Portfolio, applications_of, frames_of, instant
from shipped import BOOK

from assets.declaration import Mode
from assets.store import Store
from assets.tables import BY_NAME, check, decision, intake, personnel
from certificates.issue import IssueReport, issue_pending
from certificates.seal import Seal, development_seal
from decisions.engine import Decided
from decisions.stage import decide_pending


@dataclass
class Office:
    """An office at work on its own lakehouse, under `folder`."""

    folder: Path
    portfolios: list[Portfolio] = field(default_factory=list)
    released: int = 0

    @property
    def store(self) -> Store:
        """Opened anew, as another process would."""
        return Store(self.folder / "lake")

    def file(self, *portfolios: Portfolio) -> None:
        """Their applications come in."""
        self.portfolios += portfolios
        self.store.append(intake.APPLICATION, applications_of(portfolios))

    def release(self, now: datetime) -> str:
        """What the portfolios know by now, as the next release; returns its id."""
        store, versions = self.store, {}
        for name, rows in frames_of(self.portfolios).items():
            table = BY_NAME[name]
            if table.mode is Mode.VIEW:
                versions[name] = store.replace(table, rows)
            else:
                known = store.read(table)
                new = rows.join(known, on=["delivery_id", "row_no"], how="anti")
                versions[name] = store.append(table, new)
        if (stated := store.version(personnel.IDENTITY)) is not None:
            versions[personnel.IDENTITY.name] = stated
        self.released += 1
        release_id = f"R{self.released:06d}"
        row = {
            "release_id": release_id,
            "released_at": now,
            "run_id": f"{release_id}-1",
            "versions_json": json.dumps(versions),
            "checks_passed": 0,
            "checks_failed": 0,
        }
        store.append(check.RELEASE, pl.DataFrame([row], schema=check.RELEASE.schema))
        return release_id

    def decide(self, now: datetime, supplement_days: int | None = None) -> Decided:
        """One turn of the stage."""
        return decide_pending(self.store, BOOK, now, supplement_days=supplement_days)

    def issue(self, now: datetime) -> IssueReport:
        """Certificates of what is granted."""
        return issue_pending(self.store, self._seal, self.folder / "certificates", now)

    @property
    def _seal(self) -> Seal:
        return development_seal(self.folder / "keys", "浙江省住房和城乡建设厅")

    def decisions(self) -> pl.DataFrame:
        """The log, in order."""
        return self.store.read(decision.DECISION).sort("application_id", "evaluation_no")

    def outcomes(self) -> list[str]:
        """The outcomes of the log, in its order."""
        return self.decisions()["outcome"].to_list()


def at(day: date, hour: int = 10) -> datetime:
    """A moment of a day in China."""
    return instant(day, hour)
