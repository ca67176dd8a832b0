"""Why a criterion has no data: which rows are not there or prove nothing.

Belongs here: from open criteria to the things they look at, and from there to what these lack, for
one case or ten thousand in one evaluation. Does not: the evaluation itself (`decisions.engine`),
finding a fault (`decisions.waiting.faults`, `decisions.waiting.absences`,
`decisions.waiting.sources`), texts (`decisions.waiting.missing_texts`), whose it is
(`decisions.waiting.owners`), the stewards' list (`decisions.waiting.worklist`).

Nothing is read from texts. A criterion is held open by a source that nobody has declared complete,
by a row that is not there, by a row that proves nothing, or by the text of the standard. What it
looks at follows from its evidence that counts as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import polars as pl

from assets.calendar import legal_date
from assets.channels import Channel, load_channels
from assets.tables import BY_NAME, enterprise, personnel, project
from assets.tables import decision as tables
from assets.wording import worded
from decisions import kleene
from decisions.engine import Decided, rule_tables
from decisions.facts.doubtful import EMPLOYING
from decisions.facts.model import Facts
from decisions.facts.payers import is_asked
from decisions.facts.unread import HEAD_OF
from decisions.plans import at_once
from decisions.rulebook.book import Rulebook
from decisions.waiting.absences import absent_months, absent_rows
from decisions.waiting.branches import BY_CODE, CREDIT, of_each_body, others_of, under_their_codes
from decisions.waiting.faults import CRITERION, EVALUATION, IS_DOUBT, LACKS, faults, lacks, unlisted
from decisions.waiting.missing_texts import TEXT, missing_texts
from decisions.waiting.owners import owned
from decisions.waiting.sources import gaps, incomplete, sources_of, unplaced, unread
from decisions.waiting.strays import strays
from decisions.waiting.terms import with_filing_day

_OF_WORKS = ("unit_code", "contract_no", "project_no")
_MANAGER = "项目经理"


def trace(
    decided: Decided,
    facts: Facts,
    rulebook: Rulebook,
    channels: Mapping[str, Channel] | None = None,
) -> pl.DataFrame:
    """Rows of `decision__missing`: at least one for every criterion without data.

    Args:
        decided: one evaluation.
        facts: what it read.
        rulebook: the standard.
        channels: the senders (default: those declared).
    """
    open_ = _open(decided, rulebook)
    if open_.is_empty():
        return tables.MISSING.empty()
    own = open_.join(sources_of(), on="source")
    bodies = others_of(own, facts)
    of_credit = of_each_body(own, bodies, CREDIT)
    of_others = _of_other_sides(own, facts)
    sources = pl.concat([own, of_credit, of_others])
    by_code = of_each_body(own, bodies, BY_CODE)
    every = pl.concat([sources, by_code])
    unknown = _unknown(open_, decided.evidence)
    works = _works(unknown, facts)
    named = [one.select(*CRITERION, "usc_code") for one in (open_, of_credit, of_others)]
    things = _things(pl.concat(named), unknown, works)
    by_row = sources.filter("by_row")
    lacking = incomplete(every, facts)
    found = pl.concat(
        [
            gaps(lacking, facts),
            _registrations(unplaced(lacking, facts), facts),
            unread(every, facts),
            _of_asked_practice(
                _of_asked_months(_faulty(by_row, things, facts, rulebook), open_), rulebook
            ),
            _bodies(unknown, facts),
            _on_record(pl.concat([of_credit, by_code]), facts),
            under_their_codes(own, bodies, things, decided.evidence, facts),
            strays(open_, unknown, decided.evidence, facts),
            absent_rows(by_row, things, facts),
            absent_months(open_, things, facts),
            missing_texts(decided, open_, rulebook),
        ]
    )
    found = pl.concat([found, _unmeasured(works, found)])
    found = pl.concat([found, _unsettled(open_, sources, found)])
    found = _by_number(found)
    senders = load_channels() if channels is None else channels
    return tables.MISSING.conform(owned(found, facts, senders))


# -- what is open, and what it looks at ------------------------------------------------


def _open(decided: Decided, rulebook: Rulebook) -> pl.DataFrame:
    """Open criteria that decide by themselves, with their case, by each kind of source."""
    cases = (
        with_filing_day(decided.decisions)
        .lazy()
        .select(
            *EVALUATION,
            "usc_code",
            "kind",
            "category_code",
            "filed_on",
            digest="rule_digest",
            decided_on=legal_date(pl.col("decided_at")),
        )
    )
    # A re-verification goes by the one or the other: by capital, if capital is its evidence.
    of_capital = (
        decided.evidence.lazy()
        .filter(
            (pl.col("criterion") == "net_assets") & (pl.col("target") == enterprise.REGISTRY.name)
        )
        .select(*EVALUATION, by_capital=pl.lit(True))
        .unique()
    )
    taken_from = (
        pl.when("by_capital")
        .then(pl.lit("registered_capital"))
        .otherwise(
            pl.col("kind").replace_strict(
                rulebook.kinds.net_assets_from, default="statement", return_dtype=pl.String()
            )
        )
    )
    source = (
        pl.when(pl.col("use").is_not_null())
        .then(worded("staff:{}", "use"))
        .when(pl.col("criterion") == "net_assets")
        .then(worded("net_assets:{}", taken_from))
        .when((pl.col("criterion") == "held") & (pl.col("kind") == "first"))
        .then(pl.lit("held:first"))
        .otherwise("criterion")
    )
    return (
        decided.criteria.lazy()
        .filter((pl.col("result") == kleene.NO_DATA) & pl.col("parent").is_null())
        .select(*CRITERION)
        .join(cases, on=EVALUATION)
        .join(decided.insured.lazy(), on=EVALUATION, how="left")
        .join(of_capital, on=EVALUATION, how="left")
        .join(_uses(rulebook).lazy(), on=["digest", "criterion"], how="left")
        .with_columns(source=source)
        .drop("use", "by_capital")
        .pipe(at_once)
    )


@lru_cache(maxsize=4)
def _uses(rulebook: Rulebook) -> pl.DataFrame:
    """Whom each part about people counts: `digest`, `criterion`, `use`."""
    counts = rule_tables(rulebook).head_counts
    return counts.select("digest", criterion="part", use="counted").unique()


def _of_other_sides(sources: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """What is held, once more for the other sides of mergers and splits: it may be carried on."""
    asked = sources.filter(
        pl.col("kind") == "reverification", pl.col("criterion").is_in(["held", "validity"])
    )
    if asked.is_empty():
        return asked
    events = facts.table(enterprise.EVENT).filter("is_trusted")
    named = events.select("usc_code", other="counterpart_usc_code").drop_nulls().unique()
    of_each = asked.join(facts.collect(named), on="usc_code")
    return of_each.with_columns(usc_code="other").select(sources.columns)


def _unknown(open_: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """Evidence of open criteria that counts as unknown, with the person and unit it is about."""
    content = pl.col("content_json")
    return (
        evidence.lazy()
        .filter(pl.col("counted") == "unknown")
        .with_columns(criterion=pl.col("criterion").str.split(".").list.first())
        .join(open_.lazy().unique(CRITERION), on=CRITERION)
        .select(
            *CRITERION,
            "usc_code",
            person_key=content.str.json_path_match("$.person_key").str.split(HEAD_OF).list.first(),
            unit_code=pl.coalesce(
                content.str.json_path_match("$.thing"),
                pl.when(pl.col("target") == project.UNIT.name).then("row_key"),
            ),
        )
        .pipe(at_once)
    )


def _works(unknown: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Unit projects that are not known to count: `CRITERION`, `_OF_WORKS`, `manager`, `usc_code`.

    The manager only where the criterion asks for one (E14).
    """
    units = unknown.drop_nulls("unit_code").drop("person_key")
    if units.is_empty():
        columns = (*_OF_WORKS[1:], "manager")
        return units.with_columns(pl.lit(None, pl.String()).alias(name) for name in columns)
    wanted = units["unit_code"].unique().implode()
    built = (
        facts.table(project.UNIT)
        .filter(pl.col("unit_code").is_in(wanted))
        .select(*_OF_WORKS)
        .unique("unit_code")
    )
    managers = (
        facts.table(project.PARTY)
        .filter(pl.col("duty") == _MANAGER)
        .select("contract_no", manager="person_key", criterion=pl.lit("performance"))
    )
    return (
        units.lazy()
        .join(built, on="unit_code", how="left")
        .join(managers, on=["contract_no", "criterion"], how="left")
        .pipe(facts.collect)
    )


