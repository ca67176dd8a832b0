"""The one test every module of `standards` runs on the cases of its category."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from figures.level import Case
from judge import Verdict


@pytest.mark.provision(
    "B1.2", "B2.2", "E2", "E8", "E9", "E10", "E11", "E12", "E14", "E15", "E18", "E19"
)
@pytest.mark.provision("E24", "E26", "F1", "F2", "F3", "F11", "J6", "J7")
def test_the_figure_decides(case: Case, verdict_of: Callable[[Case], Verdict]) -> None:
    verdict = verdict_of(case)
    for criterion, allowed in case.results.items():
        assert verdict.results.get(criterion) in allowed, f"{criterion}: {verdict.summary()}"
    assessed = case.absent & set(verdict.results)
    assert not assessed, f"{sorted(assessed)} is assessed: {verdict.summary()}"
    if case.outcome is not None:
        assert verdict.outcome == case.outcome, verdict.summary()
