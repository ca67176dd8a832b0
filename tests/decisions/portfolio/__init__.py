"""Builder of one enterprise as the base tables know it: exactly what a level asks, nothing to spare.

`Portfolio.meeting` derives every row from the figures of tests/facts (`sheets`); the other methods
change exactly one thing. Deterministic: the same calls give the same rows, and enterprises of
different `nth` share no key, so that hundreds of variants go into one evaluation.

People carry labels: `lead`, `titled.1`…, `constructor.1`…, `site_manager.1`…, `worker.1`…,
`project_manager.1`…; one person may have several, because a registration and a title of one
person count in both groups (E5): `titled.1` is the lead, and the constructors are titled staff
too as far as there are any.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self

import polars as pl
from sheets import Line, UnitPlan, figures, line, next_lower, plans, related_majors

from assets.calendar import add_years
from assets.lake.declaration import Table
from assets.tables import BY_NAME, RELEASED_TABLES, intake
from portfolio.rows import MONTHLY, NTH, Row, instant, usc_code
from portfolio.standing import Standing
from portfolio.works import Works

__all__ = [
    "CHOSEN_CLASSES",
    "CHOSEN_LINES",
    "CITY",
    "MONTHLY",
    "PROVINCE",
    "STATE",
    "Portfolio",
    "Row",
    "applications_of",
    "frames_of",
    "instant",
    "usc_code",
]

PROVINCE, CITY = "330000", "330100"
STATE = date(1, 1, 1)
"""Period of a feed that tells a state, not a month."""
OTHER_HELD = {
    "S11": ("S04", "二级"),
    "S04": ("S11", "二级"),
    "G01": ("S11", "二级"),
    "G10": ("S11", "二级"),
}
"""What an enterprise that adds a category already holds."""
CHOSEN_CLASSES = {"G01": (1, 4), "G10": (1, 2, 4, 7), "S04": (3,), "S11": (1,)}
CHOSEN_LINES = {("G10", 2): 1}
"""Class to line (from 0) where not the first: bridges by span, which shows their scope too."""
LEAD_WORKS = {"G01": (1, 0), "G10": (2, 1), "S04": (3, 0)}
"""Category to (class, line) that the leader's own projects meet."""


