"""Amounts that cannot be, invoices of others: each just hits and just misses. Owners: `test_enterprise`."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from builders import A_BRANCH, AS_OF, STRANGER, A, B, findings_in, found, rows_of

from assets.tables import enterprise


def apart(*amounts: int, report_code: str = "annual") -> list[str]:
    rows = (
        {"year": 2012 + n, "net_assets_yuan": Decimal(amount), "report_code": report_code}
        for n, amount in enumerate(amounts)
    )
    frames = {enterprise.STATEMENT: rows_of(enterprise.STATEMENT, *rows)}
    doubted = findings_in(frames).filter(check_id="E-15")
    assert set(doubted.select("usc_code", "severity").rows()) <= {(A, "DATA")}
    return doubted["row_key"].sort().to_list()


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


@pytest.mark.provision("E26")
class TestInvoice:
    def machine(
        self, *others: dict[str, Any], events: tuple[str, ...] = (), **told: Any
    ) -> list[Any]:
        sound = {"equipment_no": "M1", "is_owned": True, "disposed_on": None}
        event = ({"usc_code": A, "event_code": code} for code in events)
        return found(
            "Q-02",
            {
                enterprise.EQUIPMENT: rows_of(enterprise.EQUIPMENT, sound | told, *others),
                enterprise.EVENT: rows_of(enterprise.EVENT, *event),
            },
        )

    @pytest.mark.parametrize("buyer", [A, A_BRANCH, None, f"330106{A[8:17]}", "现金"])
    def test_one_that_names_the_owner_its_branch_its_old_tax_number_or_nobody_says_nothing(
        self, buyer: str | None
    ) -> None:
        assert self.machine(invoice_buyer_code=buyer) == []

    def test_one_that_names_another_registered_enterprise_proves_nothing_by_law(self) -> None:
        assert self.machine(invoice_buyer_code=B) == [(A, "M1", "LAW")]
        assert self.machine(invoice_buyer_code=B, is_owned=None) == [(A, "M1", "LAW")]

    @pytest.mark.parametrize("buyer", [STRANGER, f"330106{B[8:17]}"])
    def test_a_buyer_who_is_not_known_for_sure_is_a_doubt(self, buyer: str) -> None:
        assert self.machine(invoice_buyer_code=buyer) == [(A, "M1", "DATA")]

    @pytest.mark.parametrize(
        ("event", "severity"), [("merger_absorption", "DATA"), ("rename", "LAW")]
    )
    def test_who_may_have_succeeded_to_the_buyer_may_own_it(
        self, event: str, severity: str
    ) -> None:
        assert self.machine(invoice_buyer_code=B, events=(event,)) == [(A, "M1", severity)]

    def test_leased_and_sold_machines_are_not_asked_for_one(self) -> None:
        assert self.machine(invoice_buyer_code=B, is_owned=False) == []
        assert self.machine(invoice_buyer_code=B, disposed_on=AS_OF) == []

    def test_one_invoice_may_be_for_several_machines_of_one_owner_only(self) -> None:
        theirs = {"equipment_no": "M2", "is_owned": True, "disposed_on": None, "invoice_no": "N1"}
        assert self.machine(theirs, invoice_no="N1") == []
        both = self.machine(theirs | {"usc_code": B}, invoice_no="N1")
        assert both == [(A, "M1", "DATA"), (B, "M2", "DATA")]


@pytest.mark.parametrize(
    ("until", "is_found"),
    [(AS_OF, False), (AS_OF - timedelta(days=1), True), (None, False)],
)
def test_a_machine_past_its_service_life_is_noted(until: date | None, is_found: bool) -> None:
    row = {"equipment_no": "M1", "usable_until": until, "disposed_on": None}
    told = found("Q-04", {enterprise.EQUIPMENT: rows_of(enterprise.EQUIPMENT, row)})
    assert told == ([(A, "M1", "WARN")] if is_found else [])
