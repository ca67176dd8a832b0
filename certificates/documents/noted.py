"""What the checks noted about an enterprise, told to whoever filed: in words, without codes.

Belongs here: the notes among the evidence of a decision, each check once. Does not: finding them
(`decisions.notes`), the document around them (`certificates.documents.content`).

A note decides nothing. What a check found of a row (names, amounts, other enterprises) is told to
the office (`miaoban show`), not here: it may be of people or others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assets.tables.decision import NOTE
from certificates.documents.lacking import key_in_words
from decisions.waiting import remedies
from decisions.words import Words

NAMED_AT_MOST = 5
"""Rows of one check named in a document; of the rest only how many."""


@dataclass(frozen=True, slots=True)
class Note:
    """One check, and the rows of one table that it noted.

    Attributes:
        rows: the first of them, in words.
        others: how many more there are; None where there are none.
    """

    check: Words
    thing: Words
    rows: tuple[Words, ...]
    others: Words | None


def notes(evidence: Iterable[Mapping[str, Any]], applicant: str) -> Iterator[Note]:
    """The notes among rows of `decision__evidence`, in the order of the checks.

    Args:
        evidence: the rows of one evaluation.
        applicant: the code of the enterprise.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for row in evidence:
        if row["criterion"].startswith(NOTE):
            check_id = row["criterion"].removeprefix(NOTE)
            found.setdefault((check_id, row["target"]), set()).add(row["row_key"])
    for (check_id, target), keys in sorted(found.items()):
        more = len(keys) - NAMED_AT_MOST
        named = sorted(keys)[:NAMED_AT_MOST]
        yield Note(
            check=remedies.cause(target, "doubted", check_id),
            thing=remedies.thing(target),
            rows=tuple(key_in_words(target, "doubted", key, applicant) for key in named),
            others=Words(f"另{more}项", f"and {more} more") if more > 0 else None,
        )
