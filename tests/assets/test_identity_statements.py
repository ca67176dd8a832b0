"""Statements about whose identity numbers are: taken in, and what they come to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import ClassVar

import polars as pl
import pytest
from deliveries import KEY, LI, NOW, WANG, ZHANG, Province, insured

from assets.identifiers import person_key
from assets.identity import (
    Contradiction,
    Grounds,
    Stated,
    StatementError,
    UnknownNumber,
    state,
    statements,
)
from assets.persons import ONE_EACH, Numbers, numbers_at, numbers_of
from assets.tables import intake, personnel

GROUNDS = Grounds(
    stated_by="王五", because="重号更正", document="杭公户证〔2017〕3号", stated_on=date(2017, 2, 1)
)
UNKNOWN = "330799195812310055"
A, B, C = (person_key(number, KEY) for number in (ZHANG, LI, WANG))
HOUR = timedelta(hours=1)


def said(*told: tuple[str, ...]) -> Numbers:
    row = {
        "stated_on": date(2017, 1, 1), "stated_by": "x", "because": "x", "document": "x",
        "delivery_id": "d", "received_at": datetime(2017, 1, 1, tzinfo=UTC),
    }  # fmt: skip
    rows = [
        {**row, "statement_no": str(n), "row_no": n, "statement": what, "person_key": one,
         "other_key": other[0] if other else None}
        for n, (what, one, *other) in enumerate(told, 1)
    ]  # fmt: skip
    return numbers_of(pl.DataFrame(rows, schema=personnel.IDENTITY.schema))


def doubts(numbers: Numbers) -> dict[str, tuple[str, str]]:
    return {number: (one.kind, one.statement_no) for number, one in numbers.in_doubt.items()}


class TestWhatTheyComeTo:
    def test_the_first_number_is_the_one_borne_now(self) -> None:
        assert said(("same", "a", "b")).present == {"b": "a"}

    def test_a_chain_of_three_is_one_person_with_the_last_number(self) -> None:
        chain = {"a": "c", "b": "c"}
        assert said(("same", "b", "a"), ("same", "c", "b")).present == chain
        assert said(("same", "c", "b"), ("same", "b", "a")).present == chain

    def test_the_later_of_the_same_two_holds(self) -> None:
        assert said(("same", "a", "b"), ("different", "b", "a")).present == {}
        assert said(("different", "a", "b"), ("same", "b", "a")).present == {"a": "b"}
        assert said(("same", "a", "b"), ("same", "b", "a")).present == {"a": "b"}

    def test_in_a_circle_the_number_stated_last_is_borne(self) -> None:
        told = (("same", "a", "b"), ("same", "b", "c"), ("same", "c", "a"))
        assert said(*told).present == {"a": "c", "b": "c"}

    def test_who_is_one_and_two_is_neither(self) -> None:
        torn = said(("same", "a", "b"), ("same", "b", "c"), ("different", "a", "c"))
        assert torn.present == {}
        assert doubts(torn) == dict.fromkeys("abc", ("contradicted", "3"))

    def test_two_persons_of_whom_nobody_said_otherwise_are_as_they_were(self) -> None:
        assert said(("different", "b", "a")) == Numbers(different=frozenset({("a", "b")}))


class TestANumberThatSeveralBear:
    def test_is_in_doubt_until_it_is_stated_to_be_one_persons(self) -> None:
        assert doubts(said(("shared", "a"))) == {"a": ("shared", "1")}
        assert said(("shared", "a"), ("sole", "a")) == ONE_EACH
        assert said(("sole", "a")) == ONE_EACH

    def test_leaves_others_as_they_are(self) -> None:
        numbers = said(("shared", "a"), ("same", "b", "c"))
        assert (numbers.present, set(numbers.in_doubt)) == ({"c": "b"}, {"a"})

    def test_makes_nobody_one_with_whom_it_was_said_to_be(self) -> None:
        for told in permutations((("same", "b", "a"), ("shared", "a"))):
            numbers = said(*told)
            assert numbers.present == {}
            assert {one.kind for one in numbers.in_doubt.values()} == {"shared"}
            # Which of the two a row is of nobody knows: they have one bearer.
            assert len({one.bearer for one in numbers.in_doubt.values()}) == 1

    def test_by_mistake_takes_no_earlier_statement_away(self) -> None:
        told = (("same", "b", "a"), ("shared", "a"), ("sole", "a"))
        assert said(*told) == said(told[0])

    def test_says_not_by_itself_whose_it_is_when_it_is_one_persons_again(self) -> None:
        changed = (("shared", "a"), ("same", "b", "a"), ("sole", "a"))
        assert set(doubts(said(*changed)).values()) == {("contradicted", "2")}
        assert said(*changed, ("same", "b", "a")).present == {"a": "b"}
        apart = said(*changed, ("different", "b", "a"))
        assert (apart.present, apart.in_doubt) == ({}, {})


@pytest.fixture
def known(province: Province) -> Province:
    """A province that knows the three numbers."""
    rows = [insured(number) for number in (ZHANG, LI, WANG)]
    province.deliver("social_security", "insurance", rows)
    province.collect()
    return province


def steward(known: Province, what: str, *numbers: str, at: datetime = NOW) -> Stated:
    return state(known.store, what, numbers, GROUNDS, KEY, at)  # type: ignore[arg-type]


class TestASteward:
    def test_states_it_once_whatever_dies_in_between(self, known: Province) -> None:
        first = steward(known, "same", ZHANG, LI)
        again = steward(known, "same", ZHANG, LI, at=NOW + HOUR)
        assert (first.is_new, again.is_new) == (True, False)
        assert first.statement_no == again.statement_no
        assert known.read(personnel.IDENTITY).height == 1
        assert numbers_at(known.store).present == {B: A}

    def test_takes_it_back_and_states_it_again(self, known: Province) -> None:
        for n, what in enumerate(("same", "different", "same")):
            steward(known, what, ZHANG, LI, at=NOW + n * HOUR)
            assert numbers_at(known.store).present == ({} if what == "different" else {B: A})
        told = statements(known.store)
        assert [one["holds"] for one in told] == [False, False, True]

    def test_shows_no_number_whole(self, known: Province) -> None:
        steward(known, "same", ZHANG, LI)
        told = f"{statements(known.store)} {known.read(personnel.IDENTITY).to_dicts()}"
        assert ZHANG not in told and LI not in told
        assert "0013" in told

    def test_names_a_person_by_an_old_number_of_15_digits(self, known: Province) -> None:
        old = ZHANG[:6] + ZHANG[8:17]
        number_of_old = old[:6] + "19" + old[6:]
        assert ZHANG.startswith(number_of_old)
        steward(known, "same", LI, old)
        assert numbers_at(known.store).present == {A: B}

    @pytest.mark.parametrize(
        ("what", "numbers", "error", "why"),
        [
            ("same", (ZHANG, ZHANG), StatementError, "both numbers are the same"),
            ("same", (ZHANG, UNKNOWN), UnknownNumber, "no channel has ever delivered"),
            ("shared", (UNKNOWN,), UnknownNumber, "no channel has ever delivered"),
            ("same", (ZHANG, "330199198503120014"), StatementError, "no sound .* .check_digit"),
            ("sole", ("",), StatementError, "no sound identity number .length"),
        ],
    )
    def test_is_told_what_cannot_be_stated(
        self,
        known: Province,
        what: str,
        numbers: tuple[str, ...],
        error: type[StatementError],
        why: str,
    ) -> None:
        with pytest.raises(error, match=why):
            steward(known, what, *numbers)
        assert known.store.version(personnel.IDENTITY) is None

    def test_is_told_what_a_statement_contradicts(self, known: Province) -> None:
        steward(known, "same", ZHANG, LI)
        steward(known, "same", LI, WANG, at=NOW + HOUR)
        with pytest.raises(Contradiction, match="contradicts what is stated") as told:
            steward(known, "different", ZHANG, WANG, at=NOW + 2 * HOUR)
        assert str(told.value).count(" same ") == 2
        assert ZHANG not in str(told.value)
        assert numbers_at(known.store).present == {B: A, C: A}

    def test_states_once_that_several_bear_a_number(self, known: Province) -> None:
        first = steward(known, "shared", ZHANG)
        again = steward(known, "shared", ZHANG, at=NOW + HOUR)
        assert (first.is_new, again.is_new, first.numbers) == (True, False, (A,))
        assert doubts(numbers_at(known.store)) == {A: ("shared", first.statement_no)}
        steward(known, "sole", ZHANG, at=NOW + 2 * HOUR)
        assert numbers_at(known.store) == ONE_EACH
        told = statements(known.store)
        assert [(one["statement"], one["holds"]) for one in told] == [
            ("shared", False),
            ("sole", True),
        ]
        assert ZHANG not in str(told) and told[0]["other_number"] is None

    def test_says_whose_the_number_is_before_it_is_one_persons_again(self, known: Province) -> None:
        steward(known, "shared", LI)
        steward(known, "same", ZHANG, LI, at=NOW + HOUR)
        assert set(numbers_at(known.store).in_doubt) == {A, B}
        with pytest.raises(Contradiction, match=r"contradicts what is stated.* shared .* same "):
            steward(known, "sole", LI, at=NOW + 2 * HOUR)
        steward(known, "different", ZHANG, LI, at=NOW + 2 * HOUR)
        assert set(numbers_at(known.store).in_doubt) == {B}
        steward(known, "sole", LI, at=NOW + 3 * HOUR)
        assert not numbers_at(known.store).in_doubt

    def test_gives_grounds(self, known: Province) -> None:
        for grounds, why in (
            ({"because": " "}, "--because"),
            ({"document": ""}, "--document"),
            ({"stated_on": date(2017, 3, 2)}, "is to come"),
        ):
            given = Grounds(
                **{
                    "stated_by": "王五",
                    "because": "x",
                    "document": "x",
                    "stated_on": date(2017, 3, 1),
                }
                | grounds
            )  # type: ignore[arg-type]
            with pytest.raises(StatementError, match=why):
                state(known.store, "same", (ZHANG, LI), given, KEY, NOW)


class TestPublicSecurity:
    ROW: ClassVar = {
        "YWBH": "33010020170001", "YWLX": "变更", "GMSFHM": ZHANG, "YGMSFHM": LI,
        "BGRQ": "2017-01-05", "BGYY": "出生日期更正", "PZWH": "杭公户证〔2017〕1号",
    }  # fmt: skip

    def test_delivers_changed_numbers(self, known: Province) -> None:
        known.deliver("public_security", "identity_statement", [self.ROW])
        known.collect(NOW + HOUR)
        assert numbers_at(known.store).present == {B: A}
        [told] = statements(known.store)
        assert (told["stated_by"], told["holds"]) == ("省公安厅", True)

    def test_delivers_numbers_that_several_bear(self, known: Province) -> None:
        row = {**self.ROW, "YWLX": "重号", "YGMSFHM": None}
        known.deliver("public_security", "identity_statement", [row])
        known.collect(NOW + HOUR)
        assert doubts(numbers_at(known.store)) == {A: ("shared", row["YWBH"])}
        mended = {**row, "YWBH": "33010020170002", "YWLX": "独用"}
        known.deliver("public_security", "identity_statement", [mended])
        known.collect(NOW + 2 * HOUR)
        assert numbers_at(known.store) == ONE_EACH

    @pytest.mark.parametrize(("what", "other"), [("重号", LI), ("独用", LI), ("变更", None)])
    def test_sets_apart_what_names_a_number_too_many_or_too_few(
        self, known: Province, what: str, other: str | None
    ) -> None:
        row = {**self.ROW, "YWLX": what, "YGMSFHM": other}
        known.deliver("public_security", "identity_statement", [row])
        known.collect(NOW + HOUR)
        assert known.reasons(personnel.IDENTITY) == [["B-identity-other"]]

    def test_makes_known_who_bears_the_number_now(self, province: Province) -> None:
        province.deliver("public_security", "identity_statement", [self.ROW])
        province.collect()
        (row,) = province.read(personnel.PERSON).to_dicts()
        assert (row["person_key"], row["id_number"], row["born_on"]) == (
            A,
            ZHANG,
            date(1985, 3, 12),
        )

    def test_sets_apart_a_number_that_is_changed_into_itself(self, known: Province) -> None:
        known.deliver("public_security", "identity_statement", [{**self.ROW, "YGMSFHM": ZHANG}])
        known.collect(NOW + HOUR)
        assert numbers_at(known.store) == ONE_EACH
        assert known.reasons(personnel.IDENTITY) == [["B-identity-itself"]]
        assert known.read(intake.QUARANTINE).height == 1
