"""What the command line shows of one thing: a case, a level's rules, a verification.

Belongs here: layout in a terminal. Does not: finding a case (`pipelines.views.casefile`), commands
(`pipelines.commands`) or the state of the whole home (`pipelines.terminal.summary`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table as RichTable
from rich.text import Text

from assets.calendar import SHANGHAI
from assets.tables import BY_NAME, decision
from certificates.documents.lacking import lacks
from checks.catalogue import BY_ID
from decisions.english import in_number
from decisions.words import HELD_STATES, Words
from pipelines.views.casefile import item_of
from pipelines.views.pictures import KIND_NAMES, OUTCOME_NAMES

if TYPE_CHECKING:
    from certificates.verifying.standing import Told
    from certificates.verifying.verify import Verification
    from decisions.rulebook import Rulebook, RuleSet
    from pipelines.express import Handled
    from pipelines.views.casefile import Case

OUTCOME_STYLES = {
    "granted": "bold green",
    "refused": "bold red",
    "not_accepted": "bold magenta",
    "awaiting_data": "bold yellow",
    "returned": "bold",
}
RESULT_MARKS = {
    "met": "[green]✓ 符合 met[/]",
    "not_met": "[red]✗ 不符合 not met[/]",
    "no_data": "[yellow]? 无数据 no data[/]",
}


# -- a case ------------------------------------------------------------------------------


def case(found: Case) -> RenderableType:
    """The page of a case."""
    facts = facts_of(
        ("申请编号 case", found.application["application_id"]),
        ("企业 enterprise", _enterprise(found)),
        ("事项 item", item_of(found.application)),
        ("申请类型 kind", KIND_NAMES[found.application["kind"]]),
        ("申请时间 filed", _instant(found.application["filed_at"])),
    )
    if found.rejection is not None:
        told = found.rejection
        facts.add_row("结论 outcome", f"[bold]未登记 not filed[/] {told['rejection_no']}")
        return Group(
            facts,
            _rejected(told),
        )
    if found.decision is None:
        facts.add_row("结论 outcome", "[dim]未办 pending: run `miaoban decide`[/]")
        return facts
    made = found.decision
    facts.add_row("结论 outcome", _outcome(made["outcome"]))
    facts.add_row("决定时间 decided", f"{_instant(made['decided_at'])} · {made['way']}")
    nth = f"第{made['evaluation_no']}次评审 evaluation {made['evaluation_no']}"
    facts.add_row("数据发布 release", f"{made['release_id']} · {nth}")
    facts.add_row("规则摘要 rules", made["rule_digest"][:16] or "–")
    facts.add_row("证书 certificate", str(found.certificate_file or "–"))
    facts.add_row("档案 archive", str(found.archive_file or "–"))
    return Group(
        facts,
        _reasons(made["reason_zh"], made["reason_en"]),
        criteria_table(found.criteria),
        *([missing_table(found)] if found.missing else []),
        *([notes_table(found)] if found.notes else []),
    )


def answer(told: Mapping[str, Any]) -> Group:
    """A filing that became no case: what was asked, and the answer."""
    facts = facts_of(
        ("退回编号 answer", told["rejection_no"]),
        ("企业 enterprise", escape(told["asked_enterprise"])),
        ("事项 item", escape(told["asked_item"])),
        ("申请时间 filed", _instant(told["filed_at"])),
        ("结论 outcome", "[bold]未登记 not filed[/]"),
        ("在办案件 open case", told["standing_id"] or "–"),
    )
    return Group(facts, _rejected(told))


def _rejected(told: Mapping[str, Any]) -> Panel:
    return _reasons(
        f"{told['reason_zh']}；{told['remedy_zh']}", f"{told['reason_en']}; {told['remedy_en']}"
    )


def missing_table(found: Case) -> RichTable:
    """Why criteria have no data: each row or source, whose it is, what mends it."""
    table = RichTable(box=box.SIMPLE_HEAD, expand=True, title="缺失或存疑的数据 What is missing")
    for name, ratio in (
        ("指标 criterion", 3),
        ("数据 data", 5),
        ("提供单位 owner", 4),
        ("补正办法 remedy", 5),
    ):
        table.add_column(name, ratio=ratio, overflow="fold")
    for lack in lacks(pl.DataFrame(found.missing, schema=decision.MISSING.schema), found.criteria):
        table.add_row(
            _both(lack.criterion),
            f"{_both(lack.thing)}\n[dim]{escape(lack.row_key.replace('|', ' · '))}[/]",
            f"{_both(lack.owner)}\n[dim]{escape(lack.feed)}\n最近 last "
            f"{lack.last_delivered.zh} {lack.last_delivered.en}[/]",
            f"[yellow]{escape(lack.fault.zh)} {escape(lack.fault.en)}[/]\n{_both(lack.remedy)}",
        )
    return table


def notes_table(found: Case) -> RichTable:
    """What the checks noted about the enterprise, each row of its data by the check's words."""
    title = "核对提示（不影响结论）Notes of the checks, which decided nothing"
    table = RichTable(box=box.SIMPLE_HEAD, expand=True, title=title)
    for name in ("核对 check", "数据与内容 data, and what of it"):
        table.add_column(name, ratio=1, overflow="fold")
    for note in found.notes:
        check_id = note["criterion"].removeprefix(decision.NOTE)
        entry, thing = BY_ID[check_id.partition(":")[0]], BY_NAME[note["target"]]
        table.add_row(
            f"{_both(Words(entry.zh, entry.en))}\n[dim]{check_id}[/]",
            f"{_both(Words(thing.zh, thing.en))}\n[dim]{escape(note['row_key'])}[/]\n"
            + escape(note["reason"] or ""),
        )
    return table


