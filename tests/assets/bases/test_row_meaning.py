"""What a delivered row becomes in a base table, and who becomes a person."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from deliveries import (
    FIRM,
    LI,
    NOW,
    ZHANG,
    Province,
    enterprise,
    insured,
    key_of,
    only,
    registered,
    unit,
)

from assets.tables import credit, intake, personnel, project
from assets.tables import enterprise as ent

# -- what a row means


def test_an_insured_month_is_known_by_pseudonym_payer_and_first_day(province: Province) -> None:
    province.deliver("social_security", "insurance", [insured()])
    province.collect()
    row = only(province.read(personnel.INSURANCE))
    assert (row["person_key"], row["usc_code"], row["month"], row["is_paid"]) == (
        key_of(ZHANG),
        FIRM,
        date(2017, 2, 1),
        True,
    )
    assert row["received_at"] == NOW


def test_capital_in_ten_thousand_yuan_becomes_yuan(province: Province) -> None:
    province.deliver(
        "market_registry", "registration", [enterprise(reg_capt="200.5", paid_capt="")]
    )
    province.collect()
    row = only(province.read(ent.REGISTRY))
    assert row["registered_capital_yuan"] == Decimal("2005000.00")
    assert row["paid_in_capital_yuan"] is None
    assert (row["region_code"], row["state_code"], row["entity_code"]) == (
        "330199",
        "active",
        "enterprise",
    )


def test_capital_in_another_currency_is_never_read_as_yuan(province: Province) -> None:
    province.deliver("market_registry", "registration", [enterprise(capt_kind="美元")])
    province.collect()
    assert province.read(ent.REGISTRY).is_empty()
    assert province.reasons(ent.REGISTRY) == [["capt_kind:unknown_code"]]


def test_a_wide_unit_becomes_a_unit_and_one_row_for_each_measure_given(province: Province) -> None:
    wide = unit(
        FloorCount="13",
        BuildHeight="41",
        SingleSpanRC="22.5",
        UrbanRoadLength="1.2",
        UrbanRoadLevel="001",
        SewageTreatPlant="8",
        StructureHeight="0",
        GasPipePressure="",
    )
    province.deliver("project_platform", "unit", [wide])
    province.collect()
    assert only(province.read(project.UNIT))["works_type"] == "民用建筑工程"
    measures = province.read(project.MEASURE).select("works_type", "metric", "value", "label")
    assert set(measures.iter_rows()) == {
        ("民用建筑工程", "地上层数", Decimal("13.0000"), None),
        ("民用建筑工程", "建筑高度", Decimal("41.0000"), None),
        ("钢筋混凝土结构建筑工程", "单跨跨度", Decimal("22.5000"), None),
        ("城市道路", "长度", Decimal("1200.0000"), None),
        ("城市道路", "道路等级", None, "主干道"),
        ("污水处理厂工程", "处理能力", Decimal("80000.0000"), None),
    }


def test_a_supervisor_is_registered_too_and_no_stranger_of_an_unknown_kind(
    province: Province,
) -> None:
    """Set apart, the row might be a constructor's; who is one elsewhere counts for none (E4)."""
    kinds = {"71": "105010", "91": "109020", "32": ""}
    rows = [
        registered(CertNum=f"N{kind}", SpecialtyTypNum=kind, RegTradeTypeNum=specialty)
        for kind, specialty in kinds.items()
    ]
    province.deliver("constructor_registry", "registration", rows)
    province.collect()
    told = province.read(personnel.REGISTRATION).sort("registration_no")
    assert told.select("registration", "specialty").rows() == [
        ("注册公用设备工程师（给排水）", ""),
        ("注册监理工程师", "房建"),
        ("一级注册造价工程师", "土建"),
    ]


def test_a_contract_without_a_price_has_none_and_not_zero(province: Province) -> None:
    province.deliver(
        "project_platform",
        "contract",
        [
            {
                "RecordNum": "C1",
                "PrjNum": "3301991604180101",
                "ContractTypeNum": "301",
                "ContractMoney": "0",
                "FactCost": "1500",
                "ContractorCorpCode": FIRM,
                "IsUnion": "0",
            }
        ],
    )
    province.collect()
    row = only(province.read(project.CONTRACT))
    assert (row["amount_yuan"], row["settlement_yuan"], row["is_consortium"]) == (
        None,
        Decimal("15000000.00"),
        False,
    )


