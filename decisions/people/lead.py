"""技术负责人: employment, years, title or registration (regulations E11).

Belongs here: the one designated leader of the category, and what he is. Does not: the works he
led (`decisions.people.lead_works`), who is designated (`decisions.people.leaders`), head counts
(`decisions.people.headcount`).
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from assets.calendar import full_years_expr
from assets.tables import personnel
from assets.wording import worded
from decisions import kleene
from decisions.facts.astray import with_astray
from decisions.facts.bodies import OF, all_closed, is_its_own
from decisions.facts.coverage import with_closed
from decisions.facts.model import Facts
from decisions.lookup import looked_up
from decisions.people.leaders import perhaps_appointed, with_leader
from decisions.people.personal_certificates import is_of_series, read_major
from decisions.people.workforce import Workforce
from decisions.plans import as_written
from decisions.rulebook.codes import UNLISTED, Codes
from decisions.rulebook.frames import RuleTables
from decisions.verdicts import Verdicts


def judge_lead(
    stated: pl.DataFrame,
    cases: pl.DataFrame,
    people: Workforce,
    facts: Facts,
    rules: RuleTables,
    codes: Codes,
) -> Verdicts:
    """The technical leader of each case."""
    if stated.is_empty():
        return Verdicts.none()
    of_case = cases.lazy().select("application_id", "usc_code", "category_code", "filed_on")
    asked = as_written(
        stated.lazy().join(rules.leads.lazy(), on="digest").join(of_case, on="application_id")
    )
    if asked.is_empty():
        return Verdicts.none()
    leaders = as_written(_leaders(asked.lazy(), people, facts, codes))
    judged = as_written(
        leaders.lazy()
        .join(
            _qualified(leaders, people.bodies, facts, rules, codes), on="application_id", how="left"
        )
        .join(all_closed(people.bodies, facts, personnel.TECHNICAL_LEAD), on=OF, how="left")
        .with_columns(_OF_LEADER)
        .with_columns(whole=_WHOLE)
    )
    criteria = [judged.lazy().select("application_id", *one) for one in _CRITERIA]
    evidence = judged.lazy().filter(~_IS_NOBODY).select("application_id", *_EVIDENCE)
    if not people.perhaps_lead.is_empty():
        evidence = pl.concat(
            [evidence, _perhaps(asked.lazy(), people, facts)], how="vertical_relaxed"
        )
    return Verdicts.of(as_written(pl.concat(criteria)), evidence)


def _perhaps(asked: pl.LazyFrame, people: Workforce, facts: Facts) -> pl.LazyFrame:
    return perhaps_appointed(asked, people, facts).select(
        "application_id",
        criterion=pl.lit("technical_lead"),
        target=pl.lit(personnel.TECHNICAL_LEAD.name),
        row_key="row_key",
        counted=pl.lit(None, pl.Boolean()),
        reason=pl.lit("任命单位无法识别 appointed by whom cannot be read"),
        content_json=pl.struct("person_key").struct.json_encode(),
    )


def _of_leader(truth: pl.Expr) -> pl.Expr:
    """A truth about the leader; without one, "no" if the source is complete, else no data."""
    return (
        pl.when(pl.col("person_key").is_not_null())
        .then(truth)
        .when(pl.col("is_closed"))
        .then(False)
    )


_IS_AS_LONG = pl.col("practised") >= pl.col("years")
# Of a practice that the text does not ask for by its name: within it, and beside it, there may be
# years in the field that it does ask for (reading 95).
_IS_LONG_ENOUGH = (
    pl.when(pl.col("field").eq_missing(pl.col("practised_in")))
    .then(_IS_AS_LONG)
    .when(pl.col("field").is_null())
    .then(pl.when(_IS_AS_LONG).then(True))
    .when(pl.col("practised_in").is_null())
    .then(pl.when(~_IS_AS_LONG).then(False))
)
_OF_LEADER = [
    # Who leads, and since when, is not known by a row that is not trusted.
    _of_leader(
        pl.when(~pl.col("is_appointable")).then(False).when("is_trusted").then("is_counted")
    ).alias("employed"),
    _of_leader(pl.when("is_trusted").then(_IS_LONG_ENOUGH)).alias("years_truth"),
    _of_leader(pl.when("is_trusted").then("is_qualified")).alias("qualification"),
]
_WHOLE = kleene.all_of(pl.col("employed"), pl.col("years_truth"), pl.col("qualification"))


def _criterion(
    criterion: str,
    truth: str,
    actual: pl.Expr,
    note: pl.Expr | None = None,
    short_by: pl.Expr | None = None,
) -> list[pl.Expr]:
    return [
        pl.lit(criterion).alias("criterion"),
        pl.col(truth).alias("truth"),
        actual.alias("actual"),
        (pl.lit(None, pl.String()) if note is None else note).alias("note"),
        (pl.lit(None, pl.Float64()) if short_by is None else short_by).alias("short_by"),
    ]


_IS_NOBODY = pl.col("person_key").is_null()
_EVIDENCE = [
    pl.lit("technical_lead").alias("criterion"),
    pl.lit(personnel.TECHNICAL_LEAD.name).alias("target"),
    worded("{}|{}", "usc_code", "category_code").alias("row_key"),
    pl.col("whole").alias("counted"),
    pl.col("why").alias("reason"),
    pl.struct("person_key", pl.col("practice_from").cast(pl.String), "practice_field", "titles")
    .struct.json_encode()
    .alias("content_json"),
]
_NAMED = pl.when(_IS_NOBODY).then(pl.lit("无 none")).otherwise(pl.lit("已任命 appointed"))
_TOLD_FIELD = pl.col("practice_field").fill_null("工程施工技术管理")
_CRITERIA = [
    _criterion(
        "technical_lead",
        "whole",
        _NAMED,
        pl.when(_IS_NOBODY).then(pl.lit("未登记技术负责人 no leader on record")),
    ),
    _criterion("technical_lead.employed", "employed", _NAMED, pl.col("why")),
    _criterion(
        "technical_lead.years",
        "years_truth",
        pl.when(pl.col("practised").is_not_null())
        .then(worded("{}年", "practised"))
        .otherwise(pl.lit("无数据 no data")),
        pl.when(
            pl.col("practised").is_not_null()
            & pl.col("years_truth").is_null()
            & pl.col("is_trusted")
        ).then(
            worded(
                "所载为从事{}的年限，从事所要求领域的年限不明 "
                "years told are in {}: those in the field asked for are not known",
                _TOLD_FIELD,
                _TOLD_FIELD,
            )
        ),
        short_by=kleene.short_by(pl.col("practised"), pl.col("years")),
    ),
    _criterion(
        "technical_lead.qualification",
        "qualification",
        pl.coalesce("titles", pl.lit("无 none")),
    ),
]


def _leaders(asked: pl.LazyFrame, people: Workforce, facts: Facts, codes: Codes) -> pl.LazyFrame:
    """One leader per case: the designated one of the category, sound row before doubtful."""
    is_any = pl.col("practice_field").is_in(list(codes.people.any_practice))
    return (
        with_leader(asked, people, facts)
        .join(people.of.lazy(), on="application_id")
        .join(people.persons.lazy(), on=["staff", "person_key"], how="left")
        .with_columns(_PRACTISED, practised_in=pl.when(~is_any).then("practice_field"))
    )


_PRACTISED = full_years_expr(pl.col("practice_from"), pl.col("filed_on")).alias("practised")


def _qualified(
    leaders: pl.DataFrame, bodies: pl.DataFrame, facts: Facts, rules: RuleTables, codes: Codes
) -> pl.LazyFrame:
    """Any one alternative is enough, whatever is unknown beside it (W10).

    Of a registration with a branch it is not known whether it is one (reading 66).
    """
    mine = (
        leaders.lazy()
        .filter(~_IS_NOBODY)
        .select("application_id", "digest", "usc_code", "person_key", "filed_on")
        .pipe(with_closed, facts, personnel.TITLE, name="titles")
        .join(all_closed(bodies, facts, personnel.REGISTRATION), on=OF, how="left")
        .with_columns(pl.col("is_closed") & pl.col("titles"))
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
            "awarded_on",
            "is_trusted",
            "is_lawful",
            told="major",
            major=read_major("major", codes.people),
            studied_major=read_major("studied_major", codes.people),
        )
        .pipe(facts.read)
    )
    registrations = (
        with_astray(facts, personnel.REGISTRATION, mine)
        .join(keys, on="person_key", how="semi")
        .select(
            "person_key",
            "registration",
            "specialty",
            "valid_from",
            "valid_until",
            "is_trusted",
            "is_lawful",
            body="usc_code",
        )
        .pipe(facts.read)
    )
    by_title = (
        mine.join(rules.lead_titles.lazy().rename({"rank": "asked_rank"}), on="digest")
        .join(titles, on="person_key")
        .filter(_IS_OF_MAJOR)
        .with_columns(held=looked_up(pl.col("title_level"), codes.people.title_ranks, pl.Int64()))
        .select(
            "application_id",
            truth=_counted(
                pl.when(_IS_READ).then(True),
                pl.col("held") >= pl.col("asked_rank"),
                is_of_series(codes.people),
                pl.col("awarded_on") <= pl.col("filed_on"),
            ),
            shown=_TITLE,
        )
    )
    by_registration = (
        mine.join(rules.lead_registrations.lazy().rename({"registration": "asked"}), on="digest")
        .join(bodies.lazy().select(*OF, "body"), on=OF)
        .join(registrations, on=["person_key", "body"])
        .filter(_IS_OF_SPECIALTY)
        .select("application_id", *_BY_REGISTRATION)
    )
    found = pl.concat([by_title, by_registration]).group_by("application_id").agg(_SHOWN)
    return (
        mine.select("application_id", "digest", "is_closed")
        .join(found, on="application_id", how="left")
        .join(_unlisted(rules).lazy(), on="digest", how="left")
        .select("application_id", "titles", _IS_QUALIFIED)
    )


@lru_cache(maxsize=4)
def _unlisted(rules: RuleTables) -> pl.DataFrame:
    """Where the majors are not all known: `digest`, `is_listed`, which is false."""
    titles = rules.lead_titles.filter(pl.col("value") == UNLISTED)
    return titles.select(pl.col("digest").unique(), is_listed=pl.lit(False))


def _counted(*truths: pl.Expr) -> pl.Expr:
    """What a certificate says, if it is trusted; nothing good where the law does not count it."""
    return pl.when(~pl.col("is_lawful")).then(False).when("is_trusted").then(kleene.all_of(*truths))


# One in doubt may be any (reading 31).
_IS_READ = (pl.col("value") == "*") | pl.any_horizontal(
    pl.col("major", "studied_major") == pl.col("value")
)
# The degree's major counts as that of the title (E7); one that is not told, or of a name in no list
# (reading 97), may be any.
_IS_OF_MAJOR = (
    _IS_READ | pl.any_horizontal(pl.col("major", "studied_major").is_null()) | ~pl.col("is_trusted")
)
_TITLE = pl.concat_str("told", pl.col("title_level").fill_null("?"))
_IS_OF_SPECIALTY = (
    (pl.col("registration") == pl.col("asked"))
    & ((pl.col("value") == "*") | (pl.col("value") == pl.col("specialty")))
) | ~pl.col("is_trusted")
_BY_REGISTRATION = [
    _counted(
        is_its_own(),
        pl.col("valid_from") <= pl.col("filed_on"),
        pl.col("valid_until") >= pl.col("filed_on"),
    ).alias("truth"),
    pl.concat_str("specialty", "registration").alias("shown"),
]
_SHOWN = [
    kleene.some(pl.col("truth")).alias("any_truth"),
    pl.col("shown").unique().sort().str.join("、").alias("titles"),
]
# Not shown: "no" only if both sources are complete, and every major is known.
_IS_QUALIFIED = (
    pl.when(pl.col("any_truth").fill_null(False))
    .then(True)
    .when(
        pl.col("is_closed")
        & pl.col("is_listed").is_null()
        & (pl.col("any_truth").is_not_null() | pl.col("titles").is_null())
    )
    .then(False)
    .alias("is_qualified")
)
