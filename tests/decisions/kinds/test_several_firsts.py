"""Several first applications of one enterprise: whichever is decided first (reading 69)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from offices import DECORATED_ON as DAY
from offices import Office, at, decorated, decorator
from portfolio import Portfolio

from assets.tables import certificate, intake


@pytest.mark.provision("B0.1", "G1")
@pytest.mark.parametrize(("hour", "outcome"), [(11, "granted"), (13, "not_accepted")])
def test_one_filed_before_the_first_grant_is_a_first_application_too(
    hour: int,
    outcome: str,
    tmp_path: Path,
    made_once: Callable[[str, Callable[[Path], None]], Path],
) -> None:
    """S11 二级 was granted at eleven, and its certificate issued at noon."""
    office = Office(Path(shutil.copytree(made_once("decorated", decorated), tmp_path / "office")))
    firm = Portfolio.meeting("S04", "二级", kind="first", filed_on=DAY)
    assert firm.usc_code == decorator().usc_code
    office.portfolios, office.released = [firm], 1
    row = firm.application() | {"application_id": "SECOND", "filed_at": at(DAY, hour)}
    office.store.append(intake.APPLICATION, pl.DataFrame([row], schema=intake.APPLICATION.schema))
    office.release(at(DAY, 14))
    decided = office.decide(at(DAY, 15)).decisions.row(0, named=True)
    assert decided["outcome"] == outcome, decided["reason_zh"]
    if outcome == "granted":
        assert not office.issue(at(DAY, 16)).not_issued
        issued = office.store.read(certificate.CERTIFICATE).sort("version")
        assert issued["certificate_no"].n_unique() == 1
        assert issued["valid_until"].n_unique() == 1
        assert issued["effect"].to_list() == ["new_certificate", "add_to_certificate"]


@pytest.mark.provision("B1.5", "G1", "G4")
def test_one_filed_on_the_day_before_goes_on_the_certificate_that_is_there_by_its_decision(
    tmp_path: Path, made_once: Callable[[str, Callable[[Path], None]], Path]
) -> None:
    """The decision says so too, and names the last day of that set (G1, G4)."""
    office = Office(Path(shutil.copytree(made_once("decorated", decorated), tmp_path / "office")))
    filed_on, decided_on = DAY - timedelta(1), DAY + timedelta(1)
    firm = Portfolio.meeting("S04", "二级", kind="first", filed_on=filed_on, decided_on=decided_on)
    office.portfolios, office.released = [firm], 1
    row = firm.application() | {"application_id": "SECOND"}
    office.store.append(intake.APPLICATION, pl.DataFrame([row], schema=intake.APPLICATION.schema))
    office.release(at(decided_on, 14))
    decided = office.decide(at(decided_on, 15)).decisions.row(0, named=True)
    (issued,) = office.store.read(certificate.CERTIFICATE).to_dicts()
    assert decided["effect"] == "add_to_certificate"
    for name in ("certificate_no", "valid_until"):
        assert decided[name] == issued[name]
