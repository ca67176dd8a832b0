"""How many people of each kind: constructors, titled staff, site managers, workers.

Belongs here: counting the workforce against the rows of the level, and settling who serves
where when one person could serve in two exclusive groups (E5, E9). Does not: who counts at
all (`decisions.people`).

Every requirement is "at least so many different people among those who ...": a head count,
or, for 齐全, one person for each role, trade or major named.
"""

from __future__ import annotations

import polars as pl

from assets.tables import personnel
from decisions import kleene
from decisions.coverage import closed
from decisions.facts import Facts
from decisions.matching import HeadAssignment, HeadDemand, assign_heads
from decisions.people import Workforce
from decisions.rulebook.tables import RuleTables
from decisions.verdicts import Verdicts

JOINT = "constructor or titled"
"""Use of a criterion that counts both together (S06: 合计)."""
GROUPS = {
    "constructor": "staff",
    "titled": "staff",
    JOINT: "staff",
    "site": "site",
    "worker": "worker",
}
"""One person serves in one group; registration and title share theirs (E5)."""
NAMED_AT_MOST = 5
"""People named in a note, by pseudonym; the rest stand in the evidence."""
_SOURCES = {
    "constructor": (personnel.REGISTRATION, personnel.PERSON),
    "titled": (personnel.TITLE, personnel.PERSON),
    "site": (personnel.POST, personnel.PERSON),
    "worker": (personnel.SKILL, personnel.PERSON),
    JOINT: (personnel.REGISTRATION, personnel.TITLE, personnel.PERSON),
}
"""Tables that must be complete before an absent person proves anything."""


def count_heads(
    assessed: pl.DataFrame, cases: pl.DataFrame, people: Workforce, facts: Facts, rules: RuleTables
) -> Verdicts:
    """The people criteria of every case.

    Args:
        assessed: `application_id`, `digest`, `part`: what each case is assessed on.
        cases: the cases.
        people: who counts.
        facts: the release.
        rules: the compiled rulebook.
    """
    joint = rules.joint_counts.with_columns(use=pl.lit(JOINT), rank=pl.lit(None, pl.Int64()))
    counted = pl.concat([rules.head_counts, joint.select(rules.head_counts.columns)])
    asked = assessed.join(counted, on=["digest", "part"])
    if asked.is_empty():
        return Verdicts.none()
    members = _members(asked, people, rules)
    counts = _counted(asked, members, cases, facts)
    settled = _settle_conflicts(counts, members)
    children = settled.with_columns(parent=pl.col("part"))
    parts = (
        children.group_by("application_id", "part")
        .agg(
            truth=kleene.every(pl.col("truth")),
            actual=pl.format("{}/{}", (pl.col("truth").fill_null(False)).sum(), pl.len()).first(),
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
                children.select(
                    "application_id",
                    "criterion",
                    "truth",
                    "actual",
                    "note",
                    short_by=kleene.short_by(pl.col("certain"), pl.col("asked")),
                ),
                parts,
            ]
        ),
        _evidence(members),
    )


