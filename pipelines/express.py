"""The express way: one application filed, decided, certified and archived in this process.

Belongs here: the order of the stages for a case that cannot wait, and telling Dagster
afterwards. Does not: any stage; they are the functions that the assets call. Dagster is not
in the path of a decision: it is imported, and told, when the outcome is out.

Exactly once as everywhere: each stage works on what its log lacks. If this process dies on
the way, the sweep finds the case where it was left.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
_TURNS = 5
"""A conflict means that another writer got something done; five in a row are a fault."""


class NoRelease(RuntimeError):
    """No data has been released yet: there is nothing to decide on."""


@dataclass(slots=True)
class Handled:
    """A case handled at once; times in milliseconds by stage."""

    application_id: str
    usc_code: str
    enterprise_name: str | None
    item: str
    kind: str
    outcome: str
    reason_zh: str
    reason_en: str
    release_id: str
    certificate_no: str | None
    certificate_file: Path | None
    archive_file: Path | None
    milliseconds: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)
