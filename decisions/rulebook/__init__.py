"""The standard as dated, cited, typed data, and its compilation to rule tables.

`load()` is the one way in; see `decisions.rulebook.load`.
"""

from __future__ import annotations

from decisions.rulebook.book import Rulebook, RuleSet, load

__all__ = ["RuleSet", "Rulebook", "load"]
