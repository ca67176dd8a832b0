"""The plain conditions as numpy masks over whole columns, in the style of OpenFisca.

Belongs here: settled facts as arrays, and conditions as masks and counts over all of them; what
several conditions share (whom a count may count, what a line of works asks) is found once. Does
not: which conditions (`benchmarks.plain_rules`), which facts (`benchmarks.prepared`), comparing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

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

Sheets = Mapping[int, Mapping[str, Condition]]
"""What is asked, by the sheet that cases asked the same share (`decisions.asked`)."""

Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]


def _at_least(amounts: Whole, asked: int) -> Flags:
    enough: Flags = amounts >= asked
    return enough


def asked_by(condition: Condition) -> int:
    """How much a condition asks; of a leader that he is qualified at all."""
    return 1 if isinstance(condition, Leader) else condition.asked


@dataclass
class _Held:
    """Certificates as arrays, texts as numbers, and whom each is of."""

    use: Whole
    value: Whole
    rank: Whole
    codes: dict[str, int]

    @classmethod
    def of(cls, rows: pl.DataFrame) -> _Held:
        texts = pl.concat([rows["use"], rows["value"].drop_nulls()]).unique(maintain_order=True)
        codes = {text: n for n, text in enumerate(texts)}
        coded = rows.with_columns(
            pl.col("use", "value").replace_strict(codes, default=-1, return_dtype=pl.Int64),
            pl.col("rank").fill_null(-1),
        )
        use, value, rank = (coded[name].to_numpy() for name in ("use", "value", "rank"))
        return cls(use, value, rank, codes)

    def fit(self, kinds: Iterable[Kind]) -> Flags:
        """Which are of one of the kinds."""
        fits = np.zeros(self.use.size, np.bool_)
        for kind in kinds:
            one = (self.use == self.codes.get(kind.use, -2)) & (self.rank >= kind.rank)
            if kind.value != "*":
                one &= self.value == self.codes.get(kind.value, -2)
            fits |= one
        return fits


@dataclass
class _Columns:
    """Works or machines as arrays; `name_of` and `measure_of` tell of which thing a row is."""

    owner: Whole
    form: Whole
    is_consortium: Flags
    name_of: Whole
    name: Whole
    measure_of: Whole
    measure_name: Whole
    metric: Whole
    value: Whole
    is_valued: Flags
    label: Whole
    codes: dict[str, int]
    counts: dict[int, Flags]
    """By sheet, which things count."""
    fitting: dict[Line, Flags] = field(default_factory=dict)

    def codes_of(self, texts: Iterable[str]) -> list[int]:
        """Their numbers; nothing has one that is not known."""
        return [self.codes.get(text, -2) for text in texts]

    def fit(self, line: Line) -> Flags:
        """Which things fit a line, found once."""
        if line not in self.fitting:
            fits = np.zeros(self.owner.size, np.bool_)
            fits[self.name_of[np.isin(self.name, self.codes_of(line.names))]] = True
            if line.conjunctions:
                bears = np.isin(self.measure_name, self.codes_of([*line.names, CONTRACT]))
                ways = np.zeros(self.owner.size, np.bool_)
                for atoms in line.conjunctions:
                    way = np.ones(self.owner.size, np.bool_)
                    for atom in atoms:
                        holds = np.zeros(self.owner.size, np.bool_)
                        holds[self.measure_of[bears & self._says(atom)]] = True
                        way &= holds
                    ways |= way
                fits &= ways
            self.fitting[line] = fits
        return self.fitting[line]

    def _says(self, atom: Atom) -> Flags:
        says: Flags = self.metric == self.codes.get(atom.metric, -2)
        if atom.labels:
            listing = [
                code
                for text, code in self.codes.items()
                if (atom.labels[0] in text.split(LISTED)
                    if atom.must_include else text in atom.labels)
            ]  # fmt: skip
            named = np.isin(self.label, listing)
            says &= (self.label >= 0) & (named != atom.is_negated)
            return says
        says &= self.is_valued
        if atom.low is not None:
            says &= self.value > atom.low if atom.is_low_open else self.value >= atom.low
        if atom.high is not None:
            says &= self.value < atom.high if atom.is_high_open else self.value <= atom.high
        return says


@dataclass
class Arrays:
    """All that the masks need, in memory as they want it; what conditions share is found once.

    Attributes:
        cases: by sheet, its cases in order: `application_id`, and positions of their `staff` and
            `owner` (enterprise).
    """

    cases: dict[int, pl.DataFrame]
    held: _Held
    person: Whole
    staff_of: Whole
    staffs: int
    owners: int
    led: _Held
    led_case: Whole
    figures: dict[str, Whole]
    things: dict[str, _Columns]
    heads: dict[tuple[Kind, ...], Whole] = field(default_factory=dict)

    def forget(self) -> None:
        """As if nothing had been asked yet."""
        self.heads.clear()
        for one in self.things.values():
            one.fitting.clear()

    # -- conditions ------------------------------------------------------------------

    def holds(self, condition: Condition, sheet: int, known: dict[Condition, Flags]) -> Flags:
        """Whether a condition holds for each case of a sheet."""
        if condition not in known:
            known[condition] = self._judged(condition, sheet, known)
        return known[condition]

    def _judged(self, condition: Condition, sheet: int, known: dict[Condition, Flags]) -> Flags:
        return self.enough(condition, self.amount(condition, sheet, known), sheet)

    def amount(self, condition: Condition, sheet: int, known: dict[Condition, Flags]) -> Whole:
        """How many parts hold, how many people or things there are, or how much of a figure."""
        cases = self.cases[sheet]
        number = cases["application_id"].to_numpy()
        found: Whole
        if isinstance(condition, AtLeast):
            found = np.zeros(cases.height, np.int64)
            for part in condition.parts:
                found += self.holds(part, sheet, known)
        elif isinstance(condition, Heads):
            found = self._count(condition.kinds)[cases["staff"].to_numpy()]
        elif isinstance(condition, Leader):
            leads = np.zeros(self.figures["net_assets"].size, np.int64)
            leads[self.led_case[self.led.fit(condition.kinds)]] = 1
            found = leads[number]
        elif isinstance(condition, Figure):
            found = self.figures[condition.name][number]
        else:
            found = self._amount(condition, sheet)[cases["owner"].to_numpy()]
        return found

    def enough(self, condition: Condition, amounts: Whole, sheet: int) -> Flags:
        """Whether the amounts of the cases of a sheet reach what the condition asks."""
        enough = _at_least(amounts, asked_by(condition))
        if isinstance(condition, Figure) and condition.other is not None:
            number = self.cases[sheet]["application_id"].to_numpy()
            enough &= amounts >= self.figures[condition.other][number]
        return enough

    def _count(self, kinds: tuple[Kind, ...]) -> Whole:
        """People with a certificate of one of the kinds, by staff."""
        if kinds not in self.heads:
            serves = np.zeros(self.staff_of.size, np.bool_)
            serves[self.person[self.held.fit(kinds)]] = True
            self.heads[kinds] = np.bincount(self.staff_of[serves], minlength=self.staffs)
        return self.heads[kinds]

    def _amount(self, condition: Things, sheet: int) -> Whole:
        """Things that fit, or what they have of a metric, by owner."""
        things = self.things[condition.of]
        fits = things.counts[sheet].copy()
        if condition.lines:
            lines = np.zeros(fits.size, np.bool_)
            for line in condition.lines:
                lines |= things.fit(line)
            fits &= lines
        if condition.forms is not None:
            fits &= np.isin(things.form, things.codes_of(condition.forms))
        if condition.is_alone:
            fits &= ~things.is_consortium
        if condition.summed is None:
            return np.bincount(things.owner[fits], minlength=self.owners)
        bears = (things.metric == things.codes.get(condition.summed, -2)) & things.is_valued
        if condition.lines:
            names = [name for line in condition.lines for name in line.names]
            bears &= np.isin(things.measure_name, things.codes_of([*names, CONTRACT]))
        bears &= fits[things.measure_of]
        total = np.zeros(self.owners, np.int64)
        np.add.at(total, things.owner[things.measure_of[bears]], things.value[bears])
        return total


def arrays(prepared: Prepared, cases: pl.DataFrame) -> Arrays:
    """The facts as arrays.

    Args:
        prepared: the facts.
        cases: `application_id` (0, 1, 2 ...), `sheet`, `staff`, `usc_code`.
    """
    owners = cases["usc_code"].unique().sort()
    placed = cases.with_columns(
        owner=pl.col("usc_code").replace_strict(
            owners, pl.Series(range(owners.len())), return_dtype=pl.Int64
        ),
        staff=pl.col("staff").cast(pl.Int64),
    )
    rows = prepared.certificates.with_columns(
        pl.struct("staff", "person").rank("dense").cast(pl.Int64).alias("n") - 1
    )
    figures = prepared.figures.sort("application_id")
    return Arrays(
        cases={
            int(str(n)): one for (n,), one in placed.partition_by("sheet", as_dict=True).items()
        },
        held=_Held.of(rows),
        person=rows["n"].to_numpy(),
        staff_of=rows.unique("n").sort("n")["staff"].cast(pl.Int64).to_numpy(),
        staffs=int(prepared.people.of["staff"].n_unique()),
        owners=owners.len(),
        led=_Held.of(prepared.leader_certificates),
        led_case=prepared.leader_certificates["application_id"].cast(pl.Int64).to_numpy(),
        figures={name: figures[name].to_numpy() for name in figures.columns[1:]},
        things={
            "works": _columns(prepared.works, placed),
            "machines": _columns(prepared.machines, placed),
        },
    )


def _columns(things: Counted, cases: pl.DataFrame) -> _Columns:
    texts = pl.concat(
        [
            things.units["contract_type"],
            things.names["name"],
            things.measures["name"],
            things.measures["metric"],
            things.measures["label"],
        ]
    )
    codes = {text: n for n, text in enumerate(texts.drop_nulls().unique(maintain_order=True))}

    def coded(column: pl.Series) -> Whole:
        found: Whole = column.replace_strict(codes, default=-1, return_dtype=pl.Int64).to_numpy()
        return found

    units = things.units.sort("thing")
    owners = cases.select("usc_code", "owner").unique("usc_code")
    owner = units.join(owners, on="usc_code", how="left", maintain_order="left")["owner"]
    counts = things.counts.join(cases.select("application_id", "sheet"), on="application_id")
    by_sheet = {sheet: np.zeros(units.height, np.bool_) for sheet in cases["sheet"].unique()}
    for (sheet,), rows in counts.partition_by("sheet", as_dict=True).items():
        by_sheet[sheet][rows["thing"].to_numpy()] = True
    measures = things.measures
    return _Columns(
        owner=owner.fill_null(0).to_numpy(),
        form=coded(units["contract_type"]),
        is_consortium=units["is_consortium"].fill_null(True).to_numpy(),
        name_of=things.names["thing"].cast(pl.Int64).to_numpy(),
        name=coded(things.names["name"]),
        measure_of=measures["thing"].cast(pl.Int64).to_numpy(),
        measure_name=coded(measures["name"]),
        metric=coded(measures["metric"]),
        value=measures["value"].fill_null(0).to_numpy(),
        is_valued=measures["value"].is_not_null().to_numpy(),
        label=coded(measures["label"]),
        codes=codes,
        counts=by_sheet,
    )


def by_masks(asked: Sheets, given: Arrays) -> dict[tuple[int, str], Flags]:
    """Whether each criterion of each sheet holds, for its cases in order."""
    given.forget()
    met: dict[tuple[int, str], Flags] = {}
    for sheet in given.cases:
        known: dict[Condition, Flags] = {}
        for criterion, condition in asked[sheet].items():
            met[sheet, criterion] = given.holds(condition, sheet, known)
    return met
