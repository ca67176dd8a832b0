"""The Chinese and the English of a text that has both, or names that have English elsewhere.

Belongs here: taking the texts of the criteria apart, and the English of the names in them
(`english.yaml`). Does not: the texts themselves (`decisions.rulebook.texts`, the judging modules).

A text is Chinese, phrase by phrase with the English beside it where it is a phrase of ours:
`存续 active`, `缺2人（张） short by 2`. Figures and the names of the standard stand in Chinese
alone: `建筑工程一级注册建造师`, `≥ 6 万平方米`. What is nobody's vocabulary (an enterprise, the
number of a document) has no English and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files

import yaml

BESIDE = r" (?:[Aa] )?[A-Z]?[a-z]{2,}[ -~]*"
"""English beside Chinese: from its first word, which may be `a`, to the next Chinese character."""
_BESIDE = re.compile(BESIDE)
_SEPARATOR = re.compile("([（）；：，、]| / |; )")
_SIGNS = {"（": " (", "）": ")", "；": "; ", "：": ": ", "，": ", ", "、": ", "}
_HAN = re.compile("[\u3400-\u9fff]")
_NUMBER = r"(\d+(?:\.\d+)?)"
_TEN_THOUSANDS = re.compile(
    rf"(?:{_NUMBER}( [<≤] [^\d<≤]+ [<≤] ))?{_NUMBER} ?万(?=[平立]方米|[吨元米]|千瓦)"
)
"""A figure in 万, or the lower and the upper one of a range: `0.6 ≤ 面积 < 1 万平方米`."""
_SINGULAR = {
    "people": "person",
    "classes": "class",
    "years": "year",
    "months": "month",
    "items": "item",
    "machines": "machine",
    "times": "time",
    "lamps": "lamp",
    "ports": "port",
    "sets": "set",
    "lines": "line",
    "structures": "structure",
}
_ONE = re.compile(rf"(?<![\d.,])1 ({'|'.join(_SINGULAR)})\b")
_APART = 0xE000
"""First of the private characters that stand for names with brackets or commas inside."""


@lru_cache(maxsize=1)
def names() -> Mapping[str, str]:
    """English by Chinese: the names of the standard, measures, units."""
    text = files("decisions").joinpath("english.yaml").read_text(encoding="utf-8")
    return {
        zh: en
        for section in yaml.load(text, yaml.CSafeLoader).values()
        for zh, en in section.items()
    }


def chinese(text: str) -> str:
    """The Chinese of a text, without the English beside it."""
    return _BESIDE.sub("", text)


@lru_cache(maxsize=65_536)
def english(text: str) -> str:
    """The English of a text; a phrase of which a word has none stays Chinese as a whole."""
    pieces = _SEPARATOR.split(_apart().sub(lambda found: _mark(found[0]), text))
    phrases, signs = pieces[::2], pieces[1::2]
    told = [_phrase(phrase) for phrase in phrases]
    depths = [0]
    for sign in signs:
        depths.append(depths[-1] + (sign == "（") - (sign == "）"))
    said = ""
    for n, one in enumerate(told):
        # The first half of a sentence whose English stands after its second half.
        is_half = one is None and any(
            other is not None and depth == depths[n] and _BESIDE.search(phrase)
            for other, depth, phrase in zip(
                told[n + 1 :], depths[n + 1 :], phrases[n + 1 :], strict=True
            )
        )
        if not is_half:
            said += phrases[n] if one is None else one
        sign = signs[n] if n < len(signs) else ""
        if not (is_half and sign in "；：，、"):
            said += _SIGNS.get(sign, sign)
    return _tidy(_apart_again(said))


def _phrase(phrase: str) -> str | None:
    """The English beside, or word by word; None where a word has none."""
    beside = _BESIDE.findall(phrase)
    if beside and _HAN.search(phrase):
        return " ".join(beside)
    spelt = _TEN_THOUSANDS.sub(_written_out, phrase)
    told = _words().sub(lambda found: f" {names()[found[0]]} ", spelt)
    return None if _HAN.search(told) else told


def _written_out(found: re.Match[str]) -> str:
    low, between, high = found.groups()
    return f"{_figure(low)}{between}{_figure(high)} " if low else f"{_figure(high)} "


def _figure(digits: str) -> str:
    return f"{(Decimal(digits) * 10_000).normalize():,f}"


@lru_cache(maxsize=1)
def _words() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(names(), key=len, reverse=True))))


@lru_cache(maxsize=1)
def _divided() -> tuple[str, ...]:
    """Names that a separator would take apart, the longest first."""
    found = (name for name in names() if _SEPARATOR.search(name))
    return tuple(sorted(found, key=len, reverse=True))


@lru_cache(maxsize=1)
def _apart() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, _divided())))


def _mark(name: str) -> str:
    return f" {chr(_APART + _divided().index(name))} "


def _apart_again(text: str) -> str:
    for n, name in enumerate(_divided()):
        text = text.replace(chr(_APART + n), names()[name])
    return text


def in_number(text: str) -> str:
    """An English text with the things it counts one of in the singular: `at least 1 person`.

    For what is printed; the texts of the record stay as they were written.
    """
    return _ONE.sub(lambda found: f"1 {_SINGULAR[found[1]]}", text)


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    return re.sub(r" (?=[,;:)\]])|(?<=[(\[]) |(?<=\w-) ", "", text).strip()
