"""Who is insured here: months of social insurance, by the applicant and its branches (E3, B0.5).

Belongs here: the months that must be paid, and what the sources tell of each person. Does not: who
may pay (`decisions.facts.payers`), whether a person counts (`decisions.people.workforce`).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from assets.bases.quarantine import STRANGER
from assets.tables import personnel
from assets.wording import worded
from decisions import kleene
from decisions.facts.astray import astray, tied
from decisions.facts.coverage import closed_months
from decisions.facts.model import Facts
from decisions.plans import as_written

PERSON = ["staff", "person_key"]
"""The key of somebody who may count for a staff."""


@dataclass(frozen=True)
class Insured:
    """What the sources say of the insurance of everybody.

    Attributes:
        asked: `staff`, `months` (that must be insured), `months_closed` (of them declared
            complete); nothing of a staff of which no month is asked.
        told: `staff`, `person_key`, `told` (months with a row), `told_closed`, `is_paid` (in
            all of these; three-valued), `is_late` (some of it was collected after the month of
            filing), `is_sole_payer`.
    """

    asked: pl.DataFrame
    told: pl.DataFrame


def insured_by(staffs: pl.DataFrame, payers: pl.DataFrame, facts: Facts) -> Insured:
    """Whether the months asked are paid here, counted once per person.

    An absent month is only "no" where the channel has declared the month complete (W9).

    Args:
        staffs: `staff`, `filed_on`, `insurance_months` (0 = none asked).
        payers: from `decisions.facts.payers.payers_of`.
        facts: the release.
    """
    months = _months(staffs)
    regions = payers.lazy().select("staff", "region_code").unique()
    complete = closed_months(
        months.lazy().join(regions, on="staff"), facts, personnel.INSURANCE, key="staff"
    )
    if not facts.is_sound(personnel.INSURANCE):
        complete = complete.join(
            _unread(months, payers, facts), on=["staff", "month"], how="left"
        ).select("staff", "month", pl.col("is_closed") & pl.col("is_unread").is_null())
    closed = as_written(complete)
    asked = (
        closed.lazy()
        .group_by("staff")
        .agg(months=pl.len(), months_closed=pl.col("is_closed").sum())
    )
    several = payers.lazy().group_by("staff").agg(is_several=pl.col("payer").n_unique() > 1)
    told = (
        _perhaps_paid(_paid(staffs, months, payers, facts), staffs, months, payers, facts)
        .join(closed.lazy(), on=["staff", "month"])
        .join(several, on="staff")
        .with_columns(
            # What another payer has not delivered may be the payment that counts.
            is_paid=pl.when(pl.col("is_paid") | pl.col("is_closed") | ~pl.col("is_several"))
            .then("is_paid")
            .when(pl.col("is_closed") & ~_IS_STRANGER)
            .then(False)
        )
        .group_by(PERSON)
        .agg(
            kleene.every(pl.col("is_sole_payer")),
            is_paid=kleene.every(pl.col("is_paid")),
            is_late=pl.col("is_late").any(),
            told=pl.len(),
            told_closed=pl.col("is_closed").sum(),
        )
    )
    return Insured(as_written(asked), as_written(told))


def _unread(months: pl.DataFrame, payers: pl.DataFrame, facts: Facts) -> pl.LazyFrame:
    """Months in which somebody is insured whom nobody can read: `is_unread`, which is true.

    Anybody of whom the month is not told may be that one (reading 55).
    """
    who = pl.col("person_key").str.starts_with(STRANGER)
    rows = (
        facts.table(personnel.INSURANCE)
        .filter(~pl.col("is_trusted") & (who | pl.col("month").is_null()))
        .select(unread="month", payer="usc_code")
    )
    return (
        months.lazy()
        .join(payers.lazy().select("staff", "payer"), on="staff")
        .join(rows, on="payer")
        .filter((pl.col("unread") == pl.col("month")).fill_null(True))
        .select("staff", "month", is_unread=pl.lit(True))
        .unique()
    )


def _months(staffs: pl.DataFrame) -> pl.DataFrame:
    """The full months before the month of filing that must be insured (reading 1)."""
    first = pl.col("filed_on").dt.month_start()
    return (
        staffs.lazy()
        .select(
            "staff",
            first.alias("first"),
            pl.int_ranges(1, pl.col("insurance_months") + 1).alias("back"),
        )
        .explode("back")
        .drop_nulls("back")
        .select("staff", month=pl.col("first").dt.offset_by(worded("-{}mo", "back")))
        .pipe(as_written)
    )


def _paid(
    staffs: pl.DataFrame, months: pl.DataFrame, payers: pl.DataFrame, facts: Facts
) -> pl.LazyFrame:
    """Months told of a person by the applicant or a branch: `is_paid` three-valued."""
    insurance = facts.table(personnel.INSURANCE).select(
        "person_key", "month", "is_trusted", "is_lawful", "is_paid", "paid_month", payer="usc_code"
    )
    filed = staffs.lazy().select("staff", filed_in=pl.col("filed_on").dt.month_start())
    mine = payers.lazy().select("staff", "payer", "is_sure").unique()
    # Else Polars joins everybody insured in a month first, to every staff that asks for it.
    wanted = as_written(months.lazy().join(mine, on="staff").join(filed, on="staff"))
    return (
        wanted.lazy()
        .join(insurance, on=["payer", "month"])
        .pipe(facts.read)
        .group_by("staff", "person_key", "month")
        .agg(
            # What may be another's branch may not pay for this one.
            is_paid=kleene.some(
                kleene.all_of(pl.when("is_trusted").then(_WAS_PAID), pl.when("is_sure").then(True))
            ),
            is_late=_IS_LATE.any(),
            is_sole_payer=pl.col("is_lawful").all(),
        )
    )


# Collected later, it was not surely paid when the case was filed; nor surely not: it may be the
# balance of one that was (reading 93).
_IS_LATE = (pl.col("is_paid") & (pl.col("paid_month") > pl.col("filed_in"))).fill_null(False)
_WAS_PAID = pl.when(~_IS_LATE).then("is_paid")


def _perhaps_paid(
    paid: pl.LazyFrame,
    staffs: pl.DataFrame,
    months: pl.DataFrame,
    payers: pl.DataFrame,
    facts: Facts,
) -> pl.LazyFrame:
    """The months of `_paid`, and those of people who are known here, paid by nobody knows whom.

    It may have been the applicant, or somebody else beside it: insured by two, one counts for
    none (E4).
    """
    lost = astray(facts, personnel.INSURANCE)
    if lost is None:
        return paid
    told = lost.lazy().select("person_key", paid_for="month")
    theirs = (
        tied(lost["person_key"], staffs, payers, facts)
        .lazy()
        .join(told, on="person_key")
        .join(months.lazy(), on="staff")
        .filter((pl.col("paid_for") == pl.col("month")).fill_null(True))
        .select(
            "staff",
            "person_key",
            "month",
            is_paid=pl.lit(None, pl.Boolean()),
            is_late=pl.lit(False),
            is_sole_payer=pl.lit(None, pl.Boolean()),
        )
    )
    return (
        pl.concat([paid, theirs])
        .group_by("staff", "person_key", "month")
        .agg(
            kleene.some(pl.col("is_paid")),
            pl.col("is_late").any(),
            kleene.every(pl.col("is_sole_payer")),
        )
    )


def is_insured() -> pl.Expr:
    """From the columns of `Insured` and the staff: paid in every month asked, told or not.

    Null if none is asked. While not all branches are on record, nobody is surely insured elsewhere.
    """
    told, told_closed = pl.col("told").fill_null(0), pl.col("told_closed").fill_null(0)
    untold = (
        pl.when(pl.col("months") == told)
        .then(True)
        .when((pl.col("months_closed") > told_closed) & ~_IS_STRANGER)
        .then(False)
    )
    is_paid = untold & pl.when(told > 0).then("is_paid").otherwise(True)
    return pl.when((pl.col("months") > 0) & (is_paid | pl.col("is_register_closed"))).then(is_paid)


_IS_STRANGER = pl.col("person_key").str.starts_with(STRANGER)
