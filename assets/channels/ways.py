"""How deliveries of a feed come, as data: files, an interface, a view; who states what.

Belongs here: the typed models of these parts of a channel file. Does not: waiting, listing
or fetching (`assets.sources`).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Bounded


class Strict(BaseModel):
    """A part of a channel file: an unknown key or a value of another type does not load."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Marker(Strict):
    """A file is complete once another with its name and this ending is there."""

    marker: Annotated[str, Bounded(pattern=r"^\.[A-Za-z0-9._-]+$")]
    """E.g. `.ok`: `1.csv.ok` beside `1.csv`. If it holds a number, that is the count of rows."""


class Unchanged(Strict):
    """A file is complete once nothing has been written to it for so long."""

    unchanged_seconds: Annotated[int, Bounded(ge=1)]


CompleteWhen = Literal["manifest"] | Marker | Unchanged
"""`manifest`: once its sender has written `<file>.manifest.json` beside it."""


class States(Strict):
    """What a sender has stated once for all deliveries that come without a manifest."""

    region_code: Annotated[str, Bounded(pattern=r"^\d{6}$")]
    is_complete: bool
    """Its rows are complete up to the day before each delivery: an absent row proves something."""


class Api(Strict):
    """An interface of a data-sharing platform that answers in pages of JSON.

    Its address and its secrets are settings (`[connections.<channel>]`), never data.
    """

    path: Annotated[str, Bounded(pattern=r"^/")]
    records: str
    """Member of an answer that holds the rows; `data.list` is `list` within `data`."""
    total: str
    """Member that counts the rows of all pages."""
    succeeded: dict[str, str] = Bounded(default_factory=dict)
    """Members that say the call succeeded, e.g. `{code: "00"}`: platforms answer 200 to all."""
    page: str = "pageNo"
    """Parameter that numbers the page, from 1."""
    size: str = "pageSize"
    rows: Annotated[int, Bounded(ge=1, le=10_000)] = 200
    """Rows of a page."""
    since: str | None = None
    """Parameter of the instant since which rows have changed; none = everything every time."""
    until: str | None = None
    """Parameter of the instant before which rows have changed; without it a fetch is one delivery,
    however long."""
    time_format: str = "%Y-%m-%d %H:%M:%S"
    """In China standard time."""
    begins_on: date | None = None
    """Day from which the first fetch asks for changes."""
    overlap_days: Annotated[int, Bounded(ge=0)] = 14
    """Days before the last fetch that are asked for again: rows arrive late and out of order."""
    window_days: Annotated[int, Bounded(ge=1)] = 31
    """Days of one delivery; a long fetch that breaks off goes on where it was."""
    auth: Literal["token", "signature"] = "token"
    """`token`: the secret, or one fetched from `token_path`, as a bearer token. `signature`: the
    appKey, requestTime and sign of the provincial gateway."""
    token_path: str | None = None
    """Where a token that expires is got for key and secret (OAuth 2.0, RFC 6749 section 4.4)."""
    per_minute: Annotated[int, Bounded(ge=1)] | None = None
    """Calls that the platform allows in a minute."""


class View(Strict):
    """A view or table of a database, read whole or by the instant of change.

    The database's address and password are settings (`[connections.<channel>]`), never data.
    """

    name: Annotated[str, Bounded(pattern=r"^\w+(\.\w+)?$")]
    """With its schema, if it has one."""
    updated_at: str | None = None
    """Column of the instant of change; none = everything every time. A row without it is read
    every time."""
    overlap_days: Annotated[int, Bounded(ge=0)] = 14
