"""The one error a rulebook raises when it is read."""

from __future__ import annotations


class RulebookError(ValueError):
    """A file of the rulebook is wrong: names the file, the path in it, what and the remedy."""
