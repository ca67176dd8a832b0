"""From deliveries to the four base databases: what counts, what is set apart and why."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from deliveries import (
    FIRM,
    KEY,
    LI,
    NOW,
    OTHER_FIRM,
    WANG,
    ZHANG,
    Province,
    as_bytes,
    enterprise,
    insured,
    registered,
    unit,
)

from assets import identifiers
from assets.channels import load_channels
from assets.collection import arrived, build_base, collect, open_quarantine, take_in
from assets.declaration import Table
from assets.row_checks import row_checks
from assets.sample.identifiers import usc_code
from assets.store import Store
from assets.tables import credit, intake, personnel, project
from assets.tables import enterprise as ent

SOCIAL = load_channels()["social_security"]


def key_of(number: str) -> str:
    return identifiers.person_key(number, KEY)


def only(frame: pl.DataFrame) -> dict[str, Any]:
    return frame.row(0, named=True) if frame.height == 1 else pytest.fail(f"{frame.height} rows")


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


# -- the latest wins


def test_the_row_received_last_wins(province: Province) -> None:
    province.deliver("market_registry", "registration", [enterprise()])
    province.deliver("market_registry", "registration", [enterprise(reg_state="注销")], name="2")
    province.collect()
    assert only(province.read(ent.REGISTRY))["state_code"] == "cancelled"
    province.deliver(
        "market_registry",
        "registration",
        [enterprise()],
        name="3",
        content=as_bytes(load_channels()["market_registry"].feeds["registration"], [enterprise()])
        + b"\n",
    )
    province.collect()
    assert only(province.read(ent.REGISTRY))["state_code"] == "active"


def test_a_unit_told_anew_loses_the_measures_it_no_longer_gives(province: Province) -> None:
    province.deliver(
        "project_platform",
        "unit",
        [unit(FloorCount="13", BuildHeight="41"), unit(UnitCode="U2", FloorCount="9")],
    )
    province.collect()
    province.deliver("project_platform", "unit", [unit(BuildHeight="39")], name="2")
    province.collect()
    told = (
        province.read(project.MEASURE)
        .select("unit_code", "metric", "value")
        .sort("unit_code", "metric")
    )
    assert told.rows() == [
        ("3301991604180101-001", "建筑高度", Decimal("39.0000")),
        ("U2", "地上层数", Decimal("9.0000")),
    ]
    province.deliver("project_platform", "unit", [unit()], name="3")
    province.collect()
    assert province.read(project.MEASURE)["unit_code"].to_list() == ["U2"]


def test_of_two_tellings_of_a_unit_in_one_run_the_last_counts_whole(province: Province) -> None:
    province.deliver("project_platform", "unit", [unit(FloorCount="13", BuildHeight="41")])
    province.deliver("project_platform", "unit", [unit(BuildHeight="39")], name="2")
    province.collect()
    assert province.read(project.MEASURE)["metric"].to_list() == ["建筑高度"]


def open_doubts(province: Province, table: Table) -> int:
    scan = province.store.scan
    return open_quarantine(scan(intake.QUARANTINE), scan(table), table).collect().height


def test_a_later_sound_row_of_the_same_key_clears_a_doubt(province: Province) -> None:
    province.deliver(
        "social_security",
        "insurance",
        [insured(full_rece_flag="?"), insured(LI, full_rece_flag="?"), insured("1")],
    )
    province.collect()
    assert open_doubts(province, personnel.INSURANCE) == 3
    province.deliver("social_security", "insurance", [insured()], name="2")
    province.collect()
    assert open_doubts(province, personnel.INSURANCE) == 2


def test_an_earlier_sound_row_clears_no_later_doubt(province: Province) -> None:
    province.deliver("social_security", "insurance", [insured()])
    province.collect()
    province.deliver("social_security", "insurance", [insured(full_rece_flag="?")], name="2")
    province.collect()
    assert open_doubts(province, personnel.INSURANCE) == 1
    assert only(province.read(personnel.INSURANCE))["is_paid"] is True


# -- completeness


def test_what_a_sender_declares_complete_is_stated_by_target_region_and_month(
    province: Province,
) -> None:
    province.deliver(
        "social_security",
        "insurance",
        [insured()],
        manifest={
            "region_code": "330100",
            "periods": ["2017-01-01", "2017-02-01"],
            "is_complete": False,
        },
    )
    province.deliver("project_platform", "unit", [unit()])
    province.deliver("social_security", "pension", [])
    province.deliver("public_security", "identity", [])
    province.collect()
    stated = province.read(intake.COVERAGE).select(
        "target", "region_code", "period", "is_complete", "channel"
    )
    assert set(stated.iter_rows()) == {
        ("base_personnel__insurance_month", "330100", date(2017, 1, 1), False, "social_security"),
        ("base_personnel__insurance_month", "330100", date(2017, 2, 1), False, "social_security"),
        ("base_project__unit", "330000", date(1, 1, 1), True, "project_platform"),
        ("base_project__measure", "330000", date(1, 1, 1), True, "project_platform"),
        ("base_personnel__person", "330000", date(1, 1, 1), True, "public_security"),
    }


def test_the_statement_received_last_holds(province: Province) -> None:
    for name, complete in (("1", False), ("2", True)):
        province.deliver(
            "social_security",
            "insurance",
            [insured(month=f"20170{name}")],
            name=name,
            manifest={"is_complete": complete},
        )
    province.collect()
    assert only(province.read(intake.COVERAGE))["is_complete"] is True


def test_the_same_bytes_stated_to_a_later_day_are_news_of_completeness_and_of_no_row(
    province: Province,
) -> None:
    province.deliver("project_platform", "unit", [unit(FloorCount="13")])
    province.deliver("project_platform", "unit", [unit(FloorCount="14")], name="2")
    province.collect()
    province.deliver(
        "project_platform",
        "unit",
        [unit(FloorCount="13")],
        name="1",
        manifest={"as_of": "2017-03-31"},
    )
    report = province.collect(NOW + timedelta(days=31))
    assert [(d.status, d.row_count, d.repeated_count) for d in report.deliveries] == [
        ("accepted", 1, 1)
    ]
    assert set(province.read(intake.COVERAGE)["as_of"]) == {date(2017, 3, 31)}
    assert province.read(project.MEASURE)["value"].to_list() == [Decimal("14.0000")]
    assert province.collect(NOW + timedelta(days=32)).deliveries == ()


def test_a_failed_delivery_states_nothing(province: Province) -> None:
    province.deliver("social_security", "insurance", [insured()], manifest={"rows": 9})
    province.collect()
    assert province.read(intake.COVERAGE).is_empty()


# -- again, and again after a crash


def everything(province: Province) -> None:
    province.deliver(
        "social_security",
        "insurance",
        [insured(), insured(LI), insured("1"), insured(WANG, firm=OTHER_FIRM)],
    )
    province.deliver("public_security", "identity", [{"GMSFHM": ZHANG, "XM": "张三"}])
    province.deliver("project_platform", "unit", [unit(FloorCount="13", BuildHeight="x")])
    province.deliver(
        "portal",
        "application",
        [
            {
                "application_id": "A1",
                "usc_code": FIRM,
                "kind": "升级",
                "category_code": "G01",
                "level": "二级",
                "filed_at": "2017-03-01T09:00:00+08:00",
            }
        ],
    )


WRITTEN = (
    personnel.INSURANCE,
    personnel.PERSON,
    project.UNIT,
    project.MEASURE,
    intake.QUARANTINE,
    intake.COVERAGE,
    intake.DIGEST,
    intake.APPLICATION,
    intake.DELIVERY,
)


def test_a_second_collection_changes_nothing(province: Province) -> None:
    everything(province)
    province.collect()
    before = {t.name: province.store.version(t) for t in WRITTEN}
    again = province.collect(NOW + timedelta(days=1))
    assert {t.name: province.store.version(t) for t in WRITTEN} == before
    assert again.deliveries == ()
    assert all(report.deliveries == report.row_count == 0 for report in again.targets)


class Killed(BaseException):
    """The process dies here."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[tuple[Any, ...]]]:
    home = tmp_path_factory.mktemp("undisturbed")
    province = Province(home, Store(home / "lake"))
    everything(province)
    province.collect()
    return contents(province)


