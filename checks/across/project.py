"""Cross-channel checks on performance (catalogue group J).

Belongs here: what the contract, unit, acceptance, party, registration and registry tables
tell against each other. Does not: whether a work is big enough, or within the window.

A finding is keyed by `contract_no`, and by `unit_code` where its target is the unit.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.tables import enterprise, intake, personnel, project
from assets.wording import worded
from checks.across.apart import if_apart, quarantined, with_sure_head
from checks.across.common import CrossCheck, Tables, findings, law_if, listed, with_head
from checks.across.managers import managed

_PROVINCE = "330000"


def _works(tables: Tables) -> pl.LazyFrame:
    """Contracts with their acceptance, one row each; dates null where a row is absent."""
    return tables[project.CONTRACT.name].join(
        tables[project.ACCEPTANCE.name].select("contract_no", "started_on", "accepted_on"),
        on="contract_no",
        how="left",
    )


def dates_out_of_order(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-04: signed after the acceptance cannot be; signed after the start is noted."""
    del as_of
    after_end = pl.col("signed_on") > pl.col("accepted_on")
    after_start = pl.col("signed_on") > pl.col("started_on")
    rows = (
        _works(tables)
        .filter(after_end | after_start)
        .with_columns(_cannot=after_end.fill_null(False))
    )
    severity = pl.when("_cannot").then(pl.lit("DATA")).otherwise(pl.lit("WARN"))
    text = worded(
        "签订 {}，开工 {}，验收 {} / signed, started, accepted out of order",
        *(
            pl.col(name).cast(pl.String).fill_null("–")
            for name in ("signed_on", "started_on", "accepted_on")
        ),
    )
    return findings(rows, project.CONTRACT, "contract_no", severity, text)


