"""Who knows less never grants more and never refuses more: missing is never zero.

A cell emptied, a row doubted, a row not delivered: every criterion keeps its answer or has none any
more, and so does the case. Where an empty cell says something stands in `spoiling.EMPTY_SAYS`.

`make test` takes some knowledge from some cases; more of it from as many cases as are named by

    MIAOBAN_LESS_KNOWN=2000 .venv/bin/pytest tests/decisions/plain/test_less_known.py
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from judge import NO_DATA, Verdict, judge

from plain.evaluate import PEOPLE_PARTS
from plain.recipes import Recipe, carried_out, parts_of, recipes, sampled
from plain.spoiling import EMPTY_SAYS, FACTS, Loss, losses, without

SEED = 20161125
USUALLY = 60
COUNT = int(os.environ.get("MIAOBAN_LESS_KNOWN", USUALLY))
LOSSES = 10
"""Taken from each case, one at a time."""
TOGETHER = 20
"""Cases that share what the channels declared, and so are decided in one evaluation."""
WAITS = "awaiting_data"


def gained(before: Verdict, after: Verdict) -> list[str]:
    """What is answered otherwise than before, but for what has no answer any more.

    Criteria that only one of both was asked are left aside; where somebody is wanted twice (E5), so
    is which part of the people stays short: the case as a whole tells.
    """
    told = [
        f"{name}: {result} became {after.results[name]}"
        for name, result in before.results.items()
        if name in after.results
        and after.results[name] not in (result, NO_DATA)
        and name.partition(".")[0] not in PEOPLE_PARTS
    ]
    if after.outcome not in (before.outcome, WAITS):
        told.append(f"{before.outcome} became {after.outcome}")
    return told


def chosen(
    recipe: Recipe, rng: random.Random, undelivered: Iterable[str], count: int
) -> list[Loss]:
    """Some of what can be lost, of each sort once; rows not delivered of these tables only."""
    every = list(losses(carried_out(recipe, 1)))
    rng.shuffle(every)
    sorts = {
        (loss.how, loss.table, loss.column): loss
        for loss in every
        if loss.how != "not delivered" or loss.table in undelivered
    }
    return list(sorts.values())[:count]


def after_each(taken: Sequence[tuple[Recipe, Loss]]) -> Iterator[tuple[Recipe, Loss, list[str]]]:
    """Every loss with what was gained by it."""
    whole = list(dict.fromkeys(recipe for recipe, _ in taken))
    portfolios = [carried_out(recipe, nth) for nth, recipe in enumerate(whole, start=1)]
    portfolios += [
        without(carried_out(recipe, nth), loss)
        for nth, (recipe, loss) in enumerate(taken, start=len(whole) + 1)
    ]
    verdicts = judge(portfolios, with_evidence=False)
    before = dict(zip(whole, verdicts, strict=False))
    for (recipe, loss), verdict in zip(taken, verdicts[len(whole) :], strict=True):
        yield recipe, loss, gained(before[recipe], verdict)


def told(recipe: Recipe, loss: Loss) -> str:
    """The smallest part of a recipe in which some loss of the same sort gains something."""

    def found(part: Recipe) -> list[str]:
        alike = [
            (part, one)
            for one in losses(carried_out(part, 1))
            if (one.how, one.table, one.column) == (loss.how, loss.table, loss.column)
        ]
        return [f"{one}: {'; '.join(what)}" for _, one, what in after_each(alike) if what]

    try:
        quietly = settings(max_examples=60, database=None)
        smallest = find(parts_of(recipe), lambda part: bool(found(part)), settings=quietly)
    except NoSuchExample:
        smallest = recipe
    return f"{smallest}\n    " + "\n    ".join(found(smallest))


def test_whatever_is_not_known_any_more_is_neither_granted_nor_refused() -> None:
    rng = random.Random(SEED)
    rest = sampled(SEED, COUNT, together=TOGETHER)
    wrong: dict[tuple[str, ...], tuple[Recipe, Loss]] = {}
    tried: Counter[str] = Counter()
    while block := list(islice(rest, TOGETHER)):
        undelivered = {table.name for table in rng.sample(FACTS, 2)}
        taken = [
            (recipe, loss) for recipe in block for loss in chosen(recipe, rng, undelivered, LOSSES)
        ]
        for recipe, loss, what in after_each(taken):
            tried[loss.how] += 1
            if what:
                wrong.setdefault((loss.how, loss.table, loss.column), (recipe, loss))
    assert not wrong, f"{len(wrong)} sorts of losses, of {tried.total()}:\n" + "\n".join(
        told(*one) for one in wrong.values()
    )
    assert set(tried) == {"emptied", "doubted", "not delivered"}, tried


@settings(
    max_examples=10,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(recipes(), st.integers(0, 9_999))
def test_nor_in_whatever_hypothesis_thinks_of(recipe: Recipe, seed: int) -> None:
    rng = random.Random(seed)
    undelivered = [rng.choice(FACTS).name]
    taken = [(recipe, loss) for loss in chosen(recipe, rng, undelivered, 2 * LOSSES)]
    wrong = [f"{loss}: {what}" for _, loss, what in after_each(taken) if what]
    assert not wrong, f"{recipe}: {wrong}"


def test_an_empty_cell_says_something_only_in_columns_that_may_be_empty() -> None:
    may_be_empty = {(t.name, c.name) for t in FACTS for c in t.columns if c.nullable}
    assert set(EMPTY_SAYS) <= may_be_empty
