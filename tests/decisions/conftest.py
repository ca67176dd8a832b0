"""Makes the helpers of this folder importable by the tests beside them; carries `async` tests on."""

from __future__ import annotations

import sys
from inspect import iscoroutinefunction
from pathlib import Path

import pytest

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)

from together import carried_on  # noqa: E402

ENDED = pytest.StashKey[dict[str, BaseException | None]]()
"""Of a module: how its `async` tests ended."""


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """The `async` tests of a module go on together (`together`); each is told of in its turn."""
    if not iscoroutinefunction(pyfuncitem.obj):
        return None
    module = pyfuncitem.getparent(pytest.Module)
    assert module is not None
    if ENDED not in module.stash:
        tests = [
            one
            for one in pyfuncitem.session.items
            if isinstance(one, pytest.Function)
            and one.getparent(pytest.Module) is module
            and iscoroutinefunction(one.obj)
        ]
        module.stash[ENDED] = carried_on((one.nodeid, one.obj(**_given(one))) for one in tests)
    if (raised := module.stash[ENDED][pyfuncitem.nodeid]) is not None:
        raise raised
    return True


def _given(test: pytest.Function) -> dict[str, object]:
    """What the test is called with: parameters alone, as no fixture is set up for it yet."""
    given = test.callspec.params if hasattr(test, "callspec") else {}
    wanted = test._fixtureinfo.argnames
    assert set(wanted) <= set(given), f"{test.nodeid} waits for its verdict, and wants fixtures"
    return {name: given[name] for name in wanted}
