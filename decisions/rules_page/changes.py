"""What a later day asks otherwise than an earlier one, and what each amendment changed.

Belongs here: the difference of two days or of two rule sets, and a change in words. Does not: any
rule, nor how a terminal looks (`pipelines.terminal.pages`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from decisions.rulebook.book import Rulebook
from decisions.rulebook.model import PARTS, Level, ScopeChoice, WorksLine
from decisions.rulebook.rule_set import RuleSet
from decisions.rulebook.texts import ALL, describe
from decisions.rulebook.works_texts import class_text


@dataclass(frozen=True)
class Change:
    """One thing that a level asks otherwise on a later day; None = not asked."""

    code: str
    subcategory: str
    level: str
    item: str
    zh: str
    before: str | None
    after: str | None
    amendments: tuple[str, ...]


def diff(book: Rulebook, first: date, second: date) -> list[Change]:
    """What every level asks otherwise on the second day than on the first.

    Raises:
        RulebookError: there was no standard on one of the days.
    """
    return [
        change
        for category in book.categories.values()
        for level in category.levels
        for change in changes(
            *(
                book.rule_set(category.code, level.subcategory, level.level, day)
                for day in sorted((first, second))
            )
        )
    ]


def changes(before: RuleSet, after: RuleSet) -> Iterator[Change]:
    """What one rule set asks otherwise than an earlier one of the same level."""
    old, new = dict(_asked(before)), dict(_asked(after))
    later = tuple(name for name in after.amendments if name not in before.amendments)
    for item in dict.fromkeys((*old, *new)):
        was, now = old.get(item), new.get(item)
        if was != now and not _falls_with_its_part(item, old, new):
            zh = (now or was or ("", ""))[0]
            yield Change(
                after.code,
                after.subcategory,
                after.level.level,
                item,
                zh,
                was and was[1],
                now and now[1],
                later or _of_cited(before, after, item),
            )


def _of_cited(before: RuleSet, after: RuleSet, item: str) -> tuple[str, ...]:
    return ("by the level cited",) if item == "lead_performance" and before != after else ()


def _asked(rules: RuleSet) -> Iterator[tuple[str, tuple[str, str]]]:
    """What a rule set asks: item to its Chinese name and the figure."""
    texts = list(describe(rules))
    for text in texts:
        required = text.required
        details = [f"{one.zh} {one.required}" for one in texts if one.parent == text.criterion]
        if required == ALL and details:
            required = "；".join(details)
        if text.criterion == "lead_performance" and rules.cited:
            cited = "；或 or ".join(
                f"{one.level}：{_thresholds(one)}" for one in (rules.cited, *rules.above)
            )
            required += f"（{cited}）"
        yield text.criterion, (text.zh or text.part, required)
    yield "scope", ("承包工程范围", scope_text(rules.level))
    for number, rule in enumerate(rules.level.platform, 1):
        grades = f", {'/'.join(rule.enterprise_grades)}级" if rule.enterprise_grades else ""
        before = "部批 ministry's cases" if rule.before else "全部 all cases"
        yield f"platform.{number}", ("业绩须在全国平台", f"{before}{grades}")


def _thresholds(cited: Level) -> str:
    performance = cited.requirements.performance
    if performance is None:
        return "标准文本缺失 text missing"
    return "; ".join(class_text(one) for one in performance.classes)


def _falls_with_its_part(
    item: str, old: dict[str, tuple[str, str]], new: dict[str, tuple[str, str]]
) -> bool:
    """Whether the part of a detail has come or gone as a whole, so that the part says it."""
    part = item.partition(".")[0]
    return part != item and part in PARTS and (part in old) != (part in new)


def effects(book: Rulebook, rules: RuleSet) -> list[tuple[str, list[Change]]]:
    """The effect of each amendment up to a rule set: its title, and what it changed."""
    titles = {one.id: f"{one.effective_from} {one.title_zh}" for one in book.amendments}
    same = [
        one
        for one in book.rule_sets
        if (one.code, one.subcategory, one.level.level)
        == (rules.code, rules.subcategory, rules.level.level)
        and one.valid_from <= rules.valid_from
    ]
    found = []
    for before, after in pairwise(same):
        names = [name for name in after.amendments if name not in before.amendments]
        title = "; ".join(titles[name] for name in names) or f"{after.valid_from} (level cited)"
        found.append((title, list(changes(before, after))))
    return found


def scope_text(level: Level) -> str:
    """The limits of the scope on one line."""
    told = [
        " 或 or ".join(_line(line) for line in limit.any_of)
        if isinstance(limit, ScopeChoice)
        else _line(limit)
        for limit in level.scope.limits
    ]
    missing = [name for name in level.unknown if name.startswith("scope_limits")]
    lost = "（标准文本缺失 text missing）" if missing else ""
    return ("；".join(told) or ("" if missing else "不限 no limit")) + lost


def _line(line: WorksLine) -> str:
    return f"{line.works}[{line.where}]" if line.where else line.works


def one_line(change: Change) -> str:
    """A change on one line."""
    before, after = change.before or "不考核 not assessed", change.after or "不考核 not assessed"
    return f"{change.zh or change.item}: {before} → {after}"
