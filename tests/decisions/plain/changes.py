"""Single changes to an enterprise that meets everything: each puts one fact at, over or under a line.

Belongs here: small functions on a portfolio and a random source, by the part of the law they try.
Does not: which of them a case gets (`recipes`).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from portfolio import MONTHLY, Portfolio

from assets.calendar import add_months, add_years
from assets.tables import BY_NAME
from plain.law import codes

Change: TypeAlias = Callable[[Portfolio, random.Random], object]
CHANGES: dict[str, Change] = {}
DAY = timedelta(days=1)
PERSON = "base_personnel__person"
REGISTRATION = "base_personnel__registration"
TITLE = "base_personnel__title"
POST = "base_personnel__post_certificate"
SKILL = "base_personnel__skill_certificate"
LEAD = "base_personnel__technical_lead"
CONTRACT = "base_project__contract"
UNIT = "base_project__unit"
MEASURE = "base_project__measure"
ACCEPTANCE = "base_project__acceptance"
PARTY = "base_project__party"
PROJECT = "base_project__project"
REGISTRY = "base_enterprise__registry"
QUALIFICATION = "base_enterprise__qualification"
CERTIFICATE = "base_enterprise__certificate"
EQUIPMENT = "base_enterprise__equipment"
ROLES = ("施工员", "质量员", "安全员", "机械员", "劳务员", "资料员", "材料员", "测量员")
TRADES = ("木工", "电工", "焊工", "油漆工", "测量工", "钢筋工", "模板工")
MAJORS = ("结构", "电气", "机械", "给排水", "暖通", "通信", "测量", "工程经济")
SPECIALTIES = ("建筑工程", "机电工程", "公路工程", "市政公用工程", "铁路工程")
OTHERS = (("G01", "二级"), ("G10", "三级"), ("S04", "二级"), ("S11", "一级"), ("S05", "二级"))
CONTRACT_TYPES = (
    "施工总承包",
    "主体工程承包",
    "专业承包",
    "工程总承包",
    "专业分包",
    "劳务分包",
)
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
MOST_TORN = 6
"""People of several certificates in one case: the plain evaluator tries every way to place them."""


def change(function: Change) -> Change:
    """Enter a change under its name."""
    CHANGES[function.__name__.replace("_", " ")] = function
    return function


def _row(p: Portfolio, rng: random.Random, table: str, **where: Any) -> dict[str, Any] | None:
    rows = p.of(table, **where)
    return rng.choice(rows) if rows else None


def _near(rng: random.Random, day: date) -> date:
    return day + DAY * rng.choice((-1, 0, 1))


def _label(p: Portfolio, rng: random.Random) -> str | None:
    """Somebody who is employed."""
    keys = {row["person_key"] for row in p.of(PERSON)}
    labels = [label for label, key in p.people.items() if key in keys]
    return rng.choice(labels) if labels else None


def _set(row: dict[str, Any] | None, **values: Any) -> None:
    if row is not None:
        row.update(values)


# -- people, E1 to E13 -----------------------------------------------------------------


@change
def somebody_is_near_sixty_one(p: Portfolio, rng: random.Random) -> None:
    _set(_row(p, rng, PERSON), born_on=_near(rng, add_years(p.filed_on, -61)))


@change
def somebody_has_died_or_retired(p: Portfolio, rng: random.Random) -> None:
    what = rng.choice(("deceased_on", "retired_on"))
    _set(_row(p, rng, PERSON), **{what: _near(rng, p.filed_on)})


@change
def somebody_is_gone(p: Portfolio, rng: random.Random) -> None:
    label = _label(p, rng)
    if label is not None:
        p.dismiss(label)


@change
def a_month_is_not_delivered(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, MONTHLY)
    if row is not None:
        p.rows[MONTHLY].remove(row)


@change
def a_month_is_not_paid_in_full(p: Portfolio, rng: random.Random) -> None:
    _set(_row(p, rng, MONTHLY), is_paid=rng.choice((False, None)))


@change
def somebody_is_insured_by_another(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, MONTHLY)
    if row is not None:
        payer = p.company(p._count("company") + 1, branch=rng.random() < 0.5)
        for one in p.of(MONTHLY, person_key=row["person_key"]):
            one["usc_code"] = payer


@change
def a_branch_in_another_city(p: Portfolio, rng: random.Random) -> None:
    code = p.company(p._count("company") + 1, branch=True)
    p.change(REGISTRY, {"usc_code": code}, region_code=rng.choice(("330206", "330106")))


@change
def whose_branch_a_payer_is_nobody_knows(p: Portfolio, rng: random.Random) -> None:
    """It insures or registers some, for some months, and its own registration is in doubt."""
    code = p.company(p._count("company") + 1, branch=rng.random() < 0.5)
    label = _label(p, rng)
    if label is None:
        return
    others = [one["person_key"] for one in rng.sample(p.of(MONTHLY), min(2, len(p.of(MONTHLY))))]
    for key in [p.people[label], *others][: rng.randrange(4)]:
        for row in p.of(MONTHLY, person_key=key):
            row["usc_code"] = code if rng.random() < 0.8 else row["usc_code"]
    if rng.random() < 0.3:
        p.register(label, "二级注册建造师", rng.choice(SPECIALTIES), usc_code=code)
    unread = rng.choice(((), ("parent_usc_code",), ("region_code",), ("entity_code",)))
    row = p.of(REGISTRY, usc_code=code)[0]
    match rng.randrange(4):
        case 0:
            p.quarantine(REGISTRY, unread=unread, usc_code=code)
        case 1:
            sound = dict(row)
            p.quarantine(REGISTRY, unread=unread, usc_code=code)
            p.rows[REGISTRY].append(sound | {"received_at": sound["received_at"] - DAY})
        case 2:
            p.doubt(REGISTRY, code, rng.choice(("DATA", "LAW")), usc_code=code)
        case 3:
            row.update(entity_code="branch", parent_usc_code=None)


@change
def the_seat_is_elsewhere(p: Portfolio, rng: random.Random) -> None:
    region = rng.choice(("330206", "310104", "330102"))
    for row in p.of(REGISTRY, usc_code=p.usc_code):
        row.update(region_code=region)


@change
def somebody_is_registered_elsewhere(p: Portfolio, rng: random.Random) -> None:
    label = _label(p, rng)
    if label is None:
        return
    p.register(
        label,
        "二级注册建造师",
        rng.choice(SPECIALTIES),
        usc_code=p.company(p._count("company") + 1, branch=rng.random() < 0.2),
        valid_from=_near(rng, p.filed_on) if rng.random() < 0.3 else date(2008, 1, 1),
        valid_until=_near(rng, p.filed_on) if rng.random() < 0.5 else add_years(p.filed_on, 1),
    )
    if rng.random() < 0.3:
        row = p.rows[REGISTRATION][-1]
        p.quarantine(REGISTRATION, registration_no=row["registration_no"])


@change
def a_registration_is_near_its_end(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, REGISTRATION, usc_code=p.usc_code)
    if rng.random() < 0.7:
        _set(row, valid_until=max(_near(rng, p.filed_on), date(2008, 1, 1)))
    else:
        _set(row, valid_from=_near(rng, p.filed_on))


@change
def a_registration_is_of_another_kind(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, REGISTRATION)
    if rng.random() < 0.5:
        _set(row, specialty=rng.choice(SPECIALTIES))
    else:
        kinds = ("一级注册建造师", "二级注册建造师", "二级临时建造师", "一级注册结构工程师")
        _set(row, registration=rng.choice(kinds))


@change
def a_title_is_another(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, TITLE)
    what = rng.randrange(4)
    if what == 0:
        _set(row, title_level=rng.choice(("初级", "中级", "高级", "正高级", None)))
    elif what == 1:
        _set(row, series=rng.choice(("经济", "工程", None)))
    elif what == 2:
        _set(row, major=rng.choice(MAJORS))
    else:
        _set(row, awarded_on=_near(rng, p.filed_on))


@change
def a_title_was_awarded_by_another_employer(p: Portfolio, rng: random.Random) -> None:
    _set(_row(p, rng, TITLE), usc_code=p.company(p._count("company") + 1))


@change
def somebody_has_a_second_title(p: Portfolio, rng: random.Random) -> None:
    label = _label(p, rng)
    if label is not None and _may_be_torn(p, label):
        p.entitle(label, rng.choice(("中级", "高级")), rng.choice(MAJORS))


@change
def a_post_certificate_is_another(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, POST)
    what = rng.randrange(3)
    if what == 0:
        _set(row, valid_until=rng.choice((_near(rng, p.filed_on), None)))
    elif what == 1:
        _set(row, role=rng.choice(ROLES))
    else:
        _set(row, issued_on=_near(rng, p.filed_on))


@change
def a_skill_certificate_is_another(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, SKILL)
    what = rng.randrange(3)
    if what == 0:
        _set(row, trade=rng.choice(TRADES))
    elif what == 1:
        _set(row, grade=rng.choice(("初级工", "中级工", "高级工", None)))
    else:
        _set(row, issued_on=_near(rng, p.filed_on))


def _may_be_torn(p: Portfolio, label: str) -> bool:
    """Whether one more may have certificates of two sides."""
    sides: dict[str, set[str]] = {}
    for table, side in (
        (REGISTRATION, "staff"),
        (TITLE, "staff"),
        (POST, "site"),
        (SKILL, "worker"),
    ):
        for row in p.of(table):
            sides.setdefault(row["person_key"], set()).add(side)
    torn = {key for key, its in sides.items() if len(its) > 1}
    return p.people[label] in torn or len(torn) < MOST_TORN


@change
def somebody_has_a_second_certificate(p: Portfolio, rng: random.Random) -> None:
    label = _label(p, rng)
    if label is None or not _may_be_torn(p, label):
        return
    what = rng.randrange(4)
    if what == 0:
        p.certify_post(label, rng.choice(ROLES))
    elif what == 1:
        p.certify_skill(label, rng.choice(TRADES), rng.choice(("初级工", "中级工")))
    elif what == 2:
        p.entitle(label, "中级", rng.choice(MAJORS))
    else:
        p.register(label, "二级注册建造师", rng.choice(SPECIALTIES))


@change
def one_more_is_hired(p: Portfolio, rng: random.Random) -> None:
    what = rng.randrange(4)
    if what == 0:
        p.add_site_manager(rng.choice(ROLES))
    elif what == 1:
        p.add_worker(rng.choice(TRADES), rng.choice(("初级工", "中级工")))
    elif what == 2:
        p.add_titled(rng.choice(("中级", "高级")), rng.choice(MAJORS))
    else:
        p.add_constructor(rng.choice(("一级注册建造师", "二级注册建造师")), rng.choice(SPECIALTIES))


@change
def one_person_does_the_work_of_two(p: Portfolio, rng: random.Random) -> None:
    """A site manager or worker goes, and another's man takes his certificate."""
    table = rng.choice((POST, SKILL))
    row = _row(p, rng, table)
    label = _label(p, rng)
    if row is None or label is None or not _may_be_torn(p, label):
        return
    leaving = next((k for k, v in p.people.items() if v == row["person_key"]), None)
    if leaving is None or p.people[label] == row["person_key"]:
        return
    p.dismiss(leaving)
    p.rows[table].append({**row, "person_key": p.people[label]})


