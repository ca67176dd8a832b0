"""企业库: who the enterprise is, what it holds, what it owns."""

from __future__ import annotations

import polars as pl

from assets import numbers
from assets.lake.declaration import QUANTITY, YUAN, Column, Layer, Mode, RowRule, Sensitivity, Table
from assets.tables import common

REGISTRY_STATES = ("active", "suspended", "revoked", "cancelled", "moved_out")
EVENTS = (
    "rename", "address", "legal_representative", "capital",
    "merger_absorption", "merger_new", "split", "restructuring", "conversion", "moved_province", "capital_nature",
)
GROUNDS = EVENTS[4:]
"""Events after which a qualification is only carried on by re-verification (regulations B6.1)."""
SUCCESSIONS = GROUNDS[:5]
"""Those by which it may have what another has bought or built, or it itself before its foundation."""
SIMPLIFIED_CASES = (
    "absorbed_cancelled", "merged_cancelled", "cancellation_pending", "within_group", "state_owned",
    "foreign_capital_left", "moved_province",
)
"""The cases of 79号 that are handled in the simplified way, in its order (regulations B6.2)."""
CERTIFICATE_STATES = ("valid", "superseded", "withdrawn", "revoked", "struck", "cancelled")
_AUTHORITY_DIGITS = (("1", "ministry"), ("2", "province"), ("3", "city"))
"""Second character of a certificate's number (regulations G5)."""
DESIGN_GRADES = ("甲级", "乙级", "丙级", "丁级")
QUALIFICATION_STATES = ("valid", "replaced", "withdrawn", "revoked", "struck", "cancelled")

REGISTRY = Table(
    name="base_enterprise__registry", layer=Layer.BASE, mode=Mode.VIEW,
    zh="企业登记信息", en="Business registration, enterprises and their branches",
    source="TBCorpBasicInfo", legal_basis="令22 Art. 8; regulations A5, C8, E3, E24",
    key=("usc_code",), sort_by=("usc_code",),
    columns=(
        common.usc_code(),
        Column(name="name", dtype=pl.String(), zh="企业名称", en="registered name", nullable=False, source="CorpName", sensitivity=Sensitivity.PUBLIC),
        Column(name="entity_code", dtype=pl.String(), zh="主体类型", en="legal person or branch of one", nullable=False, codes=("enterprise", "branch")),
        common.usc_code("所属企业代码", "parent of a branch; null for a legal person", name="parent_usc_code", nullable=True),
        Column(name="region_code", dtype=pl.String(), zh="注册地区划", en="county of registration, GB/T 2260", nullable=False, pattern=r"^\d{6}$", source="CountyNum", sensitivity=Sensitivity.PUBLIC),
        Column(name="address", dtype=pl.String(), zh="注册地址", en="registered address", source="Address", sensitivity=Sensitivity.PUBLIC),
        Column(name="legal_representative", dtype=pl.String(), zh="法定代表人", en="legal representative, by name", source="LegalMan", sensitivity=Sensitivity.PUBLIC),
        Column(name="registered_capital_yuan", dtype=YUAN, zh="注册资本", en="registered capital", unit="yuan", minimum=0, source="RegPrin", sensitivity=Sensitivity.PUBLIC),
        Column(name="paid_in_capital_yuan", dtype=YUAN, zh="实收资本", en="paid-in capital", unit="yuan", minimum=0, source="FactRegPrin"),
        Column(name="economic_type", dtype=pl.String(), zh="登记注册类型", en="kind of registration", source="EconomicNum", sensitivity=Sensitivity.PUBLIC),
        Column(name="registration_no", dtype=pl.String(), zh="工商注册号", en="number of the business licence, 13 or 15 digits, of before the social credit code", source="LicenseNum", sensitivity=Sensitivity.PUBLIC),
        Column(name="organisation_code", dtype=pl.String(), zh="组织机构代码", en="code of before the social credit code, as the registry kept it; nine characters without hyphen", source="OrganID", sensitivity=Sensitivity.PUBLIC),
        Column(name="phone", dtype=pl.String(), zh="办公电话", en="telephone of the office", source="OfficePhone"),
        Column(name="established_on", dtype=pl.Date(), zh="成立日期", en="day of foundation", source="CorpBirthDate", sensitivity=Sensitivity.PUBLIC),
        Column(name="state_code", dtype=pl.String(), zh="登记状态", en="state of the registration", codes=REGISTRY_STATES, sensitivity=Sensitivity.PUBLIC),
        *common.provenance(),
    ),
)

