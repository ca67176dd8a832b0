"""What who applies for re-verification holds or carries on: the level, and its term (B6.2, B6.3).

Belongs here: the switches `held` and `validity` where both the applicant's own and another's count.
Does not: what is carried on by whom (`decisions.reverification.succession`), the same switches of
the other kinds (`held`).
"""

from __future__ import annotations

import polars as pl

from assets.tables import enterprise
from assets.wording import worded
from decisions import kleene, words
from decisions.holdings.validity import may_run_longer, runs_on
from decisions.reverification.events import TWO_SIDED
from decisions.reverification.grounds import unanswered
from decisions.reverification.one_year import lapsed, pending
from decisions.reverification.succession import carried
from decisions.switches.held import (
    MOVED_HERE,
    NOT_KNOWN,
    OF_ANOTHER_PROVINCE,
    PERHAPS_EXTENDED,
    RUN_OUT_SINCE,
    VOID,
    holdings,
)
from decisions.switches.model import Desk, Switch
from decisions.switches.reverification import NOT_EXCHANGED


def _carrying(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """What may be carried on from another enterprise, by any ground not answered yet.

    Beside the columns of `cases`: `counterpart_usc_code` (which held it), `taken_by` (who has
    carried it on already), `is_carried`, `carried_until`, `carries` (whether this case carries it
    on), `carries_valid` (and its term still runs), and `is_moved` (null if not): it has moved here
    from another province, and what it held there no word for our own cities tells (reading 96).
    """
    found = unanswered(cases, desk.held, desk.facts)
    named = found.filter("is_trusted")
    carries = (
        pl.when(~pl.col("is_trusted"))
        .then(None)
        .when(pl.col("counterpart_usc_code").is_not_null())
        .then("carries")
        # A merger or split whose other side is not named may hand anything over.
        .when(~pl.col("event_code").is_in(TWO_SIDED).fill_null(False))
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
            is_moved=(pl.col("is_open") & (pl.col("event_code") == "moved_province")).any(),
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


_HELD_BEFORE_IT_MOVED = pl.when(~pl.col("is_moved").fill_null(False)).then(False)


def _held_or_carried(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """The applicant's own, or the other enterprise's, which has given it up (B6.2, B6.3).

    Beside a higher level of the category a lower one neither counts (E-09) nor is carried on: a set
    has one level of each.
    """
    own = holdings(desk, cases).select(
        "application_id", "has_level", "has_above", "is_of_another_province"
    )
    rows = _carrying(desk, cases).join(own, on="application_id")
    either = kleene.any_of(pl.col("has_level"), pl.col("carries"), _HELD_BEFORE_IT_MOVED)
    fits = kleene.all_of(either, ~pl.col("has_above"))
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
        .when(fits.is_null() & pl.col("is_of_another_province"))
        .then(OF_ANOTHER_PROVINCE)
        .when(fits.is_null() & (pl.col("has_level").is_null() | pl.col("has_above").is_null()))
        .then(NOT_KNOWN)
        .when(fits.is_null() & pl.col("is_moved"))
        .then(MOVED_HERE)
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
        .join(lapsed(cases, desk.facts), on="application_id", how="left")
        .pipe(desk.complete, enterprise.QUALIFICATION)
    )
    own = kleene.proven(
        pl.when("has_own").then("is_valid").otherwise(_HELD_BEFORE_IT_MOVED), pl.col("is_closed")
    )
    own_still = kleene.all_of(own, runs_on(pl.col("decided_on")))
    has_lapsed = pl.col("has_lapsed").fill_null(False)
    is_valid = kleene.any_of(own, pl.col("carries_valid"))
    is_valid = pl.when(is_valid | ~has_lapsed).then(is_valid)
    # In full a term is set anew; the simplified way keeps the one that runs, if it still does.
    is_kept = (pl.col("assessment") == "reverification_simplified") & is_valid
    is_kept &= ~pl.any_horizontal("is_pending", "was_pending").fill_null(False)
    has_run_out = is_kept & ~kleene.any_of(own_still, pl.col("carries_still")).fill_null(False)
    return rows.select(
        "application_id",
        truth=pl.when(~has_run_out.fill_null(False)).then(is_valid),
        actual=pl.when(pl.col("valid_until").is_not_null())
        .then(
            words.state_until(
                pl.col("status_code"), pl.col("valid_until"), is_over=~runs_on(pl.col("filed_on"))
            )
        )
        .when(pl.col("carried_until").is_not_null())
        .then(words.until(pl.col("carried_until")))
        .otherwise(pl.lit(words.NO_DATA)),
        note=pl.when(~is_valid)
        .then(VOID)
        .when(is_valid.is_null() & has_lapsed)
        .then(NOT_EXCHANGED)
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
