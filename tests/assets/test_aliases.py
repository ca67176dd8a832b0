"""Enterprises that a feed names by something else than their social credit code."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from deliveries import (
    FIRM,
    LI,
    NOW,
    OTHER_FIRM,
    ZHANG,
    Province,
    Row,
    enterprise,
    finding,
    insured,
    registered,
    unit,
)

from assets.bases.quarantine import uncleared
from assets.tables import credit, intake, personnel, project
from assets.tables import enterprise as tables

ORGANISATION, TAX, LICENCE = "MA2A0001-8", "330199MA2A00018", "330100000012345"


def renamed(before: str, after: str, **more: str) -> Row:
    return {
        "chg_id": "E1",
        "uni_social_crd_cd": FIRM,
        "chg_item": "名称变更",
        "chg_dt": "2015-06-01",
        "chg_before": before,
        "chg_after": after,
    } | more


def in_registry(province: Province, *rows: Row, name: str = "1") -> None:
    province.deliver("market_registry", "registration", list(rows), name=name)


def open_doubts(province: Province) -> list[list[str]]:
    return uncleared(province.store.scan(intake.QUARANTINE)).collect()["reasons"].to_list()


def aliases(province: Province, scheme: str) -> list[tuple[Any, ...]]:
    rows = province.read(tables.ALIAS).filter(scheme=scheme)
    return rows.select("value", "usc_code", "valid_from", "valid_to").sort(pl.all()).rows()


def test_the_registry_makes_known_by_what_else_an_enterprise_is_known(province: Province) -> None:
    in_registry(province, enterprise(reg_no=LICENCE))
    event = renamed("浙江旧名 (建设)有限公司", "浙江测试建设有限公司")
    province.deliver("market_registry", "event", [event])
    province.collect()
    assert aliases(province, "organisation_code") == [("MA2A00018", FIRM, None, None)]
    assert aliases(province, "tax_no") == [(TAX, FIRM, None, None)]
    assert aliases(province, "registration_no") == [(LICENCE, FIRM, None, None)]
    day = date(2015, 6, 1)
    assert aliases(province, "name") == [
        ("浙江旧名（建设）有限公司", FIRM, None, day),
        ("浙江测试建设有限公司", FIRM, day, None),
    ]


def test_a_name_that_the_registry_no_longer_tells_is_still_known(province: Province) -> None:
    in_registry(province, enterprise(comp_nm="浙江旧名有限公司"))
    province.collect()
    in_registry(province, enterprise(), name="2")
    province.collect()
    assert [name for name, *_ in aliases(province, "name")] == [
        "浙江旧名有限公司",
        "浙江测试建设有限公司",
    ]


def test_a_second_collection_changes_no_alias(province: Province) -> None:
    in_registry(province, enterprise(reg_no=LICENCE))
    province.collect()
    version = province.store.version(tables.ALIAS)
    province.collect()
    assert province.store.version(tables.ALIAS) == version


@pytest.mark.parametrize(
    "code", [ORGANISATION, "ma2a00018", "ＭＡ２Ａ０００１－８", TAX, LICENCE, f" {LICENCE}"]
)
def test_a_code_of_another_scheme_means_the_enterprise_that_bears_it(
    province: Province, code: str
) -> None:
    in_registry(province, enterprise(reg_no=LICENCE))
    province.deliver("constructor_registry", "registration", [registered(CorpCode=code)])
    province.collect()
    assert province.read(personnel.REGISTRATION)["usc_code"].to_list() == [FIRM]
    assert open_doubts(province) == []


@pytest.mark.parametrize(
    "other",
    [
        {"OrganCode": ORGANISATION},
        {"LicenseNum": LICENCE},
        {"OrganCode": "10000000-8", "LicenseNum": LICENCE},
    ],
    ids=["organisation code", "licence", "licence, and a code of nobody"],
)
def test_a_finding_without_its_code_is_known_by_others(
    province: Province, other: dict[str, str]
) -> None:
    in_registry(province, enterprise(reg_no=LICENCE))
    province.deliver("credit", "finding", [finding(CorpCode="", **other)])
    province.collect()
    assert province.read(credit.FINDING)["usc_code"].to_list() == [FIRM]


@pytest.mark.parametrize(
    "name", ["浙江测试建设有限公司", "浙江 测试建设有限公司", "浙江旧名有限公司"]
)
def test_a_payer_without_a_code_is_known_by_its_name_of_now_or_before(
    province: Province, name: str
) -> None:
    in_registry(province, enterprise())
    event = renamed("浙江旧名有限公司", "浙江测试建设有限公司")
    province.deliver("market_registry", "event", [event])
    province.deliver("social_security", "insurance", [insured(firm="", AAB004=name)])
    province.collect()
    assert province.read(personnel.INSURANCE)["usc_code"].to_list() == [FIRM]


def test_what_two_enterprises_bear_means_neither(province: Province) -> None:
    other = enterprise(uni_social_crd_cd=OTHER_FIRM, comp_nm="浙江测试建设有限公司", reg_no=LICENCE)
    in_registry(province, enterprise(reg_no=LICENCE), other)
    by_name = insured(firm="", AAB004="浙江测试建设有限公司")
    province.deliver("social_security", "insurance", [by_name])
    by_both = finding("F2", CorpCode="", OrganCode=ORGANISATION, LicenseNum=LICENCE)
    contradicting = finding("F3", CorpCode="", OrganCode=ORGANISATION, LicenseNum="330100000099999")
    only_licence = finding("F1", CorpCode="", LicenseNum=LICENCE)
    province.deliver("credit", "finding", [only_licence, by_both, contradicting])
    province.collect()
    assert province.read(personnel.INSURANCE).is_empty()
    assert province.reasons(personnel.INSURANCE) == [["usc_code:ambiguous_alias"]]
    # One code that two bear spoils what another says; one of nobody spoils nothing.
    assert province.read(credit.FINDING)["finding_no"].to_list() == ["F3"]
    told = [reasons[0] for reasons in province.reasons(credit.FINDING)]
    assert told == ["usc_code:ambiguous_alias"] * 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (insured(firm="MA2A0002-6"), "usc_code:unknown_alias"),
        (insured(firm="330100000099999"), "usc_code:unknown_alias"),
        (insured(firm="", AAB004="无此公司"), "usc_code:unknown_alias"),
        (insured(firm="MA2A0001-1"), "usc_code:length"),
        # A code with a wrong check is no other scheme: its name does not mend it.
        (insured(firm="91330199MA2A00018X", AAB004="浙江测试建设有限公司"), "usc_code:check_digit"),
    ],
)
def test_what_nobody_bears_is_set_apart(province: Province, row: Row, reason: str) -> None:
    in_registry(province, enterprise())
    province.deliver("social_security", "insurance", [row])
    province.collect()
    assert province.read(personnel.INSURANCE).is_empty()
    [[told, *_]] = province.reasons(personnel.INSURANCE)
    assert told == reason


def test_a_row_waits_for_its_alias_and_is_read_again_once_it_has_come(province: Province) -> None:
    rows = [insured(firm=ORGANISATION), insured(LI, firm="MA2A0002-6")]
    province.deliver("social_security", "insurance", rows)
    province.collect()
    assert province.read(personnel.INSURANCE).is_empty()
    in_registry(province, enterprise())
    province.collect()
    held = province.read(personnel.INSURANCE)
    assert held["usc_code"].to_list() == [FIRM]
    assert held["received_at"][0] >= NOW, "nobody knew it before"
    log = province.read(intake.QUARANTINE).drop_nulls("cleared_at")
    assert log["cleared_why"].to_list() == ["标识已可对应企业或项目 its alias is known now"]
    assert [told[0] for told in open_doubts(province)] == ["usc_code:unknown_alias"]
    version = province.store.version(intake.QUARANTINE)
    province.collect()
    assert province.read(personnel.INSURANCE).equals(held)
    assert province.store.version(intake.QUARANTINE) == version


def test_what_was_told_anew_while_a_row_waited_is_not_undone(province: Province) -> None:
    province.deliver("social_security", "insurance", [insured(firm=ORGANISATION)])
    province.collect()
    corrected = insured(full_rece_flag="0")
    province.deliver("social_security", "insurance", [corrected], name="2")
    province.collect()
    in_registry(province, enterprise())
    province.collect()
    assert province.read(personnel.INSURANCE)["is_paid"].to_list() == [False]
    assert open_doubts(province) == []


def test_persons_are_one_by_their_old_number_and_their_new(province: Province) -> None:
    old = "330199850312001"
    rows = [insured(ZHANG, month="201701"), insured(old, month="201702")]
    manifest = {"periods": ["2017-01-01", "2017-02-01"]}
    province.deliver("social_security", "insurance", rows, manifest=manifest)
    province.deliver("constructor_registry", "registration", [registered(IDCard18=old)])
    province.collect()
    assert province.read(personnel.INSURANCE)["person_key"].n_unique() == 1
    assert province.read(personnel.PERSON)["id_number"].to_list() == [ZHANG]


# -- projects ----------------------------------------------------------------------------

PROJECT, CONTRACT = "3301991604180101", "3301991604180101-HZ-001"
PERMIT = "330199201604200101"


def contract(**more: str) -> Row:
    return {
        "RecordNum": CONTRACT,
        "PrjNum": PROJECT,
        "BuilderLicenceNum": PERMIT,
        "ContractTypeNum": "301",
        "ContractMoney": "500",
        "ContractorCorpCode": FIRM,
        "IsUnion": "0",
        "ContractDate": "2016-04-01",
    } | more


def accepted(**more: str) -> Row:
    return {
        "PrjFinishCheckNum": f"{PROJECT}-JX-001",
        "ContractorCorpCode": FIRM,
        "BDate": "2016-05-01",
        "EDate": "2016-12-01",
        "CheckResult": "合格",
    } | more


@pytest.mark.parametrize(
    "row",
    [
        unit(PrjNum=""),
        unit(PrjNum="", RecordNum="", BuilderLicenceNum=PERMIT),
        unit(PrjNum="", RecordNum="", BuilderLicenceNum=f"{PERMIT}s"),
        unit(PrjNum="", RecordNum="3301991604180101-HZ-0001"),
    ],
    ids=["contract", "permit", "permit re-issued", "contract, padded"],
)
def test_a_unit_without_its_project_is_known_by_contract_or_permit(
    province: Province, row: Row
) -> None:
    province.deliver("project_platform", "contract", [contract()])
    province.deliver("project_platform", "unit", [row])
    province.collect()
    told = province.read(project.UNIT).select("project_no", "contract_no").rows()
    assert told == [(PROJECT, CONTRACT)]


def test_an_acceptance_is_known_by_its_permit(province: Province) -> None:
    province.deliver("project_platform", "contract", [contract()])
    province.deliver("project_platform", "acceptance", [accepted(BuilderLicenceNum=PERMIT)])
    province.collect()
    assert province.read(project.ACCEPTANCE)["contract_no"].to_list() == [CONTRACT]


def test_a_manager_is_known_by_the_permit_of_his_works(province: Province) -> None:
    province.deliver("project_platform", "contract", [contract()])
    led = {"CorpCode": FIRM, "PersonName": "张三", "PersonIDCard": ZHANG, "PRJDUTY": "1"}
    strange = led | {"BuilderLicenceNum": "330199201601010201", "PRJDUTY": "2"}
    province.deliver("project_platform", "party", [led | {"BuilderLicenceNum": PERMIT}, strange])
    province.collect()
    told = province.read(project.PARTY).select("contract_no", "duty").rows()
    assert told == [(CONTRACT, "项目经理")]
    assert province.reasons(project.PARTY) == [["contract_no:unknown_alias"]]


def test_a_permit_of_two_contracts_names_their_project_and_neither_contract(
    province: Province,
) -> None:
    second = contract(RecordNum=f"{PROJECT}-HF-002", ContractTypeNum="302")
    province.deliver("project_platform", "contract", [contract(), second])
    named = unit(PrjNum="", BuilderLicenceNum=PERMIT)
    unnamed = unit(UnitCode="2", PrjNum="", RecordNum="", BuilderLicenceNum=PERMIT)
    province.deliver("project_platform", "unit", [named, unnamed])
    province.collect()
    assert province.read(project.UNIT).select("project_no", "contract_no").rows() == [
        (PROJECT, CONTRACT)
    ]
    assert province.reasons(project.UNIT) == [["contract_no:ambiguous_alias"]]


def test_works_wait_for_the_contract_that_tells_their_permit(province: Province) -> None:
    row = unit(PrjNum="", RecordNum="", BuilderLicenceNum=PERMIT)
    province.deliver("project_platform", "unit", [row | {"BuildHeight": "60"}])
    province.deliver("project_platform", "acceptance", [accepted(BuilderLicenceNum=PERMIT)])
    province.collect()
    assert province.read(project.UNIT).is_empty() and province.read(project.ACCEPTANCE).is_empty()
    assert province.reasons(project.ACCEPTANCE) == [["contract_no:unknown_alias"]]
    province.deliver("project_platform", "contract", [contract()])
    province.collect()
    assert province.read(project.UNIT)["contract_no"].to_list() == [CONTRACT]
    assert province.read(project.ACCEPTANCE)["contract_no"].to_list() == [CONTRACT]
    assert province.read(project.MEASURE).height == 1
    assert open_doubts(province) == []
