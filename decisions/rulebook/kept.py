"""The rulebooks that decisions were made by, kept in the lakehouse.

Belongs here: keeping a rulebook before the first decision by it, and finding it again by its
digest. Does not: reading the rulebook's files (`decisions.rulebook.reading`).

Changing the law is editing files; what decided yesterday must still be there to be replayed
and archived (regulations H5).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

import polars as pl

from assets.lake.store import Store
from assets.tables import decision
from decisions.rulebook.book import Rulebook, from_document

STAGE = "keep_rulebook"

Find = Callable[[str | None], Rulebook]


class RulebookLost(LookupError):
    """The rulebook of a decision is neither at hand nor in the lakehouse."""


def keep(store: Store, rulebook: Rulebook, now: datetime) -> None:
    """Keep the rulebook unless the lakehouse has it.

    Raises:
        SnapshotConflict: another writer kept one meanwhile; call again.
    """
    if _was_kept(store, rulebook.digest):
        return
    row = {
        "rulebook_digest": rulebook.digest,
        "first_used_at": now,
        "content_json": rulebook.document,
    }
    turn = store.turn(decision.RULEBOOK, STAGE)
    known = turn.scan().select("rulebook_digest").collect()["rulebook_digest"]
    if rulebook.digest not in known:
        turn.append(pl.DataFrame([row], schema=decision.RULEBOOK.schema))
    _kept.add((store.root, rulebook.digest))


_kept: set[tuple[str, str]] = set()
"""What this process knows to be kept, by lakehouse: the log only grows."""


def _was_kept(store: Store, digest: str) -> bool:
    return (store.root, digest) in _kept and store.version(decision.RULEBOOK) is not None


def finder(store: Store, at_hand: Rulebook) -> Find:
    """A function from the digest that a decision records to its rulebook.

    It raises `RulebookLost` if there is none. A decision from before rulebooks were kept
    (no digest) is given the one at hand.
    """

    @lru_cache(maxsize=8)
    def find(digest: str | None) -> Rulebook:
        if digest is None or digest == at_hand.digest:
            return at_hand
        kept = (
            store.scan(decision.RULEBOOK)
            .filter(pl.col("rulebook_digest") == digest)
            .select("content_json")
            .collect()["content_json"]
        )
        if kept.is_empty():
            raise RulebookLost(
                f"规则库 {digest[:16]} 不在库中 the lakehouse has no rulebook {digest}; "
                "the archive package of the case holds its own copy"
            )
        return from_document(kept[0])

    return find
