"""重新核定: how it is handled, what it is assessed on, and which term it keeps (B6, B0.5)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from judge import judge
from portfolio import MONTHLY
from successors import (
    CERTIFICATE,
    DAY,
    EVENT,
    EVENT_DAY,
    EXPIRY,
    FIVE_YEARS,
    REGISTRY,
    handled_as,
    merged,
    verdict,
)

from assets.tables import intake


@pytest.mark.provision("B6.2", "B6.5")
@pytest.mark.parametrize(
    ("event", "case"),
    [
        ("merger_absorption", "absorbed_cancelled"),
        ("merger_new", "merged_cancelled"),
        ("split", "within_group"),
        ("restructuring", "state_owned"),
        ("moved_province", "moved_province"),
        ("capital_nature", "foreign_capital_left"),
    ],
)
async def test_a_case_that_79_lists_is_handled_in_the_simplified_way_and_keeps_its_expiry(
    event: str, case: str
) -> None:
    portfolio = merged(event, case=case).dismiss("worker.15")
    for month in (date(2017, 1, 1), date(2016, 12, 1)):
        for label in dict.fromkeys(portfolio.people.values()):
            portfolio.add(
                MONTHLY, person_key=label, usc_code=portfolio.usc_code, month=month, is_paid=True
            )
    answer = await verdict(portfolio)
    assert answer.outcome == "granted", answer.summary()
    assert handled_as(answer) == "simplified"
    assert answer.decision["valid_until"] == EXPIRY


@pytest.mark.provision("B6.2", "B6.5")
async def test_what_79_does_not_list_is_assessed_in_full_and_runs_five_years_anew() -> None:
    answer = await verdict(merged())
    assert answer.outcome == "granted", answer.summary()
    assert handled_as(answer) == "full"
    assert answer.decision["valid_until"] == FIVE_YEARS
    short = await verdict(merged().dismiss("worker.15"))
    assert short.failed == {"skilled_workers"}, short.summary()


@pytest.mark.provision("B6.5")
def test_a_term_that_has_run_out_by_the_decision_is_not_kept_but_may_be_restarted() -> None:
    ends = DAY + timedelta(days=3)
    kept = merged(case="absorbed_cancelled", nth=1)
    restarted = merged(nth=2)
    for case in (kept, restarted):
        case.decided_on = DAY + timedelta(days=7)
        case.rows[intake.COVERAGE.name] = []
        case.cover_everything()
        case.change(CERTIFICATE, {}, valid_until=ends)
    simplified, full = judge([kept, restarted])
    assert simplified.unknown == {"validity"}, simplified.summary()
    assert "延续" in str(simplified.criterion("validity")["note"])
    assert full.outcome == "granted", full.summary()


@pytest.mark.provision("B6.2")
def test_of_several_grounds_one_that_79_does_not_list_is_verified_in_full() -> None:
    """B6.2: everything else in full; that something simpler came after it changes nothing."""
    portfolio = merged("merger_absorption")
    portfolio.event("moved_province", EVENT_DAY + timedelta(5), case="moved_province")
    short = merged("merger_absorption", nth=2).dismiss("worker.15")
    short.event("moved_province", EVENT_DAY + timedelta(5), case="moved_province")
    answers = judge([portfolio, short])
    assert [handled_as(one) for one in answers] == ["full", "full"]
    assert answers[0].decision["valid_until"] == FIVE_YEARS
    assert answers[1].failed == {"skilled_workers"}, answers[1].summary()


@pytest.mark.provision("B6.2")
@pytest.mark.parametrize("doubt", ["another event", "the channel's word", "the certificate"])
async def test_how_it_is_handled_is_only_known_when_all_grounds_are(doubt: str) -> None:
    portfolio = merged("moved_province", case="moved_province")
    if doubt == "another event":
        number = portfolio.event("rename", EVENT_DAY).rows[EVENT][-1]["event_no"]
        portfolio.quarantine(EVENT, event_no=number)
    elif doubt == "the channel's word":
        portfolio.uncover(EVENT)
    else:
        portfolio.quarantine(CERTIFICATE)
    answer = await verdict(portfolio)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert "reverification_ground" in answer.unknown


@pytest.mark.provision("B6.2")
@pytest.mark.parametrize("case", [None, "foreign_capital_left", "merged_cancelled"])
async def test_a_handling_that_is_missing_or_contradicts_the_event_awaits_data(
    case: str | None,
) -> None:
    portfolio = merged(case="absorbed_cancelled")
    portfolio.change(EVENT, {}, case_code=case)
    answer = await verdict(portfolio)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert answer.unknown == {"reverification_ground"}


@pytest.mark.provision("B6.2")
@pytest.mark.parametrize("handling", [None, "full"])
async def test_full_handling_that_names_a_simplified_case_or_none_at_all_awaits_data(
    handling: str | None,
) -> None:
    portfolio = merged(case="absorbed_cancelled")
    portfolio.change(EVENT, {}, handling_code=handling)
    assert (await verdict(portfolio)).outcome == "awaiting_data"


# -- net assets --------------------------------------------------------------------------


@pytest.mark.provision("B6.2", "E24")
def test_in_full_net_assets_go_by_the_statement_simplified_by_registered_capital() -> None:
    simple = {"case": "absorbed_cancelled"}
    cases = [
        merged(nth=1).state_net_assets(199),
        merged(nth=2).capital(1),
        merged(nth=3, **simple).state_net_assets(1),
        merged(nth=4, **simple).capital(199),
    ]
    assert [v.outcome for v in judge(cases)] == ["refused", "granted", "granted", "refused"]


@pytest.mark.provision("B6.3")
@pytest.mark.parametrize(("paid_in", "outcome"), [(199, "refused"), (200, "granted")])
async def test_where_the_capital_changed_with_it_what_was_paid_in_counts(
    paid_in: int, outcome: str
) -> None:
    portfolio = merged(case="absorbed_cancelled").event("capital", EVENT_DAY)
    portfolio.change(REGISTRY, {}, paid_in_capital_yuan=Decimal(paid_in * 10_000))
    assert (await verdict(portfolio)).outcome == outcome


@pytest.mark.provision("B6.3")
async def test_paid_in_capital_that_nobody_delivered_is_not_zero() -> None:
    answer = await verdict(merged(case="absorbed_cancelled").event("capital", EVENT_DAY))
    assert answer.outcome == "awaiting_data"
    assert answer.unknown == {"net_assets"}


@pytest.mark.provision("B6.3")
async def test_a_capital_change_before_the_merger_is_not_part_of_it() -> None:
    portfolio = merged(case="absorbed_cancelled").event("capital", EVENT_DAY - timedelta(1))
    assert (await verdict(portfolio)).outcome == "granted"


# -- months of insurance (B0.5) ----------------------------------------------------------


@pytest.mark.provision("B0.5")
@pytest.mark.parametrize(
    ("event", "established_on", "outcome"),
    [
        ("merger_absorption", date(2005, 3, 1), "granted"),
        ("conversion", date(2005, 3, 1), "granted"),
        ("split", EVENT_DAY - timedelta(1), "refused"),
        ("restructuring", EVENT_DAY - timedelta(1), "refused"),
        ("split", EVENT_DAY, "granted"),
        ("split", None, "awaiting_data"),
    ],
)
async def test_one_month_is_enough_but_not_for_the_old_enterprise_of_a_split(
    event: str, established_on: date | None, outcome: str
) -> None:
    portfolio = merged(event)
    portfolio.change(REGISTRY, {}, established_on=established_on)
    for month in (date(2017, 1, 1), date(2016, 12, 1)):
        portfolio.cover(MONTHLY, "330100", month)
    answer = await verdict(portfolio)
    assert answer.outcome == outcome, answer.summary()


@pytest.mark.provision("B0.5")
async def test_the_months_of_a_new_enterprise_count_nobody_while_it_may_be_the_old_one() -> None:
    """B0.5: one month is enough of who is surely new; the day of its foundation is not told."""
    portfolio = merged("split")
    for month in (date(2017, 1, 1), date(2016, 12, 1)):
        portfolio.cover(MONTHLY, "330100", month)
    new = portfolio.change(REGISTRY, {}, established_on=EVENT_DAY)
    assert (await verdict(new)).results["titled_staff"] == "met"
    unknown = portfolio.change(REGISTRY, {}, established_on=None)
    assert (await verdict(unknown)).results["titled_staff"] != "met"
