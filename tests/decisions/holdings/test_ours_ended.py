"""What an authority has ended on a certificate that Miaoban issued is held no more (regulations D)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from offices import DECORATED_ON as DAY
from offices import Office, at, decorated, decorator
from portfolio import instant

from assets.tables import certificate, intake

ENDED_ON = DAY + timedelta(days=60)
BETWEEN = DAY + timedelta(days=75)
AGAIN = DAY + timedelta(days=90)
QUALIFICATION, CERTIFICATE = "base_enterprise__qualification", "base_enterprise__certificate"


class Ours:
    """An enterprise whose S11 二级 Miaoban has granted and printed, and what its channel says since."""

    def __init__(self, folder: Path) -> None:
        self.firm = decorator()
        self.office = Office(folder, [self.firm], released=1)
        (self.line,) = self.office.store.read(certificate.QUALIFICATION).to_dicts()

    def told(self, **other: Any) -> None:
        """The channel hands the qualification back, as it is or otherwise."""
        row = {
            "usc_code": self.firm.usc_code,
            "qualification_no": f"Q{len(self.firm.of(QUALIFICATION))}",
            "certificate_no": self.line["certificate_no"],
            "category_code": "S11",
            "subcategory": "",
            "level": "二级",
            "valid_from": DAY,
            "valid_to": None,
            "status_code": "valid",
        } | other
        self.firm.add(QUALIFICATION, **row)
        self.firm.rows[QUALIFICATION][-1]["received_at"] = instant(ENDED_ON)

    def printed(self, status: str) -> None:
        """The channel hands the certificate back in a state."""
        self.firm.add(
            CERTIFICATE,
            usc_code=self.firm.usc_code,
            certificate_no=self.line["certificate_no"],
            authority_code="province",
            issued_on=DAY,
            valid_until=self.line["valid_until"],
            status_code=status,
        )
        self.firm.rows[CERTIFICATE][-1]["received_at"] = instant(ENDED_ON)

    def replaced(self, **other: Any) -> str:
        """What a replacement of it, or of another on the certificate, is answered."""
        return self.asked("AGAIN", AGAIN, kind="replacement", **other)

    def printed_again(self, kind: str = "replacement") -> None:
        """Miaoban issues the next version, before anybody has told what had ended by then."""
        assert self.asked("BETWEEN", BETWEEN, kind=kind) == "granted"
        assert not self.office.issue(at(BETWEEN, 12)).not_issued

    def asked(self, application_id: str, on: date, **other: Any) -> str:
        """What a matter filed on a day is answered on the data of that day."""
        row = self.firm.application() | {
            **other,
            "application_id": application_id,
            "filed_at": at(on, 9),
            "received_at": at(on, 9),
        }
        for one in self.firm.of(intake.COVERAGE.name):
            one["as_of"] = on
        self.office.store.append(
            intake.APPLICATION, pl.DataFrame([row], schema=intake.APPLICATION.schema)
        )
        self.office.release(at(on, 8))
        self.office.decide(at(on, 11))
        decisions = self.office.decisions().filter(application_id=application_id)
        return str(decisions["outcome"][-1])


@pytest.fixture
def ours(tmp_path: Path, made_once: Callable[[str, Callable[[Path], None]], Path]) -> Ours:
    return Ours(Path(shutil.copytree(made_once("decorated", decorated), tmp_path / "ours")))


@pytest.mark.provision("D14")
def test_what_is_handed_back_as_it_was_issued_is_held(ours: Ours) -> None:
    ours.told()
    ours.printed("valid")
    assert ours.replaced() == "granted"


@pytest.mark.provision("D5", "D7", "D8", "D9", "D10", "D14")
@pytest.mark.parametrize("status", ["withdrawn", "revoked", "struck", "cancelled"])
def test_what_was_ended_since_is_not_held(ours: Ours, status: str) -> None:
    ours.told(status_code=status, valid_to=ENDED_ON)
    assert ours.replaced() == "not_accepted"


@pytest.mark.provision("D5", "D7", "D9", "D10")
@pytest.mark.parametrize("status", ["withdrawn", "revoked", "struck", "cancelled"])
def test_nor_is_what_stands_on_a_certificate_that_was_ended(ours: Ours, status: str) -> None:
    ours.printed(status)
    assert ours.replaced() == "not_accepted"


@pytest.mark.provision("B5.3")
def test_a_file_that_a_later_one_took_the_place_of_ends_nothing(ours: Ours) -> None:
    ours.printed("superseded")
    assert ours.replaced() == "granted"


def test_what_ended_before_it_was_issued_is_history(ours: Ours) -> None:
    ours.told(
        valid_from=DAY - timedelta(days=900),
        valid_to=DAY - timedelta(days=1),
        status_code="cancelled",
    )
    assert ours.replaced() == "granted"


@pytest.mark.provision("D5")
def test_ended_on_nobody_knows_which_day_it_waits(ours: Ours) -> None:
    ours.told(status_code="withdrawn")
    assert ours.replaced() == "awaiting_data"


@pytest.mark.parametrize("unread", [(), ("status_code",), ("level", "category_code")])
def test_a_row_of_it_set_apart_since_may_have_ended_it(ours: Ours, unread: tuple[str, ...]) -> None:
    ours.told(status_code="withdrawn", valid_to=ENDED_ON)
    ours.firm.quarantine(QUALIFICATION, unread=unread)
    assert ours.replaced() == "awaiting_data"


def test_a_certificate_set_apart_since_may_have_been_ended(ours: Ours) -> None:
    ours.printed("withdrawn")
    ours.firm.quarantine(CERTIFICATE)
    assert ours.replaced() == "awaiting_data"


@pytest.mark.provision("D10")
def test_a_level_that_was_lowered_since_is_not_held(ours: Ours) -> None:
    ours.told(status_code="replaced", valid_to=ENDED_ON)
    assert ours.replaced() == "not_accepted"


def test_a_row_of_each_version_is_no_lowering(ours: Ours) -> None:
    ours.told(status_code="replaced", valid_to=ENDED_ON)
    ours.told(valid_from=ENDED_ON)
    assert ours.replaced() == "granted"


def test_what_the_channel_has_entered_beside_is_held_and_printed_and_what_ended_is_not(
    ours: Ours,
) -> None:
    ours.told(status_code="replaced", valid_to=ENDED_ON)
    ours.told(category_code="S04", valid_from=ENDED_ON)
    ours.printed("valid")
    assert ours.replaced(category_code="S04") == "granted"
    report = ours.office.issue(at(AGAIN, 12))
    assert not report.not_issued
    newest = ours.office.store.read(certificate.QUALIFICATION).filter(version=2)
    assert newest["category_code"].to_list() == ["S04"]


@pytest.mark.provision("D5", "D7", "D9", "D10")
@pytest.mark.parametrize("status", ["withdrawn", "revoked", "struck", "cancelled"])
def test_a_version_printed_before_the_end_was_told_ends_with_it(ours: Ours, status: str) -> None:
    ours.printed_again()
    ours.told(status_code=status, valid_to=ENDED_ON)
    assert ours.replaced() == "not_accepted"


def test_what_the_channel_told_of_that_version_is_no_word_of_an_authority(ours: Ours) -> None:
    ours.printed_again()
    ours.told(status_code="withdrawn", valid_to=ENDED_ON)
    ours.told(valid_from=BETWEEN)
    assert ours.replaced() == "awaiting_data"


def test_nor_is_a_certificate_ended_before_its_next_version_in_force(ours: Ours) -> None:
    ours.printed_again()
    ours.printed("cancelled")
    assert ours.replaced() == "not_accepted"


def test_a_row_set_apart_before_the_next_version_still_leaves_it_open(ours: Ours) -> None:
    ours.printed_again()
    ours.told(status_code="withdrawn", valid_to=ENDED_ON)
    ours.firm.quarantine(QUALIFICATION)
    assert ours.replaced() == "awaiting_data"


def test_lowered_before_a_version_of_the_old_level_was_printed_nobody_knows(ours: Ours) -> None:
    ours.printed_again()
    ours.told(status_code="replaced", valid_to=ENDED_ON)
    assert ours.replaced() == "awaiting_data"


@pytest.mark.provision("D5", "D9")
def test_what_had_ended_before_it_was_known_is_not_printed_again(ours: Ours) -> None:
    ours.printed_again()
    ours.told(status_code="withdrawn", valid_to=ENDED_ON)
    ours.told(category_code="S04", valid_from=AGAIN - timedelta(days=5))
    ours.printed("valid")
    assert ours.replaced(category_code="S04") == "granted"
    assert not ours.office.issue(at(AGAIN, 12)).not_issued
    newest = ours.office.store.read(certificate.QUALIFICATION).filter(version=3)
    assert newest["category_code"].to_list() == ["S04"]
