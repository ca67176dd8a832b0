"""What a row tells that one set apart has overtaken is no law any more: it may say otherwise now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest
from builders import (
    A_BRANCH,
    ANNA,
    AS_OF,
    STRANGER,
    A,
    B,
    found,
    months,
    practising,
    rows_of,
    set_apart,
)

from assets.bases.quarantine import KEY_CONFLICT
from assets.lake.declaration import Table
from assets.tables import credit, enterprise, intake, personnel, project

Frames = dict[Table, pl.DataFrame]
Row = Mapping[str, Any]
HT, NO = "HT-1", "3301001501010101"
HELD = {"valid_from": date(2014, 1, 1), "valid_to": None, "status_code": "valid"}
HIGHER = {"qualification_no": "1", "level": "二级", **HELD}
LOWER = {"qualification_no": "2", "level": "三级", **HELD}
SIGNED = {"contract_no": HT, "project_no": NO, "signed_on": date(2014, 1, 1)}
USED = {"project_no": NO, "conclusion": "弄虚作假", "applied_on": date(2016, 1, 1)}
PUNISHED = {
    "finding_no": "F1",
    "project_no": NO,
    "act": "一般事故",
    "sanction": "降低资质等级",
    "revoked_on": None,
}
LED = {"contract_no": HT, "duty": "项目经理", "person_key": ANNA}
ENDED = {
    "contract_no": HT,
    "started_on": date(2014, 2, 1),
    "accepted_on": date(2015, 6, 30),
    "quality": "合格",
}
MACHINE = {
    "equipment_no": "M1",
    "metric": "起重量",
    "is_owned": True,
    "disposed_on": None,
    "invoice_buyer_code": B,
}
REGISTERED = {
    "registration_no": "Z1",
    "specialty": "建筑工程",
    "valid_from": date(2013, 1, 1),
    "valid_until": date(2015, 6, 29),
}


def frames(*told: tuple[Table, Row]) -> Frames:
    """One table each, with all the rows told of it."""
    by_table: dict[Table, list[Row]] = {}
    for table, row in told:
        by_table.setdefault(table, []).append(row)
    return {table: rows_of(table, *rows) for table, rows in by_table.items()}


REGISTER_IS_COMPLETE = (
    intake.COVERAGE,
    {
        "target": personnel.REGISTRATION.name,
        "region_code": "330000",
        "period": date(1, 1, 1),
        "is_complete": True,
        "as_of": date(2017, 2, 28),
    },
)
WORKS = ((project.CONTRACT, SIGNED), (project.PARTY, LED), (project.ACCEPTANCE, ENDED))
CASES: dict[str, tuple[tuple[tuple[Table, Row], ...], tuple[tuple[Table, Row], ...]]] = {
    "P-06": (
        (
            (personnel.PERSON, {"person_key": ANNA, "deceased_on": date(2016, 1, 1)}),
            (personnel.TECHNICAL_LEAD, {"person_key": ANNA}),
        ),
        ((personnel.PERSON, {"person_key": ANNA}),),
    ),
    "E-09": (
        ((enterprise.QUALIFICATION, HIGHER), (enterprise.QUALIFICATION, LOWER)),
        ((enterprise.QUALIFICATION, HIGHER), (enterprise.QUALIFICATION, LOWER)),
    ),
    "J-14": (
        (*WORKS, (personnel.REGISTRATION, REGISTERED), REGISTER_IS_COMPLETE),
        (
            (project.CONTRACT, SIGNED),
            (project.PARTY, LED),
            (personnel.REGISTRATION, {**REGISTERED, "usc_code": A}),
        ),
    ),
    "J-17": (
        ((project.CONTRACT, SIGNED), (project.USE, USED)),
        ((project.CONTRACT, SIGNED), (project.USE, USED)),
    ),
    "J-29": (
        ((project.CONTRACT, SIGNED), (credit.FINDING, PUNISHED)),
        ((project.CONTRACT, SIGNED), (credit.FINDING, PUNISHED)),
    ),
    "Q-02": (((enterprise.EQUIPMENT, MACHINE),), ((enterprise.EQUIPMENT, MACHINE),)),
}
"""By check: the rows by which the law takes something away, and those it hangs on."""


@pytest.mark.parametrize(
    ("check_id", "table", "row"),
    [(name, table, row) for name, (_, rests_on) in CASES.items() for table, row in rests_on],
)
def test_law_becomes_doubt_while_a_later_row_of_the_same_key_is_set_apart(
    check_id: str, table: Table, row: Row
) -> None:
    told = frames(*CASES[check_id][0])

    def severities(more: Frames) -> set[str]:
        every = {severity for *_, severity in found(check_id, told | more)}
        return every - {"WARN"}

    assert severities({}) == {"LAW"}
    keyed = {"usc_code": A, **row}
    for later, severity in ((True, "DATA"), (False, "LAW")):
        log = set_apart(table, {name: keyed[name] for name in table.key}, later=later)
        assert severities({intake.QUARANTINE: log}) == {severity}


def test_a_machine_that_one_file_gives_to_another_may_have_been_sold_before_it() -> None:
    """Two rows of B contradict each other, and A's of before is overtaken by both."""
    told = frames((enterprise.EQUIPMENT, MACHINE))
    rows = [
        set_apart(enterprise.EQUIPMENT, MACHINE | {"usc_code": code, "value_yuan": value})
        for code, value in ((B, 1), (B, 2))
    ]
    log = pl.concat(rows).with_columns(
        row_no=pl.int_range(1, 3), reasons=pl.lit([KEY_CONFLICT]), delivery_id=pl.lit("D2")
    )
    told[intake.QUARANTINE] = log.with_columns(
        typed_json=pl.col("typed_json").str.replace('"True"', "true")
    )
    assert {severity for *_, severity in found("Q-01", told)} == {"DATA"}
    both = told[intake.QUARANTINE].with_columns(
        usc_code=pl.Series([A, B]), typed_json=pl.col("typed_json")
    )
    at_once = found("Q-01", told | {intake.QUARANTINE: both})
    assert at_once == [(A, "M1", "LAW"), (B, "M1", "LAW")], "one file names both"


