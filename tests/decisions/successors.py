"""Enterprises after a merger or the like, and others that carry on what such a one held.

Belongs here: enterprises that several modules of tests change, verified once before or not. Does
not: what the answer should be.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from judge import Verdict
from portfolio import Portfolio
from together import verdict_on

DAY = date(2017, 3, 1)
EVENT_DAY = date(2017, 2, 1)
AGAIN_ON = EVENT_DAY + timedelta(days=5)
EXPIRY, FIVE_YEARS = date(2018, 6, 15), date(2022, 2, 28)
QUALIFICATION, CERTIFICATE = "base_enterprise__qualification", "base_enterprise__certificate"
EVENT, REGISTRY = "base_enterprise__event", "base_enterprise__registry"
DECISION = "decision__decision"


def merged(
    event: str = "merger_absorption", *, nth: int | None = None, **more: str | None
) -> Portfolio:
    """One that meets S11 二级 exactly and holds it, after an event; its capital is 200 万元."""
    portfolio = Portfolio.meeting(
        "S11", "二级", kind="reverification", filed_on=DAY, nth=nth, expires_on=EXPIRY
    )
    return portfolio.capital(200).event(event, EVENT_DAY, **more)


def again(portfolio: Portfolio, on: date = AGAIN_ON, **other: Any) -> Portfolio:
    """Miaoban re-verified S11 二级 on a day; `other`: what else its decision says."""
    portfolio.decided("reverification", "granted", on, level="二级", code="S11")
    portfolio.rows[DECISION][-1].update(other)
    return portfolio


async def verdict(portfolio: Portfolio) -> Verdict:
    return await verdict_on(portfolio)


def handled_as(answer: Verdict) -> str:
    return "full" if "skilled_workers" in answer.results else "simplified"


def successor(
    event: str = "merger_new", *, status: str = "cancelled", ended_on: date | None = EVENT_DAY
) -> Portfolio:
    """A new enterprise that holds nothing; what it carries on was another's."""
    portfolio = merged(event, case="merged_cancelled" if event == "merger_new" else None)
    other = portfolio.company(1)
    portfolio.change(EVENT, {}, counterpart_usc_code=other)
    portfolio.change(QUALIFICATION, {}, usc_code=other, status_code=status)
    portfolio.change(QUALIFICATION, {}, valid_to=ended_on)
    portfolio.change(CERTIFICATE, {}, usc_code=other, status_code=status)
    portfolio.change(REGISTRY, {"usc_code": portfolio.usc_code}, established_on=EVENT_DAY)
    return portfolio
