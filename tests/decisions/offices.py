"""A lakehouse that holds portfolios, released, with its clock in the hands of the test.

Belongs here: writing what portfolios know into real Delta tables, and the stages run on them. Does
not: what should come of it.
"""

from __future__ import annotations

import atexit
import json
import shutil
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import polars as pl
from portfolio import Portfolio, applications_of, frames_of, instant
from shipped import BOOK

from assets.lake.declaration import Mode, Table
from assets.lake.store import Store
from assets.tables import BY_NAME, check, decision, intake, personnel
from certificates.issuing.issue import IssueReport, issue_pending
from certificates.seal import Seal, development_seal
from decisions.engine import Decided
from decisions.stage import decide_pending

LOGS = (
    intake.APPLICATION, intake.REJECTED_FILING, check.RELEASE,
    decision.DECISION, decision.CRITERION, decision.EVIDENCE, decision.MISSING, decision.RULEBOOK,
)  # fmt: skip
"""What the stages of decisions write. An office that has issued nothing has no register yet."""


@dataclass
class Office:
    """An office at work on its own lakehouse, under `folder`.

    Where it has `released` before, its last release told what the portfolios know.
    """

    folder: Path
    portfolios: list[Portfolio] = field(default_factory=list)
    released: int = 0
    _written: dict[str, tuple[pl.DataFrame, int | None]] = field(default_factory=dict)
    """Rows of the last release by table, and their version: what has not changed stays."""

    def __post_init__(self) -> None:
        if not (self.folder / "lake").exists():
            shutil.copytree(_empty_lake(), self.folder / "lake")
            self._written = {name: (rows, 0) for name, rows in frames_of([]).items()}
        elif self.released:
            versions = json.loads(self.store.read(check.RELEASE)["versions_json"][-1])
            known = frames_of(self.portfolios)
            self._written = {name: (rows, versions[name]) for name, rows in known.items()}

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
            written, version = self._written.get(name, (None, None))
            if written is None or not rows.equals(written):
                version = _write(store, BY_NAME[name], rows)
            self._written[name] = rows, version
            versions[name] = version
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


def _write(store: Store, table: Table, rows: pl.DataFrame) -> int | None:
    if table.mode is Mode.VIEW:
        return store.replace(table, rows)
    known = store.read(table)
    return store.append(table, rows.join(known, on=["delivery_id", "row_no"], how="anti"))


@cache
def _empty_lake() -> Path:
    """The tables that portfolios fill, and the logs of the stages, with nothing in them.

    Made once in a process.
    """
    folder = Path(mkdtemp())
    atexit.register(shutil.rmtree, folder)
    for name, rows in frames_of([]).items():
        _write(Store(folder), BY_NAME[name], rows)
    for log in LOGS:
        Store(folder).turn(log, "made")
    return folder


def at(day: date, hour: int = 10) -> datetime:
    """A moment of a day in China."""
    return instant(day, hour)


DECORATED_ON = date(2017, 3, 1)


def decorator() -> Portfolio:
    """An enterprise that applies for S11 二级 first, and meets it."""
    return Portfolio.meeting("S11", "二级", kind="first", filed_on=DECORATED_ON)


def decorated(folder: Path) -> None:
    """An office that has granted it that, and issued the certificate."""
    office = Office(folder)
    office.file(decorator())
    office.release(at(DECORATED_ON, 8))
    office.decide(at(DECORATED_ON, 11))
    office.issue(at(DECORATED_ON, 12))
