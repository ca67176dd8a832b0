"""A batch decides each case as it would be decided alone."""

from __future__ import annotations

from datetime import date

import polars as pl
from portfolio import Portfolio, applications_of, frames_of, instant
from shipped import BOOK

from assets.wording import worded
from decisions.engine import Decided, decide
from decisions.facts.model import Facts

DAY = date(2017, 3, 1)


def contents(decided: Decided, application_id: str) -> dict[str, list[dict[str, object]]]:
    """What was decided of one case, in words, whatever the case is called."""
    frames = {
        "decision": decided.decisions.drop("elapsed_ms"),
        "criteria": decided.criteria,
        "evidence": decided.evidence,
    }
    return {
        name: frame.filter(application_id=application_id)
        .drop("application_id")
        .sort([c for c in ("criterion", "target", "row_key") if c in frame.columns] or ["kind"])
        .to_dicts()
        for name, frame in frames.items()
    }


def test_cases_that_rest_on_the_same_works_do_not_take_them_from_each_other() -> None:
    """Works within the scope then held, and led by the leader, count in every case they concern."""
    portfolios = [
        Portfolio.meeting("S04", "二级", kind="first", filed_on=DAY, nth=1),
        Portfolio.meeting("G01", "二级", kind="upgrade", filed_on=DAY, nth=2),
        Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY, nth=3),
    ]
    facts = Facts.of(frames_of(portfolios))
    filed = applications_of(portfolios)
    again = filed.with_columns(worded("{}-again", "application_id").alias("application_id"))
    for _ in range(3):
        both = decide(pl.concat([filed, again]), facts, BOOK, instant(DAY, 10))
        for case in portfolios:
            alone = decide(applications_of([case]), facts, BOOK, instant(DAY, 10))
            expected = contents(alone, case.application_id)
            assert contents(both, case.application_id) == expected
            assert contents(both, f"{case.application_id}-again") == expected