@change
def the_leader_has_practised_about_long_enough(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, LEAD)
    if row is not None and row["practice_from"] is not None:
        moved = rng.choice((_near(rng, row["practice_from"]), None))
        _set(row, practice_from=moved)


@change
def the_leader_was_appointed_about_then(p: Portfolio, rng: random.Random) -> None:
    _set(_row(p, rng, LEAD), appointed_on=rng.choice((_near(rng, p.filed_on), None)))


@change
def another_leads(p: Portfolio, rng: random.Random) -> None:
    label = _label(p, rng)
    if label is not None:
        _set(_row(p, rng, LEAD), person_key=p.people[label])


@change
def the_leader_has_a_second_certificate(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, LEAD)
    label = next((k for k, v in p.people.items() if row and v == row["person_key"]), None)
    if label is None or not _may_be_torn(p, label):
        return
    taken = _row(p, rng, rng.choice((POST, SKILL)))
    if taken is not None:
        # Instead of the man who had it, so that the count hangs on it.
        taken["person_key"] = p.people[label]


@change
def nobody_leads(p: Portfolio, rng: random.Random) -> None:
    p.rows[LEAD] = []


# -- works, E14 to E23 -----------------------------------------------------------------


def _own_contract(p: Portfolio, rng: random.Random) -> dict[str, Any] | None:
    return _row(p, rng, CONTRACT)


