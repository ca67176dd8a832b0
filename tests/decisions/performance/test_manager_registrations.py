"""A manager registered throughout the works, by one registration or by several (E14).

Which day a manager must be registered on is `standards`' and `test_several_managers`' matter: here
one registration follows another, as where a constructor of the second grade becomes one of the
first.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from judge import judge
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio

pytestmark = pytest.mark.provision("E14")

DAY = date(2017, 3, 1)
PARTY, ACCEPTANCE = "base_project__party", "base_project__acceptance"
REGISTRATION = "base_personnel__registration"
ONE = timedelta(days=1)


class Led:
    """What meets S11 一级 exactly; the manager of one of its works is registered twice."""

    def __init__(self) -> None:
        self.firm = Portfolio.meeting("S11", "一级", kind="upgrade", filed_on=DAY)
        duty = self.firm.of(PARTY, duty="项目经理")[0]
        (self.works,) = self.firm.of(ACCEPTANCE, contract_no=duty["contract_no"])
        (self.first,) = self.firm.of(REGISTRATION, person_key=duty["person_key"])
        self.change = self.works["accepted_on"] - timedelta(days=60)

    def follows(self, *, ends: timedelta = -ONE, **other: object) -> None:
        """The first registration ends so long after the second begins, which is as it was, but."""
        second = {**self.first, "registration_no": "SECOND", "valid_from": self.change, **other}
        self.first["valid_until"] = self.change + ends
        self.first["registration"] = "二级注册建造师"
        self.firm.add(REGISTRATION, **second)

    def outcome(self) -> str:
        answer = judge([self.firm], with_evidence=False)[0]
        assert not disagreements(answer, plainly(self.firm)), answer.summary()
        return answer.outcome


@pytest.fixture
def led() -> Led:
    return Led()


@pytest.mark.parametrize("ends", [-ONE, 0 * ONE, 30 * ONE])
def test_one_whose_registration_follows_another_was_registered_throughout(
    led: Led, ends: timedelta
) -> None:
    led.follows(ends=ends)
    assert led.outcome() == "granted"


def test_a_longer_registration_covers_what_lies_within_it(led: Led) -> None:
    led.follows()
    led.firm.add(
        REGISTRATION,
        **{
            **led.first,
            "registration_no": "WITHIN",
            "valid_from": led.works["started_on"] + ONE,
            "valid_until": led.works["started_on"] + 2 * ONE,
        },
    )
    assert led.outcome() == "granted"


@pytest.mark.parametrize(
    ("ends", "other"),
    [
        (-2 * ONE, {}),
        (-ONE, {"specialty": "机电工程"}),
        (-ONE, {"valid_until": date(2016, 11, 30)}),
    ],
    ids=["a day between", "of another discipline", "over a day before the acceptance"],
)
def test_a_day_without_a_fitting_registration_takes_the_works_away(
    led: Led, ends: timedelta, other: dict[str, object]
) -> None:
    assert led.works["accepted_on"] == date(2016, 12, 1)
    led.follows(ends=ends, **other)
    assert led.outcome() == "refused"


def test_of_one_that_follows_with_a_branch_it_is_not_known(led: Led) -> None:
    led.follows(usc_code=led.firm.company(1, branch=True))
    assert led.outcome() == "awaiting_data"


def test_one_set_apart_may_fill_the_gap(led: Led) -> None:
    led.follows(ends=-2 * ONE)
    led.firm.quarantine(REGISTRATION, registration_no="SECOND")
    assert led.outcome() == "awaiting_data"