def _things(named: pl.DataFrame, people: pl.DataFrame, works: pl.DataFrame) -> pl.DataFrame:
    """What the open criteria look at: `CRITERION`, `link`, `value`.

    The enterprise and bodies `named`, the people not known to count, the works not known to count
    with their contracts, projects and managers.
    """
    built = works.lazy()
    found = [
        named.lazy().select(*CRITERION, link=pl.lit("usc_code"), value="usc_code"),
        people.lazy().select(*CRITERION, link=pl.lit("person_key"), value="person_key"),
        built.select(*CRITERION, link=pl.lit("person_key"), value="manager"),
        *(built.select(*CRITERION, link=pl.lit(name), value=name) for name in _OF_WORKS),
    ]
    return at_once(pl.concat(found).drop_nulls("value").unique())


# -- what that lacks ---------------------------------------------------------------------


def _faulty(
    sources: pl.DataFrame, things: pl.DataFrame, facts: Facts, rulebook: Rulebook
) -> pl.DataFrame:
    """Rows of the sources that prove nothing, among those the criteria look at."""
    targets = [BY_NAME[target] for target in sources["target"].unique(maintain_order=True)]
    rows = facts.collect_all(
        [*faults(facts, targets, things), *unlisted(facts, targets, things, rulebook)]
    )
    if not rows:
        return LACKS.to_frame()
    looked_at = sources.select(*CRITERION, "target").unique()
    tied = things.join(pl.concat(rows), on=["link", "value"])
    # Floor space of workshops is added up whatever they are called.
    is_other = (pl.col("fault") == "unlisted") & (pl.col("criterion") == "assets_other")
    return lacks(tied.filter(~is_other).join(looked_at, on=[*CRITERION, "target"]))


