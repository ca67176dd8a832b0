"""The rows that the base tables hold of one enterprise, and changing exactly one thing in them.

Belongs here: adding, changing and removing rows, setting them apart, coverage, what a check
doubts. Does not: what a row of people, of the enterprise or of its works looks like.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Self

from assets.calendar import SHANGHAI, full_months_before
from assets.tables import BY_NAME, intake

Row = dict[str, Any]

NTH: ContextVar[int] = ContextVar("NTH", default=1)
"""Number of the enterprise of a test that gives it none: each that waits has its own (`together`)."""

MONTHLY = "base_personnel__insurance_month"
INSURED_MONTHS = {"first": 1, "reverification": 1}
"""Full months before filing (B0.5); every other kind asks 3."""
CHANNELS = {
    "base_enterprise__registry": "market_registry",
    "base_enterprise__event": "market_registry",
    "base_enterprise__statement": "finance",
    MONTHLY: "social_security",
    "base_personnel__registration": "constructor_registry",
    "base_personnel__title": "titles",
    "base_personnel__post_certificate": "post_certificates",
    "base_personnel__skill_certificate": "skills",
    "base_personnel__person": "public_security",
}
_USC_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@cache
def _provenance(table: str) -> tuple[str, ...]:
    declared = BY_NAME[table].schema
    return tuple(name for name in ("delivery_id", "row_no", "received_at") if name in declared)


@cache
def usc_code(serial: int) -> str:
    """A unified social credit code with its check character (GB 32100-2015)."""
    body = f"913301{serial:09d}MA"[:17]
    total = sum(_USC_CHARACTERS.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + _USC_CHARACTERS[-total % 31]


@cache
def instant(day: date, hour: int = 10) -> datetime:
    """A moment of a day in China, as UTC."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI).astimezone(UTC)


@cache
def _received(decided_on: date) -> datetime:
    return instant(decided_on - timedelta(days=1))


@cache
def _full_months(filed_on: date, months: int) -> tuple[date, ...]:
    return tuple(full_months_before(filed_on, months))


@dataclass(slots=True)
class Rows:
    """One enterprise, its application, and the rows the base tables hold about it."""

    code: str
    level: str
    kind: str
    filed_on: date
    decided_on: date
    authority: str = "province"
    nth: int = 1
    subcategory: str = ""
    hour: int = 9
    """Of the filing, in China."""
    recalled_may_grant: bool = True
    """Whether the office lets what is only recalled decide."""
    rows: dict[str, list[Row]] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    # -- what it is ------------------------------------------------------------------

    @property
    def usc_code(self) -> str:
        """Code of the applicant."""
        return usc_code(self.nth)

    @property
    def name(self) -> str:
        """Registered name."""
        return f"浙江测试{self.nth}建设有限公司"

    @property
    def application_id(self) -> str:
        """Number of the case."""
        return f"T{self.nth:06d}"

    @property
    def insurance_months(self) -> list[date]:
        """The months the kind asks, latest first."""
        return list(_full_months(self.filed_on, INSURED_MONTHS.get(self.kind, 3)))

    def application(self) -> Row:
        """The two fields of the application, as a row of intake__application."""
        return {
            "application_id": self.application_id,
            "usc_code": self.usc_code,
            "kind": self.kind,
            "category_code": self.code,
            "subcategory": self.subcategory,
            "level": self.level,
            "filed_at": instant(self.filed_on, self.hour),
            "received_at": instant(self.filed_on, self.hour),
            "filed_via": "portal",
        }

    def of(self, table: str, **where: Any) -> list[Row]:
        """The rows of a table that have these values."""
        found = self.rows.get(table, [])
        for name, value in where.items():
            found = [row for row in found if row[name] == value]
        return list(found)

    # -- changing exactly one thing --------------------------------------------------

    def add(self, table: str, **values: Any) -> Self:
        """One row more, with made-up provenance where the table has it."""
        number = self._count(table)
        provenance = {
            "delivery_id": f"test.{table}.{self.nth:06d}",
            "row_no": number,
            "received_at": _received(self.decided_on),
        }
        row = {name: provenance[name] for name in _provenance(table)} | values
        self.rows.setdefault(table, []).append(row)
        return self

    def remove(self, table: str, **where: Any) -> Self:
        """The rows with these values are not there."""
        doomed = self.of(table, **where)
        assert doomed, f"{table} has no row with {where}"
        gone = {id(row) for row in doomed}
        self.rows[table] = [row for row in self.rows[table] if id(row) not in gone]
        return self

    def remove_at(self, table: str, index: int) -> Self:
        """The row at a place is not there."""
        del self.rows[table][index]
        return self

    def change(self, table: str, where: Mapping[str, Any], **values: Any) -> Self:
        """Other values in the rows that match."""
        found = self.of(table, **where)
        assert found, f"{table} has no row with {where}"
        for row in found:
            row.update(values)
        return self

    def quarantine(self, table: str, *, unread: Iterable[str] = (), **where: Any) -> Self:
        """The rows came, broke a check and were set apart; `unread` columns could not be read."""
        for row in self.of(table, **where):
            self.rows[table].remove(row)
            typed = {
                k: v
                for k, v in row.items()
                if k not in (*unread, "delivery_id", "row_no", "received_at")
            }
            # Decimals as text: a JSON number would lose their scale.
            as_json = json.dumps(typed, ensure_ascii=False, sort_keys=True, default=str)
            self.rows.setdefault("intake__quarantine", []).append(
                {
                    "delivery_id": row["delivery_id"],
                    "row_no": row["row_no"],
                    "target": table,
                    "received_at": row["received_at"],
                    "usc_code": typed.get("usc_code"),
                    "person_key": typed.get("person_key"),
                    "reasons": [f"{column}:unreadable" for column in unread] or ["row:untrusted"],
                    "typed_json": as_json,
                    "raw_json": "{}",
                    "key_json": None
                    if set(unread) & set(BY_NAME[table].key)
                    else json.dumps(
                        {k: row[k] for k in BY_NAME[table].key}, ensure_ascii=False, default=str
                    ),
                }
            )
        return self

    def cover(self, target: str, region: str, period: date) -> Self:
        """A channel declares a table, region and period complete."""
        return self.add(
            intake.COVERAGE.name,
            target=target,
            region_code=region,
            period=period,
            is_complete=True,
            as_of=self.decided_on,
            channel=CHANNELS.get(target, "construction"),
        )

    def uncover(self, target: str, **where: Any) -> Self:
        """The channel has not said that the table is complete."""
        return self.remove(intake.COVERAGE.name, target=target, **where)

    def doubt(
        self, table: str, row_key: str, severity: str, *, usc_code: str | None = None
    ) -> Self:
        """A cross-channel check found something about a row (of another enterprise if it says so)."""
        return self.add(
            "check__finding",
            check_id="P-18",
            target=table,
            usc_code=usc_code or self.usc_code,
            row_key=row_key,
            severity=severity,
            detail="test",
        )

    # -- inside ----------------------------------------------------------------------

    def _count(self, what: str) -> int:
        self.numbers[what] = self.numbers.get(what, 0) + 1
        return self.numbers[what]

    def _no(self, prefix: str) -> str:
        return f"{prefix}{self.nth:06d}{self._count(prefix):05d}"

    def _key(self, label: str) -> str:
        return hashlib.blake2b(f"{self.nth}:{label}".encode(), digest_size=10).hexdigest()
