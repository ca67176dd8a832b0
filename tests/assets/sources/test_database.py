"""Views of a real PostgreSQL and of SQLite, read whole or not at all."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deliveries import FIRM, KEY, NOW, Province
from killing import Kills
from postgres_server import PASSWORD, Server

from assets.adapters import DeliveryError, Limits
from assets.channels import Channel, load_channels
from assets.channels.ways import States, View
from assets.collection import build_base, collect
from assets.intake.delivery_log import DeliveryReport
from assets.intake.fetching import fetch
from assets.intake.taking import take_in
from assets.lake.history import history_table
from assets.lake.store import Store
from assets.sample import connections, databases
from assets.sources.connection import Connection
from assets.sources.database import read_view
from assets.sources.inbox import Inbox
from assets.sources.windows import Window
from assets.tables import BY_NAME, intake, project

FINDING = BY_NAME["base_credit__finding"]
TABLE = """
CREATE TABLE {name} (
  "CreditNum" TEXT, "CorpCode" TEXT, "CreditCode" TEXT, "PunishDate" DATE,
  "PunishDepartName" TEXT, "PunishNumber" TEXT, "CancelDate" DATE, "gxsj" {instant}
)
"""
COLUMNS = (
    '"CreditNum", "CorpCode", "CreditCode", "PunishDate", "PunishDepartName", "PunishNumber", '
    '"CancelDate"'
)
"""Those that the feed declares: all but the instant of change."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # a short path: its socket lies there
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = Server(folder, port)
    yield started
    started.stop()
    shutil.rmtree(folder)


@pytest.fixture
def postgres(server: Server) -> Server:
    server.execute(
        "DROP SCHEMA IF EXISTS share CASCADE",
        "CREATE SCHEMA share",
        TABLE.format(name="share.finding", instant="timestamptz"),
        "CREATE VIEW share.v_finding AS SELECT * FROM share.finding",
    )
    return server


def finding(number: str, changed: str | None = "2017-02-27 08:00:00", **more: Any) -> str:
    told = {
        "CreditNum": number, "CorpCode": FIRM, "CreditCode": "D1-2-05", "PunishDate": "2016-03-01",
        "PunishDepartName": "建设局", "PunishNumber": f"杭建罚字〔2016〕{number}号",
        "CancelDate": None, "gxsj": changed,
    } | more  # fmt: skip
    values = ", ".join(
        "NULL" if v is None else "'" + v.replace("'", "''") + "'" for v in told.values()
    )
    return f"VALUES ({values})"


def channel(updated_at: str | None = "gxsj", name: str = "share.v_finding") -> Channel:
    """The platform of credit, whose findings are read from a view."""
    declared = load_channels()["credit"]
    feed = declared.feeds["finding"].model_copy(
        update={
            "adapter": "parquet",
            "api": None,
            "view": View(name=name, updated_at=updated_at),
            "states": States(region_code="330000", is_complete=True),
        }
    )
    return declared.model_copy(update={"feeds": {"finding": feed}})


def night(
    province: Province, connection: Connection, sender: Channel | None = None, days: int = 0
) -> list[DeliveryReport]:
    """Fetches and takes in, some days on."""
    now, of = NOW + timedelta(days=days), sender or channel()
    inbox = Inbox(province.inbox)
    fetched = fetch(province.store, of, "finding", inbox, {"credit": connection}, now)
    return [*fetched, *take_in(province.store, of, "finding", inbox, now)]


def base(province: Province, sender: Channel | None = None) -> list[str]:
    build_base(province.store, FINDING, KEY, NOW, {"credit": sender or channel()})
    return sorted(province.read(FINDING)["finding_no"])


# -- PostgreSQL


def test_a_view_becomes_one_delivery_and_then_rows_of_the_base(
    province: Province, postgres: Server
) -> None:
    rows = [finding(f"F{n}") for n in range(1, 4)]
    postgres.execute(*(f"INSERT INTO share.finding {row}" for row in rows))
    [report] = night(province, postgres.connection())
    assert (report.status, report.row_count) == ("accepted", 3)
    assert base(province) == ["F1", "F2", "F3"]
    row = province.read(FINDING).row(0, named=True)
    assert (row["document_no"], row["revoked_on"]) == ("杭建罚字(2016)F1号", None)


