"""The commands that evaluate again, or without filing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assets.tables import decision
from pipelines.chain import ChainReport
from pipelines.cli import OUTCOME_EXITS, Exit, app
from pipelines.office import Office
from pipelines.settings import load


def miaoban(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), *arguments], env={"COLUMNS": "160"})


@pytest.fixture(scope="module")
def home(town: tuple[Path, ChainReport]) -> Path:
    return town[0]


def test_every_decision_is_replayed_and_the_same(home: Path) -> None:
    result = miaoban(home, "replay", "--json")
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    assert made and all(one["differences"] == [] for one in made)


def test_a_case_that_nobody_decided_cannot_be_replayed(home: Path) -> None:
    result = miaoban(home, "replay", "SB00000000-00000")
    assert result.exit_code == Exit.NOT_FOUND
    assert "no decision" in result.stderr


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
    assert result.exit_code == Exit.NOT_FOUND
    assert "required property" in result.stderr


def test_an_enterprise_that_nobody_knows_has_no_portfolio(home: Path) -> None:
    assert miaoban(home, "portfolio", "没有这家").exit_code == Exit.NOT_FOUND
