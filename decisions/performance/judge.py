"""The performance part: enough different classes of works, by counts or by assignment.

Belongs here: which cases ask for works, in which window, and the answer. Does not: the steps in
between (the other modules of this room).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from assets.tables import project
from assets.wording import worded
from decisions import kleene
from decisions.facts.bodies import OF, all_closed
from decisions.facts.model import Facts
from decisions.performance.assignment import settle
from decisions.performance.classes import are_enough, class_criteria, classes_of, one_class
from decisions.performance.countable import countable
from decisions.performance.demands import demands_of
from decisions.performance.fits import DEMAND, fits_of
from decisions.performance.measures import of_kind
from decisions.performance.works import Works, works_of
from decisions.plans import among, as_written
from decisions.reverification.events import TWO_SIDED, events
from decisions.rulebook.codes import Codes
from decisions.rulebook.extensions import Extension
from decisions.rulebook.frames import RuleTables
from decisions.verdicts import Verdicts


def judge_performance(
    stated: pl.DataFrame,
    cases: pl.DataFrame,
    bodies: pl.DataFrame,
    facts: Facts,
    rules: RuleTables,
    codes: Codes,
    notices: Sequence[Extension],
    recalled_may_grant: bool,
) -> Verdicts:
    """The performance part, with one criterion per class.

    Works under the code of a branch, or of what may be one (`bodies`), neither count nor are they
    missing (reading 66); nor, where a level is verified anew in full, are those of the other side
    of a merger or split (reading 91).
    """
    if stated.is_empty():
        return Verdicts.none()
    asked = stated.join(rules.performances, on="digest")
    mine = cases.join(
        asked.select(
            "application_id",
            "digest",
            "window_years",
            "need",
            "one_class_count",
            "sums_share_works",
        ),
        on=["application_id", "digest"],
    ).with_columns(window_from=pl.date(pl.col("filed_on").dt.year() - pl.col("window_years"), 1, 1))
    mine = _tracked(mine, rules)
    theirs = bodies.join(mine.select(OF).unique(), on=OF, how="semi")
    contracts = (
        facts.table(project.UNIT)
        .join(theirs.lazy().select(usc_code="body").unique(), on="usc_code", how="semi")
        .select("contract_no")
        .unique()
    )
    works = works_of(contracts, facts, codes)
    candidates = _candidates(mine, theirs, works, rules)
    counted = countable(
        _on_tracks(candidates, mine, theirs, works),
        theirs,
        works,
        facts,
        rules,
        codes,
        notices,
        recalled_may_grant,
    )
    fits = fits_of(candidates, counted, works, rules, codes)
    sources = (project.CONTRACT, project.UNIT, project.MEASURE, project.ACCEPTANCE)
    known = all_closed(theirs, facts, *sources)
    mine = _with_other_side(
        as_written(mine.lazy().join(known, on=OF, how="left", maintain_order="left")), facts
    )
    alike = _alike(mine, fits)
    some = mine.join(
        alike.select(pl.col("judged").unique()),
        left_on="application_id",
        right_on="judged",
        how="semi",
    )
    demands = demands_of(some, fits, rules)
    classes = classes_of(demands, rules, recalled_may_grant)
    answers = pl.concat(
        [class_criteria(classes, demands), _parts(some, classes, demands, fits, rules)]
    )
    return Verdicts.of(
        alike.join(answers.rename({"application_id": "judged"}), on="judged"),
        _evidence(candidates, fits, counted),
    )


IN_FULL = "reverification_full"


def _with_other_side(mine: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """The cases with `has_other_side`, of which it is not known that there are no more works."""
    in_full = mine.filter(pl.col("assessment") == IN_FULL)
    if in_full.is_empty():
        return mine.with_columns(has_other_side=pl.lit(False))
    two_sided = events(in_full, facts).filter(_MAY_BE_TWO_SIDED)
    has_other_side = among("application_id", two_sided["application_id"])
    return mine.with_columns(has_other_side=has_other_side).with_columns(
        pl.col("is_closed") & ~pl.col("has_other_side")
    )


_MAY_BE_TWO_SIDED = pl.col("event_code").is_in(TWO_SIDED).fill_null(True) | ~pl.col("is_trusted")


def _alike(mine: pl.DataFrame, fits: pl.DataFrame) -> pl.DataFrame:
    """Each case and the one that is judged for it: `application_id`, `judged`.

    Most enterprises have no works of most categories. Cases of one rule set for which there are
    none are alike, but for whether the sources are complete.
    """
    served = fits.select("application_id").unique()
    some = mine.join(served, on="application_id", how="semi")
    none = mine.join(served, on="application_id", how="anti")
    key = ["digest", "is_closed", "has_other_side"]
    first = none.group_by(key).agg(judged=pl.col("application_id").first())
    return pl.concat(
        [
            some.select("application_id", judged="application_id"),
            none.join(first, on=key).select("application_id", "judged"),
        ]
    )


TRACK = [
    "usc_code",
    "category_code",
    "subcategory",
    "filed_on",
    "case_decided_on",
    "window_from",
    "authority",
    "platform_digest",
]
"""What decides whether a unit project counts; cases that agree in it share a `track`."""


def _tracked(mine: pl.DataFrame, rules: RuleTables) -> pl.DataFrame:
    """The cases with their track; `platform_digest` where the text asks for the platform."""
    bound = rules.platform.select("digest", platform_digest="digest").unique()
    asked = mine.join(bound, on="digest", how="left")
    tracks = asked.select(TRACK).unique(maintain_order=True).with_row_index("track")
    return asked.join(tracks, on=TRACK, nulls_equal=True)


def _candidates(
    mine: pl.DataFrame, bodies: pl.DataFrame, works: Works, rules: RuleTables
) -> pl.DataFrame:
    """The applicant's units that are, or may be, of a kind some class of the case names."""
    digests = mine.select("digest").unique()
    lines = rules.lines.filter(pl.col("purpose") == "performance")
    names = works.units.select("thing", body="usc_code").join(works.names, on="thing")
    of_cases = mine.select("application_id", "track", "digest", *OF).join(
        bodies.select(*OF, "body"), on=OF
    )
    built = works.units.lazy().select("thing", body="usc_code")
    judged_by = of_cases.lazy().select("digest", "body").join(built, on="body")
    return (
        of_kind(
            lines.join(digests, on="digest", how="semi"),
            names,
            judged_by.select("digest", "thing"),
            rules,
        )
        .join(of_cases, on=["digest", "body"])
        .select(*DEMAND, "digest", "line_id", "thing", "is_kind", "track")
    )


