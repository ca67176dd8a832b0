"""Net assets, other assets and machines, E24 to E26.

Belongs here: what the enterprise owns. Does not: people, works.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from plain import law, seen
from plain.case import Case
from plain.conditions import Value, Values, figure, holds, is_kind_of, may_be_kind_of, parsed
from plain.doubt import Truth, between, doubted, every, some
from plain.employed import Employed
from plain.held import Held
from plain.law import Level
from plain.record import Record, Row

REGISTRY = "base_enterprise__registry"
EVENT = "base_enterprise__event"
STATEMENT = "base_enterprise__statement"
EQUIPMENT = "base_enterprise__equipment"
WAN = 10_000
UNAUDITED_FROM = date(2015, 11, 9)
"""Statements had to be audited until then (建市[2015]177号); no channel tells whether one was."""


def net_assets(
    record: Record, level: Level, held: Held, case: Case, assessment: str, source: str
) -> Truth:
    """Against the highest figure among the level applied for and those held, not added (E25).

    Args:
        record: what is known.
        level: the level applied for.
        held: what is held.
        case: the application.
        assessment: how the case is handled.
        source: `statement`, `registered_capital` or `paid_in_capital`.
    """
    filed_on = case.filed_on
    asked: list[Decimal | None] = [_asked(level)]
    if assessment in law.kinds()["net_assets_by_highest_held"]:
        for row, is_held in held.others(level):
            other = law.level_on(
                str(row["category_code"]),
                law.ruled(row["category_code"], row["subcategory"]),
                str(row["level"]),
                filed_on,
            )
            if other is None:
                asked.append(None)
            elif "net_assets" in other.parts or other.lacks("net_assets"):
                is_sure = is_held and (
                    case.recalled_may_grant or not seen.is_recalled(other, "net_assets")
                )
                asked.append(_asked(other) if is_sure else None)
        if not held.is_closed:
            asked.append(None)
    if source == "statement":
        figures = _statements(record, filed_on)
    else:
        figures = _capital(record, f"{source}_yuan", case)
    return every(
        None if one is None else some(None if f is None else f >= one for f in figures)
        for one in asked
    )


def _asked(level: Level) -> Decimal | None:
    part = level.parts.get("net_assets")
    if part is None:
        return None
    number, _, unit = str(part["at_least"]).partition(" ")
    assert unit == "万元", part
    return Decimal(number) * WAN


def _capital(record: Record, name: str, case: Case) -> list[Decimal | None]:
    """Capital of the business licence on the day of filing, registered (E24) or paid in (B6.3)."""
    if _is_capital_changed(record, case):
        return [None]
    figures = [_yuan(row, name) for row in record.mine(REGISTRY)]
    if not figures or not record.is_closed(REGISTRY, case.filed_on):
        figures.append(None)
    return figures


def _is_capital_changed(record: Record, case: Case) -> bool:
    """Whether it was changed since the filing, or perhaps: nobody tells what it was then."""
    if case.decided_on == case.filed_on:
        return False
    for row in record.mine(EVENT):
        if not row.is_lawful:
            continue
        on = row.day("happened_on")
        is_later = on is None or on > case.filed_on
        if not row.is_trusted or (row["event_code"] == "capital" and is_later):
            return True
    return not record.is_closed(EVENT, case.decided_on)


def _statements(record: Record, filed_on: date) -> list[Decimal | None]:
    """Of the year before or of the current period: either will do (readings 14, 75)."""
    figures: list[Decimal | None] = []
    for row in record.mine(STATEMENT):
        of_last_year = row["report_code"] == "annual" and row["year"] == filed_on.year - 1
        end = row.day("period_end_on")
        current = (
            row["report_code"] == "current"
            and end is not None
            and (
                (row["year"] == filed_on.year and end <= filed_on)
                or end == date(filed_on.year - 1, 12, 31)
            )
        )
        if not row.is_trusted:
            figures.append(None)  # of what year, nobody knows (reading 31)
        elif of_last_year or current:
            is_enough = filed_on >= UNAUDITED_FROM
            figures.append(_yuan(row, "net_assets_yuan") if is_enough else None)
    if not figures or not record.is_closed(STATEMENT, filed_on):
        figures.append(None)  # missing is not zero (W28)
    return figures


def _yuan(row: Row, name: str) -> Decimal | None:
    value = row[name]
    return Decimal(str(value)) if value is not None and row.is_trusted else None


def _is_machine(kind: str, asked: str) -> Truth:
    """Whether a machine of that name is what is asked; of a wider name, nobody knows."""
    if is_kind_of("machines", asked, kind) and not is_kind_of("machines", kind, asked):
        return None
    return may_be_kind_of("machines", kind, asked)


class Machines:
    """The machines of the enterprise on the day of filing (E26: owned, not leased).

    Args:
        record: what is known.
        members: the enterprise with its branches.
        filed_on: day of filing.
    """

    def __init__(self, record: Record, members: Employed, filed_on: date) -> None:
        self.is_open = not members.is_all_closed(EQUIPMENT)
        self.members, self.filed_on = members, filed_on
        self.by_number: dict[str, list[Row]] = {}
        for row in record.rows(EQUIPMENT):
            if row["usc_code"] not in members.bodies:
                continue
            self.by_number.setdefault(str(row["equipment_no"]), []).append(row)

    def _owned(self, rows: list[Row]) -> Truth:
        truths: list[Truth] = []
        for row in rows:
            bought, sold = row.day("purchased_on"), row.day("disposed_on")
            truths.append(
                doubted(
                    every(
                        [
                            self.members.whose(row["usc_code"]),
                            row["is_owned"],
                            None if bought is None else bought <= self.filed_on,
                            sold is None or sold > self.filed_on,
                        ]
                    ),
                    row.is_trusted,
                )
                if row.is_lawful
                else False
            )
        return every(truths)

    def _fits(self, rows: list[Row], line: Mapping[str, Any]) -> Truth:
        kind = some(
            doubted(
                _is_machine(str(row["equipment_kind"]), line["machine"]),
                row.is_trusted,
            )
            for row in rows
        )
        measures: Truth = holds(parsed(line.get("where", "")), _values(rows))
        if not all(row.is_trusted for row in rows):
            kind = measures = None  # a row in doubt may be any machine at all (reading 31)
        return every([kind, self._owned(rows), measures])

    def line(self, line: Mapping[str, Any]) -> Truth:
        """So many machines of a kind, or a measure added up over them."""
        fits = {n: self._fits(rows, line) for n, rows in self.by_number.items()}
        able = {n: fit for n, fit in fits.items() if fit is not False}
        if "count" in line:
            sure = sum(fit is True for fit in able.values()) >= line["count"]
            return between(sure, self.is_open or len(able) >= line["count"])
        needed = figure(line["sum"], line["at_least"])
        total = {True: Decimal(0), False: Decimal(0)}
        boundless = self.is_open
        for number, fit in able.items():
            amounts = _values(self.by_number[number]).get(line["sum"], [None])
            known = [a for a in amounts if isinstance(a, Decimal)]
            is_told = all(row.is_trusted for row in self.by_number[number])
            boundless |= len(known) < len(amounts) or not is_told
            for surely in (True, False):
                if fit is True or not surely:
                    total[surely] += max(known, default=Decimal(0))
        return between(total[True] >= needed, boundless or total[False] >= needed)

    def _item(self, lines: list[Mapping[str, Any]]) -> Truth:
        """Any of the alternatives; whether some of each will do no text says (reading 98)."""
        truth = some(self.line(line) for line in lines)
        numbers = {line.get("count") for line in lines}
        if truth is False and len(numbers) == 1 and None not in numbers:
            together = [
                rows
                for rows in self.by_number.values()
                if any(self._fits(rows, line) is not False for line in lines)
            ]
            return None if len(together) >= numbers.pop() else False
        return truth

    def equipment(self, asked: Mapping[str, Any]) -> dict[str, Truth]:
        """So many of the items, each by any of its machines."""
        items = [self._item(item["any_of"]) for item in asked["items"]]
        need = len(items) if asked["need"] == "all" else asked["need"]
        sure = sum(item is True for item in items) >= need
        could = sum(item is not False for item in items) >= need
        return {
            "equipment": between(sure, could),
            **{f"equipment.{n}": item for n, item in enumerate(items, start=1)},
        }

    def other_assets(self, asked: Mapping[str, Any]) -> dict[str, Truth]:
        """Floor space of workshops and the like, added up."""
        answers: dict[str, Truth] = {}
        for number, row in enumerate(asked["rows"], start=1):
            needed = figure(row["what"], row["at_least"])
            sure = could = Decimal(0)
            boundless = self.is_open
            for rows in self.by_number.values():
                for one in rows:
                    if one.is_lawful and not one.is_trusted:
                        boundless = True  # it may be anything (reading 31)
                    if one["metric"] != row["what"]:
                        continue
                    # The text does not say owned: a leased one is neither counted nor held against.
                    is_told = one["is_owned"] or not one.is_lawful
                    owned = self._owned(rows) if is_told else None
                    value = _values([one])[row["what"]][0]
                    if owned is False:
                        continue
                    if not isinstance(value, Decimal):
                        boundless = True
                        continue
                    could += value
                    sure += value if owned else Decimal(0)
            answers[f"assets_other.{number}"] = between(
                sure >= needed, boundless or could >= needed
            )
        return {"assets_other": every(answers.values()), **answers}


def _values(rows: list[Row]) -> Values:
    found: dict[str, list[Value]] = {}
    for row in rows:
        if row["metric"]:
            value = row["value"]
            known = value is not None and row.is_trusted
            found.setdefault(str(row["metric"]), []).append(Decimal(str(value)) if known else None)
    return found