EVENT = Table(
    name="base_enterprise__event", layer=Layer.BASE, mode=Mode.VIEW,
    zh="企业登记变更事件", en="What changed in the business registration, and why",
    legal_basis="令22 Arts. 19-21; regulations B4, B6",
    valid_from="happened_on",
    key=("event_no",), sort_by=("usc_code",),
    columns=(
        Column(name="event_no", dtype=pl.String(), zh="事件编号", en="number of the event at the registry", nullable=False),
        common.usc_code(),
        Column(name="event_code", dtype=pl.String(), zh="事件类型", en="what happened", nullable=False, codes=EVENTS),
        Column(name="happened_on", dtype=pl.Date(), zh="变更日期", en="day of the change", nullable=False),
        Column(name="before", dtype=pl.String(), zh="变更前", en="old value"),
        Column(name="after", dtype=pl.String(), zh="变更后", en="new value"),
        Column(name="handling_code", dtype=pl.String(), zh="核定方式", en="simplified where 79号 lists the case, else full (B6.2); null unless a ground of re-verification", codes=("simplified", "full")),
        Column(name="case_code", dtype=pl.String(), zh="简化情形", en="which case of 79号 it is; null unless handled in the simplified way", codes=SIMPLIFIED_CASES),
        common.usc_code("另一方企业代码", "the other enterprise of a merger, split or restructuring, whose qualifications may be carried on; null if there is none", name="counterpart_usc_code", nullable=True),
        *common.provenance(),
    ),
)

ALIAS_SCHEMES = ("organisation_code", "registration_no", "tax_no", "name")
"""What an enterprise is known by besides its social credit code."""

ALIAS = Table(
    name="base_enterprise__alias", layer=Layer.BASE, mode=Mode.VIEW,
    zh="企业别名对照", en="What else enterprises are and were known by: derived from the registry and its events, used where a feed gives no social credit code",
    source="corp_id_alias", legal_basis="GB 11714; GB 32100; regulations A5",
    valid_from="valid_from", valid_until="valid_to",
    key=("scheme", "value", "usc_code"), sort_by=("scheme", "value"),
    columns=(
        Column(name="scheme", dtype=pl.String(), zh="标识类型", en="kind of identifier", nullable=False, codes=ALIAS_SCHEMES),
        Column(name="value", dtype=pl.String(), zh="标识", en="identifier, normalised: codes without hyphens, names folded", nullable=False, sensitivity=Sensitivity.PUBLIC),
        common.usc_code(),
        Column(name="valid_from", dtype=pl.Date(), zh="起用日期", en="first day it was borne; null where no event tells"),
        Column(name="valid_to", dtype=pl.Date(), zh="停用日期", en="day it was given up; null while it is borne, or where no event tells"),
        *common.provenance(),
    ),
)

CERTIFICATE = Table(
    name="base_enterprise__certificate", layer=Layer.BASE, mode=Mode.VIEW,
    zh="资质证书", en="Qualification certificates issued before Miaoban, as printed",
    source="TBCorpCertInfo", legal_basis="regulations G1-G6",
    valid_from="issued_on", valid_until="valid_until",
    key=("certificate_no",), sort_by=("usc_code",),
    rules=(
        RowRule(check_id="B-valid-until", zh="有效期止不早于发证日期", en="a certificate does not end before it is issued",
                holds=pl.col("valid_until") >= pl.col("issued_on"), pandas_query="valid_until >= issued_on"),
        RowRule(
            check_id="E-11", zh="证书编号机关位与发证机关层级一致", en="the authority digit of the number fits the issuing authority (G5)",
            holds=~pl.any_horizontal(pl.col("certificate_no").str.contains(f"^DW?{digit}") & (pl.col("authority_code") != authority) for digit, authority in _AUTHORITY_DIGITS),
            pandas_query="not (" + " or ".join(f"(certificate_no.str.contains('^DW?{digit}') and authority_code.notnull() and authority_code != '{authority}')" for digit, authority in _AUTHORITY_DIGITS) + ")",
        ),
    ),
    columns=(
        Column(name="certificate_no", dtype=pl.String(), zh="证书编号", en="number of the certificate", nullable=False, pattern=numbers.QUALIFICATION_CERTIFICATE, source="CertID", sensitivity=Sensitivity.PUBLIC),
        common.usc_code(),
        Column(name="authority_code", dtype=pl.String(), zh="发证机关层级", en="level of the issuing authority", nullable=False, codes=common.AUTHORITIES, sensitivity=Sensitivity.PUBLIC),
        Column(name="printed_name", dtype=pl.String(), zh="证载名称", en="name as printed", source="CorpName", sensitivity=Sensitivity.PUBLIC),
        Column(name="printed_address", dtype=pl.String(), zh="证载地址", en="address as printed", sensitivity=Sensitivity.PUBLIC),
        Column(name="printed_legal_representative", dtype=pl.String(), zh="证载法定代表人", en="legal representative as printed", sensitivity=Sensitivity.PUBLIC),
        Column(name="printed_capital_yuan", dtype=YUAN, zh="证载注册资本", en="registered capital as printed", unit="yuan", minimum=0, sensitivity=Sensitivity.PUBLIC),
        Column(name="printed_region_code", dtype=pl.String(), zh="证载区县", en="county as printed, GB/T 2260", pattern=r"^\d{6}$", source="CountyNum", sensitivity=Sensitivity.PUBLIC),
        Column(name="highest_level", dtype=pl.String(), zh="最高等级", en="highest level that stands on it, as the certificate states it", codes=common.LEVELS, source="TitleLevelNum", sensitivity=Sensitivity.PUBLIC),
        Column(name="issued_on", dtype=pl.Date(), zh="发证日期", en="day of issue", nullable=False, source="OrganDate", sensitivity=Sensitivity.PUBLIC),
        Column(name="valid_until", dtype=pl.Date(), zh="有效期截止", en="last valid day", nullable=False, source="EndDate", sensitivity=Sensitivity.PUBLIC),
        Column(name="status_code", dtype=pl.String(), zh="证书状态", en="status; never believed without the date", nullable=False, codes=CERTIFICATE_STATES, sensitivity=Sensitivity.PUBLIC),
        *common.provenance(),
    ),
)

