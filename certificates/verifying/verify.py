"""Verification: is this file the certificate in force, and if not, what is it.

Belongs here: integrity and trust of a sealed file, and its place in the register. Does
not: what a certificate ought to say.

Four questions, each able to end the matter: does the seal cover every byte of the file
and hold; is it a seal we trust; does the register name exactly these bytes as the latest
version of their number, still within its validity; has no authority ended any of what stands on
it since, by the newest release. A file is `valid` only if all four say yes **and** the certificate
is in force on the day of asking; what could not be looked up is no yes.

`superseded` means genuine, but no longer in force: a newer version has been issued under
its number, or its last valid day has passed (`is_expired`; regulations B3.5: void by
itself), as notices have extended it (F9); where they only may have, it is `unknown`. `ended` means
that an authority has withdrawn, revoked, struck, cancelled or lowered something that it lists
(D5 to D10; `certificates.verifying.standing`).

Nothing is fetched over the network for a file given to us, and whatever reading it may
raise, it is an answer, not an error: the file is a stranger's.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from assets.calendar import legal_day
from assets.lake.store import Store
from assets.tables import certificate
from certificates.files import sha256
from certificates.issuing import register
from certificates.issuing.register import Row
from certificates.seal import LEVEL
from certificates.verifying.standing import Standing, standing

Status = Literal["valid", "altered", "superseded", "ended", "unknown"]
STATUS_ZH: dict[Status, str] = {
    "valid": "有效",
    "altered": "已被改动",
    "superseded": "已失效",
    "ended": "已终止",
    "unknown": "无法确认",
}
_SEAL_MARK = b"/ETSI.CAdES.detached"
_MAXIMUM_BYTES = 20_000_000
"""A certificate is some 0.1 MB; anything this large is not one and is not parsed."""

_LONGEST = 300
"""Of what a library says of a failure."""

# A seal that is not trusted is an answer; the library logs a traceback of it, on the terminal too.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The answer, with its reason in both languages and what could be read on the way."""

    status: Status
    reason_zh: str
    reason_en: str
    file_sha256: str
    certificate_no: str | None = None
    version: int | None = None
    latest_version: int | None = None
    enterprise_name: str | None = None
    valid_until: date | None = None
    is_expired: bool | None = None
    signer: str | None = None
    signed_at: datetime | None = None
    """As the sealer states it; B-B has no time stamp of a third party."""
    level: str | None = None
    standing: Standing | None = None
    """What the newest release tells of it; None where the matter had ended before."""

    @property
    def status_zh(self) -> str:
        """The status in Chinese."""
        return STATUS_ZH[self.status]


def verify(
    file: Path | bytes, store: Store, roots: Sequence[x509.Certificate], now: datetime
) -> Verification:
    """Verify a certificate file.

    Args:
        file: the file or its bytes.
        store: the lakehouse with the register.
        roots: trusted roots (`Seal.roots`).
        now: instant of asking, from the clock.

    Raises:
        OSError: the file cannot be read at all.
    """
    content = file if isinstance(file, bytes) else file.read_bytes()
    digest = sha256(content)
    seal = _examine(content, roots, now)
    if seal.state == "holds" and (missing := _no_register(store)) is not None:
        return _told(missing, digest, seal)
    registered = store.scan(certificate.CERTIFICATE)
    own = _row(registered.filter(pl.col("file_sha256") == digest))
    claimed = own or _claimed(registered, seal)
    latest = (
        None
        if claimed is None
        else _row(
            register.latest(
                registered.filter(pl.col("certificate_no") == claimed["certificate_no"])
            )
        )
    )
    today = legal_day(now)
    until, at_most = register.last_days(store, own, today) if own else (today, today)
    row, told = own or {}, None
    answer = _judge(seal, own, claimed, latest)
    if answer is None:
        told = standing(store, row["certificate_no"], row["usc_code"])
        answer = _in_force(told, today, until, at_most)
    return replace(
        _told(answer, digest, seal),
        certificate_no=row.get("certificate_no") or seal.certificate_no,
        version=row.get("version") or seal.version,
        latest_version=latest["version"] if latest else None,
        enterprise_name=row.get("enterprise_name"),
        valid_until=row.get("valid_until"),
        is_expired=until < today if row and not until < today <= at_most else None,
        standing=told,
    )


