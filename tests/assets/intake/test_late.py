"""A file that comes after one that was sent later says how things stood then, and undoes nothing."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import polars as pl
from deliveries import (
    FIRM,
    KEY,
    LI,
    NOW,
    WANG,
    ZHANG,
    Province,
    certificate,
    deleting,
    only,
    registered,
    unit,
)

from assets.intake.late import when_told
from assets.stewards import correct, open_rows
from assets.tables import enterprise, intake, personnel, project

CERTIFICATES = ("construction", "certificate")


def sent(day: int, hour: int = 18) -> dict[str, Any]:
    """The manifest of what was sent on a day of February."""
    return {"sent_at": f"2017-02-{day:02}T{hour:02}:00:00+08:00", "as_of": f"2017-02-{day:02}"}


def come(province: Province, feed: tuple[str, str], *files: tuple[int, list[dict]], **more: Any):
    """One file after the other, each in a collection of its own."""
    for day, rows in files:
        name = f"{day}-{len(list(province.home.rglob('*.manifest.json')))}"
        province.deliver(*feed, rows, name=name, manifest=sent(day) | more)
        province.collect(NOW + timedelta(minutes=len(list(province.home.rglob("*.manifest.json")))))


def test_a_certificate_withdrawn_is_not_valid_again_by_a_file_sent_before(
    province: Province,
) -> None:
    other = certificate(CertID="D233099999")
    come(
        province,
        CERTIFICATES,
        (20, [certificate()]),
        (27, [certificate(Status="撤回")]),
        (26, [certificate(Address="宁波市"), other]),
    )
    held = province.read(enterprise.CERTIFICATE).sort("certificate_no")
    assert held["status_code"].to_list() == ["withdrawn", "valid"], "of another key it is news"
    assert held["printed_address"].to_list() == ["杭州市西湖区", "杭州市西湖区"]
    logged = province.read(intake.DELIVERY).sort("received_at")
    assert logged["row_count"].to_list() == [1, 1, 2], "it is kept raw all the same"


def test_what_is_told_after_a_late_file_is_compared_with_what_was_told_before_it(
    province: Province,
) -> None:
    """It repeats the late row, which is the last that came: and is news all the same."""
    late = certificate(Address="宁波市")
    come(
        province,
        CERTIFICATES,
        (20, [certificate()]),
        (27, [certificate(Status="撤回")]),
        (26, [late]),
        (28, [late, certificate(CertID="D233099999")]),
    )
    held = province.read(enterprise.CERTIFICATE).sort("certificate_no")
    assert held["printed_address"][0] == "宁波市" and held["status_code"][0] == "valid"


def test_a_row_taken_back_does_not_return_by_a_file_sent_before(province: Province) -> None:
    come(
        province,
        ("constructor_registry", "registration"),
        (27, [registered(DELFLAG="1"), registered(CertNum="浙233151600999", IDCard18=LI)]),
        (26, [registered(), registered(CertNum="浙233151600888", IDCard18=WANG)]),
    )
    held = province.read(personnel.REGISTRATION)["registration_no"].to_list()
    assert sorted(held) == ["浙233151600888", "浙233151600999"]


def test_measures_are_not_told_anew_by_a_file_sent_before(province: Province) -> None:
    come(
        province,
        ("project_platform", "unit"),
        (27, [unit(FloorCount="12")]),
        (26, [unit(FloorCount="20", BuildHeight="80")]),
    )
    told = only(province.read(project.MEASURE))
    assert (told["metric"], int(told["value"])) == ("地上层数", 12)


def test_a_name_is_not_heard_anew_from_a_file_sent_before(province: Province) -> None:
    feed = ("constructor_registry", "registration")
    come(province, feed, (27, [registered(PersonName="张山")]), (26, [registered()]))
    assert only(province.read(personnel.PERSON))["name"] == "张山"


def test_a_refresh_that_comes_late_ends_nothing_that_was_told_after_it(
    province: Province,
) -> None:
    province.channels = deleting("construction", "certificate", "absence")
    other = certificate(CertID="D233099999")
    come(province, CERTIFICATES, (20, [certificate()]), (27, [other]))
    come(province, CERTIFICATES, (26, []), is_refresh=True)
    assert only(province.read(enterprise.CERTIFICATE))["certificate_no"] == "D233099999"


def test_a_clock_that_was_ahead_overtakes_nobody(province: Province) -> None:
    ahead = {"sent_at": "2099-01-01T00:00:00+08:00"}
    province.deliver(*CERTIFICATES, [certificate()], manifest=ahead)
    province.collect()
    since = {"sent_at": (NOW + timedelta(seconds=1)).isoformat()}
    province.deliver(*CERTIFICATES, [certificate(Status="撤回")], name="2", manifest=since)
    province.collect(NOW + timedelta(hours=2))
    assert only(province.read(enterprise.CERTIFICATE))["status_code"] == "withdrawn"


def test_what_lacks_its_key_is_overtaken_by_nothing(province: Province) -> None:
    feed = ("constructor_registry", "registration")
    nobody = registered(CertNum="", CorpCode=FIRM, IDCard18=ZHANG)
    come(province, feed, (27, [nobody, registered()]))
    come(province, feed, (26, [nobody | {"PersonName": "李四"}, registered()]))
    assert province.read(intake.QUARANTINE).height == 2


def test_a_correction_by_hand_does_not_outlive_what_its_source_has_said_before_it(
    province: Province,
) -> None:
    """Nobody had seen that yet who corrected the row."""
    come(province, CERTIFICATES, (26, [certificate(Status="?")]))
    [row] = open_rows(province.store).iter_rows(named=True)
    at = NOW + timedelta(hours=1)
    assert correct(
        province.store, row, {"Status": "有效"}, KEY, at, "王五", "函1号", province.channels
    )
    come(province, CERTIFICATES, (27, [certificate(Status="撤回")]))
    assert only(province.read(enterprise.CERTIFICATE))["status_code"] == "withdrawn"


def test_what_was_asked_for_again_was_told_when_it_was_asked_for() -> None:
    """The manifest says up to when its changes are, which is before the windows since."""
    window = "20170101T000000Z--20170201T000000Z"
    log = pl.DataFrame(
        [
            {
                "delivery_id": name,
                "file_name": name,
                "status": "accepted",
                "received_at": NOW,
                "manifest_json": json.dumps({"sent_at": "2017-02-01T00:00:00Z"}),
            }
            for name in (f"{window}.jsonl", f"{window}--20170215T000000Z.jsonl")
        ]
    )
    days = [at.date() for at in when_told(log)["told_at"]]
    assert days == [date(2017, 2, 1), date(2017, 2, 15)]
