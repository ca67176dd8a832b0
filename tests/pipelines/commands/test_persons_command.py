"""What stewards state about identity numbers on the command line, and how they are told."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from assets.identifiers import person_key
from assets.tables import personnel
from pipelines.cli import app
from pipelines.office import Office
from pipelines.settings import load
from pipelines.terminal.console import Exit

ZHANG, LI, WANG = "330199198503120013", "330199198503120021", "330199196307010037"
GROUNDS = ("--by", "王五", "--because", "重号", "--document", "杭公户证〔2017〕3号")
WRONG_USE = 2


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose lake knows three people."""
    office = Office(load(tmp_path))
    came = {"delivery_id": "d", "row_no": 1, "received_at": datetime(2017, 1, 1, tzinfo=UTC)}
    rows = [
        {"person_key": person_key(number, office.pseudonym_key), "id_number": number, **came}
        for number in (ZHANG, LI, WANG)
    ]
    people = pl.DataFrame(rows).with_columns(born_on=pl.lit(date(1985, 3, 12)))
    office.store.replace(personnel.PERSON, personnel.PERSON.conform(people))
    return tmp_path


def persons(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), "persons", *arguments])


def test_a_number_is_stated_to_be_several_persons_and_one_persons_again(home: Path) -> None:
    shared = persons(home, "shared", ZHANG, *GROUNDS, "--json")
    assert shared.exit_code == Exit.DONE, shared.output
    assert json.loads(shared.stdout)["is_new"]
    assert "已有此认定 it is stated already" in persons(home, "shared", ZHANG, *GROUNDS).stdout
    sole = persons(home, "sole", ZHANG, *GROUNDS)
    assert sole.exit_code == Exit.DONE and "一人独用 borne by one person" in sole.stdout
    # Lines are as wide as the terminal.
    told = " ".join(persons(home, "list").stdout.split())
    assert "多人共用 borne by several persons（已被后一认定取代 a later one holds）" in told
    assert "330***********0013" in told and ZHANG not in told


def test_what_cannot_be_stated_says_how_it_is_wrong(home: Path) -> None:
    unsound = persons(home, "shared", ZHANG[:-1] + "4", *GROUNDS)
    assert unsound.exit_code == WRONG_USE
    assert persons(home, "same", ZHANG, ZHANG, *GROUNDS).exit_code == WRONG_USE
    empty = persons(home, "sole", ZHANG, *GROUNDS[:-1], " ")
    assert empty.exit_code == WRONG_USE
    unknown = persons(home, "shared", "330799195812310055", *GROUNDS)
    assert unknown.exit_code == Exit.NOT_FOUND
    assert persons(home, "same", ZHANG, LI, *GROUNDS).exit_code == Exit.DONE
    assert persons(home, "same", LI, WANG, *GROUNDS).exit_code == Exit.DONE
    contradiction = persons(home, "different", ZHANG, WANG, *GROUNDS)
    assert contradiction.exit_code == Exit.CONTRADICTED
    assert "contradicts what is stated" in contradiction.stderr
    assert persons(home, "different", ZHANG, LI, *GROUNDS).exit_code == Exit.DONE
    assert "330***********0013 ≠ 330***********0021" in persons(home, "list").stdout
