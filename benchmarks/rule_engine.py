"""The plain conditions as expressions of a rule engine (zen-engine), asked case by case.

Belongs here: conditions as expressions, settled facts as the input of a decision. Does not: which
conditions (`benchmarks.plain_rules`), which facts (`benchmarks.prepared`), comparing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import zen

from benchmarks.plain_rules import (
    AtLeast,
    Atom,
    Condition,
    Figure,
    Heads,
    Kind,
    Leader,
    Line,
    Things,
)
from benchmarks.prepared import Counted, Prepared
from decisions.performance.measures import CONTRACT, LISTED

Inputs = Mapping[int, dict[str, Any]]
"""What a decision is given, by case."""


@dataclass(frozen=True)
class Compiled:
    """A sheet as a decision: its criteria under `c0`, `c1` ... in this order."""

    decision: zen.ZenDecision
    criteria: tuple[str, ...]


Decisions = Mapping[int, Compiled]
"""By sheet."""


def compiled(asked: Mapping[str, Condition]) -> Compiled:
    """Criteria as expressions; what several of them rest on is evaluated once."""
    named: dict[Condition, str] = {}
    expressions: list[dict[str, str]] = []

    def told(condition: Condition) -> str:
        """The name under which a condition without parts is answered, or its parts together."""
        if isinstance(condition, AtLeast):
            return _together(condition, [told(part) for part in condition.parts])
        if condition not in named:
            key = f"l{len(named)}"
            named[condition] = f"$.{key}"
            expressions.append({"id": key, "key": key, "value": expression(condition)})
        return named[condition]

    for n, condition in enumerate(asked.values()):
        value = told(condition)
        expressions.append({"id": f"c{n}", "key": f"c{n}", "value": value})
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {
            "id": "rules",
            "name": "rules",
            "type": "expressionNode",
            "content": {"expressions": expressions},
        },
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    edges = [
        {"id": "a", "sourceId": "in", "targetId": "rules"},
        {"id": "b", "sourceId": "rules", "targetId": "out"},
    ]
    content = json.dumps({"nodes": nodes, "edges": edges})
    return Compiled(zen.ZenEngine().create_decision(content), tuple(asked))


def _together(condition: AtLeast, parts: list[str]) -> str:
    if not parts:
        return "true" if condition.asked <= 0 else "false"
    if condition.asked >= len(parts):
        return f"({' and '.join(parts)})" if condition.asked == len(parts) else "false"
    if condition.asked == 1:
        return f"({' or '.join(parts)})"
    return f"sum(map([{', '.join(parts)}], # ? 1 : 0)) >= {condition.asked}"


def expression(condition: Heads | Leader | Figure | Things) -> str:
    """A condition without parts, of the input that `inputs` makes."""
    if isinstance(condition, Heads):
        fits = f"some(#.certificates, {_any_kind(condition.kinds)})"
        return f"count(people, {fits}) >= {condition.asked}"
    if isinstance(condition, Leader):
        return f"some(leader, {_any_kind(condition.kinds)})"
    if isinstance(condition, Figure):
        also = "" if condition.other is None else f" and {condition.name} >= {condition.other}"
        return f"{condition.name} >= {condition.asked}{also}"
    fits = _any_line(condition)
    if condition.summed is None:
        return f"count({condition.of}, {fits}) >= {condition.asked}"
    names = sorted({name for line in condition.lines for name in line.names})
    of_kind = f" and #.name in {_texts([*names, CONTRACT])}" if condition.lines else ""
    added = f"filter(#.measures, #.metric == '{condition.summed}'{of_kind} and #.value != null)"
    each = f"sum(map({added}, #.value))"
    return f"sum(map(filter({condition.of}, {fits}), {each})) >= {condition.asked}"


def _any_kind(kinds: Iterable[Kind]) -> str:
    told = [
        f"(#.use == '{kind.use}' and #.rank >= {kind.rank}"
        + ("" if kind.value == "*" else f" and #.value == '{kind.value}'")
        + ")"
        for kind in kinds
    ]
    return " or ".join(told) or "false"


def _any_line(condition: Things) -> str:
    lines = [_line(line) for line in condition.lines]
    told = [f"({' or '.join(lines)})"] if lines else ["true"]
    if condition.forms is not None:
        told.append(f"#.form in {_texts(condition.forms)}")
    if condition.is_alone:
        told.append("#.is_consortium == false")
    return " and ".join(told)


def _line(line: Line) -> str:
    kind = f"some(#.names, # in {_texts(line.names)})"
    ways = [" and ".join(_atom(atom, line.names) for atom in atoms) for atoms in line.conjunctions]
    return f"({kind} and ({' or '.join(ways)}))" if ways else kind


def _atom(atom: Atom, names: Iterable[str]) -> str:
    told = [f"#.metric == '{atom.metric}'", f"#.name in {_texts([*names, CONTRACT])}"]
    if atom.must_include:
        told.append(f"'{atom.labels[0]}' in #.labels")
    elif atom.labels:
        is_named = f"#.label in {_texts(atom.labels)}"
        told += ["#.label != null", f"not ({is_named})" if atom.is_negated else is_named]
    else:
        told.append("#.value != null")
        if atom.low is not None:
            told.append(f"#.value {'>' if atom.is_low_open else '>='} {atom.low}")
        if atom.high is not None:
            told.append(f"#.value {'<' if atom.is_high_open else '<='} {atom.high}")
    return f"some(#.measures, {' and '.join(told)})"


def _texts(texts: Iterable[str]) -> str:
    return "[" + ", ".join(f"'{text}'" for text in texts) + "]"


def inputs(prepared: Prepared, cases: pl.DataFrame) -> Inputs:
    """The input of each of `cases` (`application_id`, `staff`), as a caller would hold it."""
    people: dict[int, dict[str, dict[str, Any]]] = {}
    for row in prepared.certificates.iter_rows(named=True):
        of_staff = people.setdefault(row["staff"], {})
        of_staff.setdefault(row["person"], {"certificates": []})["certificates"].append(_held(row))
    leaders: dict[int, list[dict[str, Any]]] = {}
    for row in prepared.leader_certificates.iter_rows(named=True):
        leaders.setdefault(row["application_id"], []).append(_held(row))
    asked = cases.select("application_id")
    works = _things(prepared.works, asked)
    machines = _things(prepared.machines, asked)
    figures = prepared.figures.join(asked, on="application_id", how="semi")
    staffs = dict(cases.select("application_id", "staff").iter_rows())
    return {
        row["application_id"]: {
            **row,
            "people": list(people.get(staffs[row["application_id"]], {}).values()),
            "leader": leaders.get(row["application_id"], []),
            "works": works.get(row["application_id"], []),
            "machines": machines.get(row["application_id"], []),
        }
        for row in figures.iter_rows(named=True)
    }


def _held(row: Mapping[str, Any]) -> dict[str, Any]:
    rank = -1 if row["rank"] is None else row["rank"]
    return {"use": row["use"], "value": row["value"] or "", "rank": rank}


def _things(things: Counted, asked: pl.DataFrame) -> dict[int, list[dict[str, Any]]]:
    """By case; one thing is one object, however many cases it counts for."""
    counts = things.counts.join(asked, on="application_id", how="semi")
    wanted = things.units.join(counts.select("thing").unique(), on="thing", how="semi")
    made: dict[int, dict[str, Any]] = {
        row["thing"]: {
            "form": row["contract_type"] or "",
            "is_consortium": bool(row["is_consortium"]),
            "names": [],
            "measures": [],
        }
        for row in wanted.iter_rows(named=True)
    }
    for thing, name in things.names.select("thing", "name").iter_rows():
        if thing in made:
            made[thing]["names"].append(name)
    for row in things.measures.iter_rows(named=True):
        thing = row.pop("thing")
        if thing in made:
            labels = [] if row["label"] is None else row["label"].split(LISTED)
            made[thing]["measures"].append({**row, "labels": labels})
    found: dict[int, list[dict[str, Any]]] = {}
    for case, thing in counts.iter_rows():
        found.setdefault(case, []).append(made[thing])
    return found


def by_rule_engine(
    cases: pl.DataFrame, decisions: Decisions, given: Inputs
) -> list[tuple[int, str, bool]]:
    """`application_id`, criterion, met: `cases` (`application_id`, `sheet`) one after another."""
    met = []
    for case, sheet in cases.select("application_id", "sheet").iter_rows():
        one = decisions[sheet]
        answer = one.decision.evaluate(given[case])["result"]
        met += [(case, name, answer[f"c{n}"]) for n, name in enumerate(one.criteria)]
    return met
