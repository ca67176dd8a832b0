"""The generated documents follow from the declarations, and the written ones name real things."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from assets.tables import TABLES
from checks.catalogue import CATALOGUE
from decisions.portfolios.document import schema_document
from pipelines.handbook import provisions_page
from pipelines.handbook.checks_page import measured, page
from pipelines.handbook.dictionary import dictionary

ROOT = Path(__file__).parents[1]
LAW = provisions_page.table()
tried = cache(provisions_page.marks)
ROOMS = ("assets", "checks", "decisions", "certificates", "pipelines")
CITED = re.compile(r"(?<![\w.-])([A-FHJW][1-9]\d?b?|B\d\.\d|G1[0-3]?|G[2-9])(?![\w-]|\.\d)")
"""A number of a provision in a text: neither a category (G01), nor a check (J-14) or a code (D1-1-01)."""
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_data_dictionary_is_the_one_the_declarations_give() -> None:
    written = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    assert written == dictionary(), "run `make docs`"


def test_the_schema_of_portfolios_is_the_one_the_declarations_give() -> None:
    written = (ROOT / "docs" / "portfolio.schema.json").read_text(encoding="utf-8")
    assert written == schema_document(), "run `make docs`"


def test_the_page_of_checks_is_the_one_the_catalogue_gives_and_has_every_check() -> None:
    written = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    assert written == page(measured()), "run `make docs`"
    for entry in CATALOGUE:
        assert written.count(f"\n| {entry.id} |") == 1


def test_the_page_of_provisions_is_the_one_the_table_and_the_marks_of_the_tests_give() -> None:
    written = (ROOT / "docs" / "provisions.md").read_text(encoding="utf-8")
    assert written == provisions_page.page(LAW, tried()), "run `make docs`"


def test_every_mark_of_a_test_names_a_provision_or_a_worked_case() -> None:
    assert tried()
    assert not tried().keys() - {*LAW.provisions, *LAW.worked_cases}


def test_every_provision_lives_in_a_file_that_exists_or_says_why_nowhere() -> None:
    for number, one in LAW.provisions.items():
        assert one.where or one.not_done, f"{number} has neither a place nor a reason"
        for path in one.where:
            assert (ROOT / path).is_file(), f"{number} is not in {path}"


def test_a_worked_case_rests_on_provisions_of_the_table() -> None:
    for number, case in LAW.worked_cases.items():
        assert set(case.rests_on) <= LAW.provisions.keys(), number


@pytest.mark.parametrize("room", ROOMS)
def test_every_number_of_the_law_that_code_cites_is_in_the_table(room: str) -> None:
    numbers = {*LAW.groups, *LAW.provisions, *LAW.worked_cases}
    for path in sorted((ROOT / room).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        unknown = sorted({*CITED.findall(text)} - numbers)
        assert not unknown, f"{path.relative_to(ROOT)} cites {unknown}"


def test_the_data_dictionary_tells_every_table_and_column_in_chinese_and_english() -> None:
    page = dictionary()
    for table in TABLES:
        assert f"### {table.name}\n" in page
        for column in table:
            assert column.zh and column.en, f"{table.name}.{column.name} has no meaning"
            assert f"| `{column.name}`" in page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_in_a_page_leads_to_a_file_or_a_heading_that_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w\s-]", "", title).strip().lower().replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http", "data:")):
            continue
        path, _, anchor = target.partition("#")
        if path:
            assert (page.parent / path).exists(), f"{page.name} links to {target}"
        elif anchor:
            assert anchor in headings, f"{page.name} links to #{anchor}"


def test_every_make_target_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"`make ([a-z]+)`", (ROOT / "README.md").read_text(encoding="utf-8")))
    targets = re.findall(
        r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert named <= set(targets)


def test_make_lists_its_targets_in_plain_words() -> None:
    """What stands behind `##` is printed as it is: a variable in it would be shown, not its value."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    told = re.findall(r"^[a-z]+:.*## (.+)$", makefile, re.MULTILINE)
    assert told and not [one for one in told if "$" in one]


def test_no_page_and_no_module_names_a_package_index_or_a_private_path() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock, "the lock file must name no host"
