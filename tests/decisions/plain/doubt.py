"""Three-valued logic (reading 3): yes, no, and None for "no data".

Belongs here: and, or, not, and counting with doubt. Does not: any rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

Truth: TypeAlias = bool | None


def every(truths: Iterable[Truth]) -> Truth:
    """No as soon as one is no; else no data as soon as one has none; yes for none at all."""
    seen = list(truths)
    if False in seen:
        return False
    return None if None in seen else True


def some(truths: Iterable[Truth]) -> Truth:
    """Yes as soon as one is yes; else no data as soon as one has none; no for none at all."""
    seen = list(truths)
    if True in seen:
        return True
    return None if None in seen else False


def opposite(truth: Truth) -> Truth:
    """Not; no data stays no data."""
    return None if truth is None else not truth


def between(certain: bool, possible: bool) -> Truth:
    """Yes if already the certain suffices, no if even the possible does not, else no data."""
    if certain:
        return True
    return None if possible else False


def doubted(truth: Truth, is_trusted: bool) -> Truth:
    """What a row says, if the row may be believed; else no data."""
    return truth if is_trusted else None
