"""Inbox and lake in an object store: a server that speaks S3, in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread

import obstore
import polars as pl
import pytest
from killing import Kills
from obstore.store import S3Store

from assets.collection import collect
from assets.lake.declaration import Table
from assets.lake.store import SnapshotConflict, Store
from assets.sources.inbox import MANIFEST_SUFFIX, Inbox
from assets.tables import BASE_TABLES, credit, enterprise, intake
from assets.wording import worded
from checks import cross, gate
from pipelines.chain import ChainReport
from pipelines.demo import AS_OF
from pipelines.office import Office
from pipelines.settings import load

pytestmark = pytest.mark.slow
REGISTRY = "market_registry"
CREDIT = ("credit",)
FEW = (REGISTRY, *CREDIT)
NO_PEOPLE = (*FEW, "construction", "finance", "project_platform", "permits")
"""Channels of tests that need no people, who are most of the rows."""


class ObjectStore:
    """A bucket of its own on the server."""

    def __init__(self, port: int, bucket: str) -> None:
        self.options = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "b",
            "AWS_REGION": "us-east-1",
            "AWS_ALLOW_HTTP": "true",
        }
        self.bucket = bucket
        address = f"{self.options['AWS_ENDPOINT_URL']}/{bucket}"
        urllib.request.urlopen(urllib.request.Request(address, method="PUT")).close()

    def settings(self, home: Path) -> Path:
        """Writes the settings of a home whose deliveries and lake are here."""
        told = ", ".join(f'{name} = "{value}"' for name, value in self.options.items())
        home.mkdir(parents=True, exist_ok=True)
        (home / "miaoban.toml").write_text(
            f'profile = "demo"\nclock = {AS_OF.isoformat()}T10:00:00+08:00\n'
            f'lake = "s3://{self.bucket}/lake"\nstorage_options = {{ {told} }}\n'
            f'deliveries = "s3://{self.bucket}/inbox"\ndelivery_options = {{ {told} }}\n'
        )
        return home

    @property
    def plain(self) -> S3Store:
        """As a sender sees it."""
        return S3Store(
            self.bucket,
            endpoint=self.options["AWS_ENDPOINT_URL"],
            access_key_id="a",
            secret_access_key="b",
            region="us-east-1",
            client_options={"allow_http": True},
        )

    def send(self, inbox: Path, channels: tuple[str, ...] | None = None) -> None:
        """Puts the files of a folder into the inbox, manifests last."""
        files = [path for path in inbox.rglob("*") if path.is_file()]
        for path in sorted(files, key=lambda one: (one.name.endswith(MANIFEST_SUFFIX), one)):
            name = path.relative_to(inbox)
            if channels is None or name.parts[0] in channels:
                obstore.put(self.plain, f"inbox/{name}", path.read_bytes())


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    program = [sys.executable, str(Path(__file__).with_name("object_store.py")), str(number)]
    server = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{number}/").close()
            break
        except urllib.error.URLError:
            assert server.poll() is None, "the object store did not start"
            time.sleep(0.1)
    yield number
    server.kill()
    server.wait()


@pytest.fixture
def bucket(port: int, request: pytest.FixtureRequest) -> ObjectStore:
    return ObjectStore(port, f"b{abs(hash(request.node.name)):x}")


def told(home: Path, channels: tuple[str, ...] | None = None) -> Office:
    """Collects what is in the inbox of a home's settings."""
    office = Office(load(home))
    senders = {n: c for n, c in office.channels.items() if channels is None or n in channels}
    collect(office.store, office.inbox, office.pseudonym_key, office.now(), senders)
    return office


def collect_credit(home: Path) -> None:
    told(home, CREDIT)


def rows(store: Store, table: Table) -> pl.DataFrame:
    return store.read(table).sort(table.key)


def test_from_deliveries_in_an_object_store_to_a_release_in_it(
    bucket: ObjectStore, town: tuple[Path, ChainReport], tmp_path: Path
) -> None:
    local = Office(load(town[0]))
    home = bucket.settings(tmp_path)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "pseudonym.key").write_bytes(local.pseudonym_key)
    (tmp_path / "keys" / "pseudonym.key").chmod(0o600)
    bucket.send(local.settings.inbox, NO_PEOPLE)
    store = told(home, NO_PEOPLE).store
    for table in BASE_TABLES:
        if table.name.startswith("base_personnel"):
            continue
        when = ["received_at"] if "received_at" in table.schema else []
        assert rows(store, table).drop(when).equals(rows(local.store, table).drop(when)), table.name
    gate.run_checks(store, [cross.run(store, AS_OF)], local.now())
    made = gate.release(store, local.now())
    assert made is not None
    assert store.read(enterprise.REGISTRY, made.versions[enterprise.REGISTRY.name]).height > 0
    before = {table.name: store.version(table) for table in BASE_TABLES}
    again = told(home, NO_PEOPLE).store
    assert {table.name: again.version(table) for table in BASE_TABLES} == before
    assert gate.release(again, local.now()) == made


