"""Who the technical leader of a case is, and that he counts among the titled staff only.

Belongs here: the designated leader of the category (regulations E11), and what follows for the
counts of people: he is one of the titled staff (E1), so that no post certificate and no worker's
certificate of his counts beside that (E5). Does not: whether he meets what the level asks
(`decisions.people.lead`), counting (`decisions.people.headcount`).
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from assets.tables import personnel
from assets.wording import worded
from decisions import kleene
from decisions.facts.astray import astray
from decisions.facts.bodies import OF, under_their_codes
from decisions.facts.model import Facts
from decisions.people.cells import GROUPS, Cells
from decisions.people.workforce import Workforce
from decisions.plans import as_written

NOT_HIS = ("site", "worker")
"""Groups that the leader is not counted in."""
WHY = "技术负责人计入技术职称人员，不重复计入 the technical leader counts among the titled staff"


def with_leader(asked: pl.LazyFrame, people: Workforce, facts: Facts) -> pl.LazyFrame:
    """The leader of the category on record; where there are several rows, none is trusted.

    Who was appointed after the filing, or on a day that is not told, leads now; who led on that
    day is not known by it, so that such a row is as good as one that is not trusted.

    Args:
        asked: `application_id`, `usc_code`, `category_code`, `filed_on`, among others.
        people: who may count for the cases.
        facts: the release.

    Returns:
        `asked` with `person_key` (null: no leader on record), `practice_from`, `practice_field`,
        `is_trusted`, `is_appointable` (no check excludes him).
    """
    one_each = _appointed(asked, people, facts).unique(_OF, keep="first", maintain_order=True)
    return asked.join(one_each, on=_OF, how="left").with_columns(_LED_BY_THEN).drop("appointed_on")


_OF = ["usc_code", "category_code"]


def _appointed(asked: pl.LazyFrame, people: Workforce, facts: Facts) -> pl.LazyFrame:
    return (
        appointments(asked, people, facts)
        .select(
            *_OF,
            "person_key",
            "practice_from",
            "practice_field",
            "appointed_on",
            "is_trusted",
            is_appointable="is_lawful",
        )
        .pipe(facts.read)
    )


def appointments(asked: pl.LazyFrame, people: Workforce, facts: Facts) -> pl.LazyFrame:
    """The leaders of the applicants, and who may be one: whose, or for what, cannot be read.

    He may have taken the place of the one on record: like a newer copy that was set apart, that
    leaves the older row open. Whom a branch has appointed may be its enterprise's leader where
    that has none on record (reading 66).

    Args:
        asked: `application_id`, `usc_code`, `filed_on`, among others.
        people: who may count for the cases.
        facts: the release.
    """
    mine = asked.select("usc_code").unique()
    known = facts.table(personnel.TECHNICAL_LEAD).join(mine, on="usc_code", how="semi")
    others = people.bodies.filter(pl.col("body") != pl.col("usc_code"))
    if not others.is_empty():
        known = pl.concat([known, _of_branches(asked, known, others, facts)])
    apart = facts.set_apart(personnel.TECHNICAL_LEAD)
    if apart is None:
        return known
    known = facts.read(known)
    of_any = apart.filter(pl.col("category_code").is_null(), pl.col("usc_code").is_not_null())
    lost = pl.concat([of_any.lazy(), _of_others(asked, people, facts).select(apart.columns)])
    of_one = ["usc_code", "category_code"]
    told = (
        known.filter("is_trusted").group_by(of_one).agg(told_at=pl.col("received_at").max()).cache()
    )
    perhaps = (
        lost.join(asked.select("usc_code", asked="category_code").unique(), on="usc_code")
        .filter((pl.col("category_code") == pl.col("asked")).fill_null(True))
        .with_columns(category_code="asked")
        .join(told, on=of_one, how="left")
        .filter((pl.col("received_at") > pl.col("told_at")).fill_null(True))
        .select(apart.columns)
        .cache()
    )
    newer = perhaps.select(of_one).unique().with_columns(is_overtaken=pl.lit(True))
    doubted = (
        known.filter(pl.col("category_code").is_not_null())
        .join(newer, on=of_one, how="left")
        .with_columns(pl.col("is_trusted") & pl.col("is_overtaken").is_null())
        .drop("is_overtaken")
    )
    return pl.concat([doubted, perhaps])


def _of_branches(
    asked: pl.LazyFrame, known: pl.LazyFrame, others: pl.DataFrame, facts: Facts
) -> pl.LazyFrame:
    """Appointments under other bodies' codes, as doubtful ones of who has none of its own."""
    rows = facts.table(personnel.TECHNICAL_LEAD).filter("is_lawful")
    return (
        under_their_codes(asked.select(OF).unique(), others, rows)
        .join(known, on=["usc_code", "category_code"], how="anti")
        .sort("body", "person_key")
        .with_columns(is_trusted=pl.lit(False))
        .select(*personnel.TECHNICAL_LEAD.schema, "is_trusted", "is_lawful")
    )


def _of_others(asked: pl.LazyFrame, people: Workforce, facts: Facts) -> pl.LazyFrame:
    """Appointments of people known to the applicants, nobody can read by whom."""
    lost = astray(facts, personnel.TECHNICAL_LEAD)
    if lost is None:
        return (
            personnel.TECHNICAL_LEAD.empty()
            .lazy()
            .with_columns(is_trusted=pl.lit(False), is_lawful=pl.lit(True))
        )
    theirs = (
        people.perhaps_lead.lazy()
        .join(people.of.lazy(), on="staff")
        .join(asked.select("application_id", "usc_code"), on="application_id")
    )
    return (
        lost.lazy()
        .drop("usc_code")
        .join(theirs.select("usc_code", "person_key").unique(), on="person_key")
    )


