"""The page of the rules follows from the files of the rulebook."""

from __future__ import annotations

from pathlib import Path

from shipped import BOOK

from decisions.rules_page.page import coverage

ROOT = Path(__file__).parents[3]


def test_the_page_of_the_rules_is_the_one_the_rulebook_gives() -> None:
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert written == coverage(BOOK), "run `make docs`"


def test_the_page_tells_every_category_level_amendment_and_unknown() -> None:
    page = coverage(BOOK)
    for category in BOOK.categories.values():
        assert f"## {category.code} {category.name_zh}\n" in page
        for level in category.levels:
            assert f"| {level.subcategory}{level.level} |" in page
            for name in level.unknown:
                assert f"`{name}`" in page
    for amendment in BOOK.amendments:
        assert f"`{amendment.id}`" in page
