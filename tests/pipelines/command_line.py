"""The command line as a user has it, in this process.

Belongs here: running a command on a home. Does not: what it should say.
"""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from pipelines.cli import app


def miaoban(home: Path, *arguments: str) -> Result:
    """`miaoban` with these arguments, on a terminal of 160 columns."""
    return CliRunner().invoke(app, ["--home", str(home), *arguments], env={"COLUMNS": "160"})
