"""The approval office at work: the store, clock, keys and rulebook that settings describe.

Belongs here: building what stages need from `Settings`, once per process and only when
asked for. Does not: a stage's work, Dagster.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path

from assets.channels import Channel, load_channels
from assets.lake.store import Store
from assets.sources.inbox import Inbox
from certificates.files import write_secret
from certificates.layout import Authority
from certificates.seal import Seal, development_seal
from checks.quality.suites import SuiteReport
from decisions.rulebook import Rulebook, load_cached
from decisions.rulebook.errors import RulebookError
from decisions.words import Words
from pipelines.settings import Pkcs12Seal, Settings, SettingsError

KEY_BYTES = 32


class Office:
    """What every stage is handed.

    Args:
        settings: where things are and how they are set.
        tell: called with the name of each stage as it begins; for progress on a terminal.
    """

    def __init__(self, settings: Settings, tell: Callable[[str], None] | None = None) -> None:
        self.settings = settings
        self.tell = tell or (lambda _stage: None)
        self.suite_reports: dict[tuple[str, tuple[str, ...]], SuiteReport] = {}
        """Reports of this process, by table and deliveries (see `pipelines.assets.quality`)."""
        self.changed: tuple[dict[str, int | None], dict[str, tuple[str, ...]]] | None = None
        """The newest state of the tables that was looked at, and the deliveries changed in it."""

    def now(self) -> datetime:
        """The present instant by the set clock, in UTC."""
        return self.settings.now()

    @cached_property
    def store(self) -> Store:
        """The lakehouse."""
        return Store(self.settings.lake_root, self.settings.storage_options)

    @cached_property
    def inbox(self) -> Inbox:
        """Where deliveries come in."""
        return Inbox(
            self.settings.deliveries or self.settings.inbox, self.settings.delivery_options
        )

    @cached_property
    def channels(self) -> dict[str, Channel]:
        """The declared channels by name."""
        return load_channels()

    @cached_property
    def rulebook(self) -> Rulebook:
        """The standard as data, validated; compiled once for each state of its files.

        Raises:
            SettingsError: `decided_by` names a pair that the regulation does not leave open.
        """
        try:
            return load_cached(self.settings.rulebook_copies, decided_by=self.settings.decided_by)
        except RulebookError as error:
            raise SettingsError(f"规则库有误 the rulebook cannot be read: {error}") from error

    @cached_property
    def pseudonym_key(self) -> bytes:
        """The key of person keys, made on first use."""
        return pseudonym_key(self.settings.pseudonym_key_file)

    @property
    def authority(self) -> Authority:
        """Who decides and signs, as printed."""
        named = self.settings.authority
        return Authority(
            named.name_zh,
            named.name_en,
            Words(named.government_zh, named.government_en),
            Words(named.above_zh, named.above_en),
        )

    @cached_property
    def seal(self) -> Seal:
        """The seal that signs certificates.

        Raises:
            SettingsError: a development seal in production.
        """
        setting = self.settings.seal
        if isinstance(setting, Pkcs12Seal):
            passphrase = setting.passphrase.get_secret_value().encode()
            return Seal.from_pkcs12(setting.path, passphrase, self.authority.zh)
        if self.settings.profile == "production":
            raise SettingsError(
                "开发印章不能用于生产环境 a development seal signs nothing in production: set "
                "[seal] kind = 'pkcs12' with path and passphrase, or profile = 'demo' for a trial"
            )
        return development_seal(self.settings.keys, self.authority.zh)


def pseudonym_key(path: Path) -> bytes:
    """The 32 bytes in `path`, made with mode 0600 if it does not exist.

    Two processes that race on first use end with the same key: the file appears whole, by
    one link, or not at all.

    Raises:
        SettingsError: the file is not 32 bytes, or others may read it.
    """
    if not path.exists():
        write_secret(path, secrets.token_bytes(KEY_BYTES))
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise SettingsError(
            f"人员键密钥长度不对 the pseudonym key {path} has {len(key)} bytes, not {KEY_BYTES}; "
            "restore it from its backup: with another key every person becomes a stranger"
        )
    if path.stat().st_mode & 0o077:
        raise SettingsError(f"人员键密钥可被他人读取 others may read {path}; run: chmod 600 {path}")
    return key
