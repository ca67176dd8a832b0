"""What a decision document says: five kinds, in Chinese with English beside it.

Belongs here: fixed sentences and the rows of the decision tables, in the order they are read. Does
not: how it looks (`document.html.j2`, `document.typ`), writing it (`certificates.documents.paper`),
the words of a criterion (the engine's), what a waiting case lacks
(`certificates.documents.lacking`).

A document is a pure function of the rows of one evaluation: the same rows, the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from assets.calendar import SHANGHAI, legal_day, working_day_after
from certificates.documents.citations import cited
from certificates.documents.lacking import Lack, lacks, without_keys
from certificates.documents.noted import Note, notes
from certificates.documents.rights import rights
from certificates.documents.sentences import NO_TEXT, sentence
from certificates.layout import LEVEL_EN, Authority, day
from decisions.english import chinese, english, in_number
from decisions.waiting.terms import RETURNABLE
from decisions.words import BASES, EFFECTS, KINDS, RESULTS, STAGES, WAYS, Words, alike

Row = Mapping[str, Any]

TITLES = {
    "granted": Words("准予行政许可决定书", "Decision: licence granted"),
    "refused": Words("不予行政许可决定书", "Decision: licence refused"),
    "not_accepted": Words("不予受理通知书", "Notice: not accepted"),
    "awaiting_data": Words("补正材料通知书", "Notice: what is to be supplied"),
    "returned": Words("退件通知书", "Notice: returned"),
}
"""As the licensing law (行政许可法 Arts. 32, 38) and the ministry's working rules call them
(建法[2004]111号 Art. 5, seen: http://hk.lexiscn.com/law/law-chinese-1-259322-T.html).
补正材料通知书 is what authorities call the notice of Art. 32 (seen:
https://guiyang.11467.com/info/31892318.htm). The law has no name for a return without prejudice:
that is this office's own (reading 28)."""
_VERDICTS = {
    "granted": Words(
        "经审查，该申请符合法定条件和标准，决定准予许可。",
        "The application meets the conditions and the standard: it is granted.",
    ),
    "refused": Words(
        "经审查，该申请不符合下列标准，决定不予许可。",
        "The application does not meet the criteria named below: it is refused.",
    ),
    "not_accepted": Words(
        "经审查，该申请不符合下列受理条件，决定不予受理。",
        "The application does not meet the conditions named below: it is not accepted.",
    ),
    "awaiting_data": Words(
        "下列指标缺少数据或者标准文本有待核对，尚不能作出决定。数据到达并发布、文本核对后自动重新评审，无需"
        "提交材料。",
        "There are no data on the criteria named below, or their text is still to be checked, so "
        "nothing is decided yet. The case is evaluated again as soon as they arrive and are "
        "released, or the text has been checked; no papers are asked for.",
    ),
    "returned": Words(
        "在规定期限内仍缺少下列指标的数据，现予退件。",
        "Data on the criteria named below did not arrive within the term: the case is returned.",
    ),
}
_CAUSES = {
    "granted": Words("理由", "Reasons"),
    "refused": Words("不符合的指标", "Criteria not met"),
    "not_accepted": Words("不符合的条件", "Conditions not met"),
    "awaiting_data": Words("缺少数据的指标", "Criteria without data"),
    "returned": Words("缺少数据的指标", "Criteria without data"),
}
_NOTICES = {
    "granted": (),
    "refused": (),
    "not_accepted": (
        Words(
            "条件具备后，或者向有权机关，可以重新提出申请。",
            "A new application may be filed once the condition is met, or with the authority "
            "that has the power.",
        ),
    ),
    "awaiting_data": (),
    "returned": (
        Words(
            "退件不是不予许可，不影响再次申请。",
            "A return is no refusal and does not stand in the way of a new application.",
        ),
    ),
}
"""What the applicant may do next; of its rights see `_AGAINST`."""
_AGAINST = ("refused", "not_accepted")
"""Outcomes that go against the applicant: 行政许可法 Arts. 32, 38; a return decides nothing."""
_WAITING = ("awaiting_data", "returned")
_LOWER = Words(
    "不予延续的，可以自本决定公布之日起三个月内申请重新核定同类别的较低等级；逾期的，或者该类别没有较低"
    "等级的，从最低等级重新申请（建市[2015]20号）。",
    "Within three months of the publication of this decision a lower level of the same category "
    "may be verified on application; after that, or where there is none, one applies anew from the "
    "lowest level (Opinions 建市[2015]20号).",
)
"""What is left to whoever is refused a renewal (B3.4)."""
_DEEMED = (
    Words("视为准予延续通知书", "Notice: deemed renewed"),
    Words(
        "该延续申请按期提出，有效期届满前未作出决定，依法视为准予延续。",
        "The renewal was filed in time and nothing was decided by expiry: it is deemed granted.",
    ),
)
"""Title and verdict of a renewal that nobody assessed (`decision__decision.lapsed_on`)."""


@dataclass(frozen=True, slots=True)
class Line:
    """A criterion as printed; `result` is its code, `basis` None where the text was seen.

    `sentence`: of one that decided, what it asks, what the data show and what is short.
    """

    name: Words
    required: Words
    actual: Words
    note: Words | None
    result: str
    result_words: Words
    clause: str
    basis: Words | None
    is_part: bool
    is_cause: bool
    sentence: Words | None


@dataclass(frozen=True, slots=True)
class Section:
    """The criteria of one stage."""

    name: Words
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Everything printed, in order.

    Attributes:
        facts: who asked for what, and when.
        causes: the criteria that decided, each followed by the parts it fails by; empty where
            there is none, then `reason` tells.
        beside: of a refusal, the criteria nobody could answer.
        notes: what the checks noted about the enterprise, which decided nothing.
        lacks: of a case that waits or is returned, each row or source that is missing or in
            doubt, with its owner and the remedy.
        texts: number and full title of every text the clauses name.
        trail: what the decision can be derived from again.
    """

    application_id: str
    outcome: str
    title: Words
    authority: Words
    decided_on: Words
    facts: tuple[tuple[Words, Words], ...]
    verdict: Words
    effect: Words | None
    causes_name: Words
    causes: tuple[Line, ...]
    reason: Words
    beside: tuple[Words, ...]
    lacks: tuple[Lack, ...]
    notices: tuple[Words, ...]
    sections: tuple[Section, ...]
    notes: tuple[Note, ...]
    texts: tuple[tuple[str, Words], ...]
    trail: tuple[tuple[Words, str], ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a template."""
        return asdict(self)


def document(
    decision: Row,
    criteria: Sequence[Row],
    missing: pl.DataFrame,
    evidence: Iterable[Row],
    authority: Authority,
    category: Words,
) -> Document:
    """The document of one evaluation.

    Args:
        decision: its row of `decision__decision`.
        criteria: its rows of `decision__criterion`, in any order.
        missing: its rows of `decision__missing`, in any order.
        evidence: its rows of `decision__evidence`, of which the notes are told.
        authority: the organ that decides.
        category: title of the category applied for (`certificates.issuing.titles`).
    """
    outcome = decision["outcome"]
    cause = "no_data" if outcome in _WAITING else "not_met"
    lines = {
        stage: tuple(
            _line(row, is_cause=outcome != "granted" and row["result"] == cause)
            for row in _in_order([row for row in criteria if row["stage"] == stage])
        )
        for stage in STAGES
    }
    everything = [line for stage in STAGES for line in lines[stage]]
    assessed = TITLES[outcome], _VERDICTS[outcome]
    title, verdict = _DEEMED if decision["lapsed_on"] is not None else assessed
    decided_on = legal_day(decision["decided_at"])
    against = rights(authority, decided_on)
    return Document(
        application_id=decision["application_id"],
        outcome=outcome,
        title=title,
        authority=Words(authority.zh, authority.en),
        decided_on=_day(decided_on),
        facts=tuple(_facts(decision, category)),
        verdict=verdict,
        effect=_effect(decision) if outcome == "granted" else None,
        causes_name=_CAUSES[outcome],
        causes=tuple(line for line in everything if line.is_cause),
        reason=Words(decision["reason_zh"], decision["reason_en"]),
        beside=tuple(
            line.name
            for line in everything
            if outcome == "refused" and line.result == "no_data" and not line.is_part
        ),
        lacks=tuple(lacks(missing, criteria)) if outcome in _WAITING else (),
        notices=(
            *_NOTICES[outcome],
            *_until(outcome, decision),
            *((_LOWER,) if (outcome, decision["kind"]) == ("refused", "renewal") else ()),
            *((against,) if outcome in _AGAINST else ()),
        ),
        sections=tuple(Section(STAGES[stage], lines[stage]) for stage in STAGES if lines[stage]),
        notes=tuple(notes(evidence, decision["usc_code"])),
        texts=tuple(cited(line.clause for line in everything)),
        trail=tuple(_trail(decision)),
    )


def _facts(decision: Row, category: Words) -> Iterator[tuple[Words, Words]]:
    level = decision["level"]
    kind = KINDS[decision["kind"]]
    yield Words("申请企业", "Enterprise"), alike(decision["enterprise_name"] or "—")
    yield Words("统一社会信用代码", "Unified social credit code"), alike(decision["usc_code"])
    yield (
        Words("申请事项", "Item"),
        Words(f"{category.zh} {level}", ", ".join(filter(None, (category.en, LEVEL_EN[level])))),
    )
    yield Words("申请类型", "Kind of application"), kind
    yield Words("申请时间", "Filed"), alike(_instant(decision["filed_at"]))
    yield Words("决定时间", "Decided"), alike(_instant(decision["decided_at"]))


def _until(outcome: str, decision: Row) -> Iterator[Words]:
    """Of a case that waits, and is returned where it waits too long: until when it may."""
    days = decision["supplement_days"]
    if outcome not in _WAITING or days is None or decision["kind"] not in RETURNABLE:
        return
    last = working_day_after(legal_day(decision["filed_at"]), days)
    if outcome == "returned":
        yield Words(
            f"补正期限自申请之日起{days}个工作日，已于{day(last)}届满。",
            f"The term for supplying data, {days} working days from the filing, ended on {last}.",
        )
    else:
        yield Words(
            f"补正期限自申请之日起{days}个工作日，至{day(last)}届满；届满仍缺少数据的，予以退件，不影响再次"
            "申请。",
            f"The term for supplying data, {days} working days from the filing, ends on {last}; a "
            "case that lacks them still is returned then, which bars no new application.",
        )


def _effect(decision: Row) -> Words:
    """What the grant does to the certificate set, as far as the decision says."""
    done = EFFECTS[decision["effect"]]
    number, until = decision["certificate_no"], decision["valid_until"]
    zh = (f"，证书编号{number}" if number else "") + (f"，有效期至{day(until)}" if until else "")
    en = (f", certificate {number}" if number else "") + (f", valid until {until}" if until else "")
    return Words(f"{done.zh}{zh}。", f"Effect: {done.en}{en}.")


def _trail(decision: Row) -> Iterator[tuple[Words, str]]:
    may = "是 yes" if decision["recalled_may_grant"] else "否 no"
    way = WAYS[decision["way"]]
    register = decision["certificates_version"]
    term = decision["supplement_days"]
    yield Words("评审次数", "Evaluation"), str(decision["evaluation_no"])
    if term is not None:
        yield Words("补正期限（工作日）", "Term for supplying data, working days"), str(term)
    yield Words("数据发布", "Data release"), decision["release_id"]
    yield (
        Words("证照登记簿版本", "Version of the register"),
        "—" if register is None else str(register),
    )
    yield Words("规则摘要", "Digest of the rules"), decision["rule_digest"] or "—"
    yield Words("未核对原文的指标可否作准", "Recalled figures count"), may
    yield Words("引擎版本", "Version of the engine"), decision["engine_version"]
    yield Words("办理方式", "Way"), f"{way.zh} {way.en}"


def _line(row: Row, *, is_cause: bool) -> Line:
    required, actual = _told(row["required"]), _told(row["actual"])
    note = None if row["note"] is None else _told(without_keys(row["note"]))
    return Line(
        name=Words(row["zh"], row["en"]),
        required=required,
        actual=actual,
        note=note,
        result=row["result"],
        result_words=RESULTS[row["result"]],
        clause=row["clause"],
        basis=None if row["basis"] == "seen" else BASES[row["basis"]],
        is_part=row["parent"] is not None,
        is_cause=is_cause,
        sentence=_sentence(row, required, actual, note) if is_cause else None,
    )


def _sentence(row: Row, required: Words, actual: Words, note: Words | None) -> Words:
    if row["basis"] == "unknown":
        return NO_TEXT
    return sentence(required, actual, note, row["result"])


def _in_order(criteria: Sequence[Row]) -> Iterator[Row]:
    """Wholes by name, each followed by its parts."""
    parts: dict[str | None, list[Row]] = {}
    for row in sorted(criteria, key=_place):
        parts.setdefault(row["parent"], []).append(row)
    for whole in parts.pop(None, []):
        yield whole
        yield from parts.pop(whole["criterion"], [])
    for strays in parts.values():
        yield from strays


def _place(row: Row) -> list[tuple[int, str]]:
    """Class 10 comes after class 2."""
    return [
        (int(step), "") if step.isdigit() else (0, step) for step in row["criterion"].split(".")
    ]


def _told(text: str) -> Words:
    """Both languages of a text of the criteria; no English where nothing in it has any."""
    zh, en = chinese(text), in_number(english(text))
    return Words(zh, "" if en == zh else en)


def _day(on: date) -> Words:
    return Words(day(on), f"{on.day} {on:%B} {on.year}")


def _instant(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
