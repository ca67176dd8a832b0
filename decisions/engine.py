"""The engine: a batch of cases, the facts of one release, the rulebook; decisions out.

Belongs here: the order of the evaluation. Does not: any criterion (the `judge_` modules), how
they are put together (`decisions.criteria`), any category, reading or writing tables
(`decisions.stage`).

It is one relational evaluation for all cases together: the same code decides one case and a
hundred thousand. `evaluate` judges the standard alone, of whatever is asked; `decide` does so
for applications that the switches let through. Outcomes (reading 3, Kleene): a switch that
is not met is `not_accepted`; a criterion that is not met refuses, whatever is unknown beside
it; anything unknown waits for data; only all met grants.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache, partial

import polars as pl

from assets.tables import decision as tables
from decisions import kleene
from decisions.admission import judge_admission
from decisions.article_23 import judge_article_23
from decisions.asked import ALL_OF, Asked, asked_of
from decisions.cases import cases_of_applications
from decisions.criteria import (
    admission_criteria,
    assessment_criteria,
    columns_of,
    of_uncertain_day,
    outcomes_of,
    unruled,
)
from decisions.facts.bodies import bodies_of
from decisions.facts.model import Facts
from decisions.kinds.grants import effects
from decisions.means.equipment import judge_equipment, judge_other_assets
from decisions.means.net_assets import judge_net_assets
from decisions.notes import noted
from decisions.people.headcount import count_heads
from decisions.people.lead import judge_lead
from decisions.people.lead_works import judge_lead_projects
from decisions.people.workforce import workforce
from decisions.performance.judge import judge_performance
from decisions.plans import among, as_written
from decisions.reasons import reasons
from decisions.rulebook.book import Rulebook
from decisions.rulebook.frames import RuleTables
from decisions.rulebook.tables import compile_tables
from decisions.verdicts import CRITERIA, Verdicts

ENGINE_VERSION = "1.27"
"""Rises with every change that could change a decision."""


@dataclass(frozen=True)
class Evaluated:
    """How cases stand to the standard.

    Attributes:
        criteria: every criterion of the parts assessed: the columns of `decision__criterion`
            without `evaluation_no`, with `truth` (null = no data) for `result`, and `short_by`
            (`decisions.verdicts.CRITERIA`).
        evidence: the rows they rest on (`decisions.verdicts.EVIDENCE`), worked out by whoever wants
            them (`Facts.read`, `Facts.collect`): it takes a third of the time.
    """

    criteria: pl.DataFrame
    evidence: pl.LazyFrame


@dataclass(frozen=True)
class Decided:
    """What was decided, as its tables have it; `missing` from `decisions.waiting.missing`.

    Attributes:
        insured: `application_id`, `evaluation_no`, `insurance_months` that the case asked for;
            only of an evaluation just made: no table has it.
    """

    decisions: pl.DataFrame
    criteria: pl.DataFrame
    evidence: pl.DataFrame
    missing: pl.DataFrame = field(default_factory=tables.MISSING.empty)
    insured: pl.DataFrame = field(default_factory=pl.DataFrame)


@lru_cache(maxsize=4)
def rule_tables(book: Rulebook) -> RuleTables:
    """The compiled rulebook, once per process."""
    return compile_tables(book)


def decide(
    applications: pl.DataFrame,
    facts: Facts,
    rulebook: Rulebook,
    decided_at: datetime,
    way: str = "sweep",
    *,
    as_authority: str = "province",
    recalled_may_grant: bool = True,
) -> Decided:
    """Decide the applications on the facts of one release.

    Args:
        applications: rows of `intake__application`; an `evaluation_no` column may be given
            (default 1).
        facts: the release, with Miaoban's own grants.
        rulebook: the standard.
        decided_at: the instant of the decision, UTC.
        way: `express` or `sweep`.
        as_authority: whose office decides: `ministry`, `province` or `city`.
        recalled_may_grant: whether a figure that was recalled but not seen may grant, and
            refuse; if not, such a criterion has no data (reading 54).
    """
    return facts.work(
        partial(
            _decide,
            applications,
            facts,
            rulebook,
            decided_at,
            way,
            as_authority,
            recalled_may_grant,
        )
    )


def _decide(
    applications: pl.DataFrame,
    facts: Facts,
    rulebook: Rulebook,
    decided_at: datetime,
    way: str,
    as_authority: str,
    recalled_may_grant: bool,
) -> Decided:
    began = time.perf_counter()
    cases = cases_of_applications(applications, facts, rulebook, decided_at)
    bodies = bodies_of(cases, facts)
    admission = judge_admission(cases, bodies, facts, rulebook, as_authority, recalled_may_grant)
    taken_up, shut = _parted(cases, admission)
    evaluated = evaluate(taken_up, bodies, facts, rulebook, recalled_may_grant=recalled_may_grant)
    numbers = cases.lazy().select("application_id", "evaluation_no")
    criteria = (
        pl.concat([admission_criteria(admission, cases), *unruled(shut), evaluated.criteria.lazy()])
        .join(numbers, on="application_id")
        .with_columns(_RESULT)
        .pipe(as_written)
    )
    outcomes = outcomes_of(cases, criteria)
    granted = outcomes.filter(outcome="granted")
    decisions = (
        outcomes.lazy()
        .join(effects(granted, facts, rulebook.extensions), on="application_id", how="left")
        .join(reasons(outcomes, criteria), on="application_id", how="left")
        .with_columns(
            decided_at=pl.lit(decided_at).cast(pl.Datetime("us", "UTC")),
            release_id=pl.lit(facts.release_id),
            certificates_version=pl.lit(facts.certificates_version, pl.Int64()),
            rule_digest=pl.col("digest").fill_null(""),
            rulebook_digest=pl.lit(rulebook.digest),
            recalled_may_grant=pl.lit(recalled_may_grant),
            engine_version=pl.lit(ENGINE_VERSION),
            way=pl.lit(way),
            # Set by `decisions.waiting.terms`, where a term of waiting has ended.
            supplement_days=pl.lit(None, pl.Int32()),
            lapsed_on=pl.lit(None, pl.Date()),
            is_final=pl.col("outcome") != "awaiting_data",
            effect=pl.col("effect").fill_null("none"),
            elapsed_ms=pl.lit(None, pl.Float64()),
        )
        .select(tables.DECISION.schema.names())
        .pipe(as_written)
    )
    beside = [facts.read(one.evidence) for one in (evaluated, noted(cases, facts))]
    evidence = pl.concat([admission.evidence, *beside])
    share = (time.perf_counter() - began) * 1000 / max(cases.height, 1)
    return Decided(
        decisions=tables.DECISION.conform(decisions.with_columns(elapsed_ms=pl.lit(share))),
        criteria=tables.CRITERION.conform(criteria.select(tables.CRITERION.schema.names())),
        evidence=_evidence(evidence, numbers),
        insured=cases.select("application_id", "evaluation_no", "insurance_months"),
    )


_RESULT = kleene.result(pl.col("truth")).alias("result")


def evaluate(
    cases: pl.DataFrame,
    bodies: pl.DataFrame,
    facts: Facts,
    rulebook: Rulebook,
    *,
    recalled_may_grant: bool = True,
    with_words: bool = True,
) -> Evaluated:
    """Judge cases by the standard alone: no filing, no switches, no outcome.

    Args:
        cases: what `decisions.cases.cases_of` made; each is judged by the parts of its assessment.
        bodies: theirs, from `decisions.facts.bodies.bodies_of`; of others, too.
        facts: the release, with Miaoban's own grants.
        rulebook: the standard.
        recalled_may_grant: see `decide`.
        with_words: whether the criteria are wanted with what the standard says
            (`decisions.criteria.WORDS`).
    """
    columns = columns_of(with_words=with_words)
    if cases.is_empty():
        return _nothing(cases.schema["application_id"], tuple(columns))
    rules = rule_tables(rulebook)
    # Joined a hundred times: as a number the key of a case costs half of what it does as text.
    names = cases["application_id"]
    numbered = cases.with_columns(application_id=pl.int_range(pl.len(), dtype=pl.UInt32))
    asked = asked_of(numbered, rules)
    assessment = _assess(asked, numbered, bodies, facts, rules, rulebook, recalled_may_grant)
    stated = assessment_criteria(
        assessment.criteria, asked, rules, recalled_may_grant, with_words=with_words
    )
    named = pl.lit(names).gather("application_id").alias("application_id")
    return Evaluated(
        as_written(
            pl.concat(
                [
                    *(one.select(columns) for one in unruled(cases)),
                    *(
                        one.select(columns)
                        for one in of_uncertain_day(cases, rules, recalled_may_grant)
                    ),
                    stated.with_columns(named),
                ]
            )
        ),
        assessment.evidence.with_columns(named),
    )


@cache
def _nothing(key: pl.DataType, columns: tuple[str, ...]) -> Evaluated:
    """Of no cases; `key` is the type of their key."""
    dtypes = {**dict.fromkeys(columns, pl.String()), **CRITERIA, "application_id": key}
    criteria = pl.DataFrame(schema={name: dtypes[name] for name in columns})
    return Evaluated(criteria, Verdicts.none(key).evidence)


def _parted(cases: pl.DataFrame, admission: Verdicts) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cases that no switch turns away, and those that one does."""
    if admission.criteria["truth"].all():
        return cases, cases.clear()
    shut = admission.criteria.filter(~pl.col("truth"))["application_id"]
    is_shut = among("application_id", shut)
    return cases.filter(~is_shut), cases.filter(is_shut)


