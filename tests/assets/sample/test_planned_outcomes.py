"""The plan comes true: through collection and checks every case ends as it was meant to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest
from provinces import AS_OF, SEED

from assets.collection import collect
from assets.lake.store import Store
from assets.sample import generate, scenarios
from assets.tables import RELEASED_TABLES, check, intake, personnel, project
from assets.wording import worded
from checks import cross
from decisions import rulebook
from decisions.engine import Decided, decide
from decisions.facts.model import Facts

NOW = datetime(2017, 3, 1, 2, tzinfo=UTC)
pytestmark = pytest.mark.slow


class Ended(NamedTuple):
    truth: Path
    store: Store
    found: pl.DataFrame
    decided: Decided


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    home = tmp_path_factory.mktemp("planned")
    generate(home / "inbox", 2 * scenarios.CYCLE, SEED, AS_OF, home / "truth")
    store = Store(home / "lake")
    collect(store, home / "inbox", b"k" * 32, NOW)
    found = cross.run(store, date(2017, 2, 28)).findings
    tables = {table.name: store.read(table) for table in RELEASED_TABLES}
    tables[check.FINDING.name] = check.FINDING.conform(found)
    decided = decide(store.read(intake.APPLICATION), Facts.of(tables), rulebook.load(), NOW)
    return Ended(home / "truth", store, found, decided)


def test_every_case_ends_as_planned(ended: Ended) -> None:
    planned = pl.read_ndjson(ended.truth / "applications.jsonl")
    keys = {plan.key for plan in (*scenarios.PLAN, *scenarios.INCOMPLETE)}
    assert set(planned["scenario"]) == keys
    outcomes = ended.decided.decisions.select("application_id", decided="outcome")
    both = planned.join(outcomes, on="application_id", how="left")
    missed = both.filter(pl.col("outcome") != pl.col("decided").fill_null("none"))
    assert missed.select("scenario", "outcome", "decided").rows() == []


def test_every_refusal_names_the_criterion_planned_and_no_other(ended: Ended) -> None:
    planned = pl.read_ndjson(ended.truth / "applications.jsonl").filter(
        pl.col("outcome").is_in(["refused", "not_accepted"])
    )
    failed = (
        ended.decided.criteria.filter(
            pl.col("result") == "not_met", ~pl.col("criterion").str.contains(".", literal=True)
        )
        .group_by("application_id")
        .agg(pl.col("criterion").sort())
    )
    both = planned.join(failed, on="application_id", how="left")
    missed = both.filter(pl.col("because").list.sort() != pl.col("criterion"))
    assert missed.select("scenario", "because", "criterion").rows() == []


def test_quarantine_holds_the_spoilt_rows_and_no_others(ended: Ended) -> None:
    taken = ended.store.read(intake.DELIVERY).filter(status="accepted")
    files = taken.select("delivery_id", "channel", "feed", file="file_name")
    place = ["channel", "feed", "file", "row_no"]
    held = ended.store.read(intake.QUARANTINE).join(files, on="delivery_id").unique(place)
    faults = pl.read_ndjson(ended.truth / "faults.jsonl")
    spoilt = faults.filter(pl.col("expected") == "quarantined").unique(place)
    assert held.join(spoilt, on=place, how="anti").select(*place, "reasons").rows() == []
    assert spoilt.join(held, on=place, how="anti").select(*place, "fault").rows() == []


def test_works_are_doubted_only_where_the_registration_of_their_manager_was_set_apart(
    ended: Ended,
) -> None:
    doubted = ended.found.filter(check_id="J-14")
    assert set(doubted["severity"]) == {"DATA"}
    managers = ended.store.read(project.PARTY).filter(pl.col("duty") == "项目经理")
    apart = ended.store.read(intake.QUARANTINE).filter(target=personnel.REGISTRATION.name)
    known = apart.select(person_key=pl.col("typed_json").str.json_path_match("$.person_key"))
    theirs = doubted.join(managers, left_on="row_key", right_on="contract_no")
    others = theirs.join(known.drop_nulls(), on="person_key", how="anti")
    unread = apart.filter(pl.col("typed_json").str.json_path_match("$.person_key").is_null())
    assert others.join(unread, on="usc_code", how="anti").rows() == []


def test_works_may_overlap_only_with_those_of_which_a_row_was_set_apart(ended: Ended) -> None:
    doubted = ended.found.filter(check_id="J-16")
    assert set(doubted["severity"]) <= {"DATA"}
    works = [table.name for table in (project.CONTRACT, project.ACCEPTANCE, project.PARTY)]
    apart = ended.store.read(intake.QUARANTINE).filter(pl.col("target").is_in(works))
    places = set(apart.select(worded("{}:{}", "delivery_id", "row_no")).to_series())
    told = doubted["detail"].str.extract("set apart: (.*)$").str.split("、").explode()
    assert set(told) <= places
