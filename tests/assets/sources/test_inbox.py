"""A file is taken once it is complete, whole or not at all, and never needs much memory."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from deliveries import LI, NOW, Province, as_bytes, registered

from assets.adapters import Limits
from assets.channels import Channel, load_channels
from assets.channels.ways import CompleteWhen, Marker, States, Unchanged
from assets.intake.delivery_log import DeliveryReport
from assets.intake.taking import take_in
from assets.sources.inbox import Inbox, Listed
from assets.sources.manifest import Manifest
from assets.tables import intake

REGISTER = load_channels()["constructor_registry"]
FEED = REGISTER.feeds["registration"]
ROWS = [registered(), registered(CertNum="浙233151600124", IDCard18=LI)]


def complete_when(how: CompleteWhen, *, is_complete: bool = True) -> Channel:
    """The register, whose files are told to be complete in this way."""
    states = States(region_code="330000", is_complete=is_complete)
    feed = FEED.model_copy(update={"complete_when": how, "states": states})
    return REGISTER.model_copy(update={"feeds": {"registration": feed}})


def take(province: Province, channel: Channel) -> list[DeliveryReport]:
    return take_in(province.store, channel, "registration", province.inbox, NOW)


def write(province: Province, name: str, content: bytes, age: float = 0) -> Path:
    folder = province.inbox / "constructor_registry" / "registration"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (time.time() - age, time.time() - age))
    return path


# -- complete, or left alone


def test_a_file_without_its_manifest_is_left_alone(province: Province) -> None:
    write(province, "1.xml", as_bytes(FEED, ROWS), age=86_400)
    assert take(province, REGISTER) == []


@pytest.mark.parametrize("cut", [0, 1])
def test_a_file_cut_within_its_last_value_is_told_from_the_digest_of_its_manifest(
    province: Province, cut: int
) -> None:
    """Its rows are all there: without the digest the last one would say something else."""
    feed = FEED.model_copy(update={"adapter": "csv", "encoding": "utf-8"})
    channel = REGISTER.model_copy(update={"feeds": {"registration": feed}})
    sent = as_bytes(feed, ROWS).rstrip()
    write(province, "1.csv", sent[: len(sent) - cut])
    stated = Manifest(
        rows=2,
        sent_at=NOW,
        region_code="330000",
        is_complete=True,
        as_of=date(2017, 2, 28),
        sha256=hashlib.sha256(sent).hexdigest().upper(),
    )
    write(province, "1.csv.manifest.json", stated.model_dump_json().encode())
    [report] = take(province, channel)
    assert report.reason_code == ("unreadable" if cut else None)
    assert report.row_count == (0 if cut else 2)


def test_a_file_is_left_alone_until_its_marker_is_there(province: Province) -> None:
    channel = complete_when(Marker(marker=".ok"))
    write(province, "1.xml", as_bytes(FEED, ROWS)[:-60])
    assert take(province, channel) == []
    write(province, "1.xml", as_bytes(FEED, ROWS))
    write(province, "1.xml.ok", b"")
    [report] = take(province, channel)
    assert (report.status, report.row_count) == ("accepted", 2)


@pytest.mark.parametrize(
    ("count", "status"), [("2", "accepted"), ("3", "failed"), ("", "accepted")]
)
def test_a_marker_that_holds_a_number_states_the_rows(
    province: Province, count: str, status: str
) -> None:
    write(province, "1.xml", as_bytes(FEED, ROWS))
    write(province, "1.xml.ok", f" {count}\n".encode())
    [report] = take(province, complete_when(Marker(marker=".ok")))
    assert (report.status, report.reason_code) == (status, "F-01" if status == "failed" else None)


def test_a_file_is_left_alone_until_nobody_has_written_to_it_for_long_enough(
    province: Province,
) -> None:
    channel = complete_when(Unchanged(unchanged_seconds=600))
    write(province, "1.xml", as_bytes(FEED, ROWS), age=500)
    assert take(province, channel) == []
    write(province, "1.xml", as_bytes(FEED, ROWS), age=601)
    [report] = take(province, channel)
    assert report.status == "accepted"


def test_what_no_manifest_states_its_sender_has_stated_once(province: Province) -> None:
    path = write(province, "1.xml", as_bytes(FEED, ROWS))
    instant = datetime(2017, 2, 28, 17, tzinfo=UTC)  # the first of March in China
    os.utime(path, (instant.timestamp(), instant.timestamp()))
    channel = complete_when(Unchanged(unchanged_seconds=1), is_complete=False)
    take(province, channel)
    logged = province.read(intake.DELIVERY)["manifest_json"].item()
    assert Manifest.model_validate_json(logged) == Manifest(
        rows=2, sent_at=instant, region_code="330000", is_complete=False, as_of=date(2017, 2, 28)
    )


def test_the_same_bytes_under_a_new_marker_say_that_nothing_has_changed_since(
    province: Province,
) -> None:
    channel = complete_when(Unchanged(unchanged_seconds=1))
    write(province, "1.xml", as_bytes(FEED, ROWS), age=3 * 86_400)
    assert [r.status for r in take(province, channel)] == ["accepted"]
    write(province, "2.xml", as_bytes(FEED, ROWS), age=86_400)
    [again] = take(province, channel)
    assert (again.status, again.repeated_count) == ("accepted", 2)
    assert take(province, channel) == []
    assert province.store.read(intake.DELIVERY).height == 2


@pytest.mark.parametrize(
    "name", ["1.xml.part", "1.xml.tmp", ".1.xml", "readme.txt", "1.csv", "1.xml.manifest.json"]
)
def test_a_file_that_is_no_delivery_is_left_alone(province: Province, name: str) -> None:
    write(province, name, as_bytes(FEED, ROWS), age=9)
    assert take(province, complete_when(Unchanged(unchanged_seconds=1))) == []


def test_a_file_that_no_feed_will_ever_take_is_named(province: Province) -> None:
    write(province, "good.xml", as_bytes(FEED, ROWS))
    write(province, "good.xml.manifest.json", b"{}")
    known = load_channels()
    assert Inbox(province.inbox).unclaimed(known) == []
    feed = "constructor_registry/registration"
    astray = (f"{feed}s/a.xml", f"{feed}/a.csv", f"{feed}/b.xml.done", "nobody/feed/a.xml", "a.xml")
    may_become_one = (f"{feed}/.a.xml", f"{feed}/a.xml.part", f"{feed}/h.xml.gz")
    for path in (*astray, *may_become_one):
        file = province.inbox / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    assert Inbox(province.inbox).unclaimed(known) == sorted(astray)
    assert Inbox(province.inbox / "none").unclaimed(known) == []


@pytest.mark.parametrize("name", ["批次 1.xml", "a%20b#c?.XML", "[1].xml.gz", "a..b~.xml", "3.zip"])
def test_a_file_may_have_any_name(province: Province, name: str) -> None:
    content = as_bytes(FEED, ROWS)
    packed = gzip.compress(content) if name[-3:] in (".gz", "zip") else content
    write(province, name, packed, age=9)
    [report] = take(province, complete_when(Unchanged(unchanged_seconds=1)))
    assert (report.file_name, report.status) == (name, "accepted")


# -- whole, or not at all


class Restless(Inbox):
    """An inbox whose files are written to by somebody after they were listed."""

    def listed(self, *arguments: object) -> list[Listed]:
        files = super().listed(*arguments)  # type: ignore[arg-type]
        for path in Path(self._root).rglob("*.xml"):
            path.write_bytes(path.read_bytes() + b" ")
        return files


class Emptied(Inbox):
    """An inbox whose files are taken away after they were listed."""

    def listed(self, *arguments: object) -> list[Listed]:
        files = super().listed(*arguments)  # type: ignore[arg-type]
        for path in Path(self._root).rglob("*.xml"):
            path.unlink()
        return files


@pytest.mark.parametrize("kind", [Restless, Emptied])
def test_a_file_that_changes_or_goes_while_it_is_read_is_left_alone(
    province: Province, kind: type[Inbox]
) -> None:
    write(province, "1.xml", as_bytes(FEED, ROWS), age=9)
    channel = complete_when(Unchanged(unchanged_seconds=1))
    inbox = kind(province.inbox)
    assert take_in(province.store, channel, "registration", inbox, NOW) == []
    assert province.read(intake.DELIVERY).is_empty()


def test_an_inbox_that_nobody_has_made_is_empty(province: Province) -> None:
    assert take(province, REGISTER) == []


# -- once


def test_a_file_accepted_and_not_written_since_is_not_read_again(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    province.deliver("constructor_registry", "registration", ROWS)
    assert [r.status for r in take(province, REGISTER)] == ["accepted"]

    def read(*_: object) -> None:
        raise AssertionError("it was read")

    with monkeypatch.context() as patched:
        patched.setattr(Inbox, "read", read)
        assert take(province, REGISTER) == []
    province.deliver("constructor_registry", "registration", ROWS[:1], name="1")
    assert [r.status for r in take(province, REGISTER)] == ["accepted"]


def test_a_file_that_repeats_a_delivery_is_logged_once_and_not_read_again(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    province.deliver("constructor_registry", "registration", ROWS, name="1")
    assert [r.status for r in take(province, REGISTER)] == ["accepted"]
    province.deliver("constructor_registry", "registration", ROWS, name="1_again")
    # A restored home: the store lists what was taken in as if it were another file.
    (folder := province.inbox / "constructor_registry" / "registration").rename(
        moved := folder.with_name("moved")
    )
    shutil.copytree(moved, folder)
    assert take(province, REGISTER) == [], "nothing new has come"
    log = province.read(intake.DELIVERY).sort("received_at")
    assert log["status"].to_list() == ["accepted", "repeated", "repeated"]
    assert sorted(log["file_name"].to_list()) == ["1.xml", "1.xml", "1_again.xml"]
    assert log["delivery_id"].n_unique() == 1
    assert log.select("delivery_id", "received_at").is_unique().all(), "no key stands twice"
    assert log["row_count"].to_list() == [2, 0, 0]

    def read(*_: object) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(Inbox, "read", read)
    assert take(province, REGISTER) == []
    assert province.read(intake.DELIVERY).height == log.height


def test_a_day_looked_at_again_does_not_log_what_it_knows(province: Province) -> None:
    province.deliver("constructor_registry", "registration", ROWS)
    take(province, REGISTER)
    before = province.read(intake.DELIVERY)
    for sent_on in {date(2017, 2, 27) + timedelta(days=n) for n in range(4)}:
        again = take_in(
            province.store, REGISTER, "registration", province.inbox, NOW, sent_on=sent_on
        )
        assert again == []
    assert province.read(intake.DELIVERY).equals(before)


# -- in an object store


def test_an_object_store_is_an_inbox(province: Province) -> None:
    inbox = Inbox("memory:///")
    stated = Manifest(
        rows=2, sent_at=NOW, region_code="330000", is_complete=True, as_of=date(2017, 2, 28)
    )
    inbox.land("constructor_registry", "registration", "1.xml", as_bytes(FEED, ROWS), stated)
    [report] = take_in(province.store, REGISTER, "registration", inbox, NOW)
    assert (report.status, report.row_count) == ("accepted", 2)
    assert take_in(province.store, REGISTER, "registration", inbox, NOW) == []


def test_a_landed_file_has_its_manifest_after_it(province: Province) -> None:
    stated = Manifest(
        rows=0, sent_at=NOW, region_code="330000", is_complete=True, as_of=date(2017, 2, 28)
    )
    Inbox(province.inbox).land("constructor_registry", "registration", "1.xml", b"<a/>", stated)
    folder = province.inbox / "constructor_registry" / "registration"
    beside = json.loads((folder / "1.xml.manifest.json").read_text())
    assert Manifest.model_validate(beside) == stated
    assert (folder / "1.xml").stat().st_mtime_ns <= (
        folder / "1.xml.manifest.json"
    ).stat().st_mtime_ns


# -- in little memory

MEASURED = """
import resource, sys
from pathlib import Path
from assets.channels import load_channels
from assets.channels.ways import Unchanged
from assets.sources.inbox import Inbox
feed = load_channels()["social_security"].feeds["insurance"]
feed = feed.model_copy(update={"complete_when": Unchanged(unchanged_seconds=1)})
inbox = Inbox(sys.argv[1])
[file] = inbox.listed("social_security", "insurance", feed)
before = resource.getrusage(resource.RUSAGE_SELF)
came = inbox.read(file, feed)
if came.error is None:
    from assets.adapters import DeliveryError, read_delivery
    try:
        read_delivery(came.content, feed)
    except DeliveryError as error:
        print(error.code.value, len(came.content))
