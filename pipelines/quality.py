"""Which rows a quality suite looks at, and its report on them.

Belongs here: the rows that changed since the last release, as delivered, and remembering a
report within a process. Does not: the suites (`checks.suites`) or the gate
(`checks.release`).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from assets.beside import Work, beside
from assets.calendar import legal_day
from assets.collection import arrived
from assets.declaration import Table
from assets.store import Store
from assets.tables import BASE_TABLES, intake
from checks import cross, release, suites, whole
from checks.outcome import Outcome
from checks.since import Since, note
from checks.suites import SuiteReport
from pipelines.office import Office


def changed_deliveries(store: Store, table: Table) -> list[str]:
    """Deliveries whose rows reached a table, or its quarantine, after the last release."""
    last = release.latest(store)
    versions = {} if last is None else last.versions
    sources = ((table, pl.lit(True)), (intake.QUARANTINE, pl.col("target") == table.name))

    def named(one: Table, where: pl.Expr, version: int | None = None) -> pl.LazyFrame:
        return store.scan(one, version).filter(where).select("delivery_id")

    # What stands as it was released names nothing new, however large it is.
    grown = [
        named(one, where) for one, where in sources if store.version(one) != versions.get(one.name)
    ]
    if not grown:
        return []
    fresh = pl.concat(grown).unique().collect()["delivery_id"]
    for one, where in sources:
        if one.name in versions and fresh.len():
            before = named(one, where, versions[one.name])
            known = before.filter(pl.col("delivery_id").is_in(fresh.implode())).unique().collect()
            fresh = fresh.filter(~fresh.is_in(known["delivery_id"].implode()))
    return fresh.sort().to_list()


def suite_report(office: Office, table: Table, store: Store | None = None) -> SuiteReport | None:
    """The suite of a table on the rows that changed; None if none did.

    Run once per set of deliveries in a process: the asset check and the gate ask for it both.

    Args:
        office: where.
        table: a base table.
        store: the lakehouse for this thread (default: the office's).
    """
    store = office.store if store is None else store
    deliveries = tuple(changed_deliveries(store, table))
    if not deliveries:
        return None
    looked_at = (table.name, deliveries)
    if looked_at not in office.suite_reports:
        office.suite_reports[looked_at] = suites.validate_in_parts(
            table, arrived(store, table, office.pseudonym_key, deliveries)
        )
    return office.suite_reports[looked_at]


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
        for table in BASE_TABLES:
            suite_report(office, table, store)

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


def gate(
    office: Office, report: Compared, since: Since | None
) -> tuple[release.Run, release.Release | None]:
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
    last = release.latest(office.store)
    reports = [suite_report(office, table) for table in BASE_TABLES]
    found = report.cross
    run = release.run_checks(
        office.store,
        [found, *(one for one in reports if one is not None)],
        now,
        since,
        report.wholes if report.versions == _versions(office.store) else None,
    )
    if found.versions is not None:
        note(office.store, found.as_of, found.versions)
    made = release.release(office.store, now)
    return run, made or last
