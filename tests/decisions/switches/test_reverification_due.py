"""An addition, an upgrade or a change after a merger or the like: re-verification first (B4.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from judge import judge
from portfolio import Portfolio, instant
from successors import (
    DAY,
    DECISION,
    EVENT,
    EVENT_DAY,
    REGISTRY,
    again,
    verdict,
)


@pytest.mark.provision("B6.1")
@pytest.mark.parametrize("kind", ["addition", "upgrade"])
async def test_after_a_merger_nothing_is_added_before_it_was_re_verified(kind: str) -> None:
    level = "一级" if kind == "upgrade" else "二级"
    portfolio = Portfolio.meeting("S11", level, kind=kind, filed_on=DAY)
    answer = await verdict(portfolio.event("merger_absorption", EVENT_DAY))
    assert answer.outcome == "not_accepted", answer.summary()
    assert answer.failed == {"reverification_due"}
    assert "吸收合并" in str(answer.criterion("reverification_due")["actual"])
    assert "merger_absorption" not in answer.reason


@pytest.mark.provision("B6.1")
@pytest.mark.parametrize("kind", ["addition", "upgrade"])
async def test_an_event_in_doubt_or_not_delivered_leaves_an_upgrade_and_an_addition_waiting(
    kind: str,
) -> None:
    level = "一级" if kind == "upgrade" else "二级"
    for change in ("quarantine", "uncover"):
        portfolio = Portfolio.meeting("S11", level, kind=kind, filed_on=DAY)
        if change == "quarantine":
            portfolio.event("split", EVENT_DAY).quarantine(EVENT)
        else:
            portfolio.uncover(EVENT)
        answer = await verdict(portfolio)
        assert answer.outcome == "awaiting_data", answer.summary()
        assert answer.unknown == {"reverification_due"}


# -- since the filing (reading 67) -------------------------------------------------------


SINCE = DAY + timedelta(days=3)


def open_since(kind: str, level: str, nth: int | None = None) -> Portfolio:
    """A matter filed before a merger is registered, decided a week later."""
    portfolio = Portfolio.meeting(
        "S11", level, kind=kind, filed_on=DAY, decided_on=DAY + timedelta(days=7), nth=nth
    )
    if kind == "change":
        portfolio.change(REGISTRY, {"usc_code": portfolio.usc_code}, address="新址")
    return portfolio.event("merger_absorption", SINCE)


@pytest.mark.provision("B6.1")
@pytest.mark.parametrize(("kind", "level"), [("upgrade", "一级"), ("addition", "二级")])
def test_after_a_merger_since_the_filing_it_waits_for_the_re_verification(
    kind: str, level: str
) -> None:
    waiting = open_since(kind, level)
    verified = again(open_since(kind, level, nth=2), SINCE + timedelta(days=1))
    verified.rows[DECISION][-1]["decided_at"] = instant(SINCE + timedelta(days=1), 12)
    verified.rows[EVENT][-1]["received_at"] = instant(SINCE)
    answers = judge([waiting, verified])
    assert answers[0].outcome == "awaiting_data", answers[0].summary()
    assert answers[0].unknown == {"reverification_due"}
    assert answers[1].outcome == "granted", answers[1].summary()


@pytest.mark.provision("B4.3")
async def test_a_change_prints_nothing_that_a_merger_since_the_filing_has_made() -> None:
    answer = await verdict(open_since("change", "二级"))
    assert answer.failed == {"change_ground"}, answer.summary()
    assert "重新核定" in str(answer.criterion("change_ground")["note"])


@pytest.mark.provision("B6.1")
@pytest.mark.parametrize(("kind", "level"), [("renewal", "二级"), ("replacement", "二级")])
async def test_a_renewal_and_a_replacement_go_on(kind: str, level: str) -> None:
    assert (await verdict(open_since(kind, level))).outcome == "granted"
