"""Cross-channel checks on what an enterprise owns: balance sheets and machines (E-15, group Q).

Belongs here: amounts that cannot be, machines of two owners or of another's invoice. Does not:
which machines a case counts (that is the engine's).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.bases.quarantine import KEY_CONFLICT
from assets.tables import enterprise
from assets.wording import worded
from checks.across.apart import quarantined, with_sure_head, with_trust
from checks.across.common import CrossCheck, Tables, findings, law_if, listed

TIMES = 100
"""A balance sheet this many times the others is in another unit (starting value, no law)."""


def amounts_apart(tables: Tables, as_of: date) -> pl.LazyFrame:
    """E-15: net assets a hundredfold or a hundredth of those of the other years.

    With two years told, the later is doubted; with more, the one that stands apart from the
    middle of the others, so that one wrong year does not cast doubt on those after it.
    """
    del as_of
    yearly = tables[enterprise.STATEMENT.name].filter(
        pl.col("report_code") == "annual", pl.col("net_assets_yuan") > 0
    )
    rows = yearly.select("usc_code", "year", net=pl.col("net_assets_yuan").cast(pl.Float64))
    others = (
        rows.join(rows.select("usc_code", other_year="year", other="net"), on="usc_code")
        .filter(pl.col("year") != pl.col("other_year"))
        .group_by("usc_code", "year", "net")
        .agg(
            middle=pl.col("other").median(),
            told=pl.len(),
            is_last=(pl.col("year") > pl.col("other_year")).all(),
        )
        .filter((pl.col("told") > 1) | pl.col("is_last"))
    )
    apart = others.filter(
        (pl.col("net") > pl.col("middle") * TIMES) | (pl.col("net") < pl.col("middle") / TIMES)
    ).with_columns(row_key=pl.col("year").cast(pl.String))
    detail = worded("净资产 {} 元，其他年度 {} 元 / net assets apart", "net", "middle")
    return findings(apart, enterprise.STATEMENT, "row_key", "DATA", detail)


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
        .select(*claimed, told_by="delivery_id")
    )
    sound = with_trust(tables, enterprise.EQUIPMENT, base.select(*claimed, "metric")).select(
        *claimed, told_by=pl.when("is_trusted").then(pl.lit("base"))
    )
    live = with_sure_head(
        tables,
        pl.concat([sound, apart]).filter(
            pl.col("is_owned").fill_null(True),
            pl.col("disposed_on").is_null() | (pl.col("disposed_on") > pl.lit(as_of)),
        ),
    )
    doubled = (
        live.group_by("equipment_no")
        .agg(
            heads=pl.col("head").n_unique(),
            owners=listed("head"),
            is_told=pl.col("is_owned").is_not_null().all() & pl.col("is_known").all(),
        )
        .filter(pl.col("heads") > 1)
    )
    at_once = (
        live.drop_nulls("told_by")
        .filter(pl.col("head").n_unique().over("equipment_no", "told_by") > 1)
        .select("equipment_no", "usc_code", is_at_once=pl.lit(True))
        .unique()
    )
    rows = (
        live.select("equipment_no", "usc_code")
        .unique()
        .join(doubled, on="equipment_no")
        .join(at_once, on=["equipment_no", "usc_code"], how="left")
        .with_columns(is_sure=pl.col("is_told") & pl.col("is_at_once").fill_null(False))
    )
    severity = law_if("is_sure")
    detail = worded("{} 同时申报 / claimed at once by {}", "owners", "owners")
    return findings(rows, enterprise.EQUIPMENT, "equipment_no", severity, detail)


_USC, _TAX_NO, _ORGANISATION = 18, 15, 9
"""Characters of a social credit code, of a tax number of before, of an organisation code."""


def invoice_of_another(tables: Tables, as_of: date) -> pl.LazyFrame:
    """Q-02: the invoice of a machine names another buyer than its owner, or is another's too.

    A branch is its parent. DATA where a row of the machine was set apart since, where the buyer is
    not in the registry, where the owner may have succeeded to it, and where one invoice stands for
    machines of two enterprises. A tax number of before is compared by the organisation code that it
    ends with.
    """
    day = pl.lit(as_of)
    live = tables[enterprise.EQUIPMENT.name].filter(
        pl.col("is_owned").fill_null(True),
        pl.col("disposed_on").is_null() | (pl.col("disposed_on") > day),
    )
    owned = with_sure_head(tables, with_trust(tables, enterprise.EQUIPMENT, live)).rename(
        {"head": "_owner", "is_known": "_owner_is_known"}
    )
    buyer = pl.col("invoice_buyer_code")
    is_code = buyer.str.len_chars() == _USC
    successors = (
        tables[enterprise.EVENT.name]
        .filter(pl.col("event_code").is_in(enterprise.SUCCESSIONS))
        .select(_owner="usc_code", _succeeded=pl.lit(True))
        .unique()
    )
    bought = (
        with_sure_head(
            tables,
            owned.filter(is_code).rename(
                {"usc_code": "_usc_code", "invoice_buyer_code": "usc_code"}
            ),
        )
        .rename({"usc_code": "buyer", "_usc_code": "usc_code"})
        .filter(pl.col("head") != pl.col("_owner"))
        .join(successors, on="_owner", how="left")
        .with_columns(
            _is_sure=pl.col("is_trusted")
            & pl.col("is_known")
            & pl.col("_owner_is_known")
            & pl.col("_succeeded").is_null()
        )
        .select("usc_code", "equipment_no", "buyer", "_is_sure")
    )
    by_tax_no = owned.filter(
        ~is_code,
        buyer.str.len_chars() >= _TAX_NO,
        buyer.str.tail(_ORGANISATION) != pl.col("usc_code").str.slice(8, _ORGANISATION),
    ).select("usc_code", "equipment_no", buyer=buyer, _is_sure=pl.lit(False))
    of_another = pl.concat([bought, by_tax_no])
    shared = (
        owned.drop_nulls("invoice_no")
        .filter(pl.col("_owner").n_unique().over("invoice_no") > 1)
        .select("usc_code", "equipment_no", "invoice_no")
    )
    severity = law_if("_is_sure")
    return pl.concat(
        [
            findings(
                of_another,
                enterprise.EQUIPMENT,
                "equipment_no",
                severity,
                worded("发票购买方 {} 不是该企业 / the invoice names another", "buyer"),
            ),
            findings(
                shared,
                enterprise.EQUIPMENT,
                "equipment_no",
                "DATA",
                worded("发票 {} 另有企业使用 / another enterprise uses the invoice", "invoice_no"),
            ),
        ]
    )


def worn_out(tables: Tables, as_of: date) -> pl.LazyFrame:
    """Q-04: past its service life; no text that was seen says that it does not count: noted."""
    rows = tables[enterprise.EQUIPMENT.name].filter(
        pl.col("usable_until") < pl.lit(as_of),
        pl.col("disposed_on").is_null() | (pl.col("disposed_on") > pl.lit(as_of)),
    )
    detail = worded("使用年限至 {} / past its service life", "usable_until")
    return findings(rows, enterprise.EQUIPMENT, "equipment_no", "WARN", detail)


CHECKS = (
    CrossCheck(id="Q-02", targets=(enterprise.EQUIPMENT,), find=invoice_of_another),
    CrossCheck(id="Q-04", targets=(enterprise.EQUIPMENT,), find=worn_out),
    CrossCheck(id="E-15", targets=(enterprise.STATEMENT,), find=amounts_apart, asks_day=False),
    CrossCheck(id="Q-01", targets=(enterprise.EQUIPMENT,), find=two_owners),
)
