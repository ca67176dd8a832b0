"""How long news of the inbox wait for one another, so that a night is one run.

Belongs here: the rule, as a pure function of what is there and when. Does not: looking into the
inbox (`pipelines.orchestration.sensors`).

The files of a night come one by one over minutes. A run for each would check and release as many
times, and decide in between on half of a night.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict


class Waiting(BaseModel):
    """News that nobody has been told of yet, each instant in seconds since 1970."""

    model_config = ConfigDict(frozen=True)
    news: dict[str, str]
    """What stands for all that is new of a feed, by its raw table."""
    began: float
    """When the first of it was seen."""
    changed: float
    """When the last of it was seen."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long news wait.

    Attributes:
        quiet: seconds in which nothing else has come, after which all of it is told.
        at_most: seconds after the first of it, after which it is told in any case.
    """

    quiet: float
    at_most: float

    def waiting(self, before: Waiting | None, news: dict[str, str], at: float) -> Waiting | None:
        """What waits at an instant, given what waited when it was last looked at."""
        if not news:
            return None
        if before is None or before.began > at:  # the clock was set back
            return Waiting(news=news, began=at, changed=at)
        return before if news == before.news else Waiting(news=news, began=before.began, changed=at)

    def is_over(self, waiting: Waiting, at: float) -> bool:
        """Whether what waits is told now."""
        return at - waiting.changed >= self.quiet or at - waiting.began >= self.at_most
