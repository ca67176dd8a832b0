"""What cannot be replayed from its package says why, and what to do."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from shipped import BOOK
from town import ANNA, Town

from assets.lake.store import Store
from certificates.archiving.archive import PORTFOLIO, RULEBOOK, archive_pending
from certificates.archiving.package import MANIFEST, METADATA, check_package, pack
from certificates.archiving.replay import PackageError, replay_package
from certificates.files import canonical_json, sha256
from decisions.rulebook import load

Change = Callable[[dict[str, bytes]], None]


@pytest.fixture
def package(town: Town, store: Store, folder: Path, tmp_path: Path, now: datetime) -> Path:
    town.registered(ANNA)
    town.release()
    town.decide(ANNA, "none", outcome="refused", rulebook_digest=BOOK.digest)
    return archive_pending(store, BOOK, folder, tmp_path / "archive", now).archived[0]


def rewrite(path: Path, change: Change) -> None:
    """Change the files of a package so that it is sound in itself."""
    with zipfile.ZipFile(path) as read:
        files = {name: read.read(name) for name in read.namelist() if name != MANIFEST}
    change(files)
    metadata = json.loads(files.pop(METADATA))
    metadata["files"] = [{"name": name, "sha256": sha256(files[name])} for name in sorted(files)]
    path.write_bytes(pack({**files, METADATA: canonical_json(metadata)}))
    assert check_package(path).is_sound


def test_a_decision_that_the_facts_do_not_bear_out_is_told_apart(package: Path) -> None:
    replayed = replay_package(package)
    assert not replayed.is_same
    assert any("outcome" in difference for difference in replayed.differences)


def test_a_package_is_held_to_the_digest_that_its_record_has(package: Path) -> None:
    recorded = check_package(package).package_sha256
    assert replay_package(package, recorded) == replay_package(package)
    rewrite(package, lambda files: files.update({"application.json": files["application.json"]}))
    with pytest.raises(PackageError, match="not the package that was recorded"):
        replay_package(package, recorded)
    with pytest.raises(PackageError, match="not sound"):
        package.write_bytes(package.read_bytes() + b"x")
        replay_package(package, recorded)


def test_a_package_from_before_packages_held_the_facts_names_what_is_missing(
    package: Path,
) -> None:
    rewrite(package, lambda files: files.pop(PORTFOLIO) and None)
    with pytest.raises(PackageError, match=r"holds no .*portfolio.*replay the case from the lake"):
        replay_package(package)


def test_a_rulebook_that_is_not_the_one_named_is_refused(package: Path) -> None:
    doubtful = next(one for one in BOOK.jurisdiction.powers if one.doubt)
    other = load(decided_by={f"{doubtful.codes[0]} {doubtful.levels[0]}": "city"})
    rewrite(package, lambda files: files.update({RULEBOOK: gzip.compress(other.document.encode())}))
    with pytest.raises(PackageError, match="not the rulebook that the decision names"):
        replay_package(package)


@pytest.mark.parametrize("name", [PORTFOLIO, RULEBOOK])
@pytest.mark.parametrize(
    "content",
    [b"", b"no gzip", gzip.compress(b"{}"), gzip.compress(b"[")],
    ids=[
        "empty",
        "no gzip",
        "no portfolio",
        "broken JSON",
    ],  # gzip holds the time: no name for a test
)
def test_a_member_that_cannot_be_read_is_an_error_and_no_crash(
    package: Path, name: str, content: bytes
) -> None:
    rewrite(package, lambda files: files.update({name: content}))
    with pytest.raises(PackageError):
        replay_package(package)


def test_a_damaged_package_is_not_replayed(package: Path) -> None:
    package.write_bytes(package.read_bytes()[:-40])
    with pytest.raises(PackageError, match="not sound"):
        replay_package(package)
