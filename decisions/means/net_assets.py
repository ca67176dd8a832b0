"""净资产: capital at a first application and the like, else the lawful statement (E24, E25).

Belongs here: the amount that counts and the figure it must reach. Does not: other assets.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from assets.lake.declaration import YUAN
from assets.tables import enterprise
from assets.wording import worded
from decisions import kleene
from decisions.facts.coverage import with_closed
from decisions.facts.model import Facts
from decisions.holdings.held import held_now
from decisions.performance.measures import plain
from decisions.plans import as_written, nothing, told_once
from decisions.rulebook.extensions import Extension
from decisions.rulebook.frames import RuleTables
from decisions.rulebook.tables import ruled_subcategory
from decisions.verdicts import Verdicts

CAPITAL = ("registered_capital", "paid_in_capital")
"""Sources of the amount that are the business registration's."""
UNAUDITED_FROM = date(2015, 11, 9)
"""建市[2015]177号: before, the statement had to be audited, which no channel tells (reading 75)."""


def judge_net_assets(
    stated: pl.DataFrame,
    cases: pl.DataFrame,
    facts: Facts,
    rules: RuleTables,
    notices: Sequence[Extension],
    recalled_may_grant: bool,
) -> Verdicts:
    """Net assets of each case: the highest figure among applied for and held, if asked (E25)."""
    if stated.is_empty():
        return Verdicts.none()
    asked = as_written(
        stated.lazy()
        .join(rules.net_assets.lazy(), on="digest")
        .join(
            cases.lazy().select(
                "application_id",
                "usc_code",
                "category_code",
                "subcategory",
                "filed_on",
                "net_assets_from",
                "is_highest_asked",
                decided_on="case_decided_on",
                is_audit_asked=(pl.col("net_assets_from") == "statement")
                & (pl.col("filed_on") < UNAUDITED_FROM),
            ),
            on="application_id",
        )
    )
    if asked.is_empty():
        return Verdicts.none()
    amounts = as_written(pl.concat([_capital(asked, facts), _statements(asked, facts)]))
    best = amounts.lazy().group_by("application_id").agg(_BEST)
    criteria = (
        _figures(asked, facts, rules, notices, recalled_may_grant)
        .join(best, on="application_id", how="left")
        .with_columns(truth=_REACHES)
        .pipe(told_once, _TOLD, {"actual": _ACTUAL, "note": _NOTE}, rows=asked.height)
        .select("application_id", *_ANSWER)
        .pipe(as_written)
    )
    return Verdicts.of(
        criteria, amounts.lazy().select("application_id", "target", "row_key", *_EVIDENCE)
    )


_IS_SURE = pl.col("is_trusted") & pl.col("amount").is_not_null()
_BEST = [
    pl.col("amount").filter(_IS_SURE).max().alias("certain"),
    (~pl.col("is_trusted") | pl.col("amount").is_null()).any().alias("doubtful"),
    pl.col("source").first(),
]
_EVIDENCE = [
    pl.lit("net_assets").alias("criterion"),
    pl.when("is_trusted").then(True).alias("counted"),
    pl.when(~pl.col("is_trusted")).then(pl.lit("数据存疑 not trusted")).alias("reason"),
    pl.struct(amount_yuan=pl.col("amount").cast(pl.String))
    .struct.json_encode()
    .alias("content_json"),
]
_BY_CAPITAL = pl.col("net_assets_from").is_in(CAPITAL)
_REACHES = (
    pl.when(pl.col("certain") < pl.col("applied_yuan"))
    .then(
        # Below the applied figure itself: what else is held no longer matters.
        pl.when(pl.col("is_closed") & ~pl.col("doubtful")).then(False)
    )
    .when(pl.col("certain") >= pl.col("highest_yuan"))
    .then(pl.when(~pl.col("is_figure_missing")).then(True))
    .when(pl.col("certain").is_not_null() & pl.col("is_closed") & ~pl.col("doubtful"))
    .then(False)
)
_HIGHEST = (plain(pl.col("highest_yuan") / 10_000), plain("highest_yuan"))
_LACKING = pl.col("highest_yuan") - pl.col("certain")
_TOLD = [
    *("certain", "source", "by_capital", "is_audit_asked", "truth", "is_figure_missing"),
    *("highest_yuan", "applied_yuan"),
]
"""What the words of an answer follow from."""
_ACTUAL = (
    pl.when(pl.col("certain").is_null())
    .then(pl.lit("无数据 no data"))
    .otherwise(worded("{} 万元（{}）", plain(pl.col("certain") / 10_000), "source"))
)
_NOTE = (
    pl.when(pl.col("certain").is_null() & pl.col("by_capital"))
    .then(
        pl.lit(
            "资本数据缺失或存疑，或申请后有变更，申请日的资本不明 capital missing or in doubt, or "
            "changed since: what it was on the day of filing is not known"
        )
    )
    .when("is_audit_asked")
    .then(
        pl.lit(
            "2015年11月9日前申请的，财务报表须经审计，是否经审计无数据 "
            "filed before 2015-11-09: the statement must be audited, which is not told"
        )
    )
    .when(pl.col("certain").is_null())
    .then(pl.lit("未见前一年度或当期财务报表 no statement of last year or this period"))
    .when(pl.col("truth").is_null() & pl.col("is_figure_missing"))
    .then(
        pl.lit("所持其他资质或其净资产标准不明 a qualification held, or its figure, is not known")
    )
    .when(pl.col("highest_yuan") > pl.col("applied_yuan"))
    .then(
        pl.when(~pl.col("truth"))
        .then(
            worded(
                "按已有资质最高标准 {} 万元，缺{} 万元 by the highest figure held, {} yuan: "
                "short by {} yuan",
                _HIGHEST[0],
                plain(_LACKING / 10_000),
                _HIGHEST[1],
                plain(_LACKING),
            )
        )
        .otherwise(
            worded("按已有资质最高标准 {} 万元 by the highest figure held, {} yuan", *_HIGHEST)
        )
    )
)
_ANSWER = [
    pl.lit("net_assets").alias("criterion"),
    *(pl.col(name) for name in ("truth", "actual", "note")),
    (kleene.short_by(pl.col("certain"), pl.col("highest_yuan")) / 10_000).alias("short_by"),
]