@change
def works_are_accepted_near_a_line(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, ACCEPTANCE)
    years = rng.choice((5, 10))
    line = rng.choice((date(p.filed_on.year - years, 1, 1), p.filed_on))
    if row is None:
        return
    accepted = _near(rng, line)
    started = min(row["started_on"] or accepted, add_months(accepted, -6))
    row.update(accepted_on=accepted, started_on=started)
    for one in p.of(CONTRACT, contract_no=row["contract_no"]):
        one["signed_on"] = add_months(started, -1)


@change
def works_are_not_sound(p: Portfolio, rng: random.Random) -> None:
    _set(_row(p, rng, ACCEPTANCE), quality=rng.choice(("不合格", None)))


@change
def works_are_not_accepted(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, ACCEPTANCE)
    if row is not None:
        p.rows[ACCEPTANCE].remove(row)


@change
def a_measure_is_near_its_figure(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, MEASURE)
    if row is None:
        return
    if row["value"] is not None:
        step = Decimal(rng.choice(("-1", "-0.0001", "0.0001", "1")))
        _set(row, value=max(row["value"] + step, Decimal(0)))
    elif rng.random() < 0.5:
        known = codes("metrics")[row["metric"]].get("order", ("沿海", "其他"))
        _set(row, label=rng.choice([*known, "内河"]))


