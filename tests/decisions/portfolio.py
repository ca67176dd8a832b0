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

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Self

import polars as pl
from sheets import (
    AMOUNT,
    Line,
    UnitPlan,
    authority_of,
    described,
    figures,
    line,
    next_lower,
    plans,
    related_majors,
)
from where import MONEY

from assets.calendar import SHANGHAI, add_months, add_years, full_months_before
from assets.declaration import Table
from assets.tables import BY_NAME, RELEASED_TABLES, enterprise, intake

Row = dict[str, Any]

PROVINCE, CITY = "330000", "330100"
STATE = date(1, 1, 1)
"""Period of a feed that tells a state, not a month."""
MONTHLY = "base_personnel__insurance_month"
INSURED_MONTHS = {"first": 1, "reverification": 1}
"""Full months before filing (B0.5); every other kind asks 3."""
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
CHANNELS = {
    "base_enterprise__registry": "market_registry",
    "base_enterprise__event": "market_registry",
    "base_enterprise__statement": "finance",
    MONTHLY: "social_security",
    "base_personnel__registration": "constructor_registry",
    "base_personnel__title": "titles",
    "base_personnel__post_certificate": "post_certificates",
    "base_personnel__skill_certificate": "skills",
    "base_personnel__person": "public_security",
}
_USC_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@cache
def _columns(table: str) -> frozenset[str]:
    return frozenset(BY_NAME[table].schema)