@dataclass(slots=True)
class Portfolio(Works, Standing):
    """One enterprise that meets a level exactly, and what can be changed about it."""

    # -- making ----------------------------------------------------------------------

    @classmethod
    def meeting(
        cls,
        code: str,
        level: str,
        *,
        kind: str,
        filed_on: date,
        decided_on: date | None = None,
        authority: str = "province",
        nth: int | None = None,
        people_of: date | None = None,
        served: Iterable[Line] | None = None,
        expires_on: date | None = None,
        signed_on: date | None = None,
    ) -> Self:
        """An enterprise that meets a level exactly.

        Args:
            code: category.
            level: level applied for.
            kind: kind of application.
            filed_on: day of filing.
            decided_on: day of the decision; the day of filing if None.
            authority: who decides: `ministry`, `province` or `city`.
            nth: number of the enterprise; different ones share no key; that of the test if None.
            people_of: day whose text says which people there are; the day of filing if None.
            served: lines of the performance classes the projects serve; if None, the chosen ones.
            expires_on: last valid day of the certificate held; years ahead if None.
            signed_on: day of the contracts of the performance; two years back if None.
        """
        nth = NTH.get() if nth is None else nth
        self = cls(code, level, kind, filed_on, decided_on or filed_on, authority, nth)
        asked = figures(code, level, filed_on)
        staffed = figures(code, level, people_of or filed_on)
        self._hold_what_the_kind_needs(expires_on)
        self._assets(asked)
        if kind in ("change", "replacement"):
            self.cover_everything()
            return self
        self._titled_staff(asked["technical_lead"], staffed.get("titled_staff", []))
        self._constructors(staffed.get("constructors", []))
        self._site_managers(staffed.get("site_managers"))
        self._skilled_workers(staffed.get("skilled_workers"))
        self._lead_performance(asked.get("lead_performance"))
        if kind == "upgrade" and "performance" in asked:
            self._performance(asked, served, signed_on)
            self._equipment(asked.get("equipment"))
        self.cover_everything()
        return self

    def _hold_what_the_kind_needs(self, expires_on: date | None) -> None:
        held = {
            "first": None,
            "addition": OTHER_HELD[self.code],
            "upgrade": (self.code, next_lower(self.code, self.level))
            if self.kind == "upgrade"
            else None,
        }.get(self.kind, (self.code, self.level))
        if held is not None:
            self.hold(*held, expires_on=expires_on)

    def _assets(self, asked: Row) -> None:
        wan = Decimal(asked["net_assets_wan"])
        if self.kind == "addition":
            held_code, held_level = OTHER_HELD[self.code]
            wan = max(wan, Decimal(figures(held_code, held_level, self.filed_on)["net_assets_wan"]))
        self.register_enterprise(wan)
        if self.kind not in ("first", "change", "replacement"):
            self.state_net_assets(wan)

    def _titled_staff(self, lead: Row, staff: list[Row]) -> None:
        way = lead["any_of"][0]
        majors = [major for row in staff for major in related_majors(self.code, row["majors"])]
        lead_majors = related_majors(self.code, way["majors"])
        major = (majors or ["结构"])[0] if lead_majors == ["工程序列"] else lead_majors[0]
        self.hire("lead", "titled.1")
        self.entitle("lead", way["title"], major)
        self.appoint("lead", add_years(self.filed_on, -lead["years"]), lead["field"])
        count = sum(row["min"] for row in staff)
        order = [
            major,
            *(m for row in staff for m in row.get("majors_detail") or majors if m != major),
        ]
        for number in range(2, count + 1):
            self.hire(f"titled.{number}")
            self.entitle(f"titled.{number}", staff[0]["title"], order[(number - 1) % len(order)])

    def _constructors(self, asked: list[Row]) -> None:
        """The fewest people: narrow rows first, their holders count in the wide rows too."""
        chosen: list[tuple[str, str]] = []
        for row in sorted(asked, key=lambda r: (len(r["specialties"]), r["grade"] != "一级")):
            fits = sum(s in row["specialties"] and row["grade"] in ("any", g) for s, g in chosen)
            grade = "一级" if row["grade"] == "一级" else "二级"
            # The last specialty: so that the narrow row never gets a person it did not ask for.
            chosen += [(row["specialties"][-1], grade)] * (row["min"] - fits)
        for number, (specialty, grade) in enumerate(chosen, start=1):
            label, titled = f"constructor.{number}", f"titled.{number + 1}"
            if titled in self.people:
                self.people[label] = self.people[titled]
            else:
                self.hire(label)
            self.register(label, f"{grade}注册建造师", specialty)

    def _site_managers(self, asked: Row | None) -> None:
        for number in range(1, (asked or {}).get("min", 0) + 1):
            roles = asked["roles"]  # type: ignore[index]
            self.add_site_manager(roles[number - 1] if number <= len(roles) else roles[0])

    def _skilled_workers(self, asked: Row | None) -> None:
        for number in range(1, (asked or {}).get("min", 0) + 1):
            trades = asked["trades"] or ["模板工"]  # type: ignore[index]
            grade = "初级工" if asked["grade"] == "any" else asked["grade"]  # type: ignore[index]
            self.add_worker(trades[number - 1] if number <= len(trades) else trades[0], grade)

    def _lead_performance(self, asked: Row | None) -> None:
        """Two works the leader led for a former employer: personal performance goes with him (E11)."""
        if asked is None:
            return
        if self.code in LEAD_WORKS:
            level = asked["level"]
            one = plans(line(self.code, level, self.filed_on, *LEAD_WORKS[self.code]))[0]
        else:
            one = UnitPlan("建筑装修装饰工程", ())
        year = self.filed_on.year
        for number, duty in zip(range(asked["min"]), ("项目经理", "技术负责人"), strict=True):
            self.build(
                one,
                f"lead_work.{number + 1}",
                contractor=usc_code(500_000_000 + self.nth),
                duty=duty,
                leader="lead",
                signed_on=date(year - 7 + number * 2, 3, 1),
                started_on=date(year - 7 + number * 2, 4, 1),
                accepted_on=date(year - 6 + number * 2, 6, 1),
            )

    def _performance(
        self, asked: Row, served: Iterable[Line] | None, signed_on: date | None
    ) -> None:
        if served is None:
            served = [
                line(self.code, self.level, self.filed_on, n, CHOSEN_LINES.get((self.code, n), 0))
                for n in CHOSEN_CLASSES[self.code]
            ]
        for which in served:
            for one in plans(which):
                self.add_project(
                    one, contracting=asked["performance"].get("contracting"), signed_on=signed_on
                )

    def _equipment(self, asked: Row | None) -> None:
        for item in (asked or {"items": [], "need": 0})["items"][: (asked or {"need": 0})["need"]]:
            metric, _, value, *_ = item["where"].split(" ")
            for _ in range(item["count"]):
                self.own_machine(item["what"], metric, Decimal(value))

    def cover_everything(self) -> None:
        """Every channel declares its rows complete up to the day of the decision."""
        for table in RELEASED_TABLES:
            if table.name in (intake.COVERAGE.name, "intake__quarantine", "check__finding"):
                continue
            if table.name == MONTHLY:
                for month in self.insurance_months:
                    self.cover(table.name, CITY, month)
            else:
                self.cover(table.name, PROVINCE, STATE)


