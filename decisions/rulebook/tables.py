"""The rulebook compiled to relational tables, which the engine joins cases and facts with.

Belongs here: typed rule sets to frames, once per process. Does not: any fact, any case.
Every frame is keyed by `digest` (a rule set) and, where it states something to be judged,
by `criterion`, the path under which decisions report it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from assets.declaration import QUANTITY, YUAN
from decisions.rulebook.book import Rulebook, RuleSet
from decisions.rulebook.conditions import parse
from decisions.rulebook.model import (
    Equipment,
    LeadPerformance,
    Level,
    MachineLine,
    MeasureLine,
    MixedCount,
    Option,
    Performance,
    TechnicalLead,
    Together,
    WorksLine,
)
from decisions.rulebook.texts import PART_TEXTS, describe

FOREVER = date(9999, 12, 31)

_TEXT, _INT, _FLAG = pl.String(), pl.Int64(), pl.Boolean()

SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "sets": {
        "digest": _TEXT,
        "category_code": _TEXT,
        "subcategory": _TEXT,
        "level": _TEXT,
        "rank": _INT,
        "is_lowest": _FLAG,
        "valid_from": pl.Date(),
        "valid_to": pl.Date(),
    },
    "criteria": {
        "digest": _TEXT,
        "part": _TEXT,
        "criterion": _TEXT,
        "parent": _TEXT,
        "zh": _TEXT,
        "en": _TEXT,
        "required": _TEXT,
        "clause": _TEXT,
        "basis": _TEXT,
    },
    "unknown": {"digest": _TEXT, "part": _TEXT, "detail": _TEXT},
    "net_assets": {"digest": _TEXT, "net_assets_yuan": YUAN},
    "held_net_assets": {
        "category_code": _TEXT,
        "subcategory": _TEXT,
        "level": _TEXT,
        "valid_from": pl.Date(),
        "valid_to": pl.Date(),
        "held_yuan": YUAN,
    },
    "head_counts": {
        "digest": _TEXT,
        "part": _TEXT,
        "criterion": _TEXT,
        "use": _TEXT,
        "asked": _INT,
        "rank": _INT,
    },
    "head_values": {"digest": _TEXT, "criterion": _TEXT, "value": _TEXT},
    "leads": {"digest": _TEXT, "years": _INT},
    "lead_titles": {"digest": _TEXT, "rank": _INT, "value": _TEXT},
    "lead_registrations": {"digest": _TEXT, "registration": _TEXT, "value": _TEXT},
    "lead_projects": {"digest": _TEXT, "asked": _INT, "by_lead": _FLAG, "by_constructor": _FLAG},
    "performances": {"digest": _TEXT, "window_years": _INT, "need": _INT, "one_class_count": _INT},
    "classes": {
        "digest": _TEXT,
        "class_n": _INT,
        "contract_types": pl.List(pl.String()),
        "is_alone": _FLAG,
        "is_mandatory": _FLAG,
    },
    "class_groups": {"digest": _TEXT, "group_n": _INT, "class_n": _INT, "asked": _INT},
    "demands": {
        "digest": _TEXT,
        "class_n": _INT,
        "option_n": _INT,
        "demand_n": _INT,
        "metric": _TEXT,
        "asked": QUANTITY,
        "is_per_year": _FLAG,
    },
    "lines": {
        "digest": _TEXT,
        "purpose": _TEXT,
        "class_n": _INT,
        "option_n": _INT,
        "demand_n": _INT,
        "line_id": _INT,
    },
    "line_names": {"line_id": _INT, "name": _TEXT},
    "atoms": {
        "line_id": _INT,
        "conjunction": _INT,
        "atom": _INT,
        "metric": _TEXT,
        "low": QUANTITY,
        "high": QUANTITY,
        "is_low_open": _FLAG,
        "is_high_open": _FLAG,
        "labels": pl.List(pl.String()),
        "is_negated": _FLAG,
    },
    "equipment": {"digest": _TEXT, "need": _INT},
    "disciplines": {"category_code": _TEXT, "specialty": _TEXT},
}
"""Columns of every rule table.

