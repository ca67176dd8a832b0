"""What was known when: corrections, deletions, refreshes and late deliveries as versions."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deliveries import (
    FIRM,
    KEY,
    LI,
    NOW,
    OTHER_FIRM,
    ZHANG,
    Province,
    Row,
    certificate,
    deleting,
    enterprise,
    finding,
    insured,
    registered,
    unit,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.bases.base import build_base
from assets.channels import Channel
from assets.intake.taking import take_in
from assets.lake.declaration import Table
from assets.lake.history import as_known, as_true, history_table
from assets.lake.store import Store
from assets.tables import credit, intake, personnel, project
from assets.tables import enterprise as ent

HOUR = timedelta(hours=1)
BY_MARK = deleting("credit", "finding", "mark")
BY_ABSENCE = deleting("market_registry", "registration", "absence")
UNITS_BY_MARK = deleting("project_platform", "unit", "mark")


def known(province: Province, table: Table, at: datetime) -> pl.DataFrame:
    return as_known(province.store, table, at).collect().sort(table.key)


def marking(tmp_path: Path, channels: dict[str, Channel] = BY_MARK) -> Province:
    return Province(tmp_path, Store(tmp_path / "lake"), channels)


def refresh(province: Province, rows: list[Row], name: str, **manifest: Any) -> None:
    province.deliver(
        "market_registry",
        "registration",
        rows,
        name=name,
        manifest={"is_refresh": True} | manifest,
    )


OTHER = enterprise(uni_social_crd_cd=OTHER_FIRM, comp_nm="浙江另一建设有限公司")


# -- versions


def test_a_correction_is_a_version_and_what_was_known_before_it_stays_known(
    province: Province,
) -> None:
    province.deliver("market_registry", "registration", [enterprise()])
    province.collect(NOW)
    province.deliver("market_registry", "registration", [enterprise(reg_state="注销")], name="2")
    province.collect(NOW + HOUR)
    states = [
        known(province, ent.REGISTRY, at)["state_code"].to_list()
        for at in (NOW - HOUR, NOW, NOW + HOUR / 2, NOW + HOUR)
    ]
    assert states == [[], ["active"], ["active"], ["cancelled"]]
    ended = province.read(history_table(ent.REGISTRY)).row(0, named=True)
    assert (ended["known_to"], ended["ended_by"], ended["ended_row_no"]) == (
        NOW + HOUR,
        "superseded",
        1,
    )


def test_what_is_told_once_costs_the_history_nothing(province: Province) -> None:
    province.deliver("social_security", "insurance", [insured(), insured(LI)])
    province.collect()
    assert province.store.version(history_table(personnel.INSURANCE)) is None


def test_the_past_is_told_when_old_delta_versions_are_gone(province: Province) -> None:
    for number, capital in enumerate(["200", "300", "400"]):
        province.deliver(
            "market_registry", "registration", [enterprise(reg_capt=capital)], name=str(number)
        )
        province.collect(NOW + number * HOUR)
    for table in (ent.REGISTRY, history_table(ent.REGISTRY)):
        province.store.maintain(table)
        province.store.vacuum(table, [], grace_hours=0)
    capital_known = [
        known(province, ent.REGISTRY, NOW + n * HOUR)["registered_capital_yuan"].to_list()
        for n in range(3)
    ]
    assert [int(value) for [value] in capital_known] == [2_000_000, 3_000_000, 4_000_000]


def test_a_measure_that_a_unit_no_longer_gives_ends_when_the_unit_is_told_anew(
    province: Province,
) -> None:
    province.deliver("project_platform", "unit", [unit(FloorCount="13", BuildHeight="41")])
    province.collect(NOW)
    province.deliver("project_platform", "unit", [unit(BuildHeight="41")], name="2")
    province.collect(NOW + HOUR)
    assert known(province, project.MEASURE, NOW)["metric"].to_list() == ["地上层数", "建筑高度"]
    assert known(province, project.MEASURE, NOW + HOUR)["metric"].to_list() == ["建筑高度"]


def test_rows_are_true_between_their_own_dates() -> None:
    rows = pl.LazyFrame(
        {
            "valid_from": [date(2016, 1, 1), date(2017, 1, 1), None],
            "valid_until": [date(2016, 12, 31), date(2017, 12, 31), None],
        }
    )

    def count(on: date) -> int:
        return as_true(rows, personnel.REGISTRATION, on).collect().height

    days = [date(2015, 12, 31), date(2016, 1, 1), date(2016, 12, 31), date(2017, 1, 1)]
    assert [count(day) for day in days] == [1, 2, 2, 2]


# -- deletion by a mark


def test_a_row_marked_as_deleted_ends_the_fact_and_stays_in_its_history(tmp_path: Path) -> None:
    province = marking(tmp_path)
    province.deliver("credit", "finding", [finding("F1"), finding("F2", UpdateFlag="U")])
    province.collect(NOW)
    # Which row is enough; the rest of a deleted row may be empty.
    gone = dict.fromkeys(finding(), "") | {"CreditNum": "F1", "UpdateFlag": "d"}
    province.deliver("credit", "finding", [gone], name="2")
    province.collect(NOW + HOUR)
    assert province.read(credit.FINDING)["finding_no"].to_list() == ["F2"]
    assert known(province, credit.FINDING, NOW)["finding_no"].to_list() == ["F1", "F2"]
    assert province.read(history_table(credit.FINDING))["ended_by"].to_list() == ["deleted"]
    assert province.reasons(credit.FINDING) == []


def test_a_deleted_row_that_returns_is_a_new_version(tmp_path: Path) -> None:
    province = marking(tmp_path)
    for number, flag in enumerate(["U", "D", "U"]):
        rows = [finding(UpdateFlag=flag), finding(f"X{number}")]
        province.deliver("credit", "finding", rows, name=str(number))
        province.collect(NOW + number * HOUR)
    heights = [known(province, credit.FINDING, NOW + n * HOUR).height for n in range(3)]
    assert heights == [2, 2, 4]


def test_a_delivery_that_keeps_and_deletes_one_key_is_a_contradiction(tmp_path: Path) -> None:
    province = marking(tmp_path)
    rows = [finding(UpdateFlag="U"), finding(UpdateFlag="D")]
    province.deliver("credit", "finding", rows)
    province.collect()
    assert province.reasons(credit.FINDING) == [["key:conflict"], ["key:conflict"]]
    assert province.read(credit.FINDING).is_empty()


def test_an_unknown_mark_and_a_deletion_of_nobody_knows_what_are_set_apart(tmp_path: Path) -> None:
    province = marking(tmp_path)
    rows = [finding("F1", UpdateFlag="X"), finding("", UpdateFlag="D")]
    province.deliver("credit", "finding", rows)
    province.collect()
    assert province.reasons(credit.FINDING) == [
        ["UpdateFlag:unknown_code"],
        ["finding_no:required"],
    ]


def test_a_deleted_unit_takes_its_measures_with_it(tmp_path: Path) -> None:
    province = marking(tmp_path, UNITS_BY_MARK)
    rows = [unit(FloorCount="13"), unit(UnitCode="U2", FloorCount="9")]
    province.deliver("project_platform", "unit", rows)
    province.collect(NOW)
    gone = unit(FloorCount="13", UpdateFlag="D")
    province.deliver("project_platform", "unit", [gone], name="2")
    province.collect(NOW + HOUR)
    assert province.read(project.UNIT)["unit_code"].to_list() == ["U2"]
    assert province.read(project.MEASURE)["unit_code"].to_list() == ["U2"]
    assert known(province, project.MEASURE, NOW).height == 2


def test_a_deletion_clears_the_doubt_about_its_row(tmp_path: Path) -> None:
    province = marking(tmp_path)
    province.deliver("credit", "finding", [finding(PunishDate="去年")])
    province.collect(NOW)
    province.deliver("credit", "finding", [finding(UpdateFlag="D")], name="2")
    province.collect(NOW + HOUR)
    apart = province.read(intake.QUARANTINE).sort("cleared_at", nulls_last=False)
    assert apart["cleared_at"].to_list() == [None, NOW + HOUR]


# -- deletion by absence


def test_a_full_refresh_ends_what_it_lacks_and_a_delivery_of_changes_does_not(
    tmp_path: Path,
) -> None:
    province = marking(tmp_path, BY_ABSENCE)
    refresh(province, [enterprise(), OTHER], "1")
    province.collect(NOW)
    province.deliver("market_registry", "registration", [OTHER | {"addr": "新址"}], name="2")
    province.collect(NOW + HOUR)
    assert province.read(ent.REGISTRY).height == 2
    refresh(province, [OTHER | {"addr": "新址"}], "3")
    province.collect(NOW + 2 * HOUR)
    assert province.read(ent.REGISTRY)["usc_code"].to_list() == [OTHER_FIRM]
    assert known(province, ent.REGISTRY, NOW + HOUR).height == 2
    ended = province.read(history_table(ent.REGISTRY)).filter(pl.col("usc_code") == FIRM)
    assert ended["ended_by"].to_list() == ["absent"]


def test_a_row_that_returns_as_it_was_after_an_absence_is_news(tmp_path: Path) -> None:
    province = marking(tmp_path, BY_ABSENCE)
    for number, rows in enumerate([[enterprise(), OTHER], [OTHER], [enterprise(), OTHER]]):
        refresh(province, rows, str(number))
        province.collect(NOW + number * HOUR)
    heights = [known(province, ent.REGISTRY, NOW + n * HOUR).height for n in range(3)]
    assert heights == [2, 1, 2]


def test_a_refresh_of_another_city_ends_nothing_of_this_one(tmp_path: Path) -> None:
    province = marking(tmp_path, BY_ABSENCE)
    refresh(province, [enterprise()], "1", region_code="330100")
    refresh(province, [OTHER], "2", region_code="330200")
    province.collect()
    assert province.read(ent.REGISTRY).height == 2


@pytest.mark.parametrize(
    "unclear",
    [
        pytest.param(enterprise(uni_social_crd_cd="91330199MA2A00018A"), id="key that is garbled"),
        pytest.param(enterprise(uni_social_crd_cd=""), id="key that is missing"),
    ],
)
def test_a_refresh_with_a_row_that_might_be_the_missing_one_ends_nothing(
    tmp_path: Path, unclear: Row
) -> None:
    province = marking(tmp_path, BY_ABSENCE)
    refresh(province, [enterprise(), OTHER], "1")
    province.collect(NOW)
    refresh(province, [unclear, OTHER], "2")
    province.collect(NOW + HOUR)
    assert province.read(ent.REGISTRY).height == 2
    # The next refresh that can be read in full does.
    refresh(province, [OTHER, OTHER | {"addr": "x"}], "3")
    province.collect(NOW + 2 * HOUR)
    assert FIRM not in province.read(ent.REGISTRY)["usc_code"].to_list()


def test_an_absence_clears_the_doubt_about_its_row(tmp_path: Path) -> None:
    province = marking(tmp_path, BY_ABSENCE)
    refresh(province, [enterprise(reg_state="?"), OTHER], "1")
    province.collect(NOW)
    refresh(province, [OTHER], "2")
    province.collect(NOW + HOUR)
    cleared = province.read(intake.QUARANTINE).filter(pl.col("cleared_at").is_not_null())
    assert cleared["row_no"].to_list() == [1]


def many(count: int, start: int = 0) -> list[Row]:
    """Enterprises of one feed, told apart by a valid code each."""
    from assets import identifiers as ids

    codes = [f"91330199MA2B{n:04d}" for n in range(start, start + count)]
    codes = [c + ids.organisation_check_character(c[8:16]) for c in codes]
    return [
        enterprise(uni_social_crd_cd=c + ids.usc_check_character(c), comp_nm=f"第{n}公司")
        for n, c in enumerate(codes)
    ]


def test_a_refresh_that_falls_off_a_cliff_is_refused_until_its_sender_confirms_it(
    tmp_path: Path,
) -> None:
    province = marking(tmp_path, BY_ABSENCE)
    for number in range(3):
        refresh(province, [*many(10), OTHER | {"addr": str(number)}], str(number))
        province.collect(NOW + number * HOUR)
    refresh(province, many(8), "4")
    [report] = province.collect(NOW + 4 * HOUR).deliveries
    assert report.status == "failed"
    assert report.error is not None
    assert report.error.startswith("[F-03]")
    assert province.read(ent.REGISTRY).height == 11
    refresh(province, many(8), "4", count_confirmed=True)
    [report] = province.collect(NOW + 5 * HOUR).deliveries
    assert report.status == "accepted"
    assert province.read(ent.REGISTRY).height == 8


@pytest.mark.parametrize(("left", "status"), [(9, "accepted"), (8, "failed")])
def test_the_cliff_is_at_four_fifths_of_the_median(tmp_path: Path, left: int, status: str) -> None:
    province = marking(tmp_path, BY_ABSENCE)
    for number, count in enumerate([40, 11, 11]):
        rows = [*many(count), OTHER | {"addr": str(number)}][-count:]
        refresh(province, rows, str(number), count_confirmed=True)
        province.collect(NOW + number * HOUR)
    refresh(province, many(left), "4")
    [report] = province.collect(NOW + 4 * HOUR).deliveries
    assert report.status == status


def test_a_delivery_that_deletes_much_is_refused_until_its_sender_confirms_it(
    tmp_path: Path,
) -> None:
    province = marking(tmp_path)
    province.deliver("credit", "finding", [finding(f"F{n}") for n in range(100)])
    province.collect(NOW)
    gone = [finding(f"F{n}", UpdateFlag="D") for n in range(20)]
    province.deliver("credit", "finding", gone, name="2")
    [report] = province.collect(NOW + HOUR).deliveries
    assert report.error is not None
    assert report.error.startswith("[F-11]")
    assert province.read(credit.FINDING).height == 100
    province.deliver("credit", "finding", gone, name="2", manifest={"count_confirmed": True})
    province.collect(NOW + 2 * HOUR)
    assert province.read(credit.FINDING).height == 80


# -- the law of the history: any order, any rhythm of collecting, any death

numbers = st.sampled_from(["F1", "F2", "F3"])
findings = st.builds(
    lambda n, flag, day: finding(n, UpdateFlag=flag, PunishDate=day),
    numbers,
    st.sampled_from(["U", "U", "D", "X"]),
    st.sampled_from(["2016-03-01", "2016-03-02", "去年"]),
)
firms = st.builds(
    lambda firm, name, state: enterprise(uni_social_crd_cd=firm, comp_nm=name, reg_state=state),
    st.sampled_from([FIRM, OTHER_FIRM, "91330199MA2A00034F", "91330199MA2A00018A"]),
    st.sampled_from(["甲公司", "乙公司"]),
    st.sampled_from(["存续", "注销", "?"]),
)
printed = st.builds(
    lambda firm, name: certificate(CorpCode=firm, CorpName=name),
    st.sampled_from([FIRM, OTHER_FIRM]),
    st.sampled_from(["甲公司", "乙公司"]),
)
units = st.builds(
    lambda code, flag, floors, height: unit(
        UnitCode=code, UpdateFlag=flag, FloorCount=floors, BuildHeight=height
    ),
    st.sampled_from(["U1", "U2"]),
    st.sampled_from(["U", "U", "D"]),
    st.sampled_from(["", "9", "10"]),
    st.sampled_from(["", "30", "x"]),
)
identities = st.builds(
    lambda number, name, died: {"GMSFHM": number, "XM": name, "SWRQ": died},
    st.sampled_from([ZHANG, LI]),
    st.sampled_from(["张三", "张叁", ""]),
    st.sampled_from(["", "2017-01-01"]),
)
pensions = st.builds(
    lambda number, name, day: {"AAC002": number, "AAC003": name, "AIC162": day},
    st.sampled_from([ZHANG, LI]),
    st.sampled_from(["张三", "李四"]),
    st.sampled_from(["", "2016-12-31"]),
)
registrations = st.builds(
    lambda number, name: registered(IDCard18=number, PersonName=name),
    st.sampled_from([ZHANG, LI]),
    st.sampled_from(["张三", "章三"]),
)


def delivery(channel: str, feed: str, rows: st.SearchStrategy[Row]) -> st.SearchStrategy[Any]:
    return st.tuples(
        st.just(channel), st.just(feed), st.lists(rows, max_size=3), st.booleans(), st.booleans()
    )


LAWS = {
    "marks": (BY_MARK, (credit.FINDING,), delivery("credit", "finding", findings)),
    "wholes": (
        UNITS_BY_MARK,
        (project.UNIT, project.MEASURE),
        delivery("project_platform", "unit", units),
    ),
    "absence and witness": (
        BY_ABSENCE,
        (ent.REGISTRY,),
        st.one_of(
            delivery("market_registry", "registration", firms),
            delivery("construction", "certificate", printed),
        ),
    ),
    "persons": (
        BY_MARK,
        (personnel.PERSON,),
        st.one_of(
            delivery("public_security", "identity", identities),
            delivery("social_security", "pension", pensions),
            delivery("constructor_registry", "registration", registrations),
        ),
    ),
}


def collected(
    province: Province, tables: Iterable[Table], parts: list[Any], build: bool
) -> list[dict[str, pl.DataFrame]]:
    """Takes deliveries in one by one; what the tables hold after each, if built each time."""
    held = []
    for number, (channel, feed, rows, is_whole, build_now) in enumerate(parts):
        province.deliver(
            channel, feed, rows, name=f"{number:02d}", manifest={"is_refresh": is_whole}
        )
        sender = province.channels[channel]
        now = NOW + number * HOUR
        take_in(province.store, sender, feed, province.inbox, now)
        is_last = number == len(parts) - 1
        if build or build_now or is_last:
            for table in tables:
                build_base(province.store, table, KEY, now, province.channels)
        held.append({table.name: province.read(table).sort(table.key) for table in tables})
    return held


@pytest.mark.parametrize("law", LAWS)
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_as_known_is_what_the_base_held_after_the_deliveries_until_then(
    tmp_path_factory: pytest.TempPathFactory, law: str, data: st.DataObject
) -> None:
    channels, tables, one = LAWS[law]
    parts = data.draw(st.lists(one, min_size=1, max_size=5))
    home = tmp_path_factory.mktemp("law")
    try:
        nightly = Province(home / "a", Store(home / "a" / "lake"), channels)
        then = collected(nightly, tables, parts, build=True)
        late = Province(home / "b", Store(home / "b" / "lake"), channels)
        collected(late, tables, parts, build=False)
        for number, held in enumerate(then):
            at = NOW + number * HOUR
            for table in tables:
                for province in (nightly, late):
                    found = known(province, table, at)
                    assert found.equals(held[table.name]), (number, table.name, found, held)
    finally:
        shutil.rmtree(home)