def test_an_object_that_is_still_being_written_is_left_alone(
    bucket: ObjectStore, town: tuple[Path, ChainReport], tmp_path: Path
) -> None:
    home = bucket.settings(tmp_path)
    files = sorted((town[0] / "inbox" / REGISTRY / "event").glob("*-full.jsonl"))
    name, content = f"inbox/{REGISTRY}/event/{files[0].name}", files[0].read_bytes()
    stated = files[0].with_name(files[0].name + MANIFEST_SUFFIX).read_bytes()
    written = obstore.open_writer(bucket.plain, name)
    written.write(content[:100])
    written.flush()
    obstore.put(bucket.plain, name + MANIFEST_SUFFIX, stated)  # too early: no object beside it yet
    assert told(home, FEW).store.read(intake.DELIVERY).is_empty()
    written.write(content[100:])
    written.close()
    [row] = told(home, FEW).store.read(intake.DELIVERY).iter_rows(named=True)
    assert (row["status"], row["file_name"]) == ("accepted", files[0].name)


def test_an_object_without_its_manifest_is_no_delivery_yet(
    bucket: ObjectStore, town: tuple[Path, ChainReport], tmp_path: Path
) -> None:
    home = bucket.settings(tmp_path)
    [file] = sorted((town[0] / "inbox" / REGISTRY / "event").glob("*-full.jsonl"))
    obstore.put(bucket.plain, f"inbox/{REGISTRY}/event/{file.name}", file.read_bytes())
    assert told(home, FEW).store.read(intake.DELIVERY).is_empty()


def test_of_many_writers_of_a_log_each_row_is_written_once(bucket: ObjectStore) -> None:
    """Each works on what the log lacks: the put of a version succeeds for one of those who try."""
    wanted = pl.DataFrame({"n": range(8)}).select(
        worded("A{}", "n").alias("application_id"), usc_code=pl.lit("91330199MA2A00018R")
    )
    wanted = wanted.with_columns(
        kind=pl.lit("first"),
        category_code=pl.lit("G01"),
        subcategory=pl.lit(""),
        level=pl.lit("三级"),
        filed_via=pl.lit("portal"),
        filed_at=pl.lit(AS_OF).cast(intake.APPLICATION.schema["filed_at"]),
        received_at=pl.lit(AS_OF).cast(intake.APPLICATION.schema["received_at"]),
    )
    together, conflicts = Barrier(4), []

    def write() -> None:
        store = Store(f"s3://{bucket.bucket}/lake", bucket.options)
        together.wait()
        while True:
            turn = store.turn(intake.APPLICATION, "test")
            left = wanted.join(turn.scan().collect(), on="application_id", how="anti")
            if left.is_empty():
                return
            try:
                turn.append(left.head(1))
            except SnapshotConflict as error:
                conflicts.append(error)

    threads = [Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    logged = Store(f"s3://{bucket.bucket}/lake", bucket.options).read(intake.APPLICATION)
    assert sorted(logged["application_id"]) == sorted(wanted["application_id"])
    assert conflicts, "nobody raced: the test proves nothing"


def test_a_collection_killed_in_the_middle_and_begun_again_comes_to_the_same(
    bucket: ObjectStore, port: int, town: tuple[Path, ChainReport], tmp_path: Path
) -> None:
    other = ObjectStore(port, bucket.bucket + "x")
    kills, homes = Kills(), []
    for name, place in (("undisturbed", bucket), ("disturbed", other)):
        homes.append(place.settings(tmp_path / name))
        place.send(town[0] / "inbox", CREDIT)
    took = kills.run(collect_credit, homes[0])
    assert took is not None
    kills.disturb(took, collect_credit, homes[1])
    one, two = (Office(load(home)).store for home in homes)
    for table in (*credit.TABLES, intake.QUARANTINE):
        found, meant = (rows(store, table).drop("received_at") for store in (two, one))
        assert found.equals(meant), table.name
    assert one.read(credit.FINDING).height > 0


def test_the_inbox_takes_the_options_that_the_lake_takes(bucket: ObjectStore) -> None:
    more = {"timeout": "30s", "AWS_CONNECT_TIMEOUT": "5s", "aws_allow_http": "true"}
    options = {k: v for k, v in bucket.options.items() if k != "AWS_ALLOW_HTTP"} | more
    assert Store(f"s3://{bucket.bucket}/lake", options).version(enterprise.REGISTRY) is None
    channel = Office(load()).channels[REGISTRY]
    inbox = Inbox(f"s3://{bucket.bucket}/inbox", options)
    assert inbox.listed(REGISTRY, "event", channel.feeds["event"]) == []
