"""Whether the manager of works was the enterprise's own registered constructor (regulations E14).

Belongs here: who managed, and his registrations while the works lasted. Does not: whether he led
others at the same time (`checks.across.project`), constructors counted as people
(`decisions.people`).
"""

from __future__ import annotations

import polars as pl

from assets.tables import personnel, project
from decisions import kleene
from decisions.facts.astray import with_astray
from decisions.facts.bodies import OF, all_closed, is_its_own
from decisions.facts.model import Facts
from decisions.plans import as_written
from decisions.rulebook.codes import Codes
from decisions.rulebook.frames import RuleTables


def managed(
    rows: pl.DataFrame, bodies: pl.DataFrame, facts: Facts, rules: RuleTables, codes: Codes
) -> pl.DataFrame:
    """The manager was the enterprise's registered constructor throughout (E14, J-14).

    Of a fitting discipline, from the start of the works to their acceptance, by one registration or
    by several that follow one another (another grade, a number drawn anew). Where the contract
    names several managers, which of them led when is not known: none of them settles it alone
    (reading 64). Of one who is registered with a branch it is not known whether he was (66).
    """
    contracts = as_written(
        rows.lazy()
        .select(
            "track",
            "usc_code",
            "category_code",
            "subcategory",
            "contract_no",
            "filed_on",
            "accepted_on",
            "started_on",
        )
        .unique(["track", "contract_no"])
        .join(all_closed(bodies, facts, personnel.REGISTRATION), on=OF, how="left")
    )
    managers = (
        facts.table(project.PARTY)
        .filter(pl.col("duty") == "项目经理")
        .select("contract_no", "person_key", "is_lawful", is_named="is_trusted")
        .pipe(facts.collect)
    )
    led = contracts.join(managers, on="contract_no", how="left")
    registered = (
        with_astray(facts, personnel.REGISTRATION, led.lazy())
        .rename({"usc_code": "body"})
        # What one in doubt says of kind and discipline is not known either (reading 31).
        .filter(
            pl.col("registration").is_in(list(codes.people.constructor_grades))
            | ~pl.col("is_trusted")
        )
        .select("body", "person_key", "specialty", "valid_from", "valid_until", "is_trusted")
        .pipe(facts.collect)
    )
    registrations = (
        led.join(bodies.select(*OF, "body"), on=OF)
        .join(registered, on=["body", "person_key"])
        .join(
            rules.disciplines.rename({"specialty": "discipline"}),
            on=["category_code", "subcategory"],
        )
        .filter(
            (pl.col("discipline") == "*")
            | (pl.col("specialty") == pl.col("discipline"))
            | ~pl.col("is_trusted")
        )
        .with_columns(truth=kleene.all_of(is_its_own(), _SPANS))
    )
    fitting = (
        pl.concat([registrations.select(*_LED, "truth"), _one_after_another(registrations)])
        .group_by(_LED)
        .agg(is_registered=kleene.some(pl.col("truth")), is_found=pl.lit(True).first())
    )
    return (
        led.join(fitting, on=_LED, how="left")
        .with_columns(
            truth=pl.when(~pl.col("is_lawful"))
            .then(False)
            .when(~pl.col("is_named").fill_null(False))
            .then(None)
            .when(pl.col("is_registered"))
            .then(True)
            # Another registration may not have been delivered.
            .when(pl.col("is_closed"))
            .then(pl.when("is_found").then("is_registered").otherwise(False))
        )
        .group_by("track", "contract_no")
        .agg(is_managed=pl.when(_ALL_OR_SOLE).then(kleene.every(pl.col("truth"))))
    )


_ALL_OR_SOLE = (pl.len() == 1) | kleene.every(pl.col("truth")).fill_null(False)
_LED = ["track", "contract_no", "person_key"]
_SPANS = pl.when("is_trusted").then(
    (pl.col("valid_from") <= pl.col("started_on"))
    & (pl.col("valid_until") >= pl.col("accepted_on"))
)


def _one_after_another(registrations: pl.DataFrame) -> pl.DataFrame:
    """The unbroken spells that several registrations of a manager make up, without a day between.

    Args:
        registrations: `_LED`, `usc_code`, `body`, `started_on`, `accepted_on`, `valid_from`,
            `valid_until`, `is_trusted`, `truth` (whether that one alone will do).

    Returns:
        `_LED`, `truth` of each spell, null where a branch's registration is part of it; of who has
        only one registration, or one that will do, none.
    """
    several = registrations.filter(
        "is_trusted",
        (pl.len() > 1).over(_LED),
        ~kleene.some(pl.col("truth")).fill_null(False).over(_LED),
    )
    if several.is_empty():
        return several.select(*_LED, "truth")
    own = several.filter(pl.col("body") == pl.col("usc_code"))
    return pl.concat(
        rows.sort("valid_from")
        .with_columns(reached=pl.col("valid_until").cum_max().shift().over(_LED))
        .with_columns(
            begins=(pl.col("valid_from") > pl.col("reached").dt.offset_by("1d")).fill_null(True)
        )
        .with_columns(spell=pl.col("begins").cum_sum().over(_LED))
        .group_by(*_LED, "spell", "started_on", "accepted_on", "is_trusted")
        .agg(pl.col("valid_from").min(), pl.col("valid_until").max())
        .select(*_LED, truth=truth & _SPANS)
        for rows, truth in ((own, pl.lit(True)), (several, pl.lit(None, pl.Boolean())))
    )
