"""Cross-channel checks on people (catalogue group P).

Belongs here: what the person, registration, certificate and insurance tables tell against
each other. Does not: the engine's own tests of a claim (age, months, payer of the applicant).

A finding about a person is keyed by `person_key`. Its target says how far it goes: the table
of persons, of registrations or of insurance months for the whole person at that enterprise,
a table of certificates for that person's rows in it.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.calendar import add_months
from assets.declaration import Table
from assets.tables import personnel
from checks.common import (
    CrossCheck,
    Tables,
    counted_months,
    employers,
    findings,
    insured,
    listed,
    live_registrations,
    with_head,
)


def deceased(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-06: a person who died on or before the day, at every enterprise that may claim him."""
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
    detail = pl.format("{} 死亡 / died {}", "deceased_on", "deceased_on")
    return findings(rows, personnel.PERSON, "person_key", "LAW", detail)


def registered_here_insured_there(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-10: registered in A, while in the counted months B pays and A does not.

    Noted only (at both): whether the applicant pays is the engine's own question.
    """
    paid = with_head(
        tables, insured(tables).filter(pl.col("month").is_in(counted_months(as_of)))
    ).select("person_key", "usc_code", "head")
    registered = with_head(
        tables, live_registrations(tables, as_of).select("person_key", "usc_code")
    ).unique()
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
                pl.format("社保由 {} 缴纳 / insured by {}", "payers", "payers"),
            ),
            findings(
                at_payer,
                personnel.INSURANCE,
                "person_key",
                "WARN",
                pl.format("注册在 {} / registered in {}", "held", "held"),
            ),
        ]
    )


def insured_twice(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-15: one person and month, two unrelated employers, and it is no month of change.

    A month of change: of exactly two employers one had him the month before and has him no
    more the month after, the other is new. DATA where a payer is not in the registry (it might
    be a branch of the other) or the source does not say that the month was paid.
    """
    months = counted_months(as_of)
    known = with_head(
        tables,
        insured(tables).filter(
            pl.col("month").is_between(add_months(min(months), -1), add_months(max(months), 1))
        ),
    )
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
    detail = pl.format(
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
    detail = pl.format("同时注册于 {} / registered at once in {}", "names", "names")
    return pl.concat(
        [
            findings(rows, table, "person_key", "LAW", detail)
            for table in (personnel.REGISTRATION, personnel.PERSON)
        ]
    )


_CERTIFICATES: tuple[tuple[Table, str, tuple[str, ...], str | None], ...] = (
    (personnel.REGISTRATION, "registration_no", ("registration",), "valid_until"),
    (personnel.TITLE, "title_no", ("title_level", "major"), None),
    (personnel.POST, "certificate_no", ("role",), "valid_until"),
    (personnel.SKILL, "certificate_no", ("trade", "grade"), None),
)
"""Table, its number, what makes two certificates the same kind, and its last valid day."""


def doubled_certificates(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-24: one number on two persons, or one person with two live numbers of the same kind.

    Both are copies or re-issues of which only one can be true, so neither is trusted.
    """
    claimed = employers(tables, as_of)
    return pl.concat(
        [
            _doubled(tables[table.name], claimed, as_of, table, number, kind, until)
            for table, number, kind, until in _CERTIFICATES
        ]
    )


def _doubled(
    rows: pl.LazyFrame,
    claimed: pl.LazyFrame,
    as_of: date,
    table: Table,
    number: str,
    kind: tuple[str, ...],
    until: str | None,
) -> pl.LazyFrame:
    live = rows
    if until is not None:
        live = rows.filter(pl.col(until).is_null() | (pl.col(until) >= pl.lit(as_of)))
    shared = live.filter(pl.col("person_key").n_unique().over(number) > 1).select(
        "person_key", "usc_code", detail=pl.format("证书 {} 对应多人 / on several persons", number)
    )
    several = (
        live.drop_nulls(kind)
        .filter(pl.col(number).n_unique().over("person_key", *kind) > 1)
        .select(
            "person_key",
            "usc_code",
            detail=pl.format("同类证书多号 / one of several numbers: {}", number),
        )
    )
    doubled = pl.concat([shared, several])
    # The certificate names the employer of its day; whoever may claim the person now reads it too.
    here = doubled.drop_nulls("usc_code")
    now = (
        doubled.drop("usc_code")
        .join(claimed, on="person_key")
        .select("person_key", "usc_code", "detail")
    )
    all_rows = (
        pl.concat([here, now]).group_by("person_key", "usc_code").agg(detail=listed("detail"))
    )
    return findings(all_rows, table, "person_key", "DATA", pl.col("detail"))


CHECKS = (
    CrossCheck(
        id="P-06",
        zh="死亡人员",
        en="Deceased person",
        severity="LAW",
        targets=(personnel.PERSON,),
        find=deceased,
    ),
    CrossCheck(
        id="P-10",
        zh="注册单位与参保单位不一致",
        en="Registered in one enterprise, insured by another",
        severity="WARN",
        targets=(personnel.REGISTRATION, personnel.INSURANCE),
        find=registered_here_insured_there,
    ),
    CrossCheck(
        id="P-15",
        zh="同月由两家单位参保",
        en="Insured by two employers in one month",
        severity="LAW",
        targets=(personnel.INSURANCE,),
        find=insured_twice,
    ),
    CrossCheck(
        id="P-18",
        zh="同时注册于两家企业",
        en="Registered in two enterprises at once",
        severity="LAW",
        targets=(personnel.REGISTRATION,),
        find=registered_twice,
    ),
    CrossCheck(
        id="P-24",
        zh="证书重号或一人多号",
        en="Doubled certificates",
        severity="DATA",
        targets=tuple(table for table, *_ in _CERTIFICATES),
        find=doubled_certificates,
    ),
)
