"""The page `docs/rules.md`: every category, level and notice, what is encoded and on what basis.

Belongs here: the page and its sections on the standard. Does not: the section on the kinds of
application (`decisions.rules_page.kinds`), any rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from decisions.rulebook.book import Rulebook
from decisions.rulebook.extensions import NEVER
from decisions.rulebook.model import PARTS, Category, Level
from decisions.rulebook.rule_set import RuleSet
from decisions.rulebook.texts import PART_TEXTS, CriterionText, describe
from decisions.rules_page import kinds
from decisions.rules_page.marks import MARKS

PILOT = date(2016, 12, 1)
"""The trial run over all categories."""
_NONE = "·"
_COLUMNS = {
    "net_assets": "净资产",
    "assets_other": "其他资产",
    "constructors": "建造师",
    "technical_lead": "技术负责人",
    "titled_staff": "职称人员",
    "site_managers": "现场管理人员",
    "skilled_workers": "技术工人",
    "other_staff": "其他人员",
    "lead_performance": "主持业绩",
    "performance": "企业业绩",
    "equipment": "装备",
}
_AUTHORITIES = {"ministry": "部", "province": "省", "city": "市"}


def coverage(book: Rulebook) -> str:
    """The whole page as Markdown."""
    return "\n".join(_page(book)) + "\n"


def _page(book: Rulebook) -> Iterator[str]:
    yield "# 规则库 The rulebook: what is encoded, on what basis, since when"
    yield ""
    yield (
        "Generated from `decisions/standards/` by `make docs`; a test compares it. "
        "Do not edit by hand."
    )
    yield ""
    yield (
        "The figures are those of 建市[2014]159号 with what later notices changed. "
        "● seen: read in a public copy of the text. ○ recalled: known, no copy found to check it. "
        "? unknown: the standard has it, or may have it, and nobody found it; such a part has no "
        "data, and the case waits for the rule. · not asked."
    )
    yield ""
    yield from _totals(book)
    yield from _amendments(book)
    yield from _extensions(book)
    yield from _exceptions(book)
    yield from kinds.section(book)
    for category in book.categories.values():
        yield from _category(book, category)


def _totals(book: Rulebook) -> Iterator[str]:
    levels = [level for category in book.categories.values() for level in category.levels]
    asked = Counter(
        text.basis
        for rules in book.rule_sets
        if rules.valid_from == rules.category.in_force_from
        for text in _figures(rules)
    )
    yield "## 合计 Totals"
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| 类别 categories | {len(book.categories)} |"
    yield f"| 等级 levels | {len(levels)} |"
    yield f"| 规则集 rule sets (level × interval of days) | {len(book.rule_sets)} |"
    yield f"| 2014年文本的指标 indicators of the text of 2014 | {sum(asked.values())} |"
    for basis in ("seen", "recalled", "unknown"):
        yield f"| – {MARKS[basis]} {basis} | {asked[basis]} |"
    yield f"| 有缺失的等级 levels with something unknown | {sum(bool(x.unknown) for x in levels)} |"
    for day in (PILOT, max(rules.valid_from for rules in book.rule_sets)):
        can = _grantable(book, day)
        yield (
            f"| {day} 可由机器许可的等级 levels a machine can grant | {can['seen']} seen, "
            f"{can['recalled']} with recalled figures |"
        )
        yield (
            f"| – 不可 cannot | {can['unknown']} 缺文本 wait for a text, "
            f"{can['no channel']} 缺数据源 ask what no channel delivers |"
        )
    yield ""


def _figures(rules: RuleSet) -> Iterator[CriterionText]:
    """Indicators: the details of a part, or the part where it is one figure."""
    texts = list(describe(rules))
    parents = {text.parent for text in texts}
    return (text for text in texts if text.criterion not in parents)


def _grantable(book: Rulebook, day: date) -> Counter[str]:
    """How many levels a machine can grant on a day, or what stands against it."""
    found: Counter[str] = Counter()
    for category in book.categories.values():
        for level in category.levels:
            rules = book.rule_set(category.code, level.subcategory, level.level, day)
            texts = list(describe(rules))
            lost = [name for name in rules.level.unknown if not name.startswith("scope_limits")]
            if lost or any(text.basis == "unknown" for text in texts):
                found["unknown"] += 1
            elif not all(text.evidence for text in texts):
                found["no channel"] += 1
            else:
                bases = {text.basis for text in texts}
                if rules.level.requirements.performance:
                    # Its works lie within the scope of whatever was held then (E14).
                    bases |= {
                        one.scope.basis
                        for one in category.levels
                        if one.subcategory == level.subcategory
                    }
                found["recalled" if "recalled" in bases else "seen"] += 1
    return found


def _amendments(book: Rulebook) -> Iterator[str]:
    yield "## 修订 Amendments"
    yield ""
    yield "| 起 from | 文件 document | 状态 status | 依据 basis | 触及等级 levels it changes |"
    yield "|---|---|---|---|---|"
    for one in book.amendments:
        touched = {
            (rules.code, rules.subcategory, rules.level.level)
            for rules in book.rule_sets
            if one.id in rules.amendments
        }
        certain = f" (recalled; certain from {one.certain_from})" if one.certain_from else ""
        yield (
            f"| {one.effective_from or '–'}{certain} | {one.title_zh} `{one.id}` | {one.status} "
            f"| {MARKS[one.basis]} | {len(touched) or '–'} |"
        )
    yield ""


def _extensions(book: Rulebook) -> Iterator[str]:
    yield "## 统一延期 Validity extended as a whole"
    yield ""
    yield (
        "What is only recalled, and certificates in `perhaps`, may be extended or not: past its "
        "printed day such a qualification is neither valid nor void, and its case waits."
    )
    yield ""
    yield (
        "| 起 from | 文件 document | 依据 basis | 证载届满日 last day printed | 延至 extended to "
        "| surely | perhaps |"
    )
    yield "|---|---|---|---|---|---|---|"
    for one in book.extensions:
        levels = f" {'、'.join(one.levels)}" if one.levels else ""
        until = "" if one.expires_to == NEVER else one.expires_to
        to = "未定 not set" if one.valid_to == NEVER else one.valid_to
        surely, perhaps = (
            "、".join(_AUTHORITIES[name] for name in names) or "–"
            for names in (one.surely, one.perhaps)
        )
        yield (
            f"| {one.effective_from} | {one.title_zh} `{one.id}`{levels} | {MARKS[one.basis]} "
            f"| {one.expires_from} – {until} | {to} | {surely} | {perhaps} |"
        )
    yield ""


def _exceptions(book: Rulebook) -> Iterator[str]:
    yield "## 上级低于下级之处 Where a higher level asks less"
    yield ""
    yield "So in the text; any other such place fails `miaoban rules check`."
    yield ""
    for one in book.known_exceptions:
        yield f"- {one.code} {one.level} {PART_TEXTS.get(one.part, ('承包范围',))[0]}: {one.reason}"
    yield ""


def _category(book: Rulebook, category: Category) -> Iterator[str]:
    yield f"## {category.code} {category.name_zh}"
    yield ""
    yield (
        f"{category.name_en} · {category.document} {category.section} · "
        f"核对日 last verified {category.verified_on}"
    )
    yield ""
    names = " | ".join(_COLUMNS[part] for part in PARTS)
    yield f"| 等级 level | 审批 decided by | {names} | 范围 scope | 修订 amendments |"
    yield "|---|---|" + "---|" * (len(PARTS) + 2)
    for level in category.levels:
        yield _level(book, category, level)
    yield ""
    for level in category.levels:
        if level.unknown:
            named = "、".join(f"`{name}`" for name in level.unknown)
            yield f"- {level.subcategory}{level.level} 缺失 missing: {named}"
    yield from (f"- {note}" for note in category.notes)
    yield ""


def _level(book: Rulebook, category: Category, level: Level) -> str:
    first = book.rule_set(category.code, level.subcategory, level.level, category.in_force_from)
    parts = {text.part: text.basis for text in describe(first) if text.parent is None}
    details = Counter(
        name.rstrip("?").partition(".")[0] for name in level.unknown if "." in name.rstrip("?")
    )
    marks = " | ".join(
        MARKS.get(parts.get(part, ""), _NONE) + ("?" if details[part] else "") for part in PARTS
    )
    scope = MARKS[level.scope.basis] if level.scope.limits or level.scope_zh else ""
    is_open = any(name.startswith("scope_limits") for name in level.unknown)
    power = book.power(category.code, level.level)
    decided = _AUTHORITIES[power.authority] + ("*" if power.doubt else "") if power else "–"
    last = [
        rules
        for rules in book.rule_sets
        if (rules.code, rules.subcategory, rules.level.level)
        == (category.code, level.subcategory, level.level)
    ][-1]
    amended = "、".join(last.notices) or "–"
    return (
        f"| {level.subcategory}{level.level} | {decided} | {marks} "
        f"| {scope}{'?' if is_open else ''} | {amended} |"
    )