def _members(asked: pl.DataFrame, people: Workforce, rules: RuleTables) -> pl.DataFrame:
    """Every person who fits, or may fit, a requirement.

    Returns `application_id`, `criterion`, `part`, `use`, `person_key`, `truth`, `why`,
    `target`, `row_key`, `value`: one row per certificate that bears on the requirement.
    """
    uses = people.uses.join(people.persons, on=["application_id", "person_key"], how="left")
    stated = asked.rename({"rank": "asked_rank", "use": "counted_use"})
    plain = stated.join(rules.head_values, on=["digest", "criterion"]).with_columns(
        use="counted_use"
    )
    joint = stated.drop("asked_rank").join(
        rules.joint_values.rename({"rank": "asked_rank"}), on=["digest", "criterion"]
    )
    fits = pl.concat([plain, joint.select(plain.columns)]).rename({"value": "asked_value"})
    joined = fits.join(uses, on=["application_id", "use"])
    return (
        joined.filter(
            (pl.col("asked_value") == "*")
            | (pl.col("value") == pl.col("asked_value"))
            | pl.col("value").is_null()
        )
        .with_columns(
            # A grade that is not readable is no matter where the text asks for none.
            is_ranked=pl.when(pl.col("asked_rank") <= 1)
            .then(pl.col("rank").is_null() | (pl.col("rank") >= pl.col("asked_rank")))
            .otherwise(pl.col("rank") >= pl.col("asked_rank")),
            is_read=pl.when(pl.col("value").is_not_null() | (pl.col("asked_value") == "*")).then(
                True
            ),
        )
        .with_columns(
            truth=kleene.all_of(
                pl.col("holds"), pl.col("is_ranked"), pl.col("is_read"), pl.col("is_counted")
            ),
            why=pl.coalesce(
                pl.when(~pl.col("holds")).then(
                    pl.lit("证书失效或不予计入 certificate not valid or excluded")
                ),
                pl.when(~pl.col("is_ranked")).then(pl.lit("等级不足 grade too low")),
                pl.when(pl.col("holds").is_null()).then(
                    pl.lit("证书数据存疑 certificate not trusted")
                ),
                pl.when(pl.col("is_ranked").is_null()).then(
                    pl.lit("等级数据缺失 grade not delivered")
                ),
                "why",
            ),
        )
        .select(
            "application_id",
            "criterion",
            "part",
            "use",
            "counted_use",
            "person_key",
            "truth",
            "why",
            "target",
            "row_key",
            "value",
        )
    )


def _counted(
    asked: pl.DataFrame, members: pl.DataFrame, cases: pl.DataFrame, facts: Facts
) -> pl.DataFrame:
    """Certain and possible heads per requirement, as if nobody were wanted twice."""
    heads = members.group_by("application_id", "criterion", "person_key").agg(
        truth=kleene.some(pl.col("truth"))
    )
    counts = heads.group_by("application_id", "criterion").agg(
        certain=kleene.certain(pl.col("truth")), possible=kleene.possible(pl.col("truth"))
    )
    doubts = _doubts(members, heads)
    closures = pl.concat(
        [
            closed(cases.lazy(), facts, *tables).with_columns(use=pl.lit(use))
            for use, tables in _SOURCES.items()
        ]
    ).collect()
    return (
        asked.join(counts, on=["application_id", "criterion"], how="left")
        .with_columns(pl.col("certain", "possible").fill_null(0))
        .join(doubts, on=["application_id", "criterion"], how="left")
        .join(closures, on=["application_id", "use"], how="left")
        .with_columns(
            truth=kleene.at_least(
                pl.col("certain"), pl.col("possible"), pl.col("asked"), pl.col("is_closed")
            )
        )
        .with_columns(actual=_actual(), note=_note())
    )


