"""How many people of each kind: constructors, titled staff, site managers, workers.

Belongs here: counting the workforce against the rows of the level, and settling who serves
where when one person could serve in two exclusive groups (E5, E9). Does not: who counts at
all (`decisions.people`).

Every requirement is "at least so many different people among those who ...": a head count,
or, for 齐全, one person for each role, trade or major named.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

import polars as pl

from assets.tables import personnel
from assets.wording import worded
from decisions import kleene
from decisions.cells import GROUPS as GROUPS_OF_USES
from decisions.cells import Cells, sort_into_cells
from decisions.coverage import with_declared
from decisions.facts import Facts
from decisions.heads import HeadAssignment, HeadDemand, assign_heads
from decisions.leaders import (
    NOT_HIS,
    WHY,
    leaders_with_other_certificates,
    not_the_leader,
    without_leaders,
)
from decisions.people import Workforce
from decisions.plans import among, as_written, at_once, told_once
from decisions.rulebook.codes import UNLISTED
from decisions.rulebook.frames import JOINT, RuleTables
from decisions.verdicts import Verdicts

GROUPS = {**GROUPS_OF_USES, JOINT: "staff"}
"""Group of each kind of count."""
NAMED_AT_MOST = 5
"""People named in a note, by pseudonym; the rest stand in the evidence."""
SOURCES = {
    "constructor": (personnel.REGISTRATION, personnel.PERSON),
    "titled": (personnel.TITLE, personnel.PERSON),
    "site": (personnel.POST, personnel.PERSON),
    "worker": (personnel.SKILL, personnel.PERSON),
    JOINT: (personnel.REGISTRATION, personnel.TITLE, personnel.PERSON),
}
"""Tables that must be complete before an absent person proves anything."""


def count_heads(
    assessed: pl.DataFrame,
    cases: pl.DataFrame,
    people: Workforce,
    facts: Facts,
    rules: RuleTables,
    *,
    recalled_may_grant: bool = True,
    with_evidence: bool = True,
) -> Verdicts:
    """The people criteria of every case.

    Args:
        assessed: `application_id`, `digest`, `part`: what each case is assessed on.
        cases: the cases.
        people: who counts.
        facts: the release.
        rules: the compiled rulebook.
        recalled_may_grant: see `decisions.engine.decide`.
        with_evidence: whether the certificates behind the counts are wanted.
    """
    asked = as_written(
        assessed.lazy()
        .join(rules.head_counts.lazy(), on=["digest", "part"])
        .join(people.of.lazy(), on="application_id")
    )
    if asked.is_empty():
        return Verdicts.none()
    wanted = rules.cells.filter(among("cell", asked["cell"]))
    cells = sort_into_cells(people, wanted)
    leaders = leaders_with_other_certificates(assessed, cases, people, facts)
    unclear = _unclear(rules, recalled_may_grant).lazy()
    counts = (
        _counted(asked, cells, cases, people, facts, wanted, leaders)
        .join(unclear, on=["digest", "part"], how="left", maintain_order="left")
        .pipe(as_written)
    )
    noted = _noted(_settle_conflicts(counts, cells, leaders), cells).cache()
    parts = (
        noted.group_by("application_id", "part", maintain_order=True)
        .agg(
            truth=kleene.every(pl.col("truth")),
            actual=worded(
                "{}项中{}项符合 met in {} of {}", pl.len(), _met(), _met(), pl.len()
            ).first(),
            note=pl.col("note").drop_nulls().unique(maintain_order=True).str.join("; "),
        )
        .select(
            "application_id",
            criterion="part",
            truth="truth",
            actual="actual",
            note=pl.when(pl.col("note") != "").then("note"),
            short_by=pl.lit(None, pl.Float64()),
        )
    )
    return Verdicts.of(
        pl.concat(
            [
                noted.select(
                    "application_id",
                    "criterion",
                    "truth",
                    "actual",
                    "note",
                    short_by=kleene.short_by(pl.col("certain"), pl.col("asked")),
                ),
                parts,
            ]
        ).pipe(as_written),
        _evidence(asked, cells, leaders) if with_evidence else None,
    )


@lru_cache(maxsize=4)
def _unclear(rules: RuleTables, recalled_may_grant: bool) -> pl.DataFrame:
    """The parts of which some text is not known: `digest`, `part`, `is_unclear` (true)."""
    texts = [rules.unknown.lazy().select("digest", "part")]
    if not recalled_may_grant:
        texts.append(rules.criteria.lazy().filter(basis="recalled").select("digest", "part"))
    return as_written(pl.concat(texts).unique().with_columns(is_unclear=pl.lit(True)))


def _counted(
    asked: pl.DataFrame,
    cells: Cells,
    cases: pl.DataFrame,
    people: Workforce,
    facts: Facts,
    wanted: pl.DataFrame,
    leaders: pl.DataFrame,
) -> pl.LazyFrame:
    """Certain and possible heads per requirement, as if nobody were wanted twice.

    The rows of `asked` with `certain`, `possible`, `alone`, `is_less_leader`, `is_closed`,
    `truth`, `short` (how many an assignment leaves short; null where counts settle it).
    Where the list of majors is missing, anybody may be of one: it is never closed.
    """
    unlisted = wanted.filter(pl.col("value") == UNLISTED)["cell"]
    staffs = cases.lazy().join(people.of.lazy(), on="application_id").unique("staff").cache()
    closures = pl.concat(
        with_declared(staffs, facts, *tables).select("staff", "is_closed", counted=pl.lit(use))
        for use, tables in SOURCES.items()
    )
    heads = (
        asked.lazy()
        .join(cells.counts.lazy(), on=["staff", "cell"], how="left")
        .with_columns(pl.col("certain", "possible", "alone").fill_null(0))
    )
    return (
        without_leaders(heads, cells, leaders)
        .join(closures, on=["staff", "counted"], how="left")
        .with_columns(pl.col("is_closed") & ~among("cell", unlisted))
        .with_columns(
            truth=kleene.at_least(
                pl.col("certain"), pl.col("possible"), pl.col("asked"), pl.col("is_closed")
            ),
            short=pl.lit(None, pl.Int64()),
            contested=pl.lit(None, pl.String()),
        )
    )


def _met() -> pl.Expr:
    return pl.col("truth").fill_null(False).sum()


def _noted(counts: pl.DataFrame, cells: Cells) -> pl.LazyFrame:
    """The counts with `actual` and `note`."""
    is_doubtful = pl.col("truth").is_null() & (pl.col("certain") < pl.col("possible"))
    pairs = counts.filter(is_doubtful).select("staff", "cell")
    told = counts.lazy().join(_doubts(cells, pairs), on=["staff", "cell"], how="left")
    return told_once(told, _TOLD, {"actual": _ACTUAL, "note": _NOTE}, rows=counts.height)


_TOLD = [
    "asked",
    "certain",
    "possible",
    "truth",
    "short",
    "contested",
    "is_closed",
    "is_less_leader",
    "doubts",
]
"""What the words of a count follow from."""


def _doubts(cells: Cells, pairs: pl.DataFrame) -> pl.LazyFrame:
    """Why people are not known, and who: `doubts` per staff and cell, people by pseudonym."""
    if pairs.is_empty():
        return pairs.lazy().with_columns(doubts=pl.lit(None, pl.String()))
    members = cells.members(pairs.unique()).pipe(at_once).lazy()
    unknown = (
        members.group_by("staff", "cell", "person_key")
        .agg(truth=kleene.some(pl.col("truth")))
        .filter(pl.col("truth").is_null())
        .select("staff", "cell", "person_key")
    )
    return (
        members.filter(pl.col("truth").is_null())
        .join(unknown, on=["staff", "cell", "person_key"])
        .group_by("staff", "cell", "why")
        .agg(people=pl.col("person_key").unique().sort().head(NAMED_AT_MOST))
        .sort("why")
        .group_by("staff", "cell", maintain_order=True)
        .agg(
            doubts=worded(
                "{}：{}", pl.col("why").fill_null("?"), pl.col("people").list.join("、")
            ).str.join("；")
        )
    )


_ACTUAL = (
    pl.when(pl.col("certain") == pl.col("possible"))
    .then(worded("{}人", "certain"))
    .otherwise(worded("{}人（至多{}人 possibly {}）", "certain", "possible", "possible"))
)
_SHORT = pl.col("asked") - pl.when(pl.col("truth")).then(pl.col("asked")).otherwise(
    pl.col("certain")
)
_NOTE = (
    pl.when(pl.col("short") > 0)
    .then(
        worded(
            "一人只计一次，缺{}人（{}） one person counts once, short by {}",
            "short",
            "contested",
            "short",
        )
    )
    .when(pl.col("truth").is_null() & ~pl.col("is_closed"))
    .then(pl.lit("数据源未声明完整 the source has not been declared complete"))
    .when(pl.col("truth").is_null())
    .then(
        worded(
            "{}人待核 not yet known: {}（{}）",
            pl.col("possible") - pl.col("certain"),
            pl.col("possible") - pl.col("certain"),
            pl.col("doubts").fill_null("?"),
        )
    )
    .when(~pl.col("truth"))
    .then(
        pl.concat_str(
            worded("缺{}人 short by {}", _SHORT, _SHORT),
            pl.when("is_less_leader").then(pl.lit(WHY)),
            separator="; ",
            ignore_nulls=True,
        )
    )
)


def _settle_conflicts(counts: pl.DataFrame, cells: Cells, leaders: pl.DataFrame) -> pl.DataFrame:
    """Where people could serve in two groups, find the assignment, or say what stays short.

    Only needed where two groups each need some of them: a row that its own people meet needs
    none, one that all together cannot meet is short anyhow, and what only one group needs it
    may have.
    """
    group = pl.col("counted").replace_strict(GROUPS)
    is_contested = (pl.col("alone") < pl.col("asked")) & (pl.col("possible") >= pl.col("asked"))
    contested_counts = counts.filter(is_contested)
    if contested_counts.height < 2:
        return counts
    in_doubt = (
        contested_counts.group_by("application_id")
        .agg(groups=group.n_unique())
        .filter(pl.col("groups") > 1)
        .select("application_id")
    )
    if in_doubt.is_empty():
        return counts
    open_cases = counts.join(in_doubt, on="application_id", how="semi")
    serving = _serving(open_cases, cells, leaders)
    found = [
        (application_id, criterion, sure.shortfall[criterion], best.shortfall[criterion], contested)
        for (application_id,), rows in serving.partition_by(
            "application_id", as_dict=True, maintain_order=True
        ).items()
        for sure in [_assignment(rows, "sure", {})]
        for best in [_assignment(rows, "best", sure.shortfall)]
        for contested in ["、".join(sorted(best.group_of))]
        for criterion in rows["criterion"]
    ]
    shortfalls = pl.DataFrame(
        found,
        schema={
            "application_id": counts.schema["application_id"],
            "criterion": pl.String(),
            "short_sure": pl.Int64(),
            "short_best": pl.Int64(),
            "by_whom": pl.String(),
        },
        orient="row",
    )
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
    """The requirements of contested cases with the people who serve them.

    Returns:
        The rows of `counts` with `group`, and of the certain people (`…_sure`) and of all who may
        count (`…_best`) how many are wanted in one group only, `fixed_…`, and the keys of those
        wanted in several, `open_…`.
    """
    requirements = counts.with_columns(group=pl.col("counted").replace_strict(GROUPS))
    heads = (
        cells.members(counts.select("staff", "cell").unique())
        .filter(pl.col("truth").fill_null(True))
        .group_by("staff", "cell", "person_key")
        .agg(truth=kleene.some(pl.col("truth")))
        .pipe(at_once)
    )
    of_case = requirements.select("application_id", "criterion", "group", "staff", "cell")
    is_sure, is_open = pl.col("truth").fill_null(False), pl.col("is_open")
    people = (
        not_the_leader(of_case.join(heads, on=["staff", "cell"]), leaders)
        .with_columns(is_open=pl.col("group").n_unique().over("application_id", "person_key") > 1)
        .group_by("application_id", "criterion")
        .agg(
            fixed_sure=(is_sure & ~is_open).sum(),
            fixed_best=(~is_open).sum(),
            open_sure=pl.col("person_key").filter(is_sure & is_open),
            open_best=pl.col("person_key").filter(is_open),
        )
    )
    return requirements.join(
        people, on=["application_id", "criterion"], how="left", maintain_order="left"
    ).with_columns(
        pl.col("fixed_sure", "fixed_best").fill_null(0),
        pl.col("open_sure", "open_best").fill_null([]),
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


_CERTIFICATE = ["target", "row_key", "person_key", "use", "value"]


def _evidence(asked: pl.DataFrame, cells: Cells, leaders: pl.DataFrame) -> pl.LazyFrame:
    """The certificates behind each part, once however many of its rows they meet."""
    wanted = asked.select("application_id", "part", "staff", "cell").unique(maintain_order=True)
    members = cells.members(wanted.select("staff", "cell").unique())
    # Of many cases, so each is written out once and goes by its number.
    certificates = members.select(_CERTIFICATE).unique(maintain_order=True).with_row_index("number")
    numbered = members.join(certificates, on=_CERTIFICATE, nulls_equal=True, maintain_order="left")
    told = certificates.select(
        "number",
        "target",
        "row_key",
        content_json=pl.struct("person_key", "use", "value").struct.json_encode(),
    )
    found = (
        wanted.lazy()
        # In the order of the text's rows: of several reasons the first is told.
        .join(numbered, on=["staff", "cell"], maintain_order="right_left")
        .group_by("application_id", "part", "number", maintain_order=True)
        .agg(counted=kleene.some(pl.col("truth")), reason=pl.col("why").drop_nulls().first())
        .join(told, on="number")
        .rename({"part": "criterion"})
    )
    if leaders.is_empty():
        return found
    his = (
        certificates.filter(pl.col("use").is_in(NOT_HIS))
        .join(leaders.lazy(), on="person_key")
        .select("application_id", "number", "is_sure")
    )
    return (
        found.join(his, on=["application_id", "number"], how="left", maintain_order="left")
        .with_columns(
            counted=pl.when(pl.col("is_sure").is_null())
            .then("counted")
            .when(pl.col("is_sure") | ~pl.col("counted"))
            .then(False),
            reason=pl.when(pl.col("is_sure").is_not_null()).then(pl.lit(WHY)).otherwise("reason"),
        )
        .drop("is_sure")
    )
