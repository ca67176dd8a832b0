"""Compiles what the standard says of works: the performance, the leader's own, and the scope.

Belongs here: from classes, options and limits to lines with conditions. Does not: judging works
(`decisions.performance`, `decisions.people.lead_works`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from decisions.rulebook.compile_rows import Rows, bearing
from decisions.rulebook.errors import RulebookError
from decisions.rulebook.model import (
    LeadPerformance,
    Level,
    MeasureLine,
    MixedCount,
    Option,
    Performance,
    PerformanceClass,
    ScopeChoice,
    Together,
    WorksLine,
)
from decisions.rulebook.rule_set import RuleSet


@dataclass(frozen=True)
class _Demand:
    """One count or sum of an option."""

    asked: Decimal
    lines: tuple[WorksLine, ...]
    metric: str | None = None
    is_per_year: bool = False
    counted_in: str | None = None


def write_scope(out: Rows, rules: RuleSet) -> None:
    """The limits of what the level may take."""
    for number, limit in enumerate(rules.level.scope.limits):
        for option_n, line in enumerate(_alternatives(limit)):
            out.line(rules, line, "scope", number, option_n, 0)


def write_recalled_scopes(out: Rows) -> None:
    """Scopes that neither let works through nor bar them where what is recalled may not decide.

    Of one that a notice changed on a day which is recalled, the scope of before stands beside it:
    what both say holds.
    """
    sure: dict[str, RuleSet] = {}
    for rules in out.book.rule_sets:
        scope = rules.level.scope
        before = sure.get(rules.name)
        if scope.basis == "recalled":
            source = f"{rules.category.document} {rules.category.section}"
            _recalled_scope(out, rules, None, source)
        elif not rules.recalled_days:
            sure[rules.name] = rules
        elif before is not None and before.level.scope.limits != scope.limits:
            _recalled_scope(out, rules, before.digest, "、".join(rules.recalled_days))


def _recalled_scope(out: Rows, rules: RuleSet, sure_digest: str | None, source: str) -> None:
    out.rows["recalled_scopes"].append(
        (rules.digest, sure_digest, f"{rules.name} 承包工程范围", source)
    )


def write_performance(out: Rows, rules: RuleSet, asked: Performance) -> None:
    """Classes of works with their options, and how many classes are needed."""
    digest = rules.digest
    out.rows["performances"].append(
        (
            digest,
            asked.window_years,
            asked.need,
            asked.one_class_count,
            asked.sums_share_works,
        )
    )
    for group_n, group in enumerate(asked.min_from):
        out.rows["class_groups"].extend((digest, group_n, n, group.at_least) for n in group.classes)
    for one in asked.classes:
        types = out.book.codes.contracting.accepted(
            rules.code, one.contracting if one.contracting is not None else asked.contracting
        )
        out.rows["classes"].append(
            (
                digest,
                one.n,
                list(types.surely),
                list(types.perhaps),
                types.alone,
                one.n in asked.mandatory,
                one.basis or asked.basis,
            )
        )
        for option_n, option in enumerate(one.any_of):
            for demand_n, demand in enumerate(_demands(out, option, rules.at)):
                out.rows["demands"].append(
                    (
                        digest,
                        one.n,
                        option_n,
                        demand_n,
                        demand.metric,
                        demand.asked,
                        demand.is_per_year,
                        demand.counted_in,
                        out.unit(demand.metric, demand.counted_in or "项")
                        + ("/年" if demand.is_per_year else ""),
                    )
                )
                for line in demand.lines:
                    out.line(rules, line, "performance", one.n, option_n, demand_n)


def _demands(out: Rows, option: Option, at: str) -> Iterator[_Demand]:
    match option:
        case MixedCount():
            yield _Demand(Decimal(option.count), option.of, counted_in=option.counted_in)
        case Together():
            for line in option.all_of:
                yield from _demands(out, line, at)
        case MeasureLine(count=None, sum=str() as metric, at_least=str() as least):
            asked = out.quantity(metric, least, at)
            yield _Demand(asked, (option,), metric, option.per == "year")
        case MeasureLine(count=int() as count):
            yield _Demand(Decimal(count), (option,), counted_in=option.counted_in)


def write_lead_projects(out: Rows, rules: RuleSet, asked: LeadPerformance) -> None:
    """What the leader's own works must reach; nothing where no line of a text says it."""
    if asked.level == "相应专业":
        # Of the kind of special works applied for: no line can say it (S36).
        return
    cited = rules.cited
    if asked.level != "本类别" and (cited is None or cited.requirements.performance is None):
        out.rows["unknown"].append((rules.digest, "lead_performance", "performance", "cited", True))
        return
    for name in cited.unknown if cited else ():
        part, _, detail = name.rstrip("?").partition(".")
        if part == "performance":
            out.rows["unknown"].append(
                (rules.digest, "lead_performance", detail, bearing(part, detail), True)
            )
    for one in rules.above:
        # What is not surely known of a higher level is a further way to have done such works: it
        # grants nothing, and nobody is refused for it.
        if _is_partly_known(one):
            detail = f"classes.{one.level}"
            out.rows["unknown"].append(
                (rules.digest, "lead_performance", detail, bearing("performance", detail), True)
            )
    out.rows["lead_projects"].append(
        (
            rules.digest,
            asked.at_least,
            "technical_lead" in asked.led_by,
            "constructor" in asked.led_by,
        )
    )
    for number, line in enumerate(_lead_lines(rules)):
        out.line(rules, line, "lead", number, 0, 0)


