"""What stands on the certificates that Miaoban has issued, and what has ended of it since.

Belongs here: the latest version of each certificate, beside what its channel has told after it.
Does not: what other certificates say (`decisions.holdings.held`), what a grant makes of it
(`certificates`).

Our own version says at once what is held: nobody waits for a channel to hand it back. But a
qualification is withdrawn, revoked, struck or cancelled by an authority (regulations D), and only
the channel tells of it, perhaps late. So what it tells is held against the day on which the
qualification itself was last granted or verified, not against the latest version: a change, a
replacement or the grant of another qualification prints it again, and verifies nothing.
"""

from __future__ import annotations

import polars as pl

from assets.bases.quarantine import STRANGER
from assets.lake.declaration import Table
from assets.tables import certificate, enterprise
from decisions.facts.model import Facts

OURS = "province"
"""Whose certificates Miaoban issues."""
ENDED = ("withdrawn", "revoked", "struck", "cancelled")
"""How an authority ends a certificate or a qualification (D5-D10)."""
LINE = ["certificate_no", "category_code", "subcategory", "level"]
"""The key of what stands on a certificate."""
GRANTS = ("new_certificate", "add_to_certificate", "replace_level")
"""Effects by which something comes to stand on a certificate."""
VERIFIES = ("renew", "reverify")
"""Effects by which what stands on it is verified anew."""


def own_grants(facts: Facts) -> pl.LazyFrame:
    """The qualifications on the latest version of each certificate Miaoban has issued.

    Returns:
        `usc_code`, `LINE`, `held_from`, `valid_until`, `issued_on`, `issued_at`, `granted_at`
        (null: a channel told it first), `authority_code`, `status_code` (`valid`, or how it ended
        after it was granted), `ended_on` (its last day, where the channel tells one of the
        qualification), and `is_held`: null where what the channel has told since is not known.
    """
    return _as_told(_issued(facts).filter("is_printed"), facts)


def own_holdings(facts: Facts) -> pl.LazyFrame:
    """The rows of `own_grants`, and what later versions print no more since it had ended.

    By itself, or by an authority; of no level of it a later version tells. It was held on days
    before that, and is one that has ended, as what its last version still prints.
    """
    every = _as_told(_issued(facts), facts, "is_printed")
    has_run_out = pl.col("valid_until") < pl.col("issued_on")
    has_been_ended = pl.col("is_held") & pl.col("status_code").is_in(ENDED)
    return every.filter(pl.col("is_printed") | has_run_out | has_been_ended).drop("is_printed")


def _as_told(lines: pl.LazyFrame, facts: Facts, *marks: str) -> pl.LazyFrame:
    """Lines of `_issued` with what the channel has told of them since, and their `marks`."""
    told = _told(lines, facts)
    ended = told.filter(pl.col("is_trusted") & _IS_OF_LINE).group_by(_OF_LINE).agg(_HOW_IT_ENDED)
    doubtful = told.filter(_IS_DOUBTFUL).select(*_OF_LINE, is_doubtful=pl.lit(True))
    return (
        lines.join(ended, on=LINE, how="left")
        .join(_of_certificates(lines, facts), on=LINE, how="left")
        .join(doubtful.unique(), on=LINE, how="left")
        .with_columns(
            authority_code=pl.lit(OURS),
            status_code=pl.coalesce("certificate_ended", "ended", pl.lit("valid")),
            is_held=pl.when(
                ~pl.any_horizontal(
                    pl.col("is_doubtful", "is_contradicted", "is_certificate_doubtful").fill_null(
                        False
                    )
                )
            ).then(True),
        )
        .drop(
            *({"is_printed"} - set(marks)),
            "verified_on",
            "certificate_ended",
            "ended",
            "is_doubtful",
            "is_contradicted",
            "is_certificate_doubtful",
        )
    )


def what_ended(facts: Facts) -> pl.LazyFrame:
    """The rows of the channel by which what Miaoban issued ended, or is not known to stand.

    Returns:
        `LINE` of what stands on the certificate, `target` and `row_key` of the row that tells,
        `status_code`, `ended_on` (null: not told), `is_trusted`, `delivery_id`, `row_no`,
        `received_at`.
    """
    lines = _issued(facts).filter("is_printed")
    told = _told(lines, facts)
    of_it = told.filter(pl.col("is_trusted") & _IS_OF_LINE).filter(
        (_IS_ENDED | _IS_LOWERED | _IS_CONTRADICTED).over(f"{name}_of" for name in LINE)
    )
    of_its_certificate = _told_of_certificates(lines, facts)
    return pl.concat(
        [
            of_it.select(_telling(enterprise.QUALIFICATION, "valid_to")),
            told.filter(_IS_DOUBTFUL).select(_telling(enterprise.QUALIFICATION, "valid_to")),
            of_its_certificate.filter(_IS_END_OF_ALL | _IS_DOUBTFUL).select(
                _telling(enterprise.CERTIFICATE)
            ),
        ]
    )


