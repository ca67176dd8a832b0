"""The rules of one level of one category over one interval of filing days.

Belongs here: what a rule set is, its canonical text and digest. Does not: how it comes from the
files (`decisions.rulebook.stretches`, `decisions.rulebook.direct`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from decisions.rulebook.model import Category, Level

LEVEL_RANK: Mapping[str, int] = {"特级": 4, "一级": 3, "二级": 2, "三级": 1, "不分等级": 1}
"""Higher is more; 特级 is outside the standard."""


@dataclass(frozen=True)
class RuleSet:
    """The rules of one level of one category over one interval of filing days.

    Attributes:
        valid_from, valid_to: first and last filing day; `valid_to` None = still in force.
        amendments: ids of the notices laid over the text of 2014, in order.
        notices: their document numbers.
        cited: the level whose thresholds the leader's own projects must reach, as it
            stood in the same interval; None where the text cites none.
        above: the levels over the cited one: who reaches theirs has done no less.
        is_direct: whether it is the mixed standard by which 二级 is applied for at once (B1.6).
        recalled_days: numbers of the notices laid over it whose first day is only recalled and
            that may not have been in force yet.
        file: where the level stands.
        digest: SHA-256 of `canonical_json`; every decision records it.
    """

    category: Category
    level: Level
    is_lowest: bool
    valid_from: date
    valid_to: date | None
    amendments: tuple[str, ...]
    notices: tuple[str, ...]
    codes_digest: str
    file: str
    cited: Level | None = None
    above: tuple[Level, ...] = ()
    is_direct: bool = False
    recalled_days: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """Category code."""
        return self.category.code

    @property
    def subcategory(self) -> str:
        """Sub-category, or empty."""
        return self.level.subcategory

    @property
    def name(self) -> str:
        """For errors and texts: `S11 二级`."""
        return " ".join(filter(None, (self.code, self.subcategory, self.level.level)))

    @property
    def at(self) -> str:
        """For errors: the file and the level in it."""
        return f"{self.file}: {' '.join(filter(None, (self.subcategory, self.level.level)))}"

    @cached_property
    def canonical_json(self) -> str:
        """The rules as canonical JSON: sorted keys, no blanks, UTF-8."""
        content: dict[str, Any] = {
            "code": self.code,
            "name_zh": self.category.name_zh,
            "document": self.category.document,
            "section": self.category.section,
            "valid_from": self.valid_from.isoformat(),
            "amendments": self.amendments,
            "codes": self.codes_digest,
            "level": self.level.model_dump(mode="json", exclude={"sources"}),
            "cited": self.cited.model_dump(mode="json", include={"level", "requirements"})
            if self.cited
            else None,
        }
        if self.is_direct:
            content["is_direct"] = True
        if self.recalled_days:
            content["recalled_days"] = self.recalled_days
        if self.above:
            content["above"] = [
                one.model_dump(mode="json", include={"level", "requirements"}) for one in self.above
            ]
        return canonical_json(content)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, hexadecimal."""
        return hashlib.sha256(self.canonical_json.encode()).hexdigest()


def canonical_json(content: Any) -> str:
    """JSON with sorted keys, no blanks, real characters; days as ISO text."""
    return json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=date.isoformat
    )
