"""项目库: contracts, permits, unit projects, their measures, acceptance, and who led them."""

from __future__ import annotations

import polars as pl

from assets import numbers
from assets.lake.declaration import QUANTITY, YUAN, Column, Layer, Mode, RowRule, Sensitivity, Table
from assets.tables import common

CONTRACT_TYPES = ("施工总承包", "主体工程承包", "专业承包", "工程总承包", "专业分包", "劳务分包", "勘察", "设计", "监理", "项目管理")
"""TBCONTRACTTYPEDIC 301, 302, 303, 304, 600; 主体工程承包 is a general contract's main works. Of 100, 200, 400 and 700
no works are performance."""

_ONE_PLACE, _KNOWN_REGION = numbers.region_regex(), numbers.known_region_regex()
_OUTLIVED_REGION = numbers.outlived_region_regex()
_REGION = pl.col("project_no").str.slice(0, 6)

PROJECT = Table(
    name="base_project__project", layer=Layer.BASE, mode=Mode.VIEW,
    zh="工程项目", en="Projects", source="TBProjectInfo", legal_basis="建办市〔2018〕81号",
    key=("project_no",), sort_by=("project_no",),
    rules=(
        RowRule(
            check_id="J-01", zh="项目编号的地区、日期与分类成立", en="the project number has its county, city or a code that succeeded or preceded it, a zone of the city, a day of the calendar and a class",
            holds=pl.col("project_no").str.contains(numbers.PROJECT)
            & ~pl.col("project_no").str.contains(_OUTLIVED_REGION)
            & (
                (pl.col("region_code") == _REGION)
                | (_REGION + pl.col("region_code")).str.contains(_ONE_PLACE)
                | (~pl.col("project_no").str.contains(_KNOWN_REGION) & (_REGION.str.slice(0, 4) == pl.col("region_code").str.slice(0, 4)))
            ),
            pandas_query=f"project_no.str.contains('{numbers.PROJECT}') and not project_no.str.contains('{_OUTLIVED_REGION}')"
            " and (project_no.str.slice(0, 6) == region_code"
            f" or (project_no.str.slice(0, 6) + region_code).str.contains('{_ONE_PLACE}')"
            f" or (not project_no.str.contains('{_KNOWN_REGION}') and project_no.str.slice(0, 4) == region_code.str.slice(0, 4)))",
        ),
    ),
    columns=(
        Column(name="project_no", dtype=pl.String(), zh="项目编号", en="number of the project", nullable=False, pattern=r"^\d{16}$", source="PrjNum", sensitivity=Sensitivity.PUBLIC),
        Column(name="name", dtype=pl.String(), zh="项目名称", en="name", nullable=False, source="PrjName", sensitivity=Sensitivity.PUBLIC),
        Column(name="project_type", dtype=pl.String(), zh="项目分类", en="class", nullable=False, codes=("房屋建筑", "市政基础设施", "其他"), source="PrjTypeNum"),
        Column(name="region_code", dtype=pl.String(), zh="所在区县", en="county", nullable=False, pattern=r"^\d{6}$", source="CountyNum"),
        Column(name="data_level", dtype=pl.String(), zh="数据等级", en="who verified it: A province, B city, C county, D nobody", codes=("A", "B", "C", "D"), source="DataLevel"),
        Column(name="data_source", dtype=pl.String(), zh="数据来源", en="how it came into the platform", codes=("业务办理", "信息登记", "历史业绩补录", "共享交换"), source="DataSource"),
        Column(name="builder_code", dtype=pl.String(), zh="建设单位代码", en="who has it built, by social credit code; who has none is told in words", source="BuildCorpCode"),
        Column(name="all_area_m2", dtype=QUANTITY, zh="总面积", en="area of the whole project; null where it has none", unit="m²", minimum=0, source="AllArea"),
        Column(name="approved_on", dtype=pl.Date(), zh="立项批复时间", en="day the project was approved", source="PrjApprovalDate"),
        *common.provenance(),
    ),
)

