"""Keys are made once, whole and private; a development seal signs nothing in production."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipelines.office import Office, pseudonym_key
from pipelines.settings import Settings, SettingsError


def test_the_pseudonym_key_is_made_on_first_use_private_and_stays_the_same(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "pseudonym.key"
    key = pseudonym_key(file)
    assert len(key) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert pseudonym_key(file) == key


def test_racing_first_uses_end_with_one_key_and_no_remains(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "pseudonym.key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: pseudonym_key(file), range(32)))
    assert len(keys) == 1
    assert [path.name for path in file.parent.iterdir()] == ["pseudonym.key"]


def test_a_pseudonym_key_of_another_length_or_open_to_others_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pseudonym.key"
    file.write_bytes(b"short")
    file.chmod(0o600)
    with pytest.raises(SettingsError, match="5 bytes, not 32; restore it"):
        pseudonym_key(file)
    file.write_bytes(bytes(32))
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        pseudonym_key(file)


def test_a_development_seal_is_made_in_a_demo_home_and_refused_in_production(
    tmp_path: Path,
) -> None:
    with pytest.raises(SettingsError, match="pkcs12"):
        _ = Office(Settings(home=tmp_path, profile="production")).seal
    assert not (tmp_path / "keys").exists()
    assert Office(Settings(home=tmp_path, profile="demo")).seal.is_sample