def test_every_type_comes_as_the_text_of_the_database(postgres: Server) -> None:
    declared = load_channels()["credit"].feeds["finding"]
    fields = tuple(
        declared.fields[0].model_copy(update={"source": s, "to": t, "read": "text"})
        for s, t in (("a", "finding_no"), ("b", None), ("c", None), ("d", None), ("e", None))
    )
    feed = declared.model_copy(update={"fields": fields, "adapter": "parquet"})
    postgres.execute(
        "CREATE VIEW share.v AS SELECT '中文''\"=x'::text AS a, 1234567890123456789.50::numeric AS b,"
        " DATE '2016-02-29' AS c, true AS d, ''::text AS e UNION ALL"
        " SELECT 'z', NULL, NULL, NULL, NULL"
    )
    content, rows = read_view(
        "credit", feed, View(name="share.v"), postgres.connection(), Window(None, NOW)
    )
    assert rows == 2
    assert pl.read_parquet(BytesIO(content)).rows() == [
        ("z", None, None, None, None),
        ("中文'\"=x", "1234567890123456789.50", "2016-02-29", "true", ""),
    ]


@pytest.mark.parametrize("instant", ["timestamptz", "timestamp", "date", "text"])
def test_the_next_reading_asks_for_what_changed_since_with_the_overlap(
    province: Province, postgres: Server, instant: str
) -> None:
    cast = f'ALTER TABLE share.finding ALTER COLUMN "gxsj" TYPE {instant} USING "gxsj"::{instant}'
    postgres.execute(
        "DROP VIEW share.v_finding",
        cast,
        "CREATE VIEW share.v_finding AS SELECT * FROM share.finding",
    )
    assert [r.row_count for r in night(province, postgres.connection())] == [0]
    postgres.execute(
        f"INSERT INTO share.finding {finding('F1', '2017-02-14 23:59:59')}",
        f"INSERT INTO share.finding {finding('F2', '2017-02-15 00:00:00')}",
        f"INSERT INTO share.finding {finding('F3', None)}",
    )
    [report] = night(province, postgres.connection(), days=1)
    assert (report.file_name, report.row_count) == ("20170214T160000Z--20170302T020000Z.parquet", 2)
    assert base(province) == ["F2", "F3"]


def test_without_a_column_of_change_everything_is_read_every_time(
    province: Province, postgres: Server
) -> None:
    postgres.execute(
        'ALTER TABLE share.finding DROP COLUMN "gxsj" CASCADE',
        "CREATE VIEW share.v_finding AS SELECT * FROM share.finding",
        "INSERT INTO share.finding VALUES ('F1', '"
        + FIRM
        + "', 'D1-2-05', '2016-03-01', 'x', 'y', NULL)",
    )
    sender = channel(updated_at=None)
    assert [r.row_count for r in night(province, postgres.connection(), sender)] == [1]
    [again] = night(province, postgres.connection(), sender, days=1)
    assert (again.row_count, again.repeated_count) == (1, 1)


def test_a_connection_dropped_in_the_middle_fails_and_the_next_reading_works(
    province: Province, postgres: Server
) -> None:
    """The view ends its own session at its 20,000th row."""
    row = finding("X").removeprefix("VALUES (").removesuffix(")").split(", ")
    columns = ["'F' || n", *row[1:6], "NULL::date", "'2017-02-27'::timestamptz"]
    names = ["CreditNum", "CorpCode", "CreditCode", "PunishDate", "PunishDepartName", "PunishNumber", "CancelDate", "gxsj"]  # fmt: skip
    told = ", ".join(f'{c} AS "{n}"' for c, n in zip(columns, names, strict=True))
    ending = "CASE WHEN n = 20000 THEN pg_terminate_backend(pg_backend_pid()) ELSE true END"
    view = "CREATE OR REPLACE VIEW share.v_finding AS SELECT {told} FROM generate_series(1, 30000) AS n {where}"
    postgres.execute("DROP VIEW share.v_finding", view.format(told=told, where=f"WHERE {ending}"))
    [report] = night(province, postgres.connection())
    assert (report.status, report.reason_code) == ("failed", "unreachable")
    assert "重新采集" in (report.error or "")
    assert not (province.inbox / "credit").exists()
    assert base(province) == []
    logged = province.read(intake.DELIVERY).row(0, named=True)
    assert (logged["status"], logged["reason_code"]) == ("failed", "unreachable")
    postgres.execute(view.format(told=told, where=""))
    [report] = night(province, postgres.connection())
    assert (report.status, report.row_count) == ("accepted", 30_000)
    assert len(base(province)) == 30_000


def test_a_server_that_is_not_there_fails(province: Province, postgres: Server) -> None:
    nowhere = postgres.connection(url="postgresql://owner@127.0.0.1:9/postgres")
    [report] = night(province, nowhere)
    assert report.reason_code == "unreachable"