@dataclass(frozen=True, slots=True)
class _Examined:
    """What the file says by itself."""

    state: Literal["no_pdf", "no_seal", "broken", "untrusted", "holds"]
    signer: str | None = None
    signed_at: datetime | None = None
    certificate_no: str | None = None
    """Read from the attached decision, so believed only if the seal holds."""
    version: int | None = None


_Answer = tuple[Status, str, str]
"""With its reason, Chinese and English."""


def _told(answer: _Answer, digest: str, seal: _Examined) -> Verification:
    """An answer, with what the file says by itself."""
    status, zh, en = answer
    return Verification(
        status=status,
        reason_zh=zh,
        reason_en=en,
        file_sha256=digest,
        certificate_no=seal.certificate_no,
        version=seal.version,
        signer=seal.signer,
        signed_at=seal.signed_at,
        level=LEVEL if seal.state == "holds" else None,
    )


def _no_register(store: Store) -> _Answer | None:
    """What to answer where there is no register to look a number up in; None if there is."""
    try:
        if store.version(certificate.CERTIFICATE) is not None:
            return None
        zh, en = "此处没有登记簿", "there is no register here"
    except OSError as error:
        why = " ".join(str(error).split())[:_LONGEST]
        zh, en = "登记簿不能读取", f"the register cannot be read ({why})"
    return (
        "unknown",
        f"签章可信，但{zh}：是否在册、是否最新版本、是否已被撤回、撤销、吊销、注销，均未能核对。",
        f"The seal is trusted, but {en}: whether it is registered, the latest version or ended "
        "by an authority could not be looked up.",
    )


def _judge(
    seal: _Examined, own: Row | None, claimed: Row | None, latest: Row | None
) -> _Answer | None:
    """What is wrong with the file or its place in the register; None of the latest version."""
    if seal.state != "holds":
        return _WITHOUT_SEAL[seal.state]
    if claimed is None:
        return (
            "unknown",
            "签章可信，但登记簿中没有该证书。",
            "The seal is trusted, but the register has no such certificate.",
        )
    if own is None:
        return (
            "altered",
            "签章可信，但文件与登记簿所载文件不一致。",
            "The seal is trusted, but the file is not the one the register names.",
        )
    if latest is not None and latest["version"] > own["version"]:
        return (
            "superseded",
            f"该证书已被第{latest['version']}版取代。",
            f"Version {latest['version']} of this certificate has replaced it.",
        )
    return None


def _in_force(told: Standing, today: date, until: date, at_most: date) -> _Answer:
    """Whether the latest version is in force on the day of asking."""
    if ended := [one.words for one in told.ended]:
        return (
            "ended",
            f"据渠道登记，所载资质已终止：{'；'.join(zh for zh, _ in ended)}。",
            f"An authority has ended what it lists: {'; '.join(en for _, en in ended)}.",
        )
    if until < today:
        return _expired(until, may_run=today <= at_most)
    if told.release_id is None:
        return (
            "unknown",
            "文件为登记簿所载最新版本，但无数据发布，是否已被撤回、撤销、吊销、注销，未能核对。",
            "The register's latest version; no data is released, so whether an authority has "
            "ended it could not be looked up.",
        )
    if told.in_doubt:
        return (
            "unknown",
            f"是否仍有效，渠道登记存疑：{'、'.join(told.in_doubt)}。",
            f"Whether it still stands is in doubt by its channel: {', '.join(told.in_doubt)}.",
        )
    return (
        "valid",
        f"签章完整可信，文件为登记簿所载最新版本，在有效期内；至发布{told.release_id}，"
        "未见撤回、撤销、吊销、注销或降级。",
        "The seal holds and is trusted; the file is the register's latest version and in force; "
        f"release {told.release_id} tells of no end.",
    )