def _both(words: Words) -> str:
    return escape(words.zh) + (f"\n[dim]{escape(words.en)}[/]" if words.en else "")


def criteria_table(criteria: Sequence[dict[str, Any]]) -> RichTable:
    """Every criterion: required, actual, result, clause; parts below their whole."""
    table = RichTable(box=box.SIMPLE_HEAD, show_lines=False, expand=True)
    for name, ratio in (
        ("指标 criterion", 5),
        ("要求 required", 3),
        ("实际 actual", 3),
        ("结果 result", 3),
        ("条款 clause", 4),
    ):
        table.add_column(name, ratio=ratio, overflow="fold")
    for depth, row in _in_order(criteria):
        actual = escape(row["actual"]) + (f"\n[dim]{escape(row['note'])}[/]" if row["note"] else "")
        recalled = "" if row["basis"] == "seen" else f" [yellow]{row['basis']}[/]"
        table.add_row(
            "  " * depth + escape(row["zh"]) + f"\n[dim]{'  ' * depth}{escape(row['en'])}[/]",
            escape(row["required"]),
            actual,
            RESULT_MARKS[row["result"]],
            escape(row["clause"]) + recalled,
        )
    return table


def _in_order(criteria: Sequence[dict[str, Any]]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Wholes by stage, each followed by its parts."""
    children: dict[str | None, list[dict[str, Any]]] = {}
    for row in sorted(criteria, key=lambda row: (row["stage"] != "admission", row["criterion"])):
        children.setdefault(row["parent"], []).append(row)

    def below(parent: str | None, depth: int) -> Iterator[tuple[int, dict[str, Any]]]:
        for row in children.get(parent, []):
            yield depth, row
            yield from below(row["criterion"], depth + 1)

    yield from below(None, 0)


def handled(one: Handled) -> RenderableType:
    """What `apply` says: outcome, reasons, times, paths."""
    facts = facts_of(
        ("申请编号 case", one.application_id),
        ("企业 enterprise", f"{one.enterprise_name or '–'} {one.usc_code}"),
        ("事项 item", one.item),
        ("申请类型 kind", KIND_NAMES[one.kind]),
        ("结论 outcome", _outcome(one.outcome)),
        ("证书 certificate", str(one.certificate_file or "–")),
        ("档案 archive", str(one.archive_file or "–")),
        (
            "用时 time",
            " · ".join(f"{stage} {ms:,.0f} ms" for stage, ms in one.milliseconds.items())
            + f" · [bold]合计 total {sum(one.milliseconds.values()):,.0f} ms[/]",
        ),
    )
    more = Text(f"逐项指标 every criterion: miaoban show {one.application_id}", style="dim")
    return Group(facts, _reasons(one.reason_zh, one.reason_en), more)


def _enterprise(found: Case) -> str:
    name = found.decision["enterprise_name"] if found.decision else None
    return f"{name or ''} {found.application['usc_code']}".strip()


def _outcome(outcome: str) -> str:
    return f"[{OUTCOME_STYLES[outcome]}]{OUTCOME_NAMES[outcome]}[/]"


def _reasons(zh: str, en: str) -> Panel:
    told = f"{escape(zh)}\n\n[dim]{escape(in_number(en))}[/]"
    return Panel(told, title="理由 Reasons", title_align="left")


def _instant(value: Any) -> str:
    return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")  # type: ignore[no-any-return]


def facts_of(*rows: tuple[str, str]) -> RichTable:
    """Facts by name, one a row."""
    table = RichTable(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, value)
    return table


# -- the rules ---------------------------------------------------------------------------


def list_rules(book: Rulebook) -> list[dict[str, Any]]:
    """Every category with its levels and the intervals their texts hold."""
    return [
        {
            "category": category.code,
            "name_zh": category.name_zh,
            "name_en": category.name_en,
            "document": category.document,
            "verified_on": category.verified_on,
            "levels": [
                {
                    "subcategory": one.subcategory,
                    "level": one.level.level,
                    "valid_from": one.valid_from,
                    "valid_to": one.valid_to,
                    "amendments": list(one.amendments),
                    "digest": one.digest,
                }
                for one in book.rule_sets
                if one.code == category.code
            ],
        }
        for category in book.categories.values()
    ]


def rules(listed: list[dict[str, Any]]) -> RenderableType:
    """The list of categories and levels."""
    table = RichTable(box=box.SIMPLE_HEAD)
    for name in (
        "类别 category",
        "名称 name",
        "等级 level",
        "适用申请日 days of filing",
        "修订 amendments",
    ):
        table.add_column(name, overflow="fold")
    for category in listed:
        for position, level in enumerate(category["levels"]):
            table.add_row(
                category["category"] if position == 0 else "",
                f"{category['name_zh']} [dim]{category['name_en']}[/]" if position == 0 else "",
                " ".join(filter(None, (level["subcategory"], level["level"]))),
                f"{level['valid_from']} – {_until(level['valid_to'])}",
                ", ".join(level["amendments"]) or "[dim]–[/]",
            )
        table.add_section()
    return Group(
        table, Text("一个等级的要求 what a level asks: miaoban rules show S11 二级", style="dim")
    )


def rule_set(rules_of_level: RuleSet, book: Rulebook) -> RenderableType:
    """What a level asks, each figure with its clause."""
    from decisions.engine import rule_tables

    facts = facts_of(
        ("标准 standard", f"{rules_of_level.name} · {rules_of_level.category.name_zh}"),
        ("文件 document", rules_of_level.category.document),
        (
            "适用申请日 days of filing",
            f"{rules_of_level.valid_from} – {_until(rules_of_level.valid_to)}",
        ),
        ("修订 amendments", ", ".join(rules_of_level.amendments) or "–"),
        ("承包范围 scope", rules_of_level.level.scope_zh or "–"),
        ("摘要 digest", rules_of_level.digest),
    )
    table = RichTable(box=box.SIMPLE_HEAD, expand=True)
    for name, ratio in (
        ("指标 criterion", 5),
        ("要求 required", 5),
        ("条款 clause", 4),
        ("依据 basis", 2),
    ):
        table.add_column(name, ratio=ratio, overflow="fold")
    rows = rule_tables(book).criteria.filter(pl.col("digest") == rules_of_level.digest)
    for row in rows.iter_rows(named=True):
        indent = "  " if row["parent"] else ""
        table.add_row(
            f"{indent}{escape(row['zh'])}\n[dim]{indent}{escape(row['en'])}[/]",
            escape(row["required"]),
            escape(row["clause"]),
            row["basis"] if row["basis"] == "seen" else f"[yellow]{row['basis']}[/]",
        )
    return Group(facts, table, *_amended(rules_of_level, book))


def _amended(rules_of_level: RuleSet, book: Rulebook) -> list[Text]:
    """What is missing of the text, and the effect of each amendment."""
    from decisions.rules_page.changes import effects, one_line

    told = [
        Text(f"标准文本缺失 text missing: {name}", style="yellow")
        for name in rules_of_level.level.unknown
    ]
    for title, changes in effects(book, rules_of_level):
        told.append(Text(f"\n{title}", style="bold"))
        told.extend(Text(f"  {one_line(change)}") for change in changes)
    return told


def _until(day: date | None) -> str:
    return "今 now" if day is None else day.isoformat()


# -- a verification -----------------------------------------------------------------------


VERIFICATION_STYLES = {
    "valid": "bold green",
    "altered": "bold red",
    "superseded": "bold yellow",
    "ended": "bold red",
    "unknown": "bold red",
}


def verification(answer: Verification) -> RenderableType:
    """What `verify` says of a file."""
    style = VERIFICATION_STYLES[answer.status]
    facts = facts_of(
        ("结论 status", f"[{style}]{answer.status_zh} {answer.status}[/]"),
        ("原因 reason", f"{escape(answer.reason_zh)} [dim]{escape(answer.reason_en)}[/]"),
        ("文件摘要 SHA-256", answer.file_sha256),
    )
    for name, value in (
        ("证书编号 number", answer.certificate_no),
        ("版本 version", _version(answer)),
        ("企业 enterprise", answer.enterprise_name),
        ("有效期至 valid until", answer.valid_until),
        ("签章 seal", answer.signer),
        ("签章时间 sealed", _instant(answer.signed_at) if answer.signed_at else None),
        ("级别 level", answer.level),
    ):
        if value is not None:
            facts.add_row(name, escape(str(value)))
    told = answer.standing
    if told is not None and told.released_at is not None:
        facts.add_row("数据发布 release", f"{told.release_id} · {_instant(told.released_at)}")
    for row in told.told if told else ():
        facts.add_row("渠道登记 channel", escape(_of_channel(row)))
    return facts


def _of_channel(row: Told) -> str:
    """A row by which a certificate ended, or may have."""
    how = HELD_STATES.get(row.status_code or "", Words("状态不明", "state not known"))
    doubt = "" if row.is_trusted else "（存疑 in doubt）"
    on = "" if row.ended_on is None else f" {row.ended_on}"
    return (
        f"{how.zh} {how.en}{on}{doubt} · {row.target} {row.row_key} · "
        f"{row.delivery_id} 第 {row.row_no} 行 row · 收到 received {_instant(row.received_at)}"
    )


def _version(answer: Verification) -> str | None:
    if answer.version is None:
        return None
    if answer.latest_version is None:
        return str(answer.version)
    return f"{answer.version}（最新 latest {answer.latest_version}）"
