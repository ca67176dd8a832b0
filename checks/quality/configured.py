"""How an expectation is configured, worked out once for each instead of a hundred times.

Belongs here: what makes Great Expectations keep it. Does not: running a suite
(`checks.quality.suites`).

Great Expectations 1.24 copies all that an expectation says into a new configuration for each
argument that it looks up in it, which is 40 % of a suite on few rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

_KEPT: ContextVar[dict[int, tuple[Expectation, ExpectationConfiguration]] | None] = ContextVar(
    "configurations by the identity of their expectation, which is kept with them", default=None
)


@contextmanager
def configured_once() -> Iterator[None]:
    """While it lasts, expectations are not changed by whoever runs it, nor are configurations."""
    _keep()
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


def _keep() -> None:
    from great_expectations.expectations.expectation import Expectation

    worked_out: Any = vars(Expectation)["configuration"]
    if isinstance(worked_out, _Kept):
        return
    Expectation.configuration = _Kept(worked_out.fget)  # type: ignore[method-assign,assignment]


class _Kept(property):
    """The configuration of an expectation: the one kept, if any are."""

    def __get__(self, expectation: Any, owner: type | None = None) -> Any:
        kept = _KEPT.get()
        if expectation is None or kept is None:
            return super().__get__(expectation, owner)
        if id(expectation) not in kept:
            kept[id(expectation)] = expectation, super().__get__(expectation, owner)
        return kept[id(expectation)][1]
