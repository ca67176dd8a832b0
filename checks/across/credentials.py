"""Cross-channel checks on certificates of people (catalogue group P, from P-08 on).

Belongs here: certificates against each other, against their holder's age and registration. Does
not: who employs the holder (`checks.across.personnel`), what fulfils a requirement (the engine).

A finding is keyed by the number of the certificate: the holder's others are not in doubt.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.calendar import full_years_expr
from assets.lake.declaration import Table
from assets.numbers import constructor_digits
from assets.tables import enterprise, personnel
from assets.wording import worded
from checks.across.common import (
    CrossCheck,
    Tables,
    alike,
    at_employers,
    findings,
    live_registrations,
)
from checks.across.deliveries import MASTERS

_CERTIFICATES: tuple[tuple[Table, str, tuple[str, ...], str | None], ...] = (
    (personnel.REGISTRATION, "registration_no", ("registration",), "valid_until"),
    (personnel.TITLE, "title_no", ("title_level", "major"), None),
    (personnel.POST, "certificate_no", ("role",), "valid_until"),
    (personnel.SKILL, "certificate_no", ("trade", "grade"), None),
)
"""Table, its number, what makes two certificates the same kind, and its last valid day."""

WORKING_AGE = 18
AWARD_AGES = {"中级": 22, "高级": 27, "正高级": 27}
"""Years of life below which a title is hardly earned (starting values, no law)."""
SAFETY_B = "项目负责人（B类）"


def certified_children(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-08, second half: nobody under 18 holds any of these; the number is mis-keyed."""
    young = (
        tables[personnel.PERSON.name]
        .filter(full_years_expr(pl.col("born_on"), pl.lit(as_of)) < WORKING_AGE)
        .select("person_key")
    )
    detail = pl.lit("持证人未满18周岁 / the holder is under 18")
    return pl.concat(
        [
            at_employers(
                tables,
                tables[table.name]
                .join(young, on="person_key")
                .select("person_key", "usc_code", number, detail=detail),
                as_of,
                table,
                number,
                "DATA",
            )
            for table, number, _, _ in _CERTIFICATES
        ]
    )


