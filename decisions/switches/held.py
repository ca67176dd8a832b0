"""Whether what the applicant holds fits the kind of application, and is valid (B, C8).

Belongs here: nothing held, others held, the next lower level, this level; the validity of the
holding a case is about. Does not: what is held (`decisions.holdings.held`), what a merger hands
over (`reverification`).
"""

from __future__ import annotations

import polars as pl

from assets.tables import enterprise
from assets.wording import worded
from decisions import kleene, words
from decisions.holdings.held import OF_ITEM, of_item
from decisions.holdings.ours import OURS
from decisions.holdings.validity import may_run_longer, runs_on
from decisions.reverification.moves import perhaps_held_elsewhere
from decisions.switches.model import Desk, Judge, Switch

NOT_KNOWN = pl.lit("资质数据未到、过期或存疑 qualifications not delivered, stale or not trusted")

VOID = pl.lit(
    "资质已失效，可从最低等级重新申请 "
    "the qualification is no longer valid: apply anew from the lowest level"
)
NOT_YET = pl.lit("申请日尚未取得 not held yet on the day of filing")
WITHDRAWN = pl.lit(
    "资质已撤回，自撤回之日起三个月内可申请重新核定同类别较低等级，逾期从最低等级重新申请 "
    "withdrawn: within three months apply for the verification of a lower level of the category, "
    "later anew from the lowest level"
)
"""D6."""
PERHAPS_EXTENDED = pl.lit(
    "证载有效期已届满；是否统一延期，规则库（extensions.yaml）未载明，由本机关载明后自动继续 "
    "past its printed day; whether a notice extended it is not in the rulebook: the case goes on "
    "by itself once the office has entered the notice"
)
"""F9: neither valid nor void, so the case waits."""
OF_A_KIND = pl.lit(
    "持有该类别资质，申请未载明所指种类 held of the category; the application names no kind of it"
)
"""S36, reading 72."""
RUN_OUT_SINCE = pl.lit(
    "申请后有效期届满，应先办理延续 it has run out since the filing: it must be renewed first"
)
OF_ANOTHER_PROVINCE = pl.lit(
    "证书编号为其他省份的编号：该资质是否已由本省核定承继、转出地是否同意，无数据 "
    "the number of its certificate names another province: whether the qualification has been "
    "carried on here, and whether that province gives it up, is told by nobody"
)
"""Reading 96."""
MOVED_HERE = pl.lit(
    "由外省迁入，迁入前所持资质无数据 "
    "it has moved here from another province: what it held there is told by nobody"
)
"""Readings 96 and 101."""
EVENTS_NOT_KNOWN = pl.lit(
    "登记变更数据未到、过期或存疑，是否由外省迁入不明 events not delivered, stale or not "
    "trusted: whether it has moved here from another province is not known"
)
OF_ANOTHER = pl.lit(
    "该资质载于其他机关颁发的证书，应由哪一机关办理不明 "
    "it stands on a certificate of another authority: which of them decides is not known"
)
_RESTS_ON = ("addition", "upgrade", "change", "replacement")
"""Kinds whose grant rests on what is held. A renewal and a re-verification renew it themselves."""