QUALIFICATION = Table(
    name="base_enterprise__qualification", layer=Layer.BASE, mode=Mode.VIEW,
    zh="资质明细", en="Qualifications held, with their history: one row per category, level and interval",
    source="TBCorpCertDetailInfo", legal_basis="regulations B2.1, E14, G4",
    valid_from="valid_from", valid_until="valid_to",
    key=("qualification_no",), sort_by=("usc_code",),
    rules=(
        RowRule(check_id="B-valid-to", zh="终止日期不早于批准日期", en="a qualification does not end before it begins",
                holds=pl.col("valid_to") >= pl.col("valid_from"), pandas_query="valid_to >= valid_from"),
        RowRule(check_id="B-subcategory", zh="分项为标准所列，无分项的类别不填", en="a sub-category is one of the standard's, and empty where it has none; the kinds of S36 are open",
                holds=pl.when(pl.col("category_code") == "S18").then(pl.col("subcategory").is_in(common.SUBCATEGORIES))
                .otherwise((pl.col("category_code") == "S36") | (pl.col("subcategory") == "")),
                pandas_query=f"category_code.isnull() or subcategory.isnull() or category_code == 'S36' or (category_code == 'S18' and subcategory in {list(common.SUBCATEGORIES)}) or (category_code != 'S18' and subcategory == '')"),
    ),
    columns=(
        Column(name="qualification_no", dtype=pl.String(), zh="资质明细编号", en="number of the row at the source", nullable=False),
        common.usc_code(),
        Column(name="certificate_no", dtype=pl.String(), zh="证书编号", en="certificate it stands on", nullable=False, source="CertID", sensitivity=Sensitivity.PUBLIC),
        common.category_code(), common.subcategory(), common.level(),
        Column(name="valid_from", dtype=pl.Date(), zh="批准日期", en="first day it was held", nullable=False, source="NoteDate", sensitivity=Sensitivity.PUBLIC),
        Column(name="valid_to", dtype=pl.Date(), zh="终止日期", en="last day it was held; null while it is held (its expiry is the certificate's)", sensitivity=Sensitivity.PUBLIC),
        Column(name="status_code", dtype=pl.String(), zh="状态", en="valid, or how it ended", nullable=False, codes=QUALIFICATION_STATES, source="CertTradeStatusNum", sensitivity=Sensitivity.PUBLIC),
        *common.provenance(),
    ),
)

