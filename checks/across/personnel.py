"""Cross-channel checks on people and who employs them (catalogue group P).

Belongs here: what the person, registration, insurance and party tables tell against each
other. Does not: certificates (`checks.across.credentials`), people whom two enterprises have
(`checks.across.twofold`), the engine's own tests of a claim (age, months, payer of the applicant).

A finding about a person is keyed by `person_key`. Its target says how far it goes: the table
of persons, of registrations or of insurance months for the whole person at that enterprise,
a table of certificates for that person's rows in it.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.bases.claims import FEED
from assets.calendar import full_years_expr
from assets.tables import enterprise, personnel
from assets.wording import worded
from checks.across.apart import with_trust
from checks.across.common import (
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
    stated,
    was_collected_late,
    with_head,
)

REGISTRATION_AGE = 65
"""A constructor may practise up to it (regulations E2); counted he is only to 60."""


def deceased(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-06: a person who died on or before the day, at every enterprise that may claim him.

    Whether he was alive on the day of filing each decision reads from the person itself
    (`decisions.people.workforce`), so what is certain is only noted: WARN. DATA where a row of his
    was set apart since: it may say otherwise. The whole list of such an enterprise is worth a
    look: that is noted.
    """
    pair = ("person_key", "usc_code")
    named = [
        tables[table.name].select(pair).drop_nulls("usc_code")
        for table in (personnel.TITLE, personnel.POST, personnel.SKILL)
    ]
    dead = (
        tables[personnel.PERSON.name]
        .filter(pl.col("deceased_on") <= pl.lit(as_of))
        .select("person_key", "deceased_on")
    )
    rows = (
        pl.concat([employers(tables, as_of), *named])
        .join(with_trust(tables, personnel.PERSON, dead), on="person_key")
        .unique()
    )
    severity = pl.when("is_trusted").then(pl.lit("WARN")).otherwise(pl.lit("DATA"))
    detail = worded("{} 死亡 / died {}", "deceased_on", "deceased_on")
    lists = rows.group_by("usc_code").agg(
        dead=pl.col("person_key").n_unique(), row_key=pl.col("usc_code").first()
    )
    return pl.concat(
        [
            findings(rows, personnel.PERSON, "person_key", severity, detail),
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
    """P-05: at one employer two identity numbers with one name and one birthday.

    Not of two who are stated to be two persons: that is settled.
    """
    same = ["usc_code", "name", "born_on"]
    people = tables[personnel.PERSON.name].select("person_key", "born_on", "name").drop_nulls()
    rows = (
        alike(employers(tables, as_of).join(people, on="person_key"), "usc_code", "born_on")
        .with_columns(name=folded_name("name"))
        .filter(pl.col("person_key").n_unique().over(same) > 1)
    )
    numbers = stated(tables)
    apart = pl.LazyFrame(
        [pair for one, other in numbers.different for pair in ((one, other), (other, one))],
        schema={"person_key": pl.String(), "other": pl.String()},
        orient="row",
    ).select(numbers.of(pl.all()))
    rows = (
        rows.join(rows.select(*same, other="person_key"), on=same)
        .filter(pl.col("person_key") != pl.col("other"))
        .join(apart, on=["person_key", "other"], how="anti")
        .select("usc_code", "person_key")
        .unique()
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
    """P-14: a counted month was collected two months or more after it: noted alone (reading 93)."""
    rows = (
        tables[personnel.INSURANCE.name]
        .filter(
            pl.col("month").is_in(counted_months(as_of)),
            was_collected_late(),
        )
        .with_columns(_said=worded("{} 于 {}", "month", "paid_month"))
        .group_by("person_key", "usc_code")
        .agg(said=listed("_said"))
    )
    detail = worded("{} 补缴 / paid afterwards", "said")
    return findings(rows, personnel.INSURANCE, "person_key", "WARN", detail)


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
)
