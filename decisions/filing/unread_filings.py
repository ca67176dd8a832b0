"""Applications that came through a channel and could not be read: answered and recorded.

Belongs here: what in a delivered application was not readable (enterprise, item, kind, time of
filing), or that its number is another's, told with the remedy. Does not: applications on the log
that can be no case (`decisions.filing.screening`); rows without a number, which are no application
and stay with the data stewards (`assets.stewards`).

Such a row was set apart at collection and never came on the log of applications. It is answered
once: known by its place, and by what it says where it is sent again. Sent again in order under the
same number it is a case like any other.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from assets.bases.quarantine import KEY_CONFLICT, open_quarantine
from assets.channels import Channel, Field
from assets.lake.store import Store
from assets.tables import intake
from decisions.facts.lost import told
from decisions.filing import rejections
from decisions.filing.rejections import Asked, Fault, Reason

STAGE = "answer_unread"
ITEM = ("category_code", "subcategory", "level")
_PLACE = ["delivery_id", "row_no"]
_SAID = ["application_id", "asked_enterprise", "asked_item", "asked_kind", "reason_zh"]


def answer(store: Store, channels: Mapping[str, Channel], now: datetime) -> int:
    """Answer the applications set apart that have a number; returns how many answers it gave.

    Args:
        store: the lakehouse.
        channels: the senders, whose names of fields and kinds the answers use.
        now: instant of the answer, UTC.

    Raises:
        SnapshotConflict: another writer answered meanwhile; call again.
    """
    turn = store.turn(intake.REJECTED_FILING, STAGE)
    answered = turn.scan().filter(pl.col("delivery_id").is_not_null()).collect()
    log, table = store.scan(intake.APPLICATION), intake.APPLICATION
    rows = (
        open_quarantine(store.scan(intake.QUARANTINE), log, table)
        .filter(pl.col("key_json").is_not_null())
        .join(answered.lazy(), on=_PLACE, how="anti")
        .collect()
        .sort("received_at", "row_no")
    )
    if rows.is_empty():
        return 0
    said = set(answered.select(_SAID).iter_rows())
    numbers = rows.select(application_id=told("application_id"))
    taken = set(store.meeting(table, numbers)["application_id"])
    given: list[tuple[Asked, Fault]] = []
    for row in rows.iter_rows(named=True):
        wrote = _Written.of(row, channels)
        faults = list(_faults(wrote, row["reasons"], wrote.number in taken))
        if not faults:  # nothing that the applicant wrote: it is for the stewards
            continue
        asked = _asked(row, wrote)
        fault = _whole(faults, row, wrote.number if wrote.number in taken else None)
        says = (wrote.number, asked.enterprise, asked.item, asked.kind, fault.zh)
        if says not in said:
            given.append((asked, fault))
            said.add(says)
    if given:
        rejections.append(turn, given, now)
    return len(given)


@dataclass(frozen=True, slots=True)
class _Written:
    """A delivered application as it was written, by the columns of our log."""

    raw: Mapping[str, str]
    read: Mapping[str, Any]
    fields: Mapping[str, Field]

    @classmethod
    def of(cls, row: Mapping[str, Any], channels: Mapping[str, Channel]) -> _Written:
        """The application of a row of quarantine."""
        sender, feed, _ = row["delivery_id"].split(".", 2)
        declared = channels[sender].feeds[feed].fields if sender in channels else ()
        fields = {field.to: field for field in declared if field.to is not None}
        return cls(json.loads(row["raw_json"]), json.loads(row["typed_json"]), fields)

    @property
    def number(self) -> str:
        return str(self.read["application_id"])

    @property
    def item(self) -> str:
        return "-".join(filter(None, map(self.text, ITEM)))

    def text(self, column: str) -> str | None:
        """What the sender wrote; null if nothing."""
        field = self.fields.get(column)
        told = self.read.get(column) if field is None else self.raw.get(field.source)
        return (told or "").strip() or None

    def choices(self, column: str) -> str:
        """What the sender's own dictionary allows, in its words."""
        field = self.fields.get(column)
        return "、".join((field.codes if field else None) or ())


def _asked(row: Mapping[str, Any], wrote: _Written) -> Asked:
    filed_at = wrote.read.get("filed_at")
    return Asked(
        enterprise=wrote.text("usc_code") or "",
        item=wrote.item,
        kind=wrote.text("kind"),
        filed_at=row["received_at"] if filed_at is None else datetime.fromisoformat(filed_at),
        filed_via=wrote.read["filed_via"],
        application_id=wrote.number,
        delivery_id=row["delivery_id"],
        row_no=row["row_no"],
    )


def _whole(faults: Sequence[Fault], row: Mapping[str, Any], standing_id: str | None) -> Fault:
    """One answer that tells everything that is wrong; the first fault is its reason."""
    return Fault(
        faults[0].reason,
        "；".join(one.zh for one in faults),
        "; ".join(one.en for one in faults),
        "；".join(one.remedy_zh for one in faults),
        "; ".join(one.remedy_en for one in faults),
        usc_code=row["usc_code"],
        standing_id=standing_id,
    )


def _faults(wrote: _Written, reasons: Collection[str], is_taken: bool) -> Iterator[Fault]:
    """What is wrong with it, by the reasons for which it was set apart."""
    columns = {reason.partition(":")[0] for reason in reasons}
    if is_taken or KEY_CONFLICT in reasons:
        yield Fault(
            "number_taken",
            f"申请编号 {wrote.number} 另有内容不同的申请",
            f"there is another application of the number {wrote.number}, which says something else",
            "请以新编号重新报送",
            "send it again under a new number",
        )
    if "usc_code" in columns:
        yield _unread(
            "unknown_enterprise",
            ("企业代码", "the code of the enterprise", wrote.text("usc_code")),
            "请核对并填写十八位统一社会信用代码",
            "check it, and give the unified social credit code of eighteen characters",
        )
    if columns.intersection(ITEM):
        levels = wrote.choices("level")
        yield _unread(
            "unknown_item",
            ("申请事项", "the item", wrote.item),
            f"请填写资质标准中的类别（如 S11）和等级（{levels}）",
            f"give a category of the standard, e.g. S11, and a level ({levels})",
        )
    if "kind" in columns:
        kinds = wrote.choices("kind")
        yield _unread(
            "unknown_kind",
            ("申请类型", "the kind of application", wrote.text("kind")),
            f"请改填 {kinds}",
            f"one of {kinds}",
        )
    if "filed_at" in columns:
        yield _unread(
            "unreadable_time",
            ("申请时间", "the time of filing", wrote.text("filed_at")),
            "请填写日期和时间，如 2017-03-01T09:00:00+08:00",
            "give day and time, e.g. 2017-03-01T09:00:00+08:00",
        )


def _unread(
    reason: Reason, what: tuple[str, str, str | None], remedy_zh: str, remedy_en: str
) -> Fault:
    zh, en, written = what
    return Fault(
        reason,
        f"无法识别{zh} {written!r}" if written else f"未填写{zh}",
        f"cannot read {en}" if written else f"{en} is not given",
        f"{remedy_zh}，然后重新报送",
        f"{remedy_en}; then send it again",
    )
