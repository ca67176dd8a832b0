"""Calls of an interface: signed, tried again, and every fault of a server told as what it is."""

from __future__ import annotations

import ssl
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

import polars as pl
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from deliveries import NOW, Province
from platforms import QUICK, Platform, base, channel, night

from assets.intake.fetching import fetch
from assets.sources.connection import Connection, Patience
from assets.sources.inbox import Inbox
from assets.tables import intake

# -- tokens and signatures


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


def test_every_other_attempt_is_told_in_words(
    province: Province, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    platform.set(faults=["500"])
    night(province, platform)
    [told] = [one.getMessage() for one in caplog.records if "重试" in one.getMessage()]
    assert "第1次重试 attempt 2 follows" in told
    assert "500" in told


def test_the_calls_keep_to_the_rate_that_the_platform_allows(
    province: Province, platform: Platform
) -> None:
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


def test_a_failed_fetch_is_logged_at_every_attempt(province: Province, platform: Platform) -> None:
    platform.set(always="404")
    night(province, platform)
    night(province, platform, days=1)
    night(province, platform, days=1)
    logged = province.read(intake.DELIVERY).filter(pl.col("status") == "failed")
    assert logged.height == 2


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
