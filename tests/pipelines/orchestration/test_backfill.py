"""A day of a channel collected again: what failed is made good, what was accepted stays."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from assets.tables import TABLES, check, intake
from pipelines.definitions import build_defs
from pipelines.office import Office
from pipelines.orchestration.instance import sole_runner


def again(office: Office, day: str, channel: str) -> dg.ExecuteInProcessResult:
    job = build_defs({"office": office}).resolve_job_def("recollect")
    key = dg.MultiPartitionKey({"day": day, "channel": channel})
    with sole_runner(office.settings.dagster_home) as instance:
        return job.execute_in_process(instance=instance, partition_key=key)


def versions(office: Office) -> dict[str, int | None]:
    return {table.name: office.store.version(table) for table in TABLES}


def changed(result: dg.ExecuteInProcessResult) -> set[str]:
    return {
        event.step_materialization_data.materialization.asset_key.to_user_string()
        for event in result.all_events
        if event.is_step_materialization
    }


@pytest.mark.parametrize("channel", ["skills", "constructor_registry", "portal"])
def test_a_day_that_was_accepted_changes_nothing_however_often(
    office: Office, channel: str
) -> None:
    first = versions(office)
    for _ in range(2):
        result = again(office, "2017-02-28", channel)
        assert result.success and changed(result) == set()
        now = versions(office)
        # In a copied home the files look written anew, and are told as repeated: once.
        assert now == first | {intake.DELIVERY.name: now[intake.DELIVERY.name]}
    repeated = office.store.read(intake.DELIVERY).filter(status="repeated")
    assert not repeated.select("file_name", "file_version", "channel", "feed").is_duplicated().any()


def test_a_delivery_that_failed_is_made_good_by_its_own_day_only(office: Office) -> None:
    folder = office.settings.inbox / "skills" / "certificate"
    manifest = _wrong_count(folder, office)
    told = json.loads(manifest.read_text("utf-8"))
    day = told["as_of"]
    manifest.write_text(json.dumps({**told, "rows": told["rows"] - 7}), "utf-8")
    assert changed(again(office, "2017-02-28", "skills")) == set()
    result = again(office, day, "skills")
    assert result.success
    accepted = office.store.read(intake.DELIVERY).filter(
        pl.col("status") == "accepted",
        pl.col("file_name") == manifest.name.removesuffix(".manifest.json"),
        pl.col("channel") == "skills",
    )
    assert accepted.height == 1
    after = versions(office)
    assert changed(again(office, day, "skills")) == set()
    assert versions(office) == after


def _wrong_count(folder: Path, office: Office) -> Path:
    log = office.store.read(intake.DELIVERY).filter(
        pl.col("status") == "failed", pl.col("channel") == "skills"
    )
    return folder / f"{log['file_name'][0]}.manifest.json"


def test_days_and_channels_are_partitions_that_the_ui_can_backfill(office: Office) -> None:
    job = build_defs({"office": office}).resolve_job_def("recollect")
    assert isinstance(job.partitions_def, dg.MultiPartitionsDefinition)
    names = {one.name for one in job.partitions_def.partitions_defs}
    assert names == {"day", "channel"}


def test_the_health_of_every_source_is_told_with_a_picture(office: Office) -> None:
    health = office.store.read(check.HEALTH)
    told = health.filter(pl.col("status") != "never")
    assert set(told["status"]) == {"on_time"}
    definitions = build_defs({"office": office})
    with sole_runner(office.settings.dagster_home) as instance:
        result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance, asset_selection=[dg.AssetKey(check.HEALTH.name)]
        )
    (made,) = result.asset_materializations_for_node("source_health")
    for channel in office.channels:
        assert str(made.metadata[channel].value).startswith(f"![{channel}](data:image/png;base64,")
    evaluations = result.get_asset_check_evaluations()
    assert {one.check_name for one in evaluations} == {
        f"deliveries_{channel}" for channel in office.channels
    }
    assert all(one.passed for one in evaluations)