else:
    print(came.error.code.value, len(came.content))
after = resource.getrusage(resource.RUSAGE_SELF)
print(after.ru_maxrss - before.ru_maxrss)
print(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
"""
LARGE = 10 * 1024**3


@pytest.mark.parametrize("packed", [False, True])
def test_a_line_without_end_fails_in_a_few_megabytes_of_memory(
    tmp_path: Path, packed: bool
) -> None:
    """A sparse file of one line of 10 GiB, left after its first MiB, and one of 256 MiB packed."""
    folder = tmp_path / "social_security" / "insurance"
    folder.mkdir(parents=True)
    path = folder / ("1.csv.gz" if packed else "1.csv")
    if packed:
        path.write_bytes(gzip.compress(bytes(256 * 1024**2), compresslevel=1))
    else:
        with path.open("wb") as file:
            file.truncate(LARGE)
    os.utime(path, (0, 0))
    ran = subprocess.run(
        [sys.executable, "-c", MEASURED, str(tmp_path)], capture_output=True, text=True, check=True
    )
    told, grown, seconds = ran.stdout.splitlines()
    assert told.split()[0] == "line_too_long"
    assert int(grown) < 64 * 1024  # KiB
    assert float(seconds) < 2, "of the processor: reading all of it takes ten times as long"


def test_a_file_larger_than_allowed_is_read_no_further_and_told_apart_from_its_next_version(
    province: Province,
) -> None:
    feed = complete_when(Unchanged(unchanged_seconds=1)).feeds["registration"]
    inbox, digests = Inbox(province.inbox), []
    for written in (1, 2):
        path = write(province, "1.xml", as_bytes(FEED, ROWS * 50), age=9)
        os.utime(path, (written, written))
        [file] = inbox.listed("constructor_registry", "registration", feed)
        for _ in range(2):
            came = inbox.read(file, feed, Limits(file_bytes=1000))
            assert came is not None
            assert came.error is not None
            assert (came.error.code.value, came.content) == ("too_large", b"")
            digests.append(came.sha256)
    assert digests[0] == digests[1] != digests[2] == digests[3]
