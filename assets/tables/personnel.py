"""人员库: persons, what they are registered and certified as, and who insures them.

Only `base_personnel__person` holds identity numbers and names; every other table knows a
person by `person_key`, a keyed pseudonym.
"""

from __future__ import annotations

import polars as pl

from assets.lake.declaration import Column, Layer, Mode, RowRule, Sensitivity, Table
from assets.tables import common

REGISTRATIONS = (
    "一级注册建造师", "二级注册建造师", "一级临时建造师", "二级临时建造师",
    "一级注册建筑师", "二级注册建筑师", "一级注册结构工程师", "二级注册结构工程师", "注册岩土工程师",
    "注册土木工程师（港口与航道）", "注册公用设备工程师（暖通）", "注册公用设备工程师（给排水）", "注册公用设备工程师（动力）",
    "注册电气工程师（发输变电）", "注册电气工程师（供配电）", "注册化工工程师", "注册监理工程师",
    "一级注册造价工程师", "二级注册造价工程师",
)
"""TBSPECIALTYTYPEDIC 81 82 83 84 1 2 11 12 21, then what fulfils nothing here and may be elsewhere (E4): 22
31 32 33 41 42 61 71 91 92."""
_OTHER_LEVEL_DIGITS = (("一级注册建造师", "[02-9]"), ("二级注册建造师", "[013-9]"))
"""The digits that the number of such a registration cannot have; numbers of other forms say nothing."""
TITLE_LEVELS = ("初级", "中级", "高级", "正高级")
SKILL_GRADES = ("初级工", "中级工", "高级工", "技师", "高级技师")
"""Rising skill; the codes of the source fall as the skill rises (5 to 1)."""

POST_STATES = ("valid", "withheld", "withdrawn", "cancelled", "lapsed", "transferring", "struck", "other")
"""States of a certificate 01 to 07 and 99 (安管人员电子证照)."""

PERSON = Table(
    name="base_personnel__person", layer=Layer.BASE, mode=Mode.VIEW,
    zh="人员", en="Persons", source="TBRegPersonBasicInfo", legal_basis="regulations E2",
    valid_from="born_on", valid_until="deceased_on",
    key=("person_key",), sort_by=("person_key",),
    rules=(
        RowRule(check_id="B-person-death", zh="死亡日期不早于出生日期", en="nobody dies before being born",
                holds=pl.col("deceased_on") >= pl.col("born_on"), pandas_query="deceased_on >= born_on"),
        RowRule(check_id="B-person-retirement", zh="退休日期不早于出生日期", en="nobody retires before being born",
                holds=pl.col("retired_on") >= pl.col("born_on"), pandas_query="retired_on >= born_on"),
    ),
    columns=(
        common.person_key(),
        Column(name="id_number", dtype=pl.String(), zh="身份证号", en="identity number, 18 digits", nullable=False, pattern=r"^\d{17}[\dX]$", source="IDCard18", sensitivity=Sensitivity.PERSONAL),
        Column(name="name", dtype=pl.String(), zh="姓名", en="name", source="PersonName", sensitivity=Sensitivity.PERSONAL),
        Column(name="born_on", dtype=pl.Date(), zh="出生日期", en="day of birth", source="Birthday", sensitivity=Sensitivity.PERSONAL),
        Column(name="deceased_on", dtype=pl.Date(), zh="死亡日期", en="day of death; null while alive", sensitivity=Sensitivity.PERSONAL),
        Column(name="retired_on", dtype=pl.Date(), zh="退休日期", en="day of retirement; null while in work", sensitivity=Sensitivity.PERSONAL),
        *common.provenance(),
    ),
)

REGISTRATION = Table(
    name="base_personnel__registration", layer=Layer.BASE, mode=Mode.VIEW,
    zh="注册执业人员", en="Practice registrations, one row per specialty",
    source="TBRegPersonRegInfo", legal_basis="regulations E1, E4, E7; cross-check P-21",
    valid_from="valid_from", valid_until="valid_until",
    key=("registration_no", "specialty", "usc_code"), sort_by=("usc_code", "person_key"),
    rules=(
        RowRule(check_id="B-registration-dates", zh="注册有效期止不早于注册日期", en="a registration does not end before it begins",
                holds=pl.col("valid_until") >= pl.col("valid_from"), pandas_query="valid_until >= valid_from"),
        RowRule(check_id="B-specialty", zh="注册建造师须有注册专业", en="a constructor is registered for a specialty; without one the row proves nothing",
                holds=~pl.col("registration").is_in(REGISTRATIONS[:4]) | (pl.col("specialty") != ""),
                pandas_query=f"registration not in {list(REGISTRATIONS[:4])} or specialty != ''"),
        RowRule(check_id="P-22", zh="注册编号等级位与注册等级一致", en="the level digit of a constructor's number fits the level of registration",
                holds=~pl.any_horizontal((pl.col("registration") == name) & pl.col("registration_no").str.contains(f"^.{digit}[0-9]{{11}}") for name, digit in _OTHER_LEVEL_DIGITS),
                pandas_query="not (" + " or ".join(f"(registration == '{name}' and registration_no.str.contains('^.{digit}[0-9]{{11}}'))" for name, digit in _OTHER_LEVEL_DIGITS) + ")"),
    ),
    columns=(
        Column(name="registration_no", dtype=pl.String(), zh="注册编号", en="registration number", nullable=False, source="CertNum"),
        common.person_key(), common.usc_code("注册单位", "enterprise of registration"),
        Column(name="registration", dtype=pl.String(), zh="注册类型及等级", en="kind and grade", nullable=False, codes=REGISTRATIONS, source="SpecialtyTypNum"),
        Column(name="specialty", dtype=pl.String(), zh="注册专业", en="specialty; empty where the kind has none", nullable=False, source="RegTradeTypeNum"),
        Column(name="valid_from", dtype=pl.Date(), zh="注册日期", en="first day with this enterprise", nullable=False, source="TradeTypeAwardDate"),
        Column(name="valid_until", dtype=pl.Date(), zh="注册有效期", en="last valid day; a status is never believed without it", nullable=False, source="TradeTypeEffectDate"),
        *common.provenance(),
    ),
)

