"""Who has moved here from another province, and may hold there what no base of ours tells (B6.1).

Belongs here: whether anything held there may stand, for who shows that nothing is held. Does not:
the events (`decisions.reverification.events`), what is verified anew after a move
(`decisions.switches.succession`).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from decisions.facts.model import Facts
from decisions.holdings.validity import extended, runs_on
from decisions.plans import as_written
from decisions.reverification.grounds import unanswered
from decisions.rulebook.extensions import Extension


def perhaps_held_elsewhere(
    cases: pl.DataFrame, held: pl.DataFrame, facts: Facts, notices: Sequence[Extension]
) -> pl.DataFrame:
    """Who has moved here, or perhaps has, and may hold something from before that (reading 101).

    The province that it left renews nothing since (A5): what was held there has run out five years
    after the move, unless a notice extended it.

    Args:
        cases: those of `decisions.reverification.grounds.unanswered`.
        held: what the applicants hold.
        facts: the release, with Miaoban's own decisions.
        notices: what extended certificates as a whole.

    Returns:
        `application_id`, once of each such case, and `has_moved`: a move is on record for certain.
    """
    moves = (
        unanswered(cases, held, facts)
        .filter((pl.col("event_code") == "moved_province").fill_null(True) | ~pl.col("is_trusted"))
        .join(cases.select("application_id", "decided_on"), on="application_id")
        .with_columns(
            valid_until=pl.when("is_trusted").then(
                pl.col("happened_on").dt.offset_by("5y") - pl.duration(days=1)
            ),
            issued_on=pl.lit(None, pl.Date()),
            authority_code=pl.lit(None, pl.String()),
            level=pl.lit(None, pl.String()),
        )
    )
    return (
        extended(moves, notices)
        .lazy()
        .filter(runs_on(pl.col("filed_on")).fill_null(True))
        .group_by("application_id")
        .agg(has_moved=pl.col("is_trusted").any())
        .pipe(as_written)
    )
