"""The ways in which an engine comes to know of a case: each must end in the same decision.

Belongs here: facts of one case out of those of many, and what is found by them. Does not: any case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

import polars as pl
from judge import as_it_is
from plain.agreement import disagreements
from plain.documents import plainly
from portfolio import Portfolio, applications_of, instant
from shipped import BOOK
from together import verdict_on

from decisions.engine import Decided, decide
from decisions.facts.model import Facts
from decisions.facts.reach import OF, reach
from decisions.portfolios.document import TABLES, read
from decisions.portfolios.document import Portfolio as Known


def packed(facts: Facts, case: Portfolio) -> Facts:
    """As the archive package of the case has them, whatever was decided together with it."""
    case_of = applications_of([case]).select(
        "application_id", "usc_code", "filed_at", decided_at=instant(case.decided_on)
    )
    rows = reach(facts, case_of, TABLES, max(BOOK.kinds.social_insurance_months.values()))
    return Facts.of({name: frame.drop(OF) for name, frame in rows.items()})


WAYS: dict[str, Callable[[Facts, Portfolio], Facts]] = {
    "in the batch": lambda facts, case: facts,
    "alone": lambda facts, case: facts.of_enterprises([case.usc_code]),
    "held": lambda facts, case: facts.held(BOOK.kinds.insured_from(case.filed_on)).of_enterprises(
        [case.usc_code]
    ),
    "by its portfolio": lambda facts, case: read(Known.of(facts, case.usc_code).to_json()).facts,
    "by its package": packed,
}


async def results(portfolio: Portfolio, way: str = "in the batch") -> dict[str, str]:
    """What the engine finds as the case comes to be read; the plain evaluator finds the same."""
    found = await verdict_on(portfolio, with_evidence=False, known=TOGETHER[way])
    assert not disagreements(found, plainly(portfolio))
    return found.results


def _of_each(way: str, facts: Facts, cases: Iterable[Portfolio]) -> Facts:
    """What of many cases is read one by one, put before the engine at once."""
    known = [WAYS[way](facts, case) for case in cases]
    names = {name for one in known for name in one.tables}
    rows = {
        name: pl.concat([one.tables[name] for one in known if name in one.tables])
        .unique(maintain_order=True)
        .collect()
        .lazy()
        for name in sorted(names)
    }
    without_rows = frozenset.intersection(*(one._without_rows for one in known))
    return replace(known[0], tables=rows, _without_rows=without_rows)


TOGETHER = {
    "in the batch": as_it_is,
    **{way: partial(_of_each, way) for way in WAYS if way != "in the batch"},
}
"""The same for many cases at once: each is read by itself, and all are decided together."""


def decided_alone(portfolio: Portfolio, facts: Facts) -> Decided:
    """The case, decided by facts as an engine came to know them."""
    at, authority = instant(portfolio.decided_on), portfolio.authority
    return decide(applications_of([portfolio]), facts, BOOK, at, as_authority=authority)
