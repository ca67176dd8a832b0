"""Mergers and splits beside other matters: what answers them, and that nobody carries on twice (B6)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from judge import judge
from portfolio import CITY, STATE, Portfolio, applications_of, frames_of, instant
from shipped import BOOK
from successors import DAY, EVENT_DAY, EXPIRY, handled_as, merged, successor, verdict
from ways import WAYS

from assets.tables import intake
from decisions.engine import decide
from decisions.facts import Facts

QUALIFICATION, CERTIFICATE = "base_enterprise__qualification", "base_enterprise__certificate"
EVENT, REGISTRY, DECISION = (
    "base_enterprise__event",
    "base_enterprise__registry",
    "decision__decision",
)
AGAIN_ON = EVENT_DAY + timedelta(days=5)


def again(portfolio: Portfolio, on: date = AGAIN_ON, **other: Any) -> Portfolio:
    """Miaoban re-verified S11 二级 on a day; `other`: what else its decision says."""
    portfolio.decided("reverification", "granted", on, level="二级", code="S11")
    portfolio.rows[DECISION][-1].update(other)
    return portfolio


# -- what answers a merger ---------------------------------------------------------------


def test_a_merger_told_after_a_re_verification_is_not_answered_by_it() -> None:
    """It was verified for another ground: the merger may ask for more, or hand something over."""
    portfolio = again(merged("moved_province", case="moved_province"))
    portfolio.event("merger_absorption", EVENT_DAY)
    late = portfolio.rows[EVENT][-1]
    assert verdict(portfolio).failed == {"reverification_ground"}, "told the day after"
    late["received_at"] = instant(AGAIN_ON, 9)
    answer = verdict(portfolio)
    assert (answer.outcome, handled_as(answer)) == ("granted", "full"), answer.summary()


def test_what_happened_while_a_re_verification_was_open_is_not_answered_by_it() -> None:
    """It looks at what happened up to its filing."""
    before = again(merged(nth=1), filed_at=instant(EVENT_DAY, 12))
    after = again(merged(nth=2), filed_at=instant(EVENT_DAY - timedelta(days=1), 12))
    assert [one.outcome for one in judge([before, after])] == ["not_accepted", "granted"]


def test_an_addition_waits_for_no_re_verification_of_what_was_verified_since() -> None:
    cases = []
    for nth in (1, 2):
        case = Portfolio.meeting("S04", "二级", kind="addition", filed_on=DAY, nth=nth)
        cases.append(case.event("merger_absorption", EVENT_DAY))
    again(cases[1])
    first, second = judge(cases)
    assert first.failed == {"reverification_due"}, first.summary()
    assert second.outcome == "granted", second.summary()


SINCE = DAY + timedelta(days=3)


def open_since(kind: str, level: str, nth: int = 1) -> Portfolio:
    """A matter filed before a merger is registered, decided a week later."""
    portfolio = Portfolio.meeting(
        "S11", level, kind=kind, filed_on=DAY, decided_on=DAY + timedelta(days=7), nth=nth
    )
    if kind == "change":
        portfolio.change(REGISTRY, {"usc_code": portfolio.usc_code}, address="新址")
    return portfolio.event("merger_absorption", SINCE)


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


def test_a_change_prints_nothing_that_a_merger_since_the_filing_has_made() -> None:
    answer = verdict(open_since("change", "二级"))
    assert answer.failed == {"change_ground"}, answer.summary()
    assert "重新核定" in str(answer.criterion("change_ground")["note"])


@pytest.mark.parametrize(("kind", "level"), [("renewal", "二级"), ("replacement", "二级")])
def test_a_renewal_and_a_replacement_go_on(kind: str, level: str) -> None:
    assert verdict(open_since(kind, level)).outcome == "granted"


# -- the term ----------------------------------------------------------------------------


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


def carried_on_late() -> Portfolio:
    case = successor()
    case.decided_on = DAY + timedelta(days=7)
    case.rows[intake.COVERAGE.name] = []
    case.cover_everything()
    return case.change(CERTIFICATE, {}, valid_until=DAY + timedelta(days=3))


def test_nor_is_the_term_of_another_carried_on_that_has_run_out_by_then() -> None:
    answer = verdict(carried_on_late())
    assert answer.outcome == "awaiting_data", answer.summary()
    assert answer.unknown == {"validity"}


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
def test_a_certificate_of_one_year_is_exchanged_once_and_for_its_own_merger(
    case: str, between: bool, valid_until: date
) -> None:
    answer = verdict(exchanged(case, between=between))
    assert answer.outcome == "granted", answer.summary()
    assert answer.decision["valid_until"] == valid_until


@pytest.mark.parametrize(
    ("valid_until", "case", "failed"),
    [
        (date(2017, 5, 31), "cancellation_pending", {"exchange_due"}),
        (date(2021, 5, 31), "cancellation_pending", set()),
        (date(2017, 5, 31), "within_group", set()),
    ],
    ids=["for one year", "exchanged for five", "kept from before"],
)
def test_a_certificate_of_one_year_is_exchanged_not_renewed(
    valid_until: date, case: str, failed: set[str]
) -> None:
    """Else it would run on for five years, and the other side's with it (79号, case 3)."""
    portfolio = Portfolio.meeting(
        "S11", "二级", kind="renewal", filed_on=DAY, expires_on=date(2017, 5, 31)
    )
    portfolio.event("merger_absorption", date(2016, 5, 1), case=case)
    answer = verdict(again(portfolio, date(2016, 6, 1), valid_until=valid_until))
    assert answer.failed == failed, answer.summary()