def _figures(
    asked: pl.DataFrame,
    facts: Facts,
    rules: RuleTables,
    notices: Sequence[Extension],
    recalled_may_grant: bool,
) -> pl.LazyFrame:
    """`applied_yuan`, `highest_yuan` (applied and held) and `is_figure_missing`.

    The last: what is held, or the figure of a level held, is not known, or is one that was
    recalled and may not decide: it is not the highest for certain, nor is there none above the
    others. Where the capital counts, nothing else held is looked at; a re-check asks each
    qualification for its own. Beside them `by_capital`, and whether the source of the amount is
    complete: `is_closed`.
    """
    sources = (enterprise.QUALIFICATION, enterprise.CERTIFICATE)
    rows = (
        asked.lazy()
        # Whether anything else is held is only known of a complete source.
        .pipe(with_closed, facts, *sources, name="is_all_held_known")
        .pipe(with_closed, facts, enterprise.REGISTRY, name="is_registry_closed")
        .pipe(with_closed, facts, enterprise.STATEMENT, name="is_statement_closed")
        .select("application_id", *_APPLIED)
    )
    return (
        _beside_held(rows, asked, facts, rules, notices, recalled_may_grant)
        .with_columns(_FIGURES)
        .drop("is_all_held_known")
    )


_BY_STATEMENT = pl.col("net_assets_from") == "statement"
_APPLIED = [
    pl.col("net_assets_yuan").alias("applied_yuan"),
    pl.col("is_audit_asked"),
    _BY_CAPITAL.alias("by_capital"),
    pl.when("is_highest_asked").then("is_all_held_known").alias("is_all_held_known"),
    pl.when(_BY_CAPITAL)
    .then("is_registry_closed")
    .when(_BY_STATEMENT)
    .then("is_statement_closed")
    .alias("is_closed"),
]
_FIGURES = [
    pl.max_horizontal("applied_yuan", "held_yuan").alias("highest_yuan"),
    pl.col("is_figure_missing").fill_null(False) | ~pl.col("is_all_held_known").fill_null(True),
]
_NOTHING_HELD = nothing(held_yuan=YUAN, is_figure_missing=pl.Boolean())


def _beside_held(
    rows: pl.LazyFrame,
    asked: pl.DataFrame,
    facts: Facts,
    rules: RuleTables,
    notices: Sequence[Extension],
    recalled_may_grant: bool,
) -> pl.LazyFrame:
    """The rows with the figure of what else is held: `held_yuan`, `is_figure_missing`."""
    highest_asked = asked.filter("is_highest_asked")
    if highest_asked.is_empty():
        return rows.with_columns(_NOTHING_HELD)
    item = ["application_id", "category_code", "subcategory"]
    statement = highest_asked.select("application_id", "usc_code", "filed_on", "decided_on")
    held = (
        held_now(statement, facts, notices)
        .lazy()
        .filter(pl.col("is_valid").fill_null(True))
        # The level that the grant replaces is no other qualification: a lower one asks no more.
        .join(asked.lazy().select(item), on=item, how="anti")
        .with_columns(ruled_subcategory(rules))
        .join(
            rules.held_net_assets.lazy(), on=["category_code", "subcategory", "level"], how="left"
        )
        .filter(_IS_IN_FORCE)
        .with_columns(
            held_yuan=pl.when(
                ~(pl.col("is_held_recalled").fill_null(False) & (not recalled_may_grant))
            ).then("held_yuan")
        )
        .group_by("application_id")
        .agg(_HIGHEST_HELD)
    )
    return rows.join(held, on="application_id", how="left")


