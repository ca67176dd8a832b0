"""Whose identity numbers are: one person's with two numbers, several persons' with one."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judge import Verdict
from offices import Office, at
from plain.agreement import disagreements
from plain.documents import plainly
from plain.persons import as_one, set_apart
from portfolio import MONTHLY, Portfolio, applications_of, frames_of, instant
from shipped import BOOK
from together import now, verdict_on
from ways import TOGETHER

from assets.persons import ONE_EACH, Numbers, numbers_of
from assets.tables import check, personnel
from checks.cross import CHECKS, READ, examine
from decisions.engine import decide
from decisions.facts.model import Facts
from decisions.replay import replay
from decisions.waiting.missing import trace
from decisions.waiting.remedies import remedied

DAY = date(2017, 3, 1)
PERSON = "base_personnel__person"


def meeting(nth: int | None = None) -> Portfolio:
    return Portfolio.meeting("S11", "二级", kind="first", filed_on=DAY, nth=nth)


def under(one: Portfolio, label: str, number: str, table: str, *places: int) -> None:
    """Some of a person's rows of a table told under another number."""
    key = one.people[label]
    mine = [row for row in one.rows[table] if row["person_key"] == key]
    for place in places or range(len(mine)):
        mine[place]["person_key"] = number


def old(one: Portfolio) -> str:
    """A number that somebody of it had before."""
    return f"{one.nth:f>20}"


def with_number(one: Portfolio, label: str, number: str | None = None) -> Portfolio:
    """The person is on record under another number, too."""
    (row,) = one.of(PERSON, person_key=one.people[label])
    one.rows[PERSON].append({**row, "person_key": number or old(one)})
    return one


@cache
def as_they_are() -> Verdict:
    """The verdict on those who have one number each."""
    return now(judged(meeting()))


async def judged(
    one: Portfolio,
    present: Mapping[str, str] | None = None,
    said: pl.DataFrame | None = None,
) -> Verdict:
    """The engine's verdict on rows by number, and the plain evaluator's, which is the same.

    However the engine comes to know of the case, it is the same once more.

    Args:
        one: the portfolio, by number.
        present: the number borne now, of each other one.
        said: statements that put numbers in doubt.
    """
    numbers = Numbers(present) if present else ONE_EACH
    if said is not None:
        numbers = numbers_of(said)
    given = deepcopy(one)
    _find(given, numbers, said)
    verdict, *others = [
        await verdict_on(given, known=known, numbers=numbers) for known in TOGETHER.values()
    ]
    for name, other in zip(TOGETHER, [verdict, *others], strict=True):
        assert verdict.criteria == other.criteria, name
        assert verdict.evidence == other.evidence, name
    bearers = {number: one.bearer for number, one in numbers.in_doubt.items()}
    plain = plainly(set_apart(as_one(given, present or {}), bearers))
    assert not disagreements(verdict, plain), verdict.summary()
    return verdict


def _find(one: Portfolio, numbers: Numbers, statements: pl.DataFrame | None = None) -> None:
    """Lays beside it what the checks find in its rows of people who are elsewhere, too."""
    tables = {table.name: table.empty() for table in READ} | frames_of([one])
    if statements is not None:
        tables[personnel.IDENTITY.name] = statements
    lazy = {name: rows.lazy() for name, rows in tables.items()}
    found = examine(lazy, one.filed_on, CHECKS, numbers=numbers)
    assert all(outcome.status != "error" for outcome in found.outcomes)
    one.rows.setdefault(check.FINDING.name, []).extend(found.findings.to_dicts())


def stated(*said: tuple[str, ...]) -> pl.DataFrame:
    told = [
        {
            "statement_no": f"{n}{first[:4]}", "statement": what, "person_key": first,
            "other_key": second[0] if second else None, "stated_on": DAY, "stated_by": "x", "because": "x",
            "document": "x", "delivery_id": "d", "row_no": n,
            "received_at": datetime(2017, 1, 1, tzinfo=UTC),
        }
        for n, (what, first, *second) in enumerate(said, 1)
    ]  # fmt: skip
    return pl.DataFrame(told, schema=personnel.IDENTITY.schema)


