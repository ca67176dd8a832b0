"""One person with two identity numbers counts once, with all that is told under either."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from judge import Verdict
from offices import Office, at, rulebook
from plain.agreement import disagreements
from plain.documents import plainly
from plain.persons import as_one
from portfolio import MONTHLY, Portfolio, applications_of, frames_of, instant
from ways import BOOK

from assets.persons import ONE_EACH, Numbers
from assets.tables import check, personnel
from checks import identity, twofold
from checks.cross import READ, examine
from decisions.engine import decide
from decisions.facts import Facts
from decisions.replay import replay

DAY = date(2017, 3, 1)
OLD = "f" * 20
PERSON = "base_personnel__person"


def meeting(nth: int = 1) -> Portfolio:
    return Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY, nth=nth)


def under(one: Portfolio, label: str, number: str, table: str, *places: int) -> None:
    """Some of a person's rows of a table told under another number."""
    key = one.people[label]
    mine = [row for row in one.rows[table] if row["person_key"] == key]
    for place in places or range(len(mine)):
        mine[place]["person_key"] = number


def with_number(one: Portfolio, label: str, number: str = OLD) -> Portfolio:
    """The person is on record under another number, too."""
    (row,) = one.of(PERSON, person_key=one.people[label])
    one.rows[PERSON].append({**row, "person_key": number})
    return one


def judged(one: Portfolio, present: Mapping[str, str] | None = None) -> Verdict:
    """The engine's verdict on rows by number, and the plain evaluator's, which is the same.

    Read of the enterprise alone, it is the same once more.
    """
    numbers = Numbers(present) if present else ONE_EACH
    given = deepcopy(one)
    _find(given, numbers)
    facts = Facts.of(frames_of([given]), numbers=numbers)
    told = [
        decide(applications_of([given]), read, BOOK, instant(DAY))
        for read in (facts, facts.of_enterprises([given.usc_code]))
    ]
    assert told[0].criteria.equals(told[1].criteria)
    assert told[0].evidence.equals(told[1].evidence)
    rows = (frame.to_dicts() for frame in (told[0].criteria, told[0].evidence))
    verdict = Verdict(told[0].decisions.row(0, named=True), *rows)
    assert not disagreements(verdict, plainly(as_one(given, present or {}))), verdict.summary()
    return verdict


def _find(one: Portfolio, numbers: Numbers, statements: pl.DataFrame | None = None) -> None:
    """Lays beside it what the checks find in its rows of people who are elsewhere, too."""
    tables = {table.name: table.empty() for table in READ} | frames_of([one])
    if statements is not None:
        tables[personnel.IDENTITY.name] = statements
    lazy = {name: rows.lazy() for name, rows in tables.items()}
    found = examine(lazy, DAY, (*twofold.CHECKS, *identity.CHECKS), numbers=numbers)
    assert all(outcome.status != "error" for outcome in found.outcomes)
    one.rows.setdefault(check.FINDING.name, []).extend(found.findings.to_dicts())


def stated(*said: tuple[str, str, str]) -> pl.DataFrame:
    told = [
        {
            "statement_no": f"{n}{first[:4]}", "statement": what, "person_key": first,
            "other_key": second, "stated_on": DAY, "stated_by": "x", "because": "x",
            "document": "x", "delivery_id": "d", "row_no": n,
            "received_at": datetime(2017, 1, 1, tzinfo=UTC),
        }
        for n, (what, first, second) in enumerate(said, 1)
    ]  # fmt: skip
    return pl.DataFrame(told, schema=personnel.IDENTITY.schema)


class TestAHeadCount:
    def test_is_not_met_by_one_person_under_two_numbers(self) -> None:
        one = meeting()
        assert judged(one).outcome == "granted"
        first, second = one.people["worker.1"], one.people["worker.2"]
        verdict = judged(one, {first: second})
        assert (verdict.outcome, verdict.failed) == ("refused", {"skilled_workers"})

    def test_is_met_again_with_one_more(self) -> None:
        one = meeting()
        first, second = one.people["worker.1"], one.people["worker.2"]
        trade = one.of("base_personnel__skill_certificate", person_key=first)[0]
        one.add_worker(trade["trade"], trade["grade"])
        assert judged(one, {first: second}).outcome == "granted"


