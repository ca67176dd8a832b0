"""Rows set apart: every reason told, nothing shown that must not be, the rest goes on."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from deliveries import (
    FIRM,
    LI,
    NOW,
    ZHANG,
    Province,
    came,
    insured,
    key_of,
    only,
    registered,
    unit,
)

from assets.channels import load_channels
from assets.collection import take_in
from assets.tables import enterprise as ent
from assets.tables import intake, personnel, project

SOCIAL = load_channels()["social_security"]


# -- what is set apart


@pytest.mark.parametrize(
    ("row", "reasons"),
    [
        (insured("330199198503120014"), ["person_key:check_digit"]),
        (insured("3301991985031200"), ["person_key:length"]),
        (insured(""), ["person_key:required"]),
        (insured(firm="91330199MA2A00018X"), ["usc_code:check_digit"]),
        (insured(firm="MA2800A1-X"), ["usc_code:unknown_alias"]),
        (insured(AAE140="310"), ["AAE140:unknown_code"]),
        (insured(month="去年"), ["month:unreadable"]),
        (insured(full_rece_flag="?"), ["is_paid:unreadable"]),
        (
            insured(ZHANG[:-1] + "9", firm="", month=""),
            ["person_key:check_digit", "usc_code:unknown_alias", "month:required"],
        ),
    ],
)
def test_a_bad_row_is_set_apart_with_every_reason(
    province: Province, row: dict[str, Any], reasons: list[str]
) -> None:
    province.deliver("social_security", "insurance", [row, insured(LI)])
    province.collect()
    assert province.reasons(personnel.INSURANCE) == [reasons]
    assert province.read(personnel.INSURANCE)["person_key"].to_list() == [key_of(LI)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"TradeTypeEffectDate": "2015-01-04"}, "B-registration-dates"),
        ({"RegTradeTypeNum": ""}, "B-specialty"),
        ({"SpecialtyTypNum": "99"}, "registration:unknown_code"),
        ({"TradeTypeEffectDate": "9999-9-9"}, "valid_until:required"),
        ({"IDCardTypeNum": "3"}, "IDCardTypeNum:unknown_code"),
        ({"PersonName": "锟斤拷"}, "PersonName:undecodable"),
    ],
)
def test_a_registration_that_proves_nothing_is_set_apart(
    province: Province, change: dict[str, str], reason: str
) -> None:
    province.deliver("constructor_registry", "registration", [registered(**change)])
    province.collect()
    assert province.read(personnel.REGISTRATION).is_empty()
    assert province.reasons(personnel.REGISTRATION) == [[reason]]


def test_a_pattern_and_a_bound_of_the_declaration_are_reasons_too(province: Province) -> None:
    province.deliver(
        "project_platform",
        "contract",
        [
            {
                "RecordNum": "C1",
                "PrjNum": "33019916",
                "ContractorCorpCode": FIRM,
                "ContractMoney": "-5",
            }
        ],
    )
    province.collect()
    assert province.reasons(project.CONTRACT) == [["project_no:pattern", "amount_yuan:range"]]


def test_two_rows_of_one_delivery_that_contradict_each_other_are_both_set_apart(
    province: Province,
) -> None:
    province.deliver(
        "social_security", "insurance", [insured(), insured(full_rece_flag="0"), insured(LI)]
    )
    province.collect()
    assert province.reasons(personnel.INSURANCE) == [["key:conflict"]] * 2
    assert province.read(personnel.INSURANCE)["person_key"].to_list() == [key_of(LI)]


def test_two_rows_of_one_delivery_that_mean_the_same_are_one(province: Province) -> None:
    province.deliver(
        "social_security", "insurance", [insured(), insured(month="2017-02", AAB004="曾用名")]
    )
    province.collect()
    assert only(province.read(personnel.INSURANCE))["row_no"] == 2
    assert province.reasons(personnel.INSURANCE) == []


def test_rows_whose_identity_numbers_cannot_be_read_are_not_copies_of_each_other(
    province: Province,
) -> None:
    province.deliver("social_security", "insurance", [insured("1"), insured("2"), insured("3")])
    [report] = take_in(province.store, SOCIAL, "insurance", province.inbox, NOW)
    province.collect()
    told = came(province, [report.delivery_id])
    apart = province.read(intake.QUARANTINE).filter(target=personnel.INSURANCE.name)
    assert sorted(apart["row_no"]) == told["row_no"].to_list() == [1, 2, 3]


def test_a_row_that_cannot_be_read_and_came_twice_as_it_is_is_one(province: Province) -> None:
    unread = [insured("1"), insured("1", AAB004="曾用名"), insured("1")]
    province.deliver("social_security", "insurance", unread)
    province.collect()
    apart = province.read(intake.QUARANTINE).filter(target=personnel.INSURANCE.name)
    assert sorted(apart["row_no"]) == [2, 3]


def test_a_row_apart_tells_what_could_be_read_and_hides_who_it_is(province: Province) -> None:
    province.deliver(
        "constructor_registry", "registration", [registered(TradeTypeEffectDate="2015-01-04")]
    )
    province.collect()
    row = only(province.read(intake.QUARANTINE))
    typed = json.loads(row["typed_json"])
    assert typed == {
        "registration_no": "浙233151600123",
        "person_key": key_of(ZHANG),
        "usc_code": FIRM,
        "registration": "二级注册建造师",
        "specialty": "建筑工程",
        "valid_from": "2016-01-05",
        "valid_until": "2015-01-04",
    }
    assert row["usc_code"] == FIRM
    assert json.loads(row["raw_json"])["IDCard18"] == ZHANG
    assert ZHANG not in row["typed_json"] + row["key_json"]


def test_a_row_apart_has_no_key_and_no_enterprise_where_they_could_not_be_read(
    province: Province,
) -> None:
    province.deliver(
        "social_security", "insurance", [insured(firm="91330199MA2A00018X"), insured("1")]
    )
    province.collect()
    rows = province.read(intake.QUARANTINE).sort("row_no")
    assert rows["usc_code"].to_list() == [None, FIRM]
    assert rows["key_json"].to_list() == [None, None]


def test_money_apart_is_told_to_the_cent(province: Province) -> None:
    province.deliver(
        "finance",
        "statement",
        [
            {
                "uni_social_crd_cd": FIRM,
                "annual_year": "2016",
                "report_type": "年报",
                "report_end_dt": "2016-12-31",
                "asset_zmt": "34.0001",
                "debt_amt": "39",
                "owner_equity_toatal": "-8",
            }
        ],
    )
    province.collect()
    assert province.reasons(ent.STATEMENT) == [["E-13"]]
    typed = json.loads(only(province.read(intake.QUARANTINE))["typed_json"])
    assert (typed["total_assets_yuan"], typed["net_assets_yuan"], typed["year"]) == (
        "340001.00",
        "-80000.00",
        2016,
    )


def test_a_bad_measure_is_set_apart_alone_and_a_bad_unit_with_all_its_measures(
    province: Province,
) -> None:
    province.deliver(
        "project_platform",
        "unit",
        [
            unit(FloorCount="18层", BuildHeight="54"),
            unit(
                UnitCode="U2",
                ContractorCorpCode="91330199MA2A00018X",
                FloorCount="9",
                BuildHeight="30",
            ),
        ],
    )
    province.collect()
    assert province.read(project.UNIT)["unit_code"].to_list() == ["3301991604180101-001"]
    assert province.read(project.MEASURE)["metric"].to_list() == ["建筑高度"]
    assert province.reasons(project.MEASURE) == [
        ["value:unreadable"],
        ["usc_code:check_digit"],
        ["usc_code:check_digit"],
    ]
    doubt = province.read(intake.QUARANTINE).filter(
        pl.col("reasons").list.contains("value:unreadable")
    )
    assert json.loads(only(doubt)["key_json"]) == {
        "unit_code": "3301991604180101-001",
        "works_type": "民用建筑工程",
        "metric": "地上层数",
    }


def test_one_measure_told_twice_in_a_row_is_a_contradiction(province: Province) -> None:
    province.deliver("project_platform", "unit", [unit(DrainPipeLength="2", SquareDitchLength="3")])
    province.collect()
    assert province.reasons(project.MEASURE) == [["key:conflict"]] * 2
    assert province.read(project.MEASURE).is_empty()
