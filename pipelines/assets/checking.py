"""Checks: the suite of each base table, the cross-channel checks, and the release they gate.

Belongs here: asset checks, the findings, the log of results and of releases. Does not: any
check (`checks`), nor which rows a suite looks at (`pipelines.assets.quality`).

No check is `blocking` in Dagster's sense: that would bind only within its own run, and would
keep a run from deciding at the last good release. What blocks is the gate: it makes no
release, and decisions read nothing but releases.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import dagster as dg
import polars as pl

from assets.tables import BASE_TABLES, BY_NAME, check, intake
from checks import cross
from checks.outcome import Outcome
from checks.since import last_release
from pipelines.assets.described import POOLS, made, records, spec
from pipelines.assets.quality import compared, gate, suite_reports
from pipelines.office import Office

WHOLE = "whole_tables"
SUITE = "quality"
"""Name of the asset check that is a table's whole suite."""


def table_checks() -> list[dg.AssetChecksDefinition]:
    """One asset check per base table; any of them can be run by itself."""

    @dg.multi_asset_check(
        name="suites",
        specs=[
            dg.AssetCheckSpec(
                SUITE,
                asset=table.name,
                description=f"{table.zh}质量 The suite of {table.name} on the rows that changed, "
                "and whether Great Expectations and Polars count alike.",
            )
            for table in BASE_TABLES
        ],
        can_subset=True,
        pool="suites",
    )
    def suites(
        context: dg.AssetCheckExecutionContext, office: dg.ResourceParam[Office]
    ) -> Iterator[dg.AssetCheckResult]:
        office.tell("suites")
        keys = sorted(context.selected_asset_check_keys, key=str)
        tables = [BY_NAME[key.asset_key.to_user_string()] for key in keys]
        for key, (_, report) in zip(keys, suite_reports(office, tables), strict=True):
            if report is None:
                yield dg.AssetCheckResult(
                    asset_key=key.asset_key,
                    check_name=key.name,
                    passed=True,
                    metadata={"rows": 0, "note": "无变化 nothing changed since the last release"},
                )
                continue
            yield _result(key.asset_key, key.name, report.outcomes, rows=report.row_count)

    return [suites]