@change
def a_measure_is_much_larger(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, MEASURE)
    if row is not None and row["value"] is not None:
        _set(row, value=row["value"] * rng.choice((2, 10, 100)))


@change
def a_measure_is_not_known(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, MEASURE)
    if row is None:
        return
    if rng.random() < 0.5:
        p.rows[MEASURE].remove(row)
    else:
        _set(row, value=None, label=None)


@change
def a_price_is_near_its_figure(p: Portfolio, rng: random.Random) -> None:
    row = _own_contract(p, rng)
    if row is None or row["amount_yuan"] is None:
        return
    what = rng.randrange(4)
    if what == 0:
        _set(
            row,
            amount_yuan=max(
                row["amount_yuan"] + Decimal(rng.choice(("-0.01", "0.01"))), Decimal(0)
            ),
        )
    elif what == 1:
        _set(row, amount_yuan=None, settlement_yuan=row["amount_yuan"])
    elif what == 2:
        _set(row, amount_yuan=row["amount_yuan"] * 10)
    else:
        _set(row, amount_yuan=None)


@change
def a_contract_is_of_another_form(p: Portfolio, rng: random.Random) -> None:
    row = _own_contract(p, rng)
    if rng.random() < 0.6:
        _set(row, contract_type=rng.choice(CONTRACT_TYPES))
    else:
        _set(row, is_consortium=rng.choice((True, None)))


@change
def a_contract_was_signed_long_ago(p: Portfolio, rng: random.Random) -> None:
    row = _own_contract(p, rng)
    days = (date(2014, 12, 31), date(2015, 10, 8), date(2015, 10, 9), date(2016, 10, 31), None)
    _set(row, signed_on=rng.choice(days))


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
    since = rng.choice((date(2000, 1, 1), _near(rng, rng.choice(signed)) if signed else p.filed_on))
    _set(now[0], valid_from=min(since, p.filed_on))


@change
def a_manager_is_not_quite_registered(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, PARTY, duty="项目经理")
    done = p.of(ACCEPTANCE, contract_no=row["contract_no"]) if row else []
    if row is None or not done or done[0]["accepted_on"] is None:
        return
    registration = _row(p, rng, REGISTRATION, person_key=row["person_key"])
    what = rng.randrange(3)
    if what == 0 and done[0]["started_on"]:
        _set(registration, valid_from=_near(rng, done[0]["started_on"]))
    elif what == 1:
        _set(registration, valid_until=_near(rng, done[0]["accepted_on"]))
    else:
        _set(registration, specialty=rng.choice(SPECIALTIES))