`lines.purpose` is `performance`, `lead` (what the leader's own projects must reach), `scope`
(what the level may take) or `equipment`; for equipment `class_n` is the item.
"""


@dataclass(frozen=True)
class RuleTables:
    """The compiled rulebook; see `SCHEMAS` for the columns."""

    sets: pl.DataFrame
    criteria: pl.DataFrame
    unknown: pl.DataFrame
    net_assets: pl.DataFrame
    held_net_assets: pl.DataFrame
    head_counts: pl.DataFrame
    head_values: pl.DataFrame
    leads: pl.DataFrame
    lead_titles: pl.DataFrame
    lead_registrations: pl.DataFrame
    lead_projects: pl.DataFrame
    performances: pl.DataFrame
    classes: pl.DataFrame
    class_groups: pl.DataFrame
    demands: pl.DataFrame
    lines: pl.DataFrame
    line_names: pl.DataFrame
    atoms: pl.DataFrame
    equipment: pl.DataFrame
    disciplines: pl.DataFrame


def compile_tables(book: Rulebook) -> RuleTables:
    """All rule sets as frames.

    Raises:
        RulebookError: a name, unit or condition is not in the code lists.
    """
    writer = _Writer(book)
    for rule_set in book.rule_sets:
        writer.add(rule_set)
    writer.add_disciplines()
    writer.add_held_net_assets()
    return RuleTables(
        **{
            one.name: pl.DataFrame(
                writer.rows[one.name],
                schema=SCHEMAS[one.name],
                orient="row",
                infer_schema_length=None,
            )
            for one in fields(RuleTables)
        }
    )


def amount(text: str) -> Decimal:
    """`1500 万元` in yuan."""
    number, _, unit = text.partition(" ")
    return Decimal(number) * {"万元": Decimal(10_000), "元": Decimal(1)}[unit]


@dataclass
class _Writer:
    book: Rulebook
    rows: dict[str, list[tuple[Any, ...]]] = field(
        default_factory=lambda: {name: [] for name in SCHEMAS}
    )
    _lines: int = 0

    def add(self, rules: RuleSet) -> None:
        from decisions.rulebook.book import LEVEL_RANK

        digest, level = rules.digest, rules.level
        self.rows["sets"].append(
            (
                digest,
                rules.code,
                rules.subcategory,
                level.level,
                LEVEL_RANK[level.level],
                rules.is_lowest,
                rules.valid_from,
                rules.valid_to or FOREVER,
            )
        )
        for name in level.unknown:
            part, _, detail = name.rstrip("?").partition(".")
            self.rows["unknown"].append((digest, part.removesuffix("_wan"), detail))
        self._criteria(rules)
        needs = level.requirements
        if needs.net_assets:
            self.rows["net_assets"].append((digest, amount(needs.net_assets.at_least)))
        self._people(rules)
        if needs.technical_lead:
            self._lead(rules, needs.technical_lead)
        if needs.lead_performance:
            self._lead_projects(rules, needs.lead_performance)
        if needs.performance:
            self._performance(rules, needs.performance)
        if needs.equipment:
            self._equipment(rules, needs.equipment)
        for limit in level.scope.limits:
            self._line(rules, limit, "scope", 0, 0, 0)

    def add_disciplines(self) -> None:
        """What a project manager must be registered in (E14).

        That is what every row of the category's constructors asks in common, else any.
        """
        for code, category in self.book.categories.items():
            rows = [
                set(row.specialties)
                for level in category.levels
                if level.requirements.constructors
                for row in level.requirements.constructors.rows
            ]
            if not rows:
                continue
            common = set.intersection(*rows) or set.union(*rows)
            for specialty in sorted(common):
                named = "*" if specialty == self.book.codes.people.any_specialty else specialty
                self.rows["disciplines"].append((code, named))

    def add_held_net_assets(self) -> None:
        """The figure of every level that may be held (E25), by days of filing."""
        for rules in self.book.rule_sets:
            if rules.level.requirements.net_assets:
                self.rows["held_net_assets"].append(
                    (
                        rules.code,
                        rules.subcategory,
                        rules.level.level,
                        rules.valid_from,
                        rules.valid_to or FOREVER,
                        amount(rules.level.requirements.net_assets.at_least),
                    )
                )
        others = self.book.held_net_assets
        self.rows["held_net_assets"].extend(
            (
                one.code,
                one.subcategory,
                one.level,
                others.in_force_from,
                FOREVER,
                amount(one.at_least),
            )
            for one in others.levels
        )

    # -- parts -----------------------------------------------------------------------

    def _criteria(self, rules: RuleSet) -> None:
        for text in describe(rules):
            self.rows["criteria"].append(
                (
                    rules.digest,
                    text.part,
                    text.criterion,
                    text.parent,
                    text.zh,
                    text.en,
                    text.required,
                    text.clause,
                    text.basis,
                )
            )

    def _people(self, rules: RuleSet) -> None:
        people, needs, at = self.book.codes.people, rules.level.requirements, rules.name
        codes = self.book.codes
        if needs.constructors:
            for n, one in enumerate(needs.constructors.rows, 1):
                self._heads(
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
                self._heads(
                    rules,
                    "titled_staff",
                    f"titled_staff.{n}",
                    "titled",
                    titled.at_least,
                    rank,
                    codes.majors_of(titled.majors, at) if titled.majors else ("*",),
                )
                slots = () if titled.complete == "unknown" else titled.complete
                for slot in slots:
                    self._heads(
                        rules,
                        "titled_staff",
                        f"titled_staff.{n}.{slot}",
                        "titled",
                        1,
                        rank,
                        codes.majors_of(tuple(slot.split("|")), at),
                    )
        if needs.site_managers:
            self._heads(
                rules,
                "site_managers",
                "site_managers.count",
                "site",
                needs.site_managers.at_least,
                0,
                ("*",),
            )
            for role in needs.site_managers.roles:
                self._heads(rules, "site_managers", f"site_managers.{role}", "site", 1, 0, (role,))
        if needs.skilled_workers:
            rank = people.asked_skill_grades[needs.skilled_workers.grade]
            self._heads(
                rules,
                "skilled_workers",
                "skilled_workers.count",
                "worker",
                needs.skilled_workers.at_least,
                rank,
                ("*",),
            )
            for trade in needs.skilled_workers.trades:
                self._heads(
                    rules,
                    "skilled_workers",
                    f"skilled_workers.{trade}",
                    "worker",
                    1,
                    rank,
                    (trade,),
                )

    def _heads(
        self,
        rules: RuleSet,
        part: str,
        criterion: str,
        use: str,
        asked: int,
        rank: int,
        values: tuple[str, ...],
    ) -> None:
        self.rows["head_counts"].append((rules.digest, part, criterion, use, asked, rank))
        self.rows["head_values"].extend((rules.digest, criterion, value) for value in values)

    def _lead(self, rules: RuleSet, lead: TechnicalLead) -> None:
        codes = self.book.codes
        self.rows["leads"].append((rules.digest, lead.years))
        for one in lead.any_of:
            if one.title:
                rank = codes.people.title_ranks[one.title]
                self.rows["lead_titles"].extend(
                    (rules.digest, rank, major) for major in codes.majors_of(one.majors, rules.name)
                )
            if one.registration:
                self.rows["lead_registrations"].extend(
                    (rules.digest, registration, specialty)
                    for registration in codes.registrations_of(one.registration, rules.name)
                    for specialty in codes.specialties_of(one.specialties, rules.name)
                )

    def _lead_projects(self, rules: RuleSet, asked: LeadPerformance) -> None:
        self.rows["lead_projects"].append(
            (
                rules.digest,
                asked.at_least,
                "technical_lead" in asked.led_by,
                "constructor" in asked.led_by,
            )
        )
        for number, line in enumerate(self._lead_lines(rules)):
            self._line(rules, line, "lead", number, 0, 0)

    def _lead_lines(self, rules: RuleSet) -> Iterator[WorksLine]:
        """What one project of the leader must reach (E11).

        Any line of the cited level, a cumulative figure by itself alone; any works of the
        category where none is cited.
        """
        cited = rules.cited.requirements.performance if rules.cited else None
        if cited is None:
            yield from (WorksLine(works=name) for name in _works_of(rules))
            return
        for one in cited.classes:
            for option in one.any_of:
                yield from _single_lines(option)

    def _performance(self, rules: RuleSet, asked: Performance) -> None:
        digest = rules.digest
        self.rows["performances"].append(
            (digest, asked.window_years, asked.need, asked.one_class_count)
        )
        for group_n, group in enumerate(asked.min_from):
            self.rows["class_groups"].extend(
                (digest, group_n, n, group.at_least) for n in group.classes
            )
        for one in asked.classes:
            types, alone = self.book.codes.contracting.accepted(
                rules.code, one.contracting if one.contracting is not None else asked.contracting
            )
            self.rows["classes"].append(
                (digest, one.n, list(types), alone, one.n in asked.mandatory)
            )
            for option_n, option in enumerate(one.any_of):
                for demand_n, (count, metric, least, per_year, lines) in enumerate(
                    self._demands(option, rules.name)
                ):
                    asked_for = Decimal(count) if count is not None else least
                    self.rows["demands"].append(
                        (digest, one.n, option_n, demand_n, metric, asked_for, per_year)
                    )
                    for line in lines:
                        self._line(rules, line, "performance", one.n, option_n, demand_n)

    def _demands(
        self, option: Option, at: str
    ) -> Iterator[tuple[int | None, str | None, Decimal | None, bool, tuple[WorksLine, ...]]]:
        match option:
            case MixedCount():
                yield option.count, None, None, False, option.of
            case Together():
                for line in option.all_of:
                    yield from self._demands(line, at)
            case MeasureLine(count=None, sum=str() as metric, at_least=str() as least):
                number, _, unit = least.partition(" ")
                factor = self.book.codes.metrics[metric].factors[unit]
                yield None, metric, Decimal(number) * factor, option.per == "year", (option,)
            case _:
                yield option.count, None, None, False, (option,)

    def _equipment(self, rules: RuleSet, asked: Equipment) -> None:
        need = len(asked.items) if asked.need == "all" else asked.need
        self.rows["equipment"].append((rules.digest, need))
        for item_n, item in enumerate(asked.items, 1):
            for option_n, machine in enumerate(item.any_of):
                least = _machine_least(machine)
                self.rows["demands"].append(
                    (rules.digest, -item_n, option_n, 0, machine.sum, least, False)
                )
                self._atoms(
                    rules, machine.where, "equipment", -item_n, option_n, 0, (machine.machine,)
                )

    # -- lines -----------------------------------------------------------------------

    def _line(
        self,
        rules: RuleSet,
        line: WorksLine,
        purpose: str,
        class_n: int,
        option_n: int,
        demand_n: int,
    ) -> None:
        names = self.book.codes.works_below.get(line.works)
        if names is None:
            from decisions.rulebook.errors import RulebookError

            raise RulebookError(
                f"{rules.name}: works {line.works!r} are not in codes/works.yaml; add a line"
            )
        self._atoms(rules, line.where, purpose, class_n, option_n, demand_n, names)

    def _atoms(
        self,
        rules: RuleSet,
        where: str,
        purpose: str,
        class_n: int,
        option_n: int,
        demand_n: int,
        names: tuple[str, ...],
    ) -> None:
        self._lines += 1
        self.rows["lines"].append((rules.digest, purpose, class_n, option_n, demand_n, self._lines))
        self.rows["line_names"].extend((self._lines, name) for name in names)
        for conjunction, atoms in enumerate(parse(where, self.book.codes.metrics, rules.name)):
            for number, atom in enumerate(atoms):
                self.rows["atoms"].append(
                    (
                        self._lines,
                        conjunction,
                        number,
                        atom.metric,
                        atom.low,
                        atom.high,
                        atom.is_low_open,
                        atom.is_high_open,
                        list(atom.labels),
                        atom.is_negated,
                    )
                )


def _machine_least(machine: MachineLine) -> Decimal:
    if machine.count is not None:
        return Decimal(machine.count)
    assert machine.at_least is not None
    return Decimal(machine.at_least.partition(" ")[0])


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
    """Every kind of works that any level of the category names."""
    names: list[str] = []
    for level in rules.category.levels:
        names.extend(_level_works(level))
    return tuple(dict.fromkeys(names))


def _level_works(level: Level) -> Iterator[str]:
    performance = level.requirements.performance
    for one in performance.classes if performance else ():
        for option in one.any_of:
            yield from (line.works for line in _single_lines(option))
    yield from (limit.works for limit in level.scope.limits)


__all__ = ["FOREVER", "PART_TEXTS", "SCHEMAS", "RuleTables", "amount", "compile_tables"]
