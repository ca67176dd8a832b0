"""The fault drill on a small town: every fault is found and classed right, no clean row is lost."""

from __future__ import annotations

import pytest

from benchmarks.drill import FINDINGS, IN_THE_DECISION, NOT_INJECTED, REASONS, Drill, drill
from pipelines.checks_page import page

ENTERPRISES = 60
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Drill:
    return drill(tmp_path_factory.mktemp("drill"), ENTERPRISES)


def test_every_injected_fault_is_found_and_classed_as_it_was_meant(done: Drill) -> None:
    assert [one for one in done.faults if one.found != one.injected] == []
    classes = {one.expected for one in done.faults}
    assert classes >= {"quarantined", "finding", "normalised", "repeated", "failed_delivery"}


def test_nothing_else_is_found(done: Drill) -> None:
    assert [one for one in done.faults if one.precision not in (None, 1.0)] == []
    assert done.clean_rows_apart == 0


def test_the_base_tables_are_the_truth(done: Drill) -> None:
    assert done.base_rows_wrong == 0


def test_the_page_tells_the_figures_and_what_is_not_injected(done: Drill) -> None:
    told = page(done.as_json())
    for one in done.faults:
        assert f"| {one.fault} | {one.expected} | {one.injected:,} |" in told
    for fault in NOT_INJECTED:
        assert fault in told
    assert "seconds" not in told, "what a machine took is no part of a page that is compared"


def test_every_fault_of_the_sample_has_a_class(done: Drill) -> None:
    of_files = {"repeated", "failed_delivery", "normalised", "accepted"}
    named = {one.fault for one in done.faults if one.expected not in of_files}
    assert named <= REASONS.keys() | FINDINGS.keys()
    assert not named & set(IN_THE_DECISION)
