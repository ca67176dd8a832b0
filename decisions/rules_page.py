"""The rulebook told to people: what is encoded and on what basis, and what changed when.

Belongs here: the page `docs/rules.md`, the effect of amendments, the difference of two days.
Does not: any rule, nor how a terminal looks (`pipelines.terminal.pages`). Run as
`python -m decisions.rules_page docs/rules.md`, or with `--check` to compare only.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from assets.documents import write_or_compare
from decisions.kinds import page as kinds_page
from decisions.rulebook.book import Rulebook, load
from decisions.rulebook.extensions import NEVER
from decisions.rulebook.model import PARTS, Category, Level, ScopeChoice, WorksLine
from decisions.rulebook.rule_set import RuleSet
from decisions.rulebook.texts import ALL, PART_TEXTS, CriterionText, describe
from decisions.rulebook.works_texts import class_text

PILOT = date(2016, 12, 1)
"""The trial run over all categories."""
_MARKS = {"seen": "●", "recalled": "○", "unknown": "?"}
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


# -- what changed ------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One thing that a level asks otherwise on a later day; None = not asked."""

    code: str
    subcategory: str
    level: str
    item: str
    zh: str
    before: str | None
    after: str | None
    amendments: tuple[str, ...]


def diff(book: Rulebook, first: date, second: date) -> list[Change]:
    """What every level asks otherwise on the second day than on the first.

    Raises:
        RulebookError: there was no standard on one of the days.
    """
    return [
        change
        for category in book.categories.values()
        for level in category.levels
        for change in changes(
            *(
                book.rule_set(category.code, level.subcategory, level.level, day)
                for day in sorted((first, second))
            )
        )
    ]


def changes(before: RuleSet, after: RuleSet) -> Iterator[Change]:
    """What one rule set asks otherwise than an earlier one of the same level."""
    old, new = dict(_asked(before)), dict(_asked(after))
    later = tuple(name for name in after.amendments if name not in before.amendments)
    for item in dict.fromkeys((*old, *new)):
        was, now = old.get(item), new.get(item)
        if was != now and not _falls_with_its_part(item, old, new):
            zh = (now or was or ("", ""))[0]
            yield Change(
                after.code,
                after.subcategory,
                after.level.level,
                item,
                zh,
                was and was[1],
                now and now[1],
                later or _of_cited(before, after, item),
            )


def _of_cited(before: RuleSet, after: RuleSet, item: str) -> tuple[str, ...]:
    return ("by the level cited",) if item == "lead_performance" and before != after else ()


def _asked(rules: RuleSet) -> Iterator[tuple[str, tuple[str, str]]]:
    """What a rule set asks: item to its Chinese name and the figure."""
    texts = list(describe(rules))
    for text in texts:
        required = text.required
        details = [f"{one.zh} {one.required}" for one in texts if one.parent == text.criterion]
        if required == ALL and details:
            required = "；".join(details)
        if text.criterion == "lead_performance" and rules.cited:
            cited = "；或 or ".join(
                f"{one.level}：{_thresholds(one)}" for one in (rules.cited, *rules.above)
            )
            required += f"（{cited}）"
        yield text.criterion, (text.zh or text.part, required)
    yield "scope", ("承包工程范围", scope_text(rules.level))
    for number, rule in enumerate(rules.level.platform, 1):
        grades = f", {'/'.join(rule.enterprise_grades)}级" if rule.enterprise_grades else ""
        before = "部批 ministry's cases" if rule.before else "全部 all cases"
        yield f"platform.{number}", ("业绩须在全国平台", f"{before}{grades}")


def _thresholds(cited: Level) -> str:
    performance = cited.requirements.performance
    if performance is None:
        return "标准文本缺失 text missing"
    return "; ".join(class_text(one) for one in performance.classes)


def _falls_with_its_part(
    item: str, old: dict[str, tuple[str, str]], new: dict[str, tuple[str, str]]
) -> bool:
    """Whether the part of a detail has come or gone as a whole, so that the part says it."""
    part = item.partition(".")[0]
    return part != item and part in PARTS and (part in old) != (part in new)


def effects(book: Rulebook, rules: RuleSet) -> list[tuple[str, list[Change]]]:
    """The effect of each amendment up to a rule set: its title, and what it changed."""
    titles = {one.id: f"{one.effective_from} {one.title_zh}" for one in book.amendments}
    same = [
        one
        for one in book.rule_sets
        if (one.code, one.subcategory, one.level.level)
        == (rules.code, rules.subcategory, rules.level.level)
        and one.valid_from <= rules.valid_from
    ]
    found = []
    for before, after in pairwise(same):
        names = [name for name in after.amendments if name not in before.amendments]
        title = "; ".join(titles[name] for name in names) or f"{after.valid_from} (level cited)"
        found.append((title, list(changes(before, after))))
    return found


def scope_text(level: Level) -> str:
    """The limits of the scope on one line."""
    told = [
        " 或 or ".join(_line(line) for line in limit.any_of)
        if isinstance(limit, ScopeChoice)
        else _line(limit)
        for limit in level.scope.limits
    ]
    missing = [name for name in level.unknown if name.startswith("scope_limits")]
    lost = "（标准文本缺失 text missing）" if missing else ""
    return ("；".join(told) or ("" if missing else "不限 no limit")) + lost


def _line(line: WorksLine) -> str:
    return f"{line.works}[{line.where}]" if line.where else line.works


def show(book: Rulebook, rules: RuleSet) -> str:
    """One rule set as plain text: figures with clauses, then the effect of each amendment."""
    lines = [
        f"{rules.name}  {rules.category.name_zh}  {rules.category.name_en}",
        f"适用申请日 days of filing: {rules.valid_from} – {rules.valid_to or '今 now'}",
        f"核对日 last verified: {rules.category.verified_on}   摘要 digest: {rules.digest}",
        f"来源 sources: {'; '.join(rules.level.sources) or '–'}",
        "",
    ]
    for text in describe(rules):
        indent = "  " if text.parent else ""
        lines.append(
            f"{indent}{text.zh or text.part} {text.required}  [{text.basis}]  {text.clause}"
        )
    lines.append(f"承包工程范围 scope: {scope_text(rules.level)}  [{rules.level.scope.basis}]")
    lines.extend(f"标准文本缺失 text missing: {name}" for name in rules.level.unknown)
    for title, changed in effects(book, rules):
        lines.extend(("", title))
        lines.extend(f"  {one_line(change)}" for change in changed)
    return "\n".join(lines)


def one_line(change: Change) -> str:
    """A change on one line."""
    before, after = change.before or "不考核 not assessed", change.after or "不考核 not assessed"
    return f"{change.zh or change.item}: {before} → {after}"


# -- what is encoded ---------------------------------------------------------------------


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
    yield from kinds_page.section(book)
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
        yield f"| – {_MARKS[basis]} {basis} | {asked[basis]} |"
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
            f"| {_MARKS[one.basis]} | {len(touched) or '–'} |"
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
            f"| {one.effective_from} | {one.title_zh} `{one.id}`{levels} | {_MARKS[one.basis]} "
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
        _MARKS.get(parts.get(part, ""), _NONE) + ("?" if details[part] else "") for part in PARTS
    )
    scope = _MARKS[level.scope.basis] if level.scope.limits or level.scope_zh else ""
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


if __name__ == "__main__":
    sys.exit(write_or_compare(coverage(load()), "the rulebook"))
