"""What a switch is, and what all of them look at.

Belongs here: the form of a switch and the shared reading of registration and holdings. Does
not: any question of the law (each has its module beside this one).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Literal

import polars as pl

from assets.lake.declaration import Table
from assets.tables import enterprise
from decisions.facts.coverage import with_closed
from decisions.facts.credit import records_of, with_all_on_record
from decisions.facts.model import Facts
from decisions.holdings.held import concerning, held_now
from decisions.plans import as_written
from decisions.rulebook.book import Rulebook
from decisions.rulebook.model import Basis
from decisions.rulebook.rule_set import LEVEL_RANK


@dataclass(frozen=True)
class Desk:
    """Cases on the desk, and what is read once for all switches.

    Attributes:
        cases: `application_id`, `usc_code`, `kind`, `procedure`, `is_lower` (whether a
            re-verification is for a lower level, null where that is not known), `category_code`,
            `subcategory`, `level`, `filed_at`, `filed_on`, `decided_at`, `decided_on`, `rank`,
            `is_lowest`, `is_direct`, `levels` (how many the category has), `held_rank` (of
            the holding the case is about; null if it is about none), `authority` (who decides it).
        bodies: theirs, from `decisions.facts.bodies.bodies_of`.
        facts: the release.
        book: the rulebook.
        as_authority: whose office this is; None = for each case the one that decides it.
        recalled_may_grant: see `decisions.engine.decide`.
    """

    cases: pl.DataFrame
    bodies: pl.DataFrame
    facts: Facts
    book: Rulebook
    as_authority: str | None
    recalled_may_grant: bool

    @cached_property
    def registry(self) -> pl.DataFrame:
        """The business registration of every applicant, one row each."""
        return (
            self.facts.table(enterprise.REGISTRY)
            .join(self.cases.lazy().select("usc_code").unique(), on="usc_code", how="semi")
            .pipe(self.facts.read)
            .sort("is_trusted", "received_at", descending=True)
            .unique("usc_code", keep="first", maintain_order=True)
            .pipe(as_written)
        )

    @cached_property
    def held(self) -> pl.DataFrame:
        """What every applicant holds on the day of filing (`decisions.holdings.held.HELD`)."""
        asked = self.cases.select("application_id", "usc_code", "filed_on", "decided_on")
        return held_now(asked, self.facts, self.book.extensions)

    @cached_property
    def concerned(self) -> pl.DataFrame:
        """The holding each case is about: its row of `held`, the valid one first."""
        return as_written(concerning(self.held, self.cases))

    def complete(
        self,
        rows: pl.LazyFrame,
        *tables: Table,
        day: Literal["filed_on", "decided_on"] = "filed_on",
        name: str = "is_closed",
    ) -> pl.LazyFrame:
        """Rows of cases with whether the sources are complete for each (`name`)."""
        return with_closed(rows, self.facts, *tables, day=day, name=name)

    def records(self, cases: pl.DataFrame, table: Table) -> pl.LazyFrame:
        """Cases by what is on record against them (`decisions.facts.credit.records_of`)."""
        return records_of(cases, self.bodies, self.facts, table)

    def with_all_on_record(self, cases: pl.DataFrame, table: Table) -> pl.LazyFrame:
        """Cases with whether all that is on record against them is known on the day of decision."""
        return with_all_on_record(cases, self.bodies, self.facts, table, day="decided_on")

    @property
    def level_names(self) -> pl.LazyFrame:
        """`category_code`, `subcategory`, `rank`, `level_name` of the standard."""
        return _level_names(self.book).lazy()

    @property
    def lowest_levels(self) -> pl.LazyFrame:
        """`category_code`, `subcategory`, `lowest_name` of the standard."""
        return _lowest_levels(self.book).lazy()


@lru_cache(maxsize=4)
def _level_names(book: Rulebook) -> pl.DataFrame:
    rows = [
        (category.code, one.subcategory, LEVEL_RANK[one.level], one.level)
        for category in book.categories.values()
        for one in category.levels
    ]
    return pl.DataFrame(
        rows, schema=["category_code", "subcategory", "rank", "level_name"], orient="row"
    )


@lru_cache(maxsize=4)
def _lowest_levels(book: Rulebook) -> pl.DataFrame:
    lowest = pl.col("level_name").sort_by("rank").first()
    item = ["category_code", "subcategory"]
    return _level_names(book).group_by(item, maintain_order=True).agg(lowest_name=lowest)


Judge = Callable[[Desk, pl.DataFrame], pl.LazyFrame]
"""From the desk and the cases asked about: `application_id`, `truth`, `actual`, `note`."""


@dataclass(frozen=True, slots=True)
class Later:
    """What a switch rests on for filings from a day on, until the next such day."""

    filed_from: date
    clause: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Switch:
    """A question that must be answered yes before a case is assessed.

    Attributes:
        name: the criterion it is reported as.
        zh, en: what is asked.
        required: the answer that lets the case pass.
        clause: where the law says so.
        basis: whether that text was seen or is recalled.
        judge: answers it.
        later: clause and basis that took their place, by day: nobody is judged by a text that
            was not there.
    """

    name: str
    zh: str
    en: str
    required: str
    clause: str
    basis: Basis
    judge: Judge
    later: tuple[Later, ...] = ()

    def rests_on(self) -> Iterator[tuple[date, date, str, str]]:
        """First and last day of filing, clause and basis, one after the other."""
        first = Later(date.min, self.clause, self.basis)
        for one, next_ in pairwise((first, *self.later, None)):
            assert one is not None
            last = date.max if next_ is None else next_.filed_from - timedelta(days=1)
            yield one.filed_from, last, one.clause, one.basis