@pytest.mark.parametrize("check_id", ["P-15", "P-18", "P-32"])
def test_who_is_not_in_the_registry_may_be_a_branch_whatever_he_has(check_id: str) -> None:
    """Insured, registered or appointed there: the three say the same (reading 58)."""
    told = {
        "P-15": (
            personnel.INSURANCE,
            [{"usc_code": code, "month": date(2017, 1, 1)} for code in (A, STRANGER)],
        ),
        "P-32": (
            personnel.TECHNICAL_LEAD,
            [{"usc_code": code, "person_key": ANNA} for code in (A, STRANGER)],
        ),
    }
    rows = (
        {personnel.REGISTRATION: practising(A, STRANGER)}
        if check_id == "P-18"
        else {told[check_id][0]: rows_of(told[check_id][0], *told[check_id][1])}
    )
    assert {severity for *_, severity in found(check_id, rows, AS_OF)} == {"DATA"}


OF_TWO: dict[str, tuple[Frames, str]] = {
    "P-15": ({personnel.INSURANCE: months((A, date(2017, 1, 1)), (B, date(2017, 1, 1)))}, B),
    "P-18": ({personnel.REGISTRATION: practising(A, B)}, B),
    "P-31": (
        frames(
            (project.CONTRACT, {**SIGNED, "usc_code": B}),
            (project.PARTY, {**LED, "usc_code": B}),
            (
                project.ACCEPTANCE,
                {**ENDED, "started_on": date(2016, 1, 1), "accepted_on": None, "usc_code": B},
            ),
        )
        | {personnel.REGISTRATION: practising(A)},
        B,
    ),
    "P-32": (
        frames(*((personnel.TECHNICAL_LEAD, {"usc_code": c, "person_key": ANNA}) for c in (A, B))),
        B,
    ),
    "J-14": (
        frames(
            *WORKS, (personnel.REGISTRATION, REGISTERED | {"usc_code": B}), REGISTER_IS_COMPLETE
        ),
        B,
    ),
    "Q-02": (frames((enterprise.EQUIPMENT, MACHINE)), B),
    "C-08": (
        frames(*((credit.FINDING, {"finding_no": c, "usc_code": c}) for c in (A, A_BRANCH))),
        A_BRANCH,
    ),
}
"""By check: what shows two enterprises to be two, or one, and the other than A of them."""


@pytest.mark.parametrize("which", ["its own", "the other's"])
@pytest.mark.parametrize("check_id", OF_TWO)
def test_whose_branch_one_is_is_open_while_a_later_registration_is_set_apart(
    check_id: str, which: str
) -> None:
    """It may be a branch of the other now, or of another (reading 58)."""
    told, other = OF_TWO[check_id]
    code = A if which == "its own" else other
    certain = "WARN" if check_id == "P-18" else "LAW"
    assert {severity for *_, severity in found(check_id, told)} == {certain}
    for later, severity in ((True, "DATA"), (False, certain)):
        log = set_apart(enterprise.REGISTRY, {"usc_code": code, "name": "x"}, later=later)
        rows = found(check_id, told | {intake.QUARANTINE: log})
        assert {severity for *_, severity in rows} == {severity}


def test_a_manager_registered_elsewhere_before_the_works_was_surely_not_registered_here() -> None:
    """Whosever branch that is: it is of the time of the works that it matters."""
    spell = REGISTERED | {"usc_code": B, "valid_until": date(2014, 1, 31)}
    log = set_apart(enterprise.REGISTRY, {"usc_code": B, "name": "x"})
    told = frames(*WORKS, (personnel.REGISTRATION, spell), REGISTER_IS_COMPLETE)
    assert {s for *_, s in found("J-14", told | {intake.QUARANTINE: log})} == {"LAW"}
