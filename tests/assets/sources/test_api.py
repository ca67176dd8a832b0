"""An interface of a platform, in a process of its own, with every fault such a thing has."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
from deliveries import FIRM, KEY, NOW, Province
from killing import Kills

from assets.adapters import Limits
from assets.channels import Channel, load_channels
from assets.channels.ways import Api, States
from assets.collection import build_base
from assets.delivery_log import DeliveryReport
from assets.fetching import Again, fetch, fetch_again
from assets.raw import raw_table
from assets.sources.api import read_pages
from assets.sources.client import Client
from assets.sources.connection import Connection, Patience
from assets.sources.inbox import Inbox
from assets.sources.windows import Window
from assets.store import Store
from assets.tables import BY_NAME, intake
from assets.taking import take_in

FINDING = BY_NAME["base_credit__finding"]
QUICK = Patience(attempts=3, first_wait=0.01, longest_wait=0.05, read=0.5, answer=1)


def row(number: str = "F1", changed: str = "2017-02-27 08:00:00", **more: str) -> dict[str, Any]:
    return {
        "CreditNum": number,
        "CorpCode": FIRM,
        "CreditCode": "D1-2-05",
        "PunishDate": "2016-03-01",
        "PunishDepartName": "建设局",
        "PunishNumber": f"杭建罚字〔2016〕{number}号",
        "CancelDate": None,
        "gxsj": changed,
    } | more


class Platform:
    """The server, and what is known of it."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}/base"

    def set(self, **state: Any) -> None:
        httpx.post(self.address[:-5] + "/control", json=state).raise_for_status()

    def state(self) -> dict[str, Any]:
        told: dict[str, Any] = httpx.post(self.address[:-5] + "/state", json={}).json()
        return told


@pytest.fixture(scope="module")
def server() -> Iterator[Platform]:
    script = Path(__file__).with_name("platform_server.py")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield Platform(int(process.stdout.readline()))
        process.terminate()


@pytest.fixture
def platform(server: Platform) -> Platform:
    server.set(
        rows=[row(f"F{n}") for n in range(1, 8)], faults=[], always="", mode="", calls=[],
        token="secret-1", token_calls=0, expires_after=None,
    )  # fmt: skip
    return server


def channel(**api: Any) -> Channel:
    """The platform of credit, whose findings are fetched three a page."""
    declared = load_channels()["credit"]
    settled = {
        "path": "/findings",
        "records": "data.list",
        "total": "data.count",
        "succeeded": {"code": "00"},
        "rows": 3,
        "since": "since",
        "until": "until",
        "begins_on": date(2017, 1, 1),
        "window_days": 1000,
    } | api
    feed = declared.feeds["finding"]
    columns = [f.model_dump(exclude_unset=True) for f in feed.fields]
    columns.append({"source": "gxsj", "read": "text"})
    return Channel.model_validate(
        declared.model_dump(exclude={"feeds"})
        | {
            "feeds": {
                "finding": feed.model_dump(exclude_unset=True)
                | {
                    "fields": columns,
                    "api": Api.model_validate(settled),
                    "states": States(region_code="330000", is_complete=True),
                }
            }
        }
    )


def connections(platform: Platform, **secrets: str) -> dict[str, Connection]:
    told = {"url": platform.address[:-5], "secret": "secret-1"} | secrets
    return {"credit": Connection.model_validate(told)}


def night(
    province: Province,
    platform: Platform,
    sender: Channel | None = None,
    days: int = 0,
    patience: Patience = QUICK,
    **secrets: str,
) -> list[DeliveryReport]:
    """Fetches and takes in, some days on."""
    now, of = NOW + timedelta(days=days), sender or channel()
    inbox = Inbox(province.inbox)
    fetched = fetch(
        province.store, of, "finding", inbox, connections(platform, **secrets), now, patience
    )
    return [*fetched, *take_in(province.store, of, "finding", inbox, now)]


