"""Generated documents: the command that writes one, or says that it is out of date.

Belongs here: `<module> PAGE [--check]`, the same for every page, and how text stands in a table of
one. Does not: any page.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def write_or_compare(page: str, source: str) -> int:
    """Write the page to the path that the command line names, or with `--check` compare it.

    Args:
        page: the whole page.
        source: what it follows from, for the reader of the message.

    Returns:
        The exit code: 1 if the file is not the page.
    """
    parser = argparse.ArgumentParser(description=f"Write the page that follows from {source}.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 on a difference")
    arguments = parser.parse_args()
    if not arguments.check:
        arguments.path.parent.mkdir(parents=True, exist_ok=True)
        arguments.path.write_text(page, encoding="utf-8")
        return 0
    if arguments.path.is_file() and arguments.path.read_text(encoding="utf-8") == page:
        return 0
    sys.stderr.write(
        f"{arguments.path} does not follow from {source}; run `make docs` and commit it\n"
    )
    return 1


def cell(text: str) -> str:
    """A text as it stands in a cell of a Markdown table."""
    return text.replace("|", "\\|")