@change
def the_manager_is_another(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, PARTY, duty="项目经理")
    label = _label(p, rng)
    if row is None or label is None:
        return
    what = rng.randrange(3)
    if what == 0:
        p.rows[PARTY].remove(row)
    elif what == 1:
        _set(row, person_key=p.people[label])
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
    unit = _row(p, rng, UNIT, usc_code=p.usc_code)
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
def a_work_is_not_on_the_platform(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, PROJECT)
    if row is None:
        return
    if rng.random() < 0.5:
        p.rows[PROJECT].remove(row)
    else:
        _set(row, data_level=rng.choice(("A", "B", "C", "D", None)))


@change
def the_leader_led_less(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, PARTY)
    if row is not None:
        p.rows[PARTY].remove(row)


# -- assets, E24 to E26 ----------------------------------------------------------------


@change
def net_assets_are_near_the_figure(p: Portfolio, rng: random.Random) -> None:
    step = Decimal(rng.choice(("-0.01", "0.01", "-10000")))
    row = _row(p, rng, "base_enterprise__statement")
    if row is not None:
        _set(row, net_assets_yuan=row["net_assets_yuan"] + step)
    registry = p.of(REGISTRY, usc_code=p.usc_code)
    if registry and registry[0]["registered_capital_yuan"] is not None:
        _set(registry[0], registered_capital_yuan=registry[0]["registered_capital_yuan"] + step)


@change
def there_is_another_statement(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, "base_enterprise__statement")
    if row is None:
        return
    year = p.filed_on.year - rng.choice((0, 1, 2))
    code = rng.choice(("annual", "current"))
    if p.of("base_enterprise__statement", year=year, report_code=code):
        return
    ends = date(year, 12, 31) if code == "annual" else date(year, p.filed_on.month, 1)
    factor = rng.choice((Decimal("0.5"), Decimal(2)))
    p.add(
        "base_enterprise__statement",
        **{
            **{k: v for k, v in row.items() if k not in ("delivery_id", "row_no", "received_at")},
            "year": year,
            "report_code": code,
            "period_end_on": ends,
            "net_assets_yuan": row["net_assets_yuan"] * factor,
        },
    )


@change
def no_statement(p: Portfolio, rng: random.Random) -> None:
    p.rows["base_enterprise__statement"] = []


@change
def a_machine_is_another(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, EQUIPMENT)
    if row is None:
        return
    same = p.of(EQUIPMENT, equipment_no=row["equipment_no"])
    what = rng.randrange(5)
    if what == 0 and row["value"] is not None:
        _set(row, value=max(row["value"] + Decimal(rng.choice(("-0.0001", "1"))), Decimal(0)))
    for one in same:
        if what == 1:
            _set(one, is_owned=rng.choice((False, None)))
        elif what == 2:
            _set(one, disposed_on=_near(random.Random(len(same)), p.filed_on))
        elif what == 3:
            _set(one, purchased_on=p.filed_on + DAY)
        elif what == 4:
            p.rows[EQUIPMENT].remove(one)


# -- switches, A to C ------------------------------------------------------------------


@change
def the_registration_is_not_normal(p: Portfolio, rng: random.Random) -> None:
    own = _row(p, rng, REGISTRY, usc_code=p.usc_code)
    what = rng.randrange(3)
    if what == 0:
        _set(own, state_code=rng.choice(("suspended", "revoked", "moved_out", None)))
    elif what == 1:
        _set(own, entity_code="branch")
    elif own is not None:
        p.rows[REGISTRY].remove(own)


@change
def an_act_was_found(p: Portfolio, rng: random.Random) -> None:
    lines = (add_years(p.filed_on, -1), p.filed_on, p.decided_on)
    found = _near(rng, rng.choice(lines))
    undone = rng.choice((None, None, _near(rng, p.decided_on)))
    act = rng.choice(ACTS)
    for _ in range(rng.choice((1, 1, 2))):
        p.act(found, revoked_on=undone)
        _set(p.rows["base_credit__finding"][-1], act=act)


