"""Rows that are not there, although something that a criterion looks at should have them.

Belongs here: what must exist of an enterprise, a person, a contract, and the months of insurance
(W9). Does not: rows that are there and prove nothing (`decisions.waiting.faults`).
"""

from __future__ import annotations

import polars as pl

from assets.bases.quarantine import STRANGER
from assets.calendar import full_months_before
from assets.lake.declaration import Table
from assets.tables import enterprise, intake, personnel, project
from assets.wording import worded
from decisions.facts.coverage import closed_months
from decisions.facts.declared import PROVINCE
from decisions.facts.model import Facts
from decisions.plans import at_once
from decisions.waiting.faults import CRITERION, LACKS, lacks

EXPECTED: tuple[tuple[Table, str], ...] = (
    (enterprise.REGISTRY, "usc_code"),
    (personnel.PERSON, "person_key"),
    (project.CONTRACT, "contract_no"),
    (project.ACCEPTANCE, "contract_no"),
    (project.PARTY, "contract_no"),
)
"""Rows that everything a criterion looks at must have, by the column that ties them."""
_WANTED = [*CRITERION, "target", "value", "row_key", "usc_code"]


def absent_rows(sources: pl.DataFrame, things: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Rows that are not there at all.

    Args:
        sources: `CRITERION`, `target`, `usc_code`, `category_code`, `filed_on`.
        things: `CRITERION`, `link`, `value`: what the criteria look at.
        facts: the release.
    """
    looked_at = sources.unique([*CRITERION, "target"])
    named = things.filter(~pl.col("value").str.starts_with(STRANGER))
    asked: list[tuple[pl.DataFrame, pl.LazyFrame]] = [
        (
            named.filter(pl.col("link") == link)
            .join(looked_at.filter(pl.col("target") == table.name), on=CRITERION)
            .with_columns(row_key="value"),
            facts.table(table).select(value=link),
        )
        for table, link in EXPECTED
    ]
    # One leader per category.
    leader = worded("{}|{}", "usc_code", "category_code")
    lead = looked_at.filter(pl.col("target") == personnel.TECHNICAL_LEAD.name)
    asked.append(
        (
            lead.with_columns(value=leader, row_key=leader),
            facts.table(personnel.TECHNICAL_LEAD).select(value=leader),
        )
    )
    # The statement of the year before, or of this one.
    year = pl.col("filed_on").dt.year()
    serves = pl.col("year") + (pl.col("report_code") == "annual").cast(pl.Int32())
    stated = looked_at.filter(pl.col("target") == enterprise.STATEMENT.name)
    asked.append(
        (
            stated.with_columns(
                value=worded("{}|{}", "usc_code", year),
                row_key=worded("{}|{}|annual", "usc_code", year - 1),
            ),
            facts.table(enterprise.STATEMENT).select(value=worded("{}|{}", "usc_code", serves)),
        )
    )
    lost = facts.collect_all(
        [
            wanted.lazy().select(_WANTED).join(present, on="value", how="anti")
            for wanted, present in asked
            if wanted.height
        ]
    )
    if not lost:
        return LACKS.to_frame()
    is_person = pl.col("target") == personnel.PERSON.name
    return lacks(
        pl.concat(lost).with_columns(
            person_key=pl.when(is_person).then("value"), fault=pl.lit("missing"), cause=pl.lit("")
        )
    )


def absent_months(open_: pl.DataFrame, things: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Months of insurance that were not delivered for the people looked at, and of which cities.

    Args:
        open_: `CRITERION`, `usc_code`, `filed_on`, `insurance_months` (asked for).
        things: `CRITERION`, `link`, `value`: what the criteria look at.
        facts: the release.
    """
    wanted = _months_asked(open_, things)
    if wanted.is_empty():
        return LACKS.to_frame()
    table = personnel.INSURANCE
    payers, declared, paid = facts.collect_all(
        [
            payers_of(wanted["usc_code"], facts),
            facts.raw(intake.COVERAGE)
            .filter((pl.col("target") == table.name) & pl.col("is_complete"))
            .select("region_code", "period"),
            facts.table(table)
            .filter(
                pl.col("person_key").is_in(wanted["person_key"].unique().implode())
                & pl.col("month").is_in(wanted["period"].unique().implode())
            )
            .select("person_key", period="month", payer="usc_code"),
        ]
    )
    here = paid.join(payers, on="payer").select("usc_code", "person_key", "period")
    absent = wanted.join(here, on=["usc_code", "person_key", "period"], how="anti")
    if absent.is_empty():
        return LACKS.to_frame()
    places = (
        absent.select("application_id", "usc_code", "period")
        .unique()
        .join(payers.select("usc_code", "region_code").unique(), on="usc_code", how="left")
    )
    complete = at_once(
        closed_months(
            places.lazy().select("application_id", "region_code", month="period"), facts, table
        )
    )
    lost = absent.join(
        complete.filter(~pl.col("is_closed")).rename({"month": "period"}),
        on=["application_id", "period"],
    ).with_columns(target=pl.lit(table.name), cause=pl.lit(""))
    rows = lost.with_columns(
        row_key=worded("{}|{}|{}", "person_key", "period", "usc_code"),
        value="person_key",
        fault=pl.lit("missing"),
    )
    cities = (
        lost.join(places, on=["application_id", "usc_code", "period"])
        .join(declared, on=["region_code", "period"], how="anti")
        .select(*CRITERION, "target", "cause", "region_code", "period")
        .unique()
        .with_columns(
            row_key=worded("{}|{}", pl.col("region_code").fill_null(PROVINCE), "period"),
            fault=pl.lit("undeclared"),
        )
    )
    return pl.concat([lacks(rows), lacks(cities)])


def _months_asked(open_: pl.DataFrame, things: pl.DataFrame) -> pl.DataFrame:
    """`CRITERION`, `usc_code`, `person_key`, `period`: whose insurance is asked for, and when."""
    people = things.filter(
        (pl.col("link") == "person_key") & ~pl.col("value").str.starts_with(STRANGER)
    )
    alike = ["filed_on", "insurance_months"]
    asked = open_.select(alike).unique()
    months = asked.with_columns(
        period=pl.Series(
            [full_months_before(day, number) for day, number in asked.iter_rows()],
            dtype=pl.List(pl.Date()),
        )
    )
    return (
        people.lazy()
        .join(open_.lazy().unique(CRITERION), on=CRITERION)
        .join(months.lazy(), on=alike)
        .explode("period")
        .drop_nulls("period")
        .select(*CRITERION, "usc_code", "period", person_key="value")
        .pipe(at_once)
    )


def payers_of(usc_codes: pl.Series, facts: Facts) -> pl.LazyFrame:
    """The enterprises and their branches, which alone may pay (E3), with their cities."""
    codes = usc_codes.unique().implode()
    registry = facts.table(enterprise.REGISTRY)
    city = pl.col("region_code").str.slice(0, 4) + "00"
    own = registry.filter(pl.col("usc_code").is_in(codes)).select(
        "usc_code", payer="usc_code", region_code=city
    )
    branches = registry.filter(
        (pl.col("entity_code") == "branch") & pl.col("parent_usc_code").is_in(codes)
    ).select(usc_code="parent_usc_code", payer="usc_code", region_code=city)
    return pl.concat([own, branches]).unique(["usc_code", "payer"])
