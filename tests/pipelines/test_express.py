"""The express way: Dagster hears of it afterwards, once per stage, and nothing runs twice."""

from __future__ import annotations

from typing import Any

import dagster as dg
import polars as pl
import pytest

from assets.tables import TABLES, check, decision
from checks import release
from decisions import stage
from decisions.replay import replay
from pipelines import express
from pipelines.office import Office
from pipelines.orchestration.instance import open_instance
from pipelines.orchestration.jobs import CITED_ONE_BY_ONE

pytestmark = pytest.mark.slow


def a_refusal(office: Office) -> tuple[str, str]:
    row = (
        office.store.read(decision.DECISION)
        .filter(pl.col("outcome") == "refused", pl.col("subcategory") == "")
        .sort("application_id")
        .row(0, named=True)
    )
    return row["usc_code"], f"{row['category_code']}-{row['level']}"


def test_a_batch_is_reported_as_one_event_per_table_and_stage_and_one_check(
    office: Office,
) -> None:
    batch = [express.apply(office, *a_refusal(office)) for _ in range(2)]
    express.tell_dagster(office, batch)
    with open_instance(office.settings.dagster_home) as instance:
        for name in ("intake__application", "decision__decision", "archive__record"):
            event = instance.get_latest_materialization_event(dg.AssetKey(name))
            assert event is not None and event.asset_materialization is not None
            assert event.run_id == ""
            assert event.asset_materialization.metadata["way"].value == "express"
            cases = str(event.asset_materialization.metadata["cases"].value)
            assert all(one.application_id in cases for one in batch)
        key = dg.AssetCheckKey(dg.AssetKey("archive__record"), "complete")
        record = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
        assert record.evaluation is not None and record.evaluation.passed


def test_handling_a_case_again_changes_nothing(office: Office) -> None:
    first = express.apply(office, *a_refusal(office))
    version = office.store.version(decision.DECISION)
    second = express.handle(office, first.application_id)
    assert office.store.version(decision.DECISION) == version
    assert (second.outcome, second.archive_file) == (first.outcome, first.archive_file)


def test_a_case_keeps_the_release_it_began_with_while_another_is_made_and_old_files_are_vacuumed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    began_with = release.latest(office.store)
    assert began_with is not None
    settle = stage.settle

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        other = Office(office.settings)
        newer = other.store.read(check.RELEASE).with_columns(
            release_id=pl.lit("R000002"), released_at=pl.lit(office.now())
        )
        other.store.append(check.RELEASE, newer)
        for table in (one for one in TABLES if one not in CITED_ONE_BY_ONE):
            other.store.maintain(table)
            other.store.vacuum(table, release.cited_versions(other.store, table))
        return settle(*args, **kwargs)

    monkeypatch.setattr(stage, "settle", meanwhile)
    handled = express.apply(office, *a_refusal(office))
    monkeypatch.undo()
    assert handled.outcome == "refused"
    assert handled.release_id == began_with.release_id
    newest = release.latest(office.store)
    assert newest is not None and newest.release_id == "R000002"
    (again,) = replay(office.store, office.rulebook, [handled.application_id])
    assert again.is_same, again.differences
