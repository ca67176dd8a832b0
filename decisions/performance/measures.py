"""Whether works or machines meet a condition of the text: conditions joined with measures.

Belongs here: evaluating compiled conditions (`atoms`) on things that have measures. Does
not: which things count (`decisions.performance.countable`, `decisions.means.equipment`).
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Literal

import polars as pl

from decisions import kleene
from decisions.plans import as_written
from decisions.rulebook.codes import UNLISTED_KIND, Codes
from decisions.rulebook.frames import RuleTables

CONTRACT = "*"
"""Name under which the measures of the contract stand: they belong to every kind of works."""


def plain(quantity: str | pl.Expr) -> pl.Expr:
    """Quantities as people write them, without the zeros of their scale."""
    column = pl.col(quantity) if isinstance(quantity, str) else quantity
    text = column.cast(pl.String)
    return text.str.replace(r"(\.\d*?)0+$", "$1").str.strip_suffix(".")


LISTED = "、"
"""Between the names of a label that is a list."""


def listed_label(codes: Codes) -> pl.Expr:
    """The label of a measure; null where it is none that its metric's list has.

    Such a one is no lower grade, and no other kind, but none that anybody knows (工程规模 = 内河;
    reading 92). Of several, `UNLISTED_KIND` stands for each such.
    """
    metric, label = pl.col("metric"), pl.col("label")
    closed = [one for one in codes.metrics.values() if one.known]
    known = [f"{one.name}|{name}" for one in closed for name in one.known]
    is_known = pl.concat_str(metric, label, separator="|").is_in(known)
    several = [
        pl.when(metric == one.name).then(
            label.str.split(LISTED)
            .list.eval(
                pl.when(pl.element().is_in(list(one.known)))
                .then(pl.element())
                .otherwise(pl.lit(UNLISTED_KIND))
            )
            .list.join(LISTED)
        )
        for one in closed
        if one.is_several
    ]
    is_open = ~metric.is_in([one.name for one in closed])
    return pl.coalesce(*several, pl.when(is_open | is_known).then(label))


def by_contract(rules: RuleTables, codes: Codes) -> pl.DataFrame:
    """Lines that the price of the contract decides: `line_id`, `is_priced` (true).

    The single contract value is the price of one contract (E20), so its unit projects are
    one work there, not several.
    """
    return _priced(rules, tuple(one.name for one in codes.metrics.values() if one.from_contract))


def is_own_price() -> pl.Expr:
    """Whether what a line finds of a price holds of the enterprise's own part of it (reading 94).

    The price of what was undertaken with others is of all of them: one that is too low is so for
    each, of one that is enough nobody knows. By `is_priced` (`by_contract`) and `is_consortium`.
    """
    return pl.when(pl.col("is_priced").is_null() | ~pl.col("is_consortium")).then(True)


@lru_cache(maxsize=4)
def _priced(rules: RuleTables, prices: tuple[str, ...]) -> pl.DataFrame:
    asked = rules.atoms.filter(pl.col("metric").is_in(prices)).select("line_id")
    demand = ["digest", "class_n", "option_n", "demand_n"]
    summed = (
        rules.lines.join(rules.demands.filter(pl.col("metric").is_in(prices)), on=demand)
        .filter(pl.col("purpose") == "performance")
        .select("line_id")
    )
    return pl.concat([asked, summed]).unique().with_columns(is_priced=pl.lit(True))


def as_listed(rows: pl.DataFrame, column: str, known: Collection[str]) -> pl.DataFrame:
    """The rows with `UNLISTED_KIND` for every name in `column` that is none of those known.

    What such a name stands for nobody has said: it may be any kind (reading 92).
    """
    # A row that could not be read has no name at all.
    strangers = [one for one in rows[column].unique() if one is not None and one not in known]
    if not strangers:
        return rows
    is_strange = pl.col(column).is_in(strangers)
    kept = pl.when(is_strange).then(pl.lit(UNLISTED_KIND)).otherwise(column)
    return rows.with_columns(kept.alias(column))


def of_kind(
    lines: pl.DataFrame, names: pl.DataFrame, asked: pl.LazyFrame, rules: RuleTables
) -> pl.DataFrame:
    """The things that are, or may be, of the kind of works or machine that a line names.

    Args:
        lines: with `line_id`, `digest`; of no case, so that each pair is judged once for all cases.
        names: `thing`, `name` (as `as_listed` gives it), and what else belongs to the thing.
        asked: `digest`, `thing`: the rule sets by which a thing is judged. Read only for things
            that may be of any kind, which would otherwise be paired with every line there is.
        rules: the compiled rulebook.

    Returns:
        Lines by things: the columns of both but `name`, and `is_kind`: true, or null where
        the thing is only known by the name of a wider kind, or by one that no list has.
    """
    is_listed = names["name"] != UNLISTED_KIND
    every_listed = is_listed.all()
    listed = names if every_listed else names.filter(is_listed)

    def known_by(kinds: pl.DataFrame) -> pl.LazyFrame:
        named = lines.lazy().join(kinds.lazy(), on="line_id").join(listed.lazy(), on="name")
        return named.drop("name").unique(["line_id", "thing"])

    surely = known_by(rules.line_names).cache()
    perhaps = known_by(rules.line_wider_names)
    if not every_listed:
        strangers = asked.unique().join(names.filter(~is_listed).lazy(), on="thing")
        of_any = lines.lazy().join(strangers, on="digest").select(perhaps.collect_schema().names())
        perhaps = pl.concat([perhaps, of_any]).unique(["line_id", "thing"])
    perhaps = perhaps.join(surely, on=["line_id", "thing"], how="anti")
    return as_written(
        pl.concat(
            [
                surely.with_columns(is_kind=pl.lit(True)),
                perhaps.with_columns(is_kind=pl.lit(None, pl.Boolean())),
            ]
        )
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
    pairs = pairs.with_row_index("pair")
    atoms = (
        _values(pairs, measures, rules)
        .group_by("pair", "conjunction", "atom")
        .agg(truth=_OF_SEVERAL[of_several](pl.col("truth")))
    )
    conjunctions = (
        atoms.group_by("pair", "conjunction")
        .agg(kleene.every(pl.col("truth")), told=pl.len())
        .join(pairs.select("pair", "line_id"), on="pair")
        .join(_sizes(rules), on=["line_id", "conjunction"])
        # Of what no measure is there for, nothing is known.
        .with_columns(truth=pl.col("truth") & pl.when(pl.col("told") == pl.col("atoms")).then(True))
    )
    lines = conjunctions.group_by("pair").agg(truth=kleene.some(pl.col("truth")), told=pl.len())
    truth, is_kind = pl.col("truth"), pl.col("is_kind")
    return (
        pairs.join(_alternatives(rules), on="line_id", how="left")
        .join(lines, on="pair", how="left")
        .with_columns(
            truth=pl.when(pl.col("conjunctions").is_null())
            .then(True)
            .otherwise(truth | pl.when(pl.col("told") == pl.col("conjunctions")).then(False))
        )
        .select(
            "line_id",
            "thing",
            # A limit that holds anyway holds whatever the kind; a measure counts by its kind.
            truth=kleene.all_of(truth, is_kind)
            if of_several == "any"
            else kleene.any_of(truth, ~is_kind),
        )
    )


@lru_cache(maxsize=4)
def _sizes(rules: RuleTables) -> pl.DataFrame:
    """How many `atoms` each conjunction of each line has."""
    return rules.atoms.group_by("line_id", "conjunction").agg(atoms=pl.col("atom").n_unique())


@lru_cache(maxsize=4)
def _alternatives(rules: RuleTables) -> pl.DataFrame:
    """How many `conjunctions` each line has."""
    return _sizes(rules).group_by("line_id").agg(conjunctions=pl.len())


_OF_SEVERAL = {"any": kleene.some, "all": kleene.every}


def _values(pairs: pl.DataFrame, measures: pl.DataFrame, rules: RuleTables) -> pl.DataFrame:
    """The measures that bear on a condition of a line, each with what it says of it.

    Those that belong to the kinds a line names, wider ones if no other, and the contract's.

    Returns:
        `pair`, `conjunction`, `atom`, `truth`.
    """
    atoms = rules.atoms.join(pairs.select("line_id").unique(), on="line_id", how="semi")
    is_sure, on = pl.col("is_kind").fill_null(False), ["line_id", "thing"]
    contracted = measures.filter(pl.col("name") == CONTRACT).drop("name")
    by_kind = (
        (rules.line_names, pairs.filter(is_sure).select("pair", *on)),
        (rules.line_wider_names, pairs.filter(~is_sure).select("pair", *on)),
    )
    prices = contracted["metric"].unique().implode()
    answers = []
    # Of one case mostly nothing is there: what cannot answer is not asked.
    for some, says in _said(atoms):
        if some.is_empty():
            continue
        told, said = ["pair", "conjunction", "atom", "truth"], says.alias("truth")
        for names, mine in by_kind:
            if not mine.is_empty():
                asked = measures.join(some.join(names, on="line_id"), on=["name", "metric"])
                says_so = asked.select(*on, "conjunction", "atom", said)
                answers.append(says_so.join(mine, on=on).select(told))
        priced = some.filter(pl.col("metric").is_in(prices))
        if not priced.is_empty():
            asked = pairs.select("pair", *on).join(priced, on="line_id")
            answers.append(
                asked.join(contracted, on=["thing", "metric"]).with_columns(said).select(told)
            )
    return pl.concat(answers) if answers else _NOTHING_SAID


_NOTHING_SAID = pl.DataFrame(
    schema={
        "pair": pl.UInt32(),
        "conjunction": pl.Int64(),
        "atom": pl.Int64(),
        "truth": pl.Boolean(),
    }
)


def _said(atoms: pl.DataFrame) -> list[tuple[pl.DataFrame, pl.Expr]]:
    """Conditions on a number, on a label, on a list: with what a measure says of them."""
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
    listed = label.str.split(LISTED)
    held = (
        pl.when(listed.list.contains(pl.col("labels").list.first()))
        .then(True)
        .when(~listed.list.contains(UNLISTED_KIND))
        .then(False)
    )
    is_list = pl.col("must_include")
    is_label = ~is_list & (pl.col("labels").list.len() > 0)
    return [
        (atoms.filter(~is_list & ~is_label), pl.when(value.is_not_null()).then(above & below)),
        (atoms.filter(is_label), pl.when(label.is_not_null()).then(named)),
        (atoms.filter(is_list), held),
    ]
