"""The titles of qualifications, as certificates print them.

Belongs here: where a 分项 or special kind stands in a title. Does not: the names themselves
or any requirement (`decisions.rulebook`).
"""

from __future__ import annotations

from functools import cache

from decisions.rulebook import load

_SERIES_ZH = ("施工总承包", "专业承包")


@cache
def titles() -> dict[str, tuple[str, str]]:
    """Chinese and English title of every category by its code (建市[2014]159号)."""
    return {
        code: (category.name_zh, category.name_en) for code, category in load().categories.items()
    }


def category_title(code: str, subcategory: str = "") -> tuple[str, str]:
    """Chinese and English title with the series; a 分项 or special kind stands in brackets.

    Raises `KeyError` for a code that is none of the standard's.
    """
    name_zh, name_en = titles()[code]
    if subcategory:
        series = next(one for one in _SERIES_ZH if name_zh.endswith(one))
        name_zh = f"{name_zh.removesuffix(series)}（{subcategory}）{series}"
    return name_zh, name_en
