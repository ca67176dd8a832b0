"""The rulebook compiled to relational tables, which the engine joins cases and facts with.

Belongs here: typed rule sets to frames, once per process. Does not: any fact, any case; the
parts (`compile_people`, `compile_works`, `compile_means`), the columns (`frames`).
"""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from weakref import WeakKeyDictionary

import polars as pl

from decisions.rulebook.book import Rulebook
from decisions.rulebook.compile_means import (
    write_equipment,
    write_net_assets,
    write_other_assets,
)
from decisions.rulebook.compile_people import write_lead, write_other_staff, write_people
from decisions.rulebook.compile_rows import Rows, bearing
from decisions.rulebook.compile_works import (
    write_lead_projects,
    write_performance,
    write_recalled_scopes,
    write_scope,
)
from decisions.rulebook.frames import FOREVER, SCHEMAS, RuleTables
from decisions.rulebook.rule_set import LEVEL_RANK, RuleSet
from decisions.rulebook.texts import describe

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
    out = Rows(book)
    for rule_set in (*book.rule_sets, *book.direct_sets):
        _write(out, rule_set)
    write_recalled_scopes(out)
    _write_disciplines(out)
    _write_kinds(out)
    return RuleTables(
        **{
            one.name: pl.DataFrame(
                out.rows[one.name],
                schema=SCHEMAS[one.name],
                orient="row",
                infer_schema_length=None,
            )
            for one in fields(RuleTables)
        }
    )


def _write(out: Rows, rules: RuleSet) -> None:
    digest, level = rules.digest, rules.level
    item = (digest, rules.code, rules.subcategory, level.level)
    days = (rules.valid_from, rules.valid_to or FOREVER)
    if rules.is_direct:
        out.rows["direct_sets"].append((*item, *days))
    else:
        out.rows["sets"].append((*item, LEVEL_RANK[level.level], rules.is_lowest, *days))
    _write_text(out, rules)
    _write_criteria(out, rules)
    write_people(out, rules)
    write_scope(out, rules)
    needs = level.requirements
    if needs.net_assets:
        write_net_assets(out, rules, needs.net_assets)
    if needs.technical_lead:
        write_lead(out, rules, needs.technical_lead)
    if needs.other_staff:
        write_other_staff(out, rules, needs.other_staff)
    if needs.assets_other:
        write_other_assets(out, rules, needs.assets_other)
    if needs.lead_performance:
        write_lead_projects(out, rules, needs.lead_performance)
    if needs.performance:
        write_performance(out, rules, needs.performance)
    if needs.equipment:
        write_equipment(out, rules, needs.equipment)


def _write_text(out: Rows, rules: RuleSet) -> None:
    """What is not known of the text or of its day, and what works must show on the platform."""
    digest, level = rules.digest, rules.level
    out.rows["recalled_days"].extend((digest, number) for number in rules.recalled_days)
    for name in level.unknown:
        part, _, detail = name.rstrip("?").partition(".")
        out.rows["unknown"].append(
            (digest, part, detail, bearing(part, detail), not name.endswith("?"))
        )
    for rule in level.platform:
        out.rows["platform"].append(
            (
                digest,
                rule.before,
                rule.must_be_on_platform,
                list(rule.enterprise_grades),
                list(rule.personal_grades),
            )
        )


def _write_criteria(out: Rows, rules: RuleSet) -> None:
    for text in describe(rules):
        out.rows["criteria"].append(
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


def _write_disciplines(out: Rows) -> None:
    """What a project manager must be registered in (E14).

    That is what every row of the category's constructors asks in common, else any of
    them; where the category asks for no constructors, or the text is missing, anyone.
    """
    for code, category in out.book.categories.items():
        for subcategory in dict.fromkeys(level.subcategory for level in category.levels):
            rows = [
                set(row.specialties)
                for level in category.levels
                if level.requirements.constructors and level.subcategory == subcategory
                for row in level.requirements.constructors.rows
            ]
            anyone = {out.book.codes.people.any_specialty}
            common = (set.intersection(*rows) or set.union(*rows)) if rows else anyone
            out.rows["disciplines"].extend(
                (code, subcategory, "*" if specialty in anyone else specialty)
                for specialty in sorted(common)
            )


def _write_kinds(out: Rows) -> None:
    """The parts that each assessment looks at, by days of filing."""
    for row in out.book.kinds.assessed:
        out.rows["kind_parts"].extend(
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


@lru_cache(maxsize=4)
def ruled_subcategory(rules: RuleTables) -> pl.Expr:
    """The sub-category by which the standard has figures: of S36 all kinds share one (reading 72).

    Args:
        rules: the compiled rulebook; the expression is of rows with `category_code` and
            `subcategory`.
    """
    divided = rules.sets.filter(pl.col("subcategory") != "")["category_code"].unique()
    is_divided = pl.col("category_code").is_in(divided.implode())
    return pl.when(is_divided).then("subcategory").otherwise(pl.lit("")).alias("subcategory")