def checking_assets() -> list[dg.AssetsDefinition]:
    """The findings of the cross-channel checks, the results of all, the release."""

    @dg.multi_asset(
        name="gate",
        specs=[
            spec(
                table,
                group="checks",
                deps=[*(base.name for base in BASE_TABLES), *also],
            )
            for table, also in (
                (check.FINDING, [intake.COVERAGE.name, intake.QUARANTINE.name]),
                (check.RESULT, []),
                (check.FAILURE, []),
                (check.BASIS, []),
                (check.RELEASE, []),
            )
        ],
        check_specs=[
            *(
                dg.AssetCheckSpec(
                    _name(one.id), asset=check.FINDING.name, description=f"{one.zh} {one.en}"
                )
                for one in cross.CHECKS
            ),
            dg.AssetCheckSpec(
                WHOLE,
                asset=check.RESULT.name,
                description="整表核对 Schema, keys, lost parents, spoiled or late "
                "deliveries, codes read upside down: what only tables as a whole show.",
            ),
            dg.AssetCheckSpec(
                "gate",
                asset=check.RELEASE.name,
                description="现行数据已发布 The present tables are released; if not, the last "
                "good release goes on serving.",
            ),
        ],
        pool=POOLS[check.RELEASE.layer],
    )
    def gated(
        context: dg.AssetExecutionContext, office: dg.ResourceParam[Office]
    ) -> Iterable[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        office.tell("gate")
        store = office.store
        since = last_release(store)
        looked = compared(office, since)
        run, released = gate(office, looked, since)
        report = looked.cross
        yield dg.MaterializeResult(
            asset_key=check.FINDING.name,
            metadata=made(store, check.FINDING, {"found": records(found(report.findings), 60)}),
        )
        for outcome in report.outcomes:
            yield _result(
                dg.AssetKey(check.FINDING.name),
                _name(outcome.check_id),
                [outcome],
                rows=outcome.row_count,
            )
        yield dg.MaterializeResult(
            asset_key=check.RESULT.name,
            metadata=made(store, check.RESULT, {"run_id": run.run_id, **by_status(run.results)}),
        )
        failures = store.scan(check.FAILURE).filter(pl.col("run_id") == run.run_id).collect()
        yield dg.MaterializeResult(
            asset_key=check.FAILURE.name,
            metadata=made(store, check.FAILURE, {"run_id": run.run_id, "rows": failures.height}),
        )
        yield _of_whole_tables(run.results, failures)
        before = "无，全部核对 none: everything was checked" if since is None else f"{since.as_of}"
        yield dg.MaterializeResult(
            asset_key=check.BASIS.name,
            metadata=made(store, check.BASIS, {"carried_over_from": before}),
        )
        blocking = run.blocking
        yield dg.MaterializeResult(
            asset_key=check.RELEASE.name,
            metadata=made(
                store,
                check.RELEASE,
                {
                    "release_id": released.release_id if released else "无 none",
                    "versions": dg.MetadataValue.json(released.versions if released else {}),
                },
            ),
        )
        if blocking.height:
            context.log.error(f"{blocking.height} blocking checks did not pass: no new release")
        yield dg.AssetCheckResult(
            asset_key=check.RELEASE.name,
            check_name="gate",
            passed=blocking.is_empty(),
            metadata={
                "blocking": records(
                    blocking.select("check_id", "target", "status", "failed_count", "note"), 50
                )
            },
        )

    return [gated]


def _of_whole_tables(results: pl.DataFrame, failures: pl.DataFrame) -> dg.AssetCheckResult:
    """The checks on tables as a whole as one asset check, with the rows that failed."""
    mine = results.filter(pl.col("place") == "whole")
    failed = mine.filter(pl.col("status") != "passed")
    shown = ["check_id", "target", "status", "is_blocking", "failed_count", "note"]
    rows = failures.filter(pl.col("place") == "whole").select("check_id", "target", "row_json")
    return dg.AssetCheckResult(
        asset_key=check.RESULT.name,
        check_name=WHOLE,
        passed=failed.is_empty(),
        severity=dg.AssetCheckSeverity.ERROR
        if failed["is_blocking"].any()
        else dg.AssetCheckSeverity.WARN,
        metadata={
            "checks": mine.height,
            "failed": records(failed.select(shown), 50),
            "failing_rows": records(rows, 100),
        },
    )


def found(findings: pl.DataFrame) -> pl.DataFrame:
    """Findings by check, table and severity."""
    return (
        findings.group_by("check_id", "target", "severity")
        .agg(pl.len().alias("rows"))
        .sort("check_id", "target", "severity")
    )


def by_status(results: pl.DataFrame) -> dict[str, int]:
    """Checks by their status, every status named."""
    counts = dict(results.group_by("status").len().iter_rows())
    return {status: counts.get(status, 0) for status in check.RESULT["status"].codes}


def _name(check_id: str) -> str:
    """A check's id as Dagster allows it."""
    return check_id.replace("-", "_").replace(":", "_")


def _result(
    asset: dg.AssetKey, name: str, outcomes: Sequence[Outcome], *, rows: int
) -> dg.AssetCheckResult:
    """What Dagster shows of some outcomes: an error if any stops the release, else a warning."""
    failed = [outcome for outcome in outcomes if not outcome.success]
    table = pl.DataFrame(
        [
            {
                "id": one.check_id,
                "expectation": f"{one.zh} {one.en}",
                "status": one.status,
                "failed": one.failed_count,
                "blocks": one.blocks,
                "note": one.note,
            }
            for one in outcomes
        ]
    )
    metadata: dict[str, dg.MetadataValue | int] = {
        "rows": rows,
        "expectations": len(outcomes),
        "failed": len(failed),
        "outcomes": records(table, len(outcomes)),
    }
    keys = [
        {"id": one.check_id, **{k: str(v) for k, v in key.items()}}
        for one in failed
        for key in one.keys
    ]
    if keys:
        metadata["failing_keys"] = records(pl.DataFrame(keys, infer_schema_length=None), len(keys))
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=name,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR
        if any(one.blocks for one in failed)
        else dg.AssetCheckSeverity.WARN,
        metadata=metadata,
    )
