"""Where every application stands: the view `decision__current`.

Belongs here: joining the logs of applications, answers, decisions, certificates and records, and
bringing the view up to them. Does not: any of the logs.

The view follows from the logs alone: whoever brings it up, at any time, in any order, ends with
the same rows. Only rows that changed are written, so that its change feed tells just those.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from assets.lake.store import Store
from assets.tables import archive, certificate, decision, intake
from assets.tables.office import CURRENT
from decisions.filing.screening import IS_OF_THE_LOG


def bring_up(store: Store, application_ids: Collection[str] | None = None) -> int:
    """Bring the view up to the logs; returns its version, unchanged if nothing has changed.

    Args:
        store: the lakehouse.
        application_ids: only these cases.

    Raises:
        SnapshotConflict: another writer was first; call again.
    """
    return store.merge(CURRENT, rows(store, application_ids))


def rows(store: Store, application_ids: Collection[str] | None = None) -> pl.DataFrame:
    """The rows that the view should have."""
    applications = store.scan(intake.APPLICATION)
    if application_ids is not None:
        applications = applications.filter(pl.col("application_id").is_in(list(application_ids)))
    evaluations = (
        store.scan(decision.DECISION)
        .join(applications.select("application_id"), on="application_id", how="semi")
        .with_columns(
            closing=pl.col("evaluation_no").filter("is_final").min().over("application_id")
        )
        # The closing one, or the newest of a case that none has closed.
        .sort(pl.col("evaluation_no") == pl.col("closing"), "evaluation_no", nulls_last=False)
        .unique("application_id", keep="last", maintain_order=True)
        .select("application_id", *_only_in(decision.DECISION.schema))
    )
    certificates = store.scan(certificate.CERTIFICATE).select(
        "application_id",
        issued_no="certificate_no",
        certificate_version="version",
        certified_at="issued_at",
        certificate_file="file_name",
    )
    records = store.scan(archive.RECORD).select(
        "application_id", archived_at="closed_at", archive_file="file_name"
    )
    answers = (
        store.scan(intake.REJECTED_FILING)
        .filter(IS_OF_THE_LOG)
        .select("application_id", "rejection_no", *(_answer(language) for language in ("zh", "en")))
    )
    return CURRENT.conform(
        applications.join(evaluations, on="application_id", how="left")
        .join(answers, on="application_id", how="left")
        .join(certificates, on="application_id", how="left")
        .join(records, on="application_id", how="left")
        .with_columns(
            certificate_no=pl.coalesce("issued_no", "certificate_no"),
            reason_zh=pl.coalesce("reason_zh", "answer_zh"),
            reason_en=pl.coalesce("reason_en", "answer_en"),
        )
        .select(CURRENT.schema.names())
        .collect()
    )


def _answer(language: str) -> pl.Expr:
    """What was told to who filed what can be no case: why, and the remedy."""
    parts = pl.concat_str(
        f"reason_{language}", f"remedy_{language}", separator="；" if language == "zh" else "; "
    )
    return parts.alias(f"answer_{language}")


def _only_in(schema: pl.Schema) -> list[str]:
    """Columns of the decision that the application does not have."""
    return [n for n in schema if n in CURRENT.schema and n not in intake.APPLICATION.schema]
