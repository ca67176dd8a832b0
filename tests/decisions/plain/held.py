"""The qualifications an enterprise holds on the day of filing.

Belongs here: which rows are in force, their certificates. Does not: what a kind asks of them
(`switches`), the scope of a level held on an earlier day (`scope`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from plain import law
from plain.case import Case
from plain.doubt import Truth, doubted, every, some
from plain.extended import Term
from plain.law import Level
from plain.record import Record, Row

QUALIFICATION = "base_enterprise__qualification"
CERTIFICATE = "base_enterprise__certificate"


class Held:
    """What is held on a day.

    Args:
        record: what is known.
        filed_on: day of filing.
        decided_on: day by which notices on the validity are known.
    """

    def __init__(self, record: Record, filed_on: date, decided_on: date) -> None:
        self.record, self.filed_on, self.decided_on = record, filed_on, decided_on
        self.is_closed = all(record.is_closed(t, filed_on) for t in (QUALIFICATION, CERTIFICATE))

    @property
    def rows(self) -> list[Row]:
        """Every qualification on record."""
        return self.record.mine(QUALIFICATION)

    def in_force(self, row: Row) -> Truth:
        """Within its interval and not ended otherwise, its certificate aside."""
        first, last = row.day("valid_from"), row.day("valid_to")
        status = row["status_code"]
        says = every(
            [
                None if first is None else first <= self.filed_on,
                last is None or last >= self.filed_on,
                None if status is None else status == "valid",
            ]
        )
        if not row.is_lawful:
            return False  # of two levels of one category only the higher counts
        return doubted(says, self.is_believed(row))

    def is_believed(self, row: Row) -> bool:
        """Trusted, and does not stand on a certificate of another enterprise (reading 89)."""
        named = [c for c in self.record.rows(CERTIFICATE) if c["usc_code"] is not None]
        theirs = {c["usc_code"] for c in named if c["certificate_no"] == row["certificate_no"]}
        stands_on_its_own = row["status_code"] == "replaced" or theirs <= {row["usc_code"]}
        return row.is_trusted and stands_on_its_own

    def certificates(self, row: Row) -> list[Row]:
        """The certificate a qualification stands on."""
        return [
            one
            for one in self.record.rows(CERTIFICATE)
            if one["certificate_no"] == row["certificate_no"]
            and one["usc_code"] in (None, row["usc_code"])
        ]

    def certificate_valid(self, row: Row) -> Truth:
        """Whether its certificate is valid by status and by date; a status alone proves nothing."""
        truths: list[Truth] = []
        for one in self.certificates(row):
            term, status = self.term(row, one), one["status_code"]
            truths.append(
                doubted(
                    every(
                        [
                            None if term is None else term.runs(self.filed_on),
                            None if status is None else status == "valid",
                        ]
                    ),
                    one.is_trusted,
                )
            )
        if not truths:
            return None
        return some(truths)

    def term(self, row: Row, certificate: Row) -> Term | None:
        """When the certificate of a qualification runs out; None where it does not say."""
        printed = certificate.day("valid_until")
        if printed is None or not certificate.is_trusted:
            return None
        return Term(
            printed,
            certificate["authority_code"],
            str(row["level"]),
            certificate.day("issued_on"),
            self.decided_on,
        )

    def held(self, row: Row) -> Truth:
        """In force, on a valid certificate."""
        if row.is_lawful and not self.is_believed(row):
            return None  # the certificate it names may be another's
        return every(
            [
                self.in_force(row),
                self.certificate_valid(row),
                row.is_meant,
                None if is_of_another_province(row) else True,
            ]
        )

    def on_record(self, row: Row) -> Truth:
        """On record as held: whether it is still in force is another question."""
        if not row.is_lawful:
            return False
        is_held = doubted(row["status_code"] != "replaced", self.is_believed(row))
        return every([is_held, row.is_meant, None if is_of_another_province(row) else True])

    def at_stake(self, case: Case) -> list[Row]:
        """The holding a case is about: the level below for an upgrade, else the level itself."""
        level: str | None = case.level
        if case.kind == "upgrade":
            level = law.next_lower(case.code, case.subcategory, case.level)
        rows = self.of_level(case.code, case.subcategory, level or "")
        return [row for row in rows if self.on_record(row) is not False]

    def of_level(self, code: str, subcategory: str, level: str) -> list[Row]:
        """Rows of exactly this level; of a kind that is not named (S36) perhaps."""
        return [
            row if (row["subcategory"] or "") == subcategory else replace(row, is_meant=None)
            for row in self.rows
            if row["category_code"] == code
            and (row["subcategory"] or "")
            in (subcategory, subcategory or (row["subcategory"] or ""))
            and row["level"] == level
        ]

    def others(self, level: Level) -> Iterator[tuple[Row, bool]]:
        """What else is, or may be, held: not the category applied for, whose level is replaced."""
        for row in self.rows:
            same = (
                row["category_code"] == level.code
                and (row["subcategory"] or "") == level.subcategory
            )
            truth = self.held(row)
            if same or truth is False or row["category_code"] not in law.sheets():
                continue
            if row["level"] in (
                "特级",
                *law.levels(
                    row["category_code"], law.ruled(row["category_code"], row["subcategory"])
                ),
            ):
                yield row, truth is True


def is_of_another_province(row: Row) -> bool:
    """Whether the number of its certificate names another province (G5): letter, W, digit, province.

    Nobody tells whether the qualification has been carried on here since (B6.1, reading 96).
    """
    number = str(row["certificate_no"] or "").replace("W", "", 1)
    return number[:2] in ("D2", "D3") and number[2:4] != "33"
