"""Certificates of a single year while a merger's cancellation is under way (79号, case 3)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from portfolio import Portfolio, instant
from successors import (
    CERTIFICATE,
    DAY,
    EVENT,
    EVENT_DAY,
    EXPIRY,
    FIVE_YEARS,
    again,
    merged,
    verdict,
)

from assets.calendar import add_years

pytestmark = pytest.mark.provision("B6.2")

ONE_YEAR = date(2018, 2, 28)


@pytest.mark.provision("B6.5")
async def test_while_the_old_enterprise_is_being_struck_off_the_certificate_runs_one_year() -> None:
    answer = await verdict(merged(case="cancellation_pending"))
    assert answer.outcome == "granted", answer.summary()
    assert answer.decision["valid_until"] == ONE_YEAR


async def test_when_it_has_been_struck_off_the_certificate_is_exchanged_for_one_of_five_years() -> (
    None
):
    portfolio = merged(case="cancellation_pending")
    portfolio.change(EVENT, {}, happened_on=date(2016, 6, 1))
    portfolio.event("merger_absorption", EVENT_DAY, case="absorbed_cancelled")
    assert (await verdict(portfolio)).decision["valid_until"] == FIVE_YEARS


def exchanged(case: str, *, between: bool) -> Portfolio:
    """A cancellation under way was answered; now `case`; `between`: the exchange was made since."""
    day = date(2015, 6, 1)
    portfolio = merged(case="cancellation_pending")
    event = "moved_province" if case == "moved_province" else "merger_absorption"
    portfolio.change(EVENT, {}, happened_on=day, received_at=instant(day))
    again(portfolio, day + timedelta(days=30))
    if between:
        done = day + timedelta(days=90)
        portfolio.event("merger_absorption", done, case="absorbed_cancelled")
        again(portfolio, done + timedelta(days=30))
    return portfolio.event(event, EVENT_DAY, case=case)


@pytest.mark.parametrize(
    ("case", "between", "valid_until"),
    [
        ("absorbed_cancelled", False, date(2022, 2, 28)),
        ("moved_province", False, EXPIRY),
        ("absorbed_cancelled", True, EXPIRY),
        ("moved_province", True, EXPIRY),
    ],
)
async def test_a_certificate_of_one_year_is_exchanged_once_and_for_its_own_merger(
    case: str, between: bool, valid_until: date
) -> None:
    answer = await verdict(exchanged(case, between=between))
    assert answer.outcome == "granted", answer.summary()
    assert answer.decision["valid_until"] == valid_until


def moved(portfolio: Portfolio, on: date) -> Portfolio:
    """It moved to another province, which is verified in the simplified way too."""
    return portfolio.event("moved_province", on, case="moved_province")


async def test_a_cancellation_under_way_leaves_one_year_whatever_came_after_the_merger() -> None:
    portfolio = moved(merged(case="cancellation_pending"), EVENT_DAY + timedelta(days=5))
    assert (await verdict(portfolio)).decision["valid_until"] == ONE_YEAR


@pytest.mark.parametrize("since", ["answered", "open"])
async def test_a_move_since_the_merger_takes_nobody_the_exchange(since: str) -> None:
    merged_on, moved_on = date(2016, 3, 10), date(2016, 5, 1)
    portfolio = again(merged(case="cancellation_pending"), merged_on)
    portfolio.change(EVENT, {}, happened_on=merged_on, received_at=instant(merged_on))
    if since == "answered":
        again(moved(portfolio, moved_on), moved_on + timedelta(days=30))
        portfolio.rows[EVENT][-1]["received_at"] = instant(moved_on)
    portfolio.event("merger_absorption", EVENT_DAY, case="absorbed_cancelled")
    if since == "open":
        moved(portfolio, EVENT_DAY + timedelta(days=5))
    assert (await verdict(portfolio)).decision["valid_until"] == FIVE_YEARS


async def test_a_certificate_verified_in_full_since_is_exchanged_no_more() -> None:
    merged_on, converted_on = date(2015, 6, 1), date(2016, 1, 10)
    portfolio = again(merged(case="cancellation_pending"), merged_on)
    portfolio.change(EVENT, {}, happened_on=merged_on, received_at=instant(merged_on))
    portfolio.event("conversion", converted_on)
    portfolio.rows[EVENT][-1]["received_at"] = instant(converted_on)
    again(portfolio, converted_on + timedelta(days=30))
    portfolio.event("merger_absorption", EVENT_DAY, case="absorbed_cancelled")
    assert (await verdict(portfolio)).decision["valid_until"] == EXPIRY


async def test_of_two_mergers_one_that_is_done_exchanges_nothing_while_the_other_is_under_way() -> (
    None
):
    portfolio = merged(case="cancellation_pending", counterpart="91330100MA27000012")
    other = "91330100MA27000020"
    portfolio.event("merger_absorption", EVENT_DAY, case="cancellation_pending", counterpart=other)
    done = EVENT_DAY + timedelta(days=5)
    portfolio.event("merger_absorption", done, case="absorbed_cancelled", counterpart=other)
    assert (await verdict(portfolio)).decision["valid_until"] == ONE_YEAR


@pytest.mark.parametrize(
    ("valid_until", "case", "failed"),
    [
        (date(2017, 5, 31), "cancellation_pending", {"exchange_due"}),
        (date(2021, 5, 31), "cancellation_pending", set()),
        (date(2017, 5, 31), "within_group", set()),
    ],
    ids=["for one year", "exchanged for five", "kept from before"],
)
async def test_a_certificate_of_one_year_is_exchanged_not_renewed(
    valid_until: date, case: str, failed: set[str]
) -> None:
    """Else it would run on for five years, and the other side's with it (79号, case 3)."""
    portfolio = Portfolio.meeting(
        "S11", "二级", kind="renewal", filed_on=DAY, expires_on=date(2017, 5, 31)
    )
    portfolio.event("merger_absorption", date(2016, 5, 1), case=case)
    answer = await verdict(again(portfolio, date(2016, 6, 1), valid_until=valid_until))
    assert answer.failed == failed, answer.summary()


