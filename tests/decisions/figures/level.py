"""One level, one case of it, and what makes an answer certain or open.

Belongs here: how an exact portfolio (`exact`) becomes a case with the answer the fact sheet gives.
Does not: which change crosses which figure (the other modules, one per part of the standard).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from exact import DAY, TEXT_OF_2014, Exact, lead_line, open_parts, unevidenced
from portfolio import Portfolio
from sheets import Rank, unknown

MET, NOT_MET, NO_DATA = "met", "not_met", "no_data"

GRANTED, REFUSED, WAITS = "granted", "refused", "awaiting_data"

Spoil = Callable[[Portfolio], object]

TITLES = ("初级", "中级", "高级", "正高级")

TITLE, REGISTRATION = "base_personnel__title", "base_personnel__registration"

MACHINE, STATEMENT = "base_enterprise__equipment", "base_enterprise__statement"

ACCEPTANCE, CONTRACT = "base_project__acceptance", "base_project__contract"

FLOOR_ON_THE_SCOPE_OF_2014 = frozenset({"G01", "S09"})
"""Whose 一级 had a lower limit of scope until 2015-10-09: not for contracts of long ago."""

UNTOLD_TRADES = frozenset({"维修电工", "安装电工", "核级焊工"})
"""Trades that no channel tells (reading 52)."""
UNTOLD_WORKERS = frozenset({"G04", "S25", "S26", "S27", "S33"})
"""Where crews of vessels, or welders for nuclear works, count, of whom no channel tells (reading 52)."""


@dataclass(frozen=True)
class Case:
    """One enterprise, and what the law says of it."""

    name: str
    make: Callable[[int], Portfolio]
    outcome: str | None
    """None: other parts of the portfolio are left out; only the results are looked at."""
    results: dict[str, tuple[str, ...]]
    absent: frozenset[str] = field(default=frozenset())
    """Parts that are not assessed."""

    def __str__(self) -> str:
        return self.name


def nothing(_: Portfolio) -> None:
    """Leave the portfolio as it is."""


def of_major(major: str) -> dict[str, str]:
    """What a title says whose holder studied what it is in (E7: either counts)."""
    return {"major": major, "studied_major": major}


def _other_major(counted: list[str]) -> str:
    return next(one for one in ("船舶机械", "风景园林") if one not in counted)


@dataclass(frozen=True)
class Figures:
    """One level, and how a case of it is put forward."""

    rank: Rank

    def day_of(self, part: str) -> date:
        """A day whose text asks for a part."""
        known = part in self.rank.asked(DAY) or part in self.unknown_on(DAY)
        return DAY if known else TEXT_OF_2014

    def unknown_on(self, on: date) -> dict[str, list[str]]:
        """Keys of the parts of the text of a day that nobody found."""
        return unknown(self.rank.code, self.rank.level, on, self.rank.subcategory)

    @cached_property
    def _open(self) -> dict[date, set[str]]:
        return {}

    def open_on(self, on: date) -> set[str]:
        """Parts nobody can show to be met."""
        if on not in self._open:
            self._open[on] = open_parts(self.rank, on)
        return self._open[on]

    def _has_lost_classes(self, part: str, on: date) -> bool:
        """Whether a class nobody found could be the one that is met."""
        if part == "performance":
            return part in self.unknown_on(on)
        if part != "lead_performance":
            return False
        found = lead_line(self.rank, on)
        return found is not None and "performance" in Figures(found[0]).unknown_on(on)

    def case(
        self,
        name: str,
        on: date,
        spoil: Spoil,
        outcome: str | None,
        results: dict[str, str | tuple[str, ...]],
        *,
        alone: str = "",
        make: Callable[[int], Portfolio] | None = None,
        despite: str = "",
        **exact: Any,
    ) -> Case:
        """An exact portfolio, changed by `spoil`, and its answer.

        Args:
            name: what is changed, for the name of the test.
            on: day of filing and of the decision.
            spoil: the change.
            outcome: of the case, as if every text were known.
            results: criterion to the answers allowed, as if every text were known.
            alone: the only group of people to hire; every group if empty.
            make: another way to make the portfolio.
            despite: a part whose answer is known although some of its text is not.
            exact: how to build (`Exact`).
        """
        if alone:
            exact["people"] = {alone}
            outcome = None

        def built(nth: int) -> Portfolio:
            portfolio = make(nth) if make else Exact(self.rank, on, nth, **exact).build()
            spoil(portfolio)
            return portfolio

        answers: dict[str, tuple[str, ...]] = {}
        # Without an evidence base nothing shows that a part is met; that it is not may still show.
        bare = unevidenced(self.rank, on)
        lost = self.open_on(on) - bare - {despite}
        for criterion, allowed in results.items():
            part, _, child = criterion.partition(".")
            if part in lost:
                answers[part] = (NO_DATA,)
                continue
            answers[criterion] = (allowed,) if isinstance(allowed, str) else allowed
            if part in bare and not child and MET in answers[criterion]:
                answers[part] = (NO_DATA,)
            if not child and NOT_MET in answers[criterion] and self._has_lost_classes(part, on):
                answers[part] = (NO_DATA,)
        if outcome is not None:
            failing = any(found == (NOT_MET,) and "." not in c for c, found in answers.items())
            if outcome == GRANTED and (lost or bare):
                outcome = WAITS
            if outcome == REFUSED and not failing:
                outcome = WAITS
        label = f"{self.rank} on {on}: {name}"
        return Case(label, built, outcome, answers)