_IS_GRANTED_LATER = (pl.col("granted_at") > pl.col("filed_at")).fill_null(False)
_HAS_RUN_OUT = ~runs_on(pl.col("decided_on")).fill_null(False)
_IS_VALID_STILL = pl.when(
    ~(pl.col("kind").is_in(_RESTS_ON) & pl.col("is_valid") & _HAS_RUN_OUT)
).then("is_valid")
"""`is_valid`, but null where what a grant would rest on may have run out since (reading 46)."""
_IS_VALID, _RANK, _ASKED_RANK = pl.col("is_valid"), pl.col("rank"), pl.col("asked_rank")
_IS_LEVEL = kleene.all_of(pl.col("is_held"), _RANK == _ASKED_RANK)
_IS_OF_WHO_DECIDES = pl.when(
    (pl.col("authority_code") == pl.col("authority")).fill_null(True)
).then(True)
"""Null of what stands on the certificate of another than who decides the level (reading 88)."""
_OF_CATEGORY = [
    kleene.some(_IS_VALID).alias("has_category"),
    kleene.some(kleene.all_of(_IS_VALID, _RANK == _ASKED_RANK - 1)).alias("has_lower"),
    kleene.some(kleene.all_of(_IS_VALID, _RANK >= _ASKED_RANK)).alias("has_higher"),
    kleene.some(kleene.all_of(_IS_VALID, _RANK > _ASKED_RANK)).alias("has_above"),
    kleene.some(kleene.all_of(_IS_LEVEL, _IS_OF_WHO_DECIDES)).alias("has_level"),
    (_IS_LEVEL & _IS_OF_WHO_DECIDES.is_null()).any().alias("is_of_another"),
    pl.lit(True).first().alias("is_of_category"),
    pl.col("is_of_a_kind").any(),
    pl.col("level").filter(_IS_VALID).unique().sort().str.join("、").alias("held_levels"),
]
_OF_ANY = [
    kleene.some(_IS_VALID).alias("has_any"),
    pl.lit(True).first().alias("is_of_any"),
    kleene.some(_IS_VALID & (pl.col("authority_code") == OURS).fill_null(True))
    .is_not_null()
    .alias("is_set_known"),
    (_IS_VALID.is_null() & may_run_longer()).any().alias("may_run_longer"),
    pl.col("is_here").is_null().any().alias("is_of_another_province"),
    pl.col("has_run_out").any(),
]
_PROVEN = [
    kleene.proven(
        pl.when(pl.col(on_record).is_not_null()).then(pl.col(name)).otherwise(False),
        pl.col("is_closed"),
    ).alias(name)
    for name, on_record in (
        ("has_category", "is_of_category"),
        ("has_lower", "is_of_category"),
        ("has_higher", "is_of_category"),
        ("has_above", "is_of_category"),
        ("has_level", "is_of_category"),
        ("has_any", "is_of_any"),
    )
]


def holdings(desk: Desk, cases: pl.DataFrame, *, when_filed: bool = False) -> pl.LazyFrame:
    """What is held, three-valued; `when_filed`: without what Miaoban granted later that day.

    Beside the columns of `cases`: `has_any`, `has_category`, `has_lower`, `has_higher` (this
    level or one above), `has_above`, `has_level` and `held_levels` (of the category, as text).
    `has_level` is not known of what stands on the certificate of another authority than decides
    the level (`is_of_another`): the one renews and replaces it, the other grants it (reading 88).
    `is_of_a_kind`: whether something of the category is held of a kind that the case does not name.
    Absence is only known of a complete source. `is_set_known`: whether the enterprise has a valid
    certificate of this authority, on which a grant would go (G1), is known; `may_run_longer`:
    whether it is only the reach of a notice (F9) that leaves the validity of something held open;
    `is_of_another_province`: whether something stands on one of another province (reading 96);
    `has_run_out`: whether something held on the day of filing has run out by the decision.
    """
    held = (
        desk.held.lazy()
        .join(cases.lazy().select("application_id", "kind", "filed_at"), on="application_id")
        .filter(~(_IS_GRANTED_LATER & when_filed))
        .with_columns(is_valid=_IS_VALID_STILL, has_run_out=_IS_VALID & _IS_VALID_STILL.is_null())
        .cache()
    )
    asked = cases.lazy().select("application_id", *OF_ITEM, "authority", asked_rank="rank")
    same = of_item(held, asked)
    return (
        cases.lazy()
        .join(same.group_by("application_id").agg(_OF_CATEGORY), on="application_id", how="left")
        .join(held.group_by("application_id").agg(_OF_ANY), on="application_id", how="left")
        .pipe(desk.complete, enterprise.QUALIFICATION, enterprise.CERTIFICATE)
        .with_columns(_PROVEN)
    )


_HOLDS = pl.coalesce(
    pl.when(pl.col("held_levels") != "").then("held_levels"),
    pl.when(pl.col("has_any"))
    .then(pl.lit("持有其他资质 holds others"))
    .when(pl.col("has_any").is_null())
    .then(pl.lit(words.NO_DATA))
    .otherwise(pl.lit(words.NONE)),
)


_IN_NO_CASE = pl.lit(False)


def _answer(
    fits: pl.Expr,
    remedy: pl.Expr,
    holds: pl.Expr = _HOLDS,
    is_of_another: pl.Expr = _IN_NO_CASE,
) -> tuple[pl.Expr, list[pl.Expr]]:
    """Truth, and with it what is found and the note."""
    truth = pl.col("truth")
    note = (
        pl.when(truth.is_null() & pl.col("may_run_longer"))
        .then(PERHAPS_EXTENDED)
        .when(truth.is_null() & pl.col("has_run_out"))
        .then(RUN_OUT_SINCE)
        .when(truth.is_null() & pl.col("is_of_a_kind"))
        .then(OF_A_KIND)
        .when(truth.is_null() & pl.col("is_of_another_province"))
        .then(OF_ANOTHER_PROVINCE)
        .when(truth.is_null() & is_of_another)
        .then(OF_ANOTHER)
        .when(truth.is_null())
        .then(NOT_KNOWN)
        .when(~truth)
        .then(remedy)
    )
    return fits.alias("truth"), [truth, holds.alias("actual"), note.alias("note")]


