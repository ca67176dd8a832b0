"""The calendar of the law: month ends, leap days, windows, full years."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assets import calendar as cal

DAYS = st.dates(date(1950, 1, 1), date(2080, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2017, 1, 31), 1, date(2017, 2, 28)),
        (date(2016, 1, 31), 1, date(2016, 2, 29)),
        (date(2017, 5, 31), -3, date(2017, 2, 28)),
        (date(2016, 2, 29), -12, date(2015, 2, 28)),
        (date(2016, 12, 15), 1, date(2017, 1, 15)),
        (date(2017, 3, 31), 12 * 5, date(2022, 3, 31)),
    ],
)
def test_a_term_of_months_ends_on_the_same_day_or_the_months_last(
    day: date, months: int, end: date
) -> None:
    assert cal.add_months(day, months) == end


@given(DAYS, st.integers(-600, 600))
def test_adding_months_reaches_the_month_meant_and_never_a_later_day(
    day: date, months: int
) -> None:
    moved = cal.add_months(day, months)
    assert moved.year * 12 + moved.month == day.year * 12 + day.month + months
    assert moved.day <= day.day


@given(DAYS)
def test_the_last_day_of_a_month_is_followed_by_a_first(day: date) -> None:
    last = day.replace(day=cal.last_day_of_month(day.year, day.month))
    assert (last + timedelta(days=1)).day == 1


@pytest.mark.provision("G4")
def test_a_validity_of_five_years_ends_the_day_before_the_anniversary() -> None:
    assert cal.validity_end(date(2017, 3, 1)) == date(2022, 2, 28)
    assert cal.validity_end(date(2019, 3, 1)) == date(2024, 2, 29)


@pytest.mark.provision("E15")
def test_the_window_of_five_years_filed_in_2016_opens_on_the_first_of_2011() -> None:
    assert cal.performance_window_start(date(2016, 11, 1), 5) == date(2011, 1, 1)
    assert cal.performance_window_start(date(2016, 12, 31), 5) == date(2011, 1, 1)
    assert cal.performance_window_start(date(2017, 1, 1), 5) == date(2012, 1, 1)


@pytest.mark.provision("B0.5")
def test_insurance_months_are_the_full_months_before_the_month_of_filing() -> None:
    assert cal.full_months_before(date(2017, 3, 1), 3) == [
        date(2017, 2, 1),
        date(2017, 1, 1),
        date(2016, 12, 1),
    ]
    assert cal.full_months_before(date(2017, 3, 31), 1) == [date(2017, 2, 1)]


@pytest.mark.provision("E2")
def test_a_year_is_full_on_the_anniversary_and_not_the_day_before() -> None:
    assert cal.full_years(date(1956, 3, 1), date(2017, 3, 1)) == 61
    assert cal.full_years(date(1956, 3, 2), date(2017, 3, 1)) == 60


@pytest.mark.provision("E2", "E11")
def test_of_what_began_on_29_february_a_common_year_is_full_on_the_28th() -> None:
    """As every term that ends in a month without its day (reading 5); until now on 1 March."""
    assert cal.full_years(date(2008, 2, 29), date(2018, 2, 28)) == 10
    assert cal.full_years(date(2008, 2, 29), date(2018, 2, 27)) == 9
    assert cal.full_years(date(2008, 2, 29), date(2016, 2, 28)) == 7
    assert cal.full_years(date(2008, 2, 28), date(2016, 2, 28)) == 8


@example(date(2008, 2, 29), date(2018, 2, 28))
@example(date(2008, 2, 29), date(2016, 2, 28))
@given(DAYS, DAYS)
def test_full_years_on_columns_agree_with_full_years_on_days(since: date, until: date) -> None:
    frame = pl.DataFrame({"since": [since], "until": [until]})
    assert frame.select(
        cal.full_years_expr(pl.col("since"), pl.col("until"))
    ).item() == cal.full_years(since, until)


def test_the_legal_day_is_that_of_china() -> None:
    assert cal.legal_day(datetime(2017, 2, 28, 16, tzinfo=UTC)) == date(2017, 3, 1)
    assert cal.legal_day(datetime(2017, 2, 28, 15, 59, tzinfo=UTC)) == date(2017, 2, 28)


def test_a_fixed_clock_stands_still_and_wants_a_zone() -> None:
    clock = cal.fixed_clock(datetime(2017, 3, 1, 10, tzinfo=cal.SHANGHAI))
    assert clock() == clock() == datetime(2017, 3, 1, 2, tzinfo=UTC)
    with pytest.raises(ValueError, match="no time zone"):
        cal.fixed_clock(datetime(2017, 3, 1, 10))


def test_the_system_clock_knows_its_zone() -> None:
    assert cal.system_clock().tzinfo is UTC


@pytest.mark.provision("B0.4")
@pytest.mark.parametrize(
    ("day", "count", "last_day"),
    [
        (date(2017, 3, 1), 1, date(2017, 3, 2)),
        (date(2017, 3, 3), 1, date(2017, 3, 6)),  # a Friday
        (date(2017, 3, 31), 1, date(2017, 4, 1)),  # a Saturday worked for Tomb-sweeping
        (date(2017, 3, 31), 2, date(2017, 4, 5)),
        (date(2017, 1, 26), 1, date(2017, 2, 3)),  # Spring Festival, 27 January to 2 February
        (date(2016, 9, 30), 1, date(2016, 10, 8)),  # National Day, and a Saturday worked for it
        (date(2017, 2, 4), 20, date(2017, 3, 3)),
    ],
)
def test_a_term_in_working_days_leaves_out_holidays_and_the_day_it_begins_with(
    day: date, count: int, last_day: date
) -> None:
    assert cal.working_day_after(day, count) == last_day


@pytest.mark.provision("B0.4")
@given(st.dates(date(2015, 1, 1), date(2026, 11, 30)), st.integers(1, 60))
def test_the_days_left_of_a_term_are_its_length_when_it_begins_and_none_when_it_ends(
    day: date, count: int
) -> None:
    last_day = cal.working_day_after(day, count)
    assert cal.working_days_left(day, last_day) == count
    assert cal.working_days_left(last_day, last_day) == 0
    assert cal.working_days_left(last_day, cal.working_day_after(last_day, 1)) == 1
    assert cal.working_days_left(cal.working_day_after(last_day, 1), last_day) == -1
