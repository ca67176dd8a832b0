"""Why a re-verification is asked for: a merger, split or the like, or a level that was lost (B6).

Belongs here: grounds not answered yet, what is carried on from another enterprise, what a case is
handled as. Does not: the other switches (`switches`), the standard.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from plain import law
from plain.case import Case
from plain.days import day_in_china, months_later, years_later
from plain.doubt import Truth, doubted, every, opposite, some
from plain.extended import Term
from plain.held import CERTIFICATE, QUALIFICATION, Held, is_of_another_province
from plain.record import Record, Row

EVENT = "base_enterprise__event"
REGISTRY = "base_enterprise__registry"
DECISION = "decision__decision"
TWO_SIDED = ("merger_absorption", "merger_new", "split", "restructuring")
DIVIDED = ("split", "restructuring")
LEVELS = ("特级", "一级", "二级", "三级", "")
GROUNDS = (*TWO_SIDED, "conversion", "moved_province", "capital_nature")
"""B4.3, B6.1: events that need a re-verification instead of a change."""
SIMPLIFIED = {
    "absorbed_cancelled": ("merger_absorption",),
    "merged_cancelled": ("merger_new",),
    "cancellation_pending": ("merger_absorption", "merger_new"),
    "within_group": (*TWO_SIDED, "conversion"),
    "state_owned": (*TWO_SIDED, "conversion"),
    "foreign_capital_left": ("capital_nature",),
    "moved_province": ("moved_province",),
}
"""The seven cases of 79号 and the events they can be (B6.2)."""
GOES_ON = (("renewal", "granted"), ("renewal", "refused"), ("reverification", "granted"))
PENDING = "cancellation_pending"
DONE = ("absorbed_cancelled", "merged_cancelled")
UNTIL_DECIDED = ("addition", "upgrade", "change")
"""Kinds that an event since the filing bears on (reading 67)."""
STRICTER_FROM = date(2023, 9, 15)
"""3号/2023 (B6.6, reading 36)."""


class Reorganised:
    """What the registration base and our own decisions say of the applicant.

    Args:
        record: what is known.
        case: the application.
        held: what the applicant holds.
    """

    def __init__(self, record: Record, case: Case, held: Held) -> None:
        self.record, self.case, self.held = record, case, held
        self.is_closed = record.is_closed(EVENT, case.filed_on)

    def may_have_another_side(self) -> bool:
        """Whether a merger or split was told by the filing, or may have been."""
        for row in self.record.mine(EVENT):
            day = row.day("happened_on")
            is_of_then = day is None or day <= self.case.filed_on
            told = row["event_code"] in (None, *TWO_SIDED) and is_of_then
            if row.is_lawful and (told or not row.is_trusted):
                return True
        return False

    # -- grounds not answered --------------------------------------------------------------

    def grounds(self, *, of_none: bool = False) -> Iterator[tuple[Row, Truth]]:
        """What may want a re-verification still; what is not trusted may be anything (reading 31).

        Of an addition, an upgrade and a change also what came since the filing (reading 67).

        Args:
            of_none: asked of a case that is about no holding of its category.
        """
        for row, answered in self._all_grounds(of_none=of_none):
            if answered is not True:
                yield row, opposite(answered)

    def _all_grounds(self, *, of_none: bool = False) -> Iterator[tuple[Row, Truth]]:
        """Every ground on record, and whether it has been answered."""
        case = self.case
        last = case.decided_on if case.kind in UNTIL_DECIDED else case.filed_on
        for row in self.record.mine(EVENT):
            day = row.day("happened_on")
            if not row.is_lawful:
                continue
            if not row.is_trusted or day is None:
                yield row, None
            elif row["event_code"] in GROUNDS and day <= last:
                yield row, self._answered(row, day, of_none=of_none)

    def _answered(self, row: Row, day: date, *, of_none: bool) -> Truth:
        """Verified since: by a re-verification that knew of it, or as the certificate was issued."""
        for again in self._reverified():
            was_told = row.instant <= datetime.fromisoformat(again["decided_at"])
            if was_told and day <= day_in_china(again["filed_at"]):
                return True
        if of_none or self.case.kind == "addition":
            # About nothing held of its category: the newest certificate counts.
            rows = [row for row in self.held.rows if self.held.held(row) is not False]
            truths = [self._issued_after(row, day) for row in rows]
            answered = some(truths)
            if None in truths and answered is not True:
                answered = None
        else:
            rows = self.held.at_stake(self.case)
            sure = [row for row in rows if self.held.held(row) is True]
            truths = [self._granted_after(row, day) for row in sure or rows]
            answered = truths[0] if truths and len(set(truths)) == 1 else None
        if not rows:
            return False if self.held.is_closed else None
        return answered

    def _reverified(self) -> Iterator[Row]:
        """Re-verifications of the category before the case's decision; for an addition of any."""
        for row in self.record.mine(DECISION):
            is_of_it = (
                row["category_code"] == self.case.code
                and (row["subcategory"] or "") == self.case.subcategory
            )
            if _is_reverified(row, self.case) and (is_of_it or self.case.kind == "addition"):
                yield row

    def _of_level(self, level: str) -> list[Row]:
        """Our decisions by which a level goes on or does not, up to the filing, the latest first.

        What was refused later on that day was not lost yet (reading 69: by the instants).
        """
        rows = [
            row
            for row in self.record.mine(DECISION)
            if (row["kind"], row["outcome"]) in GOES_ON
            and row["category_code"] == self.case.code
            and (row["subcategory"] or "") == self.case.subcategory
            and row["level"] == level
            and datetime.fromisoformat(row["decided_at"]) <= self.case.filed_at
        ]
        return sorted(
            rows, key=lambda row: (str(row["decided_at"]), str(row["application_id"])), reverse=True
        )

    def _issued_after(self, row: Row, day: date) -> Truth:
        if not row.is_trusted or is_of_another_province(row):
            return None
        issued = [c.day("issued_on") if c.is_trusted else None for c in self.held.certificates(row)]
        return some(None if one is None else one > day for one in issued or [None])

    def _granted_after(self, row: Row, day: date) -> Truth:
        """The certificate was issued, or the level granted, after that day."""
        if is_of_another_province(row):
            return None
        first = row.day("valid_from")
        granted = doubted(None if first is None else first > day, self.held.is_believed(row))
        return some([granted, self._issued_after(row, day)])

    def wanted(self) -> Truth:
        """Whether a ground stands that no re-verification has answered (B6.1).

        One since the filing neither stands in the way of an addition or upgrade nor lets it pass;
        a change would print what has come of it.
        """
        found: list[Truth] = [False if self.is_closed else None]
        for row, truth in self.grounds():
            day = row.day("happened_on")
            is_since = row.is_trusted and day is not None and day > self.case.filed_on
            of_since = True if self.case.kind == "change" else None
            found.append(of_since if is_since else truth)
        return some(found)

    def ground(self) -> Truth:
        """There is one, and all are known: how the case is handled follows from them all."""
        grounds = list(self.grounds())
        if self.is_lower() is None:
            return None  # a higher level may have been lost
        if not grounds and self.is_closed:
            return None if self.has_lapsed() else False
        if not grounds or not self.is_closed or any(truth is None for _, truth in grounds):
            return None
        for row, _ in grounds:
            event = row["event_code"]
            if event in TWO_SIDED and self.case.filed_on >= STRICTER_FROM:
                return None
            if not _is_of_a_piece(row):
                return None
            if event in DIVIDED and self._founded() is None:
                return None
        return True

    def _founded(self) -> date | None:
        return next(
            (row.day("established_on") for row in self.record.mine(REGISTRY) if row.is_trusted),
            None,
        )

    def has_moved_here(self) -> bool:
        """From another province, and has not been verified here since (reading 96)."""
        return any(
            row.is_trusted and row["event_code"] == "moved_province" for row, _ in self.grounds()
        )

    def may_hold_elsewhere(self) -> bool:
        """Whether something may stand from before it moved here, which no base of ours tells.

        A certificate runs for five years, and only the place of registration renews it (A5, G4).
        """
        if not self.is_closed:
            return True
        for row, _ in self.grounds(of_none=True):
            day = row.day("happened_on")
            if not row.is_trusted or day is None or row["event_code"] is None:
                return True
            last = years_later(day, 5) - timedelta(days=1)
            terms = (Term(last, None, level, None, self.case.decided_on) for level in LEVELS)
            has_run_out = all(term.runs(self.case.filed_on) is False for term in terms)
            if row["event_code"] == "moved_province" and not has_run_out:
                return True
        return False

    # -- how it is handled -----------------------------------------------------------------

    def _certain(self) -> list[Row]:
        return [row for row, _ in self.grounds() if row.is_trusted]

    def is_simplified(self) -> bool:
        """Only if 79号 lists every ground; everything else is verified in full (B6.2)."""
        ways = [row["handling_code"] for row in self._certain()]
        return bool(ways) and all(way == "simplified" for way in ways)

    def is_of_the_old(self) -> bool:
        """The enterprise that was there before a split or restructuring shows more months (B0.5)."""
        founded = self._founded()
        days = [row.day("happened_on") for row in self._certain() if row["event_code"] in DIVIDED]
        return any(founded is None or day is None or founded < day for day in days)

    def counts_paid_in(self) -> bool:
        """The capital changed with a split, or with a case that is simplified (79号, B6.3)."""
        certain = self._certain()
        if not self.is_simplified() and all(row["event_code"] != "split" for row in certain):
            return False
        days = (row.day("happened_on") for row in certain)
        began = min((day for day in days if day is not None), default=None)
        changed = [
            row.day("happened_on")
            for row in self.record.mine(EVENT)
            if row.is_trusted and row["event_code"] == "capital"
        ]
        return began is not None and any(
            day is not None and began <= day <= self.case.filed_on for day in changed
        )

    # -- carried on from another -----------------------------------------------------------

    def carries(self, *, valid_on: date | None = None) -> Truth:
        """The level applied for was another's, which gave it up for this one (reading 35).

        Args:
            valid_on: and the term of its certificate runs on this day.
        """
        found = [every([wanted, self._hands_over(row, valid_on)]) for row, wanted in self.grounds()]
        if not self.is_closed:
            found.append(None)
        return some(found)

    def _hands_over(self, row: Row, valid_on: date | None) -> Truth:
        day, other = row.day("happened_on"), row["counterpart_usc_code"]
        if not row.is_trusted or day is None:
            return None
        if other is None:
            # A merger or split whose other side is not named may hand anything over.
            return None if row["event_code"] in TWO_SIDED else False
        if self._is_taken(other, day, row["event_code"]):
            return False
        of_category = [
            one
            for one in self.record.rows(QUALIFICATION)
            if one["usc_code"] == other
            and one["category_code"] == self.case.code
            and (one["subcategory"] or "") == self.case.subcategory
            and one.is_lawful
        ]
        replaced = [
            one for one in of_category if one["status_code"] == "replaced" and one.is_trusted
        ]
        then = {one["level"] for one in replaced if _held_on(one, day)}
        theirs = [
            one for one in of_category if one["level"] == self.case.level and one not in replaced
        ]
        city = self.record.city_of(other)
        is_closed = all(
            self.record.is_declared(table, self.case.filed_on, city=city)
            and not any(
                self.record.is_adrift(table, one)
                for one in self.record.rows(table)
                if one["usc_code"] == other
            )
            for table in (QUALIFICATION, CERTIFICATE)
        )
        # One that is in doubt may be of any category, level and day (reading 57).
        of_any = [
            one
            for one in self.record.rows(QUALIFICATION)
            if one["usc_code"] == other and self.record.is_adrift(QUALIFICATION, one)
        ]
        if not theirs and not of_any:
            known = any(
                one["usc_code"] == other and one.is_trusted for one in self.record.rows(REGISTRY)
            )
            return False if known and is_closed else None
        given_up = [
            self._given_up(one, day, _is_pending(row), then, valid_on, is_closed=is_closed)
            for one in theirs
        ]
        return some([*given_up, *(None for _ in of_any)])

    def _is_taken(self, other: str, day: date, event: str) -> bool:
        """Carried on already: by whom it was granted, or by the other side of a split (B6.3)."""
        for row in self.record.rows(DECISION):
            is_of_it = (
                row["category_code"] == self.case.code
                and (row["subcategory"] or "") == self.case.subcategory
            )
            was_before = not _is_reverified(row, self.case)
            if was_before or not is_of_it or day_in_china(row["decided_at"]) < day:
                continue
            source = row["predecessor_usc_code"]
            if source == other or (
                source is None and row["usc_code"] == other and event in DIVIDED
            ):
                return True
        return False

    def _given_up(
        self,
        one: Row,
        day: date,
        pending: Truth,
        then: set[str],
        valid_on: date | None,
        *,
        is_closed: bool,
    ) -> Truth:
        """Held on the day of the event, and given up since; or about to be (79号, case 3).

        Args:
            one: what the other side holds, or held to the last.
            day: of the event.
            pending: whether that was under way still.
            then: levels it held on that day by rows that later ones have replaced.
            valid_on: see `carries`.
            is_closed: whether there is nothing but what is on record of it.
        """
        first, last, status = one.day("valid_from"), one.day("valid_to"), one["status_code"]
        certificates = [c for c in self.held.certificates(one) if c.is_trusted]
        terms = (self.held.term(one, c) for c in certificates)
        term = next((t for t in terms if t is not None), None)
        if status == "valid":
            status = next((c["status_code"] for c in certificates), None)
        if not one.is_trusted or is_of_another_province(one):
            return None  # whether that province gives it up nobody tells (B6.2)
        ended = None if status is None else status == "cancelled"
        began = (first is not None and first <= day) or self.case.level in then
        runs_then = None if term is None else term.runs(day)
        if last is not None:
            # The day it was given up tells that it was held up to then, whatever was printed.
            runs_then = last >= day and (True if term is None else runs_then)
        was_held = every([began, runs_then])
        had: Truth
        if every([was_held, some([None if status is None else status == "valid", ended])]) is True:
            had = True
        elif not began and then - {self.case.level}:
            had = None  # lowered or raised since: whether it is what is left, nobody knows
        elif every([ended, began]) is False and not (was_held is None and status == "valid"):
            had = False
        else:
            had = None  # given up before the event: whether for it, nobody knows
        if not is_closed:
            had, ended = had or None, ended or None
        runs: Truth = True
        if valid_on is not None:
            runs = None if term is None else term.runs(valid_on)
        return every([had, some([pending, ended]), runs])

    # -- the term --------------------------------------------------------------------------

    def keeps_the_term(self) -> bool:
        """Simplified, and neither for one year nor in exchange of such a certificate (79号, 3)."""
        if not self.is_simplified():
            return False
        told = [(row, answered is True) for row, answered in self._all_grounds() if row.is_trusted]
        under_way, to_exchange = [], []
        for merger, is_answered in told:
            if merger["case_code"] != PENDING:
                continue
            later = [(row, known) for row, known in told if _day(row) >= _day(merger)]
            ends = [known for row, known in later if _ends(row, merger)]
            if is_answered and any(
                known and row["handling_code"] != "simplified" for row, known in later
            ):
                continue  # verified in full since, for five years
            if not ends:
                under_way.append(is_answered)
            elif not any(ends):
                to_exchange.append(merger)
        if under_way:
            return all(under_way)  # what was answered has its one year
        return not to_exchange

    def is_exchange_due(self) -> Truth:
        """Whether what is held was verified for one year, for a merger under way (79号, case 3)."""
        case = self.case
        merged = [
            row
            for row in self.record.mine(EVENT)
            if row.is_lawful
            and (not row.is_trusted or _is_pending(row) is not False)
            and (not row.is_trusted or row["event_code"] in GROUNDS)
            and (not row.is_trusted or _day(row) <= case.filed_on)
        ]
        granted = self._granted()
        if not merged or not granted:
            return False
        until, days = granted[-1].day("valid_until"), [row.day("happened_on") for row in merged]
        began = min((day for day in days if day is not None), default=None)
        if until is None:
            return False
        # Who gave it its last day; who verified it since, has kept that.
        giver = next(row for row in granted if row.day("valid_until") == until)
        a_year_on = years_later(day_in_china(giver["decided_at"]), 1)
        if giver["kind"] == "renewal" or until != a_year_on - timedelta(days=1):
            return False
        if began is not None and began > day_in_china(giver["filed_at"]):
            return False
        return True if any(row.is_trusted and _is_pending(row) for row in merged) else None

    def _granted(self) -> list[Row]:
        """What gave the qualification its last day, the newest at the end."""
        granted = [
            row
            for row in self.record.mine(DECISION)
            if row["kind"] in ("renewal", "reverification")
            and row["outcome"] == "granted"
            and row["category_code"] == self.case.code
            and (row["subcategory"] or "") == self.case.subcategory
            and datetime.fromisoformat(row["decided_at"]) < self.case.decided_at
        ]
        return sorted(granted, key=lambda row: datetime.fromisoformat(row["decided_at"]))

    def has_lapsed(self) -> bool:
        """One of a single year was over by the filing: to be verified in full (79号, case 3)."""
        if self.is_exchange_due() is False:
            return False
        until = self._granted()[-1].day("valid_until")
        return until is not None and until < self.case.filed_on

    # -- a lower level after a loss --------------------------------------------------------

    def losses(self) -> list[Truth]:
        """Of each higher level lost: whether not longer ago than three months (B6.7, reading 33)."""
        found = [None if lost is None else self._in_time(lost) for _, lost in self._lost()]
        # One that is in doubt may be any that was lost (reading 57).
        return found + [None for _ in self._in_doubt()]

    def _lost(self) -> Iterator[tuple[str, date | None]]:
        """The higher levels that were lost, and since when."""
        case = self.case
        for level in law.higher_levels(case.code, case.subcategory, case.level):
            for row in self._of_level(level)[:1]:
                if row["outcome"] == "refused":
                    yield level, day_in_china(row["decided_at"])
            for row in self.held.of_level(case.code, case.subcategory, level):
                last = row.day("valid_to")
                lost = None if last is None else last + timedelta(days=1)
                if not row.is_lawful or not row.is_trusted or row["status_code"] != "withdrawn":
                    continue
                if lost is None or lost <= case.filed_on:
                    yield level, lost

    def _in_time(self, lost: date) -> bool:
        return self.case.filed_on <= months_later(lost, 3)

    def is_lower(self) -> Truth:
        """Of a lower level: a higher one was lost, and neither this one nor one above is held.

        A loss of long ago is no matter where a merger or the like is the ground (reading 45). What is
        in doubt, or may not have been delivered, may be the one or the other (reading 57).
        """
        has_event = some([*(t for _, t in self.grounds()), False if self.is_closed else None])
        is_lost = [some([in_time, opposite(has_event)]) for in_time in self.losses()]
        is_all = self.record.is_closed(QUALIFICATION, self.case.filed_on)
        absent: Truth = False if is_all else None
        return every([some([*is_lost, absent]), opposite(some([*self._standing(), absent]))])

    def is_for_a_lower_level(self) -> bool:
        """What a case is handled as; where nobody knows it, by a loss that is told, or a merger."""
        known = self.is_lower()
        if known is not None:
            return known
        return any(True for _ in self._lost()) or (
            bool(self._in_doubt()) and not list(self.grounds())
        )

    def _in_doubt(self) -> list[Row]:
        return [row for row in self.held.rows if row.is_lawful and not row.is_trusted]

    def _standing(self) -> Iterator[Truth]:
        """Whether the level applied for is held, or one above: not lost, or granted anew since."""
        case = self.case
        for row in self.held.of_level(case.code, case.subcategory, case.level):
            yield self.held.held(row)
        for level in law.higher_levels(case.code, case.subcategory, case.level):
            days = [lost for name, lost in self._lost() if name == level]
            last = max((day for day in days if day is not None), default=None)
            for row in self.held.of_level(case.code, case.subcategory, level):
                first = row.day("valid_from")
                since = None if first is None or last is None else first > last
                yield every([self.held.held(row), since if days else True])

    def lost_in_time(self) -> Truth:
        """Within the three months; later it starts again at the lowest level (B3.4).

        With a merger or the like too, by which of both it is verified nobody knows.
        """
        is_other = list(self.grounds(of_none=True)) or not self.is_closed
        return some(self.losses()) if self.is_lower() and not is_other else None


