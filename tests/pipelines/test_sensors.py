"""The sensor takes in what is new, and only that."""

from __future__ import annotations

import json
import os
from pathlib import Path

import dagster as dg
import pytest

from assets.channels import load_channels
from assets.taking import take_in
from pipelines.office import Office
from pipelines.sensors import delivery_sensor
from pipelines.settings import Settings

FEED = ("social_security", "pension")
RAW = dg.AssetKey("raw_social_security__pension")


@pytest.fixture
def desk(tmp_path: Path) -> Office:
    return Office(Settings(home=tmp_path))


def deliver(office: Office, name: str, text: str, **stated: object) -> None:
    folder = office.settings.inbox.joinpath(*FEED)
    folder.mkdir(parents=True, exist_ok=True)
    columns = load_channels()[FEED[0]].feeds[FEED[1]].columns
    file = folder / f"{name}.csv"
    file.write_text("\n".join((",".join(columns), *text.split())) + "\n", encoding="utf-8")
    manifest = {
        "rows": len(text.split()), "sent_at": "2017-03-01T09:00:00+08:00",
        "region_code": "330000", "is_complete": True, "as_of": "2017-02-28", **stated,
    }  # fmt: skip
    beside = file.with_name(f"{file.name}.manifest.json")
    beside.write_text(json.dumps(manifest), encoding="utf-8")
    count = len(list(folder.iterdir()))
    os.utime(beside, ns=(count * 10**9, count * 10**9 + len(text)))


def look(office: Office, cursor: str | None = None) -> tuple[list[dg.AssetKey], str | None]:
    """What the sensor asks to be taken in, and its cursor."""
    sensor = delivery_sensor(list(load_channels().values()))
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance, cursor, resources={"office": office})
        told = sensor.evaluate_tick(context)
    asked = [key for one in told.run_requests or () for key in one.asset_selection or ()]
    return asked, told.cursor


def run(office: Office) -> None:
    channel = load_channels()[FEED[0]]
    take_in(office.store, channel, FEED[1], office.settings.inbox, office.now())


def test_an_empty_inbox_asks_for_nothing(desk: Office) -> None:
    assert look(desk)[0] == []


def test_a_finished_delivery_is_asked_for_once(desk: Office) -> None:
    deliver(desk, "1", "330199198503120013,2017-01-01")
    asked, cursor = look(desk)
    assert asked == [RAW]
    assert look(desk, cursor)[0] == []


def test_what_a_run_has_taken_in_or_refused_already_is_not_asked_for(desk: Office) -> None:
    deliver(desk, "1", "330199198503120013,2017-01-01")
    deliver(desk, "2", "330199198503120021,2017-01-01", rows=7)
    run(desk)
    asked, cursor = look(desk)
    assert asked == []
    deliver(desk, "3", "330199196307010037,2017-01-01")
    assert look(desk, cursor)[0] == [RAW]


def test_a_delivery_that_failed_is_asked_for_again_when_it_was_mended(desk: Office) -> None:
    deliver(desk, "1", "330199198503120013,2017-01-01", rows=2)
    run(desk)
    cursor = look(desk)[1]
    deliver(desk, "1", "330199198503120013,2017-01-01 330199198503120021,2017-01-01")
    assert look(desk, cursor)[0] == [RAW]


def test_known_bytes_under_a_new_statement_are_asked_for(desk: Office) -> None:
    deliver(desk, "1", "330199198503120013,2017-01-01")
    run(desk)
    cursor = look(desk)[1]
    deliver(desk, "2", "330199198503120013,2017-01-01", as_of="2017-03-31")
    assert look(desk, cursor)[0] == [RAW]
