"""Replay from the archive: a case decided again from its package alone, without a lakehouse.

Belongs here: reading a package back into what the engine is given and what came out of it.
Does not: deciding and comparing (`decisions.replay`), the check of a package
(`certificates.archiving.package`).

A package holds the portfolio at the decision's release and the whole rulebook, so it is
replayed by the rules it was decided by, whatever the rulebook says today. What it cannot hold
is the engine: by another version of it the outcome may differ, and the replay says so.
"""

from __future__ import annotations

import json
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from assets.lake.declaration import Table
from assets.tables import decision, intake
from certificates.archiving.archive import MISSING, PORTFOLIO, RULEBOOK
from certificates.archiving.package import check_package, unsqueezed
from decisions.engine import Decided
from decisions.portfolios.document import PortfolioError, frame_of, read
from decisions.replay import Replayed, compare, made_again
from decisions.rulebook import Rulebook, from_document
from decisions.rulebook.errors import RulebookError


class PackageError(ValueError):
    """A package cannot be replayed; says what is wrong and what can be done."""


def replay_package(path: Path, recorded_sha256: str | None = None) -> Replayed:
    """Decide the case of a package again and compare with what the package says, bit for bit.

    Args:
        path: the package.
        recorded_sha256: its digest in `archive__record`; None where nobody has recorded one, as of
            a package that came alone. By itself a package only tells that it is whole: one put in
            place of another, or made anew after a change, is told by its record.

    Raises:
        PackageError: the package is gone, damaged or changed, or lacks what a replay needs.
    """
    try:
        found = check_package(path)
    except OSError as error:
        raise PackageError(
            f"{path}: 档案包读不到，案件可自数据湖重演 the package cannot be read: "
            f"{error.strerror}; replay the case from the lakehouse"
        ) from error
    if found.faults:
        raise PackageError(
            f"{path}: 档案包不完好 the package is not sound: {'; '.join(found.faults)}"
        )
    if recorded_sha256 not in (None, found.package_sha256):
        raise PackageError(
            f"{path}: 不是归档时登记的档案包，请自备份恢复 this is not the package that was "
            "recorded when the case was closed: its digest is another; restore it from a backup"
        )
    try:
        with zipfile.ZipFile(path) as package:
            before, again = _both(package)
    except KeyError as error:
        raise PackageError(
            f"{path}: 档案包缺少重演所需文件 the package holds no {error.args[0]}; it was closed "
            "before packages held it: replay the case from the lakehouse"
        ) from error
    except (PortfolioError, RulebookError, ValueError) as error:
        raise PackageError(
            f"{path}: 本版本无法读取 this version cannot read the package: {error}; replay it "
            "with the version that metadata.json names as creating_program"
        ) from error
    return next(iter(compare(before, again)))


def _both(package: zipfile.ZipFile) -> tuple[Decided, Decided]:
    """What the package says was decided, and what comes out of it now."""
    before = Decided(
        _rows(package, decision.DECISION, "decision.json"),
        _rows(package, decision.CRITERION, "criteria.json"),
        _rows(package, decision.EVIDENCE, "evidence.json"),
        # Only of a case that lacked data there is anything to tell.
        _rows(package, decision.MISSING, MISSING)
        if MISSING in package.namelist()
        else decision.MISSING.empty(),
    )
    made = before.decisions.row(0, named=True)
    application = _rows(package, intake.APPLICATION, "application.json").with_columns(
        before.decisions["evaluation_no"]
    )
    known = read(unsqueezed(package.read(PORTFOLIO)))
    rulebook = _rulebook(unsqueezed(package.read(RULEBOOK)))
    if made["rulebook_digest"] not in (None, rulebook.digest):
        raise ValueError(f"{RULEBOOK} is not the rulebook that the decision names")
    return before, made_again(made, application, known.facts, rulebook)


@lru_cache(maxsize=4)
def _rulebook(document: bytes) -> Rulebook:
    """Built and compiled once for all packages that hold the same."""
    return from_document(document)


def _rows(package: zipfile.ZipFile, table: Table, name: str) -> pl.DataFrame:
    content: Any = json.loads(package.read(name))
    rows = content if isinstance(content, list) else [content]
    return frame_of(table, rows)
