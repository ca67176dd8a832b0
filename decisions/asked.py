"""What each case is asked: the criteria of the parts that its kind assesses, in their order.

Belongs here: sheets, and the place of each criterion on one. Does not: the answers
(`decisions.criteria`), what a kind assesses (`standards/kinds.yaml`).

Cases that are asked the same share a `sheet`: its criteria are laid out once, and an answer goes
to its place on the sheet of its case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl

from decisions.plans import among, as_written
from decisions.rulebook.frames import IS_IN_FORCE, RuleTables

ALL_OF = (
    "constructors",
    "technical_lead",
    "titled_staff",
    "site_managers",
    "skilled_workers",
    "other_staff",
)
"""Parts about people: every criterion of theirs must hold."""
_ALIKE = ["digest", "assessment", "is_lowest", "filed_on"]
"""What decides what a case is asked."""


@dataclass(frozen=True)
class Asked:
    """What each case is assessed on.

    Attributes:
        of: `application_id` (0, 1, 2 ...), `sheet`; only cases that are assessed on anything.
        parts: `application_id`, `digest`, `part`.
        places: the criteria of every sheet, in order: `sheet`, `place` (0, 1, 2 ...), `row` (in
            `rules.criteria`), `criterion`, `open_part` (place of the part that one without
            answer leaves open), and what is known of its text: `is_missing`, `is_recalled`,
            `is_lost` (some of it was not found), `is_additive` (what was not found cannot undo
            what is met).
    """

    of: pl.DataFrame
    parts: pl.DataFrame
    places: pl.DataFrame


def asked_of(cases: pl.DataFrame, rules: RuleTables) -> Asked:
    """What the cases are assessed on; `application_id` is the number of the row."""
    sheets = as_written(
        cases.lazy()
        .select(_ALIKE)
        .drop_nulls("digest")
        .unique(maintain_order=True)
        .with_row_index("sheet")
    )
    parts, places = _kept(rules)(sheets.row(0)) if sheets.height == 1 else _laid_out(sheets, rules)
    of = as_written(
        cases.lazy()
        .select("application_id", *_ALIKE)
        .join(sheets.lazy(), on=_ALIKE, maintain_order="left")
        .select("application_id", "sheet")
        .filter(among("sheet", parts["sheet"]))
    )
    of_cases = of.lazy().join(parts.lazy(), on="sheet")
    return Asked(
        of=of,
        parts=as_written(of_cases.select("application_id", "digest", "part")),
        places=places,
    )


Sheet = tuple[int, str, str, bool, date]
"""The columns of `_SHEET`."""
LaidOut = tuple[pl.DataFrame, pl.DataFrame]
_SHEET = {
    "sheet": pl.UInt32(),
    "digest": pl.String(),
    "assessment": pl.String(),
    "is_lowest": pl.Boolean(),
    "filed_on": pl.Date(),
}


@lru_cache(maxsize=4)
def _kept(rules: RuleTables) -> Callable[[Sheet], LaidOut]:
    """Lays out a single sheet, once: case by case, many of a day are asked the same."""

    @lru_cache(maxsize=256)
    def laid_out(sheet: Sheet) -> LaidOut:
        return _laid_out(pl.DataFrame([sheet], schema=_SHEET, orient="row"), rules)

    return laid_out


def _laid_out(sheets: pl.DataFrame, rules: RuleTables) -> LaidOut:
    """The parts of the sheets (`sheet`, `digest`, `part`), and their `Asked.places`."""
    parts = as_written(
        sheets.lazy()
        .join(rules.kind_parts.lazy(), on=["assessment", "is_lowest"])
        .filter(IS_IN_FORCE)
        .join(_stated(rules).lazy(), on=["digest", "part"])
        .select("sheet", "digest", "part")
    )
    return parts, as_written(_places(parts, rules))


@lru_cache(maxsize=4)
def _stated(rules: RuleTables) -> pl.DataFrame:
    """The parts that each rule set states: `digest`, `part`."""
    whole = rules.criteria.lazy().filter(pl.col("parent").is_null())
    return as_written(whole.select("digest", "part").unique(maintain_order=True))


@lru_cache(maxsize=4)
def _texts(rules: RuleTables) -> pl.DataFrame:
    """Every criterion of the rulebook: `digest`, `part`, `parent`, and columns of `Asked.places`.

    These are `row`, `criterion`, `is_whole` and what is known of its text.
    """
    # A class or an alternative nobody found cannot undo what the known ones meet; any other can.
    is_additive = (pl.col("bearing") == "classes") | (
        (pl.col("bearing") == "majors") & (pl.col("part") == "technical_lead")
    )
    lost = (
        rules.unknown.lazy()
        .group_by("digest", "part")
        .agg(is_lost=pl.lit(True).first(), is_additive=is_additive.all())
    )
    return as_written(
        rules.criteria.lazy()
        .with_row_index("row")
        .join(lost, on=["digest", "part"], how="left", maintain_order="left")
        .select(
            "digest",
            "part",
            "parent",
            "row",
            "criterion",
            is_whole=pl.col("parent").is_null(),
            is_missing=pl.col("basis") == "unknown",
            is_recalled=pl.col("basis") == "recalled",
            is_lost=pl.col("is_lost").fill_null(False),
            is_additive=pl.col("is_additive").fill_null(False),
        )
    )


def _places(parts: pl.DataFrame, rules: RuleTables) -> pl.LazyFrame:
    is_asked = among("digest", parts["digest"])
    places = (
        parts.lazy()
        .join(_texts(rules).lazy().filter(is_asked), on=["digest", "part"])
        .drop("digest", "part")
        .sort("sheet", "row")
        .with_columns(_PLACE)
        .cache()
    )
    whole = places.select("sheet", parent="criterion", open_part="place")
    return places.join(
        whole.filter(_IS_OF_ALL),
        on=["sheet", "parent"],
        how="left",
        maintain_order="left",
    ).drop("parent")


_PLACE = pl.int_range(pl.len(), dtype=pl.UInt32).over("sheet").alias("place")
_IS_OF_ALL = pl.col("parent").is_in(ALL_OF)
