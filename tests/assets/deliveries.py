"""Deliveries as real senders write them, into an inbox and a lake of the test's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import polars as pl
import pytest
import xlsxwriter

from assets.channels import Channel, Deletion, Feed, load_channels
from assets.collection import CollectionReport, arrived, collect
from assets.identifiers import person_key
from assets.lake.declaration import Table
from assets.lake.store import Store
from assets.tables import intake, personnel

NOW = datetime(2017, 3, 1, 2, tzinfo=UTC)
KEY = bytes(range(32))

# Valid numbers of region 33NN99, which was never assigned.
FIRM = "91330199MA2A00018R"
OTHER_FIRM = "91330199MA2A00026L"
ZHANG = "330199198503120013"
LI = "330199198503120021"
WANG = "330199196307010037"

Row = dict[str, Any]


def as_bytes(feed: Feed, rows: list[Row]) -> bytes:
    """The rows in the form and encoding that the feed declares."""
    columns = feed.columns
    match feed.adapter:
        case "csv":
            lines = [",".join(columns)]
            lines += [",".join(str(row.get(c, "")) for c in columns) for row in rows]
            return ("\n".join(lines) + "\n").encode(feed.encoding)
        case "jsonl":
            return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
        case "xml":
            body = "".join(
                "<row>" + "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in row.items()) + "</row>"
                for row in rows
            )
            return f'<?xml version="1.0" encoding="UTF-8"?><dataTable>{body}</dataTable>'.encode()
        case "parquet":
            memory = BytesIO()
            texts = {c: [None if c not in r else str(r[c]) for r in rows] for c in columns}
            pl.DataFrame(texts, schema=dict.fromkeys(columns, pl.String)).write_parquet(memory)
            return memory.getvalue()
        case _:
            memory = BytesIO()
            with xlsxwriter.Workbook(memory) as book:
                sheet = book.add_worksheet()
                sheet.write_row(0, 0, columns)
                for number, row in enumerate(rows, start=1):
                    sheet.write_row(number, 0, [str(row.get(c, "")) for c in columns])
            return memory.getvalue()


def deleting(channel: str, feed: str, how: str) -> dict[str, Channel]:
    """The declared channels, of which one feed tells its deletions by a mark or by absence."""
    declared = load_channels()
    mark = Deletion(source="UpdateFlag", codes={"U": "kept", "D": "deleted"})
    told = (
        declared[channel]
        .feeds[feed]
        .model_copy(update={"deletion": mark if how == "mark" else how})
    )
    changed = declared[channel].model_copy(update={"feeds": declared[channel].feeds | {feed: told}})
    return {**declared, channel: changed}


@dataclass
class Province:
    """An inbox, a lake, and the hand that fills the one from the other."""

    home: Path
    store: Store
    channels: Mapping[str, Channel] = field(default_factory=load_channels)

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    def deliver(
        self,
        channel: str,
        feed: str,
        rows: list[Row],
        *,
        name: str = "1",
        content: bytes | None = None,
        manifest: dict[str, Any] | None = None,
    ) -> Path:
        declared = self.channels[channel].feeds[feed]
        folder = self.inbox / channel / feed
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.{declared.adapter}"
        path.write_bytes(as_bytes(declared, rows) if content is None else content)
        stated = {
            "rows": len(rows),
            "sent_at": f"2017-02-28T{10 + len(list(folder.iterdir()))}:00:00+08:00",
            "region_code": "330000",
            "is_complete": True,
            "as_of": "2017-02-28",
        }
        if declared.is_monthly:
            stated["periods"] = ["2017-02-01"]
        path.with_name(path.name + ".manifest.json").write_text(
            json.dumps(stated | (manifest or {}))
        )
        return path

    def collect(self, now: datetime = NOW) -> CollectionReport:
        senders = {
            name: self.channels[name] for name in sorted(p.name for p in self.inbox.iterdir())
        }
        return collect(self.store, self.inbox, KEY, now, senders)

    def read(self, table: Table) -> pl.DataFrame:
        return self.store.read(table)

    def reasons(self, target: Table) -> list[list[str]]:
        """Reasons of the rows set apart for a table, in order of row."""
        apart = self.read(intake.QUARANTINE).filter(pl.col("target") == target.name)
        return apart.sort("received_at", "row_no")["reasons"].to_list()


def insured(id_number: str = ZHANG, firm: str = FIRM, month: str = "201702", **more: str) -> Row:
    return {
        "AAC002": id_number,
        "AAB004": "测试公司",
        "tax_reg_no": firm,
        "AAE140": "110",
        "AAE003": month,
        "full_rece_flag": "1",
    } | more


def registered(**more: str) -> Row:
    return {
        "CertNum": "浙233151600123",
        "PersonName": "张三",
        "IDCardTypeNum": "1",
        "IDCard18": ZHANG,
        "CorpName": "测试公司",
        "CorpCode": FIRM,
        "SpecialtyTypNum": "82",
        "RegTradeTypeNum": "10401001",
        "TradeTypeAwardDate": "2016-01-05",
        "TradeTypeEffectDate": "2019-01-04",
    } | more


def unit(**more: str) -> Row:
    return {
        "PrjNum": "3301991604180101",
        "UnitCode": "3301991604180101-001",
        "SubPrjName": "1号楼",
        "RecordNum": "3301991604180101-HZ-001",
        "ContractorCorpCode": FIRM,
        "WorksType": "民用建筑工程",
    } | more


def enterprise(**more: str) -> Row:
    return {
        "uni_social_crd_cd": FIRM,
        "comp_nm": "浙江测试建设有限公司",
        "ent_type": "1130",
        "comp_type": "有限责任公司",
        "domdi_strict": "330199001",
        "reg_capt": "200",
        "paid_capt": "150",
        "capt_kind": "人民币元",
        "est_dt": "2010-1-5",
        "reg_state": "存续",
    } | more


def finding(number: str = "F1", **more: str) -> Row:
    return {
        "CreditNum": number,
        "CorpCode": FIRM,
        "CreditCode": "D1-2-05",
        "PunishDate": "2016-03-01",
        "PunishDepartName": "建设局",
        "PunishNumber": "杭建罚字〔2016〕12号",
    } | more


def certificate(**more: str) -> Row:
    return {
        "CertID": "D233012345",
        "CorpCode": FIRM,
        "IssueLevel": "2",
        "CorpName": "浙江测试建设有限公司",
        "Address": "杭州市西湖区",
        "LegalMan": "张三",
        "RegPrin": "200",
        "OrganDate": "2016-01-05",
        "EndDate": "2021-01-04",
        "Status": "有效",
    } | more


def key_of(number: str) -> str:
    """The pseudonym of a person by identity number."""
    return person_key(number, KEY)


def only(frame: pl.DataFrame) -> dict[str, Any]:
    """The one row that there must be."""
    return frame.row(0, named=True) if frame.height == 1 else pytest.fail(f"{frame.height} rows")


def came(province: Province, ids: list[str]) -> pl.DataFrame:
    """What deliveries came to among the months of insurance."""
    return pl.concat(arrived(province.store, personnel.INSURANCE, KEY, ids))