def _answered(rows: pl.LazyFrame, answer: tuple[pl.Expr, list[pl.Expr]]) -> pl.LazyFrame:
    truth, told = answer
    return rows.with_columns(truth).select("application_id", *told)


_SET = pl.when(pl.col("is_set_known").fill_null(True)).then(True)
"""A grant goes on the enterprise's certificate; whether there is one must be known (G1)."""
_HOLDS_NOTHING = _answer(
    ~pl.col("has_any"),
    pl.lit("已持有资质，应申请增项或升级 holds one already: file an addition or upgrade"),
)
# Whoever holds 三级 may apply for 二级 at once all the same (B1.6).
_STANDS_IN_THE_WAY = pl.when("is_direct").then("has_higher").otherwise("has_category")
_HOLDS_OTHERS = _answer(
    kleene.all_of(pl.col("has_any"), ~_STANDS_IN_THE_WAY, _SET),
    pl.when(_STANDS_IN_THE_WAY)
    .then(pl.lit("已持有该类别，应申请升级 the category is held: file an upgrade"))
    .otherwise(pl.lit("尚无任何资质，应首次申请 holds none yet: file a first application")),
)
_HOLDS_NEXT_LOWER = _answer(
    kleene.all_of(pl.col("has_lower"), ~pl.col("has_higher"), _SET),
    pl.when(pl.col("has_higher"))
    .then(
        pl.lit(
            "已持有该等级或更高等级，无需升级 this level or a higher one is held: nothing to "
            "upgrade to"
        )
    )
    .when(pl.col("lower_name").is_null())
    .then(
        pl.lit(
            "最低等级不经升级取得，应首次申请或增项 nobody is upgraded to the lowest level: "
            "file a first application or an addition"
        )
    )
    .otherwise(
        worded(
            "须持有本类别{}有效资质，逐级申请 the next lower level must be held and valid",
            "lower_name",
        )
    ),
)
_HOLDS_THIS_LEVEL = _answer(
    # Of two levels of a category only the higher counts (E-09): one may not be known.
    kleene.all_of(pl.col("has_level"), ~pl.col("has_above")),
    pl.when("has_above")
    .then(
        worded(
            "未持有该资质{}，现持有更高等级，应就其申请 "
            "the level applied for is not held, but a higher one: apply for that",
            "level",
        )
    )
    .otherwise(worded("未持有该资质{} the level applied for is not held", "level")),
    # Held is also what has expired: whether it is valid is asked apart.
    holds=pl.when("has_level").then("level").otherwise(_HOLDS),
    is_of_another=pl.col("is_of_another"),
)


