"""A decision document on paper: HTML and PDF.

Belongs here: templates filled with a `Document`. Does not: what it says
(`certificates.documents.content`), typesetting as such (`certificates.typesetting`).
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from certificates import typesetting
from certificates.documents.content import Document
from decisions.words import Words


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
    environment = Environment(
        loader=FileSystemLoader(typesetting.TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["both"] = _both
    return environment.get_template("document.html.j2")


@lru_cache(maxsize=4096)
def _both(words: Words) -> Markup:
    """Chinese with English beside it; kept, since most criteria recur in every document."""
    if not words.en:
        return escape(words.zh)
    return Markup('{} <span class="en" lang="en">{}</span>').format(*words)
