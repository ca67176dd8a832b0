"""Progress of a run on standard error: a bar for a person, lines for a log.

Belongs here: showing which stage is at work. Does not: the stages.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Tell = Callable[[str], None]


@contextmanager
def progress(total: int) -> Iterator[Tell]:
    """A function to call with each stage's name as it begins, of `total` stages.

    Where standard error is no terminal, each name is one line, written at once.
    """
    if not sys.stderr.isatty():
        yield lambda stage: print(stage, file=sys.stderr, flush=True)
        return
    columns = (
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("开始 starting", total=total)
        begun = 0

        def tell(stage: str) -> None:
            nonlocal begun
            bar.update(task, completed=begun, description=stage)
            begun += 1

        yield tell


@contextmanager
def counted(total: int, what: str) -> Iterator[Callable[[int, int], None]]:
    """A function to call with (done, all) of something counted; silent without a terminal."""
    if not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    columns = (BarColumn(bar_width=24), MofNCompleteColumn(), TextColumn(what))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done, _all: bar.update(task, completed=done)
