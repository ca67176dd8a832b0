"""The archive: one package per closed case, whole, checkable, and always the same bytes.

Belongs here: which cases are closed, and what goes into their packages. Does not: how a package is
written (`certificates.archiving.package`), replaying one (`certificates.archiving.replay`),
transfer to an archive authority.

A case is closed by its final decision and, if that grants, by its certificate. The
package holds what the decision rests on, not pointers to it: time travel expires, and
personal data are pseudonyms already (regulations H1, H5; 20号, at least 5 years). The
row of `archive__record` is the point from which a record exists; the package is written
before it, and as the same case gives the same bytes, a second writing changes nothing.

Besides the decision, its document and its evidence, a package holds all that the enterprise's
portfolio showed at the decision's release, and the whole rulebook: from these alone the case
can be decided again (`certificates.archiving.replay`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from importlib.metadata import version as installed_version
from pathlib import Path

import polars as pl

from assets.calendar import legal_day
from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.tables import archive, certificate, decision, intake
from certificates.archiving.package import METADATA, pack, squeezed
from certificates.documents import paper
from certificates.documents.content import document
from certificates.files import canonical_json, one_writer, sha256, write_whole
from certificates.issuing.register import Row, final_decisions
from certificates.issuing.titles import category_words
from certificates.layout import ZHEJIANG, Authority
from decisions.portfolios.packed import portfolios
from decisions.rulebook import Rulebook
from decisions.rulebook.kept import Find, finder
from decisions.words import KINDS

STAGE = "certificates.archive"
BATCH = 500
WRITERS = 4
SCHEMA = "miaoban.archive/1"
MISSING = "missing.json"
PORTFOLIO = "portfolio.json.gz"
RULEBOOK = "rulebook.json.gz"
_FORMATS = {
    ".gz": "application/gzip (JSON)",
    ".html": "text/html",
    ".json": "application/json",
    ".pdf": "application/pdf (PDF/A-3b, PAdES B-B)",
    ".txt": "text/plain",
}


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
    rulebook: Rulebook,
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
        rulebook: the one at hand; that of an older decision comes from the lakehouse.
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
        find = finder(store, rulebook)
        for start in range(0, cases.height, BATCH):
            batch = _Batch(store, find, certificates_folder, folder, now, authority)
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
    find: Find
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
        facts = portfolios(self.store, cases, self.find)

        def close(case: Row) -> Row | NotArchived:
            application_id = case["application_id"]
            issued = certificates.get(application_id, [None])[0]
            try:
                files = self._files(
                    case,
                    applications.get(application_id, []),
                    criteria.get(application_id, []),
                    evidence.get(application_id, []),
                    missing.get(application_id, []),
                    facts[application_id],
                    issued,
                )
            except (OSError, ValueError, LookupError) as error:
                return NotArchived(application_id, f"{application_id}: {error}")
            package = pack(files)
            name = f"{legal_day(case['decided_at']).year}/{application_id}.zip"
            write_whole(self.folder / name, package)
            return self._row(case, issued, name, package, len(files) + 1)

        # Compressing, hashing and waiting for the disk leave Python free for the next case.
        with ThreadPoolExecutor(WRITERS) as pool:
            closed = list(pool.map(close, cases.iter_rows(named=True)))
        rows = [one for one in closed if not isinstance(one, NotArchived)]
        turn.append(pl.DataFrame(rows, schema=archive.RECORD.schema))
        report.archived.extend(self.folder / row["file_name"] for row in rows)
        report.not_archived.extend(one for one in closed if isinstance(one, NotArchived))

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
        facts: bytes | Exception,
        issued: Row | None,
    ) -> dict[str, bytes]:
        if not applications:
            raise ValueError(
                f"the application is not in {intake.APPLICATION.name}; restore that log"
            )
        if isinstance(facts, Exception):
            raise ValueError(f"the facts cannot be read any more: {facts}")
        rulebook = self.find(case["rulebook_digest"])
        files = {
            "application.json": canonical_json(applications[0]),
            "decision.json": canonical_json(case),
            "document.html": self._document(rulebook, case, criteria, missing, evidence),
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
            PORTFOLIO: squeezed(facts),
            RULEBOOK: _squeezed_rulebook(rulebook),
        }
        if missing:
            files[MISSING] = canonical_json(missing)
        if case["rule_digest"]:
            files["rules.json"] = rulebook.canonical_json_by_digest(case["rule_digest"]).encode()
        if issued is not None:
            files["certificate.pdf"] = _certificate(self.certificates / issued["file_name"], issued)
        files[METADATA] = canonical_json(
            _metadata(case, applications[0], issued, files, self.authority)
        )
        return files

    def _document(
        self,
        rulebook: Rulebook,
        case: Row,
        criteria: list[Row],
        missing: list[Row],
        evidence: list[Row],
    ) -> bytes:
        category = category_words(rulebook.categories, case)
        lacking = pl.DataFrame(missing, schema=decision.MISSING.schema)
        told = document(case, criteria, lacking, evidence, self.authority, category)
        return paper.html(told)

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


@lru_cache(maxsize=2)
def _squeezed_rulebook(rulebook: Rulebook) -> bytes:
    """Compressed once, for all the cases decided by it."""
    return squeezed(rulebook.document.encode())


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