def _on_tracks(
    candidates: pl.DataFrame, mine: pl.DataFrame, bodies: pl.DataFrame, works: Works
) -> pl.DataFrame:
    """Each candidate once on each track it matters to, with all that is known of it."""
    return (
        candidates.select("track", "thing")
        .unique()
        .join(mine.select("track", *TRACK).unique("track"), on="track")
        .join(works.units.rename({"usc_code": "body"}), on="thing")
        .join(bodies, on=[*OF, "body"])
    )


def _parts(
    mine: pl.DataFrame,
    classes: pl.DataFrame,
    demands: pl.DataFrame,
    fits: pl.DataFrame,
    rules: RuleTables,
) -> pl.DataFrame:
    """The part: enough different classes, by counts where they settle it, else by assignment."""
    free = are_enough(mine, classes, rules, pl.col("truth"))
    alone = are_enough(mine, classes, rules, pl.col("is_alone_enough")).rename(
        {"truth": "is_alone_enough"}
    )
    merged = free.join(alone.select("application_id", "is_alone_enough"), on="application_id").join(
        mine.select("application_id", "digest", "need", "sums_share_works", "is_closed"),
        on="application_id",
    )
    is_open = pl.col("truth").fill_null(True) & ~pl.col("is_alone_enough").fill_null(False)
    by_counts = merged.filter(~is_open).select(
        "application_id", "truth", note=pl.lit(None, pl.String())
    )
    by_assignment = settle(merged.filter(is_open), demands, fits, classes, rules)
    settled = pl.concat([by_assignment, by_counts])
    has_other_way = mine.filter(pl.col("one_class_count").is_not_null())
    if not has_other_way.is_empty():
        settled = (
            settled.join(one_class(has_other_way, fits, classes), on="application_id", how="left")
            .with_columns(
                # Another way to meet the part, where the text names one: so many of one class.
                truth=pl.when("has_other_way")
                .then(kleene.any_of(pl.col("truth"), pl.col("one_class")))
                .otherwise("truth")
            )
            .drop("has_other_way", "one_class")
        )
    reached = classes.group_by("application_id").agg(
        met=kleene.certain(pl.col("truth")), may=kleene.possible(pl.col("truth"))
    )
    told = settled.join(reached, on="application_id", how="left").join(
        mine.select("application_id", "need", "has_other_side"), on="application_id"
    )
    return told.select(
        "application_id",
        criterion=pl.lit("performance"),
        truth="truth",
        actual=pl.when(pl.col("met") == pl.col("may"))
        .then(worded("{}类", "met"))
        .otherwise(worded("{}类（至多{}类 possibly {}）", "met", "may", "may")),
        note=pl.coalesce(
            "note",
            pl.when(pl.col("truth").is_null() & pl.col("has_other_side")).then(
                pl.lit(
                    "另一方企业的工程业绩可否计入，条文未载 "
                    "no text says whether works of the other enterprise count"
                )
            ),
            pl.when(pl.col("truth").is_null()).then(
                pl.lit("工程业绩数据未到或存疑 some works are not known")
            ),
            pl.when(~pl.col("truth") & (pl.col("met") >= pl.col("need"))).then(
                pl.lit(
                    "类数已足，缺须含的类别 enough classes, but one that must be among them lacks"
                )
            ),
        ),
        short_by=kleene.short_by(pl.col("met"), pl.col("need")),
    )


def _evidence(candidates: pl.DataFrame, fits: pl.DataFrame, counted: pl.DataFrame) -> pl.LazyFrame:
    of_class = ["application_id", "track", "class_n", "thing"]
    against = candidates.lazy().select(*of_class, "is_kind", truth=pl.lit(False))
    fitting = fits.lazy().select(*of_class, "truth", is_kind=pl.lit(None, pl.Boolean()))
    used = (
        pl.concat([against, fitting.select(against.collect_schema().names())])
        .group_by(of_class)
        .agg(truth=kleene.some(pl.col("truth")), is_of_kind=pl.col("is_kind").any())
    )
    return used.join(counted.lazy(), on=["track", "thing"]).select(
        "application_id",
        criterion=worded("performance.class.{}", "class_n"),
        target=pl.lit(project.UNIT.name),
        row_key="unit_code",
        counted="truth",
        reason=pl.coalesce(
            pl.when(pl.col("truth").is_null() & ~pl.col("is_of_kind")).then(
                pl.lit(
                    "按工程类型名称不能确定属此类工程 "
                    "its name does not tell whether it is of this kind"
                )
            ),
            "why",
            pl.when(~pl.col("truth")).then(
                pl.lit("指标或承包方式不符 figure or form of contract does not fit")
            ),
        ),
        content_json=pl.struct(
            "contract_no",
            "contract_type",
            "is_consortium",
            pl.col("signed_on").cast(pl.String),
            pl.col("accepted_on").cast(pl.String),
            "quality",
        ).struct.json_encode(),
    )
