"""Deliveries are taken in once, whatever is sent again and whenever the process dies."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from deliveries import (
    FIRM,
    LI,
    NOW,
    OTHER_FIRM,
    WANG,
    ZHANG,
    Province,
    as_bytes,
    enterprise,
    insured,
)

from assets.adapters import Delivered, read_delivery
from assets.channels import Feed, load_channels
from assets.collection import raw_table, take_in
from assets.intake.raw import row_hashes
from assets.lake.declaration import Table
from assets.lake.store import SnapshotConflict, Store, Turn
from assets.tables import intake

SOCIAL = load_channels()["social_security"]
REGISTRY = load_channels()["market_registry"]
RAW = raw_table(SOCIAL, "insurance")
RAW_REGISTRY = raw_table(REGISTRY, "registration")


class Killed(BaseException):
    """The process dies here."""


def take(province: Province, channel: Any = SOCIAL, feed: str = "insurance", now: Any = NOW) -> Any:
    return take_in(Store(province.home / "lake"), channel, feed, province.inbox, now)


def test_a_delivery_is_kept_as_it_came_with_its_origin(province: Province) -> None:
    province.deliver("social_security", "insurance", [insured(), insured(LI)])
    [report] = take(province)
    assert (report.status, report.row_count, report.repeated_count, report.error) == (
        "accepted",
        2,
        0,
        None,
    )
    kept = province.read(RAW).sort("row_no")
    assert kept["AAC002"].to_list() == [ZHANG, LI]
    assert kept["row_no"].to_list() == [1, 2]
    assert kept["received_at"].unique().to_list() == [NOW]
    logged = province.read(intake.DELIVERY).row(0, named=True)
    assert (
        logged["delivery_id"]
        == report.delivery_id
        == f"social_security.insurance.{logged['file_sha256'][:16]}"
    )
    assert json.loads(logged["manifest_json"])["periods"] == ["2017-02-01"]


def test_the_same_bytes_sent_again_are_told_as_repeated_and_change_nothing_else(
    province: Province,
) -> None:
    province.deliver("social_security", "insurance", [insured()])
    take(province)
    before, version = province.read(intake.DELIVERY), province.store.version(RAW)
    province.deliver("social_security", "insurance", [insured()], name="again")
    for _ in range(2):
        assert take(province) == []
        assert province.store.version(RAW) == version
        told = province.read(intake.DELIVERY).join(
            before, on=before.columns, how="anti", nulls_equal=True
        )
        assert told["status"].to_list() == ["repeated"]


def test_the_same_bytes_stated_complete_up_to_another_day_are_a_new_delivery(
    province: Province,
) -> None:
    for day in range(1, 4):
        province.deliver(
            "social_security", "insurance", [insured()], manifest={"as_of": f"2017-02-0{day}"}
        )
        [report] = take(province)
        assert (report.status, report.row_count, report.repeated_count) == (
            "accepted",
            1,
            int(day > 1),
        )
    logged = province.read(intake.DELIVERY)
    assert logged["delivery_id"].n_unique() == 1
    assert logged["received_at"].n_unique() == 3
    assert province.read(RAW).height == 1


@pytest.mark.parametrize(
    "news",
    [
        {"as_of": "2017-03-01"},
        {"is_complete": False},
        {"periods": ["2017-03-01"]},
        {"region_code": "330100"},
    ],
    ids=lambda news: next(iter(news)),
)
def test_an_empty_file_is_news_when_its_statement_is(
    province: Province, news: dict[str, Any]
) -> None:
    province.deliver("social_security", "insurance", [])
    [first] = take(province)
    province.deliver("social_security", "insurance", [], name="2", manifest=news)
    [second] = take(province)
    assert (second.status, second.row_count) == ("accepted", 0)
    assert second.delivery_id != first.delivery_id
    logged = province.read(intake.DELIVERY).sort("received_at")
    assert logged["file_name"].to_list() == ["1.csv", "2.csv"]
    assert logged["received_at"].is_unique().all()
    assert take(province) == []


def test_the_same_bytes_stated_twice_and_taken_at_once_are_two_deliveries_one_after_the_other(
    province: Province,
) -> None:
    for day in range(1, 4):
        manifest = {"as_of": f"2017-02-0{day}"}
        province.deliver(
            "social_security", "insurance", [insured()], name=str(day), manifest=manifest
        )
    reports = take(province)
    assert [one.repeated_count for one in reports] == [0, 1, 1]
    logged = province.read(intake.DELIVERY).sort("received_at")
    assert logged["file_name"].to_list() == ["1.csv", "2.csv", "3.csv"]
    assert logged["received_at"].is_unique().all()
    assert province.read(RAW)["received_at"].item() == logged["received_at"][0]


def test_what_comes_after_a_file_without_rows_is_later_than_it_by_a_clock_that_stands_still(
    province: Province,
) -> None:
    for nth, rows in enumerate(([], [insured()]), start=1):
        province.deliver("social_security", "insurance", rows, name=str(nth))
        take(province)
    logged = province.read(intake.DELIVERY).sort("received_at", "file_name", descending=True)
    assert logged["file_name"].to_list() == ["2.csv", "1.csv"]
    assert logged["received_at"].is_unique().all()


def test_known_bytes_under_a_wrong_count_of_rows_are_a_failed_delivery(province: Province) -> None:
    province.deliver("social_security", "insurance", [])
    take(province)
    province.deliver("social_security", "insurance", [], name="2", manifest={"rows": 3})
    [report] = take(province)
    assert report.status == "failed" and "F-01" in str(report.error)


def test_a_statement_that_returns_is_news_and_those_met_again_in_the_inbox_are_not(
    province: Province,
) -> None:
    for name, complete in (("1", True), ("2", True), ("3", False), ("4", True)):
        province.deliver(
            "social_security", "insurance", [], name=name, manifest={"is_complete": complete}
        )
    assert [report.file_name for report in take(province)] == ["1.csv", "3.csv", "4.csv"]
    log = province.read(intake.DELIVERY).sort("received_at")
    logged = log.filter(status="accepted")
    assert logged["file_name"].to_list() == ["1.csv", "3.csv", "4.csv"]
    assert log.filter(status="repeated")["file_name"].to_list() == ["2.csv"]
    version = province.store.version(intake.DELIVERY)
    assert take(province) == []
    assert province.store.version(intake.DELIVERY) == version


def test_a_row_known_byte_for_byte_is_counted_and_not_kept_again(province: Province) -> None:
    province.deliver("social_security", "insurance", [insured(), insured(LI)])
    take(province)
    province.deliver(
        "social_security", "insurance", [insured(), insured(WANG), insured(WANG)], name="2"
    )
    [report] = take(province)
    assert (report.row_count, report.repeated_count) == (3, 2)
    assert sorted(province.read(RAW)["AAC002"]) == sorted([ZHANG, LI, WANG])


def test_the_digest_of_a_row_is_what_it_was_in_every_version() -> None:
    feed = SOCIAL.feeds["insurance"]
    rows = read_delivery(as_bytes(feed, [insured(), insured(full_rece_flag="")]), feed).frame
    assert row_hashes(rows, feed).to_list() == [-6841259232549816546, -211708393641625161]


def test_a_row_that_returns_to_an_earlier_content_is_news(province: Province) -> None:
    for name, capital in enumerate(["200", "300", "200"]):
        province.deliver(
            "market_registry",
            "registration",
            [
                enterprise(reg_capt=capital),
                enterprise(uni_social_crd_cd=OTHER_FIRM, comp_nm=str(name)),
            ],
            name=str(name),
        )
        take(province, REGISTRY, "registration")
    kept = (
        province.read(RAW_REGISTRY).filter(pl.col("uni_social_crd_cd") == FIRM).sort("received_at")
    )
    assert kept["reg_capt"].to_list() == ["200", "300", "200"]


@pytest.mark.parametrize("of", ["", "{}"])
def test_bytes_that_come_again_after_others_are_news_even_of_the_same_name(
    province: Province, of: str
) -> None:
    """A sender of one row a file says so that it stands as it did then."""
    for number, capital in enumerate(["200", "300", "200"]):
        province.deliver(
            "market_registry",
            "registration",
            [enterprise(reg_capt=capital)],
            name="day" + of.format(number),
            manifest={"as_of": f"2017-02-0{number + 1}"},
        )
        take(province, REGISTRY, "registration", NOW + number * timedelta(hours=1))
    kept = province.read(RAW_REGISTRY).sort("received_at")
    assert kept["reg_capt"].to_list() == ["200", "300", "200"]
    assert kept["delivery_id"].n_unique() == 3
    assert take(province, REGISTRY, "registration") == []


def test_files_are_received_in_the_order_of_sending_even_in_one_run(province: Province) -> None:
    province.deliver(
        "social_security",
        "insurance",
        [insured(full_rece_flag="0")],
        name="a",
        manifest={"sent_at": "2017-02-28T12:00:00+08:00"},
    )
    province.deliver(
        "social_security",
        "insurance",
        [insured(full_rece_flag="1")],
        name="b",
        manifest={"sent_at": "2017-02-28T11:00:00+08:00"},
    )
    take(province)
    assert province.read(RAW).sort("received_at")["full_rece_flag"].to_list() == ["1", "0"]


def test_a_later_delivery_is_received_later_even_by_a_clock_that_stands_still(
    province: Province,
) -> None:
    province.deliver("social_security", "insurance", [insured()], name="1")
    take(province)
    province.deliver("social_security", "insurance", [insured(LI)], name="2")
    take(province)
    assert province.read(RAW)["received_at"].n_unique() == 2


def test_a_file_without_a_manifest_is_left_alone(province: Province) -> None:
    path = province.deliver("social_security", "insurance", [insured()])
    path.with_name(path.name + ".manifest.json").unlink()
    assert take(province) == []
    assert province.read(intake.DELIVERY).is_empty()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"manifest": {"rows": 3}}, "the manifest states 3 rows, the file has 1"),
        ({"manifest": {"periods": []}}, "a monthly feed names its periods"),
        (
            {"manifest": {"region_code": "浙江"}},
            "the manifest lacks a member or is malformed (region_code: ",
        ),
        ({"manifest": {"as_of": "x", "rows": -1}}, "as_of: "),
        ({"content": b"AAC002\n"}, "columns differ"),
    ],
)
def test_a_failed_delivery_says_why_and_the_rest_goes_on(
    province: Province, change: dict[str, Any], told: str
) -> None:
    province.deliver("social_security", "insurance", [insured()], name="bad", **change)
    province.deliver("social_security", "insurance", [insured(LI)], name="good")
    by_name = {report.file_name: report for report in take(province)}
    assert told in by_name["bad.csv"].error
    assert by_name["good.csv"].status == "accepted"
    assert province.read(RAW)["AAC002"].to_list() == [LI]
    logged = province.read(intake.DELIVERY).filter(pl.col("status") == "failed")
    assert told in logged["error"].item()


def test_a_failure_is_logged_once_and_mending_the_manifest_is_enough(province: Province) -> None:
    province.deliver("social_security", "insurance", [insured()], manifest={"rows": 2})
    assert [r.status for r in take(province)] == ["failed"]
    assert [r.status for r in take(province)] == ["failed"]
    assert province.read(intake.DELIVERY).height == 1
    province.deliver("social_security", "insurance", [insured()])
    assert [r.status for r in take(province)] == ["accepted"]
    assert sorted(province.read(intake.DELIVERY)["status"]) == ["accepted", "failed"]


def test_a_file_that_cannot_be_read_is_not_read_again_until_it_or_its_reader_changes(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[bytes] = []

    def counted(content: bytes, feed: Feed) -> Delivered:
        looked_at.append(content)
        return read_delivery(content, feed)

    monkeypatch.setattr("assets.intake.deliveries.read_delivery", counted)
    path = province.deliver("social_security", "insurance", [insured()], content=b"AAC002\n1\n")
    first = take(province)
    assert [report.reason_code for report in first] == ["columns"]
    assert take(province) == first, "it is reported as long as it lies there"
    assert len(looked_at) == 1

    feed = SOCIAL.feeds["insurance"]
    mended = SOCIAL.model_copy(update={"feeds": {"insurance": feed.model_copy(update={"en": "x"})}})
    take(province, mended)
    take(province, mended)
    assert len(looked_at) == 2, "another declaration is another reader"
    monkeypatch.setattr("assets.intake.deliveries._code", lambda: "another")
    take(province)
    take(province)
    assert len(looked_at) == 3, "so is other code"

    path.write_bytes(path.read_bytes() + b"2\n")
    take(province)
    assert len(looked_at) == 4
    path.unlink()
    assert take(province) == []


def test_a_ragged_line_is_set_apart_with_the_one_enterprise_it_names(province: Province) -> None:
    content = as_bytes(SOCIAL.feeds["insurance"], [insured(), insured(LI)]).replace(
        b",110,", b",110,,", 1
    )
    province.deliver("social_security", "insurance", [insured(), insured(LI)], content=content)
    [report] = take(province)
    assert (report.status, report.row_count, report.quarantined_count) == ("accepted", 2, 1)
    apart = province.read(intake.QUARANTINE).row(0, named=True)
    assert (apart["row_no"], apart["usc_code"], apart["reasons"]) == (1, FIRM, ["row:ragged"])
    assert ZHANG in json.loads(apart["raw_json"])["line"]
    assert province.read(RAW)["row_no"].to_list() == [2]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", [RAW.name, intake.QUARANTINE.name, intake.DELIVERY.name])
def test_a_process_killed_at_any_step_loses_and_doubles_nothing(
    province: Province, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    rows = [insured(), insured(LI), insured(WANG)]
    content = as_bytes(SOCIAL.feeds["insurance"], rows).replace(b",110,", b",110,,", 1)
    province.deliver("social_security", "insurance", rows, content=content)
    write = Store._write

    def killed(self: Store, table: Table, *arguments: Any) -> int:
        if table.name == step and when == "before":
            raise Killed
        version = write(self, table, *arguments)
        if table.name == step:
            raise Killed
        return version

    with monkeypatch.context() as patched:
        patched.setattr(Store, "_write", killed)
        with pytest.raises(Killed):
            take(province)
    take(province, now=NOW + timedelta(hours=1))
    take(province, now=NOW + timedelta(hours=2))
    assert sorted(province.read(RAW)["row_no"]) == [2, 3]
    assert province.read(intake.QUARANTINE)["row_no"].to_list() == [1]
    logged = province.read(intake.DELIVERY).row(0, named=True)
    assert province.read(intake.DELIVERY).height == 1
    assert (logged["row_count"], logged["repeated_count"], logged["quarantined_count"]) == (3, 0, 1)
    assert logged["received_at"] == province.read(RAW)["received_at"].unique().item()


def test_of_two_processes_taking_in_one_feed_the_rows_come_in_once(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    province.deliver("social_security", "insurance", [insured()])
    append = Turn.append
    raced: list[str] = []

    def overtaken(self: Turn, rows: pl.DataFrame) -> int:
        if not raced:
            raced.append(self.table.name)
            take(province)
        return append(self, rows)

    monkeypatch.setattr(Turn, "append", overtaken)
    take(province)
    assert raced == [RAW.name]
    assert province.read(RAW).height == province.read(intake.DELIVERY).height == 1


def test_a_feed_that_is_overtaken_again_and_again_says_what_to_do(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    province.deliver("social_security", "insurance", [insured()])

    def overtaken(self: Turn, rows: pl.DataFrame) -> int:
        raise SnapshotConflict("overtaken")

    monkeypatch.setattr(Turn, "append", overtaken)
    with pytest.raises(SnapshotConflict, match="run one at a time"):
        take(province)


def test_identity_numbers_and_names_are_personal_in_raw_tables() -> None:
    pension = raw_table(SOCIAL, "pension")
    assert [pension[c].sensitivity.value for c in ("AAC002", "AAC003", "AIC162")] == [
        "personal",
        "personal",
        "internal",
    ]