def test_contracts_of_designers_and_supervisors_are_known_and_no_strangers(
    province: Province,
) -> None:
    """The platform has all contracts of a project: set apart, they would spoil its deliveries."""
    kinds = {"200": "HA", "301": "HZ", "400": "HE", "900": "HX"}
    number = "3301991604180101"
    rows = [
        {
            "RecordNum": f"{number}-{letters}-001",
            "PrjNum": number,
            "ContractTypeNum": kind,
            "ContractMoney": "100",
            "ContractorCorpCode": FIRM,
            "ContractDate": "2016-04-18",
        }
        for kind, letters in kinds.items()
    ]
    province.deliver("project_platform", "contract", rows)
    province.collect()
    told = province.read(project.CONTRACT).sort("contract_no")["contract_type"].to_list()
    assert told == ["设计", "监理", None, "施工总承包"]


def test_a_code_of_bad_behaviour_that_names_no_act_stays_unclassified(province: Province) -> None:
    finding = {
        "CreditNum": "F1",
        "CorpCode": FIRM,
        "CreditCode": "D1-3-01",
        "PunishDate": "2016-03-01",
        "PunishDepartName": "建设局",
        "PunishNumber": "杭建罚字〔2016〕12号",
    }
    province.deliver(
        "credit", "finding", [finding, finding | {"CreditNum": "F2", "CreditCode": "D1-2-05"}]
    )
    province.collect()
    assert province.read(credit.FINDING).sort("finding_no")["act"].to_list() == [
        None,
        "转包或违法分包",
    ]


@pytest.mark.provision("B0.2")
def test_an_application_joins_the_log_once(province: Province) -> None:
    application = {
        "application_id": "A1",
        "usc_code": FIRM,
        "kind": "升级",
        "category_code": "g01",
        "level": "二级",
        "filed_at": "2017-03-01T09:00:00+08:00",
    }
    province.deliver("portal", "application", [application])
    province.collect()
    province.deliver("portal", "application", [application | {"level": "一级"}], name="2")
    province.collect(NOW + timedelta(hours=1))
    row = only(province.read(intake.APPLICATION))
    assert (
        row["kind"],
        row["category_code"],
        row["subcategory"],
        row["level"],
        row["filed_via"],
    ) == ("upgrade", "G01", "", "二级", "portal")
    apart = only(province.read(intake.QUARANTINE))
    assert apart["reasons"] == ["key:conflict"], "what says something else is not lost"
    assert json.loads(apart["raw_json"])["level"] == "一级"
    province.deliver("portal", "application", [application], name="3")
    province.collect(NOW + timedelta(hours=2))
    assert province.read(intake.QUARANTINE).height == 1, "the same said again is no conflict"


# -- persons


def test_everybody_named_anywhere_becomes_a_person_born_by_the_number(province: Province) -> None:
    province.deliver("social_security", "insurance", [insured(), insured(month="201701")])
    province.deliver("constructor_registry", "registration", [registered(IDCard18=LI)])
    province.collect()
    persons = province.read(personnel.PERSON)
    assert sorted(persons["id_number"]) == sorted([ZHANG, LI])
    assert set(persons["born_on"]) == {date(1985, 3, 12)}


def test_each_channel_sets_what_it_alone_knows_of_a_person(province: Province) -> None:
    province.deliver("public_security", "identity", [{"GMSFHM": ZHANG, "XM": "张 三"}])
    province.deliver(
        "social_security", "pension", [{"AAC002": ZHANG, "AAC003": "张三", "AIC162": "2016-12-31"}]
    )
    province.deliver("social_security", "insurance", [insured()])
    province.collect()
    province.deliver(
        "public_security",
        "identity",
        [{"GMSFHM": ZHANG, "XM": "张三", "SWRQ": "20170215"}],
        name="2",
    )
    province.collect(NOW + timedelta(days=1))
    row = only(province.read(personnel.PERSON))
    assert (row["name"], row["retired_on"], row["deceased_on"]) == (
        "张三",
        date(2016, 12, 31),
        date(2017, 2, 15),
    )


def test_an_old_number_and_a_new_one_of_one_person_are_one(province: Province) -> None:
    province.deliver(
        "social_security", "insurance", [insured("330199850312001"), insured(ZHANG, month="201701")]
    )
    province.collect()
    assert province.read(personnel.INSURANCE)["person_key"].unique().to_list() == [key_of(ZHANG)]
    assert province.read(personnel.PERSON).height == 1


def test_a_person_already_known_makes_no_new_version(province: Province) -> None:
    province.deliver("social_security", "insurance", [insured()])
    province.collect()
    before = province.store.version(personnel.PERSON)
    province.deliver("social_security", "insurance", [insured(month="201701")], name="2")
    province.collect()
    assert province.store.version(personnel.PERSON) == before