class TestInsurance:
    def test_months_under_two_numbers_add_up(self) -> None:
        one = with_number(meeting(), "constructor.1")
        under(one, "constructor.1", OLD, MONTHLY, 0)
        assert judged(one).outcome == "refused"
        assert judged(one, {OLD: one.people["constructor.1"]}).outcome == "granted"

    def test_a_month_under_neither_is_still_missing(self) -> None:
        one = with_number(meeting(), "constructor.1")
        under(one, "constructor.1", OLD, MONTHLY, 0)
        one.rows[MONTHLY].remove(one.of(MONTHLY, person_key=OLD)[0])
        assert judged(one, {OLD: one.people["constructor.1"]}).outcome == "refused"

    def test_a_month_is_paid_if_it_is_under_either(self) -> None:
        one = with_number(meeting(), "constructor.1")
        months = one.of(MONTHLY, person_key=one.people["constructor.1"])
        one.rows[MONTHLY] += [{**row, "person_key": OLD, "is_paid": False} for row in months]
        assert judged(one, {OLD: one.people["constructor.1"]}).outcome == "granted"
        for row in months:
            row["is_paid"] = False
        assert judged(one, {OLD: one.people["constructor.1"]}).outcome == "refused"

    def test_elsewhere_under_the_other_number_takes_somebody_away(self) -> None:
        one = with_number(meeting(), "worker.1")
        other = one.company(1)
        one.people["himself"] = OLD
        one.insure("himself", other, one.insurance_months)
        assert judged(one).outcome == "granted"
        verdict = judged(one, {OLD: one.people["worker.1"]})
        assert (verdict.outcome, verdict.failed) == ("refused", {"skilled_workers"})


class TestThePerson:
    def test_is_as_old_as_the_present_number_says(self) -> None:
        one = with_number(meeting(), "constructor.1")
        one.change(PERSON, {"person_key": OLD}, born_on=date(1950, 1, 1))
        key = one.people["constructor.1"]
        assert judged(one, {OLD: key}).outcome == "granted"
        one.change(PERSON, {"person_key": OLD}, born_on=date(1980, 1, 1))
        one.change(PERSON, {"person_key": key}, born_on=date(1950, 1, 1))
        assert judged(one, {OLD: key}).outcome == "refused"

    def test_has_no_age_while_the_present_number_is_not_on_record(self) -> None:
        one = meeting()
        key = one.people["constructor.1"]
        one.change(PERSON, {"person_key": key}, person_key=OLD)
        verdict = judged(one, {OLD: key})
        assert verdict.outcome == "awaiting_data"

    def test_is_retired_if_told_so_of_either(self) -> None:
        one = with_number(meeting(), "constructor.1")
        one.change(PERSON, {"person_key": OLD}, retired_on=date(2016, 1, 1))
        assert judged(one).outcome == "granted"
        assert judged(one, {OLD: one.people["constructor.1"]}).outcome == "refused"


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_two_numbers_of_one_person_are_as_one_from_the_start(data: st.DataObject) -> None:
    one = meeting()
    sound = judged(one)
    present = {}
    labels = data.draw(st.lists(st.sampled_from(sorted(one.people)), unique=True, max_size=4))
    for place, label in enumerate(labels):
        number, key = f"{place:020x}", one.people[label]
        if key in present.values():
            continue
        present[number] = key
        with_number(one, label, number)
        for rows in one.rows.values():
            mine = [row for row in rows if row.get("person_key") == key and "born_on" not in row]
            for row in mine:
                if data.draw(st.booleans()):
                    row["person_key"] = number
    verdict = judged(one, present)
    assert verdict.results == sound.results
    assert verdict.outcome == "granted"


def test_who_is_said_to_be_one_and_two_persons_is_in_doubt() -> None:
    one = meeting()
    a, b, c = (one.people[f"worker.{n}"] for n in (1, 2, 3))
    _find(one, ONE_EACH, stated(("same", a, b), ("same", b, c), ("different", c, a)))
    verdict = judged(one)
    assert (verdict.outcome, verdict.unknown) == ("awaiting_data", {"skilled_workers"})


def test_a_decision_is_made_by_what_was_stated_at_its_release_and_replays(tmp_path: Path) -> None:
    office = Office(tmp_path)
    before, after = meeting(1), meeting(2)
    office.file(before)
    office.release(at(DAY, 9))
    office.decide(at(DAY))
    pairs = [(one.people["worker.1"], one.people["worker.2"]) for one in (before, after)]
    office.store.append(personnel.IDENTITY, stated(*(("same", *pair) for pair in pairs)))
    office.file(after)
    office.release(at(DAY, 11))
    office.decide(at(DAY, 12))
    assert office.outcomes() == ["granted", "refused"]
    replayed = replay(office.store, rulebook())
    assert len(replayed) == 2
    assert all(one.is_same for one in replayed), replayed
    office.store.append(personnel.IDENTITY, stated(*(("different", *pair) for pair in pairs)))
    assert all(one.is_same for one in replay(office.store, rulebook()))
