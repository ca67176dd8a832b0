"""Works, E14 to E23: which unit projects count, and which classes of the performance they meet.

Belongs here: one unit's standing (acceptance, role, manager), and which may serve. Does not: the
scope of what was held (`scope`), classes (`classes`), works a person led (`led`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from plain import law, seen
from plain.classes import Class, Line, enough
from plain.doubt import Truth, between, doubted, every, some
from plain.employed import Employed
from plain.law import Level, codes
from plain.record import Record, Row
from plain.scope import Scope
from plain.units import (
    ACCEPTANCE,
    CONTRACT,
    MEASURE,
    PROJECT,
    UNIT,
    Unit,
    units_of,
)

REGISTRATION = "base_personnel__registration"
MANAGER = "项目经理"


class Projects:
    """The unit projects on record for one enterprise (and those its leaders led elsewhere).

    Args:
        record: what is known.
        members: the enterprise with its branches.
        level: the level applied for, as the law stood on the day of filing.
        filed_on: day of filing.
        decided_on: day by which notices on the validity are known.
        recalled_may_grant: see `plain.case.Case`.
    """

    def __init__(
        self,
        record: Record,
        members: Employed,
        level: Level,
        filed_on: date,
        *,
        decided_on: date,
        recalled_may_grant: bool,
    ) -> None:
        self.record, self.members, self.level, self.filed_on = record, members, level, filed_on
        self.recalled_may_grant = recalled_may_grant
        self.scope = Scope(
            record,
            level,
            filed_on,
            decided_on=decided_on,
            recalled_may_grant=recalled_may_grant,
        )

    @cached_property
    def units(self) -> list[Unit]:
        """Every unit project of the document."""
        return units_of(self.record)

    def _closed(self, table: str) -> bool:
        if table == PROJECT:  # it names no enterprise, nor a branch
            return self.record.is_closed(table, self.filed_on)
        return self.members.is_all_closed(table)

    def _of_rows(self, rows: tuple[Row, ...], table: str, says: Callable[[Row], Truth]) -> Truth:
        """What the rows of a contract say; none at all proves absence where the channel is complete."""
        truths = [row.tells(says) for row in rows]
        if not truths and not self._closed(table):
            truths.append(None)
        return some(truths)

    def of_contract(self, unit: Unit, says: Callable[[Row], Truth]) -> Truth:
        """What its contract says; every unit has one, so one that is not there is no data."""
        return some([row.tells(says) for row in unit.contracts] or [None])

    # -- one unit's standing -----------------------------------------------------------

    def finished(self, unit: Unit) -> Truth:
        """Accepted as sound by the day of filing (E14)."""

        def says(row: Row) -> Truth:
            accepted, quality = row.day("accepted_on"), row["quality"]
            return every(
                [
                    None if accepted is None else accepted <= self.filed_on,
                    None if quality is None else quality == "合格",
                ]
            )

        return self._of_rows(unit.acceptances, ACCEPTANCE, says)

    def in_window(self, unit: Unit, years: int) -> Truth:
        """Accepted on or after 1 January of the year of filing less the years (E15)."""
        opens = date(self.filed_on.year - years, 1, 1)

        def says(row: Row) -> Truth:
            accepted = row.day("accepted_on")
            return None if accepted is None else accepted >= opens

        return self._of_rows(unit.acceptances, ACCEPTANCE, says)

    def contracted_as(self, unit: Unit, asked: list[str] | None) -> Truth:
        """Under one of the forms the text names, else as the series asks (E19)."""
        forms = codes("contracting")["forms"]
        unnamed = codes("contracting")["unnamed"][self.level.code[0]]
        perhaps = codes("contracting")["perhaps"]  # reading 48
        separate = codes("contracting")["separate"]  # reading 83
        ways = [forms[name] for name in asked or unnamed]

        def says(row: Row) -> Truth:
            given, shared = row["contract_type"], row["is_consortium"]
            truths: list[Truth] = []
            for way in ways:
                alone: Truth = True
                if way.get("alone"):
                    alone = None if shared is None else not shared
                is_of_form: Truth = given in way["types"]
                # Of a specialty what is contracted separately counts, and no text settles whether
                # anything else does that its own word takes in.
                if self.level.code[0] == "S":
                    is_of_form = given in separate or (None if is_of_form else False)
                # Whether a general claim counts works that its word 施工 takes in beside, neither.
                elif not is_of_form and given in way.get("perhaps", ()):
                    is_of_form = None
                if given is None or given in perhaps:
                    is_of_form = None
                truths.append(every([is_of_form, alone]))
            return some(truths)

        return self.of_contract(unit, says)

    def managed(self, unit: Unit) -> Truth:
        """Led by a constructor registered with the enterprise, in the discipline, all the time (E14)."""
        begun = ended = None
        for row in unit.acceptances:
            if row.is_trusted:
                begun, ended = row.day("started_on"), row.day("accepted_on")
        managers = [row for row in unit.parties if row["duty"] == MANAGER]
        truths = [
            row.tells(lambda r: self._registered_throughout(str(r["person_key"]), begun, ended))
            for row in managers
        ]
        # Somebody led every works: that nobody is named is no data. Of several, nobody knows who
        # led when, unless whoever it was will do (reading 64).
        if len(truths) == 1:
            return truths[0]
        return True if truths and all(truths) else None

    def _registered_throughout(self, person: str, begun: date | None, ended: date | None) -> Truth:
        disciplines = self.disciplines
        truths: list[Truth] = []
        terms: list[tuple[date, date, Truth]] = []
        for row in self.record.rows(REGISTRATION):
            # Of a row whose enterprise cannot be read it may be this one.
            if row["person_key"] != person or row["usc_code"] not in (*self.members.bodies, None):
                continue
            first, last = row.day("valid_from"), row.day("valid_until")
            grades = codes("people")["constructor_grades"]
            fits = every(
                [
                    self.members.whose(row["usc_code"]),
                    row["registration"] in grades,
                    not disciplines or row["specialty"] in disciplines,
                ]
            )
            says = every(
                [
                    fits,
                    None if begun is None or first is None else first <= begun,
                    None if ended is None or last is None else last >= ended,
                ]
            )
            truths.append(doubted(says, row.is_trusted))
            if row.is_trusted and fits is not False and first and last:
                terms.append((first, last, fits))
        if begun and ended:
            truths += _one_after_another(terms, begun, ended)
        if not self._closed(REGISTRATION):
            truths.append(None)
        return some(truths)

    @cached_property
    def disciplines(self) -> list[str]:
        """What every row of the category's constructors asks in common, else any of them (reading 10)."""
        entry = next(
            one
            for one in law.sheets()[self.level.code]["levels"]
            if one["level"] == self.level.level
            and one.get("subcategory", "") == self.level.subcategory
        )
        rows = entry["requirements"].get("constructors", {}).get("rows", [])
        every_row = [set(row["specialties"]) for row in rows]
        if not every_row or any(codes("people")["any_specialty"] in row for row in every_row):
            return []
        common = set.intersection(*every_row)
        return sorted(common or set.union(*every_row))

    def on_platform(self, unit: Unit, authority: str, *, personal: bool) -> Truth:
        """On the national platform with a grade that counts, where a notice asks it (E23)."""
        truths: list[Truth] = []
        for rule in self.level.platform:
            if rule.get("before", authority) != authority:
                continue
            grades = rule.get("personal_grades" if personal else "enterprise_grades")

            def says(row: Row, grades: list[str] | None = grades) -> Truth:
                if grades is None:
                    return True
                return None if row["data_level"] is None else row["data_level"] in grades

            truths.append(self._of_rows(unit.projects, PROJECT, says))
        return every(truths)

    def within_scope(self, unit: Unit) -> Truth:
        """Inside what the level held on the day of the contract allowed (E14, readings 2 and 17)."""
        return self.of_contract(unit, lambda row: self.scope.allows(unit, row.day("signed_on")))

    # -- performance of the enterprise ---------------------------------------------------

    def counts(
        self, unit: Unit, asked: Mapping[str, Any], forms: list[str] | None, authority: str
    ) -> Truth:
        """Whether a unit may serve at all (E14, E15, E19, E23)."""
        if not unit.row.is_lawful:
            return False
        if not unit.row.is_trusted:
            return None  # what hangs on it may be another's
        return every(
            [
                self.members.whose(unit.row["usc_code"]),
                self.finished(unit),
                self.in_window(unit, asked["window_years"]),
                self.contracted_as(unit, forms),
                self.managed(unit),
                self.within_scope(unit),
                self.on_platform(unit, authority, personal=False),
            ]
        )

    def performance(
        self, asked: Mapping[str, Any], authority: str, *, has_other_side: bool
    ) -> dict[str, Truth]:
        """The part as a whole, and every class by itself.

        has_other_side: works of another enterprise may count as well (reading 91).
        """
        own = [u for u in self.units if u.row["usc_code"] in self.members.bodies]
        known = all(self._closed(t) for t in (UNIT, CONTRACT, MEASURE, ACCEPTANCE))
        is_open = has_other_side or not known
        classes = []
        recalled = set() if self.recalled_may_grant else seen.recalled_classes(asked)
        for entry in asked["classes"]:
            forms = entry.get("contracting", asked.get("contracting"))
            standing = {u.code: self.counts(u, asked, forms, authority) for u in own}
            lines = [Line(line, own, standing) for line in entry["any_of"]]
            classes.append(Class(entry["n"], lines))
        missing = [*self._missing_classes(), *recalled]
        shares = asked.get("sums_share_works", True)
        told = [one for one in classes if one.n not in recalled]
        surely = enough(asked, told, [], shares, surely=True)
        possibly = is_open or enough(asked, told, missing, shares, surely=False)
        alone = {
            f"performance.class.{one.n}": between(
                one.n not in recalled and one.alone(surely=True),
                is_open or one.n in recalled or one.alone(surely=False),
            )
            for one in classes
        }
        return {"performance": between(surely, possibly), **alone}

    def _missing_classes(self) -> list[int | None]:
        """Classes nobody found, None for further ones of no known number."""
        found: list[int | None] = []
        for name in self.level.unknown:
            if name.startswith("performance.classes."):
                number = name.rstrip("?").rpartition(".")[2]
                found += [int(number)] if number.isdigit() else [None] * 9
        return found


def _one_after_another(
    terms: list[tuple[date, date, Truth]], begun: date, ended: date
) -> list[Truth]:
    """Whether several registrations leave no day of the works out: surely, and perhaps."""

    def reach(some_of: list[tuple[date, date, Truth]]) -> bool:
        day = begun
        for first, last, _ in sorted(some_of, key=lambda one: one[:2]):
            if first <= day <= last:
                day = last + timedelta(days=1)
        return day > ended

    return [reach([one for one in terms if one[2]]), None if reach(terms) else False]
