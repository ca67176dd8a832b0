"""The engine: a batch of cases, the facts of one release, the rulebook; decisions out.

Belongs here: the order of the evaluation and how criteria make an outcome. Does not: any
criterion (the `judge_` modules), any category, reading or writing tables
(`decisions.stage`).

It is one relational evaluation for all cases together: the same code decides one case and a
hundred thousand. `evaluate` judges the standard alone, of whatever is asked; `decide` does so
for applications that the switches let through. Outcomes (design, Three-valued): a switch that
is not met is `not_accepted`; a criterion that is not met refuses, whatever is unknown beside
it; anything unknown waits for data; only all met grants.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

import polars as pl

from assets.tables import decision as tables
from decisions import kleene
from decisions.admission import judge_admission, switch_words
from decisions.article_23 import judge_article_23
from decisions.cases import cases_of_applications
from decisions.equipment import judge_equipment, judge_other_assets
from decisions.facts import Facts
from decisions.headcount import count_heads
from decisions.kinds.grants import effects
from decisions.lead import judge_lead, judge_lead_projects
from decisions.net_assets import judge_net_assets
from decisions.notes import noted
from decisions.people import workforce
from decisions.performance import judge_performance
from decisions.reasons import reasons
from decisions.rulebook.book import Rulebook
from decisions.rulebook.frames import RuleTables
from decisions.rulebook.tables import compile_tables
from decisions.verdicts import EVIDENCE, Verdicts

ENGINE_VERSION = "1.9"
"""Rises with every change that could change a decision."""
ALL_OF = (
    "constructors",
    "technical_lead",
    "titled_staff",
    "site_managers",
    "skilled_workers",
    "other_staff",
)
"""Parts about people: every criterion of theirs must hold."""


@dataclass(frozen=True)
class Evaluated:
    """How cases stand to the standard.

    Attributes:
        criteria: every criterion of the parts assessed: the columns of `decision__criterion`
            without `evaluation_no`, with `truth` (null = no data) for `result`, and `short_by`
            (`decisions.verdicts.CRITERIA`).
        evidence: the rows they rest on (`decisions.verdicts.EVIDENCE`).
    """

    criteria: pl.DataFrame
    evidence: pl.DataFrame


@dataclass(frozen=True)
class Decided:
    """What was decided: the frames of the decision tables; `missing` from `decisions.missing`."""

    decisions: pl.DataFrame
    criteria: pl.DataFrame
    evidence: pl.DataFrame
    missing: pl.DataFrame = field(default_factory=tables.MISSING.empty)


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
        recalled_may_grant: whether a figure that was recalled but not seen may grant; if
            not, such a criterion has no data.
    """
    began = time.perf_counter()
    cases = cases_of_applications(applications, facts, rulebook, decided_at)
    admission = judge_admission(cases, facts, rulebook, as_authority)
    taken_up = _not_refused(cases, admission)
    evaluated = evaluate(taken_up, facts, rulebook, recalled_may_grant=recalled_may_grant)
    shut = cases.join(taken_up.select("application_id"), on="application_id", how="anti")
    criteria = pl.concat([admission_criteria(admission, cases), _unruled(shut), evaluated.criteria])
    outcomes = outcomes_of(cases, criteria)
    decisions = (
        outcomes.join(
            effects(outcomes, facts, rulebook.extensions), on="application_id", how="left"
        )
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
            # Set by `decisions.terms`, where a term of waiting has ended.
            supplement_days=pl.lit(None, pl.Int32()),
            lapsed_on=pl.lit(None, pl.Date()),
            is_final=pl.col("outcome") != "awaiting_data",
            effect=pl.when(pl.col("outcome") == "granted").then("effect").otherwise(pl.lit("none")),
            certificate_no=pl.when(pl.col("outcome") == "granted").then("certificate_no"),
            valid_until=pl.when(pl.col("outcome") == "granted").then("valid_until"),
        )
    )
    evidence = pl.concat(
        [admission.evidence, evaluated.evidence.lazy(), noted(cases, facts).evidence]
    ).collect()
    numbers = cases.select("application_id", "evaluation_no")
    share = (time.perf_counter() - began) * 1000 / max(cases.height, 1)
    return Decided(
        decisions=tables.DECISION.conform(
            decisions.with_columns(elapsed_ms=pl.lit(share)).select(tables.DECISION.schema.names())
        ),
        criteria=tables.CRITERION.conform(
            criteria.join(numbers, on="application_id")
            .with_columns(result=kleene.result(pl.col("truth")))
            .select(tables.CRITERION.schema.names())
        ),
        evidence=_evidence(evidence, numbers),
    )


