"""One case, decided: the outcome and every criterion.

Belongs here: which parts a kind assesses, and what follows from the answers. Does not: any count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from plain import law, seen
from plain.assets import Machines, net_assets
from plain.case import Case
from plain.days import day_in_china
from plain.doubt import Truth, every
from plain.employed import LEAD, REGISTRATION
from plain.law import Level
from plain.led import Led
from plain.people import Group, People, constructor_grades, jointly
from plain.projects import Projects
from plain.record import Record
from plain.switches import Switches

NAMES = {True: "met", False: "not_met", None: "no_data"}
PEOPLE_PARTS = ("constructors", "titled_staff", "site_managers", "skilled_workers", "other_staff")


@dataclass
class Answer:
    """What the law says of one case.

    Attributes:
        outcome: granted, refused, not_accepted, awaiting_data.
        criteria: every criterion by its path.
        torn: the parts about people, where they are not all met together: if somebody is wanted
            by two of them (E5), which of them stays short is the assignment's to say, and
            `criteria` has them alone.
    """

    outcome: str
    criteria: dict[str, Truth]
    torn: list[Group] = field(default_factory=list)


def evaluate(
    document: dict[str, Any],
    application: dict[str, Any],
    decided_at: datetime,
    authority: str = "province",
    *,
    recalled_may_grant: bool = True,
) -> Answer:
    """Decide one application.

    Args:
        document: the portfolio of the applicant (docs/portfolio.schema.json).
        application: kind, category_code, subcategory, level, filed_at (ISO instant).
        decided_at: the instant of the decision.
        authority: whose office decides.
        recalled_may_grant: see `plain.case.Case`.
    """
    record = Record(document)
    case = Case(
        application["kind"],
        application["category_code"],
        application["subcategory"],
        application["level"],
        day_in_china(application["filed_at"]),
        day_in_china(decided_at.isoformat()),
        datetime.fromisoformat(application["filed_at"]),
        decided_at,
        authority,
        recalled_may_grant,
    )
    switches = Switches(record, case)
    admission = switches.all()
    if False in admission.values():
        return Answer("not_accepted", admission)
    assessed = _assess(record, case, switches)
    whole = every(assessed.deciding)
    if None in admission.values():
        whole = None  # what may not be acceptable at all is not refused either
    outcome = {True: "granted", False: "refused", None: "awaiting_data"}[whole]
    return Answer(outcome, {**admission, **assessed.criteria}, assessed.torn)


@dataclass
class _Assessed:
    recalled_may_grant: bool
    criteria: dict[str, Truth] = field(default_factory=dict)
    deciding: list[Truth] = field(default_factory=list)
    torn: list[Group] = field(default_factory=list)

    def add(self, level: Level, part: str, found: dict[str, Truth]) -> None:
        """Note the answer to a part; one that is not fully known has none (W20).

        Unless what is missing is only a further way to meet it, and a known one does. One that is
        only recalled has none at all, where that decides nothing.
        """
        if self.is_recalled(level, part):
            # Each class of works bears its own mark.
            found = {n: t if ".class." in n else None for n, t in found.items()}
        details = [
            name.rstrip("?").partition(".")[2]
            for name in level.unknown
            if name.startswith(f"{part}.")
        ]
        only_ways = all(
            d.startswith("classes") or (part, d) == ("technical_lead", "majors_detail")
            for d in details
        )
        if details and not (found[part] and only_ways):
            found = {**found, part: None}
        self.criteria |= found
        self.deciding.append(found[part])

    def is_recalled(self, level: Level, part: str) -> bool:
        """Whether a part decides nothing because nobody has seen what it asks."""
        return not self.recalled_may_grant and seen.is_recalled(level, part)

    def of_doubtful_day(self) -> None:
        """Note that the text may not have been in force yet: neither grants nor refuses."""
        self.criteria["rule_set"] = None
        self.deciding.append(None)


def _assess(record: Record, case: Case, switches: Switches) -> _Assessed:
    found = _Assessed(case.recalled_may_grant)
    item = (case.code, case.subcategory, case.level, case.filed_on)
    is_direct = law.is_direct(case.kind, *item)
    level = law.direct_level(item[0], item[1], item[3]) if is_direct else law.level_on(*item)
    assert level is not None
    if not case.recalled_may_grant and _may_not_be_in_force(case, level, is_direct=is_direct):
        found.of_doubtful_day()
    assessment, again = switches.assessment, switches.reorganised
    parts = law.assessed_parts(assessment, level, case.filed_on)
    months = law.kinds()["social_insurance_months"].get(assessment, 0)
    source = law.kinds()["net_assets_from"].get(assessment, "")
    if assessment in ("reverification_full", "reverification_simplified"):
        if again.is_of_the_old():
            months = law.kinds()["insurance_months_of_the_divided"]
        if again.counts_paid_in():
            source = "paid_in_capital"
    people = People(record, case.code, case.filed_on, months, is_led="technical_lead" in parts)
    projects = Projects(
        record,
        people,
        level,
        case.filed_on,
        decided_on=case.decided_on,
        recalled_may_grant=case.recalled_may_grant,
    )
    machines = Machines(record, people, case.filed_on)
    answers: dict[str, Callable[[Any], dict[str, Truth]]] = {
        "net_assets": lambda _: {
            "net_assets": net_assets(record, level, switches.held_now, case, assessment, source)
        },
        "technical_lead": people.technical_lead,
        "lead_performance": lambda asked: {"lead_performance": _led(people, projects, asked, case)},
        "performance": lambda asked: projects.performance(
            asked,
            case.authority,
            has_other_side=assessment == "reverification_full" and again.may_have_another_side(),
        ),
        "assets_other": machines.other_assets,
        "equipment": machines.equipment,
    }
    grade = level.parts.get("skilled_workers", {"grade": "any"})["grade"]
    staff: dict[str, Callable[[Any], list[Group]]] = {
        "constructors": lambda asked: [people.constructors(asked)],
        "titled_staff": lambda asked: [people.titled_staff(asked)],
        "site_managers": lambda asked: [people.site_managers(asked)],
        "skilled_workers": lambda asked: [people.skilled_workers(asked)],
        "other_staff": lambda asked: people.other_staff(asked, grade),
    }
    groups: list[Group] = []
    for part in parts:
        asked = level.parts.get(part)
        if asked is None:
            # The standard has it, or may have it, and nobody found it.
            found.add(level, part, {part: None})
        elif part in staff:
            groups += staff[part](asked)
        else:
            found.add(level, part, answers[part](asked))
    _people(found, level, groups)
    if case.kind in law.kinds()["article_23"]:
        found.add(level, "art23", {"art23": switches.no_act()})
    return found


def _may_not_be_in_force(case: Case, level: Level, *, is_direct: bool) -> bool:
    """Whether the text rests on a notice of which nobody has seen the day (reading 47)."""
    texts: list[Level | None] = [level]
    if is_direct:
        texts = [
            law.level_on(case.code, case.subcategory, name, case.filed_on)
            for name in ("二级", "三级")
        ]
    return (is_direct and seen.may_not_be_open_yet(case.filed_on)) or any(
        one is not None and seen.doubtful_notices(one, case.filed_on) for one in texts
    )


def _people(found: _Assessed, level: Level, groups: list[Group]) -> None:
    for part in PEOPLE_PARTS:
        mine = [group for group in groups if group.part == part]
        if not mine:
            continue
        truth = every(group.alone for group in mine)
        heads = {head.name: head.alone for group in mine for head in group.heads}
        blank = {name: None for group in mine for name in group.unknown}
        found.add(level, part, {part: truth, **heads, **blank})
    # A part that is not fully known refuses nobody (W20): who is wanted twice may leave it short.
    satisfiable = [
        g
        for g in groups
        if all(h.alone is not False for h in g.heads)
        and not any(name.startswith(f"{g.part}.") for name in level.unknown)
        and not found.is_recalled(level, g.part)
    ]
    surely_met = [g for g in groups if all(h.alone is True for h in g.heads)]
    possible = jointly(satisfiable, surely=False)
    if not possible or not jointly(surely_met, surely=True):
        found.deciding.append(None if possible else False)
    if not jointly(groups, surely=True):
        found.torn = [g for g in groups if not found.is_recalled(level, g.part)]


def _led(people: People, projects: Projects, asked: dict[str, Any], case: Case) -> Truth:
    who: dict[str, Truth] = {}
    for row in people.leaders:
        if row.is_lawful:
            who[str(row["person_key"])] = True if row.is_trusted else None
    if "constructor" in asked["led_by"]:
        for person in people._who("base_personnel__registration"):
            fits = people.registered(person, constructor_grades("any"), [])
            if fits is not False and who.get(person) is not True:
                who[person] = fits
    answers = {person: every([is_one, people.employed(person)]) for person, is_one in who.items()}
    known = [LEAD, REGISTRATION] if "constructor" in asked["led_by"] else [LEAD]
    is_open = not all(people.is_all_closed(table) for table in known)
    return Led(projects).led_by(answers, asked, case.authority, is_open=is_open)
