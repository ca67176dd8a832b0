"""Every decision of the town is derived again from what it names, and a changed log is seen."""

from __future__ import annotations

import gzip
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from assets.lake.store import Store
from assets.tables import archive, certificate, decision, enterprise, personnel
from checks import release
from decisions.engine import Decided
from decisions.replay import compare, replay
from decisions.rulebook import load as load_rulebook
from pipelines.chain import ChainReport
from pipelines.definitions import build_defs
from pipelines.express import apply
from pipelines.office import Office
from pipelines.replaying import from_archive
from pipelines.settings import load


@pytest.fixture(scope="module")
def town_office(town: tuple[Path, ChainReport]) -> Office:
    return Office(load(town[0]))


def test_every_decision_comes_out_the_same_bit_for_bit(town_office: Office) -> None:
    made = town_office.store.read(decision.DECISION)
    again = replay(town_office.store, town_office.rulebook)
    assert len(again) == made.height > 0
    assert [one.differences for one in again if not one.is_same] == []


def test_only_the_cases_asked_for_are_replayed(town_office: Office) -> None:
    case = town_office.store.read(decision.DECISION)["application_id"][0]
    again = replay(town_office.store, town_office.rulebook, [case])
    assert {one.application_id for one in again} == {case}


def of_log(office: Office) -> Decided:
    return Decided(
        office.store.read(decision.DECISION),
        office.store.read(decision.CRITERION),
        office.store.read(decision.EVIDENCE),
        office.store.read(decision.MISSING),
    )


@pytest.mark.parametrize("column", ["outcome", "reason_zh", "rule_digest", "valid_until"])
def test_a_decision_that_was_altered_is_named_with_both_values(
    town_office: Office, column: str
) -> None:
    log = of_log(town_office)
    value = log.decisions[column].drop_nulls()[0]
    other = None if column == "valid_until" else f"{value}x"
    altered = log.decisions.with_columns(
        pl.when(pl.col(column) == value).then(pl.lit(other)).otherwise(column).alias(column)
    )
    found = [
        one
        for one in compare(Decided(altered, log.criteria, log.evidence, log.missing), log)
        if not one.is_same
    ]
    assert found
    assert all(column in one.differences[0] for one in found)


def test_a_row_of_any_log_lost_or_added_is_named(town_office: Office) -> None:
    log = of_log(town_office)
    short = Decided(log.decisions, log.criteria[1:], log.evidence[1:], log.missing[1:])
    told = [text for one in compare(short, log) for text in one.differences]
    assert len(told) == 3 and all("was not there" in text for text in told)
    told = [text for one in compare(log, short) for text in one.differences]
    assert len(told) == 3 and all("not there again" in text for text in told)


def test_a_decision_comes_out_the_same_when_the_rulebook_has_moved_on(town_office: Office) -> None:
    doubtful = next(one for one in town_office.rulebook.jurisdiction.powers if one.doubt)
    moved_on = load_rulebook(decided_by={f"{doubtful.codes[0]} {doubtful.levels[0]}": "city"})
    assert moved_on.digest != town_office.rulebook.digest
    cases = town_office.store.read(decision.DECISION)["application_id"][:10].to_list()
    again = replay(town_office.store, moved_on, cases)
    assert [one.differences for one in again if not one.is_same] == []


def test_upkeep_leaves_every_version_that_a_decision_cites(office: Office) -> None:
    held = office.store.read(certificate.QUALIFICATION).filter(subcategory="").row(0, named=True)
    item = f"{held['category_code']}-{held['level']}"
    handled = apply(office, held["usc_code"], item, "replacement")
    assert handled.outcome == "granted"
    result = build_defs({"office": office}).resolve_job_def("upkeep").execute_in_process()
    assert result.success
    cited = office.store.read(decision.DECISION)["certificates_version"].drop_nulls().unique()
    assert max(cited) < (office.store.version(certificate.CERTIFICATE) or 0)
    again = replay(office.store, office.rulebook)
    assert handled.application_id in {one.application_id for one in again}
    assert [one.differences for one in again if not one.is_same] == []


def _without_its_data_files(store: Store, version: int) -> None:
    for file in store.files(enterprise.REGISTRY, version):
        Path(file).unlink()


def _with_a_damaged_data_file(store: Store, version: int) -> None:
    for file in store.files(enterprise.REGISTRY, version):
        Path(file).write_bytes(b"PAR1 but nothing else PAR1")


def _without_its_log(store: Store, version: int) -> None:
    log = Path(store.path(enterprise.REGISTRY)) / "_delta_log"
    for number in range(version + 1):
        (log / f"{number:020}.json").unlink()


def _with_a_damaged_log(store: Store, version: int) -> None:
    log = Path(store.path(enterprise.REGISTRY)) / "_delta_log"
    (log / f"{version:020}.json").write_text('{"bad')


@pytest.mark.parametrize(
    "lose",
    [_without_its_data_files, _with_a_damaged_data_file, _without_its_log, _with_a_damaged_log],
)
def test_a_decision_whose_data_are_gone_is_told_apart_and_replays_from_its_package(
    office: Office, lose: Callable[[Store, int], None]
) -> None:
    kept = release.latest(office.store)
    assert kept is not None
    lose(office.store, kept.versions[enterprise.REGISTRY.name])
    made = office.store.read(decision.DECISION)
    lost = replay(Office(load(office.settings.folder)).store, office.rulebook)
    assert len(lost) == made.height > 0
    assert all("--from-archive" in only for one in lost for only in one.differences)
    assert not any("<unknown>" in only for one in lost for only in one.differences), "no trace"
    assert not any(one.is_same for one in lost)
    again = from_archive(office, lambda done, of: None)
    assert again and all(one.is_same for one in again)


def test_the_package_of_another_case_in_its_place_is_told(office: Office) -> None:
    records = office.store.read(archive.RECORD).sort("application_id")
    one, other = (office.settings.archive / name for name in records["file_name"][:2])
    shutil.copyfile(other, one)
    again = from_archive(office, lambda done, of: None)
    (told,) = (each for each in again if not each.is_same)
    assert told.application_id == records["application_id"][0]
    assert "not the package that was recorded" in told.differences[0]
    assert len(again) == records.height


def test_a_package_holds_pseudonyms_and_no_identity_number(town_office: Office) -> None:
    persons = town_office.store.read(personnel.PERSON)
    numbers = set(persons["id_number"].drop_nulls())
    assert numbers
    seen = 0
    for path in sorted(town_office.settings.archive.glob("*/*.zip"))[:10]:
        with zipfile.ZipFile(path) as package:
            text = gzip.decompress(package.read("portfolio.json.gz")).decode()
        assert not {number for number in re.findall(r"\d{17}[\dX]", text) if number in numbers}
        seen += sum(key in text for key in persons["person_key"])
    assert seen > 0
