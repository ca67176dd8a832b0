"""Mergers and splits in the lakehouse: two sides, several matters, one run or several (B6).

Belongs here: what only shows once decisions are on the log and certificates are issued. Does not:
a single evaluation (`reverification`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from offices import DECORATED_ON as DAY
from offices import Office, at, decorated, decorator
from portfolio import Portfolio, instant
from shipped import BOOK

from assets.tables import certificate, intake
from decisions.replay import replay

LATER = date(2017, 6, 1)
EVENT_DAY = date(2017, 5, 15)
FIVE_YEARS = date(2022, 2, 28)
QUALIFICATION, CERTIFICATE = "base_enterprise__qualification", "base_enterprise__certificate"
PROVENANCE = ("delivery_id", "row_no", "received_at")
EVENT, REGISTRY = "base_enterprise__event", "base_enterprise__registry"


class Sides:
    """An enterprise whose S11 二级 Miaoban has granted, and enterprises that came from it."""

    def __init__(self, folder: Path) -> None:
        self.old = decorator()
        self.office = Office(folder, [self.old], released=1)
        (self.line,) = self.office.store.read(certificate.QUALIFICATION).to_dicts()

    def given_up(self, on: date) -> None:
        """Its channel tells that the qualification was cancelled on request."""
        self.old.add(
            QUALIFICATION,
            usc_code=self.old.usc_code,
            qualification_no="GIVEN",
            certificate_no=self.line["certificate_no"],
            category_code="S11",
            subcategory="",
            level="二级",
            valid_from=DAY,
            valid_to=on,
            status_code="cancelled",
            received_at=instant(on + timedelta(days=1)),
        )

    def successor(self, nth: int, event: str = "split", case: str | None = None) -> Portfolio:
        """An enterprise that meets S11 二级, holds nothing and names the old one."""
        firm = Portfolio.meeting("S11", "二级", kind="reverification", filed_on=LATER, nth=nth)
        firm.remove(QUALIFICATION).remove(CERTIFICATE).capital(200)
        firm.change(REGISTRY, {}, established_on=EVENT_DAY)
        return firm.event(event, EVENT_DAY, case=case, counterpart=self.old.usc_code)

    def filed(self, *firms: Portfolio) -> None:
        self.office.file(*firms)
        self.office.release(at(LATER, 8))

    def outcome(self, application_id: str) -> str:
        decided = self.office.decisions().filter(application_id=application_id)
        return str(decided["outcome"][-1])


@pytest.fixture
def sides(tmp_path: Path, made_once: Callable[[str, Callable[[Path], None]], Path]) -> Sides:
    return Sides(Path(shutil.copytree(made_once("decorated", decorated), tmp_path / "sides")))


@pytest.mark.provision("B6.5")
def test_what_miaoban_granted_another_is_carried_on_for_the_term_that_has(sides: Sides) -> None:
    sides.given_up(EVENT_DAY)
    firm = sides.successor(2, "merger_absorption", "absorbed_cancelled")
    sides.filed(firm)
    sides.office.decide(at(LATER, 11))
    assert not sides.office.issue(at(LATER, 12)).not_issued
    decided = sides.office.decisions().row(-1, named=True)
    assert decided["outcome"] == "granted", decided["reason_zh"]
    assert decided["valid_until"] == FIVE_YEARS
    assert decided["predecessor_usc_code"] == sides.old.usc_code
    issued = sides.office.store.read(certificate.QUALIFICATION).sort("issued_on")
    theirs = issued.filter(usc_code=firm.usc_code).row(0, named=True)
    assert (theirs["valid_until"], theirs["held_from"]) == (FIVE_YEARS, LATER)
    assert theirs["certificate_no"] != sides.line["certificate_no"]


@pytest.mark.provision("B6.3")
def test_of_two_successors_in_one_run_the_first_filed_carries_on_and_the_other_is_told(
    sides: Sides,
) -> None:
    sides.given_up(EVENT_DAY)
    first, second = sides.successor(2), sides.successor(3)
    first.hour, second.hour = 10, 9
    sides.filed(first, second)
    sides.office.decide(at(LATER, 11))
    assert sides.outcome(second.application_id) == "granted"
    # A clock that stands still, or one of another host that is behind, shows nobody that grant.
    for hour in (11, 10, 11):
        assert first.application_id not in sides.office.decisions()["application_id"]
        sides.office.decide(at(LATER, hour))
    assert first.application_id not in sides.office.decisions()["application_id"]
    sides.office.decide(at(LATER, 12))
    assert sides.outcome(first.application_id) == "not_accepted"
    assert f"由 {second.usc_code} 承继" in sides.office.decisions()["reason_zh"][-2]
    again = replay(sides.office.store, BOOK)
    assert [one.differences for one in again] == [()] * 3


def test_what_miaoban_granted_and_was_given_up_before_the_merger_is_not_surely_carried_on(
    sides: Sides,
) -> None:
    sides.given_up(EVENT_DAY - timedelta(days=1))
    sides.filed(sides.successor(2))
    sides.office.decide(at(LATER, 11))
    assert sides.office.outcomes()[-1] == "awaiting_data"


@pytest.mark.provision("B6.2", "B6.3")
def test_what_another_has_given_up_is_carried_on_though_its_certificate_lists_it_no_more(
    sides: Sides,
) -> None:
    sides.given_up(EVENT_DAY)
    beside = {"category_code": "S04", "qualification_no": "KEPT", "valid_to": None}
    (given_up,) = sides.old.of(QUALIFICATION)
    kept = given_up | beside | {"valid_from": EVENT_DAY, "status_code": "valid"}
    sides.old.add(QUALIFICATION, **{k: v for k, v in kept.items() if k not in PROVENANCE})
    (issued,) = sides.office.store.read(certificate.CERTIFICATE).to_dicts()
    sides.old.add(
        CERTIFICATE,
        usc_code=sides.old.usc_code,
        certificate_no=sides.line["certificate_no"],
        authority_code="province",
        issued_on=DAY,
        valid_until=issued["valid_until"],
        status_code="valid",
    )
    sides.old.kind, sides.old.code, sides.old.filed_on = "replacement", "S04", LATER
    replaced = sides.old.application() | {"application_id": "REPLACED"}
    sides.office.store.append(
        intake.APPLICATION, pl.DataFrame([replaced], schema=intake.APPLICATION.schema)
    )
    firm = sides.successor(2)
    firm.hour = 13
    sides.filed(firm)
    sides.office.decide(at(LATER, 11))
    assert sides.outcome("REPLACED") == "granted"
    assert not sides.office.issue(at(LATER, 12)).not_issued
    newest = sides.office.store.read(certificate.QUALIFICATION).filter(version=2)
    assert newest["category_code"].to_list() == ["S04"]
    sides.office.decide(at(LATER, 14))
    decided = sides.office.decisions().filter(application_id=firm.application_id)
    assert decided["outcome"].to_list() == ["granted"], decided["reason_zh"].to_list()
    assert decided["predecessor_usc_code"].to_list() == [sides.old.usc_code]
