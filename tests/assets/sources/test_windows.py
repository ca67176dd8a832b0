"""Which changes a fetch asks for: since the last one, in parts, or of a day once more."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from deliveries import KEY, NOW, Province
from killing import Kills
from platforms import FINDING, QUICK, Platform, base, channel, connections, night, row

from assets.channels import Channel
from assets.collection import build_base
from assets.intake.fetching import Again, fetch, fetch_again
from assets.intake.raw import raw_table
from assets.intake.taking import take_in
from assets.lake.store import Store
from assets.sources.connection import Connection
from assets.sources.inbox import Inbox
from assets.tables import intake


def test_the_next_fetch_asks_for_what_changed_since_with_the_overlap(
    province: Province, platform: Platform
) -> None:
    night(province, platform)
    platform.set(calls=[])
    assert night(province, platform) == []
    assert platform.state()["calls"] == []
    platform.set(rows=[row("F7"), row("F8", "2017-03-02 00:00:00")])
    [report] = night(province, platform, days=1)
    asked = platform.state()["calls"][0]
    assert (asked["since"], asked["until"]) == ("2017-02-15 00:00:00", "2017-03-02 10:00:00")
    assert (report.row_count, report.repeated_count) == (2, 1)
    assert base(province) == [f"F{n}" for n in range(1, 9)]


def test_a_long_fetch_goes_on_where_it_broke_off(province: Province, platform: Platform) -> None:
    sender = channel(window_days=20)
    rows = [row(f"F{n}", f"2017-0{n}-10 00:00:00") for n in (1, 2)]
    platform.set(rows=rows, faults=["", "500", "500", "500"])
    first, failed = sorted(night(province, platform, sender), key=lambda r: r.status)
    assert (first.status, first.row_count) == ("accepted", 1)
    assert (failed.status, failed.reason_code) == ("failed", "unreachable")
    assert base(province, sender) == ["F1"]
    platform.set(calls=[])
    assert {r.status for r in night(province, platform, sender)} == {"accepted"}
    assert platform.state()["calls"][0]["since"] == "2017-01-07 00:00:00"
    assert base(province, sender) == ["F1", "F2"]


def test_a_fetch_whose_process_died_before_taking_it_in_is_not_repeated(
    province: Province, platform: Platform
) -> None:
    inbox = Inbox(province.inbox)
    told = connections(platform)
    assert fetch(province.store, channel(), "finding", inbox, told, NOW, QUICK) == []
    platform.set(calls=[])
    assert [r.status for r in night(province, platform)] == ["accepted"]
    assert platform.state()["calls"] == []


def test_where_the_log_knows_of_files_that_are_gone_the_fetch_goes_on_from_there(
    province: Province, platform: Platform
) -> None:
    night(province, platform)
    for path in (province.inbox / "credit" / "finding").iterdir():
        path.unlink()
    platform.set(calls=[])
    night(province, platform, days=1)
    assert platform.state()["calls"][0]["since"] == "2017-02-15 00:00:00"


def test_without_a_parameter_of_time_everything_is_fetched_every_time(
    province: Province, platform: Platform
) -> None:
    sender = channel(since=None, until=None, begins_on=None)
    night(province, platform, sender)
    [again] = night(province, platform, sender, days=1)
    assert (again.row_count, again.repeated_count) == (7, 7)
    assert "since" not in platform.state()["calls"][0]


def test_who_cannot_be_told_an_end_is_asked_once_for_all_that_came_since(
    province: Province, platform: Platform
) -> None:
    sender = channel(until=None, window_days=20)
    [report] = night(province, platform, sender)
    assert (report.row_count, report.repeated_count) == (7, 0)
    assert {call["since"] for call in platform.state()["calls"]} == {"2017-01-01 00:00:00"}


# -- a day asked for again


def again(province: Province, platform: Platform, sender: Channel, day: date) -> Again:
    inbox, now = Inbox(province.inbox), NOW + timedelta(days=3)
    told = connections(platform)
    done = fetch_again(province.store, sender, "finding", inbox, told, day, now, QUICK)
    take_in(province.store, sender, "finding", inbox, now, sent_on=day)
    return done


def test_the_changes_of_a_day_are_asked_for_again_and_only_what_is_new_is_kept(
    province: Province, platform: Platform
) -> None:
    night(province, platform)
    raw = raw_table(channel(), "finding")
    version = province.store.version(raw)
    assert again(province, platform, channel(), date(2017, 3, 1)).landed == 1
    assert province.store.version(raw) == version, "what was said before is not kept twice"
    platform.set(rows=[row("F1"), row("F9")], calls=[])
    assert again(province, platform, channel(), date(2017, 3, 1)).landed == 1
    call = platform.state()["calls"][0]
    assert (call["since"], call["until"]) == ("2017-01-01 00:00:00", "2017-03-01 10:00:00")
    assert "F9" in base(province)
    platform.set(calls=[])
    night(province, platform, days=1)
    assert platform.state()["calls"][0]["since"] == "2017-02-15 00:00:00", "the next goes on"


def test_a_window_that_failed_is_asked_for_again_on_its_day(
    province: Province, platform: Platform
) -> None:
    platform.set(faults=["500"] * 3)
    assert [r.status for r in night(province, platform)] == ["failed"]
    assert again(province, platform, channel(), date(2017, 3, 1)).landed == 1
    assert len(base(province)) == 7


def test_what_cannot_be_asked_for_again_says_why(province: Province, platform: Platform) -> None:
    night(province, platform)
    told = again(province, platform, channel(), date(2017, 2, 28)).why_not
    assert told is not None and "no fetch of this feed ended on 2017-02-28" in told
    whole = channel(since=None, until=None, begins_on=None)
    told = again(province, platform, whole, date(2017, 3, 1)).why_not
    assert told is not None and "how things stand now" in told


# -- killed


def collect_in_parts(home: Path, address: str) -> None:
    """All since the beginning of the year, a fortnight each delivery, into the base."""
    store, of, inbox = Store(home / "lake"), channel(window_days=14), Inbox(home / "inbox")
    link = {"credit": Connection(url=address, secret="secret-1")}
    assert fetch(store, of, "finding", inbox, link, NOW, QUICK) == []
    take_in(store, of, "finding", inbox, NOW)
    build_base(store, FINDING, KEY, NOW, {"credit": of})


def test_a_fetch_killed_at_random_moments_and_begun_again_comes_to_the_same(
    platform: Platform, tmp_path: Path
) -> None:
    days = [f"2017-0{1 + n // 28}-{1 + n % 28:02d} 08:00:00" for n in range(56)]
    platform.set(rows=[row(f"F{n}-{m}", days[n]) for n in range(56) for m in range(4)])
    kills, address = Kills(), platform.address
    took = kills.run(collect_in_parts, tmp_path / "undisturbed", address)
    assert took is not None
    kills.disturb(took, collect_in_parts, tmp_path / "disturbed", address)
    meant, found = (outcome(tmp_path / name) for name in ("undisturbed", "disturbed"))
    assert found == meant
    assert len(meant["findings"]) == 56 * 4


def outcome(home: Path) -> dict[str, list[dict[str, Any]]]:
    """What stands in the base, in raw and in the log, but for the instants."""
    store = Store(home / "lake")
    log = ["delivery_id", "file_name", "status", "row_count", "repeated_count"]
    return {
        "findings": store.read(FINDING).drop("received_at").sort("finding_no").to_dicts(),
        "raw": store.read(raw_table(channel(), "finding"))
        .drop("received_at")
        .sort("delivery_id", "row_no")
        .to_dicts(),
        "log": store.read(intake.DELIVERY).select(log).sort("delivery_id").to_dicts(),
    }
