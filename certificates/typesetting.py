"""Typst, with the fonts of a package and nothing of the machine.

Belongs here: turning one of our `.typ` sources and its inputs into bytes. Does not: what
the sources say (`certificates/templates/`). Values travel as inputs only, so nothing an
enterprise is called can be read as markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

import noto_cjk
import typst

PDF_STANDARD: Literal["a-3b"] = "a-3b"
"""PDF/A-3b: fonts embedded, and the only part of PDF/A that allows an attachment of any kind."""

TEMPLATES = Path(__file__).parent / "templates"


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    """One compiler per process; opening the fonts anew costs more than the typesetting."""
    folder = noto_cjk.otc_path("sans").parent
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[folder])
    return typst.Compiler(font_paths=fonts, ignore_system_fonts=True)


@lru_cache(maxsize=8)
def _source(name: str) -> bytes:
    return (TEMPLATES / name).read_bytes()


def pdf(name: str, inputs: Mapping[str, str], at: datetime) -> bytes:
    """A PDF/A-3b of the source `name` ("certificate.typ"), dated `at`.

    The same inputs and instant give the same bytes. Raises `typst.TypstError` if a value
    does not fit its place.
    """
    made = _compiler().compile(
        input=_source(name),
        format="pdf",
        sys_inputs=dict(inputs),
        pdf_standards=[PDF_STANDARD],
        timestamp=int(at.timestamp()),
    )
    assert isinstance(made, bytes)
    return made


def png(name: str, inputs: Mapping[str, str], ppi: float) -> bytes:
    """A picture of the first page of a source, for a screen."""
    made = _compiler().compile(
        input=_source(name), format="png", ppi=ppi, sys_inputs=dict(inputs), timestamp=0
    )
    pages = made if isinstance(made, list) else [made]
    assert pages[0] is not None
    return pages[0]


@lru_cache(maxsize=8)
def svg(name: str) -> str:
    """The one page of a source without inputs, as SVG."""
    made = _compiler().compile(input=_source(name), format="svg", sys_inputs=None)
    assert isinstance(made, bytes)
    return made.decode()
