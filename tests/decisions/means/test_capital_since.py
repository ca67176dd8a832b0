"""Capital counts as it was on the day of filing, not as it was made since (B0.6, E24, reading 70)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from judge import Verdict
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio
from together import verdict_on

pytestmark = pytest.mark.provision("B0.6", "E24")

FILED, DECIDED = date(2017, 3, 1), date(2017, 3, 20)
ONE = timedelta(days=1)
EVENT = "base_enterprise__event"


async def judged(firm: Portfolio) -> Verdict:
    answer = await verdict_on(firm, with_evidence=False)
    assert not disagreements(answer, plainly(firm)), answer.summary()
    return answer


async def outcome(firm: Portfolio) -> str:
    answer = await judged(firm)
    assert answer.unknown <= {"net_assets"}
    return answer.outcome


def first(decided_on: date = DECIDED) -> Portfolio:
    return Portfolio.meeting("S11", "二级", kind="first", filed_on=FILED, decided_on=decided_on)


@pytest.mark.parametrize(
    ("happened_on", "expected"),
    [(FILED, "granted"), (FILED + ONE, "awaiting_data"), (DECIDED, "awaiting_data")],
)
@pytest.mark.parametrize("wan", [200, 199], ids=["enough", "too little"])
async def test_what_the_capital_was_on_the_day_of_filing_is_not_known_once_it_was_changed(
    wan: int, happened_on: date, expected: str
) -> None:
    firm = first().capital(wan).event("capital", happened_on, before="150万元", after="200万元")
    if expected == "granted" and wan == 199:
        expected = "refused"
    assert await outcome(firm) == expected


async def test_another_event_since_the_filing_is_no_matter() -> None:
    assert await outcome(first().event("address", FILED + ONE)) == "granted"


async def test_an_event_set_apart_may_be_a_change_of_the_capital() -> None:
    """Or a move from another province, where something may be held (reading 101)."""
    answer = await judged(first().event("address", FILED).quarantine(EVENT))
    assert answer.outcome == "awaiting_data"
    assert answer.unknown == {"net_assets", "held"}


@pytest.mark.parametrize(
    ("decided_on", "unknown"), [(FILED, {"held"}), (FILED + ONE, {"net_assets", "held"})]
)
async def test_that_it_was_not_changed_since_only_the_word_for_all_events_shows(
    decided_on: date, unknown: set[str]
) -> None:
    """Nor that it has not moved here (reading 101)."""
    assert (await judged(first(decided_on).uncover(EVENT))).unknown == unknown


async def test_by_a_statement_it_is_no_matter() -> None:
    firm = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=FILED, decided_on=DECIDED)
    assert await outcome(firm.event("capital", FILED + ONE)) == "granted"
