"""How deliveries of a feed come, as data: when a file is complete, and who states what.

Belongs here: the typed models of these parts of a channel file. Does not: waiting, listing
or fetching (`assets.sources`).
"""

from __future__ import annotations

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
