"""Cross-channel checks on enterprises, their qualifications and machines (groups E and Q).

Belongs here: what the registry, certificate, qualification and equipment tables tell against
each other. Does not: whether an enterprise may apply (that is the engine's admission).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.quarantine import KEY_CONFLICT
from assets.tables import common, enterprise
from checks.common import CrossCheck, Tables, findings, listed, quarantined, with_head


def folded_name(column: str) -> pl.Expr:
    """A name as it is compared: full-width forms narrowed, spaces and case set aside."""
    return (
        pl.col(column)
        .str.normalize("NFKC")
        .str.replace_all(r"\s", "")
        .str.replace_all("[〔【［\\[]", "(")
        .str.replace_all("[〕】］\\]]", ")")
        .str.to_uppercase()
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
        tables[enterprise.CERTIFICATE.name]
        .filter(pl.col("status_code") == "valid", pl.col("valid_until") >= pl.lit(as_of))
        .with_columns(_printed=folded_name("printed_name"))
        .join(names, on="usc_code")
        .filter(pl.col("_printed") != pl.col("_now"))
        .join(former, on=["usc_code", "_printed"], how="anti")
    )
    detail = pl.format("证载 {}，登记 {} / names differ", "printed_name", "name")
    return findings(rows, enterprise.CERTIFICATE, "certificate_no", "WARN", detail)


def two_levels(tables: Tables, as_of: date) -> pl.LazyFrame:
    """E-09: of two levels of one category valid on the day only the higher counts."""
    day = pl.lit(as_of)
    scope = ("usc_code", "category_code", "subcategory")
    rank = pl.col("level").cast(pl.Enum(common.LEVELS)).to_physical()
    rows = (
        tables[enterprise.QUALIFICATION.name]
        .filter(
            pl.col("status_code") == "valid",
            pl.col("valid_from") <= day,
            pl.col("valid_to").is_null() | (pl.col("valid_to") >= day),
        )
        .with_columns(_rank=rank)
        .with_columns(_best=pl.col("_rank").min().over(scope))
        .filter(pl.col("_rank") > pl.col("_best"))
    )
    detail = pl.format(
        "{} 同时持有更高等级，{}不计 / a higher level is held, {} does not count",
        "category_code",
        "level",
        "level",
    )
    return findings(rows, enterprise.QUALIFICATION, "qualification_no", "LAW", detail)


def two_owners(tables: Tables, as_of: date) -> pl.LazyFrame:
    """Q-01: one machine, live and not leased, of two enterprises counts for neither.

    The machine's number is the key of the base table, so a second owner under the same number
    and metric never stands beside the first: collection sets both apart as in conflict. Such
    rows are read from quarantine, unless a later sound row has settled whose it is. DATA where
    a row does not say whether the machine is owned, or an owner is not in the registry.
    """
    claimed = ("equipment_no", "usc_code", "is_owned", "disposed_on")
    base = tables[enterprise.EQUIPMENT.name]
    apart = (
        quarantined(tables, enterprise.EQUIPMENT, "equipment_no", "is_owned", "disposed_on")
        .filter(
            pl.col("usc_code").is_not_null(),
            pl.col("reasons").list.eval(pl.element() == KEY_CONFLICT).list.all(),
        )
        .with_columns(
            is_owned=pl.col("is_owned").replace_strict(
                {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
            ),
            disposed_on=pl.col("disposed_on").str.to_date("%Y-%m-%d", strict=False),
        )
        .select(claimed)
    )
    live = with_head(
        tables,
        pl.concat([base.select(claimed), apart]).filter(
            pl.col("is_owned").fill_null(True),
            pl.col("disposed_on").is_null() | (pl.col("disposed_on") > pl.lit(as_of)),
        ),
    )
    doubled = (
        live.group_by("equipment_no")
        .agg(
            heads=pl.col("head").n_unique(),
            owners=listed("head"),
            is_sure=pl.col("is_owned").is_not_null().all() & pl.col("is_known").all(),
        )
        .filter(pl.col("heads") > 1)
    )
    rows = live.select("equipment_no", "usc_code").unique().join(doubled, on="equipment_no")
    severity = pl.when("is_sure").then(pl.lit("LAW")).otherwise(pl.lit("DATA"))
    detail = pl.format("{} 同时申报 / claimed at once by {}", "owners", "owners")
    return findings(rows, enterprise.EQUIPMENT, "equipment_no", severity, detail)


CHECKS = (
    CrossCheck(
        id="E-03",
        zh="证载名称与登记名称不一致",
        en="Name differs between registry and certificate",
        severity="WARN",
        targets=(enterprise.CERTIFICATE,),
        find=name_differs,
    ),
    CrossCheck(
        id="E-09",
        zh="同一类别同日两个等级有效",
        en="Two levels of one category valid on one day",
        severity="LAW",
        targets=(enterprise.QUALIFICATION,),
        find=two_levels,
    ),
    CrossCheck(
        id="Q-01",
        zh="同一设备属两家企业",
        en="One machine of two enterprises",
        severity="LAW",
        targets=(enterprise.EQUIPMENT,),
        find=two_owners,
    ),
)
