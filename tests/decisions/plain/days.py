"""Days as the law counts them (readings 1 and 5).

Belongs here: full years, months before filing, the day in China. Does not: any rule.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta


def day_of(text: str | None) -> date | None:
    """A day written as a day; None for none."""
    return None if text is None else date.fromisoformat(text[:10])


def day_in_china(text: str) -> date:
    """The day in China of an instant; China keeps UTC+8 all year."""
    instant = datetime.fromisoformat(text)
    offset = instant.utcoffset() or timedelta()
    return (instant.replace(tzinfo=None) - offset + timedelta(hours=8)).date()


def years_later(day: date, years: int) -> date:
    """The same day some years later (earlier if negative); 29 February gives 28 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def full_years(since: date, until: date) -> int:
    """Full years from a day to a day; of 29 February a common year is full on the 28th."""
    years = until.year - since.year
    return years - (until < years_later(since, years))


def months_later(day: date, months: int) -> date:
    """The same day some months later, or the last day of that month if it has none."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError(day)


def months_before(filed_on: date, months: int) -> list[date]:
    """First days of the full months before the month of filing, the latest first."""
    return [months_later(filed_on.replace(day=1), -n) for n in range(1, months + 1)]
