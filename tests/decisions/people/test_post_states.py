"""A post certificate that is in force no more, by what its own source says of it (E1, reading 71)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio, instant
from together import verdict_on

pytestmark = pytest.mark.provision("E1")

FILED = date(2017, 3, 1)
POST = "base_personnel__post_certificate"


async def outcome(state: str | None, told_on: date = FILED) -> str:
    """Of who meets S11 二级 exactly, one post certificate being in such a state."""
    decided_on = FILED + timedelta(days=7)
    firm = Portfolio.meeting("S11", "二级", kind="first", filed_on=FILED, decided_on=decided_on)
    firm.rows[POST][-1].update(status_code=state, received_at=instant(told_on, 23))
    answer = await verdict_on(firm, with_evidence=False)
    assert not disagreements(answer, plainly(firm)), answer.summary()
    assert (answer.failed | answer.unknown) <= {"site_managers"}
    return answer.outcome


@pytest.mark.parametrize("state", ["withheld", "withdrawn", "cancelled", "lapsed", "struck"])
async def test_one_that_was_ended_by_the_filing_is_not_held(state: str) -> None:
    assert await outcome(state) == "refused"


async def test_whether_one_was_ended_by_then_is_not_known_where_it_is_told_later() -> None:
    assert await outcome("struck", FILED + timedelta(days=1)) == "awaiting_data"


@pytest.mark.parametrize("state", ["transferring", "other"])
async def test_of_one_in_another_state_it_is_not_known(state: str) -> None:
    assert await outcome(state) == "awaiting_data"


@pytest.mark.parametrize("state", ["valid", None])
async def test_one_that_is_valid_or_of_which_no_state_is_told_is_held(state: str | None) -> None:
    assert await outcome(state) == "granted"
