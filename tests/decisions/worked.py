"""What the worked cases and those near them begin with, and how they are put and judged.

Belongs here: the base portfolio P, enterprises to be upgraded, what an outcome must look like.
Does not: any case.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from judge import Verdict
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio
from sheets import UnitPlan
from together import verdict_on

DAY = date(2017, 3, 1)
FEBRUARY = date(2017, 2, 1)
TEXT_OF_2014 = date(2016, 10, 31)


async def verdict(portfolio: Portfolio) -> Verdict:
    decided = await verdict_on(portfolio)
    assert not disagreements(decided, plainly(portfolio))
    return decided


def base(kind: str = "first", **more: object) -> Portfolio:
    """P."""
    return Portfolio.meeting("S11", "二级", kind=kind, filed_on=DAY, **more)  # type: ignore[arg-type]


def decorator(filed_on: date, **more: object) -> Portfolio:
    """S11 二级 to 一级 with everybody the text of 2014 asks, but 12 workers."""
    portfolio = Portfolio.meeting(
        "S11", "一级", kind="upgrade", filed_on=filed_on, people_of=TEXT_OF_2014, **more
    )  # type: ignore[arg-type]
    for label in portfolio.people_in("worker")[12:]:
        portfolio.dismiss(label)
    return portfolio


def builder(*projects: UnitPlan) -> Portfolio:
    """G01 三级 to 二级 with these projects and no other."""
    portfolio = Portfolio.meeting("G01", "二级", kind="upgrade", filed_on=DAY, served=[])
    for plan in projects:
        portfolio.add_project(plan, contracting=["施工总承包"])
    return portfolio


def building(storeys: int, *, height: int = 41, span: int | None = None) -> UnitPlan:
    plan = UnitPlan(
        "民用建筑工程",
        (
            ("民用建筑工程", "地上层数", Decimal(storeys)),
            ("民用建筑工程", "建筑高度", Decimal(height)),
            ("民用建筑工程", "单体建筑面积", Decimal(9000)),
            ("民用建筑工程", "建筑面积", Decimal(9000)),
        ),
    )
    return (
        plan
        if span is None
        else plan.with_measure("钢筋混凝土结构建筑工程", "单跨跨度", Decimal(span))
    )


def assert_granted(decided: Verdict) -> None:
    assert decided.outcome == "granted", decided.summary()
    assert not decided.failed, decided.summary()
    assert not decided.unknown, decided.summary()


def assert_refused(decided: Verdict, *failed: str) -> None:
    assert decided.outcome == "refused", decided.summary()
    assert set(failed) <= decided.failed, decided.summary()


def assert_awaiting(decided: Verdict, *unknown: str) -> None:
    assert decided.outcome == "awaiting_data", decided.summary()
    assert set(unknown) <= decided.unknown, decided.summary()
    assert not decided.failed, decided.summary()


def assert_not_accepted(decided: Verdict, failed: str) -> None:
    assert decided.outcome == "not_accepted", decided.summary()
    assert failed in decided.failed, decided.summary()
