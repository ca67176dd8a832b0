"""Who may pay for a staff: its enterprise, the branches, and who may be one (E3, reading 53).

Belongs here: which bodies belong to an enterprise, how sure that is, whether all are known. Does
not: what they paid (`decisions.people.insurance`).
"""

from __future__ import annotations

import polars as pl

from assets.tables import enterprise, personnel
from assets.wording import worded
from checks.across.common import COUNTED_MONTHS
from decisions.facts.astray import astray
from decisions.facts.coverage import with_closed
from decisions.facts.doubtful import LINKED, perhaps_theirs
from decisions.facts.model import Facts
from decisions.plans import among, as_written


def payers_of(staffs: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """The applicant and its branches, which alone may pay (E3), with their cities.

    Args:
        staffs: `staff`, `usc_code`, `filed_on`, `insurance_months`.
        facts: the release.

    Returns:
        `staff`, `payer`, `region_code`, `is_sure`: that it is one of them at all.
    """
    own = (
        staffs.lazy()
        .select("staff", payer="usc_code", is_sure=pl.lit(True))
        .join(facts.cities.lazy(), left_on="payer", right_on="usc_code", how="left")
    )
    found = [own]
    branches = facts.once("branches", _branches)
    if not branches.is_empty():
        found.append(
            staffs.lazy()
            .select("staff", parent_usc_code="usc_code")
            .join(branches.lazy(), on="parent_usc_code")
            .select("staff", "payer", "is_sure", "region_code")
        )
    if not facts.in_doubt.is_empty():
        found.append(_perhaps(staffs, pl.concat(found), facts))
    return as_written(pl.concat(found))


def _branches(facts: Facts) -> pl.LazyFrame:
    """Every body that surely is a branch: `parent_usc_code`, `payer`, `region_code`, `is_sure`."""
    is_of_somebody = _IS_BRANCH & ~among("usc_code", facts.in_doubt["usc_code"])
    registered = facts.table(enterprise.REGISTRY).filter(is_of_somebody)
    return registered.select("parent_usc_code", *_AS_PAYER)


_IS_BRANCH = pl.col("is_trusted") & pl.col("is_lawful") & (pl.col("entity_code") == "branch")
_AS_PAYER = [
    pl.col("usc_code").alias("payer"),
    (pl.col("region_code").str.slice(0, 4) + "00").alias("region_code"),
    pl.lit(True).alias("is_sure"),
]


def _perhaps(staffs: pl.DataFrame, sure: pl.LazyFrame, facts: Facts) -> pl.LazyFrame:
    """Bodies in doubt that may belong to a staff's enterprise, in a month asked."""
    tables = (*LINKED, personnel.INSURANCE)
    until = pl.col("filed_on").dt.month_start()
    lately = staffs.lazy().select(
        "staff", until=until, since=until.dt.offset_by(f"-{COUNTED_MONTHS}mo")
    )
    shown = facts.collect(
        perhaps_theirs(
            sure.select("staff", usc_code="payer")
            .unique()
            .join(lately, on="staff")
            .rename({"staff": "of"}),
            {table.name: facts.table(table) for table in tables},
            facts.in_doubt,
        )
    )
    return (
        shown.lazy()
        .join(
            staffs.lazy().select("filed_on", "insurance_months", of="staff", own="usc_code"),
            on="of",
        )
        .filter(is_asked(pl.col("month")), pl.col("usc_code") != pl.col("own"))
        .join(facts.in_doubt.lazy().select("usc_code", "city"), on="usc_code")
        .select(staff="of", payer="usc_code", is_sure=pl.lit(False), region_code="city")
        .unique(maintain_order=True)
    )


def is_asked(month: pl.Expr) -> pl.Expr:
    """Whether a case asks for the insurance of a month, or may: one of nobody knows when.

    By `filed_on` and `insurance_months`, so many full months before it.
    """
    first = pl.col("filed_on").dt.month_start()
    since = first.dt.offset_by(worded("-{}mo", "insurance_months"))
    return month.is_between(since, first, closed="left").fill_null(True)


def with_all_known(staffs: pl.LazyFrame, facts: Facts, *, day: str = "filed_on") -> pl.LazyFrame:
    """With whether all branches are on record: only a complete register shows who is none.

    It is not, where a branch of the enterprise is registered under nobody knows which code.

    Returns `staffs` with `is_register_closed` (never null), as on the day in the column `day`.
    """
    known = with_closed(
        staffs, facts, enterprise.REGISTRY, day=day, everywhere=True, name="is_register_closed"
    )
    lost = astray(facts, enterprise.REGISTRY)
    if lost is None:
        return known
    parents = lost["parent_usc_code"].drop_nulls().unique().implode()
    return known.with_columns(pl.col("is_register_closed") & ~pl.col("usc_code").is_in(parents))
