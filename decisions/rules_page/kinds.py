"""The kinds of application told to people: a section of the page of the rules.

Belongs here: what each kind states, as Markdown. Does not: any rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from decisions.kinds.every import KINDS
from decisions.kinds.model import Kind
from decisions.rulebook.book import Rulebook
from decisions.rules_page.marks import MARKS

_LEVELS = {
    "added": "列入 added",
    "replaced": "替换等级 takes the place of the level",
    "kept": "等级不变 as it is",
}


def section(book: Rulebook) -> Iterator[str]:
    """Who may file, what comes first, which data count, and what a grant does, kind by kind."""
    yield "## 申请类型 Kinds of application"
    yield ""
    yield (
        "Months of insurance and the source of the net assets are those of the kind; a merger or "
        "split may ask otherwise (`decisions/kinds/procedures.py`). What is assessed: the parts of "
        "the level that the kind looks at (`decisions/standards/kinds.yaml`)."
    )
    yield ""
    for kind in KINDS.values():
        yield from _kind(book, kind)


def _kind(book: Rulebook, kind: Kind) -> Iterator[str]:
    law = book.kinds
    yield f"### {kind.zh} {kind.en}"
    yield ""
    yield f"{kind.clause} {MARKS[kind.basis]} · filed as `{kind.filed_as}`"
    yield ""
    yield f"- 谁可申请 who may file: {kind.who}"
    yield f"- 数据 data: {kind.snapshot}"
    months = law.social_insurance_months.get(kind.code)
    source = law.net_assets_from.get(kind.code)
    if months is not None:
        yield f"- 社保 insurance: {months} 个月 full months; 净资产 net assets: {source}"
    for row in law.assessed:
        if row.assessment == kind.code:
            parts = "、".join(f"`{part}`" for part in row.parts) or "无 none"
            places = "/".join(row.places)
            yield (
                f"- 考核 assessed ({places}, {row.valid_from}–{row.valid_to or ''}): {parts}; "
                f"{row.clause} {MARKS[row.basis]}"
            )
    if kind.code in law.article_23:
        yield "- 第二十三条 Art. 23 refuses it: 令22 第二十三条 ●"
    grant = kind.grant
    number = "无证书者新编号 a number is drawn where there is no set" if grant.draws_number else ""
    yield (
        f"- 许可效果 a grant: {_LEVELS[grant.level]}；{grant.term.value}；"
        f"{number or '编号不变 the number is kept'}; {grant.clause} {MARKS[grant.basis]}"
    )
    yield ""
    yield "| 受理条件 switch | 要求 required | 条款 clause | 依据 basis |"
    yield "|---|---|---|---|"
    for one in kind.switches:
        clause, basis = one.clause, MARKS[one.basis]
        for then in one.later:
            clause += f"<br>{then.filed_from} 起 from: {then.clause}"
            basis += f"<br>{MARKS[then.basis]}"
        yield f"| {one.zh} {one.en} `{one.name}` | {one.required} | {clause} | {basis} |"
    yield ""