def _doubts(members: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """Why people are not known, and who: `doubts` per requirement, people by pseudonym."""
    unknown = heads.filter(pl.col("truth").is_null()).select(
        "application_id", "criterion", "person_key"
    )
    return (
        members.filter(pl.col("truth").is_null())
        .join(unknown, on=["application_id", "criterion", "person_key"])
        .group_by("application_id", "criterion", "why")
        .agg(people=pl.col("person_key").unique().sort().head(NAMED_AT_MOST))
        .sort("why")
        .group_by("application_id", "criterion", maintain_order=True)
        .agg(
            doubts=pl.format(
                "{}: {}", pl.col("why").fill_null("?"), pl.col("people").list.join("、")
            ).str.join("; ")
        )
    )


def _actual() -> pl.Expr:
    exact = pl.col("certain") == pl.col("possible")
    return (
        pl.when(exact)
        .then(pl.format("{}人", "certain"))
        .otherwise(pl.format("{}人（至多{}人 possibly {}）", "certain", "possible", "possible"))
    )


def _note() -> pl.Expr:
    short = pl.col("asked") - pl.when(pl.col("truth")).then(pl.col("asked")).otherwise(
        pl.col("certain")
    )
    return (
        pl.when(pl.col("truth").is_null() & ~pl.col("is_closed"))
        .then(pl.lit("数据源未声明完整 the source has not been declared complete"))
        .when(pl.col("truth").is_null())
        .then(
            pl.format(
                "{}人待核 people not known: {}",
                pl.col("possible") - pl.col("certain"),
                pl.col("doubts").fill_null("?"),
            )
        )
        .when(~pl.col("truth"))
        .then(pl.format("缺{}人 short by {}", short, short))
    )


def _settle_conflicts(counts: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Where a person could serve in two groups, find the assignment, or say what stays short."""
    heads = (
        members.filter(pl.col("truth").fill_null(True))
        .with_columns(group=pl.col("counted_use").replace_strict(GROUPS))
        .group_by("application_id", "criterion", "group", "person_key")
        .agg(truth=kleene.some(pl.col("truth")))
    )
    wanted_twice = (
        heads.group_by("application_id", "person_key")
        .agg(pl.col("group").n_unique().alias("groups"))
        .filter(pl.col("groups") > 1)
    )
    if wanted_twice.is_empty():
        return counts
    heads = heads.join(
        wanted_twice.select("application_id", "person_key", is_open=pl.lit(True)),
        on=["application_id", "person_key"],
        how="left",
    ).with_columns(pl.col("is_open").fill_null(False))
    surely = (
        heads.filter(~pl.col("is_open"))
        .group_by("application_id", "criterion")
        .agg(alone=kleene.certain(pl.col("truth")))
    )
    checked = counts.join(surely, on=["application_id", "criterion"], how="left").with_columns(
        pl.col("alone").fill_null(0)
    )
    in_doubt = (
        checked.filter(pl.col("application_id").is_in(wanted_twice["application_id"].implode()))
        .group_by("application_id")
        .agg(is_settled=(pl.col("alone") >= pl.col("asked")).all())
        .filter(~pl.col("is_settled"))["application_id"]
        .to_list()
    )
    replaced = [
        _assigned(
            counts.filter(pl.col("application_id") == case),
            heads.filter(pl.col("application_id") == case),
        )
        for case in in_doubt
    ]
    rest = counts.filter(~pl.col("application_id").is_in(in_doubt))
    return pl.concat([rest, *replaced])


def _assigned(counts: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """One case by assignment: among the certain people, then among all who may count."""
    sure = _assignment(counts, heads.filter(pl.col("truth").fill_null(False)))
    best = _assignment(counts, heads)
    short = pl.DataFrame(
        [(name, sure.shortfall[name], best.shortfall[name]) for name in sure.shortfall],
        schema={"criterion": pl.String(), "short_sure": pl.Int64(), "short_best": pl.Int64()},
        orient="row",
    )
    conflicted = "、".join(sorted(sure.group_of))
    joined = counts.join(short, on="criterion")
    return (
        joined.with_columns(
            truth=pl.when(pl.col("short_sure") == 0)
            .then(True)
            .when((pl.col("short_best") > 0) & pl.col("is_closed"))
            .then(False),
            certain=pl.min_horizontal("certain", pl.col("asked") - pl.col("short_sure"))
            if joined["short_sure"].sum()
            else pl.col("certain"),
        )
        .with_columns(
            actual=_actual(),
            note=pl.coalesce(
                pl.when(pl.col("short_best") > 0).then(
                    pl.format(
                        "一人只计一次，缺{}人 one person counts once, short by {}: " + conflicted,
                        "short_best",
                        "short_best",
                    )
                ),
                _note(),
            ),
        )
        .select(counts.columns)
    )


def _assignment(counts: pl.DataFrame, heads: pl.DataFrame) -> HeadAssignment:
    demands = []
    for row in counts.iter_rows(named=True):
        mine = heads.filter(pl.col("criterion") == row["criterion"])
        demands.append(
            HeadDemand(
                name=row["criterion"],
                group=GROUPS[row["use"]],
                asked=row["asked"],
                fixed=mine.filter(~pl.col("is_open")).height,
                open=frozenset(mine.filter(pl.col("is_open"))["person_key"]),
            )
        )
    return assign_heads(demands)


def _evidence(members: pl.DataFrame) -> pl.DataFrame:
    """The certificates behind each part; head counts only, since roles repeat the same rows."""
    rows = members.group_by(
        "application_id",
        "part",
        "target",
        "row_key",
        "person_key",
        "use",
        "value",
        maintain_order=True,
    ).agg(truth=kleene.some(pl.col("truth")), why=pl.col("why").drop_nulls().first())
    return rows.select(
        "application_id",
        criterion="part",
        target="target",
        row_key="row_key",
        counted=pl.col("truth"),
        reason="why",
        content_json=pl.struct("person_key", "use", "value").struct.json_encode(),
    )
