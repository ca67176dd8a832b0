"""The matter as people write it: by the code of its category, or by its title on certificates.

Belongs here: reading what stands for an item. Does not: whether the enterprise may apply for it
(`decisions.switches`), whether it has done so already (`decisions.filing.screening`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from decisions.filing.rejections import Fault, IntakeError
from decisions.rulebook.book import Rulebook
from decisions.rulebook.rule_set import LEVEL_RANK

_LEVEL = re.compile(f"(.+?)({'|'.join(LEVEL_RANK)})?")
_CODE = re.compile(r"[GS]\d{2}")
_MARKS = re.compile(r"[\W_]")
"""What people set between the parts of an item, or around them."""
_NO_LEVELS = "不分等级"
_NUMERALS = str.maketrans("壹贰叁", "一二三")
"""Certificates print levels so."""
_OF_THE_CITY = re.compile("(施工|建筑)?劳务|燃气燃烧器具|燃气器具")
"""What 令22 Art. 11 gives to the city beside categories and levels of the standard (A3)."""


@dataclass(frozen=True, slots=True)
class Item:
    """What is applied for."""

    category_code: str
    subcategory: str
    level: str

    def __str__(self) -> str:
        return "-".join(filter(None, (self.category_code, self.subcategory, self.level)))


def read_item(text: str, rulebook: Rulebook) -> Item:
    """`S11-二级`, `S18-公路安全设施-二级`, or by title: `建筑装修装饰工程专业承包二级`.

    Raises:
        IntakeError: the standard has no such item, or more than one.
    """
    # As people type it: small letters, full-width ones, brackets, any dash.
    written = _MARKS.sub("", unicodedata.normalize("NFKC", text)).upper().translate(_NUMERALS)
    found = _LEVEL.fullmatch(written.removesuffix("资质"))
    named = _names(rulebook).get(found[1]) if found else None
    if found is None or named is None:
        raise IntakeError(_unread(text, written, rulebook))
    has_none = _levels(rulebook)[named] == [_NO_LEVELS]
    item = Item(*named, found[2] or (_NO_LEVELS if has_none else ""))
    none_such = unknown_item(rulebook, item)
    if none_such is not None:
        raise IntakeError(none_such)
    return item


def unknown_item(rulebook: Rulebook, item: Item) -> Fault | None:
    """What to tell of an item that the standard does not have."""
    if item.level in _levels(rulebook).get((item.category_code, item.subcategory), ()):
        return None
    what = _unknown(str(item)) if item.level else (f"{item} 未写明等级", f"{item} names no level")
    return _none_such(what, item.category_code, rulebook)


_Named = tuple[str, str]
"""A category by its code, and its sub-category."""


@lru_cache(maxsize=4)
def _levels(rulebook: Rulebook) -> Mapping[_Named, list[str]]:
    """The levels of each category and sub-category; none of a category that is divided."""
    found: dict[_Named, list[str]] = {(code, ""): [] for code in rulebook.categories}
    for rules in rulebook.rule_sets:
        levels = found.setdefault((rules.code, rules.subcategory), [])
        if rules.level.level not in levels:
            levels.append(rules.level.level)
    return found


@lru_cache(maxsize=4)
def _names(rulebook: Rulebook) -> Mapping[str, _Named]:
    """What people call each category and sub-category, without marks."""
    found: dict[str, _Named] = {}
    for code, subcategory in _levels(rulebook):
        category = rulebook.categories[code]
        title, _ = category.title(subcategory)
        for name in (f"{code}{subcategory}", title, f"{category.name_zh}{subcategory}"):
            found[_MARKS.sub("", name)] = code, subcategory
    return found


def _unread(text: str, written: str, rulebook: Rulebook) -> Fault:
    if _CODE.match(written):
        return _none_such(_unknown(text), written[:3], rulebook)
    if _OF_THE_CITY.search(written):
        return Fault(
            "unknown_item",
            f"{text} 不属本机关审批",
            "not decided by this authority",
            "请向企业注册所在设区的市住房和城乡建设主管部门申请（令22 第十一条）",
            "apply to the building authority of the city where the enterprise is registered "
            "(令22 Art. 11)",
        )
    return Fault(
        "unknown_item",
        f"无法识别事项 {text!r}",
        "cannot read the item",
        "请写作 类别-等级，如 S11-二级，或写证书所载名称和等级，如 建筑装修装饰工程专业承包二级；"
        "`miaoban rules` 列出全部类别和等级",
        "write category-level, e.g. S11-二级, or title and level as certificates print them; "
        "`miaoban rules` lists what there is",
    )


def _unknown(named: str) -> tuple[str, str]:
    return f"资质标准中没有此事项 {named}", f"the standard has no {named}"


def _none_such(what: tuple[str, str], code: str, rulebook: Rulebook) -> Fault:
    there_are = "、".join(
        str(Item(one, subcategory, level))
        for (one, subcategory), levels in _levels(rulebook).items()
        if one == code
        for level in levels
    )
    every = "`miaoban rules` lists every category and level"
    return Fault(
        "unknown_item",
        *what,
        f"请改填 {there_are}" if there_are else "`miaoban rules` 列出全部类别和等级",
        f"there are {there_are}; {every}" if there_are else every,
    )
