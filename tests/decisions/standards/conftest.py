"""Cases of every figure, one test module per category, decided together in few evaluations.

Belongs here: which cases a module of this tree has, and putting all that were chosen before the
engine at once. Does not: the cases (`figures`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

HERE = str(Path(__file__).parent.parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)

from figures.cases import cases_of  # noqa: E402
from figures.level import Case  # noqa: E402
from judge import Verdict, judge  # noqa: E402
from sheets import ranks  # noqa: E402

LOOKED_AT = {
    "decisions": ("outcome", "reason_zh", "reason_en"),
    "criteria": ("criterion", "parent", "result", "required", "actual", "note"),
}
"""Columns of the decision tables that a verdict needs."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every module the cases of the category its `CODE` names."""
    if "case" not in metafunc.fixturenames:
        return
    cases = cases_of(ranks(metafunc.module.CODE))
    metafunc.parametrize("case", [pytest.param(case, id=case.name) for case in cases])


@pytest.fixture(scope="session")
def verdict_of(
    request: pytest.FixtureRequest,
    made_once: Callable[[str, Callable[[Path], None]], Path],
) -> Callable[[Case], Verdict]:
    """The engine's verdict on a case: all that this run is going to look at are decided at once.

    One worker decides them for all: what a test looks at is kept in two tables.
    """
    together: list[Case] = [
        item.callspec.params["case"]
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and hasattr(item, "callspec")
        and isinstance(item.callspec.params.get("case"), Case)
    ]

    def decide(folder: Path) -> None:
        made = [case.make(number) for number, case in enumerate(together, start=1)]
        answers = judge(made, with_evidence=False)
        for name, rows in (
            ("decisions", [[answer.decision] for answer in answers]),
            ("criteria", [answer.criteria for answer in answers]),
        ):
            table = {
                column: [row[column] for mine in rows for row in mine] for column in LOOKED_AT[name]
            }
            numbers = [number for number, mine in enumerate(rows) for _ in mine]
            pl.DataFrame({"number": numbers, **table}).write_parquet(folder / f"{name}.parquet")

    folder = made_once("verdicts", decide)
    decisions, criteria = (
        pl.read_parquet(folder / f"{name}.parquet").partition_by("number", as_dict=True)
        for name in LOOKED_AT
    )
    numbers = {case.name: number for number, case in enumerate(together)}

    def verdict(case: Case) -> Verdict:
        key = (numbers[case.name],)
        return Verdict(decisions[key].row(0, named=True), criteria[key].to_dicts(), [])

    return verdict
