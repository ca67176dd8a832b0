"""The ways in which an engine comes to know of a case: each must end in the same decision.

Belongs here: facts of one case out of those of many. Does not: any case.
"""

from __future__ import annotations

from collections.abc import Callable

from portfolio import Portfolio, applications_of, instant
from shipped import BOOK

from decisions.facts import Facts
from decisions.portfolio import TABLES, read
from decisions.portfolio import Portfolio as Known
from decisions.reach import OF, reach


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
