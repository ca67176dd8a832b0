"""The settings: the one typed place that environment and configuration file end in.

Belongs here: what may be set, its default, and what is wrong with a bad value. Does not:
anything built from a setting (`pipelines.office`). Lower rooms get plain arguments.

A setting comes from, in this order: an argument, an environment variable `MIAOBAN_…`
(nested: `MIAOBAN_SEAL__PATH`), the file `<home>/miaoban.toml`, its default.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings.exceptions import SettingsError as NotParsed

from assets.calendar import Clock, fixed_clock, system_clock
from assets.misfits import at, misfits
from assets.sources.connection import Connection
from pipelines.waiting import Patience

FILE_NAME = "miaoban.toml"
PREFIX = "MIAOBAN_"
"""Of the environment variables that are settings."""
DEFAULT_HOME = Path("~/.miaoban")


class SettingsError(ValueError):
    """A setting that cannot be used; the message names it, its source and the remedy."""


class DevelopmentSeal(BaseModel):
    """A key made on first run under `<home>/keys`: for trials, worth nothing in law."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Literal["development"] = "development"


class Pkcs12Seal(BaseModel):
    """The authority's seal from a PKCS#12 file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Literal["pkcs12"]
    path: Path
    passphrase: SecretStr


SealSettings = Annotated[DevelopmentSeal | Pkcs12Seal, Field(discriminator="kind")]


class Authority(BaseModel):
    """The authority that decides and signs, and who reviews what it decides, as printed."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name_zh: str = "浙江省住房和城乡建设厅"
    name_en: str = "Department of Housing and Urban-Rural Development of Zhejiang Province"
    government_zh: str = "浙江省人民政府"
    government_en: str = "the People's Government of Zhejiang Province"
    above_zh: str = "住房和城乡建设部"
    above_en: str = "the Ministry of Housing and Urban-Rural Development"


class Settings(BaseSettings):
    """Everything that may be set.

    Raises `pydantic.ValidationError` on a bad value; `load` turns it into `SettingsError`.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    home: Path = DEFAULT_HOME
    """Folder of everything Miaoban keeps, except a lakehouse set elsewhere by `lake`."""
    profile: Literal["demo", "production"] = "production"
    """What the other defaults follow from."""
    lake: str | None = None
    """Folder or object-store URL of the Delta tables; `<home>/lake` if not set."""
    storage_options: dict[str, str] = Field(default_factory=dict)
    """Options of the object store, passed to delta-rs (`AWS_ENDPOINT_URL`, …)."""
    deliveries: str | None = None
    """Folder or object-store URL where senders put deliveries; `<home>/inbox` if not set."""
    delivery_options: dict[str, str] = Field(default_factory=dict)
    """Options of that object store, by the names that `storage_options` has."""
    connections: dict[str, Connection] = Field(default_factory=dict)
    """Interfaces and databases that deliveries are fetched from, by channel."""
    quiet_seconds: Annotated[int, Field(ge=0)] = 120
    """How long nothing more has come into the inbox when what came is taken in, as one run."""
    quiet_at_most_seconds: Annotated[int, Field(ge=0)] = 900
    """After the first of it, how long it waits for more at the most."""
    clock: AwareDatetime | None = None
    """The instant at which time stands still; real time if not set. With a time zone."""
    seal: SealSettings = DevelopmentSeal()
    pseudonym_key: Path | None = None
    """File of the 32 bytes that person keys are made with; `<home>/keys/pseudonym.key`."""
    recalled_may_grant: bool | None = None
    """Whether a rule whose text was recalled, not seen, may decide; by default in demo only."""
    decided_by: dict[str, Literal["ministry", "province", "city"]] = Field(default_factory=dict)
    """Who decides pairs like `S07 一级` that the regulation leaves in doubt."""
    supplement_days: Annotated[int, Field(ge=1, le=60)] = 60
    """Working days after filing at whose end a case that still waits for data is returned.

    A release looks at the months of insurance that cases ask for which wait so long, and no longer.
    """
    authority: Authority = Authority()

    @model_validator(mode="after")
    def _real_time_in_production(self) -> Settings:
        if self.profile == "production" and self.clock is not None:
            raise ValueError(
                "固定时钟只用于演示，请删去 clock 或设 profile = 'demo' "
                "a fixed clock is for the demo profile; remove `clock` or set profile = 'demo'"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then the file of the home they name."""
        del dotenv_settings, file_secret_settings
        named = init_settings().get("home") or env_settings().get("home") or DEFAULT_HOME
        file = Path(str(named)).expanduser() / FILE_NAME
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)

    # -- places ----------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        """The home folder, absolute."""
        return self.home.expanduser().absolute()

    @property
    def inbox(self) -> Path:
        """Where channels put their deliveries, unless `deliveries` names another place."""
        return self.folder / "inbox"

    @property
    def reached(self) -> dict[str, Connection]:
        """The connections, with files of databases that are named relatively within the home."""
        return {name: one.within(self.folder) for name, one in self.connections.items()}

    @property
    def lake_root(self) -> str:
        """Root of the Delta tables."""
        return self.lake or str(self.folder / "lake")

    @property
    def patience(self) -> Patience:
        """How long deliveries wait for one another."""
        return Patience(self.quiet_seconds, self.quiet_at_most_seconds)

    @property
    def certificates(self) -> Path:
        """Sealed certificate files."""
        return self.folder / "certificates"

    @property
    def archive(self) -> Path:
        """Closed archive packages."""
        return self.folder / "archive"

    @property
    def keys(self) -> Path:
        """Keys made on first run; never in the repository, never in a backup in clear."""
        return self.folder / "keys"

    @property
    def pseudonym_key_file(self) -> Path:
        """File of the pseudonym key."""
        return (self.pseudonym_key or self.keys / "pseudonym.key").expanduser()

    @property
    def rulebook_copies(self) -> Path:
        """The compiled rulebook, under the digest of its files; may be deleted at any time."""
        return self.folder / "rulebook"

    @property
    def dagster_home(self) -> Path:
        """Folder of the Dagster instance."""
        return self.folder / "dagster"

    @property
    def truth(self) -> Path:
        """What the sample's faults are; for tests, never read by a stage."""
        return self.folder / "truth"

    # -- what follows ----------------------------------------------------------------

    @property
    def may_grant_on_recalled_rules(self) -> bool:
        """`recalled_may_grant`, or what the profile says."""
        if self.recalled_may_grant is None:
            return self.profile == "demo"
        return self.recalled_may_grant

    def now(self) -> datetime:
        """The present instant by the set clock, in UTC."""
        return self.make_clock()()

    def make_clock(self) -> Clock:
        """The clock that is set."""
        return system_clock if self.clock is None else fixed_clock(self.clock)