def _of_asked_months(found: pl.DataFrame, open_: pl.DataFrame) -> pl.DataFrame:
    """Without doubts about insurance of months that the case does not ask for (reading 80)."""
    month = pl.col("row_key").str.extract(r"\|(\d{4}-\d{2}-\d{2})").str.to_date(strict=False)
    is_doubt = (pl.col("target") == personnel.INSURANCE.name) & (pl.col("fault") == "doubted")
    cases = open_.select(*CRITERION, "filed_on", "insurance_months").unique(CRITERION)
    return lacks(found.join(cases, on=CRITERION).filter(~is_doubt | is_asked(month)))


def _of_asked_practice(found: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """Without a leader's field of practice where the text names none (reading 95)."""
    leads = [
        (category.code, level.requirements.technical_lead)
        for category in rulebook.categories.values()
        for level in category.levels
    ]
    any_practice = rulebook.codes.people.any_practice
    asking = {code for code, lead in leads if lead and lead.field not in any_practice}
    category = pl.col("row_key").str.split("|").list.last()
    is_field = (
        (pl.col("target") == personnel.TECHNICAL_LEAD.name)
        & (pl.col("fault") == "empty")
        & (pl.col("cause") == "practice_field")
    )
    return found.filter(~is_field | category.is_in(sorted(asking)))


def _bodies(people: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """The registrations in doubt of whoever insures, registers or has appointed the people (53)."""
    if facts.in_doubt.is_empty() or people.is_empty():
        return LACKS.to_frame()
    codes = facts.in_doubt["usc_code"].unique().implode()
    works_for = pl.concat(
        facts.table(table).filter(pl.col("usc_code").is_in(codes)).select("person_key", "usc_code")
        for table in (personnel.INSURANCE, *EMPLOYING)
    ).unique()
    things = facts.collect(
        people.lazy()
        .select(*CRITERION, "person_key")
        .join(works_for, on="person_key")
        .select(*CRITERION, link=pl.lit("usc_code"), value="usc_code")
        .unique()
    )
    return _registrations(things, facts)


def _on_record(sources: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """The registrations in doubt of bodies that something is on record of (readings 63, 66).

    Args:
        sources: from `of_each_body`.
        facts: the release.
    """
    if facts.in_doubt.is_empty() or sources.is_empty():
        return LACKS.to_frame()
    codes = facts.in_doubt["usc_code"].unique().implode()
    records = pl.concat(
        facts.table(table).select("usc_code", target=pl.lit(table.name))
        for table in (*CREDIT, *BY_CODE)
    )
    things = facts.collect(
        sources.lazy()
        .filter(pl.col("usc_code").is_in(codes))
        .join(records, on=["usc_code", "target"], how="semi")
        .select(*CRITERION, link=pl.lit("usc_code"), value="usc_code")
        .unique()
    )
    return _registrations(things, facts)


def _registrations(things: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """The registrations that prove nothing, of the bodies that criteria look at."""
    rows = facts.collect_all(faults(facts, [enterprise.REGISTRY], things))
    if not rows:
        return LACKS.to_frame()
    return lacks(things.join(pl.concat(rows), on=["link", "value"]))


def _by_number(found: pl.DataFrame) -> pl.DataFrame:
    """Rows set apart because nobody knows whose their number is: the number, once (reading 65)."""
    is_of_number = pl.col("cause").str.contains(IS_DOUBT)
    numbers = found.filter(is_of_number, pl.col("detail").is_not_null())
    return pl.concat(
        [
            found.filter(~is_of_number | pl.col("detail").is_null()),
            lacks(
                numbers.select(
                    *CRITERION,
                    "cause",
                    target=pl.lit(personnel.IDENTITY.name),
                    row_key="detail",
                    person_key="detail",
                    fault=pl.lit("identity"),
                ).unique()
            ),
        ]
    )


def _unmeasured(works: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Unit projects that nothing found explains: a measure that is asked for is not there."""
    if works.is_empty():
        return LACKS.to_frame()
    columns = [*_OF_WORKS, "manager", "usc_code"]
    tied = works.select(*CRITERION, unit="unit_code", **{name: name for name in columns}).unpivot(
        columns, index=[*CRITERION, "unit"], value_name="value"
    )
    explained = tied.join(found.drop_nulls("value"), on=[*CRITERION, "value"], how="semi")
    # A source that is not complete, or a text that is missing, may explain any of them.
    at_large = found.filter(pl.col("value").is_null())
    rest = (
        works.select(*CRITERION, "usc_code", unit="unit_code")
        .unique()
        .join(explained, on=[*CRITERION, "unit"], how="anti")
        .join(at_large, on=CRITERION, how="anti")
    )
    return lacks(
        rest.with_columns(
            target=pl.lit(project.MEASURE.name),
            row_key="unit",
            fault=pl.lit("missing"),
            cause=pl.lit(""),
            value="unit",
        )
    )


def _unsettled(open_: pl.DataFrame, sources: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Criteria for which nothing was found: several facts leave them open only together."""
    silent = open_.join(found, on=CRITERION, how="anti").unique(CRITERION)
    if silent.is_empty():
        return LACKS.to_frame()
    first = sources.select(*CRITERION, "target").unique(CRITERION, keep="first")
    return lacks(
        silent.join(first, on=CRITERION, how="left").with_columns(
            target=pl.col("target").fill_null(TEXT),
            row_key="usc_code",
            fault=pl.lit("unsettled"),
            cause=pl.lit(""),
        )
    )
