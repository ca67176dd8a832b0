"""`miaoban document`: the decision document of a case.

Belongs here: arguments and exit codes. Does not: what the document says
(`certificates.document`) or how it looks (`certificates.paper`).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def document(
    context: typer.Context,
    case: Annotated[str, typer.Argument(help="申请编号 Number of the case.")],
    html: Annotated[
        Path | None, typer.Option(dir_okay=False, help="网页 Where to write it as HTML.")
    ] = None,
    pdf: Annotated[
        Path | None, typer.Option(dir_okay=False, help="版式文件 Where to write it as PDF.")
    ] = None,
) -> None:
    """决定书 Write the decision document of a case; without a path, HTML to standard output.

    It is made from the newest evaluation in the decision tables: the same rows, the same bytes.
    """
    from certificates import paper
    from certificates.files import write_whole
    from pipelines.cli import Exit, fail, office_of, out
    from pipelines.documents import document_of, newest

    office = office_of(context)
    row = newest(office, case)
    if row is None:
        fail(Exit.NOT_FOUND, f"没有此案件的决定 no decision of a case {case}")
    made = document_of(office, row)
    if html is None and pdf is None:
        sys.stdout.buffer.write(paper.html(made))
    if html is not None:
        write_whole(html, paper.html(made))
        out.print(html, highlight=False, soft_wrap=True)
    if pdf is not None:
        write_whole(pdf, paper.pdf(made, row["decided_at"]))
        out.print(pdf, highlight=False, soft_wrap=True)