CONTRACT = Table(
    name="base_project__contract", layer=Layer.BASE, mode=Mode.VIEW,
    zh="合同", en="Construction contracts, one row per contractor", source="TBContractRecordManage",
    legal_basis="regulations E14, E19, E20",
    valid_from="signed_on",
    key=("contract_no",), sort_by=("usc_code", "contract_no"),
    columns=(
        Column(name="contract_no", dtype=pl.String(), zh="合同登记编号", en="record number of the contract", nullable=False, source="RecordNum"),
        Column(name="project_no", dtype=pl.String(), zh="项目编号", en="project", nullable=False, pattern=r"^\d{16}$", source="PrjNum"),
        common.usc_code("承包单位", "contractor", source="ContractorCorpCode"),
        Column(name="permit_no", dtype=pl.String(), zh="施工许可证编号", en="permit the works were begun under, as printed or as number of the stage", source="BuilderLicenceNum", sensitivity=Sensitivity.PUBLIC),
        Column(name="contract_type", dtype=pl.String(), zh="合同类别", en="contracting role", codes=CONTRACT_TYPES, source="ContractTypeNum"),
        Column(name="amount_yuan", dtype=YUAN, zh="合同金额", en="price in the contract; null where it names none", unit="yuan", minimum=0, source="ContractMoney"),
        Column(name="settlement_yuan", dtype=YUAN, zh="结算金额", en="settlement, used only where the contract names no price (E20)", unit="yuan", minimum=0, source="FactCost"),
        Column(name="is_consortium", dtype=pl.Boolean(), zh="是否联合体", en="undertaken with others", source="UnionCorpCode"),
        Column(name="signed_on", dtype=pl.Date(), zh="合同签订日期", en="day of signing", source="ContractDate"),
        Column(name="entered_on", dtype=pl.Date(), zh="记录登记时间", en="day the record was entered at its source", source="CreateDate"),
        *common.provenance(),
    ),
)

ALIAS_SCHEMES = ("contract_no", "permit_no")
"""What a project is known by besides its number; a contract by its permit."""

ALIAS = Table(
    name="base_project__alias", layer=Layer.BASE, mode=Mode.VIEW,
    zh="项目别名对照", en="What else projects and contracts are known by: derived from the contracts, used where a feed gives no number of its own",
    legal_basis="建办市〔2018〕81号",
    key=("scheme", "value", "contract_no"), sort_by=("scheme", "value"),
    columns=(
        Column(name="scheme", dtype=pl.String(), zh="标识类型", en="kind of number", nullable=False, codes=ALIAS_SCHEMES),
        Column(name="value", dtype=pl.String(), zh="标识", en="number, normalised: permits without the letters of re-issues", nullable=False, sensitivity=Sensitivity.PUBLIC),
        Column(name="contract_no", dtype=pl.String(), zh="合同登记编号", en="contract", nullable=False, source="RecordNum"),
        Column(name="project_no", dtype=pl.String(), zh="项目编号", en="project", nullable=False, pattern=r"^\d{16}$", source="PrjNum", sensitivity=Sensitivity.PUBLIC),
        *common.provenance(),
    ),
)

PERMIT = Table(
    name="base_project__permit", layer=Layer.BASE, mode=Mode.VIEW,
    zh="施工许可证", en="Construction permits: what contracts are compared with; no criterion reads them",
    source="TBBuilderLicenceManage", legal_basis="建办市〔2018〕81号; regulations E14",
    valid_from="issued_on",
    key=("permit_no",), sort_by=("usc_code", "permit_no"),
    columns=(
        Column(name="permit_no", dtype=pl.String(), zh="施工许可证编号", en="number as printed, with the letters of re-issues, or of the stage", nullable=False, source="BuilderLicenceNum", sensitivity=Sensitivity.PUBLIC),
        Column(name="project_no", dtype=pl.String(), zh="项目编号", en="project", nullable=False, pattern=r"^\d{16}$", source="PrjNum", sensitivity=Sensitivity.PUBLIC),
        common.usc_code("施工单位", "contractor it names", source="ConsCorpCode"),
        common.usc_code("监理单位", "supervisor it names", name="supervisor_usc_code", nullable=True, source="SuperCorpCode"),
        Column(name="amount_yuan", dtype=YUAN, zh="合同金额", en="price of the contract as permitted", unit="yuan", minimum=0, source="ContractMoney"),
        Column(name="area_m2", dtype=QUANTITY, zh="面积", en="area permitted to be built", unit="m²", minimum=0, source="Area"),
        Column(name="tender_no", dtype=pl.String(), zh="中标通知书编号", en="tender that the works were awarded by; null where there was none", source="TenderNum", sensitivity=Sensitivity.PUBLIC),
        Column(name="issued_on", dtype=pl.Date(), zh="发证日期", en="day of issue", nullable=False, source="ReleaseDate", sensitivity=Sensitivity.PUBLIC),
        *common.provenance(),
    ),
)

