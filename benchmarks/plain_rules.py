"""The rulebook as an office would write it for another engine: plain conditions, met or not.

Belongs here: from the compiled rulebook to conditions on facts that are settled, for
`benchmarks.masks` and `benchmarks.rule_engine`. Does not: facts, evaluating.

What the peers can be told: every head count with the part it belongs to, the leader's years and
qualification, net assets, equipment and other assets, every class of works with its figures and
forms of contract, and how many classes of which groups make the part. What they are spared: the
leader's own works, sums within one year, units of one contract that are one work, and that nobody
and no unit project serves twice.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

import polars as pl

from decisions.asked import ALL_OF
from decisions.performance.fits import MACHINES, PIECES, counted_alike
from decisions.rulebook.frames import RuleTables

SCALE = 10_000
"""Figures are whole numbers of ten thousandths, so that sums are exact in every engine."""


def scaled(figure: Decimal | int) -> int:
    """A figure of the rules or the facts as the peers have it."""
    return int(figure * SCALE)


@dataclass(frozen=True, slots=True)
class Kind:
    """A certificate of a `use`, of a `rank` or above, for a value (`*` = any)."""

    use: str
    rank: int
    value: str


@dataclass(frozen=True, slots=True)
class Heads:
    """So many people of the staff with a certificate of one of the kinds."""

    kinds: tuple[Kind, ...]
    asked: int


@dataclass(frozen=True, slots=True)
class Leader:
    """The technical leader has a certificate of one of the kinds."""

    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the case reaches what is asked, and another figure of it, if one is named."""

    name: str
    asked: int
    other: str | None = None


@dataclass(frozen=True, slots=True)
class Atom:
    """A measure within bounds, or a label that is, is not, or lists one of `labels`."""

    metric: str
    low: int | None
    high: int | None
    is_low_open: bool
    is_high_open: bool
    labels: tuple[str, ...]
    is_negated: bool
    must_include: bool


@dataclass(frozen=True, slots=True)
class Line:
    """Works or machines of one of the names, that meet all atoms of one conjunction."""

    names: tuple[str, ...]
    conjunctions: tuple[tuple[Atom, ...], ...]


@dataclass(frozen=True, slots=True)
class Things:
    """So many works or machines that fit a line; with `summed`, so much of a metric of theirs."""

    of: str
    lines: tuple[Line, ...]
    asked: int
    summed: str | None = None
    forms: tuple[str, ...] | None = None
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class AtLeast:
    """So many of the parts hold."""

    asked: int
    parts: tuple[Condition, ...]


Condition = Heads | Leader | Figure | Things | AtLeast


def all_of(parts: Collection[Condition]) -> AtLeast:
    """Every part holds."""
    return AtLeast(len(parts), tuple(parts))


def any_of(parts: Collection[Condition]) -> AtLeast:
    """One part holds."""
    return AtLeast(1, tuple(parts))


