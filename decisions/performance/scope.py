"""Whether works were within the scope of the level held when they were taken (regulations E14).

Belongs here: what was held on the day of the contract, and the limits of its scope under the text
then in force. Does not: what else makes works count (`decisions.performance.countable`), what is
held now (`decisions.holdings.held`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from assets.tables import enterprise
from decisions import kleene
from decisions.facts.coverage import with_closed
from decisions.facts.model import Facts
from decisions.holdings.spells import spells
from decisions.holdings.validity import extended, runs_on
from decisions.performance.measures import line_truths, of_kind
from decisions.plans import as_written
from decisions.rulebook.extensions import Extension
from decisions.rulebook.frames import RANK, RuleTables

STANDARD_FROM = date(2015, 1, 1)
"""For contracts before this day the figures of the 2014 text are used (reading 2)."""


def _held_on(asked: pl.DataFrame, facts: Facts, notices: Sequence[Extension]) -> pl.DataFrame:
    """The levels held on the day of the contract: of those that surely were the highest.

    Args:
        asked: `track`, `thing`, `usc_code`, `category_code`, `subcategory`, `signed_on`,
            `decided_on`.
        facts: the release, with Miaoban's own grants.
        notices: what extended certificates as a whole.

    Returns:
        `track`, `thing`, `level`, `is_held`: true, or null where it is not known.
    """
    signed = pl.col("signed_on")
    found = (
        asked.lazy()
        .join(facts.once("spells", spells).lazy(), on=["usc_code", "category_code", "subcategory"])
        .filter(pl.col("held_from") <= signed, (signed <= pl.col("ended_on")).fill_null(True))
        .pipe(facts.collect)
    )
    is_held, of_works = pl.col("is_held"), ["track", "thing"]
    return (
        extended(found, notices)
        .lazy()
        .with_columns(
            is_held=kleene.all_of(runs_on(signed), pl.when("is_known").then(True)),
            rank=RANK,
        )
        .filter(is_held.fill_null(True))
        .group_by(*of_works, "level", "rank")
        .agg(kleene.some(is_held))
        .filter(
            is_held.is_null()
            | (pl.col("rank") == pl.col("rank").filter(is_held).max().over(of_works))
        )
        .drop("rank")
        .pipe(as_written)
    )


def in_scope(
    rows: pl.DataFrame,
    names: pl.DataFrame,
    measures: pl.DataFrame,
    facts: Facts,
    rules: RuleTables,
    notices: Sequence[Extension],
    recalled_may_grant: bool,
) -> pl.DataFrame:
    """Within the scope of the level held on the day of the contract (E14, reading 2).

    Under the text then in force; a project beyond any limit counts in none of its measures. A
    scope that is recalled decides nothing where that may not be; one by a notice of which the day
    is recalled, what the scope of before says too (reading 54).

    Args:
        rows: `track`, `usc_code`, `category_code`, `subcategory`, `thing`, `signed_on`, `filed_on`,
            `case_decided_on` (the day by which notices are known).
        names: of the works (`decisions.performance.works.Works`).
        measures: of the works.
        facts: the release.
        rules: the compiled rulebook.
        notices: what extended certificates as a whole.
        recalled_may_grant: see `decisions.engine.decide`.

    Returns:
        `track`, `thing`, `is_in_scope` (three-valued).
    """
    asked = as_written(
        rows.lazy()
        .pipe(with_closed, facts, enterprise.QUALIFICATION)
        .select(
            "track",
            "usc_code",
            "category_code",
            "subcategory",
            "thing",
            "signed_on",
            "is_closed",
            decided_on="case_decided_on",
        )
    )
    then = _held_on(asked, facts, notices)
    texts = rules.sets.select(
        "category_code", "subcategory", "level", "valid_from", "valid_to", scope_digest="digest"
    )
    placed = (
        asked.join(then, on=["track", "thing"], how="left")
        .with_columns(text_on=pl.max_horizontal("signed_on", pl.lit(STANDARD_FROM)))
        .join(texts, on=["category_code", "subcategory", "level"], how="left")
        .filter(
            pl.col("valid_from").is_null() | pl.col("text_on").is_between("valid_from", "valid_to")
        )
        .with_columns(is_recalled=pl.lit(False))
    )
    if not recalled_may_grant:
        placed = _by_sure_texts(placed, rules)
    limits = (
        rules.lines.filter(pl.col("purpose") == "scope")
        .select("line_id", "class_n", "digest")
        .join(placed.select(digest="scope_digest").unique(), on="digest", how="semi")
    )
    names = names.join(placed.select("thing").unique(), on="thing", how="semi")
    judged_by = placed.lazy().select("thing", digest="scope_digest")
    of_any = of_kind(limits, names, judged_by, rules).rename({"digest": "scope_digest"})
    # Works are measured by the scope that they were taken under alone.
    pairs = of_any.join(placed, on=["thing", "scope_digest"], how="semi")
    truths = line_truths(pairs, measures, rules, "all")
    within = (
        placed.select("track", "thing", "scope_digest")
        .join(pairs, on=["scope_digest", "thing"])
        .join(truths, on=["line_id", "thing"])
        # Limits by grade or kind of water: of those that fit, one is enough. One on a narrower
        # kind lets nothing through that is named by the kind of another.
        .group_by("track", "thing", "scope_digest", "class_n")
        .agg(
            truth=pl.when(pl.col("is_kind").any())
            .then(kleene.some(pl.col("truth").filter(pl.col("is_kind"))))
            .otherwise(kleene.every(pl.col("truth")))
        )
        .group_by("track", "thing", "scope_digest")
        .agg(is_within=kleene.every(pl.col("truth")), is_limited=pl.lit(True).first())
    )
    # Limits that nobody found may bar what the known ones allow.
    open_ended = rules.unknown.filter(pl.col("part").str.starts_with("scope")).select(
        scope_digest=pl.col("digest").unique(), is_open_ended=pl.lit(True)
    )
    return (
        placed.join(open_ended, on="scope_digest", how="left")
        .join(within, on=["track", "thing", "scope_digest"], how="left")
        .select(
            "track",
            "thing",
            "level",
            "is_closed",
            is_held=pl.col("is_held") | pl.col("level").is_null(),
            is_in_scope=pl.when(pl.col("signed_on").is_null())
            .then(None)
            .when(pl.col("level").is_null())
            .then(pl.when(pl.col("is_closed")).then(False))
            .when(pl.col("scope_digest").is_null() | pl.col("is_recalled"))
            .then(None)
            .when(pl.col("is_limited").is_null())
            .then(pl.when(pl.col("is_open_ended").is_null()).then(True))
            .when(pl.col("is_open_ended"))
            .then(pl.when(~pl.col("is_within")).then(False))
            .otherwise(pl.col("is_within")),
        )
        .group_by("track", "thing", "level", "is_held", "is_closed")
        .agg(
            pl.when(pl.col("is_in_scope").n_unique() == 1).then(pl.col("is_in_scope").first()),
        )
        .group_by("track", "thing", "is_closed")
        .agg(is_in_scope=kleene.some(pl.col("is_held") & pl.col("is_in_scope")))
        # Beyond what was surely held then; a higher level may not have been told yet.
        .select(
            "track", "thing", is_in_scope=kleene.proven(pl.col("is_in_scope"), pl.col("is_closed"))
        )
    )


def _by_sure_texts(placed: pl.DataFrame, rules: RuleTables) -> pl.DataFrame:
    """The works under every scope that may have been in force then."""
    marked = placed.drop("is_recalled").join(
        rules.recalled_scopes.select(
            "sure_digest", scope_digest="digest", is_recalled=pl.lit(True)
        ),
        on="scope_digest",
        how="left",
    )
    before = marked.filter(pl.col("sure_digest").is_not_null())
    is_recalled = pl.col("is_recalled").fill_null(False) & pl.col("sure_digest").is_null()
    return pl.concat(
        [
            marked.with_columns(is_recalled=is_recalled),
            before.with_columns(scope_digest="sure_digest", is_recalled=pl.lit(False)),
        ]
    ).drop("sure_digest")
