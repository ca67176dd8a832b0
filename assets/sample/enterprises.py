"""Registry, events, certificates, qualifications, statements and machines.

What belongs here: what is told of an enterprise itself; a few rows each, made one by one
from its portrait. What does not: its credit (`credit`), people and works.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from assets import calendar
from assets.sample import identifiers, names, needs
from assets.sample.credit import Row, credit
from assets.sample.draws import Draws
from assets.sample.portraits import Held, Portrait, donor_of, usc_of

RATES = {
    "equity_real": 0.002,
    "equity_rounding": 0.01,
    "yuan_for_wan": 0.003,
    "twice_claimed": 0.005,
    "renamed": 0.075,
}
"""Shares among rows of enterprises without a planned case (scale, section 4)."""
STATEMENT_YEARS = 5
_AUTHORITIES = ("ministry", "province", "city")
_LEGAL_REPRESENTATIVES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
_MACHINES = (
    ("沥青混凝土摊铺设备", "摊铺宽度", 9.0),
    ("平地机", "功率", 132.0),
    ("顶管设备", "直径", 1.5),
    ("塔式起重机", "起重力矩", 800.0),
)
_GROUNDS = ("merger_absorption", "merger_new", "split")

_DESIGNERS = 0.03
"""Share of builders that hold a design qualification too (assumed)."""
_DESIGN_SERIES = ("建筑行业", "建筑工程专业", "市政行业", "公路行业", "水利行业", "机械行业")
_SCHEMAS: dict[str, dict[str, Any]] = {
    "registry": {
        "owner": pl.Int64,
        "usc_code": pl.String,
        "name": pl.String,
        "entity_code": pl.String,
        "parent_usc_code": pl.String,
        "region_code": pl.String,
        "address": pl.String,
        "legal_representative": pl.String,
        "registered_capital_yuan": pl.Float64,
        "paid_in_capital_yuan": pl.Float64,
        "economic_type": pl.String,
        "registration_no": pl.String,
        "established_on": pl.Date,
        "state_code": pl.String,
        "is_protected": pl.Boolean,
    },
    "event": {
        "owner": pl.Int64,
        "event_no": pl.String,
        "usc_code": pl.String,
        "event_code": pl.String,
        "happened_on": pl.Date,
        "before": pl.String,
        "after": pl.String,
        "handling_code": pl.String,
        "case_code": pl.String,
    },
    "certificate": {
        "owner": pl.Int64,
        "certificate_no": pl.String,
        "usc_code": pl.String,
        "authority_code": pl.String,
        "printed_name": pl.String,
        "printed_address": pl.String,
        "printed_legal_representative": pl.String,
        "printed_capital_yuan": pl.Float64,
        "issued_on": pl.Date,
        "valid_until": pl.Date,
        "status_code": pl.String,
    },
    "qualification": {
        "owner": pl.Int64,
        "qualification_no": pl.String,
        "usc_code": pl.String,
        "certificate_no": pl.String,
        "category_code": pl.String,
        "subcategory": pl.String,
        "level": pl.String,
        "valid_from": pl.Date,
        "valid_to": pl.Date,
        "status_code": pl.String,
    },
    "design": {
        "owner": pl.Int64,
        "design_no": pl.String,
        "usc_code": pl.String,
        "industry": pl.String,
        "grade": pl.String,
        "valid_from": pl.Date,
        "valid_until": pl.Date,
        "status_code": pl.String,
    },
    "statement": {
        "owner": pl.Int64,
        "usc_code": pl.String,
        "year": pl.Int64,
        "report_code": pl.String,
        "period_end_on": pl.Date,
        "total_assets_yuan": pl.Float64,
        "total_liabilities_yuan": pl.Float64,
        "net_assets_yuan": pl.Float64,
        "plan": pl.String,
    },
    "equipment": {
        "owner": pl.Int64,
        "equipment_no": pl.String,
        "usc_code": pl.String,
        "equipment_kind": pl.String,
        "metric": pl.String,
        "value": pl.Float64,
        "is_owned": pl.Boolean,
        "purchased_on": pl.Date,
        "disposed_on": pl.Date,
        "plan": pl.String,
    },
    "finding": {
        "owner": pl.Int64,
        "finding_no": pl.String,
        "usc_code": pl.String,
        "act": pl.String,
        "decided_on": pl.Date,
        "authority": pl.String,
        "document_no": pl.String,
        "revoked_on": pl.Date,
    },
    "bar": {
        "owner": pl.Int64,
        "bar_no": pl.String,
        "usc_code": pl.String,
        "category_code": pl.String,
        "ground": pl.String,
        "starts_on": pl.Date,
        "ends_on": pl.Date,
    },
    "rectification": {
        "owner": pl.Int64,
        "order_no": pl.String,
        "usc_code": pl.String,
        "category_code": pl.String,
        "ordered_on": pl.Date,
        "due_on": pl.Date,
        "closed_on": pl.Date,
    },
}


def enterprise_frames(
    portraits: Sequence[Portrait], draws: Draws, as_of: date
) -> dict[str, pl.DataFrame]:
    """One frame for each table of `_SCHEMAS`, by its name there."""
    rows: dict[str, list[Row]] = {name: [] for name in _SCHEMAS}
    for p in portraits:
        rng = np.random.default_rng([draws.seed, p.index, 1])
        _identity(p, rows, rng, as_of)
        _statements(p, rows, rng, as_of)
        _equipment(p, rows, rng, as_of)
        credit(p, rows, rng, as_of)
        _design(p, rows, rng, as_of)
    return {
        name: pl.DataFrame([{"owner": None, **row} for row in rows[name]], schema=schema)
        for name, schema in _SCHEMAS.items()
    }


# -- registry, events, certificates -------------------------------------------------------


def _identity(
    p: Portrait, rows: dict[str, list[Row]], rng: np.random.Generator, as_of: date
) -> None:
    legal = (
        _LEGAL_REPRESENTATIVES[int(rng.integers(16))] + "国" + "强伟明华军"[int(rng.integers(5))]
    )
    now: Row = {
        "owner": p.index,
        "usc_code": p.usc_code,
        "name": p.name,
        "entity_code": "enterprise",
        "region_code": p.region_code,
        "address": p.address,
        "legal_representative": legal,
        "registered_capital_yuan": p.capital_wan * 10_000.0,
        "paid_in_capital_yuan": p.capital_wan * 10_000.0,
        "economic_type": "有限责任公司",
        "registration_no": _registration_no(p, 0),
        "established_on": p.established_on,
        "state_code": p.state,
        "is_protected": p.is_protected,
    }
    printed = {
        "printed_name": p.name,
        "printed_address": p.address,
        "printed_legal_representative": legal,
        "printed_capital_yuan": p.capital_wan * 10_000.0,
    }
    rows["registry"] += [now, *_entities(p, now)]
    event = (
        p.scenario.event if p.scenario else ("rename" if rng.random() < RATES["renamed"] else "")
    )
    if event:
        _event(p, event, now, printed, rows, as_of)
    _certificates(p, printed, rows)


def _registration_no(p: Portrait, entity: int) -> str | None:
    """The number of the licence; none since the credit code came, in October 2015."""
    if p.established_on >= date(2015, 10, 1):
        return None
    return f"{p.city.code}{p.index:08d}{entity}"


def _entities(p: Portrait, now: Row) -> list[Row]:
    branches = [
        now
        | {
            "usc_code": usc_of(p.index, n),
            "name": f"{p.name}第{n}分公司",
            "entity_code": "branch",
            "parent_usc_code": p.usc_code,
            "registration_no": _registration_no(p, n),
            "registered_capital_yuan": None,
            "paid_in_capital_yuan": None,
        }
        for n in range(1, p.branches + 1)
    ]
    subsidiary = now | {
        "usc_code": usc_of(p.index, 5),
        "name": p.name.replace("有限公司", "劳务有限公司"),
        "registration_no": _registration_no(p, 5),
    }
    return branches + ([subsidiary] if p.has_subsidiary else [])


def _event(
    p: Portrait, event: str, now: Row, printed: Row, rows: dict[str, list[Row]], as_of: date
) -> None:
    """The change in the registry; a certificate of a change case still shows the old value."""
    scenario = p.scenario
    happened = (p.filed_on or as_of) - timedelta(days=12 if scenario else 400)
    is_change = scenario is not None and scenario.kind == "change"
    before, after = names.former_name(p.name), p.name
    if event == "address":
        before, after = p.address.replace("路", "街", 1), p.address
    elif event == "legal_representative":
        before, after = "钱国平", now["legal_representative"]
    elif event == "capital":
        before, after = f"{p.capital_wan - 50}万元", f"{p.capital_wan}万元"
    if is_change and event == "capital":
        printed["printed_capital_yuan"] = (p.capital_wan - 50) * 10_000.0
    elif is_change:
        key = {
            "address": "printed_address",
            "legal_representative": "printed_legal_representative",
        }.get(event, "printed_name")
        printed[key] = before
    rows["event"].append(
        {
            "owner": p.index,
            "event_no": f"BG{p.index:07d}-1",
            "usc_code": p.usc_code,
            "event_code": event,
            "happened_on": happened,
            "before": before,
            "after": after,
            "handling_code": (scenario.handling if scenario and scenario.handling else "full")
            if event in _GROUNDS
            else None,
            "case_code": "absorbed_cancelled"
            if scenario and scenario.handling == "simplified"
            else None,
        }
    )


def _certificates(p: Portrait, printed: Row, rows: dict[str, list[Row]]) -> None:
    """One set per authority; rows of levels that were replaced stand on it as history."""
    sets: dict[str, list[Held]] = {}
    for held in p.held:
        sets.setdefault(needs.authority(held.category, held.level), []).append(held)
    for digit, authority in enumerate(_AUTHORITIES, start=1):
        listed = sets.get(authority, [])
        if not listed:
            continue
        number = identifiers.certificate_no(str(digit), p.index)
        status = (
            "valid"
            if any(h.valid_to is None for h in listed)
            else "withdrawn"
            if any(h.status == "withdrawn" for h in listed)
            else "superseded"
        )
        issued = calendar.add_years(p.expires_on + timedelta(days=1), -5)
        rows["certificate"].append(
            {
                "owner": p.index,
                "certificate_no": number,
                "usc_code": p.usc_code,
                "authority_code": authority,
                **printed,
                "issued_on": issued,
                "valid_until": p.expires_on,
                "status_code": status,
            }
        )
        for place, held in enumerate(listed, start=1):
            rows["qualification"].append(
                {
                    "owner": p.index,
                    "qualification_no": f"{number}-{place:02d}",
                    "usc_code": p.usc_code,
                    "certificate_no": number,
                    "category_code": held.category,
                    "subcategory": _subcategory(held.category),
                    "level": held.level,
                    "valid_from": held.valid_from,
                    "valid_to": held.valid_to,
                    "status_code": held.status,
                }
            )


def _subcategory(category: str) -> str:
    return {"S18": "公路安全设施", "S36": "结构补强"}.get(category, "")


# -- money and machines ---------------------------------------------------------------------


def _statements(
    p: Portrait, rows: dict[str, list[Row]], rng: np.random.Generator, as_of: date
) -> None:
    if p.scenario is not None and p.scenario.no_statement:
        return
    for back in range(1, STATEMENT_YEARS + 1):
        year = as_of.year - back
        if year < p.established_on.year:
            break
        net = float(p.net_assets_wan) if back == 1 else round(p.net_assets_wan * 0.94**back, 2)
        liabilities = round(net * float(rng.uniform(0.4, 2.0)), 2)
        row: Row = {
            "owner": p.index,
            "usc_code": p.usc_code,
            "year": year,
            "report_code": "annual",
            "period_end_on": date(year, 12, 31),
            "total_assets_yuan": (net + liabilities) * 10_000,
            "total_liabilities_yuan": liabilities * 10_000,
            "net_assets_yuan": net * 10_000,
            "plan": "",
        }
        drawn = float(rng.random())
        if not p.is_protected:
            _spoil_statement(row, drawn)
        rows["statement"].append(row)
        if back == 1 and not p.is_protected and rng.random() < 0.1:
            end = as_of.replace(day=1) - timedelta(days=1)
            of_now = {"year": end.year, "report_code": "current", "period_end_on": end}
            rows["statement"].append(row | of_now)


def _spoil_statement(row: Row, drawn: float) -> None:
    """Equity that is not assets minus liabilities, by rounding or really; 元 sent as 万元."""
    if drawn < RATES["equity_real"]:
        row["net_assets_yuan"] *= 1.5
        row["plan"] = "equity_mismatch"
    elif drawn < RATES["equity_real"] + RATES["yuan_for_wan"]:
        row["net_assets_yuan"] *= 10_000.0
        row["plan"] = "yuan_for_wan"
    elif drawn < RATES["equity_real"] + RATES["yuan_for_wan"] + RATES["equity_rounding"]:
        row["net_assets_yuan"] -= 8_000.0
        row["plan"] = "equity_rounding"


def _equipment(
    p: Portrait, rows: dict[str, list[Row]], rng: np.random.Generator, as_of: date
) -> None:
    for place in range(int(rng.poisson(3.0))):
        kind, metric, value = _MACHINES[int(rng.integers(len(_MACHINES)))]
        twice = not p.is_protected and p.index > 0 and rng.random() < RATES["twice_claimed"]
        row: Row = {
            "owner": p.index,
            "equipment_no": f"浙SB{p.index:07d}{place:02d}",
            "usc_code": p.usc_code,
            "equipment_kind": kind,
            "metric": metric,
            "value": value,
            "is_owned": bool(rng.random() < 0.9),
            "purchased_on": as_of - timedelta(days=int(rng.integers(100, 3000))),
            "disposed_on": as_of - timedelta(days=30) if rng.random() < 0.03 else None,
            "plan": "twice_claimed" if twice else "",
        }
        rows["equipment"].append(row)
        if twice:
            rows["equipment"].append(row | {"usc_code": usc_of(donor_of(p.index))})


# -- design -----------------------------------------------------------------------------


def _design(p: Portrait, rows: dict[str, list[Row]], rng: np.random.Generator, as_of: date) -> None:
    """Some builders design, too; none of those whose applications are planned."""
    if p.scenario is not None or rng.random() >= _DESIGNERS:
        return
    begun = as_of - timedelta(days=int(rng.integers(60, 1700)))
    rows["design"].append(
        {
            "owner": p.index,
            "design_no": f"SJ{p.index:07d}",
            "usc_code": p.usc_code,
            "industry": str(rng.choice(_DESIGN_SERIES)),
            "grade": str(rng.choice(["甲级", "乙级"])),
            "valid_from": begun,
            "valid_until": calendar.add_years(begun, 5) - timedelta(days=1),
            "status_code": "valid",
        }
    )
