"""Dated changes to the standard: their typed form, and how one is laid over a level.

Belongs here: what a later notice may do to a level. Does not: which day counts (the
caller asks for a day; reading 1: the day of filing).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from decisions.rulebook.errors import RulebookError
from decisions.rulebook.model import (
    Basis,
    Level,
    LevelName,
    Option,
    PartName,
    PlatformEvidence,
    ScopeChoice,
    Strict,
    WorksLine,
)


class Selected(Strict):
    """Which levels a change touches; absent = every one."""

    codes: tuple[str, ...] = ()
    levels: tuple[LevelName, ...] = ()
    select: Literal["lowest", "above_lowest"] | None = None
    basis: Basis | None = None

    def touches(self, code: str, level: str, is_lowest: bool) -> bool:
        """Whether the change applies to a level of a category."""
        return (
            (not self.codes or code in self.codes)
            and (not self.levels or level in self.levels)
            and (self.select is None or (self.select == "lowest") == is_lowest)
        )


class RemovePart(Selected):
    """The part is no longer assessed; whether its figure was known no longer matters."""

    remove: PartName


class RemoveLimit(Selected):
    """A line of the scope falls away."""

    remove: Literal["scope_limit"]
    works: str
    where: str


class RemoveScope(Selected):
    """No limit of the scope is left."""

    remove: Literal["scope"]
    scope_zh: str


class ReplaceClass(Selected):
    """A class of the performance has new options."""

    replace: Literal["performance_class"]
    n: int
    with_: Annotated[ClassOptions, Field(alias="with")]


class ClassOptions(Strict):
    """The new options of a class."""

    any_of: tuple[Option, ...]


class ReplaceLimit(Selected):
    """A line of the scope has a new text."""

    replace: Literal["scope_limit"]
    works: str
    where: str
    with_: Annotated[WorksLine, Field(alias="with")]


class RestorePart(Selected):
    """The text of 2014 stands again."""

    restore: PartName


class RequirePlatform(Selected):
    """Works count only as the national platform shows them."""

    require: Literal["platform"]
    with_: Annotated[PlatformEvidence, Field(alias="with")]


class Notice(Selected):
    """A rule about the procedure; no figure of a level changes."""

    notice: str
    text: str


Change = (
    RemovePart
    | RemoveLimit
    | RemoveScope
    | ReplaceClass
    | ReplaceLimit
    | RestorePart
    | RequirePlatform
    | Notice
)
ReplaceClass.model_rebuild()


_NUMBER = re.compile(r"建\w*[〔\[]\d{4}[〕\]]\d+号")


class Amendment(Strict):
    """A later document, from its day on."""

    id: str
    title_zh: str
    effective_from: date | None
    certain_from: date | None = None
    """Where the day is only recalled: from when it is certainly in force, as by the year in its
    number. What was filed in between may have been under the text before it."""
    status: Literal["in_force", "plan", "draft"]
    basis: Basis
    sources: tuple[str, ...]
    note: str = ""
    changes: tuple[Change, ...]

    @model_validator(mode="after")
    def _is_certain_later(self) -> Amendment:
        if self.certain_from and not (
            self.effective_from and self.effective_from < self.certain_from
        ):
            raise ValueError("certain_from must come after effective_from")
        return self

    @property
    def number(self) -> str:
        """Its document number, as clauses cite it; the title of one that has none."""
        found = _NUMBER.search(self.title_zh)
        return found[0] if found else self.title_zh


def lay_over(level: Level, original: Level, change: Change, at: str) -> Level:
    """The level as changed. `original` is the text of 2014, for `restore`.

    Raises:
        RulebookError: the change names a class or a line that the level does not have.
    """
    changed = level
    match change:
        case RemovePart():
            changed = _without_part(level, change.remove)
        case RestorePart():
            changed = _restored(level, original, change.restore)
        case RemoveLimit() | ReplaceLimit():
            changed = _with_limits(level, change, at)
        case RemoveScope():
            scope = level.scope.model_copy(update={"limits": ()})
            changed = level.model_copy(update={"scope": scope, "scope_zh": change.scope_zh})
        case ReplaceClass():
            changed = _with_class(level, change, at)
        case RequirePlatform():
            changed = level.model_copy(update={"platform": (*level.platform, change.with_)})
        case Notice():
            pass
    return changed


def _without_part(level: Level, part: str) -> Level:
    requirements = level.requirements.model_copy(update={part: None})
    unknown = tuple(name for name in level.unknown if not _is_of(name, part))
    return level.model_copy(update={"requirements": requirements, "unknown": unknown})


def _restored(level: Level, original: Level, part: str) -> Level:
    requirements = level.requirements.model_copy(
        update={part: getattr(original.requirements, part)}
    )
    again = tuple(name for name in original.unknown if _is_of(name, part))
    unknown = tuple(dict.fromkeys((*level.unknown, *again)))
    return level.model_copy(update={"requirements": requirements, "unknown": unknown})


def _is_of(unknown: str, part: str) -> bool:
    """Whether an unknown key is the part or a detail of it."""
    return unknown.rstrip("?").split(".")[0] == part


def _with_limits(level: Level, change: RemoveLimit | ReplaceLimit, at: str) -> Level:
    old = [
        limit
        for limit in level.scope.limits
        if not isinstance(limit, ScopeChoice)
        and (limit.works, limit.where) == (change.works, change.where)
    ]
    if not old:
        raise RulebookError(
            f"{at}: the scope has no line {change.works!r} {change.where!r} to change"
        )
    new: list[WorksLine | ScopeChoice] = [change.with_] if isinstance(change, ReplaceLimit) else []
    limits = tuple(
        line for limit in level.scope.limits for line in (new if limit in old else [limit])
    )
    return level.model_copy(update={"scope": level.scope.model_copy(update={"limits": limits})})


def _with_class(level: Level, change: ReplaceClass, at: str) -> Level:
    performance = level.requirements.performance
    if performance is None or all(one.n != change.n for one in performance.classes):
        raise RulebookError(f"{at}: the level has no performance class {change.n} to replace")
    update: dict[str, Any] = {"any_of": change.with_.any_of, "basis": change.basis or "seen"}
    classes = tuple(
        one.model_copy(update=update) if one.n == change.n else one for one in performance.classes
    )
    changed = performance.model_copy(update={"classes": classes})
    requirements = level.requirements.model_copy(update={"performance": changed})
    return level.model_copy(update={"requirements": requirements})
