"""Grounds of re-verification: whether there is one, and what is carried on (B4.3, B6).

Belongs here: the ground of 重新核定 and its absence for other kinds, what is carried on and by
whom. Does not: reading the grounds (`decisions.reverification`), how they are assessed
(`decisions.kinds`).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.tables import enterprise
from assets.wording import worded
from decisions import kleene, words
from decisions.plans import nothing
from decisions.reverification.events import DIVIDED, Day, is_contradictory
from decisions.reverification.grounds import unanswered
from decisions.reverification.losses import IN_TIME, losses
from decisions.reverification.one_year import of_one_year, pending
from decisions.reverification.succession import carried
from decisions.switches.held import (
    NOT_KNOWN,
    PERHAPS_EXTENDED,
    RUN_OUT_SINCE,
    VOID,
    holdings,
)
from decisions.switches.model import Desk, Switch
from decisions.validity import may_run_longer, runs_on

STRICTER_FROM = date(2023, 9, 15)
"""建市规[2023]3号: in a split or restructuring both enterprises are assessed, in a merger legal
relations too (B6.6). No base has either, so such a case waits."""
STRICTER = ("merger_absorption", "merger_new", "split", "restructuring")


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
                (pl.col("filed_on") >= STRICTER_FROM) & pl.col("event_code").is_in(STRICTER)
            ).any(),
            is_odd=pl.col("is_odd").any(),
            is_divided=pl.col("event_code").is_in(DIVIDED).any(),
        )
    )


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


IN_DOUBT = pl.lit(
    "登记变更数据或证书发证日期存疑 an event, or the day of issue of the certificate, is in doubt"
)
SINCE_FILING = pl.lit(
    "申请后发生合并、分立等事项，应先申请重新核定 "
    "a merger or the like since the filing: apply for re-verification first"
)
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
    .then(pl.lit("登记变更数据未到或过期 events not delivered or stale"))
    .when(pl.col("is_since"))
    .then(SINCE_FILING)
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


def _has_ground(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """A ground is on record, and all grounds are known: how it is handled follows from them all."""
    registered = desk.registry.lazy().select(
        "usc_code", pl.when("is_trusted").then("established_on")
    )
    rows = (
        cases.lazy()
        .join(since_verified(desk, cases), on="application_id", how="left")
        .join(registered, on="usc_code", how="left")
        .pipe(desk.complete, enterprise.EVENT)
    )
    is_closed, is_stricter, is_odd = (pl.col(n) for n in ("is_closed", "is_stricter", "is_odd"))
    is_doubtful = pl.col("is_doubtful")
    is_role_open = pl.col("is_divided") & pl.col("established_on").is_null()
    return rows.select(
        "application_id",
        truth=pl.when(
            pl.col("has_event") & is_closed & ~is_doubtful & ~is_stricter & ~is_odd & ~is_role_open
        )
        .then(True)
        .when(is_doubtful.is_null() & is_closed)
        .then(False),
        actual=pl.coalesce("events", words.none(is_closed)),
        note=pl.when(is_doubtful.is_null() & is_closed)
        .then(
            pl.lit(
                "登记库中无合并、分立等事项，亦无三个月内的不予延续或撤回；登记信息变化请申请变更 "
                "no merger, split or the like is on record, nor a renewal refused or a withdrawal "
                "within three months; for changed particulars apply for a change"
            )
        )
        .when(~is_closed)
        .then(pl.lit("登记变更数据未到或过期 events not delivered or stale"))
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


def _carrying(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """What may be carried on from another enterprise, by any ground not answered yet.

    Beside the columns of `cases`: `counterpart_usc_code` (which held it), `taken_by` (who has
    carried it on already), `is_carried`, `carried_until`, `carries` (whether this case carries it
    on) and `carries_valid` (and its term still runs).
    """
    found = unanswered(cases, desk.held, desk.facts)
    named = found.filter("is_trusted")
    carries = (
        pl.when(~pl.col("is_trusted"))
        .then(None)
        .when(pl.col("counterpart_usc_code").is_not_null())
        .then("carries")
        # A merger or split whose other side is not named may hand anything over.
        .when(~pl.col("event_code").is_in(STRICTER).fill_null(False))
        .then(False)
    )
    each = (
        found.lazy()
        .join(
            carried(named, cases, desk.facts, desk.book.extensions).lazy(),
            on=["application_id", "event_no"],
            how="left",
        )
        .with_columns(carries=kleene.all_of(pl.col("is_open"), carries))
        .join(cases.lazy().select("application_id", "decided_on"), on="application_id")
        .with_columns(
            carries_valid=kleene.all_of(pl.col("carries"), runs_on(pl.col("filed_on"), "carried")),
            carries_still=kleene.all_of(
                pl.col("carries"), runs_on(pl.col("decided_on"), "carried")
            ),
        )
        .group_by("application_id")
        .agg(
            kleene.some(pl.col("carries")),
            kleene.some(pl.col("carries_valid")),
            kleene.some(pl.col("carries_still")),
            pl.lit(True).first().alias("is_on_record"),
            pl.col("is_carried").any(),
            pl.col("carried_until").max(),
            pl.col("carried_at_most").max(),
            pl.col("counterpart_usc_code", "taken_by").filter("is_carried").first(),
        )
    )
    return (
        cases.lazy()
        .join(each, on="application_id", how="left")
        .pipe(desk.complete, enterprise.EVENT)
        .with_columns(
            kleene.proven(
                pl.when(pl.col("is_on_record").is_null()).then(False).otherwise(pl.col(name)),
                pl.col("is_closed"),
            ).alias(name)
            for name in ("carries", "carries_valid", "carries_still")
        )
        .drop("is_closed", "is_on_record")
    )


def _held_or_carried(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """The applicant's own, or the other enterprise's, which has given it up (B6.2, B6.3).

    Who holds a higher level of the category carries no lower one on: a set has one level of each.
    """
    own = holdings(desk, cases).select("application_id", "has_level", "has_above")
    rows = _carrying(desk, cases).join(own, on="application_id")
    carries = kleene.all_of(pl.col("carries"), ~pl.col("has_above"))
    fits = kleene.any_of(pl.col("has_level"), carries)
    return rows.select(
        "application_id",
        truth=fits,
        actual=pl.when(pl.col("has_level"))
        .then("level")
        .when(pl.col("is_carried"))
        .then(worded("{} 持有 held by {}", "counterpart_usc_code", "counterpart_usc_code"))
        .otherwise(words.none(fits.is_not_null())),
        note=pl.when(fits)
        .then(None)
        .when(fits.is_null() & (pl.col("has_level").is_null() | pl.col("has_above").is_null()))
        .then(NOT_KNOWN)
        .when(fits.is_null())
        .then(pl.lit("另一方企业或其资质不明 the other enterprise, or what it held, is not known"))
        .when("carries")
        .then(
            pl.lit(
                "本企业已持有该类别更高等级，无需承继 "
                "a higher level of the category is held: there is nothing to carry on"
            )
        )
        .when(pl.col("taken_by").is_not_null())
        .then(
            worded(
                "该资质已由 {} 承继，一项资质只能由一家企业承继，请按首次申请 "
                "{} has carried it on, and only one may: file a first application",
                "taken_by",
                "taken_by",
            )
        )
        .when(pl.col("is_carried"))
        .then(
            pl.lit(
                "原企业仍持有该资质，一项资质只能由一家企业承继；原企业放弃后再申请，或按首次申请 "
                "the other enterprise still holds it, and only one may carry it on: apply again "
                "when it has given it up, or file a first application"
            )
        )
        .otherwise(worded("未持有该资质{} the level applied for is not held", "level")),
    )


HELD_OR_CARRIED = Switch(
    name="held",
    zh="现有或承继的资质符合申请类型",
    en="what is held, or carried on, fits the kind of application",
    required="持有或承继该等级 this level held or carried on",
    clause="令22 第二十一条; 建市[2014]79号",
    basis="seen",
    judge=_held_or_carried,
)


def _is_valid(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    mine = desk.concerned.lazy().select(
        "application_id",
        "status_code",
        "valid_until",
        "valid_at_most",
        "is_valid",
        has_own=pl.lit(True),
    )
    by_case = pending(cases, desk.held, desk.facts)
    rows = (
        _carrying(desk, cases)
        .join(mine, on="application_id", how="left")
        .join(by_case.lazy(), on="application_id", how="left")
    )
    own = pl.when("has_own").then("is_valid").otherwise(False)
    own_still = kleene.all_of(own, runs_on(pl.col("decided_on")))
    is_valid = kleene.any_of(own, pl.col("carries_valid"))
    # In full a term is set anew; the simplified way keeps the one that runs, if it still does.
    is_kept = (pl.col("assessment") == "reverification_simplified") & is_valid
    is_kept &= ~pl.any_horizontal("is_pending", "was_pending").fill_null(False)
    has_run_out = is_kept & ~kleene.any_of(own_still, pl.col("carries_still")).fill_null(False)
    return rows.select(
        "application_id",
        truth=pl.when(~has_run_out.fill_null(False)).then(is_valid),
        actual=pl.when(pl.col("valid_until").is_not_null())
        .then(words.state_until(pl.col("status_code"), pl.col("valid_until")))
        .when(pl.col("carried_until").is_not_null())
        .then(words.until(pl.col("carried_until")))
        .otherwise(pl.lit(words.NO_DATA)),
        note=pl.when(~is_valid)
        .then(VOID)
        .when(is_valid.is_null() & (may_run_longer() | may_run_longer("carried")))
        .then(PERHAPS_EXTENDED)
        .when(has_run_out)
        .then(RUN_OUT_SINCE),
    )


VALID_OR_CARRIED = Switch(
    name="validity",
    zh="资质证书有效",
    en="the qualification is valid",
    required="有效期内 within its term",
    clause="令22 第二十一条",
    basis="seen",
    judge=_is_valid,
)


def _lost_in_time(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """A level of the category above the one applied for was lost not longer ago than 3 months."""
    lost = (
        losses(cases, desk.facts)
        .lazy()
        .join(cases.lazy().select("application_id", "filed_on"), on="application_id")
    )
    due = pl.col("lost_on").dt.offset_by("3mo")
    found = (
        lost.with_columns(told=words.told(pl.col("way"), words.LOSSES))
        .sort("lost_on", "row_key", nulls_last=True)
        .group_by("application_id", maintain_order=True)
        .agg(
            in_time=kleene.some(IN_TIME),
            last_day=due.max(),
            losses=worded(
                "{}：{}，{}",
                pl.col("lost_level").fill_null("?"),
                "told",
                pl.col("lost_on").cast(pl.String).fill_null("?"),
            ).str.join("；"),
        )
    )
    others = since_verified(desk, cases).select("application_id", is_other=pl.lit(True))
    rows = (
        cases.lazy()
        .join(found, on="application_id", how="left")
        .join(others, on="application_id", how="left")
        .pipe(desk.complete, enterprise.QUALIFICATION)
    )
    in_time = pl.col("in_time")
    return rows.select(
        "application_id",
        truth=pl.when(in_time & pl.col("is_other").is_null())
        .then(True)
        .when(~in_time & pl.col("is_closed"))
        .then(False),
        actual=pl.coalesce("losses", words.none(pl.col("is_closed"))),
        note=pl.when(in_time & pl.col("is_other"))
        .then(
            pl.lit(
                "三个月内失去更高等级，又有合并、分立等事项，按何种方式核定不明 "
                "a higher level lost within three months, and a merger or the like: which of "
                "both decides how it is verified is not known"
            )
        )
        .when(in_time)
        .then(worded("最迟于 {} 提出 to be filed by {}", "last_day", "last_day"))
        .when(in_time.is_null())
        .then(pl.lit("撤回日期缺失或存疑 the day of the withdrawal is missing or in doubt"))
        .when(~pl.col("is_closed"))
        .then(NOT_KNOWN)
        .otherwise(
            pl.lit(
                "已逾三个月，应从最低等级重新申请 more than three months ago: apply anew from the "
                "lowest level"
            )
        ),
    )


LOST_IN_TIME = Switch(
    name="lower_level_ground",
    zh="三个月内本类别更高等级被不予延续或撤回",
    en="a higher level of the category refused renewal or withdrawn within three months",
    required="三个月内 within three months",
    clause="令22 第十八条、第二十八条; 20号",
    basis="seen",
    judge=_lost_in_time,
)