DESIGN = Table(
    name="base_enterprise__design_qualification", layer=Layer.BASE, mode=Mode.VIEW,
    zh="工程设计资质", en="Design qualifications held: a designer may begin above the lowest level",
    source="TBCorpCertDetailInfo", legal_basis="20号 annex 4-1; regulations B1.3",
    valid_from="valid_from", valid_until="valid_until",
    key=("design_no",), sort_by=("usc_code",),
    rules=(
        RowRule(check_id="B-design-dates", zh="有效期止不早于批准日期", en="a design qualification does not end before it begins",
                holds=pl.col("valid_until") >= pl.col("valid_from"), pandas_query="valid_until >= valid_from"),
    ),
    columns=(
        Column(name="design_no", dtype=pl.String(), zh="设计资质明细编号", en="number of the row at the source", nullable=False),
        common.usc_code(),
        Column(name="industry", dtype=pl.String(), zh="设计资质序列", en="series of the design standard: 综合, an industry (…行业) or a specialty (…专业)", nullable=False, sensitivity=Sensitivity.PUBLIC),
        Column(name="grade", dtype=pl.String(), zh="设计资质等级", en="grade", nullable=False, codes=DESIGN_GRADES, sensitivity=Sensitivity.PUBLIC),
        Column(name="valid_from", dtype=pl.Date(), zh="批准日期", en="first day it was held", nullable=False, sensitivity=Sensitivity.PUBLIC),
        Column(name="valid_until", dtype=pl.Date(), zh="有效期截止", en="last valid day", nullable=False, source="EndDate", sensitivity=Sensitivity.PUBLIC),
        Column(name="status_code", dtype=pl.String(), zh="状态", en="valid, or how it ended", nullable=False, codes=QUALIFICATION_STATES, sensitivity=Sensitivity.PUBLIC),
        *common.provenance(),
    ),
)

STATEMENT = Table(
    name="base_enterprise__statement", layer=Layer.BASE, mode=Mode.VIEW,
    zh="财务报表", en="Balance sheets: net assets by year",
    legal_basis="建市[2015]177号; regulations E24; cross-check E-13",
    valid_from="period_end_on",
    key=("usc_code", "year", "report_code"), sort_by=("usc_code", "year"),
    rules=(
        RowRule(
            check_id="E-13", zh="净资产等于资产减负债（允许1万元或0.5%误差）",
            en="net assets = assets - liabilities, within 10,000 yuan or 0.5 % of assets",
            holds=(pl.col("net_assets_yuan").cast(pl.Float64) - (pl.col("total_assets_yuan").cast(pl.Float64) - pl.col("total_liabilities_yuan").cast(pl.Float64))).abs()
            <= pl.max_horizontal(pl.lit(10_000.0), pl.col("total_assets_yuan").cast(pl.Float64) * 0.005),
            pandas_query="((net_assets_yuan - (total_assets_yuan - total_liabilities_yuan)).abs() <= 10000) or ((net_assets_yuan - (total_assets_yuan - total_liabilities_yuan)).abs() <= total_assets_yuan * 0.005)",
        ),
    ),
    columns=(
        common.usc_code(),
        Column(name="year", dtype=pl.Int32(), zh="报表年度", en="year of the statement", nullable=False, minimum=1990, maximum=2100),
        Column(name="report_code", dtype=pl.String(), zh="报表类型", en="yearly, or of the current period", nullable=False, codes=("annual", "current")),
        Column(name="period_end_on", dtype=pl.Date(), zh="截止日期", en="day of the balance", nullable=False),
        Column(name="total_assets_yuan", dtype=YUAN, zh="资产总额", en="total assets", unit="yuan"),
        Column(name="total_liabilities_yuan", dtype=YUAN, zh="负债总额", en="total liabilities", unit="yuan"),
        Column(name="net_assets_yuan", dtype=YUAN, zh="净资产", en="owners' equity", unit="yuan", nullable=False),
        Column(name="fixed_assets_yuan", dtype=YUAN, zh="固定资产", en="fixed assets", unit="yuan", minimum=0),
        *common.provenance(),
    ),
)

