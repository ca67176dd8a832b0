"""A lower level after a renewal refused or a withdrawal, within three months (B3.4, B6.7, D6)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from judge import Verdict, judge
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio
from together import verdict_on

DAY = date(2017, 3, 1)
IN_TIME, TOO_OLD = date(2016, 12, 1), date(2016, 11, 30)


def lost(*, nth: int | None = None, filed_on: date = DAY) -> Portfolio:
    """One that meets S11 二级 exactly, has held 一级, and holds no 二级."""
    portfolio = Portfolio.meeting("S11", "二级", kind="reverification", filed_on=filed_on, nth=nth)
    portfolio.remove("base_enterprise__qualification").remove("base_enterprise__certificate")
    return portfolio.hold("S11", "一级", expires_on=filed_on + timedelta(40))


def withdrawn(last_day: date | None, *, nth: int | None = None, filed_on: date = DAY) -> Portfolio:
    portfolio = lost(nth=nth, filed_on=filed_on)
    return portfolio.change(
        "base_enterprise__qualification", {}, status_code="withdrawn", valid_to=last_day
    )


async def verdict(portfolio: Portfolio) -> Verdict:
    return await verdict_on(portfolio)


@pytest.mark.provision("B3.4", "B6.7")
@pytest.mark.parametrize(
    ("refused_on", "outcome"), [(IN_TIME, "granted"), (TOO_OLD, "not_accepted")]
)
async def test_three_months_run_from_the_day_the_renewal_was_refused(
    refused_on: date, outcome: str
) -> None:
    answer = await verdict(lost().decided("renewal", "refused", refused_on, level="一级"))
    assert answer.outcome == outcome, answer.summary()
    if outcome == "not_accepted":
        assert answer.failed == {"lower_level_ground"}
        assert "最低等级" in str(answer.criterion("lower_level_ground")["note"])


@pytest.mark.provision("D6", "B6.7")
@pytest.mark.parametrize(
    ("last_day", "outcome"),
    [(date(2016, 11, 30), "granted"), (date(2016, 11, 29), "not_accepted")],
)
async def test_three_months_run_from_the_day_after_the_level_was_last_held(
    last_day: date, outcome: str
) -> None:
    answer = await verdict(withdrawn(last_day))
    assert answer.outcome == outcome, answer.summary()


@pytest.mark.provision("B3.4")
async def test_a_term_that_ends_in_a_month_without_its_day_ends_on_the_last() -> None:
    last = lost(filed_on=date(2017, 2, 28)).decided(
        "renewal", "refused", date(2016, 11, 30), level="一级"
    )
    after = lost(nth=2).decided("renewal", "refused", date(2016, 11, 30), level="一级")
    assert [(await verdict(one)).outcome for one in (last, after)] == ["granted", "not_accepted"]


@pytest.mark.provision("B6.7")
async def test_the_lower_level_takes_the_place_of_the_lost_one_for_five_years() -> None:
    made = (await verdict(lost().decided("renewal", "refused", IN_TIME, level="一级"))).decision
    assert made["effect"] == "reverify"
    assert made["level"] == "二级"
    assert made["valid_until"] == date(2022, 2, 28)


@pytest.mark.provision("D6")
async def test_after_a_withdrawal_of_the_only_qualification_a_set_is_begun() -> None:
    made = (await verdict(withdrawn(date(2017, 2, 1)))).decision
    assert (made["outcome"], made["certificate_no"]) == ("granted", None)


@pytest.mark.provision("B6.7", "D6")
@pytest.mark.parametrize("way", ["renewal refused", "withdrawn"])
@pytest.mark.parametrize(
    "ended",
    [
        {"status_code": "cancelled", "valid_to": date(2012, 6, 1)},
        {"status_code": "cancelled", "valid_to": None},
        {"status_code": "valid", "valid_to": None},  # its certificate ran out
    ],
)
async def test_an_old_spell_of_the_lower_level_that_has_ended_stands_in_nobodys_way(
    way: str, ended: dict[str, object]
) -> None:
    if way == "withdrawn":
        portfolio = withdrawn(date(2017, 2, 1))
    else:
        portfolio = lost().decided("renewal", "refused", IN_TIME, level="一级")
    (certified,) = portfolio.of("base_enterprise__certificate")
    (row,) = portfolio.of("base_enterprise__qualification")
    old = {"certificate_no": "D233999990"}
    printed = {"issued_on": date(2008, 1, 1), "valid_until": date(2012, 12, 31)}
    portfolio.add("base_enterprise__certificate", **certified | old | printed)
    spell = {"qualification_no": "OLD", "level": "二级", "valid_from": date(2008, 1, 1)}
    portfolio.add("base_enterprise__qualification", **row | old | spell | ended)
    answer = await verdict(portfolio)
    assert answer.outcome == "granted", answer.summary()


@pytest.mark.provision("B6.7")
async def test_it_is_assessed_in_full() -> None:
    portfolio = lost().decided("renewal", "refused", IN_TIME, level="一级")
    assert (await verdict(portfolio.dismiss("worker.15"))).failed == {"skilled_workers"}
    poor = lost().decided("renewal", "refused", IN_TIME, level="一级")
    assert (await verdict(poor.state_net_assets(199))).failed == {"net_assets"}


@pytest.mark.provision("B3.4")
async def test_a_renewal_granted_since_is_no_loss() -> None:
    portfolio = lost().decided("renewal", "refused", IN_TIME, level="一级")
    portfolio.decided("renewal", "granted", date(2017, 1, 10), level="一级")
    answer = await verdict(portfolio)
    assert answer.outcome == "not_accepted"
    assert "reverification_ground" in answer.failed


@pytest.mark.provision("B3.4")
async def test_nor_is_what_has_been_verified_anew_since() -> None:
    portfolio = lost().decided("renewal", "refused", IN_TIME, level="一级")
    portfolio.decided("reverification", "granted", date(2017, 1, 10), level="一级")
    answer = await verdict(portfolio)
    assert answer.outcome == "not_accepted", answer.summary()


@pytest.mark.provision("D6")
async def test_nothing_lower_takes_the_place_of_a_level_that_was_granted_anew_after_the_loss() -> (
    None
):
    portfolio = withdrawn(date(2017, 1, 15))
    (first,) = portfolio.of("base_enterprise__qualification")
    portfolio.add(
        "base_enterprise__qualification",
        **first
        | {
            "qualification_no": "AGAIN",
            "valid_from": date(2017, 2, 1),
            "valid_to": None,
            "status_code": "valid",
        },
    )
    answer = await verdict(portfolio)
    assert answer.outcome == "not_accepted", answer.summary()
    assert "reverification_ground" in answer.failed


@pytest.mark.provision("B3.4")
@pytest.mark.parametrize(
    "more",
    [{"level": "二级"}, {"level": "一级", "code": "S04"}],
    ids=["not higher", "another category"],
)
async def test_only_a_higher_level_of_the_same_category_counts(more: dict[str, str]) -> None:
    answer = await verdict(lost().decided("renewal", "refused", IN_TIME, **more))
    assert answer.outcome == "not_accepted", answer.summary()


@pytest.mark.provision("B3.4")
def test_a_refusal_of_another_enterprise_does_not_count() -> None:
    mine = lost(nth=1)
    other = lost(nth=2).decided("renewal", "refused", IN_TIME, level="一级")
    answers = judge([mine, other])
    assert [one.outcome for one in answers] == ["not_accepted", "granted"]


@pytest.mark.provision("B3.4")
async def test_a_refusal_after_the_filing_does_not_count() -> None:
    answer = await verdict(lost().decided("renewal", "refused", DAY + timedelta(1), level="一级"))
    assert answer.outcome == "not_accepted"


@pytest.mark.provision("B3.4")
@pytest.mark.parametrize(("hour", "outcome"), [(7, "not_accepted"), (8, "granted"), (9, "granted")])
async def test_a_refusal_later_on_the_day_of_filing_does_not_count(hour: int, outcome: str) -> None:
    portfolio = lost().decided("renewal", "refused", DAY, level="一级")  # at eight
    portfolio.hour = hour
    assert (await verdict(portfolio)).outcome == outcome


@pytest.mark.provision("D6")
@pytest.mark.parametrize("how", ["no day", "set apart", "not complete"])
async def test_a_withdrawal_that_is_not_known_for_certain_awaits_data(how: str) -> None:
    portfolio = withdrawn(None if how == "no day" else date(2017, 2, 1))
    if how == "set apart":
        portfolio.quarantine("base_enterprise__qualification")
    if how == "not complete":
        portfolio = withdrawn(date(2016, 6, 1)).uncover("base_enterprise__qualification")
    answer = await verdict(portfolio)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert "lower_level_ground" in answer.unknown


@pytest.mark.provision("D6")
async def test_how_a_higher_level_ended_is_not_known_by_a_row_that_is_not_trusted() -> None:
    portfolio = withdrawn(date(2017, 2, 1))
    portfolio.change("base_enterprise__qualification", {}, status_code="valid", valid_to=None)
    answer = await verdict(portfolio.quarantine("base_enterprise__qualification"))
    assert answer.outcome == "awaiting_data", answer.summary()
    assert "lower_level_ground" in answer.unknown


@pytest.mark.provision("C5", "C6", "B3.7")
def test_false_facts_in_the_renewal_do_not_bar_from_a_lower_level_but_fraud_does() -> None:
    """200号 (C6): not renewed, a lower level may be verified; fraudulently obtained: barred."""
    cases = []
    for nth, ground in enumerate(("申请弄虚作假", "骗取资质"), 1):
        portfolio = lost(nth=nth).decided("renewal", "refused", IN_TIME, level="一级")
        portfolio.bar(date(2017, 1, 1), date(2017, 12, 31))
        cases.append(portfolio.change("base_credit__bar", {}, ground=ground))
    first, second = judge(cases)
    assert first.outcome == "granted", first.summary()
    assert second.failed == {"bar"}, second.summary()


def not_delivered(portfolio: Portfolio, table: str) -> Portfolio:
    """Its rows are not there, and no channel says that there are none."""
    return portfolio.remove(table).uncover(table)


@pytest.mark.provision("B6.7")
@pytest.mark.parametrize("told_before", ["一级", "二级"])
@pytest.mark.parametrize("unread", [(), ("level",), ("subcategory", "valid_from")])
async def test_while_the_level_applied_for_may_be_held_already_nobody_knows_which_ground_it_is(
    told_before: str, unread: tuple[str, ...]
) -> None:
    """A newer row is set apart: 二级 held leaves no ground, 一级 lost opens 二级."""
    portfolio = lost().decided("renewal", "refused", IN_TIME, level="一级")
    (row,) = portfolio.of("base_enterprise__qualification")
    portfolio.quarantine("base_enterprise__qualification", unread=unread)
    before = row | {"level": told_before, "received_at": row["received_at"] - timedelta(1)}
    answer = await verdict(portfolio.add("base_enterprise__qualification", **before))
    assert answer.outcome == "awaiting_data", answer.summary()
    assert "lower_level_ground" in answer.unknown
    assert not disagreements(answer, plainly(portfolio))


@pytest.mark.provision("B6.7")
@pytest.mark.parametrize("unread", [(), ("level",)])
async def test_nor_is_a_level_granted_that_a_row_set_apart_may_tell_as_held(
    unread: tuple[str, ...],
) -> None:
    portfolio = lost().decided("renewal", "refused", IN_TIME, level="一级")
    portfolio.hold("S11", "二级")
    row = portfolio.of("base_enterprise__qualification")[-1]
    portfolio.quarantine(
        "base_enterprise__qualification", unread=unread, qualification_no=row["qualification_no"]
    )
    answer = await verdict(portfolio)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert "lower_level_ground" in answer.unknown
    assert not disagreements(answer, plainly(portfolio))


@pytest.mark.provision("D6", "B6.7")
async def test_a_withdrawal_that_is_not_delivered_yet_turns_nobody_away() -> None:
    portfolio = not_delivered(withdrawn(IN_TIME), "base_enterprise__qualification")
    answer = await verdict(portfolio)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert {"reverification_ground", "validity"} <= answer.unknown
    assert not disagreements(answer, plainly(portfolio))


@pytest.mark.provision("C5", "C6")
async def test_nor_do_false_facts_bar_who_may_apply_for_a_lower_level() -> None:
    portfolio = not_delivered(withdrawn(IN_TIME), "base_enterprise__qualification")
    portfolio.bar(date(2017, 1, 1), date(2017, 12, 31))
    portfolio.change("base_credit__bar", {}, ground="申请弄虚作假")
    answer = await verdict(portfolio)
    assert answer.outcome == "awaiting_data", answer.summary()
    assert "bar" in answer.unknown
    assert not disagreements(answer, plainly(portfolio))


@pytest.mark.provision("B6.7")
@pytest.mark.parametrize("lost_on", [IN_TIME, TOO_OLD])
async def test_while_a_merger_may_be_on_record_a_lost_level_neither_grants_nor_turns_away(
    lost_on: date,
) -> None:
    """Reading 45: with a merger nobody knows which decides, and a loss of long ago is no matter."""
    portfolio = lost().decided("renewal", "refused", lost_on, level="一级")
    answer = await verdict(portfolio.uncover("base_enterprise__event"))
    assert answer.outcome == "awaiting_data", answer.summary()
    assert answer.unknown == {"lower_level_ground"}
    assert not disagreements(answer, plainly(portfolio))


def merged(portfolio: Portfolio) -> Portfolio:
    """Another enterprise, struck off, held 二级 up to a merger, in the simplified way of 79号."""
    day = DAY - timedelta(30)
    other = portfolio.company(1)
    portfolio.event("merger_absorption", day, case="absorbed_cancelled", counterpart=other)
    portfolio.hold("S11", "二级")
    theirs = portfolio.rows["base_enterprise__qualification"][-1]
    number = f"{theirs['certificate_no']}9"
    certificate = portfolio.of("base_enterprise__certificate")[-1]
    portfolio.add(
        "base_enterprise__certificate",
        **certificate
        | {
            "certificate_no": number,
            "usc_code": other,
            "status_code": "cancelled",
            "valid_until": DAY + timedelta(400),
        },
    )
    theirs.update(usc_code=other, certificate_no=number, status_code="cancelled", valid_to=day)
    return portfolio


@pytest.mark.provision("B6.7")
async def test_a_level_lost_long_ago_is_no_matter_where_a_merger_is_the_ground() -> None:
    """Until now such a case was turned away as one for a lower level, too late."""
    answer = await verdict(merged(withdrawn(date(2012, 5, 31))).capital(200))
    assert "lower_level_ground" not in answer.results
    assert answer.outcome == "granted", answer.summary()


@pytest.mark.provision("B6.7")
async def test_of_a_merger_and_a_level_lost_in_time_nobody_knows_which_decides() -> None:
    answer = await verdict(merged(withdrawn(date(2016, 11, 30))))
    assert answer.outcome == "awaiting_data", answer.summary()
    assert answer.unknown == {"lower_level_ground"}


@pytest.mark.parametrize(("days", "outcome"), [(-1, "granted"), (1, "awaiting_data")])
async def test_a_move_that_the_certificate_of_the_lost_level_answers_is_no_ground_any_more(
    days: int, outcome: str
) -> None:
    """Reading 34: a certificate issued after an event answers it."""
    portfolio = lost().decided("renewal", "refused", IN_TIME, level="一级")
    issued = portfolio.of("base_enterprise__certificate")[0]["issued_on"]
    answer = await verdict(portfolio.event("moved_province", issued + timedelta(days)))
    assert answer.outcome == outcome, answer.summary()
