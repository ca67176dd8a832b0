"""When each qualification was held: by the enterprise base and by what Miaoban has issued.

Belongs here: from which day to which a qualification was held, and whether that is known. Does not:
what is held on the day of filing (`decisions.holdings.held`), what its level allowed
(`decisions.performance.scope`).
"""

from __future__ import annotations

import polars as pl

from assets.calendar import legal_date
from assets.tables import certificate, decision, enterprise
from decisions.facts.model import Facts
from decisions.holdings.ours import ENDED, LINE, OURS, VERIFIES, own_grants

SPELL = [
    *("usc_code", "category_code", "subcategory", "level"),
    *("held_from", "valid_until", "ended_on", "authority_code", "issued_on", "is_known"),
]
_DAY = pl.duration(days=1)
_OF_VERSION = ["certificate_no", "version"]


def spells(facts: Facts) -> pl.LazyFrame:
    """Every spell in which a qualification was held, as far as the base and Miaoban's own tell.

    One that the base does not tell the end of ends with its certificate (B3.5); on a certificate
    that Miaoban has issued a version of since, with the first day of that version, which says what
    stands on it from then on. Of what is not trusted nothing is known (`decisions.facts.unread`).
    That of two levels only the higher counts (E-09) is asked of a day, not of all.

    Returns:
        `SPELL`: `held_from`; `valid_until`, the last day of its term as printed (null: not known);
        `ended_on`, after which it was held no more, whatever the term (null: none is told);
        `authority_code` and `issued_on` of the certificate; `is_known`: false where it ended nobody
        knows when, so that it is only known not to have been held before and after.
    """
    base = (
        facts.table(enterprise.QUALIFICATION)
        .filter("is_trusted")
        .join(
            facts.table(enterprise.CERTIFICATE)
            .filter("is_trusted")
            .unique("certificate_no", keep="first")
            .select("certificate_no", "usc_code", *_OF_CERTIFICATE),
            # The certificate of another enterprise tells no term of this one's (reading 89).
            on=["certificate_no", "usc_code"],
            how="left",
        )
        .with_columns(
            held_from="valid_from",
            ended_on="valid_to",
            valid_until=pl.coalesce("valid_to", "valid_until"),
            is_known=(pl.col("valid_to").is_not_null() | _IS_STANDING).fill_null(False),
        )
    )
    if facts.has_none(certificate.CERTIFICATE):
        return base.select(SPELL)
    versions = _versions(facts).lazy()
    begun = versions.group_by("certificate_no").agg(
        begun_on=pl.col("since").min(), begun_by=pl.col("issued_on_own").min()
    )
    is_taken_over = pl.col("ended_on").is_null() & (pl.col("held_from") <= pl.col("begun_by"))
    told = base.join(begun, on="certificate_no", how="left").with_columns(
        ended_on=pl.when(is_taken_over).then(pl.col("begun_on") - _DAY).otherwise("ended_on")
    )
    return pl.concat([told.select(SPELL), _own(versions, facts).select(SPELL)])


_OF_CERTIFICATE = (
    "authority_code",
    "issued_on",
    "valid_until",
    pl.col("status_code").alias("certificate_status"),
)
# One that was superseded went on by another; how else a certificate ended, it ended nobody knows
# when.
_IS_STANDING = (pl.col("status_code") == "valid") & ~pl.col("certificate_status").is_in(ENDED)


def _versions(facts: Facts) -> pl.DataFrame:
    """The versions of Miaoban's own certificates, with the day from which each holds: `since`.

    That of the decision where something was renewed or verified anew (B3.3), or of the expiry by
    which it was deemed renewed; else that of the issue.

    Returns:
        `certificate_no`, `version`, `file_sha256`, `issued_on_own`, `since`, `is_verified`,
        `next_since` (of the version after it; null: none).
    """
    versions = facts.collect(
        facts.raw(certificate.CERTIFICATE).select(
            *_OF_VERSION,
            "file_sha256",
            "application_id",
            issued_on_own="issued_on",
            is_verified=pl.col("effect").is_in(VERIFIES),
        )
    )
    decided = pl.LazyFrame(schema={"application_id": pl.String(), "since": pl.Date()})
    if versions["is_verified"].any():
        decided = facts.raw(decision.DECISION).select(
            "application_id", since=pl.coalesce("lapsed_on", legal_date(pl.col("decided_at")))
        )
    return (
        versions.lazy()
        .join(decided.unique("application_id"), on="application_id", how="left")
        .drop("application_id")
        .with_columns(pl.coalesce("since", "issued_on_own"))
        .sort(_OF_VERSION)
        .with_columns(next_since=pl.col("since").shift(-1).over("certificate_no"))
        .pipe(facts.collect)
    )


def _own(versions: pl.LazyFrame, facts: Facts) -> pl.LazyFrame:
    """What stands, or has stood, on Miaoban's own certificates, one spell for each of its terms."""
    since, held_from = pl.col("since").first(), pl.col("held_from")
    stood = (
        facts.raw(certificate.QUALIFICATION)
        .drop("certificate_no", "version", "issued_on")
        .join(versions, on="file_sha256")
        .sort("version")
        .group_by("usc_code", *LINE, "held_from", "valid_until", maintain_order=True)
        .agg(
            since=since,
            is_verified=pl.col("is_verified").first(),
            issued_on=pl.col("issued_on_own").first(),
            dropped_on=pl.col("next_since").last(),
        )
        # Between the expiry and a renewal that came late nothing was held (B3.2).
        .with_columns(
            held_from=pl.when(pl.col("is_verified") & (held_from < pl.col("since")))
            .then("since")
            .otherwise("held_from")
        )
    )
    ended = (
        facts.table(enterprise.QUALIFICATION)
        .filter("is_trusted", pl.col("status_code").is_in(ENDED))
        .select(*LINE, "valid_to")
    )
    ended = (
        stood.join(ended, on=LINE)
        .filter((pl.col("valid_to") >= pl.col("held_from")).fill_null(True))
        .group_by(*LINE, "held_from")
        .agg(told_end=pl.col("valid_to").min(), is_undated=pl.col("valid_to").is_null().any())
    )
    now = own_grants(facts).select(*LINE, "is_held", "status_code", last_day="ended_on")
    is_newest = pl.col("dropped_on").is_null()
    # What ended of it, or may have, is told of what stands on the newest version.
    is_over = (pl.col("status_code") != "valid") & pl.col("last_day").is_null()
    return (
        stood.join(ended, on=[*LINE, "held_from"], how="left")
        .join(now, on=LINE, how="left")
        .with_columns(
            ended_on=pl.min_horizontal(
                pl.col("dropped_on") - _DAY, "told_end", pl.when(is_newest).then("last_day")
            ),
            authority_code=pl.lit(OURS),
            is_known=~pl.col("is_undated").fill_null(False)
            & ~(is_newest & (pl.col("is_held").is_null() | is_over)).fill_null(False),
        )
    )
