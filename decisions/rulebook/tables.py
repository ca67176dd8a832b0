"""The rulebook compiled to relational tables, which the engine joins cases and facts with.

Belongs here: typed rule sets to frames, once per process. Does not: any fact, any case.
Every frame is keyed by `digest` (a rule set) and, where it states something to be judged,
by `criterion`, the path under which decisions report it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any
from weakref import WeakKeyDictionary

import polars as pl

from assets.declaration import QUANTITY, YUAN
from decisions.rulebook.book import LEVEL_RANK, Rulebook, RuleSet
from decisions.rulebook.codes import UNLISTED
from decisions.rulebook.conditions import Alternatives, Atom, parse
from decisions.rulebook.errors import RulebookError
from decisions.rulebook.model import (
    Equipment,
    LeadPerformance,
    Level,
    MeasureLine,
    MixedCount,
    Option,
    OtherAssets,
    OtherStaff,
    Performance,
    ScopeChoice,
    TechnicalLead,
    TitledOrRegistered,
    Together,
    WorkersOfTrade,
    WorksLine,
)
from decisions.rulebook.texts import PART_TEXTS, describe

FOREVER = date(9999, 12, 31)
JOINT = "constructor or titled"
"""Count of constructors and titled staff together (S06: 合计)."""

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
        "shape": _TEXT,
        "evidence": pl.List(pl.String()),
        "verified_on": pl.Date(),
    },
    "unknown": {
        "digest": _TEXT,
        "part": _TEXT,
        "detail": _TEXT,
        "bearing": _TEXT,
        "is_certain": _FLAG,
    },
    "kind_parts": {
        "assessment": _TEXT,
        "is_lowest": _FLAG,
        "part": _TEXT,
        "valid_from": pl.Date(),
        "valid_to": pl.Date(),
    },
    "platform": {
        "digest": _TEXT,
        "before": _TEXT,
        "must_be_on_platform": _FLAG,
        "enterprise_grades": pl.List(pl.String()),
        "personal_grades": pl.List(pl.String()),
    },
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
        "counted": _TEXT,
        "asked": _INT,
        "cell": _INT,
    },
    "cells": {"cell": _INT, "use": _TEXT, "rank": _INT, "value": _TEXT},
    "other_assets": {
        "digest": _TEXT,
        "criterion": _TEXT,
        "what": _TEXT,
        "metric": _TEXT,
        "asked": QUANTITY,
    },
    "leads": {"digest": _TEXT, "years": _INT},
    "lead_titles": {"digest": _TEXT, "rank": _INT, "value": _TEXT},
    "lead_registrations": {"digest": _TEXT, "registration": _TEXT, "value": _TEXT},
    "lead_projects": {"digest": _TEXT, "asked": _INT, "by_lead": _FLAG, "by_constructor": _FLAG},
    "performances": {
        "digest": _TEXT,
        "window_years": _INT,
        "need": _INT,
        "one_class_count": _INT,
        "sums_share_works": _FLAG,
    },
    "classes": {
        "digest": _TEXT,
        "class_n": _INT,
        "contract_types": pl.List(pl.String()),
        "is_alone": _FLAG,
        "is_mandatory": _FLAG,
        "basis": _TEXT,
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
        "counted_in": _TEXT,
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
    "line_wider_names": {"line_id": _INT, "name": _TEXT},
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
        "must_include": _FLAG,
    },
    "equipment": {"digest": _TEXT, "need": _INT},
    "disciplines": {"category_code": _TEXT, "subcategory": _TEXT, "specialty": _TEXT},
}
"""Columns of every rule table.