def _nothing(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """Of several filed before any is granted each is a first one (B0.1, reading 69).

    Nor does anything stand that was held before a move from another province (reading 101).
    """
    own = _answered(holdings(desk, cases, when_filed=True), _HOLDS_NOTHING)
    moved = perhaps_held_elsewhere(cases, desk.held, desk.facts, desk.book.extensions)
    rows = (
        cases.lazy()
        .join(own, on="application_id")
        .join(moved.lazy(), on="application_id", how="left")
    )
    holds_none_here = pl.col("truth")
    is_nowhere = pl.col("has_moved").is_null() & pl.col("is_closed")
    return desk.complete(rows, enterprise.EVENT).select(
        "application_id",
        truth=pl.when(is_nowhere | ~holds_none_here).then(holds_none_here),
        actual=pl.when(is_nowhere | ~holds_none_here.fill_null(False))
        .then("actual")
        .otherwise(pl.lit(words.NO_DATA)),
        note=pl.when(is_nowhere | ~holds_none_here.fill_null(False))
        .then("note")
        .when("has_moved")
        .then(MOVED_HERE)
        .otherwise(EVENTS_NOT_KNOWN),
    )


def _others(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    return _answered(holdings(desk, cases), _HOLDS_OTHERS)


def _next_lower(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    lower = desk.level_names.select(
        "category_code", "subcategory", pl.col("rank") + 1, lower_name="level_name"
    )
    rows = holdings(desk, cases).join(
        lower, on=["category_code", "subcategory", "rank"], how="left", maintain_order="left"
    )
    return _answered(rows, _HOLDS_NEXT_LOWER)


def _this_level(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    return _answered(holdings(desk, cases), _HOLDS_THIS_LEVEL)


def _held(required: str, clause: str, judge: Judge) -> Switch:
    return Switch(
        name="held",
        zh="现有资质符合申请类型",
        en="what is held fits the kind of application",
        required=required,
        clause=clause,
        basis="recalled",
        judge=judge,
    )


NOTHING_HELD = _held("未持有资质 none held", "令22 第八条", _nothing)
OTHERS_HELD = _held("持有其他类别 others held", "令22 第八条; 20号", _others)
NEXT_LOWER_HELD = _held("持有低一等级 the next lower level held", "令22 第八条; 20号", _next_lower)
THIS_LEVEL_HELD = _held("持有该等级 this level held", "令22 第十八条至第二十二条", _this_level)


# What is void of the level on record is not all of it, where another row of it may be missing.
_IS_VOID_FOR_CERTAIN = ~_IS_VALID & pl.col("is_closed")
_VALIDITY = [
    pl.when(_IS_VALID | _IS_VOID_FOR_CERTAIN).then(_IS_VALID_STILL).alias("truth"),
    pl.when(pl.col("valid_until").is_null())
    .then(pl.lit(words.NO_DATA))
    .otherwise(
        words.state_until(
            pl.col("status_code"), pl.col("valid_until"), is_over=~runs_on(pl.col("filed_on"))
        )
    )
    .alias("actual"),
    pl.when(~_IS_VALID & ~pl.col("is_closed"))
    .then(NOT_KNOWN)
    .when(~_IS_VALID & (pl.col("status_code") == "withdrawn"))
    .then(WITHDRAWN)
    .when(~_IS_VALID & (pl.col("held_from") > pl.col("filed_on")))
    .then(NOT_YET)
    .when(~_IS_VALID)
    .then(VOID)
    .when(_IS_VALID_STILL.is_null() & may_run_longer())
    .then(PERHAPS_EXTENDED)
    .when(_IS_VALID & _IS_VALID_STILL.is_null())
    .then(RUN_OUT_SINCE)
    .alias("note"),
]


def _is_valid(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    mine = desk.concerned.lazy().select(
        "application_id", "status_code", "held_from", "valid_until", "valid_at_most", "is_valid"
    )
    rows = cases.lazy().join(mine, on="application_id", how="left")
    return desk.complete(rows, enterprise.QUALIFICATION).select("application_id", *_VALIDITY)


VALIDITY = Switch(
    name="validity",
    zh="资质证书有效",
    en="the qualification is valid",
    required="有效期内 within its term",
    clause="令22 第十八条",
    basis="seen",
    judge=_is_valid,
)


_DUE = pl.col("valid_until").dt.offset_by("-3mo")
_HAS_PERHAPS_LAPSED = (may_run_longer() & (pl.col("decided_on") > pl.col("valid_until"))).fill_null(
    False
)
_TIMELINESS = [
    pl.when(~_HAS_PERHAPS_LAPSED).then(True).alias("truth"),
    pl.col("filed_on").cast(pl.String).alias("actual"),
    pl.when(_HAS_PERHAPS_LAPSED)
    .then(PERHAPS_EXTENDED)
    .when((pl.col("filed_on") > _DUE) & ~may_run_longer())
    .then(
        worded(
            "逾期提出，应于 {} 前，届满至批准前不得承接新工程 filed after {}: "
            "no new works between expiry and renewal",
            _DUE,
            _DUE,
        )
    )
    .alias("note"),
]


def _in_time(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """Late filing is accepted, and noted (B3.2).

    Past the printed day, while it is not known whether the term was extended, nobody knows whether
    the renewal is deemed granted by now and the power to decide is lost (B3.1).
    """
    mine = desk.concerned.lazy().select("application_id", "valid_until", "valid_at_most")
    rows = cases.lazy().join(mine, on="application_id", how="left")
    return rows.select("application_id", *_TIMELINESS)


FILING_WINDOW = Switch(
    name="filing_window",
    zh="有效期届满3个月前申请延续",
    en="renewal filed three months before expiry",
    required="届满前3个月 three months before",
    clause="令22 第十八条; 20号",
    basis="seen",
    judge=_in_time,
)
