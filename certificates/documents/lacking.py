"""What a case that waits lacks, told to whoever filed it: in words, without codes.

Belongs here: each row of `decision__missing` in words. Does not: owner, fault and remedy
(`decisions.waiting.remedies`), the document around it (`certificates.documents.content`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from assets.calendar import legal_day
from assets.regions import load_regions
from assets.tables import BY_NAME
from assets.tables.decision import MISSING
from decisions.waiting import remedies
from decisions.words import Words, alike

_OF_A_SOURCE = ("undeclared", "stale")
"""Faults of a whole feed: the key is a region and, where it has any, a period."""
_REPORTS = {
    "annual": Words("年度", "of the year"),
    "current": Words("当期", "of the current period"),
}
_PSEUDONYM = re.compile(r"[0-9a-f]{20}")
_ROW = r"\?[\w.\-]+(?::\d+)?"
_KEYS = re.compile(rf"：(?:{_ROW}|[0-9a-f]{{20}})(?:、(?:{_ROW}|[0-9a-f]{{20}}))*(?=[；）])")
"""Who or what a note speaks of: pseudonyms, and rows of a delivery (`?delivery:row`)."""


@dataclass(frozen=True, slots=True)
class Lack:
    """A row or source that a criterion waits for, whose it is, and what mends it.

    Attributes:
        key: which one, in words.
        row_key: which one, as the tables have it: for the office, never for the applicant.
        feed: channel and feed, for the office too.
    """

    criterion: Words
    thing: Words
    key: Words
    row_key: str
    fault: Words
    owner: Words
    feed: str
    last_delivered: Words
    remedy: Words


def lacks(missing: pl.DataFrame, criteria: Sequence[Mapping[str, Any]]) -> Iterator[Lack]:
    """What the criteria of one evaluation wait for, in the order of the key.

    Args:
        missing: its rows of `decision__missing`.
        criteria: its rows of `decision__criterion`.
    """
    names = {row["criterion"]: Words(row["zh"], row["en"]) for row in criteria}
    for row in remedies.remedied(missing.sort(MISSING.key)).iter_rows(named=True):
        last = row["last_delivered_at"]
        yield Lack(
            criterion=names.get(row["criterion"], alike(row["criterion"])),
            thing=remedies.thing(row["target"]),
            key=key_in_words(row["target"], row["fault"], row["row_key"], row["usc_code"]),
            row_key=row["row_key"],
            fault=remedies.FAULTS[row["fault"]].name,
            owner=Words(row["owner_zh"], row["owner_en"]),
            feed=".".join(filter(None, (row["channel"], row["feed"]))),
            last_delivered=Words("从未", "never") if last is None else alike(f"{legal_day(last)}"),
            remedy=Words(row["remedy_zh"], row["remedy_en"]),
        )


def without_keys(note: str) -> str:
    """A note of a criterion without the keys of the people and rows it speaks of."""
    return _KEYS.sub("", note)


def key_in_words(target: str, fault: str, row_key: str, applicant: str | None) -> Words:
    """The key of a row, or of a source, part by part in words; the applicant knows its own code."""
    parts = row_key.split("|")
    table = BY_NAME.get(target)
    columns: Sequence[str] = ()
    if fault in _OF_A_SOURCE:
        columns = ("region_code", "month")
    elif table is not None and len(table.key) == len(parts):
        columns = table.key
    columns = [*columns, *[""] * len(parts)]
    told = [
        _part(column, part)
        for column, part in zip(columns, parts, strict=False)
        if part and (part != applicant or parts == [applicant])
    ]
    zh = " · ".join(one.zh for one in told)
    en = " · ".join(one.en or one.zh for one in told)
    return Words(zh, "" if en == zh else en)


def _part(column: str, value: str) -> Words:
    if value.startswith("?"):
        return Words("报送数据中的一行", "a row of a delivery")
    if column == "person_key" or _PSEUDONYM.fullmatch(value):
        return Words(
            f"本企业人员（编号末四位{value[-4:]}）", f"a person (key ends in {value[-4:]})"
        )
    if column == "region_code":
        city = load_regions().city(value)
        return alike(value) if city is None else Words(*city)
    if column == "month":
        return alike(value[:7])
    if column == "report_code":
        return _REPORTS[value]
    return alike(value)
