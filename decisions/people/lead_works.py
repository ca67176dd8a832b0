"""技术负责人业绩: the works that one person led (regulations E11).

Belongs here: the personal performance that the lowest levels ask for. Does not: what the leader
is (`decisions.people.lead`), works of the enterprise (`decisions.performance`).

Reading of E11: each project of the leader must reach a threshold by itself, of the level cited or
a higher one, a cumulative one too; no window applies; done as project manager or project
technical leader.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from assets.tables import intake, personnel, project
from assets.wording import worded
from decisions import kleene
from decisions.facts.bodies import OF, all_closed
from decisions.facts.coverage import adrift_at, with_closed
from decisions.facts.model import Facts
from decisions.facts.unread import duties_of_nobody
from decisions.people.insurance import PERSON
from decisions.people.leaders import appointments, led_by_then
from decisions.people.workforce import Workforce
from decisions.performance.measures import by_contract, is_own_price, line_truths, of_kind
from decisions.performance.national_platform import shown
from decisions.performance.works import works_of
from decisions.plans import among, as_written
from decisions.rulebook.codes import Codes
from decisions.rulebook.frames import RuleTables
from decisions.verdicts import Verdicts

_WORKS = (
    project.CONTRACT,
    project.UNIT,
    project.ACCEPTANCE,
    project.MEASURE,
    project.PARTY,
)
"""What is told of works and who led them."""


@dataclass(frozen=True)
class _Led:
    """The works that those who may lead have led.

    Attributes:
        works: `application_id`, `digest`, `filed_on`, `person_key`, `contract_no`, `unit_code`,
            `thing`, `line_id`, `is_kind`, `project_no`, `is_trusted` (the unit project) and `truth`
            (whether it counts for the case, but for what it measures and where it is shown).
        measures: of the works (`decisions.performance.works.Works`).
    """

    works: pl.LazyFrame
    measures: pl.DataFrame


def judge_lead_projects(
    stated: pl.DataFrame,
    cases: pl.DataFrame,
    people: Workforce,
    facts: Facts,
    rules: RuleTables,
    codes: Codes,
) -> Verdicts:
    """Projects led by one person: the technical leader, or where the text allows a constructor."""
    if stated.is_empty():
        return Verdicts.none()
    of_case = cases.lazy().select(
        "application_id", "usc_code", "category_code", "subcategory", "filed_on", "authority"
    )
    asked = as_written(
        stated.lazy()
        .join(rules.lead_projects.lazy(), on="digest")
        .join(of_case, on="application_id")
    )
    if asked.is_empty():
        return Verdicts.none()
    leads = as_written(_who_may_lead(asked, people, facts))
    duties = (
        facts.table(project.PARTY)
        .join(leads.lazy().select("person_key").unique(), on="person_key", how="semi")
        .select(
            *("contract_no", "person_key", "usc_code"),
            is_party="is_trusted",
            is_party_lawful="is_lawful",
        )
        .unique()
        .pipe(facts.collect)
    )
    led = _led(asked, leads, duties, facts, rules, codes)
    projects = _projects(asked, led, facts, rules, codes)
    criteria = (
        _counted(asked, projects)
        .join(
            _all_known(asked, _led_unread(leads, duties, facts), people.bodies, facts),
            on="application_id",
            how="left",
        )
        .with_columns(truth=_REACHES)
        .select("application_id", *_ANSWER)
        .pipe(as_written)
    )
    return Verdicts.of(criteria, _evidence(led, projects))


def _evidence(led: _Led | None, projects: pl.DataFrame) -> pl.LazyFrame | None:
    """Every unit project led, whether it counts or not."""
    if led is None:
        return None
    of_person = ["application_id", "person_key", "unit_code"]
    against = led.works.select(*of_person, "is_kind", truth=pl.lit(False))
    counting = projects.lazy().select(*of_person, "truth", is_kind=pl.lit(None, pl.Boolean()))
    return (
        pl.concat([against, counting.select(against.collect_schema().names())])
        .group_by(of_person)
        .agg(counted=kleene.some(pl.col("truth")), is_of_kind=pl.col("is_kind").any())
        .select(
            "application_id",
            criterion=pl.lit("lead_performance"),
            target=pl.lit(project.PARTY.name),
            row_key=worded("{}|{}", "unit_code", "person_key"),
            counted="counted",
            reason=pl.when(pl.col("counted").is_null() & ~pl.col("is_of_kind")).then(
                pl.lit(
                    "按工程类型名称不能确定属所列工程 "
                    "its name does not tell whether it is of a kind that counts"
                )
            ),
            content_json=pl.struct(
                pl.col("unit_code").alias("thing"), "person_key"
            ).struct.json_encode(),
        )
    )


_REACHES = kleene.at_least(
    pl.col("certain"), pl.col("possible"), pl.col("asked"), pl.col("is_closed")
)
_ANSWER = [
    pl.lit("lead_performance").alias("criterion"),
    pl.col("truth"),
    pl.when(pl.col("certain") == pl.col("possible"))
    .then(worded("{}项", "certain"))
    .otherwise(worded("{}项（至多{}项 possibly {}）", "certain", "possible", "possible"))
    .alias("actual"),
    pl.when(~pl.col("truth"))
    .then(
        worded(
            "缺{}项 short by {}",
            pl.col("asked") - pl.col("certain"),
            pl.col("asked") - pl.col("certain"),
        )
    )
    .alias("note"),
    kleene.short_by(pl.col("certain"), pl.col("asked")).alias("short_by"),
]


def _led(
    asked: pl.DataFrame,
    leads: pl.DataFrame,
    duties: pl.DataFrame,
    facts: Facts,
    rules: RuleTables,
    codes: Codes,
) -> _Led | None:
    """The works led, of the kinds that the cases ask for; None if nobody led any."""
    if duties.is_empty():
        return None
    works = works_of(duties.lazy().select("contract_no").unique(), facts, codes)
    is_asked = (pl.col("purpose") == "lead") & among("digest", asked["digest"])
    lines = as_written(rules.lines.lazy().filter(is_asked).select("digest", "line_id"))
    units = (
        duties.lazy()
        .join(works.units.lazy().drop("usc_code"), on="contract_no")
        .select(
            *("person_key", "contract_no", "unit_code", "thing", "project_no", "is_trusted"),
            "is_consortium",
            *_OF_UNIT,
        )
    )
    judged_by = leads.lazy().join(units, on="person_key").select("digest", "thing")
    pairs = of_kind(lines, works.names, judged_by, rules)
    led = leads.lazy().join(units.join(pairs.lazy(), on="thing"), on=["digest", "person_key"])
    return _Led(led.with_columns(_OF_CASE).drop("is_sound", "accepted_on"), works.measures)


_IS_LAWFUL_ROW = pl.all_horizontal("is_party_lawful", "is_lawful")
_OF_UNIT = [
    pl.when(~_IS_LAWFUL_ROW)
    .then(False)
    # What hangs on a unit that is not trusted may be another's: its contract that is excluded, too
    # (reading 31).
    .when("is_trusted")
    .then(
        kleene.all_of(
            pl.all_horizontal(pl.col("is_contract_lawful", "is_acceptance_lawful").fill_null(True)),
            pl.when(pl.col("is_party") & pl.col("is_contract_trusted")).then(True),
            pl.when("is_acceptance_trusted").then(pl.col("quality") == "合格"),
        )
    )
    .alias("is_sound"),
    pl.when("is_acceptance_trusted").then("accepted_on").alias("accepted_on"),
]
_TRUTH, _IS_SOUND = pl.col("truth"), pl.col("is_sound")
_MAY_COUNT = _TRUTH.fill_null(True)
_OF_CASE = (
    pl.when("is_trusted")
    .then(kleene.all_of(_IS_SOUND, pl.col("may_lead"), pl.col("accepted_on") <= pl.col("filed_on")))
    .otherwise(_IS_SOUND)
    .alias("truth")
)
_WHOLE = (
    pl.when("is_trusted")
    .then(
        kleene.all_of(
            _TRUTH,
            pl.col("is_reached"),
            is_own_price(),
            pl.col("is_shown") | pl.col("is_asked").is_null(),
        )
    )
    .otherwise(_TRUTH)
    .alias("truth")
)


def _projects(
    asked: pl.DataFrame, led: _Led | None, facts: Facts, rules: RuleTables, codes: Codes
) -> pl.DataFrame:
    """The works led that count, or may count.

    Returns `application_id`, `person_key`, `contract_no`, `unit_code`, `is_unit` (it counts by
    itself, not by the price of its contract), `truth`.
    """
    if led is None:
        return _no_projects(asked)
    # What does not count anyhow is measured against no figure.
    perhaps = as_written(led.works.filter(_MAY_COUNT))
    if perhaps.is_empty():
        return _no_projects(asked)
    truths = line_truths(perhaps, led.measures, rules, "any").rename({"truth": "is_reached"})
    on_platform = _on_platform(perhaps, asked, facts, rules)
    return (
        perhaps.lazy()
        .join(on_platform.lazy(), on=["application_id", "thing"], how="left")
        .join(truths.lazy(), on=["line_id", "thing"])
        .join(by_contract(rules, codes).lazy(), on="line_id", how="left")
        .with_columns(_WHOLE, is_unit=pl.col("is_priced").is_null())
        .filter(_MAY_COUNT)
        .group_by("application_id", "person_key", "contract_no", "unit_code", "is_unit")
        .agg(truth=kleene.some(pl.col("truth")))
        .pipe(as_written)
    )


def _no_projects(asked: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "application_id": asked.schema["application_id"],
            "person_key": pl.String(),
            "contract_no": pl.String(),
            "unit_code": pl.String(),
            "is_unit": pl.Boolean(),
            "truth": pl.Boolean(),
        }
    )


def _counted(asked: pl.DataFrame, projects: pl.DataFrame) -> pl.LazyFrame:
    """What one person has led at most: `application_id`, `asked`, `certain`, `possible`."""
    rows = asked.lazy().select("application_id", "asked")
    if projects.is_empty():
        return rows.with_columns(certain=pl.lit(0, pl.Int64), possible=pl.lit(0, pl.Int64))
    counts = (
        _works_led(projects.lazy())
        .group_by("application_id", "person_key")
        .agg(pl.col("certain", "possible").sum())
        .group_by("application_id")
        .agg(pl.col("certain", "possible").max())
    )
    return rows.join(counts, on="application_id", how="left").with_columns(
        pl.col("certain", "possible").fill_null(0)
    )


def _led_unread(leads: pl.DataFrame, duties: pl.DataFrame, facts: Facts) -> pl.Series:
    """The cases of whom somebody led something and nobody can read what, or perhaps.

    Either his duty does not say what, or rows of the builder's works do not say which they are of
    or who led them (readings 55, 57); or a former employer of his has a duty that says not whose.
    """
    lost = [code for table in _WORKS for code in adrift_at(facts, table)]
    is_adrift = pl.col("contract_no").is_null() | pl.col("usc_code").is_in(lost)
    unread = duties.lazy().filter(is_adrift.fill_null(False))
    led = leads.lazy().join(unread, on="person_key", how="semi")
    some = as_written(led.select(pl.col("application_id").unique()))["application_id"]
    return pl.concat([some, _led_by_nobody(leads, facts)])


def _led_by_nobody(leads: pl.DataFrame, facts: Facts) -> pl.Series:
    """The cases of whose leaders an employer has works that nobody can read who led."""
    if project.PARTY.name not in facts.with_rows_apart:
        return leads["application_id"].clear()
    rows = facts.once("duties of nobody", lambda one: duties_of_nobody(one.raw(intake.QUARANTINE)))
    if rows.is_empty():
        return leads["application_id"].clear()
    is_named = among("usc_code", rows["usc_code"].unique())
    theirs = pl.col("person_key").is_in(leads["person_key"].unique().implode())
    employed = (
        facts.raw(table).filter(theirs, is_named).select("person_key")
        for table in personnel.NUMBERS
    )
    led = leads.join(facts.collect(pl.concat(employed)), on="person_key", how="semi")
    return led["application_id"].unique()


def _all_known(
    asked: pl.DataFrame, but: pl.Series, bodies: pl.DataFrame, facts: Facts
) -> pl.LazyFrame:
    """Whether there can be no other works, nor anybody else to have led them: `is_closed`.

    Works led for a former employer may lie in any city. `but`: the cases known to lack some.
    """
    works = (project.PARTY, project.UNIT, project.ACCEPTANCE, project.MEASURE)
    return (
        asked.lazy()
        .pipe(with_closed, facts, *works, everywhere=True)
        .join(all_closed(bodies, facts, personnel.TECHNICAL_LEAD, name="leaders"), on=OF)
        .join(all_closed(bodies, facts, personnel.REGISTRATION, name="constructors"), on=OF)
        .select(
            "application_id",
            is_closed=pl.col("is_closed")
            & ~among("application_id", but)
            & pl.col("leaders")
            & (pl.col("constructors") | ~pl.col("by_constructor")),
        )
    )


def _on_platform(
    led: pl.DataFrame, asked: pl.DataFrame, facts: Facts, rules: RuleTables
) -> pl.DataFrame:
    """Works led that a notice wants on the national platform.

    Returns `application_id`, `thing`, `is_asked` (true), `is_shown` (three-valued).
    """
    bound = (
        led.lazy()
        .select("application_id", "digest", "filed_on", "thing", "project_no")
        .unique(["application_id", "thing"])
        .join(rules.platform.lazy().select("digest"), on="digest", how="semi")
        .join(asked.lazy().select("application_id", "usc_code", "authority"), on="application_id")
        .rename({"application_id": "track", "digest": "platform_digest"})
        .pipe(as_written)
    )
    return (
        shown(bound, facts, rules, "personal_grades")
        .rename({"track": "application_id"})
        .with_columns(is_asked=pl.lit(True))
    )


def _works_led(projects: pl.LazyFrame) -> pl.LazyFrame:
    """How many works each person led under a contract, `certain` and `possible`.

    Every unit project is one; where only the price reaches, the contract is one. A contract
    whose unit counts by itself is no second work.
    """
    truth, is_unit = pl.col("truth"), pl.col("is_unit")
    units, priced = truth.filter(is_unit), truth.filter(~is_unit)
    return projects.group_by("application_id", "person_key", "contract_no").agg(
        certain=pl.max_horizontal(
            kleene.certain(units), kleene.some(priced).fill_null(False).cast(pl.Int64)
        ),
        possible=pl.max_horizontal(
            kleene.possible(units), kleene.some(priced).fill_null(True).cast(pl.Int64)
        ),
    )


def _who_may_lead(asked: pl.DataFrame, people: Workforce, facts: Facts) -> pl.LazyFrame:
    """Each leader and constructor of each case, and whether he counts for the applicant as such.

    Returns `application_id`, `digest`, `filed_on`, `person_key`, `may_lead`; who is both, twice.
    """
    leaders = (
        appointments(asked.lazy(), people, facts)
        .filter("is_lawful")
        .select("usc_code", "category_code", "person_key", "appointed_on", holds="is_trusted")
        .pipe(facts.read)
    )
    by_lead = (
        asked.lazy()
        .filter("by_lead")
        .join(leaders, on=["usc_code", "category_code"])
        .with_columns(holds=pl.when(pl.col("holds") & led_by_then()).then(True))
        .join(people.of.lazy(), on="application_id")
        .join(people.persons.lazy(), on=PERSON, how="left")
        .with_columns(_MAY_LEAD)
    )
    constructors = (
        people.uses.lazy()
        .filter(pl.col("use") == "constructor")
        .select(*PERSON, "holds")
        .join(people.persons.lazy(), on=PERSON, how="left")
        .group_by(PERSON)
        .agg(kleene.some(_MAY_LEAD))
    )
    of_staff = asked.lazy().join(people.of.lazy(), on="application_id")
    by_constructor = of_staff.filter("by_constructor").join(constructors, on="staff")
    columns = ["application_id", "digest", "filed_on", "person_key", "may_lead"]
    return pl.concat([by_lead.select(columns), by_constructor.select(columns)])


_MAY_LEAD = kleene.all_of(pl.col("holds"), pl.col("is_counted")).alias("may_lead")
