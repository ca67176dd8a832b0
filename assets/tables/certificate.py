"""The register of electronic certificates and the qualifications they carry."""

from __future__ import annotations

import polars as pl

from assets.lake.declaration import INSTANT, YUAN, Column, Layer, Mode, Sensitivity, Table
from assets.tables import common
from assets.tables.decision import EFFECTS

CERTIFICATE = Table(
    name="certificate__register", layer=Layer.CERTIFICATE, mode=Mode.LOG,
    zh="电子证书登记簿", en="Every certificate file ever issued; the latest version of a number is the one in force",
    legal_basis="regulations G1-G12, B5.3",
    key=("certificate_no", "version"), sort_by=("issued_at",),
    columns=(
        Column(name="certificate_no", dtype=pl.String(), zh="证书编号", en="number; never repeats, kept for life", nullable=False, pattern=r"^DW?2\d{7}[0-9A-Z]$", sensitivity=Sensitivity.PUBLIC),
        Column(name="version", dtype=pl.Int32(), zh="版本", en="1, and +1 per file issued under the number", nullable=False, minimum=1, sensitivity=Sensitivity.PUBLIC),
        Column(name="application_id", dtype=pl.String(), zh="申请编号", en="case it was issued for", nullable=False),
        common.usc_code(),
        Column(name="enterprise_name", dtype=pl.String(), zh="企业名称", en="name printed", nullable=False, sensitivity=Sensitivity.PUBLIC),
        Column(name="address", dtype=pl.String(), zh="注册地址", en="address printed", sensitivity=Sensitivity.PUBLIC),
        Column(name="legal_representative", dtype=pl.String(), zh="法定代表人", en="legal representative printed", sensitivity=Sensitivity.PUBLIC),
        Column(name="registered_capital_yuan", dtype=YUAN, zh="注册资本", en="registered capital printed", unit="yuan", sensitivity=Sensitivity.PUBLIC),
        Column(name="economic_type", dtype=pl.String(), zh="经济性质", en="kind of registration printed", sensitivity=Sensitivity.PUBLIC),
        Column(name="issued_at", dtype=INSTANT, zh="签发时间", en="when it was sealed", nullable=False),
        Column(name="issued_on", dtype=pl.Date(), zh="发证日期", en="legal day of issue", nullable=False, sensitivity=Sensitivity.PUBLIC),
        Column(name="valid_until", dtype=pl.Date(), zh="有效期至", en="last valid day", nullable=False, sensitivity=Sensitivity.PUBLIC),
        Column(name="effect", dtype=pl.String(), zh="签发原因", en="what the grant did", nullable=False, codes=EFFECTS),
        Column(name="file_name", dtype=pl.String(), zh="文件", en="path of the file under the certificates folder", nullable=False),
        Column(name="file_sha256", dtype=pl.String(), zh="文件摘要", en="digest of the sealed file", nullable=False, pattern=r"^[0-9a-f]{64}$"),
        Column(name="seal_serial", dtype=pl.String(), zh="印章证书序列号", en="serial of the seal's certificate", nullable=False),
    ),
)

QUALIFICATION = Table(
    name="certificate__qualification", layer=Layer.CERTIFICATE, mode=Mode.LOG,
    zh="证书资质", en="The qualifications listed on each sealed file; only the files of the register count",
    legal_basis="regulations G1, G4",
    key=("file_sha256", "category_code", "subcategory"), sort_by=("usc_code",),
    columns=(
        Column(name="certificate_no", dtype=pl.String(), zh="证书编号", en="certificate", nullable=False),
        Column(name="version", dtype=pl.Int32(), zh="版本", en="version of the certificate", nullable=False, minimum=1),
        common.usc_code(), common.category_code(), common.subcategory(), common.level(),
        Column(name="held_from", dtype=pl.Date(), zh="批准日期", en="first day the level is held", nullable=False),
        Column(name="valid_until", dtype=pl.Date(), zh="有效期至", en="last valid day", nullable=False),
        Column(name="issued_on", dtype=pl.Date(), zh="发证日期", en="legal day the version was issued", nullable=False),
        Column(name="file_sha256", dtype=pl.String(), zh="文件摘要", en="digest of the sealed file; a file that the register does not have was never issued", nullable=False, pattern=r"^[0-9a-f]{64}$"),
    ),
)

TABLES = (CERTIFICATE, QUALIFICATION)