def base(province: Province, sender: Channel | None = None) -> list[str]:
    """Numbers of the findings in the base."""
    senders = {"credit": sender or channel()}
    build_base(province.store, FINDING, KEY, NOW, senders)
    return sorted(province.read(FINDING)["finding_no"])


# -- what goes well


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


def test_no_rows_are_a_delivery_of_no_rows(province: Province, platform: Platform) -> None:
    platform.set(rows=[])
    [report] = night(province, platform)
    assert (report.status, report.row_count) == ("accepted", 0)


# -- tokens


def test_a_token_that_expires_between_two_pages_is_renewed(
    province: Province, platform: Platform
) -> None:
    sender = channel(token_path="/token")
    platform.set(expires_after=2)
    [report] = night(province, platform, sender, key="miaoban", secret="client-secret")
    assert (report.status, report.row_count) == ("accepted", 7)
    assert platform.state()["token_calls"] == 2


def test_the_calls_of_the_provincial_gateway_are_signed(
    province: Province, platform: Platform
) -> None:
    sender = channel(auth="signature", path="/gateway")
    [report] = night(province, platform, sender, key="app", secret="request-secret")
    assert report.row_count == 7


@pytest.mark.parametrize("way", [{}, {"token_path": "/token"}])
def test_a_secret_that_is_not_accepted_fails_and_is_told_nowhere(
    province: Province, platform: Platform, way: dict[str, str]
) -> None:
    [report] = night(province, platform, channel(**way), key="miaoban", secret="wrong-secret")
    assert (report.status, report.reason_code) == ("failed", "login")
    assert "[connections.credit]" in (report.error or "")
    assert "wrong-secret" not in str(province.read(intake.DELIVERY).rows())


@pytest.mark.parametrize(
    ("lacking", "told"), [("url", "CREDIT__URL"), ("secret", "CREDIT__SECRET")]
)
def test_a_connection_that_is_not_set_fails_and_says_where_to_set_it(
    province: Province, platform: Platform, lacking: str, told: str
) -> None:
    known = {} if lacking == "url" else {"credit": Connection(url=platform.address)}  # type: ignore[arg-type]
    [report] = fetch(province.store, channel(), "finding", Inbox(province.inbox), known, NOW, QUICK)
    assert (report.reason_code, told in (report.error or "")) == ("connection", True)


# -- faults that pass


@pytest.mark.parametrize(
    "fault",
    [
        "500",
        "503",
        "429:1",
        "429 date",
        "429 asctime",
        "429",
        "hang:0.8",
        "cut",
        "truncated",
        "drop",
        "408",
    ],
)
def test_a_fault_that_passes_is_waited_for(
    province: Province, platform: Platform, fault: str
) -> None:
    platform.set(faults=["", fault])
    [report] = night(province, platform)
    assert (report.status, report.row_count) == ("accepted", 7)
    assert len(platform.state()["calls"]) == 5  # three pages, one of them twice, the first again


def test_the_calls_keep_to_the_rate_that_the_platform_allows(
    province: Province, platform: Platform
) -> None:
    import time

    began = time.monotonic()
    night(province, platform, channel(per_minute=300))
    assert time.monotonic() - began >= 3 * 60 / 300


# -- faults that stay


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("500", "unreachable"),
        ("drop", "unreachable"),
        ("cut", "unreachable"),
        ("hang:0.8", "timeout"),
        ("drip:15", "timeout"),
        ("429", "rate_limited"),
        ("429:9999", "rate_limited"),
        ("404", "refused"),
        ("302", "refused"),
        ("redirect", "refused"),
        ("gzip", "answer"),
        ("truncated", "answer"),
        ("body:[]", "answer"),
        ("body:<html>", "answer"),
        ('body:{"code": "00", "data": {"count": "x", "list": []}}', "answer"),
        ('body:{"code": "00", "data": {"count": 1, "list": ["x"]}}', "answer"),
        ('body:{"code": "00", "data": {"count": 1}}', "answer"),
        ('body:{"code": "14", "msg": "无权限"}', "refused"),
        ('body:{"code": "00", "data": {"count": 2, "list": [{"CreditNum": "1"}]}}', "pages"),
        ('body:{"code": "00", "data": {"count": 1000000000, "list": []}}', "pages"),
    ],
)
def test_a_fault_that_stays_is_one_failed_delivery_and_the_next_works(
    province: Province, platform: Platform, fault: str, code: str
) -> None:
    platform.set(always=fault)
    [report] = night(province, platform, patience=Patience(2, 0.01, 0.05, read=0.5, answer=1))
    assert (report.status, report.reason_code) == ("failed", code)
    assert "重新采集" in (report.error or "")
    assert "collect again" in (report.error or "")
    logged = province.read(intake.DELIVERY).row(0, named=True)
    assert (logged["status"], logged["reason_code"]) == ("failed", code)
    assert base(province) == []
    platform.set(always="")
    assert [r.status for r in night(province, platform)] == ["accepted"]
    assert len(base(province)) == 7