@pytest.mark.provision("E5")
class TestAHeadCount:
    async def test_is_not_met_by_one_person_under_two_numbers(self) -> None:
        one = meeting()
        assert (await judged(one)).outcome == "granted"
        first, second = one.people["worker.1"], one.people["worker.2"]
        verdict = await judged(one, {first: second})
        assert (verdict.outcome, verdict.failed) == ("refused", {"skilled_workers"})

    async def test_is_met_again_with_one_more(self) -> None:
        one = meeting()
        first, second = one.people["worker.1"], one.people["worker.2"]
        trade = one.of("base_personnel__skill_certificate", person_key=first)[0]
        one.add_worker(trade["trade"], trade["grade"])
        assert (await judged(one, {first: second})).outcome == "granted"


@pytest.mark.provision("E3")
class TestInsurance:
    async def test_months_under_two_numbers_add_up(self) -> None:
        one = with_number(meeting(), "constructor.1")
        under(one, "constructor.1", old(one), MONTHLY, 0)
        assert (await judged(one)).outcome == "refused"
        assert (await judged(one, {old(one): one.people["constructor.1"]})).outcome == "granted"

    async def test_a_month_under_neither_is_still_missing(self) -> None:
        one = with_number(meeting(), "constructor.1")
        under(one, "constructor.1", old(one), MONTHLY, 0)
        one.rows[MONTHLY].remove(one.of(MONTHLY, person_key=old(one))[0])
        assert (await judged(one, {old(one): one.people["constructor.1"]})).outcome == "refused"

    async def test_a_month_is_paid_if_it_is_under_either(self) -> None:
        one = with_number(meeting(), "constructor.1")
        months = one.of(MONTHLY, person_key=one.people["constructor.1"])
        one.rows[MONTHLY] += [{**row, "person_key": old(one), "is_paid": False} for row in months]
        assert (await judged(one, {old(one): one.people["constructor.1"]})).outcome == "granted"
        for row in months:
            row["is_paid"] = False
        assert (await judged(one, {old(one): one.people["constructor.1"]})).outcome == "refused"

    @pytest.mark.provision("E4")
    async def test_elsewhere_under_the_other_number_takes_somebody_away(self) -> None:
        one = with_number(meeting(), "worker.1")
        other = one.company(1)
        one.people["himself"] = old(one)
        one.insure("himself", other, one.insurance_months)
        assert (await judged(one)).outcome == "granted"
        verdict = await judged(one, {old(one): one.people["worker.1"]})
        assert (verdict.outcome, verdict.failed) == ("refused", {"skilled_workers"})


@pytest.mark.provision("E2")
class TestThePerson:
    async def test_is_as_old_as_the_present_number_says(self) -> None:
        one = with_number(meeting(), "constructor.1")
        one.change(PERSON, {"person_key": old(one)}, born_on=date(1950, 1, 1))
        key = one.people["constructor.1"]
        assert (await judged(one, {old(one): key})).outcome == "granted"
        one.change(PERSON, {"person_key": old(one)}, born_on=date(1980, 1, 1))
        one.change(PERSON, {"person_key": key}, born_on=date(1950, 1, 1))
        assert (await judged(one, {old(one): key})).outcome == "refused"

    async def test_has_no_age_while_the_present_number_is_not_on_record(self) -> None:
        one = meeting()
        key = one.people["constructor.1"]
        one.change(PERSON, {"person_key": key}, person_key=old(one))
        verdict = await judged(one, {old(one): key})
        assert verdict.outcome == "awaiting_data"

    async def test_is_retired_if_told_so_of_either(self) -> None:
        one = with_number(meeting(), "constructor.1")
        one.change(PERSON, {"person_key": old(one)}, retired_on=date(2016, 1, 1))
        assert (await judged(one)).outcome == "granted"
        assert (await judged(one, {old(one): one.people["constructor.1"]})).outcome == "refused"


@settings(max_examples=8)
@given(st.data())
def test_two_numbers_of_one_person_are_as_one_from_the_start(data: st.DataObject) -> None:
    one, present = meeting(), {}
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
    verdict = now(judged(one, present))
    assert verdict.results == as_they_are().results
    assert verdict.outcome == "granted"


async def test_who_is_said_to_be_one_and_two_persons_is_in_doubt() -> None:
    one = meeting()
    a, b, c = (one.people[f"worker.{n}"] for n in (1, 2, 3))
    said = stated(("same", a, b), ("same", b, c), ("different", c, a))
    verdict = await judged(one, said=said)
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
    replayed = replay(office.store, BOOK)
    assert len(replayed) == 2
    assert all(one.is_same for one in replayed), replayed
    office.store.append(personnel.IDENTITY, stated(*(("different", *pair) for pair in pairs)))
    assert all(one.is_same for one in replay(office.store, BOOK))


