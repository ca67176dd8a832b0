"""Changes of people (E1 to E13): age, insurance, registrations, titles, certificates, the leader."""

from __future__ import annotations

import random
from datetime import date

from portfolio import MONTHLY, Portfolio

from assets.calendar import add_months, add_years
from assets.tables import intake
from plain.changes.drawing import (
    DAY,
    PERSON,
    REGISTRATION,
    REGISTRY,
    SPECIALTIES,
    Change,
    entering,
    label_of,
    near,
    put,
    row_of,
    under_a_branchs_code,
)

CHANGES: dict[str, Change] = {}
change = entering(CHANGES)
TITLE = "base_personnel__title"
POST = "base_personnel__post_certificate"
SKILL = "base_personnel__skill_certificate"
LEAD = "base_personnel__technical_lead"
ROLES = ("施工员", "质量员", "安全员", "机械员", "劳务员", "资料员", "材料员", "测量员")
TRADES = ("木工", "电工", "焊工", "油漆工", "测量工", "钢筋工", "模板工")
FIELDS = ("工程施工技术管理", "铁路工程施工技术管理", "消防设施工程施工技术管理", "装修管理")
MAJORS = ("结构", "电气", "机械", "给排水", "暖通", "通信", "测量", "工程经济")
MOST_TORN = 6
"""People of several certificates in one case: the plain evaluator tries every way to place them."""


@change
def somebody_is_near_sixty_one(p: Portfolio, rng: random.Random) -> None:
    put(row_of(p, rng, PERSON), born_on=near(rng, add_years(p.filed_on, -61)))


@change
def somebody_has_died_or_retired(p: Portfolio, rng: random.Random) -> None:
    what = rng.choice(("deceased_on", "retired_on"))
    put(row_of(p, rng, PERSON), **{what: near(rng, p.filed_on)})


@change
def somebody_is_gone(p: Portfolio, rng: random.Random) -> None:
    label = label_of(p, rng)
    if label is not None:
        p.dismiss(label)


@change
def a_month_is_not_delivered(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, MONTHLY)
    if row is not None:
        p.rows[MONTHLY].remove(row)


@change
def a_month_is_not_paid_in_full(p: Portfolio, rng: random.Random) -> None:
    put(row_of(p, rng, MONTHLY), is_paid=rng.choice((False, None)))


@change
def a_month_is_collected_late(p: Portfolio, rng: random.Random) -> None:
    of_filing = p.filed_on.replace(day=1)
    put(row_of(p, rng, MONTHLY), paid_month=rng.choice((of_filing, add_months(of_filing, 1))))


@change
def somebody_is_insured_by_another(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, MONTHLY)
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
    label = label_of(p, rng)
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
    label = label_of(p, rng)
    if label is None:
        return
    p.register(
        label,
        "二级注册建造师",
        rng.choice(SPECIALTIES),
        usc_code=p.company(p._count("company") + 1, branch=rng.random() < 0.2),
        valid_from=near(rng, p.filed_on) if rng.random() < 0.3 else date(2008, 1, 1),
        valid_until=near(rng, p.filed_on) if rng.random() < 0.5 else add_years(p.filed_on, 1),
    )
    if rng.random() < 0.3:
        row = p.rows[REGISTRATION][-1]
        p.quarantine(REGISTRATION, registration_no=row["registration_no"])


@change
def registrations_are_with_a_branch(p: Portfolio, rng: random.Random) -> None:
    rows = p.of(REGISTRATION)
    under_a_branchs_code(p, rng, rng.sample(rows, min(len(rows), rng.randint(1, 3))))


@change
def a_branch_has_appointed_the_leader(p: Portfolio, rng: random.Random) -> None:
    """Beside the enterprise's own, or in its place."""
    row, label = row_of(p, rng, LEAD), label_of(p, rng)
    if row is None or label is None:
        return
    if rng.random() < 0.6:
        return under_a_branchs_code(p, rng, [row])
    another = {**row, "person_key": p.people[label]}
    under_a_branchs_code(p, rng, [another])
    if another["usc_code"] != row["usc_code"]:
        p.rows[LEAD].append(another)


@change
def certificates_name_a_branch(p: Portfolio, rng: random.Random) -> None:
    """Of some whose insurance may not be delivered either."""
    row = row_of(p, rng, rng.choice((TITLE, POST, SKILL)))
    if row is None:
        return
    under_a_branchs_code(p, rng, [row])
    if rng.random() < 0.7 and p.of(intake.COVERAGE.name, target=MONTHLY):
        months = p.of(MONTHLY, person_key=row["person_key"])
        p.rows[MONTHLY] = [one for one in p.rows[MONTHLY] if one not in months]
        p.uncover(MONTHLY)


