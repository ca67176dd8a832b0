"""The commands about the rulebook as a whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from decisions.rulebook import proof
from pipelines.cli import app
from pipelines.office import Office
from pipelines.settings import Settings, SettingsError
from pipelines.terminal.console import Exit


def rules(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        app, ["--home", str(home), "rules", *arguments], env={"COLUMNS": "160"}
    )


def test_check_proves_the_rulebook(tmp_path: Path) -> None:
    result = rules(tmp_path, "check")
    assert result.exit_code == 0, result.output
    assert "127个等级" in result.stdout


def test_check_tells_every_problem_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "IMPOSSIBLE", frozenset())
    monkeypatch.setattr(proof, "DIRECT", frozenset())
    result = rules(tmp_path, "check")
    assert result.exit_code == Exit.STAGE_FAILED
    assert "kinds.yaml: first at the higher level" in result.stderr
    told = json.loads(rules(tmp_path, "check", "--json").stdout)
    assert len(told["problems"]) == 3


def test_diff_lists_what_changed_between_two_days_and_by_which_notice(tmp_path: Path) -> None:
    result = rules(tmp_path, "diff", "2018-11-04", "2018-11-05")
    assert result.exit_code == 0, result.output
    assert "48处变化" in result.stdout
    assert "jianbanshi-2018-53" in result.stdout
    told = json.loads(rules(tmp_path, "diff", "2018-11-04", "2018-11-05", "--json").stdout)
    assert {change["item"] for change in told} == {"site_managers"}


def test_diff_of_a_day_before_the_standard_is_not_found(tmp_path: Path) -> None:
    assert rules(tmp_path, "diff", "2014-12-31", "2018-11-05").exit_code == Exit.NOT_FOUND


def test_show_tells_the_effect_of_each_amendment_and_what_is_missing(tmp_path: Path) -> None:
    result = rules(tmp_path, "show", "S09", "二级", "--on", "2017-03-01")
    assert result.exit_code == 0, result.output
    assert "2016-11-01 关于简化建筑业企业资质标准部分指标的通知" in result.stdout
    assert "text missing: equipment" in result.stdout


def test_an_office_decides_a_doubtful_pair_as_it_is_set_and_no_other(tmp_path: Path) -> None:
    office = Office(Settings(home=tmp_path, decided_by={"S07 一级": "province"}))
    power = office.rulebook.power("S07", "一级")
    assert power is not None and power.authority == "province"
    wrong = Office(Settings(home=tmp_path, decided_by={"G01 一级": "province"}))
    with pytest.raises(SettingsError, match="not in doubt"):
        _ = wrong.rulebook


def test_the_compiled_rulebook_is_kept_in_the_home(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    first, second = Office(settings).rulebook, Office(settings).rulebook
    assert [one.digest for one in first.rule_sets] == [one.digest for one in second.rule_sets]
    assert len(list(settings.rulebook_copies.iterdir())) == 1
