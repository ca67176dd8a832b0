"""What the checks note about an enterprise stands in the evidence of its cases, and only there."""

from __future__ import annotations

import json
from datetime import date

from judge import judge
from portfolio import Portfolio
from together import verdict_on

REGISTRY = "base_enterprise__registry"


def case(nth: int) -> Portfolio:
    return Portfolio.meeting("S11", "二级", kind="first", filed_on=date(2017, 3, 1), nth=nth)


def test_a_warning_is_noted_and_changes_neither_outcome_nor_criteria() -> None:
    noted, plain = case(1), case(2)
    noted.doubt(REGISTRY, noted.usc_code, "WARN")
    with_note, without = judge([noted, plain])
    (note,) = with_note.evidence_of("note")
    assert (note["criterion"], note["target"], note["row_key"], note["counted"]) == (
        "note.P-18",
        REGISTRY,
        noted.usc_code,
        "yes",
    )
    assert note["reason"] == "test" and json.loads(note["content_json"])["severity"] == "WARN"
    assert with_note.results == without.results
    assert with_note.outcome == without.outcome == "granted"
    assert without.evidence_of("note") == []


def test_what_is_noted_of_a_branch_concerns_its_enterprise_and_of_others_nobody() -> None:
    mine, other = case(1), case(2)
    branch = mine.company(1, branch=True)
    mine.doubt(REGISTRY, branch, "WARN", usc_code=branch)
    told, untold = judge([mine, other])
    assert [note["row_key"] for note in told.evidence_of("note")] == [branch]
    assert untold.evidence_of("note") == []


async def test_what_counts_against_a_row_is_no_note() -> None:
    doubted = case(1)
    doubted.doubt(REGISTRY, doubted.usc_code, "DATA")
    verdict = await verdict_on(doubted)
    assert verdict.evidence_of("note") == []