def _is_pending(row: Row) -> Truth:
    """Whether the other side's cancellation was under way (79号, case 3), as far as that is told."""
    case, event, way = row["case_code"], row["event_code"], row["handling_code"]
    if (
        case is None
        and event in ("merger_absorption", "merger_new")
        and way in (None, "simplified")
    ):
        return None
    return bool(case == PENDING)


def _day(row: Row) -> date:
    return row.day("happened_on") or date.min


def _ends(row: Row, merger: Row) -> bool:
    """Whether an event tells that a merger's cancellation, of perhaps the same side, is done."""
    one, other = row["counterpart_usc_code"], merger["counterpart_usc_code"]
    return row["case_code"] in DONE and (one is None or other is None or one == other)


def _held_on(row: Row, day: date) -> bool:
    first, last = row.day("valid_from"), row.day("valid_to")
    return first is not None and last is not None and first <= day <= last


def _is_reverified(row: Row, case: Case) -> bool:
    """Whether a decision of ours is a re-verification granted before the case's."""
    return (
        row["kind"] == "reverification"
        and row["outcome"] == "granted"
        and datetime.fromisoformat(row["decided_at"]) < case.decided_at
    )


def _is_of_a_piece(row: Row) -> bool:
    """Whether event, handling and case of 79号 fit each other."""
    case = row["case_code"]
    if row["handling_code"] == "simplified":
        return row["event_code"] in SIMPLIFIED.get(case, ())
    return row["handling_code"] is not None and case is None