@change
def a_registration_is_near_its_end(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, REGISTRATION, usc_code=p.usc_code)
    if rng.random() < 0.7:
        put(row, valid_until=max(near(rng, p.filed_on), date(2008, 1, 1)))
    else:
        put(row, valid_from=near(rng, p.filed_on))


@change
def a_registration_is_of_another_kind(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, REGISTRATION)
    if rng.random() < 0.5:
        put(row, specialty=rng.choice(SPECIALTIES))
    else:
        kinds = ("一级注册建造师", "二级注册建造师", "二级临时建造师", "一级注册结构工程师")
        put(row, registration=rng.choice(kinds))


@change
def a_title_is_another(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, TITLE)
    what = rng.randrange(4)
    if what == 0:
        put(row, title_level=rng.choice(("初级", "中级", "高级", "正高级", None)))
    elif what == 1:
        put(row, series=rng.choice(("经济", "工程系列", "军队工程", None)))
    elif what == 2:
        was = None if row is None else row["major"]
        put(row, major=rng.choice(MAJORS), studied_major=rng.choice((*MAJORS, was, None)))
    else:
        put(row, awarded_on=near(rng, p.filed_on))


@change
def a_title_was_awarded_by_another_employer(p: Portfolio, rng: random.Random) -> None:
    put(row_of(p, rng, TITLE), usc_code=p.company(p._count("company") + 1))


@change
def somebody_has_a_second_title(p: Portfolio, rng: random.Random) -> None:
    label = label_of(p, rng)
    if label is not None and _may_be_torn(p, label):
        p.entitle(label, rng.choice(("中级", "高级")), rng.choice(MAJORS))


@change
def a_post_certificate_is_another(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, POST)
    what = rng.randrange(4)
    if what == 3:
        put(row, status_code=rng.choice(("valid", "withheld", "struck", "transferring")))
    elif what == 0:
        put(row, valid_until=rng.choice((near(rng, p.filed_on), None)))
    elif what == 1:
        put(row, role=rng.choice(ROLES))
    else:
        put(row, issued_on=near(rng, p.filed_on))


@change
def a_skill_certificate_is_another(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, SKILL)
    what = rng.randrange(3)
    if what == 0:
        put(row, trade=rng.choice(TRADES))
    elif what == 1:
        put(row, grade=rng.choice(("初级工", "中级工", "高级工", None)))
    else:
        put(row, issued_on=near(rng, p.filed_on))


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
    label = label_of(p, rng)
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
    row = row_of(p, rng, table)
    label = label_of(p, rng)
    if row is None or label is None or not _may_be_torn(p, label):
        return
    leaving = next((k for k, v in p.people.items() if v == row["person_key"]), None)
    if leaving is None or p.people[label] == row["person_key"]:
        return
    p.dismiss(leaving)
    p.rows[table].append({**row, "person_key": p.people[label]})


@change
def the_leader_has_practised_about_long_enough(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, LEAD)
    if row is not None and row["practice_from"] is not None:
        moved = rng.choice((near(rng, row["practice_from"]), None))
        put(row, practice_from=moved)


@change
def the_leader_has_practised_in_some_field(p: Portfolio, rng: random.Random) -> None:
    put(row_of(p, rng, LEAD), practice_field=rng.choice((*FIELDS, None)))


@change
def the_leader_was_appointed_about_then(p: Portfolio, rng: random.Random) -> None:
    put(row_of(p, rng, LEAD), appointed_on=rng.choice((near(rng, p.filed_on), None)))


@change
def another_leads(p: Portfolio, rng: random.Random) -> None:
    label = label_of(p, rng)
    if label is not None:
        put(row_of(p, rng, LEAD), person_key=p.people[label])


@change
def the_leader_has_a_second_certificate(p: Portfolio, rng: random.Random) -> None:
    row = row_of(p, rng, LEAD)
    label = next((k for k, v in p.people.items() if row and v == row["person_key"]), None)
    if label is None or not _may_be_torn(p, label):
        return
    taken = row_of(p, rng, rng.choice((POST, SKILL)))
    if taken is not None:
        # Instead of the man who had it, so that the count hangs on it.
        taken["person_key"] = p.people[label]


@change
def nobody_leads(p: Portfolio, rng: random.Random) -> None:
    p.rows[LEAD] = []
