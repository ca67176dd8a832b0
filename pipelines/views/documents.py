"""The decision document of a row of the decision log, for whoever shows one.

Belongs here: the rows a document is made of, read from the store. Does not: what it says
(`certificates.documents.content`) or how it looks (`certificates.documents.paper`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from assets.tables import decision
from certificates.documents.content import Document, document
from certificates.issuing.titles import category_words
from pipelines.office import Office


def newest(office: Office, application_id: str) -> dict[str, Any] | None:
    """The newest evaluation of a case; None while it has none."""
    made = office.store.scan(decision.DECISION).filter(pl.col("application_id") == application_id)
    rows = made.sort("evaluation_no").tail(1).collect()
    return rows.row(0, named=True) if rows.height else None


def document_of(office: Office, row: Mapping[str, Any]) -> Document:
    """The document of an evaluation.

    Args:
        office: where its criteria are.
        row: its row of `decision__decision`.
    """
    criteria, missing, notes = (
        office.store.scan(table)
        .filter(
            (pl.col("application_id") == row["application_id"])
            & (pl.col("evaluation_no") == row["evaluation_no"]),
            *conditions,
        )
        .collect()
        for table, *conditions in (
            (decision.CRITERION,),
            (decision.MISSING,),
            (decision.EVIDENCE, pl.col("criterion").str.starts_with(decision.NOTE)),
        )
    )
    category = category_words(office.rulebook.categories, row)
    return document(row, criteria.to_dicts(), missing, notes.to_dicts(), office.authority, category)