EQUIPMENT = Table(
    name="base_enterprise__equipment", layer=Layer.BASE, mode=Mode.VIEW,
    zh="技术装备", en="Machines, with the one measure that decides",
    legal_basis="regulations E26; cross-checks Q-01 to Q-04",
    valid_from="purchased_on", valid_until="disposed_on",
    key=("equipment_no", "metric"), sort_by=("usc_code",),
    rules=(
        RowRule(check_id="Q-03", zh="有参数的设备须有参数值", en="a machine that is measured tells its measure",
                holds=(pl.col("metric") == "") | (pl.col("value").is_not_null() & (pl.col("value") > 0)),
                pandas_query="metric.isnull() or metric == '' or (value.notnull() and value > 0)"),
        RowRule(check_id="B-equipment-dates", zh="处置日期不早于购置日期", en="a machine is not disposed of before it is bought",
                holds=pl.col("disposed_on") >= pl.col("purchased_on"), pandas_query="disposed_on >= purchased_on"),
    ),
    columns=(
        Column(name="equipment_no", dtype=pl.String(), zh="设备编号", en="registration number, or maker and factory number", nullable=False, source="RecordNum"),
        common.usc_code(),
        Column(name="equipment_kind", dtype=pl.String(), zh="设备名称", en="kind, from the rulebook's code list", nullable=False, source="Mechanicsname"),
        Column(name="metric", dtype=pl.String(), zh="参数名称", en="what is measured; empty where the kind has no measure", nullable=False),
        Column(name="value", dtype=QUANTITY, zh="参数值", en="measure, in the metric's unit", minimum=0),
        Column(name="is_owned", dtype=pl.Boolean(), zh="是否自有", en="owned, not leased"),
        Column(name="purchased_on", dtype=pl.Date(), zh="购置日期", en="date of the purchase invoice"),
        Column(name="disposed_on", dtype=pl.Date(), zh="处置日期", en="sold or struck off; null while owned"),
        Column(name="usable_until", dtype=pl.Date(), zh="使用年限截止", en="last day of its service life"),
        Column(name="invoice_no", dtype=pl.String(), zh="发票号码", en="code and number of the purchase invoice"),
        Column(name="invoice_buyer_code", dtype=pl.String(), zh="发票购买方", en="buyer that the invoice names: social credit code, or the tax number of before"),
        Column(name="price_yuan", dtype=YUAN, zh="购置价格", en="price of the purchase", unit="yuan", minimum=0),
        *common.provenance(),
    ),
)

ANNUAL_REPORT = Table(
    name="base_enterprise__annual_report", layer=Layer.BASE, mode=Mode.VIEW,
    zh="企业年度报告", en="What enterprises declare of themselves each year: what their statements are compared with; no criterion reads it",
    source="nbxx, qynbzcxx", legal_basis="cross-checks E-15 to E-17",
    key=("usc_code", "year"), sort_by=("usc_code", "year"),
    columns=(
        common.usc_code(),
        Column(name="year", dtype=pl.Int32(), zh="报告年度", en="year of the report", nullable=False, minimum=1990, maximum=2100),
        Column(name="net_assets_yuan", dtype=YUAN, zh="所有者权益合计", en="owners' equity as declared; null where it is not shown", unit="yuan"),
        Column(name="net_profit_yuan", dtype=YUAN, zh="净利润", en="net profit as declared; null where it is not shown", unit="yuan"),
        Column(name="employees", dtype=pl.Int64(), zh="从业人数", en="number of employees; null where it is not shown", minimum=0),
        *common.provenance(),
    ),
)

LICENCE_STATES = ("valid", "withheld", "struck", "cancelled")

SAFETY_LICENCE = Table(
    name="base_enterprise__safety_licence", layer=Layer.BASE, mode=Mode.VIEW,
    zh="安全生产许可证", en="Safety production licences; no criterion reads them",
    source="安全生产许可证", legal_basis="cross-check E-18",
    valid_from="issued_on", valid_until="valid_until",
    key=("licence_no",), sort_by=("usc_code",),
    rules=(
        RowRule(check_id="B-licence-dates", zh="有效期止不早于发证日期", en="a licence does not end before it is issued",
                holds=pl.col("valid_until") >= pl.col("issued_on"), pandas_query="valid_until >= issued_on"),
    ),
    columns=(
        Column(name="licence_no", dtype=pl.String(), zh="许可证编号", en="number of the licence", nullable=False, pattern=numbers.SAFETY_LICENCE, source="SafetyCerID", sensitivity=Sensitivity.PUBLIC),
        common.usc_code(),
        Column(name="issued_on", dtype=pl.Date(), zh="发证日期", en="day of issue or of its extension", nullable=False, sensitivity=Sensitivity.PUBLIC),
        Column(name="valid_until", dtype=pl.Date(), zh="有效期截止", en="last valid day", nullable=False, sensitivity=Sensitivity.PUBLIC),
        Column(name="status_code", dtype=pl.String(), zh="许可证状态", en="status; never believed without the date", nullable=False, codes=LICENCE_STATES, sensitivity=Sensitivity.PUBLIC),
        *common.provenance(),
    ),
)

TABLES = (REGISTRY, EVENT, ALIAS, CERTIFICATE, QUALIFICATION, DESIGN, STATEMENT, EQUIPMENT, ANNUAL_REPORT, SAFETY_LICENCE)
