"""The enterprise itself: registered, with capital and machines, qualified, barred, decided upon.

Belongs here: rows of the enterprise, credit and decision tables. Does not: people or works.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Self

from sheets import authority_of

from assets.calendar import add_months, add_years
from assets.tables import enterprise
from portfolio.rows import Rows, instant, usc_code


class Standing(Rows):
    """What can be said of the enterprise itself."""

    __slots__ = ()

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
        """An event of the business registration, told the day after; simplified as `case`."""
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
            received_at=instant(happened_on + timedelta(days=1)),
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
