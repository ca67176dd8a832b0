"""Pension insurance: who was paid for whom in each of the last months.

What belongs here: insurance rows. What does not: their delivery by city. People move:
before the months with their present payer they were insured by an enterprise of a lower
index (so that no size depends on a larger one), or not at all.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from assets import calendar
from assets.sample.draws import Draws, Ints
from assets.sample.geography import INCOMPLETE_CITY, city_of
from assets.sample.portraits import Portrait, usc_of
from assets.sample.scenarios import bystander_at_or_below

MONTHS = 24
RATES = {"insured_twice": 0.001, "unpaid": 0.003, "not_delivered": 0.15}
"""Shares of rows of enterprises without a planned case; the last of the incomplete city only."""


def months_of(as_of: date) -> list[date]:
    """The insured months, latest first."""
    return calendar.full_months_before(as_of, MONTHS)


def insurance(
    people: pl.DataFrame, portraits: list[Portrait], draws: Draws, as_of: date
) -> pl.DataFrame:
    """One row per person, month and payer.

    `city` is the payer's, `back` counts the months from the latest (0), `plan` names a
    contradiction that is there on purpose.
    """
    owners, slots = people["owner"].to_numpy(), people["slot"].to_numpy()
    free = ~people["is_protected"].to_numpy()
    planned = people["months"].to_numpy()
    moved = draws.chance("moved", 0.25, owners, slots) & free
    tenure = np.where(
        planned > 0,
        planned,
        np.where(moved, draws.integers("tenure", 1, MONTHS, owners, slots), MONTHS),
    )
    gap = draws.integers("gap", 0, 4, owners, slots) * (
        moved & draws.chance("has_gap", 0.3, owners, slots)
    )
    before = np.where(owners > 0, _elsewhere(draws, "before", owners, slots), -1)
    now = _payers(people, portraits, owners, draws, slots)
    wide = people.select("owner", "slot", "id_number", "is_protected", "mark").with_columns(
        now=pl.Series(now, dtype=pl.String),
        tenure=pl.Series(tenure),
        gap=pl.Series(gap),
        before=pl.Series(before),
    )
    codes = {int(j): usc_of(int(j)) for j in np.unique(before) if j >= 0}
    months = pl.DataFrame(
        {"back": pl.Series(range(MONTHS), dtype=pl.Int64), "month": months_of(as_of)}
    )
    rows = wide.join(months, how="cross").filter(
        (pl.col("back") < pl.col("tenure"))
        | ((pl.col("back") >= pl.col("tenure") + pl.col("gap")) & (pl.col("before") >= 0))
    )
    rows = rows.with_columns(
        usc_code=pl.when(pl.col("back") < pl.col("tenure"))
        .then("now")
        .otherwise(pl.col("before").replace_strict(codes, default=None, return_dtype=pl.String))
    )
    return _with_oddities(rows, draws)


def _elsewhere(draws: Draws, stream: str, owners: Ints, slots: Ints) -> Ints:
    """An earlier enterprise that no planned case is about."""
    return bystander_at_or_below(draws.integers(stream, 0, np.maximum(owners, 1), owners, slots))


def _payers(
    people: pl.DataFrame, portraits: list[Portrait], owners: Ints, draws: Draws, slots: Ints
) -> list[str]:
    by_owner = {p.index: p for p in portraits}
    other = _elsewhere(draws, "other_payer", owners, slots)
    entity: dict[tuple[int, str], str] = {}
    payers = []
    for owner, kind, elsewhere in zip(
        owners.tolist(), people["payer"].to_list(), other.tolist(), strict=True
    ):
        if kind == "other":
            payers.append(usc_of(elsewhere))
            continue
        if (owner, kind) not in entity:
            p = by_owner[owner]
            number = 1 if kind == "branch" and p.branches else 5 if kind == "subsidiary" else 0
            entity[owner, kind] = usc_of(owner, number)
        payers.append(entity[owner, kind])
    return payers


def _with_oddities(rows: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    owners, slots, back = (rows[c].to_numpy() for c in ("owner", "slot", "back"))
    free = ~rows["is_protected"].to_numpy()
    unpaid = free & draws.chance("unpaid", RATES["unpaid"], owners, slots, back)
    cities = {f"91{city_of(j).code[:4]}99": city_of(j).code for j in range(100)}
    rows = rows.with_columns(
        city=pl.col("usc_code").str.slice(0, 8).replace_strict(cities, return_dtype=pl.String),
        is_paid=~pl.Series(unpaid),
        plan=pl.lit(""),
    )
    twice = (
        free
        & (owners > 0)
        & draws.chance("insured_twice", RATES["insured_twice"], owners, slots, back)
    )
    second = (
        rows.filter(pl.Series(twice))
        .with_columns(
            usc_code=pl.Series(
                [usc_of(int(j)) for j in _elsewhere(draws, "second_payer", owners, slots)[twice]],
                dtype=pl.String,
            ),
            plan=pl.lit("insured_twice"),
        )
        .with_columns(
            city=pl.col("usc_code").str.slice(0, 8).replace_strict(cities, return_dtype=pl.String)
        )
    )
    lost = draws.chance("not_delivered", RATES["not_delivered"], owners, slots)
    late = (pl.col("city") == INCOMPLETE_CITY) & (pl.col("back") == 0)
    rows = rows.filter(
        ~(late & ((pl.col("mark") == "uninsured") | (~pl.col("is_protected") & pl.Series(lost))))
    )
    twice_rows = second.join(
        rows.select("id_number", "back", "usc_code"),
        on=["id_number", "back", "usc_code"],
        how="anti",
    )
    return (
        pl.concat([rows, twice_rows])
        .sort("owner", maintain_order=True)
        .select(
            "owner", "slot", "id_number", "usc_code", "city", "back", "month", "is_paid", "plan"
        )
    )
