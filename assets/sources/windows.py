"""Windows: which changes the next fetch of a feed asks for.

Belongs here: from where the last one ended to now, with the overlap, in portions of bounded
length. Does not: asking.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from assets.calendar import SHANGHAI

_STAMP = "%Y%m%dT%H%M%SZ"
_WINDOW = r"(whole|\d{8}T\d{6}Z)--(\d{8}T\d{6}Z)"
_NAME = re.compile(rf"^{_WINDOW}\.[a-z]+$")
_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """Changes from `since` (none: from the beginning) to just before `until`, UTC."""

    since: datetime | None
    until: datetime

    def file_name(self, form: str, again_at: datetime | None = None) -> str:
        """Name of the delivery; a second fetch that goes on where one died has the same.

        One that is asked for again, later, has a name of its own that begins like it: what came
        first stays where it is.
        """
        since = "whole" if self.since is None else self.since.strftime(_STAMP)
        again = "" if again_at is None else again_at.strftime(f"--{_STAMP}")
        return f"{since}--{self.until.strftime(_STAMP)}{again}.{form}"

    @property
    def as_of(self) -> date:
        """The last day in China that lies wholly before its end."""
        return self.until.astimezone(SHANGHAI).date() - timedelta(days=1)


def fetched_until(names: Iterable[str]) -> datetime | None:
    """Where the last of these fetched files ends; None if none is one."""
    ends = [window.until for window in windows_of(names)]
    return max(ends) if ends else None


def open_since(failed: Iterable[str], taken: Iterable[str]) -> datetime | None:
    """Where the earliest window begins that failed and that those taken do not cover.

    Args:
        failed: names of fetched files that failed and were never taken.
        taken: names of those that were.

    Returns:
        None if no window is open; the first instant there is for one that has no beginning.
    """
    covered = sorted((one.since or _FIRST, one.until) for one in windows_of(taken))
    begins = []
    for window in windows_of(failed):
        reached = begin = window.since or _FIRST
        for since, until in covered:
            if since <= reached:
                reached = max(reached, until)
        if reached < window.until:
            begins.append(begin)
    return min(begins, default=None)


def windows_of(names: Iterable[str]) -> list[Window]:
    """The windows that fetched files are of, by their names; other files are of none."""
    found = [match.groups() for name in names if (match := _NAME.match(name))]
    return [Window(None if begin == "whole" else _read(begin), _read(end)) for begin, end in found]


def answering(file_name: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """What a file is one attempt at, and which attempt comes later: two texts.

    Each fetch goes on from where the last one that came ended, so of all of a feed the one that
    ends last tells how it stands. One asked for again is an attempt at its window, and whatever was
    sent to us is one at itself.
    """
    goes_on = file_name.str.contains(_NAME.pattern)
    again = file_name.str.extract(rf"^({_WINDOW})--", 1)
    ends = file_name.str.extract(_WINDOW, 2)
    return (
        pl.when(goes_on).then(pl.lit("")).otherwise(pl.coalesce(again, file_name)),
        pl.when(goes_on).then(ends).otherwise(pl.lit("")),
    )


def asked_again_at(file_name: pl.Expr) -> pl.Expr:
    """When the window of a file was asked for again; null where it was not."""
    stamp = file_name.str.extract(rf"^{_WINDOW}--(\d{{8}}T\d{{6}}Z)\.", 3)
    return stamp.str.to_datetime(_STAMP, time_unit="us").dt.replace_time_zone("UTC")


def _read(stamp: str) -> datetime:
    return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)


def windows(
    now: datetime,
    last: datetime | None,
    begins_on: date | None,
    overlap_days: int,
    window_days: int | None,
    open_since: datetime | None = None,
) -> list[Window]:
    """What is still to be fetched, in order; nothing if the last fetch ended now.

    Args:
        now: the present instant; to the second, as names are.
        last: where the last fetch ended; None before the first.
        begins_on: first day of the first fetch; None = from the beginning.
        overlap_days: days before `last` that are asked for again, from their midnight in China.
        window_days: longest portion; None = one.
        open_since: from where a window failed that nothing since has covered; it is asked for too.
    """
    end = now.replace(microsecond=0)
    if last is not None and last >= end:
        return []
    since = None
    if last is not None and open_since != _FIRST:
        since = _midnight(last.astimezone(SHANGHAI).date() - timedelta(days=overlap_days))
        since = min(since, open_since or since)
    elif begins_on is not None:
        since = _midnight(begins_on)
    if since is None or window_days is None:
        return [Window(since, end)]
    portions = []
    while since < end:
        until = min(since + timedelta(days=window_days), end)
        portions.append(Window(since, until))
        since = until
    return portions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
