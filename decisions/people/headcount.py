"""How many people of each kind: constructors, titled staff, site managers, workers.

Belongs here: counting the workforce against the rows of the level. Does not: who counts at all
(`decisions.people.workforce`), who serves where when one person could serve in two exclusive groups
(`decisions.people.conflicts`).

Every requirement is "at least so many different people among those who ...": a head count,
or, for 齐全, one person for each role, trade or major named.
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from assets.tables import personnel
from assets.wording import worded
from decisions import kleene
from decisions.facts.bodies import OF, all_closed
from decisions.facts.coverage import with_declared
from decisions.facts.model import Facts
from decisions.people.cells import Cells, sort_into_cells
from decisions.people.conflicts import NAMED_AT_MOST, settle_conflicts
from decisions.people.leaders import (
    NOT_HIS,
    WHY,
    leaders_with_other_certificates,
    without_leaders,
)
from decisions.people.workforce import Workforce
from decisions.plans import among, as_written, at_once, told_once
from decisions.rulebook.codes import UNLISTED
from decisions.rulebook.frames import JOINT, RuleTables
from decisions.verdicts import Verdicts

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
) -> Verdicts:
    """The people criteria of every case.

    Args:
        assessed: `application_id`, `digest`, `part`: what each case is assessed on.
        cases: the cases.
        people: who counts.
        facts: the release.
        rules: the compiled rulebook.
        recalled_may_grant: see `decisions.engine.decide`.
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
    noted = _noted(settle_conflicts(counts, cells, leaders), cells).cache()
    rows = noted.select("application_id", "criterion", "truth", "actual", "note", _SHORT_BY)
    of_part = ["application_id", "part"]
    notes = (
        noted.drop_nulls("note")
        .select(*of_part, "note")
        .unique(maintain_order=True)
        .group_by(of_part, maintain_order=True)
        .agg("note")
        .with_columns(pl.col("note").list.join("; "))
    )
    parts = (
        noted.group_by(of_part, maintain_order=True)
        .agg(_PART)
        .join(notes, on=of_part, how="left", maintain_order="left")
    )
    return Verdicts.of(
        as_written(pl.concat([rows, parts.select("application_id", *_OF_PART)])),
        _evidence(asked, cells, leaders),
    )


_SHORT_BY = kleene.short_by(pl.col("certain"), pl.col("asked")).alias("short_by")
_MET = pl.col("truth").fill_null(False).sum()
_PART = [
    kleene.every(pl.col("truth")),
    worded("{}项中{}项符合 met in {} of {}", pl.len(), _MET, _MET, pl.len())
    .first()
    .alias("actual"),
]
_OF_PART = [
    pl.col("part").alias("criterion"),
    pl.col("truth"),
    pl.col("actual"),
    pl.col("note"),
    pl.lit(None, pl.Float64()).alias("short_by"),
]


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
    registered = all_closed(
        people.bodies, facts, personnel.REGISTRATION, name="with_branches", known=with_declared
    )
    staffs = (
        cases.lazy()
        .join(people.of.lazy(), on="application_id")
        .unique("staff")
        .join(registered, on=OF, how="left")
        .cache()
    )
    closures = pl.concat(
        with_declared(staffs, facts, *tables).select(
            "staff",
            # Who is registered with a branch may count, too (reading 66).
            pl.col("is_closed")
            & (pl.col("with_branches") | (personnel.REGISTRATION not in tables)),
            counted=pl.lit(use),
        )
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
        .with_columns(is_unlisted=among("cell", unlisted))
        .with_columns(pl.col("is_closed") & ~pl.col("is_unlisted"))
        .with_columns(_BY_COUNTS)
    )


_BY_COUNTS = [
    kleene.at_least(
        pl.col("certain"), pl.col("possible"), pl.col("asked"), pl.col("is_closed")
    ).alias("truth"),
    pl.lit(None, pl.Int64()).alias("short"),
    pl.lit(None, pl.String()).alias("contested"),
]


def _noted(counts: pl.DataFrame, cells: Cells) -> pl.LazyFrame:
    """The counts with `actual` and `note`."""
    pairs = as_written(counts.lazy().filter(_IS_DOUBTFUL).select("staff", "cell"))
    told = counts.lazy().join(_doubts(cells, pairs), on=["staff", "cell"], how="left")
    return told_once(told, _TOLD, {"actual": _ACTUAL, "note": _NOTE}, rows=counts.height)


_IS_DOUBTFUL = pl.col("truth").is_null() & (pl.col("certain") < pl.col("possible"))
_TOLD = [
    "asked",
    "certain",
    "possible",
    "truth",
    "short",
    "contested",
    "is_closed",
    "is_unlisted",
    "is_less_leader",
    "doubts",
]
"""What the words of a count follow from."""


def _doubts(cells: Cells, pairs: pl.DataFrame) -> pl.LazyFrame:
    """Why people are not known, and who: `doubts` per staff and cell, people by pseudonym."""
    if pairs.is_empty():
        return pairs.lazy().with_columns(doubts=pl.lit(None, pl.String()))
    who = ["staff", "cell", "person_key"]
    members = at_once(cells.members(pairs.unique()).select(*who, "truth", "why")).lazy()
    return (
        members.filter(pl.col("truth").is_null())
        .join(members.filter("truth"), on=who, how="anti")
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
    # Of whom all together are too few, nobody's other place is the cause.
    pl.when((pl.col("short") > 0) & (pl.col("possible") >= pl.col("asked")))
    .then(
        worded(
            "一人只计一次，缺{}人（{}） one person counts once, short by {}",
            "short",
            "contested",
            "short",
        )
    )
    .when(pl.col("truth").is_null() & pl.col("is_unlisted"))
    .then(
        pl.lit(
            "标准所计的其他人员无数据来源或未列明 "
            "others whom the text counts are told by no source, or not named"
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


_CERTIFICATE = ["target", "row_key", "person_key", "use", "value", "other"]


def _evidence(asked: pl.DataFrame, cells: Cells, leaders: pl.DataFrame) -> pl.LazyFrame:
    """The certificates behind each part, once however many of its rows they meet."""
    rows = asked.lazy().select("application_id", "part", "staff", "cell")
    wanted = rows.unique(maintain_order=True).cache()
    members = cells.members(wanted.select("staff", "cell").unique())
    # Of many cases, so each is written out once and goes by its number.
    certificates = members.select(_CERTIFICATE).unique(maintain_order=True).with_row_index("number")
    is_by_title = pl.col("use") == "titled"
    numbered = members.join(certificates, on=_CERTIFICATE, nulls_equal=True, maintain_order="left")
    told = certificates.select(
        "number",
        "target",
        "row_key",
        content_json=pl.when(is_by_title)
        .then(pl.struct("person_key", "use", "value", studied="other").struct.json_encode())
        .otherwise(pl.struct("person_key", "use", "value").struct.json_encode()),
    )
    found = (
        wanted
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
