"""What stands on the certificates that Miaoban has issued, and what has ended of it since.

Belongs here: the latest version of each certificate, beside what its channel has told after it.
Does not: what other certificates say (`decisions.held`), what a grant makes of it
(`certificates`).

Our own version says at once what is held: nobody waits for a channel to hand it back. But a
qualification is withdrawn, revoked, struck or cancelled by an authority (regulations D), and only
the channel tells of it.
"""

from __future__ import annotations

import polars as pl

from assets.tables import certificate, enterprise
from decisions.facts import Facts
from decisions.unread import STRANGER

OURS = "province"
"""Whose certificates Miaoban issues."""
ENDED = ("withdrawn", "revoked", "struck", "cancelled")
"""How an authority ends a certificate or a qualification (D5-D10)."""
LINE = ["certificate_no", "category_code", "subcategory", "level"]
"""The key of what stands on a certificate."""


def own_grants(facts: Facts) -> pl.LazyFrame:
    """The qualifications on the latest version of each certificate Miaoban has issued.

    Returns:
        `usc_code`, `LINE`, `held_from`, `valid_until`, `issued_on`, `issued_at`,
        `authority_code`, `status_code` (`valid`, or how it ended after it was issued), and
        `is_held`: null where what the channel has told since is not known.
    """
    lines = _issued(facts)
    told = (
        facts.table(enterprise.QUALIFICATION)
        .join(
            lines.select("usc_code", "issued_on", "issued_at", of="certificate_no").unique(),
            on="usc_code",
        )
        .filter(_MAY_BE_ON_IT)
    )
    ended = (
        told.filter("is_trusted")
        .group_by("of", *LINE[1:])
        .agg(_HOW_IT_ENDED)
        .rename({"of": LINE[0]})
    )
    return (
        lines.join(ended, on=LINE, how="left")
        .join(_of_certificates(lines, facts), on="certificate_no", how="left")
        .join(_in_doubt(told), on="certificate_no", how="left")
        .with_columns(
            authority_code=pl.lit(OURS),
            status_code=pl.coalesce("certificate_ended", "ended", pl.lit("valid")),
            is_held=pl.when(
                pl.col("is_doubtful").is_null()
                & ~pl.col("is_certificate_doubtful").fill_null(False)
            ).then(True),
        )
        .drop("certificate_ended", "ended", "is_doubtful", "is_certificate_doubtful")
    )


def beside(base: pl.LazyFrame, own: pl.LazyFrame) -> pl.LazyFrame:
    """What a channel has entered on a number since our latest version, under another key.

    Args:
        base: `LINE`, `held_from`, `is_trusted`, `received_at`.
        own: of `own_grants`.
    """
    dated = own.select("certificate_no", "issued_on", "issued_at").unique()
    is_since = pl.when("is_trusted").then(pl.col("held_from") > pl.col("issued_on_right"))
    names = base.collect_schema().names()
    return (
        base.join(own, on=LINE, how="anti")
        .join(dated, on="certificate_no")
        .filter(pl.coalesce(is_since, pl.col("received_at") > pl.col("issued_at")))
        .select(names)
    )


def _issued(facts: Facts) -> pl.LazyFrame:
    newest = (
        facts.raw(certificate.CERTIFICATE)
        .sort("version", descending=True)
        .unique("certificate_no", keep="first", maintain_order=True)
        .select("file_sha256", "issued_at")
    )
    return (
        facts.raw(certificate.QUALIFICATION)
        .join(newest, on="file_sha256")
        .select("usc_code", *LINE, "held_from", "valid_until", "issued_on", "issued_at")
    )


_NUMBER, _ENDED_ON = pl.col("certificate_no"), pl.col("valid_to")
_IS_LATER = pl.col("received_at") > pl.col("issued_at")
_IS_NAMELESS = _NUMBER.is_null() | _NUMBER.str.starts_with(STRANGER)
# One whose number cannot be read may be of any of the enterprise's certificates.
_MAY_BE_ON_IT = (pl.col("of") == _NUMBER).fill_null(False) | (~pl.col("is_trusted") & _IS_NAMELESS)
_IS_ENDED = pl.col("status_code").is_in(ENDED) & (pl.col("issued_on") <= _ENDED_ON)
# A channel tells each version by a row of its own: what goes on is told again from that day.
_REPLACED = _ENDED_ON.filter(
    (pl.col("status_code") == "replaced") & (pl.col("issued_on") < _ENDED_ON)
).max()
_BEGUN = pl.col("valid_from").filter(pl.col("status_code") == "valid").max()
_HOW_IT_ENDED = (
    pl.coalesce(
        pl.col("status_code").filter(_IS_ENDED).sort_by(_ENDED_ON.filter(_IS_ENDED)).last(),
        pl.when(_REPLACED.is_not_null() & ~(_BEGUN >= _REPLACED).fill_null(False)).then(
            pl.lit("replaced")
        ),
    ).alias("ended"),
)
_MAY_HAVE_ENDED = ~pl.col("is_trusted") | ((pl.col("status_code") != "valid") & _ENDED_ON.is_null())


def _in_doubt(told: pl.LazyFrame) -> pl.LazyFrame:
    """Certificates of which something told since is not known: `is_doubtful`, which is true."""
    return (
        told.filter(_IS_LATER & _MAY_HAVE_ENDED)
        .select(certificate_no="of", is_doubtful=pl.lit(True))
        .unique()
    )


def _of_certificates(lines: pl.LazyFrame, facts: Facts) -> pl.LazyFrame:
    """How a certificate as a whole ended after it was issued, or may have."""
    return (
        facts.table(enterprise.CERTIFICATE)
        .join(lines.select("usc_code", "issued_at", of="certificate_no").unique(), on="usc_code")
        .filter(_MAY_BE_ON_IT & _IS_LATER)
        .group_by(certificate_no="of")
        .agg(
            certificate_ended=pl.col("status_code")
            .filter(pl.col("is_trusted") & pl.col("status_code").is_in(ENDED))
            .first(),
            is_certificate_doubtful=(~pl.col("is_trusted")).any(),
        )
    )
