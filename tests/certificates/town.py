"""Hand-made rows: enterprises, the certificates they had before, and decisions about them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import polars as pl

from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.tables import check, decision, enterprise, intake
from decisions.rulebook import RuleSet, load

BASE = datetime(2017, 3, 1, 1, 0, tzinfo=UTC)
ANNA, BELLA, CARLA = "91330199MA2A00018R", "91330199MA2A00026L", "91330199MA2A00034F"
PROVENANCE = {"delivery_id": "d", "row_no": 1, "received_at": BASE}


@cache
def rule_set() -> RuleSet:
    return load().rule_set("S11", "", "二级", date(2017, 3, 1))


class Town:
    """Writes rows to a store and keeps the running numbers."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.decided = 0
        self.released = 0

    def registered(self, usc_code: str, **given: Any) -> None:
        self._upsert(
            enterprise.REGISTRY,
            {
                "usc_code": usc_code,
                "name": "杭州新安江建设有限公司",
                "entity_code": "enterprise",
                "region_code": "330106",
                "address": "杭州市西湖区文三路1号",
                "legal_representative": "甲某",
                "registered_capital_yuan": Decimal("2000000.00"),
                "economic_type": "有限责任公司",
                "state_code": "active",
                **PROVENANCE,
                **given,
            },
        )

    def certificate(
        self, usc_code: str, number: str, authority: str = "province", **given: Any
    ) -> None:
        self._upsert(
            enterprise.CERTIFICATE,
            {
                "certificate_no": number,
                "usc_code": usc_code,
                "authority_code": authority,
                "printed_name": "杭州旧名建设有限公司",
                "printed_address": "旧地址",
                "printed_legal_representative": "乙某",
                "printed_capital_yuan": Decimal("1000000.00"),
                "issued_on": date(2015, 6, 1),
                "valid_until": date(2020, 5, 31),
                "status_code": "valid",
                **PROVENANCE,
                **given,
            },
        )

    def qualification(
        self, usc_code: str, number: str, category: str, level: str, **given: Any
    ) -> None:
        self._upsert(
            enterprise.QUALIFICATION,
            {
                "qualification_no": f"{number}-{category}-{level}",
                "usc_code": usc_code,
                "certificate_no": number,
                "category_code": category,
                "subcategory": "",
                "level": level,
                "valid_from": date(2015, 6, 1),
                "status_code": "valid",
                **PROVENANCE,
                **given,
            },
        )

    def release(self) -> str:
        """Pin what is there now."""
        self.released += 1
        release_id = f"R{self.released}"
        versions = {
            table.name: version
            for table in enterprise.TABLES
            if (version := self.store.version(table)) is not None
        }
        self._append(
            check.RELEASE,
            {
                "release_id": release_id,
                "released_at": BASE + timedelta(seconds=self.released),
                "run_id": "r",
                "versions_json": json.dumps(versions),
                "checks_passed": 1,
                "checks_failed": 0,
            },
        )
        return release_id

    def decide(
        self,
        usc_code: str,
        effect: str,
        category: str = "S11",
        level: str = "二级",
        *,
        outcome: str = "granted",
        number: str | None = None,
        valid_until: date | None = None,
        kind: str = "first",
        is_final: bool = True,
        release_id: str | None = None,
        **given: Any,
    ) -> str:
        """One application with its decision, a criterion and a row of evidence."""
        self.decided += 1
        application_id = f"A{self.decided:06d}"
        if release_id is None:
            release_id = self.release() if self.released == 0 else f"R{self.released}"
        common = {"application_id": application_id, "usc_code": usc_code, "kind": kind}
        matter = {"category_code": category, "subcategory": "", "level": level}
        self._append(
            intake.APPLICATION,
            {
                **common,
                **matter,
                "filed_at": BASE,
                "received_at": BASE,
                "filed_via": "portal",
            },
        )
        self._append(
            decision.DECISION,
            {
                **common,
                **matter,
                "evaluation_no": 1,
                "enterprise_name": "杭州新安江建设有限公司",
                "filed_at": BASE,
                "decided_at": BASE + timedelta(seconds=self.decided),
                "outcome": outcome,
                "is_final": is_final,
                "reason_zh": "符合标准",
                "reason_en": "meets the standard",
                "effect": effect,
                "certificate_no": number,
                "valid_until": valid_until,
                "release_id": release_id,
                "rule_digest": rule_set().digest,
                "recalled_may_grant": True,
                "engine_version": "1",
                "way": "sweep",
                "elapsed_ms": 1.0,
                **given,
            },
        )
        self._append(
            decision.CRITERION,
            {
                "application_id": application_id,
                "evaluation_no": 1,
                "criterion": "net_assets",
                "stage": "assessment",
                "zh": "净资产",
                "en": "net assets",
                "required": "≥ 200 万元",
                "actual": "231.7 万元",
                "result": "met",
                "clause": "建市[2014]159号 S11 二级 1",
                "basis": "seen",
            },
        )
        self._append(
            decision.EVIDENCE,
            {
                "application_id": application_id,
                "evaluation_no": 1,
                "criterion": "net_assets",
                "target": "base_enterprise__registry",
                "row_key": usc_code,
                "counted": "yes",
                "content_json": '{"registered_capital_yuan":"2317000.00"}',
            },
        )
        return application_id

    def newcomer(self, usc_code: str = ANNA, **given: Any) -> str:
        """A first grant to an enterprise with nothing before; the case."""
        self.registered(usc_code)
        self.release()
        return self.decide(usc_code, "new_certificate", valid_until=date(2022, 2, 28), **given)

    def _append(self, table: Table, row: dict[str, Any]) -> None:
        self.store.append(
            table, table.conform(pl.DataFrame([row], schema_overrides=_types(table, row)))
        )

    def _upsert(self, table: Table, row: dict[str, Any]) -> None:
        self.store.upsert(
            table, table.conform(pl.DataFrame([row], schema_overrides=_types(table, row)))
        )


def _types(table: Table, row: dict[str, Any]) -> dict[str, pl.DataType]:
    return {name: table.schema[name] for name in row}
