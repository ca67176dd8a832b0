"""What has changed since the last release, as the checks need to know it.

Belongs here: on which versions, day and checks the last release's findings rest, and which rows
differ from them now. Does not: which verdicts that touches (`checks.nights.neighbourhood`), or any
check.

A release names the versions that passed. Its findings can be carried over to the next only if it
is known that these very checks made them of these very versions, and on which day: each run
leaves that in `check__basis`. Whatever does not fit is a reason to check everything anew.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from assets.channels import PROVENANCE
from assets.lake.changes import Changes, changes
from assets.lake.declaration import Layer, Table
from assets.lake.store import SnapshotConflict, Store
from assets.tables import RELEASED_TABLES, check, enterprise, personnel, project
from checks import release

_ROOMS = (Path(__file__).parent, Path(__file__).parents[1] / "assets")
_TURNS = 8
_STAGE = "findings"


CLEARING = (
    enterprise.REGISTRY,
    personnel.PERSON,
    personnel.REGISTRATION,
    personnel.INSURANCE,
    personnel.TECHNICAL_LEAD,
    project.CONTRACT,
    project.ACCEPTANCE,
    project.PARTY,
)
"""Tables of which checks ask whether a row came after one that was set apart, and so clears it."""


def compared(table: Table) -> list[str]:
    """Columns in which the rows of a table then and now are compared.

    Of base tables and claims not where a row came from, and of few when: no check that carries
    findings over asks more, it is a third of them, and most news say what was said before.
    """
    if table.layer not in (Layer.BASE, Layer.HISTORY):
        return table.schema.names()
    came = ["received_at"] if table in CLEARING else []
    return [*(name for name in table.schema if name not in PROVENANCE), *came]


@functools.cache
def checks_digest() -> str:
    """A digest of all checks, and of everything that they are written with."""
    told = hashlib.blake2b(pl.__version__.encode(), digest_size=8)
    for room in _ROOMS:
        for file in sorted(room.rglob("*")):
            if file.suffix in (".py", ".yaml"):
                told.update(file.relative_to(room).as_posix().encode())
                told.update(file.read_bytes())
    return told.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """The last release, whose findings are known to rest on these checks, and what is new."""

    store: Store
    as_of: date
    """The day that its findings are about."""
    results: pl.DataFrame
    """Rows of `check__result` of the run that it rests on."""
    versions: dict[str, int | None]
    """What the checks read then, by name of the table."""
    findings_version: int
    _known: dict[str, Changes] = field(default_factory=dict)

    def is_same(self, table: Table) -> bool:
        """Whether a table stands at the version that was read then."""
        name = table.name
        return name in self.versions and self.store.version(table) == self.versions[name]

    def changes(self, table: Table) -> Changes:
        """The rows of a table that differ since in what is `compared`; asked for once.

        Raises:
            EarlierUnreadable: what was read then has been vacuumed.
        """
        if table.name not in self._known:
            version = self.versions[table.name]
            if version is None:
                fresh = self.store.scan(table).select(compared(table)).collect()
                new = Changes(fresh.clear(), fresh)
            else:
                new = changes(self.store, table, version, compared(table))
            self._known[table.name] = new
        return self._known[table.name]

    def grown_as_told(self, table: Table) -> bool:
        """Whether a table has as many rows as the changes make of those that it had then.

        Where one was written a second time it has more.
        """
        before, new = self._passed("key", table), self.changes(table)
        told = int(before["row_count"].sum()) + new.fresh.height - new.gone.height
        return before.height == 1 and self.store.count(table) == told

    def passed(self, check_id: str, table: Table) -> bool:
        """Whether a check of a table as a whole found no row at all then."""
        return self._passed(check_id, table).height == 1

    def passed_on_same(self, check_id: str, table: Table) -> int | None:
        """The rows that such a check looked at then, where these are those of today."""
        found = self._passed(check_id, table)
        if found.height != 1 or not self.is_same(table):
            return None
        count: int = found["row_count"].item()
        return count

    def _passed(self, check_id: str, table: Table) -> pl.DataFrame:
        return self.results.filter(
            pl.col("place") == "whole",
            pl.col("check_id") == check_id,
            pl.col("target") == table.name,
            pl.col("status") == "passed",
            pl.col("failed_count") == 0,
        )

    def findings(self) -> pl.DataFrame:
        """The findings of the release."""
        return self.store.read(check.FINDING, self.findings_version)


def last_release(store: Store) -> Since | None:
    """What has changed since the last release; None where its findings cannot be carried over."""
    last = release.latest(store)
    if last is None or check.FINDING.name not in last.versions:
        return None
    version = last.versions[check.FINDING.name]
    told = (
        store.scan(check.BASIS)
        .filter(pl.col("findings_version") == version, pl.col("checks_digest") == checks_digest())
        .sort("as_of")
        .collect()
    )
    pinned = {name: v for name, v in last.versions.items() if name != check.FINDING.name}
    for row in told.reverse().iter_rows(named=True):
        versions: dict[str, int | None] = json.loads(row["versions_json"])
        if pinned.items() <= versions.items():
            return Since(
                store=store,
                as_of=row["as_of"],
                results=store.scan(check.RESULT).filter(pl.col("run_id") == last.run_id).collect(),
                versions=versions,
                findings_version=version,
            )
    return None


def note(store: Store, as_of: date, versions: Mapping[str, int | None]) -> None:
    """Leaves on what the present findings and results rest, once.

    Where the same findings are known to rest on the same released tables, nothing is added,
    though others that were read have grown since (each decision does that): what differs from
    the older versions is more, never less, than what differs from the newer.

    Args:
        store: the lakehouse; the run of the checks is logged, and not released yet.
        as_of: the day that the checks asked about.
        versions: of the tables that they read.
    """
    row = pl.DataFrame(
        {
            "findings_version": [store.version(check.FINDING)],
            "as_of": [as_of],
            "checks_digest": [checks_digest()],
            "versions_json": [json.dumps(versions, sort_keys=True)],
        },
        schema=check.BASIS.schema,
    )
    for _ in range(_TURNS):
        turn = store.turn(check.BASIS, _STAGE)
        known = row.drop("versions_json").join(
            turn.scan().collect(), on=["findings_version", "as_of", "checks_digest"]
        )
        told = known["versions_json"].to_list()
        if any(_released(json.loads(text)) == _released(versions) for text in told):
            return
        try:
            turn.append(row)
        except SnapshotConflict:
            continue
        return
    raise SnapshotConflict(f"{check.BASIS.name}: others kept writing; run the checks again")


def _released(versions: Mapping[str, int | None]) -> dict[str, int | None]:
    return {table.name: versions.get(table.name) for table in RELEASED_TABLES}