@change
def it_designs_too(p: Portfolio, rng: random.Random) -> None:
    p.designs(
        rng.choice(("综合", "建筑行业", "市政行业", "公路行业", "风景园林专业")),
        rng.choice(("甲级", "甲级", "乙级")),
        until=_near(rng, p.filed_on),
        status=rng.choice(("valid", "valid", "withdrawn")),
    )


@change
def a_bar_runs_or_ran(p: Portfolio, rng: random.Random) -> None:
    starts = rng.choice(
        (add_years(p.filed_on, -1), _near(rng, p.filed_on), _near(rng, p.decided_on))
    )
    ends = rng.choice((None, _near(rng, p.filed_on), add_years(p.filed_on, 1)))
    if ends is not None and ends < starts:
        ends = starts
    p.bar(starts, ends, rng.choice((None, p.code, "G02")))
    _set(p.rows["base_credit__bar"][-1], ground=rng.choice(BARS))


@change
def an_order_to_correct(p: Portfolio, rng: random.Random) -> None:
    ordered = rng.choice(
        (add_months(p.filed_on, -2), _near(rng, p.filed_on), _near(rng, p.decided_on))
    )
    closed = rng.choice((None, _near(rng, p.filed_on), _near(rng, p.decided_on)))
    if closed is not None and closed < ordered:
        closed = ordered
    p.rectify(rng.choice((p.code, "G01")), ordered, closed)


@change
def something_else_is_held(p: Portfolio, rng: random.Random) -> None:
    code, level = rng.choice(OTHERS)
    if code != p.code:
        p.hold(code, level, since=rng.choice((date(2008, 1, 1), p.filed_on, p.filed_on + DAY)))


@change
def the_certificate_is_near_its_end(p: Portfolio, rng: random.Random) -> None:
    ends = rng.choice((_near(rng, p.filed_on), _near(rng, add_months(p.filed_on, 3))))
    _set(_row(p, rng, CERTIFICATE), valid_until=ends)


@change
def the_certificate_may_have_been_extended(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, CERTIFICATE)
    if row is not None:
        ends = _near(rng, rng.choice(EXTENDED))
        issued = rng.choice((add_years(ends, -5), add_years(ends, -1), add_years(ends, -1) - DAY))
        _set(row, valid_until=ends, issued_on=issued)
        _set(row, authority_code=rng.choice(("ministry", "province", "province", "city")))


@change
def the_certificate_is_of_another_state(p: Portfolio, rng: random.Random) -> None:
    states = ("superseded", "withdrawn", "revoked", "struck", "cancelled")
    _set(_row(p, rng, CERTIFICATE), status_code=rng.choice(states))


@change
def the_qualification_has_ended(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, QUALIFICATION, valid_to=None)
    if row is not None:
        state = rng.choice(("replaced", "withdrawn", "revoked", "cancelled"))
        ends = max(_near(rng, p.filed_on), row["valid_from"])
        _set(row, valid_to=ends, status_code=state)


@change
def the_qualification_is_not_there(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, QUALIFICATION)
    if row is not None:
        p.rows[QUALIFICATION].remove(row)


@change
def an_event_of_the_registry(p: Portfolio, rng: random.Random) -> None:
    issued = [row["issued_on"] for row in p.of(CERTIFICATE)]
    days = [p.filed_on - DAY * 20, p.filed_on, p.filed_on + DAY] + [_near(rng, d) for d in issued]
    p.event(rng.choice(GROUNDS), rng.choice(days))
    row = p.rows["base_enterprise__event"][-1]
    if row["handling_code"] is not None:
        way = rng.choice(("simplified", "full", "full", None))
        _set(row, handling_code=way, case_code=rng.choice(CASES) if way == "simplified" else None)


@change
def an_event_is_another(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, "base_enterprise__event")
    what = rng.randrange(5)
    if what == 0:
        _set(row, case_code=rng.choice((None, *CASES)))
    elif what == 1:
        _set(row, handling_code=rng.choice(("simplified", "full", None)))
    elif what == 2:
        _set(row, counterpart_usc_code=rng.choice((None, p.company(p._count("company") + 1))))
    elif what == 3:
        _set(row, happened_on=_near(rng, p.filed_on))
    else:
        p.event("capital", _near(rng, row["happened_on"] if row else p.filed_on))