def test_a_wrong_password_fails_and_is_told_nowhere(province: Province, postgres: Server) -> None:
    [report] = night(province, postgres.connection(secret="wrong-secret"))
    assert (report.status, report.reason_code) == ("failed", "login")
    assert "[connections.credit]" in (report.error or "")
    assert "wrong-secret" not in str(province.read(intake.DELIVERY).rows())


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("owner@127.0.0.1:{port}/nothing", "login"),
        ("owner@127.0.0.1:{port}/postgres?colour=red", "connection"),
        ("owner@[127.0.0.1/postgres", "connection"),
    ],
)
def test_an_address_that_leads_nowhere_says_what_to_mend(
    province: Province, postgres: Server, place: str, code: str
) -> None:
    url = "postgresql://" + place.format(port=postgres.port)
    [report] = night(province, postgres.connection(url=url))
    assert (report.status, report.reason_code) == ("failed", code)
    assert "[connections.credit]" in (report.error or "")


def test_a_view_that_is_too_slow_fails_as_such(
    province: Province, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assets.sources.database._STATEMENT_MINUTES", 1 / 60)
    postgres.execute(
        f"INSERT INTO share.finding {finding('F1')}",
        "DROP VIEW share.v_finding",
        "CREATE VIEW share.v_finding AS SELECT f.* FROM share.finding f, pg_sleep(5)",
    )
    [report] = night(province, postgres.connection())
    assert (report.status, report.reason_code) == ("failed", "timeout")


def test_a_view_that_errs_at_one_of_its_rows_is_not_told_as_a_broken_network(
    province: Province, postgres: Server
) -> None:
    postgres.execute(
        f"INSERT INTO share.finding {finding('F1')}",
        "DROP VIEW share.v_finding",
        "CREATE VIEW share.v_finding AS SELECT * FROM share.finding "
        "WHERE 1 / (SELECT count(*) - 1 FROM share.finding) > 0",
    )
    [report] = night(province, postgres.connection())
    assert (report.status, report.reason_code) == ("failed", "refused")
    assert "division by zero" in (report.error or "")


def test_a_view_that_is_gone_or_not_granted_fails(province: Province, postgres: Server) -> None:
    [report] = night(province, postgres.connection(), channel(name="share.v_other"))
    assert report.reason_code == "refused"
    assert "share.v_other" in (report.error or "")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ('SELECT *, 1 AS "colour"', "unknown colour"),
        ('SELECT "CreditNum", "gxsj"', "missing CorpCode"),
        ('SELECT "CreditNum" AS "Num", "CorpCode"', "unknown Num"),
        (f"SELECT {COLUMNS}", "missing gxsj;"),
        (f'SELECT {COLUMNS}, "gxsj" AS "changed"', "missing gxsj, unknown changed;"),
    ],
)
def test_a_column_added_missing_or_renamed_fails(
    province: Province, postgres: Server, change: str, told: str
) -> None:
    postgres.execute(
        "DROP VIEW share.v_finding", f"CREATE VIEW share.v_finding AS {change} FROM share.finding"
    )
    [report] = night(province, postgres.connection())
    assert (report.status, report.reason_code) == ("failed", "columns")
    assert told in (report.error or "")


def test_more_than_a_delivery_may_have_fails(postgres: Server) -> None:
    postgres.execute(f"INSERT INTO share.finding {finding('F1')}")
    feed = channel().feeds["finding"]
    assert feed.view is not None
    with pytest.raises(DeliveryError, match="too_large"):
        read_view(
            "credit",
            feed,
            feed.view,
            postgres.connection(),
            Window(None, NOW),
            Limits(file_bytes=9),
        )


def test_reading_cannot_write(postgres: Server) -> None:
    postgres.execute(
        "CREATE FUNCTION share.grow() RETURNS text LANGUAGE sql VOLATILE AS"
        f" $$ INSERT INTO share.finding {finding('F9')} RETURNING 'x' $$",
        f"INSERT INTO share.finding {finding('F1')}",
        "DROP VIEW share.v_finding",
        'CREATE VIEW share.v_finding AS SELECT share.grow() AS "CreditNum", "CorpCode", "CreditCode",'
        ' "PunishDate", "PunishDepartName", "PunishNumber", "CancelDate", "gxsj" FROM share.finding',
    )
    feed = channel(updated_at="gxsj").feeds["finding"]
    assert feed.view is not None
    with pytest.raises(DeliveryError, match="read-only"):
        read_view("credit", feed, feed.view, postgres.connection(), Window(None, NOW))


# -- SQLite


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "库 1.db"
    with sqlite3.connect(path) as link:
        link.execute(TABLE.format(name="finding", instant="TEXT"))
        for number in range(2000):
            # A column that is empty in all of the first rows, and not in the last.
            ended = "2016-12-31" if number == 1999 else None
            link.execute(f"INSERT INTO finding {finding(f'F{number}', CancelDate=ended)}")
    link.close()
    return path