def test_a_platform_that_is_not_there_fails(province: Province, platform: Platform) -> None:
    [report] = night(province, platform, url="http://127.0.0.1:9")
    assert report.reason_code == "unreachable"


@pytest.mark.parametrize(
    "address", ["127.0.0.1:80", "ftp://127.0.0.1", "https:///x", "http://[::1"]
)
def test_an_address_that_is_none_fails_and_says_which_setting_to_mend(
    province: Province, platform: Platform, address: str
) -> None:
    [report] = night(province, platform, url=address)
    assert report.reason_code == "connection"
    assert "[connections.credit]" in (report.error or "")
    assert address not in (report.error or "")


def test_a_certificate_that_nobody_vouches_for_fails_until_its_authority_is_named(
    province: Province, platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, address = _encrypted(tmp_path)
    [report] = night(province, platform, url=address)
    assert report.reason_code == "unreachable"
    assert "证书不受信任" in (report.error or "")
    assert "SSL_CERT_FILE" in (report.error or "")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    [report] = night(province, platform, url=address)
    assert (report.status, report.row_count) == ("accepted", 0)


def _encrypted(folder: Path) -> tuple[Path, str]:
    """A server whose certificate is its own authority: that, and its address."""
    import ssl
    from datetime import UTC, datetime
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from ipaddress import ip_address
    from threading import Thread

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    certificate, both = folder / "certificate.pem", folder / "both.pem"
    certificate.write_bytes(signed.public_bytes(pem))
    both.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.read_bytes()
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"code": "00", "data": {"count": 0, "list": []}}')

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    secured = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secured.load_cert_chain(both)
    server.socket = secured.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    return certificate, f"https://127.0.0.1:{server.server_port}"


def test_every_other_attempt_is_told_in_words(
    province: Province, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    platform.set(faults=["500"])
    night(province, platform)
    [told] = [one.getMessage() for one in caplog.records if "重试" in one.getMessage()]
    assert "第1次重试 attempt 2 follows" in told
    assert "500" in told


def test_a_column_that_the_interface_has_added_fails_until_the_channel_file_knows_it(
    province: Province, platform: Platform
) -> None:
    platform.set(rows=[row(colour="red")])
    [report] = night(province, platform)
    assert (report.status, report.reason_code) == ("failed", "columns")
    assert "unknown ['colour']" in (report.error or "")
    assert base(province) == []


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


def test_more_rows_than_a_delivery_may_have_fail(platform: Platform) -> None:
    from assets.adapters import DeliveryError

    api = channel().feeds["finding"].api
    assert api is not None
    with (
        Client("credit", api, connections(platform)["credit"], QUICK) as client,
        pytest.raises(DeliveryError, match="too_large"),
    ):
        read_pages(client, api, Window(None, NOW), Limits(file_bytes=1000))


def test_a_failed_fetch_is_logged_at_every_attempt(province: Province, platform: Platform) -> None:
    platform.set(always="404")
    night(province, platform)
    night(province, platform, days=1)
    night(province, platform, days=1)
    logged = province.read(intake.DELIVERY).filter(pl.col("status") == "failed")
    assert logged.height == 2


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