def evaluate(
    cases: pl.DataFrame,
    facts: Facts,
    rulebook: Rulebook,
    *,
    recalled_may_grant: bool = True,
    with_evidence: bool = True,
) -> Evaluated:
    """Judge cases by the standard alone: no filing, no switches, no outcome.

    Args:
        cases: what `decisions.cases.cases_of` made; each is judged by the parts of its assessment.
        facts: the release, with Miaoban's own grants.
        rulebook: the standard.
        recalled_may_grant: see `decide`.
        with_evidence: whether the rows behind the criteria are wanted; a question about
            everybody is answered in half the time without.
    """
    rules = rule_tables(rulebook)
    assessed = _assessed(cases, rules)
    assessment = _assess(assessed, cases, facts, rules, rulebook, recalled_may_grant)
    stated = _assessment_criteria(assessment, assessed, rules, recalled_may_grant)
    evidence = assessment.evidence.collect() if with_evidence else EVIDENCE.to_frame()
    return Evaluated(pl.concat([_unruled(cases), stated]), evidence)


def _not_refused(cases: pl.DataFrame, admission: Verdicts) -> pl.DataFrame:
    shut = admission.criteria.filter(~pl.col("truth")).select("application_id").unique()
    return cases.join(shut, on="application_id", how="anti")


# -- assessment ----------------------------------------------------------------------


def _assessed(cases: pl.DataFrame, rules: RuleTables) -> pl.DataFrame:
    """What each case is assessed on: `application_id`, `digest`, `part`."""
    stated = rules.criteria.filter(pl.col("parent").is_null()).select("digest", "part").unique()
    return (
        cases.select("application_id", "digest", "assessment", "is_lowest", "filed_on")
        .join(rules.kind_parts, on=["assessment", "is_lowest"])
        .filter(pl.col("filed_on").is_between("valid_from", "valid_to"))
        .join(stated, on=["digest", "part"])
        .select("application_id", "digest", "part")
    )


def _assess(
    assessed: pl.DataFrame,
    cases: pl.DataFrame,
    facts: Facts,
    rules: RuleTables,
    book: Rulebook,
    recalled_may_grant: bool,
) -> Verdicts:
    with_people = assessed.filter(pl.col("part").is_in([*ALL_OF, "lead_performance"]))
    staffed = cases.join(
        with_people.select("application_id").unique(), on="application_id", how="semi"
    )
    people = workforce(staffed, facts, book.codes.people)
    return Verdicts.together(
        [
            judge_article_23(
                cases.filter(pl.col("assessment").is_in(book.kinds.article_23)), facts
            ),
            judge_net_assets(assessed, cases, facts, rules, book.extensions),
            count_heads(assessed, staffed, people, facts, rules),
            judge_lead(assessed, staffed, people, facts, rules, book.codes),
            judge_lead_projects(assessed, staffed, people, facts, rules, book.codes),
            judge_performance(assessed, cases, facts, rules, book.codes, recalled_may_grant),
            judge_equipment(assessed, cases, facts, rules),
            judge_other_assets(assessed, cases, facts, rules),
        ]
    )


# -- criteria ------------------------------------------------------------------------

_CRITERIA = (
    "application_id",
    "criterion",
    "parent",
    "stage",
    "zh",
    "en",
    "required",
    "actual",
    "truth",
    "note",
    "clause",
    "basis",
    "short_by",
)


def admission_criteria(admission: Verdicts, cases: pl.DataFrame) -> pl.DataFrame:
    """The switches in the columns of `Evaluated.criteria`."""
    return (
        admission.criteria.join(cases.select("application_id", "assessment"), on="application_id")
        .join(switch_words(), on=["assessment", "criterion"])
        .with_columns(parent=pl.lit(None, pl.String()), stage=pl.lit("admission"))
        .select(_CRITERIA)
    )


def _unruled(cases: pl.DataFrame) -> pl.DataFrame:
    """A criterion without data for each case whose level the rulebook does not have."""
    return (
        cases.filter(pl.col("digest").is_null())
        .select(
            "application_id",
            criterion=pl.lit("rule_set"),
            parent=pl.lit(None, pl.String()),
            stage=pl.lit("admission"),
            zh=pl.lit("适用标准已编入规则库"),
            en=pl.lit("the standard applied for is in the rulebook"),
            required=pl.lit("有 yes"),
            actual=pl.format("{} {}", "category_code", "level"),
            truth=pl.lit(None, pl.Boolean()),
            note=pl.lit("标准文本缺失 the rule's text is missing"),
            clause=pl.lit("建市[2014]159号"),
            basis=pl.lit("unknown"),
            short_by=pl.lit(None, pl.Float64()),
        )
        .select(_CRITERIA)
    )


