"""Works the technical leader led.

Belongs here: which change crosses which of these figures, and the answer. Does not: the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from exact import DAY, higher_ranks, lead_line
from portfolio import Portfolio, Row
from sheets import Rank
from unit_plans import Served, asked_sum, least, lines_of, summed
from where import MONEY, Value, comparisons

from figures.level import (
    ACCEPTANCE,
    CONTRACT,
    MET,
    NO_DATA,
    NOT_MET,
    REFUSED,
    WAITS,
    Case,
    Figures,
    Spoil,
)


def lead_performance(figures: Figures) -> Iterator[Case]:
    asked = figures.rank.asked(DAY).get("lead_performance")
    if not asked:
        return
    part = "lead_performance"

    def of(p: Portfolio) -> dict[str, object]:
        return {"contract_no": p.contract_no("lead_work.1")}

    def one(label: str, spoil: Spoil, outcome: str | None, result: str) -> Case:
        def checked(p: Portfolio) -> None:
            if p.of(CONTRACT, **of(p)):
                spoil(p)

        alone = "" if outcome == REFUSED else "nobody"
        return figures.case(label, DAY, checked, outcome, {part: result}, alone=alone)

    # Works by a figure of a higher level do as well: nobody is refused while one is not known.
    is_open = any(_is_partly_known(rank) for rank in higher_ranks(figures.rank, asked["level"]))
    refused, missed = (WAITS, NO_DATA) if is_open else (REFUSED, NOT_MET)
    yield one("the leader led one work less", lambda p: p.tear_down("lead_work.1"), refused, missed)
    yield one(
        "a stranger led one of the leader's works",
        lambda p: (
            p.name_person("stranger"),
            p.change("base_project__party", of(p), person_key=p.people["stranger"]),
        ),
        None,
        missed,
    )
    yield one(
        "one of the leader's works was not sound",
        lambda p: p.change(ACCEPTANCE, of(p), quality="不合格"),
        None,
        missed,
    )
    yield one(
        "one of the leader's works is not accepted",
        lambda p: p.change(ACCEPTANCE, of(p), accepted_on=DAY + timedelta(days=1)),
        None,
        missed,
    )
    yield one(
        "the leader led both works as technical leader",
        lambda p: p.change("base_project__party", of(p), duty="技术负责人"),
        None,
        MET,
    )
    found = lead_line(figures.rank, DAY)
    if found is None:
        return
    of_level, line = found
    for metric, edge, short in _lead_figures(of_level, line):
        for label, value, result in (
            ("short of", short, missed),
            ("exactly at", edge, MET),
            ("without", None, NO_DATA),
        ):
            if value is None and label != "without":
                continue
            yield one(
                f"one of the leader's works is {label} the {metric} of {of_level}",
                lambda p, m=metric, v=value: p.show("lead_work.1", m, v),
                None,
                result,
            )


def _lead_figures(rank: Rank, line: Served) -> Iterator[tuple[str, Value, Value | None]]:
    """Metrics of the works led: metric, what is enough, what misses every line."""
    rules = [
        rule
        for one in (rank, *higher_ranks(rank, rank.level))
        for rule in lines_of(one, DAY, line.parts[0][0]["project"])
    ]
    for rule, way in line.parts:
        atoms = {atom.metric: atom for atom in reversed(way)}
        for metric, atom in atoms.items():
            edge = atom.edge()
            yield metric, edge, _misses_all(rules, metric) if atom.number is not None else None
        if "sum" in rule:
            yield summed(rule), asked_sum(rule), _misses_all(rules, summed(rule))


def _is_partly_known(rank: Rank) -> bool:
    """Whether the works a level asks for are not all surely known."""
    asked = rank.asked(DAY)
    doubtful = [*asked.get("unknown_keys", []), *asked.get("recalled_keys", [])]
    return "performance" not in asked or any(key.startswith("performance") for key in doubtful)


def _misses_all(rules: list[Row], metric: str) -> Decimal:
    """What serves no line at all: less than the least that any of them asks."""
    alike = MONEY if metric in MONEY else {metric}
    lows = [
        value
        for rule in rules
        for atom in comparisons(rule.get("where", ""))
        if atom.metric in alike and atom.op in (">=", ">", "==")
        if isinstance(value := atom.short(), Decimal)
    ]
    sums = [asked_sum(r) - least(metric) for r in rules if "sum" in r and summed(r) in alike]
    return min(lows + sums)
