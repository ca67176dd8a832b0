"""The catalogue is whole, and says of every check where it is carried out or what it lacks."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from assets.lake.store import Store
from assets.tables import BASE_TABLES, BY_NAME
from checks import catalogue
from checks.catalogue import BY_ID, CATALOGUE, Entry
from checks.cross import CHECKS
from checks.quality import whole
from checks.register import places
from decisions.admission import ORDER

ROOT = Path(__file__).parents[2]
PARTS = {
    "net_assets",
    "constructors",
    "technical_lead",
    "titled_staff",
    "site_managers",
    "skilled_workers",
    "performance",
    "lead_performance",
    "equipment",
    "art23",
}


def test_it_has_each_of_the_124_once_in_its_order() -> None:
    groups = {"F": 14, "E": 22, "P": 34, "J": 32, "Q": 5, "C": 11, "D": 6}
    assert [entry.id for entry in CATALOGUE] == [
        f"{group}-{number:02d}" for group, last in groups.items() for number in range(1, last + 1)
    ]


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.id)
def test_a_check_is_carried_out_somewhere_or_says_what_it_lacks(entry: Entry) -> None:
    assert places(entry) or entry.lacks
    assert entry.zh != entry.en


def test_every_check_in_the_code_is_one_of_the_catalogue() -> None:
    in_code = {
        *(one.id.partition(":")[0] for one in CHECKS),
        *whole.CATALOGUED,
        *(
            rule.check_id
            for table in BASE_TABLES
            for rule in table.rules
            if not rule.check_id.startswith("B-")
        ),
    }
    assert in_code <= set(BY_ID)


def test_the_places_it_names_exist() -> None:
    for entry in CATALOGUE:
        assert entry.module is None or (ROOT / entry.module).exists(), entry.id
        assert set(entry.decision) <= set(ORDER) | PARTS, entry.id
        for place in places(entry):
            if place.kind in ("row", "suite", "cross", "whole"):
                assert place.name in BY_NAME, entry.id


def test_the_checks_of_whole_tables_are_those_that_say_so(store: Store) -> None:
    told: dict[str, set[str]] = {}
    for outcome in whole.examine(store):
        check_id = outcome.check_id.partition(":")[0]
        if check_id in BY_ID:
            told.setdefault(check_id, set()).add(outcome.target)
    assert told == {name: set(tables) for name, tables in whole.CATALOGUED.items()}


def test_a_check_of_the_law_names_its_clause() -> None:
    with pytest.raises(ValueError, match="names its clause"):
        Entry(id="P-07", zh="老", en="old", severity=("LAW",), why="they say so")


def test_a_catalogue_that_lost_a_check_does_not_load(tmp_path: Path) -> None:
    told = yaml.safe_load((ROOT / "checks" / "catalogue.yaml").read_text("utf-8"))
    path = tmp_path / "catalogue.yaml"
    path.write_text(yaml.safe_dump(told[1:], allow_unicode=True), "utf-8")
    with pytest.raises(ValueError, match="123 entries"):
        catalogue.load(path)