async def test_where_it_is_not_told_which_case_it_was_the_certificate_may_be_one_of_a_year() -> (
    None
):
    portfolio = Portfolio.meeting(
        "S11", "二级", kind="renewal", filed_on=DAY, expires_on=date(2017, 5, 31)
    )
    portfolio.event("merger_absorption", date(2016, 5, 1), case="within_group")
    portfolio.change(EVENT, {}, case_code=None)
    answer = await verdict(again(portfolio, date(2016, 6, 1), valid_until=date(2017, 5, 31)))
    assert "exchange_due" in answer.unknown and not answer.failed


@pytest.mark.parametrize(
    ("granted_on", "failed"),
    [(date(2016, 6, 1), {"exchange_due"}), (date(2012, 6, 1), set())],
    ids=["for one year", "exchanged for five"],
)
async def test_a_term_that_was_kept_since_is_the_one_that_it_was(
    granted_on: date, failed: set[str]
) -> None:
    """Verified for five years and, in the last of them, once more: no certificate of one year."""
    expires_on = date(2017, 5, 31)
    portfolio = Portfolio.meeting(
        "S11", "二级", kind="renewal", filed_on=DAY, expires_on=expires_on
    )
    merged_on = granted_on - timedelta(days=30)
    portfolio.event("merger_absorption", merged_on, case="cancellation_pending")
    again(portfolio, granted_on, valid_until=expires_on)
    portfolio.event("moved_province", date(2016, 9, 1), case="moved_province")
    answer = await verdict(again(portfolio, date(2016, 10, 1), valid_until=expires_on))
    assert answer.failed == failed, answer.summary()


@pytest.mark.parametrize(
    ("ends_on", "outcome", "open_"),
    [
        (DAY - timedelta(days=1), "awaiting_data", {"reverification_ground", "validity"}),
        (DAY, "not_accepted", set()),
    ],
    ids=["over by the filing", "its last day"],
)
async def test_one_that_ran_out_unexchanged_is_to_be_verified_in_full_and_turned_away_by_nobody(
    ends_on: date, outcome: str, open_: set[str]
) -> None:
    """While it runs, and the merger is not done, there is nothing to verify."""
    merged_on = date(2015, 12, 1)
    portfolio = merged(case="cancellation_pending")
    portfolio.change(EVENT, {}, happened_on=merged_on, received_at=instant(merged_on))
    granted_on = add_years(ends_on + timedelta(days=1), -1)
    again(portfolio, granted_on, valid_until=ends_on)
    portfolio.change(CERTIFICATE, {}, valid_until=ends_on)
    answer = await verdict(portfolio)
    assert answer.outcome == outcome, answer.summary()
    assert answer.unknown & {"reverification_ground", "validity"} == open_
