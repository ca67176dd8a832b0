"""Writes `docs/rules.md`, or with `--check` compares it."""

from __future__ import annotations

import sys

from assets.documents import write_or_compare
from decisions.rulebook.book import load
from decisions.rules_page.page import coverage

sys.exit(write_or_compare(coverage(load()), "the rulebook"))