def _telling(table: Table, ended_on: str | None = None) -> list[pl.Expr]:
    return [
        *_OF_LINE,
        pl.lit(table.name).alias("target"),
        pl.col(table.key[0]).alias("row_key"),
        pl.col("status_code"),
        (pl.lit(None, pl.Date()) if ended_on is None else pl.col(ended_on)).alias("ended_on"),
        pl.col("is_trusted", "delivery_id", "row_no", "received_at"),
    ]


def beside(base: pl.LazyFrame, own: pl.LazyFrame) -> pl.LazyFrame:
    """What a channel tells on a number of ours that none of our versions lists.

    Entered since our latest version, under another key; or ended before we printed any, and so on
    none of ours: it was held on days before that.

    Args:
        base: `LINE`, `held_from`, `valid_until`, `status_code`, `is_trusted`, `received_at`.
        own: of `own_holdings`.
    """
    dated = own.select("certificate_no", "issued_on", "issued_at").unique()
    items = own.select(LINE[:-1]).unique().with_columns(is_of_ours=pl.lit(True))
    is_since = pl.when("is_trusted").then(pl.col("held_from") > pl.col("issued_on_right"))
    has_ended = pl.any_horizontal(
        pl.col("status_code").is_in(ENDED), pl.col("valid_until") < pl.col("issued_on_right")
    )
    names = base.collect_schema().names()
    return (
        base.join(own, on=LINE, how="anti")
        .join(dated, on="certificate_no")
        .join(items, on=LINE[:-1], how="left")
        .filter(
            pl.coalesce(is_since, pl.col("received_at") > pl.col("issued_at"))
            | (pl.col("is_trusted") & pl.col("is_of_ours").is_null() & has_ended.fill_null(False))
        )
        .select(names)
    )


def last_verified(versions: pl.LazyFrame) -> pl.LazyFrame:
    """When anything on a certificate was last renewed or verified anew, by Miaoban.

    Args:
        versions: of the register.

    Returns:
        `certificate_no`, `verified_on` (null: never).
    """
    return (
        versions.sort("version")
        .select("certificate_no", _verified_by_then())
        .unique("certificate_no", keep="last", maintain_order=True)
    )


def _verified_by_then() -> pl.Expr:
    """Of versions in order: when anything on the certificate was last renewed or verified anew."""
    verified_on = pl.when(pl.col("effect").is_in(VERIFIES)).then("issued_on")
    by_then = verified_on.cum_max().forward_fill().over("certificate_no")
    return by_then.alias("verified_on")


def _issued(facts: Facts) -> pl.LazyFrame:
    """What stands on each certificate by the last version that lists a level of its item.

    `is_printed`: that is the latest version of the certificate, whose `issued_on` and `issued_at`
    stand on all its lines. `verified_on` is the last day on which anything on the certificate was
    renewed or verified anew up to the version that lists the line; `granted_at` when Miaoban
    granted the line, null where a channel had told it before.
    """
    versions = facts.raw(certificate.CERTIFICATE)
    newest = (
        versions.sort("version", descending=True)
        .unique("certificate_no", keep="first", maintain_order=True)
        .select("certificate_no", "issued_on", "issued_at", newest_sha256="file_sha256")
    )
    of_version = versions.sort("version").select(
        "file_sha256", "issued_at", "effect", _verified_by_then(), listed_in="version"
    )
    every = (
        facts.raw(certificate.QUALIFICATION)
        .join(of_version, on="file_sha256")
        .sort("listed_in")
        .with_columns(
            is_newest=pl.col("held_from") == pl.col("held_from").max().over("file_sha256")
        )
    )
    # A grant enters one line, of its own day; what stood there before is older.
    granted = (
        every.group_by(*LINE, "held_from", maintain_order=True)
        .agg(pl.col("issued_at", "effect", "is_newest").first())
        .filter(pl.col("is_newest") & pl.col("effect").is_in(GRANTS))
        .select(*LINE, "held_from", granted_at="issued_at")
    )
    last_of_item = pl.col("listed_in") == pl.col("listed_in").max().over(LINE[:-1])
    return (
        every.filter(last_of_item)
        .select("usc_code", *LINE, "held_from", "valid_until", "verified_on", "file_sha256")
        .join(newest, on="certificate_no")
        .with_columns(is_printed=pl.col("file_sha256") == pl.col("newest_sha256"))
        .drop("file_sha256", "newest_sha256")
        .join(granted, on=[*LINE, "held_from"], how="left")
    )


