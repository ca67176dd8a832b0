"""Issuing: from granting decisions to sealed files and the register.

Belongs here: the order in which things are written. Does not: what a grant changes
(`effects`), how a certificate looks (`certificates.layout`), what is already there (`register`).

Exactly once: a batch writes its files, then the qualifications they list, then the rows
of the register, in one commit each; the last is the point from which the batch exists.
Killed before it, the batch has not happened: its qualifications carry the digests of
files the register never names, so no reader sees them, and its files are overwritten by
the next run. `one_writer` keeps a second process from the files meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl
import typst

from assets.calendar import legal_day
from assets.lake.store import Store
from assets.tables import certificate, decision
from certificates.files import canonical_json, one_writer, sha256, write_whole
from certificates.issuing import register
from certificates.issuing.effects import CertificateSet, GrantNotFitting, apply
from certificates.issuing.numbers import Numbers, NumbersExhausted
from certificates.issuing.register import Row, Shelf
from certificates.issuing.titles import category_title
from certificates.layout import ZHEJIANG, Authority, Face, Listed, typeset
from certificates.seal import Seal

STAGE = "certificates.issue"
BATCH = 200
"""Certificates per commit; one commit each would make ten thousand small files."""
SCHEMA = "miaoban.certificate/1"

Progress = Callable[[int, int], None]
"""Called with (done, all) after every batch."""


@dataclass(frozen=True, slots=True)
class Issued:
    """One certificate file."""

    application_id: str
    certificate_no: str
    version: int
    path: Path


@dataclass(frozen=True, slots=True)
class NotIssued:
    """A grant that could not be issued; it stays pending, and the rest went on."""

    application_id: str
    reason: str


@dataclass(slots=True)
class IssueReport:
    """What one run did."""

    issued: list[Issued] = field(default_factory=list)
    not_issued: list[NotIssued] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Office:
    """What all certificates of a run have in common."""

    seal: Seal
    folder: Path
    now: datetime
    authority: Authority
    verification_url: str


def issue_pending(
    store: Store,
    seal: Seal,
    folder: Path,
    now: datetime,
    *,
    limit: int | None = None,
    application_ids: Collection[str] | None = None,
    authority: Authority = ZHEJIANG,
    verification_url: str = "",
    progress: Progress | None = None,
) -> IssueReport:
    """Issue a certificate for every closed grant that has none, in the order of decision.

    Args:
        store: the lakehouse.
        seal: what seals; a development seal marks every certificate 样本.
        folder: where the files go, as `<number>/<number>-v<version>.pdf`.
        now: instant of issue, from the clock.
        limit: at most so many.
        application_ids: only these cases (the express way).
        authority: printed as issuer.
        verification_url: where the QR code leads.
        progress: called after every batch.

    Raises:
        SnapshotConflict: a writer on another machine grew the register; run again.
    """
    report = IssueReport()
    office = _Office(seal, folder, now, authority, verification_url)
    with one_writer(folder):
        registered = store.scan(certificate.CERTIFICATE)
        waiting = register.pending(store, registered, application_ids, limit)
        if waiting.is_empty():
            return report
        numbers = register.numbers(store, registered)
        for start in range(0, waiting.height, BATCH):
            _issue_batch(store, office, waiting[start : start + BATCH], numbers, report)
            if progress is not None:
                progress(min(start + BATCH, waiting.height), waiting.height)
    return report


def _issue_batch(
    store: Store, office: _Office, grants: pl.DataFrame, numbers: Numbers, report: IssueReport
) -> None:
    turn = store.turn(certificate.CERTIFICATE, STAGE)
    shelf = Shelf.load(store, turn, grants)
    criteria = _criteria(store, grants)
    rows: list[Row] = []
    lines: list[Row] = []
    issued: list[Issued] = []
    for row in grants.iter_rows(named=True):
        try:
            changed, effect = _after(row, shelf, numbers)
            pdf = _sealed(office, row, changed, effect, criteria.get(row["application_id"], []))
        except (GrantNotFitting, NumbersExhausted, typst.TypstError) as error:
            report.not_issued.append(NotIssued(row["application_id"], str(error)))
            continue
        shelf.put(changed)
        name = f"{changed.certificate_no}/{changed.certificate_no}-v{changed.version}.pdf"
        write_whole(office.folder / name, pdf)
        registered = _register_row(
            office, row, changed, effect=effect, name=name, digest=sha256(pdf)
        )
        rows.append(registered)
        lines.extend(_line_rows(changed, registered))
        issued.append(
            Issued(
                row["application_id"], changed.certificate_no, changed.version, office.folder / name
            )
        )
    store.append(
        certificate.QUALIFICATION, pl.DataFrame(lines, schema=certificate.QUALIFICATION.schema)
    )
    turn.append(pl.DataFrame(rows, schema=certificate.CERTIFICATE.schema))
    report.issued.extend(issued)


def _after(row: Row, shelf: Shelf, numbers: Numbers) -> tuple[CertificateSet, str]:
    if row["release_id"] not in shelf.releases:
        raise GrantNotFitting(
            f"{row['application_id']}: decided on release {row['release_id']}, which the log "
            "of releases does not have; restore the log, or decide the case again"
        )
    grant = register.grant_of(row)
    registered = shelf.registered.get((row["release_id"], grant.usc_code))
    awaited = shelf.awaited.get(grant.usc_code, ())
    return apply(
        grant, shelf.current(grant), registered, numbers.draw, register.extensions(), awaited
    )


def _sealed(
    office: _Office, row: Row, changed: CertificateSet, effect: str, criteria: list[Row]
) -> bytes:
    listing = tuple(
        Listed(*category_title(h.category_code, h.subcategory), h.level, h.held_from, h.valid_until)
        for h in changed.held
    )
    holder = changed.holder
    face = Face(
        certificate_no=changed.certificate_no,
        version=changed.version,
        usc_code=changed.usc_code,
        enterprise_name=holder.name,
        address=holder.address,
        legal_representative=holder.legal_representative,
        registered_capital_yuan=holder.registered_capital_yuan,
        economic_type=holder.economic_type,
        qualifications=listing,
        valid_until=changed.valid_until,
        issued_on=legal_day(office.now),
        effect=effect,
        application_id=row["application_id"],
        authority=office.authority,
        is_sample=office.seal.is_sample,
        verification_url=office.verification_url,
    )
    document = typeset(face, machine_readable(face, changed, row, criteria), office.now)
    return office.seal.seal(document, office.now)


def machine_readable(face: Face, changed: CertificateSet, row: Row, criteria: list[Row]) -> bytes:
    """The decision as attached to its certificate: canonical JSON.

    A certificate is shown to anyone, so it says what was asked and that it was met, not
    the enterprise's own figures; these are in the archive record of the case.
    """
    return canonical_json(
        {
            "schema": SCHEMA,
            "certificate": {
                "certificate_no": face.certificate_no,
                "version": face.version,
                "usc_code": face.usc_code,
                "enterprise_name": face.enterprise_name,
                "address": face.address,
                "legal_representative": face.legal_representative,
                "registered_capital_yuan": face.registered_capital_yuan,
                "economic_type": face.economic_type,
                "issuing_authority": face.authority.zh,
                "issued_on": face.issued_on,
                "valid_until": face.valid_until,
                "effect": face.effect,
                "is_sample": face.is_sample,
                "qualifications": [
                    {
                        "category_code": h.category_code,
                        "subcategory": h.subcategory,
                        "level": h.level,
                        "held_from": h.held_from,
                        "valid_until": h.valid_until,
                    }
                    for h in changed.held
                ],
            },
            "decision": {name: row[name] for name in _DECISION_COLUMNS},
            "criteria": [{name: item[name] for name in _CRITERION_COLUMNS} for item in criteria],
        }
    )


_DECISION_COLUMNS = (
    "application_id",
    "evaluation_no",
    "kind",
    "category_code",
    "subcategory",
    "level",
    "filed_at",
    "decided_at",
    "outcome",
    "effect",
    "release_id",
    "rule_digest",
    "engine_version",
)
_CRITERION_COLUMNS = (
    "criterion",
    "parent",
    "stage",
    "zh",
    "en",
    "required",
    "result",
    "clause",
    "basis",
)


def _criteria(store: Store, grants: pl.DataFrame) -> dict[str, list[Row]]:
    key = ["application_id", "evaluation_no"]
    rows = (
        store.scan(decision.CRITERION)
        .filter(pl.col("application_id").is_in(grants["application_id"].to_list()))
        .join(grants.lazy().select(key), on=key, how="semi")
        .sort("application_id", "criterion")
        .collect()
    )
    found: dict[str, list[Row]] = {}
    for row in rows.iter_rows(named=True):
        found.setdefault(row["application_id"], []).append(row)
    return found


def _register_row(
    office: _Office, row: Row, changed: CertificateSet, *, effect: str, name: str, digest: str
) -> Row:
    holder = changed.holder
    return {
        "certificate_no": changed.certificate_no,
        "version": changed.version,
        "application_id": row["application_id"],
        "usc_code": changed.usc_code,
        "enterprise_name": holder.name,
        "address": holder.address,
        "legal_representative": holder.legal_representative,
        "registered_capital_yuan": holder.registered_capital_yuan,
        "economic_type": holder.economic_type,
        "issued_at": office.now,
        "issued_on": legal_day(office.now),
        "valid_until": changed.valid_until,
        "effect": effect,
        "file_name": name,
        "file_sha256": digest,
        "seal_serial": office.seal.serial,
    }


def _line_rows(changed: CertificateSet, registered: Row) -> list[Row]:
    return [
        {
            "certificate_no": changed.certificate_no,
            "version": changed.version,
            "usc_code": changed.usc_code,
            "category_code": h.category_code,
            "subcategory": h.subcategory,
            "level": h.level,
            "held_from": h.held_from,
            "valid_until": h.valid_until,
            "issued_on": registered["issued_on"],
            "file_sha256": registered["file_sha256"],
        }
        for h in changed.held
    ]
