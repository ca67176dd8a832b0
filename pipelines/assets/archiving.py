"""Archive records of what was decided, and whether every case came to its end.

Belongs here: the asset and its check. Does not: the package (`certificates.archiving.archive`).
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import dagster as dg
import polars as pl

from assets.tables import archive, certificate, decision
from certificates.archiving.archive import NotArchived, archive_pending
from pipelines.assets.described import POOLS, made, records, spec
from pipelines.completeness import COMPLETE, loose_ends
from pipelines.office import Office
from pipelines.turns import in_turn


def archiving_assets() -> list[dg.AssetsDefinition]:
    """The index of closed records."""

    @dg.multi_asset(
        name="close",
        specs=[
            spec(
                archive.RECORD,
                group="archive",
                deps=[
                    *(table.name for table in decision.TABLES),
                    *(table.name for table in certificate.TABLES),
                ],
                kinds=("deltalake", "zip"),
            )
        ],
        check_specs=[
            dg.AssetCheckSpec(
                COMPLETE,
                asset=archive.RECORD.name,
                description="办结完整 Every closed case was closed once, has one certificate if "
                "it grants, and one record.",
            )
        ],
        pool=POOLS[archive.RECORD.layer],
    )
    def close(
        context: dg.AssetExecutionContext, office: dg.ResourceParam[Office]
    ) -> Iterable[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        office.tell("close")
        report = in_turn(
            lambda: archive_pending(
                office.store,
                office.rulebook,
                office.settings.certificates,
                office.settings.archive,
                office.now(),
                authority=office.authority,
            )
        )
        for missing in report.not_archived:
            context.log.error(f"{missing.application_id} not archived: {missing.reason}")
        told = {
            "archived_now": len(report.archived),
            "not_archived": records(_rows(report.not_archived), len(report.not_archived)),
            "folder": dg.MetadataValue.path(str(office.settings.archive)),
        }
        yield dg.MaterializeResult(
            asset_key=archive.RECORD.name, metadata=made(office.store, archive.RECORD, told)
        )
        ends = loose_ends(office.store)
        yield dg.AssetCheckResult(
            asset_key=archive.RECORD.name,
            check_name=COMPLETE,
            passed=ends.is_empty(),
            metadata={"loose_ends": records(ends, 50), "count": ends.height},
        )

    return [close]


def _rows(left: Iterable[NotArchived]) -> pl.DataFrame:
    schema = {"application_id": pl.String(), "reason": pl.String()}
    return pl.DataFrame([asdict(one) for one in left], schema=schema)
