"""A copy of the compiled rulebook is what compiling gives, and never stale."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest
from shipped import BOOK

import decisions
from decisions.rulebook import Rulebook, cache, load, load_cached
from decisions.rulebook.errors import RulebookError
from decisions.rulebook.frames import RuleTables
from decisions.rulebook.tables import compile_tables

SHIPPED = Path(decisions.__file__).parent / "standards"
NOT_CODE = shutil.ignore_patterns("standards", "__pycache__")


def same(one: Rulebook, other: Rulebook) -> bool:
    ours, theirs = compile_tables(one), compile_tables(other)
    return [r.digest for r in one.rule_sets] == [r.digest for r in other.rule_sets] and all(
        getattr(ours, table.name).equals(getattr(theirs, table.name))
        and getattr(ours, table.name).schema == getattr(theirs, table.name).schema
        for table in fields(RuleTables)
    )


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the copy of the rulebook that is shipped; not to be written."""
    folder = tmp_path_factory.mktemp("copies")
    load_cached(folder)
    return folder


@pytest.fixture
def standards(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "standards"))


def test_the_copy_gives_the_same_rules_and_tables_as_the_files(tmp_path: Path) -> None:
    first, second = load_cached(tmp_path), load_cached(tmp_path)
    assert first is not second
    assert same(first, second)
    assert same(second, BOOK)


def test_a_changed_figure_is_never_read_from_an_old_copy(tmp_path: Path, standards: Path) -> None:
    folder = tmp_path / "copies"
    before = load_cached(folder, standards)
    path = standards / "specialty" / "11-building-decoration.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("at_least: 1500 万元", "at_least: 1600 万元"), encoding="utf-8")
    after = load_cached(folder, standards)
    assert not same(before, after)
    assert same(after, load(standards))
    assert len(list(folder.iterdir())) == 1, "the older copy is still there"


@pytest.mark.parametrize("name", ["english.yaml", "english.py"])
def test_a_text_in_other_words_is_never_read_from_an_old_copy(
    tmp_path: Path, copies: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = Path(shutil.copytree(copies, tmp_path / "copies"))
    (older,) = folder.iterdir()
    other = Path(shutil.copytree(SHIPPED.parent, tmp_path / "decisions", ignore=NOT_CODE))
    with (other / name).open("a", encoding="utf-8") as text:
        text.write("# otherwise\n")
    monkeypatch.setattr(cache, "files", lambda _: other)
    load_cached(folder)
    (newer,) = folder.iterdir()
    assert newer.name != older.name


@pytest.mark.parametrize("name", ["atoms.arrow", "parsed.json", "sha256.json"])
def test_a_damaged_copy_is_made_anew(tmp_path: Path, copies: Path, name: str) -> None:
    folder = Path(shutil.copytree(copies, tmp_path / "copies"))
    (copy,) = folder.iterdir()
    (copy / name).write_bytes(b"damaged")
    assert same(load_cached(folder), BOOK)
    assert (copy / name).read_bytes() != b"damaged"


def test_a_wrong_rulebook_leaves_no_copy(tmp_path: Path, standards: Path) -> None:
    path = standards / "kinds.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\nwhat: 1\n", encoding="utf-8")
    with pytest.raises(RulebookError, match="what"):
        load_cached(tmp_path / "copies", standards)
    assert not (tmp_path / "copies").exists()


def test_a_key_that_stands_twice_is_refused(standards: Path) -> None:
    path = standards / "codes" / "metrics.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n功率: {unit: 米}\n", encoding="utf-8")
    with pytest.raises(RulebookError, match="stand twice"):
        load(standards)


def test_a_copy_is_ready_in_less_than_half_the_time_of_the_files(copies: Path) -> None:
    def spent(read: Callable[[], Rulebook]) -> float:
        """Of the processor: the clock would count whatever else the machine does."""
        began = time.process_time()
        compile_tables(read())
        return time.process_time() - began

    from_copy = min(spent(lambda: load_cached(copies)) for _ in range(3))
    assert from_copy < spent(load) / 2
