"""Assignments: the worst case of the standard's size, and what they cost a whole province.

The worst case is 5,000 people of whom everybody holds certificates for several of 40
requirements of three groups, so that nobody can be told apart from the rest. It is asked where
there are enough people, where there are barely enough, where there are too few, and where some
requirements are asked much and others little: where somebody stays short, the best of all
assignments must be proven. Over the home, the time inside the assignments is compared with that of
the whole question.

    python -m benchmarks.matching [HOME]     # a collected home; the demo's sample if not given
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from assets.calendar import legal_day
from benchmarks.machine import BENCH, say, timed
from benchmarks.supervision import collected
from checks import release
from decisions.buckets import BUCKETS
from decisions.facts.model import Facts
from decisions.people import headcount
from decisions.people.conflicts import settle_conflicts
from decisions.people.heads import HeadDemand, assign_heads
from decisions.performance import assignment
from decisions.performance.matching import assign_units
from decisions.precheck import whole_question
from pipelines.office import Office
from pipelines.settings import load

PEOPLE, REQUIREMENTS = 5_000, 40
CERTIFICATES = (1, 4)
"""How many requirements one person may serve: from, to."""
GROUPS = ("staff", "site", "worker")
ROUNDS = 7
ASKED = {
    "enough people": (0.5, 0.5),
    "barely enough": (0.64, 0.64),
    "barely too few": (0.66, 0.66),
    "too few": (0.7, 0.7),
    "some asked much, others little": (0.3, 0.95),
}
"""What each requirement asks of those who could serve it: from, to."""


def worst_case(asked: tuple[float, float], seed: int) -> list[HeadDemand]:
    """Requirements of a share `asked` of those who could serve each."""
    chance = random.Random(seed)
    could: list[set[str]] = [set() for _ in range(REQUIREMENTS)]
    for person in range(PEOPLE):
        for number in chance.sample(range(REQUIREMENTS), chance.randint(*CERTIFICATES)):
            could[number].add(f"P{person:05}")
    return [
        HeadDemand(
            name=f"requirement {number}",
            group=GROUPS[number % len(GROUPS)],
            asked=int(len(people) * chance.uniform(*asked)),
            fixed=0,
            open=frozenset(people),
        )
        for number, people in enumerate(could)
    ]


def clocked(module: object, plain: Callable[..., Any], seconds: list[float]) -> Callable[[], None]:
    """Adds to `seconds` what each call from a module takes of its core; returns what undoes it."""
    name = plain.__name__
    assert getattr(module, name) is plain, f"{module} does not call {name}"

    def with_clock(*given: Any, **named: Any) -> Any:
        began = time.thread_time()
        answer = plain(*given, **named)
        seconds.append(time.thread_time() - began)
        return answer

    setattr(module, name, with_clock)
    return lambda: setattr(module, name, plain)


def over(home: Path, buckets: tuple[str, ...]) -> None:
    """The share of the assignments in the whole question about the buckets."""
    office = Office(load(home))
    latest = release.latest(office.store)
    assert latest is not None, "nothing is released"
    facts = Facts.at(office.store, latest.release_id, latest.versions)
    for _ in whole_question(facts, office.rulebook, buckets[:1], office.now()):
        pass  # loads what both sides need
    spent: list[float] = []
    undo = [
        clocked(headcount, settle_conflicts, spent),
        clocked(assignment, assign_units, spent),
    ]
    began, cases = time.process_time(), 0
    for _, found in whole_question(facts, office.rulebook, buckets, office.now()):
        cases += found.levels.height
    whole = time.process_time() - began
    for one in undo:
        one()
    rest = whole - sum(spent)
    say(
        f"assignments in {cases:,} cases, {legal_day(office.now())}",
        f"{sum(spent):.2f} s",
        f"in {len(spent):,} calls; {sum(spent) / rest:.1%} of the rest's {rest:.1f} CPU seconds",
    )


def main() -> None:
    """Measure both."""
    assign_heads(worst_case(ASKED["barely too few"], ROUNDS))  # loads the solver
    for what, asked in ASKED.items():
        rounds = [worst_case(asked, seed) for seed in range(ROUNDS)]
        seconds = [timed(partial(assign_heads, one)) for one in rounds]
        short = [sum(assign_heads(one).shortfall.values()) for one in rounds]
        say(
            f"{PEOPLE:,} people, {REQUIREMENTS} requirements, {what}",
            f"{statistics.median(seconds) * 1000:,.0f} ms",
            f"worst of {ROUNDS}: {max(seconds) * 1000:,.0f} ms; short by {min(short)}-{max(short)}",
        )
    made = BENCH / "supervision"
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else made if made.exists() else collected()
    over(home, BUCKETS[:2])


if __name__ == "__main__":
    main()
