"""Whether the level is still applied for (F8).

Belongs here: levels that a notice has closed to some kinds of application. Does not: which levels
(`standards/kinds.yaml`), who may begin above the lowest one (`first_level`).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import polars as pl

from assets.wording import worded
from decisions.rulebook.book import Rulebook
from decisions.switches.model import Desk, Later, Switch

FIRST_NOTICE_FROM = date(2021, 7, 1)
"""Before it, a level is applied for as long as the standard has it; a test holds this day against
the notices of the rulebook."""


@lru_cache(maxsize=4)
def _closed(book: Rulebook) -> pl.DataFrame:
    """What notices have closed: `level`, `kind`, `closed_from`, `notice`, `is_certain`."""
    return pl.DataFrame(
        [
            (level, kind, one.valid_from, one.clause, one.basis == "seen")
            for one in book.kinds.closed
            for level in one.levels
            for kind in one.kinds
        ],
        schema={
            "level": pl.String(),
            "kind": pl.String(),
            "closed_from": pl.Date(),
            "notice": pl.String(),
            "is_certain": pl.Boolean(),
        },
        orient="row",
    )


_ANSWER = [
    pl.when(pl.col("is_certain").is_null())
    .then(True)
    .when("is_certain")
    .then(False)
    .alias("truth"),
    pl.col("level").alias("actual"),
    pl.when("is_certain")
    .then(
        worded(
            "{}已停止受理该等级，可直接申请二级 closed by that notice: apply for 二级 at once",
            "notice",
        )
    )
    .otherwise(
        worded(
            "{}是否停止受理该等级，原文尚未核对，由本机关在规则库（kinds.yaml）载明后自动继续 "
            "whether that notice has closed this level wants a check of its text: the case "
            "goes on once the office has entered it",
            "notice",
        )
    )
    .alias("note"),
]


def judge(desk: Desk, cases: pl.DataFrame) -> pl.LazyFrame:
    """Not closed; where the notice is only recalled, nobody knows."""
    found = (
        cases.lazy()
        .select("application_id", "level", "kind", "filed_on")
        .join(_closed(desk.book).lazy(), on=["level", "kind"])
        .filter(pl.col("filed_on") >= pl.col("closed_from"))
        .group_by("application_id")
        .agg(pl.col("is_certain").any(), pl.col("notice").first())
    )
    rows = cases.lazy().join(found, on="application_id", how="left")
    return rows.select("application_id", *_ANSWER)


LEVEL_OPEN = Switch(
    name="level_open",
    zh="该等级仍受理申请",
    en="the level is still applied for",
    required="受理 open",
    clause="建市[2014]159号",
    basis="seen",
    later=(Later(FIRST_NOTICE_FROM, "建办市〔2021〕30号", "recalled"),),
    judge=judge,
)