@dataclass(frozen=True)
class PlainRules:
    """The conditions of every rule set, by the criterion under which the engine reports them."""

    rules: RuleTables

    def of(self, digest: str, parts: Collection[str]) -> dict[str, Condition]:
        """The criteria of some parts of a rule set."""
        tell = {
            **dict.fromkeys(ALL_OF, self._heads),
            "net_assets": self._net_assets,
            "equipment": self._equipment,
            "assets_other": self._other_assets,
            "performance": self._performance,
        }
        told = [tell[part](digest, part) for part in sorted(tell.keys() & set(parts))]
        leader = self._leader(digest) if "technical_lead" in parts else {}
        return {name: one for found in (*told, leader) for name, one in found.items()}

    def _heads(self, digest: str, part: str) -> dict[str, Condition]:
        rows = [row for row in self._rows("head_counts", digest) if row["part"] == part]
        counts: dict[str, Condition] = {
            row["criterion"]: Heads(self._kinds[row["cell"]], row["asked"]) for row in rows
        }
        return {**counts, part: all_of(counts.values())} if counts else {}

    def _net_assets(self, digest: str, part: str) -> dict[str, Condition]:
        rows = self._rows("net_assets", digest)
        asked = [scaled(row["net_assets_yuan"]) for row in rows]
        return {part: Figure(part, max(asked), "highest_held")} if asked else {}

    def _other_assets(self, digest: str, part: str) -> dict[str, Condition]:
        sums: dict[str, Condition] = {
            row["criterion"]: Things("machines", (), scaled(row["asked"]), summed=row["metric"])
            for row in self._rows("other_assets", digest)
        }
        return {**sums, part: all_of(sums.values())} if sums else {}

    def _leader(self, digest: str) -> dict[str, Condition]:
        for row in self._rows("leads", digest):
            kinds = [
                *(Kind("title", one["rank"], one["value"])
                  for one in self._rows("lead_titles", digest)),
                *(Kind(one["registration"], 0, one["value"])
                  for one in self._rows("lead_registrations", digest)),
            ]  # fmt: skip
            found: dict[str, Condition] = {
                "technical_lead.employed": Figure("leader_counts", SCALE),
                "technical_lead.years": Figure("leader_years", row["years"] * SCALE),
                "technical_lead.qualification": Leader(tuple(kinds)),
            }
            return {**found, "technical_lead": all_of(found.values())}
        return {}

    def _equipment(self, digest: str, part: str) -> dict[str, Condition]:
        items = {
            f"equipment.{-number}": any_of(
                [all_of([self._machines(one) for one in demands]) for demands in options.values()]
            )
            for number, options in self._demands(digest).items()
            if number < 0
        }
        whole = [
            (part, AtLeast(row["need"], tuple(items.values()))) for row in self._rows(part, digest)
        ]
        return {**items, **dict(whole)}

    def _machines(self, demand: dict[str, Any]) -> Things:
        asked = demand["asked"]
        return Things(
            "machines",
            self._lines_of(demand),
            scaled(asked) if demand["metric"] else int(asked),
            summed=demand["metric"],
        )

    def _performance(self, digest: str, part: str) -> dict[str, Condition]:
        rows = {row["class_n"]: row for row in self._rows("classes", digest)}
        options = {n: found for n, found in self._demands(digest).items() if n in rows}
        classes: dict[int, Condition] = {
            n: any_of(
                [all_of([self._works(one, rows[n]) for one in every]) for every in ways.values()]
            )
            for n, ways in options.items()
        }
        found: dict[str, Condition] = {f"performance.class.{n}": one for n, one in classes.items()}
        for row in self._rows("performances", digest):
            groups = _grouped(self._rows("class_groups", digest), "group_n")
            needs = [
                AtLeast(row["need"], tuple(classes.values())),
                *(classes[n] for n in classes if rows[n]["is_mandatory"]),
                *(
                    AtLeast(
                        members[0]["asked"],
                        tuple(classes[one["class_n"]] for one in members
                              if one["class_n"] in classes),
                    )
                    for members in groups.values()
                ),
            ]  # fmt: skip
            whole = all_of(needs)
            if row["one_class_count"] is not None:
                counts = [
                    replace(works, asked=row["one_class_count"])
                    for n, found in options.items()
                    for every in found.values()
                    for one in every
                    if one["metric"] is None
                    for works in [self._counted(one, rows[n])]
                ]
                whole = any_of([whole, *counts])
            found[part] = whole
        return found

    def _works(self, demand: dict[str, Any], row: dict[str, Any]) -> Condition:
        counted = self._counted(demand, row)
        if demand["metric"] is not None:
            return replace(counted, summed=demand["metric"], asked=scaled(demand["asked"]))
        if demand["counted_in"] in MACHINES:
            return any_of([counted, replace(counted, summed=PIECES, asked=scaled(demand["asked"]))])
        return counted

    def _counted(self, demand: dict[str, Any], row: dict[str, Any]) -> Things:
        return Things(
            "works",
            self._lines_of(demand),
            int(demand["asked"]),
            forms=tuple(sorted(row["contract_types"])),
            is_alone=row["is_alone"],
        )

    def _demands(self, digest: str) -> dict[int, dict[int, list[dict[str, Any]]]]:
        """By class and option."""
        by_class = _grouped(self._rows("demands", digest), "class_n")
        return {n: _grouped(found, "option_n") for n, found in by_class.items()}

    def _lines_of(self, demand: dict[str, Any]) -> tuple[Line, ...]:
        key = tuple(demand[name] for name in _DEMAND)
        return tuple(self._line(number) for number in self._line_ids.get(key, ()))

    def _line(self, number: int) -> Line:
        return Line(self._names.get(number, ()), self._conjunctions.get(number, ()))

    def _rows(self, frame: str, digest: str) -> list[dict[str, Any]]:
        return self._by_digest[frame].get(digest, [])

    @cached_property
    def _by_digest(self) -> dict[str, dict[str, list[dict[str, Any]]]]:
        frames = {name: getattr(self.rules, name) for name in _BY_DIGEST}
        frames["demands"] = counted_alike(self.rules.demands)
        return {name: _grouped(rows.to_dicts(), "digest") for name, rows in frames.items()}

    @cached_property
    def _kinds(self) -> dict[int, tuple[Kind, ...]]:
        return {
            cell: tuple(Kind(one["use"], one["rank"], one["value"]) for one in rows)
            for cell, rows in _grouped(self.rules.cells.to_dicts(), "cell").items()
        }

    @cached_property
    def _line_ids(self) -> dict[tuple[Any, ...], list[int]]:
        wanted = self.rules.lines.filter(pl.col("purpose").is_in(["performance", "equipment"]))
        grouped = wanted.group_by(_DEMAND, maintain_order=True).agg("line_id")
        return {tuple(key): lines for *key, lines in grouped.iter_rows()}

    @cached_property
    def _names(self) -> dict[int, tuple[str, ...]]:
        grouped = self.rules.line_names.group_by("line_id").agg(pl.col("name").sort())
        return {number: tuple(names) for number, names in grouped.iter_rows()}

    @cached_property
    def _conjunctions(self) -> dict[int, tuple[tuple[Atom, ...], ...]]:
        of_lines = _grouped(self.rules.atoms.to_dicts(), "line_id")
        return {
            number: tuple(
                tuple(map(_atom, atoms)) for atoms in _grouped(rows, "conjunction").values()
            )
            for number, rows in of_lines.items()
        }


_DEMAND = ("digest", "class_n", "option_n", "demand_n")
_BY_DIGEST = (
    "head_counts",
    "leads",
    "lead_titles",
    "lead_registrations",
    "net_assets",
    "equipment",
    "other_assets",
    "performances",
    "classes",
    "class_groups",
)


def _grouped(rows: list[dict[str, Any]], key: str) -> dict[Any, list[dict[str, Any]]]:
    found: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    return found


def _atom(row: dict[str, Any]) -> Atom:
    return Atom(
        metric=row["metric"],
        low=None if row["low"] is None else scaled(row["low"]),
        high=None if row["high"] is None else scaled(row["high"]),
        is_low_open=row["is_low_open"],
        is_high_open=row["is_high_open"],
        labels=tuple(row["labels"] or ()),
        is_negated=row["is_negated"],
        must_include=row["must_include"],
    )
