"""Changes of what is looked at before the assessment (A to C): held, valid, barred, reorganised."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

from portfolio import CITY, Portfolio, Row

from assets.calendar import add_months, add_years
from assets.tables import intake
from plain.changes.drawing import (
    DAY,
    QUALIFICATION,
    REGISTRY,
    Change,
    entering,
    near,
    put,
    row_of,
    under_a_branchs_code,
)
from plain.law import higher_levels

CHANGES: dict[str, Change] = {}
change = entering(CHANGES)
CERTIFICATE = "base_enterprise__certificate"
EVENT = "base_enterprise__event"
COVERAGE = intake.COVERAGE.name
OTHERS = (("G01", "二级"), ("G10", "三级"), ("S04", "二级"), ("S11", "一级"), ("S05", "二级"))
GROUNDS = (
    "rename",
    "address",
    "capital",
    "merger_absorption",
    "merger_new",
    "split",
    "restructuring",
    "conversion",
    "moved_province",
    "capital_nature",
)
BARS = ("申请弄虚作假", "骗取资质", "资质异常", "涉嫌造假核查")
CASES = (
    "absorbed_cancelled",
    "merged_cancelled",
    "cancellation_pending",
    "within_group",
    "foreign_capital_left",
    "moved_province",
)
ACTS = ("转包或违法分包", "较大以上事故", "一般事故", "其他", None)
EXTENDED = (
    date(2020, 3, 1),
    date(2020, 6, 30),
    date(2021, 12, 30),
    date(2022, 10, 28),
    date(2022, 12, 31),
    date(2023, 12, 30),
)
"""Last valid days at the edges of what notices extended (F9)."""


@change
def the_registration_is_not_normal(p: Portfolio, rng: random.Random) -> None:
    own = row_of(p, rng, REGISTRY, usc_code=p.usc_code)
    what = rng.randrange(3)
    if what == 0:
        put(own, state_code=rng.choice(("suspended", "revoked", "moved_out", None)))
    elif what == 1:
        put(own, entity_code="branch")
    elif own is not None:
        p.rows[REGISTRY].remove(own)


def _perhaps_a_branchs(p: Portfolio, rng: random.Random, rows: list[Row]) -> None:
    """Sometimes the record is under the code of a branch, of what may be one, or of another."""
    if rng.random() >= 0.6:
        under_a_branchs_code(p, rng, rows)


@change
def an_act_was_found(p: Portfolio, rng: random.Random) -> None:
    lines = (add_years(p.filed_on, -1), p.filed_on, p.decided_on)
    found = near(rng, rng.choice(lines))
    undone = rng.choice((None, None, near(rng, p.decided_on)))
    act = rng.choice(ACTS)
    count = rng.choice((1, 1, 2))
    for _ in range(count):
        p.act(found, revoked_on=undone)
        works = rng.choice((None, "3301061501010101", "3301061501010201"))
        put(p.rows["base_credit__finding"][-1], act=act, project_no=works)
    _perhaps_a_branchs(p, rng, p.rows["base_credit__finding"][-count:])


@change
def it_designs_too(p: Portfolio, rng: random.Random) -> None:
    p.designs(
        rng.choice(
            ("综合", "建筑行业", "市政行业", "公路行业", "风景园林专业", "建筑行业（建筑工程）")
        ),
        rng.choice(("甲级", "甲级", "乙级")),
        until=near(rng, p.filed_on),
        status=rng.choice(("valid", "valid", "withdrawn")),
    )


@change
def a_bar_runs_or_ran(p: Portfolio, rng: random.Random) -> None:
    starts = rng.choice((add_years(p.filed_on, -1), near(rng, p.filed_on), near(rng, p.decided_on)))
    ends = rng.choice(
        (None, near(rng, p.filed_on), near(rng, p.decided_on), add_years(p.filed_on, 1))
    )
    if ends is not None and ends < starts:
        ends = starts
    p.bar(starts, ends, rng.choice((None, p.code, "G02")))
    put(p.rows["base_credit__bar"][-1], ground=rng.choice(BARS))
    _perhaps_a_branchs(p, rng, p.rows["base_credit__bar"][-1:])


@change
def an_order_to_correct(p: Portfolio, rng: random.Random) -> None:
    ordered = rng.choice(
        (add_months(p.filed_on, -2), near(rng, p.filed_on), near(rng, p.decided_on))
    )
    closed = rng.choice((None, near(rng, p.filed_on), near(rng, p.decided_on)))
    if closed is not None and closed < ordered:
        closed = ordered
    p.rectify(rng.choice((p.code, "G01")), ordered, closed)
    _perhaps_a_branchs(p, rng, p.rows["base_credit__rectification"][-1:])


@change
def something_else_is_held(p: Portfolio, rng: random.Random) -> None:
    code, level = rng.choice(OTHERS)
    if code != p.code:
        p.hold(code, level, since=rng.choice((date(2008, 1, 1), p.filed_on, p.filed_on + DAY)))


@change
def the_certificate_is_near_its_end(p: Portfolio, rng: random.Random) -> None:
    ends = rng.choice((near(rng, p.filed_on), near(rng, add_months(p.filed_on, 3))))
    put(row_of(p, rng, CERTIFICATE), valid_until=ends)


@change
def the_certificate_may_have_been_extended(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, CERTIFICATE)
    if row is not None:
        ends = near(rng, rng.choice(EXTENDED))
        issued = rng.choice((add_years(ends, -5), add_years(ends, -1), add_years(ends, -1) - DAY))
        put(row, valid_until=ends, issued_on=issued)
        put(row, authority_code=rng.choice(("ministry", "province", "province", "city")))


@change
def the_certificate_is_anothers(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, CERTIFICATE)
    if rng.random() < 0.5:
        put(row, authority_code=rng.choice(("ministry", "province", "city")))
    else:
        put(row, usc_code=p.company(1))


@change
def the_certificate_names_another_province(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, CERTIFICATE)
    if row is None:
        return
    number = str(row["certificate_no"])
    for table in (CERTIFICATE, QUALIFICATION):
        for one in p.of(table, certificate_no=number):
            put(one, certificate_no=f"{number[:2]}32{number[4:]}")


@change
def the_certificate_is_of_another_state(p: Portfolio, rng: random.Random) -> None:
    states = ("superseded", "withdrawn", "revoked", "struck", "cancelled")
    put(row_of(p, rng, CERTIFICATE), status_code=rng.choice(states))


@change
def the_qualification_has_ended(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, QUALIFICATION, valid_to=None)
    if row is not None:
        state = rng.choice(("replaced", "withdrawn", "revoked", "cancelled"))
        ends = max(near(rng, p.filed_on), row["valid_from"])
        put(row, valid_to=ends, status_code=state)


@change
def the_qualification_is_not_there(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, QUALIFICATION)
    if row is not None:
        p.rows[QUALIFICATION].remove(row)


@change
def an_event_of_the_registry(p: Portfolio, rng: random.Random) -> None:
    issued = [row["issued_on"] for row in p.of(CERTIFICATE)]
    days = [p.filed_on - DAY * 20, p.filed_on, p.filed_on + DAY] + [near(rng, d) for d in issued]
    p.event(rng.choice(GROUNDS), rng.choice(days))
    row = p.rows["base_enterprise__event"][-1]
    if row["handling_code"] is not None:
        way = rng.choice(("simplified", "full", "full", None))
        put(row, handling_code=way, case_code=rng.choice(CASES) if way == "simplified" else None)


@change
def an_event_is_another(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, "base_enterprise__event")
    what = rng.randrange(5)
    if what == 0:
        put(row, case_code=rng.choice((None, *CASES)))
    elif what == 1:
        put(row, handling_code=rng.choice(("simplified", "full", None)))
    elif what == 2:
        put(row, counterpart_usc_code=rng.choice((None, p.company(p._count("company") + 1))))
    elif what == 3:
        put(row, happened_on=near(rng, p.filed_on))
    else:
        p.event("capital", near(rng, row["happened_on"] if row else p.filed_on))


@change
def the_enterprise_was_founded_near_an_event(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, "base_enterprise__event")
    day = row["happened_on"] if row else p.filed_on
    for own in p.of(REGISTRY, usc_code=p.usc_code):
        own.update(established_on=rng.choice((near(rng, day), None)))


@change
def capital_was_paid_in(p: Portfolio, rng: random.Random) -> None:
    for own in p.of(REGISTRY, usc_code=p.usc_code):
        capital = own["registered_capital_yuan"] or Decimal(0)
        step = Decimal(rng.choice(("-0.01", "0")))
        own.update(paid_in_capital_yuan=max(capital + step, Decimal(0)))


@change
def a_level_was_lost(p: Portfolio, rng: random.Random) -> None:
    """A qualification withdrawn, or its renewal refused, about three months ago."""
    row = row_of(p, rng, QUALIFICATION)
    if row is None:
        return
    day = near(rng, add_months(p.filed_on, -3))
    if rng.random() < 0.5:
        put(row, status_code="withdrawn", valid_to=rng.choice((max(day, row["valid_from"]), None)))
    else:
        p.decided("renewal", rng.choice(("refused", "granted")), day, level=row["level"])


@change
def we_verified_it_again(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, "base_enterprise__event")
    day = near(rng, row["happened_on"] if row else p.filed_on)
    p.decided("reverification", "granted", day, level=p.level)


def _other_side(p: Portfolio, rng: random.Random) -> tuple[date, Row] | None:
    """The day of an event, and what its other side held of the category."""
    event = row_of(p, rng, EVENT)
    other = event["counterpart_usc_code"] if event else None
    row = row_of(p, rng, QUALIFICATION, usc_code=other) if other else None
    return None if event is None or row is None else (event["happened_on"], row)


@change
def what_the_other_side_held_has_ended_or_begun(p: Portfolio, rng: random.Random) -> None:
    found = _other_side(p, rng)
    if found is None:
        return
    day, row = found
    what = rng.randrange(4)
    if what == 0:
        put(row, status_code=rng.choice(("valid", "cancelled", "withdrawn", "revoked")))
        put(row, valid_to=rng.choice((None, near(rng, day), near(rng, p.filed_on))))
    elif what == 1:
        put(row, valid_from=near(rng, day))
    elif what == 2:
        ends = rng.choice((near(rng, p.filed_on), near(rng, p.decided_on)))
        for one in p.of(CERTIFICATE, certificate_no=row["certificate_no"]):
            one.update(valid_until=ends)
    else:  # told anew since, as it was or at another level
        told = near(rng, day)
        p.add(QUALIFICATION, **row | {"qualification_no": p._no("Q"), "status_code": "replaced"})
        put(p.rows[QUALIFICATION][-1], valid_to=told, level=rng.choice((row["level"], "一级")))
        put(row, valid_from=told)


@change
def the_other_side_is_in_doubt(p: Portfolio, rng: random.Random) -> None:
    found = _other_side(p, rng)
    if found is None:
        return
    _, row = found
    what = rng.randrange(3)
    if what == 0:
        p.rows[QUALIFICATION].remove(row)
    elif what == 1:
        p.quarantine(rng.choice((REGISTRY, QUALIFICATION, CERTIFICATE)), usc_code=row["usc_code"])
    for one in p.of(REGISTRY, usc_code=row["usc_code"]):
        one.update(region_code=rng.choice(("330106", "330203")))
    if rng.random() < 0.5:
        for table in (QUALIFICATION, CERTIFICATE):
            for said in p.of(COVERAGE, target=table):
                said.update(region_code=CITY)


@change
def the_other_side_of_an_event_cannot_be_read(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, EVENT)
    if row is not None:
        p.quarantine(EVENT, unread=("counterpart_usc_code",), event_no=row["event_no"])


@change
def somebody_has_carried_it_on(p: Portfolio, rng: random.Random) -> None:
    """The applicant, the other side itself, or a further enterprise, near the event."""
    row = row_of(p, rng, EVENT)
    if row is None:
        return
    other = row["counterpart_usc_code"]
    day = rng.choice((near(rng, row["happened_on"]), near(rng, p.decided_on)))
    p.decided("reverification", "granted", day, level=p.level)
    made = p.rows["decision__decision"][-1]
    who = rng.choice((p.usc_code, other or p.usc_code, p.company(p._count("company") + 20)))
    put(made, usc_code=who, subcategory=rng.choice((p.subcategory, made["subcategory"])))
    put(made, predecessor_usc_code=None if who == other else rng.choice((other, None)))


@change
def it_was_verified_for_one_year(p: Portfolio, rng: random.Random) -> None:
    day = p.filed_on - DAY * rng.randrange(20, 200)
    p.event(rng.choice(("merger_absorption", "merger_new")), day, case="cancellation_pending")
    if rng.random() < 0.3:
        put(p.rows[EVENT][-1], happened_on=day + DAY * 5)
    granted_on = day + DAY * rng.choice((0, 5))
    ends = add_years(granted_on, rng.choice((1, 1, 5))) - DAY * rng.choice((1, 1, 1, 2))
    for on in (granted_on, granted_on + DAY * 9)[: rng.choice((1, 1, 2))]:  # the term kept again
        p.decided("reverification", "granted", on, level=p.level)
        put(p.rows["decision__decision"][-1], subcategory=p.subcategory, valid_until=ends)
    if rng.random() < 0.2:
        p.quarantine(EVENT, event_no=p.rows[EVENT][-1]["event_no"])


@change
def an_event_was_told_late_or_came_since_the_filing(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, EVENT)
    again = row_of(p, rng, "decision__decision", kind="reverification")
    if row is None:
        p.event(rng.choice(GROUNDS[3:]), near(rng, p.decided_on))
    elif again is None or rng.random() < 0.3:
        put(row, happened_on=near(rng, rng.choice((p.filed_on, p.decided_on))))
    elif rng.random() < 0.5:
        put(row, received_at=again["decided_at"] + DAY * rng.choice((-1, 0, 1)))
    else:
        put(again, filed_at=again["filed_at"] - DAY * rng.randrange(40))


@change
def a_higher_level_is_held(p: Portfolio, rng: random.Random) -> None:
    higher = set(higher_levels(p.code, p.subcategory, p.level)) & {"一级", "二级"}
    if higher and not p.of(QUALIFICATION, usc_code=p.usc_code, category_code=p.code):
        since = rng.choice((date(2008, 1, 1), near(rng, p.filed_on)))
        p.hold(p.code, rng.choice(sorted(higher)), subcategory=p.subcategory, since=since)


@change
def the_office_is_another(p: Portfolio, rng: random.Random) -> None:
    p.authority = rng.choice(("ministry", "province", "province", "city"))


@change
def the_registry_differs_from_the_certificate(p: Portfolio, rng: random.Random) -> None:
    values = rng.choice(
        (
            {"address": "杭州市上城区庆春路2号"},
            {"legal_representative": "赵一"},
            {"name": p.name},
            {"address": None},
        )
    )
    if p.of(REGISTRY, usc_code=p.usc_code):
        p.change(REGISTRY, {"usc_code": p.usc_code}, **values)
