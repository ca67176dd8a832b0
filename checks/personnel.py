"""Cross-channel checks on people and who employs them (catalogue group P).

Belongs here: what the person, registration, insurance and party tables tell against each
other. Does not: certificates (`checks.credentials`), the engine's own tests of a claim (age,
months, payer of the applicant).

A finding about a person is keyed by `person_key`. Its target says how far it goes: the table
of persons, of registrations or of insurance months for the whole person at that enterprise,
a table of certificates for that person's rows in it.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.calendar import add_months, full_years_expr
from assets.claims import FEED
from assets.tables import enterprise, personnel, project
from assets.wording import worded
from checks.common import (
    CLAIMS,
    CrossCheck,
    Tables,
    alike,
    counted_months,
    employers,
    findings,
    folded_name,
    is_insured,
    listed,
    live_registrations,
    recent_insurance,
    with_head,
)

REGISTRATION_AGE = 65
"""A constructor may practise up to it (regulations E2); counted he is only to 60."""
LATE_MONTHS = 2
"""Months from the one that is owed to the one in which it was collected: over 60 days."""


def deceased(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-06: a person who died on or before the day, at every enterprise that may claim him.

    The whole list of such an enterprise is worth a look: that is noted.
    """
    pair = ("person_key", "usc_code")
    named = [
        tables[table.name].select(pair).drop_nulls("usc_code")
        for table in (personnel.TITLE, personnel.POST, personnel.SKILL)
    ]
    dead = tables[personnel.PERSON.name].filter(pl.col("deceased_on") <= pl.lit(as_of))
    rows = (
        pl.concat([employers(tables, as_of), *named])
        .unique()
        .join(dead.select("person_key", "deceased_on"), on="person_key")
    )
    detail = worded("{} 死亡 / died {}", "deceased_on", "deceased_on")
    lists = rows.group_by("usc_code").agg(
        dead=pl.col("person_key").n_unique(), row_key=pl.col("usc_code").first()
    )
    return pl.concat(
        [
            findings(rows, personnel.PERSON, "person_key", "LAW", detail),
            findings(
                lists,
                enterprise.REGISTRY,
                "row_key",
                "WARN",
                worded("名下有死亡人员{}人 / deceased among its people", "dead"),
            ),
        ]
    )


