"""The titles of qualifications, as certificates print them.

Belongs here: where a 分项 or special kind stands in a title. Does not: the names themselves
or any requirement (`decisions.rulebook`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from certificates.issuing.shipped import shipped
from decisions.rulebook.model import Category
from decisions.words import Words

_SERIES_ZH = ("施工总承包", "专业承包")


@cache
def titles() -> dict[str, tuple[str, str]]:
    """Chinese and English title of every category by its code (建市[2014]159号)."""
    return {
        code: (category.name_zh, category.name_en)
        for code, category in shipped().categories.items()
    }


def category_title(code: str, subcategory: str = "") -> tuple[str, str]:
    """Chinese and English title with the series; a 分项 or special kind stands in brackets.

    Raises `KeyError` for a code that is none of the standard's.
    """
    return _titled(*titles()[code], subcategory)


def category_words(categories: Mapping[str, Category], row: Mapping[str, Any]) -> Words:
    """The title of what a row applies for, from the rulebook at hand; its code if that lacks it."""
    category = categories.get(row["category_code"])
    if category is None:
        return Words(row["category_code"], "")
    return Words(*_titled(category.name_zh, category.name_en, row["subcategory"]))


def _titled(name_zh: str, name_en: str, subcategory: str) -> tuple[str, str]:
    if subcategory:
        series = next(one for one in _SERIES_ZH if name_zh.endswith(one))
        name_zh = f"{name_zh.removesuffix(series)}（{subcategory}）{series}"
    return name_zh, name_en
