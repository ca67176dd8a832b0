"""What stays short of people whom two groups want: the same, counted for all or assigned each."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decisions.people.conflicts import GROUPS, NAMED_AT_MOST, shortfalls_of
from decisions.people.heads import HeadDemand, assign_heads

pytestmark = pytest.mark.provision("E5")

COUNTED = sorted(GROUPS)
PEOPLE = [f"P{number}" for number in range(7)]
demands = st.tuples(
    st.sampled_from(COUNTED),
    st.integers(1, 4),
    st.dictionaries(st.sampled_from(PEOPLE), st.booleans()),
)
"""Who is counted, how many are asked, and who serves: surely, or perhaps."""
cases = st.lists(st.lists(demands, min_size=2, max_size=4), min_size=1, max_size=4)

Wanted = Mapping[str, tuple[str, int, dict[str, bool]]]


def frames(asked: list[Wanted]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The requirements and who serves them, as `decisions.people.conflicts` has them."""
    counts = pl.DataFrame(
        [
            (n, criterion, counted, number, True, None)
            for n, case in enumerate(asked)
            for criterion, (counted, number, _) in case.items()
        ],
        schema={
            "application_id": pl.UInt32(),
            "criterion": pl.String(),
            "counted": pl.String(),
            "asked": pl.Int64(),
            "is_closed": pl.Boolean(),
            "is_unclear": pl.Boolean(),
        },
        orient="row",
    )
    serving = pl.DataFrame(
        [
            (n, criterion, GROUPS[counted], person, is_sure, _is_open(case, person))
            for n, case in enumerate(asked)
            for criterion, (counted, _, people) in case.items()
            for person, is_sure in people.items()
        ],
        schema={
            "application_id": pl.UInt32(),
            "criterion": pl.String(),
            "group": pl.String(),
            "person_key": pl.String(),
            "is_sure": pl.Boolean(),
            "is_open": pl.Boolean(),
        },
        orient="row",
    )
    return counts, serving


def _is_open(case: Wanted, person: str) -> bool:
    return len({GROUPS[counted] for counted, _, people in case.values() if person in people}) > 1


def assigned(case: Wanted, lacking: Mapping[str, int], *, with_perhaps: bool) -> Mapping[str, int]:
    """What is short of each requirement once everybody is given to one group."""
    return assign_heads(
        [
            HeadDemand(
                name=criterion,
                group=GROUPS[counted],
                asked=number,
                fixed=len([one for one in mine if not _is_open(case, one)]),
                open=frozenset(one for one in mine if _is_open(case, one)),
                is_met=lacking.get(criterion) == 0,
            )
            for criterion, (counted, number, people) in case.items()
            for mine in [[one for one, is_sure in people.items() if is_sure or with_perhaps]]
        ]
    ).shortfall


@settings(max_examples=60)  # The first one loads the solver.
@given(cases)
def test_what_is_short_is_what_an_assignment_of_each_case_leaves_short(
    asked: list[list[tuple[str, int, dict[str, bool]]]],
) -> None:
    named = [{f"C{n}": demand for n, demand in enumerate(case)} for case in asked]
    found = shortfalls_of(*frames(named))
    told = {
        (n, criterion): (sure, best, whom)
        for n, criterion, sure, best, whom in found.select(
            "application_id", "criterion", "short_sure", "short_best", "by_whom"
        ).iter_rows()
    }
    for n, case in enumerate(named):
        sure = assigned(case, {}, with_perhaps=False)
        best = assigned(case, sure, with_perhaps=True)
        open_ = sorted(
            {one for _, _, people in case.values() for one in people if _is_open(case, one)}
        )
        for criterion in case:
            assert told[n, criterion] == (
                sure[criterion],
                best[criterion],
                "、".join(open_[:NAMED_AT_MOST]) + "…" * (len(open_) > NAMED_AT_MOST),
            )
