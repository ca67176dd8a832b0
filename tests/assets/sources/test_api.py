"""Pages of an interface: together one state of the sender's data, or no delivery at all."""

from __future__ import annotations

import re

import pytest
from deliveries import NOW, Province
from platforms import QUICK, Platform, base, channel, connections, night, row

from assets.adapters import DeliveryError, Limits
from assets.sources.api import read_pages
from assets.sources.client import Client
from assets.sources.windows import Window
from assets.tables import intake


def test_all_pages_become_one_delivery_with_its_origin(
    province: Province, platform: Platform
) -> None:
    [report] = night(province, platform)
    assert (report.status, report.row_count) == ("accepted", 7)
    assert report.file_name == "20161231T160000Z--20170301T020000Z.jsonl"
    assert base(province) == [f"F{n}" for n in range(1, 8)]
    landed = province.inbox / "credit" / "finding" / report.file_name
    assert landed.read_text().count("\n") == 7
    logged = province.read(intake.DELIVERY).row(0, named=True)
    assert logged["reason_code"] is None
    assert '"as_of":"2017-02-28"' in logged["manifest_json"]


def test_no_rows_are_a_delivery_of_no_rows(province: Province, platform: Platform) -> None:
    platform.set(rows=[])
    [report] = night(province, platform)
    assert (report.status, report.row_count) == ("accepted", 0)


def test_what_a_whole_fetch_no_longer_has_is_gone(province: Province, platform: Platform) -> None:
    sender = channel(since=None, until=None, begins_on=None)
    feed = sender.feeds["finding"].model_copy(update={"deletion": "absence"})
    sender = sender.model_copy(update={"feeds": {"finding": feed}})
    night(province, platform, sender)
    assert len(base(province, sender)) == 7
    platform.set(rows=[row(f"F{n}") for n in range(2, 8)])
    [report] = night(province, platform, sender, days=1)
    assert report.status == "accepted"
    assert base(province, sender) == [f"F{n}" for n in range(2, 8)]


def test_a_column_that_the_interface_has_added_fails_until_the_channel_file_knows_it(
    province: Province, platform: Platform
) -> None:
    platform.set(rows=[row(colour="red")])
    [report] = night(province, platform)
    assert (report.status, report.reason_code) == ("failed", "columns")
    assert "unknown colour" in (report.error or "")
    assert base(province) == []


def test_what_changed_while_every_delivery_was_refused_is_asked_for_once_they_are_in_order(
    province: Province, platform: Platform
) -> None:
    """However long that was: the overlap alone would reach back a fortnight."""
    night(province, platform)
    late = row("F9", changed="2017-03-01 12:00:00")
    platform.set(rows=[late | {"colour": "red"}])
    for days in (1, 20):
        report = night(province, platform, days=days)[-1]
        assert report.reason_code == "columns"
        assert report.file_name.startswith("20170214T160000Z--")
    platform.set(rows=[late])
    report = night(province, platform, days=40)[-1]
    assert report.status == "accepted"
    assert "F9" in base(province)
    report = night(province, platform, days=41)[-1]
    assert report.file_name.startswith("20170326T160000Z--"), "nothing is open any more"


def test_more_rows_than_a_delivery_may_have_fail(platform: Platform) -> None:
    api = channel().feeds["finding"].api
    assert api is not None
    with (
        Client("credit", api, connections(platform)["credit"], QUICK) as client,
        pytest.raises(DeliveryError, match="too_large"),
    ):
        read_pages(client, api, Window(None, NOW), Limits(file_bytes=1000))


# -- pages that are no one state


@pytest.mark.parametrize("mode", ["repeats", "ignores", "shuffles", "grows", "few"])
def test_pages_that_repeat_mix_or_grow_at_every_reading_fail_and_leave_nothing(
    province: Province, platform: Platform, mode: str
) -> None:
    platform.set(mode=mode)
    [report] = night(province, platform)
    assert (report.status, report.reason_code) == ("failed", "pages")
    chinese = (report.error or "").partition(" / ")[0]
    assert not re.search("[a-z]{3,} [a-z]{3,}", chinese)
    assert base(province) == []
    assert not (province.inbox / "credit").exists()
    platform.set(mode="", rows=[row(f"F{n}") for n in range(1, 8)])
    night(province, platform)
    assert len(base(province)) == 7


@pytest.mark.parametrize("mode", ["once", "grows once", "trades"])
def test_pages_that_change_at_one_reading_are_read_again(
    province: Province, platform: Platform, mode: str
) -> None:
    platform.set(mode=mode)
    night(province, platform)
    expected = {f"F{n}" for n in range(1, 8)}
    changed = {"grows once": expected | {"N"}, "trades": expected - {"F1"} | {"N"}}
    assert set(base(province)) == changed.get(mode, expected)


def test_pages_in_another_order_are_the_same_set(province: Province, platform: Platform) -> None:
    platform.set(mode="swaps")
    night(province, platform)
    assert len(base(province)) == 7


def test_rows_that_the_sender_holds_twice_are_believed_at_the_second_reading(
    province: Province, platform: Platform
) -> None:
    rows = [row(f"F{n}") for n in range(1, 5)]
    platform.set(rows=[*rows, *rows])
    [report] = night(province, platform)
    assert (report.status, report.row_count) == ("accepted", 8)
    assert base(province) == ["F1", "F2", "F3", "F4"]
