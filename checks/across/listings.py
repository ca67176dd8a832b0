"""Cross-channel checks on what lists, licences and records say (catalogue E-06, E-18, C-06, P-34).

Belongs here: enterprises on public lists or without a safety licence, persons whose registration
was revoked or is locked. Does not: acts and bars that the law names (the engine's admission).

No text that was seen makes a list or a licence bar a qualification matter: what is found is noted.
A person's registration that a record contradicts is in doubt, and counts neither way.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.calendar import add_years
from assets.tables import credit, enterprise, intake, personnel
from assets.wording import worded
from checks.across.common import CrossCheck, Tables, findings, listed, live_registrations

ABNORMAL = ("经营异常名录", "严重违法失信名单")
"""Lists of the registry (E-06); the others are of courts and of labour security (C-06)."""
REVOKED_YEARS = 3
"""Whoever had a registration revoked for cheating has none for so long (153号, recalled)."""
_PROVINCE = "330000"


def _on_lists(tables: Tables, as_of: date, *, of_the_registry: bool) -> pl.LazyFrame:
    day, lists = pl.lit(as_of), pl.col("list").is_in(ABNORMAL)
    rows = (
        tables[credit.LISTING.name]
        .filter(
            lists if of_the_registry else ~lists,
            pl.col("listed_on") <= day,
            pl.col("removed_on").is_null() | (pl.col("removed_on") > day),
        )
        .with_columns(_said=worded("{} {}", "list", "listed_on"))
        .group_by("usc_code")
        .agg(said=listed("_said"), row_key=pl.col("usc_code").first())
    )
    detail = worded("列入 {}，未移出 / on a public list", "said")
    return findings(rows, enterprise.REGISTRY, "row_key", "WARN", detail)


def abnormal(tables: Tables, as_of: date) -> pl.LazyFrame:
    """E-06: on a list of the registry on the day."""
    return _on_lists(tables, as_of, of_the_registry=True)


def defaulter(tables: Tables, as_of: date) -> pl.LazyFrame:
    """C-06: on a list of the courts or of labour security on the day."""
    return _on_lists(tables, as_of, of_the_registry=False)


def without_licence(tables: Tables, as_of: date) -> pl.LazyFrame:
    """E-18: it holds a qualification, and no safety production licence in force.

    Whoever has one that is withheld, struck or run out; who has none at all only where the
    channel declares that it has told all of them.
    """
    day = pl.lit(as_of)
    licences = tables[enterprise.SAFETY_LICENCE.name].with_columns(
        is_in_force=(pl.col("status_code") == "valid") & (pl.col("valid_until") >= day)
    )
    told = licences.group_by("usc_code").agg(
        pl.col("is_in_force").any(),
        said=listed("licence_no"),
    )
    complete = (
        tables[intake.COVERAGE.name]
        .filter(
            pl.col("target") == enterprise.SAFETY_LICENCE.name,
            pl.col("region_code") == _PROVINCE,
            pl.col("is_complete"),
        )
        .select(is_complete=pl.len() > 0)
    )
    held = tables[enterprise.QUALIFICATION.name].filter(
        pl.col("status_code") == "valid",
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= day),
    )
    rows = (
        held.select("usc_code", row_key="usc_code")
        .unique()
        .join(told, on="usc_code", how="left")
        .join(complete, how="cross")
        .filter(
            ~pl.col("is_in_force").fill_null(False),
            pl.col("said").is_not_null() | pl.col("is_complete"),
        )
    )
    detail = worded("安全生产许可证 {} 不在有效状态 / none in force", pl.col("said").fill_null("–"))
    return findings(rows, enterprise.REGISTRY, "row_key", "WARN", detail)


def registration_undone(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-34: registered, though a record says revoked within three years, or locked on the day."""
    day = pl.lit(as_of)
    is_revoked = (pl.col("measure") == "撤销注册") & (
        pl.col("decided_on") > pl.lit(add_years(as_of, -REVOKED_YEARS))
    )
    is_locked = (pl.col("measure") == "注册锁定") & (
        pl.col("ends_on").is_null() | (pl.col("ends_on") >= day)
    )
    records = (
        tables[credit.PERSON_RECORD.name]
        .filter(pl.col("decided_on") <= day, is_revoked | is_locked)
        .with_columns(_said=worded("{} {}", "measure", "decided_on"))
        .group_by("person_key")
        .agg(said=listed("_said"))
    )
    rows = (
        live_registrations(tables, as_of)
        .select("person_key", "usc_code")
        .unique()
        .join(records, on="person_key")
    )
    detail = worded("{}，注册存疑 / a record contradicts the registration", "said")
    return findings(rows, personnel.REGISTRATION, "person_key", "DATA", detail)


CHECKS = (
    CrossCheck(id="E-06", targets=(enterprise.REGISTRY,), find=abnormal),
    CrossCheck(id="C-06", targets=(enterprise.REGISTRY,), find=defaulter),
    CrossCheck(id="E-18", targets=(enterprise.REGISTRY,), find=without_licence),
    CrossCheck(id="P-34", targets=(personnel.REGISTRATION,), find=registration_undone),
)
