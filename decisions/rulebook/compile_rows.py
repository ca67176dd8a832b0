"""What the compilers of the rulebook write to: the rows of every frame, cells and lines numbered.

Belongs here: what people, works and means have in common: head counts of a cell, lines with
their conditions, quantities with their units. Does not: any part of the standard.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from decisions.rulebook.book import Rulebook
from decisions.rulebook.codes import UNLISTED, UNLISTED_KIND
from decisions.rulebook.conditions import Alternatives, Atom, parse
from decisions.rulebook.errors import RulebookError
from decisions.rulebook.frames import SCHEMAS
from decisions.rulebook.model import WorksLine
from decisions.rulebook.rule_set import RuleSet

Certificates = tuple[str, int, str]
"""Use, least rank and value of the certificates that fit a cell."""


@dataclass
class Rows:
    """Rows by frame, in the order of the columns in `SCHEMAS`."""

    book: Rulebook
    rows: dict[str, list[tuple[Any, ...]]] = field(
        default_factory=lambda: {name: [] for name in SCHEMAS}
    )
    _lines: int = 0
    _cells: dict[frozenset[Certificates], int] = field(default_factory=dict)
    _conditions: dict[str, Alternatives] = field(default_factory=dict)

    def heads(
        self,
        rules: RuleSet,
        part: str,
        criterion: str,
        use: str,
        asked: int,
        rank: int,
        values: tuple[str, ...],
    ) -> None:
        """So many people with a certificate of one use and rank, for any of the values."""
        fitting = [(use, rank, value) for value in values]
        self.count(rules.digest, part, criterion, use, asked, fitting)

    def count(
        self,
        digest: str,
        part: str,
        criterion: str,
        counted: str,
        asked: int,
        fitting: list[Certificates],
    ) -> None:
        """So many people whose certificate fits any of `fitting`: a cell, made once."""
        key = frozenset(fitting)
        if key not in self._cells:
            self._cells[key] = len(self._cells)
            self.rows["cells"].extend((self._cells[key], *one) for one in sorted(key))
        self.rows["head_counts"].append((digest, part, criterion, counted, asked, self._cells[key]))

    def majors(self, rules: RuleSet, part: str, names: tuple[str, ...]) -> tuple[str, ...]:
        """The plain majors; where a list is not known, the level must say so."""
        majors = self.book.codes.majors_of(names, rules.at)
        detail = f"{part}.majors_detail"
        if UNLISTED in majors and detail not in rules.level.unknown:
            raise RulebookError(
                f"{rules.at}: no list is known for one of {list(names)}; add {detail} to `unknown`"
            )
        return majors

    def quantity(self, metric: str, text: str, at: str) -> Decimal:
        """`100 公里` of a metric, in the unit of the metric."""
        number, _, unit = text.partition(" ")
        if metric not in self.book.codes.metrics:
            raise RulebookError(
                f"{at}: metric {metric!r} is not in codes/metrics.yaml; add it with its unit"
            )
        factors = self.book.codes.metrics[metric].factors
        if unit not in factors:
            raise RulebookError(f"{at}: unit {unit!r} is not one of {metric}'s: {sorted(factors)}")
        return Decimal(number) * factors[unit]

    def unit(self, metric: str | None, piece: str) -> str:
        """The unit a demand is printed in: that of its metric with a blank, else the piece."""
        return piece if metric is None else f" {self.book.codes.metrics[metric].unit}".rstrip()

    def line(
        self,
        rules: RuleSet,
        line: WorksLine,
        purpose: str,
        class_n: int,
        option_n: int,
        demand_n: int,
    ) -> None:
        """A line on works, by every name of the kind."""
        names = self.book.codes.works_below.get(line.works)
        if names is None:
            raise RulebookError(
                f"{rules.at}: works {line.works!r} are not in codes/works.yaml; add a line"
            )
        wider = self.book.codes.works_above[line.works]
        self.atoms(rules, line.where, purpose, class_n, option_n, demand_n, names, wider)

    def atoms(
        self,
        rules: RuleSet,
        where: str,
        purpose: str,
        class_n: int,
        option_n: int,
        demand_n: int,
        names: tuple[str, ...],
        wider: tuple[str, ...],
    ) -> None:
        """A line with its names and the wider ones, and its condition in normal form."""
        self._lines += 1
        self.rows["lines"].append((rules.digest, purpose, class_n, option_n, demand_n, self._lines))
        self.rows["line_names"].extend((self._lines, name) for name in names)
        perhaps = (UNLISTED_KIND, *wider)
        self.rows["line_wider_names"].extend((self._lines, name) for name in perhaps)
        for conjunction, atoms in enumerate(self._condition(where, rules.at)):
            for number, atom in enumerate(_one_label_each(atoms)):
                self.rows["atoms"].append(
                    (
                        self._lines,
                        conjunction,
                        number,
                        atom.metric,
                        atom.low,
                        atom.high,
                        atom.is_low_open,
                        atom.is_high_open,
                        list(atom.labels),
                        atom.is_negated,
                        atom.must_include,
                    )
                )

    def _condition(self, where: str, at: str) -> Alternatives:
        """The normal form, parsed once: most lines stand unchanged through the amendments."""
        if where not in self._conditions:
            self._conditions[where] = parse(where, self.book.codes.metrics, at)
        return self._conditions[where]


_BEARINGS = {
    "": "part",
    "majors_detail": "majors",
    "all_majors_present": "complete",
    "roles": "roles",
    "工程规模": "sizes",
}


def bearing(part: str, detail: str) -> str:
    """What a missing text leaves open; see `SCHEMAS`."""
    if part == "scope_limits":
        return "scope"
    return "classes" if detail.startswith("classes.") else _BEARINGS[detail]


def _one_label_each(atoms: tuple[Atom, ...]) -> Iterator[Atom]:
    """The atoms; one that wants a list of labels (`includes`) as one atom for each of them."""
    for atom in atoms:
        if atom.must_include:
            yield from (replace(atom, labels=(label,)) for label in atom.labels)
        else:
            yield atom
