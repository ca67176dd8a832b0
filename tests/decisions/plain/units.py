"""Unit projects and what they measure (E16, E20).

Belongs here: a unit with the rows that hang on it, its kinds of works, the values of a metric.
Does not: whether it counts (`projects`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from plain.conditions import Value, Values, holds, is_kind_of, may_be_kind_of, parsed, shares_kind
from plain.doubt import Truth, every, some
from plain.law import codes
from plain.record import Record, Row

PROJECT = "base_project__project"
CONTRACT = "base_project__contract"
UNIT = "base_project__unit"
MEASURE = "base_project__measure"
ACCEPTANCE = "base_project__acceptance"
PARTY = "base_project__party"
MONEY = ("单项合同额", "合同额")
MIXED = "市政综合工程"
"""Two or more kinds of municipal works under one contract; the footnote that says of which was not seen."""


@dataclass(frozen=True)
class Unit:
    """One unit project with the rows that hang on it."""

    code: str
    row: Row
    contracts: tuple[Row, ...]
    acceptances: tuple[Row, ...]
    parties: tuple[Row, ...]
    measures: tuple[Row, ...]
    projects: tuple[Row, ...]
    kinds_of_contract: frozenset[str]
    """The names of all works under its contract."""

    @property
    def contract_no(self) -> str:
        """Its contract."""
        return str(self.row["contract_no"])

    def is_works(self, works: str) -> Truth:
        """Whether it is works of a kind: by its own kind or that of one of its measures.

        No data where it is only known by the name of a wider kind or one that takes in some of it,
        or by one that no list has, or as part of a contract for several kinds of municipal works (reading 100).
        """
        truths: list[Truth] = [None] if works == MIXED and self._is_mixed() else []
        for row in (self.row, *self.measures):
            kind = str(row["works_type"])
            if shares_kind("works", kind, works) and not is_kind_of("works", kind, works):
                truths.append(None)
            else:
                truths.append(may_be_kind_of("works", kind, works))
        return some(truths)

    def _is_mixed(self) -> bool:
        """Whether its contract takes in municipal works of two kinds, or one and works of no list."""
        entries = codes("works")
        municipal = {entries.get(one, {}).get("municipal") for one in self.kinds_of_contract}
        is_strange = any(one not in entries for one in self.kinds_of_contract)
        return len(municipal - {None}) + is_strange > 1

    def values(self, works: str) -> Values:
        """What is known of it as works of a kind, the money of its contract among it."""
        found: dict[str, list[Value]] = {metric: self._price() for metric in MONEY}
        by_wider_name = self.is_works(works) is None
        strange = {
            str(row["works_type"])
            for row in (self.row, *self.measures)
            if may_be_kind_of("works", str(row["works_type"]), works) is None
        }
        for row in self.measures:
            kind = str(row["works_type"])
            if (
                shares_kind("works", kind, works) or may_be_kind_of("works", kind, works) is None
                if by_wider_name
                else is_kind_of("works", kind, works)
            ):
                value = row["label"] if row["value"] is None else _told(row["value"])
                # Of several names that no list has, nobody knows which one is meant.
                is_told = row.is_trusted and (kind not in strange or len(strange) == 1)
                found.setdefault(str(row["metric"]), []).append(value if is_told else None)
        return found

    def _price(self) -> list[Value]:
        """The price in the contract; without one the settlement (E20)."""
        prices: list[Value] = []
        for row in self.contracts:
            told = _told(row["amount_yuan"]) or _told(row["settlement_yuan"])
            prices.append(told if row.is_trusted else None)
        return prices or [None]

    @property
    def is_priced_alone(self) -> Truth:
        """Whether the price is its builder's alone: of a consortium's nobody knows the parts (94)."""
        return every(None if row["is_consortium"] is not False else True for row in self.contracts)

    def meets(self, line: Mapping[str, Any], *, is_limit: bool = False) -> Truth:
        """Whether it meets the condition of a line."""
        return holds(parsed(line.get("where", "")), self.values(line["works"]), is_limit=is_limit)


def units_of(record: Record) -> list[Unit]:
    """Every unit project of the document, once."""
    by_contract = {
        table: _grouped(record.rows(table), "contract_no")
        for table in (CONTRACT, ACCEPTANCE, PARTY)
    }
    measures = _grouped(record.rows(MEASURE), "unit_code")
    projects = _grouped(record.rows(PROJECT), "project_no")
    kinds: dict[str, set[str]] = {}
    for row in record.rows(UNIT):
        told = (row, *measures.get(str(row["unit_code"]), []))
        kinds.setdefault(str(row["contract_no"]), set()).update(
            str(one["works_type"]) for one in told if one["works_type"] is not None
        )
    found: dict[str, Unit] = {}
    for row in record.rows(UNIT):
        number = str(row["contract_no"])
        unit = Unit(
            str(row["unit_code"]),
            row,
            tuple(by_contract[CONTRACT].get(number, [])),
            tuple(by_contract[ACCEPTANCE].get(number, [])),
            tuple(by_contract[PARTY].get(number, [])),
            tuple(measures.get(str(row["unit_code"]), [])),
            tuple(projects.get(str(row["project_no"]), [])),
            frozenset(kinds[number]),
        )
        # Of two copies, one set apart: one unit, in doubt.
        if unit.code not in found or not row.is_trusted:
            found[unit.code] = unit
    return list(found.values())


def _told(told: Any) -> Decimal | None:
    """A price or measure; none where the sender wrote 0 for want of one."""
    return Decimal(str(told)) or None if told is not None else None


def _grouped(rows: list[Row], name: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(str(row[name]), []).append(row)
    return found
