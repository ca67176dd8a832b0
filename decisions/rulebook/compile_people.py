"""Compiles what the standard asks of people: head counts, other staff, the technical leader.

Belongs here: from the parts about people to head counts of cells. Does not: counting anybody
(`decisions.people.headcount`), what the leader has built (`decisions.rulebook.compile_works`).
"""

from __future__ import annotations

from decisions.rulebook.codes import UNLISTED
from decisions.rulebook.compile_rows import Rows
from decisions.rulebook.errors import RulebookError
from decisions.rulebook.frames import JOINT
from decisions.rulebook.model import (
    OtherStaff,
    SkilledWorkers,
    TechnicalLead,
    TitledOrRegistered,
    WorkersOfTrade,
)
from decisions.rulebook.rule_set import RuleSet


def write_people(out: Rows, rules: RuleSet) -> None:
    """The head counts of constructors, titled staff, site managers and skilled workers."""
    people, needs, at = out.book.codes.people, rules.level.requirements, rules.at
    codes = out.book.codes
    if needs.constructors:
        for n, one in enumerate(needs.constructors.rows, 1):
            out.heads(
                rules,
                "constructors",
                f"constructors.{n}",
                "constructor",
                one.at_least,
                people.asked_constructor_grades[one.grade],
                codes.specialties_of(one.specialties, at),
            )
    if needs.titled_staff:
        for n, titled in enumerate(needs.titled_staff.rows, 1):
            rank = people.title_ranks[titled.title]
            out.heads(
                rules,
                "titled_staff",
                f"titled_staff.{n}",
                "titled",
                titled.at_least,
                rank,
                out.majors(rules, "titled_staff", titled.majors) if titled.majors else ("*",),
            )
            slots = () if titled.complete == "unknown" else titled.complete
            for slot in slots:
                out.heads(
                    rules,
                    "titled_staff",
                    f"titled_staff.{n}.{slot}",
                    "titled",
                    1,
                    rank,
                    codes.majors_of(tuple(slot.split("|")), at),
                )
    if needs.site_managers:
        out.heads(
            rules,
            "site_managers",
            "site_managers.count",
            "site",
            needs.site_managers.at_least,
            0,
            ("*",),
        )
        codes.known("roles", needs.site_managers.roles, at)
        for role in needs.site_managers.roles:
            out.heads(rules, "site_managers", f"site_managers.{role}", "site", 1, 0, (role,))
    if needs.skilled_workers:
        _workers(out, rules, needs.skilled_workers)


def _workers(out: Rows, rules: RuleSet, asked: SkilledWorkers) -> None:
    rank, counted = _skill(out, asked.grade, rules.at)
    out.book.codes.known("trades", (*asked.trades, *asked.kinds), rules.at)
    wanted = [("count", asked.at_least, (*counted, UNLISTED) if asked.crews else counted)]
    untold = out.book.codes.people.untold_trades
    if asked.kinds:
        # Who is one of several of them counts, whichever he is.
        one_of = out.book.codes.people.one_of_trades.items()
        joint = (name for name, several in one_of if set(several) <= set(asked.kinds))
        wanted.append(("kinds", asked.at_least, (*asked.kinds, *joint, UNLISTED)))
    wanted += [(trade, 1, (trade,)) for trade in asked.trades]
    part = "skilled_workers"
    for child, at_least, values in wanted:
        fitting = (*values, UNLISTED) if any(one in untold for one in values) else values
        out.heads(rules, part, f"{part}.{child}", "worker", at_least, rank, fitting)


def _skill(out: Rows, grade: str, at: str) -> tuple[int, tuple[str, ...]]:
    """The least rank, and the trades that count; `*` = every trade."""
    people = out.book.codes.people
    if grade in people.skill_qualifications:
        return people.asked_skill_grades["any"], people.skill_qualifications[grade]
    if grade not in people.asked_skill_grades:
        raise RulebookError(
            f"{at}: grade {grade!r} is not in codes/people.yaml; it has "
            f"{[*people.asked_skill_grades, *people.skill_qualifications]}"
        )
    return people.asked_skill_grades[grade], ("*",)


def write_other_staff(out: Rows, rules: RuleSet, asked: OtherStaff) -> None:
    """Rows that a head count or a joint count can judge; the others stay criteria alone.

    The part is judged by its rows, so a row no table holds leaves the part to no
    evaluator, which is no data.
    """
    shapes = {row.kind for row in asked.rows}
    for n, row in enumerate(asked.rows, 1):
        criterion = f"other_staff.{n}"
        if isinstance(row, WorkersOfTrade) and shapes == {"workers_of_trade"}:
            out.book.codes.known("trades", row.trades, rules.at)
            rank = out.book.codes.people.asked_skill_grades["any"]
            out.heads(rules, "other_staff", criterion, "worker", row.at_least, rank, row.trades)
        elif isinstance(row, TitledOrRegistered):
            _joint(out, rules, criterion, row)


def _joint(out: Rows, rules: RuleSet, criterion: str, row: TitledOrRegistered) -> None:
    codes, digest = out.book.codes, rules.digest
    title = codes.people.title_ranks[row.title]
    constructor = codes.people.asked_constructor_grades["any"]
    titled = [("titled", title, major) for major in codes.majors_of(row.majors, rules.at)]
    registered = [
        ("constructor", constructor, specialty)
        for specialty in codes.specialties_of(row.specialties, rules.at)
    ]
    out.count(digest, "other_staff", criterion, JOINT, row.at_least, [*titled, *registered])
    for slot in row.complete:
        majors = codes.majors_of(tuple(slot.split("|")), rules.at)
        out.count(
            digest,
            "other_staff",
            f"{criterion}.{slot}",
            # A major is of a title: no registration fills its place.
            "titled",
            1,
            [("titled", title, major) for major in majors],
        )


def write_lead(out: Rows, rules: RuleSet, lead: TechnicalLead) -> None:
    """The years, titles and registrations of the technical leader."""
    codes = out.book.codes
    field = None if lead.field in codes.people.any_practice else lead.field
    out.rows["leads"].append((rules.digest, lead.years, field))
    for one in lead.any_of:
        if one.title:
            rank = codes.people.title_ranks[one.title]
            out.rows["lead_titles"].extend(
                (rules.digest, rank, major)
                for major in out.majors(rules, "technical_lead", one.majors)
            )
        if one.registration:
            out.rows["lead_registrations"].extend(
                (rules.digest, registration, specialty)
                for registration in codes.registrations_of(one.registration, rules.at)
                for specialty in codes.specialties_of(one.specialties, rules.at)
            )
