"""信用库: effective findings, bars, rectification orders."""

from __future__ import annotations

import polars as pl

from assets.lake.declaration import Column, Layer, Mode, RowRule, Sensitivity, Table
from assets.tables import common

ACTS = (
    "超越资质或借用资质", "串通投标或行贿中标", "无施工许可证施工", "转包或违法分包", "违反强制性标准",
    "恶意拖欠工程款或工资", "瞒报谎报迟报事故", "无证上岗", "不履行保修义务", "伪造变造倒卖出租出借证书",
    "较大以上事故", "一般事故", "其他",
)
"""令22 Art. 23 items 1-10; item 11 by class of accident (one 较大 or above, two 一般); 其他 is not item 12
unless an effective finding names it so (regulations C1)."""

SANCTIONS = ("降低资质等级", "吊销资质证书", "其他")
"""What a penalty does to the qualification itself (建筑法 Arts. 65-76; regulations D10)."""

FINDING = Table(
    name="base_credit__finding", layer=Layer.BASE, mode=Mode.VIEW,
    zh="违法行为认定", en="Effective findings of acts, each with its document", source="TBCorpBadCreditInfo",
    legal_basis="令22 Art. 23; regulations C1; cross-checks C-01, C-08",
    valid_from="decided_on", valid_until="revoked_on",
    key=("finding_no",), sort_by=("usc_code", "decided_on"),
    rules=(
        RowRule(check_id="B-finding-dates", zh="撤销日期不早于决定日期", en="a decision is not set aside before it is made",
                holds=pl.col("revoked_on") >= pl.col("decided_on"), pandas_query="revoked_on >= decided_on"),
    ),
    columns=(
        Column(name="finding_no", dtype=pl.String(), zh="认定编号", en="number at the source", nullable=False),
        common.usc_code(),
        Column(name="act", dtype=pl.String(), zh="违法行为", en="which act of Art. 23; null while not classified", codes=ACTS, source="CreditCode"),
        Column(name="decided_on", dtype=pl.Date(), zh="决定日期", en="day of the decision, the day that counts (reading of C1)", nullable=False, source="PunishDate"),
        Column(name="authority", dtype=pl.String(), zh="决定机关", en="deciding authority", nullable=False, source="PunishDepartName", sensitivity=Sensitivity.PUBLIC),
        Column(name="document_no", dtype=pl.String(), zh="文号", en="number of the document", nullable=False, source="PunishNumber", sensitivity=Sensitivity.PUBLIC),
        Column(name="revoked_on", dtype=pl.Date(), zh="撤销日期", en="day the decision was set aside; null while in force"),
        Column(name="project_no", dtype=pl.String(), zh="项目编号", en="project it is about; null where it is about none, or is not told", pattern=r"^\d{16}$", source="PrjNum", sensitivity=Sensitivity.PUBLIC),
        Column(name="sanction", dtype=pl.String(), zh="资质处罚", en="what became of the qualification by it; null where it is not told", codes=SANCTIONS, source="PunishContent"),
        *common.provenance(),
    ),
)

BAR = Table(
    name="base_credit__bar", layer=Layer.BASE, mode=Mode.VIEW,
    zh="申请限制", en="Bars on applying, with their term", legal_basis="令22 Arts. 35, 36; regulations C4-C6",
    valid_from="starts_on", valid_until="ends_on",
    key=("bar_no",), sort_by=("usc_code",),
    rules=(
        RowRule(check_id="B-bar-dates", zh="限制截止不早于开始", en="a bar does not end before it begins",
                holds=pl.col("ends_on") >= pl.col("starts_on"), pandas_query="ends_on >= starts_on"),
    ),
    columns=(
        Column(name="bar_no", dtype=pl.String(), zh="限制编号", en="number", nullable=False),
        common.usc_code(),
        common.category_code(nullable=True, en="category the bar is limited to; null bars all"),
        Column(name="ground", dtype=pl.String(), zh="限制事由", en="why", nullable=False, codes=("申请弄虚作假", "骗取资质", "资质异常", "涉嫌造假核查")),
        Column(name="starts_on", dtype=pl.Date(), zh="开始日期", en="first day", nullable=False),
        Column(name="ends_on", dtype=pl.Date(), zh="截止日期", en="last day; null while open"),
        *common.provenance(),
    ),
)

