"""People of one enterprise: hired, insured, registered, entitled, certified, appointed.

Belongs here: rows of the personnel tables, by the labels of people. Does not: whom a level asks
for (`portfolio.Portfolio.meeting`), or the works they led (`portfolio.works`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Self

from assets.calendar import add_years
from portfolio.rows import MONTHLY, Rows


class People(Rows):
    """What can be said of people, who carry labels: `lead`, `titled.1`, `constructor.1` and so on."""

    __slots__ = ()

    def people_in(self, group: str) -> list[str]:
        """Labels of a group, in order."""
        return [label for label in self.people if label.startswith(f"{group}.")]

    def hire(self, *labels: str) -> Self:
        """A person of 36 insured by the enterprise in the months the kind asks."""
        key = self._key(labels[0])
        self.people.update(dict.fromkeys(labels, key))
        self.add(
            "base_personnel__person",
            person_key=key,
            id_number=f"330106198{self._count('id'):08d}X",
            name=f"测试{labels[0]}",
            born_on=date(self.filed_on.year - 36, 1, 15),
            deceased_on=None,
            retired_on=None,
        )
        return self.insure(labels[0], self.usc_code)

    def insure(self, label: str, payer: str, months: Iterable[date] | None = None) -> Self:
        """Pension insurance paid by `payer`."""
        for month in self.insurance_months if months is None else months:
            self.add(
                MONTHLY, person_key=self.people[label], usc_code=payer, month=month, is_paid=True
            )
        return self

    def insured_by(self, label: str, payer: str) -> Self:
        """Another payer instead of the enterprise."""
        return self.change(MONTHLY, {"person_key": self.people[label]}, usc_code=payer)

    def not_insured(self, label: str, **where: Any) -> Self:
        """No insurance row of the person."""
        return self.remove(MONTHLY, person_key=self.people[label], **where)

    def born(self, label: str, day: date | None) -> Self:
        """Another day of birth."""
        return self.change(
            "base_personnel__person", {"person_key": self.people[label]}, born_on=day
        )

    def dismiss(self, label: str) -> Self:
        """The person is gone from every table, as if never employed."""
        key = self.people[label]
        for table, rows in self.rows.items():
            self.rows[table] = [row for row in rows if row.get("person_key") != key]
        self.people = {k: v for k, v in self.people.items() if v != key}
        return self

    def register(
        self,
        label: str,
        registration: str,
        specialty: str,
        *,
        usc_code: str | None = None,
        valid_from: date = date(2008, 1, 1),
        valid_until: date | None = None,
    ) -> Self:
        """A practice registration with the enterprise (or another)."""
        return self.add(
            "base_personnel__registration",
            registration_no=self._no("浙R"),
            person_key=self.people[label],
            usc_code=usc_code or self.usc_code,
            registration=registration,
            specialty=specialty,
            valid_from=valid_from,
            valid_until=valid_until or add_years(self.decided_on, 2),
        )

    def entitle(self, label: str, level: str | None, major: str) -> Self:
        """A title of the engineering series, of the major that was studied."""
        return self.add(
            "base_personnel__title",
            title_no=self._no("T"),
            person_key=self.people[label],
            usc_code=self.usc_code,
            title_level=level,
            series="工程",
            major=major,
            studied_major=major,
            awarded_on=date(2012, 12, 1),
        )

    def certify_post(self, label: str, role: str) -> Self:
        """A post certificate."""
        return self.add(
            "base_personnel__post_certificate",
            certificate_no=self._no("P"),
            person_key=self.people[label],
            usc_code=self.usc_code,
            role=role,
            issued_on=date(2014, 5, 1),
            valid_until=add_years(self.decided_on, 2),
        )

    def certify_skill(self, label: str, trade: str, grade: str | None) -> Self:
        """A skill certificate."""
        return self.add(
            "base_personnel__skill_certificate",
            certificate_no=self._no("W"),
            person_key=self.people[label],
            usc_code=self.usc_code,
            trade=trade,
            grade=grade,
            issued_on=date(2014, 5, 1),
        )

    def add_site_manager(self, role: str) -> Self:
        """One more site manager."""
        label = self.new_label("site_manager")
        return self.hire(label).certify_post(label, role)

    def add_worker(self, trade: str, grade: str) -> Self:
        """One more skilled worker."""
        label = self.new_label("worker")
        return self.hire(label).certify_skill(label, trade, grade)

    def add_constructor(self, registration: str, specialty: str) -> Self:
        """One more constructor."""
        label = self.new_label("constructor")
        return self.hire(label).register(label, registration, specialty)

    def add_titled(self, level: str, major: str) -> Self:
        """One more titled person."""
        label = self.new_label("titled")
        return self.hire(label).entitle(label, level, major)

    def practised_since(self, day: date | None) -> Self:
        """Another beginning of the leader's practice."""
        return self.change("base_personnel__technical_lead", {}, practice_from=day)

    def practised_in(self, field: str | None) -> Self:
        """Another field of the leader's practice."""
        return self.change("base_personnel__technical_lead", {}, practice_field=field)

    def appoint(
        self, label: str, practice_from: date | None, practice_field: str | None = None
    ) -> Self:
        """The technical leader of the category, with the beginning of his practice."""
        return self.add(
            "base_personnel__technical_lead",
            usc_code=self.usc_code,
            category_code=self.code,
            person_key=self.people[label],
            practice_from=practice_from,
            practice_field=practice_field,
            appointed_on=date(2014, 1, 1),
        )

    def name_person(self, label: str) -> Self:
        """Somebody known by name only: no person row, no insurance, no staff."""
        self.people[label] = self._key(label)
        return self

    def new_label(self, group: str) -> str:
        """The label after the last of a group; people of a group are hired in order."""
        before = f"{group}."
        last = next((label for label in reversed(self.people) if label.startswith(before)), "0.0")
        return f"{before}{int(last.partition('.')[2]) + 1}"
