"""Cross-channel checks on enterprises and their certificates (catalogue group E).

Belongs here: what the registry, its events, the certificates and the qualifications tell against
each other. Does not: what an enterprise owns (`checks.across.means`), or whether it may apply (that
is the engine's admission).
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from assets.identifiers import is_organisation_code
from assets.numbers import region_regex
from assets.tables import common, enterprise
from assets.wording import worded
from checks.across.apart import with_trust
from checks.across.common import CrossCheck, Tables, findings, folded_name, law_if, listed

CHANGE_DAYS = 30
"""Days to have a certificate changed (令22 Art. 19)."""


def code_of_no_enterprise(tables: Tables, as_of: date) -> pl.LazyFrame:
    """E-01: a registered enterprise whose code, sound by itself, is not one of enterprises.

    The first two characters say who registered it and what it is: 91 an enterprise, by the market
    regulator (GB 32100-2015); a building contractor is nothing else.
    """
    del as_of
    rows = tables[enterprise.REGISTRY.name].filter(
        pl.col("entity_code") == "enterprise", ~pl.col("usc_code").str.starts_with("91")
    )
    detail = worded("{} 不是企业的代码（应以91开头） / no code of an enterprise", "usc_code")
    return findings(rows, enterprise.REGISTRY, "usc_code", "WARN", detail)


def organisation_code(tables: Tables, as_of: date) -> pl.LazyFrame:
    """E-02: the organisation code within the credit code fails its check, or is not the old one."""
    del as_of
    inner = pl.col("usc_code").str.slice(8, 9)
    registered = tables[enterprise.REGISTRY.name].filter(pl.col("entity_code") == "enterprise")
    unsound = registered.filter(~inner.map_elements(is_organisation_code, return_dtype=pl.Boolean))
    other = registered.filter(pl.col("organisation_code").str.replace_all("-", "") != inner)
    return pl.concat(
        [
            findings(
                unsound,
                enterprise.REGISTRY,
                "usc_code",
                "WARN",
                worded("{} 校验不符 / fails its check", inner),
            ),
            findings(
                other,
                enterprise.REGISTRY,
                "usc_code",
                "WARN",
                worded("原组织机构代码 {} / another organisation code before", "organisation_code"),
            ),
        ]
    )


def one_name_two_codes(tables: Tables, as_of: date) -> pl.LazyFrame:
    """E-04: two live enterprises of one name; neither row says who has the people and works.

    One code with two rows cannot be: the code is the key of the registry.
    """
    del as_of
    live = tables[enterprise.REGISTRY.name].filter(
        pl.col("state_code") == "active", pl.col("entity_code") == "enterprise"
    )
    rows = live.with_columns(_name=folded_name("name")).with_columns(
        _codes=pl.col("usc_code").n_unique().over("_name"),
        _all=pl.col("usc_code").sort().str.join("、").over("_name"),
    )
    detail = worded("{} 同名 / bear one name", "_all")
    return findings(
        rows.filter(pl.col("_codes") > 1), enterprise.REGISTRY, "usc_code", "DATA", detail
    )


def _in_force(tables: Tables, as_of: date) -> pl.LazyFrame:
    """Certificates in force on the day, as the channel tells them.

    One that Miaoban has just issued anew is noted until the channel hands it back: what the
    checks find follows from the base alone, so that a decision never makes a release.
    """
    return tables[enterprise.CERTIFICATE.name].filter(
        pl.col("status_code") == "valid", pl.col("valid_until") >= pl.lit(as_of)
    )


def name_differs(tables: Tables, as_of: date) -> pl.LazyFrame:
    """E-03: the certificate in force prints a name that the enterprise has, and had, never.

    A former name in the registry's history explains the difference (the certificate is then
    only due for change).
    """
    names = tables[enterprise.REGISTRY.name].select("usc_code", "name", _now=folded_name("name"))
    former = (
        tables[enterprise.EVENT.name]
        .filter(pl.col("event_code") == "rename")
        .select("usc_code", _printed=folded_name("before"))
        .drop_nulls()
        .unique()
    )
    rows = (
        _in_force(tables, as_of)
        .with_columns(_printed=folded_name("printed_name"))
        .join(names, on="usc_code")
        .filter(pl.col("_printed") != pl.col("_now"))
        .join(former, on=["usc_code", "_printed"], how="anti")
    )
    detail = worded("证载 {}，登记 {} / names differ", "printed_name", "name")
    return findings(rows, enterprise.CERTIFICATE, "certificate_no", "WARN", detail)


def one_without_the_other(tables: Tables, as_of: date) -> pl.LazyFrame:
    """E-10: a valid qualification without its certificate, a valid certificate without any.

    Or one that states another highest level than the qualifications on it have.
    """
    day = pl.lit(as_of)
    certificates = tables[enterprise.CERTIFICATE.name]
    held = tables[enterprise.QUALIFICATION.name].filter(
        pl.col("status_code") == "valid",
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= day),
    )
    orphans = held.join(certificates, on="certificate_no", how="anti")
    bare = certificates.filter(pl.col("status_code") == "valid", pl.col("valid_until") >= day).join(
        held, on="certificate_no", how="anti"
    )
    rank = pl.col("level").cast(pl.Enum(common.LEVELS)).to_physical()
    best = held.group_by("certificate_no").agg(_best=pl.col("level").sort_by(rank).first())
    other = (
        certificates.filter(pl.col("status_code") == "valid", pl.col("valid_until") >= day)
        .join(best, on="certificate_no")
        .filter(pl.col("highest_level") != pl.col("_best"))
    )
    return pl.concat(
        [
            findings(
                other,
                enterprise.CERTIFICATE,
                "certificate_no",
                "WARN",
                worded("证载最高{}，明细最高{} / highest levels differ", "highest_level", "_best"),
            ),
            findings(
                orphans,
                enterprise.QUALIFICATION,
                "qualification_no",
                "WARN",
                worded("证书 {} 未见 / its certificate is not there", "certificate_no"),
            ),
            findings(
                bare,
                enterprise.CERTIFICATE,
                "certificate_no",
                "WARN",
                pl.lit("证书无资质明细 / it lists no qualification"),
            ),
        ]
    )


_PRINTED = (
    ("legal_representative", "printed_legal_representative", "法定代表人"),
    ("address", "printed_address", "地址"),
)
"""Column of the registry, what the certificate prints of it, its name; also kinds of events."""


def printed_differs(tables: Tables, as_of: date) -> pl.LazyFrame:
    """E-12: representative or address differ, and no change of the last 30 days explains it.

    The thirtieth day after the change is still within them.
    """
    recent = tables[enterprise.EVENT.name].filter(
        pl.col("happened_on") >= pl.lit(as_of - timedelta(days=CHANGE_DAYS))
    )
    registry = tables[enterprise.REGISTRY.name].select("usc_code", *(now for now, _, _ in _PRINTED))
    printed = _in_force(tables, as_of).join(registry, on="usc_code")
    found = [
        printed.filter(folded_name(before) != folded_name(now))
        .join(recent.filter(pl.col("event_code") == now), on="usc_code", how="anti")
        .select(
            "usc_code",
            "certificate_no",
            detail=worded(f"{zh}：证载 {{}}，登记 {{}}", before, now),
        )
        for now, before, zh in _PRINTED
    ]
    rows = pl.concat(found).group_by("usc_code", "certificate_no").agg(detail=listed("detail"))
    return findings(rows, enterprise.CERTIFICATE, "certificate_no", "WARN", pl.col("detail"))


def county_differs(tables: Tables, as_of: date) -> pl.LazyFrame:
    """E-21: the county on the certificate in force is not that of the registry.

    Not where it is the city's, or one that the county succeeded or was succeeded by.
    """
    registry = tables[enterprise.REGISTRY.name].select("usc_code", "region_code")
    printed, now = pl.col("printed_region_code"), pl.col("region_code")
    rows = (
        _in_force(tables, as_of)
        .drop_nulls("printed_region_code")
        .join(registry, on="usc_code")
        .filter(printed != now, ~(printed + now).str.contains(region_regex()))
    )
    detail = worded("证载区县 {}，登记 {} / counties differ", printed, now)
    return findings(rows, enterprise.CERTIFICATE, "certificate_no", "WARN", detail)


def not_reverified(tables: Tables, as_of: date) -> pl.LazyFrame:
    """E-22: reorganised since the certificate in force was issued."""
    events = tables[enterprise.EVENT.name].filter(
        pl.col("event_code").is_in(enterprise.GROUNDS), pl.col("happened_on") <= pl.lit(as_of)
    )
    rows = (
        _in_force(tables, as_of)
        .join(events.select("usc_code", "event_code", "happened_on"), on="usc_code")
        .filter(pl.col("happened_on") > pl.col("issued_on"))
        .group_by("usc_code", "certificate_no")
        .agg(
            events=worded("{} {}", "happened_on", "event_code").sort().str.join("、"),
        )
    )
    detail = worded("{} 后未换证 / no new certificate since", "events")
    return findings(rows, enterprise.CERTIFICATE, "certificate_no", "WARN", detail)


def two_levels(tables: Tables, as_of: date) -> pl.LazyFrame:
    """E-09: of two levels of one category valid on the day only the higher counts.

    DATA where a row of either was set apart since: one of them may have ended.
    """
    day = pl.lit(as_of)
    scope = ("usc_code", "category_code", "subcategory")
    rank = pl.col("level").cast(pl.Enum(common.LEVELS)).to_physical()
    held = tables[enterprise.QUALIFICATION.name].filter(
        pl.col("status_code") == "valid",
        pl.col("valid_from") <= day,
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= day),
    )
    sure = pl.col("_rank").filter("is_trusted").min().over(scope)
    rows = (
        with_trust(tables, enterprise.QUALIFICATION, held)
        .with_columns(_rank=rank)
        .with_columns(_best=pl.col("_rank").min().over(scope), _sure=sure)
        .filter(pl.col("_rank") > pl.col("_best"))
        .with_columns(
            _is_sure=pl.col("is_trusted") & (pl.col("_rank") > pl.col("_sure")).fill_null(False)
        )
    )
    detail = worded(
        "{} 同时持有更高等级，{}不计 / a higher level is held, {} does not count",
        "category_code",
        "level",
        "level",
    )
    return findings(rows, enterprise.QUALIFICATION, "qualification_no", law_if("_is_sure"), detail)


CHECKS = (
    CrossCheck(
        id="E-01:kind",
        targets=(enterprise.REGISTRY,),
        find=code_of_no_enterprise,
        asks_day=False,
    ),
    CrossCheck(id="E-02", targets=(enterprise.REGISTRY,), find=organisation_code, asks_day=False),
    CrossCheck(id="E-03", targets=(enterprise.CERTIFICATE,), find=name_differs),
    CrossCheck(id="E-04", targets=(enterprise.REGISTRY,), find=one_name_two_codes, asks_day=False),
    CrossCheck(id="E-09", targets=(enterprise.QUALIFICATION,), find=two_levels),
    CrossCheck(
        id="E-10",
        targets=(enterprise.QUALIFICATION, enterprise.CERTIFICATE),
        find=one_without_the_other,
    ),
    CrossCheck(id="E-12", targets=(enterprise.CERTIFICATE,), find=printed_differs),
    CrossCheck(id="E-21", targets=(enterprise.CERTIFICATE,), find=county_differs),
    CrossCheck(id="E-22", targets=(enterprise.CERTIFICATE,), find=not_reverified),
)
