"""技术负责人: employment, years, title or registration, and projects led (regulations E11).

Belongs here: the one designated leader of the category, and the personal performance that
the lowest levels ask for. Does not: head counts (`decisions.headcount`).

Reading of E11: each project of the leader must reach a threshold by itself, of the level cited or
a higher one, a cumulative one too; no window applies; done as project manager or project
technical leader.
"""

from __future__ import annotations

import polars as pl

from assets.calendar import full_years_expr
from assets.tables import personnel, project
from assets.wording import worded
from decisions import kleene
from decisions.coverage import closed
from decisions.facts import Facts
from decisions.leaders import led_by_then, with_leader
from decisions.measures import by_contract, line_truths, of_kind
from decisions.people import Workforce
from decisions.plans import as_written
from decisions.rulebook.codes import UNLISTED, Codes
from decisions.rulebook.frames import RuleTables
from decisions.verdicts import Verdicts
from decisions.works import shown, works_of


def judge_lead(
    assessed: pl.DataFrame,
    cases: pl.DataFrame,
    people: Workforce,
    facts: Facts,
    rules: RuleTables,
    codes: Codes,
) -> Verdicts:
    """The technical leader of each case."""
    of_case = cases.lazy().select("application_id", "usc_code", "category_code", "filed_on")
    asked = as_written(
        assessed.lazy()
        .filter(pl.col("part") == "technical_lead")
        .join(rules.leads.lazy(), on="digest")
        .join(of_case, on="application_id")
    )
    if asked.is_empty():
        return Verdicts.none()
    leaders = as_written(_leaders(asked.lazy(), people, facts))
    rows = (
        leaders.lazy()
        .join(_qualified(leaders, facts, rules, codes), on="application_id", how="left")
        .join(closed(cases, facts, personnel.TECHNICAL_LEAD), on="application_id", how="left")
    )
    rows = rows.with_columns(
        # Who leads, and since when, is not known by a row that is not trusted.
        employed=_of_leader(
            pl.when(~pl.col("is_appointable")).then(False).when("is_trusted").then("is_counted")
        ),
        years_truth=_of_leader(pl.when("is_trusted").then(pl.col("practised") >= pl.col("years"))),
        qualification=_of_leader(pl.when("is_trusted").then("is_qualified")),
    )
    rows = rows.with_columns(
        whole=kleene.all_of(pl.col("employed"), pl.col("years_truth"), pl.col("qualification"))
    )
    judged = as_written(rows)
    practised = (
        pl.when(pl.col("practised").is_not_null())
        .then(worded("{}年", "practised"))
        .otherwise(pl.lit("无数据 no data"))
    )
    named = (
        pl.when(pl.col("person_key").is_null())
        .then(pl.lit("无 none"))
        .otherwise(pl.lit("已任命 appointed"))
    )
    criteria = [
        _criterion(
            judged,
            "technical_lead",
            "whole",
            named,
            pl.when(pl.col("person_key").is_null()).then(
                pl.lit("未登记技术负责人 no leader on record")
            ),
        ),
        _criterion(judged, "technical_lead.employed", "employed", named, pl.col("why")),
        _criterion(
            judged,
            "technical_lead.years",
            "years_truth",
            practised,
            pl.lit(None, pl.String()),
            kleene.short_by(pl.col("practised"), pl.col("years")),
        ),
        _criterion(
            judged,
            "technical_lead.qualification",
            "qualification",
            pl.coalesce("titles", pl.lit("无 none")),
            pl.lit(None, pl.String()),
        ),
    ]
    evidence = (
        judged.lazy()
        .filter(pl.col("person_key").is_not_null())
        .select(
            "application_id",
            criterion=pl.lit("technical_lead"),
            target=pl.lit(personnel.TECHNICAL_LEAD.name),
            row_key=worded("{}|{}", "usc_code", "category_code"),
            counted="whole",
            reason="why",
            content_json=pl.struct(
                "person_key", pl.col("practice_from").cast(pl.String), "titles"
            ).struct.json_encode(),
        )
    )
    return Verdicts.of(as_written(pl.concat(criteria)), evidence)


def _of_leader(truth: pl.Expr) -> pl.Expr:
    """A truth about the leader; without one, "no" if the source is complete, else no data."""
    return (
        pl.when(pl.col("person_key").is_not_null())
        .then(truth)
        .when(pl.col("is_closed"))
        .then(False)
    )


