"""The ground of re-verification: a merger, split or the like that has not been answered (B6).

Belongs here: the ground of 重新核定, for who applies for it, and what of it other switches ask.
Does not: reading events (`decisions.reverification`), the other kinds (`reverification_due`), what
is carried on (`succession`), a lower level (`lower_level`).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.tables import enterprise
from decisions import kleene, words
from decisions.reverification.events import DIVIDED, TWO_SIDED, Day, is_contradictory
from decisions.reverification.grounds import unanswered
from decisions.reverification.one_year import lapsed
from decisions.switches.model import Desk, Switch

STRICTER_FROM = date(2023, 9, 15)
"""建市规[2023]3号: in a split or restructuring both enterprises are assessed, in a merger legal
relations too (B6.6). No base has either, so such a case waits."""
NOT_DELIVERED = pl.lit("登记变更数据未到或过期 events not delivered or stale")
NOT_EXCHANGED = pl.lit(
    "一年期证书到期未换发，应按79号全面重新核定，其办理尚未编入 "
    "a certificate of one year ran out and was not exchanged: notice 79 has it verified in full, "
    "which is not encoded yet"
)
"""79号, case 3 (reading 35): such a case waits."""
IN_DOUBT = pl.lit(
    "登记变更数据或证书发证日期存疑 an event, or the day of issue of the certificate, is in doubt"
)


def since_verified(desk: Desk, cases: pl.DataFrame, *, until: Day = "filed_on") -> pl.LazyFrame:
    """Grounds that no re-verification has answered yet, per case that has one, or perhaps one.

    `application_id`; `has_event`, null where that is in doubt; `is_doubtful`, whether anything
    of it is; `is_since`, whether one came after the filing; `events` in words; `is_stricter`,
    `is_odd`, `is_divided`: whether one is.

    Args:
        desk: the desk.
        cases: of it.
        until: the last day on which an event counts.
    """
    return (
        unanswered(cases, desk.held, desk.facts, until=until)
        .lazy()
        .with_columns(
            is_odd=is_contradictory(),
            told=words.told(pl.col("event_code"), words.EVENTS),
            is_since=(pl.col("happened_on") > pl.col("filed_on")) & pl.col("is_trusted"),
        )
        .group_by("application_id")
        .agg(
            has_event=kleene.some(pl.col("is_open") & ~pl.col("is_since")),
            is_doubtful=pl.col("is_open").is_null().any(),
            is_since=pl.col("is_since").any(),
            events=pl.col("told").unique().sort().str.join("、"),
            is_stricter=(
                (pl.col("filed_on") >= STRICTER_FROM) & pl.col("event_code").is_in(TWO_SIDED)
            ).any(),
            is_odd=pl.col("is_odd").any(),
            is_divided=pl.col("event_code").is_in(DIVIDED).any(),
        )
    )


def _has_ground(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """A ground is on record, and all grounds are known: how it is handled follows from them all."""
    registered = desk.registry.lazy().select(
        "usc_code", pl.when("is_trusted").then("established_on")
    )
    rows = (
        cases.lazy()
        .join(since_verified(desk, cases), on="application_id", how="left")
        .join(registered, on="usc_code", how="left")
        .join(lapsed(cases, desk.facts), on="application_id", how="left")
        .pipe(desk.complete, enterprise.EVENT)
    )
    is_closed, is_stricter, is_odd = (pl.col(n) for n in ("is_closed", "is_stricter", "is_odd"))
    is_doubtful, is_lower = pl.col("is_doubtful"), pl.col("is_lower")
    is_role_open = pl.col("is_divided") & pl.col("established_on").is_null()
    is_none = is_doubtful.is_null() & is_closed
    has_lapsed = pl.col("has_lapsed").fill_null(False)
    # A level that was lost may be on record where nobody can see it: then it may be the ground.
    return rows.select(
        "application_id",
        truth=pl.when(is_lower.is_null())
        .then(None)
        .when(
            pl.col("has_event") & is_closed & ~is_doubtful & ~is_stricter & ~is_odd & ~is_role_open
        )
        .then(True)
        .when(is_none & ~has_lapsed)
        .then(False),
        actual=pl.coalesce("events", words.none(is_closed)),
        note=pl.when(is_lower.is_null())
        .then(
            pl.lit(
                "资质数据未到、过期或存疑，是否曾失去更高等级不明 qualifications not delivered, "
                "stale or not trusted: whether a higher level was lost is not known"
            )
        )
        .when(is_none & has_lapsed)
        .then(NOT_EXCHANGED)
        .when(is_none)
        .then(
            pl.lit(
                "登记库中无合并、分立等事项，亦无三个月内的不予延续或撤回；登记信息变化请申请变更 "
                "no merger, split or the like is on record, nor a renewal refused or a withdrawal "
                "within three months; for changed particulars apply for a change"
            )
        )
        .when(~is_closed)
        .then(NOT_DELIVERED)
        .when(is_doubtful)
        .then(IN_DOUBT)
        .when(is_stricter)
        .then(
            pl.lit(
                "建市规[2023]3号的重组考核尚无数据来源 "
                "what notice 3 of 2023 asks of reorganisations has no source of data yet"
            )
        )
        .when(is_odd)
        .then(
            pl.lit(
                "核定方式与简化情形缺失或矛盾 how it is handled, and as "
                "which case of notice 79 of 2014, is missing or contradicts itself"
            )
        )
        .when(is_role_open)
        .then(
            pl.lit(
                "成立日期缺失，无法判断原企业或新企业 day of foundation "
                "missing: old enterprise or new one?"
            )
        )
        .when(pl.col("assessment") == "reverification_simplified")
        .then(pl.lit("按79号简化核定 verified in the simplified way of notice 79"))
        .otherwise(pl.lit("按标准全面核定 verified in full against the standard")),
    )


GROUND = Switch(
    name="reverification_ground",
    zh="存在重新核定情形",
    en="a ground of re-verification is on record",
    required="有 yes",
    clause="令22 第二十一条; 建市[2014]79号",
    basis="seen",
    judge=_has_ground,
)
