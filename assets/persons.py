"""Persons and identity numbers: whose rows are whose, as the statements about it say.

Belongs here: what the statements of `base_personnel__identity` come to, reading rows by person,
setting apart those of which nobody knows whose they are. Does not: who makes a statement
(`assets.identity`, a channel), what follows from a row set apart (`decisions.facts.trust`).

The base keeps every row under the number it was delivered with, so that a statement can be taken
back and each release says what was known then; rows are read as the person's who bears the number.
Nobody is one with somebody else but by a statement: a like name and birthday prove nothing
(GB 11643-1999: numbers are corrected, and before 1999 some were given twice). While more than one
person bears a number, or statements contradict each other, a row under it is somebody's, and nobody
knows whose: it is read as one set apart (readings 61, 65).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple
from weakref import WeakKeyDictionary

import polars as pl

from assets.bases.quarantine import STRANGER, withheld_rows
from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.tables import BY_NAME, intake, personnel, project

KEY = "person_key"
_OF_PEOPLE = frozenset(
    table.name for table in (*personnel.TABLES, project.PARTY) if KEY in table.schema
)
"""Tables whose rows are somebody's."""
NUMBER = "stated_number"
"""In what a row set apart tells, the number it came under and of which nobody knows whose it is."""
_LATEST = "received_at"


class Doubt(NamedTuple):
    """Why nobody knows whose a number is."""

    kind: Literal["shared", "contradicted"]
    """More than one person bears it, or one that is said to be the same person's; or statements say
    of its bearer that he is one person and that he is two."""
    statement_no: str
    """The statement it rests on."""
    bearer: str
    """Stands in its rows for whoever they are of, one for all numbers that may be his."""

    @property
    def reason(self) -> str:
        """The reason for which the rows are set apart."""
        return f"{self.kind}:{self.statement_no}"


