"""A first application of who has moved here: what it held before nobody here tells (B6.1, reading 101).

Belongs here: moves from another province before a first application. Does not: what is verified
anew after one (`test_kind_reverification`), certificates that name another province
(`holdings.test_another_province`).
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from portfolio import Portfolio
from together import verdict_on

from assets.tables import intake

pytestmark = pytest.mark.provision("B1.1", "B6.1")
DAY = date(2017, 3, 1)
EVENT = "base_enterprise__event"


def newcomer(event: str | None = "moved_province", on: date = date(2017, 1, 10)) -> Portfolio:
    """One of which nothing is on record here, and that meets S11 二级."""
    one = Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY)
    case = "moved_province" if event == "moved_province" else None
    return one if event is None else one.event(event, on, case=case)


@pytest.mark.parametrize(
    ("event", "on", "outcome"),
    [
        (None, DAY, "granted"),
        ("moved_province", DAY, "awaiting_data"),
        ("moved_province", DAY + timedelta(1), "granted"),
        ("moved_province", date(2012, 3, 2), "awaiting_data"),
        ("moved_province", date(2012, 3, 1), "granted"),
        ("conversion", date(2017, 1, 10), "granted"),
        ("rename", date(2017, 1, 10), "granted"),
    ],
)
async def test_who_has_moved_here_may_hold_something_for_five_years_from_then(
    event: str | None, on: date, outcome: str
) -> None:
    answer = await verdict_on(newcomer(event, on))
    assert answer.outcome == outcome, answer.summary()
    assert answer.unknown == ({"held"} if outcome == "awaiting_data" else set())


async def test_who_holds_something_here_is_turned_away_wherever_it_came_from() -> None:
    answer = await verdict_on(newcomer().hold("S04", "二级"))
    assert (answer.outcome, answer.failed) == ("not_accepted", {"held"}), answer.summary()


async def test_what_was_verified_here_since_the_move_answers_it() -> None:
    """Held no more, it was given up or has run out; nothing stands from before it (reading 34)."""
    one = newcomer(on=date(2016, 1, 10))
    one.decided("reverification", "granted", date(2016, 3, 1), level="二级")
    answer = await verdict_on(one)
    assert answer.outcome == "granted", answer.summary()


async def test_an_event_set_apart_may_be_a_move() -> None:
    one = newcomer("conversion")
    one.quarantine(EVENT, unread=("event_code",))
    one.rows[EVENT] = []
    answer = await verdict_on(one)
    assert answer.unknown == {"held"}, answer.summary()


async def test_while_the_events_are_not_delivered_it_may_have_moved() -> None:
    one = newcomer(None)
    one.rows[intake.COVERAGE.name] = [
        row for row in one.rows[intake.COVERAGE.name] if row["target"] != EVENT
    ]
    answer = await verdict_on(one)
    assert (answer.outcome, answer.unknown) == ("awaiting_data", {"held"}), answer.summary()
