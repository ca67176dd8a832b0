"""Who the technical leader of a case is, and that he counts among the titled staff only.

Belongs here: the designated leader of the category (regulations E11), and what follows for the
counts of people: he is one of the titled staff (E1), so that no post certificate and no worker's
certificate of his counts beside that (E5). Does not: whether he meets what the level asks
(`decisions.lead`), counting (`decisions.headcount`).
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from assets.tables import personnel
from decisions import kleene
from decisions.cells import GROUPS, Cells
from decisions.facts import Facts
from decisions.people import Workforce
from decisions.plans import as_written

NOT_HIS = ("site", "worker")
"""Groups that the leader is not counted in."""
WHY = "技术负责人计入技术职称人员，不重复计入 the technical leader counts among the titled staff"


def with_leader(asked: pl.LazyFrame, facts: Facts) -> pl.LazyFrame:
    """The leader of the category on record, a sound row before a doubtful one.

    Who was appointed after the filing, or on a day that is not told, leads now; who led on that
    day is not known by it, so that such a row is as good as one that is not trusted.

    Args:
        asked: `usc_code`, `category_code`, `filed_on`, among others.
        facts: the release.

    Returns:
        `asked` with `person_key` (null: no leader on record), `practice_from`, `is_trusted`,
        `is_appointable` (no check excludes him).
    """
    appointed = (
        facts.table(personnel.TECHNICAL_LEAD)
        .join(asked.select("usc_code").unique(), on="usc_code", how="semi")
        .select(
            "usc_code",
            "category_code",
            "person_key",
            "practice_from",
            "appointed_on",
            "is_trusted",
            is_appointable="is_lawful",
        )
        .sort("is_trusted", descending=True)
        .unique(["usc_code", "category_code"], keep="first", maintain_order=True)
        .pipe(facts.read)
    )
    return (
        asked.join(appointed, on=["usc_code", "category_code"], how="left")
        .with_columns(pl.col("is_trusted") & led_by_then())
        .drop("appointed_on")
    )


def led_by_then() -> pl.Expr:
    """Whether the appointment was surely made by the day of filing; one without a day was not."""
    return (pl.col("appointed_on") <= pl.col("filed_on")).fill_null(False)


def leaders_with_other_certificates(
    assessed: pl.DataFrame, cases: pl.DataFrame, people: Workforce, facts: Facts
) -> pl.DataFrame:
    """Leaders who hold a post certificate or a worker's: hardly anybody.

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
        with_leader(led, facts)
        .filter("is_appointable")
        .join(people.of.lazy(), on="application_id")
        .join(others.unique(), on=["staff", "person_key"], how="semi")
        .select("application_id", "staff", "person_key", is_sure="is_trusted")
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
