"""Changes of works (E14 to E23): contracts, units, measures, acceptance, who led them."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

from portfolio import Portfolio

from assets.calendar import add_months
from plain.changes.drawing import (
    DAY,
    QUALIFICATION,
    REGISTRATION,
    SPECIALTIES,
    Change,
    entering,
    label_of,
    near,
    put,
    row_of,
    under_a_branchs_code,
)
from plain.law import codes

CHANGES: dict[str, Change] = {}
change = entering(CHANGES)
CONTRACT = "base_project__contract"
UNIT = "base_project__unit"
MEASURE = "base_project__measure"
ACCEPTANCE = "base_project__acceptance"
PARTY = "base_project__party"
PROJECT = "base_project__project"
CONTRACT_TYPES = (
    "施工总承包",
    "主体工程承包",
    "专业承包",
    "工程总承包",
    "专业分包",
    "劳务分包",
)


def _own_contract(p: Portfolio, rng: random.Random) -> dict[str, Any] | None:
    return row_of(p, rng, CONTRACT)


@change
def works_are_accepted_near_a_line(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, ACCEPTANCE)
    years = rng.choice((5, 10))
    line = rng.choice((date(p.filed_on.year - years, 1, 1), p.filed_on))
    if row is None:
        return
    accepted = near(rng, line)
    started = min(row["started_on"] or accepted, add_months(accepted, -6))
    row.update(accepted_on=accepted, started_on=started)
    for one in p.of(CONTRACT, contract_no=row["contract_no"]):
        one["signed_on"] = add_months(started, -1)


@change
def works_are_not_sound(p: Portfolio, rng: random.Random) -> None:
    put(row_of(p, rng, ACCEPTANCE), quality=rng.choice(("不合格", None)))


@change
def works_are_not_accepted(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, ACCEPTANCE)
    if row is not None:
        p.rows[ACCEPTANCE].remove(row)


@change
def a_measure_is_near_its_figure(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, MEASURE)
    if row is None:
        return
    if row["value"] is not None:
        step = Decimal(rng.choice(("-1", "-0.0001", "0.0001", "1")))
        put(row, value=max(row["value"] + step, Decimal(0)))
    elif rng.random() < 0.5:
        known = codes("metrics")[row["metric"]].get("order", ("沿海", "其他"))
        put(row, label=rng.choice([*known, "内河"]))


def _works_are_of_a_name_that_no_list_has(p: Portfolio, rng: random.Random) -> None:
    """A unit project by its own name, with its measures, or by one of these alone."""
    unit = row_of(p, rng, UNIT)
    if unit is None:
        return
    rows = p.of(MEASURE, unit_code=unit["unit_code"])
    what = rng.randrange(3)
    if what < 2:
        put(unit, works_type="室内装饰工程")
    for row in rows if what == 0 else rng.sample(rows, min(len(rows), what)):
        put(row, works_type=rng.choice(("室内装饰工程", "室内装饰工程", "涂装工程")))


@change
def a_measure_is_much_larger(p: Portfolio, rng: random.Random) -> None:
    """Or it is of works whose name no list has."""
    if rng.random() < 0.5:
        _works_are_of_a_name_that_no_list_has(p, rng)
        return
    row = row_of(p, rng, MEASURE)
    if row is not None and row["value"] is not None:
        put(row, value=row["value"] * rng.choice((2, 10, 100)))


@change
def a_measure_is_not_known(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, MEASURE)
    if row is None:
        return
    if rng.random() < 0.5:
        p.rows[MEASURE].remove(row)
    else:
        put(row, value=None, label=None)


@change
def a_price_is_near_its_figure(p: Portfolio, rng: random.Random) -> None:
    row = _own_contract(p, rng)
    if row is None or row["amount_yuan"] is None:
        return
    what = rng.randrange(5)
    if what == 0:
        put(
            row,
            amount_yuan=max(
                row["amount_yuan"] + Decimal(rng.choice(("-0.01", "0.01"))), Decimal(0)
            ),
        )
    elif what == 1:
        put(row, amount_yuan=None, settlement_yuan=row["amount_yuan"])
    elif what == 2:
        put(row, amount_yuan=row["amount_yuan"] * 10)
    else:
        put(row, amount_yuan=None if what == 3 else Decimal(0))


@change
def a_contract_is_of_another_form(p: Portfolio, rng: random.Random) -> None:
    row = _own_contract(p, rng)
    if rng.random() < 0.6:
        put(row, contract_type=rng.choice(CONTRACT_TYPES))
    else:
        put(row, is_consortium=rng.choice((True, None)))


@change
def a_contract_was_signed_long_ago(p: Portfolio, rng: random.Random) -> None:
    row = _own_contract(p, rng)
    days = (date(2014, 12, 31), date(2015, 10, 8), date(2015, 10, 9), date(2016, 10, 31), None)
    put(row, signed_on=rng.choice(days))


@change
def a_contract_is_gone(p: Portfolio, rng: random.Random) -> None:
    row = _own_contract(p, rng)
    if row is not None:
        p.rows[CONTRACT].remove(row)


@change
def the_level_held_then_was_lower(p: Portfolio, rng: random.Random) -> None:
    """Only the level the upgrade starts from, since long or since about the contracts."""
    rows = p.of(QUALIFICATION, category_code=p.code)
    now = [row for row in rows if row["valid_to"] is None]
    if not now:
        return
    p.rows[QUALIFICATION] = [r for r in p.rows[QUALIFICATION] if r not in rows] + now[:1]
    signed = [row["signed_on"] for row in p.of(CONTRACT) if row["signed_on"]]
    since = rng.choice((date(2000, 1, 1), near(rng, rng.choice(signed)) if signed else p.filed_on))
    put(now[0], valid_from=min(since, p.filed_on))


@change
def a_manager_is_not_quite_registered(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, PARTY, duty="项目经理")
    done = p.of(ACCEPTANCE, contract_no=row["contract_no"]) if row else []
    if row is None or not done or done[0]["accepted_on"] is None:
        return
    registration = row_of(p, rng, REGISTRATION, person_key=row["person_key"])
    what = rng.randrange(5)
    if what >= 3 and registration is not None:
        # Another registration follows it, or nearly, while he leads the works.
        until = add_months(done[0]["accepted_on"], -2)
        following = {**registration, "registration_no": f"{registration['registration_no']}Z"}
        p.rows[REGISTRATION].append({**following, "valid_from": near(rng, until + DAY)})
        put(registration, valid_until=until)
    elif what == 0 and done[0]["started_on"]:
        put(registration, valid_from=near(rng, done[0]["started_on"]))
    elif what == 1:
        put(registration, valid_until=near(rng, done[0]["accepted_on"]))
    else:
        put(registration, specialty=rng.choice(SPECIALTIES))


@change
def the_manager_is_another(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, PARTY, duty="项目经理")
    label = label_of(p, rng)
    if row is None or label is None:
        return
    what = rng.randrange(3)
    if what == 0:
        p.rows[PARTY].remove(row)
    elif what == 1:
        put(row, person_key=p.people[label])
    else:
        p.rows[PARTY].append({**row, "person_key": p.people[label]})


@change
def a_work_serves_two_kinds(p: Portfolio, rng: random.Random) -> None:
    """A unit takes on the measures of another of the enterprise, whose work is gone."""
    units = p.of(UNIT, usc_code=p.usc_code)
    if len(units) < 2:
        return
    keeps, loses = rng.sample(units, 2)
    mine = {(r["works_type"], r["metric"]) for r in p.of(MEASURE, unit_code=keeps["unit_code"])}
    for row in p.of(MEASURE, unit_code=loses["unit_code"]):
        if (row["works_type"], row["metric"]) not in mine:
            p.rows[MEASURE].append({**row, "unit_code": keeps["unit_code"]})
    if not p.of(MEASURE, unit_code=loses["unit_code"]):
        return
    p.rows[MEASURE] = [r for r in p.rows[MEASURE] if r["unit_code"] != loses["unit_code"]]
    p.rows[UNIT].remove(loses)


@change
def a_work_is_there_once_more(p: Portfolio, rng: random.Random) -> None:
    """Another unit project just like one of the enterprise's, under the same contract."""
    unit = row_of(p, rng, UNIT, usc_code=p.usc_code)
    if unit is None:
        return
    code = f"{unit['unit_code']}-{p._count('again')}"
    p.rows[UNIT].append({**unit, "unit_code": code})
    for row in p.of(MEASURE, unit_code=unit["unit_code"]):
        p.rows[MEASURE].append({**row, "unit_code": code})


@change
def two_works_are_of_one_contract(p: Portfolio, rng: random.Random) -> None:
    units = p.of(UNIT, usc_code=p.usc_code)
    if len(units) > 1:
        first, other = rng.sample(units, 2)
        other.update(contract_no=first["contract_no"], project_no=first["project_no"])


@change
def works_are_under_a_branchs_code(p: Portfolio, rng: random.Random) -> None:
    """All that is told of one unit's works, or of the unit alone."""
    unit = row_of(p, rng, UNIT, usc_code=p.usc_code)
    if unit is None:
        return
    rows = [unit]
    if rng.random() < 0.7:
        rows += p.of(MEASURE, unit_code=unit["unit_code"])
        for table in (CONTRACT, ACCEPTANCE, PARTY):
            rows += p.of(table, contract_no=unit["contract_no"])
    under_a_branchs_code(p, rng, rows)


@change
def a_work_is_not_on_the_platform(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, PROJECT)
    if row is None:
        return
    if rng.random() < 0.5:
        p.rows[PROJECT].remove(row)
    else:
        put(row, data_level=rng.choice(("A", "B", "C", "D", None)))


@change
def the_leader_led_less(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, PARTY)
    if row is not None:
        p.rows[PARTY].remove(row)
