"""Puts portfolios before the engine and reads its answer back, one verdict per enterprise.

Belongs here: grouping cases into few evaluations, and reading the decision tables. Does not: what
the answer should be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from portfolio import Portfolio, applications_of, frames_of, instant
from shipped import BOOK

from assets.persons import ONE_EACH, Numbers
from assets.tables import decision, intake
from decisions.engine import decide
from decisions.facts.model import Facts

MET, NOT_MET, NO_DATA = "met", "not_met", "no_data"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the engine said about one case."""

    decision: dict[str, Any]
    criteria: list[dict[str, Any]]
    evidence: list[dict[str, Any]] = field(repr=False)

    @property
    def outcome(self) -> str:
        """granted, refused, not_accepted, awaiting_data."""
        outcome: str = self.decision["outcome"]
        return outcome

    @property
    def reason(self) -> str:
        """The reasons, Chinese and English."""
        return f"{self.decision['reason_zh']} {self.decision['reason_en']}"

    @property
    def failed(self) -> set[str]:
        """Criteria that decide by themselves and are not met."""
        return {
            c["criterion"] for c in self.criteria if c["parent"] is None and c["result"] == NOT_MET
        }

    @property
    def unknown(self) -> set[str]:
        """Criteria that decide by themselves and lack data."""
        return {
            c["criterion"] for c in self.criteria if c["parent"] is None and c["result"] == NO_DATA
        }

    @property
    def results(self) -> dict[str, str]:
        """Every criterion, parts too, to its result."""
        return {c["criterion"]: c["result"] for c in self.criteria}

    def criterion(self, name: str) -> dict[str, Any]:
        """One criterion."""
        return next(c for c in self.criteria if c["criterion"] == name)

    def evidence_of(self, name: str) -> list[dict[str, Any]]:
        """Evidence of a criterion and of its parts."""
        return [
            e
            for e in self.evidence
            if e["criterion"] == name or e["criterion"].startswith(f"{name}.")
        ]

    def summary(self) -> str:
        """One line for a failing assertion."""
        notes = {
            c["criterion"]: (c["result"], c["required"], c["actual"], c["note"])
            for c in self.criteria
            if c["result"] != MET
        }
        return (
            f"{self.outcome}: failed {sorted(self.failed)}, unknown {sorted(self.unknown)}; {notes}"
        )


Known = Callable[[Facts, list[Portfolio]], Facts]


def as_it_is(facts: Facts, cases: list[Portfolio]) -> Facts:
    """All that the release holds."""
    return facts


def judge(
    portfolios: Iterable[Portfolio],
    *,
    with_evidence: bool = True,
    numbers: Numbers = ONE_EACH,
    known: Known = as_it_is,
) -> list[Verdict]:
    """The engine's verdict on each, in order.

    Evidence is left out where nobody looks at it: it is by far the most of the answer.

    Enterprises must differ in `nth`. Those of the same office, day of decision and coverage go into
    one evaluation.

    Args:
        portfolios: the cases.
        with_evidence: whether anybody looks at it.
        numbers: what is stated about numbers of any of them.
        known: what is read of a release that holds what the cases of one evaluation know.
    """
    cases = list(portfolios)
    assert len({case.usc_code for case in cases}) == len(cases), (
        "two cases of one enterprise number"
    )
    together: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for index, case in enumerate(cases):
        coverage = frozenset(
            (r["target"], r["region_code"], r["period"], r["is_complete"], r["as_of"])
            for r in case.of(intake.COVERAGE.name)
        )
        office = (case.authority, case.recalled_may_grant)
        together[(*office, case.decided_on, coverage)].append(index)
    verdicts: dict[int, Verdict] = {}
    for (authority, recalled_may_grant, decided_on, _), indexes in together.items():
        group = [cases[index] for index in indexes]
        decided = decide(
            applications=applications_of(group),
            facts=known(Facts.of(frames_of(group), numbers=numbers), group),
            rulebook=BOOK,
            decided_at=instant(decided_on, 10),
            way="sweep",
            as_authority=authority,
            recalled_may_grant=recalled_may_grant,
        )
        decisions = _by_case(decision.DECISION.conform(decided.decisions))
        criteria = _by_case(decision.CRITERION.conform(decided.criteria))
        evidence = _by_case(decision.EVIDENCE.conform(decided.evidence)) if with_evidence else {}
        for index, case in zip(indexes, group, strict=True):
            mine = decisions[case.application_id]
            assert len(mine) == 1, f"{case.application_id}: {len(mine)} decisions of one evaluation"
            verdicts[index] = Verdict(
                mine[0], criteria[case.application_id], evidence.get(case.application_id, [])
            )
    return [verdicts[index] for index in range(len(cases))]


def _by_case(frame: Any) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in frame.iter_rows(named=True):
        found[row["application_id"]].append(row)
    return found
