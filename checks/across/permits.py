"""Cross-channel checks of construction permits (catalogue J-04, J-11, J-27, J-31).

Belongs here: what the permit of works says against the contract, the acceptance and the project
it names. Does not: contracts, units and acceptances among themselves (`checks.across.project`).

A contract names its permit as printed or by the number of the stage; where it names none, or one
that has not come, nothing is found. A finding is keyed by `permit_no`; what bears on works that may
be counted is told at their contract too.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.numbers import PERMIT, permit_day, permit_number, region_regex
from assets.tables import project
from assets.wording import worded
from checks.across.common import CrossCheck, Tables, findings, with_head


def _permits(tables: Tables) -> pl.LazyFrame:
    """The permits, with `_permit`, the number that they are compared by."""
    return tables[project.PERMIT.name].with_columns(_permit=permit_number(pl.col("permit_no")))


def _permitted(tables: Tables) -> pl.LazyFrame:
    """Contracts with each permit that they name: who, and when it was first issued.

    Re-issues have the first one's number, in which its day stands, and a later day of their own.
    """
    is_reissue = pl.col("permit_no") != pl.col("_permit")
    first_issue = pl.when(is_reissue).then(permit_day(pl.col("permit_no")))
    permits = (
        _permits(tables)
        .with_columns(issued_on=pl.coalesce(first_issue, "issued_on"))
        .sort("issued_on", "permit_no")
        .group_by("_permit", maintain_order=True)
        .agg(
            permit_no=pl.col("permit_no").first(),
            permit_usc_code=pl.col("usc_code").last(),
            issued_on=pl.col("issued_on").first(),
        )
    )
    return (
        tables[project.CONTRACT.name]
        .select("contract_no", "usc_code", "permit_no", "is_consortium", "signed_on")
        .with_columns(_permit=permit_number(pl.col("permit_no")))
        .drop("permit_no")
        .join(permits, on="_permit")
    )


def permit_out_of_order(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-04: permitted after the acceptance is in doubt; before the contract or late is noted."""
    del as_of
    days = tables[project.ACCEPTANCE.name].select("contract_no", "started_on", "accepted_on")
    works = _permitted(tables).join(days, on="contract_no", how="left")
    after_end = (pl.col("issued_on") > pl.col("accepted_on")).fill_null(False)
    out_of_order = (
        after_end
        | (pl.col("issued_on") < pl.col("signed_on"))
        | (pl.col("issued_on") > pl.col("started_on"))
    )
    text = worded(
        "签订 {}，许可 {}，开工 {}，验收 {} / signed, permitted, started, accepted out of order",
        *(
            pl.col(name).cast(pl.String).fill_null("–")
            for name in ("signed_on", "issued_on", "started_on", "accepted_on")
        ),
    )
    severity = pl.when(after_end).then(pl.lit("DATA")).otherwise(pl.lit("WARN"))
    return findings(works.filter(out_of_order), project.CONTRACT, "contract_no", severity, text)


def another_contractor(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-11: the permit that a contract names was given to another contractor.

    Only where the contract is a general one: a subcontract names the permit of the whole works,
    which bears the general contractor. Not in a consortium; a branch is its parent.
    """
    del as_of
    general = tables[project.CONTRACT.name].filter(
        pl.col("contract_type").is_in(["施工总承包", "工程总承包"])
    )
    named = (
        _permitted(tables)
        .join(general.select("contract_no"), on="contract_no", how="semi")
        .filter(~pl.col("is_consortium").fill_null(False))
    )
    ours = with_head(tables, named).rename({"head": "_ours"}).drop("is_known")
    theirs = with_head(
        tables, ours.rename({"usc_code": "_usc_code", "permit_usc_code": "usc_code"})
    )
    rows = theirs.filter(pl.col("_ours") != pl.col("head")).select(
        "contract_no", "permit_no", usc_code="_usc_code", other="usc_code"
    )
    text = worded("施工许可证 {} 记载施工单位 {} / its permit names another", "permit_no", "other")
    return findings(rows, project.CONTRACT, "contract_no", "DATA", text)


def supervised_by_itself(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-27: the supervisor of the works is the contractor, or its branch or parent."""
    del as_of
    rows = _permits(tables).drop_nulls("supervisor_usc_code")
    built = with_head(tables, rows).rename({"head": "_built"}).drop("is_known")
    watched = with_head(
        tables, built.rename({"usc_code": "_usc_code", "supervisor_usc_code": "usc_code"})
    )
    same = watched.filter(pl.col("_built") == pl.col("head")).select(
        "permit_no", "_permit", usc_code="_usc_code"
    )
    text = worded("施工许可证 {} 监理即施工单位 / the contractor supervises itself", "permit_no")
    return _told_at_both(tables, same, text)


def number_and_row_differ(tables: Tables, as_of: date) -> pl.LazyFrame:
    """J-31: the day or the county within the number is not the permit's.

    Only of numbers as printed: that of a stage says neither. A county's number may be its city's,
    or that of a county that succeeded or preceded it.
    """
    del as_of
    places = tables[project.PROJECT.name].select("project_no", "region_code")
    region = pl.col("_permit").str.slice(0, 6)
    # The number stays with the first issue; a re-issue is dated later.
    is_reissue = pl.col("permit_no") != pl.col("_permit")
    other_day = (
        pl.when(is_reissue)
        .then(permit_day(pl.col("permit_no")) > pl.col("issued_on"))
        .otherwise(permit_day(pl.col("permit_no")) != pl.col("issued_on"))
    )
    other_place = (region != pl.col("region_code")) & ~(
        region + pl.col("region_code")
    ).str.contains(region_regex())
    rows = (
        _permits(tables)
        .filter(pl.col("permit_no").str.contains(PERMIT))
        .join(places, on="project_no", how="left")
        .filter(other_day | other_place.fill_null(False))
    )
    text = worded(
        "施工许可证 {} 发证 {}，项目所在 {} / the number says another day or county",
        "permit_no",
        "issued_on",
        pl.col("region_code").fill_null("–"),
    )
    return _told_at_both(tables, rows, text)


def _told_at_both(tables: Tables, rows: pl.LazyFrame, text: pl.Expr) -> pl.LazyFrame:
    """What is noted of permits, at the permit and at the contracts that name it."""
    said = rows.select("permit_no", "_permit", "usc_code", detail=text)
    naming = _permitted(tables).select("contract_no", "_permit", contractor="usc_code")
    at_contract = (
        said.join(naming, on="_permit")
        .group_by("contract_no", usc_code="contractor")
        .agg(detail=pl.col("detail").min())
    )
    detail = pl.col("detail")
    return pl.concat(
        [
            findings(said, project.PERMIT, "permit_no", "WARN", detail),
            findings(at_contract, project.CONTRACT, "contract_no", "WARN", detail),
        ]
    )


_BOTH = (project.PERMIT, project.CONTRACT)
CHECKS = (
    CrossCheck(
        id="J-04:permit", targets=(project.CONTRACT,), find=permit_out_of_order, asks_day=False
    ),
    CrossCheck(
        id="J-11:permit", targets=(project.CONTRACT,), find=another_contractor, asks_day=False
    ),
    CrossCheck(id="J-27", targets=_BOTH, find=supervised_by_itself, asks_day=False),
    CrossCheck(id="J-31", targets=_BOTH, find=number_and_row_differ, asks_day=False),
)
