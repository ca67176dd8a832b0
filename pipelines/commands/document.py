"""`miaoban document` and `miaoban decisions`: what the office hands out and takes away.

Belongs here: arguments and exit codes. Does not: what a document says
(`certificates.documents.content`) or how it looks (`certificates.documents.paper`), the workbook
(`pipelines.views.workbook`).
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.terminal.console import NO_DECISION, Exit, fail, lakehouse_of, out


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
    from certificates.documents import paper
    from pipelines.views.documents import document_of, newest

    office = lakehouse_of(context)
    row = newest(office, case)
    if row is None:
        fail(
            Exit.NOT_FOUND,
            NO_DECISION.format(case),
        )
    made = document_of(office, row)
    if html is None and pdf is None:
        sys.stdout.buffer.write(paper.html(made))
    if html is not None:
        _write(html, paper.html(made))
        out.print(html, highlight=False, soft_wrap=True)
    if pdf is not None:
        _write(pdf, paper.pdf(made, row["decided_at"]))
        out.print(pdf, highlight=False, soft_wrap=True)


def _write(file: Path, content: bytes) -> None:
    from certificates.files import write_whole

    try:
        write_whole(file, content)
    except OSError as error:
        told = f"不能写入 {file} cannot be written: {error.strerror}；请换一个位置 name another"
        raise typer.BadParameter(told) from error


def decisions(
    context: typer.Context,
    excel: Annotated[Path, typer.Option(dir_okay=False, help="工作簿 Where to write it, .xlsx.")],
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="申请日起 Only what was filed from this day on."),
    ] = None,
) -> None:
    """案件清单 Write where every application stands as an Excel workbook, one row per application.

    Columns and how to read the tables otherwise: docs/decisions.md.
    """
    if excel.suffix.lower() != ".xlsx":
        told = f"{excel.name}：工作簿的文件名以 .xlsx 结尾 the name of a workbook ends in .xlsx"
        raise typer.BadParameter(told, param_hint="--excel")

    import polars as pl

    from assets.calendar import SHANGHAI
    from assets.tables.office import CURRENT
    from pipelines.views.workbook import TooManyRows, workbook

    rows = lakehouse_of(context).store.scan(CURRENT)
    if since is not None:
        rows = rows.filter(pl.col("filed_at") >= since.replace(tzinfo=SHANGHAI).astimezone(UTC))
    cases = rows.collect()
    is_new_folder = not excel.parent.exists()
    try:
        _write(excel, workbook(CURRENT, cases))
    except TooManyRows as error:
        fail(Exit.NOT_FOUND, f"{error}；请用 --since 限定申请日 narrow it with --since DATE")
    out.print(f"{cases.height}件 applications: {excel}", highlight=False, soft_wrap=True)
    if is_new_folder:
        out.print(f"新建目录 new folder: {excel.parent}", highlight=False, soft_wrap=True)
