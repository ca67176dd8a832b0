"""In which month insurance was collected, beside the month that it is for (B0.5, B0.6, reading 93).

Belongs here: what was collected after the filing. Does not: which months a kind asks for (`figures`),
who pays (`facts.test_payers`).
"""

from __future__ import annotations

from datetime import date

import pytest
from portfolio import MONTHLY, Portfolio
from worked import assert_awaiting, assert_granted, assert_refused, base, verdict

DECEMBER, FEBRUARY, MARCH, APRIL = (
    date(2016, 12, 1),
    date(2017, 2, 1),
    date(2017, 3, 1),
    date(2017, 4, 1),
)
DECIDED = date(2017, 4, 20)
WORKER = "worker.15"


def collected(
    in_month: date | None, *, month: date = FEBRUARY, kind: str = "addition", **more: object
) -> Portfolio:
    """P, filed on 1 March and decided in April; a month of one worker was collected in another."""
    p = base(kind, decided_on=DECIDED)
    where = {"person_key": p.people[WORKER], "month": month}
    return p.change(MONTHLY, where, paid_month=in_month, **more)


@pytest.mark.provision("B0.5", "B0.6", "E3")
@pytest.mark.parametrize("kind", ["first", "addition"])
@pytest.mark.parametrize("in_month", [None, FEBRUARY, MARCH])
async def test_what_was_collected_by_the_month_of_filing_counts(
    kind: str, in_month: date | None
) -> None:
    assert_granted(await verdict(collected(in_month, kind=kind)))


@pytest.mark.provision("B0.5", "E3")
async def test_so_does_an_older_month_that_was_collected_late_but_before_the_filing() -> None:
    assert_granted(await verdict(collected(FEBRUARY, month=DECEMBER)))


@pytest.mark.provision("B0.5", "B0.6", "E3")
@pytest.mark.parametrize("kind", ["first", "addition"])
async def test_what_was_collected_after_that_neither_counts_nor_is_missing(kind: str) -> None:
    answer = await verdict(collected(APRIL, kind=kind))
    assert_awaiting(answer, "skilled_workers")
    assert "申请月之后收缴" in str(answer.criterion("skilled_workers.count")["note"])


@pytest.mark.provision("B0.5", "B0.6")
async def test_with_one_more_who_was_insured_by_then_nobody_waits_for_it() -> None:
    assert_granted(await verdict(collected(APRIL).add_worker("木工", "初级工")))


@pytest.mark.provision("B0.5", "E3")
async def test_a_month_that_is_still_not_paid_in_full_is_missing_whenever_it_was_collected() -> (
    None
):
    assert_refused(await verdict(collected(APRIL, is_paid=False)), "skilled_workers")


@pytest.mark.provision("E3", "E4")
async def test_a_branch_that_paid_in_time_makes_up_for_it() -> None:
    p = collected(APRIL, kind="first")
    payer = p.company(1, branch=True)
    p.add(
        MONTHLY, person_key=p.people[WORKER], usc_code=payer, month=FEBRUARY, is_paid=True,
        paid_month=FEBRUARY,
    )  # fmt: skip
    assert_granted(await verdict(p))