def load(home: Path | None = None) -> Settings:
    """The settings of a home folder (or of `MIAOBAN_HOME`, or of `~/.miaoban`).

    Raises:
        SettingsError: a value that cannot be used, with where it was looked for and the remedy.
    """
    _require_known(os.environ)
    arguments: dict[str, Any] = {} if home is None else {"home": home}
    file = Path(home or os.environ.get("MIAOBAN_HOME") or DEFAULT_HOME).expanduser() / FILE_NAME
    try:
        return Settings(**arguments)
    except ValidationError as error:
        problems = "; ".join(
            f"{at(where, 'settings')}: {message}" for where, _, message in misfits(error)
        )
        raise SettingsError(
            f"设置有误 bad settings: {problems}；请在 MIAOBAN_… 环境变量或 {file} 中改正 "
            f"mend the value in MIAOBAN_… variables or in {file} (README, Settings)"
        ) from error
    except NotParsed as error:
        raise SettingsError(
            f"环境变量有误，多项的值应为JSON，或以 __ 分写各项 a variable is wrong: {error}; of a "
            "setting of several parts it is JSON, or each part has a variable of its own, named "
            "with __ (README, Settings)"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"设置文件 {file} 不是有效的TOML，请改正 it is not TOML, mend it: {error}"
        ) from error


def _require_known(environment: Mapping[str, str]) -> None:
    """A variable that is named almost like a setting is a slip, and would be passed over.

    Not every other that begins alike: tests and Dagster's storage have some of their own.
    """
    known = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    for variable in sorted(environment):
        name = variable.upper().partition("__")[0]
        if name.startswith(PREFIX) and name not in known:
            for meant in get_close_matches(name, known, n=1, cutoff=0.85):
                raise SettingsError(
                    f"环境变量 {variable} 不是设置项，是否应为 {meant} no setting is of that name; "
                    f"is {meant} meant? 请改名或删去 rename or unset it (README, Settings)"
                )
