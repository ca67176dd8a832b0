"""The archive: one package per closed case, whole, checkable, and always the same bytes.

Belongs here: what goes into a package, how it is written, and the check of a package by
itself. Does not: transfer to an archive authority, or the full four-property check.

A case is closed by its final decision and, if that grants, by its certificate. The
package holds what the decision rests on, not pointers to it: time travel expires, and
personal data are pseudonyms already (regulations H1, H5; 20号, at least 5 years). The
row of `archive__record` is the point from which a record exists; the package is written
before it, and as the same case gives the same bytes, a second writing changes nothing.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Protocol

import polars as pl

from assets.calendar import legal_day
from assets.declaration import Table
from assets.store import Store
from assets.tables import archive, certificate, decision, intake
from certificates import paper
from certificates.document import document
from certificates.files import canonical_json, one_writer, sha256, write_whole
from certificates.layout import ZHEJIANG, Authority
from certificates.register import Row, final_decisions
from certificates.titles import category_words
from decisions.rulebook.model import Category
from decisions.words import KINDS

STAGE = "certificates.archive"
BATCH = 500
MANIFEST = "manifest-sha256.txt"
METADATA = "metadata.json"
SCHEMA = "miaoban.archive/1"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a ZIP can state: packages carry no time of their own."""
_FORMATS = {
    ".html": "text/html",
    ".json": "application/json",
    ".pdf": "application/pdf (PDF/A-3b, PAdES B-B)",
    ".txt": "text/plain",
}


class Rules(Protocol):
    """The part of a rulebook that the archive needs."""

    @property
    def categories(self) -> Mapping[str, Category]:
        """Every category by its code."""
        ...

    def canonical_json_by_digest(self, digest: str) -> str:
        """The canonical rule set a decision recorded."""
        ...


@dataclass(frozen=True, slots=True)
class NotArchived:
    """A closed case that could not be archived; it stays pending, and the rest went on."""

    application_id: str
    reason: str


@dataclass(slots=True)
class ArchiveReport:
    """What one run did."""

    archived: list[Path] = field(default_factory=list)
    not_archived: list[NotArchived] = field(default_factory=list)


def archive_pending(
    store: Store,
    rulebook: Rules,
    certificates_folder: Path,
    folder: Path,
    now: datetime,
    *,
    limit: int | None = None,
    application_ids: list[str] | None = None,
    authority: Authority = ZHEJIANG,
    progress: Callable[[int, int], None] | None = None,
) -> ArchiveReport:
    """Write the package of every closed case that has none.

    Args:
        store: the lakehouse.
        rulebook: gives the rule set each decision was made by.
        certificates_folder: where the certificates are.
        folder: where packages go, as `<year>/<case>.zip`.
        now: instant of closing, from the clock.
        limit: at most so many.
        application_ids: only these cases (the express way).
        authority: the responsible organ.
        progress: called with (done, all) after every batch.

    Raises:
        SnapshotConflict: a writer on another machine grew the log; run again.
    """
    report = ArchiveReport()
    with one_writer(folder):
        cases = _pending(store, limit, application_ids)
        for start in range(0, cases.height, BATCH):
            batch = _Batch(store, rulebook, certificates_folder, folder, now, authority)
            batch.run(cases[start : start + BATCH], report)
            if progress is not None:
                progress(min(start + BATCH, cases.height), cases.height)
    return report


def _pending(store: Store, limit: int | None, application_ids: list[str] | None) -> pl.DataFrame:
    """Closed cases without a record, each with the register's row of its certificate if any."""
    closed = final_decisions(store)
    if application_ids is not None:
        closed = closed.filter(pl.col("application_id").is_in(application_ids))
    done = store.scan(archive.RECORD).select("application_id")
    issued = store.scan(certificate.CERTIFICATE).select("application_id")
    without_paper = (pl.col("outcome") != "granted") | (pl.col("effect") == "none")
    waiting = closed.join(done, on="application_id", how="anti")
    ready = pl.concat(
        [
            waiting.filter(without_paper),
            waiting.filter(~without_paper).join(issued, on="application_id", how="semi"),
        ]
    )
    ordered = ready.collect().sort("decided_at", "application_id")
    return ordered if limit is None else ordered.head(limit)


