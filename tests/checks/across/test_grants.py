"""What happens after a grant to the rows it rests on is noted."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import polars as pl
from builders import A_BRANCH, ANNA, A, B, findings_in, rows_of

from assets.tables import decision, enterprise, personnel

GRANTED = datetime(2017, 1, 10, tzinfo=UTC)
BEFORE, AFTER = datetime(2017, 1, 9, tzinfo=UTC), datetime(2017, 1, 11, tzinfo=UTC)


def found(check_id: str, frames: dict) -> list[tuple[str, str, str, str]]:
    rows = findings_in(frames).filter(check_id=check_id)
    return list(rows.select("target", "usc_code", "row_key", "severity").sort(pl.all()).iter_rows())


def granted(outcome: str = "granted", decided_at: datetime = GRANTED, **evidence: object) -> dict:
    proof = {
        "criterion": "constructors",
        "target": personnel.REGISTRATION.name,
        "row_key": "Z1|建筑工程",
        "counted": "yes",
        "content_json": json.dumps({"person_key": ANNA}),
        **evidence,
    }
    case = {"evaluation_no": 1, "outcome": outcome, "decided_at": decided_at, "usc_code": A}
    return {
        decision.DECISION: rows_of(decision.DECISION, case),
        decision.EVIDENCE: rows_of(decision.EVIDENCE, {"evaluation_no": 1, **proof}),
    }


def registration(received_at: datetime) -> dict:
    row = {
        "registration_no": "Z1",
        "specialty": "建筑工程",
        "received_at": received_at,
        "valid_until": date(2018, 1, 1),
    }
    return {personnel.REGISTRATION: rows_of(personnel.REGISTRATION, row)}


class TestChangedAfterTheGrant:
    TARGET = personnel.REGISTRATION.name

    def test_a_counted_row_told_anew_is_noted(self) -> None:
        assert found("F-12", {**granted(), **registration(AFTER)}) == [
            (self.TARGET, A, "Z1", "WARN")
        ]

    def test_so_is_one_that_is_gone(self) -> None:
        assert found("F-12", granted()) == [(self.TARGET, A, "Z1|建筑工程", "WARN")]

    def test_what_stands_as_it_did_or_was_not_counted_is_not(self) -> None:
        assert found("F-12", {**granted(), **registration(BEFORE)}) == []
        assert found("F-12", {**granted(counted="no"), **registration(AFTER)}) == []
        assert found("F-12", {**granted("refused"), **registration(AFTER)}) == []

    def test_what_is_only_noted_of_a_case_is_not_counted(self) -> None:
        noted = granted(criterion=f"{decision.NOTE}.credit")
        assert found("F-12", {**noted, **registration(AFTER)}) == []

    def test_a_row_told_in_the_second_of_the_decision_is_what_it_rests_on(self) -> None:
        for within in (GRANTED, GRANTED.replace(microsecond=999_999)):
            assert found("F-12", {**granted(), **registration(within)}) == []
        assert len(found("F-12", {**granted(), **registration(GRANTED.replace(second=1))})) == 1

    def test_what_only_an_evaluation_before_the_grant_counted_is_no_matter(self) -> None:
        frames = {**granted(), **registration(AFTER)}
        waited = frames[decision.EVIDENCE].with_columns(evaluation_no=pl.lit(0, pl.Int32))
        assert found("F-12", {**frames, decision.EVIDENCE: waited}) == []


class TestLent:
    REGISTRY = rows_of(
        enterprise.REGISTRY,
        {"usc_code": A},
        {"usc_code": B},
        {"usc_code": A_BRANCH, "entity_code": "branch", "parent_usc_code": A},
    )

    def now_at(self, code: str, **case: object) -> list:
        insured = {"person_key": ANNA, "usc_code": code, "month": date(2017, 2, 1)}
        return found(
            "P-19",
            {
                enterprise.REGISTRY: self.REGISTRY,
                personnel.INSURANCE: rows_of(personnel.INSURANCE, insured),
                **granted(**case),
            },
        )

    def test_counted_for_one_and_now_with_another_both_are_noted(self) -> None:
        target = personnel.PERSON.name
        assert self.now_at(B) == [(target, A, ANNA, "WARN"), (target, B, ANNA, "WARN")]

    def test_so_is_who_was_counted_as_the_technical_leader(self) -> None:
        led = {"target": personnel.TECHNICAL_LEAD.name, "row_key": f"{A}|S11"}
        assert len(self.now_at(B, criterion="technical_lead", **led)) == 2

    def test_who_is_with_a_branch_now_stays(self) -> None:
        assert self.now_at(A_BRANCH) == []

    def test_who_stays_is_not_nor_after_half_a_year(self) -> None:
        assert self.now_at(A) == []
        assert self.now_at(B, decided_at=datetime(2016, 9, 1, 12, tzinfo=UTC)) == []
        assert len(self.now_at(B, decided_at=datetime(2016, 9, 2, 12, tzinfo=UTC))) == 2