class TestANumberThatSeveralBear:
    async def test_proves_nothing_whoever_it_is_needed_for(self) -> None:
        one = meeting()
        one_of_each = {label.partition(".")[0]: label for label in sorted(one.people)}
        for label in one_of_each.values():
            verdict = await judged(one, said=stated(("shared", one.people[label])))
            assert verdict.outcome == "awaiting_data", label

    async def test_holds_up_nobody_who_can_do_without_it(self) -> None:
        one = meeting()
        trade = one.of("base_personnel__skill_certificate", person_key=one.people["worker.1"])[0]
        one.add_worker(trade["trade"], trade["grade"])
        assert (
            await judged(one, said=stated(("shared", one.people["worker.1"])))
        ).outcome == "granted"

    async def test_is_of_two_of_the_same_enterprise_or_of_more(self) -> None:
        one = meeting()
        number, other = one.people["worker.1"], one.people["worker.2"]
        told = as_one(one, {other: number})
        assert (await judged(told)).outcome == "refused"
        verdict = await judged(told, said=stated(("shared", number)))
        assert (verdict.outcome, verdict.unknown) == ("awaiting_data", {"skilled_workers"})

    @pytest.mark.provision("E4")
    async def test_takes_nobody_away_who_is_elsewhere_under_it(self) -> None:
        one = meeting()
        other = one.company(1)
        number = one.people["constructor.1"]
        one.insure("constructor.1", other, one.insurance_months)
        one.register("constructor.1", "二级注册建造师", "建筑工程", usc_code=other)
        assert (await judged(one)).outcome == "refused"
        verdict = await judged(one, said=stated(("shared", number)))
        assert (verdict.outcome, verdict.failed) == ("awaiting_data", set())

    async def test_buries_nobody(self) -> None:
        one = meeting()
        number = one.people["constructor.1"]
        one.change(PERSON, {"person_key": number}, deceased_on=date(2016, 1, 1))
        assert (await judged(one)).outcome == "refused"
        assert (await judged(one, said=stated(("shared", number)))).outcome == "awaiting_data"

    async def test_keeps_a_title_that_names_another_employer_open(self) -> None:
        one = meeting()
        number = one.people["titled.2"]
        one.change("base_personnel__title", {"person_key": number}, usc_code=one.company(1))
        assert (await judged(one)).outcome == "granted"
        verdict = await judged(one, said=stated(("shared", number)))
        assert (verdict.outcome, verdict.failed) == ("awaiting_data", set())
        assert "titled_staff" in verdict.unknown

    async def test_is_of_whoever_bears_a_new_one_as_long_as_rows_stay_under_it(self) -> None:
        one = with_number(meeting(), "constructor.1")
        under(one, "constructor.1", old(one), MONTHLY, 0)
        number = one.people["constructor.1"]
        assert (
            await judged(one, said=stated(("different", number, old(one))))
        ).outcome == "refused"
        for said in ((("shared", old(one)),), (("shared", old(one)), ("same", number, old(one)))):
            assert (await judged(one, said=stated(*said))).outcome == "awaiting_data", said
        under(one, "constructor.1", number, MONTHLY)
        for row in one.of(MONTHLY, person_key=old(one)):
            row["person_key"] = number
        assert (await judged(one, said=stated(("shared", old(one))))).outcome == "granted"

    async def test_is_one_persons_when_it_is_said_to_be(self) -> None:
        one = meeting()
        number = one.people["worker.1"]
        assert (
            await judged(one, said=stated(("shared", number), ("sole", number)))
        ).outcome == "granted"


def test_a_case_waits_for_the_number_and_public_security() -> None:
    one = meeting()
    number = one.people["worker.1"]
    said = stated(("shared", number))
    facts = Facts.of(frames_of([one]), numbers=numbers_of(said))
    decided = decide(applications_of([one]), facts, BOOK, instant(DAY))
    (row,) = remedied(trace(decided, facts, BOOK)).to_dicts()
    told = ("target", "row_key", "person_key", "fault", "criterion", "owner_zh")
    assert tuple(row[name] for name in told) == (
        "base_personnel__identity", number, number, "identity", "skilled_workers", "省公安厅",
    )  # fmt: skip
    (statement_no,) = said["statement_no"]
    assert statement_no in row["remedy_zh"] and statement_no in row["remedy_en"]
    assert "miaoban persons sole" in row["remedy_en"]
