"""A case with all that the tables hold about it.

Belongs here: finding it. Does not: how it looks (`pipelines.terminal.pages`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from assets.tables import archive, certificate, decision, intake
from decisions.filing.screening import IS_OF_THE_LOG

if TYPE_CHECKING:
    from pipelines.office import Office


@dataclass(frozen=True, slots=True)
class Case:
    """A case with its newest evaluation; `decision` is None while it is pending."""

    application: dict[str, Any]
    decision: dict[str, Any] | None
    evaluations: int
    criteria: list[dict[str, Any]]
    missing: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    """What the checks noted about the enterprise (rows of evidence); it decided nothing."""
    certificate_no: str | None
    certificate_file: Path | None
    archive_file: Path | None
    rejection: dict[str, Any] | None = None
    """The answer to a filing of a channel that is no case (`intake__rejected_filing`)."""

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


def find_case(office: Office, application_id: str) -> Case | None:
    """Everything the tables hold about a case."""
    of_case = pl.col("application_id") == application_id
    store = office.store
    filed = store.scan(intake.APPLICATION).filter(of_case).collect()
    if filed.is_empty():
        return None
    decisions = store.scan(decision.DECISION).filter(of_case).collect().sort("evaluation_no")
    newest = decisions.row(-1, named=True) if decisions.height else None
    is_note = pl.col("criterion").str.starts_with(decision.NOTE)
    criteria, missing, notes = (
        store.scan(table)
        .filter(of_case & (pl.col("evaluation_no") == newest["evaluation_no"]), *conditions)
        .collect()
        if newest
        else table.empty()
        for table, *conditions in (
            (decision.CRITERION,),
            (decision.MISSING,),
            (decision.EVIDENCE, is_note),
        )
    )
    sealed = store.scan(certificate.CERTIFICATE).filter(of_case).collect()
    closed = store.scan(archive.RECORD).filter(of_case).collect()
    answered = store.scan(intake.REJECTED_FILING).filter(of_case, IS_OF_THE_LOG).collect()
    return Case(
        application=filed.row(0, named=True),
        decision=newest,
        evaluations=decisions.height,
        criteria=criteria.to_dicts(),
        missing=missing.sort(decision.MISSING.key).to_dicts(),
        notes=notes.sort(decision.EVIDENCE.key).to_dicts(),
        certificate_no=sealed["certificate_no"][0] if sealed.height else None,
        certificate_file=office.settings.certificates / sealed["file_name"][0]
        if sealed.height
        else None,
        archive_file=office.settings.archive / closed["file_name"][0] if closed.height else None,
        rejection=answered.row(0, named=True) if answered.height else None,
    )


def find_answer(office: Office, number: str) -> dict[str, Any] | None:
    """The answer to a filing that became no case, by its own number (`TH…`).

    By the number of the filing too, where it could not be read and is not on the log of
    applications; the latest answer, if it was sent more than once.
    """
    unread = (pl.col("application_id") == number) & ~IS_OF_THE_LOG
    found = (
        office.store.scan(intake.REJECTED_FILING)
        .filter((pl.col("rejection_no") == number) | unread)
        .collect()
        .sort("rejection_no")
    )
    return found.row(-1, named=True) if found.height else None


def item_of(row: dict[str, Any]) -> str:
    """The matter of an application as it is written on the command line: `S11-二级`."""
    return "-".join(filter(None, (row["category_code"], row["subcategory"], row["level"])))
