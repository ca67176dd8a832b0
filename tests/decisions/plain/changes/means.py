"""Changes of net assets and equipment (E24 to E26)."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

from portfolio import Portfolio

from plain.changes.drawing import (
    DAY,
    REGISTRY,
    Change,
    entering,
    near,
    put,
    row_of,
    under_a_branchs_code,
)

CHANGES: dict[str, Change] = {}
change = entering(CHANGES)
EQUIPMENT = "base_enterprise__equipment"


@change
def net_assets_are_near_the_figure(p: Portfolio, rng: random.Random) -> None:
    step = Decimal(rng.choice(("-0.01", "0.01", "-10000")))
    row = row_of(p, rng, "base_enterprise__statement")
    if row is not None:
        put(row, net_assets_yuan=row["net_assets_yuan"] + step)
    registry = p.of(REGISTRY, usc_code=p.usc_code)
    if registry and registry[0]["registered_capital_yuan"] is not None:
        put(registry[0], registered_capital_yuan=registry[0]["registered_capital_yuan"] + step)


@change
def the_capital_was_changed_about_the_filing(p: Portfolio, rng: random.Random) -> None:
    p.event("capital", near(rng, rng.choice((p.filed_on, p.decided_on))))


@change
def there_is_another_statement(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, "base_enterprise__statement")
    if row is None:
        return
    year = p.filed_on.year - rng.choice((0, 1, 2))
    code = rng.choice(("annual", "current"))
    if p.of("base_enterprise__statement", year=year, report_code=code):
        return
    ends = date(year, 12, 31)
    if code == "current" and rng.random() < 0.5:
        ends = date(year, p.filed_on.month, 1)
    factor = rng.choice((Decimal("0.5"), Decimal(2)))
    p.add(
        "base_enterprise__statement",
        **{
            **{k: v for k, v in row.items() if k not in ("delivery_id", "row_no", "received_at")},
            "year": year,
            "report_code": code,
            "period_end_on": ends,
            "net_assets_yuan": round(row["net_assets_yuan"] * factor, 2),
        },
    )


@change
def no_statement(p: Portfolio, rng: random.Random) -> None:
    p.rows["base_enterprise__statement"] = []


@change
def machines_are_under_a_branchs_code(p: Portfolio, rng: random.Random) -> None:
    rows = p.of(EQUIPMENT)
    under_a_branchs_code(p, rng, rng.sample(rows, rng.randint(0, len(rows))))


@change
def a_machine_is_another(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, EQUIPMENT)
    if row is None:
        return
    same = p.of(EQUIPMENT, equipment_no=row["equipment_no"])
    what = rng.randrange(6)
    if what == 0 and row["value"] is not None:
        put(row, value=max(row["value"] + Decimal(rng.choice(("-0.0001", "1"))), Decimal(0)))
    for one in same:
        if what == 1:
            put(one, is_owned=rng.choice((False, None)))
        elif what == 2:
            put(one, disposed_on=near(random.Random(len(same)), p.filed_on))
        elif what == 3:
            put(one, purchased_on=p.filed_on + DAY)
        elif what == 4:
            p.rows[EQUIPMENT].remove(one)
        elif what == 5:
            put(one, equipment_kind="塔吊")
