"""Cases in which the engine is known to answer other than the fact sheet, each with the reason.

Belongs here: nothing that nobody has reported. A case that passes again fails the run (strict),
so that the line is taken out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A pattern of case names, and what is wrong."""

    names: str
    reason: str
    breaks_the_evaluation: bool = False
    """Not an answer at all: such a case is put before the engine alone."""


KNOWN: tuple[Disagreement, ...] = (
    Disagreement(
        r"^G03 二级 .*class 5 line 1 \(总承包铁路综合工程\): (exactly reached|one .* over its)",
        "railways share no works between counts and sums; here each has works of its own, "
        "and the assignment is not found: no data instead of met",
    ),
)


def known(name: str) -> Disagreement | None:
    """Why a case is expected to fail; None if it is expected to pass."""
    return next((one for one in KNOWN if re.search(one.names, name)), None)
