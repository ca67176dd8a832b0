"""The works of one enterprise: built, measured, accepted, led by somebody.

Belongs here: rows of the project tables. Does not: which works a level asks for (`unit_plans`).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Self

from sheets import AMOUNT, UnitPlan, described, figures
from where import MONEY

from assets.calendar import add_months
from portfolio.people import People


class Works(People):
    """What can be said of works, which carry labels: `project.1`, `lead_work.1` and so on."""

    __slots__ = ()

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

    @property
    def projects(self) -> list[str]:
        """The labels of the applicant's projects."""
        contracts = self.of("base_project__contract", usc_code=self.usc_code)
        return [contract["contract_no"].partition("-")[2] for contract in contracts]

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
