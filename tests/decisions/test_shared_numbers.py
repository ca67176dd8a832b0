"""Rows under a number that several persons bear: whoever they are, nothing is decided otherwise.

The law: where two persons bear one number, no case ends otherwise than it would if each of their rows
told whose it is; it ends so, or it waits (reading 65).
"""

from __future__ import annotations

import os
import random

from found import with_findings
from judge import NO_DATA, Verdict, judge
from plain.agreement import disagreements
from plain.documents import plainly
from plain.persons import as_one, set_apart
from plain.recipes import Recipe, carried_out, sampled
from portfolio import Portfolio, applications_of, frames_of, instant
from shipped import BOOK
from ways import WAYS

from assets.persons import Doubt, Numbers
from assets.tables import personnel, project
from decisions.engine import decide
from decisions.facts.model import Facts

SEED = int(os.environ.get("MIAOBAN_SHARED_SEED", "20170301"))
COUNT = int(os.environ.get("MIAOBAN_SHARED", "40"))
TELLING = tuple(one.name for one in (*personnel.TABLES, project.PARTY))
"""Tables whose rows are somebody's."""


def people_of(portfolio: Portfolio) -> list[str]:
    """All of whom it tells."""
    told = {row["person_key"] for table in TELLING for row in portfolio.of(table)}
    return sorted(told - {None})


def with_people(seed: int, count: int) -> list[Recipe]:
    """Recipes of portfolios that tell of two people or more."""
    return [
        recipe
        for recipe in sampled(seed, count, together=count)
        if len(people_of(carried_out(recipe, 1))) > 1
    ]


def shared(*numbers: str) -> Numbers:
    return Numbers(in_doubt={one: Doubt("shared", "1", f"?{one}") for one in numbers})


def otherwise(true: Verdict, told: Verdict) -> list[str]:
    """What is decided otherwise than it is in truth, and not left open."""
    found = [] if told.outcome in (true.outcome, "awaiting_data") else [told.outcome]
    for name, result in told.results.items():
        if "." not in name and result not in (true.results.get(name, result), NO_DATA):
            found.append(f"{name}: {result}, in truth {true.results[name]}")
    return found


def test_two_people_with_one_number_are_decided_as_they_are_or_not_at_all() -> None:
    draw = random.Random(SEED)
    apart, one_number, numbers = [], [], []
    recipes = [recipe for recipe in with_people(SEED, COUNT) for _ in range(3)]
    for nth, recipe in enumerate(recipes, start=1):
        number, other = draw.sample(people_of(carried_out(recipe, nth)), 2)
        apart.append(carried_out(recipe, nth))
        one_number.append(as_one(carried_out(recipe, nth), {other: number}))
        numbers.append(number)
    in_truth = judge(with_findings(apart), with_evidence=False)
    as_told = judge(with_findings([as_one(one, {}) for one in one_number]), with_evidence=False)
    given = with_findings(one_number, shared(*numbers))
    decided = judge(given, with_evidence=False, numbers=shared(*numbers))
    wrong = [
        f"{recipe}: {number}: {found}"
        for recipe, number, true, told in zip(recipes, numbers, in_truth, decided, strict=True)
        if (found := otherwise(true, told))
    ]
    assert not wrong, "\n".join(wrong)
    misled = sum(bool(otherwise(*pair)) for pair in zip(in_truth, as_told, strict=True))
    assert misled > len(recipes) / 40, "numbers that mislead nobody try no law"
    for recipe, case, number, verdict in zip(recipes, given, numbers, decided, strict=True):
        plain = plainly(set_apart(case, {number: f"?{number}"}))
        assert not disagreements(verdict, plain), (
            str(recipe),
            number,
            disagreements(verdict, plain),
        )


def test_it_is_decided_alike_in_whatever_way_the_rows_are_read() -> None:
    draw = random.Random(SEED)
    for nth, recipe in enumerate(with_people(SEED + 1, 8), start=1):
        case = carried_out(recipe, nth)
        number, other = draw.sample(people_of(case), 2)
        (case,) = with_findings([as_one(case, {other: number})], shared(number))
        facts = Facts.of(frames_of([case]), numbers=shared(number))
        for name, way in WAYS.items():
            decided = decide(
                applications_of([case]),
                way(facts, case),
                BOOK,
                instant(case.decided_on),
                as_authority=case.authority,
                recalled_may_grant=case.recalled_may_grant,
            )
            results = dict(decided.criteria.select("criterion", "result").iter_rows())
            if name == next(iter(WAYS)):
                first = results
            assert results == first, (str(recipe), name)