def perhaps_appointed(asked: pl.LazyFrame, people: Workforce, facts: Facts) -> pl.LazyFrame:
    """The appointments nobody can read by whom, of the category asked or perhaps of it.

    Returns `application_id`, `person_key`, `row_key` (delivery and row).
    """
    lost = _of_others(asked, people, facts).rename({"category_code": "of"})
    is_asked = (pl.col("of") == pl.col("category_code")).fill_null(True)
    return (
        asked.select("application_id", "usc_code", "category_code")
        .join(lost, on="usc_code")
        .filter(is_asked)
        .select("application_id", "person_key", row_key=worded("{}:{}", "delivery_id", "row_no"))
    )


def led_by_then() -> pl.Expr:
    """Whether the appointment was surely made by the day of filing; one without a day was not."""
    return (pl.col("appointed_on") <= pl.col("filed_on")).fill_null(False)


_LED_BY_THEN = (pl.col("is_trusted") & led_by_then()).alias("is_trusted")


def leaders_with_other_certificates(
    assessed: pl.DataFrame, cases: pl.DataFrame, people: Workforce, facts: Facts
) -> pl.DataFrame:
    """Leaders who hold a post certificate or a worker's: hardly anybody.

    Of several appointments of which nobody knows the one that holds each may lead.

    Returns:
        `application_id`, `staff`, `person_key`, `is_sure` (that he leads).
    """
    asked = assessed.lazy().filter(pl.col("part") == "technical_lead")
    led = (
        cases.lazy()
        .join(asked, on="application_id", how="semi")
        .select("application_id", "usc_code", "category_code", "filed_on")
        .cache()
    )
    others = people.uses.lazy().filter(pl.col("use").is_in(NOT_HIS)).select("staff", "person_key")
    return (
        led.join(_appointed(led, people, facts), on=_OF)
        .filter("is_appointable")
        .with_columns(_LED_BY_THEN)
        .join(people.of.lazy(), on="application_id")
        .join(others.unique(), on=["staff", "person_key"], how="semi")
        .group_by("application_id", "staff", "person_key", maintain_order=True)
        .agg(is_sure=pl.col("is_trusted").all())
        .pipe(as_written)
    )


def without_leaders(counts: pl.LazyFrame, cells: Cells, leaders: pl.DataFrame) -> pl.LazyFrame:
    """The counts of site managers and workers less the leader, and `is_less_leader`.

    Args:
        counts: `application_id`, `staff`, `cell`, `counted`, `certain`, `possible`, `alone`.
        cells: the people by cell.
        leaders: from `leaders_with_other_certificates`.
    """
    if leaders.is_empty():
        return counts.with_columns(is_less_leader=pl.lit(False))
    theirs = cells.certificates.join(leaders, on=["staff", "person_key"], how="semi")
    heads = counts.cache()
    is_twofold = pl.col("use").replace_strict(GROUPS).n_unique() > 1
    sides = (
        theirs.lazy()
        .filter(pl.col("is_sound").fill_null(True))
        .group_by("staff", "person_key")
        .agg(is_twofold=is_twofold)
    )
    pairs = heads.filter(pl.col("counted").is_in(NOT_HIS)).select("staff", "cell").unique()
    is_counted = pl.col("truth").fill_null(False)
    less = (
        replace(cells, certificates=theirs)
        .members(pairs)
        .group_by("staff", "cell", "person_key")
        .agg(truth=kleene.some(pl.col("truth")))
        .filter(pl.col("truth").fill_null(True))
        .join(sides, on=["staff", "person_key"], how="left")
        .join(leaders.lazy(), on=["staff", "person_key"])
        .select(
            "application_id",
            "cell",
            less_certain=is_counted.cast(pl.Int64),
            less_possible=pl.col("is_sure").cast(pl.Int64),
            less_alone=(is_counted & ~pl.col("is_twofold")).cast(pl.Int64),
        )
        .group_by("application_id", "cell")
        .agg(pl.all().sum())
    )
    return (
        heads.join(less, on=["application_id", "cell"], how="left", maintain_order="left")
        .with_columns(
            pl.col(name) - pl.col(f"less_{name}").fill_null(0)
            for name in ("certain", "possible", "alone")
        )
        .with_columns(is_less_leader=pl.col("less_certain").is_not_null())
        .drop("less_certain", "less_possible", "less_alone")
    )


def not_the_leader(serving: pl.DataFrame, leaders: pl.DataFrame) -> pl.DataFrame:
    """Who may serve in each case, the leader in his own group only.

    Args:
        serving: `application_id`, `person_key`, `group`, `truth`.
        leaders: from `leaders_with_other_certificates`.
    """
    if leaders.is_empty():
        return serving
    leads = leaders.select(
        "application_id", "person_key", leads_surely="is_sure", leads=pl.lit(True)
    )
    is_his = pl.col("leads").fill_null(False) & pl.col("group").is_in(NOT_HIS)
    return (
        serving.join(leads, on=["application_id", "person_key"], how="left", maintain_order="left")
        .filter(~(is_his & pl.col("leads_surely").fill_null(False)))
        .with_columns(truth=pl.when(~is_his | ~pl.col("truth")).then("truth"))
        .drop("leads", "leads_surely")
    )
