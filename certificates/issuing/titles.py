"""The titles of qualifications, as certificates print them.

Belongs here: whose rulebook a title is taken from. Does not: the titles themselves or any
requirement (`decisions.rulebook`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from certificates.issuing.shipped import shipped
from decisions.rulebook.model import Category
from decisions.words import Words


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
    return shipped().categories[code].title(subcategory)


def category_words(categories: Mapping[str, Category], row: Mapping[str, Any]) -> Words:
    """The title of what a row applies for, from the rulebook at hand; its code if that lacks it."""
    category = categories.get(row["category_code"])
    if category is None:
        return Words(row["category_code"], "")
    return Words(*category.title(row["subcategory"]))
