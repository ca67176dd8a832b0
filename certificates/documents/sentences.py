"""A criterion in a sentence: what is required, what the data show, and what is short.

Belongs here: the sentence of a criterion that decided a case, in both languages. Does not: which
criteria decided (`certificates.documents.content`), the texts it is made of (the engine's).
"""

from __future__ import annotations

import re
from decimal import Decimal

from decisions.english import english, in_number
from decisions.words import Words

_SIGNS_ZH = (("≥ ", "不少于"), ("≥", "不少于"), ("≤ ", "不超过"), (" / ", "，或"))
_SIGNS_EN = (("≥ ", "at least "), ("≥", "at least "), ("≤ ", "at most "), (" / ", ", or "))
_FIGURE = re.compile(r"(?:.*(?:≥ ?|至少))?(\d+(?:\.\d+)?)( ?[^\s\d（）]*)")
"""The last figure of a requirement, with its unit: `高度≥ 80 米） ≥ 1项`, `4类中至少2类`."""
_SHOWN = re.compile(r"(\d+(?:\.\d+)?)( ?[^\s\d（）]*)(?:（.*）)?")
"""A figure alone that the data show, with its unit; in brackets how far it is known, or whence."""


NO_TEXT = Words(
    "本项的标准文本缺失，由本机关补齐后继续评审。",
    "The text of the standard for this is missing; the case goes on once the office has it.",
)


def sentence(required: Words, actual: Words, note: Words | None, result: str) -> Words:
    """The sentence, from the words of the criterion.

    What is short is told of one that is not met, where requirement and data are one figure each, in
    one unit, and the note does not tell it.
    """
    rest = _rest(gap(required.zh, actual.zh) if result == "not_met" else None, note)
    zh = f"本项要求“{_in_words(required.zh, _SIGNS_ZH)}”，现有数据为“{_in_words(actual.zh, ())}”"
    asked, shown = (words.en or words.zh for words in (required, actual))
    en = f"The requirement is “{_in_words(asked, _SIGNS_EN)}”; the data show “{shown}”"
    return Words(
        "，".join((zh, *(one.zh for one in rest))) + "。",
        "; ".join((en, *(one.en or one.zh for one in rest))) + ".",
    )


def _rest(short: Words | None, note: Words | None) -> list[Words]:
    told = note is not None and (note.zh.startswith("缺") or "，缺" in note.zh)
    return [one for one in (None if told else short, note) if one is not None]


def gap(required: str, actual: str) -> Words | None:
    """By how much the data fall short; None where that is no figure, or they do not."""
    asked, shown = _FIGURE.fullmatch(required), _SHOWN.fullmatch(actual)
    if asked is None or shown is None or " / " in required:
        return None
    short = Decimal(asked[1]) - Decimal(shown[1])
    if short <= 0 or asked[2].strip() != shown[2].strip():
        return None
    return short_by(short, required)


def short_by(short: Decimal, required: str) -> Words:
    """That so much is short, in the unit of what is required; without one where that has none."""
    asked = _FIGURE.fullmatch(required)
    amount = f"{short.normalize():f}{asked[2] if asked else ''}"
    return Words(f"缺{amount}", in_number(f"short by {english(amount)}"))


def _in_words(text: str, signs: tuple[tuple[str, str], ...]) -> str:
    for sign, word in signs:
        text = text.replace(sign, word)
    return re.sub(r"(?<=[）\u3400-\u9fff]) (?=[\u3400-\u9fff])", "", text)
