"""Every state of enterprise and qualification against every kind, on its first and its last day.

The tables are decided by hand from the law (regulations C3-C8, D3-D14). Belongs here: one answer
for each state and kind. Does not: how a state is told (`test_switches`, `test_switches_held`).
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from filings import BAR, REGISTRY, verdict
from portfolio import Portfolio

QUALIFICATION, CERTIFICATE = "base_enterprise__qualification", "base_enterprise__certificate"
FILED = date(2017, 3, 1)
WAITED = timedelta(days=10)
KINDS = ("first", "addition", "upgrade", "renewal", "change", "replacement", "reverification")
APPLY = ("first", "addition", "upgrade", "renewal", "reverification")
"""What applies for a qualification (reading 32)."""
REST_ON_ONE = KINDS[1:]
"""What rests on something held: on another qualification, the level below, or the one itself."""


def case(kind: str, filed_on: date = FILED) -> Portfolio:
    """One that is granted, ten days after it was filed."""
    one = Portfolio.meeting(
        "S11", "一级" if kind == "upgrade" else "二级",
        kind=kind, filed_on=filed_on, decided_on=filed_on + WAITED,
    )  # fmt: skip
    if kind == "change":
        one.change(REGISTRY, {}, address="新址")
    if kind == "reverification":
        one.capital(200).event("conversion", filed_on - timedelta(days=30))
    return one


@pytest.mark.parametrize("kind", KINDS)
async def test_in_normal_state_it_is_granted(kind: str) -> None:
    answer = await verdict(case(kind))
    assert answer.outcome == "granted", answer.summary()


# -- the registration (C8) ---------------------------------------------------------------


@pytest.mark.provision("C8", "B0.1")
@pytest.mark.parametrize("state", ["suspended", "revoked", "cancelled", "moved_out"])
@pytest.mark.parametrize("kind", KINDS)
async def test_a_registration_not_in_normal_state_stops_every_kind(kind: str, state: str) -> None:
    answer = await verdict(case(kind).change(REGISTRY, {}, state_code=state))
    assert answer.failed == {"registration_state"} and answer.outcome == "not_accepted"


# -- the four ways to end (D5-D10, D14) --------------------------------------------------


@pytest.mark.provision("C8", "D5", "D7", "D10", "D14")
@pytest.mark.parametrize("days", [-1, 0, 10])
@pytest.mark.parametrize("state", ["withdrawn", "revoked", "struck", "cancelled"])
@pytest.mark.parametrize("kind", REST_ON_ONE)
async def test_on_what_was_ended_by_the_decision_nothing_rests(
    kind: str, state: str, days: int
) -> None:
    """On the day before the filing, on it, on the day of the decision."""
    ended = case(kind).change(
        QUALIFICATION, {}, status_code=state, valid_to=FILED + timedelta(days=days)
    )
    answer = await verdict(ended)
    assert answer.outcome == "not_accepted", answer.summary()
    assert answer.failed <= {"held", "validity"}


@pytest.mark.provision("B7", "D9", "D14")
@pytest.mark.parametrize("state", ["withdrawn", "revoked", "struck", "cancelled"])
@pytest.mark.parametrize("kind", REST_ON_ONE)
async def test_nor_on_a_certificate_that_was_ended(kind: str, state: str) -> None:
    """Cancelled on request while the case waits (B7): the whole set falls, and what stands on it."""
    answer = await verdict(case(kind).change(CERTIFICATE, {}, status_code=state))
    assert answer.outcome == "not_accepted", answer.summary()


@pytest.mark.provision("D5")
@pytest.mark.parametrize("state", ["withdrawn", "revoked", "struck", "cancelled"])
async def test_whose_only_qualification_was_ended_begins_anew(state: str) -> None:
    """A withdrawal or the end of an unlawful grant bars nobody by itself (D5); a bar would."""
    ended = case("first").hold("S04", "二级").change(
        QUALIFICATION, {}, status_code=state, valid_to=FILED - timedelta(days=1)
    )  # fmt: skip
    answer = await verdict(ended)
    assert answer.outcome == "granted", answer.summary()


@pytest.mark.provision("C8", "D11")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("days", [-1, 0, 9, 10])
async def test_what_runs_out_is_good_on_its_last_day(kind: str, days: int) -> None:
    """D11; what would rest on one that has run out since waits (reading 46), a renewal does not."""
    one = case(kind)
    if kind == "first":
        one.hold("S04", "二级")
    answer = await verdict(one.change(CERTIFICATE, {}, valid_until=FILED + timedelta(days=days)))
    if kind == "first":
        expected = "granted" if days < 0 else "not_accepted"
    elif days < 0:
        expected = "not_accepted"
    elif days < WAITED.days and kind not in ("renewal", "reverification"):
        expected = "awaiting_data"
    else:
        expected = "granted"
    assert answer.outcome == expected, answer.summary()


@pytest.mark.provision("D10")
@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("upgrade", "granted"),
        ("renewal", "not_accepted"),
        ("change", "not_accepted"),
        ("replacement", "not_accepted"),
        ("reverification", "not_accepted"),
    ],
)
async def test_what_was_lowered_goes_on_by_its_lower_level(kind: str, outcome: str) -> None:
    """D10: the level lost carries nothing, the one left carries an upgrade."""
    one = case(kind)
    if kind != "upgrade":
        one.level = "一级"
        one.change(QUALIFICATION, {}, level="一级")
    one.change(QUALIFICATION, {}, status_code="replaced", valid_to=FILED - timedelta(days=1))
    one.hold("S11", "二级", since=FILED)
    answer = await verdict(one)
    assert answer.outcome == outcome, answer.summary()


# -- rectifying (D3, D4) -----------------------------------------------------------------


@pytest.mark.provision("C3", "D3", "D4")
@pytest.mark.parametrize(
    ("ordered", "closed", "runs"),
    [
        (-1, 0, False),
        (-1, 1, True),
        (0, None, True),
        (1, 10, False),
        (1, 11, True),
        (11, None, False),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
async def test_rectifying_stops_an_upgrade_and_an_addition_alone(
    kind: str, ordered: int, closed: int | None, runs: bool
) -> None:
    """On the day on which it is closed it runs no more; of another category it stops as well."""
    one = case(kind).rectify(
        "S04",
        FILED + timedelta(days=ordered),
        None if closed is None else FILED + timedelta(days=closed),
    )
    stops = runs and kind in ("addition", "upgrade")
    answer = await verdict(one)
    assert answer.outcome == ("not_accepted" if stops else "granted"), answer.summary()
    assert answer.failed == ({"rectification"} if stops else set())


# -- bars (C4-C7) ------------------------------------------------------------------------

SPELLS = [(-9, -1), (-9, 0), (0, 0), (1, 9), (10, None), (11, 20)]
"""First and last day of a bar, from the filing on; the decision is of the tenth day."""


def barred(
    kind: str, ground: str, spell: tuple[int, int | None], filed_on: date = FILED
) -> Portfolio:
    first, last = (None if day is None else filed_on + timedelta(days=day) for day in spell)
    assert first is not None
    return case(kind, filed_on).bar(first, last).change(BAR, {}, ground=ground)


def days_under(spell: tuple[int, int | None]) -> set[int]:
    """Of the filing and the decision the days that lie in it."""
    first, last = spell
    return {day for day in (0, WAITED.days) if first <= day and (last is None or day <= last)}


@pytest.mark.provision("C5", "C6", "D8")
@pytest.mark.parametrize("ground", ["申请弄虚作假", "骗取资质"])
@pytest.mark.parametrize("spell", SPELLS)
@pytest.mark.parametrize("kind", KINDS)
async def test_false_facts_and_fraud_bar_from_applying(
    kind: str, spell: tuple[int, int | None], ground: str
) -> None:
    answer = await verdict(barred(kind, ground, spell))
    is_barred = bool(days_under(spell)) and kind in APPLY
    assert answer.outcome == ("not_accepted" if is_barred else "granted"), answer.summary()


@pytest.mark.provision("C7")
@pytest.mark.parametrize("spell", SPELLS)
@pytest.mark.parametrize("kind", KINDS)
async def test_an_inquiry_holds_whatever_is_to_be_decided_while_it_runs(
    kind: str, spell: tuple[int, int | None]
) -> None:
    answer = await verdict(barred(kind, "涉嫌造假核查", spell))
    is_held = WAITED.days in days_under(spell)
    assert answer.outcome == ("awaiting_data" if is_held else "granted"), answer.summary()


@pytest.mark.provision("C4", "D13", "F11")
@pytest.mark.parametrize("filed_on", [date(2023, 9, 4), date(2023, 9, 5), date(2023, 9, 15)])
@pytest.mark.parametrize("spell", SPELLS)
@pytest.mark.parametrize("kind", KINDS)
async def test_the_mark_as_abnormal_stops_every_kind_from_the_day_of_the_notice(
    kind: str, spell: tuple[int, int | None], filed_on: date
) -> None:
    """Of one filed before 2023-09-15 a mark that stands at the decision, if that is not before."""
    answer = await verdict(barred(kind, "资质异常", spell, filed_on))
    is_law = (date(2023, 9, 15) - filed_on).days
    is_barred = any(day >= is_law for day in days_under(spell))
    assert ("bar" in answer.failed) == is_barred, answer.summary()
