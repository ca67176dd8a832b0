"""What each applicant holds on the day of filing: from the enterprise base and our own grants.

Belongs here: qualifications held, with certificate, level and expiry. Does not: what was
held in the past (`decisions.performance.scope`), what a grant makes of it (`certificates`).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from assets.numbers import names_another_province
from assets.tables import certificate, enterprise
from decisions import kleene
from decisions.facts.model import Facts
from decisions.holdings.ours import beside, own_holdings
from decisions.holdings.validity import extended, runs_on
from decisions.plans import as_written
from decisions.rulebook.extensions import Extension
from decisions.rulebook.frames import RANK

OF_ITEM = ["category_code", "subcategory"]
"""What a qualification is for, of whatever level."""
HELD = {
    "category_code": pl.String(),
    "subcategory": pl.String(),
    "level": pl.String(),
    "rank": pl.Int64(),
    "certificate_no": pl.String(),
    "authority_code": pl.String(),
    "held_from": pl.Date(),
    "granted_at": pl.Datetime("us", "UTC"),
    "valid_until": pl.Date(),
    "valid_at_most": pl.Date(),
    "status_code": pl.String(),
    "is_here": pl.Boolean(),
    "is_held": pl.Boolean(),
    "is_valid": pl.Boolean(),
}


def held_now(cases: pl.DataFrame, facts: Facts, notices: Sequence[Extension]) -> pl.DataFrame:
    """Every qualification of the applicants that has not been replaced by a later level.

    Args:
        cases: `application_id`, `usc_code`, `filed_on`, `decided_on`.
        facts: the release, with Miaoban's own grants beside it.
        notices: what extended certificates as a whole, known by the day of the decision.

    Returns:
        The columns of `cases` and of `HELD`. `granted_at`: when the certificate was issued by which
        Miaoban granted it; null of what a channel told first. `is_here` is null where the number of
        the certificate names another province (reading 96), else true. `is_held` is null where that
        is or where the row is not trusted, so is `is_valid`: held and not expired on the day of
        filing; the last day of validity is a valid day (reading 5). It is also null where what the
        certificate says is not known, and between `valid_until`, the last day that is certain, and
        `valid_at_most`, where a notice may have extended it (F9).
    """
    held = facts.once("held", _of_everybody)
    joined = extended(as_written(cases.lazy().join(held.lazy(), on="usc_code")), notices)
    return (
        joined.lazy()
        .with_columns(_UNTIL_ENDED)
        .with_columns(_IS_VALID)
        .with_columns(_AS_FAR_AS_HERE)
        .select(*cases.columns, *(name for name in HELD if name not in cases.columns))
        .pipe(as_written)
    )


_UNTIL_ENDED = [pl.min_horizontal(name, "ended_on") for name in ("valid_until", "valid_at_most")]
_IS_VALID = (
    pl.when("is_held")
    .then(
        kleene.all_of(
            pl.col("status_code") == "valid",
            runs_on(pl.col("filed_on")),
            pl.col("held_from") <= pl.col("filed_on"),
        )
    )
    .alias("is_valid")
)

# Whether what stands on a certificate of another province has been carried on here nobody knows.
_AS_FAR_AS_HERE = [
    kleene.all_of(pl.col(name), pl.col("is_here")).alias(name) for name in ("is_held", "is_valid")
]


def _of_everybody(facts: Facts) -> pl.LazyFrame:
    """What the base and our own grants say is held, as printed and not yet on any day."""
    base = (
        facts.table(enterprise.QUALIFICATION)
        .filter(_MAY_STAND)
        .join(
            facts.table(enterprise.CERTIFICATE)
            .unique("certificate_no", keep="first")
            .select("certificate_no", "authority_code", *_OF_CERTIFICATE, printed_for="usc_code"),
            on="certificate_no",
            how="left",
        )
        .with_columns(is_its_own=(pl.col("printed_for") == pl.col("usc_code")).fill_null(True))
        .with_columns(authority_code=pl.when("is_its_own").then("authority_code"))
        .select(
            "usc_code",
            "category_code",
            "subcategory",
            "level",
            "certificate_no",
            "authority_code",
            "valid_until",
            "issued_on",
            "is_trusted",
            "received_at",
            *_OF_BASE,
        )
    )
    if facts.has_none(certificate.CERTIFICATE):  # an applicant of whom we have issued nothing
        return base.drop("is_trusted", "received_at").with_columns(_RANK, _IS_HERE)
    own = own_holdings(facts)
    # Our own latest version of a certificate says what stood on it when it was issued.
    remaining = base.join(own.select("certificate_no").unique(), on="certificate_no", how="anti")
    every = pl.concat([remaining, beside(base, own), own], how="diagonal")
    return every.drop("is_trusted", "received_at", "issued_at").with_columns(_RANK, _IS_HERE)


# Of two levels of one category only the higher counts (E-09).
# Whether it was replaced is not known of a row that is not trusted.
_MAY_STAND = (
    (pl.col("status_code") != "replaced").fill_null(True) | ~pl.col("is_trusted")
) & pl.col("is_lawful")
_OF_CERTIFICATE = [
    pl.when("is_trusted").then(pl.col("valid_until", "issued_on")),
    pl.when("is_trusted").then("status_code").alias("certificate_status"),
]
_OF_BASE = [
    pl.col("valid_to").alias("ended_on"),
    pl.col("valid_from").alias("held_from"),
    pl.lit(None, pl.Datetime("us", "UTC")).alias("granted_at"),
    pl.when(pl.col("status_code") == "valid")
    .then("certificate_status")
    .otherwise("status_code")
    .alias("status_code"),
    # Whose it is nobody knows while it stands on another enterprise's certificate (reading 89).
    pl.when(pl.col("is_trusted") & pl.col("is_its_own")).then(True).alias("is_held"),
]
_RANK = RANK.alias("rank")
_IS_HERE = pl.when(~names_another_province(pl.col("certificate_no"))).then(True).alias("is_here")


def of_item(held: pl.LazyFrame, cases: pl.LazyFrame) -> pl.LazyFrame:
    """What is held of the category, and sub-category, that each case names.

    Whether a kind is meant that the case does not name is not known: of S36 certificates tell the
    kinds (结构补强 and others), applications do not (reading 72).

    Args:
        held: from `held_now`.
        cases: `application_id`, `OF_ITEM`, and what else is wanted of the case.

    Returns:
        The columns of both, `subcategory` being the case's, and `is_of_a_kind`: that it is of a
        kind that the case does not name, so that `is_held` and `is_valid` are null or false.
    """
    named = pl.col("subcategory_named")
    return (
        held.join(
            cases.rename({"subcategory": "subcategory_named"}),
            on=["application_id", "category_code"],
        )
        .filter((pl.col("subcategory") == named) | (named == ""))
        .with_columns(is_of_a_kind=pl.col("subcategory") != named)
        .with_columns(
            kleene.all_of(pl.col(truth), pl.when(~pl.col("is_of_a_kind")).then(True)).alias(truth)
            for truth in ("is_held", "is_valid")
        )
        .drop("subcategory")
        .rename({"subcategory_named": "subcategory"})
    )


def concerning(held: pl.DataFrame, cases: pl.DataFrame) -> pl.LazyFrame:
    """The holding each case is about: its row of `held`, the valid one first.

    Args:
        held: from `held_now`.
        cases: `application_id`, `category_code`, `subcategory`, `held_rank` (null: about none).
    """
    wanted = cases.lazy().select("application_id", *OF_ITEM, "held_rank").drop_nulls("held_rank")
    return (
        of_item(held.lazy(), wanted)
        .filter(pl.col("rank") == pl.col("held_rank"))
        # One that may be valid goes before one that surely is not.
        .sort(
            pl.col("is_valid").cast(pl.Float64).fill_null(0.5),
            "valid_until",
            descending=True,
            nulls_last=True,
        )
        .unique("application_id", keep="first", maintain_order=True)
    )