`lines.purpose` is `performance`, `lead` (what the leader's own projects must reach), `scope`
(what the level may take) or `equipment`; for equipment `class_n` is minus the item. Scope
lines of one `class_n` are alternatives by kind or water: of those that fit, one is enough;
every `class_n` that fits must hold.
`demands.metric` null = a count of unit projects, or of `counted_in` (台, 套, 座, 条).
`atoms.must_include`: the value is a list that must hold every label; written as one atom each.
`head_counts.counted` is the use whose people a row counts (constructor, titled, site, worker), or
`JOINT`. A cell is whom a count may count, whoever asks for how many: certificates of a `use`, of a
`rank` or above, for one of its values (`*` = any). Equal cells of different levels are one.
`unknown.bearing`: what a missing text leaves open: the `part`, further `classes`, a list of
`majors` (people count under `UNLISTED` there), whether majors must be `complete`, further
`roles`, the table of `sizes`, limits of the `scope`, or (lead_performance) a `cited` text.
`line_wider_names`: wider kinds; works known only by one may or may not be of the line's kind.
"""


@dataclass(frozen=True)
class RuleTables:
    """The compiled rulebook; see `SCHEMAS` for the columns."""

    sets: pl.DataFrame
    criteria: pl.DataFrame
    unknown: pl.DataFrame
    kind_parts: pl.DataFrame
    platform: pl.DataFrame
    net_assets: pl.DataFrame
    held_net_assets: pl.DataFrame
    head_counts: pl.DataFrame
    cells: pl.DataFrame
    other_assets: pl.DataFrame
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
    line_wider_names: pl.DataFrame
    atoms: pl.DataFrame
    equipment: pl.DataFrame
    disciplines: pl.DataFrame


_compiled: WeakKeyDictionary[Rulebook, RuleTables] = WeakKeyDictionary()


def compile_tables(book: Rulebook) -> RuleTables:
    """All rule sets as frames; at once where they are known already.

    Raises:
        RulebookError: a name, unit or condition is not in the code lists.
    """
    if book not in _compiled:
        _compiled[book] = _compile(book)
    return _compiled[book]


def remember(book: Rulebook, tables: RuleTables) -> None:
    """Take frames that were compiled from the same files before (`decisions.rulebook.cache`)."""
    _compiled[book] = tables


def _compile(book: Rulebook) -> RuleTables:
    writer = _Writer(book)
    for rule_set in book.rule_sets:
        writer.add(rule_set)
    writer.add_disciplines()
    writer.add_held_net_assets()
    writer.add_kinds()
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


Certificates = tuple[str, int, str]
"""Use, least rank and value of the certificates that fit a cell."""


@dataclass
class _Writer:
    book: Rulebook
    rows: dict[str, list[tuple[Any, ...]]] = field(
        default_factory=lambda: {name: [] for name in SCHEMAS}
    )
    _lines: int = 0
    _cells: dict[frozenset[Certificates], int] = field(default_factory=dict)
    _conditions: dict[str, Alternatives] = field(default_factory=dict)

    def add(self, rules: RuleSet) -> None:
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
        self._text(rules)
        self._criteria(rules)
        needs = level.requirements
        if needs.net_assets:
            self.rows["net_assets"].append((digest, amount(needs.net_assets.at_least)))
        self._people(rules)
        if needs.technical_lead:
            self._lead(rules, needs.technical_lead)
        if needs.other_staff:
            self._other_staff(rules, needs.other_staff)
        if needs.assets_other:
            self._other_assets(rules, needs.assets_other)
        if needs.lead_performance:
            self._lead_projects(rules, needs.lead_performance)
        if needs.performance:
            self._performance(rules, needs.performance)
        if needs.equipment:
            self._equipment(rules, needs.equipment)

    def _text(self, rules: RuleSet) -> None:
        """What is not known of the text, what works must show on the platform, the scope."""
        digest, level = rules.digest, rules.level
        for name in level.unknown:
            part, _, detail = name.rstrip("?").partition(".")
            self.rows["unknown"].append(
                (digest, part, detail, _bearing(part, detail), not name.endswith("?"))
            )
        for rule in level.platform:
            self.rows["platform"].append(
                (
                    digest,
                    rule.before,
                    rule.must_be_on_platform,
                    list(rule.enterprise_grades),
                    list(rule.personal_grades),
                )
            )
        for number, limit in enumerate(level.scope.limits):
            for option_n, line in enumerate(_alternatives(limit)):
                self._line(rules, line, "scope", number, option_n, 0)

    def add_disciplines(self) -> None:
        """What a project manager must be registered in (E14).

        That is what every row of the category's constructors asks in common, else any of
        them; where the category asks for no constructors, or the text is missing, anyone.
        """
        for code, category in self.book.categories.items():
            for subcategory in dict.fromkeys(level.subcategory for level in category.levels):
                rows = [
                    set(row.specialties)
                    for level in category.levels
                    if level.requirements.constructors and level.subcategory == subcategory
                    for row in level.requirements.constructors.rows
                ]
                anyone = {self.book.codes.people.any_specialty}
                common = (set.intersection(*rows) or set.union(*rows)) if rows else anyone
                self.rows["disciplines"].extend(
                    (code, subcategory, "*" if specialty in anyone else specialty)
                    for specialty in sorted(common)
                )

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

    def add_kinds(self) -> None:
        """The parts that each assessment looks at, by days of filing."""
        for row in self.book.kinds.assessed:
            self.rows["kind_parts"].extend(
                (
                    row.assessment,
                    place == "lowest",
                    part,
                    row.valid_from,
                    row.valid_to or FOREVER,
                )
                for place in row.places
                for part in row.parts
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
                    text.shape,
                    list(text.evidence),
                    rules.category.verified_on,
                )
            )

    def _people(self, rules: RuleSet) -> None:
        people, needs, at = self.book.codes.people, rules.level.requirements, rules.at
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
                    self._majors(rules, "titled_staff", titled.majors) if titled.majors else ("*",),
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
            codes.known("roles", needs.site_managers.roles, at)
            for role in needs.site_managers.roles:
                self._heads(rules, "site_managers", f"site_managers.{role}", "site", 1, 0, (role,))
        if needs.skilled_workers:
            rank, counted = self._skill(needs.skilled_workers.grade, at)
            codes.known("trades", needs.skilled_workers.trades, at)
            self._heads(
                rules,
                "skilled_workers",
                "skilled_workers.count",
                "worker",
                needs.skilled_workers.at_least,
                rank,
                counted,
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

    def _skill(self, grade: str, at: str) -> tuple[int, tuple[str, ...]]:
        """The least rank, and the trades that count; `*` = every trade."""
        people = self.book.codes.people
        if grade in people.skill_qualifications:
            return people.asked_skill_grades["any"], people.skill_qualifications[grade]
        if grade not in people.asked_skill_grades:
            raise RulebookError(
                f"{at}: grade {grade!r} is not in codes/people.yaml; it has "
                f"{[*people.asked_skill_grades, *people.skill_qualifications]}"
            )
        return people.asked_skill_grades[grade], ("*",)

    def _majors(self, rules: RuleSet, part: str, names: tuple[str, ...]) -> tuple[str, ...]:
        """The plain majors; where a list is not known, the level must say so."""
        majors = self.book.codes.majors_of(names, rules.at)
        detail = f"{part}.majors_detail"
        if UNLISTED in majors and detail not in rules.level.unknown:
            raise RulebookError(
                f"{rules.at}: no list is known for one of {list(names)}; add {detail} to `unknown`"
            )
        return majors

    def _other_staff(self, rules: RuleSet, asked: OtherStaff) -> None:
        """Rows that a head count or a joint count can judge; the others stay criteria alone.

        The part is judged by its rows, so a row no table holds leaves the part to no
        evaluator, which is no data.
        """
        shapes = {row.kind for row in asked.rows}
        for n, row in enumerate(asked.rows, 1):
            criterion = f"other_staff.{n}"
            if isinstance(row, WorkersOfTrade) and shapes == {"workers_of_trade"}:
                self.book.codes.known("trades", row.trades, rules.at)
                rank = self.book.codes.people.asked_skill_grades["any"]
                self._heads(
                    rules, "other_staff", criterion, "worker", row.at_least, rank, row.trades
                )
            elif isinstance(row, TitledOrRegistered):
                self._joint(rules, criterion, row)

    def _joint(self, rules: RuleSet, criterion: str, row: TitledOrRegistered) -> None:
        codes, digest = self.book.codes, rules.digest
        title = codes.people.title_ranks[row.title]
        constructor = codes.people.asked_constructor_grades["any"]
        titled = [("titled", title, major) for major in codes.majors_of(row.majors, rules.at)]
        registered = [
            ("constructor", constructor, specialty)
            for specialty in codes.specialties_of(row.specialties, rules.at)
        ]
        self._count(digest, "other_staff", criterion, JOINT, row.at_least, [*titled, *registered])
        for slot in row.complete:
            majors = codes.majors_of(tuple(slot.split("|")), rules.at)
            self._count(
                digest,
                "other_staff",
                f"{criterion}.{slot}",
                JOINT,
                1,
                [("titled", title, major) for major in majors],
            )

    def _other_assets(self, rules: RuleSet, asked: OtherAssets) -> None:
        for n, row in enumerate(asked.rows, 1):
            least = self._quantity(row.what, row.at_least, rules.at)
            self.rows["other_assets"].append(
                (rules.digest, f"assets_other.{n}", row.what, row.what, least)
            )

    def _quantity(self, metric: str, text: str, at: str) -> Decimal:
        """`100 公里` of a metric, in the unit of the metric."""
        number, _, unit = text.partition(" ")
        if metric not in self.book.codes.metrics:
            raise RulebookError(
                f"{at}: metric {metric!r} is not in codes/metrics.yaml; add it with its unit"
            )
        factors = self.book.codes.metrics[metric].factors
        if unit not in factors:
            raise RulebookError(f"{at}: unit {unit!r} is not one of {metric}'s: {sorted(factors)}")
        return Decimal(number) * factors[unit]

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
        fitting = [(use, rank, value) for value in values]
        self._count(rules.digest, part, criterion, use, asked, fitting)

    def _count(
        self,
        digest: str,
        part: str,
        criterion: str,
        counted: str,
        asked: int,
        fitting: list[Certificates],
    ) -> None:
        key = frozenset(fitting)
        if key not in self._cells:
            self._cells[key] = len(self._cells)
            self.rows["cells"].extend((self._cells[key], *one) for one in sorted(key))
        self.rows["head_counts"].append((digest, part, criterion, counted, asked, self._cells[key]))

    def _lead(self, rules: RuleSet, lead: TechnicalLead) -> None:
        codes = self.book.codes
        self.rows["leads"].append((rules.digest, lead.years))
        for one in lead.any_of:
            if one.title:
                rank = codes.people.title_ranks[one.title]
                self.rows["lead_titles"].extend(
                    (rules.digest, rank, major)
                    for major in self._majors(rules, "technical_lead", one.majors)
                )
            if one.registration:
                self.rows["lead_registrations"].extend(
                    (rules.digest, registration, specialty)
                    for registration in codes.registrations_of(one.registration, rules.at)
                    for specialty in codes.specialties_of(one.specialties, rules.at)
                )

    def _lead_projects(self, rules: RuleSet, asked: LeadPerformance) -> None:
        """What the leader's own works must reach; nothing where no line of a text says it."""
        if asked.level == "相应专业":
            # Of the kind of special works applied for: no line can say it (S36).
            return
        cited = rules.cited
        if asked.level != "本类别" and (cited is None or cited.requirements.performance is None):
            self.rows["unknown"].append(
                (rules.digest, "lead_performance", "performance", "cited", True)
            )
            return
        for name in cited.unknown if cited else ():
            part, _, detail = name.rstrip("?").partition(".")
            if part == "performance":
                self.rows["unknown"].append(
                    (rules.digest, "lead_performance", detail, _bearing(part, detail), True)
                )
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
            names = _works_of(rules)
            if not names:
                raise RulebookError(
                    f"{rules.at}: no line names works of the category (本类别); "
                    "name them in `works`"
                )
            yield from (WorksLine(works=name) for name in names)
            return
        for one in cited.classes:
            for option in one.any_of:
                yield from _single_lines(option)

    def _performance(self, rules: RuleSet, asked: Performance) -> None:
        digest = rules.digest
        self.rows["performances"].append(
            (
                digest,
                asked.window_years,
                asked.need,
                asked.one_class_count,
                asked.sums_share_works,
            )
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
                (
                    digest,
                    one.n,
                    list(types),
                    alone,
                    one.n in asked.mandatory,
                    one.basis or asked.basis,
                )
            )
            for option_n, option in enumerate(one.any_of):
                for demand_n, demand in enumerate(self._demands(option, rules.at)):
                    self.rows["demands"].append(
                        (
                            digest,
                            one.n,
                            option_n,
                            demand_n,
                            demand.metric,
                            demand.asked,
                            demand.is_per_year,
                            demand.counted_in,
                        )
                    )
                    for line in demand.lines:
                        self._line(rules, line, "performance", one.n, option_n, demand_n)

    def _demands(self, option: Option, at: str) -> Iterator[_Demand]:
        match option:
            case MixedCount():
                yield _Demand(Decimal(option.count), option.of, counted_in=option.counted_in)
            case Together():
                for line in option.all_of:
                    yield from self._demands(line, at)
            case MeasureLine(count=None, sum=str() as metric, at_least=str() as least):
                asked = self._quantity(metric, least, at)
                yield _Demand(asked, (option,), metric, option.per == "year")
            case MeasureLine(count=int() as count):
                yield _Demand(Decimal(count), (option,), counted_in=option.counted_in)

    def _equipment(self, rules: RuleSet, asked: Equipment) -> None:
        need = len(asked.items) if asked.need == "all" else asked.need
        self.rows["equipment"].append((rules.digest, need))
        for item_n, item in enumerate(asked.items, 1):
            for option_n, machine in enumerate(item.any_of):
                least = (
                    Decimal(machine.count)
                    if machine.count is not None
                    else self._quantity(machine.sum or "", machine.at_least or "", rules.at)
                )
                self.rows["demands"].append(
                    (rules.digest, -item_n, option_n, 0, machine.sum, least, False, None)
                )
                names = self.book.codes.machines_below.get(machine.machine)
                if names is None:
                    raise RulebookError(
                        f"{rules.at}: machine {machine.machine!r} is not in "
                        "codes/machines.yaml; add a line"
                    )
                self._atoms(rules, machine.where, "equipment", -item_n, option_n, 0, names)

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
            raise RulebookError(
                f"{rules.at}: works {line.works!r} are not in codes/works.yaml; add a line"
            )
        self._atoms(rules, line.where, purpose, class_n, option_n, demand_n, names)
        self.rows["line_wider_names"].extend(
            (self._lines, name) for name in self.book.codes.works_above[line.works]
        )

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
        for conjunction, atoms in enumerate(self._condition(where, rules.at)):
            for number, atom in enumerate(_one_label_each(atoms)):
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
                        atom.must_include,
                    )
                )

    def _condition(self, where: str, at: str) -> Alternatives:
        """The normal form, parsed once: most lines stand unchanged through the amendments."""
        if where not in self._conditions:
            self._conditions[where] = parse(where, self.book.codes.metrics, at)
        return self._conditions[where]


@dataclass(frozen=True)
class _Demand:
    """One count or sum of an option."""

    asked: Decimal
    lines: tuple[WorksLine, ...]
    metric: str | None = None
    is_per_year: bool = False
    counted_in: str | None = None


_BEARINGS = {
    "": "part",
    "majors_detail": "majors",
    "all_majors_present": "complete",
    "roles": "roles",
    "工程规模": "sizes",
}


def _bearing(part: str, detail: str) -> str:
    """What a missing text leaves open; see `SCHEMAS`."""
    if part == "scope_limits":
        return "scope"
    return "classes" if detail.startswith("classes.") else _BEARINGS[detail]


def _one_label_each(atoms: tuple[Atom, ...]) -> Iterator[Atom]:
    """The atoms; one that wants a list of labels (`includes`) as one atom for each of them."""
    for atom in atoms:
        if atom.must_include:
            yield from (replace(atom, labels=(label,)) for label in atom.labels)
        else:
            yield atom


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


__all__ = ["FOREVER", "PART_TEXTS", "SCHEMAS", "RuleTables", "amount", "compile_tables"]
