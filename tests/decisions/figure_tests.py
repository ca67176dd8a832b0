"""The one test every module of `standards` runs on the cases of its category."""

from __future__ import annotations

from collections.abc import Callable

from figures.level import Case
from judge import Verdict


def test_the_figure_decides(case: Case, verdict_of: Callable[[Case], Verdict]) -> None:
    verdict = verdict_of(case)
    for criterion, allowed in case.results.items():
        assert verdict.results.get(criterion) in allowed, f"{criterion}: {verdict.summary()}"
    assessed = case.absent & set(verdict.results)
    assert not assessed, f"{sorted(assessed)} is assessed: {verdict.summary()}"
    if case.outcome is not None:
        assert verdict.outcome == case.outcome, verdict.summary()
