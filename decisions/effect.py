"""What a grant does to the certificate set: number kept or drawn, expiry kept or restarted.

Belongs here: regulations B1.5, B2.5, B3.3, B4.4, B5.2, B6.5, G4 as one table. Does not:
drawing numbers and printing (`certificates`).
"""

from __future__ import annotations

import polars as pl

from assets.calendar import validity_end
from decisions.facts import Facts
from decisions.held import held_now

EFFECTS = {
    "first": "new_certificate",
    "addition": "add_to_certificate",
    "upgrade": "replace_level",
    "renewal": "renew",
    "change": "change_content",
    "replacement": "reissue",
    "reverification": "reverify",
}
RESTARTS = ("renew", "reverify", "new_certificate")
"""Effects with a new term of five years; every other leaves the expiry alone (G4)."""


def effects(cases: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """For each case `effect`, `certificate_no` (null = to be drawn), `valid_until`, if granted.

    Upgrades and additions go on the enterprise's certificate of this authority; without a
    valid one a new set is drawn, whose term starts with the grant.
    """
    held = held_now(cases.select("application_id", "usc_code", "filed_on"), facts)
    asked = cases.select(
        "application_id",
        "kind",
        "assessment",
        "category_code",
        "subcategory",
        "level",
        "decided_on",
    )
    ours = held.filter(pl.col("authority_code") == "province")
    set_of = (
        ours.filter("is_valid")
        .sort("valid_until", "certificate_no", descending=True)
        .unique("application_id", keep="first", maintain_order=True)
        .select("application_id", set_no="certificate_no", set_until="valid_until")
    )
    # What the case is about may stand on the set of another level of authority.
    own = (
        held.join(
            asked.select("application_id", "category_code", "subcategory", "level"),
            on=["application_id", "category_code", "subcategory", "level"],
        )
        .sort("is_valid", "valid_until", descending=True)
        .unique("application_id", keep="first", maintain_order=True)
        .select("application_id", own_no="certificate_no", own_until="valid_until")
    )
    lower = (
        ours.filter("is_valid")
        .join(
            asked.select("application_id", "category_code", "subcategory"),
            on=["application_id", "category_code", "subcategory"],
        )
        .select("application_id", lower_no="certificate_no", lower_until="valid_until")
        .unique("application_id", keep="first", maintain_order=True)
    )
    rows = (
        asked.join(set_of, on="application_id", how="left")
        .join(own, on="application_id", how="left")
        .join(lower, on="application_id", how="left")
    )
    plain = pl.col("kind").replace_strict(EFFECTS)
    grows = pl.col("kind").is_in(["first", "addition", "upgrade"])
    effect = (
        pl.when(grows & pl.col("set_no").is_null())
        .then(pl.lit("new_certificate"))
        .when((pl.col("kind") == "upgrade") & pl.col("lower_no").is_null())
        .then(pl.lit("add_to_certificate"))
        .when(pl.col("kind") == "first")
        .then(pl.lit("add_to_certificate"))
        .otherwise(plain)
    )
    term = pl.col("decided_on").map_elements(validity_end, return_dtype=pl.Date())
    restarts = effect.is_in(RESTARTS) & (pl.col("assessment") != "reverification_simplified")
    number = (
        pl.when(effect == "new_certificate")
        .then(None)
        .when(grows)
        .then(pl.coalesce("lower_no", "set_no"))
        .otherwise("own_no")
    )
    kept = pl.when(grows).then(pl.coalesce("lower_until", "set_until")).otherwise("own_until")
    return rows.select(
        "application_id",
        effect=effect,
        certificate_no=number,
        valid_until=pl.when(restarts).then(term).otherwise(kept),
    )
