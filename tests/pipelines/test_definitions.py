"""The code location loads, says what it should of every asset, and is the graph we agreed on."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from assets.channels import load_channels
from assets.tables import BASE_TABLES, TABLES
from pipelines import definitions
from pipelines.office import Office
from pipelines.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def defs(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    home = tmp_path_factory.mktemp("home")
    return definitions.build_defs({"office": Office(Settings(home=home))})


def test_the_definitions_load_and_all_their_jobs_resolve(defs: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(defs)
    for name in ("chain", "collect", "decide", "upkeep"):
        assert defs.resolve_job_def(name).name == name


def test_the_workspace_names_the_module_that_holds_the_definitions() -> None:
    (entry,) = yaml.safe_load((ROOT / "workspace.yaml").read_text())["load_from"]
    assert entry["python_module"]["module_name"] == definitions.__name__


def test_the_assembly_stays_small() -> None:
    assert len((ROOT / "pipelines" / "definitions.py").read_text().splitlines()) <= 60


def test_the_graph_of_assets_checks_and_pools_is_the_agreed_one(
    defs: dg.Definitions, snapshot: SnapshotAssertion
) -> None:
    graph = defs.resolve_asset_graph()
    told = {}
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        told[key.to_user_string()] = {
            "group": node.group_name,
            "parents": sorted(parent.to_user_string() for parent in node.parent_keys),
            "checks": sorted(check.name for check in node.check_keys),
            "pools": sorted(node.pools or ()),
            "kinds": sorted(node.kinds),
            "follows": node.automation_condition is not None,
        }
    assert told == snapshot


def test_jobs_schedules_and_sensors_are_the_agreed_ones_and_run_by_themselves(
    defs: dg.Definitions, snapshot: SnapshotAssertion
) -> None:
    repository = defs.get_repository_def()
    assert {
        "jobs": sorted(job for job in repository.job_names if not job.startswith("__")),
        "schedules": sorted(
            f"{one.name}: {one.cron_schedule} {one.execution_timezone} {one.default_status.value}"
            for one in repository.schedule_defs
        ),
        "sensors": sorted(
            f"{one.name}: {one.default_status.value}" for one in repository.sensor_defs
        ),
    } == snapshot


def test_whatever_may_start_a_run_is_described_in_chinese_and_english(
    defs: dg.Definitions,
) -> None:
    repository = defs.get_repository_def()
    jobs = [repository.get_job(one) for one in repository.job_names if not one.startswith("__")]
    for one in (*jobs, *repository.schedule_defs, *repository.sensor_defs):
        assert re.match(r"[\u4e00-\u9fff]+ [A-Z][a-z]*", one.description or ""), one.name


def test_every_declared_table_is_an_asset_and_every_base_table_has_its_quality_check(
    defs: dg.Definitions,
) -> None:
    graph = defs.resolve_asset_graph()
    keys = {key.to_user_string() for key in graph.get_all_asset_keys()}
    assert {table.name for table in TABLES} <= keys
    feeds = {
        f"raw_{channel.channel}__{feed}"
        for channel in load_channels().values()
        for feed in channel.feeds
    }
    senders = {f"channel/{channel}" for channel in load_channels()}
    assert keys == {table.name for table in TABLES} | feeds | senders
    for table in BASE_TABLES:
        assert dg.AssetCheckKey(dg.AssetKey(table.name), "quality") in graph.asset_check_keys


def test_every_asset_has_owner_description_schema_and_code_version(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.owners, key
        assert node.description and "·" in node.description, key
        if not node.is_materializable:  # a channel: made by those who send
            continue
        assert node.code_version, key
        schema = node.metadata["dagster/column_schema"]
        assert all(column.description for column in schema.columns), key
        assert node.pools, f"{key} has no pool: two writers could meet"


def test_every_channel_and_nothing_else_has_a_term_in_which_it_must_deliver(
    defs: dg.Definitions,
) -> None:
    graph = defs.resolve_asset_graph()
    policies = {
        key.to_user_string(): policy
        for key in graph.get_all_asset_keys()
        if (policy := graph.get(key).freshness_policy_or_from_metadata)
    }
    assert policies == {
        f"channel/{name}": dg.FreshnessPolicy.time_window(
            fail_window=timedelta(days=channel.freshness_days)
        )
        for name, channel in load_channels().items()
    }


def test_a_changed_declaration_changes_the_code_version_of_its_asset_only() -> None:
    from dataclasses import replace

    from pipelines.assets.described import declaration_version

    table = BASE_TABLES[0]
    versions = [declaration_version(one) for one in BASE_TABLES]
    assert len(set(versions)) == len(versions)
    longer = replace(table, columns=(replace(table.columns[0], nullable=True), *table.columns[1:]))
    assert declaration_version(longer) != declaration_version(table)
