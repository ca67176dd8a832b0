"""The index of closed archive records."""

from __future__ import annotations

import polars as pl

from assets.lake.declaration import INSTANT, Column, Layer, Mode, Table
from assets.tables import common

RECORD = Table(
    name="archive__record", layer=Layer.ARCHIVE, mode=Mode.LOG,
    zh="电子档案", en="One deterministic package per closed case",
    legal_basis="国务院令716 Art. 12; regulations H; 20号 (at least 5 years)", retention_years=30,
    key=("application_id",), sort_by=("closed_at",),
    columns=(
        Column(name="application_id", dtype=pl.String(), zh="申请编号", en="case", nullable=False),
        common.usc_code(),
        Column(name="outcome", dtype=pl.String(), zh="结论", en="final outcome", nullable=False, codes=common.OUTCOMES),
        Column(name="closed_at", dtype=INSTANT, zh="归档时间", en="when the record was closed", nullable=False),
        Column(name="file_name", dtype=pl.String(), zh="档案包", en="path of the package under the archive folder", nullable=False),
        Column(name="package_sha256", dtype=pl.String(), zh="档案包摘要", en="digest of the package", nullable=False, pattern=r"^[0-9a-f]{64}$"),
        Column(name="byte_count", dtype=pl.Int64(), zh="字节数", en="size of the package", unit="byte", nullable=False, minimum=0),
        Column(name="file_count", dtype=pl.Int32(), zh="文件数", en="files in the package", nullable=False, minimum=1),
        Column(name="certificate_no", dtype=pl.String(), zh="证书编号", en="certificate issued, if any"),
        Column(name="certificate_version", dtype=pl.Int32(), zh="证书版本", en="its version"),
    ),
)

TABLES = (RECORD,)
