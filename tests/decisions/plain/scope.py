"""Scope of works: inside what the level held on the day of the contract allowed (E14).

Belongs here: which level was held then, and what its text allowed. Does not: whether works count for
any other reason (`projects`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from plain import law, seen
from plain.doubt import Truth, doubted, every, some
from plain.held import QUALIFICATION, Held
from plain.law import Level
from plain.record import Record, Row
from plain.units import Unit

STANDING = ("valid", "superseded")
"""States of a certificate that did not end by an act nobody dates."""


class Scope:
    """What one enterprise was allowed to build in the category, on any day.

    Args:
        record: what is known.
        level: the level applied for, as the law stood on the day of filing.
        filed_on: day of filing.
        decided_on: day by which notices on the validity are known.
        recalled_may_grant: see `plain.case.Case`.
    """

    def __init__(
        self,
        record: Record,
        level: Level,
        filed_on: date,
        *,
        decided_on: date,
        recalled_may_grant: bool,
    ) -> None:
        self.record, self.level, self.filed_on = record, level, filed_on
        self.decided_on = decided_on
        self.recalled_may_grant = recalled_may_grant

    def allows(self, unit: Unit, signed_on: date | None) -> Truth:
        """Whether what was held on a day allowed the unit (readings 2 and 17)."""
        if signed_on is None:
            return None
        truths: list[Truth] = []
        for row in self.record.mine(QUALIFICATION):
            if (
                row["category_code"] != self.level.code
                or (row["subcategory"] or "") != self.level.subcategory
            ):
                continue
            first, last = row.day("valid_from"), row.day("valid_to")
            # That of two levels only the higher counts (E-09) is asked of that day, not of today.
            held = every(
                [
                    None if first is None else first <= signed_on,
                    self._ran_on(row, signed_on) if last is None else last >= signed_on,
                ]
            )
            if held is False and row.is_trusted:
                continue
            allowed = self._inside(unit, str(row["level"]), signed_on)
            truths.append(doubted(every([held, allowed]), row.is_trusted))
        if not self.record.is_closed(QUALIFICATION, self.filed_on):
            truths.append(None)
        return some(truths)

    def _ran_on(self, row: Row, day: date) -> Truth:
        """Whether one of which no end is told was held on a day: until its certificate expired."""
        held = Held(self.record, self.filed_on, self.decided_on)
        truths: list[Truth] = []
        for one in held.certificates(row):
            term = held.term(row, one)
            is_standing = row["status_code"] == "valid" and one["status_code"] in STANDING
            truths.append(every([None if term is None else term.runs(day), is_standing or None]))
        return some(truths) if truths else None

    def _inside(self, unit: Unit, level: str, day: date) -> Truth:
        held = law.level_on(self.level.code, self.level.subcategory, level, day)
        if held is None:
            return True  # 特级 is outside the standard and knows no limit
        texts = [held] if self.recalled_may_grant else seen.scopes(held, day)
        answers = {self._inside_text(unit, text) for text in texts}
        return answers.pop() if len(answers) == 1 else None

    def _inside_text(self, unit: Unit, held: Level) -> Truth:
        truths = [self._within(unit, limit) for limit in held.limits]
        for name in held.unknown:
            head = name.partition(".")[0]
            if head != "scope_limits":
                continue
            truths.append(None)  # limits that nobody found may bar what the known ones allow
        return every(truths)

    def _within(self, unit: Unit, limit: Mapping[str, Any]) -> Truth:
        if "any_of" not in limit:
            return self._line_allows(unit, limit)
        # Alternatives by kind of water, grade or works: the line of its own kind is the one.
        own = [line for line in limit["any_of"] if unit.is_works(line["works"])]
        if own:
            return some(self._line_allows(unit, line) for line in own)
        return every(self._line_allows(unit, line) for line in limit["any_of"])

    def _line_allows(self, unit: Unit, line: Mapping[str, Any]) -> Truth:
        applies = unit.is_works(line["works"])
        if applies is False:
            return True
        allows = unit.meets(line, is_limit=True)
        return allows if applies else (True if allows else None)
