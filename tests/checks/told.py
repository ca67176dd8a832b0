"""Rows by which a check finds what it looks for, check by check.

Belongs here: what several modules of tests tell the same way. Does not: rows as such
(`builders`), or what becomes of a finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
from builders import A_BRANCH, ANNA, A, B, months, practising, rows_of

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
