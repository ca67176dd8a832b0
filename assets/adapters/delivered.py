"""What comes of reading a delivery: a frame of text and lines set apart, or one fault.

Belongs here: the outcome of every form, and the columns it must have. Does not: any form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from assets.channels import Feed
from assets.tables import BY_NAME
from assets.tables.intake import Failure


class DeliveryError(Exception):
    """A delivery that cannot be used at all: what is wrong, where, and the remedy."""

    def __init__(self, code: Failure, zh: str, en: str) -> None:
        super().__init__(f"[{code}] {zh} / {en}")
        self.code = code


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be split into the declared columns."""

    row_no: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a file holds.

    `frame` has `row_no` (Int64, from 1) and every declared source column as text; rows of
    `bad` are missing from it but counted.
    """

    frame: pl.DataFrame
    bad: list[BadLine] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        """Rows of the file, good and bad."""
        return self.frame.height + len(self.bad)


def unreadable(form: str, told: object) -> DeliveryError:
    """A container that is cut off or broken."""
    return DeliveryError(
        Failure.UNREADABLE,
        f"无法作为{form}打开，文件不完整或已损坏（{told}）；请重新导出后再送",
        f"cannot be opened as {form}, cut off or broken ({told}); export it again and send it anew",
    )


def require_columns(found: Sequence[str], feed: Feed, besides: Sequence[str] = ()) -> None:
    """Raises `DeliveryError` unless exactly the declared columns are there, each once.

    Those that a delivery may lack need not be; others that are asked for `besides` must.
    """
    declared = list(dict.fromkeys([*feed.columns, *besides]))
    optional = feed.optional - set(besides)
    missing = [name for name in declared if name not in found and name not in optional]
    unknown = [name for name in found if name not in declared]
    doubled = sorted({name for name in found if found.count(name) > 1})
    odd = {("缺少", "missing"): missing, ("多出", "unknown"): unknown, ("重复", "doubled"): doubled}
    told = [(zh, en, names) for (zh, en), names in odd.items() if names]
    if told:
        in_chinese = "，".join(f"{zh}“{'、'.join(names)}”" for zh, _, names in told)
        in_english = ", ".join(f"{en} {', '.join(names)}" for _, en, names in told)
        raise DeliveryError(
            Failure.COLUMNS,
            f"列与约定不符：{in_chinese}；请按约定的列重新导出，或更新渠道文件中的字段",
            f"columns differ from the declared ones: {in_english}; "
            "export the declared columns, or mend the channel file",
        )


def complete(frame: pl.DataFrame, feed: Feed, row_no: Sequence[int] | None = None) -> pl.DataFrame:
    """Records whose empty members may be left out; a mandatory one never is in all of them."""
    target = BY_NAME[feed.target]
    mandatory = [
        f.source
        for f in feed.fields
        if f.to is not None and f.blank is None and not f.known_by and not target[f.to].nullable
    ]
    absent = [name for name in mandatory if frame[name].null_count() == frame.height]
    if absent and frame.height:
        require_columns([name for name in feed.columns if name not in absent], feed)
    return numbered(frame, feed, row_no)


def numbered(
    frame: pl.DataFrame, feed: Feed, row_no: Sequence[int] | pl.Series | None = None
) -> pl.DataFrame:
    """The declared columns after their row numbers (default: 1, 2, 3, …); null where they lack."""
    numbers = range(1, frame.height + 1) if row_no is None else row_no
    return frame.select(
        pl.Series("row_no", numbers, dtype=pl.Int64),
        *(
            pl.col(name) if name in frame.columns else pl.lit(None, pl.String).alias(name)
            for name in feed.columns
        ),
    )
