"""The rule sets of a category: its levels over time.

Belongs here: which text of a level applies on which filing days, with the notices laid over it.
Does not: laying one over (`decisions.rulebook.amendments`), applications for 二级 at once
(`decisions.rulebook.direct`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain

from decisions.rulebook.amendments import Amendment, Notice, lay_over
from decisions.rulebook.model import Category, Level
from decisions.rulebook.rule_set import LEVEL_RANK, RuleSet


def rule_sets_of(
    category: Category, amendments: tuple[Amendment, ...], codes_digest: str, file: str
) -> list[RuleSet]:
    """Every rule set of a category, in order of level and day."""
    numbers = {one.id: one.number for one in amendments}
    stretches: dict[tuple[str, str], list[_Stretch]] = {
        (level.subcategory, level.level): _stretches(category, level, amendments)
        for level in category.levels
    }
    found = []
    for level in category.levels:
        own = stretches[level.subcategory, level.level]
        asked = level.requirements.lead_performance
        cited = stretches.get((level.subcategory, asked.level), []) if asked else []
        above = [
            stretches[name, rank]
            for name, rank in stretches
            if cited and asked and name == level.subcategory
            if LEVEL_RANK[rank] > LEVEL_RANK[asked.level]
        ]
        starts = sorted({stretch.start for stretch in (*own, *cited, *chain.from_iterable(above))})
        for start, following in zip(starts, (*starts[1:], None), strict=True):
            text = _on(own, start)
            found.append(
                RuleSet(
                    category=category,
                    level=text.level,
                    is_lowest=_is_lowest(category, level),
                    valid_from=start,
                    valid_to=following - timedelta(days=1) if following else None,
                    amendments=text.amendments,
                    notices=tuple(dict.fromkeys(numbers[name] for name in text.amendments)),
                    recalled_days=text.recalled_days,
                    codes_digest=codes_digest,
                    file=file,
                    cited=_on(cited, start).level if cited else None,
                    above=tuple(_on(one, start).level for one in above),
                )
            )
    return found


@dataclass(frozen=True)
class _Stretch:
    """A level's text over an interval of days."""

    level: Level
    start: date
    amendments: tuple[str, ...]
    recalled_days: tuple[str, ...] = ()


def _stretches(
    category: Category, original: Level, amendments: tuple[Amendment, ...]
) -> list[_Stretch]:
    """The level over time: a new stretch whenever an amendment in force touches it."""
    is_lowest = _is_lowest(category, original)
    found = [_Stretch(original, category.in_force_from, ())]
    in_force = [one for one in amendments if one.status == "in_force" and one.effective_from]
    for amendment in sorted(in_force, key=lambda one: one.effective_from or date.min):
        level = found[-1].level
        for change in amendment.changes:
            if isinstance(change, Notice) or not change.touches(
                category.code, original.level, is_lowest
            ):
                continue
            at = f"amendments.yaml: {amendment.id} on {category.code} {original.level}"
            level = lay_over(level, original, change, at)
        if level != found[-1].level:
            assert amendment.effective_from is not None
            found.append(
                _Stretch(level, amendment.effective_from, (*found[-1].amendments, amendment.id))
            )
    return list(_by_certainty(found, in_force))


def _by_certainty(stretches: list[_Stretch], amendments: list[Amendment]) -> Iterator[_Stretch]:
    """The stretches, each cut where a notice laid over it is certainly in force."""
    ends = [*(one.start for one in stretches[1:]), date.max]
    for stretch, end in zip(stretches, ends, strict=True):
        doubtful = {
            one.number: one.certain_from
            for one in amendments
            if one.id in stretch.amendments and one.certain_from
        }
        cuts = {day for day in doubtful.values() if stretch.start < day < end}
        for start in sorted({stretch.start, *cuts}):
            recalled = tuple(number for number, certain in doubtful.items() if start < certain)
            yield replace(stretch, start=start, recalled_days=recalled)


def _is_lowest(category: Category, level: Level) -> bool:
    siblings = [one for one in category.levels if one.subcategory == level.subcategory]
    return LEVEL_RANK[level.level] == min(LEVEL_RANK[one.level] for one in siblings)


def _on(stretches: list[_Stretch], day: date) -> _Stretch:
    return [stretch for stretch in stretches if stretch.start <= day][-1]
