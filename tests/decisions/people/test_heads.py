"""Assignments of people: nobody short where nobody need be, and honest about what stays short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decisions.people import heads
from decisions.people.crowd import Crowd, Programme
from decisions.people.heads import HeadDemand, assign_heads

GROUPS = ("site", "staff", "worker")


@pytest.mark.provision("W2", "E5")
def test_a_person_wanted_by_two_groups_serves_one_and_the_other_stays_short_by_one() -> None:
    """Worked case W2."""
    demands = [
        HeadDemand("titled_staff.1", "staff", asked=5, fixed=4, open=frozenset({"p"})),
        HeadDemand("site_managers.count", "site", asked=10, fixed=9, open=frozenset({"p"})),
    ]
    assert sum(assign_heads(demands).shortfall.values()) == 1


@pytest.mark.provision("E5")
@pytest.mark.parametrize("waiting", [("staff",), ("site",), ("staff", "site")])
def test_who_is_wanted_twice_is_spared_where_being_short_only_waits(
    waiting: tuple[str, ...],
) -> None:
    """However many more are then short there: what may wait refuses nobody."""
    demands = [
        HeadDemand(f"{group}.{n}", group, 1, 0, frozenset({"p"}), group in waiting)
        for group, rows in (("staff", 2), ("site", 3))
        for n in range(rows)
    ]
    short = assign_heads(demands).shortfall
    of = {
        group: sum(short[d.name] for d in demands if d.group == group)
        for group in ("staff", "site")
    }
    assert of == ({"staff": 0, "site": 3} if waiting == ("site",) else {"staff": 2, "site": 0})


@pytest.mark.provision("E5")
@pytest.mark.parametrize("rows", [1, 2])
def test_what_is_met_already_stays_met_and_the_others_are_told_short(rows: int) -> None:
    """However many more they are: all that is met is met together, the others never can be."""
    demands = [
        HeadDemand("titled_staff.1", "staff", 1, 0, frozenset({"p"}), is_met=True),
        *(HeadDemand(f"site_managers.{n}", "site", 1, 0, frozenset({"p"})) for n in range(rows)),
    ]
    short = assign_heads(demands).shortfall
    assert short == {"titled_staff.1": 0, **{f"site_managers.{n}": 1 for n in range(rows)}}


def test_unless_more_may_come_where_it_is_met() -> None:
    demands = [
        HeadDemand("titled_staff.1", "staff", 1, 0, frozenset({"p"}), may_wait=True, is_met=True),
        HeadDemand("site_managers.count", "site", 1, 0, frozenset({"p"})),
    ]
    assert assign_heads(demands).shortfall == {"titled_staff.1": 1, "site_managers.count": 0}


@pytest.mark.provision("E5", "E9")
def test_a_person_may_cover_two_requirements_of_one_group() -> None:
    demands = [
        HeadDemand("site_managers.count", "site", asked=1, fixed=0, open=frozenset({"p"})),
        HeadDemand("site_managers.施工员", "site", asked=1, fixed=0, open=frozenset({"p"})),
    ]
    assert sum(assign_heads(demands).shortfall.values()) == 0


def test_three_whom_a_fair_split_would_halve_are_given_whole() -> None:
    """Divided in halves they would serve more than whole people can."""
    demands = [
        HeadDemand("site_managers.1", "site", 1, 0, frozenset("ac")),
        HeadDemand("site_managers.2", "site", 2, 0, frozenset("b")),
        HeadDemand("titled_staff.1", "staff", 1, 0, frozenset("bc")),
        HeadDemand("titled_staff.2", "staff", 1, 0, frozenset("ab")),
    ]
    assert told(demands, assign_heads(demands).shortfall) == best(demands)
    assert best(demands)[:2] == (2, 0)


@pytest.mark.parametrize(
    ("groups", "short"),
    [("staff site", "staff"), ("worker site", "worker"), ("worker staff", "worker")],
)
def test_of_what_is_as_good_the_last_group_is_short(groups: str, short: str) -> None:
    demands = [HeadDemand(f"r.{one}", one, 1, 0, frozenset("p")) for one in groups.split()]
    assert assign_heads(demands).shortfall == {d.name: int(d.group == short) for d in demands}


def test_within_a_group_the_last_by_name_is_short() -> None:
    """One of the two is needed as a site manager, whichever."""
    demands = [
        HeadDemand("site_managers.count", "site", 1, 0, frozenset("ab")),
        HeadDemand("titled_staff.1", "staff", 1, 0, frozenset("a")),
        HeadDemand("titled_staff.2", "staff", 1, 0, frozenset("b")),
    ]
    assert assign_heads(demands).shortfall == {
        "site_managers.count": 0,
        "titled_staff.1": 0,
        "titled_staff.2": 1,
    }


def test_who_is_wanted_only_where_nobody_is_lacking_decides_nothing() -> None:
    demands = [
        HeadDemand("titled_staff.1", "staff", asked=1, fixed=1, open=frozenset("p")),
        HeadDemand("site_managers.count", "site", asked=2, fixed=0, open=frozenset("p")),
    ]
    assert assign_heads(demands).shortfall == {"titled_staff.1": 0, "site_managers.count": 1}


def test_nobody_at_all_leaves_everything_short() -> None:
    assert assign_heads([HeadDemand("a", "site", 2, 1, frozenset())]).shortfall == {"a": 1}


@st.composite
def crowds(draw: st.DrawFn) -> list[HeadDemand]:
    """Up to five people and six requirements."""
    demands = []
    for n in range(draw(st.integers(1, 6))):
        people = draw(st.frozensets(st.sampled_from("abcde")))
        asked = draw(st.integers(0, len(people) + 1))
        group, fixed = draw(st.sampled_from(GROUPS)), draw(st.integers(0, 1))
        demands.append(HeadDemand(f"r{n}", group, asked, fixed, people, draw(st.booleans())))
    return demands


@pytest.mark.provision("E5")
@settings(max_examples=150)
@given(crowds(), st.permutations("abcde"))
def test_what_stays_short_is_the_best_of_all_ways_however_people_and_rows_are_told(
    demands: list[HeadDemand], names: list[str]
) -> None:
    found = assign_heads(demands)
    assert found.shortfall == short_of(demands, found.group_of)
    assert told(demands, found.shortfall) == best(demands)
    assert assign_heads(list(reversed(demands))) == found
    called = dict(zip("abcde", names, strict=True))
    renamed = [replace(d, open=frozenset(called[person] for person in d.open)) for d in demands]
    assert assign_heads(renamed).shortfall == found.shortfall


@settings(max_examples=60)
@given(crowds(), st.sampled_from([0.0, 0.5]))
def test_the_search_finds_the_best_where_the_relaxation_says_nothing(
    demands: list[HeadDemand], moved: float
) -> None:
    def nothing(programme: Programme) -> tuple[np.ndarray, float, np.ndarray]:
        heads = np.full(programme.cost.size, moved)
        return heads, 0.0, 0 * heads[np.isinf(programme.upper)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heads, "_at_once", all_in_the_first_group)
        patch.setattr(heads, "relaxed", nothing)
        patch.setattr(heads, "_MORE", 1)
        found = assign_heads(demands)
    assert told(demands, found.shortfall) == best(demands)


@settings(max_examples=60)
@given(crowds())
def test_the_best_is_found_from_any_assignment_however_few_move_at_a_time(
    demands: list[HeadDemand],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heads, "_at_once", all_in_the_first_group)
        patch.setattr(heads, "_MORE", 1)
        found = assign_heads(demands)
    assert found.shortfall == short_of(demands, found.group_of)
    assert told(demands, found.shortfall) == best(demands)


@settings(max_examples=60)
@given(crowds(), st.permutations("abcde"))
def test_of_many_sorts_of_people_one_of_the_best_is_told_whatever_they_are_called(
    demands: list[HeadDemand], names: list[str]
) -> None:
    called = dict(zip("abcde", names, strict=True))
    renamed = [replace(d, open=frozenset(called[person] for person in d.open)) for d in demands]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heads, "_SOME", 0)
        found = assign_heads(demands)
        assert assign_heads(renamed).shortfall == found.shortfall
    assert told(demands, found.shortfall)[:2] == best(demands)[:2]


def all_in_the_first_group(crowd: Crowd, _: np.ndarray) -> np.ndarray:
    """An assignment that is seldom good."""
    return crowd.together(np.zeros_like(crowd.size))


def short_of(demands: Sequence[HeadDemand], group_of: dict[str, str]) -> dict[str, int]:
    """By requirement, counted out."""
    return {
        one.name: max(
            0, one.asked - one.fixed - sum(group_of[person] == one.group for person in one.open)
        )
        for one in demands
    }


def told(demands: Sequence[HeadDemand], short: dict[str, int]) -> tuple[int, int, list[int]]:
    """What refuses, what only waits, then each by group and name: less is better."""
    refuses = sum(short[one.name] for one in demands if not one.may_wait)
    in_order = sorted(demands, key=lambda one: (one.group, one.name))
    return refuses, sum(short.values()) - refuses, [short[one.name] for one in in_order]


def best(demands: Sequence[HeadDemand]) -> tuple[int, int, list[int]]:
    """By trying every way."""
    people = sorted({person for one in demands for person in one.open})
    return min(
        told(demands, short_of(demands, dict(zip(people, way, strict=True))))
        for way in product(GROUPS, repeat=len(people))
    )
