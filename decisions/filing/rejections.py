"""Filings that became no case: what is wrong with each, its remedy, and the record of it.

Belongs here: the answers of the desk and the log they stand on. Does not: finding the fault
(`decisions.filing.applicants`, `decisions.filing.intake`, `decisions.filing.screening`), refusing
or not accepting a case, which is a decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import polars as pl

from assets.calendar import legal_day
from assets.lake.store import Store, Turn
from assets.tables import intake

STAGE = "reject"
Reason = Literal[
    "unknown_enterprise",
    "ambiguous_enterprise",
    "branch",
    "unknown_item",
    "unknown_kind",
    "future_filing",
    "unreadable_time",
    "number_taken",
    "duplicate",
    "item_open",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a filing, and what to do about it, Chinese and English."""

    reason: Reason
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    usc_code: str | None = None
    standing_id: str | None = None
    """The application that stands in the way."""

    def __str__(self) -> str:
        return f"{self.zh} {self.en}；{self.remedy_zh} {self.remedy_en}"


class IntakeError(ValueError):
    """The enterprise or the matter cannot be read; says what is wrong and what to do."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class FilingRejected(IntakeError):
    """A filing that was answered and recorded, and became no case."""

    def __init__(self, fault: Fault, rejection_no: str) -> None:
        super().__init__(fault)
        self.rejection_no = rejection_no

    def as_json(self) -> dict[str, str | None]:
        """For machines."""
        return {
            "rejection_no": self.rejection_no,
            "reason_code": self.fault.reason,
            "reason_zh": self.fault.zh,
            "reason_en": self.fault.en,
            "remedy_zh": self.fault.remedy_zh,
            "remedy_en": self.fault.remedy_en,
            "standing_id": self.fault.standing_id,
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """A filing as it was written."""

    enterprise: str
    item: str
    kind: str | None
    filed_at: datetime
    filed_via: str
    application_id: str | None = None
    """The number it came with through a channel."""
    delivery_id: str | None = None
    row_no: int | None = None
    """Where it was delivered, if it could not be read and is not on the log of applications."""


def record(store: Store, faulty: list[tuple[Asked, Fault]], now: datetime) -> list[str]:
    """Write the answers on the log; returns their numbers.

    Raises:
        SnapshotConflict: another writer answered meanwhile; look at the filings again.
    """
    return append(store.turn(intake.REJECTED_FILING, STAGE), faulty, now)


def append(turn: Turn, faulty: list[tuple[Asked, Fault]], now: datetime) -> list[str]:
    """`record`, on a turn that the caller has read from.

    Raises:
        SnapshotConflict: another writer answered meanwhile; look at the filings again.
    """
    first = next_number(turn.scan().select(pl.col("rejection_no")), "TH", now)
    prefix, _, number = first.partition("-")
    numbers = [f"{prefix}-{int(number) + place:05d}" for place in range(len(faulty))]
    rows = [
        {
            "rejection_no": number,
            "asked_enterprise": asked.enterprise,
            "asked_item": asked.item,
            "asked_kind": asked.kind,
            "usc_code": fault.usc_code,
            "application_id": asked.application_id,
            "delivery_id": asked.delivery_id,
            "row_no": asked.row_no,
            "standing_id": fault.standing_id,
            "reason_code": fault.reason,
            "reason_zh": fault.zh,
            "reason_en": fault.en,
            "remedy_zh": fault.remedy_zh,
            "remedy_en": fault.remedy_en,
            "filed_at": asked.filed_at,
            "rejected_at": now,
            "filed_via": asked.filed_via,
        }
        for number, (asked, fault) in zip(numbers, faulty, strict=True)
    ]
    turn.append(pl.DataFrame(rows, schema=intake.REJECTED_FILING.schema))
    return numbers


def next_number(numbers: pl.LazyFrame, prefix: str, now: datetime) -> str:
    """The next number of the day, `SQ20170301-00001`: one more than the highest on the log.

    Args:
        numbers: one column of numbers.
        prefix: letters before the day.
        now: the present instant, UTC.
    """
    head = f"{prefix}{legal_day(now):%Y%m%d}-"
    column = pl.all().str.strip_prefix(head).cast(pl.Int64, strict=False)
    highest = numbers.filter(pl.all().str.starts_with(head)).select(column.max()).collect().item()
    return f"{head}{(highest or 0) + 1:05d}"
