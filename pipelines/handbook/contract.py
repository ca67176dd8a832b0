"""The columns in `docs/decisions.md`, written from the declared tables.

Belongs here: putting the generated sections between the marks of a page written by hand. Does
not: how a table reads (`pipelines.handbook.dictionary`), the rest of the page. Run as
`python -m pipelines.handbook.contract docs/decisions.md`, or with `--check` to compare only.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from assets.tables.decision import CRITERION, DECISION, EVIDENCE, RULEBOOK
from assets.tables.office import CURRENT
from pipelines.handbook.dictionary import section

BEGIN = "<!-- columns: written from assets/tables/ by `make docs`; do not edit by hand -->"
END = "<!-- end of columns -->"
TABLES = (CURRENT, DECISION, CRITERION, EVIDENCE, RULEBOOK)


def page(text: str) -> str:
    """The page with the sections as the declarations give them.

    Raises:
        ValueError: the marks are not there, each once.
    """
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"the page must hold {BEGIN!r} and {END!r} once each")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    lines = [line for table in TABLES for line in section(table)]
    return "\n".join([before + BEGIN, *lines, "", END + after])


def main() -> int:
    """Write the page, or with `--check` say whether it is current (exit 1 if not)."""
    parser = argparse.ArgumentParser(description="Write or compare the contract's columns.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 on a difference")
    arguments = parser.parse_args()
    text = arguments.path.read_text(encoding="utf-8")
    if not arguments.check:
        arguments.path.write_text(page(text), encoding="utf-8")
        return 0
    if page(text) == text:
        return 0
    print(
        f"{arguments.path} does not follow from assets/tables/; run `make docs` and commit it",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