@dataclass(slots=True)
class _Batch:
    store: Store
    rulebook: Rules
    certificates: Path
    folder: Path
    now: datetime
    authority: Authority

    def run(self, cases: pl.DataFrame, report: ArchiveReport) -> None:
        """Packages first, then one commit of their rows."""
        turn = self.store.turn(archive.RECORD, STAGE)
        applications = _by_case(self._of(intake.APPLICATION, cases))
        criteria = _by_case(self._of(decision.CRITERION, cases))
        evidence = _by_case(self._of(decision.EVIDENCE, cases))
        missing = _by_case(self._of(decision.MISSING, cases))
        certificates = _by_case(self._of(certificate.CERTIFICATE, cases))
        rows: list[Row] = []
        paths: list[Path] = []
        for case in cases.iter_rows(named=True):
            application_id = case["application_id"]
            issued = certificates.get(application_id, [None])[0]
            try:
                files = self._files(
                    case,
                    applications.get(application_id, []),
                    criteria.get(application_id, []),
                    evidence.get(application_id, []),
                    missing.get(application_id, []),
                    issued,
                )
            except (OSError, ValueError, LookupError) as error:
                report.not_archived.append(
                    NotArchived(application_id, f"{application_id}: {error}")
                )
                continue
            package = pack(files)
            name = f"{legal_day(case['decided_at']).year}/{application_id}.zip"
            write_whole(self.folder / name, package)
            paths.append(self.folder / name)
            rows.append(self._row(case, issued, name, package, len(files) + 1))
        turn.append(pl.DataFrame(rows, schema=archive.RECORD.schema))
        report.archived.extend(paths)

    def _of(self, table: Table, cases: pl.DataFrame) -> pl.DataFrame:
        """The rows of a log that belong to the cases, in the order of its key."""
        ids = cases["application_id"].to_list()
        rows = self.store.scan(table).filter(pl.col("application_id").is_in(ids))
        if "evaluation_no" in table.schema:
            key = ["application_id", "evaluation_no"]
            rows = rows.join(cases.lazy().select(key), on=key, how="semi")
        return rows.collect().sort(list(table.key))

    def _files(
        self,
        case: Row,
        applications: list[Row],
        criteria: list[Row],
        evidence: list[Row],
        missing: list[Row],
        issued: Row | None,
    ) -> dict[str, bytes]:
        if not applications:
            raise ValueError(
                f"the application is not in {intake.APPLICATION.name}; restore that log"
            )
        files = {
            "application.json": canonical_json(applications[0]),
            "decision.json": canonical_json(case),
            "document.html": paper.html(
                document(
                    case, criteria, self.authority, category_words(self.rulebook.categories, case)
                )
            ),
            "criteria.json": canonical_json(criteria),
            "evidence.json": canonical_json(
                [
                    {
                        **row,
                        "content": json.loads(row["content_json"]),
                        "content_json": row["content_json"],
                    }
                    for row in evidence
                ]
            ),
        }
        if missing:
            files["missing.json"] = canonical_json(missing)
        if case["rule_digest"]:
            files["rules.json"] = self.rulebook.canonical_json_by_digest(
                case["rule_digest"]
            ).encode()
        if issued is not None:
            files["certificate.pdf"] = _certificate(self.certificates / issued["file_name"], issued)
        files[METADATA] = canonical_json(
            _metadata(case, applications[0], issued, files, self.authority)
        )
        return files

    def _document(self, case: Row, criteria: list[Row]) -> bytes:
        category = category_words(self.rulebook.categories, case)
        return paper.html(document(case, criteria, self.authority, category))

    def _row(self, case: Row, issued: Row | None, name: str, package: bytes, count: int) -> Row:
        return {
            "application_id": case["application_id"],
            "usc_code": case["usc_code"],
            "outcome": case["outcome"],
            "closed_at": self.now,
            "file_name": name,
            "package_sha256": sha256(package),
            "byte_count": len(package),
            "file_count": count,
            "certificate_no": issued["certificate_no"] if issued else None,
            "certificate_version": issued["version"] if issued else None,
        }


def _by_case(rows: pl.DataFrame) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows.iter_rows(named=True):
        found.setdefault(row["application_id"], []).append(row)
    return found


def _certificate(path: Path, issued: Row) -> bytes:
    content = path.read_bytes()
    if sha256(content) != issued["file_sha256"]:
        raise ValueError(f"{path} is not the file the register names; restore it from a copy")
    return content


