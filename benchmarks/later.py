"""The second night of the drill: contradictions, late corrections and deletions.

Belongs here: what comes of the deliveries of `assets.sample.second_night`. Does not: faults of
writing, which the first night has (`benchmarks.drill`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from assets import identifiers
from assets.bases.claims import claim_table
from assets.channels import Channel
from assets.collection import collect
from assets.lake.history import history_table
from assets.lake.store import Store
from assets.persons import numbers_at
from assets.sample import connections
from assets.sample.newcomers import Expected
from assets.sample.second_night import CORRECTIONS, second_night
from assets.tables import check, decision, intake, personnel
from benchmarks.measured import AS_OF, KEY, NOW, SEED, FaultFigures
from benchmarks.truth import keyed, orphaned, target_of
from checks import cross
from checks.across import deliveries, grants, parents
from checks.across.common import CrossCheck
from checks.since import Since

_EVALUATION = ["application_id", "evaluation_no"]
_SAYS = ["check_id", "target", "usc_code", "row_key"]
_FILE = ["channel", "feed", "file"]
REASONS = {
    "total_line": "usc_code:required",
    "noughts_lost": "usc_code:unknown_alias",
    "equity_mismatch": "E-13",
    "test_row": "env_flag:test_row",
}
"""Odd row to the end of the reason it must be set apart for."""
_WEEK = timedelta(days=parents.WAIT_DAYS + 2)


class Later:
    """Writes, collects and checks the second night.

    Args:
        store: the lakehouse of the first night, whose findings are there.
        inbox: where the deliveries go.
        first: clean rows of the first night.
        channels: the senders, of whom some tell deletions.
        database_folder: where their databases are.
        truth: the faults of writing of the first night.
    """

    def __init__(
        self,
        store: Store,
        inbox: Path,
        first: Mapping[str, pl.DataFrame],
        channels: Mapping[str, Channel],
        database_folder: Path,
        truth: pl.DataFrame,
    ) -> None:
        self._store, self._first, self._truth = store, first, truth
        counted = _counted_titles(store)
        self.night = second_night(inbox, first, channels, SEED, AS_OF, database_folder, counted)
        # What the grants of the first night show by themselves.
        granted = self._examined(AS_OF, grants.CHECKS)
        before = pl.concat([store.read(check.FINDING), granted])
        held = {why: self._held(key, rows) for why, key, rows in self._changing()}
        self._apart = self._set_apart()
        reached = connections(database_folder, channels)
        versions = {table.name: store.version(table) for table in cross.READ}
        findings_version = store.version(check.FINDING)
        assert findings_version is not None
        since = Since(
            store=store,
            as_of=AS_OF,
            results=check.RESULT.empty(),
            versions=versions,
            findings_version=findings_version,
        )
        collect(store, inbox, KEY, NOW + timedelta(hours=1), channels, reached)
        tables = {table.name: store.scan(table) for table in cross.READ}
        everything = cross.examine(tables, AS_OF, numbers=numbers_at(store)).findings
        carried = cross.run(store, AS_OF, since).findings
        self.findings_wrong = len(
            set(everything.iter_rows()).symmetric_difference(carried.iter_rows())
        )
        waited = self._examined(AS_OF + _WEEK, parents.CHECKS)
        self._fresh = pl.concat([store.read(check.FINDING), waited]).join(
            before, on=_SAYS, how="anti"
        )
        self._held_before = held

    def _examined(self, as_of: date, checks: tuple[CrossCheck, ...]) -> pl.DataFrame:
        tables = {table.name: self._store.scan(table) for table in cross.READ}
        return cross.examine(tables, as_of, checks, numbers=numbers_at(self._store)).findings

    def _changing(self) -> Iterator[tuple[str, str, pl.DataFrame]]:
        """What is to change, by the key of its table or the shape of its deletion."""
        yield from ((key, key, rows) for key, rows in self.night.corrected.items())
        yield from ((shape, key, rows) for shape, (key, rows) in self.night.deleted.items())

    def _held(self, key: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Of changing rows the keys that the base holds now: others were set apart."""
        table = target_of(key)
        on = list(table.key)
        told = keyed(table, rows)
        return told.join(self._store.read(table).select(on), on=on, how="semi")

    def figures(self) -> Iterator[FaultFigures]:
        """Of each check, of the corrections and of every shape of deletion."""
        yield from self._findings()
        yield self._corrections()
        for shape, (key, _) in self.night.deleted.items():
            yield self._deletion(shape, key)
        yield from self._files()
        yield from self._rows()
        yield self._names()

    def clean(self) -> dict[str, pl.DataFrame]:
        """The truth after the second night."""
        rows = dict(self._first)
        for key, changed in self.night.corrected.items():
            on = _identity(key, rows[key])
            kept = rows[key].join(changed, on=on, how="anti", nulls_equal=True)
            rows[key] = pl.concat([kept, changed.drop("before")])
        for key, gone in self.night.deleted.values():
            rows[key] = rows[key].join(gone, on=gone.columns, how="anti", nulls_equal=True)
        for key, added in self.night.added.items():
            rows[key] = pl.concat([rows.get(key, added.clear()), added], how="diagonal_relaxed")
        return rows

    def clean_rows_apart(self) -> int:
        """Sound rows of the second night that were set apart."""
        meant = self.night.spoilt.filter(expected="quarantined").height
        return self._set_apart() - self._apart - meant

    def _set_apart(self) -> int:
        """Rows ever set apart; that a doubt was cleared since is told beside them."""
        return self._store.read(intake.QUARANTINE).filter(pl.col("cleared_at").is_null()).height

    # -- what was found --------------------------------------------------------------

    def _findings(self) -> Iterator[FaultFigures]:
        meant = pl.DataFrame(
            [
                {
                    "check_id": one.check_id,
                    "target": one.target,
                    "usc_code": one.usc_code,
                    "row_key": _row_key(one),
                }
                for one in self.night.expected
            ]
        )
        meant = pl.concat([meant, orphaned(self._truth, self._first, self.clean())]).unique()
        fresh = self._fresh.select(_SAYS).unique()
        for check_id in meant["check_id"].unique().sort():
            here = meant.filter(check_id=check_id)
            told = fresh.filter(check_id=check_id)
            hit = here.join(told, on=_SAYS, how="semi").height
            precision = hit / told.height if told.height else 0.0
            yield FaultFigures(check_id, "finding", here.height, hit, precision)

    def unforeseen(self) -> pl.DataFrame:
        """Findings of the second night that no case was made for."""
        checks = {one.check_id for one in self.night.expected}
        return self._fresh.filter(~pl.col("check_id").is_in(checks))

    def _corrections(self) -> FaultFigures:
        injected = found = 0
        for key in self.night.corrected:
            table, rows = target_of(key), self._held_before[key]
            on = list(table.key)
            column, _ = CORRECTIONS[key]
            now = self._store.read(table).select(*on, column)
            stands = rows.join(now, on=[*on, column], how="semi", nulls_equal=True)
            before = rows.with_columns(pl.col("before").cast(table.schema[column]))
            past = self._store.read(history_table(table)).select(*on, before=column)
            kept = before.join(past, on=[*on, "before"], how="semi", nulls_equal=True)
            injected += rows.height
            found += stands.join(kept.select(on), on=on, how="semi").height
        return FaultFigures("late_correction", "corrected", injected, found, None)

    def _files(self) -> Iterator[FaultFigures]:
        """Files that failed for what they are refused for, copies, and files that came late."""
        log = self._store.read(intake.DELIVERY).rename({"file_name": "file"})
        failed = log.filter(status="failed").select(*_FILE, "reason_code")
        for (fault,), files in self.night.broken.partition_by("fault", as_dict=True).items():
            right = files.join(failed, on=[*_FILE, "reason_code"], how="semi").height
            yield FaultFigures(str(fault), "failed_delivery", files.height, right, None)
        accepted = log.filter(status="accepted")
        again = self.night.again
        told = again.join(accepted, on=_FILE, how="semi").height
        yield FaultFigures("resent", "repeated", again.height, again.height - told, None)
        late = self.night.late.join(accepted, on=_FILE, how="semi").height
        noted = deliveries.sent_before(self._store).failed_count
        yield FaultFigures("F-08", "noted", late, min(late, noted), late / max(noted, 1))

    def _rows(self) -> Iterator[FaultFigures]:
        """Rows that are none are set apart; names with a line break within are read."""
        log = self._store.read(intake.DELIVERY).rename({"file_name": "file"})
        accepted = log.filter(status="accepted")  # a file that repeats one is no place of rows
        places = accepted.select("delivery_id", *_FILE).unique("delivery_id")
        apart = self._store.read(intake.QUARANTINE).join(places, on="delivery_id")
        for (fault, expected), rows in self.night.spoilt.partition_by(
            "fault", "expected", as_dict=True
        ).items():
            classed = apart
            if expected == "quarantined":
                why = pl.element().str.ends_with(REASONS[str(fault)])
                classed = apart.filter(pl.col("reasons").list.eval(why).list.any())
            set_apart = rows.join(classed, on=[*_FILE, "row_no"], how="semi").height
            found = set_apart if expected == "quarantined" else rows.height - set_apart
            yield FaultFigures(str(fault), str(expected), rows.height, found, None)

    def _names(self) -> FaultFigures:
        """Persons whose register bears another name than public security's, which is believed."""
        told = self.night.added["registration"].select("id_number", other="person_name")
        names = self.night.added["identity"].select("id_number", meant="name")
        both = told.join(names, on="id_number").filter(pl.col("other") != pl.col("meant"))
        rows = keyed(personnel.PERSON, both).unique("person_key")
        believed = self._store.read(personnel.PERSON).select("person_key", meant="name")
        claims = self._store.read(claim_table(personnel.PERSON)).select("person_key", other="name")
        found = rows.join(believed, on=["person_key", "meant"], how="semi").join(
            claims, on=["person_key", "other"], how="semi"
        )
        return FaultFigures("name_differs", "settled", rows.height, found.height, None)

    def _deletion(self, shape: str, key: str) -> FaultFigures:
        table, rows = target_of(key), self._held_before[shape]
        on = list(table.key)
        ended = self._store.read(history_table(table)).filter(
            pl.col("ended_by").is_in(["deleted", "absent"])
        )
        gone = rows.join(self._store.read(table).select(on), on=on, how="anti")
        found = gone.join(ended.select(on), on=on, how="semi").height
        meant = [
            self._held_before[other].select(on)
            for other, (of, _) in self.night.deleted.items()
            if of == key
        ]
        right = ended.join(pl.concat(meant), on=on, how="semi").height
        return FaultFigures(shape, "deleted", rows.height, found, right / max(ended.height, 1))


def _counted_titles(store: Store) -> pl.DataFrame:
    """Titles that grants counted: `usc_code` of the grant, `title_no`."""
    granted = store.scan(decision.DECISION).filter(outcome="granted")
    return (
        store.scan(decision.EVIDENCE)
        .filter(pl.col("target") == personnel.TITLE.name, pl.col("counted") == "yes")
        .join(granted.select("application_id", "evaluation_no", "usc_code"), on=_EVALUATION)
        .select("usc_code", title_no=pl.col("row_key").str.split("|").list.first())
        .unique()
        .collect()
    )


def _row_key(one: Expected) -> str:
    """As a finding has it: a person by his pseudonym, with the month if it is of one."""
    if not one.is_person:
        return one.row_key
    number, *month = one.row_key.split("|")
    return "|".join((identifiers.person_key(number, KEY), *month))


def _identity(key: str, rows: pl.DataFrame) -> list[str]:
    """The columns of clean rows that make the key of their table."""
    on = ["id_number" if name == "person_key" else name for name in target_of(key).key]
    return [name for name in on if name in rows.columns]
