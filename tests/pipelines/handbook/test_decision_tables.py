"""What docs/decisions.md promises: its examples run, the workbook opens, times are in order."""

from __future__ import annotations

import io
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl
import pytest
from deltalake import DeltaTable
from typer.testing import CliRunner

from assets.tables import intake
from assets.tables.office import CURRENT
from pipelines.cli import app
from pipelines.handbook.contract import TABLES, page
from pipelines.office import Office
from pipelines.settings import load
from pipelines.views.workbook import MOST_ROWS, TooManyRows, workbook

CONTRACT = Path(__file__).parents[3] / "docs" / "decisions.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", CONTRACT.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def current(home: Path) -> pl.DataFrame:
    return Office(load(home)).store.read(CURRENT)


def run(example: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.chdir(home)
    names: dict[str, Any] = {}
    exec(compile(example, "docs/decisions.md", "exec"), names)
    return names


def test_the_columns_of_the_contract_are_the_declared_ones() -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    assert page(text) == text, "run `make docs`"
    with pytest.raises(ValueError, match="must hold"):
        page("nothing")


def test_the_contract_has_an_example_for_polars_sql_and_the_change_feed() -> None:
    assert len(EXAMPLES) == 4


def test_the_examples_in_polars_find_the_refused_and_why(
    home: Path, current: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = run(EXAMPLES[0], home, monkeypatch)["refused"]
    expected = current.filter(outcome="refused")
    assert refused.height == expected.height > 0
    failed = run(EXAMPLES[1], home, monkeypatch)["failed"]
    assert set(failed["application_id"]) == set(expected["application_id"])


def test_the_example_in_sql_counts_every_case_once(
    home: Path, current: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_kind = run(EXAMPLES[2], home, monkeypatch)["by_kind"]
    assert sum(cases for _, _, cases, _ in by_kind) == current["outcome"].drop_nulls().len()


def test_the_example_of_the_change_feed_gives_every_row_once(
    home: Path, current: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = run(EXAMPLES[3], home, monkeypatch)["new"]
    assert sorted(new["application_id"]) == sorted(current["application_id"])


def test_the_view_has_one_row_per_application_with_its_times_in_order(
    home: Path, current: pl.DataFrame
) -> None:
    filed = Office(load(home)).store.read(intake.APPLICATION)
    assert sorted(current["application_id"]) == sorted(filed["application_id"])
    done = current.drop_nulls(["certified_at", "archived_at"])
    assert done.height > 0
    times = ["filed_at", "decided_at", "certified_at", "archived_at"]
    for earlier, later in pairwise(times):
        assert (done[earlier] <= done[later]).all()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_of_the_contract_keeps_a_change_feed(home: Path, table: Any) -> None:
    opened = DeltaTable(Office(load(home)).store.path(table))
    assert opened.metadata().configuration["delta.enableChangeDataFeed"] == "true"
    feed = pl.DataFrame(opened.load_cdf(starting_version=0).read_all())
    assert set(feed["_change_type"]) <= {"insert", "update_preimage", "update_postimage"}


def test_the_workbook_holds_every_application_and_the_meaning_of_its_columns(
    home: Path, current: pl.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "cases.xlsx"
    result = CliRunner().invoke(app, ["--home", str(home), "decisions", "--excel", str(path)])
    assert result.exit_code == 0, result.output
    book = fastexcel.read_excel(path)
    assert book.sheet_names == ["案件现状", "各列 columns"]
    rows = book.load_sheet(0).to_polars()
    assert rows.columns == CURRENT.schema.names()
    assert sorted(rows["application_id"]) == sorted(current["application_id"])
    assert book.load_sheet(1).to_polars()["列 column"].to_list() == CURRENT.schema.names()
    filed = rows.row(0, named=True)["filed_at"].isoformat(sep=" ")
    at = current.filter(application_id=rows["application_id"][0])["filed_at"]
    assert filed[:19] == at.dt.convert_time_zone("Asia/Shanghai").dt.strftime("%F %T")[0]


def test_only_what_was_filed_since_a_day_is_written(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "none.xlsx"
    arguments = ["--home", str(home), "decisions", "--excel", str(path), "--since", "2030-01-01"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert fastexcel.read_excel(path).load_sheet(0).to_polars().height == 0


def test_a_workbook_is_not_written_under_the_name_of_another_form(
    home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "cases.csv"
    result = CliRunner().invoke(app, ["--home", str(home), "decisions", "--excel", str(path)])
    assert result.exit_code == 2 and ".xlsx" in result.stderr
    assert not path.exists()


def test_a_name_that_looks_like_a_formula_stays_a_text(current: pl.DataFrame) -> None:
    hostile = '=HYPERLINK("http://x","y")'
    rows = current.head(1).with_columns(enterprise_name=pl.lit(hostile))
    sheet = fastexcel.read_excel(io.BytesIO(workbook(CURRENT, rows)).getvalue()).load_sheet(0)
    assert sheet.to_polars()["enterprise_name"].to_list() == [hostile]


def test_more_rows_than_a_sheet_holds_are_refused() -> None:
    many = pl.DataFrame({"application_id": ["a"]}).select(
        pl.col("application_id").repeat_by(MOST_ROWS + 1).explode()
    )
    with pytest.raises(TooManyRows, match="1048576"):
        workbook(CURRENT, many)
