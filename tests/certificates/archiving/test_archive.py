"""Packages of closed cases: complete, the same bytes every time, and checkable by themselves."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from shipped import BOOK
from town import ANNA, BELLA, Town, rule_set

from assets.lake.store import Store
from assets.tables import archive
from certificates.archiving.archive import ArchiveReport, archive_pending
from certificates.archiving.package import METADATA, check_package, pack
from certificates.files import sha256
from certificates.issuing.issue import issue_pending
from certificates.seal import Seal

Archive = Callable[[], ArchiveReport]


@pytest.fixture
def archive_now(store: Store, folder: Path, tmp_path: Path, now: datetime) -> Archive:
    return lambda: archive_pending(store, BOOK, folder, tmp_path / "archive", now)


@pytest.fixture
def granted(town: Town, store: Store, seal: Seal, folder: Path, now: datetime) -> str:
    case = town.newcomer()
    issue_pending(store, seal, folder, now)
    return case


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.mark.provision("H1", "H5")
def test_a_granted_case_is_one_package_of_everything_it_rests_on(
    granted: str, archive_now: Archive, folder: Path, store: Store
) -> None:
    path = archive_now().archived[0]
    files = contents(path)
    assert list(files) == [
        "application.json",
        "certificate.pdf",
        "criteria.json",
        "decision.json",
        "document.html",
        "evidence.json",
        "manifest-sha256.txt",
        "metadata.json",
        "portfolio.json.gz",
        "rulebook.json.gz",
        "rules.json",
    ]
    assert json.loads(files["decision.json"])["application_id"] == granted
    assert json.loads(files["criteria.json"])[0]["actual"] == "231.7 万元"
    assert json.loads(files["evidence.json"])[0]["content"] == {
        "registered_capital_yuan": "2317000.00"
    }
    assert sha256(files["rules.json"]) == rule_set().digest
    assert "准予行政许可决定书" in files["document.html"].decode()
    assert files["certificate.pdf"] == next(folder.glob("*/*.pdf")).read_bytes()
    row = store.read(archive.RECORD).row(0, named=True)
    assert (row["package_sha256"], row["byte_count"], row["file_count"]) == (
        sha256(path.read_bytes()),
        path.stat().st_size,
        11,
    )
    assert row["certificate_version"] == 1


@pytest.mark.provision("E28", "H7", "H10", "J9")
def test_metadata_name_title_numbers_organ_dates_retention_and_process(
    granted: str, archive_now: Archive
) -> None:
    metadata = json.loads(contents(archive_now().archived[0])[METADATA])
    assert metadata["title"] == "杭州新安江建设有限公司 S11二级 首次申请"
    assert metadata["responsible_organ"] == "浙江省住房和城乡建设厅"
    assert metadata["retention_years"] == 30
    assert metadata["dated_on"] == "2017-03-01"
    assert metadata["document_numbers"]["application_id"] == granted
    assert [act["act_zh"] for act in metadata["process"]] == ["申请", "受理", "决定", "签发证书"]
    assert {entry["name"] for entry in metadata["files"]} >= {"decision.json", "certificate.pdf"}


@pytest.mark.provision("H5")
def test_a_refusal_is_archived_without_a_certificate(
    town: Town, archive_now: Archive, store: Store
) -> None:
    town.registered(ANNA)
    town.decide(ANNA, "none", outcome="refused")
    assert "certificate.pdf" not in contents(archive_now().archived[0])
    assert store.read(archive.RECORD)["certificate_no"].to_list() == [None]


def test_a_case_decided_before_any_rule_was_reached_has_no_rules(
    town: Town, archive_now: Archive
) -> None:
    town.registered(ANNA)
    town.decide(ANNA, "none", outcome="not_accepted", rule_digest="")
    assert "rules.json" not in contents(archive_now().archived[0])


def test_a_grant_waits_for_its_certificate_and_an_open_case_for_its_end(
    town: Town, archive_now: Archive, store: Store, seal: Seal, folder: Path, now: datetime
) -> None:
    town.newcomer()
    town.decide(BELLA, "none", outcome="awaiting_data", is_final=False)
    assert archive_now().archived == []
    issue_pending(store, seal, folder, now)
    assert len(archive_now().archived) == 1


def test_a_second_run_writes_nothing(granted: str, archive_now: Archive, store: Store) -> None:
    archive_now()
    version = store.version(archive.RECORD)
    assert archive_now().archived == []
    assert store.version(archive.RECORD) == version


class Killed(BaseException):
    """Stands for SIGKILL."""


def test_a_run_killed_before_its_commit_gives_the_same_bytes_when_run_again(
    granted: str,
    archive_now: Archive,
    tmp_path: Path,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("assets.lake.store.Turn.append", die)
        with pytest.raises(Killed):
            archive_now()
    left_behind = next((tmp_path / "archive").glob("*/*.zip")).read_bytes()
    assert store.read(archive.RECORD).is_empty()
    assert archive_now().archived[0].read_bytes() == left_behind
    assert store.read(archive.RECORD).height == 1


def test_a_case_whose_certificate_was_tampered_with_is_reported_and_the_rest_goes_on(
    granted: str, town: Town, archive_now: Archive, folder: Path
) -> None:
    path = next(folder.glob("*/*.pdf"))
    path.write_bytes(path.read_bytes() + b" ")
    town.registered(BELLA)
    town.decide(BELLA, "none", outcome="refused")
    report = archive_now()
    assert len(report.archived) == 1
    assert report.not_archived[0].application_id == granted
    assert "not the file the register names" in report.not_archived[0].reason


def test_a_rule_set_that_is_gone_is_reported(town: Town, archive_now: Archive) -> None:
    town.registered(ANNA)
    town.decide(ANNA, "none", outcome="refused", rule_digest="0" * 64)
    assert "no rule set with digest" in archive_now().not_archived[0].reason


@pytest.mark.provision("H11")
def test_a_sound_package_passes_its_check(granted: str, archive_now: Archive) -> None:
    answer = check_package(archive_now().archived[0])
    assert answer.is_sound
    assert answer.to_json()["file_count"] == 11


def rewritten(path: Path, change: Callable[[dict[str, bytes]], None]) -> tuple[str, ...]:
    """The faults of the package after `change`, with its manifest left as it was."""
    files = contents(path)
    change(files)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in files.items():
            package.writestr(name, content)
    path.write_bytes(out.getvalue())
    return check_package(path).faults


@pytest.mark.provision("H11")
def test_a_changed_file_is_found(granted: str, archive_now: Archive) -> None:
    path = archive_now().archived[0]
    faults = rewritten(
        path,
        lambda files: files.update(
            {"decision.json": files["decision.json"].replace(b"granted", b"refused")}
        ),
    )
    assert faults == ("decision.json: changed, its digest is not the manifest's",)


@pytest.mark.provision("H11")
def test_a_missing_and_an_added_file_are_found(granted: str, archive_now: Archive) -> None:
    path = archive_now().archived[0]

    def swap(files: dict[str, bytes]) -> None:
        files["extra.txt"] = files.pop("evidence.json")

    assert rewritten(path, swap) == (
        "evidence.json: named in the manifest, not in the package",
        "extra.txt: in the package, not in the manifest",
    )


@pytest.mark.provision("H11")
def test_a_consistent_forgery_of_file_and_manifest_is_found_by_the_metadata(
    granted: str, archive_now: Archive
) -> None:
    path = archive_now().archived[0]
    files = contents(path)
    files.pop("manifest-sha256.txt")
    files["decision.json"] = b"{}"
    path.write_bytes(pack(files))
    assert check_package(path).faults == ("decision.json: the metadata describe another file",)


@pytest.mark.provision("H11")
def test_bytes_outside_the_files_are_found(granted: str, archive_now: Archive) -> None:
    path = archive_now().archived[0]
    path.write_bytes(b"#!hidden\n" + path.read_bytes())
    assert not check_package(path).is_sound


def test_what_is_no_package_is_a_fault_and_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"PK\x03\x04 nothing")
    assert check_package(path).faults[0].startswith("not a readable package")


def test_the_year_of_the_decision_in_china_names_the_folder(
    town: Town, archive_now: Archive
) -> None:
    town.registered(ANNA)
    town.decide(
        ANNA,
        "none",
        outcome="refused",
        decided_at=datetime.fromisoformat("2016-12-31T16:30:00+00:00"),
    )
    assert archive_now().archived[0].parent.name == str(date(2017, 1, 1).year)
