"""What each criterion looks at: the tables, and on which day they must be known to be complete.

Belongs here: the sources of every criterion that decides by itself, and which of them are not
complete for a case. Does not: how a criterion uses them (the `judge_` modules), single rows
(`decisions.waiting.faults`, `decisions.waiting.absences`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import polars as pl

from assets.lake.declaration import Table
from assets.tables import BY_NAME, credit, enterprise, intake, personnel, project
from decisions.facts.coverage import with_declared
from decisions.facts.declared import PROVINCE
from decisions.facts.model import Facts
from decisions.facts.unread import ABOUT
from decisions.people.headcount import SOURCES as STAFF
from decisions.plans import as_written
from decisions.waiting.faults import CRITERION, LACKS, adrift, lacks


@dataclass(frozen=True, slots=True)
class Source:
    """A table a criterion looks at.

    `day`: the day on which it must be fresh, None where its completeness does not matter;
    `everywhere`: whether only the word for the whole province will do; `by_row`: whether the rows
    of what the criterion looks at matter, and not only that there are no others.
    """

    table: Table
    day: str | None = "filed_on"
    everywhere: bool = False
    by_row: bool = True


_NOW = "decided_on"
_BRANCHES_THEN = Source(enterprise.REGISTRY, everywhere=True, by_row=False)
"""Whose works and machines may be the enterprise's (reading 66)."""
_EMPLOYED = (
    Source(personnel.INSURANCE, None),
    Source(personnel.REGISTRATION, everywhere=True),
    _BRANCHES_THEN,
)
"""Of everybody: insured here or by a branch, and registered with nobody else."""
_BRANCHES = Source(enterprise.REGISTRY, _NOW, everywhere=True, by_row=False)
"""Whose acts, bars and orders are the enterprise's, too."""
_HELD = (Source(enterprise.QUALIFICATION), Source(enterprise.CERTIFICATE))
SOURCES: dict[str, tuple[Source, ...]] = {
    "jurisdiction": (Source(enterprise.REGISTRY, None),),
    "registration_state": (Source(enterprise.REGISTRY, _NOW),),
    "level_open": (),
    "first_level": (Source(enterprise.DESIGN),),
    "held": _HELD,
    "held:first": (*_HELD, Source(enterprise.EVENT)),
    "validity": _HELD,
    "filing_window": _HELD,
    "exchange_due": (Source(enterprise.EVENT, None),),
    "bar": (Source(credit.BAR, _NOW), _BRANCHES),
    "rectification": (Source(credit.RECTIFICATION, _NOW), _BRANCHES),
    "change_ground": (
        Source(enterprise.REGISTRY),
        Source(enterprise.EVENT),
        Source(enterprise.CERTIFICATE, None),
    ),
    "reverification_due": (Source(enterprise.EVENT),),
    "reverification_ground": (Source(enterprise.EVENT), Source(enterprise.REGISTRY, None)),
    "lower_level_ground": (Source(enterprise.QUALIFICATION),),
    "art23": (Source(credit.FINDING, _NOW), _BRANCHES),
    "net_assets:registered_capital": (Source(enterprise.REGISTRY), Source(enterprise.EVENT, _NOW)),
    "net_assets:statement": (Source(enterprise.STATEMENT), *_HELD),
    "assets_other": (Source(enterprise.EQUIPMENT), _BRANCHES_THEN),
    "equipment": (Source(enterprise.EQUIPMENT), _BRANCHES_THEN),
    "technical_lead": (
        Source(personnel.TECHNICAL_LEAD),
        Source(personnel.TITLE),
        Source(personnel.PERSON, None),
        *_EMPLOYED,
    ),
    "lead_performance": (
        Source(personnel.TECHNICAL_LEAD),
        Source(personnel.PERSON, None),
        Source(project.PARTY),
        Source(project.UNIT),
        Source(project.ACCEPTANCE),
        Source(project.CONTRACT, None),
        Source(project.MEASURE, None),
        *_EMPLOYED,
    ),
    "performance": (
        Source(project.PROJECT, None),
        Source(project.CONTRACT),
        Source(project.UNIT),
        Source(project.MEASURE),
        Source(project.ACCEPTANCE),
        Source(project.PARTY, None),
        *_HELD,
        Source(personnel.REGISTRATION),
        _BRANCHES_THEN,
    ),
    **{f"staff:{use}": (*map(Source, found), *_EMPLOYED) for use, found in STAFF.items()},
}
"""What each criterion looks at; staff by the use of its people, net assets by what they are
taken from; that nothing is held, of a first application, by moves from another province, too."""


