"""Assignments of unit projects: found whenever there is one."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decisions.performance import matching
from decisions.performance.matching import Demand, Plan, assign_units, reaches

ANY_TWO = Plan(need=2, mandatory=frozenset(), groups=())


def units(class_n: int, asked: int, *names: str, option_n: int = 0) -> Demand:
    return Demand(class_n, option_n, Decimal(asked), dict.fromkeys(names, Decimal(1)))


@pytest.mark.provision("W16", "E16")
def test_the_project_that_fits_two_classes_is_given_where_it_is_needed() -> None:
    """Worked case W16: the first project must not go to the first class it fits."""
    options = {(1, 0): [units(1, 1, "a", "b")], (4, 0): [units(4, 1, "a")]}
    found = assign_units(ANY_TWO, options)
    assert found == {(1, 0, 0): {"b"}, (4, 0, 0): {"a"}}


@pytest.mark.provision("W15", "E16")
def test_one_project_never_serves_two_classes() -> None:
    """Worked case W15."""
    assert assign_units(ANY_TWO, {(1, 0): [units(1, 1, "a")], (4, 0): [units(4, 1, "a")]}) is None


@pytest.mark.provision("W17", "E18")
def test_two_projects_of_one_class_do_not_replace_another_class() -> None:
    """Worked case W17: two options of one class are one class."""
    assert (
        assign_units(
            ANY_TWO, {(1, 0): [units(1, 1, "a", "b")], (1, 1): [units(1, 1, "a", "b", option_n=1)]}
        )
        is None
    )


def test_a_mandatory_class_must_be_among_them() -> None:
    options = {(2, 0): [units(2, 1, "a")], (3, 0): [units(3, 1, "b")]}
    assert assign_units(Plan(2, frozenset({1}), ()), options) is None


def test_an_option_without_counts_holds_by_itself() -> None:
    assert assign_units(ANY_TWO, {(1, 0): [], (2, 0): [units(2, 1, "a")]}) is not None


@pytest.mark.parametrize(
    ("pieces", "is_enough"), [("0.9999", False), ("1", True), ("1.0001", True)]
)
def test_a_project_counts_for_as_many_pieces_as_it_has(pieces: str, is_enough: bool) -> None:
    machines = {"a": Decimal(2), "b": Decimal(1), "c": Decimal(pieces)}
    options = {(1, 0): [units(1, 1, "d")], (2, 0): [Demand(2, 0, Decimal(4), machines)]}
    found = assign_units(ANY_TWO, options)
    assert found == ({(1, 0, 0): {"d"}, (2, 0, 0): {"a", "b", "c"}} if is_enough else None)


@pytest.mark.provision("E16")
def test_a_project_of_many_pieces_still_serves_one_class() -> None:
    one = {"a": Decimal(9)}
    options = {(n, 0): [Demand(n, 0, Decimal(4), one)] for n in (1, 2)}
    assert assign_units(ANY_TWO, options) is None
    assert assign_units(Plan(1, frozenset(), ()), options) is not None


@pytest.mark.provision("E17")
@pytest.mark.parametrize(("length", "is_enough"), [("59.9999", False), ("60", True)])
def test_a_sum_that_shares_no_works_takes_what_no_count_needs(length: str, is_enough: bool) -> None:
    lengths = {"a": Decimal(length) - 20, "b": Decimal(20), "c": Decimal(15)}
    options = {(1, 0): [Demand(1, 0, Decimal(60), lengths)], (5, 0): [units(5, 1, "b", "c")]}
    found = assign_units(ANY_TWO, options)
    assert found == ({(1, 0, 0): {"a", "b"}, (5, 0, 0): {"c"}} if is_enough else None)


@pytest.mark.parametrize(("last", "is_enough"), [("0.3333", False), ("0.3334", True)])
def test_what_is_assigned_is_added_up_to_the_last_decimal(last: str, is_enough: bool) -> None:
    shares = {"a": Decimal("0.3333"), "b": Decimal("0.3333"), "c": Decimal(last)}
    options = {(1, 0): [Demand(1, 0, Decimal(1), shares)]}
    assert reaches({(1, 0, 0): frozenset("abc")}, options) == is_enough


@pytest.mark.parametrize(("last", "is_enough"), [("0.3333", False), ("0.3334", True)])
def test_units_that_together_are_less_than_is_needed_are_too_few(
    last: str, is_enough: bool
) -> None:
    shares = {"a": Decimal("0.6666"), "b": Decimal(last)}
    options = {(1, 0): [Demand(1, 0, Decimal(1), shares)], (2, 0): [units(2, 1, "c")]}
    found = assign_units(ANY_TWO, options)
    assert found == ({(1, 0, 0): {"a", "b"}, (2, 0, 0): {"c"}} if is_enough else None)


@pytest.mark.provision("E16")
def test_where_going_through_them_once_finds_no_way_the_programme_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The class of fewest units takes b, though only with b the lengths of the other suffice."""
    programmes: list[object] = []
    minimise = matching._Programme.minimise

    def told(programme: matching._Programme, *given: Any) -> Any:
        programmes.append(programme)
        return minimise(programme, *given)

    monkeypatch.setattr(matching._Programme, "minimise", told)
    lengths = {"a": Decimal(40), "b": Decimal(20), "c": Decimal(15)}
    options = {(1, 0): [Demand(1, 0, Decimal(60), lengths)], (5, 0): [units(5, 1, "b", "c")]}
    assert assign_units(ANY_TWO, options) == {(1, 0, 0): {"a", "b"}, (5, 0, 0): {"c"}}
    assert len(programmes) == 1
    assert assign_units(ANY_TWO, {(n, 0): [units(n, 1, "a", "b")] for n in (1, 2)}) is not None
    assert len(programmes) == 1


PIECES = st.sampled_from([Decimal(text) for text in ("0", "0.9999", "1", "1.5", "2")])


@pytest.mark.provision("E16", "E18")
@settings(max_examples=60)
@given(
    st.dictionaries(
        st.integers(1, 4),
        st.tuples(
            st.integers(1, 3).map(Decimal),
            st.dictionaries(st.sampled_from("abcd"), PIECES, max_size=4),
        ),
        min_size=1,
        max_size=4,
    ),
    st.integers(1, 3),
)
def test_an_assignment_is_found_exactly_when_trying_them_all_finds_one(
    classes: dict[int, tuple[Decimal, dict[str, Decimal]]], need: int
) -> None:
    options = {(n, 0): [Demand(n, 0, *asked)] for n, asked in classes.items()}
    found = assign_units(Plan(need, frozenset(), ()), options)
    assert (found is not None) == _by_trial(classes, need)


def _by_trial(classes: dict[int, tuple[Decimal, dict[str, Decimal]]], need: int) -> bool:
    names = sorted({name for _, members in classes.values() for name in members})
    for choice in product([None, *classes], repeat=len(names)):
        given_to = dict(zip(names, choice, strict=True))
        reached = [
            n
            for n, (asked, members) in classes.items()
            if sum(pieces for name, pieces in members.items() if given_to[name] == n) >= asked
        ]
        if len(reached) >= need:
            return True
    return False