_IS_IN_FORCE = pl.col("valid_from").is_null() | pl.col("filed_on").is_between(
    "valid_from", "valid_to"
)
_HIGHEST_HELD = [
    pl.col("held_yuan").filter("is_valid").max(),
    # What is only perhaps held may ask more.
    pl.any_horizontal(pl.col("held_yuan", "is_valid").is_null()).any().alias("is_figure_missing"),
]


def _capital(asked: pl.DataFrame, facts: Facts) -> pl.LazyFrame:
    """Registered capital, or what was paid in of it."""
    registry = (
        facts.table(enterprise.REGISTRY)
        .select("usc_code", "registered_capital_yuan", "paid_in_capital_yuan", "is_trusted")
        .pipe(facts.read)
    )
    mine = asked.filter(_BY_CAPITAL)
    return (
        mine.lazy()
        .join(registry, on="usc_code")
        .join(_changed_since(mine, facts), on="application_id", how="left")
        .select("application_id", *_AS_CAPITAL)
    )


def _changed_since(mine: pl.DataFrame, facts: Facts) -> pl.LazyFrame:
    """Cases whose capital was changed after the filing, or perhaps: `application_id`, `is_changed`.

    What is registered by now is not what counts then (B0.6); what was is told by nobody.
    """
    later = mine.lazy().filter(pl.col("filed_on") < pl.col("decided_on"))
    may_be = (pl.col("event_code") == "capital") | ~pl.col("is_trusted")
    is_since = (pl.col("happened_on") > pl.col("filed_on")).fill_null(True)
    changes = facts.table(enterprise.EVENT).filter("is_lawful", may_be)
    since = (
        later.join(changes.select("usc_code", "happened_on", "is_trusted"), on="usc_code")
        .filter(is_since | ~pl.col("is_trusted"))
        .select("application_id", has_event=pl.lit(True))
        .unique()
        .pipe(facts.read)
    )
    return (
        later.pipe(with_closed, facts, enterprise.EVENT, day="decided_on")
        .join(since, on="application_id", how="left")
        .select(
            "application_id",
            is_changed=pl.col("has_event").fill_null(False) | ~pl.col("is_closed"),
        )
    )


_IS_PAID_IN = pl.col("net_assets_from") == "paid_in_capital"
_AS_CAPITAL = [
    pl.when(~pl.col("is_changed").fill_null(False))
    .then(pl.when(_IS_PAID_IN).then("paid_in_capital_yuan").otherwise("registered_capital_yuan"))
    .alias("amount"),
    pl.col("is_trusted"),
    pl.when(_IS_PAID_IN)
    .then(pl.lit("实收资本 paid-in capital"))
    .otherwise(pl.lit("注册资本 registered capital"))
    .alias("source"),
    pl.lit(enterprise.REGISTRY.name).alias("target"),
    pl.col("usc_code").alias("row_key"),
]


def _statements(asked: pl.DataFrame, facts: Facts) -> pl.LazyFrame:
    """The statement of the year before or of the current period (177号): either will do.

    One that closes on the last day of the year before is of that, whatever it is called.
    """
    statements = (
        facts.table(enterprise.STATEMENT)
        .select(
            "usc_code",
            "year",
            "report_code",
            "period_end_on",
            "is_trusted",
            amount="net_assets_yuan",
        )
        .pipe(facts.read)
    )
    mine = asked.lazy().filter(_BY_STATEMENT).join(statements, on="usc_code")
    return mine.filter(_MAY_FIT).select("application_id", *_AS_STATEMENT)


_YEAR = pl.col("filed_on").dt.year()
_FITS = ((pl.col("report_code") == "annual") & (pl.col("year") == _YEAR - 1)) | (
    (pl.col("report_code") == "current")
    & (
        ((pl.col("year") == _YEAR) & (pl.col("period_end_on") <= pl.col("filed_on")))
        | (pl.col("period_end_on") == pl.date(_YEAR - 1, 12, 31))
    )
)
# One in doubt may be of any year (reading 31).
_MAY_FIT = _FITS.fill_null(True) | ~pl.col("is_trusted")
_AS_STATEMENT = [
    pl.when(~pl.col("is_audit_asked")).then("amount").alias("amount"),
    pl.col("is_trusted"),
    pl.lit("财务报表 statement").alias("source"),
    pl.lit(enterprise.STATEMENT.name).alias("target"),
    worded("{}|{}|{}", "usc_code", "year", "report_code").alias("row_key"),
]