def _assess(
    asked: Asked,
    cases: pl.DataFrame,
    bodies: pl.DataFrame,
    facts: Facts,
    rules: RuleTables,
    book: Rulebook,
    recalled_may_grant: bool,
) -> Verdicts:
    assessed = asked.parts
    by_part = assessed.partition_by("part", as_dict=True)

    def stated(part: str) -> pl.DataFrame:
        return by_part.get((part,), assessed.clear())

    with_people = assessed.lazy().filter(_IS_ABOUT_PEOPLE)
    staffed = as_written(cases.lazy().join(with_people, on="application_id", how="semi"))
    people = workforce(staffed, bodies, facts, book.codes.people)
    return Verdicts.together(
        [
            judge_article_23(
                cases.filter(pl.col("assessment").is_in(book.kinds.article_23)), bodies, facts
            ),
            judge_net_assets(
                stated("net_assets"), cases, facts, rules, book.extensions, recalled_may_grant
            ),
            count_heads(
                assessed, staffed, people, facts, rules, recalled_may_grant=recalled_may_grant
            ),
            judge_lead(stated("technical_lead"), staffed, people, facts, rules, book.codes),
            judge_lead_projects(
                stated("lead_performance"), staffed, people, facts, rules, book.codes
            ),
            judge_performance(
                stated("performance"),
                cases,
                bodies,
                facts,
                rules,
                book.codes,
                book.extensions,
                recalled_may_grant,
            ),
            judge_equipment(stated("equipment"), cases, bodies, facts, rules, book.codes),
            judge_other_assets(stated("assets_other"), cases, bodies, facts, rules),
        ],
        cases,
    )


_IS_ABOUT_PEOPLE = pl.col("part").is_in([*ALL_OF, "lead_performance"])
"""Parts for which it matters who works for the applicant."""


def _evidence(evidence: pl.LazyFrame, numbers: pl.LazyFrame) -> pl.DataFrame:
    rows = evidence.join(numbers, on="application_id").with_columns(_COUNTED)
    key = list(tables.EVIDENCE.key)
    return tables.EVIDENCE.conform(
        rows.unique(key, keep="first", maintain_order=True)
        .sort(key)
        .select(tables.EVIDENCE.schema.names())
        .pipe(as_written)
    )


_COUNTED = kleene.counted(pl.col("counted")).alias("counted")
