"""People, E1 to E13: who counts in which group, and one person only once.

Belongs here: constructors, titled staff, the technical leader, site managers, workers, other
staff. Does not: who is employed and what each of them is (`employed`), works they led
(`projects`), money (`assets`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

from plain.days import full_years
from plain.doubt import Truth, between, every, some
from plain.employed import LEAD, PERSON, POST, REGISTRATION, SKILL, TITLE, Employed
from plain.law import codes
from plain.record import Row

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


class People(Employed):
    """What a level asks of the people of one enterprise, group by group."""

    def _head(self, name: str, need: int, table: str, fits: Mapping[str, Truth]) -> Head:
        counted = {p: every([fit, self.employed(p)]) for p, fit in fits.items() if fit is not False}
        return Head(
            name,
            need,
            {p: fit for p, fit in counted.items() if fit is not False},
            not (self._is_declared(table) and self._is_declared(PERSON)),
        )

    def _is_declared(self, table: str) -> bool:
        if table == REGISTRATION:
            return self.is_all_declared(table)  # one with a branch may count (reading 66)
        return self.record.is_declared(table, self.filed_on)

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
        """So many heads of the grade, each trade at least once, or of kinds named (reading 21)."""
        group = Group("skilled_workers", "worker")
        grade = asked["grade"]
        fits = self._but_the_leader({p: self.skilled(p, grade, []) for p in self._who(SKILL)})
        head = self._head("skilled_workers.count", asked["at_least"], SKILL, fits)
        # Of crews no channel tells, nor of some trades (reading 52).
        people = codes("people")
        untold = set(people.get("untold_trades", []))
        head.is_open |= asked.get("crews", False)
        head.is_open |= bool(untold & set(people["skill_qualifications"].get(grade, [])))
        group.heads.append(head)
        if kinds := asked.get("kinds"):
            able = {p: self.skilled(p, grade, kinds) for p in self._who(SKILL)}
            head = self._head(
                "skilled_workers.kinds", asked["at_least"], SKILL, self._but_the_leader(able)
            )
            head.is_open = True  # another trade may be one such
            group.heads.append(head)
        for trade in asked.get("trades", []):
            able = {p: self.skilled(p, grade, [trade]) for p in self._who(SKILL)}
            fits = self._but_the_leader(able)
            head = self._head(f"skilled_workers.{trade}", 1, SKILL, fits)
            head.is_open |= trade in untold
            group.heads.append(head)
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
                head.is_open |= not self._is_declared(REGISTRATION)
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
        become ours after the one on record (reading 56). Where the enterprise has appointed
        nobody, whom a branch has may be its leader (reading 66).
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
        if not rows:
            rows = [
                Row(row.values, False, True)
                for row in self.record.rows(LEAD)
                if row["usc_code"] in self.bodies
                and row["usc_code"] != self.record.usc_code
                and row["category_code"] == self.code
                and row.is_lawful
            ]
            rows.sort(key=lambda row: (row["usc_code"], row["person_key"]))
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
            absent: Truth = False if self.is_all_closed(LEAD) else None
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
                years = self._practised(row, asked, full_years(since, self.filed_on))
        if not row.is_lawful:
            employed = False
        return {
            "technical_lead": every([employed, years, qualified]),
            "technical_lead.employed": employed,
            "technical_lead.years": years,
            "technical_lead.qualification": qualified,
        }

    def _practised(self, row: Row, asked: Mapping[str, Any], told: int) -> Truth:
        """Whether he has the years in the field that the text names (E11, reading 95).

        Practice in management of works takes in that in any one field of it.
        """
        general = codes("people")["any_practice"]
        field = None if row["practice_field"] in general else row["practice_field"]
        wanted = None if asked["field"] in general else asked["field"]
        is_long = told >= asked["years"]
        if field == wanted:
            return is_long
        if wanted is None:
            return is_long or None  # he may have practised in other fields before
        if field is None:
            return None if is_long else False
        return None

    def _qualifies(self, person: str, way: Mapping[str, Any]) -> Truth:
        if "title" in way:
            holds = self.titled(person, way["title"], way["majors"])
            if is_list_missing(way["majors"]):
                holds = some([holds, None])
        else:
            wanted = codes("people")["registrations"][way["registration"]]
            holds = self.registered(person, wanted, way.get("specialties", []))
        closed = self.record.is_closed(TITLE, self.filed_on) and self.is_all_closed(REGISTRATION)
        return some([holds, False if closed else None])


def constructor_grades(asked: str) -> list[str]:
    """Registrations of a grade or higher."""
    people = codes("people")
    least = people["asked_constructor_grades"][asked]
    return [name for name, rank in people["constructor_grades"].items() if rank >= least]


def is_list_missing(majors: list[str]) -> bool:
    """Whether a name stands for a list of majors that nobody found (E10)."""
    names = codes("people")["majors"]
    return any(names[one]["basis"] == "unknown" for one in majors if one in names)


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
