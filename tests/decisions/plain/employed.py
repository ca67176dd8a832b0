"""Who is employed by an enterprise on a day, and what each of its people may be counted as (E1 to E13).

Belongs here: payers and branches, age, insurance, work elsewhere, certificates of a person. Does not:
how many of whom a level asks for (`people`).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from datetime import date
from functools import cached_property

from plain.days import day_in_china, full_years, months_before
from plain.doubt import Truth, doubted, every, opposite, some
from plain.law import codes
from plain.record import Record, Row

IN_DOUBT = re.compile(r"\?[0-9a-f]{20}$")
"""Who bears a number of which nobody knows whose it is."""
PERSON = "base_personnel__person"
REGISTRATION = "base_personnel__registration"
TITLE = "base_personnel__title"
POST = "base_personnel__post_certificate"
SKILL = "base_personnel__skill_certificate"
MONTH = "base_personnel__insurance_month"
LEAD = "base_personnel__technical_lead"
REGISTRY = "base_enterprise__registry"
LATELY = 3
"""Full months before the filing: the longest that any kind of application asks (B0.5)."""
OLDEST = 60
"""E2: 60 or under on the day of filing."""


class Employed:
    """The people of one enterprise on the day of filing.

    Args:
        record: what is known.
        code: category applied for.
        filed_on: day of filing.
        months: full months of insurance asked.
        is_led: whether the level asks for a technical leader.
    """

    def __init__(
        self, record: Record, code: str, filed_on: date, months: int, *, is_led: bool
    ) -> None:
        self.record, self.code, self.filed_on = record, code, filed_on
        self.months = months_before(filed_on, months)
        self.lately = months_before(filed_on, LATELY)
        self.is_led = is_led
        self._employed: dict[str, Truth] = {}
        self._by_person: dict[str, dict[str, list[Row]]] = {}

    # -- employment ------------------------------------------------------------------

    @cached_property
    def payers(self) -> dict[str, Truth]:
        """Who may pay the insurance: the applicant itself or its branch (E3).

        A body whose registration is in doubt may be a branch of anybody: of whom a row of it
        names, and of whose people it insures, registers or has lead its technique (reading 53).
        """
        return self._bodies_in(self.months)

    @cached_property
    def bodies(self) -> dict[str, Truth]:
        """Whose rows are the enterprise's, or may be: as who may pay in any of the last months."""
        return self._bodies_in(self.lately)

    def whose(self, code: str | None) -> Truth:
        """Whether rows under a code count as the enterprise's; under another's nobody knows (66)."""
        return True if code == self.record.usc_code else None

    def _bodies_in(self, months: Container[date | None]) -> dict[str, Truth]:
        found: dict[str, Truth] = dict.fromkeys(self._ours, True)
        for code, rows in self._registrations_of.items():
            if code in found or not all(row.is_lawful for row in rows):
                continue
            if any(_says_not_whose(row) for row in rows) and (
                any(row["parent_usc_code"] in self._ours for row in rows)
                or self._has_some_of_ours(code, months)
            ):
                found[code] = None
        return found

    @cached_property
    def _ours(self) -> set[str]:
        """The enterprise and what is surely a branch of it."""
        return {self.record.usc_code} | {
            code
            for code, rows in self._registrations_of.items()
            if all(row.is_lawful and not _says_not_whose(row) for row in rows)
            and rows[0]["entity_code"] == "branch"
            and rows[0]["parent_usc_code"] == self.record.usc_code
        }

    @cached_property
    def _registrations_of(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.record.rows(REGISTRY):
            if row["usc_code"] is None:
                continue
            found.setdefault(str(row["usc_code"]), []).append(row)
        return found

    def _has_some_of_ours(self, code: str, months: Container[date | None]) -> bool:
        """Whether one of ours is insured by it in a month asked, registered there or its leader."""
        theirs = {
            str(row["person_key"])
            for table in (MONTH, REGISTRATION, LEAD)
            for row in self.record.rows(table)
            if row["usc_code"] == code and (table != MONTH or row.day("month") in months)
        }
        return bool(theirs & self._people_of(self._ours))

    @cached_property
    def _named(self) -> set[str]:
        """Everybody whom a registration, certificate or post ties to the enterprise or a branch."""
        return {
            str(row["person_key"])
            for table in (REGISTRATION, TITLE, POST, SKILL, LEAD)
            for row in self.record.rows(table)
            if row["usc_code"] in self.bodies
        }

    @cached_property
    def cities(self) -> set[str | None]:
        """The cities the enterprise and its branches pay in; None for one that nobody knows."""
        return self._cities_of(self.payers)

    def _cities_of(self, bodies: Iterable[str]) -> set[str | None]:
        return {self.record.city} | {
            str(row["region_code"])[:4] + "00" if row["region_code"] else None
            for code in bodies
            if code != self.record.usc_code
            for row in self._registrations_of[code]
        }

    def is_all_declared(self, table: str) -> bool:
        """Whether a table is complete wherever a branch is, and none is missing on the register."""
        return self.are_branches_known and all(
            self.record.is_declared(table, self.filed_on, city=city)
            for city in self._cities_of(self.bodies)
        )

    def is_all_closed(self, table: str) -> bool:
        """The same, and no row set apart of any of them that may be the absent one (reading 66)."""
        return self.is_all_declared(table) and not any(
            row["usc_code"] in self.bodies and self.record.is_adrift(table, row)
            for row in self.record.rows(table)
        )

    @cached_property
    def are_branches_known(self) -> bool:
        """Whether the register is complete on the day of filing."""
        return self.are_branches_known_on(self.filed_on)

    def are_branches_known_on(self, day: date) -> bool:
        """Whether the register is complete: only then is who is not in it no branch."""
        if any(
            row["usc_code"] is None and row["parent_usc_code"] == self.record.usc_code
            for row in self.record.rows(REGISTRY)
        ):
            return False  # one of ours has a code that nobody can read
        return self.record.is_closed(REGISTRY, day, everywhere=True)

    def of_person(self, table: str, person: str) -> list[Row]:
        """The rows of a table about one person; about a head (`_who`) its certificate alone."""
        person, _, place = person.partition("#")
        if table not in self._by_person:
            every_one = self._by_person[table] = {}
            for row in self.record.rows(table):
                every_one.setdefault(row["person_key"], []).append(row)
        rows = self._by_person[table].get(person, [])
        if not place:
            return rows
        of, _, number = place.partition("#")
        return [rows[int(number)]] if of == table else []

    def employed(self, person: str) -> Truth:
        """Alive, not retired, 60 or under, insured by the enterprise, nowhere else (E2 to E4)."""
        if person not in self._employed:
            self._employed[person] = every(
                [
                    self._of_age(person),
                    *(self._insured(person, month) for month in self.months),
                    *(None for month in self.months if self._paid_by_somebody(person, month)),
                    self._nowhere_else(person),
                    self._leads_nowhere_else(person),
                ]
            )
        return self._employed[person]

    def _of_age(self, person: str) -> Truth:
        rows = self.of_person(PERSON, person)
        if not rows:
            return None
        return every(self._may_work(row) for row in rows)

    def _may_work(self, row: Row) -> Truth:
        born, died, retired = row.day("born_on"), row.day("deceased_on"), row.day("retired_on")
        if not row.is_trusted:
            return None
        if not row.is_lawful:
            return False
        return every(
            [
                None if born is None else full_years(born, self.filed_on) <= OLDEST,
                died is None or died > self.filed_on,
                retired is None or retired > self.filed_on,
            ]
        )

    def _insured(self, person: str, month: date) -> Truth:
        rows = [
            row
            for row in self.of_person(MONTH, person)
            if row["usc_code"] in self.payers and row.day("month") == month
        ]
        if not all(row.is_lawful for row in rows):
            return False  # paid by several employers: counts for none (E4)
        paid = [
            every([doubted(self._was_paid(row), row.is_trusted), self.payers[row["usc_code"]]])
            for row in rows
        ]
        if person.startswith("?") or self._paid_by_somebody(person, month):
            paid.append(None)
        # What another payer has not delivered may be the payment that counts.
        if (not rows or len(self.payers) > 1) and not self._is_all_told(month):
            paid.append(None)
        if not self.are_branches_known:
            paid.append(None)
        return some(paid)

    def _was_paid(self, row: Row) -> Truth:
        """Paid by the month of filing; of what was collected later nobody knows it (reading 93)."""
        collected = row.day("paid_month")
        is_later = collected is not None and collected > self.filed_on.replace(day=1)
        return None if row["is_paid"] and is_later else row["is_paid"]

    def _is_all_told(self, month: date) -> bool:
        """Whether the insurance of a month is complete, and all that was told of it is read."""
        return self.record.is_month_closed(month, self.cities) and not any(
            # Somebody was insured whom nobody can read: it may have been anybody.
            not row.is_trusted
            and row["usc_code"] in self.payers
            and row.day("month") in (month, None)
            and (row["person_key"].startswith("?") or row["month"] is None)
            for row in self.record.rows(MONTH)
        )

    def _paid_by_somebody(self, person: str, month: date) -> bool:
        """Whether a month of one who is known here is told, and not who paid it (reading 56).

        It may have been the enterprise; or another beside it, and then he counts for none (E4).
        """
        return person in self._known_here and any(
            row["usc_code"] is None and row.day("month") in (month, None)
            for row in self.of_person(MONTH, person)
        )

    @cached_property
    def _known_here(self) -> set[str]:
        """Whom anything ties to a payer."""
        return self._people_of(self.payers)

    def _people_of(self, codes: Container[str | None]) -> set[str]:
        """Whom a certificate or post ties to one of them, or a month not long ago."""
        return {
            str(row["person_key"])
            for table in (REGISTRATION, TITLE, POST, SKILL, LEAD, MONTH)
            for row in self.record.rows(table)
            if row["usc_code"] in codes and (table != MONTH or row.day("month") in self.lately)
        }

    def _nowhere_else(self, person: str) -> Truth:
        """Registered with two enterprises: counts for neither (E4)."""
        elsewhere = [
            every([doubted(self._is_valid(row), row.is_trusted), self._is_another(row["usc_code"])])
            for row in self.of_person(REGISTRATION, person)
        ]
        if not self.record.is_declared(REGISTRATION, self.filed_on, everywhere=True):
            elsewhere.append(None)
        found = some(elsewhere)
        return None if found is None else not found

    def _leads_nowhere_else(self, person: str) -> Truth:
        """Technical leader of two enterprises: counts for neither (E4)."""
        rows = self.of_person(LEAD, person)
        here = some(
            doubted(self.payers[row["usc_code"]], row.is_trusted)
            for row in rows
            if row["usc_code"] in self.payers
        )
        elsewhere = [
            every(
                [
                    doubted(self._is_appointed(row), row.is_trusted),
                    self._is_another(row["usc_code"]),
                ]
            )
            for row in rows
        ]
        return opposite(every([here, some(elsewhere)]))

    def _is_appointed(self, row: Row) -> Truth:
        day = row.day("appointed_on")
        return None if day is None else day <= self.filed_on

    def _is_another(self, code: str) -> Truth:
        return opposite(self.payers.get(code, False if self.are_branches_known else None))

    def _is_valid(self, row: Row) -> Truth:
        begins, ends = row.day("valid_from"), row.day("valid_until")
        return every(
            [
                None if begins is None else begins <= self.filed_on,
                None if ends is None else ends >= self.filed_on,
            ]
        )

    # -- what a person has -----------------------------------------------------------

    def registered(self, person: str, grades: Iterable[str], specialties: list[str]) -> Truth:
        """Holds a valid registration with the enterprise, of one of these, for a specialty."""
        wanted = set(grades)
        any_of_them = not specialties or codes("people")["any_specialty"] in specialties
        truths: list[Truth] = []
        for row in self.of_person(REGISTRATION, person):
            kind, specialty = row["registration"], row["specialty"]
            if row["usc_code"] not in (*self.bodies, None):
                continue
            if row.is_lawful and not row.is_trusted:
                truths.append(None)  # of what kind and discipline, nobody knows (reading 31)
                continue
            if kind not in (*wanted, None):
                continue
            if not any_of_them and specialty not in (*specialties, None):
                continue
            read = kind is not None and (any_of_them or specialty is not None)
            whose = self.whose(row["usc_code"])
            holds = every([self._is_valid(row), True if read else None, whose])
            truths.append(doubted(holds, row.is_trusted) if row.is_lawful else False)
        return some(truths)

    def titled(self, person: str, title: str, majors: list[str]) -> Truth:
        """Holds an engineering title of a level or higher, in one of the majors (E7, E8, E10)."""
        people = codes("people")
        ranks = people["title_ranks"]
        truths: list[Truth] = []
        for row in self.of_person(TITLE, person):
            if row.is_lawful and not row.is_trusted:
                truths.append(None)  # of what grade and major, nobody knows
                continue
            level, series, awarded = row["title_level"], row["series"], row.day("awarded_on")
            holds = every(
                [
                    None if level is None else ranks[level] >= ranks[title],
                    _is_of_series(series, people["title_series"]),
                    None if awarded is None else awarded <= self.filed_on,
                ]
            )
            # The major of the degree is as good as that of the title (E7).
            told = (_listed_major(row[name]) for name in ("major", "studied_major"))
            major = some(_is_major(name, majors) for name in told)
            if major is False:
                continue
            holds = every([holds, major])
            truths.append(doubted(holds, row.is_trusted) if row.is_lawful else False)
        return some(truths)

    def skilled(self, person: str, grade: str, trades: list[str]) -> Truth:
        """Holds a worker's certificate of a grade or higher (E12), of one of the trades if named."""
        people = codes("people")
        asked_trades = trades
        least = people["asked_skill_grades"].get(grade, 1)
        if grade in people["skill_qualifications"]:
            asked_trades = trades or people["skill_qualifications"][grade]
        truths: list[Truth] = []
        for row in self.of_person(SKILL, person):
            if row.is_lawful and not row.is_trusted:
                truths.append(None)
                continue
            trade = str(row["trade"])
            is_named = {trade, people.get("one_trade", {}).get(trade)} & set(asked_trades)
            may_be = set(people.get("one_of_trades", {}).get(trade, []))
            is_other = not is_named and not may_be & set(asked_trades)
            if asked_trades and row["trade"] and is_other:
                continue
            rank = people["skill_ranks"].get(row["grade"]) if row["grade"] else None
            enough = True if least == 1 else (None if rank is None else rank >= least)
            is_one_of_them = bool(may_be) and may_be <= set(asked_trades)
            known_trade = True if is_named or is_one_of_them or not asked_trades else None
            holds = every([enough, known_trade, self._is_issued(row)])
            truths.append(doubted(holds, row.is_trusted) if row.is_lawful else False)
        return some(truths)

    def posted(self, person: str, role: str | None = None) -> Truth:
        """Holds a post certificate in force, of a role if one is named (E9)."""
        truths: list[Truth] = []
        for row in self.of_person(POST, person):
            if row.is_lawful and not row.is_trusted:
                truths.append(None)
                continue
            if role is not None and row["role"] not in (role, None):
                continue
            ends = row.day("valid_until")
            holds = every(
                [
                    ends is None or ends >= self.filed_on,
                    self._is_in_force(row),
                    True if row["role"] or role is None else None,
                    self._is_issued(row),
                ]
            )
            truths.append(doubted(holds, row.is_trusted) if row.is_lawful else False)
        return some(truths)

    def _is_in_force(self, row: Row) -> Truth:
        """By its state, which tells no day: it was so when it was told, and perhaps before."""
        state = row["status_code"] or "valid"
        if state == "valid":
            return True
        is_over = state not in ("transferring", "other")
        was_told = day_in_china(row.values["received_at"]) <= self.filed_on
        return False if is_over and was_told else None

    def _is_issued(self, row: Row) -> Truth:
        issued = row.day("issued_on")
        return None if issued is None else issued <= self.filed_on

    # -- groups ----------------------------------------------------------------------

    @cached_property
    def tied(self) -> set[str]:
        """Everybody whom anything ties to the enterprise: insurance, registration, certificate, post."""
        own_months = {
            str(row["person_key"])
            for row in self.record.rows(MONTH)
            if row["usc_code"] in self.payers and row.day("month") in self.months
        }
        perhaps = {
            person
            for person in self._known_here
            if any(self._paid_by_somebody(person, month) for month in self.months)
        }
        return own_months | perhaps | self._named

    def _who(self, table: str) -> list[str]:
        """Everybody of the enterprise with a row in a table, once.

        Under a number that nobody knows whose it is (reading 65) each certificate is a head.
        """
        found: dict[str, int] = {}
        for row in self.record.rows(table):
            if row["person_key"] in self.tied:
                found[row["person_key"]] = found.get(row["person_key"], 0) + 1
        return [
            head
            for person, count in found.items()
            for head in (
                [f"{person}#{table}#{n}" for n in range(count)]
                if IN_DOUBT.match(person)
                else [person]
            )
        ]


def _says_not_whose(row: Row) -> bool:
    """Whether a registration leaves open whose branch the body is."""
    return not row.is_trusted or (row["entity_code"] == "branch" and row["parent_usc_code"] is None)


def _listed_major(told: str | None) -> str | None:
    """A major as told, where some list of the rulebook has the name; else it may be any (reading 97)."""
    people = codes("people")
    wider = people["majors"]
    is_listed = (
        told in people["plain_majors"]
        or told in wider
        or any(told in one["covers"] for one in wider.values())
    )
    return told if is_listed else None


def _is_major(major: str | None, asked: list[str]) -> Truth:
    """Whether a major counts, by itself or under a wider name (E10)."""
    people = codes("people")
    if people["any_major"] in asked:
        return True
    if major is None:
        return None
    truths: list[Truth] = []
    for name in asked:
        wider = people["majors"].get(name)
        truths.append(major == name if wider is None else major in wider["covers"])
    return some(truths)


def _is_of_series(told: str | None, wanted: str) -> Truth:
    """Whether the series is the wanted one; one that only has its name in it may be (reading 90)."""
    if told in (wanted, f"{wanted}系列"):
        return True
    return None if told is None or wanted in told else False