TITLE = Table(
    name="base_personnel__title", layer=Layer.BASE, mode=Mode.VIEW,
    zh="职称", en="Professional titles, one row per major", source="TBRegTitlePerson",
    legal_basis="regulations E7, E8, E10; cross-check P-25",
    valid_from="awarded_on",
    key=("title_no", "major"), sort_by=("usc_code", "person_key"),
    columns=(
        Column(name="title_no", dtype=pl.String(), zh="职称证书编号", en="number of the title certificate", nullable=False),
        common.person_key(),
        common.usc_code("授予时单位", "employer at the award; never updated, so no proof of employment", nullable=True),
        Column(name="title_level", dtype=pl.String(), zh="职称等级", en="level; null where the source left it empty", codes=TITLE_LEVELS, source="titleLevel"),
        Column(name="series", dtype=pl.String(), zh="职称系列", en="series; only 工程 counts"),
        Column(name="major", dtype=pl.String(), zh="专业", en="major, from the rulebook's code list", nullable=False, source="titleMajor"),
        Column(name="studied_major", dtype=pl.String(), zh="所学专业", en="major of the degree, from the same list, which counts as well; null where the source does not tell it", source="studyMajor"),
        Column(name="awarded_on", dtype=pl.Date(), zh="取得日期", en="day of the award"),
        Column(name="graduated_on", dtype=pl.Date(), zh="毕业日期", en="day of graduation, as the title's application told it", source="graduatedDate"),
        *common.provenance(),
    ),
)

POST = Table(
    name="base_personnel__post_certificate", layer=Layer.BASE, mode=Mode.VIEW,
    zh="岗位证书", en="Post certificates of site managers", source="TPersonJobCert",
    legal_basis="regulations E1, E9",
    valid_from="issued_on", valid_until="valid_until",
    key=("certificate_no",), sort_by=("usc_code", "person_key"),
    rules=(
        RowRule(check_id="B-post-dates", zh="有效期不早于发证日期", en="a certificate does not end before it is issued",
                holds=pl.col("valid_until") >= pl.col("issued_on"), pandas_query="valid_until >= issued_on"),
    ),
    columns=(
        Column(name="certificate_no", dtype=pl.String(), zh="证书编号", en="number", nullable=False, source="CertNo"),
        common.person_key(), common.usc_code("证载单位", "employer on the certificate", nullable=True),
        Column(name="role", dtype=pl.String(), zh="岗位", en="post, from the rulebook's code list", nullable=False, source="JobCertType"),
        Column(name="issued_on", dtype=pl.Date(), zh="发证日期", en="day of issue", source="IssueDate"),
        Column(name="valid_until", dtype=pl.Date(), zh="有效期", en="last valid day; null = without term", source="ValidDate"),
        Column(name="status_code", dtype=pl.String(), zh="证书状态", en="state of the certificate; null where the source tells none", codes=POST_STATES, source="certState"),
        *common.provenance(),
    ),
)

SKILL = Table(
    name="base_personnel__skill_certificate", layer=Layer.BASE, mode=Mode.VIEW,
    zh="技术工人", en="Skill certificates of workers", source="TBSkilledWorker",
    legal_basis="regulations E1, E9, E12",
    valid_from="issued_on",
    key=("certificate_no",), sort_by=("usc_code", "person_key"),
    columns=(
        Column(name="certificate_no", dtype=pl.String(), zh="证书编号", en="number", nullable=False, source="CertificateNum"),
        common.person_key(), common.usc_code("证载单位", "employer on the certificate", nullable=True),
        Column(name="trade", dtype=pl.String(), zh="工种", en="trade, from the rulebook's code list", nullable=False, source="SkilledTypeNum"),
        Column(name="grade", dtype=pl.String(), zh="技能等级", en="grade; null where the source left it empty", codes=SKILL_GRADES, source="SkilledLevelNum"),
        Column(name="issued_on", dtype=pl.Date(), zh="发证日期", en="day of issue"),
        Column(name="told_born_on", dtype=pl.Date(), zh="证载出生日期", en="day of birth beside the identity number", source="Birthday", sensitivity=Sensitivity.PERSONAL),
        Column(name="told_sex", dtype=pl.String(), zh="证载性别", en="sex beside the identity number", codes=("男", "女"), source="SexNum", sensitivity=Sensitivity.PERSONAL),
        *common.provenance(),
    ),
)