def _criterion(
    rows: pl.DataFrame,
    criterion: str,
    truth: str,
    actual: pl.Expr,
    note: pl.Expr,
    short_by: pl.Expr | None = None,
) -> pl.LazyFrame:
    return rows.lazy().select(
        "application_id",
        criterion=pl.lit(criterion),
        truth=truth,
        actual=actual,
        note=note,
        short_by=pl.lit(None, pl.Float64()) if short_by is None else short_by,
    )


def _leaders(asked: pl.LazyFrame, people: Workforce, facts: Facts) -> pl.LazyFrame:
    """One leader per case: the designated one of the category, sound row before doubtful."""
    return (
        with_leader(asked, facts)
        .join(people.of.lazy(), on="application_id")
        .join(people.persons.lazy(), on=["staff", "person_key"], how="left")
        .with_columns(practised=full_years_expr(pl.col("practice_from"), pl.col("filed_on")))
    )


def _qualified(
    leaders: pl.DataFrame, facts: Facts, rules: RuleTables, codes: Codes
) -> pl.LazyFrame:
    """Any one alternative is enough, whatever is unknown beside it (W10)."""
    mine = (
        leaders.lazy()
        .filter(pl.col("person_key").is_not_null())
        .select("application_id", "digest", "usc_code", "person_key", "filed_on")
        .cache()
    )
    keys = mine.select("person_key").unique()
    titles = (
        facts.table(personnel.TITLE)
        .join(keys, on="person_key", how="semi")
        .select(
            "person_key",
            "title_level",
            "series",
            "major",
            "awarded_on",
            "is_trusted",
            "is_lawful",
        )
        .pipe(facts.read)
    )
    registrations = (
        facts.table(personnel.REGISTRATION)
        .join(keys, on="person_key", how="semi")
        .select(
            "person_key",
            "usc_code",
            "registration",
            "specialty",
            "valid_from",
            "valid_until",
            "is_trusted",
            "is_lawful",
        )
        .pipe(facts.read)
    )
    by_title = (
        mine.join(rules.lead_titles.lazy().rename({"rank": "asked_rank"}), on="digest")
        .join(titles, on="person_key")
        # One in doubt may be any (reading 31).
        .filter(
            (pl.col("value") == "*") | (pl.col("value") == pl.col("major")) | ~pl.col("is_trusted")
        )
        .with_columns(
            held=pl.col("title_level").replace_strict(
                codes.people.title_ranks, default=None, return_dtype=pl.Int64
            )
        )
        .select(
            "application_id",
            truth=_counted(
                pl.col("held") >= pl.col("asked_rank"),
                pl.col("series") == codes.people.title_series,
                pl.col("awarded_on") <= pl.col("filed_on"),
            ),
            shown=pl.concat_str("major", pl.col("title_level").fill_null("?")),
        )
    )
    by_registration = (
        mine.join(rules.lead_registrations.lazy().rename({"registration": "asked"}), on="digest")
        .join(registrations, on=["person_key", "usc_code"])
        .filter(
            (
                (pl.col("registration") == pl.col("asked"))
                & ((pl.col("value") == "*") | (pl.col("value") == pl.col("specialty")))
            )
            | ~pl.col("is_trusted")
        )
        .select(
            "application_id",
            truth=_counted(
                pl.col("valid_from") <= pl.col("filed_on"),
                pl.col("valid_until") >= pl.col("filed_on"),
            ),
            shown=pl.concat_str("specialty", "registration"),
        )
    )
    found = (
        pl.concat([by_title, by_registration])
        .group_by("application_id")
        .agg(
            any_truth=kleene.some(pl.col("truth")),
            titles=pl.col("shown").unique().sort().str.join("、"),
        )
    )
    complete = closed(leaders, facts, personnel.TITLE, personnel.REGISTRATION)
    unlisted = (
        rules.lead_titles.lazy()
        .filter(pl.col("value") == UNLISTED)
        .select(pl.col("digest").unique(), is_listed=pl.lit(False))
    )
    return (
        mine.select("application_id", "digest")
        .join(found, on="application_id", how="left")
        .join(complete, on="application_id", how="left")
        .join(unlisted, on="digest", how="left")
        .select(
            "application_id",
            "titles",
            # Not shown: "no" only if both sources are complete, and every major is known.
            is_qualified=pl.when(pl.col("any_truth").fill_null(False))
            .then(True)
            .when(
                pl.col("is_closed")
                & pl.col("is_listed").is_null()
                & (pl.col("any_truth").is_not_null() | pl.col("titles").is_null())
            )
            .then(False),
        )
    )