@cache
def sources_of() -> pl.DataFrame:
    """`SOURCES` as a frame: `source`, `target`, `day`, `everywhere`, `by_row`."""
    return pl.DataFrame(
        [
            (name, one.table.name, one.day, one.everywhere, one.by_row)
            for name, found in SOURCES.items()
            for one in found
        ],
        schema={
            "source": pl.String(),
            "target": pl.String(),
            "day": pl.String(),
            "everywhere": pl.Boolean(),
            "by_row": pl.Boolean(),
        },
        orient="row",
    )


def incomplete(sources: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """The sources that are not known to be complete: never declared so, or too long ago."""
    asked = sources.filter(pl.col("day").is_not_null())
    which = ["day", "everywhere"]
    together = asked.partition_by(which, as_dict=True)
    # Mostly everything is complete; only where it is not, which table is asked.
    single = [
        _unclosed(
            mine.filter(pl.col("target") == target), [target], day, everywhere, facts
        ).with_columns(target=pl.lit(target), day=pl.lit(day), everywhere=pl.lit(everywhere))
        for (day, everywhere), mine in together.items()
        if _unclosed(mine, mine["target"].unique().to_list(), day, everywhere, facts).height
        for target in mine["target"].unique()
    ]
    if not single:
        return asked.clear()
    return asked.join(pl.concat(single), on=["application_id", "usc_code", "target", *which])


def unplaced(lacking: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Whose city is not known, so that a word for it answers nothing: `CRITERION`, `link`, `value`.

    Args:
        lacking: from `incomplete`.
        facts: the release.
    """
    nowhere = facts.cities.filter(pl.col("region_code").is_null())
    asked = lacking.filter(~pl.col("everywhere")).join(nowhere, on="usc_code", how="semi")
    return asked.select(*CRITERION, link=pl.lit("usc_code"), value="usc_code").unique()


def gaps(lacking: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Rows of `LACKS`: the statements that are not there, or too old.

    Args:
        lacking: from `incomplete`.
        facts: the release.
    """
    if lacking.is_empty():
        return LACKS.to_frame()
    declared = (
        facts.raw(intake.COVERAGE)
        .filter("is_complete")
        .group_by("target", "region_code")
        .agg(pl.col("as_of").max())
        .pipe(facts.collect)
    )
    placed = lacking.join(facts.cities, on="usc_code", how="left").with_columns(
        region_code=pl.when("everywhere").then(None).otherwise("region_code")
    )
    return lacks(
        placed.join(declared, on=["target", "region_code"], how="left")
        .join(
            declared.filter(pl.col("region_code") == PROVINCE).select("target", whole="as_of"),
            on="target",
            how="left",
        )
        .with_columns(last=pl.max_horizontal("as_of", "whole"))
        .with_columns(
            row_key=pl.col("region_code").fill_null(PROVINCE),
            fault=pl.when(pl.col("last").is_null())
            .then(pl.lit("undeclared"))
            .otherwise(pl.lit("stale")),
            cause=pl.col("last").cast(pl.String).fill_null(""),
            usc_code=pl.lit(None, pl.String()),
        )
    )


def _unclosed(
    sources: pl.DataFrame, targets: list[str], day: str, everywhere: bool, facts: Facts
) -> pl.DataFrame:
    """Cases and enterprises for which one of the tables at least is not known to be complete."""
    cases = sources.select("application_id", "usc_code", "filed_on", "decided_on").unique()
    found = with_declared(
        cases.lazy(), facts, *(BY_NAME[name] for name in targets), day=day, everywhere=everywhere
    )
    return found.filter(~pl.col("is_closed")).select("application_id", "usc_code").pipe(as_written)


def unread(sources: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Rows set apart that may be about any of the enterprise's, each for who asks of its table."""
    names = [name for name, columns in ABOUT.items() if columns and name in facts.doubts]
    asked = sources.filter(pl.col("target").is_in(names))
    if asked.is_empty():
        return LACKS.to_frame()
    codes = asked["usc_code"].unique().implode()
    rows = pl.concat([adrift(facts, BY_NAME[name], codes) for name in asked["target"].unique()])
    return lacks(
        asked.lazy()
        .join(rows.drop("usc_code"), left_on=["target", "usc_code"], right_on=["target", "value"])
        .pipe(facts.collect)
    )
