"""The commands that evaluate again, or without filing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from command_line import miaoban

from assets.tables import archive, decision
from pipelines.office import Office
from pipelines.settings import load
from pipelines.terminal.console import OUTCOME_EXITS, Exit
from pipelines.terminal.usage import WRONG_USE


def test_every_decision_is_replayed_and_the_same(home: Path) -> None:
    result = miaoban(home, "replay", "--all", "--json")
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    assert made and all(one["differences"] == [] for one in made)


def test_a_case_that_nobody_decided_cannot_be_replayed(home: Path) -> None:
    result = miaoban(home, "replay", "SB00000000-00000")
    assert result.exit_code == Exit.NOT_FOUND
    assert "no decision" in result.stderr


@pytest.mark.parametrize("length", [0, 200])
def test_a_damaged_decision_log_is_told_with_its_file_and_the_remedy(
    home: Path, tmp_path: Path, length: int
) -> None:
    table = decision.DECISION
    store = Office(load(tmp_path)).store
    store.append(table, Office(load(home)).store.read(table))
    (file,) = Path(store.path(table)).glob("*.parquet")
    file.write_bytes(file.read_bytes()[:length])
    result = miaoban(tmp_path, "replay", "--all")
    assert result.exit_code == Exit.DAMAGED, result.output
    assert f"decision__decision: {file}" in result.stderr
    assert "自备份恢复" in result.stderr and "from a backup" in result.stderr


def test_to_replay_everything_where_nothing_was_decided_is_no_success(tmp_path: Path) -> None:
    result = miaoban(tmp_path, "replay", "--all")
    assert result.exit_code == Exit.NOT_FOUND
    assert "no decision to replay" in result.stderr


def test_every_closed_case_is_replayed_from_its_package_alone_on_all_cores(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.replaying.CHUNK", 8)
    result = miaoban(home, "replay", "--all", "--from-archive", "--json")
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    closed = Office(load(home)).store.read(archive.RECORD)
    assert sorted(one["application_id"] for one in made) == sorted(closed["application_id"])
    assert len(made) > 8
    assert [one["differences"] for one in made if one["differences"]] == []


def test_a_package_is_replayed_without_any_lakehouse(home: Path, tmp_path: Path) -> None:
    store = Office(load(home)).store
    record = store.read(archive.RECORD).row(0, named=True)
    package = load(home).archive / record["file_name"]
    alone = miaoban(tmp_path / "empty", "replay", str(package), "--json")
    assert alone.exit_code == 0, alone.output
    assert json.loads(alone.stdout)[0]["application_id"] == record["application_id"]
    by_case = miaoban(home, "replay", record["application_id"], "--from-archive", "--json")
    assert by_case.stdout == alone.stdout


def test_a_package_that_was_changed_is_not_replayed(home: Path, tmp_path: Path) -> None:
    record = Office(load(home)).store.read(archive.RECORD).row(0, named=True)
    content = (load(home).archive / record["file_name"]).read_bytes()
    package = tmp_path / "changed.zip"
    package.write_bytes(content.replace(b'"elapsed_ms"', b'"elapsed_mS"'))
    result = miaoban(home, "replay", str(package))
    assert result.exit_code == Exit.NOT_FOUND
    assert "not sound" in result.stderr


def test_a_package_that_is_gone_is_told_and_the_case_named_where_it_can_be_replayed(
    home: Path, tmp_path: Path
) -> None:
    result = miaoban(home, "replay", str(tmp_path / "gone.zip"))
    assert result.exit_code == Exit.NOT_FOUND
    assert "gone.zip: 档案包读不到" in result.stderr and "from the lakehouse" in result.stderr


def test_what_an_earlier_engine_decided_otherwise_is_counted_apart(
    home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "home"
    shutil.copytree(home, folder)
    store = Office(load(folder)).store
    log = store.read(decision.DECISION)
    case = log.row(0, named=True)["application_id"]
    earlier = log.with_columns(engine_version=pl.lit("0.1"), reason_zh=pl.lit("因故"))
    shutil.rmtree(store.path(decision.DECISION))
    Office(load(folder)).store.append(decision.DECISION, earlier)
    every = miaoban(folder, "replay", "--all")
    assert every.exit_code == Exit.STAGE_FAILED
    assert f"{log.height} that differ were made by engine 0.1" in every.stdout
    assert "因故" not in every.stderr, "a line for each of them helps nobody"
    one = miaoban(folder, "replay", case)
    assert "1 that differ were made by engine 0.1" in one.stdout
    assert "'因故' -> " in one.stderr


def test_a_case_and_all_of_them_are_not_asked_for_at_once(home: Path) -> None:
    assert miaoban(home, "replay").exit_code == 2
    assert miaoban(home, "replay", "SB1", "--all").exit_code == 2


def test_a_portfolio_written_out_is_decided_as_the_case_was(home: Path, tmp_path: Path) -> None:
    store = Office(load(home)).store
    case = store.read(decision.DECISION).filter(outcome="refused").row(0, named=True)
    file = tmp_path / "portfolio.json"
    file.write_text(miaoban(home, "portfolio", case["usc_code"]).stdout, encoding="utf-8")
    result = miaoban(
        home,
        *("evaluate", str(file), "--item", f"{case['category_code']}-{case['level']}"),
        *("--kind", case["kind"], "--on", "2017-03-01", "--json"),
    )
    assert result.exit_code == OUTCOME_EXITS["refused"], result.output
    told = json.loads(result.stdout)
    assert told["decision"]["outcome"] == "refused"
    assert told["criteria"]


def test_what_is_no_portfolio_is_refused_with_its_place(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "portfolio.json"
    file.write_text('{"schema": "miaoban.portfolio/1"}', encoding="utf-8")
    result = miaoban(
        home,
        *("evaluate", str(file), "--item", "S11-二级", "--kind", "first", "--on", "2017-03-01"),
    )
    assert result.exit_code == WRONG_USE
    assert "不符合企业档案的格式" in result.stderr
    assert "required property" in result.stderr


def test_an_enterprise_that_nobody_knows_has_no_portfolio(home: Path) -> None:
    assert miaoban(home, "portfolio", "没有这家").exit_code == Exit.NOT_FOUND
