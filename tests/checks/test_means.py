"""Amounts that cannot be: each just hits and just misses. Machines: `test_enterprise`."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from builders import AS_OF, A, rows_of, tables_of

from assets.tables import enterprise
from checks.cross import examine


def apart(*amounts: int, report_code: str = "annual") -> list[str]:
    rows = (
        {"year": 2012 + n, "net_assets_yuan": Decimal(amount), "report_code": report_code}
        for n, amount in enumerate(amounts)
    )
    frames = tables_of({enterprise.STATEMENT: rows_of(enterprise.STATEMENT, *rows)})
    found = examine(frames, AS_OF).findings.filter(pl.col("check_id") == "E-15")
    assert set(found.select("usc_code", "severity").rows()) <= {(A, "DATA")}
    return found["row_key"].sort().to_list()


@pytest.mark.parametrize("second", [100_000_001, 9_999])
def test_of_two_years_the_later_is_not_trusted(second: int) -> None:
    assert apart(1_000_000, second) == ["2013"]


@pytest.mark.parametrize("second", [100_000_000, 10_000])
def test_a_hundredfold_is_still_growth(second: int) -> None:
    assert apart(1_000_000, second) == []


@pytest.mark.parametrize("wrong", [0, 1, 2, 3])
def test_of_several_years_only_the_one_in_another_unit_is_doubted(wrong: int) -> None:
    amounts = [8_000_000, 9_000_000, 9_500_000, 12_000_000]
    amounts[wrong] *= 10_000
    assert apart(*amounts) == [str(2012 + wrong)]


def test_losses_a_single_year_and_statements_within_a_year_say_nothing() -> None:
    assert apart(-5, 1_000_000_000) == apart(1_000_000) == []
    assert apart(1, 1_000_000_000, report_code="current") == []
