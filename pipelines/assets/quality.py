"""Which rows a quality suite looks at, and its report on them.

Belongs here: the rows that changed since the last release, as delivered, and remembering a
report within a process. Does not: the suites (`checks.quality.suites`) or the gate
(`checks.gate`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import polars as pl

from assets.calendar import legal_day
from assets.collection import arrived
from assets.lake.beside import Work, beside
from assets.lake.changes import EarlierUnreadable, values_written
from assets.lake.declaration import INSTANT, Table
from assets.lake.store import Store
from assets.tables import BASE_TABLES, check, intake
from checks import cross
from checks.gate import Run, release, run_checks
from checks.outcome import Outcome
from checks.quality import suites, whole
from checks.quality.suites import SuiteReport
from checks.release import Release, latest
from checks.since import Since, note
from pipelines.office import Office


def changed_deliveries(store: Store) -> dict[str, tuple[str, ...]]:
    """Deliveries whose rows reached a base table, or its quarantine, after the last release.

    Returns:
        By name of the table; only of tables that some reached.
    """
    last = latest(store)
    versions = {} if last is None else last.versions
    name = ("delivery_id",)
    apart = _arrived_since(store, intake.QUARANTINE, versions, ("target", *name))
    fresh = {
        table.name: pl.concat(
            [
                _arrived_since(store, table, versions, name),
                apart.filter(pl.col("target") == table.name).select(name),
            ]
        ).unique()
        for table in BASE_TABLES
    }
    begun = _first_received(store, fresh.values())
    changed = {}
    for table in BASE_TABLES:
        rows = fresh[table.name]
        for one in (table, intake.QUARANTINE):
            if one.name not in versions or rows.is_empty():
                continue
            # Bounds first: what came before all of these is not read.
            since = rows.join(begun, on="delivery_id", how="left").select(
                pl.when(pl.col("begun").is_not_null().all()).then(pl.col("begun").min())
            )
            before = store.scan(one, versions[one.name]).filter(
                pl.col("received_at") >= pl.lit(since.item(), INSTANT)
                if since.item() is not None
                else pl.lit(True),
                pl.lit(True) if one is table else pl.col("target") == table.name,
                pl.col("delivery_id").is_in(rows["delivery_id"].implode()),
            )
            rows = rows.join(before.select("delivery_id").collect(), on="delivery_id", how="anti")
        if rows.height:
            changed[table.name] = tuple(rows["delivery_id"].sort())
    return changed


def _arrived_since(
    store: Store, table: Table, versions: Mapping[str, int], columns: Sequence[str]
) -> pl.DataFrame:
    """What rows have in columns that a table may have got since its release, each once."""
    if table.name in versions:
        with suppress(EarlierUnreadable):
            return values_written(store, table, columns, versions[table.name])
    return store.scan(table).select(columns).unique().collect()


def _first_received(store: Store, fresh: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """When each delivery was first received, which none of its rows was before: `begun`."""
    named = pl.concat(fresh).unique()
    log = store.scan(intake.DELIVERY).join(named.lazy(), on="delivery_id", how="semi")
    return log.group_by("delivery_id").agg(begun=pl.col("received_at").min()).collect()


def suite_reports(
    office: Office, tables: Iterable[Table], store: Store | None = None
) -> Iterator[tuple[Table, SuiteReport | None]]:
    """The suites of tables on the rows that changed until now; None of a table if none did.

    Run once per set of deliveries in a process: the asset check and the gate ask for them both.

    Args:
        office: where.
        tables: base tables.
        store: the lakehouse for this thread (default: the office's).
    """
    store = office.store if store is None else store
    asked = list(tables)
    changed = _changed(office, store, asked)
    for table in asked:
        deliveries = changed.get(table.name)
        if not deliveries:
            yield table, None
            continue
        looked_at = (table.name, deliveries)
        if looked_at not in office.suite_reports:
            office.suite_reports[looked_at] = suites.validate_in_parts(
                table, arrived(store, table, office.pseudonym_key, deliveries)
            )
        yield table, office.suite_reports[looked_at]


def _changed(office: Office, store: Store, asked: Sequence[Table]) -> dict[str, tuple[str, ...]]:
    """`changed_deliveries`, told once of one state of the tables asked about."""

    def versions(tables: Sequence[Table]) -> dict[str, int | None]:
        beside = (intake.QUARANTINE, check.RELEASE)
        return {table.name: store.version(table) for table in (*tables, *beside)}

    if office.changed is None or not versions(asked).items() <= office.changed[0].items():
        office.changed = (versions(BASE_TABLES), changed_deliveries(store))
    return office.changed[1]


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found across channels, and in the tables as a whole at some versions of them."""

    cross: cross.CrossReport
    wholes: tuple[Outcome, ...]
    versions: dict[str, int | None]


def compared(office: Office, since: Since | None) -> Compared:
    """Compare today's tables across channels and as a whole, as far as any has changed `since`.

    The suites that have not run yet in this process run beside that, and `gate` finds them done.
    """
    store = office.store.twin()  # of the thread of the suites; the other one is that of `since`

    def stated() -> None:
        for _ in suite_reports(office, BASE_TABLES, store):
            pass

    def made() -> Compared:
        found = cross.run(office.store, legal_day(office.now()), since)
        versions = _versions(office.store)
        return Compared(found, tuple(whole.examine(office.store, since)), versions)

    works: dict[str, Work[Compared | None]] = {"tables": Work(made), "suites": Work(stated)}
    done = beside(works)["tables"]
    assert done is not None
    return done


def _versions(store: Store) -> dict[str, int | None]:
    """Of what the checks on tables as a whole read."""
    read = (*BASE_TABLES, intake.DELIVERY, intake.QUARANTINE)
    return {table.name: store.version(table) for table in read}


def gate(office: Office, report: Compared, since: Since | None) -> tuple[Run, Release | None]:
    """Log the checks of the present state and release it if it passed.

    Args:
        office: where.
        report: of the tables (`compared`).
        since: what has changed since the last release.

    Returns:
        The run of the checks and the release that serves now: of the present state, or the
        last good one, or None before the first.
    """
    now = office.now()
    last = latest(office.store)
    # Asked table by table: what came while the suite of another ran is looked at, too.
    reports = [one for table in BASE_TABLES for _, one in suite_reports(office, [table])]
    found = report.cross
    run = run_checks(
        office.store,
        [found, *(one for one in reports if one is not None)],
        now,
        since,
        report.wholes if report.versions == _versions(office.store) else None,
    )
    if found.versions is not None:
        note(office.store, found.as_of, found.versions)
    made = release(office.store, now)
    return run, made or last
