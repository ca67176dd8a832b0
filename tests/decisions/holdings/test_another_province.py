"""Who has moved here from another province, or has something from an enterprise there (reading 96).

Belongs here: certificates whose number names another province (G5), and what was held before a move.
Does not: who is registered elsewhere (`switches.test_switches`), drawing a number (`certificates`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from portfolio import Portfolio
from successors import CERTIFICATE, EVENT, QUALIFICATION, REGISTRY, merged, successor
from worked import (
    DAY,
    assert_awaiting,
    assert_granted,
    assert_not_accepted,
    base,
    verdict,
)

EXPIRED, RUNNING = date(2017, 2, 28), date(2017, 9, 1)


def numbered(p: Portfolio, number: str) -> Portfolio:
    """Its certificate has this number."""
    number = f"{number}{p.nth:05d}7"
    p.change(CERTIFICATE, {}, certificate_no=number)
    return p.change(QUALIFICATION, {}, certificate_no=number)


def applying(kind: str, expires_on: date = RUNNING) -> Portfolio:
    """One that would be granted what it applies for."""
    level = "一级" if kind == "upgrade" else "二级"
    p = Portfolio.meeting("S11", level, kind=kind, filed_on=DAY, expires_on=expires_on)
    return p.change(REGISTRY, {}, address="新址") if kind == "change" else p


RESTING = ("renewal", "change", "replacement", "upgrade", "addition")


@pytest.mark.provision("A5", "B3.1", "B5.1", "B6.1", "G5")
@pytest.mark.parametrize("kind", RESTING)
@pytest.mark.parametrize("number", ["D232", "D332", "DW232"])
async def test_nothing_is_granted_on_a_certificate_of_another_province_nor_turned_away(
    kind: str, number: str
) -> None:
    answer = await verdict(numbered(applying(kind), number))
    assert_awaiting(answer, "held")
    assert "其他省份" in str(answer.criterion("held")["note"])


@pytest.mark.provision("G5")
@pytest.mark.parametrize("kind", RESTING)
@pytest.mark.parametrize("number", ["D233", "DW233"])
async def test_one_of_this_province_is_as_before(kind: str, number: str) -> None:
    assert_granted(await verdict(numbered(applying(kind), number)))


@pytest.mark.provision("G5")
async def test_the_ministry_is_one_for_all_provinces() -> None:
    p = numbered(applying("addition"), "D132").change(CERTIFICATE, {}, authority_code="ministry")
    assert_granted(await verdict(p))


@pytest.mark.provision("B3.5", "G5")
async def test_one_of_another_province_that_has_run_out_is_void_whose_ever_it_is() -> None:
    assert_not_accepted(await verdict(numbered(applying("renewal", EXPIRED), "D232")), "validity")
    p = numbered(base().hold("G10", "二级", expires_on=EXPIRED), "D232")
    assert_granted(await verdict(p))


@pytest.mark.provision("B1.4", "G5")
async def test_who_may_hold_something_still_is_given_no_first_qualification() -> None:
    assert_awaiting(await verdict(numbered(base().hold("G10", "二级"), "D232")), "held")


@pytest.mark.provision("E14", "G5")
async def test_works_taken_under_it_were_within_what_it_allowed() -> None:
    """In that province its authority let it take them, whoever may renew it now."""
    answer = await verdict(numbered(applying("upgrade"), "D232"))
    assert answer.results["performance"] == "met", answer.summary()


# -- carried on after a move (B6.2, case 7) ----------------------------------------------------


def moved() -> Portfolio:
    """It has moved here, and asks for what it held before to be verified."""
    return merged("moved_province", case="moved_province")


def untold() -> Portfolio:
    """And what it held there stands in none of our bases."""
    return moved().remove(QUALIFICATION).remove(CERTIFICATE)


Make = Callable[[], Portfolio]


@pytest.mark.provision("B6.2", "G5")
@pytest.mark.parametrize("make", [lambda: numbered(moved(), "D232"), untold])
async def test_what_was_held_before_the_move_is_neither_granted_nor_turned_away(make: Make) -> None:
    """Whether the province that it left gives it up no channel tells."""
    assert_awaiting(await verdict(make()), "held", "validity")


@pytest.mark.provision("B6.1")
async def test_without_a_move_what_is_not_on_record_is_not_held() -> None:
    p = merged("conversion").remove(QUALIFICATION).remove(CERTIFICATE)
    assert_not_accepted(await verdict(p), "held")


@pytest.mark.provision("B6.2", "B6.3")
async def test_what_an_enterprise_of_another_province_gave_up_is_not_surely_handed_over() -> None:
    p = numbered(successor(), "D232")
    other = p.of(EVENT)[0]["counterpart_usc_code"]
    p.change(REGISTRY, {"usc_code": other}, region_code="320106")
    assert_awaiting(await verdict(p), "held", "validity")
