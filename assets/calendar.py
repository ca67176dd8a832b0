"""The clock and the calendar arithmetic of the law: the only module that adds dates.

Belongs here: how a window, a term, an age or a validity is computed. Does not: which
window a rule asks for (that is data of the rulebook). Sources: `docs/readings.md`
readings 1 and 5, and regulations E2, E15, B0.5, G4. Statutory holidays, and the days worked
instead, come from the library `holidays`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl

if TYPE_CHECKING:
    from holidays import HolidayBase

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""All law is reckoned in China standard time; instants are stored in UTC."""

Clock = Callable[[], datetime]
"""An injected source of the present instant, timezone-aware, UTC."""


def system_clock() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)


def fixed_clock(instant: datetime) -> Clock:
    """A clock that stands still at `instant` (made UTC; must be timezone-aware)."""
    if instant.tzinfo is None:
        raise ValueError(f"instant {instant.isoformat()} has no time zone; add one, e.g. +08:00")
    frozen = instant.astimezone(UTC)
    return lambda: frozen


def legal_day(instant: datetime) -> date:
    """The calendar day of an instant in China, the day the law counts by."""
    return instant.astimezone(SHANGHAI).date()


def day_ends(day: date) -> datetime:
    """The last instant of a `legal_day`, UTC."""
    return datetime.combine(day, time.max, SHANGHAI).astimezone(UTC)


def legal_date(instant: pl.Expr) -> pl.Expr:
    """`legal_day` of a column of instants."""
    return instant.dt.convert_time_zone(SHANGHAI.key).dt.date()


def last_day_of_month(year: int, month: int) -> int:
    """28 to 31."""
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(first_of_next.toordinal() - 1).day


def add_months(day: date, months: int) -> date:
    """The same day `months` later (or earlier); a missing day becomes the month's last.

    Reading 5: a term of N months from day d ends on day d of that month, or its last
    day if it has none; a year before 29 February is 28 February.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, last_day_of_month(year, month + 1)))


def add_years(day: date, years: int) -> date:
    """`add_months` by whole years."""
    return add_months(day, 12 * years)


@cache
def _working_calendar() -> HolidayBase:
    import holidays  # a tenth of a second, which only terms in working days need

    return holidays.country_holidays("CN")


def working_day_after(day: date, count: int) -> date:
    """The last day of a term of `count` working days (1 or more) that begins with `day`.

    行政许可法 Art. 82: an authority's terms are working days, without statutory holidays; the
    day a term begins with does not count. Of a year whose holidays are not announced yet,
    those known by rule are left out, and no weekend is worked.
    """
    return _working_calendar().get_nth_working_day(day, count)


def working_days_left(today: date, last_day: date) -> int:
    """Working days after `today` up to and with `last_day`; negative: so many are over it."""
    if today == last_day:
        return 0
    early, late = sorted((today, last_day))
    count: int = _working_calendar().get_working_days_count(early, late)
    count -= _working_calendar().is_working_day(early)
    return count if today < last_day else -count


def validity_end(granted_on: date, years: int = 5) -> date:
    """The last valid day: the day before the anniversary (reading 5; regulations G4)."""
    return date.fromordinal(add_years(granted_on, years).toordinal() - 1)


def performance_window_start(filed_on: date, years: int) -> date:
    """近N年 in year Y: from 1 January of Y - N (regulations E15)."""
    return date(filed_on.year - years, 1, 1)


def full_months_before(filed_on: date, months: int) -> list[date]:
    """First days of the `months` full months before the month of filing, latest first.

    Reading 1: insurance months are the full months before the month of filing (B0.5).
    """
    first = filed_on.replace(day=1)
    return [add_months(first, -back) for back in range(1, months + 1)]


def full_years(since: date, until: date) -> int:
    """Completed years between two days (age, years of practice; E2, E11).

    Reading 5: of what begins on 29 February a common year is full on the 28th.
    """
    years = until.year - since.year
    return years - (until < add_years(since, years))


def full_years_expr(since: pl.Expr, until: pl.Expr) -> pl.Expr:
    """`full_years` on columns of dates; null where either is missing."""
    began, today = (
        day.dt.month().cast(pl.Int32) * 100 + day.dt.day().cast(pl.Int32) for day in (since, until)
    )
    has_no_such_day = (began == _LEAP_DAY) & ~until.dt.is_leap_year()
    not_yet = today < began - has_no_such_day.cast(pl.Int32)
    return until.dt.year() - since.dt.year() - not_yet.cast(pl.Int32)


_LEAP_DAY = 229
"""29 February, as month and day."""
