"""The sample's platform of credit answers as its channel file says, to the fetch that real ones get."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from provinces import Made
from pydantic import SecretStr

from assets.channels import load_channels
from assets.intake.delivery_log import DeliveryReport
from assets.intake.fetching import fetch
from assets.intake.taking import take_in
from assets.lake.store import Store
from assets.sample import leave_as_fetched, serving, take_over
from assets.sources.connection import Connection
from assets.sources.inbox import Inbox

NOW = datetime(2017, 3, 1, 2, tzinfo=UTC)
CHANNELS = load_channels()
CREDIT = CHANNELS["credit"]


class Home:
    """An inbox with the sample's findings, and what is fetched into it."""

    def __init__(self, folder: Path, made: Made) -> None:
        self.inbox, self.platforms = folder / "inbox", folder / "platforms"
        self.store = Store(folder / "lake")
        shutil.copytree(made.inbox / "credit" / "finding", self.findings)

    @property
    def findings(self) -> Path:
        return self.inbox / "credit" / "finding"

    def night(self, links: Mapping[str, Connection], days: int = 0) -> list[DeliveryReport]:
        """Fetches and takes in, some days on."""
        inbox, now = Inbox(self.inbox), NOW + timedelta(days=days)
        fetched = fetch(self.store, CREDIT, "finding", inbox, links, now)
        return [*fetched, *take_in(self.store, CREDIT, "finding", inbox, now)]

    def rows(self) -> list[str]:
        """What lies in the inbox, each row as often as it lies there."""
        lines = [line for file in self.findings.glob("*.jsonl") for line in file.open()]
        return sorted(json.dumps(json.loads(line), sort_keys=True) for line in lines)


@pytest.fixture
def home(tmp_path: Path, made: Made) -> Home:
    return Home(tmp_path, made)


def test_every_row_that_was_a_files_is_fetched_once_page_by_page_and_not_again(home: Home) -> None:
    sent = sorted(set(home.rows()))
    take_over(home.inbox, home.platforms, CHANNELS)
    assert not home.findings.exists()
    with serving(home.platforms, CHANNELS) as platform:
        reports = home.night(platform.connections)
        asked = platform.calls
        assert {report.status for report in reports} == {"accepted"}
        assert home.rows() == sent
        assert home.night(platform.connections) == []
        assert platform.calls == asked
    api = CREDIT.feeds["finding"].api
    assert api is not None
    assert asked > len(reports) + len(sent) // api.rows, "pages, and the first of several again"


def test_rows_are_asked_for_again_for_as_long_as_the_overlap_and_then_no_more(home: Home) -> None:
    take_over(home.inbox, home.platforms, CHANNELS)
    with serving(home.platforms, CHANNELS) as platform:
        home.night(platform.connections)
        held = home.rows()
        [soon] = home.night(platform.connections, days=20)
        [later] = home.night(platform.connections, days=40)
    assert (soon.row_count, later.row_count) == (len(held), 0), "since 15 February, and 7 March"
    assert {soon.status, later.status} == {"accepted"}


def test_a_wrong_secret_gets_no_token_and_no_rows(home: Home) -> None:
    take_over(home.inbox, home.platforms, CHANNELS)
    with serving(home.platforms, CHANNELS) as platform:
        link = platform.connections["credit"].model_copy(update={"secret": SecretStr("guessed")})
        [report] = home.night({"credit": link})
    assert (report.status, report.reason_code) == ("failed", "login")
    assert not home.findings.exists()


def test_a_platform_that_is_gone_fails_nothing_while_the_clock_stands_still(home: Home) -> None:
    leave_as_fetched(home.inbox, CHANNELS, NOW)
    assert {report.status for report in home.night({})} == {"accepted"}
    assert home.night({}) == []
    [report] = home.night({}, days=1)
    assert (report.status, report.reason_code) == ("failed", "connection")
    assert "[connections.credit]" in (report.error or "")
