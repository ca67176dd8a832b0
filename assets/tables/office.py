"""What the approval office reads: one row per application, where it stands now."""

from __future__ import annotations

from dataclasses import replace

from assets.lake.declaration import Column, Layer, Mode, Table
from assets.tables.archive import RECORD
from assets.tables.certificate import CERTIFICATE
from assets.tables.decision import DECISION
from assets.tables.intake import APPLICATION, REJECTED_FILING

_FILED = tuple(column for column in APPLICATION if column.name in DECISION.schema)
"""The matter, and when it was filed: known before anything is decided."""
_DECIDED = tuple(
    replace(column, nullable=True)
    for column in DECISION
    if column.name not in APPLICATION.schema and column.name != "elapsed_ms"
)


def _shown(column: Column, name: str, zh: str, en: str) -> Column:
    return replace(column, name=name, zh=zh, en=en, nullable=True)


CURRENT = Table(
    name="decision__current", layer=Layer.DECISION, mode=Mode.VIEW,
    zh="案件现状", en="One row per application: its closing decision, else its newest evaluation, with its certificate and archive record; nothing decided yet, or turned away as no case = no outcome",
    legal_basis="行政许可法 Art. 40; regulations B0.4",
    key=("application_id",), sort_by=("filed_at",),
    columns=(
        *_FILED,
        APPLICATION["received_at"], APPLICATION["filed_via"],
        *_DECIDED,
        _shown(REJECTED_FILING["rejection_no"], "rejection_no", "退回编号", "number of the answer by which it was turned away as no case, as a second filing of one matter is: nobody decides it; null = it is a case"),
        _shown(CERTIFICATE["version"], "certificate_version", "证书版本", "version of the certificate issued for the case"),
        _shown(CERTIFICATE["issued_at"], "certified_at", "制证时间", "when the certificate was sealed; null = none, or not yet"),
        _shown(CERTIFICATE["file_name"], "certificate_file", "证书文件", "path of the certificate under the certificates folder"),
        _shown(RECORD["closed_at"], "archived_at", "归档时间", "when the record was closed; null = not yet"),
        _shown(RECORD["file_name"], "archive_file", "档案包", "path of the package under the archive folder"),
    ),
)

TABLES = (CURRENT,)
