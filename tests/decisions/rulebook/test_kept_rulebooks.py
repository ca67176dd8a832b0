"""A rulebook is kept before the first decision by it, once, and found again by its digest."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from shipped import BOOK

from assets.lake.store import Store
from assets.tables import decision
from decisions.rulebook import Rulebook, load
from decisions.rulebook.book import from_document
from decisions.rulebook.kept import RulebookLost, finder, keep
from decisions.rulebook.rule_set import canonical_json

NOW = datetime(2017, 3, 1, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def older() -> Rulebook:
    doubtful = next(one for one in BOOK.jurisdiction.powers if one.doubt)
    return load(decided_by={f"{doubtful.codes[0]} {doubtful.levels[0]}": "ministry"})


def test_a_rulebook_is_kept_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    keep(store, BOOK, NOW)
    keep(store, BOOK, NOW)
    keep(Store(tmp_path), BOOK, NOW)
    assert store.read(decision.RULEBOOK)["rulebook_digest"].to_list() == [BOOK.digest]


def test_the_rulebook_of_an_older_decision_is_found_when_the_rules_have_moved_on(
    tmp_path: Path, older: Rulebook
) -> None:
    store = Store(tmp_path)
    keep(store, older, NOW)
    find = finder(store, at_hand=BOOK)
    assert find(older.digest).document == older.document
    assert find(BOOK.digest) is BOOK
    assert find(None) is BOOK


def test_one_that_was_never_kept_is_lost_and_says_where_to_look(
    tmp_path: Path,
) -> None:
    with pytest.raises(RulebookLost, match="archive package"):
        finder(Store(tmp_path), at_hand=BOOK)("0" * 64)


def test_a_rulebook_kept_before_designers_and_extensions_were_encoded_is_read_as_it_was() -> None:
    content = json.loads(BOOK.document)
    del content["files"]["designers.yaml"], content["files"]["extensions.yaml"]
    document = canonical_json(content)
    earlier = from_document(document)
    assert earlier.designers is None
    assert earlier.extensions == ()
    assert earlier.document == document