def _counted(*truths: pl.Expr) -> pl.Expr:
    """What a certificate says, if it is trusted; nothing good where the law does not count it."""
    return pl.when(~pl.col("is_lawful")).then(False).when("is_trusted").then(kleene.all_of(*truths))


def judge_lead_projects(
    assessed: pl.DataFrame,
    cases: pl.DataFrame,
    people: Workforce,
    facts: Facts,
    rules: RuleTables,
    codes: Codes,
) -> Verdicts:
    """Projects led by one person: the technical leader, or where the text allows a constructor."""
    of_case = cases.lazy().select(
        "application_id", "usc_code", "category_code", "subcategory", "filed_on", "authority"
    )
    asked = as_written(
        assessed.lazy()
        .filter(pl.col("part") == "lead_performance")
        .join(rules.lead_projects.lazy(), on="digest")
        .join(of_case, on="application_id")
    )
    if asked.is_empty():
        return Verdicts.none()
    leads = as_written(_who_may_lead(asked, people, facts))
    duties = (
        facts.table(project.PARTY)
        .join(leads.lazy().select("person_key").unique(), on="person_key", how="semi")
        .select("contract_no", "person_key", is_party="is_trusted", is_party_lawful="is_lawful")
        .unique()
        .pipe(facts.collect)
    )
    works = works_of(duties.lazy().select("contract_no").unique(), facts, codes)
    is_asked = pl.col("digest").is_in(asked["digest"].unique().implode())
    lines = rules.lines.filter((pl.col("purpose") == "lead") & is_asked).select("digest", "line_id")
    pairs = of_kind(lines, works.names, rules)
    truths = line_truths(pairs, works.measures, rules, "any")
    done = kleene.all_of(pl.col("quality") == "合格", pl.col("accepted_on") <= pl.col("filed_on"))
    led = (
        duties.lazy()
        .join(works.units.lazy().drop("usc_code"), on="contract_no")
        .join(pairs.lazy().drop("is_kind"), on="thing")
        .with_columns(
            is_clear=pl.all_horizontal(
                "is_party_lawful",
                pl.col("is_lawful", "is_contract_lawful", "is_acceptance_lawful").fill_null(True),
            )
        )
    )
    works_led = as_written(leads.lazy().join(led, on=["digest", "person_key"]))
    on_platform = _on_platform(works_led, asked, facts, rules)
    projects = (
        works_led.lazy()
        .join(on_platform.lazy(), on=["application_id", "thing"], how="left")
        .join(truths.lazy(), on=["line_id", "thing"])
        .join(by_contract(rules, codes).lazy(), on="line_id", how="left")
        .with_columns(
            truth=pl.when(~pl.col("is_clear"))
            .then(False)
            # What hangs on a unit that is not trusted may be another's.
            .when("is_trusted")
            .then(
                kleene.all_of(
                    pl.col("truth"),
                    pl.col("may_lead"),
                    pl.when(pl.col("is_party") & pl.col("is_contract_trusted")).then(True),
                    pl.when("is_acceptance_trusted").then(done),
                    pl.col("is_shown") | pl.col("is_asked").is_null(),
                )
            )
        )
        .with_columns(is_unit=pl.col("is_priced").is_null())
        .group_by("application_id", "person_key", "contract_no", "thing", "is_unit")
        .agg(truth=kleene.some(pl.col("truth")))
        .pipe(as_written)
    )
    counts = (
        _works_led(projects.lazy())
        .group_by("application_id", "person_key")
        .agg(pl.col("certain", "possible").sum())
        .group_by("application_id")
        .agg(pl.col("certain", "possible").max())
    )
    rows = (
        asked.lazy()
        .select("application_id", "asked")
        .join(counts, on="application_id", how="left")
        .with_columns(pl.col("certain", "possible").fill_null(0))
        .join(_all_known(asked, facts), on="application_id", how="left")
        .with_columns(
            truth=kleene.at_least(
                pl.col("certain"), pl.col("possible"), pl.col("asked"), pl.col("is_closed")
            )
        )
    )
    criteria = rows.select(
        "application_id",
        criterion=pl.lit("lead_performance"),
        truth="truth",
        actual=pl.when(pl.col("certain") == pl.col("possible"))
        .then(worded("{}项", "certain"))
        .otherwise(worded("{}项（至多{}项 possibly {}）", "certain", "possible", "possible")),
        note=pl.when(~pl.col("truth")).then(
            worded(
                "缺{}项 short by {}",
                pl.col("asked") - pl.col("certain"),
                pl.col("asked") - pl.col("certain"),
            )
        ),
        short_by=kleene.short_by(pl.col("certain"), pl.col("asked")),
    ).pipe(as_written)
    used = (
        projects.lazy()
        .group_by("application_id", "person_key", "thing")
        .agg(truth=kleene.some(pl.col("truth")))
        .join(works.units.lazy().select("thing", "unit_code"), on="thing")
    )
    evidence = used.select(
        "application_id",
        criterion=pl.lit("lead_performance"),
        target=pl.lit(project.PARTY.name),
        row_key=worded("{}|{}", "unit_code", "person_key"),
        counted="truth",
        reason=pl.lit(None, pl.String()),
        content_json=pl.struct(
            pl.col("unit_code").alias("thing"), "person_key"
        ).struct.json_encode(),
    )
    return Verdicts.of(criteria, evidence)