def contents(province: Province) -> dict[str, set[tuple[Any, ...]]]:
    told = {}
    for table in WRITTEN:
        rows = province.read(table).drop("received_at", "digested_at", "file_version", strict=False)
        rows = rows.with_columns(
            pl.col(c).list.join(";") for c, t in rows.schema.items() if t == pl.List
        )
        told[table.name] = set(rows.iter_rows())
        assert len(told[table.name]) == rows.height, f"{table.name} has doubled rows"
    return told


@pytest.mark.parametrize("nth", range(1, 26, 2))
def test_a_process_killed_after_any_write_loses_and_doubles_nothing(
    province: Province,
    monkeypatch: pytest.MonkeyPatch,
    undisturbed: dict[str, set[tuple[Any, ...]]],
    nth: int,
) -> None:
    everything(province)
    write, written = Store._write, []

    def killed(self: Store, *arguments: Any) -> int:
        version = write(self, *arguments)
        written.append(version)
        if len(written) == nth:
            raise Killed
        return version

    with monkeypatch.context() as patched:
        patched.setattr(Store, "_write", killed)
        try:
            province.collect()
        except Killed:
            pass
        else:
            pytest.skip("the collection had fewer writes")
    collect(Store(province.home / "lake"), province.inbox, KEY, NOW + timedelta(hours=1))
    assert contents(province) == undisturbed


