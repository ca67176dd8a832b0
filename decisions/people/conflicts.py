"""People whom two groups want, each in one of them only (regulations E5, E9).

Belongs here: which counts such people could change, and what stays short once each is given to one
group. Does not: counting (`decisions.people.headcount`), finding the assignment
(`decisions.people.heads`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import polars as pl

from decisions import kleene
from decisions.people.cells import GROUPS as GROUPS_OF_USES
from decisions.people.cells import Cells
from decisions.people.heads import HeadAssignment, HeadDemand, assign_heads
from decisions.people.leaders import not_the_leader
from decisions.plans import as_written, at_once
from decisions.rulebook.frames import JOINT

NAMED_AT_MOST = 5
"""People named in a note, by pseudonym; the rest stand in the evidence."""
GROUPS = {**GROUPS_OF_USES, JOINT: "staff"}
"""Group of each kind of count."""
_GROUP = pl.col("counted").replace_strict(GROUPS)


def settle_conflicts(counts: pl.DataFrame, cells: Cells, leaders: pl.DataFrame) -> pl.DataFrame:
    """Where people could serve in two groups, find the assignment, or say what stays short.

    Only needed where two groups each need some of them: a row that its own people meet needs
    none, one that all together cannot meet is short anyhow, and what only one group needs it
    may have.
    """
    is_contested = (pl.col("alone") < pl.col("asked")) & (pl.col("possible") >= pl.col("asked"))
    in_doubt = as_written(
        counts.lazy()
        .filter(is_contested)
        .group_by("application_id")
        .agg(groups=_GROUP.n_unique())
        .filter(pl.col("groups") > 1)
        .select("application_id")
    )
    if in_doubt.is_empty():
        return counts
    open_cases = counts.join(in_doubt, on="application_id", how="semi")
    shortfalls = shortfalls_of(open_cases, _serving(open_cases, cells, leaders))
    is_somebody_short = pl.col("short_sure").sum().over("application_id") > 0
    settled = open_cases.join(
        shortfalls, on=["application_id", "criterion"], maintain_order="left"
    ).with_columns(
        truth=pl.when(pl.col("short_sure") == 0)
        .then(True)
        .when((pl.col("short_best") > 0) & pl.col("is_closed"))
        .then(False),
        certain=pl.when(is_somebody_short)
        .then(pl.min_horizontal("certain", pl.col("asked") - pl.col("short_sure")))
        .otherwise("certain"),
        short="short_best",
        contested="by_whom",
    )
    rest = counts.join(in_doubt, on="application_id", how="anti")
    return pl.concat([rest, settled.select(counts.columns)])


def _serving(counts: pl.DataFrame, cells: Cells, leaders: pl.DataFrame) -> pl.DataFrame:
    """Who serves the requirements of contested cases.

    Returns:
        `application_id`, `criterion`, `group`, `person_key`, `is_sure` (the person counts),
        `is_open` (wanted in several groups).
    """
    heads = (
        cells.members(counts.select("staff", "cell").unique())
        .filter(pl.col("truth").fill_null(True))
        .group_by("staff", "cell", "person_key")
        .agg(truth=kleene.some(pl.col("truth")))
        .pipe(at_once)
    )
    of_case = counts.select("application_id", "criterion", "staff", "cell", group=_GROUP)
    return not_the_leader(of_case.join(heads, on=["staff", "cell"]), leaders).select(
        "application_id",
        "criterion",
        "group",
        "person_key",
        is_sure=pl.col("truth").fill_null(False),
        is_open=pl.col("group").n_unique().over("application_id", "person_key") > 1,
    )


def shortfalls_of(counts: pl.DataFrame, serving: pl.DataFrame) -> pl.DataFrame:
    """How many each requirement of contested cases is short of, each person in one group only.

    Args:
        counts: the requirements.
        serving: from `_serving`.

    Returns:
        `application_id`, `criterion`, `short_sure` (of the certain people), `short_best` (of all
        who may count), `by_whom` (those wanted in several groups, the first of them by name).
    """
    is_sure, is_open, person = pl.col("is_sure"), pl.col("is_open"), pl.col("person_key")
    told = serving.group_by("application_id", "criterion").agg(
        fixed_sure=(is_sure & ~is_open).sum(),
        fixed_best=(~is_open).sum(),
        open_sure=person.filter(is_sure & is_open).unique(),
        open_best=person.filter(is_open).unique(),
    )
    whom = (
        serving.filter(is_open)
        .group_by("application_id")
        .agg(people=person.unique().sort())
        .select(
            "application_id",
            by_whom=pl.col("people").list.head(NAMED_AT_MOST).list.join("、")
            + pl.when(pl.col("people").list.len() > NAMED_AT_MOST)
            .then(pl.lit("…"))
            .otherwise(pl.lit("")),
        )
    )
    requirements = (
        counts.with_columns(group=_GROUP)
        .join(told, on=["application_id", "criterion"], how="left", maintain_order="left")
        .join(whom, on="application_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("fixed_sure", "fixed_best").cast(pl.Int64).fill_null(0),
            pl.col("open_sure", "open_best").fill_null([]),
            pl.col("by_whom").fill_null(""),
        )
    )
    pulled = _pulled(requirements, serving)
    return pl.concat(
        [
            requirements.join(pulled, on="application_id", how="anti").select(
                "application_id",
                "criterion",
                # Whom only one group wants that lacks somebody goes there.
                *(
                    (pl.col("asked") - pl.col(f"fixed_{who}") - pl.col(f"open_{who}").list.len())
                    .clip(0)
                    .alias(f"short_{who}")
                    for who in ("sure", "best")
                ),
                "by_whom",
            ),
            _by_assignment(requirements.join(pulled, on="application_id", how="semi")),
        ]
    )


def _pulled(requirements: pl.DataFrame, serving: pl.DataFrame) -> pl.DataFrame:
    """The cases in which several groups lack somebody and want the same person."""
    lacking = requirements.select(
        "application_id",
        "criterion",
        lacks_sure=pl.col("fixed_sure") < pl.col("asked"),
        lacks_best=pl.col("fixed_best") < pl.col("asked"),
    ).filter(pl.col("lacks_sure") | pl.col("lacks_best"))
    wanted = (
        serving.lazy()
        .filter("is_open")
        .join(lacking.lazy(), on=["application_id", "criterion"])
        .group_by("application_id", "person_key")
        .agg(
            sure=pl.col("group").filter(pl.col("is_sure") & pl.col("lacks_sure")).n_unique(),
            best=pl.col("group").filter("lacks_best").n_unique(),
        )
    )
    is_pulled = pl.max_horizontal("sure", "best") > 1
    return as_written(wanted.filter(is_pulled).select("application_id").unique())


def _by_assignment(requirements: pl.DataFrame) -> pl.DataFrame:
    """`shortfalls_of` of cases in which somebody has to be given to one of several groups."""
    found = [
        (application_id, criterion, sure.shortfall[criterion], best.shortfall[criterion], by_whom)
        for (application_id,), rows in requirements.partition_by(
            "application_id", as_dict=True, maintain_order=True
        ).items()
        for sure in [_assignment(rows, "sure", {})]
        for best in [_assignment(rows, "best", sure.shortfall)]
        for criterion, by_whom in rows.select("criterion", "by_whom").iter_rows()
    ]
    return pl.DataFrame(
        found,
        schema={
            "application_id": requirements.schema["application_id"],
            "criterion": pl.String(),
            "short_sure": pl.Int64(),
            "short_best": pl.Int64(),
            "by_whom": pl.String(),
        },
        orient="row",
    )


def _assignment(
    rows: pl.DataFrame, who: Literal["sure", "best"], lacking: Mapping[str, int]
) -> HeadAssignment:
    """One case by assignment, among the certain people or among all who may count.

    `lacking`: how many each criterion lacks of the certain ones, where that is known.
    """
    return assign_heads(
        [
            HeadDemand(
                name=row["criterion"],
                group=row["group"],
                asked=row["asked"],
                fixed=row[f"fixed_{who}"],
                open=frozenset(row[f"open_{who}"]),
                # More may come, or nobody knows all that the text asks: no data, whoever lacks.
                may_wait=not row["is_closed"] or row["is_unclear"] is not None,
                is_met=lacking.get(row["criterion"]) == 0,
            )
            for row in rows.iter_rows(named=True)
        ]
    )
