"""Works beyond what the level held then allows.

Belongs here: which change crosses which of these figures, and the answer. Does not: the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from exact import DAY
from portfolio import Portfolio, Row
from sheets import Rank
from unit_plans import KINDS, WIDER, Served, added_up, served_lines, shown, with_value, within
from where import MONEY, comparisons, truth, ways

from assets.calendar import add_months
from figures.level import (
    ACCEPTANCE,
    CONTRACT,
    GRANTED,
    MET,
    NO_DATA,
    NOT_MET,
    REFUSED,
    Case,
    Figures,
    Spoil,
)
from figures.works import label_of, units_of


def scope(figures: Figures) -> Iterator[Case]:
    """At and beyond each limit of the level held when one contract was signed (E14)."""
    if figures.rank.is_lowest or not figures.rank.asked(DAY).get("performance"):
        return
    lower = figures.rank.lower
    keys = lower.asked(DAY).get("unknown_keys", [])
    is_lost = any(key.startswith("scope_limits") for key in keys)
    seen: set[tuple[str, ...]] = set()
    for limit in lower.asked(DAY).get("scope_limits") or []:
        for served in served_lines(figures.rank, DAY):
            rule, _ = served.parts[0]
            kind = KINDS.get(rule["project"], rule["project"])
            kinds = (kind, *WIDER.get(kind, ()))
            if limit["project"] not in kinds or "all_of" in served.rule or "of" in served.rule:
                continue
            yield from _limit(figures, limit, served, lower, is_lost, seen)


def _limit(
    figures: Figures,
    limit: Row,
    served: Served,
    lower: Rank,
    is_lost: bool,
    seen: set[tuple[str, ...]],
) -> Iterator[Case]:
    rule, _ = served.parts[0]
    label = label_of(figures, served)
    unit = units_of(figures, served)[0]
    for conjunction in ways(limit.get("where", "")):
        for atom in conjunction:
            key = (rule["project"], limit["project"], limit["where"], atom.metric)
            if key in seen or atom.op not in ("<=", "<"):
                continue
            placed = unit
            for other in conjunction:
                if other.metric not in shown(placed):
                    placed = with_value(placed, other.metric, other.edge())
            placed = within(placed, lower, DAY)
            at = with_value(placed, atom.metric, atom.edge())
            short = atom.short()
            if short is None or not _counts(rule, at, limit, lower):
                continue
            seen.add(key)
            beyond = with_value(placed, atom.metric, short)
            for text, shape, outcome, result in (
                ("at", at, GRANTED, MET),
                ("beyond", beyond, REFUSED, NOT_MET),
            ):
                if text == "beyond" and truth(rule.get("where", ""), shown(beyond)) is not True:
                    continue
                allowed = (MET, NO_DATA) if is_lost and result == MET else result
                yield figures.case(
                    f"a {rule['project']} {text} the limit of its {atom.metric} in {lower} ({limit['where']})",
                    DAY,
                    _signed_low(label, unit, shape),
                    None if is_lost and result == MET else outcome,
                    {"performance": allowed},
                    served=served,
                )


def _counts(rule: Row, unit: Any, limit: Row, lower: Rank) -> bool:
    """Whether a unit at one limit still serves its line, and keeps within every other limit."""
    if truth(rule.get("where", ""), shown(unit)) is not True:
        return False
    if "sum" in rule and added_up(rule, [unit]) == 0:
        return False
    same = [
        one
        for one in lower.asked(DAY)["scope_limits"]
        if one["project"] in (unit.works_type, *WIDER.get(unit.works_type, ()))
    ]
    return all(
        truth(one.get("where", ""), shown(unit)) is not False
        for one in same
        if _is_of_one_kind(one, limit)
    )


def _is_of_one_kind(one: Row, other: Row) -> bool:
    """Whether two limits bind together: those on different waters or grades are alternatives."""
    labels = {a.metric: a.labels for a in comparisons(one.get("where", "")) if a.op == "=="}
    return all(
        labels.get(a.metric, a.labels) == a.labels
        for a in comparisons(other.get("where", ""))
        if a.op == "=="
    )


def _signed_low(label: str, unit: Any, shape: Any) -> Spoil:
    """One work of another shape, contracted when only the lower level was held."""

    def spoil(p: Portfolio) -> None:
        lowered = add_months(p.filed_on, -9)
        p.change("base_enterprise__qualification", {"status_code": "replaced"}, valid_to=lowered)
        p.change(
            "base_enterprise__qualification",
            {"status_code": "valid"},
            valid_from=lowered + timedelta(days=1),
        )
        contract = {"contract_no": p.contract_no(label)}
        p.change(CONTRACT, contract, signed_on=add_months(p.filed_on, -8))
        p.change(ACCEPTANCE, contract, started_on=add_months(p.filed_on, -7))
        for metric, value in shown(shape).items():
            if metric not in MONEY and shown(unit).get(metric) != value:
                p.show(label, metric, value)
        if shape.amount_wan != unit.amount_wan:
            p.show(label, "单项合同额", shape.amount_wan)

    return spoil
