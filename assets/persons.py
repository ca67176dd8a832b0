"""Persons with several identity numbers: whose rows are whose, as the statements about it say.

Belongs here: what the statements of `base_personnel__identity` come to, and reading rows by
person. Does not: who makes a statement (`assets.identity`, a channel).

The base keeps every row under the number it was delivered with, so that a statement can be taken
back and each release says what was known then; rows are read as the person's who bears the number.
Nobody is one with somebody else but by a statement: a like name and birthday prove nothing
(GB 11643-1999: numbers are corrected, and before 1999 some were given twice).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from weakref import WeakKeyDictionary

import polars as pl

from assets.declaration import Table
from assets.store import Store
from assets.tables import BY_NAME, intake, personnel, project

KEY = "person_key"
_LATEST = ("received_at", "delivery_id", "row_no")


@dataclass(frozen=True)
class Numbers:
    """What statements come to.

    Attributes:
        present: the number that a person bears now, for each other number of his.
        doubtful: numbers of which statements say both: that they are one person's and two's.
    """

    present: Mapping[str, str] = field(default_factory=dict)
    doubtful: frozenset[str] = frozenset()

    @property
    def are_each_of_one(self) -> bool:
        """Whether nobody has several numbers: rows are read as they stand."""
        return not self.present

    @cached_property
    def of_several(self) -> pl.Series:
        """Every number of the persons who have several."""
        return pl.Series(sorted({*self.present, *self.present.values()}), dtype=pl.String())

    @cached_property
    def _pairs(self) -> pl.DataFrame:
        """`number`, `present` for every number of the persons who have several."""
        borne = {one: one for one in self.present.values()} | dict(self.present)
        schema = {"number": pl.String(), "present": pl.String()}
        return pl.DataFrame(sorted(borne.items()), schema=schema, orient="row")

    def of(self, keys: pl.Expr) -> pl.Expr:
        """The numbers of a column as those that their persons bear now."""
        return keys if self.are_each_of_one else keys.replace(dict(self.present))

    def all_of(self, keys: pl.Series) -> pl.Series:
        """The numbers, and all others of the same persons."""
        if self.are_each_of_one:
            return keys
        asked = self._pairs.filter(
            pl.col("number").is_in(keys.implode()) | pl.col("present").is_in(keys.implode())
        )
        theirs = self._pairs.join(asked.select("present"), on="present", how="semi")["number"]
        return pl.concat([keys, theirs.alias(keys.name)])

    def read(self, table: Table, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Rows of a table, all or some of its columns, by person.

        What two numbers of one person tell of the same thing is one row: an insurance month is
        paid if it is paid under any of them, dead is who is dead under any, and born is a person
        as the number says that he bears now.
        """
        if self.are_each_of_one or table is personnel.IDENTITY:
            return rows
        columns = rows.collect_schema().names()
        if KEY not in columns:
            return rows
        if table is intake.QUARANTINE:
            return rows.with_columns(self._rewritten(columns))
        if table.name not in _JOINED:
            return rows.with_columns(self.of(pl.col(KEY)))
        is_of_several = pl.col(KEY).is_in(self.of_several.implode()).fill_null(False)
        theirs = rows.filter(is_of_several).with_columns(
            _is_former=pl.col(KEY).is_in(list(self.present)), **{KEY: self.of(pl.col(KEY))}
        )
        joined = _JOINED[table.name](theirs, columns)
        return pl.concat([rows.filter(~is_of_several), joined.select(columns)])

    def read_all(self, tables: Mapping[str, pl.LazyFrame]) -> dict[str, pl.LazyFrame]:
        """Tables by name, each by person."""
        if self.are_each_of_one:
            return dict(tables)
        return {
            name: self.read(BY_NAME[name], rows) if name in BY_NAME else self.named(rows)
            for name, rows in tables.items()
        }

    def named(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Rows of which several may be of one person, with the numbers that are borne now."""
        if self.are_each_of_one or KEY not in rows.collect_schema().names():
            return rows
        return rows.with_columns(self.of(pl.col(KEY)))

    def _rewritten(self, columns: Iterable[str]) -> list[pl.Expr]:
        """The columns of a row set apart that name its person."""
        is_former = pl.col(KEY).is_in(list(self.present)).fill_null(False)
        numbers = list(self.present)
        told = [
            pl.when(is_former)
            .then(pl.col(name).str.replace_many(numbers, [self.present[n] for n in numbers]))
            .otherwise(pl.col(name))
            .alias(name)
            for name in ("typed_json", "key_json")
            if name in columns
        ]
        return [*told, self.of(pl.col(KEY)).alias(KEY)]


ONE_EACH = Numbers()
"""Everybody has one number."""


def _months(rows: pl.LazyFrame, columns: list[str]) -> pl.LazyFrame:
    """An insurance month that is paid under any number is paid."""
    unpaid = pl.col("is_paid").replace_strict({True: 0, False: 2}, default=1)
    return _first(rows.with_columns(_rank=unpaid), personnel.INSURANCE, columns)


def _duties(rows: pl.LazyFrame, columns: list[str]) -> pl.LazyFrame:
    """A duty told under two numbers is one; of each enterprise that tells it."""
    return _first(rows.with_columns(_rank=pl.lit(0)), project.PARTY, columns)


def _first(rows: pl.LazyFrame, table: Table, columns: list[str]) -> pl.LazyFrame:
    """Of rows of a key the first by rank, then the one received last."""
    key = [name for name in dict.fromkeys((*table.key, "usc_code")) if name in columns]
    latest = [name for name in _LATEST if name in columns]
    order = ["_rank", *latest, "_is_former"]
    down = [False, *(True for _ in latest), False]
    ordered = rows.sort([*key, *order], descending=[*(False for _ in key), *down])
    return ordered.unique(key, keep="first", maintain_order=True)


def _people(rows: pl.LazyFrame, columns: list[str]) -> pl.LazyFrame:
    """A person is who the present number says; death and retirement are told of any number."""
    latest = [name for name in _LATEST if name in columns]
    ordered = rows.sort(
        [KEY, "_is_former", *latest], descending=[False, False, *(True for _ in latest)]
    )
    first = {name: pl.col(name).first() for name in columns if name != KEY}
    for name in ("deceased_on", "retired_on"):
        if name in first:
            first[name] = pl.col(name).drop_nulls().min()
    if "name" in first:
        first["name"] = pl.col("name").drop_nulls().first()
    if "born_on" in first:  # in a former number the birthday may be what was wrong
        first["born_on"] = pl.when(~pl.col("_is_former").first()).then(pl.col("born_on").first())
    return ordered.group_by(KEY, maintain_order=True).agg(**first)


_JOINED = {
    personnel.PERSON.name: _people,
    personnel.INSURANCE.name: _months,
    project.PARTY.name: _duties,
}
"""Tables whose keys name the person."""


# -- what statements come to ---------------------------------------------------------------


def numbers_of(statements: pl.DataFrame) -> Numbers:
    """What statements come to; of the same numbers the later holds.

    Who is one with whom is one with all whom that one is one with. Where a statement says that two
    of them are two persons, nobody knows which statement is wrong: they are not read as one.

    Args:
        statements: rows of `base_personnel__identity`.
    """
    pairs: dict[frozenset[str], tuple[str, str, str]] = {}
    told = statements.sort(*_LATEST, "statement_no")
    for what, number, other in told.select("statement", KEY, "other_key").iter_rows():
        # Anew at the end: what was said last of a person says which number he bears.
        pairs.pop(frozenset((number, other)), None)
        pairs[frozenset((number, other))] = (what, number, other)
    same = [(number, other) for what, number, other in pairs.values() if what == "same"]
    group = _groups(same)
    torn = {
        group[number]
        for what, number, other in pairs.values()
        if what == "different" and group.get(number, number) == group.get(other, other)
    }
    doubtful = {number for number, one in group.items() if one in torn}
    borne: dict[str, str] = {}
    former = {other for _, other in same}
    for number, _ in same:
        # The number nobody says was given up; where there is none or several, the one said last.
        held = borne.get(group[number])
        if held is None or number not in former or held in former:
            borne[group[number]] = number
    present = {
        number: borne[one]
        for number, one in group.items()
        if one not in torn and number != borne[one]
    }
    return Numbers(present, frozenset(doubtful))


def _groups(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each number with one that stands for all that are one with it."""
    head: dict[str, str] = {}

    def top(number: str) -> str:
        head.setdefault(number, number)
        while head[number] != number:
            head[number] = head[head[number]]
            number = head[number]
        return number

    for one, other in pairs:
        head[top(one)] = top(other)
    return {number: top(number) for number in head}


def numbers_at(store: Store, version: int | None = None) -> Numbers:
    """What the statements come to that a lake holds at a version of their log.

    Args:
        store: the lakehouse.
        version: of the log; None: the newest.
    """
    at = store.version(personnel.IDENTITY) if version is None else version
    if at is None:
        return ONE_EACH
    known = _KNOWN.setdefault(store, {})
    if at not in known:  # a version says the same for ever
        known[at] = numbers_of(store.scan(personnel.IDENTITY, at).collect())
    return known[at]


_KNOWN: WeakKeyDictionary[Store, dict[int, Numbers]] = WeakKeyDictionary()
