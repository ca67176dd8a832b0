"""The rulebook as it is shipped, read once in a process.

Belongs here: that rulebook. Does not: what certificates take from it (`titles`, `register`), or
the rules a decision was made by (`decisions.rulebook`).
"""

from __future__ import annotations

from functools import cache

from decisions.rulebook import Rulebook, load


@cache
def shipped() -> Rulebook:
    """The rulebook at hand; to read it takes half a second."""
    return load()