def in_the_future(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-05, second half: started or accepted after the day that the data speak of.

    The first half, the order of the two days, is a rule of the row (`assets.tables.project`).
    """
    late = (pl.col("accepted_on") > pl.lit(as_of)) | (pl.col("started_on") > pl.lit(as_of))
    rows = tables[project.ACCEPTANCE.name].filter(late)
    latest = pl.max_horizontal("accepted_on", "started_on")
    detail = worded("日期 {} 晚于 {} / dated after the data", latest, pl.lit(as_of.isoformat()))
    return findings(rows, project.ACCEPTANCE, "contract_no", "DATA", detail)


def contractor_differs(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-11: contract and unit, acceptance or manager name different contractors.

    Not in a consortium, where each member has its part; a branch is its parent.
    """
    del as_of
    contracts = (
        with_head(
            tables, tables[project.CONTRACT.name].select("contract_no", "usc_code", "is_consortium")
        )
        .filter(~pl.col("is_consortium").fill_null(False))
        .select("contract_no", contractor="usc_code", contract_head="head")
    )
    found = []
    for table in (project.UNIT, project.ACCEPTANCE, project.PARTY):
        key = table.key[0]
        named = with_head(
            tables, tables[table.name].select(*dict.fromkeys((key, "contract_no", "usc_code")))
        )
        rows = named.join(contracts, on="contract_no").filter(
            pl.col("head") != pl.col("contract_head")
        )
        text = worded("合同承包单位 {}，此处 {} / contractors differ", "contractor", "usc_code")
        at_contract = rows.group_by("contract_no", "contractor").agg(named=pl.col("usc_code").min())
        found += [
            findings(rows, table, key, "DATA", text),
            findings(
                at_contract.rename({"contractor": "usc_code"}),
                project.CONTRACT,
                "contract_no",
                "DATA",
                worded("{} 表记载为 {} / another contractor there", pl.lit(table.zh), "named"),
            ),
        ]
    return pl.concat(found)


def manager_not_registered(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-14: the manager was not the contractor's registered constructor for all of the works.

    Only where the registry is declared complete up to the acceptance: elsewhere an absent row
    proves nothing. DATA where a registration that may be his is in quarantine, a row of the duty or
    of the contract is, the contract names several managers, or he was registered meanwhile with
    whom the contractor may be one with.
    """
    led = with_sure_head(
        tables,
        managed(tables, as_of).filter(
            "is_ended", pl.col("is_signed").is_not_null(), pl.col("accepted_on") <= pl.lit(as_of)
        ),
    ).drop_nulls("started_on")
    spells = _registered_spells(tables)
    covered = (
        led.join(spells, on=["person_key", "head"])
        .filter(pl.col("began") <= pl.col("started_on"), pl.col("ended") >= pl.col("accepted_on"))
        .select("contract_no", "person_key")
    )
    missing = led.join(covered, on=["contract_no", "person_key"], how="anti")
    complete_to = (
        tables[intake.COVERAGE.name]
        .filter(pl.col("target") == personnel.REGISTRATION.name, pl.col("is_complete"))
        .group_by("region_code")
        .agg(complete_to=pl.col("as_of").max())
    )
    regions = pl.concat(
        [
            tables[enterprise.REGISTRY.name].select(
                "usc_code", region_code=pl.col("region_code").str.head(4) + "00"
            ),
            tables[enterprise.REGISTRY.name].select("usc_code", region_code=pl.lit(_PROVINCE)),
        ]
    )
    declared = (
        regions.join(complete_to, on="region_code")
        .group_by("usc_code")
        .agg(pl.col("complete_to").max())
    )
    proven = missing.join(declared, on="usc_code").filter(
        pl.col("complete_to") >= pl.col("accepted_on")
    )
    return findings(
        _doubted(tables, proven)
        .pipe(_perhaps_here, spells)
        .with_columns(
            is_sure=pl.col("is_led")
            & pl.col("is_sole")
            & pl.col("is_signed")
            & ~pl.col("is_doubted")
            & ~pl.col("is_perhaps_here")
        ),
        project.PARTY,
        "contract_no",
        law_if("is_sure"),
        worded(
            "{} 至 {} 项目经理未全程注册于承包单位 / manager not registered here throughout",
            "started_on",
            "accepted_on",
        ),
    )


def _registered_spells(tables: Tables) -> pl.LazyFrame:
    """Unbroken spells of a constructor's registration in one enterprise: `began`, `ended`.

    `is_known`: whether it is for certain who that is.
    """
    rows = with_sure_head(
        tables,
        tables[personnel.REGISTRATION.name].filter(pl.col("registration").str.contains("建造师")),
    )
    who = ("person_key", "head")
    return (
        rows.sort("valid_from")
        .with_columns(_reached=pl.col("valid_until").cum_max().shift().over(who))
        .with_columns(
            _new=(pl.col("valid_from") > pl.col("_reached").dt.offset_by("1d")).fill_null(True)
        )
        .with_columns(_spell=pl.col("_new").cum_sum().over(who))
        .group_by(*who, "_spell")
        .agg(
            pl.col("is_known").all(),
            began=pl.col("valid_from").min(),
            ended=pl.col("valid_until").max(),
        )
    )


def _perhaps_here(rows: pl.LazyFrame, spells: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `is_perhaps_here`: he was registered meanwhile where it may be the contractor's branch.

    Or anywhere, if whose branch the contractor is, is not known.
    """
    works = ("contract_no", "person_key")
    perhaps = (
        rows.select(*works, "started_on", "accepted_on", "is_known")
        .join(spells, on="person_key", suffix="_there")
        .filter(
            ~(pl.col("is_known") & pl.col("is_known_there")),
            pl.col("began") <= pl.col("accepted_on"),
            pl.col("ended") >= pl.col("started_on"),
        )
        .select(*works, is_perhaps_here=pl.lit(True))
        .unique()
    )
    return rows.join(perhaps, on=works, how="left").with_columns(
        pl.col("is_perhaps_here").fill_null(False)
    )


def _doubted(tables: Tables, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `is_doubted`: a quarantined registration may be this person's in this enterprise.

    Under its code, a branch's, that of a body of which it is not known whose branch it is, or none
    that can be read. One that names no person is of the enterprise whose code it names, or of
    nobody.
    """
    apart = with_sure_head(
        tables,
        quarantined(tables, personnel.REGISTRATION, "person_key").select("person_key", "usc_code"),
    )
    works = ("contract_no", "person_key")
    # One that names no enterprise has no head, which is not known either.
    is_here = (pl.col("head") == pl.col("head_apart")).fill_null(False)
    perhaps_here = is_here | ~(pl.col("is_known") & pl.col("is_known_apart"))
    of_person = (
        rows.select(*works, "head", "is_known")
        .join(apart.drop_nulls("person_key"), on="person_key", suffix="_apart")
        .filter(perhaps_here)
        .select(*works, is_doubted=pl.lit(True))
        .unique()
    )
    of_nobody = apart.filter(pl.col("person_key").is_null()).drop_nulls("usc_code")
    of_enterprise = of_nobody.select("usc_code", _any=pl.lit(True)).unique()
    return (
        rows.join(of_person, on=works, how="left")
        .join(of_enterprise, on="usc_code", how="left")
        .with_columns(is_doubted=pl.any_horizontal("is_doubted", "_any").fill_null(False))
        .drop("_any")
    )


def two_works_at_once(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-16: one manager, two projects whose times overlap: the later does not count.

    From the start (or, failing it, the signing) to the acceptance; meeting on one day is no
    overlap, and sections of one project are one. DATA where a time is only known from the
    signing, a contract names several managers, or a row of either was set apart: it may be that
    they overlap (reading 58). So it may with works of which the acceptance is told without its
    day: he may have led them all the time, or taken them over since (reading 87).
    """
    is_told = pl.col("is_led") & pl.col("is_signed") & pl.col("is_ended")
    led = (
        managed(tables, as_of)
        .filter(pl.col("is_signed").is_not_null(), pl.col("is_ended").is_not_null())
        .with_columns(
            is_told=is_told,
            begins=pl.when("is_ended").then(pl.coalesce("started_on", "signed_on")),
            is_sure=is_told
            & pl.col("is_sole")
            & pl.col("started_on").is_not_null()
            & pl.col("accepted_on").is_not_null(),
        )
        .filter(
            ~pl.col("is_ended") | (pl.col("accepted_on") <= as_of).fill_null(True),
            ~pl.col("is_told") | pl.col("begins").is_not_null(),
        )
        .select(
            *("person_key", "contract_no", "project_no", "usc_code", "begins", "accepted_on"),
            *("is_told", "is_sure", "place"),
        )
    )
    earlier = led.drop("usc_code").rename(
        lambda name: name if name == "person_key" else f"{name}_1"
    )
    is_earlier = (pl.col("begins_1") < pl.col("begins")) | (
        (pl.col("begins_1") == pl.col("begins")) & (pl.col("contract_no_1") < pl.col("contract_no"))
    )
    overlap = (
        pl.col("contract_no") != pl.col("contract_no_1"),
        pl.col("project_no") != pl.col("project_no_1"),
        is_earlier,
    )
    is_open = ~(pl.col("is_told") & pl.col("is_told_1"))
    rows = (
        led.join(earlier, on="person_key")
        .drop_nulls(["contract_no", "usc_code"])
        .filter(
            *(one.fill_null(is_open) for one in overlap),
            (pl.col("begins") < pl.col("accepted_on_1")).fill_null(True),
            # What is not accepted counts for nothing itself.
            pl.col("accepted_on").is_not_null() | is_open,
        )
        .with_columns(place=pl.concat_str("place", "place_1", separator="、", ignore_nulls=True))
        .group_by("contract_no", "usc_code")
        .agg(
            is_certain=(pl.col("is_sure") & pl.col("is_sure_1")).any(),
            others=listed("contract_no_1"),
            places=pl.col("place").filter(pl.col("place") != "").unique().sort().str.join("、"),
        )
    )
    detail = worded(
        "项目经理同期负责 {} / the manager led {} at the time{}",
        "others",
        "others",
        if_apart("places"),
    )
    return findings(rows, project.PARTY, "contract_no", law_if("is_certain"), detail)


def before_foundation(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-30: accepted before the contractor was founded, and it succeeded nobody."""
    del as_of
    successors = (
        tables[enterprise.EVENT.name]
        .filter(pl.col("event_code").is_in(enterprise.SUCCESSIONS))
        .select("usc_code")
        .unique()
    )
    founded = tables[enterprise.REGISTRY.name].select(
        head="usc_code", established_on="established_on"
    )
    rows = (
        with_head(tables, tables[project.ACCEPTANCE.name])
        .join(founded, on="head")
        .filter(pl.col("accepted_on") < pl.col("established_on"))
        .join(successors, left_on="head", right_on="usc_code", how="anti")
    )
    detail = worded(
        "验收 {} 早于成立 {} / accepted before foundation", "accepted_on", "established_on"
    )
    return findings(rows, project.ACCEPTANCE, "contract_no", "DATA", detail)


CHECKS = (
    CrossCheck(
        id="J-04", targets=(project.CONTRACT,), find=dates_out_of_order, by="works", asks_day=False
    ),
    CrossCheck(
        id="J-05:future",
        targets=(project.ACCEPTANCE,),
        find=in_the_future,
    ),
    CrossCheck(
        id="J-11",
        targets=(project.CONTRACT, project.UNIT, project.ACCEPTANCE, project.PARTY),
        find=contractor_differs,
        by="works",
        asks_day=False,
    ),
    CrossCheck(
        id="J-14",
        targets=(project.PARTY,),
        find=manager_not_registered,
        by="duty",
    ),
    CrossCheck(
        id="J-16",
        targets=(project.PARTY,),
        find=two_works_at_once,
        by="duty",
    ),
    CrossCheck(id="J-30", targets=(project.ACCEPTANCE,), find=before_foundation, asks_day=False),
)
