"""Whether the engine and the plain evaluator say the same of a case, criterion by criterion.

Belongs here: comparing two answers, and where the assignment of people is free (E5) checking
that the engine's is one the law allows. Does not: deciding.
"""

from __future__ import annotations

from judge import Verdict

from plain.evaluate import NAMES, PEOPLE_PARTS, Answer
from plain.people import jointly

_STRENGTH = {"not_met": 0, "no_data": 1, "met": 2}


def disagreements(verdict: Verdict, answer: Answer) -> list[str]:
    """Where they differ, a line each; none if they agree."""
    found = []
    if verdict.outcome != answer.outcome:
        found.append(f"outcome: engine {verdict.outcome}, plain {answer.outcome}")
    plain = {name: NAMES[truth] for name, truth in answer.criteria.items()}
    torn = bool(answer.torn)
    for name in sorted(set(plain) | set(verdict.results)):
        mine, theirs = plain.get(name), verdict.results.get(name)
        if torn and mine and theirs and name.partition(".")[0] in PEOPLE_PARTS:
            differ = _STRENGTH[theirs] > _STRENGTH[mine]
        else:
            differ = mine != theirs
        if differ:
            found.append(f"{name}: engine {theirs}, plain {mine}")
    return found + (_unlawful_assignment(verdict, answer) if torn else [])


def _unlawful_assignment(verdict: Verdict, answer: Answer) -> list[str]:
    """Where people are wanted twice: what the engine calls met must be met together."""
    results = verdict.results

    def never(part: str, *said: str) -> bool:
        return all(
            result not in said
            for name, result in results.items()
            if name.partition(".")[0] == part and name != part
        )

    found = []
    met = [group for group in answer.torn if never(group.part, "not_met", "no_data")]
    if not jointly(met, surely=True):
        found.append("one person counts twice among what the engine calls met")
    open_ended = [group for group in answer.torn if never(group.part, "not_met")]
    if not jointly(open_ended, surely=False):
        found.append("one person counts twice among what the engine leaves open")
    return found