def one_person_two_numbers(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-05: at one employer two identity numbers with one name and one birthday."""
    same = ("usc_code", "name", "born_on")
    people = tables[personnel.PERSON.name].select("person_key", "born_on", "name").drop_nulls()
    rows = (
        alike(employers(tables, as_of).join(people, on="person_key"), "usc_code", "born_on")
        .with_columns(name=folded_name("name"))
        .filter(pl.col("person_key").n_unique().over(same) > 1)
    )
    detail = pl.lit("同单位另有同名同生日人员 / another of the same name and birthday here")
    return findings(rows, personnel.PERSON, "person_key", "WARN", detail)


def names_differ(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-04: a feed tells another name of a person than the one that is believed.

    Rare characters and changes of name do it too: it is only noted, and by whom, not which name.
    """
    held = tables[personnel.PERSON.name].select("person_key", "name").drop_nulls()
    other = (
        tables[CLAIMS.name]
        .select("person_key", FEED, told="name")
        .drop_nulls("told")
        .join(held, on="person_key")
        .filter(pl.col("told") != pl.col("name"))
        .filter(folded_name("told") != folded_name("name"))
        .group_by("person_key")
        .agg(feeds=listed(FEED))
        .collect()  # few: only for them employers are asked
        .lazy()
    )
    rows = employers(tables, as_of, other).join(other, on="person_key")
    detail = worded("{} 登记的姓名不同 / another name is told by {}", "feeds", "feeds")
    return findings(rows, personnel.PERSON, "person_key", "WARN", detail)


def old_and_registered(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-08, first half: over 65 and still registered; whether he counts is a matter of age."""
    old = tables[personnel.PERSON.name].filter(
        full_years_expr(pl.col("born_on"), pl.lit(as_of)) > REGISTRATION_AGE
    )
    rows = (
        live_registrations(tables, as_of)
        .select("person_key", "usc_code")
        .unique()
        .join(old.select("person_key"), on="person_key")
    )
    detail = pl.lit("超过65周岁仍在注册 / over 65 and still registered")
    return findings(rows, personnel.REGISTRATION, "person_key", "WARN", detail)


def registered_here_insured_there(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-10: registered in A, while in the counted months B pays and A does not.

    Noted only (at both): whether the applicant pays is the engine's own question.
    """
    live = live_registrations(tables, as_of).select("person_key", "usc_code")
    registered = with_head(tables, live).unique()
    paid = with_head(
        tables,
        recent_insurance(tables, as_of)
        .filter(is_insured(), pl.col("month").is_in(counted_months(as_of)))
        .join(live, on="person_key", how="semi"),
    ).select("person_key", "usc_code", "head")
    elsewhere = registered.join(paid, on=["person_key", "head"], how="anti").join(
        paid.select("person_key", payer="usc_code").unique(), on="person_key"
    )
    at_registered = elsewhere.group_by("person_key", "usc_code").agg(payers=listed("payer"))
    at_payer = elsewhere.group_by("person_key", usc_code="payer").agg(held=listed("usc_code"))
    return pl.concat(
        [
            findings(
                at_registered,
                personnel.REGISTRATION,
                "person_key",
                "WARN",
                worded("社保由 {} 缴纳 / insured by {}", "payers", "payers"),
            ),
            findings(
                at_payer,
                personnel.INSURANCE,
                "person_key",
                "WARN",
                worded("注册在 {} / registered in {}", "held", "held"),
            ),
        ]
    )


def paid_late(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-14: a counted month was collected two months or more after it: noted, since it is paid."""
    rows = (
        tables[personnel.INSURANCE.name]
        .filter(
            pl.col("month").is_in(counted_months(as_of)),
            pl.col("paid_month") >= pl.col("month").dt.offset_by(f"{LATE_MONTHS}mo"),
        )
        .with_columns(_said=worded("{} 于 {}", "month", "paid_month"))
        .group_by("person_key", "usc_code")
        .agg(said=listed("_said"))
    )
    detail = worded("{} 补缴 / paid afterwards", "said")
    return findings(rows, personnel.INSURANCE, "person_key", "WARN", detail)


def insured_twice(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-15: one person and month, two unrelated employers, and it is no month of change.

    A month of change: of exactly two employers one had him the month before and has him no
    more the month after, the other is new. DATA where a payer is not in the registry (it might
    be a branch of the other) or the source does not say that the month was paid.
    """
    months = counted_months(as_of)
    payer = pl.col("usc_code")
    insured = recent_insurance(tables, as_of).filter(is_insured())
    several = (  # nearly everybody has one payer a month, and is done with
        alike(insured.filter(pl.col("month").is_in(months)), "person_key", "month")
        .group_by("person_key", "month")
        .agg(is_several=payer.min() != payer.max())
        .filter("is_several")
        .select("person_key")
    )
    around = insured.filter(
        pl.col("month").is_between(add_months(min(months), -1), add_months(max(months), 1))
    )
    known = with_head(tables, around.join(several, on="person_key", how="semi"))
    held = known.select("person_key", "head", "month").unique()
    before = held.with_columns(pl.col("month").dt.offset_by("1mo"), was=pl.lit(True))
    after = held.with_columns(pl.col("month").dt.offset_by("-1mo"), stays=pl.lit(True))
    at = ["person_key", "head", "month"]
    within = known.filter(pl.col("month").is_in(months))
    doubled = (
        within.group_by(at)
        .agg(pl.col("is_known").all(), is_sure=pl.col("is_paid").fill_null(False).any())
        .join(before, on=at, how="left")
        .join(after, on=at, how="left")
        .with_columns(pl.col("was", "stays").fill_null(False))
        .group_by("person_key", "month")
        .agg(
            heads=pl.len(),
            was=pl.col("was").sum(),
            stays=(pl.col("was") & pl.col("stays")).sum(),
            is_sure=(pl.col("is_known") & pl.col("is_sure")).all(),
            payers=listed("head"),
        )
        .filter(
            pl.col("heads") > 1,
            ~((pl.col("heads") == 2) & (pl.col("was") == 1) & (pl.col("stays") == 0)),
        )
    )
    rows = (
        within.select("person_key", "month", "usc_code")
        .join(doubled, on=["person_key", "month"])
        .group_by("person_key", "usc_code")
        .agg(
            pl.col("is_sure").any(),
            months=pl.col("month").dt.strftime("%Y-%m").unique().sort().str.join("、"),
            payers=pl.col("payers").unique().sort().str.join("；"),
        )
    )
    detail = worded(
        "{} 由 {} 同时参保 / insured by more than one employer in {}", "months", "payers", "months"
    )
    severity = pl.when("is_sure").then(pl.lit("LAW")).otherwise(pl.lit("DATA"))
    return findings(rows, personnel.INSURANCE, "person_key", severity, detail)


def registered_twice(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-18: who is registered in two enterprises counts for none, whatever for (regulations E4)."""
    live = with_head(tables, live_registrations(tables, as_of).select("person_key", "usc_code"))
    doubled = (
        live.group_by("person_key")
        .agg(heads=pl.col("head").n_unique(), names=listed("head"))
        .filter(pl.col("heads") > 1)
    )
    rows = live.unique().join(doubled, on="person_key")
    detail = worded("同时注册于 {} / registered at once in {}", "names", "names")
    return pl.concat(
        [
            findings(rows, table, "person_key", "LAW", detail)
            for table in (personnel.REGISTRATION, personnel.PERSON)
        ]
    )


def managing_elsewhere(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-31: registered here, while in charge of works in progress of another enterprise.

    Works are in progress where their start is told and their acceptance is not. LAW where the
    contract names him as the only manager, signed since he was registered here, and both
    enterprises are known; else what ended his charge may be untold: DATA. A branch is its
    parent.
    """
    day = pl.lit(as_of)
    running = (
        tables[project.ACCEPTANCE.name]
        .filter(pl.col("started_on") <= day, pl.col("accepted_on").is_null())
        .select("contract_no", "started_on")
    )
    led = with_head(
        tables,
        tables[project.PARTY.name]
        .filter(pl.col("duty") == "项目经理")
        .with_columns(is_sole=pl.len().over("contract_no") == 1)
        .join(running, on="contract_no"),
    ).select(
        "person_key",
        "contract_no",
        "started_on",
        "is_sole",
        builder="head",
        is_builder_known="is_known",
    )
    registered = with_head(
        tables,
        live_registrations(tables, as_of)
        .group_by("person_key", "usc_code")
        .agg(since=pl.col("valid_from").min()),
    )
    rows = (
        registered.join(led, on="person_key")
        .filter(pl.col("head") != pl.col("builder"))
        .group_by("person_key", "usc_code")
        .agg(
            is_sure=(
                pl.col("is_sole")
                & pl.col("is_known")
                & pl.col("is_builder_known")
                & (pl.col("started_on") >= pl.col("since"))
            ).any(),
            contracts=listed("contract_no"),
        )
    )
    severity = pl.when("is_sure").then(pl.lit("LAW")).otherwise(pl.lit("DATA"))
    detail = worded("在 {} 任项目经理 / manages {} elsewhere", "contracts", "contracts")
    return findings(rows, personnel.REGISTRATION, "person_key", severity, detail)


def leading_two(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-32, second half: technical leader of two enterprises, so counted for neither (E4).

    DATA where one of them is not in the registry, since it may be a branch of the other.
    """
    del as_of
    led = with_head(
        tables, tables[personnel.TECHNICAL_LEAD.name].select("person_key", "usc_code").unique()
    )
    doubled = (
        led.group_by("person_key")
        .agg(
            heads=pl.col("head").n_unique(), is_sure=pl.col("is_known").all(), names=listed("head")
        )
        .filter(pl.col("heads") > 1)
    )
    rows = led.join(doubled, on="person_key")
    severity = pl.when("is_sure").then(pl.lit("LAW")).otherwise(pl.lit("DATA"))
    detail = worded("同时任 {} 技术负责人 / leads the technique of {}", "names", "names")
    return findings(rows, personnel.PERSON, "person_key", severity, detail)


CHECKS = (
    CrossCheck(id="P-04", targets=(personnel.PERSON,), find=names_differ, by="person"),
    CrossCheck(id="P-05", targets=(personnel.PERSON,), find=one_person_two_numbers, by="person"),
    CrossCheck(id="P-06", targets=(personnel.PERSON,), find=deceased, by="person"),
    CrossCheck(id="P-08", targets=(personnel.REGISTRATION,), find=old_and_registered, by="person"),
    CrossCheck(
        id="P-10",
        targets=(personnel.REGISTRATION, personnel.INSURANCE),
        find=registered_here_insured_there,
        by="person",
    ),
    CrossCheck(id="P-14", targets=(personnel.INSURANCE,), find=paid_late, by="person"),
    CrossCheck(id="P-15", targets=(personnel.INSURANCE,), find=insured_twice, by="person"),
    CrossCheck(id="P-18", targets=(personnel.REGISTRATION,), find=registered_twice, by="person"),
    CrossCheck(id="P-31", targets=(personnel.REGISTRATION,), find=managing_elsewhere),
    CrossCheck(
        id="P-32",
        targets=(personnel.TECHNICAL_LEAD,),
        find=leading_two,
        by="person",
        asks_day=False,
    ),
)
