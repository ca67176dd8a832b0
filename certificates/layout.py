"""What stands on the face of a certificate, and its typesetting.

Belongs here: the printed fields (regulations G3), how dates and money are written, the QR
code. Does not: which qualifications a certificate carries (`certificates.issuing`), the seal
(`certificates.seal`).
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlencode

import segno

from certificates import typesetting
from decisions.words import Words

SEAL_BOX_MM = (128.0, 20.0, 170.0, 62.0)
"""Where the seal is laid, over the date: left, bottom, right, top, from the lower left."""

LEVEL_EN = {
    "特级": "Special",
    "一级": "Grade 1",
    "二级": "Grade 2",
    "三级": "Grade 3",
    "不分等级": "Ungraded",
}
EFFECT_WORDS = {
    "new_certificate": ("首次申请", "first grant"),
    "add_to_certificate": ("增项", "addition"),
    "replace_level": ("升级", "upgrade"),
    "renew": ("延续", "renewal"),
    "change_content": ("变更", "change"),
    "reissue": ("遗失补办", "replacement"),
    "reverify": ("重新核定", "re-verification"),
}


@dataclass(frozen=True, slots=True)
class Authority:
    """Who decides and issues, and who reviews what it decides.

    Attributes:
        government: whose department it is.
        above: the department one level higher.
    """

    zh: str
    en: str
    government: Words
    above: Words


ZHEJIANG = Authority(
    "浙江省住房和城乡建设厅",
    "Department of Housing and Urban-Rural Development of Zhejiang Province",
    Words("浙江省人民政府", "the People's Government of Zhejiang Province"),
    Words("住房和城乡建设部", "the Ministry of Housing and Urban-Rural Development"),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list of qualifications."""

    category_zh: str
    category_en: str
    level: str
    approved_on: date
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """Everything printed on one certificate."""

    certificate_no: str
    version: int
    usc_code: str
    enterprise_name: str
    address: str | None
    legal_representative: str | None
    registered_capital_yuan: Decimal | None
    economic_type: str | None
    qualifications: tuple[Listed, ...]
    valid_until: date
    issued_on: date
    effect: str
    application_id: str
    authority: Authority
    is_sample: bool
    verification_url: str = ""
    """Address that the QR code leads to; without one the code holds the same as a URI of ours."""


def typeset(face: Face, decision: bytes, at: datetime) -> bytes:
    """The certificate, not yet sealed: one page of PDF/A-3b with `decision` attached.

    Args:
        face: what is printed.
        decision: the machine-readable decision, UTF-8 JSON; its digest is in the QR code.
        at: instant of issue, the date of the document. The same arguments give the same bytes.

    Raises:
        typst.TypstError: a value or the list does not fit the page at the smallest size.
    """
    digest = short_digest(decision)
    effect_zh, effect_en = EFFECT_WORDS[face.effect]
    data = {
        "title": f"建筑业企业资质证书 {face.certificate_no} v{face.version}",
        "is_sample": face.is_sample,
        "authority_zh": face.authority.zh,
        "authority_en": face.authority.en,
        "certificate_no": face.certificate_no,
        "version": face.version,
        "usc_code": face.usc_code,
        "enterprise_name": face.enterprise_name,
        "address": face.address,
        "legal_representative": face.legal_representative,
        "registered_capital": money(face.registered_capital_yuan),
        "economic_type": face.economic_type,
        "valid_until": day(face.valid_until),
        "issued_on": day(face.issued_on),
        "effect_zh": effect_zh,
        "effect_en": effect_en,
        "application_id": face.application_id,
        "short_digest": digest,
        "qr_svg": _qr(verification_text(face, digest)),
        "notice_zh": "样本，由开发印章签署，无法律效力。"
        if face.is_sample
        else "本证书由系统自动签发，加盖电子印章，与纸质证书同等有效。",
        "notice_en": "A sample under a development seal, of no legal force."
        if face.is_sample
        else "Issued automatically under an electronic seal; equal in force to paper.",
        "qualifications": [
            {
                "zh": line.category_zh,
                "en": line.category_en,
                "level_zh": line.level,
                "level_en": LEVEL_EN[line.level],
                "approved_on": line.approved_on.isoformat(),
                "valid_until": line.valid_until.isoformat(),
            }
            for line in face.qualifications
        ],
    }
    inputs = {
        "face": json.dumps(data, ensure_ascii=False, sort_keys=True),
        "decision": decision.decode(),
        "paper": typesetting.svg("paper.typ"),
    }
    return typesetting.pdf("certificate.typ", inputs, at)


def seal_picture(authority_zh: str, *, is_sample: bool) -> bytes:
    """The picture of the seal as a one-page PDF/A."""
    data = {"authority": authority_zh, "is_sample": is_sample, "purpose": "资质审批电子专用章"}
    inputs = {"seal": json.dumps(data, ensure_ascii=False, sort_keys=True)}
    return typesetting.pdf("seal.typ", inputs, datetime.fromisoformat("2015-01-01T00:00:00+08:00"))


def short_digest(decision: bytes) -> str:
    """The first 16 hex digits of the SHA-256 of the attached decision."""
    return hashlib.sha256(decision).hexdigest()[:16]


def verification_text(face: Face, digest: str) -> str:
    """What the QR code says: the file it was printed from, by number, version and digest."""
    query = urlencode({"no": face.certificate_no, "version": face.version, "digest": digest})
    return f"{face.verification_url or 'miaoban:verify'}?{query}"


def day(value: date) -> str:
    """2017年3月1日."""
    return f"{value.year}年{value.month}月{value.day}日"


def money(yuan: Decimal | None) -> str | None:
    """In 万元, as certificates print it: exact, with no trailing zeros."""
    if yuan is None:
        return None
    wan = (yuan / 10_000).normalize()
    return f"{wan:,f} 万元人民币"


def _qr(text: str) -> str:
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, border=0, dark="#2b2622"
    )
    return out.getvalue().decode()