def _lead_lines(rules: RuleSet) -> Iterator[WorksLine]:
    """What one project of the leader must reach (E11).

    Any line of the cited level or a higher one, a cumulative figure by itself alone; any works
    of the category where none is cited.
    """
    if rules.cited is None or rules.cited.requirements.performance is None:
        names = _works_of(rules)
        if not names:
            raise RulebookError(
                f"{rules.at}: no line names works of the category (本类别); name them in `works`"
            )
        yield from (WorksLine(works=name) for name in names)
        return
    classes = [
        *rules.cited.requirements.performance.classes,
        *(each for level in rules.above for each in _classes_seen(level)),
    ]
    for one in classes:
        for option in one.any_of:
            yield from _single_lines(option)


def _classes_seen(level: Level) -> tuple[PerformanceClass, ...]:
    stated = level.requirements.performance
    if stated is None:
        return ()
    return tuple(one for one in stated.classes if (one.basis or stated.basis) == "seen")


def _is_partly_known(level: Level) -> bool:
    stated = level.requirements.performance
    return (
        stated is None
        or len(_classes_seen(level)) < len(stated.classes)
        or any(name.startswith("performance") for name in level.unknown)
    )


def _alternatives(limit: WorksLine | ScopeChoice) -> Iterator[WorksLine]:
    """The lines of a limit, those on one kind of works joined by `or`."""
    if isinstance(limit, WorksLine):
        yield limit
        return
    of_works: dict[str, list[str]] = {}
    for line in limit.any_of:
        of_works.setdefault(line.works, []).append(line.where)
    for works, conditions in of_works.items():
        is_free = not all(conditions)
        joined = "" if is_free else " or ".join(f"({one})" for one in conditions)
        yield WorksLine(works=works, where=joined)


def _single_lines(option: Option) -> Iterator[WorksLine]:
    match option:
        case MixedCount():
            yield from option.of
        case Together():
            for line in option.all_of:
                yield from _single_lines(line)
        case MeasureLine(sum=str() as metric, at_least=str() as least):
            alone = f"{metric} >= {least}"
            yield WorksLine(
                works=option.works, where=f"({option.where}) and {alone}" if option.where else alone
            )
        case _:
            yield WorksLine(works=option.works, where=option.where)


def _works_of(rules: RuleSet) -> tuple[str, ...]:
    """Every kind of works that any level of the category, or sub-category, names."""
    names: list[str] = list(rules.category.works)
    for level in rules.category.levels:
        if level.subcategory == rules.subcategory:
            names.extend(_level_works(level))
    return tuple(dict.fromkeys(names))


def _level_works(level: Level) -> Iterator[str]:
    performance = level.requirements.performance
    for one in performance.classes if performance else ():
        for option in one.any_of:
            yield from (line.works for line in _single_lines(option))
    yield from (line.works for line in level.scope.lines())
