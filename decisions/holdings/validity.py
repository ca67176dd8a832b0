"""Until when a certificate is valid: what is printed on it, and what notices have made of it (F9).

Belongs here: from the face date to the last valid day, between what is certain and what is
possible. Does not: what a notice says (`standards/extensions.yaml`), what is held
(`decisions.holdings.held`).

A notice that was seen and names the authority extends; one that is only recalled, or of which it is
not known whether it reaches the authority's certificates, may extend.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from assets.calendar import add_years
from decisions.rulebook.extensions import Extension

_ON = ["valid_until", "authority_code", "level", "issued_on", "decided_on"]


def bounds(
    face: date,
    notices: Sequence[Extension],
    *,
    authority: str | None,
    level: str | None,
    issued_on: date | None,
    known_on: date,
) -> tuple[date, date]:
    """The last day on which it is certainly valid, and the last on which it may be.

    Args:
        face: the last valid day as printed.
        notices: all there are, in order.
        authority: whose certificate it is; None = not known.
        level: of the qualification; None = not known.
        issued_on: when it was issued; None = not known.
        known_on: notices in force by this day count.
    """
    surely = at_most = face
    for notice in notices:
        is_level = not notice.levels or level is None or level in notice.levels
        reaches = authority is None or authority in (*notice.surely, *notice.perhaps)
        if known_on < notice.effective_from or not is_level or not reaches:
            continue
        may_be_spared = notice.spares_one_year and (
            issued_on is None or surely <= add_years(issued_on, 1)
        )
        # Whatever lies between may be its last day.
        if at_most >= notice.expires_from and surely <= notice.expires_to:
            at_most = max(at_most, notice.valid_to)
        if (
            notice.basis == "seen"
            and authority in notice.surely
            and (level is not None or not notice.levels)
            and not may_be_spared
            and notice.expires_from <= surely <= notice.expires_to
        ):
            surely = notice.valid_to
    return surely, at_most


def extended(rows: pl.DataFrame, notices: Sequence[Extension]) -> pl.DataFrame:
    """Rows of certificates with the last valid day as the notices have made it.

    Args:
        rows: `valid_until` (as printed), `authority_code`, `level`, `issued_on`, and `decided_on`,
            by which day notices are known; any may be null.
        notices: `Rulebook.extensions`.

    Returns:
        The rows with `valid_until` as is certain, and `valid_at_most`; both null where no day is
        printed.
    """
    latest = rows["decided_on"].max()
    known = [n for n in notices if isinstance(latest, date) and n.effective_from <= latest]
    since = min((notice.expires_from for notice in known), default=date.max)
    is_late = (rows["valid_until"] >= since) & rows["decided_on"].is_not_null()
    if not is_late.any():
        return rows.with_columns(valid_at_most="valid_until")
    faces = rows.select(_ON).unique().drop_nulls(["valid_until", "decided_on"])
    found = [
        bounds(face, known, authority=authority, level=level, issued_on=issued, known_on=day)
        for face, authority, level, issued, day in faces.iter_rows()
    ]
    reached = faces.with_columns(
        pl.Series("surely", [one for one, _ in found], pl.Date()),
        pl.Series("valid_at_most", [one for _, one in found], pl.Date()),
    )
    return (
        rows.join(reached, on=_ON, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(valid_until="surely")
        .drop("surely")
    )


def runs_on(day: pl.Expr, term: str = "valid") -> pl.Expr:
    """Whether a term, `<term>_until` to `<term>_at_most`, reaches a day; its last one is valid."""
    return (
        pl.when(pl.col(f"{term}_until") >= day)
        .then(True)
        .when(pl.col(f"{term}_at_most") < day)
        .then(False)
    )


def may_run_longer(term: str = "valid") -> pl.Expr:
    """Whether a notice may have extended the term beyond what is certain."""
    return (pl.col(f"{term}_until") < pl.col(f"{term}_at_most")).fill_null(False)