RECTIFICATION = Table(
    name="base_credit__rectification", layer=Layer.BASE, mode=Mode.VIEW,
    zh="责令整改", en="Orders to correct", legal_basis="令22 Art. 28; regulations C3, D3",
    valid_from="ordered_on", valid_until="closed_on",
    key=("order_no",), sort_by=("usc_code",),
    rules=(
        RowRule(check_id="B-rectification-dates", zh="整改结束不早于责令日期", en="an order is not closed before it is given",
                holds=pl.col("closed_on") >= pl.col("ordered_on"), pandas_query="closed_on >= ordered_on"),
    ),
    columns=(
        Column(name="order_no", dtype=pl.String(), zh="整改通知编号", en="number", nullable=False),
        common.usc_code(), common.category_code(),
        Column(name="ordered_on", dtype=pl.Date(), zh="责令日期", en="day of the order", nullable=False),
        Column(name="due_on", dtype=pl.Date(), zh="整改期限", en="last day to correct", nullable=False),
        Column(name="closed_on", dtype=pl.Date(), zh="整改结束", en="day it was closed; null while running"),
        *common.provenance(),
    ),
)

LISTS = ("经营异常名录", "严重违法失信名单", "失信被执行人", "拖欠农民工工资失信名单")

LISTING = Table(
    name="base_credit__listing", layer=Layer.BASE, mode=Mode.VIEW,
    zh="失信名单", en="Enterprises on public lists; no criterion reads them",
    source="经营异常名录, 严重违法失信, 失信被执行人, 欠薪名单", legal_basis="cross-checks E-06, C-06",
    valid_from="listed_on", valid_until="removed_on",
    key=("listing_no",), sort_by=("usc_code",),
    rules=(
        RowRule(check_id="B-listing-dates", zh="移出日期不早于列入日期", en="nobody is taken off a list before being put on it",
                holds=pl.col("removed_on") >= pl.col("listed_on"), pandas_query="removed_on >= listed_on"),
    ),
    columns=(
        Column(name="listing_no", dtype=pl.String(), zh="名单编号", en="number at the source: of the list's entry or of the court's case", nullable=False),
        common.usc_code(),
        Column(name="list", dtype=pl.String(), zh="名单", en="which list", nullable=False, codes=LISTS, sensitivity=Sensitivity.PUBLIC),
        Column(name="listed_on", dtype=pl.Date(), zh="列入日期", en="day it was put on the list", nullable=False, sensitivity=Sensitivity.PUBLIC),
        Column(name="removed_on", dtype=pl.Date(), zh="移出日期", en="day it was taken off; null while it is on it", sensitivity=Sensitivity.PUBLIC),
        *common.provenance(),
    ),
)

MEASURES_ON_PERSONS = ("撤销注册", "注册锁定", "其他")

PERSON_RECORD = Table(
    name="base_credit__person_record", layer=Layer.BASE, mode=Mode.VIEW,
    zh="个人不良行为", en="Effective records against registered persons; no criterion reads them",
    source="TBRegPersonBadCreditInfo", legal_basis="建设部令153号 (recalled); cross-check P-34",
    valid_from="decided_on", valid_until="ends_on",
    key=("record_no",), sort_by=("person_key",),
    rules=(
        RowRule(check_id="B-person-record-dates", zh="截止日期不早于决定日期", en="a measure does not end before it is decided",
                holds=pl.col("ends_on") >= pl.col("decided_on"), pandas_query="ends_on >= decided_on"),
    ),
    columns=(
        Column(name="record_no", dtype=pl.String(), zh="记录编号", en="number at the source", nullable=False),
        common.person_key(),
        Column(name="measure", dtype=pl.String(), zh="措施", en="what was decided; null where it has no meaning here", codes=MEASURES_ON_PERSONS, source="CreditCode"),
        Column(name="decided_on", dtype=pl.Date(), zh="决定日期", en="day of the decision", nullable=False, source="PunishDate"),
        Column(name="ends_on", dtype=pl.Date(), zh="截止日期", en="last day of its effect, where the decision names one", source="PunishEDate"),
        *common.provenance(),
    ),
)

TABLES = (FINDING, BAR, RECTIFICATION, LISTING, PERSON_RECORD)
