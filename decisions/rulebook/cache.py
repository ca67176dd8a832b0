"""The rulebook ready to use, kept under the digest of what it was made from.

Belongs here: writing and reading that copy. Does not: what the rulebook says. The copy holds
the parsed files and the compiled tables; a change of any file, of the code that compiles them, of
the English names in their texts or of Polars gives another digest, so that a copy is never stale,
and a damaged one is made anew.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import fields
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import polars as pl

from decisions.rulebook.book import Rulebook, build, load
from decisions.rulebook.codes import Authority
from decisions.rulebook.frames import RuleTables
from decisions.rulebook.reading import parse_file, read_files
from decisions.rulebook.tables import compile_tables, remember

PARSED, SUMS = "parsed.json", "sha256.json"


def load_cached(
    folder: Path,
    root: Traversable | None = None,
    *,
    decided_by: Mapping[str, Authority] | None = None,
) -> Rulebook:
    """The rulebook as `decisions.rulebook.load` gives it, with its tables compiled.

    Args:
        folder: where copies are kept; made if it is not there. Whoever may write there may
            change the rules: it belongs to the office alone, as the lakehouse does.
        root: the folder of the rulebook.
        decided_by: see `load`.

    Raises:
        RulebookError: as `load`; a rulebook that is wrong leaves no copy.
    """
    texts = read_files(root)
    copy = folder / _digest(texts)
    content = _read(copy)
    if content is None:
        book = load(root, decided_by=decided_by)
        _write(copy, texts, compile_tables(book))
        return book
    parsed, tables = content
    book = build(parsed, decided_by=decided_by)
    remember(book, tables)
    return book


def _digest(texts: Mapping[str, bytes]) -> str:
    """SHA-256 of the files of the rulebook, of what compiles them, and of Polars."""
    sums = hashlib.sha256(pl.__version__.encode())
    room = files("decisions")
    modules = [one for one in (room / "rulebook").iterdir() if one.name.endswith(".py")]
    # The English of the texts in the compiled tables comes from beside the rulebook's own code.
    used = [*modules, *(room / name for name in ("english.py", "english.yaml"))]
    code = {one.name: one.read_bytes() for one in used}
    for name, text in (*sorted(code.items()), *sorted(texts.items())):
        sums.update(f"\n{name} {len(text)}\n".encode())
        sums.update(text)
    return sums.hexdigest()


def _read(copy: Path) -> tuple[dict[str, Any], RuleTables] | None:
    """The parsed files and the tables, or None if there is no sound copy."""
    try:
        sums = json.loads((copy / SUMS).read_bytes())
        content = {name: (copy / name).read_bytes() for name in sums}
    except (OSError, ValueError):
        return None
    wanted = {PARSED, *(f"{one.name}.arrow" for one in fields(RuleTables))}
    if set(sums) != wanted or any(
        hashlib.sha256(content[name]).hexdigest() != sums[name] for name in sums
    ):
        return None
    tables = RuleTables(
        **{one.name: pl.read_ipc(content[f"{one.name}.arrow"]) for one in fields(RuleTables)}
    )
    return json.loads(content[PARSED]), tables


def _write(copy: Path, texts: Mapping[str, bytes], tables: RuleTables) -> None:
    """Write a copy so that it appears whole; older copies go."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=copy.parent))
    parsed = {name: parse_file(name, text) for name, text in texts.items()}
    (partial / PARSED).write_text(json.dumps(parsed, ensure_ascii=False, default=str), "utf-8")
    for one in fields(RuleTables):
        getattr(tables, one.name).write_ipc(partial / f"{one.name}.arrow")
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in partial.iterdir()}
    (partial / SUMS).write_text(json.dumps(sums), "utf-8")
    older = [path for path in copy.parent.iterdir() if path not in (partial, copy)]
    try:
        shutil.rmtree(copy, ignore_errors=True)
        partial.replace(copy)
    except OSError:
        # Another process was first; its copy is the same.
        shutil.rmtree(partial, ignore_errors=True)
    for path in older:
        if not path.name.startswith("."):
            shutil.rmtree(path, ignore_errors=True)