@cache
def usc_code(serial: int) -> str:
    """A unified social credit code with its check character (GB 32100-2015)."""
    body = f"913301{serial:09d}MA"[:17]
    total = sum(_USC_CHARACTERS.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + _USC_CHARACTERS[-total % 31]


@cache
def instant(day: date, hour: int = 10) -> datetime:
    """A moment of a day in China, as UTC."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI).astimezone(UTC)


@dataclass(slots=True)
class Portfolio:
    """One enterprise, its application, and the rows the base tables hold about it."""

    code: str
    level: str
    kind: str
    filed_on: date
    decided_on: date
    authority: str = "province"
    nth: int = 1
    subcategory: str = ""
    hour: int = 9
    """Of the filing, in China."""
    rows: dict[str, list[Row]] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

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
        nth: int = 1,
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
            nth: number of the enterprise; different ones share no key.
            people_of: day whose text says which people there are; the day of filing if None.
            served: lines of the performance classes the projects serve; if None, the chosen ones.
            expires_on: last valid day of the certificate held; years ahead if None.
            signed_on: day of the contracts of the performance; two years back if None.
        """
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
        self.appoint("lead", add_years(self.filed_on, -lead["years"]))
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

    # -- what it is ------------------------------------------------------------------

    @property
    def usc_code(self) -> str:
        """Code of the applicant."""
        return usc_code(self.nth)

    @property
    def name(self) -> str:
        """Registered name."""
        return f"浙江测试{self.nth}建设有限公司"

    @property
    def application_id(self) -> str:
        """Number of the case."""
        return f"T{self.nth:06d}"

    @property
    def insurance_months(self) -> list[date]:
        """The months the kind asks, latest first."""
        return full_months_before(self.filed_on, INSURED_MONTHS.get(self.kind, 3))

    def application(self) -> Row:
        """The two fields of the application, as a row of intake__application."""
        return {
            "application_id": self.application_id,
            "usc_code": self.usc_code,
            "kind": self.kind,
            "category_code": self.code,
            "subcategory": self.subcategory,
            "level": self.level,
            "filed_at": instant(self.filed_on, self.hour),
            "received_at": instant(self.filed_on, self.hour),
            "filed_via": "portal",
        }

    def of(self, table: str, **where: Any) -> list[Row]:
        """The rows of a table that have these values."""
        return [
            row for row in self.rows.get(table, []) if all(row[k] == v for k, v in where.items())
        ]

    def people_in(self, group: str) -> list[str]:
        """Labels of a group, in order."""
        return [label for label in self.people if label.startswith(f"{group}.")]

    # -- changing exactly one thing --------------------------------------------------

    def add(self, table: str, **values: Any) -> Self:
        """One row more, with made-up provenance where the table has it."""
        rows = self.rows.setdefault(table, [])
        declared = _columns(table)
        provenance = {
            "delivery_id": f"test.{table}.{self.nth:06d}",
            "row_no": self._count(table),
            "received_at": instant(self.decided_on - timedelta(days=1)),
        }
        rows.append({k: v for k, v in provenance.items() if k in declared} | values)
        return self

    def remove(self, table: str, **where: Any) -> Self:
        """The rows with these values are not there."""
        doomed = self.of(table, **where)
        assert doomed, f"{table} has no row with {where}"
        self.rows[table] = [row for row in self.rows[table] if row not in doomed]
        return self

    def remove_at(self, table: str, index: int) -> Self:
        """The row at a place is not there."""
        del self.rows[table][index]
        return self

    def change(self, table: str, where: Mapping[str, Any], **values: Any) -> Self:
        """Other values in the rows that match."""
        found = self.of(table, **where)
        assert found, f"{table} has no row with {where}"
        for row in found:
            row.update(values)
        return self

    def quarantine(self, table: str, *, unread: Iterable[str] = (), **where: Any) -> Self:
        """The rows came, broke a check and were set apart; `unread` columns could not be read."""
        for row in self.of(table, **where):
            self.rows[table].remove(row)
            typed = {
                k: v
                for k, v in row.items()
                if k not in (*unread, "delivery_id", "row_no", "received_at")
            }
            # Decimals as text: a JSON number would lose their scale.
            as_json = json.dumps(typed, ensure_ascii=False, sort_keys=True, default=str)
            self.rows.setdefault("intake__quarantine", []).append(
                {
                    "delivery_id": row["delivery_id"],
                    "row_no": row["row_no"],
                    "target": table,
                    "received_at": row["received_at"],
                    "usc_code": row.get("usc_code"),
                    "person_key": row.get("person_key"),
                    "reasons": [f"{column}:unreadable" for column in unread] or ["row:untrusted"],
                    "typed_json": as_json,
                    "raw_json": "{}",
                    "key_json": None
                    if set(unread) & set(BY_NAME[table].key)
                    else json.dumps(
                        {k: row[k] for k in BY_NAME[table].key}, ensure_ascii=False, default=str
                    ),
                }
            )
        return self

    def cover(self, target: str, region: str, period: date) -> Self:
        """A channel declares a table, region and period complete."""
        return self.add(
            intake.COVERAGE.name,
            target=target,
            region_code=region,
            period=period,
            is_complete=True,
            as_of=self.decided_on,
            channel=CHANNELS.get(target, "construction"),
        )

    def uncover(self, target: str, **where: Any) -> Self:
        """The channel has not said that the table is complete."""
        return self.remove(intake.COVERAGE.name, target=target, **where)

    def doubt(
        self, table: str, row_key: str, severity: str, *, usc_code: str | None = None
    ) -> Self:
        """A cross-channel check found something about a row (of another enterprise if it says so)."""
        return self.add(
            "check__finding",
            check_id="P-18",
            target=table,
            usc_code=usc_code or self.usc_code,
            row_key=row_key,
            severity=severity,
            detail="test",
        )

    # people

    def hire(self, *labels: str) -> Self:
        """A person of 36 insured by the enterprise in the months the kind asks."""
        key = self._key(labels[0])
        self.people.update(dict.fromkeys(labels, key))
        self.add(
            "base_personnel__person",
            person_key=key,
            id_number=f"330106198{self._count('id'):08d}X",
            name=f"测试{labels[0]}",
            born_on=date(self.filed_on.year - 36, 1, 15),
            deceased_on=None,
            retired_on=None,
        )
        return self.insure(labels[0], self.usc_code)

    def insure(self, label: str, payer: str, months: Iterable[date] | None = None) -> Self:
        """Pension insurance paid by `payer`."""
        for month in self.insurance_months if months is None else months:
            self.add(
                MONTHLY, person_key=self.people[label], usc_code=payer, month=month, is_paid=True
            )
        return self

    def insured_by(self, label: str, payer: str) -> Self:
        """Another payer instead of the enterprise."""
        return self.change(MONTHLY, {"person_key": self.people[label]}, usc_code=payer)

    def not_insured(self, label: str, **where: Any) -> Self:
        """No insurance row of the person."""
        return self.remove(MONTHLY, person_key=self.people[label], **where)

    def born(self, label: str, day: date | None) -> Self:
        """Another day of birth."""
        return self.change(
            "base_personnel__person", {"person_key": self.people[label]}, born_on=day
        )

    def dismiss(self, label: str) -> Self:
        """The person is gone from every table, as if never employed."""
        key = self.people[label]
        for table, rows in self.rows.items():
            self.rows[table] = [row for row in rows if row.get("person_key") != key]
        self.people = {k: v for k, v in self.people.items() if v != key}
        return self

    def register(
        self,
        label: str,
        registration: str,
        specialty: str,
        *,
        usc_code: str | None = None,
        valid_from: date = date(2008, 1, 1),
        valid_until: date | None = None,
    ) -> Self:
        """A practice registration with the enterprise (or another)."""
        return self.add(
            "base_personnel__registration",
            registration_no=self._no("浙R"),
            person_key=self.people[label],
            usc_code=usc_code or self.usc_code,
            registration=registration,
            specialty=specialty,
            valid_from=valid_from,
            valid_until=valid_until or add_years(self.decided_on, 2),
        )

    def entitle(self, label: str, level: str | None, major: str) -> Self:
        """A title of the engineering series."""
        return self.add(
            "base_personnel__title",
            title_no=self._no("T"),
            person_key=self.people[label],
            usc_code=self.usc_code,
            title_level=level,
            series="工程",
            major=major,
            awarded_on=date(2012, 12, 1),
        )

    def certify_post(self, label: str, role: str) -> Self:
        """A post certificate."""
        return self.add(
            "base_personnel__post_certificate",
            certificate_no=self._no("P"),
            person_key=self.people[label],
            usc_code=self.usc_code,
            role=role,
            issued_on=date(2014, 5, 1),
            valid_until=add_years(self.decided_on, 2),
        )

    def certify_skill(self, label: str, trade: str, grade: str | None) -> Self:
        """A skill certificate."""
        return self.add(
            "base_personnel__skill_certificate",
            certificate_no=self._no("W"),
            person_key=self.people[label],
            usc_code=self.usc_code,
            trade=trade,
            grade=grade,
            issued_on=date(2014, 5, 1),
        )

    def add_site_manager(self, role: str) -> Self:
        """One more site manager."""
        label = self.new_label("site_manager")
        return self.hire(label).certify_post(label, role)

    def add_worker(self, trade: str, grade: str) -> Self:
        """One more skilled worker."""
        label = self.new_label("worker")
        return self.hire(label).certify_skill(label, trade, grade)

    def add_constructor(self, registration: str, specialty: str) -> Self:
        """One more constructor."""
        label = self.new_label("constructor")
        return self.hire(label).register(label, registration, specialty)

    def add_titled(self, level: str, major: str) -> Self:
        """One more titled person."""
        label = self.new_label("titled")
        return self.hire(label).entitle(label, level, major)

    def practised_since(self, day: date | None) -> Self:
        """Another beginning of the leader's practice."""
        return self.change("base_personnel__technical_lead", {}, practice_from=day)

    def appoint(self, label: str, practice_from: date | None) -> Self:
        """The technical leader of the category, with the beginning of his practice."""
        return self.add(
            "base_personnel__technical_lead",
            usc_code=self.usc_code,
            category_code=self.code,
            person_key=self.people[label],
            practice_from=practice_from,
            appointed_on=date(2014, 1, 1),
        )

    def name_person(self, label: str) -> Self:
        """Somebody known by name only: no person row, no insurance, no staff."""
        self.people[label] = self._key(label)
        return self

    # enterprise

    def register_enterprise(self, wan: Decimal) -> Self:
        """The business registration; its capital is `wan` where that decides."""
        return self.add(
            "base_enterprise__registry",
            usc_code=self.usc_code,
            name=self.name,
            entity_code="enterprise",
            parent_usc_code=None,
            region_code="330106",
            address="杭州市西湖区文三路1号",
            legal_representative="钱多多",
            # Capital decides only a first application (E24); elsewhere it is far too small on purpose.
            registered_capital_yuan=wan * 10_000 if self.kind == "first" else Decimal(1_000_000),
            paid_in_capital_yuan=None,
            economic_type="有限责任公司",
            established_on=date(2005, 3, 1),
            state_code="active",
        )

    def own_machine(
        self, kind: str, metric: str, value: Decimal | None, **others: Decimal | None
    ) -> Self:
        """A machine of its own with the measure that decides, and others that are too small."""
        number = self._no("EQ")
        for name, measured in {metric: value, **others}.items():
            self.add(
                "base_enterprise__equipment",
                equipment_no=number,
                usc_code=self.usc_code,
                equipment_kind=kind,
                metric=name,
                value=measured,
                is_owned=True,
                purchased_on=date(2013, 5, 1),
                disposed_on=None,
            )
        return self

    def state_net_assets(self, wan: Decimal | int) -> Self:
        """The statement of the year before filing, with these net assets (replacing what was said)."""
        self.rows["base_enterprise__statement"] = []
        year, net = self.filed_on.year - 1, Decimal(wan) * 10_000
        return self.add(
            "base_enterprise__statement",
            usc_code=self.usc_code,
            year=year,
            report_code="annual",
            period_end_on=date(year, 12, 31),
            total_assets_yuan=net + 5_000_000,
            total_liabilities_yuan=Decimal(5_000_000),
            net_assets_yuan=net,
        )

    def capital(self, wan: Decimal | int | None) -> Self:
        """Another registered capital."""
        yuan = None if wan is None else Decimal(wan) * 10_000
        return self.change(
            "base_enterprise__registry", {"usc_code": self.usc_code}, registered_capital_yuan=yuan
        )

    def company(self, serial: int, *, branch: bool = False) -> str:
        """Another registered body; as a branch it belongs to the enterprise. Returns its code."""
        code = usc_code(600_000_000 + self.nth * 100 + serial)
        self.add(
            "base_enterprise__registry",
            usc_code=code,
            name=f"测试{self.nth}第{serial}{'分' if branch else '子'}公司",
            entity_code="branch" if branch else "enterprise",
            parent_usc_code=self.usc_code if branch else None,
            region_code="330106",
            state_code="active",
        )
        return code

    def hold(
        self,
        code: str,
        level: str,
        *,
        expires_on: date | None = None,
        since: date = date(2008, 1, 1),
        until: date | None = None,
        subcategory: str = "",
    ) -> Self:
        """A qualification held, on the set of the authority that grants it (Table A).

        One held `until` a day has been replaced by a lower one since.
        """
        authority = authority_of(code, level)
        number = f"D{ {'ministry': 1, 'province': 2, 'city': 3}[authority] }33{self.nth:05d}0"
        if not self.of("base_enterprise__certificate", certificate_no=number):
            ends = expires_on or add_years(self.decided_on, 3)
            self.add(
                "base_enterprise__certificate",
                certificate_no=number,
                usc_code=self.usc_code,
                authority_code=authority,
                printed_name=self.name,
                printed_address="杭州市西湖区文三路1号",
                printed_legal_representative="钱多多",
                printed_capital_yuan=Decimal(1_000_000),
                issued_on=add_years(ends, -5) + timedelta(days=1),
                valid_until=ends,
                status_code="valid",
            )
        return self.add(
            "base_enterprise__qualification",
            qualification_no=self._no("Q"),
            usc_code=self.usc_code,
            certificate_no=number,
            category_code=code,
            subcategory=subcategory,
            level=level,
            valid_from=since,
            valid_to=until,
            status_code="replaced" if until else "valid",
        )

    def designs(
        self,
        industry: str,
        grade: str = "甲级",
        *,
        until: date | None = None,
        status: str = "valid",
    ) -> Self:
        """A design qualification, for five years up to and including `until`."""
        ends = until or add_years(self.filed_on, 2)
        return self.add(
            "base_enterprise__design_qualification",
            design_no=self._no("J"),
            usc_code=self.usc_code,
            industry=industry,
            grade=grade,
            valid_from=add_years(ends, -5) + timedelta(days=1),
            valid_until=ends,
            status_code=status,
        )

    def act(self, decided_on: date, act: str = "转包或违法分包", **values: Any) -> Self:
        """An effective finding of an act of Art. 23."""
        return self.add(
            "base_credit__finding",
            **(
                {
                    "finding_no": self._no("F"),
                    "usc_code": self.usc_code,
                    "act": act,
                    "decided_on": decided_on,
                    "authority": "杭州市城乡建设委员会",
                    "document_no": self._no("杭建罚"),
                    "revoked_on": None,
                }
                | values
            ),
        )

    def bar(self, starts_on: date, ends_on: date | None, category_code: str | None = None) -> Self:
        """A bar on applying."""
        return self.add(
            "base_credit__bar",
            bar_no=self._no("B"),
            usc_code=self.usc_code,
            category_code=category_code,
            ground="申请弄虚作假",
            starts_on=starts_on,
            ends_on=ends_on,
        )

    def rectify(self, category_code: str, ordered_on: date, closed_on: date | None = None) -> Self:
        """An order to correct."""
        return self.add(
            "base_credit__rectification",
            order_no=self._no("R"),
            usc_code=self.usc_code,
            category_code=category_code,
            ordered_on=ordered_on,
            due_on=add_months(ordered_on, 3),
            closed_on=closed_on,
        )

    def event(
        self,
        event_code: str,
        happened_on: date,
        *,
        before: str | None = None,
        after: str | None = None,
        case: str | None = None,
        counterpart: str | None = None,
    ) -> Self:
        """An event of the business registration; handled in the simplified way as `case`."""
        full = "full" if event_code in enterprise.GROUNDS else None
        return self.add(
            "base_enterprise__event",
            event_no=self._no("E"),
            usc_code=self.usc_code,
            event_code=event_code,
            happened_on=happened_on,
            before=before,
            after=after,
            handling_code="simplified" if case else full,
            case_code=case,
            counterpart_usc_code=counterpart,
        )

    def decided(
        self, kind: str, outcome: str, decided_on: date, *, level: str, code: str | None = None
    ) -> Self:
        """A closing decision that this authority made before."""
        return self.add(
            "decision__decision",
            application_id=self._no("V"),
            evaluation_no=1,
            usc_code=self.usc_code,
            kind=kind,
            category_code=code or self.code,
            subcategory="",
            level=level,
            filed_at=instant(decided_on, 8),
            decided_at=instant(decided_on, 8),
            outcome=outcome,
            is_final=True,
            reason_zh="测试",
            reason_en="test",
            effect="renew" if outcome == "granted" else "none",
            release_id="R0",
            rule_digest="",
            recalled_may_grant=True,
            engine_version="1.0",
            way="sweep",
        )

    # projects

    def add_project(
        self,
        plan: UnitPlan,
        *,
        contracting: list[str] | None = None,
        signed_on: date | None = None,
        accepted_on: date | None = None,
        described_too: bool = True,
    ) -> str:
        """A finished project of the enterprise under its own registered constructor; its label."""
        year = self.filed_on.year
        signed = signed_on or date(year - 2, 12, 1)
        number = self._count("project")
        leader = f"constructor.{number}"
        if leader not in self.people:
            leader = f"project_manager.{number}"
            self.people[leader] = self._key(leader)
            specialties = figures(self.code, self.level, date(2016, 1, 1))["constructors"][0][
                "specialties"
            ]
            # No person row and no insurance: he leads works, he is not counted as staff.
            self.register(leader, "一级注册建造师", specialties[0])
        return self.build(
            described(plan, signed) if described_too else plan,
            f"project.{number}",
            contractor=self.usc_code,
            duty="项目经理",
            leader=leader,
            signed_on=signed,
            started_on=add_months(signed, 1),
            accepted_on=accepted_on or date(year - 1, 12, 1),
            contracting=contracting,
        )

    def build(
        self,
        plan: UnitPlan,
        label: str,
        *,
        contractor: str,
        duty: str,
        leader: str,
        signed_on: date,
        started_on: date,
        accepted_on: date,
        contracting: list[str] | None = None,
    ) -> str:
        """Contract, unit, measures, acceptance and leader of one project; returns its label."""
        general = self.code.startswith("G")
        contract_type = (
            "施工总承包" if general or "施工总承包" in (contracting or []) else "专业承包"
        )
        project_no = f"3301061{self.nth:06d}{self._count('project_no'):03d}"
        contract, unit = f"{self.nth:06d}-{label}", f"{self.nth:06d}-{label}-001"
        self.add(
            "base_project__project",
            project_no=project_no,
            name=f"测试工程{self.nth}{label}",
            project_type="房屋建筑",
            region_code="330106",
            data_level="A",
            data_source="业务办理",
        ).add(
            "base_project__contract",
            contract_no=contract,
            project_no=project_no,
            usc_code=contractor,
            contract_type=contract_type,
            amount_yuan=plan.amount_wan * 10_000,
            settlement_yuan=None,
            is_consortium=False,
            signed_on=signed_on,
        ).add(
            "base_project__unit",
            unit_code=unit,
            project_no=project_no,
            contract_no=contract,
            usc_code=contractor,
            name=f"测试单体{label}",
            works_type=plan.works_type,
        ).add(
            "base_project__acceptance",
            contract_no=contract,
            usc_code=contractor,
            acceptance_no=f"A{contract}",
            started_on=started_on,
            accepted_on=accepted_on,
            quality="合格",
        ).add(
            "base_project__party",
            contract_no=contract,
            usc_code=contractor,
            duty=duty,
            person_key=self.people[leader],
        )
        for works_type, metric, value in plan.measures:
            is_label = isinstance(value, str)
            self.add(
                "base_project__measure",
                unit_code=unit,
                usc_code=contractor,
                works_type=works_type,
                metric=metric,
                value=None if is_label else value,
                label=value if is_label else None,
            )
        return label

    def contract_no(self, label: str) -> str:
        """Number of the contract of a project."""
        return f"{self.nth:06d}-{label}"

    def unit_code(self, label: str) -> str:
        """Code of the unit of a project."""
        return f"{self.nth:06d}-{label}-001"

    def set_figure(self, label: str, works_type: str, metric: str, value: Decimal | None) -> Self:
        """Another figure of a project: its contract's money (in 万元) or a measure; None takes it away."""
        if metric == AMOUNT:
            yuan = None if value is None else value * 10_000
            return self.change(
                "base_project__contract", {"contract_no": self.contract_no(label)}, amount_yuan=yuan
            )
        where = {"unit_code": self.unit_code(label), "works_type": works_type, "metric": metric}
        if value is None:
            return self.remove("base_project__measure", **where)
        return self.change("base_project__measure", where, value=value)

    def show(self, label: str, metric: str, value: Decimal | str | None) -> Self:
        """Another measure of a project, in works of its own kind, or price of its contract.

        None: the figure is not known.
        """
        if metric in MONEY:
            return self.set_figure(label, "", AMOUNT, value)  # type: ignore[arg-type]
        unit = self.of("base_project__unit", unit_code=self.unit_code(label))[0]
        rows = self.rows.get("base_project__measure", [])
        key = {
            "unit_code": unit["unit_code"],
            "works_type": unit["works_type"],
            "metric": metric,
        }
        self.rows["base_project__measure"] = [
            row for row in rows if any(row[k] != v for k, v in key.items())
        ]
        if value is None:
            return self
        is_label = isinstance(value, str)
        return self.add(
            "base_project__measure",
            **key,
            usc_code=unit["usc_code"],
            value=None if is_label else value,
            label=value if is_label else None,
        )

    def tear_down(self, label: str) -> Self:
        """The project is gone from every table, as if never built."""
        contract, unit = self.contract_no(label), self.unit_code(label)
        for table in ("contract", "unit", "acceptance", "party"):
            self.remove(f"base_project__{table}", contract_no=contract)
        rows = self.rows.get("base_project__measure", [])
        self.rows["base_project__measure"] = [r for r in rows if r["unit_code"] != unit]
        return self

    # -- inside ----------------------------------------------------------------------

    def _count(self, what: str) -> int:
        self.numbers[what] = self.numbers.get(what, 0) + 1
        return self.numbers[what]

    def _no(self, prefix: str) -> str:
        return f"{prefix}{self.nth:06d}{self._count(prefix):05d}"

    def new_label(self, group: str) -> str:
        taken = [
            int(label.partition(".")[2]) for label in self.people if label.startswith(f"{group}.")
        ]
        return f"{group}.{max(taken, default=0) + 1}"

    def _key(self, label: str) -> str:
        return hashlib.blake2b(f"{self.nth}:{label}".encode(), digest_size=10).hexdigest()


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
    # Every declared column, so that a row that leaves out a nullable one reads as null.
    columns = {name: [row.get(name) for row in rows] for name in table.schema}
    return table.conform(pl.DataFrame(columns, schema=table.schema, strict=True))
