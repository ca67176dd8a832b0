"""Filing: the applicant gives its name and the matter; the rest is looked up (申报零资料).

Belongs here: choosing the kind, one log row or one recorded answer. Does not: finding the
enterprise (`decisions.filing.applicants`), reading the item (`decisions.filing.items`), deciding.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

import polars as pl

from assets.calendar import legal_day
from assets.lake.store import Store
from assets.tables import common, decision, intake
from checks import release
from decisions.facts.model import Facts
from decisions.filing.applicants import NothingReleased, resolve
from decisions.filing.items import Item, read_item
from decisions.filing.rejections import (
    Asked,
    Fault,
    FilingRejected,
    IntakeError,
    next_number,
    record,
)
from decisions.filing.screening import (
    closings,
    item_open,
    of_one_matter,
    standing,
    with_authority,
)
from decisions.holdings.held import held_now
from decisions.rulebook.book import Rulebook
from decisions.words import KINDS

STAGE = "file"


@dataclass(frozen=True, slots=True)
class Filed:
    """An application on the log."""

    application_id: str
    usc_code: str
    kind: str


def file(
    store: Store,
    rulebook: Rulebook,
    name: str,
    item: str,
    kind: str | None = None,
    *,
    now: datetime,
    filed_via: str = "portal",
) -> Filed:
    """File an application, or answer why it can be no case; the answer is recorded.

    Args:
        store: the lakehouse.
        rulebook: the standard.
        name: code or name of the enterprise, see `decisions.filing.applicants`.
        item: what is applied for, see `decisions.filing.items`.
        kind: kind of application; None = first, addition or upgrade, as what is held asks.
        now: instant of filing, UTC.
        filed_via: where it was filed.

    Raises:
        FilingRejected: enterprise, item or kind is not known, or the item is open already.
        NothingReleased: there is no data to look in; nothing is recorded.
        SnapshotConflict: another application was filed meanwhile; call again.
    """
    try:
        return _filed(store, rulebook, (name, item, kind), now, filed_via)
    except NothingReleased:
        raise
    except IntakeError as error:
        asked = Asked(name, item, kind, now, filed_via)
        (number,) = record(store, [(asked, error.fault)], now)
        raise FilingRejected(error.fault, number) from None


def _filed(
    store: Store,
    rulebook: Rulebook,
    asked: tuple[str, str, str | None],
    now: datetime,
    filed_via: str,
) -> Filed:
    name, text, kind = asked
    item = read_item(text, rulebook)
    if kind is not None and kind not in common.KINDS:
        raise IntakeError(unknown_kind(kind))
    turn = store.turn(intake.APPLICATION, STAGE)
    usc_code = resolve(store, name)
    chosen = kind or _natural_kind(store, rulebook, usc_code, item, now)
    before = _open_case(store, rulebook, usc_code, item, chosen)
    if before is not None:
        raise IntakeError(item_open(*before, chosen, usc_code))
    application_id = next_number(turn.scan().select("application_id"), "SQ", now)
    turn.append(
        pl.DataFrame(
            [
                {
                    "application_id": application_id,
                    "usc_code": usc_code,
                    "kind": chosen,
                    "category_code": item.category_code,
                    "subcategory": item.subcategory,
                    "level": item.level,
                    "filed_at": now,
                    "received_at": now,
                    "filed_via": filed_via,
                }
            ],
            schema=intake.APPLICATION.schema,
        )
    )
    return Filed(application_id, usc_code, chosen)


def unknown_kind(kind: str) -> Fault:
    """What to tell of a kind of application that there is none of."""
    return Fault(
        "unknown_kind",
        f"申请类型 {kind!r} 无效",
        "not a kind of application",
        f"请改填 {'、'.join(f'{code}（{word.zh}）' for code, word in KINDS.items())}",
        f"one of {', '.join(common.KINDS)}",
    )


def _open_case(
    store: Store, rulebook: Rulebook, usc_code: str, item: Item, kind: str
) -> tuple[str, str] | None:
    """Number and kind of the case that is open for the matter, the first if there are several."""
    if kind == "replacement":
        closed = closings(store).filter(pl.col("ended_at").is_not_null())
    else:
        closed = store.scan(decision.DECISION).filter("is_final")
    asked = pl.LazyFrame([{"usc_code": usc_code, "kind": kind, **asdict(item)}])
    open_ = (
        standing(store)
        .filter(pl.col("usc_code") == usc_code)
        .join(closed.select("application_id"), on="application_id", how="anti")
        .rename({"application_id": "number"})
    )
    found = (
        of_one_matter(with_authority(asked, rulebook), with_authority(open_, rulebook))
        .sort("received_at", "filed_at", "number")
        .select("number", "kind_before")
        .head(1)
        .collect()
    )
    return None if found.is_empty() else (found["number"][0], found["kind_before"][0])


def _natural_kind(
    store: Store, rulebook: Rulebook, usc_code: str, asked: Item, now: datetime
) -> str:
    """Nothing held: first. The category held: upgrade. Others held: addition (B1, B2)."""
    latest = release.latest(store)
    assert latest is not None, "resolve has already refused"
    facts = Facts.at(store, latest.release_id, latest.versions, [usc_code])
    today = legal_day(now)
    case = pl.DataFrame(
        {
            "application_id": [""],
            "usc_code": [usc_code],
            "filed_on": [today],
            "decided_on": [today],
        }
    )
    held = held_now(case, facts, rulebook.extensions).filter("is_valid")
    if held.is_empty():
        return "first"
    same = held.filter(
        (pl.col("category_code") == asked.category_code)
        & (pl.col("subcategory") == asked.subcategory)
    )
    return "addition" if same.is_empty() else "upgrade"
