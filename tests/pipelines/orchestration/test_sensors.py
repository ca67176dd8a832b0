"""The sensor takes in what is new, and only that."""

from __future__ import annotations

import json
import os
from pathlib import Path

import dagster as dg
import pytest
import time_machine

from assets.channels import load_channels
from assets.intake.taking import take_in
from pipelines.office import Office
from pipelines.orchestration.sensors import delivery_sensor
from pipelines.settings import Settings

FEED = ("social_security", "pension")
RAW = dg.AssetKey("raw_social_security__pension")


OTHER, OTHER_RAW = ("social_security", "insurance"), dg.AssetKey("raw_social_security__insurance")
APPLICATIONS = dg.AssetKey("raw_portal__application")
NOON = 1_488_340_800.0


@pytest.fixture
def desk(tmp_path: Path) -> Office:
    """An office at which nothing waits for more to come."""
    return Office(Settings(home=tmp_path, quiet_seconds=0))


@pytest.fixture
def patient(tmp_path: Path) -> Office:
    return Office(Settings(home=tmp_path, quiet_seconds=120, quiet_at_most_seconds=600))


def deliver(
    office: Office, name: str, text: str, feed: tuple[str, str] = FEED, **stated: object
) -> None:
    folder = office.settings.inbox.joinpath(*feed)
    folder.mkdir(parents=True, exist_ok=True)
    columns = load_channels()[feed[0]].feeds[feed[1]].columns
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


def applied(office: Office) -> None:
    """An application put into the folder of the portal, with its manifest."""
    folder = office.settings.inbox / "portal" / "application"
    folder.mkdir(parents=True)
    (folder / "1.jsonl").write_text("{}\n", encoding="utf-8")
    (folder / "1.jsonl.manifest.json").write_text("{}", encoding="utf-8")


class TestTheFilesOfANight:
    """They come one by one; each look is at so many seconds after noon."""

    def looks(
        self, office: Office, *at: float, cursor: str | None = None
    ) -> tuple[list[list[dg.AssetKey]], str | None]:
        told = []
        for seconds in at:
            with time_machine.travel(NOON + seconds, tick=False):
                asked, cursor = look(office, cursor)
            told.append(asked)
        return told, cursor

    def test_are_asked_for_once_nothing_has_come_for_a_while(self, patient: Office) -> None:
        deliver(patient, "1", "330199198503120013,2017-01-01")
        asked, _ = self.looks(patient, 0, 119, 120, 150)
        assert asked == [[], [], [RAW], []]

    def test_wait_anew_with_each_that_comes_and_are_one_run(self, patient: Office) -> None:
        deliver(patient, "1", "330199198503120013,2017-01-01")
        _, cursor = self.looks(patient, 0)
        deliver(patient, "2", "330199198503120021,2017-01-01")
        asked, cursor = self.looks(patient, 100, 130, cursor=cursor)
        assert asked == [[], []]
        deliver(patient, "1", "330199198503120013,2017-01", feed=OTHER)
        asked, _ = self.looks(patient, 200, 319, 320, 800, cursor=cursor)
        assert asked == [[], [], [OTHER_RAW, RAW], []]

    def test_do_not_wait_for_ever(self, patient: Office) -> None:
        cursor = None
        for number in range(6):
            deliver(patient, str(number), f"33019919850312001{number},2017-01-01")
            asked, cursor = self.looks(patient, number * 100, cursor=cursor)
            assert asked == [[]]
        deliver(patient, "6", "330199198503120016,2017-01-01")
        asked, cursor = self.looks(patient, 600, 630, 900, cursor=cursor)
        assert asked == [[RAW], [], []]

    def test_are_not_asked_for_where_somebody_has_taken_them_in(self, patient: Office) -> None:
        deliver(patient, "1", "330199198503120013,2017-01-01")
        _, cursor = self.looks(patient, 0)
        run(patient)
        assert self.looks(patient, 60, 200, cursor=cursor)[0] == [[], []]

    def test_do_not_keep_an_application_waiting(self, patient: Office) -> None:
        deliver(patient, "1", "330199198503120013,2017-01-01")
        _, cursor = self.looks(patient, 0)
        applied(patient)
        asked, _ = self.looks(patient, 30, 60, 120, cursor=cursor)
        assert asked == [[APPLICATIONS], [], [RAW]]

    def test_wait_again_after_the_clock_was_set_back(self, patient: Office) -> None:
        deliver(patient, "1", "330199198503120013,2017-01-01")
        asked, _ = self.looks(patient, 0, -3600, -3500, -3480)
        assert asked == [[], [], [], [RAW]]

    def test_are_seen_though_the_cursor_is_of_an_older_version(self, patient: Office) -> None:
        deliver(patient, "1", "330199198503120013,2017-01-01")
        older = json.dumps({"raw_social_security__pension": "0123456789abcdef"})
        asked, _ = self.looks(patient, 0, 120, cursor=older)
        assert asked == [[], [RAW]]