# -- what arrived


def came(province: Province, ids: list[str]) -> pl.DataFrame:
    """What deliveries came to among the months of insurance."""
    return pl.concat(arrived(province.store, personnel.INSURANCE, KEY, ids))


def test_what_arrived_are_the_rows_held_and_those_set_apart(province: Province) -> None:
    province.deliver(
        "social_security",
        "insurance",
        [insured(), insured("1"), insured(LI), insured(LI, full_rece_flag="0")],
    )
    [report] = province.collect().deliveries
    rows = came(province, [report.delivery_id])
    assert rows.schema == personnel.INSURANCE.schema
    assert rows.height == 4
    failing = {
        c.id: rows.select(c.failed.fill_null(False).sum()).item()
        for c in row_checks(personnel.INSURANCE)
    }
    assert {name: count for name, count in failing.items() if count} == {
        "person_key:required": 1,
        "key:unique": 2,
    }


def test_what_a_later_delivery_replaced_has_not_arrived(province: Province) -> None:
    province.deliver("social_security", "insurance", [insured(full_rece_flag="0"), insured(LI)])
    conflict = [insured(LI, full_rece_flag="0"), insured(LI)]
    province.deliver("social_security", "insurance", [insured(), *conflict], name="2")
    province.deliver("social_security", "insurance", [insured(LI, AAB004="曾用名")], name="3")
    ids = [report.delivery_id for report in province.collect().deliveries]
    rows = came(province, ids)
    assert rows["is_paid"].to_list() == [True, True]
    assert rows["delivery_id"].n_unique() == 2


def test_in_parts_arrives_what_arrives_at_once_and_no_key_in_two_of_them(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows without a key, of which one cannot know what they share, are in the first part."""
    codes = [usc_code("330100", n) for n in range(6)]
    rows = [insured(person, firm=code) for code in codes for person in (ZHANG, LI)]
    province.deliver("social_security", "insurance", [insured("1", firm="x"), *rows, insured(LI)])
    ids = [report.delivery_id for report in province.collect().deliveries]
    [whole] = arrived(province.store, personnel.INSURANCE, KEY, ids)
    monkeypatch.setattr("assets.arrived.BATCH_ROWS", 4)
    parts = list(arrived(province.store, personnel.INSURANCE, KEY, ids))
    order = ["delivery_id", "row_no"]
    assert pl.concat(parts).sort(order).equals(whole.sort(order)) and whole.height == 14
    assert len(parts) > 2 and max(part.height for part in parts) <= 6
    keys = [part.select(personnel.INSURANCE.key).unique() for part in parts]
    assert pl.concat(keys).is_unique().all()
    assert parts[0]["usc_code"].null_count() == 1


def test_of_no_delivery_nothing_arrived(province: Province) -> None:
    nothing = came(province, [])
    assert nothing.is_empty()
    assert nothing.schema == personnel.INSURANCE.schema


def test_a_target_takes_only_what_waits_for_it(province: Province) -> None:
    province.deliver("social_security", "insurance", [insured()])
    take_in(province.store, SOCIAL, "insurance", province.inbox, NOW)
    first = build_base(province.store, personnel.INSURANCE, KEY, NOW)
    again = build_base(province.store, personnel.INSURANCE, KEY, NOW)
    person = build_base(province.store, personnel.PERSON, KEY, NOW)
    assert [r.row_count for r in (first, again, person)] == [1, 0, 1]
    assert first.version == again.version