def _metadata(
    case: Row, application: Row, issued: Row | None, files: dict[str, bytes], authority: Authority
) -> Row:
    """What GB/T 18894 asks of a record at the least (regulations H7), and the handling acts."""
    kind_zh = KINDS[case["kind"]].zh
    subject = f"{case['category_code']}{case['subcategory']}{case['level']}"
    acts = [
        {"act_zh": "申请", "act_en": "filed", "at": application["filed_at"], "by": "申请企业"},
        {
            "act_zh": "受理",
            "act_en": "taken in",
            "at": application["received_at"],
            "by": application["filed_via"],
        },
        {
            "act_zh": "决定",
            "act_en": "decided",
            "at": case["decided_at"],
            "by": f"miaoban {case['engine_version']}",
        },
    ]
    if issued is not None:
        acts.append(
            {
                "act_zh": "签发证书",
                "act_en": "certificate sealed",
                "at": issued["issued_at"],
                "by": f"seal {issued['seal_serial']}",
            }
        )
    return {
        "schema": SCHEMA,
        "title": f"{case['enterprise_name'] or case['usc_code']} {subject} {kind_zh}",
        "document_numbers": {
            "application_id": case["application_id"],
            "certificate_no": issued["certificate_no"] if issued else None,
            "certificate_version": issued["version"] if issued else None,
        },
        "responsible_organ": authority.zh,
        "matter": f"建筑业企业资质 {kind_zh}",
        "usc_code": case["usc_code"],
        "outcome": case["outcome"],
        "dated_on": legal_day(case["decided_at"]),
        "retention_years": archive.RECORD.retention_years,
        "secrecy": "公开范围外：含企业内部数据；个人信息仅为假名",
        "release_id": case["release_id"],
        "rule_digest": case["rule_digest"],
        "creating_program": f"miaoban {_program_version()}",
        "files": [
            {
                "name": name,
                "format": _FORMATS[Path(name).suffix],
                "byte_count": len(content),
                "sha256": sha256(content),
            }
            for name, content in sorted(files.items())
        ],
        "process": acts,
    }


@lru_cache(maxsize=1)
def _program_version() -> str:
    return installed_version("miaoban")


def pack(files: dict[str, bytes]) -> bytes:
    """A ZIP of the files and their manifest; the same files give the same bytes.

    Order, times and attributes are fixed. Nothing is compressed: a record must open
    without a codec for as long as it is kept (regulations H11), and its bytes then do
    not depend on the version of a compressor.
    """
    manifest = "".join(f"{sha256(content)}  {name}\n" for name, content in sorted(files.items()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        for name, content in sorted({**files, MANIFEST: manifest.encode()}.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o100444 << 16
            package.writestr(entry, content)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class PackageCheck:
    """What a package says about itself, and every fault found in it."""

    path: Path
    package_sha256: str
    file_count: int
    faults: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """No fault was found."""
        return not self.faults

    def to_json(self) -> Row:
        """For machines."""
        return {
            "path": str(self.path),
            "package_sha256": self.package_sha256,
            "file_count": self.file_count,
            "is_sound": self.is_sound,
            "faults": list(self.faults),
        }


def check_package(path: Path) -> PackageCheck:
    """Check a package by itself: every file named, present, unchanged, and readable.

    Raises `OSError` if the file cannot be read at all; anything wrong inside is a fault.
    """
    content = path.read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = package.namelist()
            doubled = sorted({name for name in names if names.count(name) > 1})
            files = {name: package.read(name) for name in names}
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError) as error:
        return PackageCheck(path, sha256(content), 0, (f"not a readable package: {error}",))
    faults = [f"{name}: in the package twice" for name in doubled]
    faults.extend(_faults(files))
    if not faults and pack({n: c for n, c in files.items() if n != MANIFEST}) != content:
        faults.append("the package holds bytes beyond its files")
    return PackageCheck(path, sha256(content), len(files), tuple(faults))


def _faults(files: dict[str, bytes]) -> Iterator[str]:
    if MANIFEST not in files or METADATA not in files:
        yield f"{MANIFEST} or {METADATA} is missing"
        return
    try:
        listed = _listed(files[MANIFEST])
        described = {entry["name"]: entry for entry in json.loads(files[METADATA])["files"]}
    except (ValueError, LookupError, TypeError) as error:
        yield f"manifest or metadata cannot be read: {error}"
        return
    for name in sorted({*listed, *files} - {MANIFEST}):
        if name not in files:
            yield f"{name}: named in the manifest, not in the package"
        elif name not in listed:
            yield f"{name}: in the package, not in the manifest"
        elif sha256(files[name]) != listed[name]:
            yield f"{name}: changed, its digest is not the manifest's"
        elif name != METADATA and described.get(name, {}).get("sha256") != listed[name]:
            yield f"{name}: the metadata describe another file"


def _listed(manifest: bytes) -> dict[str, str]:
    lines = (line.partition("  ") for line in manifest.decode().splitlines())
    return {name: digest for digest, _, name in lines}
