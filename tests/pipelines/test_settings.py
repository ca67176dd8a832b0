"""Settings come from arguments, environment and the home's file, and bad ones are told."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipelines.demo import demo_home
from pipelines.settings import Pkcs12Seal, SettingsError, load


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MIAOBAN_HOME", str(tmp_path))


def test_a_home_without_a_file_is_in_production_in_real_time(tmp_path: Path) -> None:
    settings = load()
    assert settings.folder == tmp_path
    assert settings.profile == "production"
    assert settings.clock is None
    assert abs((settings.now() - datetime.now(UTC)).total_seconds()) < 5


def test_a_recalled_rule_may_grant_in_the_demo_and_not_in_production(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not load().may_grant_on_recalled_rules
    (tmp_path / "miaoban.toml").write_text('profile = "demo"\n')
    assert load().may_grant_on_recalled_rules
    monkeypatch.setenv("MIAOBAN_RECALLED_MAY_GRANT", "false")
    assert not load().may_grant_on_recalled_rules


def test_the_environment_overrules_the_file_of_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "miaoban.toml").write_text('profile = "demo"\nclock = 2017-03-01T10:00:00+08:00\n')
    assert load().now() == datetime(2017, 3, 1, 2, tzinfo=UTC)
    monkeypatch.setenv("MIAOBAN_CLOCK", "2018-01-01T00:00:00+08:00")
    assert load().now() == datetime(2017, 12, 31, 16, tzinfo=UTC)


def test_an_argument_names_the_home_whose_file_is_read(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "miaoban.toml").write_text('lake = "s3://bucket/lake"\n')
    assert load(other).lake_root == "s3://bucket/lake"
    assert load().lake_root == str(tmp_path / "lake")


def test_a_pkcs12_seal_is_set_by_nested_variables_and_its_passphrase_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MIAOBAN_SEAL__KIND", "pkcs12")
    monkeypatch.setenv("MIAOBAN_SEAL__PATH", "/run/seal.p12")
    monkeypatch.setenv("MIAOBAN_SEAL__PASSPHRASE", "open sesame")
    seal = load().seal
    assert isinstance(seal, Pkcs12Seal)
    assert seal.path == Path("/run/seal.p12")
    assert "sesame" not in repr(load())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("clock = 2017-03-01T10:00:00\n", "clock: 应为带时区的时间 Input should have timezone"),
        (
            "clock = 2017-03-01T10:00:00+08:00\n",
            "settings: 固定时钟只用于演示.* a fixed clock is for the demo",
        ),
        ("colour = 1\n", "colour: 没有此项 Extra inputs"),
        ("supplement_days = 0\n", "supplement_days: 超出范围 Input should be greater"),
        ("supplement_days = 61\n", "supplement_days: 超出范围 Input should be less"),
        ("supplement_days = 'x'\n", "supplement_days: 应为整数 Input should be a valid integer"),
        ("[seal]\nkind = 'pkcs12'\n", "path: 缺少此项 Field required"),
        ("profile = \n", "不是有效的TOML.* not TOML"),
    ],
)
def test_a_bad_setting_is_told_with_its_name_its_file_and_the_remedy(
    tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "miaoban.toml").write_text(text)
    with pytest.raises(SettingsError, match=told) as caught:
        load()
    assert "miaoban.toml" in str(caught.value)
    assert "mend" in str(caught.value)
    assert "改正" in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("MIAOBAN_AUTHORITY", "某厅", "环境变量有误.*JSON.*authority"),
        ("MIAOBAN_DECIDED_BY", "{S07", "环境变量有误.*JSON.*decided_by"),
        ("MIAOBAN_SUPLEMENT_DAYS", "30", "MIAOBAN_SUPLEMENT_DAYS .* is MIAOBAN_SUPPLEMENT_DAYS"),
        ("MIAOBAN_PSEUDONYM_KEYS", "k", "是否应为 MIAOBAN_PSEUDONYM_KEY "),
        ("MIAOBAN_SEALS__KIND", "pkcs12", "MIAOBAN_SEALS__KIND .* is MIAOBAN_SEAL meant"),
    ],
)
def test_a_variable_that_cannot_be_a_setting_is_told_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=told):
        load()


def test_a_variable_of_somebody_else_is_no_matter_of_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MIAOBAN_POSTGRES_URL", "postgresql://dagster@host/dagster")
    load()


def test_a_settings_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "miaoban.toml"
    file.write_bytes('authority = { name_zh = "住建厅" }\n'.encode("gbk"))
    with pytest.raises(SettingsError, match=r"miaoban\.toml 不是有效的TOML.* not TOML"):
        load()


def test_a_connection_is_set_in_the_file_and_its_secret_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "miaoban.toml").write_text(
        '[connections.credit]\nurl = "https://example.invalid"\n'
    )
    monkeypatch.setenv("MIAOBAN_CONNECTIONS__CREDIT__SECRET", "geheim")
    settings = load(tmp_path)
    assert settings.connections["credit"].address == "https://example.invalid"
    assert settings.connections["credit"].require_secret("credit") == "geheim"
    assert "geheim" not in repr(settings)


def test_a_copied_home_reads_the_databases_of_the_copy(tmp_path: Path) -> None:
    demo_home(tmp_path / "home", date(2017, 3, 1))
    copied = load(Path(shutil.copytree(tmp_path / "home", tmp_path / "copy")))
    file = tmp_path / "copy" / "databases" / "permits.sqlite"
    assert copied.reached["permits"].address == f"sqlite:///{file}"


@pytest.mark.parametrize(
    "url", ["sqlite:////srv/permits.sqlite", "postgresql://reader@host/permits", "https://host"]
)
def test_an_address_that_names_no_file_of_the_home_stays_as_it_is(url: str, tmp_path: Path) -> None:
    (tmp_path / "miaoban.toml").write_text(f'[connections.permits]\nurl = "{url}"\n')
    assert load(tmp_path).reached["permits"].address == url
