"""The platform of credit as an interface, and nights on which its findings are fetched from it.

Belongs here: the channel that fetches, and what is known of the server (`platform_server`). Does
not: what should come of it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import httpx
from deliveries import FIRM, KEY, NOW, Province

from assets.channels import Channel, load_channels
from assets.channels.ways import Api, States
from assets.collection import build_base
from assets.intake.delivery_log import DeliveryReport
from assets.intake.fetching import fetch
from assets.intake.taking import take_in
from assets.sources.connection import Connection, Patience
from assets.sources.inbox import Inbox
from assets.tables import BY_NAME

FINDING = BY_NAME["base_credit__finding"]
QUICK = Patience(attempts=3, first_wait=0.01, longest_wait=0.05, read=0.5, answer=1)


def row(number: str = "F1", changed: str = "2017-02-27 08:00:00", **more: str) -> dict[str, Any]:
    return {
        "CreditNum": number,
        "CorpCode": FIRM,
        "CreditCode": "D1-2-05",
        "PunishDate": "2016-03-01",
        "PunishDepartName": "建设局",
        "PunishNumber": f"杭建罚字〔2016〕{number}号",
        "CancelDate": None,
        "gxsj": changed,
    } | more


class Platform:
    """The server, and what is known of it."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}/base"

    def set(self, **state: Any) -> None:
        httpx.post(self.address[:-5] + "/control", json=state).raise_for_status()

    def state(self) -> dict[str, Any]:
        told: dict[str, Any] = httpx.post(self.address[:-5] + "/state", json={}).json()
        return told


def channel(**api: Any) -> Channel:
    """The platform of credit, whose findings are fetched three a page."""
    declared = load_channels()["credit"]
    settled = {
        "path": "/findings",
        "records": "data.list",
        "total": "data.count",
        "succeeded": {"code": "00"},
        "rows": 3,
        "since": "since",
        "until": "until",
        "begins_on": date(2017, 1, 1),
        "window_days": 1000,
    } | api
    feed = declared.feeds["finding"]
    columns = [f.model_dump(exclude_unset=True) for f in feed.fields]
    columns.append({"source": "gxsj", "read": "text"})
    return Channel.model_validate(
        declared.model_dump(exclude={"feeds"})
        | {
            "feeds": {
                "finding": feed.model_dump(exclude_unset=True)
                | {
                    "fields": columns,
                    "api": Api.model_validate(settled),
                    "states": States(region_code="330000", is_complete=True),
                }
            }
        }
    )


def connections(platform: Platform, **secrets: str) -> dict[str, Connection]:
    told = {"url": platform.address[:-5], "secret": "secret-1"} | secrets
    return {"credit": Connection.model_validate(told)}


def night(
    province: Province,
    platform: Platform,
    sender: Channel | None = None,
    days: int = 0,
    patience: Patience = QUICK,
    **secrets: str,
) -> list[DeliveryReport]:
    """Fetches and takes in, some days on."""
    now, of = NOW + timedelta(days=days), sender or channel()
    inbox = Inbox(province.inbox)
    fetched = fetch(
        province.store, of, "finding", inbox, connections(platform, **secrets), now, patience
    )
    return [*fetched, *take_in(province.store, of, "finding", inbox, now)]


def base(province: Province, sender: Channel | None = None) -> list[str]:
    """Numbers of the findings in the base."""
    senders = {"credit": sender or channel()}
    build_base(province.store, FINDING, KEY, NOW, senders)
    return sorted(province.read(FINDING)["finding_no"])
