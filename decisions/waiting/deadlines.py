"""The watch over terms: what runs in each open case, its last day, how many are left.

Belongs here: the statutory terms and the office's own, on every case that is not at its end. Does
not: what follows when waiting ends (`decisions.waiting.terms`), telling anybody (`pipelines`).

Every term is counted from the filing, although the law counts from acceptance, which follows it: a
term shown as kept is kept for certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from assets.calendar import legal_day, working_days_left
from assets.lake.store import Store
from assets.tables import certificate
from assets.tables import decision as tables
from assets.tables.common import KINDS
from checks import release
from decisions.facts.model import Facts
from decisions.filing.screening import standing
from decisions.rulebook.book import Rulebook
from decisions.waiting.terms import RETURNABLE, renewals, term_ends, with_filing_day


@dataclass(frozen=True, slots=True)
class Limit:
    """A term in working days for some kinds of application."""

    limit: str
    kinds: tuple[str, ...]
    working_days: int
    clause: str
    basis: str


_QUICK = ("change", "replacement")
NOTICE = Limit("notice", KINDS, 5, "行政许可法 第三十二条", "recalled")
"""To say what is missing, or the application counts as accepted."""
DECISION = (
    Limit(
        "decision",
        tuple(kind for kind in KINDS if kind not in _QUICK),
        20,
        "行政许可法 第四十二条、第八十二条",
        "recalled",
    ),
    Limit("decision", ("change",), 2, "令22 第十九条", "recalled"),
    Limit("decision", ("replacement",), 2, "令22 第二十二条", "recalled"),
)
CERTIFICATE = Limit("certificate", KINDS, 10, "行政许可法 第四十四条", "recalled")
"""To issue the certificate, from the decision."""
_COLUMNS = tables.DEADLINE.schema.names()


def watch(
    store: Store, rulebook: Rulebook, now: datetime, supplement_days: int | None
) -> pl.DataFrame:
    """Rows of `decision__deadline`: the terms that run at `now`, none of a case at its end.

    Args:
        store: the lakehouse.
        rulebook: the standard.
        now: the present instant.
        supplement_days: see `decisions.waiting.terms.conclude`.
    """
    past = store.scan(tables.DECISION)
    latest = release.latest(store)
    evaluated = past.group_by("application_id").agg(is_closed=pl.col("is_final").any())
    cases = with_filing_day(
        standing(store)
        .filter(pl.col("filed_at") <= now)
        .join(evaluated, on="application_id", how="left")
        .filter(~pl.col("is_closed").fill_null(False))
        .collect()
    ).with_columns(begins_on="filed_on")
    unissued = with_filing_day(
        past.filter((pl.col("outcome") == "granted") & (pl.col("effect") != "none"))
        .join(store.scan(certificate.CERTIFICATE), on="application_id", how="anti")
        .with_columns(filed_at="decided_at")
        .collect()
    ).with_columns(begins_on="filed_on")
    terms = [
        *(_working(cases, limit) for limit in DECISION),
        _working(cases.filter(pl.col("is_closed").is_null()), NOTICE),
        _working(unissued, CERTIFICATE),
    ]
    if supplement_days is not None:
        own = Limit("supplement", RETURNABLE, supplement_days, "supplement_days", "reading")
        terms.append(_working(cases.filter(pl.col("is_closed").is_not_null()), own))
    if latest is not None:
        facts = Facts.at(store, latest.release_id, latest.versions)
        terms.append(_expiries(cases, facts, rulebook, legal_day(now)))
    return _counted(pl.concat(terms), legal_day(now))


def _working(cases: pl.DataFrame, limit: Limit) -> pl.DataFrame:
    mine = cases.filter(pl.col("kind").is_in(limit.kinds))
    ends = term_ends(mine["filed_on"], limit.working_days)
    return _formed(
        mine.join(ends, on="filed_on"),
        limit=limit.limit,
        unit="working day",
        clause=limit.clause,
        basis=limit.basis,
    )


def _expiries(cases: pl.DataFrame, facts: Facts, rulebook: Rulebook, today: date) -> pl.DataFrame:
    """Renewals by the expiry of what they are about; where that is in doubt, without a day."""
    mine = cases.filter(pl.col("kind") == "renewal")
    due = renewals(mine, facts, rulebook.extensions, today)
    found = mine.join(due, on="application_id", how="left")
    return _formed(
        found.with_columns(last_day="expires_on", lapses="is_timely"),
        limit="expiry",
        unit="day",
        clause="令22 第十八条; 行政许可法 第五十条",
        basis="seen",
    )


def _formed(rows: pl.DataFrame, **told: str) -> pl.DataFrame:
    if "lapses" not in rows.columns:
        rows = rows.with_columns(lapses=pl.lit(None, pl.Boolean()))
    named = rows.with_columns(pl.lit(value).alias(name) for name, value in told.items())
    return named.select(name for name in _COLUMNS if name not in ("days_left", "is_overdue"))


def _counted(rows: pl.DataFrame, today: date) -> pl.DataFrame:
    last_days = rows.filter(pl.col("unit") == "working day")["last_day"].unique()
    working = {day: working_days_left(today, day) for day in last_days}
    counted = rows.with_columns(
        days_left=pl.when(pl.col("unit") == "working day")
        .then(pl.col("last_day").replace_strict(working, default=None, return_dtype=pl.Int32()))
        .otherwise((pl.col("last_day") - today).dt.total_days().cast(pl.Int32())),
        is_overdue=pl.col("last_day") < today,
    )
    return tables.DEADLINE.conform(counted.select(_COLUMNS))
