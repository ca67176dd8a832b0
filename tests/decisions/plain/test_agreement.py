"""The engine and the plain evaluator agree on random portfolios, every criterion of every case.

All 48 categories, their 127 levels, the seven kinds of application, days before and after each
notice, portfolios at, over and under every line, with gaps and rows that cannot be believed; by
all that is known of the law, and by what was seen of it alone.

`make test` tries some hundreds; all 20,000 are tried by

    MIAOBAN_AGREEMENT=20000 .venv/bin/pytest tests/decisions/plain/test_agreement.py

and other ones where `MIAOBAN_AGREEMENT_SEED` has another number.

On a disagreement the recipe is shrunk by hypothesis, and the smallest one printed with both
answers; its portfolio is written beside it, as the document that `miaoban evaluate` reads.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis.errors import NoSuchExample
from judge import Verdict, judge
from portfolio import applications_of, instant
from shipped import BOOK

from decisions.engine import decide
from decisions.portfolios.document import read
from plain.agreement import disagreements
from plain.documents import document_of, plainly
from plain.recipes import KINDS, LEVELS, Recipe, carried_out, parts_of, recipes, sampled

SEED = int(os.environ.get("MIAOBAN_AGREEMENT_SEED", "20161101"))
USUALLY = 800
COUNT = int(os.environ.get("MIAOBAN_AGREEMENT", USUALLY))
TOGETHER = 500
"""Cases held in memory at once; those that share a day, an authority and the channels' word are
decided in one evaluation."""


def answered(drawn: Iterable[Recipe]) -> Iterator[tuple[Recipe, Verdict, list[str]]]:
    """Every recipe with the engine's verdict and where the plain evaluator differs."""
    rest = iter(drawn)
    while some := list(islice(rest, TOGETHER)):
        portfolios = [carried_out(recipe, nth) for nth, recipe in enumerate(some, start=1)]
        verdicts = judge(portfolios, with_evidence=False)
        for recipe, portfolio, verdict in zip(some, portfolios, verdicts, strict=True):
            yield recipe, verdict, disagreements(verdict, plainly(portfolio))


def differences(recipe: Recipe) -> list[str]:
    """Where the two differ on one recipe, decided alone."""
    return next(answered([recipe]))[2]


def told(recipe: Recipe) -> str:
    """The smallest part of a recipe on which they still differ, and both answers."""
    try:
        smallest = find(
            parts_of(recipe),
            lambda part: bool(differences(part)),
            settings=settings(max_examples=100, database=None),
        )
    except NoSuchExample:
        smallest = recipe
    portfolio = carried_out(smallest, 1)
    path = Path(tempfile.mkdtemp(prefix="agreement-")) / "portfolio.json"
    path.write_text(json.dumps(document_of(portfolio), ensure_ascii=False, indent=1))
    lines = differences(smallest) or differences(recipe)
    return "\n  ".join([str(smallest), *lines, f"portfolio: {path}"])


def test_they_agree_on_random_portfolios() -> None:
    outcomes: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    levels: set[int] = set()
    differ: list[Recipe] = []
    for recipe, verdict, found in answered(sampled(SEED, COUNT)):
        outcomes[verdict.outcome] += 1
        kinds[recipe.kind] += 1
        levels.add(recipe.rank)
        if found:
            differ.append(recipe)
    assert not differ, f"{len(differ)} of {COUNT} differ:\n" + "\n".join(map(told, differ[:5]))
    # The portfolios are near the lines: every outcome, kind and level comes up often.
    assert set(kinds) == set(KINDS)
    assert levels == set(range(len(LEVELS)))
    assert min(outcomes.values()) > COUNT / 20, outcomes
    assert len(outcomes) == 4


@settings(
    max_examples=25,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(recipes())
def test_they_agree_on_whatever_hypothesis_thinks_of(recipe: Recipe) -> None:
    assert not differences(recipe), f"{recipe}: {differences(recipe)}"


@pytest.mark.parametrize("recipe", list(sampled(SEED + 1, 12, together=4)), ids=str)
def test_the_engine_decides_the_document_that_the_plain_evaluator_reads(recipe: Recipe) -> None:
    portfolio = carried_out(recipe, 1)
    known = read(json.dumps(document_of(portfolio)))
    decided = decide(
        applications_of([portfolio]),
        known.facts,
        BOOK,
        instant(portfolio.decided_on),
        as_authority=portfolio.authority,
        recalled_may_grant=portfolio.recalled_may_grant,
    )
    results = dict(decided.criteria.select("criterion", "result").iter_rows())
    assert results == judge([portfolio], with_evidence=False)[0].results


def test_the_plain_evaluator_shares_no_code_with_the_engine() -> None:
    """What `evaluate` needs imports nothing of the project but its own modules."""
    wanted, seen = {"evaluate"}, set[str]()
    while wanted - seen:
        name = min(wanted - seen)
        seen.add(name)
        text = (Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8")
        for line in text.splitlines():
            module = line.split()[1] if line.startswith(("from ", "import ")) else ""
            assert module.partition(".")[0] not in ("assets", "decisions", "portfolio"), (
                name,
                line,
            )
            if module.startswith("plain."):
                wanted.add(module.partition(".")[2])
            elif module == "plain":
                wanted |= {word.strip() for word in line.partition(" import ")[2].split(",")}
    assert {"law", "people", "projects", "switches", "reorganised"} <= seen
