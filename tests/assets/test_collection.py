"""From deliveries to the four base databases: what counts, what is set apart and why."""

from __future__ import annotations

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
    came,
    enterprise,
    insured,
    only,
    unit,
)

from assets.channels import load_channels
from assets.collection import arrived, build_base, collect, open_quarantine, take_in
from assets.intake.raw import raw_table
from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.row_checks import row_checks
from assets.sample.identifiers import usc_code
from assets.tables import enterprise as ent
from assets.tables import intake, personnel, project

SOCIAL = load_channels()["social_security"]


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


# -- rows of others


def led(number: str, duty: str) -> dict[str, str]:
    contract = "3301061000000001-HZ-001"
    return {"RecordNum": contract, "CorpCode": FIRM, "PersonIDCard": number, "PRJDUTY": duty}


@pytest.mark.parametrize("duty", ["3", "4", "5", " ５"])
def test_who_supervised_or_designed_works_stays_raw_and_is_no_fault(
    province: Province, duty: str
) -> None:
    rows = [led(ZHANG, "6"), led(LI, duty), led("not a number", duty), led(WANG, "7")]
    province.deliver("project_platform", "party", rows)
    province.collect()
    assert province.read(project.PARTY)["duty"].to_list() == ["项目经理"]
    assert province.reasons(project.PARTY) == [["duty:unknown_code"]]
    raw = province.store.scan(raw_table(load_channels()["project_platform"], "party"))
    assert raw.collect().height == len(rows)


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


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    ("as_of", "complete", "holds"),
    [
        ("2017-02-27", False, (date(2017, 2, 28), True)),
        ("2017-02-27", True, (date(2017, 2, 28), True)),
        ("2017-02-28", False, (date(2017, 2, 28), False)),
        ("2017-03-01", False, (date(2017, 3, 1), False)),
    ],
)
def test_a_statement_of_an_earlier_day_that_comes_later_undoes_none_of_a_later_day(
    province: Province, as_of: str, complete: bool, holds: tuple[date, bool], together: bool
) -> None:
    """A file of days ago that comes only now says how things stood then."""
    province.deliver("public_security", "identity", [{"GMSFHM": ZHANG, "XM": "张三"}])
    if not together:
        province.collect()
    province.deliver(
        "public_security",
        "identity",
        [{"GMSFHM": LI, "XM": "李四"}],
        name="2",
        manifest={"as_of": as_of, "is_complete": complete},
    )
    province.collect(NOW + timedelta(hours=1))
    said = only(province.read(intake.COVERAGE))
    assert (said["as_of"], said["is_complete"]) == holds
    assert province.read(personnel.PERSON).height == 2


@pytest.mark.parametrize(
    ("as_of", "status"), [("2017-03-01", "accepted"), ("2017-03-02", "failed")]
)
def test_nothing_is_complete_up_to_a_day_that_has_not_come(
    province: Province, as_of: str, status: str
) -> None:
    """It would never grow stale."""
    province.deliver("project_platform", "unit", [unit()], manifest={"as_of": as_of})
    (report,) = province.collect().deliveries
    assert report.status == status
    assert ("2017-03-02" in (report.error or "")) == (status == "failed")


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
    monkeypatch.setattr("assets.bases.arrived.BATCH_ROWS", 4)
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