def test_a_table_of_sqlite_is_read_whole(province: Province, file: Path) -> None:
    connection = Connection.model_validate({"url": f"sqlite:///{file}"})
    sender = channel(name="finding")
    reports = collect(
        province.store, province.inbox, KEY, NOW, {"credit": sender}, {"credit": connection}
    ).deliveries
    assert [(r.error, r.row_count) for r in reports] == [(None, 2000)]
    ended = province.read(FINDING).filter(pl.col("revoked_on").is_not_null())
    assert ended["finding_no"].to_list() == ["F1999"]


def test_a_file_that_is_no_database_or_is_not_there_fails(
    province: Province, tmp_path: Path
) -> None:
    (tmp_path / "1.db").write_text("no database, but some text that is long enough" * 99)
    for name in ("1.db", "2.db"):
        connection = Connection.model_validate({"url": f"sqlite:///{tmp_path / name}"})
        [report] = night(province, connection, channel(name="finding"))
        assert (report.status, report.reason_code) == ("failed", "unreachable")
    assert f"没有数据库文件{tmp_path / '2.db'}" in (report.error or "")
    assert not (tmp_path / "2.db").exists()


def test_a_database_of_another_make_fails_and_says_which_are_known(province: Province) -> None:
    connection = Connection.model_validate({"url": "oracle://owner@host/x", "secret": "s"})
    [report] = night(province, connection)
    assert report.reason_code == "connection"
    assert "postgresql://" in (report.error or "")


def test_a_permit_that_its_view_marks_as_deleted_ends_in_the_base(
    province: Province, tmp_path: Path
) -> None:
    sender, inbox = load_channels()["permits"], Inbox(province.inbox)
    feed = sender.feeds["permit"]
    reached = connections(tmp_path, {"permits": sender})
    told = dict.fromkeys(feed.columns, "") | {
        "BuilderLicenceNum": "330106201503020101",
        "PrjNum": "3301061501010101",
        "ConsCorpCode": FIRM,
        "ReleaseDate": "2015-03-02",
        "ContractMoney": "1200.5",
        "UpdateFlag": "U",
    }

    def night(days: int, flag: str) -> list[tuple[str, int]]:
        now = NOW + timedelta(days=days)
        row = pl.DataFrame([told | {"UpdateFlag": flag}])
        databases.write(databases.database_file(tmp_path, "permits"), feed, row, now.date())
        assert fetch(province.store, sender, "permit", inbox, reached, now) == []
        reports = take_in(province.store, sender, "permit", inbox, now)
        build_base(province.store, project.PERMIT, KEY, now, {"permits": sender})
        return [(report.status, report.row_count) for report in reports]

    assert night(0, "U") == [("accepted", 1)]
    [row] = province.read(project.PERMIT).iter_rows(named=True)
    assert (row["amount_yuan"], row["area_m2"], row["issued_on"]) == (
        Decimal("12005000.00"),
        None,
        date(2015, 3, 2),
    )
    assert night(1, "D") == [("accepted", 1)]
    assert province.read(project.PERMIT).is_empty()
    [past] = province.store.read(history_table(project.PERMIT)).iter_rows(named=True)
    assert (past["permit_no"], past["ended_by"]) == ("330106201503020101", "deleted")


# -- killed


def collect_view(home: Path, address: str) -> None:
    """The whole view, into the base."""
    store, of, inbox = Store(home / "lake"), channel(), Inbox(home / "inbox")
    link = {"credit": Connection(url=address, secret=PASSWORD)}
    assert fetch(store, of, "finding", inbox, link, NOW) == []
    take_in(store, of, "finding", inbox, NOW)
    build_base(store, FINDING, KEY, NOW, {"credit": of})


def test_a_reading_killed_at_random_moments_and_begun_again_comes_to_the_same(
    postgres: Server, tmp_path: Path
) -> None:
    cells = finding("x").removeprefix("VALUES (").removesuffix(")").replace("'x'", "'F' || n")
    postgres.execute(
        f"INSERT INTO share.finding SELECT {cells} FROM generate_series(1, 5000) AS s(n)".replace(
            "'2016-03-01'", "DATE '2016-03-01'"
        )
        .replace("'2017-02-27 08:00:00'", "TIMESTAMPTZ '2017-02-27 08:00:00+08'")
        .replace("NULL", "NULL::date")
    )
    kills, address = Kills(), postgres.connection().address
    took = kills.run(collect_view, tmp_path / "undisturbed", address)
    assert took is not None
    kills.disturb(took, collect_view, tmp_path / "disturbed", address)
    told = []
    for name in ("undisturbed", "disturbed"):
        store = Store(tmp_path / name / "lake")
        rows = store.read(FINDING).drop("received_at").sort("finding_no")
        log = store.read(intake.DELIVERY).select("delivery_id", "file_name", "status", "row_count")
        told.append((rows.to_dicts(), log.to_dicts()))
    assert told[0] == told[1]
    assert len(told[0][0]) == 5_000
