"""The chain, through Dagster, on a tiny province: what it makes of it, and what Dagster shows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from assets.lake.declaration import Table
from assets.tables import BASE_TABLES, archive, certificate, check, decision, intake
from pipelines.chain import ChainReport, run_chain
from pipelines.completeness import loose_ends
from pipelines.definitions import build_defs
from pipelines.office import Office
from pipelines.orchestration.instance import open_instance
from pipelines.settings import load
from pipelines.terminal.summary import heights, summarise

pytestmark = pytest.mark.slow
Town = tuple[Path, ChainReport]


def test_the_chain_ends_well_and_says_how_long_each_stage_took(town: Town) -> None:
    report = town[1]
    assert report.is_success, report.failures
    assert set(report.stages) >= {"raw", "base", "checks", "archive"}
    assert not any("channels" in stage for stage in report.stages)


def test_every_planned_case_ends_as_it_was_planned(town: Town) -> None:
    settings = load(town[0])
    lines = (settings.truth / "applications.jsonl").read_text(encoding="utf-8").splitlines()
    planned = {row["application_id"]: row["outcome"] for row in map(json.loads, lines)}
    decisions = Office(settings).store.read(decision.DECISION)
    found = dict(decisions.filter("is_final").select("application_id", "outcome").iter_rows())
    found |= {
        row["application_id"]: row["outcome"]
        for row in decisions.filter(~pl.col("is_final")).iter_rows(named=True)
        if row["application_id"] not in found
    }
    assert found == planned


def test_every_closed_case_came_to_its_end_exactly_once(town: Town) -> None:
    store = Office(load(town[0])).store
    assert loose_ends(store).is_empty()
    granted = store.read(decision.DECISION).filter(pl.col("outcome") == "granted")
    assert granted.height > 0
    assert store.read(certificate.CERTIFICATE).height == granted.height


def test_a_later_run_decides_nothing_again_and_a_run_on_the_same_files_writes_nothing(
    office: Office,
) -> None:
    def versions(tables: Iterable[Table]) -> dict[str, int | None]:
        return {table.name: office.store.version(table) for table in tables}

    # In a copied home the files look written anew, and the checks have not seen the grants yet.
    told = {check.BASIS.name, check.HEALTH.name}
    decided = [table for table in _ends() if table.name not in told]
    before = versions(decided)
    assert run_chain(office).is_success
    assert versions(decided) == before
    before, logs = versions(_ends()), heights(office.store)
    report = run_chain(office)
    assert report.is_success, report.failures
    assert versions(_ends()) == before
    assert heights(office.store).since(logs).is_nothing


def _ends() -> list[Table]:
    return [
        *BASE_TABLES,
        intake.QUARANTINE,
        intake.APPLICATION,
        *check.TABLES,
        *decision.TABLES,
        *certificate.TABLES,
        archive.RECORD,
    ]


def test_a_delivery_that_blocks_makes_no_release_and_the_last_good_one_goes_on_serving(
    office: Office,
) -> None:
    last = summarise(office.store).release_id
    folder = office.settings.inbox / "construction" / "certificate"
    sound = json.loads(next(folder.glob("*-full.jsonl")).read_text("utf-8").splitlines()[0])
    rows = [sound | {"CertID": f"X{n}", "CorpCode": "not a code"} for n in range(200)]
    _send(folder / "29991231-spoiled.jsonl", *map(json.dumps, rows))
    report = run_chain(Office(office.settings))
    assert report.is_success
    assert "check__release: gate" in report.failed_checks
    summary = summarise(office.store)
    assert summary.release_id == last
    assert any(one.check_id == "F-05" and one.is_blocking for one in summary.failed_checks)


def test_dagster_shows_rows_pictures_checks_and_failing_keys(town: Town) -> None:
    with open_instance(load(town[0]).dagster_home) as instance:
        (run,) = instance.get_runs()
        assert run.status is dg.DagsterRunStatus.SUCCESS
        metadata = {
            name: instance.get_latest_materialization_event(dg.AssetKey(name))
            .asset_materialization.metadata  # type: ignore[union-attr]
            for name in (
                "base_personnel__insurance_month", "intake__delivery", "decision__decision",
                "decision__criterion", "check__release",
            )
        }  # fmt: skip
        rows = metadata["base_personnel__insurance_month"]["dagster/row_count"].value
        assert isinstance(rows, int) and rows > 1_000
        for name, picture in (
            ("intake__delivery", "flow"),
            ("decision__decision", "outcomes"),
            ("decision__criterion", "reasons"),
        ):
            assert "data:image/png;base64," in str(metadata[name][picture].value)
        assert str(metadata["check__release"]["release_id"].value) == "R000001"
        key = dg.AssetCheckKey(dg.AssetKey("base_personnel__registration"), "quality")
        record = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
        evaluation = record.evaluation
        assert evaluation is not None
        assert {"rows", "expectations", "outcomes", "failing_keys"} <= set(evaluation.metadata)
        assert 0 < len(evaluation.metadata["failing_keys"].records) <= 20 * 30  # type: ignore[union-attr]


def test_a_channel_has_delivered_when_something_of_it_could_be_read_not_when_somebody_collected(
    office: Office,
) -> None:
    asked = build_defs({"office": office}).resolve_implicit_global_asset_job_def()
    folder = office.settings.inbox / "construction" / "certificate"

    def collected() -> set[str]:
        with open_instance(office.settings.dagster_home) as instance:
            result = asked.execute_in_process(
                instance=instance, asset_selection=[dg.AssetKey("raw_construction__certificate")]
            )
        assert result.success
        return {
            event.step_materialization_data.materialization.asset_key.to_user_string()
            for event in result.all_events
            if event.is_step_materialization
        }

    with open_instance(office.settings.dagster_home) as instance:
        for channel in office.channels:
            event = instance.get_latest_materialization_event(dg.AssetKey(["channel", channel]))
            assert event, f"{channel} has delivered"
    collected()  # in a copied home the files look written anew
    assert collected() == {"raw_construction__certificate"}
    whole = next(folder.glob("*-full.jsonl")).read_text("utf-8").splitlines()[0]
    _send(folder / "29991230-torn.jsonl", whole[:20])
    assert collected() == {"raw_construction__certificate"}
    _send(folder / "29991231-sound.jsonl", whole)
    assert collected() == {"raw_construction__certificate", "channel/construction"}


def _send(file: Path, *rows: str) -> None:
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    manifest = {
        "rows": len(rows), "sent_at": "2017-03-01T09:59:00+08:00", "region_code": "330000",
        "is_complete": False, "as_of": "2017-03-01",
    }  # fmt: skip
    file.with_name(f"{file.name}.manifest.json").write_text(json.dumps(manifest))


def test_no_personal_data_leaves_the_personnel_base_for_dagster(town: Town) -> None:
    settings = load(town[0])
    names = (
        Office(settings)
        .store.scan(next(t for t in BASE_TABLES if t.name == "base_personnel__person"))
        .select("id_number")
        .drop_nulls()
        .collect()["id_number"]
        .to_list()
    )
    logs = b"".join(file.read_bytes() for file in settings.dagster_home.rglob("*.db"))
    assert names and not any(number.encode() in logs for number in names[:500])