MANY = 20
"""Rows from which on a frame is made sooner by column than by row."""


def frames_of(portfolios: Iterable[Portfolio]) -> dict[str, pl.DataFrame]:
    """The released tables of several enterprises together; the same coverage is said once."""
    collected: dict[str, list[Row]] = {table.name: [] for table in RELEASED_TABLES}
    for portfolio in portfolios:
        for name, rows in portfolio.rows.items():
            collected.setdefault(name, []).extend(rows)
    coverage = {
        (r["target"], r["region_code"], r["period"]): r for r in collected[intake.COVERAGE.name]
    }
    collected[intake.COVERAGE.name] = list(coverage.values())
    return {name: _frame(BY_NAME[name], rows) for name, rows in collected.items()}


def applications_of(portfolios: Iterable[Portfolio]) -> pl.DataFrame:
    """Their applications as a frame of intake__application."""
    return _frame(intake.APPLICATION, [portfolio.application() for portfolio in portfolios])


def _frame(table: Table, rows: list[Row]) -> pl.DataFrame:
    if not rows:
        return table.empty()
    told = {name: [row.get(name) for row in rows] for name in table.schema}
    if len(rows) >= MANY:
        kinds = table.schema.items()
        return pl.DataFrame([_column(name, told[name], kind) for name, kind in kinds])
    frame = pl.DataFrame(rows, schema=table.schema)
    for name, values in told.items():
        _checked(frame[name], values)
    return frame


def _column(name: str, told: list[Any], kind: pl.DataType) -> pl.Series:
    if not isinstance(kind, pl.Datetime):
        return _checked(pl.Series(name, told, kind), told)
    # Moments are the dearest to convert, and nearly all rows came at one.
    places = {moment: place for place, moment in enumerate(dict.fromkeys(told))}
    moments = _checked(pl.Series(name, list(places), kind), list(places))
    return moments.gather([places[moment] for moment in told])


def _checked(column: pl.Series, told: list[Any]) -> pl.Series:
    """The column, if it holds what was told: a number becomes a text, or loses its fraction."""
    held = column.to_list()
    assert held == told, f"{column.name}: {told} is held as {held}"
    return column
