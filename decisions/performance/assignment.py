"""Works assigned to classes, each unit project to one measure, where counts leave it open (E16).

Belongs here: from demands and fits of the open cases to `decisions.performance.matching` and back.
Does not: the matching itself, which cases are open (`judge`).
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import polars as pl

from assets.lake.declaration import QUANTITY
from decisions.performance.fits import DEMAND
from decisions.performance.matching import Demand, Plan, assign_units, reaches
from decisions.rulebook.frames import RuleTables

NOT_TWICE = "一个单位工程只能用于一项指标 one unit project serves one measure"


_Options = dict[tuple[int, int], list[Demand]]
"""The demands of each class and option that share no units."""


def settle(
    open_cases: pl.DataFrame,
    demands: pl.DataFrame,
    fits: pl.DataFrame,
    classes: pl.DataFrame,
    rules: RuleTables,
) -> pl.DataFrame:
    """The cases by assignment: with the certain units, then with all that may count.

    What a class asks whose text may not decide is not known: it may be nothing. Sums take part
    where they may not share works with counts (E17: railways).

    Args:
        open_cases: `application_id`, `digest`, `need`, `sums_share_works`, `is_closed`.
        demands: from `demands.demands_of`.
        fits: from `fits.fits_of`.
        classes: from `classes.classes_of`.
        rules: the compiled rulebook.

    Returns:
        `application_id`, `truth`, `note`.
    """
    schema = {
        "application_id": open_cases.schema["application_id"],
        "truth": pl.Boolean(),
        "note": pl.String(),
    }
    if open_cases.is_empty():
        return pl.DataFrame(schema=schema)
    of_these = open_cases.select("application_id")
    is_shared = pl.col("metric").is_not_null() & pl.col("sums_share_works")
    sharing = open_cases.select("application_id", "sums_share_works")
    asked = demands.join(sharing, on="application_id").with_columns(is_shared=is_shared)
    serving = fits.join(sharing, on="application_id").filter(~is_shared)
    mine = classes.join(of_these, on="application_id", how="semi")
    asked = asked.join(
        mine.select("application_id", "class_n", "is_usable"), on=["application_id", "class_n"]
    )
    sure_of = _options(asked.filter("is_usable"), serving, is_sure=True)
    possible_of = _options(asked, serving, is_sure=False)
    plans = _plans(open_cases, rules)
    rows: list[tuple[object, bool | None, str | None]] = []
    for row in open_cases.iter_rows(named=True):
        case = row["application_id"]
        plan = plans[row["digest"]]
        sure = sure_of.get(case, {})
        found = assign_units(plan, sure)
        if found is not None and reaches(found, sure):
            rows.append((case, True, None))
        elif assign_units(plan, possible_of.get(case, {})) is not None:
            rows.append((case, None, None))
        else:
            rows.append((case, False if row["is_closed"] else None, NOT_TWICE))
    return pl.DataFrame(rows, schema=schema, orient="row")


def _plans(open_cases: pl.DataFrame, rules: RuleTables) -> dict[str, Plan]:
    """What each rule set needs, by its digest."""
    needs = open_cases.select("digest", "need").unique()
    mandatory: dict[str, set[int]] = defaultdict(set)
    for digest, class_n in (
        rules.classes.filter("is_mandatory")
        .join(needs, on="digest", how="semi")
        .select("digest", "class_n")
        .iter_rows()
    ):
        mandatory[digest].add(class_n)
    groups: dict[str, list[tuple[int, frozenset[int]]]] = defaultdict(list)
    for digest, _, asked, members in (
        rules.class_groups.join(needs, on="digest", how="semi")
        .group_by("digest", "group_n", maintain_order=True)
        .agg(pl.col("asked").first(), pl.col("class_n"))
        .iter_rows()
    ):
        groups[digest].append((asked, frozenset(members)))
    return {
        digest: Plan(need, frozenset(mandatory[digest]), tuple(groups[digest]))
        for digest, need in needs.iter_rows()
    }


def _options(demands: pl.DataFrame, fits: pl.DataFrame, *, is_sure: bool) -> dict[object, _Options]:
    """By case, options whose shared sums hold (surely, or possibly), with units for the rest."""
    units = (
        fits.filter(
            pl.col("truth").fill_null(not is_sure)
            # Which unit stands for its contract is open until an assignment is proven.
            & (pl.col("is_counted") | pl.lit(not is_sure))
        )
        .group_by(*DEMAND, "thing")
        .agg(
            pieces=pl.when(pl.all_horizontal(pl.col("counted_in", "metric").first().is_null()))
            .then(1)
            # Of a unit that does not say how many it has, surely one counts, possibly all; of
            # one without the measure, surely nothing.
            .when(pl.col("value").is_not_null().all() | pl.lit(is_sure))
            .then(
                pl.col("value").max().fill_null(pl.col("metric").first().is_null().cast(pl.Int64))
            )
            .cast(QUANTITY)
        )
    )
    pieces_of: dict[tuple[object, ...], dict[str, Decimal | None]] = defaultdict(dict)
    for *demand, thing, pieces in units.iter_rows():
        pieces_of[tuple(demand)][str(thing)] = pieces
    found: dict[object, _Options] = defaultdict(dict)
    dropped: set[tuple[object, tuple[int, int]]] = set()
    for one in demands.iter_rows(named=True):
        case, name = one["application_id"], (one["class_n"], one["option_n"])
        counts = found[case].setdefault(name, [])
        if not one["is_usable"]:
            continue
        if not one["is_shared"]:
            serving = {
                thing: one["asked"] if pieces is None else pieces
                for thing, pieces in pieces_of[(case, *name, one["demand_n"])].items()
            }
            counts.append(Demand(*name, one["asked"], serving))
        elif one["truth"] is False or (is_sure and one["truth"] is None):
            dropped.add((case, name))
    for case, name in dropped:
        del found[case][name]
    return found
