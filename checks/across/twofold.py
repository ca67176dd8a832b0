"""Cross-channel checks on people whom two enterprises have at once (regulations E4, E14).

Belongs here: who is insured, registered, appointed or in charge of works in two. Does not: other
checks on people (`checks.across.personnel`), works led at one time (`checks.across.project`), the
engine's own tests of a claim.

A finding about a person is keyed by `person_key`. Its target says how far it goes: the table
of persons or of registrations for the whole person at that enterprise. One about a month of
insurance is keyed by person and month: a case asks for the months before its own filing.

A row set apart may be the second, or none: what it leaves open is DATA, and LAW is only what holds
whatever such rows say (reading 58).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from assets.calendar import add_months
from assets.tables import intake, personnel
from assets.wording import worded
from checks.across.apart import if_apart, with_set_apart, with_sure_head
from checks.across.common import (
    CrossCheck,
    Tables,
    alike,
    asked_months,
    findings,
    is_insured,
    law_if,
    listed,
    live_registrations,
    recent_insurance,
    was_collected_late,
)
from checks.across.managers import managed

_APART = if_apart("places")
_NOTED_IF_SURE = pl.when("is_sure").then(pl.lit("WARN")).otherwise(pl.lit("DATA"))
"""Of what each decision reads itself, for its own day of filing."""


def insured_twice(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-15: one person and month, two unrelated employers, and it is no month of change.

    A month of change: of exactly two employers one had him the month before and has him no
    more the month after, the other is new. DATA where a payer is not in the registry (it might
    be a branch of the other), or where the month, or what makes it none of change, is only
    told by a row that was set apart or does not say that it was paid, or was collected two months
    or more after it: whether it was paid when a case was filed that asks for it, is not known to
    all of them (reading 93).
    """
    months = asked_months(as_of)
    known = with_sure_head(tables, _insured_around(tables, as_of, months))
    at = ["person_key", "head", "month"]
    held = known.group_by(at).agg(
        pl.col("is_known").all(), is_told=(pl.col("is_trusted") & pl.col("is_paid")).any()
    )
    before = held.select(*at[:2], pl.col("month").dt.offset_by("1mo"), was="is_told")
    after = held.select(*at[:2], pl.col("month").dt.offset_by("-1mo"), stays="is_told")
    # Of the month before and the one after: true if told, false if only perhaps, else null.
    was, stays = pl.col("was"), pl.col("stays")
    is_told, own = pl.col("is_told"), was.fill_null(False)
    may_leave = was.is_not_null() & ~stays.fill_null(False)
    of_month = (
        held.filter(pl.col("month").is_in(months))
        .join(before, on=at, how="left")
        .join(after, on=at, how="left")
        .group_by("person_key", "month")
        .agg(
            pl.col("is_known").all(),
            heads=pl.len(),
            told=is_told.sum(),
            # Whatever is only perhaps: a month of change for certain, or one that may be.
            is_change=(pl.len() == 2)
            & (own.sum() == 1)
            & (was.is_not_null().sum() == 1)
            & ~(was & stays.is_not_null()).any(),
            may_be_change=(is_told.sum() == 2)
            & (is_told & may_leave & ((was & is_told).sum() == own.cast(pl.UInt32))).any(),
            payers=listed("head"),
        )
        .filter(pl.col("heads") > 1, ~pl.col("is_change"))
        .with_columns(
            is_doubled=pl.col("is_known") & (pl.col("told") > 1) & ~pl.col("may_be_change")
        )
    )
    rows = (
        known.join(of_month, on=["person_key", "month"])
        .with_columns(
            is_here=(pl.col("is_trusted") & pl.col("is_paid"))
            .any()
            .over("person_key", "usc_code", "month"),
            places=listed("place").over("person_key"),
        )
        .group_by("person_key", "usc_code", "month")
        .agg(
            is_sure=(pl.col("is_doubled") & pl.col("is_here")).any(),
            payers=pl.col("payers").first(),
            places=pl.col("places").first(),
        )
        .with_columns(
            row_key=worded("{}|{}", "person_key", "month"), of=pl.col("month").dt.strftime("%Y-%m")
        )
    )
    detail = worded(
        "{} 由 {} 同时参保 / insured by more than one employer in {}{}",
        "of",
        "payers",
        "of",
        _APART,
    )
    return findings(rows, personnel.INSURANCE, "row_key", law_if("is_sure"), detail)


def _insured_around(tables: Tables, as_of: date, months: Sequence[date]) -> pl.LazyFrame:
    """Insurance of who may have two payers in an asked month: that, one month before and after.

    `is_paid` is never null: false where it is not told, or was collected afterwards.
    """
    around = [add_months(min(months), n - 1) for n in range(len(months) + 2)]
    table, payer = personnel.INSURANCE, pl.col("usc_code")
    recent = recent_insurance(tables, as_of)
    several = (  # nearly everybody has one payer a month, and is done with
        alike(recent.filter(is_insured(), pl.col("month").is_in(months)), "person_key", "month")
        .group_by("person_key", "month")
        .agg(is_several=payer.min() != payer.max())
        .filter("is_several")
        .select("person_key")
    )
    log = tables[intake.QUARANTINE.name].filter(pl.col("target") == table.name)
    who = pl.concat([several, log.select("person_key").drop_nulls()]).unique()
    theirs = recent.join(who, on="person_key", how="semi").collect().lazy()
    every = with_set_apart(tables, table, theirs).drop_nulls("person_key")
    is_apart = pl.col("place").is_not_null()
    told = every.filter(~is_apart, is_insured())
    return (
        pl.concat([told, _perhaps(every.filter(is_apart), told, around)])
        .with_columns(pl.col("is_paid").fill_null(False) & ~was_collected_late().fill_null(False))
        .filter(pl.col("month").is_in(around))
    )


