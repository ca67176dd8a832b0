"""Switches before the assessment (A, B, C): who may file what, and what stands in the way.

Belongs here: jurisdiction, registration, what is held, terms, bars, orders, acts of Art. 23,
the ground of a change. Does not: grounds of re-verification (`reorganised`), the standard.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import Any

from plain import law
from plain.case import Case
from plain.days import years_later
from plain.doubt import Truth, doubted, every, opposite, some
from plain.employed import LATELY, Employed
from plain.extended import Term
from plain.held import QUALIFICATION, Held, is_of_another_province
from plain.record import Record, Row
from plain.reorganised import REGISTRY, Reorganised

FINDING = "base_credit__finding"
BAR = "base_credit__bar"
ORDER = "base_credit__rectification"
DESIGN = "base_enterprise__design_qualification"
PRINTED = {
    "name": "printed_name",
    "address": "printed_address",
    "legal_representative": "printed_legal_representative",
    "registered_capital_yuan": "printed_capital_yuan",
}
ABNORMAL_FROM = date(2023, 9, 15)
"""From then the mark 资质异常 stops every matter (C4)."""


class Switches:
    """What is asked before the standard is.

    Args:
        record: what is known.
        case: the application.
    """

    def __init__(self, record: Record, case: Case) -> None:
        self.record, self.case = record, case
        self.held_now = Held(record, case.filed_on, case.decided_on)
        self.reorganised = Reorganised(record, case, self.held_now)

    @property
    def assessment(self) -> str:
        """How the case is handled: by its kind, a re-verification by what is on record (B6)."""
        if self.case.kind != "reverification":
            return self.case.kind
        if self.reorganised.is_for_a_lower_level():
            return "reverification_lower"
        way = "simplified" if self.reorganised.is_simplified() else "full"
        return f"reverification_{way}"

    def all(self) -> dict[str, Truth]:
        """Every switch that the kind has."""
        kind = self.case.kind
        found = {"jurisdiction": self.jurisdiction(), "registration_state": self.registered()}
        found["bar"] = self.unbarred()
        if kind in ("first", "addition", "renewal", "reverification"):
            found["level_open"] = self.still_open()
        if self.assessment == "reverification_lower":
            return {**found, "lower_level_ground": self.reorganised.lost_in_time()}
        found["held"] = self.held()
        if kind in ("first", "addition"):
            found["first_level"] = self.starts_at_the_lowest()
        else:
            found["validity"] = self.validity()
        if kind == "renewal":
            found["filing_window"] = self.in_time()
            found["exchange_due"] = opposite(self.reorganised.is_exchange_due())
        if kind in ("addition", "upgrade"):
            found["rectification"] = self.not_under_order()
            found["reverification_due"] = opposite(self.reorganised.wanted())
        if kind == "change":
            found["change_ground"] = self.changed()
        if kind == "reverification":
            found["reverification_ground"] = self.reorganised.ground()
        return found

    # -- A: who decides ------------------------------------------------------------------

    def jurisdiction(self) -> Truth:
        """The pair is the authority's own, and the enterprise is registered in its province (A5)."""
        case = self.case
        is_ours: Truth = law.authority_of(case.code, case.level) == case.authority
        if case.authority == "province" and law.may_be_delegated(
            case.code, case.level, case.filed_on
        ):
            is_ours = None
        if not case.recalled_may_grant and law.is_doubtful(case.code, case.level):
            is_ours = None

        def says(row: Row) -> Truth:
            region = row["region_code"]
            return (
                None
                if region is None
                else str(region)[:2] in law.jurisdiction()["province_regions"]
            )

        rows = self.record.mine(REGISTRY)
        is_here = some([doubted(says(row), row.is_trusted) for row in rows] or [None])
        return every([is_ours, is_here])

    def registered(self) -> Truth:
        """A legal person in normal state (B0.1, C8)."""

        def says(row: Row) -> Truth:
            state, entity = row["state_code"], row["entity_code"]
            return every(
                [
                    None if state is None else state == "active",
                    None if entity is None else entity == "enterprise",
                ]
            )

        rows = self.record.mine(REGISTRY)
        if not rows and any(
            row["usc_code"] is None and row["parent_usc_code"] is None
            for row in self.record.rows(REGISTRY)
        ):
            return None  # it may be the one whose code nobody can read
        told = some(doubted(says(row), row.is_trusted) for row in rows)
        # A state is only known of a register that is up to date on the day of the decision.
        fresh = self.record.is_closed(REGISTRY, self.case.decided_on)
        return told if fresh else (False if rows and told is False else None)

    # -- B: what the kind asks -----------------------------------------------------------

    def starts_at_the_lowest(self) -> Truth:
        """First and added qualifications start at the lowest level (B1.1)."""
        case = self.case
        ladder = law.levels(case.code, case.subcategory)
        if case.level == ladder[-1] or self._is_direct():
            return True
        # What a designer's EPC works must show no text says, so that one waits (reading 39).
        return None if self._designs_what_it_builds() is not False else False

    def _is_direct(self) -> bool:
        case = self.case
        return law.is_direct(case.kind, case.code, case.subcategory, case.level, case.filed_on)

    def still_open(self) -> Truth:
        """Whether the level is still applied for (F8); a notice that was not seen decides nothing."""
        for one in law.kinds()["closed"]:
            if (
                self.case.kind in one["kinds"]
                and self.case.level in one["levels"]
                and self.case.filed_on >= one["valid_from"]
            ):
                return False if one["basis"] == "seen" else None
        return True

    def _designs_what_it_builds(self) -> Truth:
        """A design qualification that opens general contracting, up to 一级 (B1.3)."""
        case, opening = self.case, law.designers()
        if not case.code.startswith("G") or case.level == "特级":
            return False

        def opens(row: Row) -> Truth:
            series, since, until = row["industry"], row.day("valid_from"), row.day("valid_until")
            fits: Truth = case.code in opening["industries"].get(series, ())
            if series == opening["comprehensive"]:
                fits = True
            elif series not in opening["industries"] and series not in opening["others"]:
                fits = None  # it may be any of them in other words (reading 39)
            if since is None or until is None:
                return False
            return every(
                [
                    fits,
                    row["grade"] == "甲级",
                    row["status_code"] == "valid",
                    since <= case.filed_on,
                    Term(until, None, "", since, case.decided_on).runs(case.filed_on),
                ]
            )

        return opposite(self._clear(DESIGN, opens, case.filed_on))

    def held(self) -> Truth:
        """Nothing for a first, something else for an addition, the level below for an upgrade."""
        case, now = self.case, self.held_now
        if case.kind in ("first", "addition"):
            mine = [
                self._still(row)
                for row in now.rows
                if row["category_code"] == case.code
                and (row["subcategory"] or "") == case.subcategory
            ]
            any_at_all = [self._still(row) for row in now.rows]
            if not now.is_closed:
                mine.append(None)
                any_at_all.append(None)
            if case.kind == "first":
                if self.reorganised.may_hold_elsewhere():
                    any_at_all.append(None)
                return opposite(some(any_at_all))
            if self._is_direct():
                ladder = ["特级", *law.levels(case.code, case.subcategory)]
                mine = [self._holds(ladder[: ladder.index(case.level) + 1], self._still)]
            return every([some(any_at_all), opposite(some(mine)), self._knows_its_set()])
        level: str | None = case.level
        if case.kind == "upgrade":
            level = law.next_lower(case.code, case.subcategory, case.level)
            ladder = ["特级", *law.levels(case.code, case.subcategory)]
            lower = self._holds([level] if level else [], self._still)
            higher = self._holds(ladder[: ladder.index(case.level) + 1], self._still)
            return every([lower, opposite(higher), self._knows_its_set()])  # level by level (B2.1)
        assert level is not None
        # On record as held: whether it is still in force is asked by `validity`.
        own = self._holds([level], self._of_who_decides)
        if case.kind == "reverification":
            # What it held before it moved here nobody tells.
            before = None if self.reorganised.has_moved_here() else False
            own = some([own, self.reorganised.carries(), before])
        # A set has one level of a category: beside a higher one a lower does not count (E-09).
        ladder = ["特级", *law.levels(case.code, case.subcategory)]
        above = self._holds(ladder[: ladder.index(case.level)], self._still)
        return every([own, opposite(above)])

    def _still(self, row: Row) -> Truth:
        """Held on the day of filing; nobody knows, where a grant would rest on what has run out since.

        A renewal and a re-verification rest on nothing: they set the term themselves.
        """
        truth = self.held_now.held(row)
        if truth is not True or self.case.kind in ("first", "renewal", "reverification"):
            return truth
        return True if self._runs_on(row, self.case.decided_on) else None

    def _of_who_decides(self, row: Row) -> Truth:
        """On record as held, and on a certificate of who decides the level (reading 88)."""
        case = self.case
        of = {one["authority_code"] for one in self.held_now.certificates(row)} - {None}
        is_theirs = not of or of == {law.authority_of(case.code, case.level)}
        return every([self.held_now.on_record(row), True if is_theirs else None])

    def _knows_its_set(self) -> Truth:
        """Whether there is a valid certificate of the province for a grant to go on (G1)."""
        truths: list[Truth] = []
        for row in self.held_now.rows:
            certificates = self.held_now.certificates(row)
            if not certificates or certificates[0]["authority_code"] in (None, "province"):
                truths.append(self._still(row))
        return None if some(truths) is None else True

    def _holds(self, levels: list[str], says: Callable[[Row], Truth]) -> Truth:
        case = self.case
        truths = [
            says(row)
            for level in levels
            for row in self.held_now.of_level(case.code, case.subcategory, level)
        ]
        if not self.held_now.is_closed:
            truths.append(None)
        return some(truths)

    def validity(self) -> Truth:
        """It is in force, on a certificate that is valid on the day of filing (B3.5, B5.3, C8)."""
        rows = self.held_now.at_stake(self.case)
        is_all = self.record.is_closed(QUALIFICATION, self.case.filed_on)
        is_told = self.case.kind != "reverification" or not self.reorganised.has_moved_here()
        absent: Truth = False if is_all and is_told else None
        closed: Truth = False if is_all else None
        own = some([*(self._still(row) for row in rows), closed]) if rows else None
        if self.case.kind == "reverification":
            # What is not the applicant's own is valid as it was the other's.
            is_valid = some(
                [
                    own if rows else absent,
                    self.reorganised.carries(valid_on=self.case.filed_on),
                ]
            )
            if is_valid is False and self.reorganised.has_lapsed():
                return None  # void, and yet to be verified in full
            return None if is_valid and self._has_run_out() else is_valid
        return own

    def _has_run_out(self) -> bool:
        """Whether the term that a simplified re-verification keeps may be over by the decision."""
        day = self.case.decided_on
        if not self.reorganised.keeps_the_term():
            return False
        runs = [
            every([self.held_now.held(row), self._runs_on(row, day)])
            for row in self.held_now.at_stake(self.case)
        ]
        return some([*runs, self.reorganised.carries(valid_on=day)]) is not True

    def _runs_on(self, row: Row, day: date) -> bool:
        """Whether a qualification surely runs on a day by what is printed and extended."""
        ended = row.day("valid_to")
        terms = [self.held_now.term(row, one) for one in self.held_now.certificates(row)]
        runs = any(term is not None and term.runs(day) is True for term in terms)
        return runs and (ended is None or ended >= day)

    def in_time(self) -> Truth:
        """Filed late is noted, and still to be taken up (B3.2); after expiry `validity` answers.

        Unless by the day of the decision it may have been deemed renewed (B3.1): its day has
        passed, and whether a notice extended that nobody knows (F9).
        """
        rows = self.held_now.at_stake(self.case)
        held = [(self.held_now.held(row), row) for row in rows]
        best = next((t for t in (True, None, False) if t in [truth for truth, _ in held]), None)
        terms: list[tuple[date, date]] = []
        for row in (row for truth, row in held if truth is best):
            ended = row.day("valid_to")
            for one in self.held_now.certificates(row):
                term = self.held_now.term(row, one)
                if term is not None:
                    days = (term.surely, term.perhaps)
                    terms.append((min(days[0], ended or days[0]), min(days[1], ended or days[1])))
        surely, perhaps = max(terms, default=(date.max, date.max))
        return None if surely < perhaps and self.case.decided_on > surely else True

    # -- C: what stands in the way ---------------------------------------------------------

    def _clear(self, table: str, says: Callable[[Row], Truth], day: date) -> Truth:
        found = [
            doubted(says(row), row.is_trusted) for row in self.record.mine(table) if row.is_lawful
        ]
        if not self.record.is_closed(table, day):
            found.append(None)
        return opposite(some(found))

    @cached_property
    def _members(self) -> Employed:
        """Whose branches are whose, as of whom the insurance of all the months asks."""
        return Employed(self.record, self.case.code, self.case.filed_on, LATELY, is_led=False)

    def _of_credit(self, table: str) -> list[tuple[Truth, Row]]:
        """What is on record of the enterprise, its branches, and perhaps of one (reading 63)."""
        bodies = self._members.payers
        return [
            (bodies[row["usc_code"]], row)
            for row in self.record.rows(table)
            if row["usc_code"] in bodies and row.is_lawful
        ]

    def _is_all_on_record(self, table: str) -> bool:
        """Whether nothing more is, by any branch: none is missing on the register."""
        day = self.case.decided_on
        return self._members.are_branches_known_on(day) and all(
            self.record.is_declared(table, day, city=city) for city in self._members.cities
        )

    def _clear_of(self, table: str, says: Callable[[Row], Truth]) -> Truth:
        found = [
            every([whose, doubted(says(row), row.is_trusted)])
            for whose, row in self._of_credit(table)
        ]
        if not self._is_all_on_record(table):
            found.append(None)
        return opposite(some(found))

    def unbarred(self) -> Truth:
        """No bar running on filing, nor at the decision, when it is read again (C4 to C7).

        An inquiry holds only what is to be decided while it runs (C7).
        """

        def runs(row: Row) -> Truth:
            if row["category_code"] not in (None, self.case.code):
                return False
            starts, ends = row.day("starts_on"), row.day("ends_on")
            days = [self.case.decided_on]
            if row["ground"] != "涉嫌造假核查":
                days.append(self.case.filed_on)
            runs_on = [
                every(
                    [
                        None if starts is None else starts <= day,
                        ends is None or ends >= day,
                        row["ground"] != "资质异常" or day >= ABNORMAL_FROM,
                    ]
                )
                for day in days
            ]
            return every([some(runs_on), self._bears(row["ground"])])

        return self._clear_of(BAR, runs)

    def _bears(self, ground: str | None) -> Truth:
        """Whether a bar of this ground stops this kind (reading 32)."""
        if ground is None or ground == "涉嫌造假核查":
            return None  # held while the inquiry runs: neither taken up nor turned away (C7)
        if ground == "资质异常":
            return True
        if ground == "申请弄虚作假" and self.case.kind == "reverification":
            # Who was not renewed for it may have a lower level verified (C6).
            if self.assessment == "reverification_lower":
                return False
            return True if self.reorganised.is_lower() is False else None
        return self.case.kind not in ("change", "replacement")  # neither applies for one

    def not_under_order(self) -> Truth:
        """No order to correct running, of whatever category (C3, W30)."""

        def runs(row: Row) -> Truth:
            ordered, closed = row.day("ordered_on"), row.day("closed_on")
            return some(
                every([None if ordered is None else ordered <= day, closed is None or closed > day])
                for day in (self.case.filed_on, self.case.decided_on)
            )

        return self._clear_of(ORDER, runs)

    def no_act(self) -> Truth:
        """No act of Art. 23 found from one year before filing until the decision (C1, reading 11)."""
        since = years_later(self.case.filed_on, -1)
        acts: list[Truth] = []
        lesser: list[tuple[Truth, Any]] = []
        for whose, row in self._of_credit(FINDING):
            found, undone = row.day("decided_on"), row.day("revoked_on")
            if not row.is_trusted:
                acts.append(None)
                continue
            counts = every(
                [
                    whose,
                    None if found is None else since <= found <= self.case.decided_on,
                    undone is None or undone > self.case.decided_on,
                ]
            )
            act = row["act"]
            if act == "一般事故":
                lesser.append((counts, row["project_no"]))
            elif act != "其他":
                acts.append(every([None if act is None else True, counts]))
        # Two decisions may be about one accident, unless they name two projects (reading 84).
        twice: Truth = len({works for t, works in lesser if t is True and works}) >= 2
        if not twice and sum(t is not False for t, _ in lesser) >= 2:
            twice = None
        acts.append(twice)
        if not self._is_all_on_record(FINDING):
            acts.append(None)
        return opposite(some(acts))

    # -- change ----------------------------------------------------------------------------

    def changed(self) -> Truth:
        """Something printed is no longer so, and not for a ground of re-verification (B4.3)."""
        differs: list[Truth] = []
        fresh = self.record.is_closed(REGISTRY, self.case.filed_on)
        at_stake = self.held_now.at_stake(self.case)
        held = [self.held_now.held(row) for row in at_stake]
        best = next((t for t in (True, None, False) if t in held), None)
        for row in (row for truth, row in zip(held, at_stake, strict=True) if truth is best):
            for one in self.held_now.certificates(row):
                for registry in self.record.mine(REGISTRY):
                    is_sure = row.is_trusted and not is_of_another_province(row)
                    for name, printed in PRINTED.items():
                        known = registry[name] is not None and one[printed] is not None
                        differs.append(
                            doubted(
                                str(registry[name]) != str(one[printed]) if known else None,
                                is_sure and registry.is_trusted and one.is_trusted and fresh,
                            )
                        )
        return every([some(differs) if differs else None, opposite(self.reorganised.wanted())])
