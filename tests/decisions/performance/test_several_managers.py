"""Works of which the contract names several managers: who of them led when, nobody knows (E14).

Each must do for them to count, and that one would not does not take them away (reading 64).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio
from together import verdict_on

pytestmark = pytest.mark.provision("E14")

DAY = date(2017, 3, 1)
PARTY, ACCEPTANCE = "base_project__party", "base_project__acceptance"
REGISTRATION = "base_personnel__registration"


class Led:
    """What meets S11 一级 exactly, one of its works led by two: one as asked, and another."""

    def __init__(self) -> None:
        self.firm = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY)
        self.duty = self.firm.of(PARTY, duty="项目经理")[0]
        (self.accepted,) = self.firm.of(ACCEPTANCE, contract_no=self.duty["contract_no"])
        (self.first,) = self.firm.of(REGISTRATION, person_key=self.duty["person_key"])
        self.firm.people["second"] = "f" * 20
        self.firm.add(PARTY, **{**self.duty, "person_key": "f" * 20})

    def registered(self, since: date, until: date) -> None:
        """The second is registered as the first is, at his own time."""
        self.firm.add(
            REGISTRATION,
            **{
                **self.first,
                "person_key": "f" * 20,
                "registration_no": "SECOND",
                "valid_from": since,
                "valid_until": until,
            },
        )


def both_throughout(led: Led) -> None:
    led.registered(led.accepted["started_on"], led.accepted["accepted_on"])


def the_other_a_day_less(led: Led) -> None:
    led.registered(led.accepted["started_on"] + timedelta(1), led.accepted["accepted_on"])


def the_other_nowhere(led: Led) -> None:
    """Nothing more: the second is registered with nobody."""


def one_after_the_other(led: Led) -> None:
    change = led.accepted["accepted_on"] - timedelta(60)
    led.first["valid_until"] = change
    led.registered(change, DAY)


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        (both_throughout, "granted"),
        (the_other_a_day_less, "awaiting_data"),
        (the_other_nowhere, "awaiting_data"),
        (one_after_the_other, "awaiting_data"),
    ],
)
async def test_works_of_two_managers(told: Callable[[Led], None], outcome: str) -> None:
    led = Led()
    told(led)
    answer = await verdict_on(led.firm)
    assert answer.outcome == outcome, answer.summary()
    assert not disagreements(answer, plainly(led.firm))


async def test_of_one_manager_who_is_registered_nowhere_they_do_not_count() -> None:
    led = Led()
    led.firm.remove(PARTY, person_key=led.first["person_key"], contract_no=led.duty["contract_no"])
    assert (await verdict_on(led.firm)).outcome == "refused"
