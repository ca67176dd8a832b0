"""The rulebook as it is shipped, read and compiled once for all tests of a process.

Belongs here: that rulebook. Does not: reading it, which tests of the reading do anew
(`decisions/rulebook`).
"""

from __future__ import annotations

from decisions.rulebook import load

BOOK = load()
