"""Manifests: what a sender states about a file, written after it.

Belongs here: the model, and whether a statement is news. Does not: holding a file to its
statement (`assets.intake.deliveries`, `assets.intake.refresh`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from assets.misfits import at, misfits
from assets.tables.common import USC_PATTERN


class Manifest(BaseModel):
    """What a sender states about a file, written after it (cross-check F-01)."""

    model_config = ConfigDict(frozen=True)

    rows: Annotated[int, Field(ge=0)]
    sent_at: AwareDatetime
    region_code: Annotated[str, Field(pattern=r"^\d{6}$")]
    periods: tuple[date, ...] = ()
    is_complete: bool
    as_of: date
    is_refresh: bool = False
    """The file holds every row there is of its region and months: what it lacks is gone."""
    usc_code: Annotated[str, Field(pattern=USC_PATTERN)] | None = None
    """The one enterprise whose rows alone the file holds: a refresh of it shows nothing of any
    other, and no file of one enterprise says that a region is complete."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")] | None = None
    """Of the file's bytes as they were sent, zipped or not: a file cut within its last value may
    have all its rows."""
    count_confirmed: bool = False
    """The sender has been asked about the number of rows, or of deletions, and it is right."""
    corrects: str | None = None
    """Of a steward's correction: the delivery and row it corrects, by whom and why. It states
    nothing about completeness."""

    @property
    def text(self) -> str:
        """It as JSON, the same for the same statement in every version of Miaoban."""
        added = {"usc_code", "sha256"}
        return self.model_dump_json(exclude={one for one in added if getattr(self, one) is None})

    @property
    def statement(self) -> tuple[int, str, tuple[date, ...], bool, date, bool, str | None]:
        """What it says of the file and of completeness; sending it again says nothing new."""
        return (
            self.rows,
            self.region_code,
            self.periods,
            self.is_complete,
            self.as_of,
            self.is_refresh,
            self.usc_code,
        )

    def is_news_after(self, accepted: Sequence[Manifest]) -> bool:
        """Whether it tells more than those accepted with the same bytes, in order of receipt.

        Every file stays in the inbox and is met again on each run: one of these manifests, or
        an older one that was passed over, must not undo a statement made since.
        """
        if not accepted:
            return True
        last = accepted[-1]
        is_later = self not in accepted and self.sent_at >= last.sent_at
        return is_later and self.statement != last.statement


def lacking(manifest: bytes | None) -> str:
    """What is wrong with a manifest that cannot be read: each member and why."""
    if manifest is None:
        return "larger than a manifest may be"
    try:
        Manifest.model_validate_json(manifest)
    except ValidationError as error:
        return "; ".join(
            ": ".join(filter(None, (at(where), message))) for where, _, message in misfits(error)
        )
    return ""


def stated(manifest: bytes | str | None) -> Manifest | None:
    """What a manifest states; None where there is none or it cannot be read."""
    if manifest is None:
        return None
    try:
        return Manifest.model_validate_json(manifest)
    except ValidationError:
        return None
