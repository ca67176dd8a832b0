"""What is carried on from the other side of a merger or split, by whom, and for how long (B6)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from portfolio import CITY, STATE, Portfolio, applications_of, frames_of, instant
from shipped import BOOK
from successors import (
    CERTIFICATE,
    DAY,
    EVENT,
    EVENT_DAY,
    EXPIRY,
    QUALIFICATION,
    REGISTRY,
    again,
    merged,
    successor,
    verdict,
)
from ways import WAYS

from assets.tables import intake
from decisions.engine import decide
from decisions.facts.model import Facts


@pytest.mark.provision("B6.2", "B6.5")
async def test_a_new_enterprise_carries_on_what_the_merged_one_held_and_gave_up() -> None:
    answer = await verdict(successor())
    assert answer.outcome == "granted", answer.summary()
    made = answer.decision
    assert (made["effect"], made["certificate_no"]) == ("reverify", None), "a number is drawn"
    assert made["valid_until"] == EXPIRY, "simplified: the running expiry"


@pytest.mark.provision("B6.2")
@pytest.mark.parametrize("way", ["simplified", None])
async def test_where_it_is_not_told_which_case_it_is_a_cancellation_may_be_under_way(
    way: str | None,
) -> None:
    portfolio = successor("merger_new", status="valid", ended_on=None)
    portfolio.change(EVENT, {}, case_code=None, handling_code=way)
    answer = await verdict(portfolio)
    assert {"held", "validity"} <= answer.unknown and answer.outcome == "awaiting_data"


@pytest.mark.provision("B6.2")
async def test_of_one_that_is_verified_in_full_no_cancellation_is_under_way() -> None:
    portfolio = successor("merger_new", status="valid", ended_on=None)
    portfolio.change(EVENT, {}, case_code=None, handling_code="full")
    assert "held" in (await verdict(portfolio)).failed


@pytest.mark.provision("B6.5")
async def test_what_the_successor_itself_had_lost_long_ago_gives_neither_its_number_nor_its_term() -> (
    None
):
    portfolio = successor()
    lost = {"usc_code": portfolio.usc_code, "certificate_no": "D233000110"}
    portfolio.add(
        CERTIFICATE,
        **lost,
        authority_code="province",
        issued_on=date(2010, 6, 16),
        valid_until=date(2015, 6, 15),
        status_code="cancelled",
    )
    portfolio.add(
        QUALIFICATION,
        **lost,
        qualification_no="LOST",
        category_code="S11",
        subcategory="",
        level="二级",
        valid_from=date(2010, 6, 16),
        valid_to=date(2015, 6, 15),
        status_code="cancelled",
    )
    answer = await verdict(portfolio)
    assert answer.outcome == "granted", answer.summary()
    made = answer.decision
    assert (made["certificate_no"], made["valid_until"]) == (None, EXPIRY)


async def test_it_is_carried_on_by_whatever_ground_handed_it_over_not_by_the_latest_alone() -> None:
    portfolio = successor().event("moved_province", EVENT_DAY + timedelta(5), case="moved_province")
    assert (await verdict(portfolio)).outcome == "granted", (await verdict(portfolio)).summary()


async def test_a_grant_says_whose_qualification_it_carries_on() -> None:
    case = successor()
    other = case.of(EVENT)[0]["counterpart_usc_code"]
    assert (await verdict(case)).decision["predecessor_usc_code"] == other
    assert (await verdict(merged())).decision["predecessor_usc_code"] is None


async def test_who_holds_a_higher_level_carries_no_lower_one_on() -> None:
    """It would take the place of the higher one on the set."""
    case = successor()
    for table in (QUALIFICATION, CERTIFICATE):
        case.change(table, {}, certificate_no="D233000019")
    case.hold("S11", "一级")
    answer = await verdict(case)
    assert answer.failed == {"held"}, answer.summary()
    assert "更高等级" in str(answer.criterion("held")["note"])
    assert (await verdict(case.quarantine(QUALIFICATION, level="一级"))).outcome == "awaiting_data"


async def test_after_a_conversion_nothing_is_carried_on_from_another() -> None:
    portfolio = merged("conversion")
    portfolio.remove(QUALIFICATION).remove(CERTIFICATE)
    assert {"held"} <= (await verdict(portfolio)).failed


# -- what the other side held, and has given up ------------------------------------------


@pytest.mark.provision("B6.3")
async def test_only_one_enterprise_carries_a_qualification_on() -> None:
    answer = await verdict(successor("split", status="valid", ended_on=None))
    assert answer.outcome == "not_accepted", answer.summary()
    assert "held" in answer.failed
    assert "首次申请" in str(answer.criterion("held")["note"])


@pytest.mark.provision("B6.3")
async def test_what_the_other_enterprise_obtained_after_the_split_is_not_carried_on() -> None:
    portfolio = successor("split")
    portfolio.change(QUALIFICATION, {}, valid_from=EVENT_DAY + timedelta(1), valid_to=DAY)
    assert "held" in (await verdict(portfolio)).failed


@pytest.mark.provision("B6.3")
async def test_given_up_before_the_event_whether_for_it_nobody_knows() -> None:
    answer = await verdict(successor(ended_on=EVENT_DAY - timedelta(1)))
    assert answer.outcome == "awaiting_data", answer.summary()
    assert "held" in answer.unknown


async def test_a_level_that_was_told_anew_since_the_event_was_held_on_that_day() -> None:
    """Renewed between event and filing: its channel tells each version by a row of its own."""
    case = successor(ended_on=None)
    (row,) = case.of(QUALIFICATION)
    renewed_on = EVENT_DAY + timedelta(days=3)
    case.add(QUALIFICATION, **row | {"qualification_no": "OLD", "status_code": "replaced"})
    case.rows[QUALIFICATION][-1]["valid_to"] = renewed_on
    row["valid_from"] = renewed_on
    assert (await verdict(case)).outcome == "granted", (await verdict(case)).summary()
    case.rows[QUALIFICATION][-1]["level"] = "一级"
    answer = await verdict(case)
    assert answer.unknown >= {"held"}, "lowered since: is it what is left of the higher one?"
    assert answer.outcome == "awaiting_data"


@pytest.mark.parametrize("ceased", ["struck off", "given up"])
async def test_the_absorbed_side_renews_nothing_after_it_has_ceased(ceased: str) -> None:
    absorbed = Portfolio.meeting("S11", "二级", kind="renewal", filed_on=DAY, expires_on=EXPIRY)
    absorbed.event("merger_absorption", EVENT_DAY, counterpart=absorbed.company(1))
    assert (await verdict(absorbed)).outcome == "granted", "while it is there it may"
    if ceased == "struck off":
        absorbed.change(REGISTRY, {"usc_code": absorbed.usc_code}, state_code="cancelled")
    else:
        absorbed.change(QUALIFICATION, {}, status_code="cancelled", valid_to=EVENT_DAY)
    assert (await verdict(absorbed)).outcome == "not_accepted"


# -- only one carries it on --------------------------------------------------------------


@pytest.mark.provision("B6.3")
@pytest.mark.parametrize("way", WAYS)
def test_what_another_has_carried_on_is_carried_on_by_nobody_else(way: str) -> None:
    """Two enterprises that a split has made: each names the same other side."""
    case, second = (
        successor("split"),
        Portfolio.meeting("S04", "二级", kind="first", filed_on=DAY, nth=2),
    )
    other = case.of(EVENT)[0]["counterpart_usc_code"]
    again(case, usc_code=second.usc_code, predecessor_usc_code=other)
    facts = WAYS[way](Facts.of(frames_of([case, second])), case)
    decided = decide(applications_of([case]), facts, BOOK, instant(DAY, 10))
    held = decided.criteria.filter(criterion="held")
    assert held["result"].to_list() == ["not_met"]
    assert f"由 {second.usc_code} 承继" in held["note"].item()


@pytest.mark.provision("B6.3")
@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ({"category_code": "S04"}, "granted"),
        ({"outcome": "refused"}, "granted"),
        ({"decided_at": instant(EVENT_DAY - timedelta(days=1))}, "granted"),
        ({"decided_at": instant(DAY, 9)}, "not_accepted"),
        ({"decided_at": instant(DAY, 11)}, "granted"),
    ],
    ids=["another category", "refused", "before the split", "earlier that day", "later that day"],
)
async def test_only_a_grant_of_it_since_the_event_and_before_the_decision_counts(
    told: dict[str, Any], outcome: str
) -> None:
    case = successor("split")
    other = case.of(EVENT)[0]["counterpart_usc_code"]
    again(case, usc_code=case.company(2), predecessor_usc_code=other, **told)
    assert (await verdict(case)).outcome == outcome, (await verdict(case)).summary()


@pytest.mark.provision("B6.3")
async def test_what_the_applicant_has_carried_on_itself_once_it_does_not_carry_on_again() -> None:
    """It was withdrawn from it meanwhile, and the event is told anew."""
    case = successor("split")
    other = case.of(EVENT)[0]["counterpart_usc_code"]
    again(case, predecessor_usc_code=other)
    case.change(EVENT, {}, received_at=instant(DAY - timedelta(days=1)))
    assert "held" in (await verdict(case)).failed


@pytest.mark.provision("B6.3")
async def test_what_the_old_enterprise_kept_after_the_split_is_not_handed_over_when_it_gives_it_up() -> (
    None
):
    case = successor("split", ended_on=DAY - timedelta(days=1))
    other = case.of(EVENT)[0]["counterpart_usc_code"]
    assert (await verdict(case)).outcome == "granted"
    assert "held" in (await verdict(again(case, usc_code=other))).failed


# -- the term ----------------------------------------------------------------------------


@pytest.mark.provision("B6.5")
async def test_what_is_carried_on_must_still_be_valid() -> None:
    portfolio = successor()
    portfolio.change(CERTIFICATE, {}, valid_until=DAY - timedelta(1))
    assert "validity" in (await verdict(portfolio)).failed


def carried_on_late() -> Portfolio:
    case = successor()
    case.decided_on = DAY + timedelta(days=7)
    case.rows[intake.COVERAGE.name] = []
    case.cover_everything()
    return case.change(CERTIFICATE, {}, valid_until=DAY + timedelta(days=3))


@pytest.mark.provision("B6.5")
async def test_nor_is_the_term_of_another_carried_on_that_has_run_out_by_then() -> None:
    answer = await verdict(carried_on_late())
    assert answer.outcome == "awaiting_data", answer.summary()
    assert answer.unknown == {"validity"}


# -- the other side in doubt -------------------------------------------------------------


@pytest.mark.parametrize("doubt", ["set apart", "not complete"])
async def test_a_merger_that_is_not_known_may_have_handed_it_over(doubt: str) -> None:
    portfolio = successor()
    if doubt == "set apart":
        portfolio.quarantine(EVENT)
    else:
        portfolio.remove(EVENT).uncover(EVENT)
    answer = await verdict(portfolio)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert {"held", "validity"} <= answer.unknown


@pytest.mark.provision("B6.3")
async def test_an_other_side_that_is_not_named_or_not_in_the_bases_awaits_data() -> None:
    unnamed, stranger = successor(), successor()
    unnamed.change(EVENT, {}, counterpart_usc_code=None)
    stranger.change(EVENT, {}, counterpart_usc_code="91310000MA1FL00009")
    for portfolio in (unnamed, stranger):
        answer = await verdict(portfolio)
        assert answer.outcome == "awaiting_data", answer.summary()
        assert "held" in answer.unknown


@pytest.mark.parametrize(
    ("is_declared", "outcome"), [(True, "not_accepted"), (False, "awaiting_data")]
)
async def test_what_the_other_side_did_not_hold_is_known_by_the_word_for_its_own_city(
    is_declared: bool, outcome: str
) -> None:
    case = successor().remove(QUALIFICATION).remove(CERTIFICATE)
    other = case.of(EVENT)[0]["counterpart_usc_code"]
    case.change(REGISTRY, {"usc_code": other}, region_code="330203")
    for table in (QUALIFICATION, CERTIFICATE):
        case.uncover(table).cover(table, CITY, STATE)
        if is_declared:
            case.cover(table, "330200", STATE)
    assert (await verdict(case)).outcome == outcome, (await verdict(case)).summary()


@pytest.mark.parametrize("table", [REGISTRY, QUALIFICATION, CERTIFICATE])
async def test_rows_of_the_other_side_set_apart_leave_it_open(table: str) -> None:
    case = successor()
    other = case.of(EVENT)[0]["counterpart_usc_code"]
    case.quarantine(table, usc_code=other)
    if table == REGISTRY:
        # Its registration tells nothing that what it held does not.
        assert (await verdict(case)).outcome == "granted"
        case.remove(QUALIFICATION).remove(CERTIFICATE)
    answer = await verdict(case)
    assert answer.outcome == "awaiting_data", answer.summary()


async def test_an_event_whose_other_side_cannot_be_read_may_hand_anything_over() -> None:
    case = successor().quarantine(EVENT, unread=("counterpart_usc_code",))
    answer = await verdict(case)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert {"held", "validity", "reverification_ground"} <= answer.unknown
