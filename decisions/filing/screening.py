"""Applications that came through a channel and can be no case: answered and recorded.

Belongs here: a filing date in the future, an item that the standard does not have, an item that is
open already. Does not: filings at the desk, answered on the spot (`decisions.filing.intake`), rows
that could not be read and are on no log (`decisions.filing.unread_filings`).

What a channel delivers is on the log of applications already, which only grows: the answer
names it, and from then on it is no case. The answers depend on the logs alone, so that a sweep
that was killed gives the same ones again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl

from assets.calendar import legal_day
from assets.lake.store import Store
from assets.tables import certificate, decision, intake
from decisions.cases import powers
from decisions.filing import rejections
from decisions.filing.items import Item, unknown_item
from decisions.filing.rejections import Asked, Fault
from decisions.rulebook.book import Rulebook
from decisions.words import KINDS

STAGE = "screen"
ITEM = ["category_code", "subcategory", "level"]
IS_OF_THE_LOG = pl.col("application_id").is_not_null() & pl.col("delivery_id").is_null()
"""Answers to filings that are on the log of applications."""
BY_A_DAY = ("renewal", "reverification")
"""Kinds that come too late if they have to wait for another case (readings 28, 38)."""
ORDER = ["received_at", "filed_at", "application_id"]
"""Of two applications the one that came first stands."""


def screen(store: Store, rulebook: Rulebook, now: datetime) -> int:
    """Answer the pending applications that can be no case; returns how many.

    Args:
        store: the lakehouse.
        rulebook: the standard.
        now: instant of the answer, UTC.

    Raises:
        SnapshotConflict: another writer answered meanwhile; call again.
    """
    turn = store.turn(intake.REJECTED_FILING, STAGE)
    filed = with_authority(_without(store.scan(intake.APPLICATION), turn.scan()), rulebook)
    decisions = store.scan(decision.DECISION)
    has_decision = decisions.select("application_id").unique()
    pending = filed.join(has_decision, on="application_id", how="anti").collect()
    if pending.is_empty():
        return 0
    faulty = [
        (row, fault)
        for row in pending.iter_rows(named=True)
        if (fault := _in_itself(row, rulebook)) is not None
    ]
    odd = [row["application_id"] for row, _ in faulty]
    decided = filed.join(has_decision, on="application_id", how="semi").collect()
    faulty += _second(
        pending.filter(~pl.col("application_id").is_in(odd)), decided, closings(store).collect()
    )
    if not faulty:
        return 0
    rejections.append(turn, [(_asked(row), fault) for row, fault in faulty], now)
    return len(faulty)


def with_authority(applications: pl.LazyFrame, rulebook: Rulebook) -> pl.LazyFrame:
    """Applications with the `authority` that decides about their level; null if there is none."""
    return applications.join(powers(rulebook).lazy(), on=["category_code", "level"], how="left")


def of_one_matter(filed: pl.LazyFrame, before: pl.LazyFrame) -> pl.LazyFrame:
    """Pairs of applications for one matter: those of `before` have the suffix `_before`.

    A matter is an item; for a replacement the certificate, on which all that one authority has
    granted stands (G1): whichever of it is named, what is issued again is the same. A renewal and a
    re-verification are to be filed by a day that the law sets (B3.1, B6.7): only another of its own
    kind stands before one of them.

    Args:
        filed: `usc_code`, `kind`, item, `authority` (of `with_authority`), and any others.
        before: the same columns.
    """
    is_of_item, is_replaced = pl.lit(True), pl.col("authority") == pl.col("authority_before")
    for name in ITEM:
        is_of_item &= pl.col(name) == pl.col(f"{name}_before")
    is_of_item &= ~pl.col("kind").is_in(BY_A_DAY) | (pl.col("kind") == pl.col("kind_before"))
    for name in ("kind", "kind_before"):
        is_replaced &= pl.col(name) == "replacement"
    named = before.with_columns(usc_code_before="usc_code")
    pairs = filed.join(named, on="usc_code", suffix="_before")
    return pairs.filter(is_of_item | is_replaced.fill_null(False))


def closings(store: Store) -> pl.LazyFrame:
    """When each closed case was decided, and when it ended for who wants a certificate replaced.

    What a replacement prints cannot be lost before it is issued: until then another is the same.

    Returns `application_id`, `closed_at`, `ended_at` (null: it has not ended yet).
    """
    prints = (pl.col("kind") == "replacement") & (pl.col("outcome") == "granted")
    issued = store.scan(certificate.CERTIFICATE).select("application_id", "issued_at")
    return (
        store.scan(decision.DECISION)
        .filter("is_final")
        .join(issued, on="application_id", how="left")
        .group_by("application_id")
        .agg(
            closed_at=pl.col("decided_at").min(),
            ended_at=pl.when(prints).then("issued_at").otherwise("decided_at").min(),
        )
    )


def standing(store: Store) -> pl.LazyFrame:
    """The applications that are cases: those on the log that were not answered as none."""
    return _without(store.scan(intake.APPLICATION), store.scan(intake.REJECTED_FILING))


def _without(applications: pl.LazyFrame, rejected: pl.LazyFrame) -> pl.LazyFrame:
    answered = rejected.filter(IS_OF_THE_LOG).select("application_id").unique()
    return applications.join(answered, on="application_id", how="anti")


def item_open(number: str, standing_kind: str, kind: str, usc_code: str) -> Fault:
    """What to tell of a filing for a matter that case `number` was open for when it was filed.

    What a channel brings at night may be of the morning: by now the case may be decided.
    """
    is_same = standing_kind == kind
    return Fault(
        "duplicate" if is_same else "item_open",
        f"重复申请：申请时同一事项的案件 {number} 尚在办理"
        if is_same
        else f"申请时同一事项已有在办案件 {number}（{KINDS[standing_kind].zh}）",
        f"filed twice: case {number} of the same kind and item was open when it was filed"
        if is_same
        else f"case {number} of the same item was open when it was filed",
        "该案办结后仍需办理的，请再次申请；待补数据的案件在数据补齐后自动重新评审，无需再次申请",
        "if it is still wanted once that case is decided, file it again; a case that waits for "
        "data is evaluated again by itself",
        usc_code=usc_code,
        standing_id=number,
    )


def _in_itself(row: dict[str, Any], rulebook: Rulebook) -> Fault | None:
    if legal_day(row["filed_at"]) > legal_day(row["received_at"]):
        stated, came = legal_day(row["filed_at"]), legal_day(row["received_at"])
        return Fault(
            "future_filing",
            f"申请日期 {stated} 晚于收到日期 {came}",
            f"filed on {stated}, which is after it came in on {came}",
            "请更正时间后以新编号重新报送",
            "send it again under a new number with the right time",
            usc_code=row["usc_code"],
        )
    item = Item(row["category_code"], row["subcategory"], row["level"])
    unknown = unknown_item(rulebook, item)
    return None if unknown is None else replace(unknown, usc_code=row["usc_code"])


def _second(
    pending: pl.DataFrame, decided: pl.DataFrame, closed: pl.DataFrame
) -> list[tuple[dict[str, Any], Fault]]:
    """Filings for an item that is open already; of several undecided ones the first stands."""
    beside_decided = _open_before(pending, decided, closed)
    left = pending.join(beside_decided, on="application_id", how="anti")
    found = pl.concat([beside_decided, _open_before(left, left, closed)])
    return [
        (
            row,
            item_open(row["standing_id"], row["standing_kind"], row["kind"], row["usc_code"]),
        )
        for row in pending.join(found, on="application_id").sort(ORDER).iter_rows(named=True)
    ]


def _open_before(filed: pl.DataFrame, standing: pl.DataFrame, closed: pl.DataFrame) -> pl.DataFrame:
    """For each filing the first that came before it and was open when it was filed.

    Returns `application_id`, `standing_id`, `standing_kind`.
    """
    columns = ["usc_code", "kind", *ITEM, "authority", *ORDER]
    over = pl.when(pl.col("kind") == "replacement").then("ended_at").otherwise("closed_at")
    pairs = of_one_matter(filed.lazy().select(columns), standing.lazy().select(columns)).collect()
    came_before, is_level = pl.lit(False), pl.lit(True)
    for name in ORDER:
        came_before |= is_level & (pl.col(f"{name}_before") < pl.col(name))
        is_level &= pl.col(f"{name}_before") == pl.col(name)
    return (
        pairs.filter(came_before)
        .join(closed, left_on="application_id_before", right_on="application_id", how="left")
        .filter(over.is_null() | (over > pl.col("filed_at")))
        .sort(*(f"{name}_before" for name in ORDER))
        .unique("application_id", keep="first", maintain_order=True)
        .select("application_id", standing_id="application_id_before", standing_kind="kind_before")
    )


def _asked(row: dict[str, Any]) -> Asked:
    return Asked(
        enterprise=row["usc_code"],
        item="-".join(filter(None, (row["category_code"], row["subcategory"], row["level"]))),
        kind=row["kind"],
        filed_at=row["filed_at"],
        filed_via=row["filed_via"],
        application_id=row["application_id"],
    )
