"""`miaoban document` writes the decision document of a case from the decision tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import miaoban

from assets.tables import decision
from pipelines.office import Office
from pipelines.settings import load
from pipelines.terminal.console import Exit


@pytest.fixture(scope="module")
def refused(home: Path) -> str:
    decisions = Office(load(home)).store.read(decision.DECISION)
    return str(decisions.filter(outcome="refused")["application_id"][0])


def test_both_forms_are_written_and_come_out_the_same_again(
    home: Path, refused: str, tmp_path: Path
) -> None:
    for turn in ("a", "b"):
        result = miaoban(
            home,
            *("document", refused),
            *("--html", str(tmp_path / f"{turn}.html"), "--pdf", str(tmp_path / f"{turn}.pdf")),
        )
        assert result.exit_code == 0, result.output
    page, pdf = (tmp_path / "a.html").read_bytes(), (tmp_path / "a.pdf").read_bytes()
    assert "不予行政许可决定书" in page.decode() and refused in page.decode()
    assert pdf.startswith(b"%PDF")
    assert page == (tmp_path / "b.html").read_bytes()
    assert pdf == (tmp_path / "b.pdf").read_bytes()


def test_without_a_path_the_page_goes_to_standard_output(home: Path, refused: str) -> None:
    result = miaoban(home, "document", refused)
    assert result.stdout.startswith("<!doctype html>")


def test_a_case_that_nobody_decided_has_no_document(home: Path) -> None:
    result = miaoban(home, "document", "SB00000000-00000")
    assert result.exit_code == Exit.NOT_FOUND
    assert "no decision of a case SB00000000-00000" in result.stderr
    assert "miaoban show SB00000000-00000" in result.stderr
