"""Matters that meet every switch, and what is read of the engine's answer.

Belongs here: what the tests of the switches file and read. Does not: any test.
"""

from __future__ import annotations

import re
from datetime import date

from judge import Verdict
from portfolio import Portfolio
from together import verdict_on

DAY = date(2017, 3, 1)
EXPIRY = date(2018, 6, 15)
REGISTRY, BAR = "base_enterprise__registry", "base_credit__bar"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def filed(kind: str, *, nth: int | None = None, filed_on: date = DAY) -> Portfolio:
    """One that meets its kind: S11 二级, or 一级 for an upgrade."""
    level = "一级" if kind == "upgrade" else "二级"
    return Portfolio.meeting(
        "S11", level, kind=kind, filed_on=filed_on, nth=nth,
        expires_on=None if kind in ("first", "addition", "upgrade") else EXPIRY,
    )  # fmt: skip


def changed(**values: object) -> Portfolio:
    """A change: the registration has other values than the certificate shows."""
    return filed("change").change(REGISTRY, {}, **(values or {"address": "新址"}))


async def verdict(portfolio: Portfolio) -> Verdict:
    return await verdict_on(portfolio)


def note(answer: Verdict, criterion: str) -> str:
    return str(answer.criterion(criterion)["note"])


def actual(answer: Verdict, criterion: str) -> str:
    return str(answer.criterion(criterion)["actual"])