def _told(lines: pl.LazyFrame, facts: Facts) -> pl.LazyFrame:
    """What the channel tells of the qualifications on these certificates, beside each line."""
    on_record = [*LINE, "held_from", "issued_on", "verified_on", "granted_at"]
    of_line = [pl.col(name).alias(f"{name}_of") for name in on_record]
    told = facts.table(enterprise.QUALIFICATION)
    return told.join(lines.select("usc_code", *of_line), on="usc_code").filter(_MAY_BE_ON_IT)


_OF_LINE = [pl.col(f"{name}_of").alias(name) for name in LINE]
_NUMBER, _ENDED_ON = pl.col("certificate_no"), pl.col("valid_to")
_IS_LATER = (pl.col("received_at") > pl.col("granted_at_of")).fill_null(True)
_IS_NAMELESS = _NUMBER.is_null() | _NUMBER.str.starts_with(STRANGER)
# One whose number cannot be read may be of any of the enterprise's certificates.
_MAY_BE_ON_IT = (pl.col("certificate_no_of") == _NUMBER).fill_null(False) | (
    ~pl.col("is_trusted") & _IS_NAMELESS
)
_IS_DOUBTFUL = _IS_LATER & ~pl.col("is_trusted")
_IS_OF_LINE = pl.all_horizontal(pl.col(name) == pl.col(f"{name}_of") for name in LINE)
# A channel tells each version by a row of its own: what goes on is told again from that day.
_BEGUN = pl.col("valid_from").filter(pl.col("status_code") == "valid").max()
_HELD_FROM = pl.col("held_from_of")
_IS_AGAIN = (_BEGUN >= _ENDED_ON).fill_null(False)
_IS_OVER = pl.when(_IS_AGAIN).then(_HELD_FROM < _ENDED_ON).otherwise(_HELD_FROM <= _ENDED_ON)
_IS_BY_AUTHORITY = pl.col("status_code").is_in(ENDED) & _IS_OVER
# Verified anew by who did not know of the end, or told as going on: which of both, nobody knows.
_IS_ENDED = _IS_BY_AUTHORITY & ~_IS_AGAIN & (pl.col("verified_on_of") <= _ENDED_ON).fill_null(True)
_IS_REPLACED = (pl.col("status_code") == "replaced") & (_HELD_FROM < _ENDED_ON) & ~_IS_AGAIN
_IS_LOWERED = _IS_REPLACED & (pl.col("issued_on_of") < _ENDED_ON)
# Ended on nobody knows which day, and not told again since it began.
_IS_UNDATED = (
    (pl.col("status_code") != "valid")
    & _ENDED_ON.is_null()
    & _IS_LATER
    & ~(pl.col("valid_from") < _BEGUN).fill_null(False)
)
_IS_CONTRADICTED = (_IS_BY_AUTHORITY & ~_IS_ENDED) | (_IS_REPLACED & ~_IS_LOWERED) | _IS_UNDATED
_HOW_IT_ENDED = (
    pl.coalesce(
        pl.col("status_code").filter(_IS_ENDED).sort_by(_ENDED_ON.filter(_IS_ENDED)).last(),
        pl.when(_IS_LOWERED.any()).then(pl.lit("replaced")),
    ).alias("ended"),
    _ENDED_ON.filter(_IS_ENDED).max().alias("ended_on"),
    _IS_CONTRADICTED.any().alias("is_contradicted"),
)


_IS_END_OF_ALL = pl.col("is_trusted") & pl.col("status_code").is_in(ENDED)


def _of_certificates(lines: pl.LazyFrame, facts: Facts) -> pl.LazyFrame:
    """How the certificate of a line as a whole was ended, or may have been.

    Nothing is granted on one that was ended, so it is the end of all that stands on it.
    """
    return (
        _told_of_certificates(lines, facts)
        .group_by(_OF_LINE)
        .agg(
            certificate_ended=pl.col("status_code").filter(_IS_END_OF_ALL).first(),
            is_certificate_doubtful=_IS_DOUBTFUL.any(),
        )
    )


def _told_of_certificates(lines: pl.LazyFrame, facts: Facts) -> pl.LazyFrame:
    """What the channel tells of these certificates, beside each line."""
    of_line = [pl.col(name).alias(f"{name}_of") for name in [*LINE, "granted_at"]]
    told = facts.table(enterprise.CERTIFICATE)
    return told.join(lines.select("usc_code", *of_line), on="usc_code").filter(_MAY_BE_ON_IT)
