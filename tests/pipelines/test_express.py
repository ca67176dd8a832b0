"""The express way: Dagster hears of it afterwards, once per stage, and nothing runs twice."""

from __future__ import annotations

import dagster as dg
import polars as pl
import pytest

from assets.tables import decision
from pipelines import express
from pipelines.instance import open_instance
from pipelines.office import Office

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
