"""Re-verification first: no other kind goes past a merger, split or the like (B4.3, reading 67).

Belongs here: for who applies for more, that no ground of 重新核定 stands; for who renews, that the
certificate is not to be exchanged instead. Does not: a change (`change`), reading the grounds
(`decisions.reverification`).
"""

from __future__ import annotations

import polars as pl

from assets.tables import enterprise
from decisions import words
from decisions.plans import nothing
from decisions.reverification.one_year import of_one_year
from decisions.switches.model import Desk, Switch
from decisions.switches.reverification import IN_DOUBT, NOT_DELIVERED, since_verified


def _none_due(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    rows = cases.lazy()
    rows = (
        rows.with_columns(_NO_GROUND)
        if desk.facts.has_none(enterprise.EVENT)
        else rows.join(
            since_verified(desk, cases, until="decided_on"), on="application_id", how="left"
        )
    )
    return rows.pipe(desk.complete, enterprise.EVENT).select("application_id", *_NONE_DUE)


_NO_GROUND = nothing(
    has_event=pl.Boolean(), is_doubtful=pl.Boolean(), is_since=pl.Boolean(), events=pl.String()
)
_NONE_DUE = [
    pl.when(pl.col("has_event"))
    .then(False)
    .when(pl.col("is_closed") & pl.col("is_doubtful").is_null())
    .then(True)
    .alias("truth"),
    pl.coalesce("events", words.none(pl.col("is_closed"))).alias("actual"),
    pl.when(pl.col("has_event"))
    .then(pl.lit("应先申请重新核定 apply for re-verification first"))
    .when(~pl.col("is_closed"))
    .then(NOT_DELIVERED)
    .when(pl.col("is_since"))
    .then(
        pl.lit(
            "申请后发生合并、分立等事项，应先申请重新核定 "
            "a merger or the like since the filing: apply for re-verification first"
        )
    )
    .when(pl.col("is_doubtful"))
    .then(IN_DOUBT)
    .alias("note"),
]
"""One that came after the filing neither lets it pass nor turns it away (reading 67)."""


NONE_DUE = Switch(
    name="reverification_due",
    zh="无应先重新核定的合并、分立、重组、改制",
    en="no merger, split, restructuring or conversion that wants re-verification first",
    required=words.NONE,
    clause="令22 第二十一条",
    basis="seen",
    judge=_none_due,
)


def _is_no_exchange_due(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """Not a certificate of one year: that is exchanged, or void, and no renewal lengthens it."""
    found = of_one_year(cases, desk.facts).lazy()
    rows = cases.lazy().join(found, on="application_id", how="left")
    is_of_one_year = pl.col("is_sure").is_not_null()
    return rows.select(
        "application_id",
        truth=pl.when(~is_of_one_year).then(True).when("is_sure").then(False),
        actual=pl.when(is_of_one_year)
        .then(words.until(pl.col("ends_on")))
        .otherwise(pl.lit(words.NONE)),
        note=pl.when(is_of_one_year).then(
            pl.lit(
                "一年期证书不予延续，被合并企业注销后申请重新核定换发 "
                "one of a single year is not renewed: when the other enterprise has been struck "
                "off, apply for re-verification, by which it is exchanged"
            )
        ),
    )


NO_EXCHANGE_DUE = Switch(
    name="exchange_due",
    zh="不是合并注销办理期间的一年期证书",
    en="no certificate of a single year while a merger's cancellation is under way",
    required=words.NONE,
    clause="建市[2014]79号",
    basis="seen",
    judge=_is_no_exchange_due,
)