def _all_known(asked: pl.DataFrame, facts: Facts) -> pl.LazyFrame:
    """Whether there can be no other works, nor anybody else to have led them: `is_closed`.

    Works led for a former employer may lie in any city.
    """
    works = closed(
        asked,
        facts,
        project.PARTY,
        project.UNIT,
        project.ACCEPTANCE,
        project.MEASURE,
        everywhere=True,
    )
    leaders = closed(asked, facts, personnel.TECHNICAL_LEAD).rename({"is_closed": "leaders"})
    constructors = closed(asked, facts, personnel.REGISTRATION).rename(
        {"is_closed": "constructors"}
    )
    return (
        asked.lazy()
        .select("application_id", "by_constructor")
        .join(works, on="application_id")
        .join(leaders, on="application_id")
        .join(constructors, on="application_id")
        .select(
            "application_id",
            is_closed=pl.col("is_closed")
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
        .select("application_id", "digest", "thing", "project_no")
        .unique(["application_id", "thing"])
        .join(rules.platform.lazy().select("digest"), on="digest", how="semi")
        .join(asked.lazy().select("application_id", "authority"), on="application_id")
        .rename({"application_id": "track", "digest": "platform_digest"})
        .pipe(as_written)
    )
    cases = asked.select("usc_code", "filed_on", track="application_id")
    return (
        shown(bound, cases, facts, rules, "personal_grades")
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
    """`may_lead`: the person counts for the applicant, as its leader or its constructor."""
    leaders = (
        facts.table(personnel.TECHNICAL_LEAD)
        .filter("is_lawful")
        .select("usc_code", "category_code", "person_key", "appointed_on", holds="is_trusted")
        .pipe(facts.read)
    )
    by_lead = (
        asked.lazy()
        .filter("by_lead")
        .join(leaders, on=["usc_code", "category_code"])
        .with_columns(holds=pl.when(pl.col("holds") & led_by_then()).then(True))
    )
    constructors = (
        people.uses.lazy()
        .filter(pl.col("use") == "constructor")
        .select("staff", "person_key", "holds")
    )
    by_constructor = (
        asked.lazy()
        .filter("by_constructor")
        .join(people.of.lazy(), on="application_id")
        .join(constructors, on="staff")
    )
    columns = ["application_id", "digest", "filed_on", "person_key", "holds"]
    return (
        pl.concat([by_lead.select(columns), by_constructor.select(columns)])
        .join(people.of.lazy(), on="application_id")
        .join(people.persons.lazy(), on=["staff", "person_key"], how="left")
        .with_columns(may_lead=kleene.all_of(pl.col("holds"), pl.col("is_counted")))
        .group_by("application_id", "digest", "filed_on", "person_key")
        .agg(may_lead=kleene.some(pl.col("may_lead")))
    )