def doubled_certificates(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-24: one number on two persons, or one person with two live numbers of the same kind.

    Both are copies or re-issues of which only one can be true, so neither is trusted.
    """
    return pl.concat(
        [
            at_employers(
                tables,
                _doubled(tables[table.name], as_of, number, kind, until),
                as_of,
                table,
                number,
                "DATA",
            )
            for table, number, kind, until in _CERTIFICATES
        ]
    )


def _doubled(
    rows: pl.LazyFrame, as_of: date, number: str, kind: tuple[str, ...], until: str | None
) -> pl.LazyFrame:
    live = rows
    if until is not None:
        live = rows.filter(pl.col(until).is_null() | (pl.col(until) >= pl.lit(as_of)))
    shared = (
        alike(live, number)
        .filter(pl.col("person_key").n_unique().over(number) > 1)
        .select(
            "person_key",
            "usc_code",
            number,
            detail=worded("证书 {} 对应多人 / on several persons", number),
        )
    )
    # A constructor's digits stay when the first character follows him to another province.
    for_life = pl.coalesce(constructor_digits(pl.col(number)), number)
    several = (
        alike(live.drop_nulls(kind), "person_key", *kind)
        .with_columns(_has_several=for_life.n_unique().over("person_key", *kind) > 1)
        .filter("_has_several")
        .select(
            "person_key",
            "usc_code",
            number,
            detail=worded("同类证书多号 / one of several numbers: {}", number),
        )
    )
    return pl.concat([shared, several])


def award_unknown(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-25: a title whose day of award is missing proves no award."""
    rows = (
        tables[personnel.TITLE.name]
        .filter(pl.col("awarded_on").is_null())
        .select(
            "person_key",
            "usc_code",
            "title_no",
            detail=pl.lit("取得日期缺失 / no day of the award"),
        )
    )
    return at_employers(tables, rows, as_of, personnel.TITLE, "title_no", "DATA")


def awarded_too_young(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-26: 中级 before the year of 22, 高级 before that of 27; or before the graduation."""
    years = pl.col("awarded_on").dt.year() - pl.col("born_on").dt.year()
    least = pl.col("title_level").replace_strict(AWARD_AGES, default=None, return_dtype=pl.Int32)
    born = tables[personnel.PERSON.name].select("person_key", "born_on")
    too_young = (
        tables[personnel.TITLE.name]
        .join(born, on="person_key")
        .filter(years < least)
        .select(
            "person_key",
            "usc_code",
            "title_no",
            detail=worded("{}岁取得{} / awarded at this age", years, "title_level"),
        )
    )
    too_early = (
        tables[personnel.TITLE.name]
        .filter(pl.col("awarded_on") < pl.col("graduated_on"))
        .select(
            "person_key",
            "usc_code",
            "title_no",
            detail=worded("{} 毕业前取得 / awarded before the graduation", "graduated_on"),
        )
    )
    rows = pl.concat([too_young, too_early])
    return at_employers(tables, rows, as_of, personnel.TITLE, "title_no", "WARN")


def grades_upside_down(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-28 of one enterprise: more 高级技师 than 中级工 among its certificates."""
    del as_of
    grade = pl.col("grade")
    rows = (
        tables[personnel.SKILL.name]
        .drop_nulls("usc_code")
        .group_by("usc_code")
        .agg(
            masters=(grade == "高级技师").sum(),
            middle=(grade == "中级工").sum(),
            row_key=pl.col("usc_code").first(),
        )
        .filter(pl.col("masters") >= MASTERS, pl.col("masters") > pl.col("middle"))
    )
    detail = worded("高级技师{}人，中级工{}人 / more masters than middle", "masters", "middle")
    return findings(rows, enterprise.REGISTRY, "row_key", "WARN", detail)


def safety_certificate_expired(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-33: a registered constructor whose safety certificates B have all run out or are not valid.

    A certificate without a state is what its date says.
    """
    held = tables[personnel.POST.name].filter(pl.col("role") == SAFETY_B)
    is_live = (pl.col("valid_until").is_null() | (pl.col("valid_until") >= pl.lit(as_of))) & (
        pl.col("status_code").fill_null("valid") == "valid"
    )
    rows = (
        held.join(held.filter(is_live).select("person_key"), on="person_key", how="anti")
        .join(
            live_registrations(tables, as_of)
            .filter(pl.col("registration").str.ends_with("建造师"))
            .select("person_key")
            .unique(),
            on="person_key",
        )
        .select(
            "person_key",
            "usc_code",
            "certificate_no",
            detail=worded(
                "安全B证 {} 到期，状态 {} / ran out or not valid",
                pl.col("valid_until").cast(pl.String).fill_null("–"),
                pl.col("status_code").fill_null("–"),
            ),
        )
    )
    return at_employers(tables, rows, as_of, personnel.POST, "certificate_no", "WARN")


def told_otherwise(tables: Tables, as_of: date) -> pl.LazyFrame:
    """P-03: day of birth or sex on a certificate are not those in the identity number."""
    is_man = pl.col("id_number").str.slice(16, 1).cast(pl.Int32, strict=False) % 2 == 1
    people = tables[personnel.PERSON.name].select(
        "person_key", "born_on", _sex=pl.when(is_man).then(pl.lit("男")).otherwise(pl.lit("女"))
    )
    rows = (
        tables[personnel.SKILL.name]
        .filter(pl.col("told_born_on").is_not_null() | pl.col("told_sex").is_not_null())
        .join(people, on="person_key")
        .filter(
            (pl.col("told_born_on") != pl.col("born_on")) | (pl.col("told_sex") != pl.col("_sex"))
        )
        .select(
            "person_key",
            "usc_code",
            "certificate_no",
            detail=pl.lit("出生日期或性别与号码不符 / birthday or sex differ from the number"),
        )
    )
    return at_employers(tables, rows, as_of, personnel.SKILL, "certificate_no", "WARN")


_TABLES = tuple(table for table, *_ in _CERTIFICATES)
CHECKS = (
    CrossCheck(id="P-03", targets=(personnel.SKILL,), find=told_otherwise, by="person"),
    CrossCheck(id="P-08:young", targets=_TABLES, find=certified_children, by="person"),
    CrossCheck(id="P-24", targets=_TABLES, find=doubled_certificates, by="person"),
    CrossCheck(id="P-25", targets=(personnel.TITLE,), find=award_unknown, by="person"),
    CrossCheck(id="P-26", targets=(personnel.TITLE,), find=awarded_too_young, by="person"),
    CrossCheck(id="P-28", targets=(personnel.SKILL,), find=grades_upside_down, asks_day=False),
    CrossCheck(id="P-33", targets=(personnel.POST,), find=safety_certificate_expired, by="person"),
)
