"""Awards and approvals: each just hits, just misses, and says nothing where no permit names an award."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from builders import A_BRANCH, A, B, found, rows_of

from assets.lake.declaration import Table
from assets.tables import project

NUMBER, CONTRACT = "3301061501010101", "3301061501010101-HZ-001"
SIGNED = date(2015, 5, 6)


def awarded(check_id: str, **told: Any) -> list[tuple[str, str, str]]:
    """A contract whose permit names its award, all as it should be but for what is told."""
    sound = {
        "usc_code": A,
        "project_no": NUMBER,
        "contract_no": CONTRACT,
        "permit_no": "330106201506010101",
        "tender_no": "T1",
        "contract_type": "施工总承包",
        "is_consortium": False,
        "amount_yuan": 1_000_000,
        "signed_on": SIGNED,
        "approved_on": date(2015, 1, 1),
    } | told
    award = {"usc_code": sound.pop("winner", A), "amount_yuan": sound.pop("award", 1_000_000)}
    award |= {"tender_no": "T1", "awarded_on": sound.pop("awarded_on", date(2015, 4, 1))}
    frames: dict[Table, Any] = {
        table: rows_of(table, {k: v for k, v in sound.items() if k in table.schema})
        for table in (project.PROJECT, project.CONTRACT, project.PERMIT)
    }
    return found(check_id, frames | {project.TENDER: rows_of(project.TENDER, award)})


class TestAward:
    @pytest.mark.parametrize(
        ("price", "is_found"),
        [(1_100_000, False), (1_100_001, True), (900_000, False), (899_999, True), (None, False)],
    )
    def test_a_price_over_a_tenth_off_the_award_is_noted(
        self, price: int | None, is_found: bool
    ) -> None:
        told = awarded("J-25", amount_yuan=price)
        assert told == ([(A, CONTRACT, "WARN")] if is_found else [])

    def test_another_winner_is_doubted_but_no_branch_and_no_consortium(self) -> None:
        assert awarded("J-25", winner=B) == [(A, CONTRACT, "DATA")]
        assert awarded("J-25", winner=A_BRANCH) == []
        assert awarded("J-25", winner=B, is_consortium=True) == []

    @pytest.mark.parametrize(
        "told", [{"tender_no": None}, {"tender_no": "T2"}, {"contract_type": "专业分包"}]
    )
    def test_works_that_no_known_award_is_named_for_say_nothing(self, told: dict[str, Any]) -> None:
        assert awarded("J-25", winner=B, **told) == []


class TestOrder:
    @pytest.mark.parametrize(
        ("told", "is_found"),
        [
            ({}, False),
            ({"awarded_on": SIGNED}, False),
            ({"awarded_on": SIGNED + timedelta(days=1)}, True),
            ({"approved_on": date(2015, 4, 1)}, False),
            ({"approved_on": date(2015, 4, 2)}, True),
            ({"approved_on": SIGNED, "tender_no": None}, False),
            ({"approved_on": SIGNED + timedelta(days=1), "tender_no": None}, True),
            ({"approved_on": None, "tender_no": None}, False),
            ({"signed_on": None}, False),
        ],
    )
    def test_approved_then_awarded_then_signed(self, told: dict[str, Any], is_found: bool) -> None:
        assert awarded("J-04:award", **told) == ([(A, CONTRACT, "WARN")] if is_found else [])
