"""When waiting ends: a case returned after the term for supplying data, a renewal deemed granted.

Belongs here: which open cases have reached the end of a term, and what the decision then is
(行政许可法 Arts. 32, 50; regulations B0.4, B3.1, B3.2; readings 27-29). Does not: the evaluation
(`decisions.engine`), the watch over terms that still run (`decisions.waiting.deadlines`).

Both follow from the evaluation, the facts it read and the day alone, so that a replay comes
to the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

import polars as pl

from assets.calendar import legal_date, legal_day, validity_end, working_day_after
from assets.tables import decision as tables
from assets.wording import worded
from decisions import kleene
from decisions.engine import Decided
from decisions.facts.model import Facts
from decisions.holdings.held import held_now
from decisions.holdings.validity import may_run_longer
from decisions.plans import as_written
from decisions.reasons import reasons
from decisions.rulebook.extensions import Extension

RETURNABLE = ("first", "addition", "upgrade", "change", "replacement")
"""Kinds that lose nothing by being filed again. A renewal returned could come too late for its
expiry (B3.5), a re-verification for its three months (B6.7): these wait on (reading 28)."""
DEEMED = "deemed_renewal"
_CASE = ["application_id", "usc_code", "kind", "category_code", "subcategory", "level", "filed_on"]


def with_filing_day(applications: pl.DataFrame) -> pl.DataFrame:
    """Adds `filed_on`, the legal day of `filed_at`."""
    return applications.with_columns(filed_on=legal_date(pl.col("filed_at")))


def term_ends(filed_on: pl.Series, working_days: int) -> pl.DataFrame:
    """The last day of a term that begins with the day of filing: `filed_on`, `last_day`."""
    days = filed_on.unique().to_list()
    return pl.DataFrame(
        {"filed_on": days, "last_day": [working_day_after(day, working_days) for day in days]},
        schema={"filed_on": pl.Date(), "last_day": pl.Date()},
    )


def renewals(
    cases: pl.DataFrame,
    facts: Facts,
    notices: Sequence[Extension],
    today: date,
    as_authority: str = "province",
) -> pl.DataFrame:
    """The qualification that each renewal is about, where it is known for certain.

    Args:
        cases: with `filed_on`, of any kind.
        facts: the release.
        notices: what extended certificates as a whole.
        today: the day by which they are known.
        as_authority: whose office this is: only its own certificates lapse into renewal.

    Returns:
        `application_id`, `certificate_no`, `expires_on`, `due_on` (the last day of filing in
        time) and `is_timely`; no row where what is held, or its expiry, is in doubt: what we
        do not know never grants.
    """
    asked = cases.filter(pl.col("kind") == "renewal").select(_CASE)
    held = held_now(
        asked.select("application_id", "usc_code", "filed_on", decided_on=pl.lit(today)),
        facts,
        notices,
    )
    # Where a notice may have extended it, the day of expiry is not known.
    is_ours = (pl.col("authority_code") == as_authority) & ~may_run_longer()
    return (
        held.filter(pl.col("is_valid") & is_ours)
        .join(
            asked.drop("usc_code", "kind", "filed_on"),
            on=["application_id", "category_code", "subcategory", "level"],
        )
        .sort("valid_until", "certificate_no", descending=True)
        .unique("application_id", keep="first", maintain_order=True)
        .with_columns(due_on=pl.col("valid_until").dt.offset_by("-3mo"))
        .select(
            "application_id",
            "certificate_no",
            "due_on",
            expires_on="valid_until",
            is_timely=pl.col("filed_on") <= pl.col("due_on"),
        )
    )


def ended(
    waiting: pl.DataFrame,
    facts: Facts,
    notices: Sequence[Extension],
    now: datetime,
    supplement_days: int | None,
) -> list[str]:
    """The waiting cases that `conclude` would close if they were evaluated now, still waiting.

    Args:
        waiting: rows of `intake__application`.
        facts: the release.
        notices: what extended certificates as a whole.
        now: the present instant.
        supplement_days: see `conclude`.
    """
    cases, today = with_filing_day(waiting), legal_day(now)
    due = renewals(cases, facts, notices, today)
    lapsed = due.filter("is_timely", pl.col("expires_on") <= today)
    over = _supplied_until(cases, supplement_days).filter(pl.col("last_day") < today)
    return [*lapsed["application_id"], *over["application_id"]]


def _supplied_until(cases: pl.DataFrame, supplement_days: int | None) -> pl.DataFrame:
    """`application_id`, `last_day` of the term for supplying data, of what may be returned."""
    if supplement_days is None:
        return pl.DataFrame(schema={"application_id": pl.String(), "last_day": pl.Date()})
    ends = term_ends(cases["filed_on"], supplement_days)
    return (
        cases.filter(pl.col("kind").is_in(RETURNABLE))
        .join(ends, on="filed_on")
        .select("application_id", "last_day")
    )


def conclude(
    decided: Decided,
    facts: Facts,
    notices: Sequence[Extension],
    now: datetime,
    supplement_days: int | None,
    on_its_last_day: Callable[[date, pl.Series], Decided],
) -> Decided:
    """What was decided, with the cases closed whose term has ended.

    A case that still waits on the day after the term for supplying data is returned, without
    prejudice: never refused for what the channels lack. A renewal filed in time that is not
    decided by the day of expiry is deemed granted on it, and no later evaluation undoes that
    (B3.1, J10); what was not ours to renew by then is still not accepted.

    Args:
        decided: of one evaluation.
        facts: what it read.
        notices: what extended certificates as a whole.
        now: instant of the decision.
        supplement_days: working days after filing at whose end a waiting case is returned;
            None = none is.
        on_its_last_day: what would have been decided of cases, by their `application_id`, at the
            end of a day.
    """
    today = legal_day(now)
    decisions = with_filing_day(decided.decisions).with_columns(
        supplement_days=pl.lit(supplement_days, pl.Int32())
    )
    waits = pl.col("outcome") == "awaiting_data"
    timely = (
        decisions.drop("certificate_no")
        .join(renewals(decisions, facts, notices, today), on="application_id")
        .filter(
            "is_timely",
            (pl.col("expires_on") < today) | ((pl.col("expires_on") == today) & waits),
        )
    )
    lapsed = timely.filter(~pl.col("application_id").is_in(_turned_away(timely, on_its_last_day)))
    over = decisions.filter(waits).join(
        _supplied_until(decisions, supplement_days).filter(pl.col("last_day") < today),
        on="application_id",
    )
    touched = pl.concat([one.select("application_id") for one in (lapsed, over)])
    rest = decisions.join(touched, on="application_id", how="anti")
    schema = tables.DECISION.schema.names()
    closed = replace(
        decided,
        decisions=pl.concat(
            [
                rest.select(schema),
                _returned(over, decided.criteria).select(schema),
                _deemed(lapsed).select(schema),
            ]
        ).sort("application_id", "evaluation_no"),
    )
    if lapsed.is_empty():
        return closed
    is_lapsed = pl.col("application_id").is_in(lapsed["application_id"].implode())
    held = pl.col("criterion") == "held"
    return replace(
        closed,
        criteria=pl.concat([decided.criteria.filter(~is_lapsed), _grounds(lapsed)]),
        evidence=pl.concat(
            [
                decided.evidence.filter(~is_lapsed),
                decided.evidence.filter(is_lapsed & held).with_columns(
                    criterion=pl.lit(f"{DEEMED}.held")
                ),
            ]
        ),
    )


def _turned_away(
    timely: pl.DataFrame, on_its_last_day: Callable[[date, pl.Series], Decided]
) -> list[str]:
    """The renewals that are not accepted, and were not to be by the day of expiry either.

    What came after it, as a bar that began since, undoes no renewal that was deemed granted.
    """
    away = timely.filter(outcome="not_accepted").partition_by("expires_on", as_dict=True)
    return [
        application_id
        for (day,), cases in away.items()
        for application_id in on_its_last_day(day, cases["application_id"])
        .decisions.filter(outcome="not_accepted")["application_id"]
        .to_list()
    ]


# -- returned ------------------------------------------------------------------------


def _returned(over: pl.DataFrame, criteria: pl.DataFrame) -> pl.DataFrame:
    closing = over.with_columns(outcome=pl.lit("returned"), is_final=pl.lit(True)).drop(
        "reason_zh", "reason_en"
    )
    truths = criteria.with_columns(
        truth=pl.when(pl.col("result") != kleene.NO_DATA).then(pl.col("result") == kleene.MET)
    )
    told = closing.join(as_written(reasons(closing, truths)), on="application_id")
    return told.with_columns(
        reason_zh=worded(
            "补正期限为申请次日起{}个工作日，至{}止。{}",
            "supplement_days",
            "last_day",
            "reason_zh",
        ),
        reason_en=worded(
            "The term for supplying data was {} working days after filing, to {}. {}",
            "supplement_days",
            "last_day",
            "reason_en",
        ),
    )


# -- deemed renewed ------------------------------------------------------------------


def _deemed(lapsed: pl.DataFrame) -> pl.DataFrame:
    """Granted with effect from the day of expiry, whenever that is put on record."""
    until = {day: validity_end(day) for day in lapsed["expires_on"].unique()}
    return lapsed.with_columns(
        outcome=pl.lit("granted"),
        is_final=pl.lit(True),
        effect=pl.lit("renew"),
        lapsed_on="expires_on",
        valid_until=pl.col("expires_on").replace_strict(until, return_dtype=pl.Date()),
    ).with_columns(
        reason_zh=worded(
            "延续申请于{}提出，在期限（{}）之内；资质有效期至{}，届满前未作出是否准予延续的决定，"
            "依照行政许可法第五十条、建筑业企业资质管理规定（令22）第十八条，视为准予延续，有效期至{}。",
            "filed_on",
            "due_on",
            "expires_on",
            "valid_until",
        ),
        reason_en=worded(
            "The renewal was filed on {}, in time (by {}). The qualification expired on {} and "
            "nothing had been decided by then: deemed renewed under Art. 50 of the Administrative "
            "Licensing Law and Art. 18 of Order 22, valid until {}.",
            "filed_on",
            "due_on",
            "expires_on",
            "valid_until",
        ),
    )


def _grounds(lapsed: pl.DataFrame) -> pl.DataFrame:
    """The criteria of a deemed renewal: held, filed in time, not decided; nothing was assessed."""
    case = ["application_id", "evaluation_no"]
    clause = "令22 第十八条; 行政许可法 第五十条"

    def ground(
        name: str | None, zh: str, en: str, required: pl.Expr, actual: pl.Expr
    ) -> pl.DataFrame:
        return lapsed.select(
            *case,
            criterion=pl.lit(f"{DEEMED}.{name}" if name else DEEMED),
            parent=pl.lit(DEEMED if name else None, pl.String()),
            stage=pl.lit("admission"),
            zh=pl.lit(zh),
            en=pl.lit(en),
            required=required,
            actual=actual,
            result=pl.lit(kleene.MET),
            note=pl.lit(None, pl.String()),
            clause=pl.lit(clause),
            basis=pl.lit("seen"),
        )

    expires = pl.col("expires_on").cast(pl.String)
    return tables.CRITERION.conform(
        pl.concat(
            [
                ground(
                    None,
                    "视为准予延续",
                    "deemed renewed",
                    pl.lit("届满前未作决定 not decided by expiry"),
                    expires,
                ),
                ground(
                    "held",
                    "持有本机关核发的有效资质",
                    "the qualification is held on a certificate of this authority",
                    pl.lit("有效 valid"),
                    worded("{}，至 {} until {}", "certificate_no", "expires_on", "expires_on"),
                ),
                ground(
                    "filed",
                    "有效期届满3个月前提出",
                    "filed three months before expiry",
                    worded("不晚于 {} by {}", "due_on", "due_on"),
                    pl.col("filed_on").cast(pl.String),
                ),
                ground(
                    "undecided",
                    "届满前未作出决定",
                    "no decision by expiry",
                    worded("届满日 {} expiry on {}", "expires_on", "expires_on"),
                    pl.lit("未决定 none"),
                ),
            ]
        )
    )
