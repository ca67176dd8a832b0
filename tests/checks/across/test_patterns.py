"""Patterns over many rows: each at its figure and just below."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest
from builders import A_BRANCH, AS_OF, A, B, findings_in, rows_of, tables_of
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.sample.identifiers import usc_code
from assets.tables import enterprise, intake, personnel
from checks.cross import CHECKS, examine


def found(check_id: str, frames: dict) -> list[tuple[str, str, str, str]]:
    rows = findings_in(frames).filter(check_id=check_id)
    return list(rows.select("target", "usc_code", "row_key", "severity").sort(pl.all()).iter_rows())


class TestSharedAddress:
    def frames(self, applicants: int, filed_at: datetime, address: str | None = "某路1号") -> dict:
        codes = [usc_code("330100", n) for n in range(5)]
        return {
            enterprise.REGISTRY: rows_of(
                enterprise.REGISTRY, *({"usc_code": code, "address": address} for code in codes)
            ),
            intake.APPLICATION: rows_of(
                intake.APPLICATION,
                *(
                    {"application_id": code, "usc_code": code, "filed_at": filed_at}
                    for code in codes[:applicants]
                ),
            ),
        }

    def test_five_applicants_of_a_year_at_one_address_are_noted(self) -> None:
        assert {
            row[3] for row in found("E-20", self.frames(5, datetime(2016, 3, 1, tzinfo=UTC)))
        } == {"WARN"}

    def test_four_or_a_year_ago_or_without_an_address_they_are_not(self) -> None:
        assert found("E-20", self.frames(4, datetime(2016, 6, 1, tzinfo=UTC))) == []
        assert found("E-20", self.frames(5, datetime(2016, 2, 29, 15, tzinfo=UTC))) == []
        assert found("E-20", self.frames(5, datetime(2016, 6, 1, tzinfo=UTC), None)) == []

    @pytest.mark.parametrize(
        "phones", [["0571-8700 1111"] * 5, ["057187001111", "0571-87001111"] * 3]
    )
    def test_five_applicants_with_one_telephone_are_noted(self, phones: list[str]) -> None:
        frames = self.frames(5, datetime(2016, 6, 1, tzinfo=UTC), None)
        told = frames[enterprise.REGISTRY].with_columns(phone=pl.Series(phones[:5]))
        assert len(found("E-20", {**frames, enterprise.REGISTRY: told})) == 5
        four = told.with_columns(
            phone=pl.when(pl.int_range(pl.len()) > 0).then("phone").otherwise(pl.lit("0571"))
        )
        assert found("E-20", {**frames, enterprise.REGISTRY: four}) == []


class TestFiledTwice:
    def frames(self, second: datetime, **values: object) -> dict:
        first = {"application_id": "1", "filed_at": datetime(2017, 2, 1, 1, tzinfo=UTC)}
        other = {**first, "application_id": "2", "filed_at": second, **values}
        return {intake.APPLICATION: rows_of(intake.APPLICATION, first, other)}

    def test_one_category_again_within_a_day_is_noted_whatever_the_kind(self) -> None:
        again = self.frames(datetime(2017, 2, 2, 1, tzinfo=UTC), kind="upgrade")
        assert found("D-05", again) == [(enterprise.REGISTRY.name, A, A, "WARN")]

    def test_later_or_for_another_category_it_is_another_matter(self) -> None:
        assert found("D-05", self.frames(datetime(2017, 2, 2, 1, 0, 1, tzinfo=UTC))) == []
        again = self.frames(datetime(2017, 2, 1, 2, tzinfo=UTC), category_code="S11")
        assert found("D-05", again) == []


class TestBoughtInBulk:
    def posts(self, many: int, issued_on: date = date(2017, 2, 1), step: int = 1) -> dict:
        rows = (
            {
                "certificate_no": f"浙建岗{10_000 + n * step}",
                "person_key": f"{n:020x}",
                "issued_on": issued_on,
            }
            for n in range(many)
        )
        return {personnel.POST: rows_of(personnel.POST, *rows)}

    def test_thirty_one_consecutive_numbers_of_one_day_are_noted(self) -> None:
        assert found("P-29", self.posts(31)) == [(enterprise.REGISTRY.name, A, A, "WARN")]

    @pytest.mark.parametrize(
        "posts",
        [{"many": 30}, {"many": 40, "step": 2}, {"many": 40, "issued_on": date(2016, 12, 30)}],
    )
    def test_thirty_or_scattered_or_long_ago_they_are_not(self, posts: dict) -> None:
        assert found("P-29", self.posts(**posts)) == []


class TestMovedIn:
    MONTHS = (date(2016, 6, 1), *(date(2016, n, 1) for n in (10, 11, 12)), date(2017, 2, 1), AS_OF)

    def months(self, old: int, new: int, first: date = date(2016, 12, 1)) -> dict:
        def paid(person: int, month: date) -> dict:
            return {"person_key": f"{person:020x}", "month": month, "usc_code": A}

        rows = [
            *(paid(n, month) for n in range(old) for month in (date(2016, 6, 1), date(2017, 2, 1))),
            *(paid(100 + n, month) for n in range(new) for month in (first, date(2017, 2, 1))),
        ]
        return {
            enterprise.REGISTRY: rows_of(enterprise.REGISTRY, {"usc_code": A}),
            personnel.INSURANCE: rows_of(personnel.INSURANCE, *rows),
        }

    def test_over_half_who_joined_within_three_months_are_noted(self) -> None:
        assert found("P-30", self.months(5, 6)) == [(enterprise.REGISTRY.name, A, A, "WARN")]

    def test_half_or_few_or_earlier_they_are_not(self) -> None:
        assert found("P-30", self.months(5, 5)) == []
        assert found("P-30", self.months(4, 5)) == []
        assert found("P-30", self.months(5, 6, date(2016, 11, 1))) == []

    def test_where_the_data_reach_back_no_farther_everybody_would_seem_to_have(self) -> None:
        assert found("P-30", self.months(0, 11)) == []

    @given(
        st.lists(
            st.tuples(
                st.integers(0, 24),
                st.sampled_from([A, A_BRANCH, B]),
                st.sampled_from(MONTHS),
                st.sampled_from([True, None, False]),
            ),
            min_size=30,
            max_size=90,
            unique_by=lambda row: row[:3],
        )
    )
    @settings(max_examples=40)
    def test_whatever_the_months_it_counts_as_one_counts_by_hand(self, rows: list) -> None:
        frames = {
            enterprise.REGISTRY: rows_of(
                enterprise.REGISTRY,
                {"usc_code": A},
                {"usc_code": A_BRANCH, "entity_code": "branch", "parent_usc_code": A},
            ),
            personnel.INSURANCE: rows_of(
                personnel.INSURANCE,
                *(
                    {"person_key": f"{n:020x}", "usc_code": usc, "month": month, "is_paid": paid}
                    for n, usc, month, paid in rows
                ),
            ),
        }
        seen = [
            (A if usc == A_BRANCH else usc, n, month)
            for n, usc, month, paid in rows
            if paid is not False and month < AS_OF
        ]
        [check] = [one for one in CHECKS if one.id == "P-30"]
        noted = examine(tables_of(frames), AS_OF, (check,)).findings
        assert set(noted["usc_code"]) == joined_lately(seen)


def joined_lately(seen: list[tuple[str, int, date]]) -> set[str]:
    """P-30 by hand: enterprises most of whose ten people or more joined since December."""
    since, told = date(2016, 12, 1), set()
    for head in {head for head, _, _ in seen}:
        latest = max(month for *_, month in seen)
        months: dict[int, list[date]] = {}
        for at, n, month in seen:
            if at == head:
                months.setdefault(n, []).append(month)
        people = [those for those in months.values() if max(those) == latest]
        joined = [those for those in people if min(those) >= since]
        reaches = min(month for *_, month in seen) < since
        if reaches and len(people) >= 10 and len(joined) > len(people) / 2:
            told.add(head)
    return told