def _perhaps(apart: pl.LazyFrame, told: pl.LazyFrame, around: list[date]) -> pl.LazyFrame:
    """Months set apart: one that cannot be read may be any, a payer who cannot any of his."""
    any_month = pl.lit(pl.Series([around], dtype=pl.List(pl.Date)))
    dated = apart.with_columns(
        month=pl.when(pl.col("month").is_null()).then(any_month).otherwise(pl.concat_list("month"))
    ).explode("month")
    named = dated.drop_nulls("usc_code")
    lost = dated.filter(pl.col("usc_code").is_null()).drop("usc_code")
    theirs = (one.join(lost, on="person_key", how="semi") for one in (told, named))
    payers = pl.concat(theirs).select("person_key", "usc_code").unique()
    of_any = lost.join(payers, on="person_key")
    return pl.concat([named, of_any.select(named.collect_schema().names())])


def registered_twice(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-18: who is registered in two enterprises counts for none, whatever for (regulations E4).

    Whether he was on the day of filing each decision reads from the registrations themselves
    (`decisions.people.workforce`), so what is certain is only noted: WARN. DATA where one of
    them is not in the registry, since it may be a branch of the other, or where a row set apart
    may be the second.
    """
    table = personnel.REGISTRATION
    columns = (*table.key, "person_key", "valid_from", "valid_until", "received_at")
    rows = with_set_apart(tables, table, tables[table.name].select(columns))
    # The days of a row that is not trusted may be wrong, too.
    live = rows.filter(
        pl.col("valid_from").le(as_of) & pl.col("valid_until").ge(as_of) | ~pl.col("is_trusted")
    )
    doubled = _at_two(tables, live)
    detail = worded("同时注册于 {} / registered at once in {}{}", "names", "names", _APART)
    return pl.concat(
        [
            findings(doubled, table, "person_key", _NOTED_IF_SURE, detail)
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
    is_begun = (pl.col("started_on") <= as_of) & pl.col("accepted_on").is_null()
    in_charge = with_sure_head(
        tables,
        managed(tables, as_of).filter(
            pl.when("is_ended").then(is_begun).otherwise(pl.col("is_ended").is_not_null())
        ),
    ).select(
        *("person_key", "contract_no", "started_on", "is_sole", "is_led", "is_ended", "place"),
        builder="head",
        is_builder_known="is_known",
    )
    registered = with_sure_head(
        tables,
        live_registrations(tables, as_of)
        .group_by("person_key", "usc_code")
        .agg(since=pl.col("valid_from").min()),
    )
    is_sure = pl.all_horizontal(
        pl.col("is_led", "is_sole", "is_ended", "is_known", "is_builder_known"),
        pl.col("started_on") >= pl.col("since"),
    )
    rows = (
        registered.join(in_charge, on="person_key")
        .filter(pl.col("head") != pl.col("builder"))
        .group_by("person_key", "usc_code")
        .agg(is_sure=is_sure.any(), contracts=listed("contract_no"), places=listed("place"))
    )
    detail = worded("在 {} 任项目经理 / manages {} elsewhere{}", "contracts", "contracts", _APART)
    return findings(rows, personnel.REGISTRATION, "person_key", law_if("is_sure"), detail)


def leading_two(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-32, second half: technical leader of two enterprises, so counted for neither (E4).

    Whether he was on the day of filing each decision reads from the appointments themselves
    (`decisions.people.workforce`), so what is certain is only noted: WARN. DATA where one of them
    is not in the registry, since it may be a branch of the other.
    """
    del as_of
    table = personnel.TECHNICAL_LEAD
    columns = (*table.key, "person_key", "received_at")
    rows = with_set_apart(tables, table, tables[table.name].select(columns))
    doubled = _at_two(tables, rows)
    detail = worded("同时任 {} 技术负责人 / leads the technique of {}{}", "names", "names", _APART)
    return findings(doubled, personnel.PERSON, "person_key", _NOTED_IF_SURE, detail)


def _at_two(tables: Tables, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Who is named by two enterprises: `person_key`, `usc_code`, `names`, `places`, `is_sure`.

    A row set apart that names none may be of another; only who is in the registry surely is one.

    Args:
        tables: the tables.
        rows: of `with_set_apart`, with `person_key`, `usc_code`.
    """
    named = with_sure_head(tables, rows.drop_nulls("person_key")).with_columns(
        is_told=pl.col("is_trusted") & pl.col("is_known")
    )
    doubled = (
        named.group_by("person_key")
        .agg(
            heads=pl.col("head").n_unique(),
            told=pl.col("head").filter("is_told").n_unique(),
            names=listed("head"),
            places=listed("place"),
        )
        .filter(pl.col("heads") > 1)
    )
    return (
        named.drop_nulls("usc_code")
        .join(doubled, on="person_key")
        .group_by("person_key", "usc_code", "names", "places")
        .agg(is_sure=(pl.col("is_told") & (pl.col("told") > 1)).any())
    )


CHECKS = (
    CrossCheck(id="P-15", targets=(personnel.INSURANCE,), find=insured_twice, by="person"),
    CrossCheck(id="P-18", targets=(personnel.REGISTRATION,), find=registered_twice, by="person"),
    CrossCheck(id="P-31", targets=(personnel.REGISTRATION,), find=managing_elsewhere, by="duty"),
    CrossCheck(
        id="P-32",
        targets=(personnel.TECHNICAL_LEAD,),
        find=leading_two,
        by="person",
        asks_day=False,
    ),
)
