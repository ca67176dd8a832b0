"""Tests that put a case of their own before the engine, whose cases are decided together.

Of fifty cases an evaluation takes as long as of one. So a test may be `async`: where it says
`await verdict_on(portfolio)` it waits until all such tests of its module have asked, and one
evaluation answers them all. To the test it is as if its enterprise were alone.

Belongs here: carrying such tests on in turns, and which cases may stand in one evaluation. Does
not: the evaluation (`judge`).
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator, Iterable
from contextvars import Context, copy_context
from dataclasses import dataclass
from typing import TypeVar

from judge import Known, Verdict, as_it_is, judge
from portfolio import Portfolio
from portfolio.rows import NTH

from assets.persons import ONE_EACH, Numbers
from assets.tables import intake

Answer = TypeVar("Answer")
Test = Coroutine["Asked", Verdict, None]
OWN = 1_000
"""Numbers of the enterprises of such tests begin above it: those a test gives itself are below."""


@dataclass(frozen=True)
class Asked:
    """A case that a test waits for."""

    portfolio: Portfolio
    with_evidence: bool
    known: Known
    numbers: Numbers

    def __await__(self) -> Generator[Asked, Verdict, Verdict]:
        """Hands it to whoever carries the test on, who sends the verdict."""
        return (yield self)


async def verdict_on(
    portfolio: Portfolio,
    *,
    with_evidence: bool = True,
    known: Known = as_it_is,
    numbers: Numbers = ONE_EACH,
) -> Verdict:
    """The engine's verdict on it as it is now (`judge.judge`)."""
    return await Asked(portfolio, with_evidence, known, numbers)


def now(asking: Coroutine[Asked, Verdict, Answer]) -> Answer:
    """What a test that waits for nobody would have awaited."""
    try:
        asked = asking.send(None)  # type: ignore[arg-type]
        while True:
            asked = asking.send(*_verdicts([asked]))
    except StopIteration as ended:
        answer: Answer = ended.value
        return answer


def carried_on(tests: Iterable[tuple[str, Test]]) -> dict[str, BaseException | None]:
    """Every test to its end, by name; with what it raised, if it did."""
    ended: dict[str, BaseException | None] = {}
    going: list[tuple[str, Test, Context, Verdict | None]] = []
    for number, (name, test) in enumerate(tests, start=OWN):
        context = copy_context()
        context.run(NTH.set, number)
        going.append((name, test, context, None))
    while going:
        waiting: list[tuple[str, Test, Context, Asked]] = []
        for name, test, context, answer in going:
            try:
                waiting.append((name, test, context, context.run(test.send, answer)))
            except StopIteration:
                ended[name] = None
            except KeyboardInterrupt:
                raise
            except BaseException as raised:  # what pytest raises is no Exception
                ended[name] = raised
        answers = _verdicts([asked for *_, asked in waiting])
        going = [
            (name, test, context, answer)
            for (name, test, context, _), answer in zip(waiting, answers, strict=True)
        ]
    return ended


def _verdicts(asked: list[Asked]) -> list[Verdict]:
    """The verdicts, from as few evaluations as leave every case alone."""
    answers: dict[int, Verdict] = {}
    for group in _apart(asked):
        mine = [asked[place] for place in group]
        found = judge(
            (one.portfolio for one in mine),
            with_evidence=any(one.with_evidence for one in mine),
            known=mine[0].known,
            numbers=_of_all(one.numbers for one in mine),
        )
        answers |= zip(group, found, strict=True)
    return [answers[place] for place in range(len(asked))]


def _apart(asked: list[Asked]) -> list[list[int]]:
    """The places of those that are read alike and share no key; none of their rows is anybody's."""
    groups: list[tuple[Known, set[str], list[int]]] = []
    alone: list[list[int]] = []
    for place, one in enumerate(asked):
        if _may_concern_others(one.portfolio):
            alone.append([place])
            continue
        keys = _keys(one.portfolio)
        for known, others, group in groups:
            if known is one.known and others.isdisjoint(keys):
                others.update(keys)
                group.append(place)
                break
        else:
            groups.append((one.known, keys, [place]))
    return [*alone, *(group for *_, group in groups)]


def _may_concern_others(portfolio: Portfolio) -> bool:
    """Whether a value of a row set apart cannot be read: it may be anybody's."""
    apart = portfolio.of(intake.QUARANTINE.name)
    return any(reason.endswith(":unreadable") for row in apart for reason in row["reasons"])


def _of_all(numbers: Iterable[Numbers]) -> Numbers:
    """Who has which numbers, of people of cases that share none."""
    every = list(numbers)
    return Numbers(
        present={number: key for one in every for number, key in one.present.items()},
        in_doubt={number: doubt for one in every for number, doubt in one.in_doubt.items()},
        different=frozenset().union(*(one.different for one in every)),
    )


_NAMING = ("_key", "_no", "usc_code", "unit_code")
"""How the columns end that name an enterprise, a person, a paper or works."""


def _keys(portfolio: Portfolio) -> set[str]:
    """Every number and code by which rows of it name anything."""
    return {
        str(value)
        for table, rows in portfolio.rows.items()
        if table != intake.COVERAGE.name
        for row in rows
        for column, value in row.items()
        if column.endswith(_NAMING) and column != "row_no" and value is not None
    } | {portfolio.usc_code, portfolio.application_id}
