"""Bodies whose registration is in doubt, and whose branch each may be (reading 53).

Belongs here: telling them from the tables. Does not: which rows are read of them
(`decisions.facts.narrow`, `decisions.facts.reach`), what follows for the staff
(`decisions.facts.payers`).

A row that is not trusted says neither that a body is somebody's branch nor that it is not. So it
may be of whomever such a row names, and of whoever has people that it insures, registers or has
appointed: by a registration, certificate or post, or by a month of insurance not long ago. Duties
at works tell no days: they may be of a former employer, and tie nobody to it.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from assets.tables import personnel

LINKED = (
    personnel.REGISTRATION,
    personnel.TITLE,
    personnel.POST,
    personnel.SKILL,
    personnel.TECHNICAL_LEAD,
)
"""Tables that name the employer of a person, beside his insurance."""
EMPLOYING = (personnel.REGISTRATION, personnel.TECHNICAL_LEAD)
"""By which a body has a person as of now, beside his insurance."""
IN_DOUBT = pl.Schema({"usc_code": pl.String, "parent_usc_code": pl.String, "city": pl.String})


def in_doubt(registry: pl.LazyFrame) -> pl.LazyFrame:
    """What was said of bodies of which nobody knows whose they are, in the columns of `IN_DOUBT`.

    One that a check excludes (LAW) belongs to nobody.

    Args:
        registry: `base_enterprise__registry` with `is_trusted`, `is_lawful`.
    """
    names_nobody = (pl.col("entity_code") == "branch") & pl.col("parent_usc_code").is_null()
    is_doubted = ~pl.col("is_trusted") | names_nobody.fill_null(False)
    return (
        registry.filter(
            is_doubted.any().over("usc_code"), pl.col("is_lawful").all().over("usc_code")
        )
        .select("usc_code", "parent_usc_code", city=pl.col("region_code").str.slice(0, 4) + "00")
        .unique()
        .sort(list(IN_DOUBT))
    )


def perhaps_theirs(
    cases: pl.LazyFrame, tables: Mapping[str, pl.LazyFrame], doubtful: pl.DataFrame
) -> pl.LazyFrame:
    """Which bodies in doubt may be branches of which enterprises.

    Args:
        cases: `of` (any key), `usc_code` (the enterprise and its branches), `since` and `until`:
            months of insurance from the one until before the other tie somebody to it; null = all.
        tables: by name those of `LINKED` and insurance: of the enterprises' people, at least.
        doubtful: in the columns of `IN_DOUBT`.

    Returns:
        `of`, `usc_code` (of the body), `month` in which it insures somebody who is tied to the
        enterprise; null where a row names the enterprise, or the body has such a one as
        `EMPLOYING` has it.
    """
    is_theirs = pl.col("usc_code").is_in(doubtful["usc_code"].unique().implode())
    insured = tables[personnel.INSURANCE.name].select("usc_code", "person_key", "month")
    never = pl.lit(None, pl.Date())
    employed = (
        tables[table.name].select("usc_code", "person_key", month=never) for table in EMPLOYING
    )
    shown = pl.concat(rows.filter(is_theirs) for rows in (insured, *employed))
    people = shown.select("person_key").unique()  # few of many
    lately = (
        insured.join(people, on="person_key", how="semi")
        .join(cases, on="usc_code")
        .filter(pl.col("month").is_between("since", "until", closed="left").fill_null(True))
    )
    linked = (
        tables[table.name]
        .select("usc_code", "person_key")
        .join(people, on="person_key", how="semi")
        .join(cases, on="usc_code")
        for table in LINKED
    )
    tied = pl.concat(one.select("of", "person_key") for one in (lately, *linked)).unique()
    named = cases.join(doubtful.lazy(), left_on="usc_code", right_on="parent_usc_code")
    found = [
        named.select("of", usc_code="usc_code_right", month=never),
        tied.join(shown, on="person_key").select("of", "usc_code", "month"),
    ]
    return pl.concat(found).unique()
