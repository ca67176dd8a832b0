"""What the channels have declared to be complete, read once for all who ask of a release.

Belongs here: the statements of completeness of one release. Does not: how old one may be
(`decisions.facts.coverage`), what follows from absence (the counting modules).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import polars as pl

PROVINCE = "330000"
Limits = tuple[tuple[str, int], ...]
"""Names of tables, with the days after which a statement on them is stale."""


@dataclass(frozen=True)
class Until:
    """The last day on which some tables are still known to be complete, all of them.

    Attributes:
        whole: for the whole province; None: not known to be.
        cities: the cities for which it is another day, by that day.
    """

    whole: date | None
    cities: Mapping[date, list[str]]

    def in_province(self, day: pl.Expr) -> pl.Expr:
        """Whether the tables are complete on a day, all over the province; never null."""
        known = pl.lit(False) if self.whole is None else day <= self.whole
        return known.fill_null(False)

    def in_city(self, day: pl.Expr, city: pl.Expr) -> pl.Expr:
        """Whether they are on a day in a city, by its code; never null."""
        known = self.in_province(day)
        for last, cities in self.cities.items():
            known = pl.when(city.is_in(cities)).then(day <= last).otherwise(known)
        return known.fill_null(False)


@dataclass(frozen=True)
class Declared:
    """The statements of completeness.

    Attributes:
        rows: the table `base_channel__coverage`.
    """

    rows: pl.LazyFrame
    _until: dict[Limits, Until] = field(default_factory=dict, repr=False)
    _months: dict[str, tuple[pl.DataFrame, pl.Series]] = field(default_factory=dict, repr=False)

    @cached_property
    def last(self) -> Mapping[tuple[str, str], date]:
        """The last day on which a table was declared complete, by its name and the region."""
        rows = (
            self.rows.filter("is_complete")
            .group_by("target", "region_code")
            .agg(pl.col("as_of").max())
            .drop_nulls()
            .collect()
        )
        return {(target, region): as_of for target, region, as_of in rows.iter_rows()}

    def until(self, limits: Limits) -> Until:
        """How long the last statements on these tables hold."""
        if limits not in self._until:
            self._until[limits] = _until(limits, self.last)
        return self._until[limits]

    def months(self, target: str) -> tuple[pl.DataFrame, pl.Series]:
        """The months of a table that are declared complete, and for which region.

        Returns `region_code`, `month`, `is_complete` (true), and the months that are for the whole
        province.
        """
        if target not in self._months:
            complete = (
                self.rows.filter((pl.col("target") == target) & pl.col("is_complete"))
                .select("region_code", month="period", is_complete=pl.lit(True))
                .unique()
                .collect()
            )
            whole = complete.filter(pl.col("region_code") == PROVINCE)["month"]
            self._months[target] = complete, whole
        return self._months[target]


def _until(limits: Limits, last: Mapping[tuple[str, str], date]) -> Until:
    def until(place: str) -> date | None:
        days = []
        for name, limit in limits:
            said = [day for at in (PROVINCE, place) if (day := last.get((name, at))) is not None]
            if not said:
                return None
            # Counted back from the day before: of the day itself nothing can have been said yet.
            days.append(max(said) + timedelta(days=limit + 1))
        return min(days)

    names = {name for name, _ in limits}
    whole = until(PROVINCE)
    cities: dict[date, list[str]] = {}
    for city in sorted({place for name, place in last if name in names}):
        day = until(city)
        if day is not None and day != whole:
            cities.setdefault(day, []).append(city)
    return Until(whole, cities)