UNIT = Table(
    name="base_project__unit", layer=Layer.BASE, mode=Mode.VIEW,
    zh="单位工程", en="Unit projects: what performance is counted by", source="TBUnitProjectInfo",
    legal_basis="regulations E16",
    key=("unit_code",), sort_by=("usc_code", "contract_no"),
    columns=(
        Column(name="unit_code", dtype=pl.String(), zh="单体编码", en="unit project", nullable=False, source="UnitCode"),
        Column(name="project_no", dtype=pl.String(), zh="项目编号", en="project", nullable=False, pattern=r"^\d{16}$", source="PrjNum"),
        Column(name="contract_no", dtype=pl.String(), zh="合同登记编号", en="contract it was built under", nullable=False),
        common.usc_code("承包单位", "contractor"),
        Column(name="name", dtype=pl.String(), zh="单体名称", en="name", source="SubPrjName"),
        Column(name="works_type", dtype=pl.String(), zh="工程类型", en="kind of works, from the rulebook's code list", nullable=False),
        Column(name="storeys_below", dtype=QUANTITY, zh="地下层数", en="storeys underground", minimum=0, source="BottomFloorCount"),
        *common.provenance(),
    ),
)

MEASURE = Table(
    name="base_project__measure", layer=Layer.BASE, mode=Mode.VIEW,
    zh="单体技术指标", en="Measures of unit projects, one row per kind of works and metric",
    source="TBUnitProjectInfo, TBUnitProjectTechParamInfo", legal_basis="regulations E14-E21",
    key=("unit_code", "works_type", "metric"), sort_by=("usc_code", "unit_code"),
    columns=(
        Column(name="unit_code", dtype=pl.String(), zh="单体编码", en="unit project", nullable=False, source="UnitCode"),
        common.usc_code("承包单位", "contractor"),
        Column(name="works_type", dtype=pl.String(), zh="工程类型", en="kind of works the measure belongs to; a unit may be of several", nullable=False),
        Column(name="metric", dtype=pl.String(), zh="指标", en="metric, from the rulebook's code list", nullable=False),
        Column(name="value", dtype=QUANTITY, zh="数值", en="number, in the metric's one unit; null for a label", minimum=0),
        Column(name="label", dtype=pl.String(), zh="名称值", en="label or ordered grade; null for a number"),
        *common.provenance(),
    ),
)

ACCEPTANCE = Table(
    name="base_project__acceptance", layer=Layer.BASE, mode=Mode.VIEW,
    zh="竣工验收", en="Completion and acceptance, per contract", source="TBProjectFinishCheckInfo",
    legal_basis="regulations E14, E15; cross-checks J-05, J-07, J-08",
    valid_from="accepted_on",
    key=("contract_no",), sort_by=("usc_code", "contract_no"),
    rules=(
        RowRule(check_id="J-05", zh="竣工日期不早于开工日期", en="accepted not before it was begun",
                holds=pl.col("accepted_on") >= pl.col("started_on"), pandas_query="accepted_on >= started_on"),
    ),
    columns=(
        Column(name="contract_no", dtype=pl.String(), zh="合同登记编号", en="contract", nullable=False),
        common.usc_code("承包单位", "contractor"),
        Column(name="acceptance_no", dtype=pl.String(), zh="竣工验收编号", en="number of the acceptance", nullable=False, source="PrjFinishCheckNum"),
        Column(name="started_on", dtype=pl.Date(), zh="实际开工日期", en="day of the start", source="BDate"),
        Column(name="accepted_on", dtype=pl.Date(), zh="竣工验收日期", en="day of acceptance, not of its filing", source="EDate"),
        Column(name="quality", dtype=pl.String(), zh="验收结论", en="result of the acceptance", codes=("合格", "不合格")),
        Column(name="area_m2", dtype=QUANTITY, zh="实际面积", en="area as built; null where the works have none", unit="m²", minimum=0, source="FactArea"),
        Column(name="size_text", dtype=pl.String(), zh="实际建设规模", en="size as built, in words", source="FactSize"),
        Column(name="tester_code", dtype=pl.String(), zh="质量检测机构代码", en="who tested the works, by social credit code", source="QCCorpCode"),
        *common.provenance(),
    ),
)

