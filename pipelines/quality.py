"""Which rows a quality suite looks at, and its report on them.

Belongs here: the rows that changed since the last release, as delivered, and remembering a
report within a process. Does not: the suites (`checks.suites`) or the gate
(`checks.release`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from assets.collection import arrived
from assets.declaration import Table
from assets.raw import BATCH_ROWS
from assets.tables import BASE_TABLES, intake
from checks import cross, release, suites
from checks.suites import SuiteReport
from pipelines.office import Office


def changed_deliveries(office: Office, table: Table) -> list[str]:
    """Deliveries whose rows reached a table, or its quarantine, after the last release."""
    last = release.latest(office.store)
    if last is not None and all(
        office.store.version(one) == last.versions.get(one.name)
        for one in (table, intake.QUARANTINE)
    ):
        return []

    def seen(versions: dict[str, int] | None) -> pl.DataFrame:
        scans = [
            (table, pl.lit(True)),
            (intake.QUARANTINE, pl.col("target") == table.name),
        ]
        frames = [
            office.store.scan(one, None if versions is None else versions[one.name])
            .filter(where)
            .select("delivery_id")
            .unique()
            for one, where in scans
            if versions is None or one.name in versions
        ]
        return (
            pl.concat([*frames, pl.LazyFrame(schema={"delivery_id": pl.String})]).unique().collect()
        )

    now = seen(None)
    before = seen(last.versions if last is not None else {})
    return sorted(now.join(before, on="delivery_id", how="anti")["delivery_id"])


def _parts(office: Office, deliveries: Sequence[str]) -> Iterator[list[str]]:
    """The deliveries in portions that bound memory."""
    counted = (
        office.store.scan(intake.DELIVERY)
        .filter(pl.col("delivery_id").is_in(deliveries))
        .group_by("delivery_id")
        .agg(pl.col("row_count").max())
        .sort("delivery_id")
        .collect()
        .with_columns(part=pl.col("row_count").cum_sum() // BATCH_ROWS)
    )
    for part in counted.partition_by("part", maintain_order=True):
        yield part["delivery_id"].to_list()


def suite_report(office: Office, table: Table) -> SuiteReport | None:
    """The suite of a table on the rows that changed; None if none did.

    Run once per set of deliveries in a process: the asset check and the gate ask for it both.
    """
    deliveries = tuple(changed_deliveries(office, table))
    if not deliveries:
        return None
    looked_at = (table.name, deliveries)
    if looked_at not in office.suite_reports:
        office.suite_reports[looked_at] = suites.validate_in_parts(
            table,
            (
                arrived(office.store, table, office.pseudonym_key, part)
                for part in _parts(office, deliveries)
            ),
        )
    return office.suite_reports[looked_at]


def gate(office: Office, crossed: cross.CrossReport) -> tuple[release.Run, release.Release | None]:
    """Log the checks of the present state and release it if it passed.

    Returns:
        The run of the checks and the release that serves now: of the present state, or the
        last good one, or None before the first.
    """
    now = office.now()
    last = release.latest(office.store)
    reports = [suite_report(office, table) for table in BASE_TABLES]
    run = release.run_checks(
        office.store, [crossed, *(report for report in reports if report is not None)], now
    )
    made = release.release(office.store, now)
    return run, made or last
