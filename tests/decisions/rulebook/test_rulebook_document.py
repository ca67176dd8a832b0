"""The whole rulebook as one document, from which it is made again."""

from __future__ import annotations

from pathlib import Path

import pytest

from decisions.rulebook import from_document, load, load_cached
from decisions.rulebook.errors import RulebookError


def test_the_rulebook_made_from_its_document_is_the_same_rulebook() -> None:
    book = load()
    again = from_document(book.document)
    assert again.digest == book.digest
    assert [one.digest for one in again.rule_sets] == [one.digest for one in book.rule_sets]
    assert again.kinds == book.kinds and again.jurisdiction == book.jurisdiction


def test_a_copy_in_the_cache_has_the_digest_of_the_files(tmp_path: Path) -> None:
    made, read = load_cached(tmp_path), load_cached(tmp_path)
    assert made.digest == read.digest == load().digest


def test_a_pair_that_a_setting_has_settled_is_part_of_the_document() -> None:
    doubtful = next(one for one in load().jurisdiction.powers if one.doubt)
    pair = f"{doubtful.codes[0]} {doubtful.levels[0]}"
    settled = load(decided_by={pair: "ministry"})
    assert settled.digest != load().digest
    assert from_document(settled.document).jurisdiction == settled.jurisdiction


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"files": {}, "decided_by": {}}', '{"files": 1}']
)
def test_what_is_no_rulebook_is_refused(text: str) -> None:
    with pytest.raises(RulebookError):
        from_document(text)
