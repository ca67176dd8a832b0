"""Certificates and archive records of what was decided.

Belongs here: the two assets. Does not: the seal, the layout, the package (`certificates`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import dagster as dg

from assets.tables import archive, certificate, decision
from certificates.archive import archive_pending
from certificates.issue import issue_pending
from pipelines.assets.described import POOLS, made, spec
from pipelines.office import Office


def issuing_assets() -> list[dg.AssetsDefinition]:
    """The register with its qualifications, and the archive."""

    @dg.multi_asset(
        name="issue",
        specs=[
            spec(
                table,
                group="certificates",
                deps=[decision.DECISION.name],
                kinds=("deltalake", "pdf"),
                automation=dg.AutomationCondition.eager(),
            )
            for table in certificate.TABLES
        ],
        pool=POOLS[certificate.CERTIFICATE.layer],
    )
    def issue(office: dg.ResourceParam[Office]) -> Iterable[dg.MaterializeResult]:
        office.tell("issue")
        report = issue_pending(
            office.store, office.seal, office.settings.certificates, office.now()
        )
        for table in certificate.TABLES:
            told = asdict(report) if table is certificate.CERTIFICATE else {}
            yield dg.MaterializeResult(
                asset_key=table.name, metadata=made(office.store, table, told)
            )

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
                automation=dg.AutomationCondition.eager(),
            )
        ],
        pool=POOLS[archive.RECORD.layer],
    )
    def close(office: dg.ResourceParam[Office]) -> dg.MaterializeResult:
        office.tell("close")
        report = archive_pending(
            office.store,
            office.rulebook,
            office.settings.certificates,
            office.settings.archive,
            office.now(),
        )
        return dg.MaterializeResult(metadata=made(office.store, archive.RECORD, asdict(report)))

    return [issue, close]
