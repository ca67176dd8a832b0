"""Which review and which suit a decision leaves open, as the law stood on the day it was made.

Belongs here: the terms and the organs, dated, each with its article. Does not: when a decision
names them (`certificates.documents.content`).

行政许可法 Art. 38 asks that a refusal name the right to review and suit; Art. 32 that a refusal to
accept be given in writing. What a department of a local government decides may be reviewed by
that government, before 2024 also by the ministry above it. Basis: 行政诉讼法 Art. 46 (six
months) and the first day of the new 行政复议法 were seen, the other articles are recalled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from certificates.layout import Authority
from decisions.words import Words


@dataclass(frozen=True, slots=True)
class _Law:
    """A text from its first day on."""

    valid_from: date
    term: Words
    article: Words


_REVIEW = (
    _Law(
        date(1999, 10, 1),
        Words("六十日", "sixty days"),
        Words("行政复议法第九条、第十二条", "Administrative Reconsideration Law, Arts. 9 and 12"),
    ),
    _Law(
        date(2024, 1, 1),
        Words("六十日", "sixty days"),
        Words(
            "行政复议法第二十条、第二十四条", "Administrative Reconsideration Law, Arts. 20 and 24"
        ),
    ),
)
_SUIT = (
    _Law(
        date(1990, 10, 1),
        Words("三个月", "three months"),
        Words("行政诉讼法第三十九条", "Administrative Litigation Law, Art. 39"),
    ),
    _Law(
        date(2015, 5, 1),
        Words("六个月", "six months"),
        Words("行政诉讼法第四十六条", "Administrative Litigation Law, Art. 46"),
    ),
)
_ONE_REVIEWER_FROM = date(2024, 1, 1)
"""From this day the government reviews alone what its departments decide (Art. 24)."""


def rights(authority: Authority, decided_on: date) -> Words:
    """To whom and within which term a decision that goes against the applicant can be taken.

    Args:
        authority: the organ that decided.
        decided_on: the legal day of the decision.
    """
    review, suit = _in_force(_REVIEW, decided_on), _in_force(_SUIT, decided_on)
    reviewer, ministry = authority.government, authority.above
    if decided_on < _ONE_REVIEWER_FROM:
        reviewer = Words(f"{reviewer.zh}或者{ministry.zh}", f"{reviewer.en} or {ministry.en}")
    return Words(
        f"如不服本决定，可以自知道本决定之日起{review.term.zh}内向{reviewer.zh}申请行政复议"
        f"（{review.article.zh}），也可以自知道或者应当知道本决定之日起{suit.term.zh}内依法向"
        f"有管辖权的人民法院提起行政诉讼（{suit.article.zh}）。",
        f"Against this decision review may be applied for to {reviewer.en} within "
        f"{review.term.en} of learning of it ({review.article.en}), or a suit brought before the "
        f"people's court that has jurisdiction within {suit.term.en} ({suit.article.en}).",
    )


def _in_force(laws: tuple[_Law, ...], on: date) -> _Law:
    return [law for law in laws if law.valid_from <= on][-1]
