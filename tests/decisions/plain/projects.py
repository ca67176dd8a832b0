"""Works, E14 to E23: which unit projects count, and which classes of the performance they meet.

Belongs here: one unit's standing (acceptance, role, manager, scope), lines and classes, and the
search for an assignment of units to classes. Does not: people's groups, money of the enterprise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from plain import law, seen
from plain.classes import Class, Line, enough
from plain.conditions import figure, metrics_of, parsed
from plain.doubt import Truth, between, doubted, every, some
from plain.employed import Employed
from plain.held import Held
from plain.law import Level, codes
from plain.record import OF_WORKS, Record, Row
from plain.units import (
    ACCEPTANCE,
    CONTRACT,
    MEASURE,
    MONEY,
    PARTY,
    PROJECT,
    UNIT,
    Unit,
    units_of,
)

QUALIFICATION = "base_enterprise__qualification"
REGISTRATION = "base_personnel__registration"
NAMING_EMPLOYERS = (
    REGISTRATION,
    "base_personnel__title",
    "base_personnel__post_certificate",
    "base_personnel__skill_certificate",
)
STANDING = ("valid", "superseded")
"""States of a certificate that did not end by an act nobody dates."""
MANAGER, TECHNICAL = "项目经理", "技术负责人"
OF_THE_HEAD = (QUALIFICATION, PROJECT)
"""What no branch has: it holds no qualification, and a project names no enterprise."""


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
        self.decided_on = decided_on
        self.recalled_may_grant = recalled_may_grant

    @cached_property
    def units(self) -> list[Unit]:
        """Every unit project of the document."""
        return units_of(self.record)

    def _closed(self, table: str) -> bool:
        if table in OF_THE_HEAD:
            return self.record.is_closed(table, self.filed_on)
        return self.members.is_all_closed(table)

    def _of_rows(self, rows: tuple[Row, ...], table: str, says: Callable[[Row], Truth]) -> Truth:
        """What the rows of a contract say; none at all proves absence where the channel is complete."""
        truths = [_believed(row, says) for row in rows]
        if not truths and not self._closed(table):
            truths.append(None)
        return some(truths)

    def _of_contract(self, unit: Unit, says: Callable[[Row], Truth]) -> Truth:
        """What its contract says; every unit has one, so one that is not there is no data."""
        return some([_believed(row, says) for row in unit.contracts] or [None])

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
        ways = [forms[name] for name in asked or unnamed]

        def says(row: Row) -> Truth:
            given, shared = row["contract_type"], row["is_consortium"]
            truths: list[Truth] = []
            for way in ways:
                alone: Truth = True
                if way.get("alone"):
                    alone = None if shared is None else not shared
                is_unsaid = given is None or given in perhaps
                truths.append(every([None if is_unsaid else given in way["types"], alone]))
            return some(truths)

        return self._of_contract(unit, says)

    def managed(self, unit: Unit) -> Truth:
        """Led by a constructor registered with the enterprise, in the discipline, all the time (E14)."""
        begun = ended = None
        for row in unit.acceptances:
            if row.is_trusted:
                begun, ended = row.day("started_on"), row.day("accepted_on")
        managers = [row for row in unit.parties if row["duty"] == MANAGER]
        truths = [
            _believed(
                row, lambda r: self._registered_throughout(str(r["person_key"]), begun, ended)
            )
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

    # -- scope of the level held then ----------------------------------------------------

    def within_scope(self, unit: Unit) -> Truth:
        """Inside what the level held on the day of the contract allowed (E14, readings 2 and 17)."""
        return self._of_contract(unit, lambda row: self._allowed(unit, row.day("signed_on")))

    def _allowed(self, unit: Unit, signed_on: date | None) -> Truth:
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
        if not self._closed(QUALIFICATION):
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

    def performance(self, asked: Mapping[str, Any], authority: str) -> dict[str, Truth]:
        """The part as a whole, and every class by itself."""
        own = [u for u in self.units if u.row["usc_code"] in self.members.bodies]
        is_open = not all(self._closed(t) for t in (UNIT, CONTRACT, MEASURE, ACCEPTANCE))
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

    # -- works a person led (E11) --------------------------------------------------------

    def led(
        self,
        people: Mapping[str, Truth],
        asked: Mapping[str, Any],
        authority: str,
        *,
        is_open: bool,
    ) -> Truth:
        """So many finished works of the cited level that one of these people led.

        Args:
            people: who may have led them: the leader, constructors of the enterprise.
            asked: the part.
            authority: whose office decides.
            is_open: whether there may be more such people than are on record.
        """
        further = self._cited_lacks(asked["level"])
        if further is None:
            return None  # nobody found what is asked (reading 22)
        tables = (PARTY, UNIT, ACCEPTANCE, MEASURE)
        is_open |= not all(
            self.record.is_closed(table, self.filed_on, everywhere=True) for table in tables
        )
        is_open |= self._may_have_led_others(people)
        answers: list[Truth] = [None] if is_open else []
        for person, is_leader in people.items():
            works = [
                (unit, every([is_leader, self._led_by(unit, person, authority)]))
                for unit in self.units
            ]
            sure = self._works(works, asked["level"], surely=True) >= asked["at_least"]
            could = self._works(works, asked["level"], surely=False) >= asked["at_least"]
            answers.append(between(sure, could or further))
        return some([*answers, None if further else False])

    def _may_have_led_others(self, people: Iterable[str]) -> bool:
        """Whether one of them led something that nobody can read, or perhaps did."""
        mine = [row for row in self.record.rows(PARTY) if row["person_key"] in people]
        if any(not row.is_trusted and row["contract_no"] is None for row in mine):
            return True
        if self._employers(people) & self.record.with_duties_of_nobody:
            return True
        builders = {row["usc_code"] for row in mine} - {None}
        return any(
            row["usc_code"] in builders and self.record.is_adrift(table, row)
            for table in OF_WORKS
            for row in self.record.rows(table)
        )

    def _employers(self, people: Iterable[str]) -> set[str]:
        """Whom a registration or certificate of theirs names."""
        return {
            row["usc_code"]
            for table in NAMING_EMPLOYERS
            for row in self.record.rows(table)
            if row["person_key"] in people and row["usc_code"]
        }

    def _led_by(self, unit: Unit, person: str, authority: str) -> Truth:
        leads = some(
            # Of what duty one in doubt tells is not known.
            _believed(row, lambda r: True)
            for row in unit.parties
            if row["person_key"] == person
            and (row["duty"] in (MANAGER, TECHNICAL) or not row.is_trusted)
        )
        if leads is False or not unit.row.is_lawful:
            return False
        if not unit.row.is_trusted:
            return None
        return every(
            [
                leads,
                self._of_contract(unit, lambda r: True),
                # Elsewhere another's channel tells: an acceptance not there proves nothing.
                self.finished(unit) if unit.acceptances else None,
                self.on_platform(unit, authority, personal=True),
            ]
        )

    def _works(self, led: list[tuple[Unit, Truth]], cited: str, *, surely: bool) -> int:
        """How many works: every unit by itself, those that reach only by price one per contract."""
        number = 0
        by_contract: dict[str, list[Unit]] = {}
        for unit, truth in led:
            if truth is True or (truth is None and not surely):
                by_contract.setdefault(unit.contract_no, []).append(unit)
        for units in by_contract.values():
            found = {True: 0, False: 0}
            for unit in units:
                for by_price in (False, True):
                    reaches = self._reaches(unit, cited, by_price=by_price)
                    if reaches is True or (reaches is None and not surely):
                        found[by_price] += 1
            number += found[False] or min(found[True], 1)
        return number

    def _reaches(self, unit: Unit, cited: str, *, by_price: bool) -> Truth:
        """Whether a unit by itself reaches a threshold of the cited level (reading 9)."""
        code, subcategory = self.level.code, self.level.subcategory
        if cited in ("本类别", "相应专业"):
            return False if by_price else self._is_of_the_category(unit)
        # 二级 means 二级 or higher: who reaches a figure of a higher level has done no less.
        levels = [
            law.level_on(code, subcategory, name, self.filed_on) for name in self._or_higher(cited)
        ]
        return some(
            self._reaches_line(unit, line)
            for level in levels
            if level is not None
            for entry in level.parts.get("performance", {"classes": []})["classes"]
            # Of a higher level only what is surely known.
            if level.level == cited or seen.basis_of(level.parts["performance"], entry) == "seen"
            for line in entry["any_of"]
            if _is_by_price(line) == by_price
        )

    def _or_higher(self, cited: str) -> list[str]:
        code, subcategory = self.level.code, self.level.subcategory
        return [cited, *law.higher_levels(code, subcategory, cited)]

    def _cited_lacks(self, cited: str) -> bool | None:
        """Whether classes of the cited text are missing; None if more of it is."""
        if cited == "相应专业":
            return None  # an application names no kind of special works (S36)
        if cited == "本类别":
            return False
        code, subcategory = self.level.code, self.level.subcategory
        level = law.level_on(code, subcategory, cited, self.filed_on)
        assert level is not None
        lost = [name for name in level.unknown if name.startswith("performance")]
        if "performance" not in level.parts or any(".classes" not in name for name in lost):
            return None
        above = [
            law.level_on(code, subcategory, name, self.filed_on)
            for name in self._or_higher(cited)[1:]
        ]
        return bool(lost) or any(
            one is not None
            and (
                one.lacks_some_of("performance")
                or any(
                    seen.basis_of(one.parts["performance"], entry) != "seen"
                    for entry in one.parts["performance"]["classes"]
                )
            )
            for one in above
        )

    def _reaches_line(self, unit: Unit, line: Mapping[str, Any]) -> Truth:
        if "of" in line:
            return some(self._reaches_line(unit, one) for one in line["of"])
        if "all_of" in line:
            return every(self._reaches_line(unit, one) for one in line["all_of"])
        fits = every([unit.is_works(line["works"]), unit.meets(line)])
        if "sum" not in line:
            return fits
        needed = figure(line["sum"], line["at_least"])
        amounts = unit.values(line["works"]).get(line["sum"], [None])
        return every(
            [fits, some(None if not isinstance(a, Decimal) else a >= needed for a in amounts)]
        )

    def _is_of_the_category(self, unit: Unit) -> Truth:
        """Works of a kind that any level of the category names."""
        sheet = law.sheets()[self.level.code]
        names: set[str] = set(sheet.get("works", []))
        for entry in sheet["levels"]:
            if entry.get("subcategory", "") == self.level.subcategory:
                names |= set(_works_named(entry))
        return some(unit.is_works(name) for name in names)


def _is_by_price(line: Mapping[str, Any]) -> bool:
    """Whether the price of the contract decides a line (E20)."""
    inner = [*line.get("of", []), *line.get("all_of", []), line]
    return any(
        one.get("sum") in MONEY or metrics_of(parsed(one.get("where", ""))) & set(MONEY)
        for one in inner
    )


def _works_named(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key == "works" and isinstance(value, str):
                yield value
            else:
                yield from _works_named(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _works_named(value)


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


def _believed(row: Row, says: Callable[[Row], Truth]) -> Truth:
    """What a row says: nothing good where the law does not count it, nothing where it is doubted."""
    if not row.is_lawful:
        return False
    return says(row) if row.is_trusted else None
