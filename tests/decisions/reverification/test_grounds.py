"""Which mergers, splits and the like are a ground: what was granted or verified since answers them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from judge import judge
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio, instant
from successors import (
    AGAIN_ON,
    CERTIFICATE,
    DAY,
    EVENT,
    EVENT_DAY,
    QUALIFICATION,
    again,
    handled_as,
    merged,
    verdict,
)


@pytest.mark.provision("B6.1")
async def test_without_a_ground_it_is_not_accepted_and_the_remedy_is_named() -> None:
    portfolio = Portfolio.meeting("S11", "二级", kind="reverification", filed_on=DAY)
    answer = await verdict(portfolio)
    assert answer.outcome == "not_accepted"
    assert answer.failed == {"reverification_ground"}
    assert "变更" in str(answer.criterion("reverification_ground")["note"])


@pytest.mark.provision("B6.1")
@pytest.mark.parametrize(
    ("happened_on", "outcome"),
    [
        (date(2013, 6, 15), "not_accepted"),
        (date(2013, 6, 16), "granted"),
        (DAY, "granted"),
        (DAY + timedelta(1), "not_accepted"),
    ],
)
async def test_only_what_happened_from_the_issue_of_the_certificate_to_the_filing_is_a_ground(
    happened_on: date, outcome: str
) -> None:
    portfolio = merged()
    assert portfolio.of(CERTIFICATE)[0]["issued_on"] == date(2013, 6, 16)
    portfolio.change(EVENT, {}, happened_on=happened_on)
    assert (await verdict(portfolio)).outcome == outcome


@pytest.mark.provision("B6.1")
async def test_an_event_set_apart_neither_opens_nor_closes_the_way() -> None:
    portfolio = merged().quarantine(EVENT)
    answer = await verdict(portfolio)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert "reverification_ground" in answer.unknown


@pytest.mark.provision("B6.1")
async def test_without_the_channels_word_that_no_event_is_missing_it_awaits_data() -> None:
    portfolio = Portfolio.meeting("S11", "二级", kind="reverification", filed_on=DAY)
    portfolio.capital(200).uncover(EVENT)
    answer = await verdict(portfolio)
    assert answer.outcome == "awaiting_data"
    assert answer.unknown == {"reverification_ground"}


@pytest.mark.provision("B6.6", "F11")
@pytest.mark.parametrize(
    ("filed_on", "event", "outcome"),
    [
        (date(2023, 9, 14), "merger_absorption", "granted"),
        (date(2023, 9, 15), "merger_absorption", "awaiting_data"),
        (date(2023, 9, 15), "split", "awaiting_data"),
        (date(2023, 9, 15), "conversion", "granted"),
    ],
)
async def test_from_2023_09_15_what_reorganisations_are_asked_has_no_data_and_waits(
    filed_on: date, event: str, outcome: str
) -> None:
    portfolio = Portfolio.meeting("S11", "二级", kind="reverification", filed_on=filed_on)
    portfolio.event(event, filed_on - timedelta(20))
    answer = await verdict(portfolio)
    assert answer.outcome == outcome, answer.summary()


@pytest.mark.provision("B6.1")
async def test_what_is_not_delivered_yet_of_ones_own_turns_nobody_away_after_a_conversion() -> None:
    """Nothing is carried on from another: it is its own level that is valid, or not told."""
    portfolio = Portfolio.meeting("S11", "二级", kind="reverification", filed_on=DAY)
    portfolio.event("conversion", DAY - timedelta(20))
    assert (await verdict(portfolio)).outcome == "granted"
    portfolio.remove(QUALIFICATION).uncover(QUALIFICATION)
    answer = await verdict(portfolio)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert {"held", "validity", "reverification_ground"} <= answer.unknown
    assert not disagreements(answer, plainly(portfolio))


# -- what answers it ---------------------------------------------------------------------


@pytest.mark.provision("B6.1")
async def test_a_ground_that_was_answered_asks_for_nothing_any_more() -> None:
    portfolio = merged("moved_province", case="moved_province").dismiss("worker.15")
    portfolio.event("split", date(2012, 5, 1))
    answer = await verdict(portfolio)
    assert (answer.outcome, handled_as(answer)) == ("granted", "simplified"), answer.summary()


@pytest.mark.provision("B6.1")
async def test_what_was_re_verified_since_is_no_ground_any_more() -> None:
    again = merged().decided("reverification", "granted", EVENT_DAY + timedelta(5), level="二级")
    assert (await verdict(again)).failed == {"reverification_ground"}
    other = merged(nth=2).decided(
        "reverification", "granted", EVENT_DAY + timedelta(5), level="二级", code="S04"
    )
    assert (await verdict(other)).outcome == "granted", "it is asked for each category"


@pytest.mark.provision("B6.1")
async def test_a_day_of_issue_in_doubt_makes_no_event_a_ground() -> None:
    """The certificate may have been issued after the merger: no upgrade is turned away for it."""
    portfolio = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY)
    portfolio.event("merger_absorption", EVENT_DAY).quarantine(CERTIFICATE)
    answer = await verdict(portfolio)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert "reverification_due" in answer.unknown


@pytest.mark.provision("B6.1")
async def test_a_level_granted_after_the_merger_needs_no_re_verification_for_it() -> None:
    portfolio = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY)
    lower = portfolio.of(QUALIFICATION)[0]
    day = date(2015, 6, 1)
    lower.update(valid_from=day)
    portfolio.event("merger_absorption", day - timedelta(1))
    assert (await verdict(portfolio)).results["reverification_due"] == "met"
    portfolio.change(EVENT, {}, happened_on=day)
    assert (await verdict(portfolio)).results["reverification_due"] == "not_met"


@pytest.mark.provision("B6.1")
async def test_a_merger_told_after_a_re_verification_is_not_answered_by_it() -> None:
    """It was verified for another ground: the merger may ask for more, or hand something over."""
    portfolio = again(merged("moved_province", case="moved_province"))
    portfolio.event("merger_absorption", EVENT_DAY)
    late = portfolio.rows[EVENT][-1]
    assert (await verdict(portfolio)).failed == {"reverification_ground"}, "told the day after"
    late["received_at"] = instant(AGAIN_ON, 9)
    answer = await verdict(portfolio)
    assert (answer.outcome, handled_as(answer)) == ("granted", "full"), answer.summary()


@pytest.mark.provision("B6.1")
def test_what_happened_while_a_re_verification_was_open_is_not_answered_by_it() -> None:
    """It looks at what happened up to its filing."""
    before = again(merged(nth=1), filed_at=instant(EVENT_DAY, 12))
    after = again(merged(nth=2), filed_at=instant(EVENT_DAY - timedelta(days=1), 12))
    assert [one.outcome for one in judge([before, after])] == ["not_accepted", "granted"]


@pytest.mark.provision("B6.1")
def test_an_addition_waits_for_no_re_verification_of_what_was_verified_since() -> None:
    cases = []
    for nth in (1, 2):
        case = Portfolio.meeting("S04", "二级", kind="addition", filed_on=DAY, nth=nth)
        cases.append(case.event("merger_absorption", EVENT_DAY))
    again(cases[1])
    first, second = judge(cases)
    assert first.failed == {"reverification_due"}, first.summary()
    assert second.outcome == "granted", second.summary()