@dataclass(frozen=True)
class Numbers:
    """What statements come to.

    Attributes:
        present: the number that a person bears now, for each other number of his.
        in_doubt: numbers of which nobody knows whose they are, or whether one person's.
        different: pairs of numbers that are stated to be two persons'.
    """

    present: Mapping[str, str] = field(default_factory=dict)
    in_doubt: Mapping[str, Doubt] = field(default_factory=dict)
    different: frozenset[tuple[str, str]] = frozenset()

    @property
    def are_each_of_one(self) -> bool:
        """Whether nobody has several numbers: rows are read as they stand."""
        return not self.present

    def concern(self, rows: pl.DataFrame) -> bool:
        """Whether any of the rows is under a number in doubt."""
        return bool(self.in_doubt) and rows[KEY].is_in(list(self.in_doubt)).any()

    def set_apart(self, tables: Mapping[str, pl.LazyFrame]) -> Mapping[str, pl.LazyFrame]:
        """Tables by name, without the rows under numbers in doubt: those are set apart.

        They are rows of `intake__quarantine`, of a bearer whom nobody knows, and so are those that
        were set apart before. Nothing clears them but that the sender corrects the number, or a
        statement settles whose it is.

        Args:
            tables: as they are stored, whole rows, `intake__quarantine` among them.
        """
        if not self.in_doubt:
            return tables
        given = {name: rows for name, rows in tables.items() if name in _OF_PEOPLE}
        is_in_doubt = pl.col(KEY).is_in(list(self.in_doubt))
        kept = {name: rows.filter(~is_in_doubt.fill_null(False)) for name, rows in given.items()}
        found = pl.collect_all([rows.filter(is_in_doubt) for rows in given.values()])
        apart = [
            withheld_rows(
                rows.with_columns(
                    pl.col(KEY).alias(NUMBER),
                    self._bearers(pl.col(KEY)).alias(KEY),
                    reasons=pl.concat_list(pl.col(KEY).replace_strict(self._reasons)),
                ),
                BY_NAME[name],
            )
            for name, rows in zip(given, found, strict=True)
            if rows.height
        ]
        before = tables[intake.QUARANTINE.name]
        names = before.collect_schema().names()
        bearers = {number: one.bearer for number, one in self.in_doubt.items()}
        before = before.with_columns(_rewritten(bearers, names))
        quarantine = pl.concat([before, *(rows.lazy().select(names) for rows in apart)])
        return {**tables, **kept, intake.QUARANTINE.name: quarantine}

    def _bearers(self, keys: pl.Expr) -> pl.Expr:
        return keys.replace({number: one.bearer for number, one in self.in_doubt.items()})

    @cached_property
    def _reasons(self) -> dict[str, str]:
        return {number: one.reason for number, one in self.in_doubt.items()}

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
            return rows.with_columns(_rewritten(self.present, columns))
        if table.name not in _JOINED:
            return rows.with_columns(self.of(pl.col(KEY)))
        is_of_several = pl.col(KEY).is_in(self.of_several.implode()).fill_null(False)
        theirs = rows.filter(is_of_several).with_columns(
            _number=pl.col(KEY),
            _is_former=pl.col(KEY).is_in(list(self.present)),
            **{KEY: self.of(pl.col(KEY))},
        )
        joined = _JOINED[table.name](theirs, columns)
        return pl.concat([rows.filter(~is_of_several), joined.select(columns)])

    def read_all(self, tables: Mapping[str, pl.LazyFrame]) -> Mapping[str, pl.LazyFrame]:
        """Tables by name, each by person."""
        if self.are_each_of_one:
            return tables
        return {
            name: self.read(BY_NAME[name], rows) if name in BY_NAME else self.named(rows)
            for name, rows in tables.items()
        }

    def named(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Rows of which several may be of one person, with the numbers that are borne now."""
        if self.are_each_of_one or KEY not in rows.collect_schema().names():
            return rows
        return rows.with_columns(self.of(pl.col(KEY)))


ONE_EACH = Numbers()
"""Everybody has one number."""


def _rewritten(now: Mapping[str, str], columns: Iterable[str]) -> list[pl.Expr]:
    """The columns of a row set apart that name its person, with other numbers in their place."""
    is_other = pl.col(KEY).is_in(list(now)).fill_null(False)
    told = [
        pl.when(is_other)
        .then(pl.col(name).str.replace_many(list(now), list(now.values())))
        .otherwise(pl.col(name))
        .alias(name)
        for name in ("typed_json", "key_json")
        if name in columns
    ]
    return [*told, pl.col(KEY).replace(dict(now)).alias(KEY)]


def _months(rows: pl.LazyFrame, columns: list[str]) -> pl.LazyFrame:
    """An insurance month that is paid under any number is paid."""
    unpaid = pl.col("is_paid").replace_strict({True: 0, False: 2}, default=1)
    return _first(rows.with_columns(_rank=unpaid), personnel.INSURANCE, columns)


def _duties(rows: pl.LazyFrame, columns: list[str]) -> pl.LazyFrame:
    """A duty told under two numbers is one; of each enterprise that tells it."""
    return _first(rows.with_columns(_rank=pl.lit(0)), project.PARTY, columns)


def _first(rows: pl.LazyFrame, table: Table, columns: list[str]) -> pl.LazyFrame:
    """Of rows of a key the first by rank, then the one received last; of two, by number.

    Not by where they stood in a delivery, which who asks for some columns does not know.
    """
    key = [name for name in dict.fromkeys((*table.key, "usc_code")) if name in columns]
    latest = [_LATEST] if _LATEST in columns else []
    order = ["_rank", *latest, "_is_former", "_number"]
    down = [False, *(True for _ in latest), False, False]
    ordered = rows.sort([*key, *order], descending=[*(False for _ in key), *down])
    return ordered.unique(key, keep="first", maintain_order=True)


def _people(rows: pl.LazyFrame, columns: list[str]) -> pl.LazyFrame:
    """A person is who the present number says; death and retirement are told of any number."""
    latest = [_LATEST] if _LATEST in columns else []
    ordered = rows.sort(
        [KEY, "_is_former", *latest, "_number"],
        descending=[False, False, *(True for _ in latest), False],
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
    told = _Told.of(statements)
    same = told.said("same")
    group = _groups(same)
    doubts = told.doubts(group)
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
        if one not in doubts and number != borne[one]
    }
    in_doubt = {
        number: doubts[one]
        for number, one in ({one: one for one in told.shared} | group).items()
        if one in doubts
    }
    different = frozenset((min(pair), max(pair)) for pair in told.said("different"))
    return Numbers(present, in_doubt, different)


@dataclass(frozen=True, slots=True)
class _Told:
    """The statements that hold, in their order."""

    pairs: Mapping[frozenset[str], tuple[str, str, str, str]]
    """What is said of two numbers, these in order, and by which statement."""
    shared: Mapping[str, str]
    """Numbers that several persons bear, and by which statement."""
    unsettled: Mapping[frozenset[str], str]
    """Of two said to be one while several persons bore one of the numbers: by which statement."""

    @classmethod
    def of(cls, statements: pl.DataFrame) -> _Told:
        pairs: dict[frozenset[str], tuple[str, str, str, str]] = {}
        shared: dict[str, str] = {}
        unsettled: dict[frozenset[str], str] = {}
        columns = ("statement", KEY, "other_key", "statement_no")
        for one in (
            statements.sort(_LATEST, "delivery_id", "row_no", "statement_no")
            .select(columns)
            .iter_rows()
        ):
            what, number, other, statement_no = one
            if other is None:
                shared.pop(number, None)
                if what == "shared":
                    shared[number] = statement_no
                continue
            pair = frozenset((number, other))
            # Anew at the end: what was said last of a person says which number he bears.
            pairs.pop(pair, None)
            unsettled.pop(pair, None)
            pairs[pair] = one
            if what == "same" and not pair.isdisjoint(shared):
                unsettled[pair] = statement_no
        return cls(pairs, shared, unsettled)

    def said(self, what: str) -> list[tuple[str, str]]:
        """The pairs of which it is said."""
        return [(number, other) for said, number, other, _ in self.pairs.values() if said == what]

    def doubts(self, group: Mapping[str, str]) -> dict[str, Doubt]:
        """The groups of numbers of which nobody knows whose they are, by what stands for each.

        Who is said to be one with a number that several persons bear is one of these; the rows
        under it may be another's. When it is one person's again, only what is said of the two from
        then on tells whether it is his.
        """
        found: dict[str, Doubt] = {}
        for pair, statement_no in self.unsettled.items():
            _doubt(found, group[min(pair)], "contradicted", statement_no)
        for what, number, other, statement_no in self.pairs.values():
            one = group.get(number, number)
            if what == "different" and one == group.get(other, other):
                _doubt(found, one, "contradicted", statement_no)
        for number, statement_no in self.shared.items():
            _doubt(found, group.get(number, number), "shared", statement_no)
        return found


def _doubt(
    found: dict[str, Doubt], one: str, kind: Literal["shared", "contradicted"], statement_no: str
) -> None:
    found[one] = Doubt(kind, statement_no, f"{STRANGER}{one}")


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
