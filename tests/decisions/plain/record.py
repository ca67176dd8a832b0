"""What is known of one enterprise: the rows of a portfolio document, each with how far to believe it.

Belongs here: the rows of a table with those set apart, marks of the cross-checks, and which
channels have declared their rows complete. Does not: any rule about people or works.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from plain.days import day_of
from plain.doubt import Truth

PROVINCE = "330000"
KEYS: dict[str, tuple[str, ...]] = {
    "base_enterprise__registry": ("usc_code",),
    "base_enterprise__event": ("event_no",),
    "base_enterprise__certificate": ("certificate_no",),
    "base_enterprise__qualification": ("qualification_no",),
    "base_enterprise__design_qualification": ("design_no",),
    "base_enterprise__statement": ("usc_code", "year", "report_code"),
    "base_enterprise__equipment": ("equipment_no", "metric"),
    "base_personnel__person": ("person_key",),
    "base_personnel__registration": ("registration_no", "specialty", "usc_code"),
    "base_personnel__title": ("title_no", "major"),
    "base_personnel__post_certificate": ("certificate_no",),
    "base_personnel__skill_certificate": ("certificate_no",),
    "base_personnel__insurance_month": ("person_key", "month", "usc_code"),
    "base_personnel__technical_lead": ("usc_code", "category_code"),
    "base_project__project": ("project_no",),
    "base_project__contract": ("contract_no",),
    "base_project__unit": ("unit_code",),
    "base_project__measure": ("unit_code", "works_type", "metric"),
    "base_project__acceptance": ("contract_no",),
    "base_project__party": ("contract_no", "duty", "person_key"),
    "base_credit__finding": ("finding_no",),
    "base_credit__bar": ("bar_no",),
    "base_credit__rectification": ("order_no",),
}
NAMED_BY: dict[str, tuple[str, ...]] = {
    "base_enterprise__statement": ("year",),
    "base_personnel__registration": ("person_key", "registration_no"),
    "base_personnel__title": ("person_key", "title_no"),
    "base_personnel__post_certificate": ("person_key", "certificate_no"),
    "base_personnel__skill_certificate": ("person_key", "certificate_no"),
    "base_project__project": ("project_no",),
    "base_project__contract": ("contract_no", "project_no"),
    "base_project__unit": ("unit_code", "contract_no", "project_no"),
    "base_project__measure": ("unit_code",),
    "base_project__acceptance": ("contract_no",),
    "base_project__party": ("contract_no",),
}
"""By which columns a check may name a row, where not by the first of its key or by the person."""
OF_WORKS = tuple(
    f"base_project__{name}" for name in ("contract", "unit", "measure", "acceptance", "party")
)
_WITH_CONTRACT = tuple(
    f"base_project__{name}" for name in ("contract", "unit", "acceptance", "party")
)
_WITH_UNIT = ("base_project__unit", "base_project__measure")
_WITH_CERTIFICATE = ("base_enterprise__certificate", "base_enterprise__qualification")
OF_ONE_ENTERPRISE: dict[str, dict[str, tuple[str, ...]]] = {
    "base_enterprise__event": {"event_no": ("base_enterprise__event",)},
    "base_enterprise__certificate": {"certificate_no": _WITH_CERTIFICATE},
    "base_enterprise__qualification": {
        "qualification_no": ("base_enterprise__qualification",),
        "certificate_no": _WITH_CERTIFICATE,
    },
    "base_enterprise__design_qualification": {
        "design_no": ("base_enterprise__design_qualification",)
    },
    "base_enterprise__equipment": {"equipment_no": ("base_enterprise__equipment",)},
    "base_credit__finding": {"finding_no": ("base_credit__finding",)},
    "base_credit__bar": {"bar_no": ("base_credit__bar",)},
    "base_credit__rectification": {"order_no": ("base_credit__rectification",)},
    "base_project__contract": {"contract_no": _WITH_CONTRACT},
    "base_project__unit": {"unit_code": _WITH_UNIT, "contract_no": _WITH_CONTRACT},
    "base_project__measure": {"unit_code": _WITH_UNIT},
    "base_project__acceptance": {"contract_no": _WITH_CONTRACT},
    "base_project__party": {"contract_no": _WITH_CONTRACT},
}
"""Numbers that only rows of one enterprise bear: they tell whose a row is that does not name it."""
ABOUT = {
    "base_project__contract": ("contract_no",),
    "base_project__measure": ("unit_code",),
    "base_project__acceptance": ("contract_no",),
    "base_project__unit": ("unit_code", "contract_no", "works_type"),
    "base_project__party": ("contract_no", "person_key"),
    "base_personnel__title": ("person_key",),
    "base_personnel__registration": ("person_key",),
    "base_personnel__technical_lead": ("person_key", "category_code"),
    "base_enterprise__certificate": ("certificate_no",),
}
"""What a row must tell so that it is known what it is about (reading 57)."""
NUMBERED_WORKS = ("base_project__contract", "base_project__unit")
GO_WITH_THE_PERSON = (
    "base_personnel__person",
    "base_personnel__title",
    "base_personnel__post_certificate",
    "base_personnel__skill_certificate",
    "base_project__project",
)
"""Tables whose employer, if they name one, is no proof: a finding holds whoever it names."""
STALE_AFTER_DAYS = {
    "base_enterprise__registry": 2,
    "base_enterprise__event": 2,
    "base_enterprise__design_qualification": 45,
    "base_enterprise__statement": 45,
    "base_enterprise__equipment": 45,
    "base_personnel__registration": 3,
    "base_personnel__title": 45,
    "base_personnel__post_certificate": 45,
    "base_personnel__skill_certificate": 45,
    "base_personnel__person": 45,
    "base_credit__finding": 2,
    "base_credit__bar": 2,
    "base_credit__rectification": 2,
}
"""A word of completeness that is older proves nothing any more; seven days for all others."""


@dataclass(frozen=True)
class Row:
    """One row: what it says, and whether it is believed and may count."""

    values: dict[str, Any]
    is_trusted: bool = True
    is_lawful: bool = True
    is_meant: Truth = True
    """Whether it is what a case is about; of S36 nobody knows, where the case names no kind."""

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    def day(self, name: str) -> date | None:
        """A day of the row."""
        return day_of(self.values.get(name))

    @property
    def instant(self) -> datetime:
        """When the row was received."""
        return datetime.fromisoformat(self.values["received_at"])

    def tells(self, says: Callable[[Row], Truth]) -> Truth:
        """What it says: nothing good where the law does not count it, nothing where it is doubted."""
        if not self.is_lawful:
            return False
        return says(self) if self.is_trusted else None


class Record:
    """A portfolio document (docs/portfolio.schema.json).

    Args:
        document: the document, as parsed from JSON.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.usc_code: str = document["usc_code"]
        self.tables: dict[str, list[dict[str, Any]]] = document["tables"]
        self._believed: dict[str, list[Row]] = {}

    def rows(self, table: str) -> list[Row]:
        """The rows of a base table, those set apart among them as not trusted."""
        if table not in KEYS:
            return [Row(one) for one in self.tables.get(table, [])]  # our own decisions
        if table not in self._believed:
            sound = self.tables.get(table, [])
            apart = self._set_apart(table, sound)
            overtaken = {_key(table, one) for one in apart}
            self._believed[table] = [
                Row(
                    one,
                    not self._marked(table, one, "DATA") and _key(table, one) not in overtaken,
                    not self._marked(table, one, "LAW"),
                )
                for one in sound
            ] + [Row(one, is_trusted=False) for one in apart]
        return self._believed[table]

    def mine(self, table: str) -> list[Row]:
        """The rows of a table that name the enterprise itself."""
        return [row for row in self.rows(table) if row["usc_code"] == self.usc_code]

    def _set_apart(self, table: str, sound: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows set apart that no later sound row of the same key has cleared."""
        latest: dict[tuple[Any, ...], datetime] = {}
        for one in sound:
            at = datetime.fromisoformat(one["received_at"])
            latest[_key(table, one)] = max(at, latest.get(_key(table, one), at))
        apart = []
        for number, row in enumerate(self.tables.get("intake__quarantine", [])):
            if row["target"] != table:
                continue
            values = json.loads(row["typed_json"])
            key = _key(table, values)
            cleared = latest.get(key)
            if cleared is not None and cleared > datetime.fromisoformat(row["received_at"]):
                continue
            values["received_at"] = row["received_at"]
            if table != "base_personnel__person":
                values.setdefault("usc_code", row.get("usc_code"))
            # Somebody or something whose number cannot be read is still one, and no other.
            if table.startswith("base_personnel__") or table == "base_project__party":
                values.setdefault("person_key", f"?{number}")
            if table not in OF_WORKS or table in NUMBERED_WORKS:
                values.setdefault(KEYS[table][0], f"?{number}")
            theirs = (
                [values["usc_code"]] if values.get("usc_code") else self._bearers(table, values)
            )
            apart += [{**values, "usc_code": one} for one in theirs or [None]]
        return apart

    @cached_property
    def with_duties_of_nobody(self) -> set[str]:
        """Enterprises of whose works a duty was set apart that does not say whose it is."""
        return {
            row["usc_code"]
            for row in self.tables.get("intake__quarantine", [])
            if row["target"] == "base_project__party"
            and row.get("usc_code")
            and (row.get("person_key") or "?").startswith("?")
        }

    def _bearers(self, table: str, values: dict[str, Any]) -> list[str]:
        """Of which enterprises the other rows are that bear a number of this one."""
        found: set[str] = set()
        for name, tables in OF_ONE_ENTERPRISE.get(table, {}).items():
            rows = [row for other in tables for row in self.tables.get(other, [])]
            rows += [
                {"usc_code": row.get("usc_code"), **json.loads(row["typed_json"])}
                for row in self.tables.get("intake__quarantine", [])
                if row["target"] in tables
            ]
            found |= {
                row["usc_code"]
                for row in rows
                if row.get("usc_code") and row.get(name) == values.get(name) is not None
            }
        return sorted(found)

    def _marked(self, table: str, row: dict[str, Any], severity: str) -> bool:
        by_person = table.startswith("base_personnel__")
        names = NAMED_BY.get(table) or (("person_key",) if by_person else KEYS[table][:1])
        keys = {str(row.get(name)) for name in names}
        if table == "base_personnel__insurance_month":
            keys.add(f"{row.get('person_key')}|{row.get('month')}")
        return any(
            finding["severity"] == severity
            and finding["target"] == table
            and finding["row_key"] in keys
            and (table in GO_WITH_THE_PERSON or finding["usc_code"] == row.get("usc_code"))
            for finding in self.tables.get("check__finding", [])
        )

    # -- completeness ----------------------------------------------------------------

    @cached_property
    def city(self) -> str | None:
        """The city the enterprise is registered in."""
        return self.city_of(self.usc_code)

    def city_of(self, usc_code: str) -> str | None:
        """The city that an enterprise is registered in; None too where its rows differ in it."""
        told = {
            str(row["region_code"] or "")[:4]
            for row in self.rows("base_enterprise__registry")
            if row["usc_code"] == usc_code
        }
        return told.pop() + "00" if len(told) == 1 and all(told) else None

    def is_closed(self, table: str, day: date, *, everywhere: bool = False) -> bool:
        """Whether an absent row of the table proves absence for the enterprise.

        Declared complete, and no row of it set apart that may be the absent one.
        """
        return self.is_declared(table, day, everywhere=everywhere) and not any(
            self.is_adrift(table, row) for row in self.mine(table)
        )

    def is_adrift(self, table: str, row: Row) -> bool:
        """Whether nobody knows what a row is about; of a qualification, as soon as it is doubted."""
        if row.is_trusted:
            return False
        if table == "base_enterprise__qualification":
            return True
        return any((row[name] or "?").startswith("?") for name in ABOUT.get(table, ()))

    def is_declared(
        self, table: str, day: date, *, everywhere: bool = False, city: str | None = ""
    ) -> bool:
        """Whether a channel has said, lately, that the table is complete.

        Args:
            table: the table.
            day: day the word must be fresh on.
            everywhere: the question reaches beyond the city, so only the province's word counts.
            city: asked about; empty = the one the enterprise is registered in.
        """
        here = self.city if city == "" else city
        regions = {PROVINCE} if everywhere else {PROVINCE, here}
        oldest = day - timedelta(days=1 + STALE_AFTER_DAYS.get(table, 7))
        return any(
            row["target"] == table
            and row["is_complete"]
            and row["region_code"] in regions
            and date.fromisoformat(row["as_of"]) >= oldest
            for row in self.tables.get("base_channel__coverage", [])
        )

    def is_month_closed(self, month: date, regions: set[str | None]) -> bool:
        """Whether the insurance of a month is complete in every one of the cities."""
        said = {
            row["region_code"]
            for row in self.tables.get("base_channel__coverage", [])
            if row["target"] == "base_personnel__insurance_month"
            and row["is_complete"]
            and row["period"] == month.isoformat()
        }
        return PROVINCE in said or (bool(regions) and regions <= said)


def _key(table: str, row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(str(row.get(name)) for name in KEYS[table])
