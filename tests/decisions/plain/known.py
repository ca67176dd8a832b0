"""Cases in which the engine is known to answer otherwise than the law, each with the reason.

Belongs here: nothing that nobody has reported. An entry whose example passes again fails the run,
so that it is taken out.
"""

from __future__ import annotations

from dataclasses import dataclass

from plain.recipes import LEVELS, Recipe, Word


@dataclass(frozen=True)
class Known:
    """Which lines of disagreement to expect of which categories, why, and a case that has one."""

    codes: tuple[str, ...]
    lines: tuple[str, ...]
    why: str
    example: Recipe


def _level(code: str, level: str) -> int:
    return next(n for n, rank in enumerate(LEVELS) if (rank.code, rank.level) == (code, level))


KNOWN: tuple[Known, ...] = (
    Known(
        ("G03",),
        (
            "performance: engine no_data, plain met",
            "performance: engine no_data, plain not_met",
            "outcome: engine awaiting_data, plain granted",
            "outcome: engine awaiting_data, plain refused",
        ),
        "railways share no works between counts and sums: where only an assignment shows that "
        "both are met, the engine leaves it open",
        Recipe(_level("G03", "二级"), "upgrade", 2, 0, 14, Word(), ()),
    ),
)


def reason(recipe: Recipe, found: list[str]) -> str | None:
    """Why these disagreements are expected; None if one of them is not."""
    for one in KNOWN:
        if LEVELS[recipe.rank].code in one.codes and set(found) <= set(one.lines):
            return one.why
    return None
