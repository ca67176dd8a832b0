"""What must hold of the rulebook as a whole before anything is decided by it.

Belongs here: proofs over all categories, levels, kinds and days, each problem told with its
place. Does not: the form of single files, which reading them checks (`decisions.rulebook.reading`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import get_args

from decisions.rulebook.book import Rulebook
from decisions.rulebook.codes import Assessment, KnownException, Place
from decisions.rulebook.direct import THREE
from decisions.rulebook.errors import RulebookError
from decisions.rulebook.ladder import easier
from decisions.rulebook.model import Equipment, Level, Performance, TitledStaff
from decisions.rulebook.rule_set import LEVEL_RANK, RuleSet
from decisions.rulebook.tables import compile_tables

IMPOSSIBLE: frozenset[tuple[Assessment, Place]] = frozenset({("upgrade", "lowest")})
"""Nobody is upgraded to the lowest level."""
DIRECT: frozenset[tuple[Assessment, Place]] = frozenset(
    {("first", "higher"), ("addition", "higher")}
)
"""Who begins, begins at the lowest level (令22 Art. 8), but for 二级 from some day on (B1.6)."""


@dataclass(frozen=True)
class Proof:
    """The outcome of `prove`.

    Attributes:
        problems: what is wrong, each with file or level, what and the remedy; empty = proven.
        rule_sets, levels, exceptions: how many were looked at.
    """

    problems: tuple[str, ...]
    rule_sets: int
    levels: int
    exceptions: int


def prove(book: Rulebook, until: date) -> Proof:
    """Prove the rulebook for every day from the first of the standard to `until`."""
    used: set[KnownException] = set()
    problems = [
        *_days(book, until),
        *_kinds(book, until),
        *_powers(book),
        *_amendments(book),
        *_parts(book),
        *_direct(book),
        *_ladder(book, used),
        *_names(book),
    ]
    problems.extend(
        f"known_exceptions.yaml: {one.code} {one.level} {one.part} {one.about!r}: "
        "nothing needs it; remove the line"
        for one in book.known_exceptions
        if one not in used
    )
    levels = {(one.code, one.subcategory, one.level.level) for one in book.rule_sets}
    return Proof(
        tuple(dict.fromkeys(problems)), len(book.rule_sets), len(levels), len(book.known_exceptions)
    )


# -- exactly one rule set ----------------------------------------------------------------


def gaps(
    intervals: Sequence[tuple[date, date | None]], since: date, until: date
) -> Iterator[tuple[date, str]]:
    """Days from which on there is no interval, or more than one: the day and which of both."""
    expected: date | None = since
    for start, end in sorted(intervals, key=lambda one: one[0]):
        if expected is None or start < expected:
            yield start, "more than one"
        elif start > expected:
            yield expected, "none"
        expected = None if end is None else end + timedelta(days=1)
    if expected is not None and expected <= until:
        yield expected, "none"


def _days(book: Rulebook, until: date) -> Iterator[str]:
    for category in book.categories.values():
        for level in category.levels:
            mine = [
                (one.valid_from, one.valid_to)
                for one in book.rule_sets
                if (one.code, one.level.level, one.subcategory)
                == (category.code, level.level, level.subcategory)
            ]
            for day, how_many in gaps(mine, category.in_force_from, until):
                yield (
                    f"{category.code} {level.subcategory}{level.level}: {how_many} rule set from "
                    f"{day.isoformat()}; exactly one is needed for every day"
                )


def _kinds(book: Rulebook, until: date) -> Iterator[str]:
    for assessment in get_args(Assessment):
        for place in get_args(Place):
            mine = [
                (one.valid_from, one.valid_to)
                for one in book.kinds.assessed
                if one.assessment == assessment and place in one.places
            ]
            if (assessment, place) in IMPOSSIBLE:
                if mine:
                    yield f"kinds.yaml: {assessment} at the {place} level cannot be; remove it"
                continue
            since = book.kinds.in_force_from
            if (assessment, place) in DIRECT:
                since = book.kinds.direct_second_level_from
            for day, how_many in gaps(mine, since, until):
                yield (
                    f"kinds.yaml: {assessment} at the {place} level: {how_many} row of parts from "
                    f"{day.isoformat()}; exactly one is needed for every day"
                )


def _direct(book: Rulebook) -> Iterator[str]:
    """Wherever there are three levels, one mixed standard for every day (B1.6)."""
    mixed: dict[tuple[str, str], list[tuple[date, date | None]]] = {
        (one.code, one.subcategory): []
        for one in book.rule_sets
        if {level.level for level in one.category.levels if level.subcategory == one.subcategory}
        == THREE
    }
    for one in book.direct_sets:
        mixed[one.code, one.subcategory].append((one.valid_from, one.valid_to))
    for (code, subcategory), intervals in mixed.items():
        for day, how_many in gaps(intervals, book.kinds.direct_second_level_from, date.max):
            yield f"{code} {subcategory}: {how_many} mixed standard for 二级 from {day.isoformat()}"


def _powers(book: Rulebook) -> Iterator[str]:
    for category in book.categories.values():
        for level in dict.fromkeys(one.level for one in category.levels):
            count = sum(
                category.code in power.codes and level in power.levels
                for power in book.jurisdiction.powers
            )
            if count != 1:
                yield (
                    f"jurisdiction.yaml: {category.code} {level} fits {count} powers; "
                    "exactly one is needed"
                )


def _amendments(book: Rulebook) -> Iterator[str]:
    seen: set[str] = set()
    for one in book.amendments:
        if one.id in seen:
            yield f"amendments.yaml: {one.id} stands twice"
        seen.add(one.id)
        if one.status == "in_force" and one.effective_from is None:
            yield f"amendments.yaml: {one.id} is in force but has no effective_from"
        if one.status != "in_force" and one.changes:
            yield f"amendments.yaml: {one.id} is a {one.status}, which changes nothing"
        for change in one.changes:
            unknown = set(change.codes) - set(book.categories)
            if unknown:
                yield f"amendments.yaml: {one.id} names categories {sorted(unknown)}"


# -- names and numbers -------------------------------------------------------------------


def _names(book: Rulebook) -> Iterator[str]:
    """Names, units and conditions: what compiling the whole rulebook finds first."""
    try:
        compile_tables(book)
    except RulebookError as error:
        yield str(error)


def _parts(book: Rulebook) -> Iterator[str]:
    for rules in book.rule_sets:
        for told in _of_level(rules.level):
            yield f"{rules.at}: {told}"
        asked = rules.level.requirements.lead_performance
        if asked and asked.level in LEVEL_RANK and rules.cited is None:
            yield f"{rules.at}: lead_performance cites {asked.level}, which is not there"


def _of_level(level: Level) -> Iterator[str]:
    needs = level.requirements
    if needs.performance:
        are_classes_missing = any(one.startswith("performance.classes") for one in level.unknown)
        yield from _performance(needs.performance, are_classes_missing)
    if needs.equipment:
        yield from _equipment(needs.equipment)
    if needs.titled_staff:
        yield from _titled(needs.titled_staff)


def _performance(stated: Performance, are_classes_missing: bool) -> Iterator[str]:
    numbers = [one.n for one in stated.classes]
    if len(numbers) != len(set(numbers)):
        yield f"performance: class numbers {numbers} are not different"
    if stated.need > len(numbers) and not are_classes_missing:
        yield f"performance: {stated.need} of {len(numbers)} classes are needed"
    named = {*stated.mandatory, *(n for group in stated.min_from for n in group.classes)}
    if not named <= set(numbers):
        yield f"performance: classes {sorted(named - set(numbers))} are named but not there"
    for group in stated.min_from:
        if group.at_least > len(group.classes):
            yield f"performance: {group.at_least} of {list(group.classes)} cannot be"


def _equipment(stated: Equipment) -> Iterator[str]:
    if stated.need != "all" and stated.need > len(stated.items):
        yield f"equipment: {stated.need} of {len(stated.items)} items are needed"


def _titled(stated: TitledStaff) -> Iterator[str]:
    for row in stated.rows:
        slots = () if row.complete == "unknown" else row.complete
        if len(slots) > row.at_least:
            yield f"titled_staff: {len(slots)} majors cannot all be there among {row.at_least}"


# -- the ladder --------------------------------------------------------------------------


def _ladder(book: Rulebook, used: set[KnownException]) -> Iterator[str]:
    for higher, lower in _neighbours(book):
        for part, told in easier(higher.level, lower.level, book.codes):
            known = [
                one
                for one in book.known_exceptions
                if (one.code, one.level, one.part) == (higher.code, higher.level.level, part)
                and one.about in told
            ]
            used.update(known)
            if not known:
                yield (
                    f"{higher.name} on {max(higher.valid_from, lower.valid_from)} asks less than "
                    f"{lower.level.level}: {part}: {told}; correct the figure or list it in "
                    "known_exceptions.yaml with its reason"
                )


def _neighbours(book: Rulebook) -> Iterable[tuple[RuleSet, RuleSet]]:
    """Every two rule sets of neighbouring levels that are in force on one day."""
    of_level: dict[tuple[str, str, int], list[RuleSet]] = {}
    for rules in book.rule_sets:
        place = (rules.code, rules.subcategory, LEVEL_RANK[rules.level.level])
        of_level.setdefault(place, []).append(rules)
    for (code, subcategory, rank), higher in of_level.items():
        for above in higher:
            for below in of_level.get((code, subcategory, rank - 1), ()):
                if above.valid_from <= (below.valid_to or date.max) and below.valid_from <= (
                    above.valid_to or date.max
                ):
                    yield above, below