# -- only one carries on, and only what there is ------------------------------------------


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
def test_only_a_grant_of_it_since_the_event_and_before_the_decision_counts(
    told: dict[str, Any], outcome: str
) -> None:
    case = successor("split")
    other = case.of(EVENT)[0]["counterpart_usc_code"]
    again(case, usc_code=case.company(2), predecessor_usc_code=other, **told)
    assert verdict(case).outcome == outcome, verdict(case).summary()


def test_what_the_applicant_has_carried_on_itself_once_it_does_not_carry_on_again() -> None:
    """It was withdrawn from it meanwhile, and the event is told anew."""
    case = successor("split")
    other = case.of(EVENT)[0]["counterpart_usc_code"]
    again(case, predecessor_usc_code=other)
    case.change(EVENT, {}, received_at=instant(DAY - timedelta(days=1)))
    assert "held" in verdict(case).failed


def test_what_the_old_enterprise_kept_after_the_split_is_not_handed_over_when_it_gives_it_up() -> (
    None
):
    case = successor("split", ended_on=DAY - timedelta(days=1))
    other = case.of(EVENT)[0]["counterpart_usc_code"]
    assert verdict(case).outcome == "granted"
    assert "held" in verdict(again(case, usc_code=other)).failed


def test_a_grant_says_whose_qualification_it_carries_on() -> None:
    case = successor()
    other = case.of(EVENT)[0]["counterpart_usc_code"]
    assert verdict(case).decision["predecessor_usc_code"] == other
    assert verdict(merged()).decision["predecessor_usc_code"] is None


def test_who_holds_a_higher_level_carries_no_lower_one_on() -> None:
    """It would take the place of the higher one on the set."""
    case = successor()
    for table in (QUALIFICATION, CERTIFICATE):
        case.change(table, {}, certificate_no="D233000019")
    case.hold("S11", "一级")
    answer = verdict(case)
    assert answer.failed == {"held"}, answer.summary()
    assert "更高等级" in str(answer.criterion("held")["note"])
    assert verdict(case.quarantine(QUALIFICATION, level="一级")).outcome == "awaiting_data"


def test_a_level_that_was_told_anew_since_the_event_was_held_on_that_day() -> None:
    """Renewed between event and filing: its channel tells each version by a row of its own."""
    case = successor(ended_on=None)
    (row,) = case.of(QUALIFICATION)
    renewed_on = EVENT_DAY + timedelta(days=3)
    case.add(QUALIFICATION, **row | {"qualification_no": "OLD", "status_code": "replaced"})
    case.rows[QUALIFICATION][-1]["valid_to"] = renewed_on
    row["valid_from"] = renewed_on
    assert verdict(case).outcome == "granted", verdict(case).summary()
    case.rows[QUALIFICATION][-1]["level"] = "一级"
    answer = verdict(case)
    assert answer.unknown >= {"held"}, "lowered since: is it what is left of the higher one?"
    assert answer.outcome == "awaiting_data"


# -- the other side in doubt ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("is_declared", "outcome"), [(True, "not_accepted"), (False, "awaiting_data")]
)
def test_what_the_other_side_did_not_hold_is_known_by_the_word_for_its_own_city(
    is_declared: bool, outcome: str
) -> None:
    case = successor().remove(QUALIFICATION).remove(CERTIFICATE)
    other = case.of(EVENT)[0]["counterpart_usc_code"]
    case.change(REGISTRY, {"usc_code": other}, region_code="330203")
    for table in (QUALIFICATION, CERTIFICATE):
        case.uncover(table).cover(table, CITY, STATE)
        if is_declared:
            case.cover(table, "330200", STATE)
    assert verdict(case).outcome == outcome, verdict(case).summary()


@pytest.mark.parametrize("table", [REGISTRY, QUALIFICATION, CERTIFICATE])
def test_rows_of_the_other_side_set_apart_leave_it_open(table: str) -> None:
    case = successor()
    other = case.of(EVENT)[0]["counterpart_usc_code"]
    case.quarantine(table, usc_code=other)
    if table == REGISTRY:
        # Its registration tells nothing that what it held does not.
        assert verdict(case).outcome == "granted"
        case.remove(QUALIFICATION).remove(CERTIFICATE)
    answer = verdict(case)
    assert answer.outcome == "awaiting_data", answer.summary()


def test_an_event_whose_other_side_cannot_be_read_may_hand_anything_over() -> None:
    case = successor().quarantine(EVENT, unread=("counterpart_usc_code",))
    answer = verdict(case)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert {"held", "validity", "reverification_ground"} <= answer.unknown


@pytest.mark.parametrize("ceased", ["struck off", "given up"])
def test_the_absorbed_side_renews_nothing_after_it_has_ceased(ceased: str) -> None:
    absorbed = Portfolio.meeting("S11", "二级", kind="renewal", filed_on=DAY, expires_on=EXPIRY)
    absorbed.event("merger_absorption", EVENT_DAY, counterpart=absorbed.company(1))
    assert verdict(absorbed).outcome == "granted", "while it is there it may"
    if ceased == "struck off":
        absorbed.change(REGISTRY, {"usc_code": absorbed.usc_code}, state_code="cancelled")
    else:
        absorbed.change(QUALIFICATION, {}, status_code="cancelled", valid_to=EVENT_DAY)
    assert verdict(absorbed).outcome == "not_accepted"
