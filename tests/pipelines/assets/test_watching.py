"""The watch over terms and the worklist in Dagster, and what the evening's sweep makes of a term that is over."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import dagster as dg
import polars as pl
import pytest
from typer.testing import CliRunner

from assets.tables import archive, decision
from decisions.replay import replay
from decisions.waiting.terms import RETURNABLE
from pipelines.chain import run_chain
from pipelines.cli import app
from pipelines.completeness import loose_ends
from pipelines.office import Office
from pipelines.orchestration.instance import open_instance
from pipelines.terminal.console import Exit
from pipelines.terminal.summary import summarise

pytestmark = pytest.mark.slow
IN_SUMMER = datetime(2017, 7, 3, 14, 0, tzinfo=UTC)
"""More than sixty working days after the sample's applications."""


def later(office: Office, now: datetime = IN_SUMMER) -> Office:
    """The same home on another day."""
    return Office(office.settings.model_copy(update={"clock": now}))


def waiting(office: Office) -> pl.DataFrame:
    newest = (
        office.store.read(decision.DECISION)
        .sort("evaluation_no")
        .unique("application_id", keep="last")
    )
    return newest.filter(pl.col("outcome") == "awaiting_data")


def check_of(office: Office) -> dg.AssetCheckEvaluation:
    key = dg.AssetCheckKey(dg.AssetKey(decision.DEADLINE.name), "in_time")
    with open_instance(office.settings.dagster_home) as instance:
        record = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
    assert record.evaluation is not None
    return record.evaluation


def test_dagster_shows_every_term_that_runs_and_that_all_are_kept(office: Office) -> None:
    terms = office.store.read(decision.DEADLINE)
    assert set(terms["application_id"]) == set(waiting(office)["application_id"])
    assert set(terms["limit"]) >= {"decision", "supplement"}
    assert check_of(office).passed
    with open_instance(office.settings.dagster_home) as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(decision.DEADLINE.name))
    assert event is not None and event.asset_materialization is not None
    shown = event.asset_materialization.metadata
    assert len(shown["next"].records) > 0  # type: ignore[union-attr]
    assert shown["overdue"].value == 0


def test_dagster_shows_the_worklist_as_table_and_picture(office: Office) -> None:
    work = office.store.read(decision.WORKLIST)
    assert work.height > 0
    with open_instance(office.settings.dagster_home) as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(decision.WORKLIST.name))
    assert event is not None and event.asset_materialization is not None
    shown = event.asset_materialization.metadata
    assert shown["dagster/row_count"].value == work.height
    assert 0 < len(shown["worklist"].records) <= 50  # type: ignore[union-attr]
    assert "data:image/png;base64," in str(shown["by_channel"].value)


def test_every_criterion_without_data_says_what_it_lacks(office: Office) -> None:
    open_ = office.store.read(decision.CRITERION).filter(
        pl.col("result") == "no_data", pl.col("parent").is_null()
    )
    missing = office.store.read(decision.MISSING)
    key = ["application_id", "evaluation_no", "criterion"]
    assert open_.height > 0
    assert open_.join(missing, on=key, how="anti").is_empty()
    assert missing.join(open_, on=key, how="anti").is_empty()
    assert missing.filter(pl.col("fault") == "unsettled").is_empty()


def test_miaoban_worklist_prints_it_and_can_be_asked_for_one_channel(office: Office) -> None:
    home = str(office.settings.folder)
    everything = CliRunner().invoke(app, ["--home", home, "worklist", "--json"])
    rows = json.loads(everything.stdout)
    assert everything.exit_code == 0
    assert len(rows) == office.store.read(decision.WORKLIST).height
    channel = next(row["channel"] for row in rows if row["channel"])
    asked = CliRunner().invoke(app, ["--home", home, "worklist", "--channel", channel, "--json"])
    assert json.loads(asked.stdout) == [row for row in rows if row["channel"] == channel]
    page = CliRunner().invoke(app, ["--home", home, "worklist", "--channel", channel])
    assert page.exit_code == 0 and channel in page.stdout
    nobody = CliRunner().invoke(app, ["--home", home, "worklist", "--channel", "nobody"])
    assert nobody.exit_code == Exit.NOT_FOUND and "nobody" in nobody.stderr


def test_miaoban_show_names_what_a_waiting_case_lacks(office: Office) -> None:
    case = waiting(office)["application_id"][0]
    lacks = office.store.read(decision.MISSING).filter(pl.col("application_id") == case)
    page = CliRunner().invoke(app, ["--home", str(office.settings.folder), "show", case, "--json"])
    told = json.loads(page.stdout)["missing"]
    assert {row["row_key"] for row in told} == set(lacks["row_key"]) != set()
    shown = CliRunner().invoke(app, ["--home", str(office.settings.folder), "show", case])
    assert "缺失或存疑的数据" in shown.stdout


def test_the_evening_sweep_returns_what_waited_too_long_and_closes_and_archives_it(
    office: Office,
) -> None:
    before = waiting(office)
    assert before.height > 0
    summer = later(office)
    assert run_chain(summer, "decide").is_success
    closed = summer.store.read(decision.DECISION).filter(pl.col("outcome") == "returned")
    returnable = before.filter(pl.col("kind").is_in(RETURNABLE))
    assert set(closed["application_id"]) == set(returnable["application_id"]) != set()
    assert closed["is_final"].all()
    assert loose_ends(summer.store).is_empty()
    archived = summer.store.read(archive.RECORD).filter(pl.col("outcome") == "returned")
    assert set(archived["application_id"]) == set(closed["application_id"])
    told = {case.kind: case.outcomes for case in summarise(summer.store).cases}
    assert sum(outcomes.get("returned", 0) for outcomes in told.values()) == closed.height
    assert all(one.is_same for one in replay(summer.store, summer.rulebook))


def test_a_second_evening_adds_nothing(office: Office) -> None:
    summer = later(office)
    run_chain(summer, "decide")
    version = summer.store.version(decision.DECISION)
    assert run_chain(later(office), "decide").is_success
    assert summer.store.version(decision.DECISION) == version


def test_a_decision_that_is_overdue_fails_the_check_as_a_warning(office: Office) -> None:
    april = later(office, datetime(2017, 4, 10, 14, 0, tzinfo=UTC))
    assert run_chain(april, "decide").is_success
    told = check_of(april)
    assert not told.passed and told.severity is dg.AssetCheckSeverity.WARN
    overdue = april.store.read(decision.DEADLINE).filter("is_overdue")
    assert set(overdue["limit"]) == {"decision"}
    assert len(told.metadata["overdue"].records) == overdue.height  # type: ignore[union-attr]
