"""Works a person led (E11): so many of the level that the text cites, under whatever enterprise.

Belongs here: whether one led a unit, and whether it reaches a threshold of the cited level. Does
not: who is the leader or a constructor (`people`), a unit's own standing (`projects`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from plain import law, seen
from plain.conditions import figure, metrics_of, parsed
from plain.doubt import Truth, between, every, some
from plain.projects import MANAGER, REGISTRATION, Projects
from plain.record import OF_WORKS
from plain.units import ACCEPTANCE, MEASURE, MONEY, PARTY, UNIT, Unit

NAMING_EMPLOYERS = (
    REGISTRATION,
    "base_personnel__title",
    "base_personnel__post_certificate",
    "base_personnel__skill_certificate",
)
TECHNICAL = "技术负责人"


class Led:
    """The works that people led, of those on record.

    Args:
        projects: what is on record of works, and the level applied for.
    """

    def __init__(self, projects: Projects) -> None:
        self.projects = projects
        self.record, self.level, self.filed_on = projects.record, projects.level, projects.filed_on

    def led_by(
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
                for unit in self.projects.units
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
            row.tells(lambda r: True)
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
                self.projects.of_contract(unit, lambda r: True),
                # Elsewhere another's channel tells: an acceptance not there proves nothing.
                self.projects.finished(unit) if unit.acceptances else None,
                self.projects.on_platform(unit, authority, personal=True),
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
        alone = unit.is_priced_alone if _is_by_price(line) else True
        fits = every([unit.is_works(line["works"]), unit.meets(line), alone])
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
