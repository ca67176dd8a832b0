"""Findings, bars and orders to rectify: what the credit base of the sample tells.

What belongs here: credit rows of one enterprise, ordinary and planned. What does not: anything
else of it (`enterprises`).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from assets import calendar
from assets.sample.portraits import Portrait
from assets.sample.scenarios import Scenario

_ACTS = (
    "转包或违法分包",
    "无证上岗",
    "违反强制性标准",
    "恶意拖欠工程款或工资",
    "一般事故",
    "其他",
    "串通投标或行贿中标",
)

Row = dict[str, Any]


def credit(p: Portrait, rows: dict[str, list[Row]], rng: np.random.Generator, as_of: date) -> None:
    """Add to `rows` what the credit base tells of an enterprise, by table."""
    if p.scenario is not None:
        _planned_credit(p, p.scenario, rows)
        return
    for place in range(int(rng.poisson(1.5))):
        decided = as_of - timedelta(days=int(rng.integers(20, 1800)))
        _finding(
            p,
            place,
            str(rng.choice(_ACTS)),
            decided,
            rows,
            revoked=decided + timedelta(days=15) if rng.random() < 0.03 else None,
        )
    if rng.random() < 0.01:
        _bar(p, as_of - timedelta(days=int(rng.integers(10, 600))), rows)
    if rng.random() < 0.015 and p.held:
        _rectification(p, as_of - timedelta(days=int(rng.integers(5, 300))), rows, as_of)


def _planned_credit(p: Portrait, scenario: Scenario, rows: dict[str, list[Row]]) -> None:
    assert p.filed_on is not None
    if scenario.finding_days is not None:
        _finding(
            p,
            0,
            "转包或违法分包",
            p.filed_on - timedelta(days=scenario.finding_days),
            rows,
            revoked=None,
        )
    if scenario.barred:
        _bar(p, p.filed_on - timedelta(days=200), rows)
    if scenario.rectified:
        _rectification(p, p.filed_on - timedelta(days=20), rows, p.filed_on)


def _finding(
    p: Portrait,
    place: int,
    act: str,
    decided: date,
    rows: dict[str, list[Row]],
    *,
    revoked: date | None,
) -> None:
    rows["finding"].append(
        {
            "owner": p.index,
            "finding_no": f"CF{p.index:07d}{place:02d}",
            "usc_code": p.usc_code,
            "act": act,
            "decided_on": decided,
            "authority": f"{p.city.name}市住房和城乡建设局",
            "document_no": f"{p.city.name[0]}建罚字〔{decided.year}〕第{p.index:06d}{place}号",
            "revoked_on": revoked,
        }
    )


def _bar(p: Portrait, starts: date, rows: dict[str, list[Row]]) -> None:
    rows["bar"].append(
        {
            "owner": p.index,
            "bar_no": f"XZ{p.index:07d}",
            "usc_code": p.usc_code,
            "category_code": None,
            "ground": "申请弄虚作假",
            "starts_on": starts,
            "ends_on": calendar.add_years(starts, 1) - timedelta(days=1),
        }
    )


def _rectification(p: Portrait, ordered: date, rows: dict[str, list[Row]], as_of: date) -> None:
    due = calendar.add_months(ordered, 3)
    rows["rectification"].append(
        {
            "owner": p.index,
            "order_no": f"ZG{p.index:07d}",
            "usc_code": p.usc_code,
            "category_code": p.held[0].category if p.held else "G01",
            "ordered_on": ordered,
            "due_on": due,
            "closed_on": due - timedelta(days=10) if due < as_of else None,
        }
    )
