"""Which statement shows the net assets: of the year before, or of the current period (E24, reading 75)."""

from __future__ import annotations

from datetime import date

import pytest
from judge import judge
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio

STATEMENT = "base_enterprise__statement"


def outcome(firm: Portfolio) -> str:
    answer = judge([firm], with_evidence=False)[0]
    assert not disagreements(answer, plainly(firm)), answer.summary()
    return answer.outcome


@pytest.mark.provision("E24")
@pytest.mark.parametrize(
    ("year", "report", "ends_on", "expected"),
    [
        (2016, "annual", date(2016, 12, 31), "granted"),
        (2016, "current", date(2016, 12, 31), "granted"),
        (2016, "current", date(2016, 12, 30), "awaiting_data"),
        (2017, "current", date(2017, 1, 10), "granted"),
        (2017, "current", date(2017, 1, 11), "awaiting_data"),
        (2015, "annual", date(2015, 12, 31), "awaiting_data"),
        (2015, "current", date(2015, 12, 31), "awaiting_data"),
    ],
)
def test_early_in_the_year_what_closes_on_its_last_day_is_of_the_year_before(
    year: int, report: str, ends_on: date, expected: str
) -> None:
    firm = Portfolio.meeting("G01", "二级", kind="renewal", filed_on=date(2017, 1, 10))
    firm.change(STATEMENT, {}, year=year, report_code=report, period_end_on=ends_on)
    assert outcome(firm) == expected


@pytest.mark.provision("E24", "F1b")
@pytest.mark.parametrize("enough", [True, False])
@pytest.mark.parametrize(
    ("filed_on", "is_told"), [(date(2015, 11, 8), False), (date(2015, 11, 9), True)]
)
def test_a_statement_that_had_to_be_audited_neither_grants_nor_refuses(
    filed_on: date, is_told: bool, enough: bool
) -> None:
    firm = Portfolio.meeting("S11", "二级", kind="renewal", filed_on=filed_on)
    if not enough:
        firm.state_net_assets(1)
    told = "granted" if enough else "refused"
    assert outcome(firm) == (told if is_told else "awaiting_data")


@pytest.mark.provision("B2.4", "E24")
@pytest.mark.parametrize(("kind", "level"), [("upgrade", "一级"), ("addition", "二级")])
def test_while_all_that_was_held_was_to_be_checked_too_nothing_is_granted_on_top_of_it(
    kind: str, level: str
) -> None:
    """The day before 154号; of those days no statement is told to have been audited."""
    firm = Portfolio.meeting("S11", level, kind=kind, filed_on=date(2015, 10, 8))
    assert outcome(firm) == "awaiting_data"


@pytest.mark.provision("E24")
def test_a_first_application_goes_by_the_registered_capital_which_nobody_audits() -> None:
    firm = Portfolio.meeting("S11", "二级", kind="first", filed_on=date(2015, 11, 8))
    assert outcome(firm) == "granted"
