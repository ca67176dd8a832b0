"""One application of one enterprise.

Belongs here: what is applied for, by when, before whom. Does not: any rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Case:
    """One application, its days in China; `filed_at` and `decided_at` are the instants.

    `recalled_may_grant`: whether what is only recalled of the law grants and refuses in the office.
    """

    kind: str
    code: str
    subcategory: str
    level: str
    filed_on: date
    decided_on: date
    filed_at: datetime
    decided_at: datetime
    authority: str
    recalled_may_grant: bool = True
