"""Findings carried over from the last release, but for those that a night has changed.

Belongs here: what becomes of a check's findings when only some rows have changed. Does not:
which rows that concerns (`checks.nights.neighbourhood`), or any check.

The law is that nobody can tell: what is carried over is what the check would find. A check is
run on the same neighbourhood as it was and as it is, and only the difference counts. Where that
is not sure to be right, because what it takes away was never found, everything is checked.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from assets.lake.changes import EarlierUnreadable
from assets.persons import ONE_EACH, Numbers
from assets.tables import BY_NAME, check, intake, personnel, project
from checks.across.common import CLAIMS, FINDING_COLUMNS, SEVERITIES, CrossCheck, Shared, Tables
from checks.nights.around import Neighbourhood
from checks.nights.neighbourhood import SCOPES
from checks.since import Since

_KEY = list(check.FINDING.key)
_BY_NAME = {**BY_NAME, CLAIMS.name: CLAIMS}


def strongest(one: CrossCheck, rows: pl.DataFrame) -> pl.DataFrame:
    """What a check found as rows of `check__finding`, one per key.

    What is certain outranks what is doubtful, and stands first.
    """
    if rows.is_empty():
        return check.FINDING.empty()
    return _in_order(
        check.FINDING.conform(rows.select(FINDING_COLUMNS).with_columns(check_id=pl.lit(one.id)))
    ).unique(_KEY, keep="first", maintain_order=True)


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    rank = pl.col("severity").cast(pl.Enum(SEVERITIES)).to_physical()
    return rows.sort(rank, "detail", *_KEY)


class Carrying:
    """The findings of the last release, made those of today check by check.

    Args:
        since: what has changed since.
        tables: the newest of each table that is read.
        as_of: today.
        numbers: who has several identity numbers, the same then and now.
    """

    def __init__(
        self, since: Since, tables: Tables, as_of: date, numbers: Numbers = ONE_EACH
    ) -> None:
        self._numbers = numbers
        self._since = since
        self._tables = tables
        self._as_of = as_of
        self._known = dict(since.findings().partition_by("check_id", as_dict=True))
        self._scopes: dict[str, tuple[Shared, Shared] | None] = {}

    def findings(self, one: CrossCheck) -> pl.DataFrame | None:
        """What a check finds today, in the order of `strongest`.

        Returns:
            None where it must be run on everything.
        """
        held = self._known.get((one.id,), check.FINDING.empty())
        if self._is_untouched(one):
            return _in_order(held)
        if one.by == "table":
            return None
        scope = self._scope(one.by)
        if scope is None:
            return None
        before, after = scope
        was = strongest(one, one.find(before, self._since.as_of).collect())
        is_now = strongest(one, one.find(after, self._as_of).collect())
        gone = was.join(is_now, on=was.columns, how="anti")
        fresh = is_now.join(was, on=was.columns, how="anti")
        kept = held.join(gone, on=held.columns, how="anti")
        is_sure = held.height - kept.height == gone.height
        if not is_sure or fresh.join(kept, on=_KEY, how="semi").height:
            return None
        return _in_order(pl.concat([kept, fresh]))

    def _is_untouched(self, one: CrossCheck) -> bool:
        if one.asks_day and self._since.as_of != self._as_of:
            return False
        return all(self._since.is_same(_BY_NAME[name]) for name in tables_read(one))

    def _scope(self, by: str) -> tuple[Shared, Shared] | None:
        """The neighbourhood then and now, found when a check first asks for it."""
        if by not in self._scopes:
            found: Neighbourhood | None
            try:
                found = None
                if not self._is_doubt_touched():
                    found = SCOPES[by](self._tables, self._since, self._as_of, self._numbers)
            except EarlierUnreadable:
                found = None
            self._scopes[by] = (
                None if found is None else (self._shared(found.before), self._shared(found.after))
            )
        return self._scopes[by]

    def _is_doubt_touched(self) -> bool:
        """Whether a row has changed that is under a number in doubt, and so set apart."""
        if not self._numbers.in_doubt:
            return False
        changed = [self._since.changes(table).both for table in (*personnel.TABLES, project.PARTY)]
        changed.append(self._since.changes(intake.QUARANTINE).fresh)
        return any(self._numbers.concern(rows) for rows in changed if "person_key" in rows.columns)

    def _shared(self, tables: Tables) -> Shared:
        """The tables of a neighbourhood by person, with who is one person."""
        told = {personnel.IDENTITY.name: self._tables[personnel.IDENTITY.name]}
        return Shared({**self._numbers.read_all(tables), **told})


@functools.cache
def tables_read(one: CrossCheck) -> frozenset[str]:
    """Names of the tables that a check asks for."""
    asked = _Asked(_nothing())
    one.find(asked, date(2017, 1, 1))
    return frozenset(asked.names)


@functools.cache
def _nothing() -> Tables:
    """Every table without a row."""
    return {name: table.empty().lazy() for name, table in _BY_NAME.items()}


class _Asked(Mapping[str, pl.LazyFrame]):
    """Tables that keep which of them were asked for."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> pl.LazyFrame:
        self.names.add(name)
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)
