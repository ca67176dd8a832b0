"""A decision document on paper: HTML and PDF.

Belongs here: templates filled with a `Document`. Does not: what it says
(`certificates.document`), typesetting as such (`certificates.typesetting`).
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from certificates import typesetting
from certificates.document import Document


def html(document: Document) -> bytes:
    """One page of HTML, UTF-8, that fetches and executes nothing; every value is escaped."""
    return _template().render(document=document).encode()


def pdf(document: Document, at: datetime) -> bytes:
    """PDF/A-3b, A4, dated `at`: the same document and instant give the same bytes."""
    return typesetting.pdf("document.typ", _inputs(document), at)


def picture(document: Document, ppi: float = 80) -> bytes:
    """The first page of the PDF as PNG, for a screen."""
    return typesetting.png("document.typ", _inputs(document), ppi)


def _inputs(document: Document) -> dict[str, str]:
    return {"document": json.dumps(document.as_json(), ensure_ascii=False, sort_keys=True)}


@lru_cache(maxsize=1)
def _template() -> Template:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    ).get_template("document.html.j2")