def _expired(until: date, *, may_run: bool) -> _Answer:
    if may_run:
        return (
            "unknown",
            f"有效期至{until.isoformat()}，已届满；是否统一延期，规则库未载明。",
            f"Past {until.isoformat()}; whether a notice extended it is not in the rulebook.",
        )
    return (
        "superseded",
        f"该证书已于{until.isoformat()}有效期届满。",
        f"Genuine and the latest version, but expired after {until.isoformat()}.",
    )


_WITHOUT_SEAL: dict[str, _Answer] = {
    "no_pdf": ("unknown", "不是可读取的PDF文件。", "Not a readable PDF file."),
    "no_seal": ("unknown", "文件没有电子印章。", "The file carries no electronic seal."),
    "broken": (
        "altered",
        "签章后文件被改动，印章不再覆盖文件全部内容。",
        "The file was changed after it was sealed.",
    ),
    "untrusted": (
        "unknown",
        "签章不是由受信任的发证机关作出。",
        "Sealed by a key that is not a trusted authority's.",
    ),
}


def _examine(content: bytes, roots: Sequence[x509.Certificate], now: datetime) -> _Examined:
    if not content.startswith(b"%PDF-") or len(content) > _MAXIMUM_BYTES:
        return _Examined("no_pdf")
    try:
        reader = PdfFileReader(io.BytesIO(content))
        seals = reader.embedded_regular_signatures
        if not seals:
            return _Examined("no_seal")
        return _examine_seal(reader, seals[0], roots, now)
    except Exception:  # the file is a stranger's: any failure to read it is an answer
        return _Examined("broken" if _SEAL_MARK in content else "no_pdf")


def _examine_seal(
    reader: PdfFileReader,
    seal: EmbeddedPdfSignature,
    roots: Sequence[x509.Certificate],
    now: datetime,
) -> _Examined:
    context = ValidationContext(
        trust_roots=[_asn1(root) for root in roots],
        moment=now,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )
    usage = KeyUsageConstraints(
        key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False
    )
    status = validate_pdf_signature(seal, context, key_usage_settings=usage, skip_diff=True)
    number, version = _named(reader)
    return _Examined(
        _state(status),
        status.signing_cert.subject.human_friendly,
        status.signer_reported_dt,
        number,
        version,
    )


def _state(status: PdfSignatureStatus) -> Literal["broken", "untrusted", "holds"]:
    whole = (
        status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    )  # certified: no change allowed after it
    if not (status.intact and status.valid and whole):
        return "broken"
    return "holds" if status.trusted else "untrusted"


def _named(reader: PdfFileReader) -> tuple[str | None, int | None]:
    """Number and version as the attached decision names them."""
    content = attached_decision(reader)
    if content is None:
        return None, None
    named = json.loads(content)["certificate"]
    return str(named["certificate_no"]), int(named["version"])


def attached_decision(reader: PdfFileReader) -> bytes | None:
    """The machine-readable decision attached to a certificate, or None."""
    try:
        entries: Any = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    except KeyError:
        return None
    for position in range(0, len(entries) - 1, 2):
        if str(entries[position]) == "decision.json":
            return bytes(entries[position + 1]["/EF"]["/F"].data)
    return None


def _claimed(registered: pl.LazyFrame, seal: _Examined) -> Row | None:
    """The register's row of the version a sealed file says it is."""
    if seal.state != "holds" or seal.certificate_no is None:
        return None
    return _row(
        registered.filter(
            pl.col("certificate_no") == seal.certificate_no, pl.col("version") == seal.version
        )
    )


def _row(rows: pl.LazyFrame) -> Row | None:
    found = rows.head(1).collect()
    return None if found.is_empty() else found.row(0, named=True)


def _asn1(root: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(root.public_bytes(serialization.Encoding.DER))
