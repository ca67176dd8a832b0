"""Whether works or machines meet a condition of the text: conditions joined with measures.

Belongs here: evaluating compiled conditions (`atoms`) on things that have measures. Does
not: which things count (`decisions.works`, `decisions.equipment`).
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from decisions import kleene
from decisions.rulebook.tables import RuleTables

CONTRACT = "*"
"""Name under which the measures of the contract stand: they belong to every kind of works."""


def line_truths(
    pairs: pl.DataFrame,
    measures: pl.DataFrame,
    rules: RuleTables,
    of_several: Literal["any", "all"],
) -> pl.DataFrame:
    """The truth of each line for each thing.

    Args:
        pairs: `line_id`, `thing`: what is to be judged; unique.
        measures: `thing`, `name` (kind of works or machine), `metric`, `value`, `label`.
        rules: the compiled rulebook.
        of_several: where a thing has several values of one metric (spans of several
            structures): one that fits is enough to have done such works (`any`), but a
            limit binds them all (`all`).

    Returns:
        `line_id`, `thing`, `truth`: null where a measure that decides is missing.
    """
    values = _values(pairs, measures, rules)
    atoms = (
        pairs.join(rules.atoms, on="line_id")
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
    return pl.concat([lines, free.select(lines.columns)])


def _values(pairs: pl.DataFrame, measures: pl.DataFrame, rules: RuleTables) -> pl.DataFrame:
    """The measures of each thing that belong to the kinds a line names."""
    named = pairs.join(rules.line_names, on="line_id").join(measures, on=["thing", "name"])
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
    return (
        pl.when(pl.col("labels").list.len() > 0)
        .then(pl.when(label.is_not_null()).then(named))
        .otherwise(pl.when(value.is_not_null()).then(above & below))
    )
