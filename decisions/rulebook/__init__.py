"""The standard as dated, cited, typed data, and its compilation to rule tables.

`load()` reads and checks it; `load_cached()` does so once for each state of its files.
"""

from __future__ import annotations

from decisions.rulebook.book import Rulebook, from_document, load
from decisions.rulebook.cache import load_cached
from decisions.rulebook.rule_set import RuleSet

__all__ = ["RuleSet", "Rulebook", "from_document", "load", "load_cached"]
