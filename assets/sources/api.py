"""An interface read page by page into one delivery, or not at all.

Belongs here: which pages, and whether together they are one state of the sender's data. Does
not: a single call (`assets.sources.client`).

Pages are read one after another while rows come and go at the sender, and some interfaces
repeat or mix pages by themselves. A set of pages is believed if the count of all rows stays
what it was, as many rows came, no row came on two pages and the first page is still the
same at the end. Where rows came twice, the set is believed only if a second reading is the
same and no whole page stands twice: then that is what the sender holds. Otherwise it is read
again, and after `READINGS` the fetch fails. What a change at the very moment of reading may
still hide comes with the overlap of the next fetch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import ceil

from assets.adapters import LIMITS, DeliveryError, Limits
from assets.adapters.limits import too_large
from assets.calendar import SHANGHAI
from assets.channels.ways import Api
from assets.sources.client import Client, member, not_agreed
from assets.sources.windows import Window
from assets.tables.intake import Failure

READINGS = 3

Page = tuple[bytes, ...]
"""Rows as JSON, in order."""


@dataclass(frozen=True, slots=True)
class _Reading:
    pages: tuple[Page, ...]
    fault: tuple[str, str] | None = None
    """Why the pages are no one state; Chinese and English."""
    is_doubled: bool = False
    """A row came on two pages."""

    @property
    def rows(self) -> list[bytes]:
        return [row for page in self.pages for row in page]


def read_pages(client: Client, api: Api, window: Window, limits: Limits = LIMITS) -> list[bytes]:
    """The rows of a window as lines of JSON.

    Raises:
        DeliveryError: a call failed for good, or the pages never were one state.
    """
    before: _Reading | None = None
    for _ in range(READINGS):
        reading = _read(client, api, window, limits)
        is_steady = before is not None and before.pages == reading.pages
        if not reading.fault and (not reading.is_doubled or is_steady):
            return reading.rows
        before = reading
    zh, en = reading.fault or (
        "同一行出现在两页，且每次读取不同",
        "rows come on two pages and differ at each reading",
    )
    raise DeliveryError(
        Failure.PAGES,
        f"{api.path}的分页在读取时变化、重复或数目不符（{zh}），已重读{READINGS}次；"
        "请对方固定排序或避开更新时段，核对rows后重新采集",
        f"the pages of {api.path} change, repeat or do not add up ({en}), at {READINGS} "
        "readings; ask its owner for a fixed order, choose a quieter hour, look at rows in the "
        "channel file and collect again",
    )


def _read(client: Client, api: Api, window: Window, limits: Limits) -> _Reading:
    first, total = _page(client, api, window, 1)
    pages = [first]
    size = sum(map(len, first))
    for number in range(2, ceil(total / api.rows) + 1):
        page, now = _page(client, api, window, number)
        size += sum(map(len, page))
        if size > limits.file_bytes:
            raise too_large(limits)
        if now != total:
            fault = (f"总行数由{total}变为{now}", f"{total} rows became {now}")
            return _Reading(tuple(pages), fault)
        if not page:  # or a count that is far too high would be followed to its end
            fault = (f"共{total}行，第{number}页为空", f"page {number} of {total} rows is empty")
            return _Reading(tuple(pages), fault)
        if page in pages:
            same = pages.index(page) + 1
            fault = (f"第{number}页与第{same}页相同", f"page {number} repeats page {same}")
            return _Reading(tuple(pages), fault)
        pages.append(page)
    rows = [row for page in pages for row in page]
    if len(rows) != total:
        fault = (f"共{total}行，收到{len(rows)}行", f"{len(rows)} of {total} rows came")
        return _Reading(tuple(pages), fault)
    if len(pages) > 1 and _page(client, api, window, 1) != (first, total):
        fault = ("读完时第1页已不同", "the first page is another one at the end")
        return _Reading(tuple(pages), fault)
    distinct = sum(len(set(page)) for page in pages)
    return _Reading(tuple(pages), is_doubled=len(set(rows)) < distinct)


def _page(client: Client, api: Api, window: Window, number: int) -> tuple[Page, int]:
    """Rows of a page, and the count of all rows."""
    asked = {api.page: str(number), api.size: str(api.rows)}
    for name, instant in ((api.since, window.since), (api.until, window.until)):
        if name is not None and instant is not None:
            asked[name] = instant.astimezone(SHANGHAI).strftime(api.time_format)
    answer = client.get(asked)
    records, total = member(answer, api.records), member(answer, api.total)
    if not (isinstance(total, str) and total.isdecimal()):
        raise not_agreed(api.path, api.total)
    if records is None and total == "0":
        records = []
    if not (isinstance(records, list) and all(isinstance(row, dict) for row in records)):
        raise not_agreed(api.path, api.records)
    rows = tuple(json.dumps(row, ensure_ascii=False).encode() for row in records)
    return rows, int(total)