def _assessment_criteria(
    assessment: Verdicts,
    assessed: pl.DataFrame,
    rules: RuleTables,
    recalled_may_grant: bool,
) -> pl.DataFrame:
    """Every criterion of the parts assessed, with its answer.

    One that nobody answered, or whose text is not fully known, has no data.
    """
    answers = assessment.criteria
    stated = assessed.join(rules.criteria, on=["digest", "part"]).join(
        answers, on=["application_id", "criterion"], how="left"
    )
    unanswered = (
        stated.filter(pl.col("parent").is_in(ALL_OF) & pl.col("truth").is_null())
        .select("application_id", criterion="parent", has_open=pl.lit(True))
        .unique()
    )
    stated = (
        stated.join(unanswered, on=["application_id", "criterion"], how="left")
        # A row that no table holds, or that nobody could answer, leaves its part open.
        .with_columns(
            truth=pl.when(~(pl.col("has_open") & pl.col("truth")).fill_null(False)).then("truth")
        )
        .drop("has_open")
    )
    # A class or an alternative nobody found cannot undo what the known ones meet; any other can.
    is_additive = (pl.col("bearing") == "classes") | (
        (pl.col("bearing") == "majors") & (pl.col("part") == "technical_lead")
    )
    lost = rules.unknown.group_by("digest", "part").agg(
        pl.col("detail"), only_additive=is_additive.all()
    )
    is_missing = pl.col("basis") == "unknown"
    is_recalled = (pl.col("basis") == "recalled") & (not recalled_may_grant)
    judged = (
        stated.join(lost, on=["digest", "part"], how="left")
        .with_columns(
            truth=pl.when(is_missing)
            .then(None)
            .when(
                pl.col("detail").is_not_null()
                & pl.col("parent").is_null()
                & ~(pl.col("truth").fill_null(False) & pl.col("only_additive"))
            )
            .then(None)
            .when(is_recalled & pl.col("truth"))
            .then(None)
            .otherwise(pl.col("truth")),
            note=pl.when(is_missing | pl.col("detail").is_not_null())
            .then(pl.lit("标准文本缺失 the rule's text is missing"))
            .when(is_recalled & pl.col("truth"))
            .then(pl.lit("标准文本尚未核对原文 the text has not been checked against the original"))
            .otherwise("note"),
            actual=pl.col("actual").fill_null("无数据 no data"),
            stage=pl.lit("assessment"),
        )
        .with_columns(short_by=pl.when(~pl.col("truth").fill_null(False)).then("short_by"))
    )
    article = answers.filter(pl.col("criterion") == "art23").with_columns(
        parent=pl.lit(None, pl.String()),
        stage=pl.lit("assessment"),
        zh=pl.lit("申请前一年内及审批期间无令22第二十三条所列行为"),
        en=pl.lit("no act of Art. 23 from one year before filing until the decision"),
        required=pl.lit("无 none"),
        clause=pl.lit("令22 第二十三条"),
        basis=pl.lit("seen"),
    )
    return pl.concat([judged.select(_CRITERIA), article.select(_CRITERIA)])


def outcomes_of(cases: pl.DataFrame, criteria: pl.DataFrame) -> pl.DataFrame:
    """The cases with `admitted`, `assessed` (three-valued) and the `outcome` that follows."""
    deciding = criteria.filter(pl.col("parent").is_null())
    stages = deciding.group_by("application_id").agg(
        admitted=kleene.every(pl.col("truth").filter(pl.col("stage") == "admission")),
        assessed=kleene.every(pl.col("truth").filter(pl.col("stage") == "assessment")),
    )
    return cases.join(stages, on="application_id", how="left").with_columns(
        outcome=pl.when(~pl.col("admitted"))
        .then(pl.lit("not_accepted"))
        .when(pl.col("admitted").is_null())
        .then(pl.lit("awaiting_data"))
        .when(~pl.col("assessed"))
        .then(pl.lit("refused"))
        .when(pl.col("assessed"))
        .then(pl.lit("granted"))
        .otherwise(pl.lit("awaiting_data"))
    )


def _evidence(evidence: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    rows = evidence.join(numbers, on="application_id").with_columns(
        counted=kleene.counted(pl.col("counted"))
    )
    key = list(tables.EVIDENCE.key)
    return tables.EVIDENCE.conform(
        rows.unique(key, keep="first", maintain_order=True)
        .sort(key)
        .select(tables.EVIDENCE.schema.names())
    )