@change
def the_enterprise_was_founded_near_an_event(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, "base_enterprise__event")
    day = row["happened_on"] if row else p.filed_on
    for own in p.of(REGISTRY, usc_code=p.usc_code):
        own.update(established_on=rng.choice((_near(rng, day), None)))


@change
def capital_was_paid_in(p: Portfolio, rng: random.Random) -> None:
    for own in p.of(REGISTRY, usc_code=p.usc_code):
        capital = own["registered_capital_yuan"] or Decimal(0)
        step = Decimal(rng.choice(("-0.01", "0")))
        own.update(paid_in_capital_yuan=max(capital + step, Decimal(0)))


@change
def a_level_was_lost(p: Portfolio, rng: random.Random) -> None:
    """A qualification withdrawn, or its renewal refused, about three months ago."""
    row = _row(p, rng, QUALIFICATION)
    if row is None:
        return
    day = _near(rng, add_months(p.filed_on, -3))
    if rng.random() < 0.5:
        _set(row, status_code="withdrawn", valid_to=rng.choice((max(day, row["valid_from"]), None)))
    else:
        p.decided("renewal", rng.choice(("refused", "granted")), day, level=row["level"])


@change
def we_verified_it_again(p: Portfolio, rng: random.Random) -> None:
    row = _row(p, rng, "base_enterprise__event")
    day = _near(rng, row["happened_on"] if row else p.filed_on)
    p.decided("reverification", "granted", day, level=p.level)


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


# -- rows that cannot be believed --------------------------------------------------------

_BASE = tuple(
    name for name in BY_NAME if name.startswith("base_") and name != "base_channel__coverage"
)


def _any_row(p: Portfolio, rng: random.Random) -> tuple[str, dict[str, Any]] | None:
    tables = [name for name in _BASE if p.rows.get(name)]
    if not tables:
        return None
    table = rng.choice(tables)
    return table, rng.choice(p.rows[table])


@change
def a_row_is_set_apart(p: Portfolio, rng: random.Random) -> None:
    found = _any_row(p, rng)
    if found is None:
        return
    table, row = found
    keys = {name: row[name] for name in BY_NAME[table].key}
    unread: list[str] = []
    if table.startswith("base_personnel__") and rng.random() < 0.4:
        unread = ["person_key"]
    p.quarantine(table, unread=unread, **keys)


@change
def a_newer_copy_is_set_apart(p: Portfolio, rng: random.Random) -> None:
    _copy_apart(p, rng, timedelta(hours=6))


@change
def an_older_copy_is_set_apart(p: Portfolio, rng: random.Random) -> None:
    _copy_apart(p, rng, -timedelta(days=30))


def _copy_apart(p: Portfolio, rng: random.Random, later: timedelta) -> None:
    found = _any_row(p, rng)
    if found is None:
        return
    table, row = found
    sound = p.rows[table]
    copy = {
        **row,
        "delivery_id": f"copy.{p._count('copy')}",
        "received_at": row["received_at"] + later,
    }
    p.rows[table] = [copy]
    p.quarantine(table, delivery_id=copy["delivery_id"])
    p.rows[table] = sound


@change
def a_value_is_empty(p: Portfolio, rng: random.Random) -> None:
    found = _any_row(p, rng)
    if found is None:
        return
    table, row = found
    columns = [
        column.name
        for column in BY_NAME[table]
        if column.nullable and row.get(column.name) is not None
    ]
    if columns:
        row[rng.choice(columns)] = None


@change
def a_check_has_found_something(p: Portfolio, rng: random.Random) -> None:
    found = _any_row(p, rng)
    if found is None:
        return
    table, row = found
    names = BY_NAME[table].schema
    if table.startswith("base_personnel__"):
        key = "person_key"
    elif table == "base_enterprise__statement":
        key = "year"
    else:
        key = next(
            (n for n in ("unit_code", "contract_no") if n in names and n in BY_NAME[table].key),
            BY_NAME[table].key[0],
        )
    p.doubt(
        table,
        str(row[key]),
        rng.choice(("LAW", "LAW", "DATA", "DATA", "WARN")),
        usc_code=row.get("usc_code"),
    )
