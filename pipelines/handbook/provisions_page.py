"""The page of provisions `docs/provisions.md`: what the law says, where it lives, what tries it.

Belongs here: the table `docs/provisions.yaml`, the marks of tests, how both read as a page. Does
not: how a provision is read (`docs/readings.md`). The table is no part of the rulebook, whose
digest decisions bear: it must not change with the name of a module. Run as
`python -m pipelines.handbook.provisions_page docs/provisions.md`, or with `--check` to compare.

A test says which provisions it tries by `@pytest.mark.provision("E14")`, a class likewise, a whole
module by `pytestmark`. The marks are read without importing a test.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from assets.documents import write_or_compare
from decisions.rulebook.reading import checked, parse_file

ROOT = Path(__file__).parents[2]
FILE = "docs/provisions.yaml"


class Provision(BaseModel):
    """One provision: in our words, by whom, on what basis, from which day, and where it lives."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    says: str
    source: str
    basis: str = Field(pattern=r"^(seen|recalled|recalled weak|unknown)(; .+)?$")
    since: date | None = Field(default=None, alias="from")
    where: tuple[str, ...] = ()
    not_done: str | None = None


class WorkedCase(BaseModel):
    """A case decided by hand, and the provisions that decide it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    says: str
    rests_on: tuple[str, ...]


class Table(BaseModel):
    """The whole table; groups by the beginnings of their numbers (B1 of B1.6, E of E14)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    groups: Mapping[str, str]
    provisions: Mapping[str, Provision]
    worked_cases: Mapping[str, WorkedCase]


Marks = Mapping[str, Counter[str]]
"""Of each number the modules that try it, and how many of their test functions do."""


def table() -> Table:
    """The table; raises `RulebookError` that names what does not fit."""
    parsed = {FILE: parse_file(FILE, (ROOT / FILE).read_bytes())}
    return checked(parsed, FILE, TypeAdapter(Table))


def marks(tests: Path = ROOT / "tests") -> Marks:
    """What the tests below a folder say that they try."""
    found: dict[str, Counter[str]] = {}
    for path in sorted(tests.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.provision" in text:
            for number in _tried(ast.parse(text).body, ()):
                found.setdefault(number, Counter())[path.stem] += 1
    return found


def _tried(body: list[ast.stmt], above: tuple[ast.expr, ...]) -> Iterator[str]:
    """The numbers that each test function tries, by its own marks and by those above it."""
    stated = [
        one.value
        for one in body
        if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "pytestmark"
    ]
    for one in body:
        if isinstance(one, ast.ClassDef):
            yield from _tried(one.body, (*above, *stated, *one.decorator_list))
        elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name[:5] == "test_":
            yield from sorted(set(_numbers(*above, *stated, *one.decorator_list)))


def _numbers(*expressions: ast.expr) -> Iterator[str]:
    for call in (node for one in expressions for node in ast.walk(one)):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.provision":
            yield from (str(ast.literal_eval(argument)) for argument in call.args)


def page(law: Table, tried: Marks) -> str:
    """The whole page as Markdown."""
    return "\n".join(_lines(law, tried)) + "\n"


def _lines(law: Table, tried: Marks) -> Iterator[str]:
    yield "# 条文 Provisions: where each lives, and what tries it"
    yield ""
    yield (
        "Generated from `docs/provisions.yaml` and the marks of the tests by `make docs`; a test "
        "compares it. Do not edit by hand. Code, checks and tests cite these numbers. Where the "
        "law is silent: [readings.md](readings.md); the figures: [rules.md](rules.md)."
    )
    yield ""
    yield from _totals(law, tried)
    begins = sorted(law.groups, key=len, reverse=True)
    for group, numbers in groupby(
        law.provisions, lambda number: next(one for one in begins if number.startswith(one))
    ):
        yield f"## {group} {law.groups[group]}"
        yield ""
        yield "| # | 内容 says | 出处 source | 依据 basis | 何处 where | 测试 tests |"
        yield "|---|---|---|---|---|---|"
        yield from (_row(number, law.provisions[number], tried) for number in numbers)
        yield ""
    yield "## W 手算案例 Cases decided by hand"
    yield ""
    yield "P: S11 二级, exactly at every figure."
    yield ""
    yield "| # | 案例 case | 条文 rests on | 测试 tests |"
    yield "|---|---|---|---|"
    for number, case in law.worked_cases.items():
        yield f"| {number} | {case.says} | {', '.join(case.rests_on)} | {_tests(number, tried)} |"


def _totals(law: Table, tried: Marks) -> Iterator[str]:
    untried = {number: one for number, one in law.provisions.items() if number not in tried}
    wanting = [number for number, one in untried.items() if one.where]
    left = [number for number, one in untried.items() if not one.where]
    yield "| | |"
    yield "|---|---|"
    yield f"| 条文 provisions | {len(law.provisions)} |"
    yield f"| – 有测试 tried by tests | {len(law.provisions) - len(untried)} |"
    yield f"| – 无测试 in the code, tried by none | {len(wanting)}: {', '.join(wanting) or '–'} |"
    yield f"| – 不办 not done, for the reason told below | {len(left)}: {', '.join(left) or '–'} |"
    yield f"| 手算案例 cases decided by hand | {len(law.worked_cases)} |"
    yield ""


def _row(number: str, one: Provision, tried: Marks) -> str:
    since = f"; from {one.since}" if one.since else ""
    places = ", ".join(f"`{path}`" for path in one.where)
    not_done = f"**Not done**: {one.not_done}" if one.not_done else ""
    return (
        f"| {number} | {one.says} | {one.source}{since} | {one.basis} "
        f"| {' '.join(filter(None, (places, not_done)))} | {_tests(number, tried)} |"
    )


def _tests(number: str, tried: Marks) -> str:
    """How many, and the modules with theirs where there are more."""
    modules = tried.get(number, Counter())
    named = ", ".join(f"{name} {times}" for name, times in sorted(modules.items()))
    return f"{modules.total()}: {named}" if modules else "–"


if __name__ == "__main__":
    sys.exit(write_or_compare(page(table(), marks()), "the table of provisions and the tests"))
