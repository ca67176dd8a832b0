"""Balance sheets against yearly reports: each just hits, just misses, and a missing figure says nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from builders import A, found, registered, rows_of

from assets.lake.declaration import Table
from assets.tables import enterprise


def told(
    check_id: str,
    statement: dict[str, Any],
    report: dict[str, Any] | None = None,
    registry: dict[str, Any] | None = None,
) -> list[tuple[str, str, str]]:
    frames: dict[Table, Any] = {enterprise.STATEMENT: rows_of(enterprise.STATEMENT, statement)}
    if report is not None:
        frames[enterprise.ANNUAL_REPORT] = rows_of(enterprise.ANNUAL_REPORT, report)
    if registry is not None:
        frames |= {enterprise.REGISTRY: rows_of(enterprise.REGISTRY, registry)}
    return found(check_id, frames)


FILED = {"year": 2016, "report_code": "annual", "net_assets_yuan": Decimal(1_000_000)}


class TestDeclared:
    @pytest.mark.parametrize(
        ("declared", "is_found"),
        [(1_050_000, False), (1_050_001, True), (950_000, False), (949_999, True), (None, False)],
    )
    def test_over_a_twentieth_apart_is_noted(self, declared: int | None, is_found: bool) -> None:
        report = {"year": 2016, "net_assets_yuan": declared}
        expected = [(A, "2016", "WARN")] if is_found else []
        assert told("E-16", FILED, report) == expected

    def test_another_year_or_no_report_says_nothing(self) -> None:
        assert told("E-16", FILED, {"year": 2015, "net_assets_yuan": 1}) == []
        assert told("E-16", FILED) == []


class TestCapital:
    @pytest.mark.parametrize(
        ("paid_in", "profit", "is_found"),
        [
            (0, 0, True),
            (0, -1, True),
            (0, 1, False),
            (1, 0, False),
            (None, 0, False),
            (0, None, False),
        ],
    )
    def test_equity_without_capital_or_profit_is_noted(
        self, paid_in: int | None, profit: int | None, is_found: bool
    ) -> None:
        report = {"year": 2015, "net_profit_yuan": profit}
        found_here = told("E-17", FILED, report, {"paid_in_capital_yuan": paid_in})
        assert found_here == ([(A, "2016", "WARN")] if is_found else [])

    def test_the_profit_of_the_year_before_is_asked(self) -> None:
        nothing_paid = {"paid_in_capital_yuan": 0}
        assert told("E-17", FILED, {"year": 2016, "net_profit_yuan": 0}, nothing_paid) == []


class TestPeers:
    @pytest.mark.parametrize(("times", "is_found"), [(1_000, False), (1_001, True)])
    def test_a_thousand_times_the_middle_of_the_year_is_doubted(
        self, times: int, is_found: bool
    ) -> None:
        assert self.among(20, times) == ([(A, "2016", "DATA")] if is_found else [])

    def test_too_few_peers_say_nothing(self) -> None:
        assert self.among(18, 5_000) == []

    def among(self, peers: int, times: int) -> list[tuple[str, str, str]]:
        codes = [A, *(f"91330100MA{number:08d}" for number in range(peers))]
        net = [1_000 * times, *([1_000] * peers)]
        statements = (
            FILED | {"usc_code": code, "net_assets_yuan": Decimal(amount)}
            for code, amount in zip(codes, net, strict=True)
        )
        reports = ({"usc_code": code, "year": 2016, "employees": 10} for code in codes)
        return found(
            "E-15:peers",
            {
                enterprise.STATEMENT: rows_of(enterprise.STATEMENT, *statements),
                enterprise.ANNUAL_REPORT: rows_of(enterprise.ANNUAL_REPORT, *reports),
            },
        )


class TestMachines:
    def worth(self, *machines: dict[str, Any], fixed: int | None = 1_000) -> list[Any]:
        statement = FILED | {"fixed_assets_yuan": fixed}
        frames: dict[Table, Any] = {
            enterprise.STATEMENT: rows_of(enterprise.STATEMENT, statement),
            enterprise.EQUIPMENT: rows_of(enterprise.EQUIPMENT, *machines),
        }
        return found("Q-05", {**registered(), **frames})

    def machine(self, number: str, price: int | None, **more: Any) -> dict[str, Any]:
        sound = {"equipment_no": number, "price_yuan": price, "disposed_on": None, "metric": "x"}
        return sound | {"is_owned": True} | more

    def test_machines_dearer_than_all_fixed_assets_are_noted(self) -> None:
        assert self.worth(self.machine("1", 600), self.machine("2", 400)) == []
        assert self.worth(self.machine("1", 600), self.machine("2", 401)) == [(A, "2016", "WARN")]

    def test_a_machine_counts_once_whatever_is_measured_of_it(self) -> None:
        assert self.worth(self.machine("1", 600), self.machine("1", 600, metric="y")) == []

    def test_leased_sold_or_unpriced_ones_and_unknown_assets_say_nothing(self) -> None:
        assert self.worth(self.machine("1", 2_000, is_owned=False)) == []
        assert self.worth(self.machine("1", None)) == []
        assert self.worth(self.machine("1", 2_000), fixed=None) == []