INSURANCE = Table(
    name="base_personnel__insurance_month", layer=Layer.BASE, mode=Mode.VIEW,
    zh="社会保险缴费", en="Pension insurance, one row per person, month and payer",
    legal_basis="20号 (38)5; regulations B0.5, E3; cross-check P-13",
    valid_from="month",
    key=("person_key", "month", "usc_code"), sort_by=("usc_code", "month", "person_key"),
    columns=(
        common.person_key(), common.usc_code("缴费单位", "payer"),
        Column(name="month", dtype=pl.Date(), zh="对应费款所属期", en="first day of the insured month", nullable=False, source="AAE003"),
        Column(name="is_paid", dtype=pl.Boolean(), zh="足额到账", en="paid in full; null where the source does not say", source="full_rece_flag"),
        Column(name="paid_month", dtype=pl.Date(), zh="费款缴纳月", en="first day of the month in which it was collected; null where the source does not say", source="fee_period"),
        *common.provenance(),
    ),
)

TECHNICAL_LEAD = Table(
    name="base_personnel__technical_lead", layer=Layer.BASE, mode=Mode.VIEW,
    zh="技术负责人", en="The technical leader of each enterprise and category",
    source="TBCorpCertInfo.TechMan", legal_basis="regulations E11",
    valid_from="appointed_on",
    key=("usc_code", "category_code"), sort_by=("usc_code",),
    columns=(
        common.usc_code(), common.category_code(), common.person_key(),
        Column(name="practice_from", dtype=pl.Date(), zh="从事工程施工技术管理起始", en="first day of practice in technical management of works"),
        Column(name="practice_field", dtype=pl.String(), zh="从事领域", en="what that practice is in, in the words of the standard (消防设施工程施工技术管理); null where the source does not tell it", source="PracticeField"),
        Column(name="appointed_on", dtype=pl.Date(), zh="任命日期", en="day of the appointment"),
        *common.provenance(),
    ),
)

TABLES = (PERSON, REGISTRATION, TITLE, POST, SKILL, INSURANCE, TECHNICAL_LEAD)

STATEMENTS = ("same", "different", "shared", "sole")
"""Two numbers are one person's, or two persons'; one number is several persons', or one's."""
_IS_OF_ONE = pl.col("statement").is_in(["shared", "sole"])

IDENTITY = Table(
    name="base_personnel__identity", layer=Layer.BASE, mode=Mode.LOG,
    zh="身份认定", en="Statements that two identity numbers are, or are not, of one person, and that one is, or is not, of several",
    legal_basis="GB 11643-1999; regulations E4, E5",
    key=("statement_no",), sort_by=("received_at",), retention_years=30,
    rules=(
        RowRule(check_id="B-identity-itself", zh="一个号码不与自身认定", en="a number is not said to be itself, or not itself",
                holds=pl.col("person_key") != pl.col("other_key"), pandas_query="person_key != other_key"),
        RowRule(check_id="B-identity-other", zh="认定涉及另一号码时须载明，否则不得载明", en="same and different name another number, shared and sole do not",
                holds=pl.col("other_key").is_null() == _IS_OF_ONE, pandas_query="statement.isnull() | (other_key.isnull() == statement.isin(['shared', 'sole']))"),
    ),
    columns=(
        Column(name="statement_no", dtype=pl.String(), zh="认定编号", en="number of the statement: the sender's, or a digest of a steward's", nullable=False),
        Column(name="statement", dtype=pl.String(), zh="认定", en="same, different: the two numbers are of one person, or of two; shared, sole: several persons bear the number, or one. The later of the same numbers holds", nullable=False, codes=STATEMENTS),
        common.person_key("人员键", "of one person the number that he bears now"),
        Column(name="other_key", dtype=pl.String(), zh="另一人员键", en="the other number, borne before or by mistake; none where one number is stated about", pattern=r"^[0-9a-f]{20}$", source="IDCard18 (pseudonym)"),
        Column(name="stated_on", dtype=pl.Date(), zh="认定日期", en="day of the act that it rests on", nullable=False),
        Column(name="stated_by", dtype=pl.String(), zh="认定人", en="who states it", nullable=False),
        Column(name="because", dtype=pl.String(), zh="原因", en="why", nullable=False),
        Column(name="document", dtype=pl.String(), zh="依据文书", en="document that it rests on", nullable=False),
        *common.provenance(),
    ),
)
"""Not among `TABLES`: it names no enterprise's people, but says whose rows they are."""
NUMBERS = {
    REGISTRATION: "registration_no", TITLE: "title_no", POST: "certificate_no", SKILL: "certificate_no",
}
"""Tables of certificates, and the number by which a check names one."""