PARTY = Table(
    name="base_project__party", layer=Layer.BASE, mode=Mode.VIEW,
    zh="项目负责人", en="Who led the works under a contract", source="TBProjectCorpInfo, TBPersonPerformance",
    legal_basis="regulations E11, E14; cross-checks J-14, J-16",
    key=("contract_no", "duty", "person_key"), sort_by=("usc_code", "contract_no"),
    columns=(
        Column(name="contract_no", dtype=pl.String(), zh="合同登记编号", en="contract", nullable=False),
        common.usc_code("承包单位", "contractor"),
        Column(name="duty", dtype=pl.String(), zh="职务", en="duty", nullable=False, codes=("项目经理", "技术负责人"), source="PRJDUTY"),
        common.person_key(),
        *common.provenance(),
    ),
)

TENDER = Table(
    name="base_project__tender", layer=Layer.BASE, mode=Mode.VIEW,
    zh="招投标", en="Tenders for works: what contracts are compared with; no criterion reads them",
    source="TBTenderInfo", legal_basis="建办市〔2018〕81号; cross-check J-25",
    valid_from="awarded_on",
    key=("tender_no",), sort_by=("usc_code", "tender_no"),
    columns=(
        Column(name="tender_no", dtype=pl.String(), zh="中标通知书编号", en="number of the award", nullable=False, source="TenderNum", sensitivity=Sensitivity.PUBLIC),
        Column(name="project_no", dtype=pl.String(), zh="项目编号", en="project", nullable=False, pattern=r"^\d{16}$", source="PrjNum", sensitivity=Sensitivity.PUBLIC),
        common.usc_code("中标单位", "winner", source="TenderCorpCode"),
        Column(name="amount_yuan", dtype=YUAN, zh="中标金额", en="price of the award", unit="yuan", minimum=0, source="TenderMoney"),
        Column(name="awarded_on", dtype=pl.Date(), zh="中标日期", en="day of the award", nullable=False, source="TenderResultDate", sensitivity=Sensitivity.PUBLIC),
        *common.provenance(),
    ),
)

QUALITY = Table(
    name="base_project__quality_record", layer=Layer.BASE, mode=Mode.VIEW,
    zh="质量监督", en="Records of the supervision of quality: an independent witness; no criterion reads them",
    source="TBProjectQualityCheck", legal_basis="建办市〔2018〕81号; cross-check J-28",
    key=("quality_no",), sort_by=("project_no",),
    columns=(
        Column(name="quality_no", dtype=pl.String(), zh="质量监督记录编号", en="number of the record", nullable=False, source="QualityNum"),
        Column(name="project_no", dtype=pl.String(), zh="项目编号", en="project", nullable=False, pattern=r"^\d{16}$", source="PrjNum", sensitivity=Sensitivity.PUBLIC),
        Column(name="accepted_on", dtype=pl.Date(), zh="质量报监受理时间", en="day the supervision was taken up", nullable=False, source="QualityAcceptDate"),
        Column(name="result", dtype=pl.String(), zh="监督结论", en="what the station found in the end; null while it has not", codes=("合格", "不合格")),
        *common.provenance(),
    ),
)

CONCLUSIONS = ("通过", "不通过", "弄虚作假")

USE = Table(
    name="base_project__qualification_use", layer=Layer.BASE, mode=Mode.VIEW,
    zh="项目用于资质申报情况", en="Projects that were used in qualification applications, with the outcome; no criterion reads them",
    source="TBProjectAptitudeSQInfo", legal_basis="建办市〔2018〕81号; regulations E14; cross-check J-17",
    key=("project_no", "usc_code", "applied_on"), sort_by=("project_no",),
    columns=(
        Column(name="project_no", dtype=pl.String(), zh="项目编号", en="project", nullable=False, pattern=r"^\d{16}$", source="PrjNum", sensitivity=Sensitivity.PUBLIC),
        common.usc_code("申报单位", "enterprise that used it", source="SQCorpCode"),
        Column(name="applied_on", dtype=pl.Date(), zh="申报时间", en="day of that application", nullable=False, source="SQDate"),
        Column(name="conclusion", dtype=pl.String(), zh="公告结论", en="what was announced; null where it has no meaning here", codes=CONCLUSIONS, source="GGResult"),
        *common.provenance(),
    ),
)

TABLES = (PROJECT, CONTRACT, ALIAS, PERMIT, TENDER, UNIT, MEASURE, ACCEPTANCE, PARTY, QUALITY, USE)
