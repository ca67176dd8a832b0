"""The encoding that was agreed with a sender, and a delivery that is in another one.

Belongs here: telling so of a whole delivery. Does not: what becomes of one line or value that
does not decode (the forms).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import polars as pl

from assets.adapters.delivered import DeliveryError
from assets.channels import Encoding
from assets.tables.intake import Failure

CODECS: dict[Encoding, str] = {"gbk": "gb18030", "utf-8": "utf-8"}
"""Encoding to the codec of Python that reads it; GB18030 has every character of GBK."""
MAX_BAD_SHARE = 0.01
"""More that do not decode than this, and the encoding of the file is wrong, not of a line."""
_MIN_BAD = 3


def is_utf8(content: bytes) -> bool:
    """By Polars, in a third of the time and a fraction of the memory of a text of Python's."""
    try:
        pl.Series([content], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return False
    return True


def refuse_utf8(content: bytes, encoding: Encoding) -> None:
    """Raises `DeliveryError` of text that is UTF-8 where another encoding was agreed."""
    if encoding != "utf-8" and not content.isascii() and is_utf8(content):
        raise DeliveryError(
            Failure.ENCODING,
            f"约定编码为{encoding}，实际为utf-8；请按约定编码重新导出后再送",
            f"declared {encoding} but the file is utf-8; export it again as {encoding} and send "
            "it anew",
        )


def are_many(bad: Collection[int], count: int) -> bool:
    """Whether so many lines or rows do not decode that the encoding is another."""
    return len(bad) > max(_MIN_BAD, MAX_BAD_SHARE * count)


def undecodable(
    bad: Collection[int], encoding: Encoding, of: Literal["line", "row"]
) -> DeliveryError:
    """That lines or rows, by their numbers from 1, do not decode as agreed."""
    return DeliveryError(
        Failure.ENCODING,
        f"第{min(bad)}行起共{len(bad)}行不是{encoding}编码；请按约定编码重新导出后再送",
        f"{len(bad)} {of}s from {of} {min(bad)} on are not {encoding}; export it again as "
        f"{encoding} and send it anew",
    )
