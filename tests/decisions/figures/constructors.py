"""Registered constructors, row by row.

Belongs here: which change crosses which of these figures, and the answer. Does not: the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from exact import COMMON_SPECIALTY, fits_constructor
from portfolio import Portfolio, Row

from figures.level import (
    GRANTED,
    MET,
    NO_DATA,
    NOT_MET,
    REFUSED,
    REGISTRATION,
    Case,
    Figures,
    Spoil,
)


def constructors(figures: Figures) -> Iterator[Case]:
    on = figures.day_of("constructors")
    rows: list[Row] = figures.rank.asked(on).get("constructors") or []
    part = "constructors"

    for index, row in enumerate(rows):
        expected: dict[str, str | tuple[str, ...]] = {part: NOT_MET}
        for n in range(len(rows)):
            expected[f"{part}.{n + 1}"] = NOT_MET if n == index else MET
        where = f"row {index + 1} of the constructors is"
        yield figures.case(
            f"{where} one short", on, _short(figures, rows, index), REFUSED, expected
        )
        grade = "一级" if row["grade"] == "一级" else "二级"
        for specialty in row["specialties"]:
            name = COMMON_SPECIALTY if specialty == "不限专业" else specialty
            yield figures.case(
                f"{where} one over, in {name}",
                on,
                lambda p, g=grade, s=name: p.add_constructor(f"{g}注册建造师", s),
                GRANTED,
                {part: MET},
                alone=part,
            )
        if row["grade"] == "一级":
            yield figures.case(
                f"one constructor of row {index + 1} is of a lower grade",
                on,
                lambda p, n=index: [r for r in registered(p) if n in _rows_met(rows, r)][-1].update(
                    registration="二级注册建造师"
                ),
                None,
                {part: NOT_MET, f"{part}.{index + 1}": NOT_MET},
                alone=part,
            )
    if rows:
        yield figures.case(
            "one registration has been set apart",
            on,
            lambda p: p.quarantine(
                REGISTRATION, registration_no=registered(p)[-1]["registration_no"]
            ),
            None,
            {part: NO_DATA},
            alone=part,
        )
        yield figures.case(
            "one registration has run out",
            on,
            lambda p: registered(p)[-1].update(valid_until=on - timedelta(days=1)),
            None,
            {part: NOT_MET},
            alone=part,
        )


def _short(figures: Figures, rows: list[Row], index: int) -> Spoil:
    """One constructor less in one row, and in no other."""

    def spoil(p: Portfolio) -> None:
        held = [r for r in registered(p) if index in _rows_met(rows, r)]
        only_here = [r for r in held if _rows_met(rows, r) == [index]]
        if only_here:
            p.remove(REGISTRATION, registration_no=only_here[-1]["registration_no"])
            return
        row = held[-1]
        kept = [n for n in _rows_met(rows, row) if n != index]
        row.update(
            next(
                tried
                for grade in ("一级", "二级")
                for one in rows
                for specialty in one["specialties"]
                if _rows_met(
                    rows,
                    tried := {
                        "registration": f"{grade}注册建造师",
                        "specialty": specialty,
                    },
                )
                == kept
            )
        )

    return spoil


def registered(p: Portfolio) -> list[dict[str, Any]]:
    """Registrations of the staff, without the managers of works."""
    hired = {row["person_key"] for row in p.of("base_personnel__person")}
    return [row for row in p.of(REGISTRATION) if row["person_key"] in hired]


def _rows_met(rows: list[Row], held: dict[str, Any]) -> list[int]:
    """Rows of the sheet in which a registration counts."""
    fit = (held["registration"], held["specialty"])
    return [n for n, asked in enumerate(rows) if fits_constructor(asked, *fit)]
