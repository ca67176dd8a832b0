"""Connections: the address and the secrets of what deliveries are fetched from.

Belongs here: their model, how long a server is tried, and how one that is missing is told.
Does not: where they are set (`pipelines.settings`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr

from assets.adapters import DeliveryError
from assets.tables.intake import Failure


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long a server is tried, in seconds."""

    attempts: int = 6
    first_wait: float = 1
    longest_wait: float = 60
    connect: float = 10
    read: float = 60
    """Without a byte."""
    answer: float = 300
    """A whole answer: a server that sends a byte a minute is not waited for."""


PATIENCE = Patience()


class Connection(BaseModel):
    """How a channel's interface or database is reached."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SecretStr
    """`https://host/base`, `postgresql://user@host/database`, `sqlite:////absolute/file`, or
    `sqlite:///file` within the folder of the settings."""
    key: SecretStr | None = None
    """appKey, or client id."""
    secret: SecretStr | None = None
    """Token, request secret, client secret or password."""

    @property
    def address(self) -> str:
        """The URL without a slash at its end; may hold a password: never for a message."""
        return self.url.get_secret_value().rstrip("/")

    def within(self, folder: Path) -> Connection:
        """The same, with a file that is named relatively looked for in a folder."""
        scheme, separator, file = self.address.partition(":///")
        if scheme != "sqlite" or not separator or file.startswith("/"):
            return self
        return self.model_copy(update={"url": SecretStr(f"sqlite:///{folder / file}")})

    def require_secret(self, channel: str) -> str:
        """The secret.

        Raises:
            DeliveryError: none is set.
        """
        if self.secret is None:
            raise unset(channel, "secret")
        return self.secret.get_secret_value()


def unset(channel: str, name: str) -> DeliveryError:
    """A setting of a connection that is missing."""
    variable = f"MIAOBAN_CONNECTIONS__{channel.upper()}__{name.upper()}"
    return DeliveryError(
        Failure.CONNECTION,
        f"未设置渠道{channel}的连接（{name}）；请在miaoban.toml的[connections.{channel}]"
        f"或环境变量{variable}中设置",
        f"the connection of {channel} has no {name}; set it under [connections.{channel}] in "
        f"miaoban.toml, or as {variable}",
    )
