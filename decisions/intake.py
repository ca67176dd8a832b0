"""Filing: the applicant gives its name and the matter; the rest is looked up (申报零资料).

Belongs here: finding the enterprise, reading the item, choosing the kind, one log row. Does
not: deciding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from assets.calendar import legal_day
from assets.store import Store
from assets.tables import common, enterprise, intake
from checks import release
from decisions.facts import Facts
from decisions.held import held_now

_ITEM = re.compile(r"^([GS]\d{2})(?:-([^-]+))?-(特级|一级|二级|三级|不分等级)$")
STAGE = "file"


class IntakeError(ValueError):
    """The enterprise or the matter cannot be read; says what is wrong and what to write."""


@dataclass(frozen=True, slots=True)
class Filed:
    """An application on the log."""

    application_id: str
    usc_code: str
    kind: str


@dataclass(frozen=True, slots=True)
class Item:
    """What is applied for."""

    category_code: str
    subcategory: str
    level: str


def parse_item(text: str) -> Item:
    """`S11-二级`, or `S18-公路安全设施-二级` where there are sub-categories."""
    found = _ITEM.match(text.strip())
    if found is None:
        raise IntakeError(
            f"无法识别事项 {text!r}: cannot read the item; write category-level, e.g. S11-二级"
        )
    return Item(found[1], found[2] or "", found[3])


def resolve(store: Store, name: str) -> str:
    """The unified social credit code of an enterprise, by its code or its exact name.

    Raises:
        IntakeError: nobody, or several, in the latest release.
    """
    latest = release.latest(store)
    if latest is None:
        raise IntakeError("尚无已发布数据 no data has been released yet; run the collection first")
    registry = store.scan(enterprise.REGISTRY, latest.versions[enterprise.REGISTRY.name])
    wanted = name.strip()
    found = (
        registry.filter(
            ((pl.col("usc_code") == wanted.upper()) | (pl.col("name") == wanted))
            & (pl.col("entity_code") == "enterprise")
        )
        .select("usc_code")
        .collect()["usc_code"]
        .to_list()
    )
    if not found:
        raise IntakeError(
            f"{name!r}: 登记库中无此企业 no such enterprise in the registration base; "
            "give its code or full name"
        )
    if len(found) > 1:
        raise IntakeError(
            f"{name!r}: 有多家同名企业 several enterprises bear this name; "
            f"give the code, one of {'、'.join(found[:5])}"
        )
    return str(found[0])


def file(
    store: Store,
    name: str,
    item: str,
    kind: str | None = None,
    *,
    now: datetime,
    filed_via: str = "portal",
) -> Filed:
    """File an application.

    Args:
        store: the lakehouse.
        name: code or registered name of the enterprise.
        item: what is applied for, see `parse_item`.
        kind: kind of application; None = first, addition or upgrade, as what is held asks.
        now: instant of filing, UTC.
        filed_via: where it was filed.

    Raises:
        IntakeError: see `resolve` and `parse_item`; or the kind is not one of the seven.
        SnapshotConflict: another application was filed meanwhile; call again.
    """
    asked = parse_item(item)
    usc_code = resolve(store, name)
    chosen = kind or _natural_kind(store, usc_code, asked, now)
    if chosen not in common.KINDS:
        raise IntakeError(
            f"申请类型 {kind!r} 无效: not a kind of application; one of {', '.join(common.KINDS)}"
        )
    turn = store.turn(intake.APPLICATION, STAGE)
    day = legal_day(now).strftime("%Y%m%d")
    today = (
        turn.scan()
        .filter(pl.col("application_id").str.starts_with(f"SQ{day}-"))
        .select(pl.len())
        .collect()
        .item()
    )
    application_id = f"SQ{day}-{today + 1:05d}"
    turn.append(
        pl.DataFrame(
            [
                {
                    "application_id": application_id,
                    "usc_code": usc_code,
                    "kind": chosen,
                    "category_code": asked.category_code,
                    "subcategory": asked.subcategory,
                    "level": asked.level,
                    "filed_at": now,
                    "received_at": now,
                    "filed_via": filed_via,
                }
            ],
            schema=intake.APPLICATION.schema,
        )
    )
    return Filed(application_id, usc_code, chosen)


def _natural_kind(store: Store, usc_code: str, asked: Item, now: datetime) -> str:
    """Nothing held: first. The category held: upgrade. Others held: addition (B1, B2)."""
    latest = release.latest(store)
    assert latest is not None, "resolve has already refused"
    facts = Facts.at(store, latest.release_id, latest.versions, [usc_code])
    case = pl.DataFrame(
        {"application_id": [""], "usc_code": [usc_code], "filed_on": [legal_day(now)]}
    )
    held = held_now(case, facts).filter("is_valid")
    if held.is_empty():
        return "first"
    same = held.filter(
        (pl.col("category_code") == asked.category_code)
        & (pl.col("subcategory") == asked.subcategory)
    )
    return "addition" if same.is_empty() else "upgrade"
