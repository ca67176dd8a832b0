"""People, E1 to E13: who is employed, who counts in which group, and one person only once.

Belongs here: constructors, titled staff, the technical leader, site managers, workers, other
staff. Does not: works they led (`projects`), money (`assets`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import product
from typing import Any

from plain.days import full_years, months_before
from plain.doubt import Truth, between, doubted, every, opposite, some
from plain.law import codes
from plain.record import Record, Row

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

Criteria = dict[str, Truth]


@dataclass
class Head:
    """One requirement that counts heads: who fits it (yes, no data), and how many are asked."""

    name: str
    need: int
    fits: dict[str, Truth]
    is_open: bool
    """Whether there may be more people than the tables show, or the rule is not fully known."""

    def met_by(self, people: Iterable[str], *, surely: bool) -> bool:
        """Whether these people suffice."""
        if not surely and self.is_open:
            return True
        heads = [p for p in people if self.fits.get(p) is True or (not surely and p in self.fits)]
        return len(heads) >= self.need

    @property
    def alone(self) -> Truth:
        """The answer if nobody were needed elsewhere."""
        return between(self.met_by(self.fits, surely=True), self.met_by(self.fits, surely=False))


@dataclass
class Group:
    """One part of the standard about people: its requirements, and what of it is not known."""

    part: str
    side: str
    """`expert` (registered or titled: both may be used of one person), `site` or `worker` (E5)."""
    heads: list[Head] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def alone(self) -> Truth:
        """The answer if nobody were needed elsewhere."""
        return every([*(head.alone for head in self.heads), *(None for _ in self.unknown)])


class People:
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

    # -- employment ------------------------------------------------------------------

    @cached_property
    def payers(self) -> dict[str, Truth]:
        """Who may pay the insurance: the applicant itself or its branch (E3).

        A body whose registration is in doubt may be a branch of anybody: of whom a row of it
        names, and of whose people it insures or registers (reading 53).
        """
        found: dict[str, Truth] = {self.record.usc_code: True}
        for code, rows in self._bodies.items():
            if code == self.record.usc_code or not all(row.is_lawful for row in rows):
                continue
            named = any(row["parent_usc_code"] == self.record.usc_code for row in rows)
            if any(_says_not_whose(row) for row in rows):
                if named or self._has_some_of_ours(code):
                    found[code] = None
            elif named and rows[0]["entity_code"] == "branch":
                found[code] = True
        return found

    @cached_property
    def _bodies(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.record.rows(REGISTRY):
            if row["usc_code"] is None:
                continue
            found.setdefault(str(row["usc_code"]), []).append(row)
        return found

    def _has_some_of_ours(self, code: str) -> bool:
        """Whether it insures, in a month asked, or registers somebody whom anything ties to us."""
        theirs = {
            str(row["person_key"])
            for table in (MONTH, REGISTRATION)
            for row in self.record.rows(table)
            if row["usc_code"] == code
            and (table == REGISTRATION or row.day("month") in self.months)
        }
        return bool(theirs & self._named)

    @cached_property
    def _named(self) -> set[str]:
        """Everybody whom a registration, certificate or post ties to the enterprise."""
        return {
            str(row["person_key"])
            for table in (REGISTRATION, TITLE, POST, SKILL, LEAD)
            for row in self.record.mine(table)
        }

    @cached_property
    def cities(self) -> set[str | None]:
        """The cities the enterprise and its branches pay in; None for one that nobody knows."""
        return {self.record.city} | {
            str(row["region_code"])[:4] + "00" if row["region_code"] else None
            for code in self.payers
            if code != self.record.usc_code
            for row in self._bodies[code]
        }

    @cached_property
    def are_branches_known(self) -> bool:
        """Whether the register is complete: only then is who is not in it no branch."""
        if any(
            row["usc_code"] is None and row["parent_usc_code"] == self.record.usc_code
            for row in self.record.rows(REGISTRY)
        ):
            return False  # one of ours has a code that nobody can read
        return self.record.is_closed(REGISTRY, self.filed_on, everywhere=True)

    def of_person(self, table: str, person: str) -> list[Row]:
        """The rows of a table about one person."""
        return [row for row in self.record.rows(table) if row["person_key"] == person]

    def employed(self, person: str) -> Truth:
        """Alive, not retired, 60 or under, insured by the enterprise, nowhere else (E2 to E4)."""
        if person not in self._employed:
            self._employed[person] = every(
                [
                    self._of_age(person),
                    *(self._insured(person, month) for month in self.months),
                    *(None for month in self.months if self._paid_by_somebody(person, month)),
                    self._nowhere_else(person),
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
            every([doubted(row["is_paid"], row.is_trusted), self.payers[row["usc_code"]]])
            for row in rows
        ]
        if person.startswith("?") or self._paid_by_somebody(person, month):
            paid.append(None)
        # What another payer has not delivered may be the payment that counts.
        is_all_told = self.record.is_month_closed(month, self.cities) and not any(
            # Somebody was insured whom nobody can read: it may have been this one.
            not row.is_trusted
            and row["usc_code"] in self.payers
            and row.day("month") in (month, None)
            and (row["person_key"].startswith("?") or row["month"] is None)
            for row in self.record.rows(MONTH)
        )
        if (not rows or len(self.payers) > 1) and not is_all_told:
            paid.append(None)
        if not self.are_branches_known:
            paid.append(None)
        return some(paid)

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
        """Whom anything ties to a payer: a certificate or post, or a month not long ago."""
        rows = [
            row
            for table in (REGISTRATION, TITLE, POST, SKILL, LEAD, MONTH)
            for row in self.record.rows(table)
            if row["usc_code"] in self.payers
            and (table != MONTH or row.day("month") in self.lately)
        ]
        return {str(row["person_key"]) for row in rows}

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
            if row["usc_code"] not in (self.record.usc_code, None):
                continue
            if row.is_lawful and not row.is_trusted:
                truths.append(None)  # of what kind and discipline, nobody knows (reading 31)
                continue
            if kind not in (*wanted, None):
                continue
            if not any_of_them and specialty not in (*specialties, None):
                continue
            read = kind is not None and (any_of_them or specialty is not None)
            holds = every([self._is_valid(row), True if read else None])
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
                    None if series is None else series == people["title_series"],
                    None if awarded is None else awarded <= self.filed_on,
                ]
            )
            major = _is_major(row["major"], majors)
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
            if asked_trades and row["trade"] not in (*asked_trades, None):
                continue
            rank = people["skill_ranks"].get(row["grade"]) if row["grade"] else None
            enough = True if least == 1 else (None if rank is None else rank >= least)
            known_trade = True if row["trade"] or not asked_trades else None
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
                    True if row["role"] or role is None else None,
                    self._is_issued(row),
                ]
            )
            truths.append(doubted(holds, row.is_trusted) if row.is_lawful else False)
        return some(truths)

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
        """Everybody of the enterprise with a row in a table, once."""
        return list(
            dict.fromkeys(
                str(row["person_key"])
                for row in self.record.rows(table)
                if row["person_key"] in self.tied
            )
        )

    def _head(self, name: str, need: int, table: str, fits: Mapping[str, Truth]) -> Head:
        counted = {p: every([fit, self.employed(p)]) for p, fit in fits.items() if fit is not False}
        return Head(
            name,
            need,
            {p: fit for p, fit in counted.items() if fit is not False},
            not all(self.record.is_declared(t, self.filed_on) for t in (table, PERSON)),
        )

    def _but_the_leader(self, fits: dict[str, Truth]) -> dict[str, Truth]:
        """The leader is one of the titled staff (E1), and counts once (E5)."""
        for row in self.leaders[:1]:
            person = str(row["person_key"])
            if self.is_led and row.is_lawful and person in fits:
                fits = {**fits, person: every([fits[person], False if row.is_trusted else None])}
        return fits

    def constructors(self, asked: Mapping[str, Any]) -> Group:
        """Rows overlap: the same man counts in every row he fits."""
        group = Group("constructors", "expert")
        for number, row in enumerate(asked["rows"], start=1):
            grades = constructor_grades(row["grade"])
            fits = {
                p: self.registered(p, grades, row["specialties"]) for p in self._who(REGISTRATION)
            }
            group.heads.append(
                self._head(f"constructors.{number}", row["at_least"], REGISTRATION, fits)
            )
        return group

    def titled_staff(self, asked: Mapping[str, Any]) -> Group:
        """Rows, and where all majors must be present one of each (E9)."""
        group = Group("titled_staff", "expert")
        for number, row in enumerate(asked["rows"], start=1):
            name = f"titled_staff.{number}"
            fits = {p: self.titled(p, row["title"], row["majors"]) for p in self._who(TITLE)}
            head = self._head(name, row["at_least"], TITLE, fits)
            head.is_open |= is_list_missing(row["majors"])
            group.heads.append(head)
            complete = row.get("complete", [])
            for slot in () if complete == "unknown" else complete:
                fits = {p: self.titled(p, row["title"], slot.split("|")) for p in self._who(TITLE)}
                group.heads.append(self._head(f"{name}.{slot}", 1, TITLE, fits))
        return group

    def site_managers(self, asked: Mapping[str, Any]) -> Group:
        """So many heads of any post, and each role at least once (E9, reading 6)."""
        group = Group("site_managers", "site")
        fits = self._but_the_leader({p: self.posted(p) for p in self._who(POST)})
        group.heads.append(self._head("site_managers.count", asked["at_least"], POST, fits))
        for role in asked["roles"]:
            fits = self._but_the_leader({p: self.posted(p, role) for p in self._who(POST)})
            group.heads.append(self._head(f"site_managers.{role}", 1, POST, fits))
        return group

    def skilled_workers(self, asked: Mapping[str, Any]) -> Group:
        """So many heads of the grade, and each trade that is named at least once (reading 21)."""
        group = Group("skilled_workers", "worker")
        grade = asked["grade"]
        fits = self._but_the_leader({p: self.skilled(p, grade, []) for p in self._who(SKILL)})
        group.heads.append(self._head("skilled_workers.count", asked["at_least"], SKILL, fits))
        for trade in asked["trades"]:
            able = {p: self.skilled(p, grade, [trade]) for p in self._who(SKILL)}
            fits = self._but_the_leader(able)
            group.heads.append(self._head(f"skilled_workers.{trade}", 1, SKILL, fits))
        return group

    def other_staff(self, asked: Mapping[str, Any], grade: str) -> list[Group]:
        """Sub-minimums of the workers, titled people and constructors together, and what no table tells."""
        groups: list[Group] = []
        for number, row in enumerate(asked["rows"], start=1):
            name = f"other_staff.{number}"
            if row["kind"] == "workers_of_trade":
                group = Group("other_staff", "worker")
                able = {p: self.skilled(p, grade, row["trades"]) for p in self._who(SKILL)}
                fits = self._but_the_leader(able)
                group.heads.append(self._head(name, row["at_least"], SKILL, fits))
            elif row["kind"] == "titled_or_registered":
                group = Group("other_staff", "expert")
                grades = codes("people")["registrations"][row["registration"]]
                everybody = list(dict.fromkeys([*self._who(TITLE), *self._who(REGISTRATION)]))
                fits = {
                    p: some(
                        [
                            self.titled(p, row["title"], row["majors"]),
                            self.registered(p, grades, row["specialties"]),
                        ]
                    )
                    for p in everybody
                }
                head = self._head(name, row["at_least"], TITLE, fits)
                head.is_open |= not self.record.is_declared(REGISTRATION, self.filed_on)
                group.heads.append(head)
                for slot in row.get("complete", []):
                    fits = {p: self.titled(p, row["title"], slot.split("|")) for p in everybody}
                    group.heads.append(self._head(f"{name}.{slot}", 1, TITLE, fits))
            else:
                # Posts outside the register, licences and open wordings: no channel tells.
                group = Group("other_staff", "none", unknown=[name])
            groups.append(group)
        return groups

    # -- the technical leader ----------------------------------------------------------

    @cached_property
    def leaders(self) -> list[Row]:
        """The appointments for the category (E11), one that is believed before others.

        One made after the filing, or on a day not told, tells who leads now, not who led then
        (reading 41). Of whom it is not read whose leader he became, or for what, he may have
        become ours after the one on record (reading 56).
        """
        on_record = [row for row in self.record.mine(LEAD) if row["category_code"] == self.code]
        told_at = max((row.instant for row in on_record if row.is_trusted), default=None)
        perhaps = [
            row
            for row in self.record.rows(LEAD)
            if not row.is_trusted
            and self._may_be_ours(row)
            and row["category_code"] in (self.code, None)
            and row not in on_record
            and (told_at is None or row.instant > told_at)
        ]
        rows = [Row(r.values, r.is_trusted and not perhaps, r.is_lawful) for r in on_record]
        rows = sorted([*rows, *perhaps], key=lambda row: not row.is_trusted)
        found = []
        for row in rows:
            appointed = row.day("appointed_on")
            is_of_then = appointed is not None and appointed <= self.filed_on
            found.append(Row(row.values, row.is_trusted and is_of_then, row.is_lawful))
        return found

    def _may_be_ours(self, row: Row) -> bool:
        if row["usc_code"] is None:
            return str(row["person_key"]) in self._known_here
        return bool(row["usc_code"] == self.record.usc_code)

    def technical_lead(self, asked: Mapping[str, Any]) -> Criteria:
        """One man with the years and a title or registration, any of them (W10)."""
        if not self.leaders:
            absent: Truth = False if self.record.is_closed(LEAD, self.filed_on) else None
            names = ("technical_lead", "employed", "years", "qualification")
            return {
                "technical_lead": absent,
                **{f"technical_lead.{n}": absent for n in names[1:]},
            }
        row = self.leaders[0]
        person, since = str(row["person_key"]), row.day("practice_from")
        employed = qualified = years = None
        if row.is_trusted:
            employed = self.employed(person)
            qualified = some(self._qualifies(person, way) for way in asked["any_of"])
            if since is not None:
                years = full_years(since, self.filed_on) >= asked["years"]
        if not row.is_lawful:
            employed = False
        return {
            "technical_lead": every([employed, years, qualified]),
            "technical_lead.employed": employed,
            "technical_lead.years": years,
            "technical_lead.qualification": qualified,
        }

    def _qualifies(self, person: str, way: Mapping[str, Any]) -> Truth:
        if "title" in way:
            holds = self.titled(person, way["title"], way["majors"])
            if is_list_missing(way["majors"]):
                holds = some([holds, None])
        else:
            wanted = codes("people")["registrations"][way["registration"]]
            holds = self.registered(person, wanted, way.get("specialties", []))
        closed = all(self.record.is_closed(t, self.filed_on) for t in (TITLE, REGISTRATION))
        return some([holds, False if closed else None])


def _says_not_whose(row: Row) -> bool:
    """Whether a registration leaves open whose branch the body is."""
    return not row.is_trusted or (row["entity_code"] == "branch" and row["parent_usc_code"] is None)


def constructor_grades(asked: str) -> list[str]:
    """Registrations of a grade or higher."""
    people = codes("people")
    least = people["asked_constructor_grades"][asked]
    return [name for name, rank in people["constructor_grades"].items() if rank >= least]


def is_list_missing(majors: list[str]) -> bool:
    """Whether a name stands for a list of majors that nobody found (E10)."""
    names = codes("people")["majors"]
    return any(names[one]["basis"] == "unknown" for one in majors if one in names)


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


# -- one person counts once (E5) -----------------------------------------------------


def jointly(groups: list[Group], *, surely: bool) -> bool:
    """Whether everybody can be given one side so that every requirement is met.

    Brute force over those who could stand on more than one side; they are few.

    Args:
        groups: the parts that ask for people; those with unknown details count as they are known.
        surely: only who surely fits; else also who may.
    """
    sides: dict[str, list[str]] = {}
    for group in groups:
        for head in group.heads:
            for person, fit in head.fits.items():
                if fit is True or not surely:
                    places = sides.setdefault(person, [])
                    if group.side not in places:
                        places.append(group.side)
    fixed = {p: places[0] for p, places in sides.items() if len(places) == 1}
    torn = [p for p, places in sides.items() if len(places) > 1]
    assert len(torn) <= 12, "too many people of several certificates for brute force"
    for chosen in product(*(sides[p] for p in torn)):
        stands = {**fixed, **dict(zip(torn, chosen, strict=True))}
        on: dict[str, list[str]] = {}
        for person, side in stands.items():
            on.setdefault(side, []).append(person)
        if all(
            head.met_by(on.get(group.side, []), surely=surely)
            for group in groups
            for head in group.heads
        ):
            return True
    return False
