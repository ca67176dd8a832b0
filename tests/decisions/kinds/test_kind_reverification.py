"""重新核定: the ground, how it is handled, what is carried on, and for how long (B6, B0.5)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from judge import judge
from portfolio import MONTHLY, Portfolio
from successors import DAY, EVENT_DAY, EXPIRY, handled_as, merged, successor, verdict

FIVE_YEARS, ONE_YEAR = date(2022, 2, 28), date(2018, 2, 28)
STATEMENTS = "base_enterprise__statement"


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
def test_a_case_that_79_lists_is_handled_in_the_simplified_way_and_keeps_its_expiry(
    event: str, case: str
) -> None:
    portfolio = merged(event, case=case).dismiss("worker.15")
    for month in (date(2017, 1, 1), date(2016, 12, 1)):
        for label in dict.fromkeys(portfolio.people.values()):
            portfolio.add(
                MONTHLY, person_key=label, usc_code=portfolio.usc_code, month=month, is_paid=True
            )
    answer = verdict(portfolio)
    assert answer.outcome == "granted", answer.summary()
    assert handled_as(answer) == "simplified"
    assert answer.decision["valid_until"] == EXPIRY


def test_what_79_does_not_list_is_assessed_in_full_and_runs_five_years_anew() -> None:
    answer = verdict(merged())
    assert answer.outcome == "granted", answer.summary()
    assert handled_as(answer) == "full"
    assert answer.decision["valid_until"] == FIVE_YEARS
    short = verdict(merged().dismiss("worker.15"))
    assert short.failed == {"skilled_workers"}, short.summary()


def test_in_full_net_assets_go_by_the_statement_simplified_by_registered_capital() -> None:
    simple = {"case": "absorbed_cancelled"}
    cases = [
        merged(nth=1).state_net_assets(199),
        merged(nth=2).capital(1),
        merged(nth=3, **simple).state_net_assets(1),
        merged(nth=4, **simple).capital(199),
    ]
    assert [v.outcome for v in judge(cases)] == ["refused", "granted", "granted", "refused"]


@pytest.mark.parametrize(("paid_in", "outcome"), [(199, "refused"), (200, "granted")])
def test_where_the_capital_changed_with_it_what_was_paid_in_counts(
    paid_in: int, outcome: str
) -> None:
    portfolio = merged(case="absorbed_cancelled").event("capital", EVENT_DAY)
    portfolio.change(
        "base_enterprise__registry", {}, paid_in_capital_yuan=Decimal(paid_in * 10_000)
    )
    assert verdict(portfolio).outcome == outcome


def test_paid_in_capital_that_nobody_delivered_is_not_zero() -> None:
    answer = verdict(merged(case="absorbed_cancelled").event("capital", EVENT_DAY))
    assert answer.outcome == "awaiting_data"
    assert answer.unknown == {"net_assets"}


def test_a_capital_change_before_the_merger_is_not_part_of_it() -> None:
    portfolio = merged(case="absorbed_cancelled").event("capital", EVENT_DAY - timedelta(1))
    assert verdict(portfolio).outcome == "granted"


def test_while_the_old_enterprise_is_being_struck_off_the_certificate_runs_one_year() -> None:
    answer = verdict(merged(case="cancellation_pending"))
    assert answer.outcome == "granted", answer.summary()
    assert answer.decision["valid_until"] == ONE_YEAR


def test_when_it_has_been_struck_off_the_certificate_is_exchanged_for_one_of_five_years() -> None:
    portfolio = merged(case="cancellation_pending")
    portfolio.change("base_enterprise__event", {}, happened_on=date(2016, 6, 1))
    portfolio.event("merger_absorption", EVENT_DAY, case="absorbed_cancelled")
    assert verdict(portfolio).decision["valid_until"] == FIVE_YEARS


@pytest.mark.parametrize("case", [None, "foreign_capital_left", "merged_cancelled"])
def test_a_handling_that_is_missing_or_contradicts_the_event_awaits_data(case: str | None) -> None:
    portfolio = merged(case="absorbed_cancelled")
    portfolio.change("base_enterprise__event", {}, case_code=case)
    answer = verdict(portfolio)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert answer.unknown == {"reverification_ground"}


@pytest.mark.parametrize("handling", [None, "full"])
def test_full_handling_that_names_a_simplified_case_or_none_at_all_awaits_data(
    handling: str | None,
) -> None:
    portfolio = merged(case="absorbed_cancelled")
    portfolio.change("base_enterprise__event", {}, handling_code=handling)
    assert verdict(portfolio).outcome == "awaiting_data"


# -- months of insurance (B0.5) ----------------------------------------------------------


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
def test_one_month_is_enough_but_not_for_the_old_enterprise_of_a_split(
    event: str, established_on: date | None, outcome: str
) -> None:
    portfolio = merged(event)
    portfolio.change("base_enterprise__registry", {}, established_on=established_on)
    for month in (date(2017, 1, 1), date(2016, 12, 1)):
        portfolio.cover(MONTHLY, "330100", month)
    answer = verdict(portfolio)
    assert answer.outcome == outcome, answer.summary()


def test_the_months_of_a_new_enterprise_count_nobody_while_it_may_be_the_old_one() -> None:
    """B0.5: one month is enough of who is surely new; the day of its foundation is not told."""
    portfolio = merged("split")
    for month in (date(2017, 1, 1), date(2016, 12, 1)):
        portfolio.cover(MONTHLY, "330100", month)
    new = portfolio.change("base_enterprise__registry", {}, established_on=EVENT_DAY)
    assert verdict(new).results["titled_staff"] == "met"
    unknown = portfolio.change("base_enterprise__registry", {}, established_on=None)
    assert verdict(unknown).results["titled_staff"] != "met"


# -- the ground --------------------------------------------------------------------------


def test_without_a_ground_it_is_not_accepted_and_the_remedy_is_named() -> None:
    portfolio = Portfolio.meeting("S11", "二级", kind="reverification", filed_on=DAY)
    answer = verdict(portfolio)
    assert answer.outcome == "not_accepted"
    assert answer.failed == {"reverification_ground"}
    assert "变更" in str(answer.criterion("reverification_ground")["note"])


@pytest.mark.parametrize(
    ("happened_on", "outcome"),
    [
        (date(2013, 6, 15), "not_accepted"),
        (date(2013, 6, 16), "granted"),
        (DAY, "granted"),
        (DAY + timedelta(1), "not_accepted"),
    ],
)
def test_only_what_happened_from_the_issue_of_the_certificate_to_the_filing_is_a_ground(
    happened_on: date, outcome: str
) -> None:
    portfolio = merged()
    assert portfolio.of("base_enterprise__certificate")[0]["issued_on"] == date(2013, 6, 16)
    portfolio.change("base_enterprise__event", {}, happened_on=happened_on)
    assert verdict(portfolio).outcome == outcome


def test_what_was_re_verified_since_is_no_ground_any_more() -> None:
    again = merged().decided("reverification", "granted", EVENT_DAY + timedelta(5), level="二级")
    assert verdict(again).failed == {"reverification_ground"}
    other = merged(nth=2).decided(
        "reverification", "granted", EVENT_DAY + timedelta(5), level="二级", code="S04"
    )
    assert verdict(other).outcome == "granted", "it is asked for each category"


def test_an_event_set_apart_neither_opens_nor_closes_the_way() -> None:
    portfolio = merged().quarantine("base_enterprise__event")
    answer = verdict(portfolio)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert "reverification_ground" in answer.unknown


def test_without_the_channels_word_that_no_event_is_missing_it_awaits_data() -> None:
    portfolio = Portfolio.meeting("S11", "二级", kind="reverification", filed_on=DAY)
    portfolio.capital(200).uncover("base_enterprise__event")
    answer = verdict(portfolio)
    assert answer.outcome == "awaiting_data"
    assert answer.unknown == {"reverification_ground"}


@pytest.mark.parametrize(
    ("filed_on", "event", "outcome"),
    [
        (date(2023, 9, 14), "merger_absorption", "granted"),
        (date(2023, 9, 15), "merger_absorption", "awaiting_data"),
        (date(2023, 9, 15), "split", "awaiting_data"),
        (date(2023, 9, 15), "conversion", "granted"),
    ],
)
def test_from_2023_09_15_what_reorganisations_are_asked_has_no_data_and_waits(
    filed_on: date, event: str, outcome: str
) -> None:
    portfolio = Portfolio.meeting("S11", "二级", kind="reverification", filed_on=filed_on)
    portfolio.event(event, filed_on - timedelta(20))
    answer = verdict(portfolio)
    assert answer.outcome == outcome, answer.summary()


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


def test_a_ground_that_was_answered_asks_for_nothing_any_more() -> None:
    portfolio = merged("moved_province", case="moved_province").dismiss("worker.15")
    portfolio.event("split", date(2012, 5, 1))
    answer = verdict(portfolio)
    assert (answer.outcome, handled_as(answer)) == ("granted", "simplified"), answer.summary()


@pytest.mark.parametrize("doubt", ["another event", "the channel's word", "the certificate"])
def test_how_it_is_handled_is_only_known_when_all_grounds_are(doubt: str) -> None:
    portfolio = merged("moved_province", case="moved_province")
    if doubt == "another event":
        number = portfolio.event("rename", EVENT_DAY).rows["base_enterprise__event"][-1]["event_no"]
        portfolio.quarantine("base_enterprise__event", event_no=number)
    elif doubt == "the channel's word":
        portfolio.uncover("base_enterprise__event")
    else:
        portfolio.quarantine("base_enterprise__certificate")
    answer = verdict(portfolio)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert "reverification_ground" in answer.unknown


# -- carried on from another enterprise --------------------------------------------------


def test_a_new_enterprise_carries_on_what_the_merged_one_held_and_gave_up() -> None:
    answer = verdict(successor())
    assert answer.outcome == "granted", answer.summary()
    made = answer.decision
    assert (made["effect"], made["certificate_no"]) == ("reverify", None), "a number is drawn"
    assert made["valid_until"] == EXPIRY, "simplified: the running expiry"


def test_what_the_successor_itself_had_lost_long_ago_gives_neither_its_number_nor_its_term() -> (
    None
):
    portfolio = successor()
    lost = {"usc_code": portfolio.usc_code, "certificate_no": "D233000110"}
    portfolio.add(
        "base_enterprise__certificate",
        **lost,
        authority_code="province",
        issued_on=date(2010, 6, 16),
        valid_until=date(2015, 6, 15),
        status_code="cancelled",
    )
    portfolio.add(
        "base_enterprise__qualification",
        **lost,
        qualification_no="LOST",
        category_code="S11",
        subcategory="",
        level="二级",
        valid_from=date(2010, 6, 16),
        valid_to=date(2015, 6, 15),
        status_code="cancelled",
    )
    answer = verdict(portfolio)
    assert answer.outcome == "granted", answer.summary()
    made = answer.decision
    assert (made["certificate_no"], made["valid_until"]) == (None, EXPIRY)


def test_it_is_carried_on_by_whatever_ground_handed_it_over_not_by_the_latest_alone() -> None:
    portfolio = successor().event("moved_province", EVENT_DAY + timedelta(5), case="moved_province")
    assert verdict(portfolio).outcome == "granted", verdict(portfolio).summary()


@pytest.mark.parametrize("doubt", ["set apart", "not complete"])
def test_a_merger_that_is_not_known_may_have_handed_it_over(doubt: str) -> None:
    portfolio = successor()
    if doubt == "set apart":
        portfolio.quarantine("base_enterprise__event")
    else:
        portfolio.remove("base_enterprise__event").uncover("base_enterprise__event")
    answer = verdict(portfolio)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert {"held", "validity"} <= answer.unknown


def test_only_one_enterprise_carries_a_qualification_on() -> None:
    answer = verdict(successor("split", status="valid", ended_on=None))
    assert answer.outcome == "not_accepted", answer.summary()
    assert "held" in answer.failed
    assert "首次申请" in str(answer.criterion("held")["note"])


def test_what_the_other_enterprise_obtained_after_the_split_is_not_carried_on() -> None:
    portfolio = successor("split")
    portfolio.change(
        "base_enterprise__qualification", {}, valid_from=EVENT_DAY + timedelta(1), valid_to=DAY
    )
    assert "held" in verdict(portfolio).failed


def test_given_up_before_the_event_whether_for_it_nobody_knows() -> None:
    answer = verdict(successor(ended_on=EVENT_DAY - timedelta(1)))
    assert answer.outcome == "awaiting_data", answer.summary()
    assert "held" in answer.unknown


def test_an_other_side_that_is_not_named_or_not_in_the_bases_awaits_data() -> None:
    unnamed, stranger = successor(), successor()
    unnamed.change("base_enterprise__event", {}, counterpart_usc_code=None)
    stranger.change("base_enterprise__event", {}, counterpart_usc_code="91310000MA1FL00009")
    for portfolio in (unnamed, stranger):
        answer = verdict(portfolio)
        assert answer.outcome == "awaiting_data", answer.summary()
        assert "held" in answer.unknown


def test_after_a_conversion_nothing_is_carried_on_from_another() -> None:
    portfolio = merged("conversion")
    portfolio.remove("base_enterprise__qualification").remove("base_enterprise__certificate")
    assert {"held"} <= verdict(portfolio).failed


def test_what_is_carried_on_must_still_be_valid() -> None:
    portfolio = successor()
    portfolio.change("base_enterprise__certificate", {}, valid_until=DAY - timedelta(1))
    assert "validity" in verdict(portfolio).failed


# -- the other kinds ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["addition", "upgrade"])
def test_after_a_merger_nothing_is_added_before_it_was_re_verified(kind: str) -> None:
    level = "一级" if kind == "upgrade" else "二级"
    portfolio = Portfolio.meeting("S11", level, kind=kind, filed_on=DAY)
    answer = verdict(portfolio.event("merger_absorption", EVENT_DAY))
    assert answer.outcome == "not_accepted", answer.summary()
    assert answer.failed == {"reverification_due"}
    assert "吸收合并" in str(answer.criterion("reverification_due")["actual"])
    assert "merger_absorption" not in answer.reason


@pytest.mark.parametrize("kind", ["addition", "upgrade"])
def test_an_event_in_doubt_or_not_delivered_leaves_an_upgrade_and_an_addition_waiting(
    kind: str,
) -> None:
    level = "一级" if kind == "upgrade" else "二级"
    for change in ("quarantine", "uncover"):
        portfolio = Portfolio.meeting("S11", level, kind=kind, filed_on=DAY)
        if change == "quarantine":
            portfolio.event("split", EVENT_DAY).quarantine("base_enterprise__event")
        else:
            portfolio.uncover("base_enterprise__event")
        answer = verdict(portfolio)
        assert answer.outcome == "awaiting_data", answer.summary()
        assert answer.unknown == {"reverification_due"}


def test_a_day_of_issue_in_doubt_makes_no_event_a_ground() -> None:
    """The certificate may have been issued after the merger: no upgrade is turned away for it."""
    portfolio = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY)
    portfolio.event("merger_absorption", EVENT_DAY).quarantine("base_enterprise__certificate")
    answer = verdict(portfolio)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert "reverification_due" in answer.unknown


def test_a_level_granted_after_the_merger_needs_no_re_verification_for_it() -> None:
    portfolio = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY)
    lower = portfolio.of("base_enterprise__qualification")[0]
    day = date(2015, 6, 1)
    lower.update(valid_from=day)
    portfolio.event("merger_absorption", day - timedelta(1))
    assert verdict(portfolio).results["reverification_due"] == "met"
    portfolio.change("base_enterprise__event", {}, happened_on=day)
    assert verdict(portfolio).results["reverification_due"] == "not_met"
