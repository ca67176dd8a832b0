"""The days texts take effect.

Belongs here: which change crosses which of these figures, and the answer. Does not: the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

from exact import DAY, PEOPLE
from portfolio import Portfolio
from sheets import days_that_matter
from unit_plans import choice, served_lines

from figures.constructors import registered
from figures.level import (
    CONTRACT,
    FLOOR_ON_THE_SCOPE_OF_2014,
    GRANTED,
    MET,
    NO_DATA,
    NOT_MET,
    REFUSED,
    REGISTRATION,
    UNTOLD_WORKERS,
    Case,
    Figures,
    Spoil,
    nothing,
)
from figures.staff import SKILL


def days_of_notices(figures: Figures) -> Iterator[Case]:
    """Without the people a notice took away, or brought back: the day before, and the day."""
    changed: dict[date, set[str]] = {}
    for day, part in days_that_matter(figures.rank.code, figures.rank.level):
        if part in PEOPLE:
            changed.setdefault(day, set()).add(part)
    for day, parts in changed.items():
        for on in (day - timedelta(days=1), day):
            lost = figures.unknown_on(on)
            stated = {p for p in parts if figures.rank.asked(on).get(p)}
            results: dict[str, str | tuple[str, ...]] = dict.fromkeys(sorted(stated), NOT_MET)
            if "skilled_workers" in stated and figures.rank.code in UNTOLD_WORKERS:
                results["skilled_workers"] = NO_DATA
            known = figures.case(
                f"without {'、'.join(sorted(parts))}",
                on,
                nothing,
                REFUSED if stated else GRANTED,
                results,
                people=set(PEOPLE) - parts,
            )
            gone = frozenset(parts - stated - set(lost))
            yield Case(known.name, known.make, known.outcome, known.results, gone)


def days_of_other_staff(figures: Figures) -> Iterator[Case]:
    """Other staff of the people a notice took away, or brought back: the day before, and the day."""
    part = "other_staff"
    for day, changed in days_that_matter(figures.rank.code, figures.rank.level):
        for on in (day - timedelta(days=1), day) if changed == part else ():
            is_asked = part in figures.rank.asked(on)
            result = MET if part in figures.open_on(on) else NOT_MET
            without = figures.case(
                "without the other staff",
                on,
                _without_other_staff if result == NOT_MET else nothing,
                REFUSED if is_asked and result == NOT_MET else GRANTED,
                {part: result} if is_asked else {},
            )
            yield replace(without, absent=frozenset(() if is_asked else (part,)))


def _without_other_staff(p: Portfolio) -> None:
    """No worker, and no constructor but the managers of works."""
    p.rows.pop(SKILL, None)
    for row in registered(p):
        p.remove(REGISTRATION, registration_no=row["registration_no"])


def days_of_other_figures(figures: Figures) -> Iterator[Case]:
    """A class whose figures a notice changed: works of the old and of the new text, on both days."""
    for day, part in days_that_matter(figures.rank.code, figures.rank.level):
        if not part.startswith("performance.classes."):
            continue
        n = int(part.rpartition(".")[2])
        before = day - timedelta(days=1)
        for text in (before, day):
            for line in (one for one in served_lines(figures.rank, text) if one.n == n):
                for on in (before, day):
                    yield figures.case(
                        f"works of {line} as the text of {text} asks them",
                        on,
                        nothing,
                        None,
                        {f"performance.class.{n}": MET if on == text else NOT_MET},
                        served=choice(figures.rank, text, line),
                        alone="nobody",
                    )


def days_of_the_scope(figures: Figures) -> Iterator[Case]:
    """The lower limit of the scope of 一级 that 154号 took away, by the day of the contract."""
    if figures.rank.code not in FLOOR_ON_THE_SCOPE_OF_2014 or figures.rank.level != "二级":
        return
    for signed, outcome, result in (
        (date(2015, 10, 8), REFUSED, NOT_MET),
        (date(2015, 10, 9), GRANTED, MET),
    ):
        yield figures.case(
            f"small works were contracted on {signed}, when {figures.rank.top} was held",
            DAY,
            _small_and_signed_on(signed),
            outcome,
            {"performance": result},
        )


def _small_and_signed_on(day: date) -> Spoil:
    """Every work of the enterprise was contracted on a day, and 二级 might have taken it."""

    def spoil(p: Portfolio) -> None:
        for contract in p.of(CONTRACT, usc_code=p.usc_code):
            contract["signed_on"] = day
        for project, metric in product(p.projects, ("单跨跨度", "单体建筑面积")):
            if not p.of("base_project__measure", unit_code=p.unit_code(project), metric=metric):
                p.show(project, metric, Decimal(1))

    return spoil
