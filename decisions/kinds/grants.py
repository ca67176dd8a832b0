"""What a grant does to the certificate set: number kept or drawn, expiry kept or restarted.

Belongs here: the `Grant` of each kind applied to what an enterprise holds (regulations B1.5,
B2.5, B3.3, B4.4, B5.2, B6.5, G4). Does not: drawing numbers and printing (`certificates`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from assets.calendar import validity_end
from decisions.facts.model import Facts
from decisions.holdings.held import OF_ITEM, held_now
from decisions.holdings.ours import OURS
from decisions.holdings.validity import runs_on
from decisions.kinds.every import KINDS
from decisions.kinds.model import Kind, Term
from decisions.kinds.reverification import FULL, SIMPLIFIED
from decisions.lookup import looked_up
from decisions.reverification.one_year import pending
from decisions.reverification.succession import predecessors
from decisions.rulebook.extensions import Extension

NEW_SET = "new_certificate"
ADD_TO_SET = "add_to_certificate"
PENDING_YEARS = 1
"""Validity while the cancellation of an absorbed enterprise is under way (79号, case 3)."""


REORGANISED = (FULL.code, SIMPLIFIED.code)
"""Re-verifications that rest on a merger or the like, by which something may be carried on."""
_NO_EFFECT = pl.DataFrame(
    schema={
        "application_id": pl.String(),
        "effect": pl.String(),
        "certificate_no": pl.String(),
        "valid_until": pl.Date(),
        "predecessor_usc_code": pl.String(),
    }
)


def effects(cases: pl.DataFrame, facts: Facts, notices: Sequence[Extension]) -> pl.LazyFrame:
    """For each case granted `effect`, `certificate_no` (null = to be drawn), `valid_until`.

    And `predecessor_usc_code`, whose qualification is carried on, null of all others.

    First, addition and upgrade go on the enterprise's certificate of this authority; without a
    valid one a new set is drawn, whose term starts with the grant. A re-verification goes on
    the certificate that lists the qualification, else on the enterprise's own; the others on
    the one that lists it.

    Args:
        cases: `application_id`, `usc_code`, `kind`, `assessment`, `category_code`, `subcategory`,
            `level`, `rank`, `filed_on`, `decided_at`, `decided_on`.
        facts: the release.
        notices: what extended certificates as a whole.
    """
    if cases.is_empty():
        return _NO_EFFECT.lazy()
    rows = _with_sets(cases, facts, notices)
    grows = pl.col("assessment").is_in(_codes(lambda kind: kind.filed_as in GROWING))
    draws = pl.col("assessment").is_in(_codes(lambda kind: kind.grant.draws_number))
    granted = {code: kind.grant.effect for code, kind in KINDS.items()}
    plain = looked_up(pl.col("assessment"), granted, pl.String())
    adds = (plain == NEW_SET) | ((plain == "replace_level") & pl.col("lower_no").is_null())
    effect = (
        pl.when(grows & pl.col("set_no").is_null())
        .then(pl.lit(NEW_SET))
        # 二级 at once, with 三级 on the set already (B1.6).
        .when((plain == ADD_TO_SET) & pl.col("lower_no").is_not_null())
        .then(pl.lit("replace_level"))
        .when(adds)
        .then(pl.lit(ADD_TO_SET))
        .otherwise(plain)
    )
    number = (
        pl.when(effect == NEW_SET)
        .then(None)
        .when(grows)
        .then(pl.coalesce("lower_no", "set_no"))
        .when(draws)
        .then(pl.coalesce("own_no", "lower_no", "set_no"))
        .otherwise("own_no")
    )
    kept = (
        pl.when(grows)
        .then(pl.coalesce("lower_until", "set_until"))
        .otherwise(pl.coalesce("own_until", "carried_until"))
    )
    restarts = (effect == NEW_SET) | pl.col("assessment").is_in(
        _codes(lambda kind: kind.grant.term is Term.RESTARTED and kind.filed_as not in GROWING)
    )
    by_case = pl.col("assessment").is_in(_codes(lambda kind: kind.grant.term is Term.BY_CASE))
    return rows.select(
        "application_id",
        effect=effect,
        certificate_no=number,
        valid_until=pl.when(restarts | (by_case & pl.col("was_pending").fill_null(False)))
        .then(_term())
        .when(by_case & pl.col("is_pending").fill_null(False))
        .then(_term(PENDING_YEARS))
        .otherwise(kept),
        predecessor_usc_code=pl.when(pl.col("own_no").is_null()).then("predecessor_usc_code"),
    )


GROWING = ("first", "addition", "upgrade")
"""Kinds that put something on a set, or begin one."""


def _codes(holds: Callable[[Kind], bool]) -> list[str]:
    return [code for code, kind in KINDS.items() if holds(kind)]


def _term(years: int = 5) -> pl.Expr:
    return pl.col("decided_on").map_elements(
        lambda day: validity_end(day, years), return_dtype=pl.Date()
    )


def _with_sets(cases: pl.DataFrame, facts: Facts, notices: Sequence[Extension]) -> pl.LazyFrame:
    """The cases with the certificates they may act on, and the ground of a re-verification."""
    asked = cases.lazy().select(
        "application_id", "assessment", *OF_ITEM, "level", "rank", "decided_on"
    )
    on_record = held_now(
        cases.select("application_id", "usc_code", "filed_on", "decided_on"), facts, notices
    )
    held = on_record.lazy()
    ours = held.filter(pl.col("authority_code") == OURS).filter("is_valid")
    # On the certificate that is there by then, whatever was when it was filed (G1, reading 69).
    on_that_day = cases.select("application_id", "usc_code", "decided_on", filed_on="decided_on")
    set_of = (
        held_now(on_that_day, facts, notices)
        .lazy()
        .filter(pl.col("authority_code") == OURS)
        .filter("is_valid")
        .sort("valid_until", "certificate_no", descending=True)
        .unique("application_id", keep="first", maintain_order=True)
        .select("application_id", set_no="certificate_no", set_until="valid_until")
    )
    item = ["application_id", *OF_ITEM]
    # What was lost once, and is carried on from another enterprise now, gives neither its number
    # nor its term.
    keeps = pl.col("assessment") == SIMPLIFIED.code
    own = (
        held.filter("is_valid")
        .join(asked.select(*item, "level", "assessment"), on=[*item, "level"])
        # Nor a term to keep, once that is over.
        .filter(~keeps | runs_on(pl.col("decided_on")))
        .sort("valid_until", descending=True)
        .unique("application_id", keep="first", maintain_order=True)
        .select("application_id", own_no="certificate_no", own_until="valid_until")
    )
    other_level = (
        ours.join(asked.select(item), on=item)
        .select("application_id", lower_no="certificate_no", lower_until="valid_until")
        .unique("application_id", keep="first", maintain_order=True)
    )
    rows = (
        asked.join(set_of, on="application_id", how="left")
        .join(own, on="application_id", how="left")
        .join(other_level, on="application_id", how="left")
    )
    again = cases.filter(pl.col("assessment").is_in(REORGANISED)).with_columns(held_rank="rank")
    of_year = pending(again, on_record, facts)
    carried = predecessors(again, on_record, facts, notices)
    return rows.join(of_year.lazy(), on="application_id", how="left").join(
        carried.lazy(), on="application_id", how="left"
    )
