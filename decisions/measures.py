"""Whether works or machines meet a condition of the text: conditions joined with measures.

Belongs here: evaluating compiled conditions (`atoms`) on things that have measures. Does
not: which things count (`decisions.works`, `decisions.equipment`).
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from decisions import kleene
from decisions.rulebook.codes import Codes
from decisions.rulebook.frames import RuleTables

CONTRACT = "*"
"""Name under which the measures of the contract stand: they belong to every kind of works."""


def plain(quantity: str) -> pl.Expr:
    """A column of quantities as people write them, without the zeros of its scale."""
    text = pl.col(quantity).cast(pl.String)
    return text.str.replace(r"(\.\d*?)0+$", "$1").str.strip_suffix(".")


LISTED = "、"
"""Between the names of a label that is a list."""


def by_contract(rules: RuleTables, codes: Codes) -> pl.DataFrame:
    """Lines that the price of the contract decides: `line_id`, `is_priced` (true).

    The single contract value is the price of one contract (E20), so its unit projects are
    one work there, not several.
    """
    prices = [metric.name for metric in codes.metrics.values() if metric.from_contract]
    asked = rules.atoms.filter(pl.col("metric").is_in(prices)).select("line_id")
    demand = ["digest", "class_n", "option_n", "demand_n"]
    summed = (
        rules.lines.join(rules.demands.filter(pl.col("metric").is_in(prices)), on=demand)
        .filter(pl.col("purpose") == "performance")
        .select("line_id")
    )
    return pl.concat([asked, summed]).unique().with_columns(is_priced=pl.lit(True))


def of_kind(lines: pl.DataFrame, names: pl.DataFrame, rules: RuleTables) -> pl.DataFrame:
    """The things that are, or may be, of the kind of works or machine that a line names.

    Args:
        lines: with `line_id`; of no case, so that each pair is judged once for all cases.
        names: `thing`, `name`, and what else belongs to the thing.
        rules: the compiled rulebook.

    Returns:
        Lines by things: the columns of both but `name`, and `is_kind`: true, or null where
        the thing is only known by the name of a wider kind.
    """
    surely = lines.join(rules.line_names, on="line_id").join(names, on="name").drop("name").unique()
    perhaps = (
        lines.join(rules.line_wider_names, on="line_id")
        .join(names, on="name")
        .drop("name")
        .unique()
        .join(surely, on=["line_id", "thing"], how="anti")
    )
    return pl.concat(
        [
            surely.with_columns(is_kind=pl.lit(True)),
            perhaps.with_columns(is_kind=pl.lit(None, pl.Boolean())).select(
                *surely.columns, "is_kind"
            ),
        ]
    )


def line_truths(
    pairs: pl.DataFrame,
    measures: pl.DataFrame,
    rules: RuleTables,
    of_several: Literal["any", "all"],
) -> pl.DataFrame:
    """The truth of each line for each thing.

    Args:
        pairs: `line_id`, `thing`, `is_kind`: what is to be judged (`of_kind`).
        measures: `thing`, `name` (kind of works or machine), `metric`, `value`, `label`.
        rules: the compiled rulebook.
        of_several: where a thing has several values of one metric (spans of several
            structures): one that fits is enough to have done such works (`any`), but a
            limit binds them all (`all`).

    Returns:
        `line_id`, `thing`, `truth`: null where a measure that decides is missing, or whether
        the thing is of the kind at all.
    """
    pairs = pairs.select("line_id", "thing", "is_kind").unique(["line_id", "thing"])
    values = _values(pairs, measures, rules)
    atoms = (
        pairs.drop("is_kind")
        .join(rules.atoms, on="line_id")
        .join(values, on=["line_id", "thing", "metric"], how="left")
        .with_columns(truth=_atom_truth())
        .group_by("line_id", "thing", "conjunction", "atom")
        .agg(
            truth=kleene.some(pl.col("truth"))
            if of_several == "any"
            else kleene.every(pl.col("truth"))
        )
    )
    lines = (
        atoms.group_by("line_id", "thing", "conjunction")
        .agg(truth=kleene.every(pl.col("truth")))
        .group_by("line_id", "thing")
        .agg(truth=kleene.some(pl.col("truth")))
    )
    conditional = rules.atoms.select("line_id").unique()
    free = pairs.join(conditional, on="line_id", how="anti").with_columns(truth=pl.lit(True))
    truth, is_kind = pl.col("truth"), pl.col("is_kind")
    return (
        pl.concat([lines, free.select(lines.columns)])
        .join(pairs, on=["line_id", "thing"])
        .select(
            "line_id",
            "thing",
            # A limit that holds anyway holds whatever the kind; a measure counts by its kind.
            truth=kleene.all_of(truth, is_kind)
            if of_several == "any"
            else kleene.any_of(truth, ~is_kind),
        )
    )


def _values(pairs: pl.DataFrame, measures: pl.DataFrame, rules: RuleTables) -> pl.DataFrame:
    """The measures of each thing that belong to the kinds a line names, wider ones if no other."""
    kinds = pl.concat(
        [
            pairs.filter("is_kind").join(rules.line_names, on="line_id"),
            pairs.filter(pl.col("is_kind").is_null()).join(rules.line_wider_names, on="line_id"),
        ]
    )
    named = kinds.join(measures, on=["thing", "name"])
    contracted = pairs.join(measures.filter(pl.col("name") == CONTRACT), on="thing")
    columns = ["line_id", "thing", "metric", "value", "label"]
    return pl.concat([named.select(columns), contracted.select(columns)])


def _atom_truth() -> pl.Expr:
    value, label = pl.col("value"), pl.col("label")
    above = (
        pl.when(pl.col("low").is_null())
        .then(True)
        .when(pl.col("is_low_open"))
        .then(value > pl.col("low"))
        .otherwise(value >= pl.col("low"))
    )
    below = (
        pl.when(pl.col("high").is_null())
        .then(True)
        .when(pl.col("is_high_open"))
        .then(value < pl.col("high"))
        .otherwise(value <= pl.col("high"))
    )
    named = label.is_in(pl.col("labels")) != pl.col("is_negated")
    held = label.str.split(LISTED).list.contains(pl.col("labels").list.first())
    return (
        pl.when("must_include")
        .then(held)
        .when(pl.col("labels").list.len() > 0)
        .then(pl.when(label.is_not_null()).then(named))
        .otherwise(pl.when(value.is_not_null()).then(above & below))
    )
