"""What a row tells that one set apart has overtaken is no law any more: it may say otherwise now."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from builders import (
    ANNA,
    AS_OF,
    STRANGER,
    A,
    B,
    found,
    practising,
    rows_of,
    set_apart,
)
from told import (
    CASES,
    MACHINE,
    OF_TWO,
    REGISTER_IS_COMPLETE,
    REGISTERED,
    WORKS,
    Frames,
    Row,
    frames,
)

from assets.bases.quarantine import KEY_CONFLICT
from assets.lake.declaration import Table
from assets.tables import enterprise, intake, personnel


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

    # Of a death each decision reads the day itself: what is certain is noted.
    certain = set() if check_id == "P-06" else {"LAW"}
    assert severities({}) == certain
    keyed = {"usc_code": A, **row}
    for later, severity in ((True, {"DATA"}), (False, certain)):
        log = set_apart(table, {name: keyed[name] for name in table.key}, later=later)
        assert severities({intake.QUARANTINE: log}) == severity


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


@pytest.mark.parametrize("which", ["its own", "the other's"])
@pytest.mark.parametrize("check_id", OF_TWO)
def test_whose_branch_one_is_is_open_while_a_later_registration_is_set_apart(
    check_id: str, which: str
) -> None:
    """It may be a branch of the other now, or of another (reading 58)."""
    told, other = OF_TWO[check_id]
    code = A if which == "its own" else other
    certain = "WARN" if check_id in ("P-18", "P-32") else "LAW"
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
